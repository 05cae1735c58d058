/** What the frame says of the network, in one word. */
import type { Backend } from '$lib/backend';
import type { SyncHealth } from '$lib/generated/commands';

/** `quiet` is the usual: all sent, nothing to say. */
export type SyncState = 'quiet' | 'syncing' | 'waiting' | 'offline' | 'refused';

/** The state of the network and of what waits, from the browser's queue and from the device. */
export function syncState(
  backend: Pick<Backend, 'online' | 'waiting'>,
  health: SyncHealth | undefined,
): SyncState {
  const waiting = (backend.waiting?.count ?? 0) + (health?.waiting.length ?? 0);
  const refused = (backend.waiting?.refused.length ?? 0) + (health?.refused.length ?? 0);
  if (refused > 0) return 'refused';
  if (!backend.online || health?.state === 'offline') return 'offline';
  if (health?.state === 'syncing') return 'syncing';
  return waiting > 0 ? 'waiting' : 'quiet';
}
