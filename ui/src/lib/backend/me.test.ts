import { describe, expect, it } from 'vitest';
import type { AccountState } from '$lib/generated/commands';
import { FakeBackend } from './fake';
import { Me } from './me.svelte';

const IN = { signed_in: true, person: 'fatou' } as AccountState;
const OUT = { signed_in: false, person: null } as AccountState;

/** A backend whose answers to `account.state` are given one by one, in any order. */
function asked() {
  const answers: ((account: AccountState) => void)[] = [];
  const backend = new FakeBackend({
    'account.state': () => new Promise<AccountState>((resolve) => answers.push(resolve)),
    'directory.me': () => Promise.resolve({} as never),
  });
  return { me: new Me(backend), answers };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('who is here', () => {
  it('remembers who was here when a session ends under them', async () => {
    const { me, answers } = asked();
    await me.become(IN);
    const load = me.load();
    await settle();
    answers[0]?.(OUT);
    await load;
    expect(me.account?.signed_in).toBe(false);
    expect(me.ended).toBe('fatou');
  });

  it('knows a leaving from an end', async () => {
    const { me } = asked();
    await me.become(IN);
    await me.become(OUT);
    expect(me.ended).toBe(null);
  });

  it('drops an answer that was asked before someone signed in', async () => {
    const { me, answers } = asked();
    const load = me.load();
    await settle();
    await me.become(IN);
    answers[0]?.(OUT);
    await load;
    expect(me.account?.signed_in).toBe(true);
    expect(me.ended).toBe(null);
  });

  it('takes the later of two questions, whichever is answered first', async () => {
    const { me, answers } = asked();
    const both = [me.load(), me.load()];
    await settle();
    answers[1]?.(IN);
    answers[0]?.(OUT);
    await Promise.all(both);
    expect(me.account?.signed_in).toBe(true);
  });
});
