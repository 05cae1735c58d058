/** An answer of the backend that keeps itself fresh. */
import { untrack } from 'svelte';
import { BackendError, type Backend } from './backend';

/** There is nothing to show any more, whatever was shown before. */
const GONE: ReadonlySet<string> = new Set(['not-found', 'forbidden']);

/**
 * Holds the answer to one question. Made in a component's script, it asks when the component is
 * drawn, again when a state read by `load` changes, and again when one of `features` changed;
 * it stops with the component. The last good value stays while a newer one is on its way, and while
 * there is no network.
 */
export class Resource<T> {
  /** The last good answer; `undefined` before the first. */
  value = $state.raw<T | undefined>(undefined);
  /** Why the last question failed; `undefined` when it did not. */
  error = $state.raw<unknown>(undefined);
  /** Whether a question is on its way. */
  loading = $state(true);

  #load: () => Promise<T>;
  #stop: () => void;
  #asked = 0;
  #closed = false;
  #running = false;
  #again = false;

  constructor(
    backend: Pick<Backend, 'onChange'>,
    features: readonly string[],
    load: () => Promise<T>,
  ) {
    this.#load = load;
    this.#stop = backend.onChange((changed) => {
      if (changed.some((name) => features.includes(name))) void this.#refresh();
    });
    $effect(() => {
      // Read here, so that the effect runs again when what `load` reads has changed.
      const answer = load();
      void untrack(() => this.#settle(answer));
    });
    $effect(() => () => this.close());
  }

  /** Asks again now. Never fails: see `error`. */
  async reload(): Promise<void> {
    if (this.#closed) return;
    await this.#settle(this.#begin());
  }

  /** Stops hearing changes; a late answer is dropped. */
  close(): void {
    this.#closed = true;
    this.#stop();
  }

  /** Many changes while a question is on its way make one more question, not many. */
  async #refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    await this.reload();
  }

  async #begin(): Promise<T> {
    return await this.#load();
  }

  async #settle(answer: Promise<T>): Promise<void> {
    const mine = (this.#asked += 1);
    this.#running = true;
    this.loading = true;
    try {
      const value = await answer;
      if (this.#isLate(mine)) return;
      this.value = value;
      this.error = undefined;
    } catch (error) {
      if (this.#isLate(mine)) return;
      // Erased, or no longer for this person: what is left of it on the screen goes too.
      if (error instanceof BackendError && GONE.has(error.code)) this.value = undefined;
      this.error = error;
    }
    this.loading = false;
    this.#running = false;
    if (this.#again) {
      this.#again = false;
      await this.reload();
    }
  }

  #isLate(mine: number): boolean {
    return this.#closed || mine !== this.#asked;
  }
}
