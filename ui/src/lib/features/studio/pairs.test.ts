import { describe, expect, it } from 'vitest';
import type { Capsule, QuizItem } from '$lib/generated/commands';
import { pairProblems } from './pairs';

function item(changes: Partial<QuizItem> = {}): QuizItem {
  const choices = [
    { text: 'a', correct: true, feedback: '' },
    { text: 'b', correct: false, feedback: '' },
  ];
  return {
    id: 'first',
    kind: 'one',
    prompt: '',
    choices,
    pairs: [],
    accepted: [],
    number: null,
    explanation: '',
    ...changes,
  };
}

function capsule(language: string, changes: Partial<Capsule> = {}): Capsule {
  return {
    slug: '',
    language,
    title: language,
    objective: '',
    theme: 'fire',
    icon: 'flame',
    seconds: 60,
    apply: null,
    apply_label: '',
    sources: [],
    cards: [{ title: 'x', html: '' }],
    quiz: [item()],
    media: {},
    ...changes,
  };
}

const codes = (...capsules: Capsule[]): string[] => pairProblems(capsules).map(({ code }) => code);

describe('pairProblems', () => {
  it('says nothing when the languages agree, or when there is one only', () => {
    expect(codes(capsule('fr'), capsule('en'))).toEqual([]);
    expect(codes(capsule('fr'))).toEqual([]);
    expect(codes()).toEqual([]);
  });

  it('names the two languages first, whichever comes first', () => {
    const [problem] = pairProblems([capsule('fr', { cards: [] }), capsule('en')]);
    expect(problem).toEqual({
      code: 'pair-cards',
      line: 1,
      severity: 'error',
      values: ['en', 'fr', '1', '0'],
    });
  });

  it('finds each difference that would change an answer', () => {
    const en = capsule('en');
    const wrong = [...item().choices].reverse();
    expect(codes(en, capsule('fr', { apply: 'need' }))).toEqual(['pair-apply']);
    expect(codes(en, capsule('fr', { theme: 'road' }))).toEqual(['pair-header']);
    expect(codes(en, capsule('fr', { quiz: [item({ id: 'other' })] }))).toEqual(['pair-items']);
    expect(codes(en, capsule('fr', { quiz: [item({ kind: 'several' })] }))).toEqual(['pair-kind']);
    expect(codes(en, capsule('fr', { quiz: [item({ choices: wrong })] }))).toEqual([
      'pair-choices',
    ]);
    const number = { value: 2, tolerance: 0, unit: 'm' };
    expect(codes(en, capsule('fr', { quiz: [item({ number })] }))).toEqual(['pair-number']);
  });
});
