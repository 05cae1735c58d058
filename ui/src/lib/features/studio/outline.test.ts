import { describe, expect, it } from 'vitest';
import { insertAfter, kindOf, lineAt, movePart, outlineOf, partAt, rangeOfLine } from './outline';

const SOURCE = `+++
title = "Consignation"
+++

## Séparer

Du texte.

## Condamner

Encore.

## ? {#first} Quel geste vient en premier ?

[( )] Vérifier
> Pas encore.
[(X)] Séparer
> Oui.

## ? {#unit} Quelle distance ?

[[= 1,5 ± 0,5 m]]
`;

describe('outlineOf', () => {
  it('finds the header, the cards and the questions with their lines', () => {
    const found = outlineOf(SOURCE).map(({ kind, title, quiz, first, screen }) => ({
      kind,
      title,
      quiz,
      first,
      screen,
    }));
    expect(found).toEqual([
      { kind: 'header', title: '', quiz: null, first: 1, screen: -1 },
      { kind: 'card', title: 'Séparer', quiz: null, first: 5, screen: 0 },
      { kind: 'card', title: 'Condamner', quiz: null, first: 9, screen: 1 },
      { kind: 'quiz', title: 'Quel geste vient en premier ?', quiz: 'one', first: 13, screen: 2 },
      { kind: 'quiz', title: 'Quelle distance ?', quiz: 'number', first: 20, screen: 3 },
    ]);
  });

  it('covers every line once, whatever the text', () => {
    for (const source of ['', '\n', '## A', 'x\n## A\n\n## ? {#b} B', SOURCE]) {
      const parts = outlineOf(source);
      const lines = parts.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, at) => first + at),
      );
      expect(lines).toEqual(source.split('\n').map((_, index) => index + 1));
    }
  });

  it('tells which part a line belongs to', () => {
    const parts = outlineOf(SOURCE);
    expect(partAt(parts, 2)?.kind).toBe('header');
    expect(partAt(parts, 7)?.title).toBe('Séparer');
    expect(partAt(parts, 999)?.title).toBe('Quelle distance ?');
  });
});

describe('kindOf', () => {
  it('knows the seven kinds', () => {
    expect(kindOf(['[(X)] Vrai', '> Oui', '[( )] Faux'])).toBe('true_false');
    expect(kindOf(['[( )] a', '[(X)] b'])).toBe('one');
    expect(kindOf(['[[X]] a', '[[ ]] b'])).toBe('several');
    expect(kindOf(['[[consigné|consignée]]'])).toBe('blank');
    expect(kindOf(['[[= 1,5 ± 0,5 m]]'])).toBe('number');
    expect(kindOf(['[1] a', '[2] b'])).toBe('order');
    expect(kindOf(['[a] = [b]'])).toBe('match');
    expect(kindOf(['du texte'])).toBeNull();
  });
});

describe('places', () => {
  it('goes from a place to its line and back', () => {
    for (const line of [1, 5, 13])
      expect(lineAt(SOURCE, rangeOfLine(SOURCE, line).start)).toBe(line);
    expect(SOURCE.slice(...Object.values(rangeOfLine(SOURCE, 5)))).toBe('## Séparer');
    expect(rangeOfLine('a', 99)).toEqual({ start: 0, end: 1 });
  });
});

describe('insertAfter', () => {
  it('puts a block between two parts', () => {
    const { source, line } = insertAfter('## A\n\na\n\n## B\n', 4, '## New\n');
    expect(source).toBe('## A\n\na\n\n## New\n\n## B\n');
    expect(source.split('\n')[line - 1]).toBe('## New');
  });

  it('puts a block at the end', () => {
    expect(insertAfter('## A', 1, '## New').source).toBe('## A\n\n## New\n');
  });
});

describe('movePart', () => {
  it('moves a card among the cards only', () => {
    const [, first, second] = outlineOf(SOURCE);
    if (first === undefined || second === undefined) throw new Error('two cards');
    const moved = movePart(SOURCE, second, -1);
    const titles = outlineOf(moved?.source ?? '').map(({ title }) => title);
    expect(titles.slice(1, 3)).toEqual(['Condamner', 'Séparer']);
    expect(moved?.source.split('\n')[moved.line - 1]).toBe('## Condamner');
    expect(movePart(SOURCE, first, -1), 'already first').toBeNull();
    expect(movePart(SOURCE, second, 1), 'the questions come after').toBeNull();
  });

  it('gives the same text back when moved there and back', () => {
    const part = outlineOf(SOURCE)[3];
    if (part === undefined) throw new Error('a question');
    const there = movePart(SOURCE, part, 1);
    expect(there?.source.split('\n')[there.line - 1]).toContain('#first');
    const again = outlineOf(there?.source ?? '').find(({ title }) => title === part.title);
    if (again === undefined) throw new Error('still there');
    expect(movePart(there?.source ?? '', again, -1)?.source).toBe(SOURCE);
  });
});
