/** Putting steps in order with taps: tap to place, tap to take back, up and down to mend. */
import { shuffled } from './shuffle';

export class Ordering {
  readonly #mixed: number[];
  #placed = $state<number[]>([]);

  /** `seed` mixes the steps the same way each time; `answer` is the order given before, if any. */
  constructor(count: number, seed: string, answer: readonly number[] | null) {
    this.#mixed = shuffled(count, seed);
    const known = (answer ?? []).filter(
      (step, at, all) => step >= 0 && step < count && all.indexOf(step) === at,
    );
    this.#placed = known;
  }

  /** Steps in the order given so far. */
  get placed(): readonly number[] {
    return this.#placed;
  }

  /** Steps still to place, mixed. */
  get pool(): number[] {
    return this.#mixed.filter((step) => !this.#placed.includes(step));
  }

  /** The whole order, or null while a step is missing. */
  get answer(): number[] | null {
    return this.#placed.length === this.#mixed.length ? [...this.#placed] : null;
  }

  place(step: number): void {
    if (!this.pool.includes(step)) return;
    this.#placed = [...this.#placed, step];
    // The last one has nowhere else to go.
    const [only, ...more] = this.pool;
    if (only !== undefined && more.length === 0) this.#placed = [...this.#placed, only];
  }

  remove(step: number): void {
    this.#placed = this.#placed.filter((placed) => placed !== step);
  }

  /** Moves a placed step one rank up (-1) or down (1), if there is room. */
  move(step: number, by: -1 | 1): void {
    const from = this.#placed.indexOf(step);
    const other = this.#placed[from + by];
    if (from < 0 || other === undefined) return;
    this.#placed = this.#placed.map((placed) =>
      placed === step ? other : placed === other ? step : placed,
    );
  }
}
