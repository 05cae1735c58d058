import { describe, expect, it } from 'vitest';
import type { ReleaseRow, SiteView } from '$lib/generated/commands';
import { currentRelease, nextVersion, reached, refusal } from './publishing';

const site = (id: string, people: number): SiteView => ({
  id,
  name: id,
  city: '',
  teams: [],
  places: [],
  people,
});
const release = (version: number, withdrawn = false): ReleaseRow => ({
  id: `r${version}`,
  version,
  published_at: 0,
  by_name: null,
  sites: null,
  required: false,
  due_on: null,
  note: '',
  withdrawn,
});

describe('reached', () => {
  const sites = [site('a', 40), site('b', 10)];

  it('counts everyone when no site is chosen out', () => {
    expect(reached(sites, null, 240)).toEqual({ people: 50, sites: 2, each: 4, together: 12_000 });
  });

  it('counts the chosen sites only', () => {
    expect(reached(sites, ['b', 'gone'], 20)).toEqual({
      people: 10,
      sites: 1,
      each: 1,
      together: 200,
    });
  });
});

describe('versions', () => {
  it('follow one another, withdrawn ones included', () => {
    expect(nextVersion([])).toBe(1);
    expect(nextVersion([release(1), release(2, true)])).toBe(3);
    expect(currentRelease([release(1), release(2, true)])?.version).toBe(1);
    expect(currentRelease([release(1, true)])).toBeNull();
  });
});

describe('refusal', () => {
  const asked = {
    errors: 0,
    checked: true,
    version: 1,
    chosen: null,
    note: '',
    due: null,
    today: '2026-11-22',
  };

  it('lets a clean first version through', () => {
    expect(refusal(asked)).toBeNull();
  });

  it('says the one reason to mend first', () => {
    expect(refusal({ ...asked, errors: 2, chosen: [] })).toBe('errors');
    expect(refusal({ ...asked, checked: false })).toBe('unchecked');
    expect(refusal({ ...asked, chosen: [] })).toBe('no-site');
    expect(refusal({ ...asked, due: '2026-11-21' })).toBe('past-day');
    expect(refusal({ ...asked, version: 2, note: ' ' }), 'a correction says what changed').toBe(
      'no-note',
    );
  });
});
