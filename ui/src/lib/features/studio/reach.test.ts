import { describe, expect, it } from 'vitest';
import type { ReachRow, ReachState } from '$lib/generated/commands';
import { bySite, sharesOf } from './reach';

const row = (name: string, site: string | null, state: ReachState): ReachRow => ({
  person: name,
  name,
  site,
  site_name: site,
  state,
  version: 1,
  score: null,
  at: null,
});

describe('sharesOf', () => {
  it('makes a whole', () => {
    const shares = sharesOf({ waiting: 1, received: 1, opened: 0, finished: 0, passed: 2 });
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBe(1);
    expect(shares[0]).toEqual({ state: 'passed', count: 2, share: 0.5 });
  });

  it('stays calm with nobody', () => {
    const shares = sharesOf({ waiting: 0, received: 0, opened: 0, finished: 0, passed: 0 });
    expect(shares.every(({ share }) => share === 0)).toBe(true);
  });
});

describe('bySite', () => {
  it('puts those who wait first, and people without a site last', () => {
    const sites = bySite([
      row('Zoé', 'Lyon', 'passed'),
      row('Ali', null, 'opened'),
      row('Bea', 'Lyon', 'waiting'),
      row('Carl', 'Brest', 'received'),
    ]);
    expect(sites.map(({ name }) => name)).toEqual(['Brest', 'Lyon', '']);
    expect(sites[1]?.rows.map(({ name }) => name)).toEqual(['Bea', 'Zoé']);
    expect(sites[1]?.totals).toMatchObject({ waiting: 1, passed: 1 });
  });
});
