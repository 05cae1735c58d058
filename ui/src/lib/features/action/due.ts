/** Due days: usual delays, and how an action stands. */
import type { ActionRow } from '$lib/generated/commands';

/** The usual delays, in days. */
export const DELAYS = [7, 14, 30] as const;

/** The calendar day so many days after another, as `YYYY-MM-DD`. */
export function dayAfter(from: Date, days: number): string {
  const date = new Date(from.getFullYear(), from.getMonth(), from.getDate() + days);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Late first, then by due day; what is done last, the latest first. */
export function inOrder(rows: readonly ActionRow[]): ActionRow[] {
  const rank = { late: 0, open: 1, done: 2 };
  return [...rows].sort((a, b) => {
    if (rank[a.state] !== rank[b.state]) return rank[a.state] - rank[b.state];
    if (a.state === 'done') return (b.done_at ?? 0) - (a.done_at ?? 0);
    return a.due_on < b.due_on ? -1 : a.due_on > b.due_on ? 1 : 0;
  });
}
