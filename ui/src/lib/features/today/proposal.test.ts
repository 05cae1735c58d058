import { describe, expect, it } from 'vitest';
import type { CapsuleRow, LearnDue } from '$lib/generated/commands';
import { SECONDS_MAX, propose } from './proposal';

function capsule(module: string, more: Partial<CapsuleRow> = {}): CapsuleRow {
  return {
    module,
    release: `${module}-1`,
    version: 1,
    slug: module,
    title: { fr: module },
    objective: {},
    theme: 'safety',
    icon: 'hand',
    seconds: 120,
    languages: ['fr'],
    state: 'new',
    score: null,
    done_at: null,
    due_on: null,
    required: true,
    ready: true,
    newer: false,
    apply: null,
    published_at: 0,
    ...more,
  };
}

function due(total: number, seconds: number): LearnDue {
  return { items: [], total, seconds, next_on: null };
}

describe('what is proposed today', () => {
  it('is never more than five minutes', () => {
    const rows = ['a', 'b', 'c', 'd'].map((name) => capsule(name));
    const proposal = propose(due(40, 800), rows);
    expect(proposal.seconds, 'seconds proposed').toBeLessThanOrEqual(SECONDS_MAX);
    expect(proposal.capsules.length).toBe(2);
    expect(proposal.later).toBe(2);
    expect(proposal.reviews).toEqual({ count: 3, seconds: 60 });
  });

  it('puts the nearest due day first, then what was begun', () => {
    const rows = [
      capsule('whenever'),
      capsule('later', { due_on: '2026-05-02', seconds: 60 }),
      capsule('begun', { due_on: '2026-05-01', state: 'open', seconds: 60 }),
      capsule('soon', { due_on: '2026-05-01', seconds: 60 }),
    ];
    expect(propose(undefined, rows).capsules.map((row) => row.module)).toEqual([
      'begun',
      'soon',
      'later',
      'whenever',
    ]);
  });

  it('leaves out what is done, optional or not yet on the device', () => {
    const rows = [
      capsule('done', { state: 'done' }),
      capsule('optional', { required: false }),
      capsule('away', { ready: false }),
    ];
    expect(propose(undefined, rows)).toEqual({ capsules: [], reviews: null, seconds: 0, later: 0 });
  });

  it('still proposes a capsule that alone is longer, and nothing beside it', () => {
    const proposal = propose(due(3, 60), [capsule('long', { seconds: 420 }), capsule('short')]);
    expect(proposal.capsules.map((row) => row.module)).toEqual(['long']);
    expect(proposal.reviews).toBeNull();
  });
});
