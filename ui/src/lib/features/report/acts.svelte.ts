/** Triage acts on one report: sent at once, said in words when they fail. */
import type { Backend } from '$lib/backend';
import type { Outcome, Severity } from '$lib/generated/commands';

/** What the acts tell of. */
export interface Told {
  done: (what: string) => void;
  failed: (error: unknown) => void;
}

export class Acts {
  /** An act is on its way. */
  busy = $state(false);
  readonly #backend: Pick<Backend, 'call'>;
  readonly #told: Told;

  constructor(backend: Pick<Backend, 'call'>, told: Told) {
    this.#backend = backend;
    this.#told = told;
  }

  take(id: string): Promise<boolean> {
    return this.#run('taken', () => this.#backend.call('report.take', { id }));
  }

  severity(id: string, severity: Severity, reason: string): Promise<boolean> {
    return this.#run('severity', () =>
      this.#backend.call('report.severity', { id, severity, reason }),
    );
  }

  assign(id: string, person: string, assigned: boolean): Promise<boolean> {
    const what = assigned ? 'assigned' : 'unassigned';
    return this.#run(what, () => this.#backend.call('report.assign', { id, person, assigned }));
  }

  link(id: string, action: string): Promise<boolean> {
    return this.#run('linked', () => this.#backend.call('report.link', { id, action }));
  }

  close(id: string, outcome: Outcome, answer: string): Promise<boolean> {
    return this.#run('closed', () => this.#backend.call('report.close', { id, outcome, answer }));
  }

  reopen(id: string, reason: string): Promise<boolean> {
    return this.#run('reopened', () => this.#backend.call('report.reopen', { id, reason }));
  }

  /** Whether it was done; a second press while one is on its way is not. */
  async #run(what: string, act: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      await act();
      this.#told.done(what);
      return true;
    } catch (error) {
      this.#told.failed(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
