/** What the browser is asked for, so that the app opens and keeps things without network. */
import { dev } from '$app/environment';

/** Asks that storage be kept, and begins to keep the screens. The phone shell needs neither. */
export function startWorker(kind: 'app' | 'web'): void {
  if (kind === 'app') return;
  // `storage` is missing where the page is not served securely.
  const storage = navigator.storage as StorageManager | undefined;
  void storage?.persist?.().catch(() => false);
  void keepScreens().catch(() => false);
}

/**
 * Until every screen is kept here; `false` where the browser keeps none, as in a private window.
 * Fails when the network did: asked again, it goes on where it stopped.
 */
export async function keepScreens(): Promise<boolean> {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (dev || !workers) return false;
  const registration = await workers.register('/service-worker.js').catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'SecurityError') return null;
    throw error;
  });
  if (!registration) return false;
  // A newer version may install itself beside the one that serves.
  if (registration.active) return true;
  const worker = registration.waiting ?? registration.installing;
  if (!worker) throw new Error('nothing is being installed');
  return await new Promise((done, failed) => {
    const look = () => {
      if (worker.state === 'activated') done(true);
      if (worker.state === 'redundant') failed(new Error('the screens were not all fetched'));
    };
    worker.addEventListener('statechange', look);
    look();
  });
}
