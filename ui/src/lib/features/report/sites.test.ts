import { describe, expect, it } from 'vitest';
import type { DirectoryMe, Role, SiteView } from '$lib/generated/commands';
import { triagedBy } from './sites';

const sites = [{ id: 's1' }, { id: 's2' }] as SiteView[];

function triaged(site: string | null, ...roles: Role[]): string[] {
  const me = { person: { roles, site } } as unknown as DirectoryMe;
  return triagedBy(me, sites).map(({ id }) => id);
}

describe('the sites that someone triages', () => {
  it('are all of them for a lead, whichever is theirs', () => {
    expect(triaged('s1', 'manager', 'lead')).toEqual(['s1', 's2']);
    expect(triaged(null, 'lead')).toEqual(['s1', 's2']);
  });

  it('are their own for anybody else', () => {
    expect(triaged('s2', 'manager')).toEqual(['s2']);
    expect(triaged('s2', 'relay', 'admin')).toEqual(['s2']);
    expect(triaged(null, 'relay'), 'of no site').toEqual([]);
    expect(triagedBy(null, sites), 'of nobody known').toEqual([]);
  });
});
