/** Short words that come and go: what just happened, and the way back. */
import { createContext } from 'svelte';
import type { Tone } from './types';

export interface Toast {
  text: string;
  tone?: Tone | undefined;
  /** One thing to do about it. */
  action?: { label: string; run: () => void } | undefined;
}

const STAY_MS = 5_000;
/** Something to press stays longer. */
const STAY_ACTION_MS = 9_000;

export class Toasts {
  /** The one in sight; a new one takes its place. */
  current = $state.raw<(Toast & { key: number }) | null>(null);
  #key = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows a toast in place of the one before. */
  show(toast: Toast): void {
    clearTimeout(this.#timer);
    this.#key += 1;
    this.current = { ...toast, key: this.#key };
    this.#timer = setTimeout(() => this.hide(), toast.action ? STAY_ACTION_MS : STAY_MS);
  }

  /** Takes the toast away. */
  hide(): void {
    clearTimeout(this.#timer);
    this.current = null;
  }
}

const [get, set] = createContext<Toasts>();

export const getToasts = get;
export const setToasts = set;
