/** Where the messages lie: per language, a chunk for the first screens and one for the rest. */
import type { Language, LoadMessages, Sources } from './i18n.svelte';

const CHUNKS: Record<Language, Record<'first' | 'rest', () => Promise<{ sources: Sources }>>> = {
  fr: { first: () => import('./fr'), rest: () => import('./fr-rest') },
  en: { first: () => import('./en'), rest: () => import('./en-rest') },
};

/** The sources of one language: path → Fluent text. */
export const loadMessages: LoadMessages = async (language, part) => {
  const { sources } = await CHUNKS[language][part]();
  return sources;
};
