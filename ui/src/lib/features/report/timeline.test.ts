import { describe, expect, it } from 'vitest';
import type { ReportRow, ReportView, TimelineEntry, TimelineVerb } from '$lib/generated/commands';
import { custodySteps } from './custody';
import { answerOf, told, whoOf } from './timeline';

function entry(verb: TimelineVerb, change: Partial<TimelineEntry> = {}): TimelineEntry {
  return {
    id: `${verb}${change.at ?? 0}`,
    at: 0,
    by: 'sophie',
    by_name: 'Sophie',
    by_author: false,
    verb,
    text: null,
    severity: null,
    outcome: null,
    person_name: null,
    action: null,
    ...change,
  };
}

function row(change: Partial<ReportRow> = {}): ReportRow {
  return {
    custody: 'read',
    status: 'open',
    sealed_at: 1,
    received_at: 2,
    closed_at: null,
    ...change,
  } as ReportRow;
}

const view = (timeline: TimelineEntry[], change: Partial<ReportRow> = {}) =>
  ({ row: row(change), timeline }) as ReportView;

describe('who did it', () => {
  it('says you to the author of a confidential report, and the author to others', () => {
    const sealed = entry('sealed', { by: null, by_name: null, by_author: true });
    expect(whoOf(sealed, true, 'karim'), 'their own page').toBe('you');
    expect(whoOf(sealed, false, 'sophie'), 'someone else’s page').toBe('author');
  });

  it('says you for your own act and names the server', () => {
    expect(whoOf(entry('read'), false, 'sophie')).toBe('you');
    expect(whoOf(entry('read'), true, 'karim')).toBe('someone');
    expect(whoOf(entry('received', { by: null }), true, 'karim')).toBe('server');
  });
});

describe('what is told', () => {
  it('does not tell twice that someone took it in charge', () => {
    const lines = told([
      entry('taken', { at: 10 }),
      entry('assigned', { at: 11, person_name: 'Sophie' }),
      entry('assigned', { at: 12, person_name: 'Awa' }),
    ]);
    expect(lines.map(({ verb }) => verb)).toEqual(['taken', 'assigned']);
    expect(lines[1]?.person_name, 'giving it to someone else stays').toBe('Awa');
  });

  it('answers with the last closing, and with nothing once reopened', () => {
    const timeline = [
      entry('closed', { at: 1, text: 'first' }),
      entry('reopened', { at: 2 }),
      entry('closed', { at: 3, text: 'second' }),
    ];
    expect(answerOf(view(timeline, { status: 'closed' }))?.text).toBe('second');
    expect(answerOf(view(timeline, { status: 'open' })), 'reopened').toBeNull();
  });
});

describe('the custody chain', () => {
  it('reaches as far as the report and knows each moment', () => {
    const steps = custodySteps(row(), view([entry('read', { at: 7 })]));
    expect(steps.map(({ reached }) => reached)).toEqual([true, true, true, true, false]);
    expect(steps.map(({ at }) => at)).toEqual([null, 1, 2, 7, null]);
  });

  it('says that a refused report is sealed here and went no further', () => {
    const steps = custodySteps(row({ custody: 'refused', received_at: null }), null);
    expect(steps.filter(({ reached }) => reached).map(({ custody }) => custody)).toEqual([
      'draft',
      'sealed',
    ]);
  });
});
