import { describe, expect, it } from 'vitest';
import type { ReportRow } from '$lib/generated/commands';
import { isNarrowed, keepingParams, neighbour, readFilter, withParam } from './filter';

const asked = (text: string) => new URLSearchParams(text);
const row = (id: string) => ({ id }) as ReportRow;

describe('the filter of an address', () => {
  it('shows what nobody has taken when the address says nothing', () => {
    const filter = readFilter(asked(''));
    expect(filter.status, 'triage begins with what is open').toBe('open');
    expect(isNarrowed(filter), 'the status alone narrows nothing').toBe(false);
  });

  it('reads every part and ignores values that do not exist', () => {
    const filter = readFilter(
      asked('status=all&severity=serious&type=nonsense&assigned=me&q=huile&site=s1'),
    );
    expect(filter).toMatchObject({
      status: null,
      severity: 'serious',
      report_type: null,
      assigned_to_me: true,
      query: 'huile',
      site: 's1',
    });
    expect(isNarrowed(filter), 'something narrows it').toBe(true);
  });

  it('changes one part and leaves the others', () => {
    const next = withParam(asked('q=huile&report=r1'), 'q', '');
    expect(next.toString(), 'an empty value goes away').toBe('report=r1');
    expect(keepingParams(asked('q=a&status=all&report=r1'), ['status']).toString()).toBe(
      'status=all',
    );
  });
});

describe('moving by keys', () => {
  const rows = [row('a'), row('b'), row('c')];

  it('begins at the first row', () => {
    expect(neighbour(rows, null, 1)?.id, 'nothing was chosen').toBe('a');
    expect(neighbour(rows, 'gone', 1)?.id, 'the chosen row left the list').toBe('a');
  });

  it('stays inside the list', () => {
    expect(neighbour(rows, 'b', 1)?.id).toBe('c');
    expect(neighbour(rows, 'c', 1)?.id, 'the last stays').toBe('c');
    expect(neighbour(rows, 'a', -1)?.id, 'the first stays').toBe('a');
    expect(neighbour([], null, 1), 'an empty list has none').toBeNull();
  });
});
