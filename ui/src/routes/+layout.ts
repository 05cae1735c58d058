/** Everything is drawn on the client; the door and the words are opened once. */
import { openBackend } from '$lib/backend';
import { languageHere } from '$lib/preferences.svelte';
import { needsFirstWordsOnly } from '$lib/shell/places';
import { I18n, loadMessages } from '$lib/wording';
import type { LayoutLoad } from './$types';

export const ssr = false;
export const prerender = false;

export const load: LayoutLoad = async ({ url, untrack }) => {
  const i18n = new I18n(loadMessages);
  const [backend] = await Promise.all([openBackend(), i18n.use(languageHere())]);
  // Read without following: this is done once, not at each navigation.
  if (!needsFirstWordsOnly(untrack(() => url.pathname))) await i18n.useAll();
  return { backend, i18n };
};
