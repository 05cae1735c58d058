/** Making pairs with taps: one on the left, then its partner on the right. */
import { shuffled } from './shuffle';

export class Matching {
  readonly count: number;
  /** Right-hand texts in the order they are shown. */
  readonly rights: readonly number[];
  #links = $state<(number | null)[]>([]);
  #selected = $state<number | null>(null);

  /** `seed` mixes the right-hand side the same way each time; `answer` is what was given before, if any. */
  constructor(count: number, seed: string, answer: readonly number[] | null) {
    this.count = count;
    this.rights = shuffled(count, seed);
    this.#links = Array.from({ length: count }, (_, left) => answer?.[left] ?? null);
    if (answer === null && count > 0) this.#selected = 0;
  }

  /** The left-hand text waiting for its partner. */
  get selected(): number | null {
    return this.#selected;
  }

  /** The right index paired with a left one. */
  rightOf(left: number): number | null {
    return this.#links[left] ?? null;
  }

  /** The left index paired with a right one. */
  leftOf(right: number): number | null {
    const left = this.#links.indexOf(right);
    return left < 0 ? null : left;
  }

  /** The right index for each left one, or null while one is alone. */
  get answer(): number[] | null {
    const links = this.#links.filter((right) => right !== null);
    return links.length === this.count ? links : null;
  }

  /** Tapping a left-hand text chooses it; tapping the chosen one lets go of its partner. */
  chooseLeft(left: number): void {
    if (this.#selected === left && this.rightOf(left) !== null) this.#set(left, null);
    else this.#selected = left;
  }

  /** Tapping a right-hand text gives it to the chosen left one, taking it from another if need be. */
  chooseRight(right: number): void {
    const owner = this.leftOf(right);
    const left = this.#selected;
    if (left === null) {
      if (owner !== null) this.#selected = owner;
      return;
    }
    if (owner !== null && owner !== left) this.#set(owner, null);
    this.#set(left, right);
    this.#selected = this.#nextAlone(left);
  }

  #set(left: number, right: number | null): void {
    this.#links = this.#links.map((link, index) => (index === left ? right : link));
  }

  #nextAlone(after: number): number | null {
    for (let step = 1; step <= this.count; step += 1) {
      const left = (after + step) % this.count;
      if (this.rightOf(left) === null) return left;
    }
    return null;
  }
}
