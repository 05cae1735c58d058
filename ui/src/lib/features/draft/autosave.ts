/** Hands every changed answer over, one at a time, and again when it did not get through. */
import type { Answer } from '$lib/generated/commands';

/** `saved` everything is handed over, `saving` on its way, `failed` it will be tried again. */
export type SaveState = 'saved' | 'saving' | 'failed';

/** Runs something after so many milliseconds; returns how to give up. */
export type Later = (run: () => void, milliseconds: number) => () => void;

interface Options {
  send: (field: string, value: Answer | null) => Promise<unknown>;
  /** Told whenever the state changes, with the reason when it failed. */
  changed: (state: SaveState, error: unknown) => void;
  /** Told what is not handed over yet, so that it can be kept elsewhere meanwhile. */
  pending: (fields: Record<string, Answer | null>) => void;
  later: Later;
}

/** How long typing may go on before it is handed over. */
export const TYPING_MS = 300;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

export class Autosave {
  readonly #options: Options;
  /** Insertion order is the order of sending; the newest value of a field counts. */
  readonly #waiting = new Map<string, Answer | null>();
  #sending: { field: string; value: Answer | null } | null = null;
  #state: SaveState = 'saved';
  #stopTyping: (() => void) | null = null;
  #stopRetry: (() => void) | null = null;
  #retryMs = FIRST_RETRY_MS;
  #idle: (() => void)[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  /** Keeps an answer; `typing` waits a moment for the next key. */
  put(field: string, value: Answer | null, typing = false): void {
    this.#waiting.delete(field);
    this.#waiting.set(field, value);
    this.#tell();
    this.#say('saving', undefined);
    this.#stopTyping?.();
    this.#stopTyping = typing ? this.#options.later(() => void this.flush(), TYPING_MS) : null;
    if (!typing) void this.flush();
  }

  /** Hands over now what waits. Resolves when everything is through, or when a try has failed. */
  async flush(): Promise<void> {
    this.#stopTyping?.();
    this.#stopTyping = null;
    if (this.#sending !== null) return await new Promise((resolve) => this.#idle.push(resolve));
    this.#stopRetry?.();
    this.#stopRetry = null;
    let error: unknown;
    while (error === undefined && this.#waiting.size > 0) error = await this.#sendNext();
    this.#idle.splice(0).forEach((resolve) => resolve());
    if (error === undefined) return this.#say('saved', undefined);
    this.#say('failed', error);
    this.#stopRetry = this.#options.later(() => void this.flush(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  /** Whether everything is handed over. */
  get settled(): boolean {
    return this.#waiting.size === 0 && this.#sending === null;
  }

  /** Hands over what waits and plans nothing more. */
  close(): void {
    void this.flush().then(() => this.#stopRetry?.());
  }

  /** Sends the oldest; the error if it did not get through. */
  async #sendNext(): Promise<unknown> {
    const [next] = this.#waiting;
    if (!next) return undefined;
    const [field, value] = next;
    this.#waiting.delete(field);
    this.#sending = { field, value };
    this.#say('saving', undefined);
    try {
      await this.#options.send(field, value);
      this.#retryMs = FIRST_RETRY_MS;
      return undefined;
    } catch (error) {
      // Something newer may have been typed meanwhile: that one counts.
      if (!this.#waiting.has(field)) this.#waiting.set(field, value);
      return error ?? new Error('the answer was not kept');
    } finally {
      this.#sending = null;
      this.#tell();
    }
  }

  #tell(): void {
    const fields = new Map(this.#waiting);
    const { field, value } = this.#sending ?? {};
    if (field !== undefined && value !== undefined && !fields.has(field)) fields.set(field, value);
    this.#options.pending(Object.fromEntries(fields));
  }

  #say(state: SaveState, error: unknown): void {
    if (state === this.#state && state !== 'failed') return;
    this.#state = state;
    this.#options.changed(state, error);
  }
}

/** `later` with the browser's clock. */
export function afterDelay(run: () => void, milliseconds: number): () => void {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
}
