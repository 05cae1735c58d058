/** A form as a walk: one question per screen, then one last page for words, photos and sealing. */
import type { Answer, FormProgram, Question } from '$lib/generated/commands';

/** The name under which the last page is remembered. */
export const LAST = '$last';

/** Most choices that still make good tiles; above that they become a list. */
const TILES_MAX = 8;

/** Most choices that each get the whole width. */
const FEW_MAX = 4;

export interface Step {
  /** The question's name, or `LAST`. */
  id: string;
  /** `null` on the last page. */
  question: Question | null;
  /** Words to read before the question. */
  notes: Question[];
}

/** Whether a question waits for the last page, where nothing has to be filled to go on. */
export function isOnLastPage(question: Question): boolean {
  if (question.required) return false;
  return question.type === 'photo' || (question.type === 'text' && question.fills === 'words');
}

/** The screens of a form, given which questions are to be asked. The last page is always there. */
export function stepsOf(program: FormProgram, relevant: Iterable<string>): Step[] {
  const asked = new Set(relevant);
  const steps: Step[] = [];
  let notes: Question[] = [];
  for (const question of program.questions) {
    if (!asked.has(question.name) || question.type === 'calculate') continue;
    if (isOnLastPage(question)) continue;
    if (question.type === 'note') {
      notes.push(question);
      continue;
    }
    steps.push({ id: question.name, question, notes });
    notes = [];
  }
  steps.push({ id: LAST, question: null, notes });
  return steps;
}

/** The optional text question of the last page. */
export function wordsQuestion(program: FormProgram, relevant: Iterable<string>): Question | null {
  const asked = new Set(relevant);
  return (
    program.questions.find(
      (one) => one.type === 'text' && isOnLastPage(one) && asked.has(one.name),
    ) ?? null
  );
}

/** The field that a photo taken at any step belongs to; empty when the form asks for none. */
export function photoField(program: FormProgram, relevant: Iterable<string>): string {
  const asked = new Set(relevant);
  const photos = program.questions.filter((one) => one.type === 'photo');
  const always = photos.find((one) => one.relevant === null);
  return (always ?? photos.find((one) => asked.has(one.name)))?.name ?? '';
}

/** Whether one tap answers the question, so that the walk may go on by itself. */
export function advancesOnTap(question: Question): boolean {
  return ['select_one', 'yes_no', 'severity', 'place'].includes(question.type);
}

/** Whether the choices are drawn as large tiles. */
export function asTiles(question: Question): boolean {
  return question.appearance === 'tiles' || question.choices.length <= TILES_MAX;
}

/** Whether the choices are so few that each gets the whole width. */
export function areFew(question: Question): boolean {
  return question.choices.length <= FEW_MAX;
}

/** Whether an answer says anything. */
export function isAnswered(answer: Answer | undefined): boolean {
  if (answer === undefined) return false;
  if (typeof answer === 'string') return answer.trim() !== '';
  return Array.isArray(answer) ? answer.length > 0 : true;
}

/** Where to begin: where one left, else the first question without an answer. */
export function firstStep(
  steps: Step[],
  left: string | null,
  answers: Readonly<Record<string, Answer>>,
): string {
  if (left !== null && steps.some((step) => step.id === left)) return left;
  const open = steps.find((step) => step.question && !isAnswered(answers[step.question.name]));
  return open?.id ?? LAST;
}
