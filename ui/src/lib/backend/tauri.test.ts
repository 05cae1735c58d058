import { describe, expect, it } from 'vitest';
import { TauriBackend } from './tauri.svelte';

describe('the door of the app', () => {
  it('gives the output and says what changed', async () => {
    const asked: unknown[] = [];
    const backend = new TauriBackend((id, name, input) => {
      asked.push([name, input, id.length]);
      return Promise.resolve({ output: { id: 'a1' }, changed: ['action'] });
    });
    const heard: string[] = [];
    backend.onChange((changed) => heard.push(...changed));
    const input = {
      title: 't',
      details: '',
      report: null,
      site: 's',
      owner: 'p',
      due_on: '2026-01-01',
    };
    expect(await backend.call('action.create', input)).toEqual({ id: 'a1' });
    expect(asked).toEqual([['action.create', input, 36]]);
    expect(heard).toEqual(['action']);
  });

  it('throws the code that the shell gave', async () => {
    const refusing = new TauriBackend(() => Promise.reject({ code: 'forbidden', message: 'no' }));
    await expect(refusing.call('account.devices', {})).rejects.toMatchObject({ code: 'forbidden' });
    const broken = new TauriBackend(() => Promise.reject('the window is gone'));
    await expect(broken.call('account.devices', {})).rejects.toMatchObject({ code: 'unexpected' });
  });

  it('knows from sync whether the server can be reached', async () => {
    const backend = new TauriBackend(() =>
      Promise.resolve({ output: { state: 'offline' }, changed: [] }),
    );
    await backend.watchNetwork();
    expect(backend.online).toBe(false);
  });
});
