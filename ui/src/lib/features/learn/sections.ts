/** The capsules of the learning screen, in the order they matter. */
import type { CapsuleRow } from '$lib/generated/commands';

export interface Sections {
  required: CapsuleRow[];
  open: CapsuleRow[];
  fresh: CapsuleRow[];
  done: CapsuleRow[];
}

/** Lower case, without accents: how people type when they search. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('œ', 'oe').toLowerCase();
}

/** Whether each word of `query` is somewhere in `texts`. */
export function matches(query: string, texts: readonly string[]): boolean {
  const haystack = folded(texts.join(' '));
  return folded(query)
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

function byDueDate(a: CapsuleRow, b: CapsuleRow): number {
  return (a.due_on ?? '9999').localeCompare(b.due_on ?? '9999') || b.published_at - a.published_at;
}

/** What can be opened now comes before what has not arrived; then the newest. */
function byReadiness(a: CapsuleRow, b: CapsuleRow): number {
  return Number(b.ready) - Number(a.ready) || b.published_at - a.published_at;
}

/** Sorts rows into their sections; each is in one section only. */
export function sectionsOf(rows: readonly CapsuleRow[]): Sections {
  const required = rows.filter((row) => row.required && row.state !== 'done').sort(byDueDate);
  const free = rows.filter((row) => !row.required);
  return {
    required,
    open: free.filter((row) => row.state === 'open').sort(byDueDate),
    fresh: free.filter((row) => row.state === 'new').sort(byReadiness),
    done: rows
      .filter((row) => row.state === 'done')
      .sort((a, b) => (b.done_at ?? 0) - (a.done_at ?? 0)),
  };
}

/** Minutes to tell people, never none. */
export function minutes(seconds: number): number {
  return Math.max(1, Math.round(seconds / 60));
}

export type Deadline = 'none' | 'later' | 'soon' | 'late';

/** How near a due day is. `today` and `due` are 'YYYY-MM-DD'; soon is within a week. */
export function deadline(due: string | null, today: string): Deadline {
  if (due === null) return 'none';
  const days = (Date.parse(due) - Date.parse(today)) / 86_400_000;
  if (days < 0) return 'late';
  return days <= 7 ? 'soon' : 'later';
}

/** The day of a moment where the person is, 'YYYY-MM-DD'. */
export function dayOf(moment: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
