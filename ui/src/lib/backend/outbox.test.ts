import { beforeEach, describe, expect, it } from 'vitest';
import { HttpBackend } from './http.svelte';
import { FILTER, begin, draft, page, server, store } from './testing';

beforeEach(begin);

describe('without network', () => {
  it('a call that may wait is kept, answered at once, and sent once in order when the server is back', async () => {
    const backend = await page();
    server.up = false;
    const view = await backend.call(
      'draft.start',
      { id: 'd1', form: 'f1', release: 1, practice: false },
      { offline: () => draft('d1') },
    );
    expect(view.id).toBe('d1');
    await backend.call('draft.save', { id: 'd1', field: 'words', value: 'Fuite' });
    await backend.call(
      'report.seal',
      { draft: 'd1', report: 'r1' },
      {
        offline: () => ({ report: 'r1', practice: false }),
      },
    );
    expect(backend.waiting.count).toBe(3);
    expect(backend.online).toBe(false);

    server.up = true;
    await backend.sendWaiting();
    expect(server.names()).toEqual(['draft.start', 'draft.save', 'report.seal']);
    expect(backend.waiting.count).toBe(0);
    expect(backend.online).toBe(true);
    backend.close();
  });

  it('an answer typed letter by letter is sent once, whole, and before the seal', async () => {
    const backend = await page();
    server.up = false;
    for (const value of ['F', 'Fu', 'Fuite'])
      await backend.call('draft.save', { id: 'd1', field: 'words', value });
    await backend.call('draft.save', { id: 'd1', field: 'place', value: 'p1' });
    const sealed = { report: 'r1', practice: false };
    await backend.call('report.seal', { draft: 'd1', report: 'r1' }, { offline: () => sealed });
    await backend.call('draft.save', { id: 'd1', field: 'words', value: 'Trop tard' });

    server.up = true;
    await backend.sendWaiting();
    expect(
      server.done.map(({ name, input }) => [name, (input as { value?: string }).value]),
    ).toEqual([
      ['draft.save', 'Fuite'],
      ['draft.save', 'p1'],
      ['report.seal', undefined],
      ['draft.save', 'Trop tard'],
    ]);
    backend.close();
  });

  it('a photo is announced in its turn, and its content goes after every text', async () => {
    const backend = await page();
    server.up = false;
    const photo = { id: 'd1', field: 'photos', media_type: 'image/jpeg', base64: '/9j/AAA=' };
    await backend.call('draft.attach', photo, { offline: () => ({ hash: 'h1' }) });
    const sealed = { report: 'r1', practice: false };
    await backend.call('report.seal', { draft: 'd1', report: 'r1' }, { offline: () => sealed });
    await backend.call('report.comment', { id: 'r0', text: 'Vu' });
    const kept = await backend.call('blob.read', { hash: 'h1' });
    expect(kept.base64, 'it is shown meanwhile').toBe('/9j/AAA=');

    server.up = true;
    await backend.sendWaiting();
    expect(server.names()).toEqual([
      'draft.announce',
      'report.seal',
      'report.comment',
      'photo.bring',
    ]);
    expect(server.done[0]?.input).toEqual({
      id: 'd1',
      field: 'photos',
      media_type: 'image/jpeg',
      hash: 'h1',
      size: 5,
    });
    expect(server.done[3]?.input).toEqual({ base64: '/9j/AAA=' });
    backend.close();
  });

  it('what waits survives a reload of the page', async () => {
    const before = await page();
    server.up = false;
    await before.call('report.comment', { id: 'r1', text: 'Vu' });
    before.close();

    const after = await page();
    expect(after.waiting.count, 'known again, without network').toBe(1);
    server.up = true;
    await after.sendWaiting();
    expect(server.done.map((call) => call.input)).toEqual([{ id: 'r1', text: 'Vu' }]);
    after.close();
  });

  it('a call whose answer was lost is sent again under the same id, so that it is done once', async () => {
    const backend = await page();
    const honest = server.fetch;
    let lost = 0;
    server.fetch = honest;
    const deaf = new HttpBackend({
      fetch: async (url, init) => {
        const response = await honest(url, init);
        if (String(init.body).includes('report.comment') && lost === 0) {
          lost += 1;
          throw new TypeError('the answer was lost');
        }
        return response;
      },
      store,
      events: null,
      now: () => 1000,
    });
    await deaf.call('account.state', {});
    await deaf.call('report.comment', { id: 'r1', text: 'Vu' });
    expect(deaf.waiting.count).toBe(1);
    await deaf.sendWaiting();
    expect(server.names(), 'done once').toEqual(['report.comment']);
    expect(deaf.waiting.count).toBe(0);
    deaf.close();
    backend.close();
  });

  it('a call that may not wait fails with offline, and so does one whose answer nobody computes', async () => {
    const backend = await page();
    server.up = false;
    await expect(
      backend.call('report.close', { id: 'r1', outcome: 'done', answer: 'Merci' }),
    ).rejects.toMatchObject({ code: 'offline' });
    await expect(backend.call('report.seal', { draft: 'd1', report: 'r1' })).rejects.toMatchObject({
      code: 'offline',
    });
    expect(backend.waiting.count).toBe(0);
    backend.close();
  });

  it('kept answers are given back, and tell what waits', async () => {
    server.outputs['report.list'] = { rows: [], total: 0 };
    server.outputs['draft.list'] = [];
    const backend = await page();
    await backend.call('report.list', FILTER);
    await backend.call('draft.list', {});
    server.up = false;
    await backend.call(
      'draft.start',
      { id: 'd1', form: 'f1', release: 1, practice: false },
      { offline: () => draft('d1') },
    );
    await backend.call('draft.save', { id: 'd1', field: 'words', value: 'Fuite presse 3' });
    expect((await backend.call('draft.open', { id: 'd1' })).answers).toEqual({
      words: 'Fuite presse 3',
    });
    expect((await backend.call('draft.list', {})).map((row) => row.title)).toEqual([
      'Fuite presse 3',
    ]);
    await backend.call(
      'report.seal',
      { draft: 'd1', report: 'r1' },
      {
        offline: () => ({ report: 'r1', practice: false }),
      },
    );
    const list = await backend.call('report.list', FILTER);
    expect(list.rows).toMatchObject([{ id: 'r1', title: 'Fuite presse 3', custody: 'sealed' }]);
    expect(await backend.call('draft.list', {})).toEqual([]);
    backend.close();
  });

  it('a page says who is here from what it knew', async () => {
    (await page()).close();
    server.up = false;
    const backend = await page();
    expect(backend.online).toBe(false);
    expect((await backend.call('account.state', {})).person).toBe('karim');
    backend.close();
  });
});

describe('when the server is back', () => {
  it('a refused call is set aside with its reason and does not hold up the rest', async () => {
    const backend = await page();
    server.up = false;
    await backend.call('report.comment', { id: 'gone', text: 'Trop tard' });
    await backend.call('report.comment', { id: 'r2', text: 'Vu' });
    server.up = true;
    server.refuses.set('report.comment', { code: 'not-found', status: 404, times: 1 });
    await backend.sendWaiting();
    expect(backend.waiting.count).toBe(0);
    expect(backend.waiting.refused).toMatchObject([
      { name: 'report.comment', code: 'not-found', input: { id: 'gone', text: 'Trop tard' } },
    ]);
    expect(server.done.map((call) => call.input)).toEqual([{ id: 'r2', text: 'Vu' }]);

    await backend.forgetRefused(backend.waiting.refused[0]?.id ?? '');
    expect(backend.waiting.refused).toEqual([]);
    backend.close();
  });

  it('people are told of one report, not of the calls it took', async () => {
    const backend = await page();
    server.up = false;
    for (const field of ['what', 'words'])
      await backend.call('draft.save', { id: 'd1', field, value: 'Huile' });
    await backend.call(
      'report.seal',
      { draft: 'd1', report: 'r1' },
      { offline: () => ({ report: 'r1', practice: false }) },
    );
    expect(backend.waiting).toMatchObject({ count: 3, things: 1 });
    await backend.call('report.comment', { id: 'r2', text: 'Vu' });
    expect(backend.waiting).toMatchObject({ count: 4, things: 2 });
    backend.close();
  });

  it('a session that has ended keeps everything for the next', async () => {
    const backend = await page();
    server.up = false;
    await backend.call('report.comment', { id: 'r1', text: 'Vu' });
    server.up = true;
    server.refuses.set('report.comment', { code: 'signed-out', status: 401, times: 1 });
    await backend.sendWaiting();
    expect(backend.waiting.count, 'still waits').toBe(1);
    await backend.sendWaiting();
    expect(server.names()).toEqual(['report.comment']);
    backend.close();
  });

  it('a browser that was declared lost keeps nothing, not even what was never sent', async () => {
    const backend = await page();
    server.up = false;
    await backend.call('report.comment', { id: 'r1', text: 'Vu' });
    server.up = true;
    server.person = null;
    server.ended = 'lost';
    const { signed_in, ended } = await backend.call('account.state', {});
    expect([signed_in, ended]).toEqual([false, 'lost']);
    expect(backend.waiting).toEqual({ count: 0, things: 0, others: 0, held: null, refused: [] });
    expect(await store.waiting()).toEqual([]);
    expect(await store.answers('')).toEqual([]);
    backend.close();
  });

  for (const code of ['storage-full', 'disk-full', 'too-many-tries']) {
    it(`a call met with ${code} is no refusal: it waits, and comes again under its id`, async () => {
      const backend = await page();
      server.refuses.set('report.seal', { code, status: 507, times: 2 });
      const input = { draft: 'd1', report: 'r1' };
      const offline = () => ({ report: 'r1', practice: false });
      const ids: string[] = [];
      const honest = server.fetch;
      server.fetch = (url, init) => {
        const call = JSON.parse(String(init.body)) as { id: string; name: string };
        if (call.name === 'report.seal') ids.push(call.id);
        return honest(url, init);
      };
      const full = new HttpBackend({ fetch: server.fetch, store, events: null, now: () => 1000 });
      await full.call('account.state', {});
      expect(await full.call('report.seal', input, { offline })).toEqual(offline());
      expect(full.online, 'the server is there').toBe(true);
      expect(full.waiting).toMatchObject({ count: 1, held: code, refused: [] });
      await full.sendWaiting();
      expect(full.waiting, 'also the second time').toMatchObject({ count: 1, refused: [] });
      await full.sendWaiting();
      expect(full.waiting).toMatchObject({ count: 0, held: null, refused: [] });
      expect(new Set(ids).size, 'one call, sent three times').toBe(1);
      expect(ids).toHaveLength(3);
      full.close();
      backend.close();
    });
  }

  it('what is sealed while the server takes nothing stays in the list that the server gives', async () => {
    server.outputs['draft.open'] = draft('d1');
    server.outputs['report.list'] = { rows: [], total: 0 };
    const backend = await page();
    await backend.call('draft.open', { id: 'd1' });
    await backend.call('report.list', FILTER);
    server.refuses.set('report.seal', { code: 'storage-full', status: 507, times: 1 });
    const offline = () => ({ report: 'r1', practice: false });
    await backend.call('report.seal', { draft: 'd1', report: 'r1' }, { offline });
    const list = await backend.call('report.list', FILTER);
    expect(list).toMatchObject({ rows: [{ id: 'r1' }], total: 1 });
    expect(await backend.call('report.list', FILTER), 'each time').toEqual(list);
    server.outputs['report.list'] = { rows: list.rows, total: 1 };
    await backend.sendWaiting();
    expect(await backend.call('report.list', FILTER), 'once').toMatchObject({ total: 1 });
    backend.close();
  });

  it('while the server takes nothing, questions cost no more, and what is done meanwhile waits', async () => {
    server.outputs['report.counts'] = { open: 3, urgent: 0, unread: 0, worsened: 0 };
    const backend = await page();
    server.refuses.set('report.comment', { code: 'storage-full', status: 507, times: 1 });
    await backend.call('report.comment', { id: 'r1', text: 'Vu' });
    const before = server.received;
    expect(await backend.call('report.counts', {})).toMatchObject({ open: 3 });
    expect(server.received - before, 'the question alone').toBe(1);
    await backend.call('report.comment', { id: 'r1', text: 'Encore' });
    expect(backend.waiting).toMatchObject({ count: 2, held: 'storage-full' });
    backend.close();
  });

  it('a server that fails is tried again a few times, then the call is set aside', async () => {
    const backend = await page();
    server.up = false;
    await backend.call('report.comment', { id: 'r1', text: 'Vu' });
    server.up = true;
    server.refuses.set('report.comment', { code: 'unexpected', status: 500, times: 99 });
    for (let tries = 0; tries < 4; tries += 1) {
      await backend.sendWaiting();
      expect(backend.waiting.count, `after try ${tries + 1}`).toBe(1);
    }
    await backend.sendWaiting();
    expect(backend.waiting.refused).toMatchObject([{ code: 'unexpected' }]);
    backend.close();
  });

  it('a call on which the server fails does not blind the questions', async () => {
    server.outputs['report.counts'] = { open: 3, urgent: 0, unread: 0, worsened: 0 };
    const backend = await page();
    server.up = false;
    await backend.call('report.comment', { id: 'r1', text: 'Vu' });
    server.up = true;
    server.refuses.set('report.comment', { code: 'unexpected', status: 500, times: 2 });
    await backend.sendWaiting();
    expect(await backend.call('report.counts', {})).toMatchObject({ open: 3 });
    await backend.call('report.comment', { id: 'r1', text: 'Encore' });
    await backend.sendWaiting();
    expect(
      server.done.flatMap((call) => (call.name === 'report.comment' ? [call.input] : [])),
    ).toEqual([
      { id: 'r1', text: 'Vu' },
      { id: 'r1', text: 'Encore' },
    ]);
    backend.close();
  });

  it('older calls go before a newer one', async () => {
    const backend = await page();
    server.up = false;
    await backend.call('draft.save', { id: 'd1', field: 'a', value: 1 });
    server.up = true;
    await backend.sendWaiting();
    server.up = false;
    await backend.call('draft.save', { id: 'd1', field: 'a', value: 2 });
    server.up = true;
    backend.networkChanged(true);
    await backend.sendWaiting();
    await backend.call('draft.save', { id: 'd1', field: 'a', value: 3 });
    expect(server.done.map((call) => (call.input as { value: number }).value)).toEqual([1, 2, 3]);
    backend.close();
  });

  it('a call that is being written down when the network comes back is sent all the same', async () => {
    const backend = await page();
    const add = store.add.bind(store);
    let write = (): void => undefined;
    const written = new Promise<void>((resolve) => (write = resolve));
    store.add = async (call) => {
      await written;
      await add(call);
    };
    server.up = false;
    const kept = backend.call('report.comment', { id: 'r1', text: 'Vu' });
    await expect.poll(() => backend.online).toBe(false);
    server.up = true;
    await backend.sendWaiting();
    write();
    await kept;
    await expect.poll(() => server.names(), { timeout: 5000 }).toEqual(['report.comment']);
    await expect.poll(() => backend.waiting.count).toBe(0);
    backend.close();
  });

  it('screens hear that anything may have changed', async () => {
    const backend = await page();
    const heard: string[] = [];
    backend.onChange((changed) => heard.push(...changed));
    server.up = false;
    await backend.call('report.comment', { id: 'r1', text: 'Vu' });
    server.up = true;
    await backend.sendWaiting();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(heard).toEqual(expect.arrayContaining(['report', 'learn', 'directory']));
    backend.close();
  });
});

describe('what answers in place of the server', () => {
  it('is not taken for it', async () => {
    const backend = new HttpBackend({
      fetch: () => Promise.resolve(new Response('<html>Wi-Fi</html>', { status: 200 })),
      store: null,
      events: null,
      now: () => 1000,
    });
    await expect(backend.call('report.counts', {})).rejects.toMatchObject({ code: 'offline' });
    backend.close();
  });
});
