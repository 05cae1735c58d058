/** The five steps of custody, each with the moment it was reached. */
import type { Custody, ReportRow, ReportView } from '$lib/generated/commands';

export interface CustodyStep {
  custody: Exclude<Custody, 'refused'>;
  reached: boolean;
  /** Milliseconds; `null` when not reached, or not known on this device. */
  at: number | null;
}

const ORDER = ['draft', 'sealed', 'received', 'read', 'handled'] as const;

/** The chain of a report; without its page, what the row alone tells. */
export function custodySteps(row: ReportRow, view: ReportView | null): CustodyStep[] {
  // A refused report came as far as this device.
  const rank = row.custody === 'refused' ? 1 : ORDER.indexOf(row.custody);
  const readAt = view?.timeline.find((entry) => entry.verb === 'read')?.at ?? null;
  const times: Record<CustodyStep['custody'], number | null> = {
    draft: null,
    sealed: row.sealed_at,
    received: row.received_at,
    read: readAt,
    handled: row.closed_at,
  };
  return ORDER.map((custody, place) => {
    const reached = place <= rank;
    return { custody, reached, at: reached ? times[custody] : null };
  });
}
