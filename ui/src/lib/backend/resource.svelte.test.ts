import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { BackendError } from './backend';
import { FakeBackend } from './fake';
import { Resource } from './resource.svelte';

/** Runs like a component: made, drawn, then taken away by the returned function. */
function drawn<T>(make: () => T): [T, () => void] {
  let made: T | undefined;
  const stop = $effect.root(() => {
    made = make();
  });
  flushSync();
  return [made as T, stop];
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('a resource', () => {
  it('asks once when drawn and holds the answer', async () => {
    const backend = new FakeBackend({});
    let asked = 0;
    const [resource] = drawn(
      () => new Resource(backend, ['report'], () => Promise.resolve(++asked)),
    );
    expect(resource.loading).toBe(true);
    await settle();
    expect(resource.value).toBe(1);
    expect(resource.loading).toBe(false);
  });

  it('asks again when its feature changed, and only then', async () => {
    const backend = new FakeBackend({});
    let asked = 0;
    const [resource] = drawn(
      () => new Resource(backend, ['report'], () => Promise.resolve(++asked)),
    );
    await settle();
    backend.change('learn');
    await settle();
    expect(resource.value).toBe(1);
    backend.change('learn', 'report');
    await settle();
    expect(resource.value).toBe(2);
  });

  it('lets go of what was erased, and keeps what the network hides', async () => {
    const backend = new FakeBackend({});
    let why = '';
    const [resource] = drawn(
      () =>
        new Resource(backend, ['report'], () =>
          why ? Promise.reject(new BackendError(why, '')) : Promise.resolve('words'),
        ),
    );
    await settle();
    for (const [code, left] of [
      ['offline', 'words'],
      ['not-found', undefined],
    ] as const) {
      why = code;
      backend.change('report');
      await settle();
      expect(resource.value).toBe(left);
    }
  });

  it('makes one more question of many changes in a burst', async () => {
    const backend = new FakeBackend({});
    let asked = 0;
    drawn(
      () =>
        new Resource(backend, ['report'], async () => {
          asked += 1;
          await settle();
        }),
    );
    for (let n = 0; n < 20; n += 1) backend.change('report');
    await settle();
    await settle();
    await settle();
    expect(asked).toBe(2);
  });

  it('keeps the last good answer when a later question fails', async () => {
    const backend = new FakeBackend({});
    let fails = false;
    const [resource] = drawn(
      () =>
        new Resource(backend, [], () =>
          fails ? Promise.reject(new Error('no')) : Promise.resolve('good'),
        ),
    );
    await settle();
    fails = true;
    await resource.reload();
    expect(resource.value).toBe('good');
    expect(resource.error).toBeInstanceOf(Error);
    fails = false;
    await resource.reload();
    expect(resource.error).toBeUndefined();
  });

  it('drops an answer that comes after a newer one', async () => {
    const backend = new FakeBackend({});
    const answers: ((value: string) => void)[] = [];
    const [resource] = drawn(
      () =>
        new Resource(backend, [], () => new Promise<string>((resolve) => answers.push(resolve))),
    );
    const again = resource.reload();
    answers[1]?.('new');
    await again;
    answers[0]?.('old');
    await settle();
    expect(resource.value).toBe('new');
  });

  it('stops with the component', async () => {
    const backend = new FakeBackend({});
    let asked = 0;
    const [, stop] = drawn(() => new Resource(backend, ['report'], () => Promise.resolve(++asked)));
    await settle();
    stop();
    backend.change('report');
    await settle();
    expect(asked).toBe(1);
  });
});
