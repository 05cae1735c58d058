import { describe, expect, it } from 'vitest';
import type { CapsuleRow } from '$lib/generated/commands';
import { deadline, matches, minutes, sectionsOf } from './sections';

function row(module: string, changes: Partial<CapsuleRow>): CapsuleRow {
  return {
    module,
    release: `${module}-1`,
    version: 1,
    slug: module,
    title: { fr: module },
    objective: { fr: '' },
    theme: 'brief',
    icon: '',
    seconds: 200,
    languages: ['fr'],
    state: 'new',
    score: null,
    done_at: null,
    due_on: null,
    required: false,
    ready: true,
    newer: false,
    apply: null,
    published_at: 0,
    ...changes,
  };
}

const names = (rows: CapsuleRow[]): string[] => rows.map(({ module }) => module);

describe('sectionsOf', () => {
  it('puts each capsule in one section, what is required first by its day', () => {
    const sections = sectionsOf([
      row('later', { required: true, due_on: '2026-12-30' }),
      row('someday', { required: true, state: 'open' }),
      row('sooner', { required: true, due_on: '2026-11-30' }),
      row('begun', { state: 'open' }),
      row('old', { published_at: 1 }),
      row('recent', { published_at: 2 }),
      row('passed', { state: 'done', done_at: 5, required: true }),
    ]);
    expect(names(sections.required)).toEqual(['sooner', 'later', 'someday']);
    expect(names(sections.open)).toEqual(['begun']);
    expect(names(sections.fresh)).toEqual(['recent', 'old']);
    expect(names(sections.done)).toEqual(['passed']);
  });
});

describe('matches', () => {
  it('forgives case, accents and the order of words', () => {
    expect(matches('ETIQUETTE  lire', ['Lire une étiquette', 'de produit'])).toBe(true);
    expect(matches('coeur', ['Le cœur'])).toBe(true);
    expect(matches('levage', ['Lire une étiquette'])).toBe(false);
    expect(matches('', [])).toBe(true);
  });
});

describe('deadline', () => {
  it('tells late, soon and later apart', () => {
    expect(deadline(null, '2026-11-22')).toBe('none');
    expect(deadline('2026-11-21', '2026-11-22')).toBe('late');
    expect(deadline('2026-11-22', '2026-11-22'), 'today is not late').toBe('soon');
    expect(deadline('2026-12-25', '2026-11-22')).toBe('later');
  });
});

describe('minutes', () => {
  it('never says none', () => {
    expect(minutes(5)).toBe(1);
    expect(minutes(230)).toBe(4);
  });
});
