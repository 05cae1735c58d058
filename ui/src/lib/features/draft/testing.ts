/** What the tests of this feature share. */
import type { FormProgram, Question, QuestionType } from '$lib/generated/commands';

export function question(
  name: string,
  type: QuestionType,
  change: Partial<Question> = {},
): Question {
  return {
    name,
    type,
    label: { fr: name },
    hint: {},
    required: false,
    appearance: '',
    fills: '',
    choices: [],
    weight: null,
    default: null,
    relevant: null,
    constraint: null,
    constraint_message: {},
    calculation: null,
    ...change,
  };
}

export function program(questions: Question[]): FormProgram {
  return {
    form: 'form-1',
    slug: 'near-miss',
    release: 2,
    report_type: 'near_miss',
    icon: 'ear',
    title: { fr: 'Presqu’accident' },
    purpose: {},
    capsule: null,
    scored: false,
    questions,
  };
}

/** A shelf in memory, as `localStorage` is one on the device. */
export function shelf(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
