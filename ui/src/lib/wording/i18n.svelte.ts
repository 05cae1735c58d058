/** The words of the interface: Fluent messages, content in several languages, dates and numbers. */
import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import { createContext } from 'svelte';
import type { Wording } from '$lib/generated/commands';

/** The languages that the interface speaks, the default first. */
export const LANGUAGES = ['fr', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** How each language names itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { fr: 'Français', en: 'English' };

/** What a message may be given: numbers are formatted as the language does. */
export type Arguments = Record<string, FluentVariable>;

/** The sources of some messages: file name → Fluent source. */
export type Sources = Record<string, string>;

/** Loads the messages of one language: those of the first screens, or the rest. */
export type LoadMessages = (language: Language, part: 'first' | 'rest') => Promise<Sources>;

const LOCALES: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Whether a text names a language that the interface speaks. */
export function isLanguage(text: string | null | undefined): text is Language {
  return LANGUAGES.some((language) => language === text);
}

/** The language to begin with: the one kept, else the first that the reader prefers and we speak, else French. */
export function firstLanguage(kept: string | null, preferred: readonly string[]): Language {
  if (isLanguage(kept)) return kept;
  for (const tag of preferred) {
    const base = tag.toLowerCase().split('-')[0];
    if (isLanguage(base)) return base;
  }
  return 'fr';
}

/** Builds a bundle from the sources of one language. Parse errors are thrown: a broken file must not ship. */
export function bundleOf(language: Language, sources: Sources): FluentBundle {
  const bundle = new FluentBundle(LOCALES[language], { useIsolating: false });
  addSources(bundle, sources);
  return bundle;
}

function addSources(bundle: FluentBundle, sources: Sources): void {
  for (const source of Object.values(sources)) {
    const [error] = bundle.addResource(new FluentResource(source));
    if (error) throw error;
  }
}

/** The words in the current language. One per app, in context; everything it returns follows `language`. */
export class I18n {
  #load: LoadMessages;
  #bundles: Partial<Record<Language, FluentBundle>> = {};
  #language: Language = $state('fr');
  #bundle: FluentBundle = $state.raw(new FluentBundle('fr-FR'));
  /** Whether the rest was asked for: from then on every language brings them. */
  #whole = false;
  /** Read by every message, so that what is drawn follows a bundle that has grown. */
  #grown = $state(0);

  constructor(load: LoadMessages) {
    this.#load = load;
  }

  /** The current language. */
  get language(): Language {
    return this.#language;
  }

  /** The current locale, for `Intl`. */
  get locale(): string {
    return LOCALES[this.#language];
  }

  /** Loads a language when needed, then speaks it. */
  async use(language: Language): Promise<void> {
    const bundle = this.#bundles[language] ?? (await this.#open(language));
    this.#bundles[language] = bundle;
    this.#bundle = bundle;
    this.#language = language;
  }

  /** Loads the messages that the first screens do without. Once; then it does nothing. */
  async useAll(): Promise<void> {
    if (this.#whole) return;
    this.#whole = true;
    try {
      for (const language of LANGUAGES) {
        const bundle = this.#bundles[language];
        if (bundle) addSources(bundle, await this.#load(language, 'rest'));
      }
      this.#grown += 1;
    } catch (error) {
      this.#whole = false;
      throw error;
    }
  }

  async #open(language: Language): Promise<FluentBundle> {
    const bundle = bundleOf(language, await this.#load(language, 'first'));
    if (this.#whole) addSources(bundle, await this.#load(language, 'rest'));
    return bundle;
  }

  /** Whether a message of this id exists. */
  has(id: string): boolean {
    void this.#grown;
    return this.#bundle.hasMessage(id);
  }

  /** The message `id`; the id itself when there is none, so that a gap is seen. */
  t = (id: string, args?: Arguments): string => {
    void this.#grown;
    const pattern = this.#bundle.getMessage(id)?.value;
    return pattern ? this.#bundle.formatPattern(pattern, args ?? null, []) : id;
  };

  /** A content text in the current language, else in French, else in any language it has. */
  pick = (wording: Wording | null | undefined): string => {
    if (!wording) return '';
    return wording[this.#language] || wording['fr'] || Object.values(wording).find(Boolean) || '';
  };

  /** A day from a moment in milliseconds: « 12 mars 2026 ». */
  date = (ms: number): string => this.#format({ dateStyle: 'long' }, new Date(ms));

  /** A moment in milliseconds: « 12 mars 2026 à 14:05 ». */
  dateTime = (ms: number): string =>
    this.#format({ dateStyle: 'medium', timeStyle: 'short' }, new Date(ms));

  /** A calendar day `YYYY-MM-DD`, whatever the time zone: « jeudi 12 mars », with the year when it is not this one. */
  day = (day: string): string =>
    this.#calendar(day, { weekday: 'long', day: 'numeric', month: 'long' });

  /** The same where there is little room, never broken over two lines: « 12 mars », « 13 déc. ». */
  shortDay = (day: string): string =>
    this.#calendar(day, { day: 'numeric', month: 'short' }).replaceAll(' ', '\u00a0');

  /** How long ago a moment in milliseconds was, on one line: « il y a 3 min », « hier ». */
  ago = (ms: number, now = Date.now()): string => this.#ago(ms, now).replaceAll(' ', '\u00a0');

  #ago(ms: number, now: number): string {
    const past = ms - now;
    const size = Math.abs(past);
    const say = (style: 'long' | 'short', unit: 'minute' | 'hour' | 'day', length: number) =>
      new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto', style }).format(
        Math.round(past / length),
        unit,
      );
    if (size < MINUTE) return this.t('common-now');
    if (size < HOUR) return say('short', 'minute', MINUTE);
    if (size < DAY) return say('short', 'hour', HOUR);
    if (size < 30 * DAY) return say('long', 'day', DAY);
    return this.date(ms);
  }

  /** A length in seconds as people say it: « 40 s », « 4 min », « 1 h 20 ». */
  duration = (seconds: number): string => {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole}\u00a0s`;
    const minutes = Math.round(whole / 60);
    if (minutes < 60) return `${minutes}\u00a0min`;
    const rest = minutes % 60;
    return `${Math.floor(minutes / 60)}\u00a0h${rest ? `\u00a0${String(rest).padStart(2, '0')}` : ''}`;
  };

  /** A number as the language writes it. */
  number = (n: number): string => new Intl.NumberFormat(this.locale).format(n);

  #calendar(day: string, options: Intl.DateTimeFormatOptions): string {
    const date = new Date(`${day}T12:00:00`);
    if (Number.isNaN(date.getTime())) return day;
    const thisYear = date.getFullYear() === new Date().getFullYear();
    return this.#format(thisYear ? options : { ...options, year: 'numeric' }, date);
  }

  #format(options: Intl.DateTimeFormatOptions, date: Date): string {
    const parts = new Intl.DateTimeFormat(this.locale, options).formatToParts(date);
    return parts.map((part) => this.#said(part)).join('');
  }

  /** French counts the first of a month, which `Intl` does not: « 1er décembre ». */
  #said({ type, value }: Intl.DateTimeFormatPart): string {
    return type === 'day' && value === '1' && this.#language === 'fr' ? '1er' : value;
  }
}

const [get, set] = createContext<I18n>();

/** The words, in any component below the layout. */
export const getI18n = get;
/** Puts the words in context; once, in the root layout. */
export const setI18n = set;
