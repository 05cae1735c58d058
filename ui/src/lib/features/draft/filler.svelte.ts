/** One draft being filled: where someone is, what they answered, keeping both, and sealing. */
import { BackendError, newId, type Backend } from '$lib/backend';
import { judge } from '$lib/form/interpreter';
import type { Answer, DraftView, FormProgram, Question } from '$lib/generated/commands';
import { afterDelay, Autosave, type Later, type SaveState } from './autosave';
import { dayOf, today } from './days';
import { defaultsOf, type Start } from './start';
import { Mirror, type Kept, type Shelf } from './mirror';
import { DraftPhotos } from './photos.svelte';
import type { Shrunk } from './photo';
import {
  firstStep,
  isAnswered,
  LAST,
  photoField,
  stepsOf,
  wordsQuestion,
  type Step,
} from './steps';

/** What the screen shows. `gone`: the draft was sealed or thrown away. */
export type Phase = 'opening' | 'filling' | 'sealing' | 'sealed' | 'gone' | 'failed';

interface Options {
  backend: Pick<Backend, 'call' | 'online'>;
  id: string;
  /** `null`: the draft exists already. */
  start: Start | null;
  shelf: Shelf | null;
  now?: () => Date;
  later?: Later;
  shrink?: (file: File) => Promise<Shrunk>;
}

export class Filler {
  readonly id: string;
  readonly photos: DraftPhotos;
  phase = $state<Phase>('opening');
  /** Why it could not be opened. */
  error = $state.raw<unknown>(undefined);
  /** Why it could not be sealed. */
  sealError = $state.raw<unknown>(undefined);
  saving = $state<SaveState>('saved');
  saveError = $state.raw<unknown>(undefined);
  practice = $state(false);
  report = $state<string | null>(null);
  #program = $state.raw<FormProgram | null>(null);
  #answers = $state.raw<Readonly<Record<string, Answer>>>({});
  #step = $state<string>(LAST);
  /** The questions left without a good answer, after which their problems are said. */
  #tried = $state.raw<readonly string[]>([]);
  #forward = $state(true);
  /** The question on screen was opened from the last page, where one returns after it. */
  #revisiting = $state(false);
  readonly #options: Options;
  readonly #mirror: Mirror;
  readonly #autosave: Autosave;
  #kept: Kept;
  #over = false;

  #judged = $derived.by(() => this.#judge());
  steps = $derived.by(() => (this.#program ? stepsOf(this.#program, this.#judged.relevant) : []));

  constructor(options: Options) {
    this.#options = options;
    this.id = options.id;
    this.practice = options.start?.practice ?? false;
    this.#mirror = new Mirror(options.shelf, options.id);
    this.#kept = this.#mirror.read();
    this.#autosave = new Autosave({
      send: (field, value) => options.backend.call('draft.save', { id: this.id, field, value }),
      changed: (state, error) => {
        this.saving = state;
        this.saveError = error;
      },
      pending: (pending) => this.#keep({ pending }),
      later: options.later ?? afterDelay,
    });
    this.photos = new DraftPhotos({
      backend: options.backend,
      draft: options.id,
      newKey: () => newId(),
      changed: (field, hashes) => this.#photosChanged(field, hashes),
      ...(options.shrink ? { shrink: options.shrink } : {}),
    });
  }

  get program(): FormProgram | null {
    return this.#program;
  }

  get answers(): Readonly<Record<string, Answer>> {
    return this.#answers;
  }

  /** Whether somebody is in danger now, as its author says. */
  get urgent(): boolean {
    const question = this.#program?.questions.find((one) => one.fills === 'urgency');
    return question !== undefined && this.#judged.answers[question.name] === 'now';
  }

  /** The step on screen; `undefined` before the draft is open. */
  get step(): Step | undefined {
    return this.steps[this.index];
  }

  /** Whether there is a way back inside the walk. */
  get mayReturn(): boolean {
    return this.index > 0 || this.#revisiting;
  }

  get index(): number {
    const place = this.steps.findIndex((step) => step.id === this.#step);
    return place < 0 ? this.steps.length - 1 : place;
  }

  /** Whether the last move went forward, for the way things slide. */
  get forward(): boolean {
    return this.#forward;
  }

  get problems(): { field: string; code: string; message: FormProgram['title'] }[] {
    return this.#judged.problems;
  }

  get score(): number | null {
    return this.#judged.score ?? null;
  }

  /** The question whose words go on the last page. */
  get words(): Question | null {
    return this.#program ? wordsQuestion(this.#program, this.#judged.relevant) : null;
  }

  /** The question that photos taken on the way belong to. */
  get photoQuestion(): Question | null {
    const field = this.#program ? photoField(this.#program, this.#judged.relevant) : '';
    return this.#program?.questions.find((one) => one.name === field) ?? null;
  }

  /** Opens the draft, or begins it. Never fails: see `phase` and `error`. */
  async open(): Promise<void> {
    this.phase = 'opening';
    this.error = undefined;
    try {
      this.#take(await this.#fetch());
    } catch (error) {
      this.error = error;
      this.phase =
        codeOf(error) === 'not-found' || codeOf(error) === 'already-done' ? 'gone' : 'failed';
    }
  }

  /** The problem to say at a question: only once someone has tried to go on without it. */
  problemAt(name: string): { code: string; message: FormProgram['title'] } | null {
    if (!this.#tried.includes(name)) return null;
    return this.problems.find((one) => one.field === name) ?? null;
  }

  /** Keeps an answer; `null` clears it. `typing`: more keys may follow. */
  set(name: string, value: Answer | null, typing = false): void {
    const empty = value === null || !isAnswered(value);
    this.#answers = withAnswer(this.#answers, name, empty ? null : value);
    this.#autosave.put(name, empty ? null : value, typing);
  }

  /** Goes on. Stays, and says why, when the question on screen has a problem. */
  next(): void {
    const question = this.step?.question;
    const problem = question && this.problems.some(({ field }) => field === question.name);
    if (question && problem && !this.#tried.includes(question.name)) {
      this.#tried = [...this.#tried, question.name];
      return;
    }
    if (problem && this.problemAt(question.name) !== null) return;
    this.#move(1);
  }

  /** Goes on without an answer: the summary will say what lacks. */
  skip(): void {
    const name = this.step?.question?.name;
    if (name && !this.#tried.includes(name)) this.#tried = [...this.#tried, name];
    this.#move(1);
  }

  /** One step back; false at the first. */
  back(): boolean {
    if (!this.mayReturn) return false;
    this.#move(-1);
    return true;
  }

  /** Shows a question again; going on or back returns to the last page. */
  revisit(name: string): void {
    const id = this.stepFor(name);
    this.goTo(id);
    this.#revisiting = id !== LAST;
  }

  /** Shows a step by its id. */
  goTo(id: string): void {
    const place = this.steps.findIndex((step) => step.id === id);
    if (place < 0) return;
    this.#forward = place >= this.index;
    this.#revisiting = false;
    this.#step = id;
    this.#keep({ step: id });
  }

  /** The step on which a question stands. */
  stepFor(name: string): string {
    return this.steps.find((step) => step.question?.name === name)?.id ?? LAST;
  }

  /** Hands over what waits: the page may be closed at any moment. */
  async flush(): Promise<void> {
    await this.#autosave.flush();
  }

  addPhotos(files: readonly File[]): Promise<void> {
    const onStep = this.step?.question;
    const question = onStep?.type === 'photo' ? onStep : this.photoQuestion;
    return this.photos.add(files, question?.name ?? '');
  }

  /** Closes the draft for good. Never fails: see `phase` and `sealError`. */
  async seal(): Promise<void> {
    if (this.phase !== 'filling') return;
    this.sealError = undefined;
    this.#tried = this.problems.map(({ field }) => field);
    if (this.problems.length > 0) return;
    this.phase = 'sealing';
    try {
      await this.photos.retryFailed();
      // A photo that could not be kept is the author's to try again or to take away.
      if (this.photos.failed) throw new BackendError('storage', 'a photo was not kept');
      await this.#autosave.flush();
      if (!this.#autosave.settled) throw this.saveError ?? new BackendError('storage', 'not kept');
      const report = (this.report ??= newId());
      const practice = this.practice;
      const offline = () => ({ report, practice });
      const seal = { draft: this.id, report };
      const sealed = await this.#options.backend.call('report.seal', seal, { offline });
      // A draft that was sealed already, by a press that seemed lost, keeps its report.
      this.report = sealed.report;
      this.#forget();
      this.phase = 'sealed';
    } catch (error) {
      this.sealError = error;
      this.phase = 'filling';
    }
  }

  /** Throws the draft away. Fails when the backend could not. */
  async discard(): Promise<void> {
    await this.#options.backend.call('draft.discard', { id: this.id });
    this.#forget();
    this.phase = 'gone';
  }

  close(): void {
    this.#autosave.close();
    this.photos.close();
  }

  async #fetch(): Promise<DraftView> {
    const { backend, start } = this.#options;
    if (start) return await this.#begin(start);
    try {
      return await backend.call('draft.open', { id: this.id });
    } catch (error) {
      const copy = codeOf(error) === 'offline' ? this.#mirror.copy() : null;
      if (copy) return copy;
      throw error;
    }
  }

  /** Begins the draft, or opens it when it was begun already. */
  async #begin(start: Start): Promise<DraftView> {
    const { backend } = this.#options;
    const { form, release } = start;
    const offline = async (): Promise<DraftView> => {
      const copy = this.#mirror.copy();
      if (copy) return copy;
      const program = await backend.call('form.open', { form, release });
      const answers = defaultsOf(program, dayOf(this.#now()));
      const updated_at = this.#now().getTime();
      return {
        id: this.id,
        practice: start.practice,
        answers,
        attachments: [],
        updated_at,
        program,
      };
    };
    return await backend.call('draft.start', { id: this.id, ...start }, { offline });
  }

  #take(view: DraftView): void {
    const { pending, step, answers } = this.#kept;
    this.#program = view.program;
    this.practice = view.practice;
    // Without network, what this page wrote down is newer than any answer kept from the server.
    this.#answers = this.#options.backend.online ? view.answers : (answers ?? view.answers);
    this.photos.take(view.attachments);
    this.#mirror.writeForm({ program: view.program, practice: view.practice });
    this.phase = 'filling';
    // What a page that was killed had not handed over yet.
    for (const [name, value] of Object.entries(pending)) this.set(name, value);
    this.#step = firstStep(this.steps, step, this.#answers);
  }

  #judge(): ReturnType<typeof judge> {
    const program = this.#program;
    if (!program) return { relevant: [], answers: {}, problems: [], score: null };
    return judge(program, { ...this.#answers }, dayOf(this.#now()));
  }

  /** The answer to a photo question is its photos: they are handed over already. */
  #photosChanged(field: string, hashes: string[]): void {
    if (field !== '') {
      this.#answers = withAnswer(this.#answers, field, hashes.length === 0 ? null : hashes);
    }
    this.#keep({});
  }

  #move(by: 1 | -1): void {
    const step = this.#revisiting ? this.steps.at(-1) : this.steps[this.index + by];
    if (step) this.goTo(step.id);
  }

  #keep(change: Partial<Kept>): void {
    const known = { answers: { ...this.#answers }, attachments: this.photos.attachments };
    this.#kept = { ...this.#kept, ...known, ...change };
    if (!this.#over) this.#mirror.write(this.#kept);
  }

  /** The draft is over: nothing of it stays beside the backend. */
  #forget(): void {
    this.#over = true;
    this.#mirror.clear();
  }

  #now(): Date {
    return this.#options.now?.() ?? today();
  }
}

/** The answers with one of them changed, or taken away. */
function withAnswer(
  answers: Readonly<Record<string, Answer>>,
  name: string,
  value: Answer | null,
): Record<string, Answer> {
  const rest = Object.entries(answers).filter(([one]) => one !== name);
  return Object.fromEntries(value === null ? rest : [...rest, [name, value]]);
}

function codeOf(error: unknown): string {
  return error instanceof BackendError ? error.code : 'unexpected';
}
