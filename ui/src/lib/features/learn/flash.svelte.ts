/** Questions one after the other, each answered once: reviews, and practice on what was missed. */
import { grade } from '$lib/capsule/grade';
import type { QuizAnswer, QuizItem } from '$lib/generated/commands';

/** A question in the language it is shown in, and where it comes from. */
export interface FlashItem {
  key: string;
  /** The title of its capsule. */
  title: string;
  item: QuizItem;
  media: Readonly<Record<string, string>>;
  /** The language that the question is written in. */
  language: string;
  /** Keeps the answer given; absent in practice, where nothing counts. */
  send?: (answer: QuizAnswer) => Promise<{ next_on: string }>;
}

interface Unsent {
  answer: QuizAnswer;
  send: (answer: QuizAnswer) => Promise<{ next_on: string }>;
}

export class Flash {
  readonly items: readonly FlashItem[];
  #index = $state(0);
  #answers = $state.raw<readonly QuizAnswer[]>([]);
  #unsent = $state.raw<readonly Unsent[]>([]);
  #nextOn = $state<string | null>(null);
  #sending: Promise<void> | null = null;

  constructor(items: readonly FlashItem[]) {
    this.items = items;
  }

  get count(): number {
    return this.items.length;
  }

  get index(): number {
    return this.#index;
  }

  /** The question on the screen, or null at the end. */
  get current(): FlashItem | null {
    return this.items[this.#index] ?? null;
  }

  /** What was answered to the question on the screen. */
  get answer(): QuizAnswer | null {
    return this.#answers[this.#index] ?? null;
  }

  /** How many answers were right so far. */
  get right(): number {
    return this.#answers.filter((answer, index) => {
      const flash = this.items[index];
      return flash !== undefined && grade(flash.item, answer);
    }).length;
  }

  /** Whether answers are kept, or this is practice only. */
  get counts(): boolean {
    return this.items.some(({ send }) => send !== undefined);
  }

  /** How many answers have not been kept yet. */
  get unsent(): number {
    return this.#unsent.length;
  }

  /** The nearest day on which one of these comes back, as far as known. */
  get nextOn(): string | null {
    return this.#nextOn;
  }

  /** Answers the question on screen; the first answer counts. Tells whether it is right. */
  give(answer: QuizAnswer): boolean | null {
    const flash = this.current;
    if (flash === null || this.answer !== null) return null;
    this.#answers = [...this.#answers, answer];
    if (flash.send !== undefined) this.#unsent = [...this.#unsent, { answer, send: flash.send }];
    void this.flush();
    return grade(flash.item, answer);
  }

  forward(): void {
    if (this.answer !== null) this.#index += 1;
  }

  /** Sends what waits, in the order it was answered; what fails stays for the next time. */
  flush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    for (let first = this.#unsent[0]; first !== undefined; first = this.#unsent[0]) {
      try {
        const { next_on } = await first.send(first.answer);
        if (next_on !== '' && (this.#nextOn === null || next_on < this.#nextOn))
          this.#nextOn = next_on;
      } catch {
        return;
      }
      this.#unsent = this.#unsent.slice(1);
    }
  }
}
