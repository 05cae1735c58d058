/** The history of a report, in words: who did what. */
import type { ReportView, TimelineEntry } from '$lib/generated/commands';
import type { I18n } from '$lib/wording';

/** Acts closer than this belong to one press. */
const SAME_PRESS_MS = 2_000;

/** Who did it, as the reader knows them. */
export type Who = 'you' | 'author' | 'someone' | 'server';

/** Who stands behind an entry, for the person reading. */
export function whoOf(entry: TimelineEntry, mine: boolean, me: string | null): Who {
  if (entry.verb === 'received' || entry.verb === 'refused') return 'server';
  if (entry.by !== null && entry.by === me) return 'you';
  if (entry.by_author) return mine ? 'you' : 'author';
  return 'someone';
}

/** One entry as a sentence. */
export function entryText(
  i18n: I18n,
  entry: TimelineEntry,
  mine: boolean,
  me: string | null,
): string {
  const who = whoOf(entry, mine, me);
  const verb =
    entry.verb === 'closed' ? `closed-${(entry.outcome ?? 'done').replace('_', '-')}` : entry.verb;
  const args = {
    who: nameOf(i18n, entry, who),
    person: entry.person_name ?? i18n.t('report-someone'),
    severity: entry.severity ? i18n.t(`severity-${entry.severity}`) : '',
  };
  return i18n.t(`report-${who === 'you' ? 'you' : 'did'}-${verb}`, args);
}

/** The name to show; the author's only when it is for the reader. */
export function nameOf(i18n: I18n, entry: TimelineEntry, who: Who): string {
  if (who === 'you') return i18n.t('report-you');
  if (entry.by_name) return entry.by_name;
  return i18n.t(who === 'author' || entry.by === null ? 'report-author' : 'report-someone');
}

/** What is worth telling: taking in charge assigns too, which need not be said twice. */
export function told(timeline: readonly TimelineEntry[]): TimelineEntry[] {
  return timeline.filter((entry) => {
    if (entry.verb !== 'assigned') return true;
    return !timeline.some(
      (one) =>
        one.verb === 'taken' &&
        one.by === entry.by &&
        one.by_name === entry.person_name &&
        Math.abs(one.at - entry.at) < SAME_PRESS_MS,
    );
  });
}

/** The answer to the author that holds now; `null` while the report is open. */
export function answerOf(view: ReportView): TimelineEntry | null {
  if (view.row.status !== 'closed') return null;
  return view.timeline.findLast((entry) => entry.verb === 'closed' && entry.text) ?? null;
}

/** Who has read it: each person once, at the first time, authors aside. */
export function readers(view: ReportView): { name: string; at: number }[] {
  return view.timeline
    .filter((entry) => entry.verb === 'read' && entry.by_name !== null)
    .map((entry) => ({ name: entry.by_name ?? '', at: entry.at }));
}
