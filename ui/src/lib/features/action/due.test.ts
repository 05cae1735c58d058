import { expect, it } from 'vitest';
import type { ActionRow } from '$lib/generated/commands';
import { dayAfter, inOrder } from './due';

const action = (
  id: string,
  state: ActionRow['state'],
  due_on: string,
  done_at: number | null = null,
) => ({ id, state, due_on, done_at }) as ActionRow;

it('late actions come first, then by day, then what is done, the latest first', () => {
  const rows = [
    action('done-old', 'done', '2026-01-01', 1),
    action('later', 'open', '2026-12-01'),
    action('done-new', 'done', '2026-01-01', 2),
    action('late', 'late', '2026-11-01'),
    action('soon', 'open', '2026-11-30'),
  ];
  expect(inOrder(rows).map(({ id }) => id)).toEqual([
    'late',
    'soon',
    'later',
    'done-new',
    'done-old',
  ]);
});

it('a delay crosses the end of a month and of a year', () => {
  expect(dayAfter(new Date(2026, 11, 28), 7)).toBe('2027-01-04');
  expect(dayAfter(new Date(2028, 1, 28), 1), 'a leap year').toBe('2028-02-29');
});
