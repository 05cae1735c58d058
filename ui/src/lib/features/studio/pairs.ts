/**
 * Whether the languages of a capsule say the same: answers are kept as indexes and steps, so that a
 * person may change language in the middle. The same rules as `core/src/capsule/languages.rs`, which
 * has the last word when publishing; here they are said while one writes.
 */
import type { Capsule, Problem, QuizItem } from '$lib/generated/commands';

type Found = Pick<Problem, 'code' | 'severity' | 'values'>;

const error = (code: string, ...values: string[]): Found => ({ code, severity: 'error', values });

function compareItems(left: string, right: string, here: QuizItem, there: QuizItem): Found[] {
  if (here.kind !== there.kind) {
    return [error('pair-kind', left, right, here.id, here.kind, there.kind)];
  }
  const found: Found[] = [];
  const answers = ({ choices }: QuizItem): string =>
    choices.map(({ correct }) => Number(correct)).join('');
  if (answers(here) !== answers(there) || here.pairs.length !== there.pairs.length) {
    found.push(error('pair-choices', left, right, here.id));
  }
  const amount = ({ number }: QuizItem): string => `${number?.value} ${number?.tolerance}`;
  if (amount(here) !== amount(there)) found.push(error('pair-number', left, right, here.id));
  return found;
}

function compare(one: Capsule, other: Capsule): Found[] {
  const [left, right] = [one.language, other.language];
  const found: Found[] = [];
  if (one.apply !== other.apply) {
    found.push(error('pair-apply', left, right, one.apply ?? '', other.apply ?? ''));
  }
  if (one.cards.length !== other.cards.length) {
    found.push(
      error('pair-cards', left, right, String(one.cards.length), String(other.cards.length)),
    );
  }
  for (const field of ['theme', 'icon'] as const) {
    if (one[field] === other[field]) continue;
    found.push({
      code: 'pair-header',
      severity: 'warning',
      values: [left, right, field, one[field], other[field]],
    });
  }
  const ids = ({ quiz }: Capsule): string => quiz.map(({ id }) => id).join(' ');
  if (ids(one) !== ids(other))
    return [...found, error('pair-items', left, right, ids(one), ids(other))];
  const items = one.quiz.flatMap((item, index) => {
    const there = other.quiz[index];
    return there === undefined ? [] : compareItems(left, right, item, there);
  });
  return [...found, ...items];
}

/** Compares every language to the first one, at line 1. */
export function pairProblems(capsules: readonly Capsule[]): Problem[] {
  const [first, ...others] = [...capsules].sort((a, b) => a.language.localeCompare(b.language));
  if (first === undefined) return [];
  return others.flatMap((other) => compare(first, other)).map((found) => ({ ...found, line: 1 }));
}
