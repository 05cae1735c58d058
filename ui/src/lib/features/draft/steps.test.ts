import { describe, expect, it } from 'vitest';
import { firstStep, isAnswered, LAST, photoField, stepsOf, wordsQuestion } from './steps';
import { program, question } from './testing';

describe('the walk through a form', () => {
  const form = program([
    question('what', 'select_one', { required: true }),
    question('careful', 'note'),
    question('place', 'place', { required: true }),
    question('risk', 'calculate'),
    question('words', 'text', { fills: 'words' }),
    question('photos', 'photo'),
  ]);
  const all = form.questions.map(({ name }) => name);

  it('has one question per screen, notes with the next one, then the last page', () => {
    const steps = stepsOf(form, all);
    expect(steps.map(({ id }) => id)).toEqual(['what', 'place', LAST]);
    expect(
      steps[1]?.notes.map(({ name }) => name),
      'a note is read before',
    ).toEqual(['careful']);
  });

  it('leaves out what is not to be asked', () => {
    expect(stepsOf(form, ['what', 'words']).map(({ id }) => id)).toEqual(['what', LAST]);
    expect(wordsQuestion(form, ['what']), 'words that are not asked').toBeNull();
  });

  it('asks required words and photos on a screen of their own', () => {
    const strict = program([
      question('words', 'text', { fills: 'words', required: true }),
      question('photos', 'photo', { required: true }),
    ]);
    expect(stepsOf(strict, ['words', 'photos']).map(({ id }) => id)).toEqual([
      'words',
      'photos',
      LAST,
    ]);
  });

  it('keeps a trailing note for the last page', () => {
    const noted = program([question('what', 'select_one'), question('end', 'note')]);
    expect(
      stepsOf(noted, ['what', 'end'])
        .at(-1)
        ?.notes.map(({ name }) => name),
    ).toEqual(['end']);
  });
});

describe('where to begin', () => {
  const steps = stepsOf(program([question('a', 'text'), question('b', 'text')]), ['a', 'b']);

  it('resumes where one left', () => {
    expect(firstStep(steps, 'b', {})).toBe('b');
    expect(firstStep(steps, LAST, {})).toBe(LAST);
  });

  it('finds the first question without an answer', () => {
    expect(firstStep(steps, null, {})).toBe('a');
    expect(firstStep(steps, 'gone', { a: 'x' }), 'the step left is no longer asked').toBe('b');
    expect(firstStep(steps, null, { a: 'x', b: 'y' }), 'all answered').toBe(LAST);
  });
});

it('an answer of spaces or an empty list says nothing, and no says something', () => {
  expect(isAnswered('  ')).toBe(false);
  expect(isAnswered([])).toBe(false);
  expect(isAnswered(undefined)).toBe(false);
  expect(isAnswered(false)).toBe(true);
  expect(isAnswered(0)).toBe(true);
});

it('a photo on the way belongs to the photo question that is always asked', () => {
  const sometimes = question('proof', 'photo', { relevant: { op: 'value', value: true } });
  const form = program([sometimes, question('photos', 'photo')]);
  expect(photoField(form, ['proof', 'photos'])).toBe('photos');
  expect(photoField(program([question('a', 'text')]), ['a']), 'a form without photos').toBe('');
});
