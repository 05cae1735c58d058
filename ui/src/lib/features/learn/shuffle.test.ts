import { describe, expect, it } from 'vitest';
import { shuffled } from './shuffle';

describe('shuffled', () => {
  it('keeps every index exactly once', () => {
    for (let count = 0; count < 12; count += 1) {
      const sorted = shuffled(count, `seed-${count}`).sort((a, b) => a - b);
      expect(sorted).toEqual(Array.from({ length: count }, (_, index) => index));
    }
  });

  it('gives the same order for the same attempt, so that coming back changes nothing', () => {
    expect(shuffled(6, 'attempt-1/item')).toEqual(shuffled(6, 'attempt-1/item'));
  });

  it('never shows the right order as it stands', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      expect(shuffled(2, String(seed))).toEqual([1, 0]);
      expect(shuffled(3, String(seed))).not.toEqual([0, 1, 2]);
    }
  });
});
