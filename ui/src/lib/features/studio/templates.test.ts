import { describe, expect, it } from 'vitest';
import { outlineOf } from './outline';
import { blocks, dated, firstDraft, withFreeId } from './templates';

describe('firstDraft', () => {
  it.each(['fr', 'en'])('gives a whole capsule in %s, dated of today', async (language) => {
    const draft = await firstDraft(language, '2026-11-22');
    expect(draft).toContain('reviewed = "2026-11-22"');
    expect(draft).toContain('expires = "2028-11-22"');
    const kinds = outlineOf(draft).map(({ kind, quiz }) => quiz ?? kind);
    expect(kinds).toEqual(['header', 'card', 'card', 'card', 'card', 'one', 'several', 'order']);
  });

  it('has the same parts with the same ids in both languages', async () => {
    const ids = async (language: string): Promise<string[]> =>
      [...(await firstDraft(language, '2026-11-22')).matchAll(/\{#[a-z-]+\}/g)].map(([id]) => id);
    expect(await ids('fr')).toEqual(await ids('en'));
  });

  it('never makes a day that does not exist', () => {
    expect(dated('{{expires}}', '2028-02-29')).toBe('2030-02-28');
  });
});

describe('blocks', () => {
  it.each(['fr', 'en'])('holds one of each kind in %s', async (language) => {
    expect((await blocks(language)).map(({ kind }) => kind)).toEqual([
      'card',
      'one',
      'true_false',
      'several',
      'order',
      'blank',
      'number',
      'match',
    ]);
  });
});

describe('withFreeId', () => {
  it('never repeats an id', () => {
    expect(withFreeId('## ? {#mot} Quoi ?', '## ? {#autre} x')).toContain('{#mot}');
    expect(withFreeId('## ? {#mot} Quoi ?', '{#mot} {#mot-2}')).toContain('{#mot-3}');
  });
});
