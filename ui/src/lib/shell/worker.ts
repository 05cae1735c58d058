/** What the browser is asked for, so that the app opens and keeps things without network. */
import { dev } from '$app/environment';

/** Registers the service worker and asks that storage be kept. The phone shell needs neither. */
export function startWorker(kind: 'app' | 'web'): void {
  if (kind === 'app' || dev) return;
  if ('serviceWorker' in navigator) {
    void navigator.serviceWorker.register('/service-worker.js').catch(() => {
      // Refused, as in a private window: the app then needs the network to open.
    });
  }
  // `storage` is missing where the page is not served securely.
  const storage = navigator.storage as StorageManager | undefined;
  void storage?.persist?.().catch(() => false);
}
