/** Which devices are listed, in which order, and what a lost one held. */
import type { AccountDevice, AccountHeldDocument } from '$lib/generated/commands';

/** Whose devices are looked at: one's own, or a colleague's. */
export type Whose = 'mine' | 'theirs';

/** Documents of one kind that a lost device held. */
export interface HeldKind {
  kind: string;
  count: number;
  /** Those whose title may be read, the certain ones first. */
  named: AccountHeldDocument[];
  /** How many may not be, or are named by nothing. */
  hidden: number;
}

/** What people look for first. */
const FIRST = ['report', 'draft', 'action', 'reporter', 'person'];

/** Those that still enter and those that are lost: this one first, then the last heard of. */
export function shown(devices: readonly AccountDevice[]): AccountDevice[] {
  return devices
    .filter((device) => device.lost || !device.revoked)
    .sort((a, b) => Number(b.current) - Number(a.current) || seen(b) - seen(a));
}

function seen(device: AccountDevice): number {
  return device.last_contact_at ?? device.created_at;
}

/** What a device held, by kind. */
export function byKind(documents: readonly AccountHeldDocument[]): HeldKind[] {
  const kinds = new Map<string, AccountHeldDocument[]>();
  for (const document of documents)
    kinds.set(document.kind, [...(kinds.get(document.kind) ?? []), document]);
  return [...kinds]
    .map(([kind, all]) => {
      const named = all
        .filter(({ title }) => title !== '')
        .sort((a, b) => Number(b.sure) - Number(a.sure) || a.title.localeCompare(b.title));
      return { kind, count: all.length, named, hidden: all.length - named.length };
    })
    .sort((a, b) => rank(a.kind) - rank(b.kind) || b.count - a.count);
}

function rank(kind: string): number {
  const place = FIRST.indexOf(kind);
  return place < 0 ? FIRST.length : place;
}
