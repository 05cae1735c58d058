/** Who uses this device. */
import { createContext } from 'svelte';
import type { AccountState, DirectoryMe, Role } from '$lib/generated/commands';
import type { Backend } from './backend';

export class Me {
  /** The account of this device; `null` until asked. */
  account = $state.raw<AccountState | null>(null);
  /** The person, their site and organisation; `null` when nobody is signed in. */
  me = $state.raw<DirectoryMe | null>(null);
  /** Why it could not be known. */
  error = $state.raw<unknown>(undefined);
  /** Who was here when the session ended under them; `null` when it did not. */
  ended = $state.raw<string | null>(null);

  #backend: Backend;
  #asked = 0;
  /** Which question the state answers: an answer to an older one says what no longer is. */
  #answered = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Whether the person has one of these roles. */
  has = (...roles: Role[]): boolean => {
    const mine = this.me?.person.roles ?? [];
    return roles.some((role) => mine.includes(role));
  };

  /** Asks who is here. Never fails: see `error`. */
  async load(): Promise<void> {
    const question = ++this.#asked;
    try {
      const account = await this.#backend.call('account.state', {});
      await this.#take(question, account, 'found');
    } catch (error) {
      if (question >= this.#answered) this.error = error;
    }
  }

  /** Takes the account as a command just answered it, then asks who that is. */
  async become(account: AccountState): Promise<void> {
    await this.#take(++this.#asked, account, 'chosen');
  }

  async #take(question: number, account: AccountState, how: 'found' | 'chosen'): Promise<void> {
    // A device that was shut out has erased who this is.
    const known = account.signed_in && !account.ended;
    const me = known ? await this.#backend.call('directory.me', {}) : null;
    if (question < this.#answered) return;
    this.#answered = question;
    if (how === 'chosen') this.ended = null;
    else if (this.account?.signed_in && !account.signed_in) this.ended = this.account.person;
    this.me = me;
    this.account = account;
    this.error = undefined;
  }
}

const [get, set] = createContext<Me>();

/** Who uses this device, in any component below the layout. */
export const getMe = get;
/** Puts who uses this device in context; once, in the root layout. */
export const setMe = set;
