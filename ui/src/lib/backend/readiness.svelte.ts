/** Whether a report can be begun, sealed and found again here without network. */
import { createContext } from 'svelte';

/**
 * `preparing` while something is still to be fetched, `ready` once all is here, `unable` where the
 * browser keeps no screens: they last as long as the page is open.
 */
export type Ready = 'preparing' | 'ready' | 'unable';

export class Readiness {
  /** The app has everything from the start; a browser begins. */
  state = $state<Ready>('ready');

  #running = false;
  #again = false;

  /**
   * Fetches what is missing; `prepare` fails when the network does. Asked while it runs, it runs
   * once more. Never fails: what was ready stays so.
   */
  async begin(prepare: () => Promise<Ready>): Promise<void> {
    this.#again = true;
    if (this.#running) return;
    this.#running = true;
    while (this.#again) {
      this.#again = false;
      this.state = await prepare().catch(() => this.state);
    }
    this.#running = false;
  }
}

const [get, set] = createContext<Readiness>();

/** Whether this device is ready for no network, in any component below the frame. */
export const getReadiness = get;
/** Puts it in context; once, in the frame. */
export const setReadiness = set;
