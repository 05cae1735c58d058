/** Whom a publication reaches, and what it costs them. */
import type { ReleaseRow, SiteView } from '$lib/generated/commands';

export interface Reached {
  people: number;
  sites: number;
  /** Minutes for one person, at least one. */
  each: number;
  /** Seconds for all of them together. */
  together: number;
}

/** Counts the people and the sites that a choice reaches. `chosen` null means every site. */
export function reached(
  sites: readonly SiteView[],
  chosen: readonly string[] | null,
  seconds: number,
): Reached {
  const taken = chosen === null ? sites : sites.filter(({ id }) => chosen.includes(id));
  const people = taken.reduce((sum, site) => sum + site.people, 0);
  return {
    people,
    sites: taken.length,
    each: Math.max(1, Math.round(seconds / 60)),
    together: people * seconds,
  };
}

/** The version that a publication would make. */
export function nextVersion(releases: readonly ReleaseRow[]): number {
  return Math.max(0, ...releases.map(({ version }) => version)) + 1;
}

/** The release that people have now, or null. */
export function currentRelease(releases: readonly ReleaseRow[]): ReleaseRow | null {
  const standing = releases.filter(({ withdrawn }) => !withdrawn);
  return standing.reduce<ReleaseRow | null>(
    (best, row) => (best === null || row.version > best.version ? row : best),
    null,
  );
}

export type Refusal = 'errors' | 'unchecked' | 'no-site' | 'no-note' | 'past-day' | null;

interface Asked {
  errors: number;
  checked: boolean;
  version: number;
  chosen: readonly string[] | null;
  note: string;
  due: string | null;
  today: string;
}

/** Why a publication cannot be made yet, or null when it can. */
export function refusal({ errors, checked, version, chosen, note, due, today }: Asked): Refusal {
  if (errors > 0) return 'errors';
  if (!checked) return 'unchecked';
  if (chosen !== null && chosen.length === 0) return 'no-site';
  if (due !== null && due < today) return 'past-day';
  return version > 1 && note.trim() === '' ? 'no-note' : null;
}
