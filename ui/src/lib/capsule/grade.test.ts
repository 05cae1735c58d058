import { describe, expect, it } from 'vitest';
import type { QuizAnswer, QuizItem } from '$lib/generated/commands';
import { feedback, fold, grade } from './grade';
import vectors from './vectors.json';

const items = vectors.items as Record<string, QuizItem>;
const item = (name: string): QuizItem => {
  const found = items[name];
  if (found === undefined) throw new Error(`no item ${name}`);
  return found;
};

describe('grade', () => {
  it.each(vectors.answers as { item: string; answer: QuizAnswer; right: boolean }[])(
    'grades $answer to $item as the core does',
    ({ item: name, answer, right }) => {
      expect(grade(item(name), answer)).toBe(right);
    },
  );
});

describe('fold', () => {
  it.each(vectors.folds)('folds $text as the core does', ({ text, folded }) => {
    expect(fold(text)).toBe(folded);
  });
});

describe('feedback', () => {
  it('speaks for the choice that was picked', () => {
    expect(feedback(item('one'), 0)).toEqual({
      right: false,
      texts: ['You would breathe it in.'],
      wrong: [0],
      explanation: '',
    });
    expect(feedback(item('one'), 1).texts).toEqual(['Right: fresh air first.']);
  });

  it('speaks for choices wrongly picked and for those that were missed', () => {
    const { right, texts, wrong } = feedback(item('several'), [0, 1]);
    expect(right).toBe(false);
    expect(wrong).toEqual([1, 2]);
    expect(texts).toEqual(['Paper is not hazardous.', 'Solvent soaks in.']);
  });

  it('points at the places of an order and of a match that are wrong', () => {
    expect(feedback(item('order'), [0, 2, 1]).wrong).toEqual([1, 2]);
    expect(feedback(item('match'), [1, 0, 2]).wrong).toEqual([0, 1]);
    expect(feedback(item('match'), [0, 1, 2]).wrong).toEqual([]);
  });

  it('gives the explanation of a typed answer', () => {
    expect(feedback(item('blank'), 'rien')).toEqual({
      right: false,
      texts: [],
      wrong: [],
      explanation: '<p>Locked, then tagged.</p>',
    });
  });
});
