import { describe, expect, it } from 'vitest';
import { Readiness, type Ready } from './readiness.svelte';

describe('whether this browser is ready for no network', () => {
  it('is not ready before all is here, nor when the network went meanwhile', async () => {
    const readiness = new Readiness();
    readiness.state = 'preparing';
    await readiness.begin(() => Promise.reject(new Error('no network')));
    expect(readiness.state).toBe('preparing');
    await readiness.begin(() => Promise.resolve('ready'));
    expect(readiness.state).toBe('ready');
  });

  it('stays ready when what is newer cannot be fetched', async () => {
    const readiness = new Readiness();
    await readiness.begin(() => Promise.reject(new Error('no network')));
    expect(readiness.state).toBe('ready');
  });

  it('runs once more for all that was asked while it ran', async () => {
    const readiness = new Readiness();
    const ends: ((state: Ready) => void)[] = [];
    const prepare = () => new Promise<Ready>((end) => ends.push(end));
    const first = readiness.begin(prepare);
    void readiness.begin(prepare);
    void readiness.begin(prepare);
    ends[0]?.('unable');
    while (ends.length < 2) await Promise.resolve();
    ends[1]?.('ready');
    await first;
    expect(ends.length).toBe(2);
    expect(readiness.state).toBe('ready');
  });
});
