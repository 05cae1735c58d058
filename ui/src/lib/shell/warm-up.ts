/** In a browser, fetches beforehand what a report begun without network needs. */
import type { Backend } from '$lib/backend';

const REST_MS = 3_000;

/**
 * Asks for every form once the page has come to rest; the answers are kept by the backend.
 * Returns the way to give up. The app has everything already.
 */
export function warmUp(backend: Backend): () => void {
  if (backend.kind === 'app') return () => undefined;
  const timer = setTimeout(() => void fetchForms(backend), REST_MS);
  return () => clearTimeout(timer);
}

async function fetchForms(backend: Backend): Promise<void> {
  try {
    for (const { form } of await backend.call('form.list', {})) {
      await backend.call('form.open', { form, release: null });
    }
    await backend.call('directory.sites', {});
  } catch {
    // Without network there is nothing to fetch; the next start will.
  }
}
