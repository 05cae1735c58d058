/**
 * What this page knows of a draft, written at once on the device: a page that is killed in the
 * middle of a word, or reloaded without network, finds it again. The draft itself is kept by the
 * backend; this is cleared when it is sealed.
 */
import type { Answer, Attachment, DraftView, FormProgram } from '$lib/generated/commands';

/** What is kept beside a draft. */
export interface Kept {
  /** Not handed over yet; `null`: the answer is to be cleared. */
  pending: Record<string, Answer | null>;
  /** The step that was on screen. */
  step: string | null;
  /** All that was answered here; `null` before anything was. */
  answers: Record<string, Answer> | null;
  attachments: Attachment[];
}

/** What does not change while a draft is filled. */
export interface KeptForm {
  program: FormProgram;
  practice: boolean;
}

/** The part of `localStorage` that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const NOTHING: Kept = { pending: {}, step: null, answers: null, attachments: [] };

export class Mirror {
  readonly #shelf: Shelf | null;
  readonly #id: string;

  constructor(shelf: Shelf | null, draft: string) {
    this.#shelf = shelf;
    this.#id = draft;
  }

  read(): Kept {
    return { ...NOTHING, ...(this.#get(this.#key) as Partial<Kept> | null) };
  }

  write(kept: Kept): void {
    this.#set(this.#key, kept);
  }

  writeForm(form: KeptForm): void {
    this.#set(this.#formKey, form);
  }

  /** The draft as this page knew it; `null` when it knew nothing. */
  copy(): DraftView | null {
    const form = this.#get(this.#formKey) as KeptForm | null;
    const { answers, attachments } = this.read();
    if (!form?.program || answers === null) return null;
    return { id: this.#id, ...form, answers, attachments, updated_at: 0 };
  }

  clear(): void {
    try {
      this.#shelf?.removeItem(this.#key);
      this.#shelf?.removeItem(this.#formKey);
    } catch {
      // Nothing to forget then.
    }
  }

  get #key(): string {
    return `vigie-draft-${this.#id}`;
  }

  get #formKey(): string {
    return `${this.#key}-form`;
  }

  #get(key: string): unknown {
    try {
      const value: unknown = JSON.parse(this.#shelf?.getItem(key) ?? 'null');
      return typeof value === 'object' ? value : null;
    } catch {
      return null;
    }
  }

  /** A shelf that is full or refused costs only what was not handed over yet. */
  #set(key: string, value: unknown): void {
    try {
      this.#shelf?.setItem(key, JSON.stringify(value));
    } catch {
      // The backend has the draft itself.
    }
  }
}

/** The browser's own shelf; `null` where it is refused. */
export function deviceShelf(): Shelf | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
