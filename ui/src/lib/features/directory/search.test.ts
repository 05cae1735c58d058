import { describe, expect, it } from 'vitest';
import { matches } from './search';

describe('a search among names', () => {
  it('forgives capitals, accents and the order of words', () => {
    expect(matches('venis', 'Vénissieux')).toBe(true);
    expect(matches('moreau LEA', 'Léa Moreau', 'Presse')).toBe(true);
    expect(matches('', 'anything')).toBe(true);
  });

  it('asks that each word begin one of theirs', () => {
    expect(matches('eau', 'Léa Moreau')).toBe(false);
    expect(matches('lea lyon', 'Léa Moreau', null, 'Vénissieux')).toBe(false);
  });
});
