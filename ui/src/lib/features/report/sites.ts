/** Where someone triages. */
import type { DirectoryMe, SiteView } from '$lib/generated/commands';

/** The sites whose reports someone triages: every one for a lead, their own for anybody else. */
export function triagedBy(me: DirectoryMe | null, sites: readonly SiteView[]): SiteView[] {
  const person = me?.person;
  return sites.filter((site) => person?.roles.includes('lead') || site.id === person?.site);
}
