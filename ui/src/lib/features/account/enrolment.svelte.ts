/** The way in: what is typed at the door, and the one call that opens it. */
import type { Backend, Me } from '$lib/backend';
import type { AccountState } from '$lib/generated/commands';
import { errorCode } from '$lib/wording';
import { readInvitation, tidyCode, tidyServer } from './invitation';

/** How someone enters: with the code of an invitation, or as they did before. */
export type Way = 'code' | 'password';

export class Enrolment {
  way: Way = $state('code');
  server = $state('');
  code = $state('');
  login = $state('');
  password = $state('');
  busy = $state(false);
  /** Why the last try failed. */
  error = $state.raw<unknown>(undefined);

  #backend: Backend;
  #me: Me;

  constructor(backend: Backend, me: Me) {
    this.#backend = backend;
    this.#me = me;
  }

  /** Whether the address of the server must be given: the app knows none at first. */
  readonly asksServer = $derived.by(() => this.#backend.kind === 'app');

  /** Whether there is enough to try. */
  readonly complete = $derived.by(() => {
    if (this.#backend.kind === 'app')
      return tidyServer(this.server) !== '' && this.code.trim() !== '';
    if (this.way === 'code') return this.code.trim() !== '';
    return this.login.trim() !== '' && this.password !== '';
  });

  /** Which field the error speaks of; `null` for the whole. */
  readonly blamed = $derived.by((): 'code' | 'server' | 'password' | null => {
    if (this.error === undefined) return null;
    const code = errorCode(this.error);
    if (code.startsWith('code-')) return 'code';
    if (code === 'wrong-password') return 'password';
    return code === 'offline' && this.#backend.kind === 'app' ? 'server' : null;
  });

  /** Takes a link or a code that was scanned or followed. Whether it was one. */
  take(text: string): boolean {
    const invitation = readInvitation(text);
    if (!invitation) return false;
    this.way = 'code';
    this.code = invitation.code;
    if (invitation.server && this.#backend.kind === 'app') this.server = invitation.server;
    this.error = undefined;
    return true;
  }

  /** Tries the door. `deviceName` is how this device will be listed. */
  async enter(deviceName: string): Promise<void> {
    if (this.busy || !this.complete) return;
    this.busy = true;
    this.error = undefined;
    try {
      await this.#me.become(await this.#ask(deviceName));
    } catch (error) {
      this.error = error;
    } finally {
      this.busy = false;
    }
  }

  async #ask(deviceName: string): Promise<AccountState> {
    const code = tidyCode(this.code);
    if (this.#backend.kind === 'app') {
      const server = tidyServer(this.server);
      return await this.#backend.call('account.enrol', { server, code, device_name: deviceName });
    }
    const byCode = this.way === 'code';
    return await this.#backend.call('account.sign_in', {
      code: byCode ? code : null,
      login: byCode ? null : this.login.trim(),
      password: byCode ? null : this.password,
    });
  }
}
