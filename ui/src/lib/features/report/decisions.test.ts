import { describe, expect, it } from 'vitest';
import type { Status, ReportView } from '$lib/generated/commands';
import { decisionsOf, isPressing } from './decisions';

function viewOf(status: Status, opinions = 1): ReportView {
  const severities = Array.from({ length: opinions }, () => ({ value: 'low' }));
  return { row: { status, worsened: false }, severities } as unknown as ReportView;
}

const decided = (view: ReportView) => decisionsOf(view).map(({ decision }) => decision);

describe('decisions', () => {
  it('begin with the one that moves the report on', () => {
    expect(decided(viewOf('open'))).toEqual(['take', 'severity', 'assign', 'close']);
    expect(decided(viewOf('in_progress'))).toEqual(['close', 'severity', 'assign']);
    expect(decided(viewOf('closed'))).toEqual(['reopen', 'severity', 'assign']);
  });

  it('name the severity as something to settle while opinions differ', () => {
    const names = decisionsOf(viewOf('open', 2)).map(({ name }) => name);
    expect(names).toContain('report-severity-decide');
  });

  it('press on a closed report only when it got worse', () => {
    const { row } = viewOf('closed');
    expect(isPressing(row)).toBe(false);
    expect(isPressing({ ...row, worsened: true })).toBe(true);
    expect(isPressing(viewOf('open').row)).toBe(true);
  });
});
