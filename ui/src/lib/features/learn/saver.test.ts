import { describe, expect, it } from 'vitest';
import { Saver, type SaveState } from './saver';

function rig(outcomes: ('ok' | 'fail')[] = []) {
  const sent: string[] = [];
  const states: SaveState[] = [];
  const planned: { run: () => void; milliseconds: number }[] = [];
  const saver = new Saver<string>({
    send: async (value) => {
      await Promise.resolve();
      if ((outcomes.shift() ?? 'ok') === 'fail') throw new Error('no network');
      sent.push(value);
    },
    changed: (state) => states.push(state),
    later: (run, milliseconds) => {
      planned.push({ run, milliseconds });
      return () => undefined;
    },
  });
  return { saver, sent, states, planned };
}

describe('Saver', () => {
  it('sends the first at once and only the latest of what came meanwhile', async () => {
    const { saver, sent } = rig();
    saver.put('a');
    saver.put('b');
    saver.put('c');
    await saver.settled();
    expect(sent).toEqual(['a', 'c']);
  });

  it('keeps what did not get through and tries again later, ever more slowly', async () => {
    const { saver, sent, states, planned } = rig(['fail', 'fail']);
    saver.put('a');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(states.at(-1)).toBe('waiting');
    planned[0]?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(planned[1]?.milliseconds).toBeGreaterThan(planned[0]?.milliseconds ?? 0);
    planned[1]?.run();
    await saver.settled();
    expect(sent).toEqual(['a']);
    expect(states.at(-1)).toBe('saved');
  });

  it('sends the newest rather than the one that failed', async () => {
    const { saver, sent } = rig(['fail']);
    saver.put('old');
    saver.put('new');
    await new Promise((resolve) => setTimeout(resolve, 0));
    saver.retry();
    await saver.settled();
    expect(sent).toEqual(['new']);
  });

  it('plans nothing more once closed', async () => {
    const { saver, planned } = rig(['fail', 'fail']);
    saver.close();
    saver.put('a');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(planned).toHaveLength(0);
  });
});
