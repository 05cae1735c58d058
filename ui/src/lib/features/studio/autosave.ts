/** Keeps what is being written: a moment after the last key, one save at a time, again if it failed. */

export type Keeping = 'kept' | 'writing' | 'saving' | 'failed';

interface Options {
  send: (key: string, text: string) => Promise<unknown>;
  /** Told whenever the state changes. */
  changed: (state: Keeping) => void;
  /** Runs something after so many milliseconds; returns how to give up. */
  later: (run: () => void, milliseconds: number) => () => void;
}

const PAUSE = 700;
const RETRY = 5_000;

export class Autosave {
  readonly #options: Options;
  #waiting = new Map<string, string>();
  #sending = false;
  #giveUp: (() => void) | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Whether a text under this key is not kept yet. */
  holds(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Takes the newest text of a key; it is sent once the typing pauses. */
  put(key: string, text: string): void {
    this.#waiting.set(key, text);
    this.#options.changed('writing');
    this.#plan(PAUSE);
  }

  /** Sends at once whatever waits. Resolves when all of it is kept or a try failed. */
  async flush(): Promise<void> {
    this.#giveUp?.();
    this.#giveUp = null;
    if (this.#sending) return;
    this.#sending = true;
    let failed = false;
    for (let next = this.#first(); next !== null && !failed; next = this.#first()) {
      const [key, text] = next;
      this.#options.changed('saving');
      try {
        await this.#options.send(key, text);
        if (this.#waiting.get(key) === text) this.#waiting.delete(key);
      } catch {
        failed = true;
      }
    }
    this.#sending = false;
    this.#options.changed(failed ? 'failed' : 'kept');
    if (failed) this.#plan(RETRY);
  }

  #first(): [string, string] | null {
    for (const entry of this.#waiting) return entry;
    return null;
  }

  #plan(milliseconds: number): void {
    this.#giveUp?.();
    this.#giveUp = this.#options.later(() => void this.flush(), milliseconds);
  }
}

/** `later` with the browser's clock. */
export function afterDelay(run: () => void, milliseconds: number): () => void {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
}
