/**
 * Whether an answer is right, and what to say about it.
 *
 * The core does the same in `core/src/capsule/grade.rs` and `text.rs`; `vectors.json` keeps both
 * together.
 */
import type { QuizAnswer, QuizItem } from '$lib/generated/commands';

/** What to show once an item is answered. */
export interface Feedback {
  right: boolean;
  /** Plain texts for what was picked, and for what should have been: never empty strings. */
  texts: string[];
  /** Which parts are wrong: choices wrongly picked or missed, places of an order, left sides of a match. */
  wrong: number[];
  /** Safe HTML, possibly empty. */
  explanation: string;
}

/** Letters that count as their base letter, lower case only. */
const FOLDED: readonly (readonly [letters: string, base: string])[] = [
  ['àáâãäåāăą', 'a'],
  ['çćĉċč', 'c'],
  ['ďđ', 'd'],
  ['èéêëēĕėęě', 'e'],
  ['ĝğġģ', 'g'],
  ['ĥħ', 'h'],
  ['ìíîïĩīĭįı', 'i'],
  ['ĵ', 'j'],
  ['ķ', 'k'],
  ['ĺļľŀł', 'l'],
  ['ñńņňŉ', 'n'],
  ['òóôõöøōŏő', 'o'],
  ['ŕŗř', 'r'],
  ['śŝşš', 's'],
  ['ţťŧ', 't'],
  ['ùúûüũūŭůűų', 'u'],
  ['ŵ', 'w'],
  ['ýÿŷ', 'y'],
  ['źżž', 'z'],
  ['œ', 'oe'],
  ['æ', 'ae'],
  ['ß', 'ss'],
  ['’‘ʼ', "'"],
  ['‐‑–', '-'],
];

const SPACES = /[\s\u0085\u200b\ufeff]+/gu;
const TRIM = /^[\s\u0085\u200b\ufeff]+|[\s\u0085\u200b\ufeff]+$/gu;
const MARKS = /[\u0300-\u036f]/gu;
const AMOUNT =
  /^([-−+]?)[\s\u0085\u200b\ufeff]*(\d{1,3}(?:[\s\u0085\u200b\ufeff]\d{3}(?!\d))+|\d+|(?=[.,]))(?:[.,](\d+))?(?![.,])([^]*)$/u;

/** Rounding of decimal fractions is forgiven up to this share of the numbers compared. */
const ROUNDING = 1e-9;

/** Lower case, without accents, with single plain spaces: what makes two typed words the same. */
export function fold(text: string): string {
  const spaced = text.toLowerCase().replace(MARKS, '').replace(SPACES, ' ').trim();
  return [...spaced]
    .map((letter) => FOLDED.find(([letters]) => letters.includes(letter))?.[1] ?? letter)
    .join('');
}

/**
 * Splits a typed amount into its number and the unit after it: a sign, a decimal comma or point,
 * and spaces between groups of three digits are understood. Null without a number at the start.
 */
export function amount(text: string): { value: number; unit: string } | null {
  const found = AMOUNT.exec(text.replace(TRIM, ''));
  if (found === null) return null;
  const [, sign = '', whole = '', decimals = '', rest = ''] = found;
  const unit = rest.replace(TRIM, '');
  if (/^[\d.,]/u.test(unit)) return null;
  const digits = whole.replace(SPACES, '');
  const value = Number(`${sign === '-' || sign === '−' ? '-' : ''}${digits}.${decimals}0`);
  return Number.isFinite(value) ? { value, unit } : null;
}

/** Whether the indexes are 0, 1, 2… up to the last. */
function inOrder(indexes: readonly number[], length: number): boolean {
  return (
    length > 0 && indexes.length === length && indexes.every((index, place) => index === place)
  );
}

function isRightSet(item: QuizItem, indexes: readonly number[]): boolean {
  const given = new Set(indexes);
  const right = item.choices.flatMap(({ correct }, index) => (correct ? [index] : []));
  return (
    right.length > 0 && given.size === right.length && right.every((index) => given.has(index))
  );
}

function isNear(item: QuizItem, typed: string): boolean {
  const expected = item.number;
  const given = amount(typed);
  if (expected === null || given === null) return false;
  const unit = fold(given.unit);
  if (unit !== '' && unit !== fold(expected.unit)) return false;
  const scale = Math.max(Math.abs(expected.value), expected.tolerance, Math.abs(given.value));
  return Math.abs(given.value - expected.value) <= expected.tolerance + ROUNDING * scale;
}

/** Whether an answer to an item is right. An answer of the wrong shape is wrong. */
export function grade(item: QuizItem, answer: QuizAnswer): boolean {
  switch (item.kind) {
    case 'one':
    case 'true_false':
      return typeof answer === 'number' && item.choices[answer]?.correct === true;
    case 'several':
      return Array.isArray(answer) && isRightSet(item, answer);
    case 'order':
      return Array.isArray(answer) && inOrder(answer, item.choices.length);
    case 'match':
      return Array.isArray(answer) && inOrder(answer, item.pairs.length);
    case 'blank': {
      if (typeof answer !== 'string') return false;
      const typed = fold(answer);
      return typed !== '' && item.accepted.some((variant) => fold(variant) === typed);
    }
    case 'number':
      return typeof answer === 'string' && isNear(item, answer);
  }
}

/** The parts of an answer that are wrong, by index. */
function wrongParts(item: QuizItem, answer: QuizAnswer): number[] {
  if (typeof answer === 'number') return grade(item, answer) ? [] : [answer];
  if (!Array.isArray(answer)) return [];
  if (item.kind === 'several') {
    return item.choices.flatMap(({ correct }, index) =>
      correct === answer.includes(index) ? [] : [index],
    );
  }
  const length = item.kind === 'match' ? item.pairs.length : item.choices.length;
  return Array.from({ length }, (_, place) => place).filter((place) => answer[place] !== place);
}

/** What was picked, then, for several choices, the right ones that were not. */
function spokenChoices(item: QuizItem, answer: QuizAnswer): number[] {
  if (item.kind === 'one' || item.kind === 'true_false') {
    return typeof answer === 'number' ? [answer] : [];
  }
  return item.kind === 'several' ? wrongParts(item, answer) : [];
}

/** What to say about an answer. */
export function feedback(item: QuizItem, answer: QuizAnswer): Feedback {
  const right = grade(item, answer);
  const texts = spokenChoices(item, answer)
    .map((index) => item.choices[index]?.feedback ?? '')
    .filter((text) => text !== '');
  return { right, texts, wrong: wrongParts(item, answer), explanation: item.explanation };
}
