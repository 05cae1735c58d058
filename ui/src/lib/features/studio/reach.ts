/** How far a publication has come: totals and people by site. */
import type { ReachRow, ReachState, StudioReach } from '$lib/generated/commands';

/** From the farthest to the nearest. */
export const STATES = [
  'passed',
  'finished',
  'opened',
  'received',
  'waiting',
] as const satisfies readonly ReachState[];

export interface Share {
  state: ReachState;
  count: number;
  /** Part of the whole, from 0 to 1. */
  share: number;
}

/** The totals as parts of a whole, in the order they are drawn. */
export function sharesOf(totals: StudioReach['totals']): Share[] {
  const all = STATES.reduce((sum, state) => sum + totals[state], 0);
  return STATES.map((state) => ({
    state,
    count: totals[state],
    share: all === 0 ? 0 : totals[state] / all,
  }));
}

export interface SiteReach {
  site: string;
  name: string;
  rows: ReachRow[];
  totals: StudioReach['totals'];
}

/** People by site, sites by name; whoever has no site comes last. */
export function bySite(rows: readonly ReachRow[]): SiteReach[] {
  const sites = new Map<string, SiteReach>();
  for (const row of rows) {
    const key = row.site ?? '';
    const site = sites.get(key) ?? {
      site: key,
      name: row.site_name ?? '',
      rows: [],
      totals: empty(),
    };
    site.rows.push(row);
    site.totals[row.state] += 1;
    sites.set(key, site);
  }
  const order = [...sites.values()].sort(
    (a, b) => Number(a.site === '') - Number(b.site === '') || a.name.localeCompare(b.name),
  );
  for (const { rows: people } of order) {
    people.sort(
      (a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state) || a.name.localeCompare(b.name),
    );
  }
  return order;
}

function empty(): StudioReach['totals'] {
  return { waiting: 0, received: 0, opened: 0, finished: 0, passed: 0 };
}
