import { describe, expect, it } from 'vitest';
import type { Answer } from '$lib/generated/commands';
import { Autosave, TYPING_MS, type SaveState } from './autosave';

function rig(outcomes: ('ok' | 'fail')[] = []) {
  const sent: [string, Answer | null][] = [];
  const states: SaveState[] = [];
  let pending: Record<string, Answer | null> = {};
  const planned: { run: () => void; milliseconds: number; stopped: boolean }[] = [];
  const save = new Autosave({
    send: async (field, value) => {
      await Promise.resolve();
      if ((outcomes.shift() ?? 'ok') === 'fail') throw new Error('full');
      sent.push([field, value]);
    },
    changed: (state) => states.push(state),
    pending: (fields) => (pending = fields),
    later: (run, milliseconds) => {
      const plan = { run, milliseconds, stopped: false };
      planned.push(plan);
      return () => (plan.stopped = true);
    },
  });
  return { save, sent, states, planned, pending: () => pending };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('autosave', () => {
  it('hands a tap over at once', async () => {
    const { save, sent, states } = rig();
    save.put('what', 'fall');
    await settle();
    expect(sent).toEqual([['what', 'fall']]);
    expect(states.at(-1)).toBe('saved');
  });

  it('waits for the end of the typing and sends the last text only', async () => {
    const { save, sent, planned } = rig();
    save.put('words', 'f', true);
    save.put('words', 'fu', true);
    save.put('words', 'fuite', true);
    await settle();
    expect(sent, 'nothing before the pause').toEqual([]);
    expect(planned.map(({ milliseconds }) => milliseconds)).toEqual([
      TYPING_MS,
      TYPING_MS,
      TYPING_MS,
    ]);
    expect(
      planned.map(({ stopped }) => stopped),
      'each key starts the wait again',
    ).toEqual([true, true, false]);
    planned.at(-1)?.run();
    await settle();
    expect(sent).toEqual([['words', 'fuite']]);
  });

  it('does not wait when the page is left', async () => {
    const { save, sent } = rig();
    save.put('words', 'fuite', true);
    await save.flush();
    expect(sent).toEqual([['words', 'fuite']]);
    expect(save.settled).toBe(true);
  });

  it('always tells what is not handed over yet', async () => {
    const { save, pending } = rig();
    save.put('words', 'fuite', true);
    expect(pending(), 'typed, not sent').toEqual({ words: 'fuite' });
    const sending = save.flush();
    expect(pending(), 'on its way is not handed over').toEqual({ words: 'fuite' });
    await sending;
    expect(pending()).toEqual({});
  });

  it('keeps what failed, tries again ever more slowly, and says so', async () => {
    const { save, sent, states, planned, pending } = rig(['fail', 'fail']);
    save.put('what', 'fall');
    await settle();
    expect(states.at(-1)).toBe('failed');
    expect(pending()).toEqual({ what: 'fall' });
    planned[0]?.run();
    await settle();
    expect(planned[1]?.milliseconds).toBeGreaterThan(planned[0]?.milliseconds ?? 0);
    planned[1]?.run();
    await settle();
    expect(sent).toEqual([['what', 'fall']]);
    expect(states.at(-1)).toBe('saved');
  });

  it('sends what was typed meanwhile rather than what failed', async () => {
    const { save, sent } = rig(['fail']);
    save.put('words', 'old');
    save.put('words', 'new', true);
    await settle();
    await save.flush();
    expect(sent).toEqual([['words', 'new']]);
  });

  it('keeps the order of different answers', async () => {
    const { save, sent } = rig();
    save.put('what', 'fall');
    save.put('place', 'p1');
    save.put('what', 'fire');
    await settle();
    await save.flush();
    expect(sent).toEqual([
      ['what', 'fall'],
      ['place', 'p1'],
      ['what', 'fire'],
    ]);
  });
});
