/** The door inside the phone shell: everything is on the device, so nothing waits in the page. */
import type * as Core from '@tauri-apps/api/core';
import type { CommandName } from '$lib/generated/commands';
import { BackendError, type Backend, type Changed, type Input, type Output } from './backend';
import { newId } from './id';

interface Answer<N extends CommandName> {
  output: Output<N>;
  changed: string[];
}

/** Opens the shell's door. The shell's library is loaded here only, so a browser never fetches it. */
export async function openTauri(): Promise<Backend> {
  const [{ invoke }, { listen }] = await Promise.all([
    import('@tauri-apps/api/core'),
    import('@tauri-apps/api/event'),
  ]);
  const backend = new TauriBackend((id, name, input) =>
    // The wall clock of here: what is due today depends on it.
    invoke('call', { id, name, input, offsetMinutes: -new Date().getTimezoneOffset() }),
  );
  if (/Android|iPhone|iPad/.test(navigator.userAgent)) backend.scan = () => scanWith(invoke);
  backend.closing = await listen<string[]>('changed', (event) => backend.say(event.payload));
  void backend.watchNetwork();
  return backend;
}

/** Reads a QR code with the phone's own camera view. */
async function scanWith(invoke: typeof Core.invoke): Promise<string | null> {
  const plugin = 'plugin:barcode-scanner|';
  try {
    let { camera } = await invoke<{ camera: string }>(`${plugin}check_permissions`);
    if (camera !== 'granted') {
      ({ camera } = await invoke<{ camera: string }>(`${plugin}request_permissions`));
    }
    if (camera !== 'granted') return null;
    const read = await invoke<{ content: string }>(`${plugin}scan`, { formats: ['QR_CODE'] });
    return read.content;
  } catch {
    // Given up with the back button.
    return null;
  }
}

/** What the shell's `call` does. */
export type Invoke = (id: string, name: string, input: unknown) => Promise<unknown>;

export class TauriBackend implements Backend {
  readonly kind = 'app';
  readonly waiting = null;
  online = $state(true);
  /** Only where there is a camera view. */
  scan?: () => Promise<string | null>;
  /** Stops hearing the shell. */
  closing: () => void = () => undefined;
  #invoke: Invoke;
  #listeners = new Set<(changed: Changed) => void>();

  constructor(invoke: Invoke) {
    this.#invoke = invoke;
  }

  async call<N extends CommandName>(name: N, input: Input<N>): Promise<Output<N>> {
    let answer: Answer<N>;
    try {
      answer = (await this.#invoke(newId(), name, input)) as Answer<N>;
    } catch (error) {
      throw readError(error);
    }
    if (answer.changed.length > 0) this.say(answer.changed);
    return answer.output;
  }

  onChange(listener: (changed: Changed) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says that features changed. */
  say(changed: Changed): void {
    for (const listener of this.#listeners) listener(changed);
    if (changed.includes('sync')) void this.watchNetwork();
  }

  /** Learns from the shell whether the server can be reached. */
  async watchNetwork(): Promise<void> {
    try {
      const health = await this.call('sync.health', {});
      this.online = health.state !== 'offline';
    } catch {
      // Not signed in yet, or the shell is closing: nothing to say about the network.
    }
  }

  close(): void {
    this.closing();
    this.#listeners.clear();
  }
}

function readError(error: unknown): BackendError {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    const { code, message } = error as { code: unknown; message?: unknown };
    return new BackendError(String(code), String(message ?? ''));
  }
  return new BackendError('unexpected', String(error));
}
