import { describe, expect, it } from 'vitest';
import { Autosave, type Keeping } from './autosave';

function rig() {
  const sent: string[] = [];
  const states: Keeping[] = [];
  let planned: (() => void) | null = null;
  const network = { up: true };
  const autosave = new Autosave({
    send: async (key, text) => {
      await Promise.resolve();
      if (!network.up) throw new Error('offline');
      sent.push(`${key}=${text}`);
    },
    changed: (state) => states.push(state),
    later: (run) => {
      planned = run;
      return () => (planned = null);
    },
  });
  return { autosave, sent, states, network, tick: () => planned?.() };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('Autosave', () => {
  it('sends only the newest text, once the typing pauses', async () => {
    const { autosave, sent, states, tick } = rig();
    autosave.put('fr', 'a');
    autosave.put('fr', 'ab');
    expect(sent).toEqual([]);
    tick();
    await settle();
    expect(sent).toEqual(['fr=ab']);
    expect(states.at(-1)).toBe('kept');
    expect(autosave.holds('fr')).toBe(false);
  });

  it('keeps each language apart', async () => {
    const { autosave, sent } = rig();
    autosave.put('fr', 'a');
    autosave.put('en', 'b');
    await autosave.flush();
    expect(sent).toEqual(['fr=a', 'en=b']);
  });

  it('loses nothing when a save fails', async () => {
    const { autosave, sent, states, network, tick } = rig();
    network.up = false;
    autosave.put('fr', 'a');
    tick();
    await settle();
    expect(states.at(-1)).toBe('failed');
    expect(autosave.holds('fr')).toBe(true);
    network.up = true;
    tick();
    await settle();
    expect(sent).toEqual(['fr=a']);
  });

  it('sends what is typed while a save is on its way', async () => {
    const { autosave, sent } = rig();
    autosave.put('fr', 'a');
    const sending = autosave.flush();
    autosave.put('fr', 'ab');
    await sending;
    expect(sent).toEqual(['fr=a', 'fr=ab']);
  });
});
