/** In a browser, fetches beforehand what a report made without network needs. */
import { preloadCode } from '$app/navigation';
import type { Backend, Readiness } from '$lib/backend';
import { MINE } from '$lib/features/report/filter';
import { keepScreens } from './worker';

/** One screen of each kind between the amber button and the sealed report. */
const SCREENS = ['/report', '/report/draft', '/report/sealed/report', '/reports', '/health'];

/**
 * Begins at once, behind what the first screen has asked, and again when forms have changed or the
 * server is back. Returns the way to give up. The app has everything already.
 */
export function warmUp(
  backend: Backend,
  readiness: Readiness,
  words: () => Promise<void>,
): () => void {
  if (backend.kind === 'app') return () => undefined;
  const opened = new Set<string>();
  const begin = () =>
    void readiness.begin(async () => {
      const screens = keepScreens();
      await Promise.all([loadScreens(), words(), askForms(backend, opened), screens]);
      return (await screens) ? 'ready' : 'unable';
    });
  readiness.state = 'preparing';
  begin();
  return backend.onChange((changed) => {
    if (changed.includes('form')) begin();
  });
}

/** The ones of a report come first, into this very page: the others are kept by the worker. */
async function loadScreens(): Promise<void> {
  await Promise.all(SCREENS.map((path) => preloadCode(path)));
}

/** The answers are kept by the backend. `opened` are those that this page has already. */
async function askForms(backend: Backend, opened: Set<string>): Promise<void> {
  const forms = await backend.call('form.list', {});
  const missing = forms.filter(({ form, release }) => !opened.has(`${form} ${release}`));
  await Promise.all([
    // A report sealed without network is listed there.
    backend.call('report.list', MINE),
    backend.call('directory.sites', {}),
    ...missing.map(async ({ form, release }) => {
      await backend.call('form.open', { form, release: null });
      opened.add(`${form} ${release}`);
    }),
  ]);
}
