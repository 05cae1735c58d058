/** Calls made without network: kept in order, sent once when the server answers again. */
import type {
  CommandName,
  DraftAttach,
  DraftAttached,
  DraftSave,
  LearnSave,
} from '$lib/generated/commands';
import { BackendError } from './backend';
import { newId } from './id';
import type { BrowserStore, WaitingCall } from './store';

/** The commands that may wait in the browser; the server knows a call again by its id. */
export const WAITING_COMMANDS: ReadonlySet<CommandName> = new Set<CommandName>([
  'draft.start',
  'draft.save',
  'draft.attach',
  'draft.announce',
  'draft.detach',
  'draft.discard',
  'report.seal',
  'report.comment',
  'learn.save',
  'learn.finish',
  'learn.review',
  'photo.bring',
]);

/** Those of them whose answer says nothing, so that it needs no computing. */
export const ANSWER_NOTHING: ReadonlySet<CommandName> = new Set<CommandName>([
  'draft.save',
  'draft.detach',
  'draft.discard',
  'report.comment',
  'learn.save',
]);

/** A server that fails this often on a call has refused it. */
const MAX_TRIES = 5;

/**
 * Codes of a server that answers and takes nothing now. It may have done the call all the same, on
 * its side of this browser, and send it on when it can: the call must come again under its id.
 */
const HELD: ReadonlySet<string> = new Set(['too-many-tries', 'storage-full', 'disk-full']);

/** Codes that say "not now", whatever the call. */
const NOT_NOW: ReadonlySet<string> = new Set(['offline', 'signed-out', ...HELD]);

/** Codes that say that the server itself failed. */
const FAILED: ReadonlySet<string> = new Set(['unexpected', 'storage']);

/** Whether the server is there and asks to come again later. */
export function isHeld(code: string): boolean {
  return HELD.has(code);
}

/** Sends one call; fails with `BackendError`. */
export type Send = (call: WaitingCall) => Promise<void>;

/** Why a flush stopped, as a code; `null` when all was sent. */
export type Stopped = string | null;

/** The queue of one browser. */
export class Outbox {
  #store: BrowserStore;
  #send: Send;
  #now: () => number;
  #flushing: Promise<Stopped> | undefined;

  constructor(store: BrowserStore, send: Send, now: () => number) {
    this.#store = store;
    this.#send = send;
    this.#now = now;
  }

  /**
   * Keeps a call and what it answered here. Resolves once the browser has written it. A photo is
   * announced in its turn; its content waits until every text has gone.
   */
  async add(
    id: string,
    person: string,
    name: CommandName,
    input: unknown,
    output: unknown,
  ): Promise<void> {
    const at = this.#now();
    if (name !== 'draft.attach') {
      await this.#store.add({ id, person, name, input, at, tries: 0 });
      return;
    }
    const { base64, ...photo } = input as DraftAttach;
    const { hash } = output as DraftAttached;
    const announced = { ...photo, hash, size: bytesOf(base64) };
    // The content first: announced without it, a photo would be awaited for ever.
    const bring = { id: newId(at), person, name: 'photo.bring', input: { base64 } } as const;
    await this.#store.add({ ...bring, at, tries: 0 });
    await this.#store.add({ id, person, name: 'draft.announce', input: announced, at, tries: 0 });
  }

  /** How many calls wait: this person's, and those of others. */
  async count(person: string | null): Promise<{ count: number; things: number; others: number }> {
    const all = await this.#store.waiting();
    const mine = all.filter((call) => call.person === person);
    const others = all.filter((call) => call.person !== person);
    return { count: mine.length, things: thingsOf(mine), others: thingsOf(others) };
  }

  /** Sends this person's calls in order. Flushes asked for at the same time are one. */
  flush(person: string): Promise<Stopped> {
    this.#flushing ??= alone(() => this.#sendAll(person)).finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #sendAll(person: string): Promise<Stopped> {
    // Read again after each call: more may have been added meanwhile.
    for (;;) {
      const mine = (await this.#store.waiting()).filter((call) => call.person === person);
      // Text goes before photos.
      const next = mine.find(({ name }) => name !== 'photo.bring') ?? mine[0];
      if (!next) return null;
      const later = mine.filter(({ seq }) => seq > next.seq);
      if (isSuperseded(next, later)) {
        await this.#store.remove(next.seq);
        continue;
      }
      try {
        await this.#send(next);
      } catch (error) {
        if (await this.#keeps(next, error)) return codeOf(error);
        continue;
      }
      await this.#store.remove(next.seq);
    }
  }

  /** Whether the call stays in the queue; a refused one is set aside, readable. */
  async #keeps(call: WaitingCall, error: unknown): Promise<boolean> {
    const code = codeOf(error);
    if (NOT_NOW.has(code)) return true;
    if (FAILED.has(code) && call.tries + 1 < MAX_TRIES) {
      await this.#store.update({ ...call, tries: call.tries + 1 });
      return true;
    }
    await this.#store.refuse(call, code, this.#now());
    return false;
  }
}

/** How many things the calls are about, as people count them: a report is one, whatever it took. */
function thingsOf(calls: readonly WaitingCall[]): number {
  // A photo that is brought belongs to what was sealed before it.
  const own = calls.filter(({ name }) => name !== 'photo.bring');
  const things = new Set(own.map((call) => `${call.person} ${thingOf(call)}`)).size;
  return things === 0 ? Math.min(1, calls.length) : things;
}

function thingOf({ id, name, input }: WaitingCall): string {
  const { id: draft, draft: sealed, attempt } = input as Record<string, unknown>;
  if (name === 'report.seal') return String(sealed);
  if (name.startsWith('draft.')) return String(draft);
  return name === 'learn.review' || name === 'report.comment' ? id : String(attempt);
}

/** What a call sets whole, so that a later call of the same key says all that it says. */
function keyOf({ name, input }: WaitingCall): string | undefined {
  if (name === 'draft.save') {
    const { id, field } = input as DraftSave;
    return `draft ${id} ${field}`;
  }
  if (name !== 'learn.save' && name !== 'learn.finish') return undefined;
  return `learn ${(input as LearnSave).attempt}`;
}

/** Whether sending a call would say nothing: a later one says it again before anything rests on it. */
function isSuperseded(call: WaitingCall, later: readonly WaitingCall[]): boolean {
  if (call.name === 'learn.finish') return false;
  const key = keyOf(call);
  const end = later.findIndex(({ name }) => name === 'report.seal');
  const reach = end < 0 ? later : later.slice(0, end);
  return key !== undefined && reach.some((other) => keyOf(other) === key);
}

/** How many bytes base64 stands for. */
function bytesOf(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

/** Why a call failed, as a stable code. */
export function codeOf(error: unknown): string {
  return error instanceof BackendError ? error.code : 'unexpected';
}

/** Runs alone among the tabs of this browser, where the browser can tell. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  if (!locks) return await work();
  return (await locks.request('vigie-outbox', work)) as T;
}
