/** What this device prefers: language, theme, text size. Kept here only, never sent. */
import { createContext } from 'svelte';
import { firstLanguage, isLanguage, type I18n, type Language } from '$lib/wording';

export type Theme = 'system' | 'light' | 'dark';
export type TextSize = 'normal' | 'large' | 'larger';

const KEYS = { language: 'vigie-language', theme: 'vigie-theme', text: 'vigie-text' } as const;

/** The language kept on this device; `null` before the first choice. */
export function keptLanguage(): Language | null {
  const kept = read(KEYS.language);
  return isLanguage(kept) ? kept : null;
}

/** The language to begin with here. */
export function languageHere(): Language {
  return firstLanguage(keptLanguage(), navigator.languages);
}

export class Preferences {
  theme: Theme = $state(oneOf(read(KEYS.theme), ['light', 'dark'], 'system'));
  text: TextSize = $state(oneOf(read(KEYS.text), ['large', 'larger'], 'normal'));
  /** Whether a language was ever chosen here. */
  chosen = $state(keptLanguage() !== null);

  #i18n: I18n;

  constructor(i18n: I18n) {
    this.#i18n = i18n;
  }

  get language(): Language {
    return this.#i18n.language;
  }

  async setLanguage(language: Language): Promise<void> {
    await this.#i18n.use(language);
    write(KEYS.language, language);
    document.documentElement.lang = language;
    this.chosen = true;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    write(KEYS.theme, theme === 'system' ? null : theme);
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }

  setText(text: TextSize): void {
    this.text = text;
    write(KEYS.text, text === 'normal' ? null : text);
    if (text === 'normal') delete document.documentElement.dataset['text'];
    else document.documentElement.dataset['text'] = text;
  }
}

/** Forgets all that was kept here beside the preferences: the device was lost. */
export function forgetTheRest(): void {
  const own: readonly string[] = Object.values(KEYS);
  try {
    for (const key of Object.keys(localStorage))
      if (!own.includes(key)) localStorage.removeItem(key);
  } catch {
    // Storage refused: nothing was kept.
  }
}

function oneOf<T extends string, D extends string>(
  text: string | null,
  known: readonly T[],
  otherwise: D,
): T | D {
  return known.find((one) => one === text) ?? otherwise;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage refused: the choice lasts as long as the page.
  }
}

const [get, set] = createContext<Preferences>();

export const getPreferences = get;
export const setPreferences = set;
