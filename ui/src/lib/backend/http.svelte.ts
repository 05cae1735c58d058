/** The door in a browser: calls over HTTP, news by server-sent events, patience without network. */
import type { AccountState, CommandName } from '$lib/generated/commands';
import { Answers } from './answers';
import {
  ALL_FEATURES,
  BackendError,
  type Backend,
  type CallOptions,
  type Changed,
  type Input,
  type Output,
  type RefusedCall,
  type Waiting,
} from './backend';
import { newId } from './id';
import { ANSWER_NOTHING, codeOf, isHeld, Outbox, WAITING_COMMANDS } from './outbox';
import type { BrowserStore, WaitingCall } from './store';
import { post, type Fetch } from './post';

/** What the browser gives; tests give their own. */
export interface Surroundings {
  fetch: Fetch;
  /** `null` where the browser refuses storage: everything then needs the network. */
  store: BrowserStore | null;
  /** Opens the stream of news; `null` for none. */
  events: (() => EventSource) | null;
  now: () => number;
}

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
/** While someone looks on, the server is asked at least this often; more when something waits. */
const RETRY_MS_WATCHED = 2_000;
const RETRY_MS_WAITING = 500;
/** A server that takes nothing for now is asked again after this. */
const RETRY_MS_HELD = 30_000;

/** Commands that say who is here, or change it. */
const WHO: ReadonlySet<CommandName> = new Set<CommandName>([
  'account.state',
  'account.enrol',
  'account.sign_in',
  'account.sign_out',
]);

export class HttpBackend implements Backend {
  readonly kind = 'web';
  online = $state(true);
  #waiting = $state.raw<Waiting>({ count: 0, things: 0, others: 0, held: null, refused: [] });

  #around: Surroundings;
  #outbox: Outbox | null;
  #answers: Answers | null;
  #person: string | null = null;
  #asked = 0;
  /** Which question about who is here was answered last. */
  #answered = 0;
  #listeners = new Set<(changed: Changed) => void>();
  #events: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = RETRY_MS_MIN;
  #closed = false;
  #saidSignedOut = false;
  /** Why the server takes nothing for now. */
  #held: string | null = null;
  /** Whether the stream of news was ever open. */
  #heard = false;
  /** What changed by sending what waited. */
  #replayed = new Set<string>();

  constructor(around: Surroundings) {
    this.#around = around;
    const { store, now } = around;
    this.#answers = store ? new Answers(store, now) : null;
    this.#outbox = store ? new Outbox(store, (call) => this.#replay(call), now) : null;
  }

  get waiting(): Waiting {
    return this.#waiting;
  }

  async call<N extends CommandName>(
    name: N,
    input: Input<N>,
    options: CallOptions<N> = {},
  ): Promise<Output<N>> {
    // Nothing reactive may be read before this: a screen that asks is not a screen that listens.
    await Promise.resolve();
    const id = newId(this.#around.now());
    // Inputs come from reactive state: storage and the wire both want plain data.
    const plain = $state.snapshot(input) as Input<N>;
    if (WHO.has(name)) return await this.#callWho(id, name, plain);
    if (await this.#mustWait(name))
      return await this.#callWithout(id, name, plain, options, OFFLINE);
    try {
      return await this.#send(id, name, plain);
    } catch (error) {
      if (isHeld(codeOf(error)) && WAITING_COMMANDS.has(name))
        return await this.#keep(id, name, plain, options, error);
      if (!isOffline(error)) throw error;
      this.#lose();
      return await this.#callWithout(id, name, plain, options, error);
    }
  }

  onChange(listener: (changed: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async sendWaiting(): Promise<void> {
    await this.#probe();
  }

  async forgetRefused(id: string): Promise<void> {
    await this.#around.store?.forgetRefused(id);
    await this.#count();
    this.#say(['sync']);
  }

  /** The browser said that the network came or went. */
  networkChanged(up: boolean): void {
    if (up) void this.#probe();
    else this.#lose();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#events?.close();
    this.#listeners.clear();
  }

  /** Who is here: never waits, and is known without network once it was known. */
  async #callWho<N extends CommandName>(id: string, name: N, input: Input<N>): Promise<Output<N>> {
    if (name === 'account.sign_out') await this.#flush();
    const question = ++this.#asked;
    try {
      const output = await this.#send(id, name, input);
      // Somebody came or left since: this says who was here.
      if (question < this.#answered) return output;
      this.#answered = question;
      await this.#become(output as AccountState);
      return output;
    } catch (error) {
      if (!isOffline(error)) throw error;
      this.#lose();
      const kept =
        name === 'account.state' ? await this.#answers?.read(null, name, input) : undefined;
      if (kept === undefined) throw error;
      this.#person = (kept as AccountState).person;
      await this.#count();
      return kept;
    }
  }

  async #become(account: AccountState): Promise<void> {
    this.#person = account.signed_in ? account.person : null;
    // Whoever holds a lost device may be a thief: also what was never sent goes.
    if (account.ended === 'lost') await this.#around.store?.clear();
    await this.#count();
    if (!account.signed_in) {
      this.#events?.close();
      this.#events = null;
      // Of everybody: the page may have been shut when somebody's session ended.
      await this.#answers?.forget();
      return;
    }
    await this.#answers?.write(null, 'account.state', {}, account);
    this.#listen();
    await this.#flush();
  }

  /**
   * Whether the server is known to be away. What changes things also waits while older calls do;
   * a question does not: one call on which the server fails must not blind the whole app.
   */
  async #mustWait(name: CommandName): Promise<boolean> {
    if (this.#waiting.count > 0 && this.online && !this.#held) await this.#flush();
    return !this.online || (this.#waiting.count > 0 && WAITING_COMMANDS.has(name));
  }

  async #callWithout<N extends CommandName>(
    id: string,
    name: N,
    input: Input<N>,
    options: CallOptions<N>,
    reason: unknown,
  ): Promise<Output<N>> {
    if (WAITING_COMMANDS.has(name)) return await this.#keep(id, name, input, options, reason);
    const kept = await this.#answers?.read(this.#person, name, input);
    if (kept !== undefined) return kept;
    // Not kept: perhaps the server is back, and only this question will tell.
    if (reason !== OFFLINE) throw reason;
    try {
      return await this.#send(id, name, input);
    } catch (error) {
      throw isOffline(error) ? OFFLINE : error;
    }
  }

  async #keep<N extends CommandName>(
    id: string,
    name: N,
    input: Input<N>,
    options: CallOptions<N>,
    reason: unknown,
  ): Promise<Output<N>> {
    const person = this.#person;
    const compute = options.offline ?? (ANSWER_NOTHING.has(name) ? nothing<N> : undefined);
    if (!this.#outbox || !person || !compute) throw reason;
    const output = $state.snapshot(await compute()) as Output<N>;
    await this.#outbox.add(id, person, name, input, output);
    if (isHeld(codeOf(reason))) this.#hold(codeOf(reason));
    await this.#answers?.apply(person, name, input, output);
    await this.#count();
    // The network may have come back while it was written: nobody else would send it then.
    this.#plan();
    this.#say(featuresOf(name));
    return output;
  }

  async #send<N extends CommandName>(id: string, name: N, input: Input<N>): Promise<Output<N>> {
    const person = this.#person;
    try {
      const { output, changed } = await post(this.#around.fetch, id, name, input);
      this.#find();
      let answer = output as Output<N>;
      // Whoever signed out while it was on its way leaves nothing here.
      if (this.#person === person && this.#answers?.keeps(name) && !WHO.has(name)) {
        // Not being able to keep it harms nothing now.
        answer = await this.#answers.write(person, name, input, answer).catch(() => answer);
      }
      if (person && this.#person === person)
        await this.#follow(person, name, input, answer).catch(ignore);
      if (changed.length > 0) this.#say(changed);
      return answer;
    } catch (error) {
      if (codeOf(error) === 'signed-out') this.#say(['account']);
      throw error;
    }
  }

  /** What the server did is done to the kept answers too: the network may go the next moment. */
  async #follow<N extends CommandName>(
    person: string,
    name: N,
    input: Input<N>,
    output: Output<N>,
  ): Promise<void> {
    if (!WAITING_COMMANDS.has(name)) return;
    await this.#answers?.apply(person, name, input, output);
    await this.#answers?.settle(person, name, input);
  }

  async #replay(call: WaitingCall): Promise<void> {
    const { changed } = await post(this.#around.fetch, call.id, call.name, call.input);
    this.#saidSignedOut = false;
    await this.#answers?.settle(call.person, call.name, call.input);
    for (const feature of changed) this.#replayed.add(feature);
  }

  /** Sends what waits, if anything does. */
  async #flush(): Promise<void> {
    if (!this.#outbox || !this.#person || this.#waiting.count === 0) return;
    const before = this.#waiting.refused.length;
    const ended = await this.#outbox.flush(this.#person);
    this.#held = ended !== null && isHeld(ended) ? ended : null;
    await this.#count();
    // Said once for all that was sent: each word of it makes screens ask again.
    if (this.#replayed.size > 0) this.#say([...this.#replayed, 'sync']);
    this.#replayed.clear();
    if (ended === 'offline') this.#lose();
    else if (ended !== null) this.#plan();
    // Said once: who hears it asks who is here, which comes back to this queue.
    if (ended === 'signed-out' && !this.#saidSignedOut) {
      this.#saidSignedOut = true;
      this.#say(['account']);
    }
    if (this.#waiting.refused.length !== before) this.#say(['sync']);
  }

  async #count(): Promise<void> {
    if (!this.#outbox || !this.#around.store) return;
    const { count, things, others } = await this.#outbox.count(this.#person);
    const refused: RefusedCall[] = (await this.#around.store.refused())
      .filter((call) => call.person === this.#person)
      .map(({ id, name, input, code, at }) => ({ id, name, input, code, at }));
    this.#waiting = { count, things, others, held: count > 0 ? this.#held : null, refused };
  }

  #lose(): void {
    this.online = false;
    this.#held = null;
    this.#plan();
  }

  /** The server is there and takes nothing for now. */
  #hold(code: string): void {
    this.#held = code;
    this.#plan();
  }

  /** The server answered. After an absence anything may have changed. */
  #find(): void {
    this.#retryMs = RETRY_MS_MIN;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.online) return;
    this.online = true;
    // The stream may still be resting before its next try.
    if (this.#events?.readyState === this.#events?.CONNECTING) this.#listenAnew();
    void this.#flush().then(() => this.#say(ALL_FEATURES));
  }

  #plan(): void {
    if (this.#closed || this.#retry !== undefined) return;
    const watched = this.#waiting.count > 0 ? RETRY_MS_WAITING : RETRY_MS_WATCHED;
    const soon = isWatched() ? Math.min(watched, this.#retryMs) : this.#retryMs;
    const pause = this.#held ? RETRY_MS_HELD : soon;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.#probe();
    }, pause);
    this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
  }

  /** Asks the cheapest question, to know whether the server is back. */
  async #probe(): Promise<void> {
    let left = false;
    try {
      const id = newId(this.#around.now());
      const { output } = await post(this.#around.fetch, id, 'account.state', {});
      left = this.#person !== null && !(output as AccountState).signed_in;
    } catch (error) {
      if (isOffline(error)) return this.#lose();
    }
    this.#find();
    // The session ended elsewhere, and nothing that is asked here has met it yet.
    if (left && !this.#saidSignedOut) {
      this.#saidSignedOut = true;
      this.#say(['account']);
    }
    await this.#flush();
    if (this.#person) this.#listen();
  }

  #listenAnew(): void {
    this.#events?.close();
    this.#events = null;
    if (this.#person) this.#listen();
  }

  #listen(): void {
    const { events } = this.#around;
    if (!events || (this.#events && this.#events.readyState !== this.#events.CLOSED)) return;
    const stream = events();
    stream.addEventListener('open', () => {
      this.#find();
      // What happened while nobody listened is not told again.
      if (this.#heard) this.#say(ALL_FEATURES);
      this.#heard = true;
    });
    stream.addEventListener('changed', (event) => this.#say(readNews(event)));
    stream.addEventListener('error', () => {
      if (stream.readyState === stream.CLOSED) this.#plan();
      else void this.#probe();
    });
    this.#events = stream;
  }

  #say(changed: Changed): void {
    for (const listener of this.#listeners) listener(changed);
  }
}

const OFFLINE = new BackendError('offline', 'the server cannot be reached');

function isOffline(error: unknown): boolean {
  return codeOf(error) === 'offline';
}

function isWatched(): boolean {
  return typeof document === 'undefined' || document.visibilityState === 'visible';
}

function ignore(): void {
  // The answer was given; not being able to keep it harms nothing now.
}

function nothing<N extends CommandName>(): Output<N> {
  return {} as Output<N>;
}

function featuresOf(name: CommandName): Changed {
  const feature = name.slice(0, name.indexOf('.'));
  return name === 'report.seal' ? ['report', 'draft', 'sync'] : [feature, 'sync'];
}

function readNews(event: Event): Changed {
  try {
    const news: unknown = JSON.parse(String((event as MessageEvent<unknown>).data));
    return Array.isArray(news) ? news.map(String) : ALL_FEATURES;
  } catch {
    return ALL_FEATURES;
  }
}
