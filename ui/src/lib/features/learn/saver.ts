/** Sends the latest state of something, one at a time, and again when it did not get through. */

export type SaveState = 'saved' | 'saving' | 'waiting';

interface Options<T> {
  send: (value: T) => Promise<unknown>;
  /** Told whenever the state changes. */
  changed: (state: SaveState) => void;
  /** Runs something after so many milliseconds; returns how to give up. */
  later: (run: () => void, milliseconds: number) => () => void;
}

const FIRST_RETRY = 2_000;
const LONGEST_RETRY = 60_000;

export class Saver<T> {
  readonly #options: Options<T>;
  #next: { value: T } | null = null;
  #sending = false;
  #closed = false;
  #wait = FIRST_RETRY;
  #giveUp: (() => void) | null = null;
  #idle: (() => void)[] = [];

  constructor(options: Options<T>) {
    this.#options = options;
  }

  /** Takes the place of whatever was not sent yet. */
  put(value: T): void {
    this.#next = { value };
    void this.#pump();
  }

  /** Tries at once what waits, for instance because the network is back. */
  retry(): void {
    if (this.#next !== null) void this.#pump();
  }

  /** Resolves once everything put so far is sent. */
  settled(): Promise<void> {
    if (!this.#sending && this.#next === null) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Forgets the planned retries; what waits is tried one last time. */
  close(): void {
    this.retry();
    this.#giveUp?.();
    this.#giveUp = null;
    this.#closed = true;
  }

  async #pump(): Promise<void> {
    if (this.#sending) return;
    this.#giveUp?.();
    this.#giveUp = null;
    this.#sending = true;
    let failed = false;
    while (this.#next !== null && !failed) {
      const { value } = this.#next;
      this.#next = null;
      this.#options.changed('saving');
      try {
        await this.#options.send(value);
        this.#wait = FIRST_RETRY;
      } catch {
        failed = true;
        // Something newer may have been put meanwhile: that one counts.
        this.#next ??= { value };
      }
    }
    this.#sending = false;
    this.#options.changed(failed ? 'waiting' : 'saved');
    if (failed) this.#planRetry();
    else this.#idle.splice(0).forEach((resolve) => resolve());
  }

  #planRetry(): void {
    if (this.#closed) return;
    this.#giveUp = this.#options.later(() => this.retry(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_RETRY);
  }
}

/** `later` with the browser's clock. */
export function afterDelay(run: () => void, milliseconds: number): () => void {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
}
