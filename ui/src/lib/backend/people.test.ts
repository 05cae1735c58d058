import { beforeEach, describe, expect, it } from 'vitest';
import { HttpBackend } from './http.svelte';
import { begin, page, server, store } from './testing';

beforeEach(begin);

describe('two people on one browser', () => {
  it('never send each other’s calls', async () => {
    const karim = await page();
    server.up = false;
    await karim.call('report.comment', { id: 'r1', text: 'de Karim' });
    karim.close();
    server.up = true;
    server.person = 'lea';
    const lea = await page();
    await lea.sendWaiting();
    expect(server.names()).toEqual([]);
    expect(lea.waiting).toMatchObject({ count: 0, others: 1 });
    lea.close();

    server.person = 'karim';
    const again = await page();
    await again.sendWaiting();
    expect(server.names()).toEqual(['report.comment']);
    again.close();
  });

  it('never read each other’s answers, and signing out forgets them once nothing waits', async () => {
    server.outputs['learn.list'] = [{ module: 'of karim' }];
    const karim = await page();
    await karim.call('learn.list', {});
    server.person = 'lea';
    const lea = await page();
    server.up = false;
    await expect(lea.call('learn.list', {})).rejects.toMatchObject({ code: 'offline' });
    lea.close();
    karim.close();

    server.up = true;
    server.person = 'karim';
    server.outputs['account.sign_out'] = { signed_in: false, person: null };
    const leaving = await page();
    await leaving.call('account.sign_out', {});
    expect(await store.answers('karim|')).toEqual([]);
    leaving.close();
  });
});

describe('an answer that was on its way when somebody signed out', () => {
  it.each(['learn.list', 'account.state'] as const)('leaves nothing: %s', async (name) => {
    server.outputs['learn.list'] = [{ module: 'of karim' }];
    server.outputs['account.sign_out'] = { signed_in: false, person: null };
    (await page()).close();
    let held = false;
    let arrive: () => void = () => undefined;
    const late = new Promise<void>((resolve) => (arrive = resolve));
    const fetch = async (url: string, init: RequestInit) => {
      const answer = await server.fetch(url, init);
      if (held && String(init.body).includes(name)) await late;
      return answer;
    };
    const leaving = new HttpBackend({ fetch, store, events: null, now: () => 1000 });
    await leaving.call('account.state', {});
    held = true;
    const asked = leaving.call(name, {});
    await leaving.call('account.sign_out', {});
    arrive();
    await asked;
    expect(await store.answers('')).toEqual([]);
    leaving.close();
  });
});

describe('a session that ended while the page was shut', () => {
  it('leaves no answers in the browser', async () => {
    server.outputs['learn.list'] = [{ module: 'of karim' }];
    const before = await page();
    await before.call('learn.list', {});
    before.close();
    server.person = null;
    (await page()).close();
    expect(await store.answers('')).toEqual([]);
  });

  it('leaves what waits, and the answers it rests on, and nobody else’s', async () => {
    server.outputs['learn.list'] = [{ module: 'of somebody' }];
    const karim = await page();
    await karim.call('learn.list', {});
    karim.close();
    server.person = 'lea';
    const lea = await page();
    await lea.call('learn.list', {});
    server.up = false;
    await lea.call('report.comment', { id: 'r1', text: 'Vu' });
    lea.close();
    server.up = true;
    server.person = null;
    (await page()).close();
    expect((await store.waiting()).map((call) => call.person)).toEqual(['lea']);
    expect((await store.answers('')).map(([key]) => key.split('|')[0])).toEqual(['lea']);
  });
});
