/** What to propose today: at most five minutes, the most pressing first. */
import type { CapsuleRow, LearnDue } from '$lib/generated/commands';

/** Nobody is ever asked for more than this in one day, in seconds. */
export const SECONDS_MAX = 300;

export interface Proposal {
  /** Required capsules not done, the nearest due day first. */
  capsules: CapsuleRow[];
  /** How many reviews, and how long they take in seconds; `null` for none. */
  reviews: { count: number; seconds: number } | null;
  /** The whole, in seconds. */
  seconds: number;
  /** Required capsules left for another day. */
  later: number;
}

/**
 * Chooses among required capsules and due reviews. A capsule comes before reviews, one begun before
 * one not begun on the same day; reviews are cut to what room is left. The first capsule is proposed
 * even when it alone is longer than the limit, for it would else never be.
 */
export function propose(due: LearnDue | undefined, rows: readonly CapsuleRow[]): Proposal {
  const required = rows
    .filter((row) => row.required && row.ready && row.state !== 'done')
    .sort(byUrgency);
  const capsules: CapsuleRow[] = [];
  let seconds = 0;
  for (const row of required) {
    if (capsules.length > 0 && seconds + row.seconds > SECONDS_MAX) continue;
    capsules.push(row);
    seconds += row.seconds;
  }
  const reviews = cutReviews(due, SECONDS_MAX - seconds);
  seconds += reviews?.seconds ?? 0;
  return { capsules, reviews, seconds, later: required.length - capsules.length };
}

function cutReviews(due: LearnDue | undefined, room: number): Proposal['reviews'] {
  if (!due || due.total === 0) return null;
  const each = due.seconds / due.total;
  const count = each > 0 ? Math.min(due.total, Math.floor(room / each)) : due.total;
  return count > 0 ? { count, seconds: Math.round(count * each) } : null;
}

function byUrgency(a: CapsuleRow, b: CapsuleRow): number {
  const days = (a.due_on ?? '9999').localeCompare(b.due_on ?? '9999');
  if (days !== 0) return days;
  if (a.state !== b.state) return a.state === 'open' ? -1 : 1;
  return a.published_at - b.published_at;
}
