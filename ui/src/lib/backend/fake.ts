/** A backend for unit tests: answers from a table, remembers what was asked. */
import type { CommandName } from '$lib/generated/commands';
import { BackendError, type Backend, type Changed, type Input, type Output } from './backend';

export type Answers = { [N in CommandName]?: (input: Input<N>) => Output<N> | Promise<Output<N>> };

export class FakeBackend implements Backend {
  readonly kind = 'web';
  readonly waiting = null;
  online = true;
  /** Every call, in order. */
  readonly calls: { name: CommandName; input: unknown }[] = [];
  #answers: Answers;
  #listeners = new Set<(changed: Changed) => void>();

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  async call<N extends CommandName>(name: N, input: Input<N>): Promise<Output<N>> {
    this.calls.push({ name, input });
    const answer = this.#answers[name];
    if (!answer) throw new BackendError('not-found', `the test gave no answer to ${name}`);
    return await answer(input);
  }

  onChange(listener: (changed: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says that features changed. */
  change(...changed: string[]): void {
    for (const listener of this.#listeners) listener(changed);
  }

  close(): void {
    this.#listeners.clear();
  }
}
