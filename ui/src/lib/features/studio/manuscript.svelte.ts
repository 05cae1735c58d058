/** A module being written: its text in each language, what the lint says of it, and keeping it. */
import type { Capsule, ModuleView, Problem, StudioChecked } from '$lib/generated/commands';
import { Autosave, afterDelay, type Keeping } from './autosave';
import { outlineOf, partAt, type Part } from './outline';
import { pairProblems } from './pairs';
import { skeletonOf, untranslated } from './skeleton';

/** What the manuscript asks of the outside. */
export interface Desk {
  save: (language: string, source: string) => Promise<unknown>;
  check: (language: string, source: string) => Promise<StudioChecked>;
  later?: (run: () => void, milliseconds: number) => () => void;
}

const CHECK_PAUSE = 300;
const NOT_CHECKED: StudioChecked = { capsule: null, problems: [] };

export class Manuscript {
  readonly id: string;
  readonly #desk: Desk;
  readonly #later: (run: () => void, milliseconds: number) => () => void;
  readonly #autosave: Autosave;
  #view = $state.raw() as ModuleView;
  #sources = $state.raw<Readonly<Record<string, string>>>({});
  #checked = $state.raw<Readonly<Record<string, StudioChecked>>>({});
  #shown = $state.raw<Capsule | null>(null);
  #language = $state('fr');
  #line = $state(1);
  #keeping = $state<Keeping>('kept');
  #checkFailed = $state(false);
  readonly #pairs: Problem[] = $derived(
    pairProblems(Object.values(this.#checked).flatMap(({ capsule }) => capsule ?? [])),
  );
  #asked = 0;
  #giveUp: (() => void) | null = null;

  constructor(view: ModuleView, language: string, desk: Desk) {
    this.id = view.id;
    this.#desk = desk;
    this.#later = desk.later ?? afterDelay;
    this.#view = view;
    this.#sources = view.source;
    this.#language =
      view.source[language] === undefined ? (this.languages[0] ?? language) : language;
    this.#autosave = new Autosave({
      send: desk.save,
      changed: (state) => (this.#keeping = state),
      later: this.#later,
    });
    for (const code of this.languages) void this.#check(code);
  }

  get view(): ModuleView {
    return this.#view;
  }

  /** The languages it is written in, French first. */
  get languages(): string[] {
    const codes = Object.keys(this.#sources).sort();
    return codes.includes('fr') ? ['fr', ...codes.filter((code) => code !== 'fr')] : codes;
  }

  get language(): string {
    return this.#language;
  }

  get source(): string {
    return this.#sources[this.#language] ?? '';
  }

  get keeping(): Keeping {
    return this.#keeping;
  }

  /** The lint could not be asked: what is shown may be old. */
  get checkFailed(): boolean {
    return this.#checkFailed;
  }

  /** The last capsule that could be made of the text, so that the preview stays while one types. */
  get capsule(): Capsule | null {
    return this.#checked[this.#language]?.capsule ?? this.#shown;
  }

  /** What is wrong with the language on screen. */
  readonly problems: Problem[] = $derived(this.problemsOf(this.#language));

  /** The parts of the language on screen. */
  readonly outline: Part[] = $derived(outlineOf(this.source));

  /** The line that the cursor is on, from 1. */
  get line(): number {
    return this.#line;
  }

  set line(line: number) {
    this.#line = line;
  }

  /** The part that the cursor is in. */
  get part(): Part | null {
    return partAt(this.outline, this.#line);
  }

  /** What is wrong with one language, by line: by itself, and against the others. */
  problemsOf(language: string): Problem[] {
    const against = this.#pairs.filter(({ values }) => values.slice(0, 2).includes(language));
    return [...against, ...this.#ownProblems(language)].sort((a, b) => a.line - b.line);
  }

  /** How many problems stop publication, in all languages. */
  get errors(): number {
    const own = this.languages.flatMap((language) => this.#ownProblems(language));
    return [...own, ...this.#pairs].filter(({ severity }) => severity === 'error').length;
  }

  /** Whether the lint has seen the newest text of every language. */
  get settled(): boolean {
    return (
      this.languages.every((language) => this.#checked[language] !== undefined) &&
      this.#giveUp === null
    );
  }

  /** The time the capsule takes, in seconds, in its slowest language; 0 when unknown. */
  get seconds(): number {
    return Math.max(0, ...Object.values(this.#checked).map(({ capsule }) => capsule?.seconds ?? 0));
  }

  choose(language: string): void {
    this.#language = language;
    this.#line = 1;
    this.#shown = null;
    void this.#check(language);
  }

  edit(source: string): void {
    if (source === this.source) return;
    const language = this.#language;
    this.#sources = { ...this.#sources, [language]: source };
    this.#autosave.put(language, source);
    this.#giveUp?.();
    this.#giveUp = this.#later(() => {
      this.#giveUp = null;
      void this.#check(language);
    }, CHECK_PAUSE);
  }

  /** Begins a language with the structure of the one on screen, its words to translate. */
  copyStructure(language: string): void {
    const copy = skeletonOf(this.source);
    this.choose(language);
    this.edit(copy);
  }

  /** Takes what came from elsewhere, except for a text that is being written here. */
  receive(view: ModuleView): void {
    this.#view = view;
    const sources = { ...this.#sources };
    for (const [language, source] of Object.entries(view.source)) {
      if (this.#autosave.holds(language) || sources[language] === source) continue;
      sources[language] = source;
      void this.#check(language, source);
    }
    this.#sources = sources;
  }

  /** Keeps at once what is not kept yet. */
  flush(): Promise<void> {
    return this.#autosave.flush();
  }

  /** The lint's problems and the words left to translate. */
  #ownProblems(language: string): Problem[] {
    return [
      ...(this.#checked[language]?.problems ?? []),
      ...untranslated(this.#sources[language] ?? ''),
    ];
  }

  async #check(language: string, source = this.#sources[language] ?? ''): Promise<void> {
    const mine = (this.#asked += 1);
    let checked: StudioChecked;
    try {
      checked = await this.#desk.check(language, source);
    } catch {
      this.#checkFailed = true;
      this.#checked = { ...this.#checked, [language]: this.#checked[language] ?? NOT_CHECKED };
      return;
    }
    this.#checkFailed = false;
    if (mine < this.#asked && (this.#sources[language] ?? '') !== source) return;
    this.#checked = { ...this.#checked, [language]: checked };
    if (checked.capsule !== null && language === this.#language) this.#shown = checked.capsule;
  }
}
