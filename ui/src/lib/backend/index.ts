/** The door to what the app knows and does, in the app and in a browser. */
import type { Backend } from './backend';
import { HttpBackend } from './http.svelte';
import { openStore } from './store';

export {
  BackendError,
  getBackend,
  setBackend,
  type Backend,
  type CallOptions,
  type Changed,
  type Input,
  type Output,
  type RefusedCall,
  type Waiting,
} from './backend';
export { newId } from './id';
export { Me, getMe, setMe } from './me.svelte';
export { Readiness, getReadiness, setReadiness, type Ready } from './readiness.svelte';

/** Opens the door of wherever this page runs. */
export async function openBackend(): Promise<Backend> {
  if (window.__TAURI_INTERNALS__ !== undefined) {
    const { openTauri } = await import('./tauri.svelte');
    return await openTauri();
  }
  const store = await openStore().catch(() => null);
  const backend = new HttpBackend({
    fetch: (url, init) => fetch(url, init),
    store,
    events: typeof EventSource === 'undefined' ? null : () => new EventSource('/app/events'),
    now: () => Date.now(),
  });
  window.addEventListener('online', () => backend.networkChanged(true));
  window.addEventListener('offline', () => backend.networkChanged(false));
  return backend;
}
