/** One capsule being played: where someone is, what they answered, and keeping both. */
import { grade } from '$lib/capsule/grade';
import type {
  Attempt,
  Capsule,
  Card,
  CapsuleRow,
  LearnFinished,
  LearnOpened,
  LearnSave,
  QuizAnswer,
  QuizItem,
} from '$lib/generated/commands';
import { inLanguage } from './languages';
import { afterDelay, Saver, type SaveState } from './saver';

/** What is on the screen. */
export type Face =
  | { at: 'cover' }
  | { at: 'card'; card: Card }
  | { at: 'quiz'; item: QuizItem; answer: QuizAnswer | null }
  | { at: 'score' };

/** What the player asks of the outside. */
export interface PlayerBackend {
  save: (state: LearnSave) => Promise<unknown>;
  finish: (state: LearnSave) => Promise<LearnFinished>;
}

interface Save extends LearnSave {
  finish: boolean;
}

export class Player {
  readonly row: CapsuleRow;
  readonly capsule: Capsule;
  /** The language the capsule is shown in, which may not be the reader's. */
  readonly language: string;
  readonly version: number;
  readonly #attempt: Attempt;
  readonly #backend: PlayerBackend;
  readonly #saver: Saver<Save>;
  #step = $state(0);
  #cover = $state(false);
  #answers = $state.raw<Readonly<Record<string, QuizAnswer>>>({});
  #finished = $state(false);
  #result = $state.raw<LearnFinished | null>(null);
  #saving = $state<SaveState>('saved');

  private constructor(
    opened: LearnOpened,
    capsule: Capsule,
    language: string,
    backend: PlayerBackend,
  ) {
    this.row = opened.row;
    this.version = opened.version;
    this.capsule = capsule;
    this.language = language;
    this.#attempt = opened.attempt;
    this.#backend = backend;
    this.#answers = opened.attempt.answers;
    this.#finished = opened.attempt.finished_at !== null;
    this.#step = this.#finished ? this.count : this.#reachable(opened.attempt.step);
    this.#cover = this.#step === 0 && Object.keys(this.#answers).length === 0;
    this.#saver = new Saver({
      send: (save) => this.#send(save),
      changed: (state) => (this.#saving = state),
      later: afterDelay,
    });
  }

  /** Takes up the attempt where it was left; null when the capsule holds no language at all. */
  static resume(opened: LearnOpened, language: string, backend: PlayerBackend): Player | null {
    const found = inLanguage(opened.capsule, language);
    return found === null ? null : new Player(opened, found.value, found.language, backend);
  }

  get face(): Face {
    if (this.#cover) return { at: 'cover' };
    const { cards, quiz } = this.capsule;
    const card = cards[this.#step];
    if (card !== undefined) return { at: 'card', card };
    const item = quiz[this.#step - cards.length];
    if (item !== undefined) return { at: 'quiz', item, answer: this.#answers[item.id] ?? null };
    return { at: 'score' };
  }

  /** Cards and questions: as many as there are segments on top. */
  get count(): number {
    return this.capsule.cards.length + this.capsule.quiz.length;
  }

  get step(): number {
    return this.#step;
  }

  get attemptId(): string {
    return this.#attempt.id;
  }

  get saving(): SaveState {
    return this.#saving;
  }

  /** The final score, reckoned here until the backend has confirmed it. */
  get result(): LearnFinished {
    return this.#result ?? this.reckoned();
  }

  /** Whether the score has been kept, or is still waiting for the network. */
  get confirmed(): boolean {
    return this.#result !== null || this.#attempt.finished_at !== null;
  }

  /** Whether a step forward is possible: a question waits for its answer. */
  get mayAdvance(): boolean {
    const face = this.face;
    return face.at === 'quiz' ? face.answer !== null : face.at !== 'score';
  }

  get mayReturn(): boolean {
    return !this.#cover && !this.#finished;
  }

  /** The questions answered wrong, in their order. */
  get missed(): QuizItem[] {
    const wrong = this.result.wrong;
    return this.capsule.quiz.filter(({ id }) => wrong.includes(id));
  }

  answerOf(item: QuizItem): QuizAnswer | null {
    return this.#answers[item.id] ?? null;
  }

  forward(): void {
    if (!this.mayAdvance) return;
    if (this.#cover) {
      this.#cover = false;
      return;
    }
    this.#step += 1;
    if (this.#step >= this.count) this.#finished = true;
    this.#keep();
  }

  back(): void {
    if (!this.mayReturn) return;
    if (this.#step === 0) {
      this.#cover = true;
      return;
    }
    this.#step -= 1;
    this.#keep();
  }

  /** Gives the answer to the question on screen; the first one counts. Tells whether it is right. */
  answer(value: QuizAnswer): boolean | null {
    const face = this.face;
    if (face.at !== 'quiz' || face.answer !== null) return null;
    this.#answers = { ...this.#answers, [face.item.id]: value };
    this.#keep();
    return grade(face.item, value);
  }

  /** Tries again what did not get through. */
  retry(): void {
    this.#saver.retry();
  }

  settled(): Promise<void> {
    return this.#saver.settled();
  }

  close(): void {
    this.#saver.close();
  }

  /** A step that can be shown: no question is skipped unanswered, even by an odd record. */
  #reachable(step: number): number {
    const { cards, quiz } = this.capsule;
    const unanswered = quiz.findIndex(({ id }) => this.#answers[id] === undefined);
    const last = unanswered < 0 ? this.count - 1 : cards.length + unanswered;
    return Math.max(0, Math.min(Math.trunc(step), last));
  }

  #keep(): void {
    this.#saver.put({
      attempt: this.#attempt.id,
      module: this.#attempt.module,
      release: this.#attempt.release,
      step: this.#step,
      answers: { ...this.#answers },
      finish: this.#finished,
    });
  }

  async #send({ finish, ...state }: Save): Promise<void> {
    if (finish) this.#result = await this.#backend.finish(state);
    else await this.#backend.save(state);
  }

  /** The score as it can be known here, without the day of the next review. */
  reckoned(): LearnFinished {
    const total = this.capsule.quiz.length;
    const wrong = this.capsule.quiz.filter((item) => !this.#isRight(item)).map(({ id }) => id);
    const right = total - wrong.length;
    const score = total === 0 ? 100 : Math.round((100 * right) / total);
    return { score, right, total, passed: score >= PASS_MARK, wrong, next_review_on: null };
  }

  #isRight(item: QuizItem): boolean {
    const answer = this.#answers[item.id];
    return answer !== undefined && grade(item, answer);
  }
}

/** Percent of right answers from which a capsule is passed. */
export const PASS_MARK = 70;
