/**
 * Judges the answers to a form, on the screen: which questions are to be asked, what is wrong,
 * which answers count and the score.
 *
 * It says exactly what `judge` in `core/src/form/evaluate.rs` says. The rules are written there,
 * in the documentation of the module `form`; generated cases compare the two (`cases.sample.json`,
 * and thousands more in `target/form-cases.json`).
 */
import type { Answer, Expression, FormProgram, Question, Wording } from '$lib/generated/commands';
import { fault, type ProblemCode } from './answer';
import { evaluate, inRange, isBlank, lengthOf, truth, type Value } from './value';

export type { ProblemCode } from './answer';

export type Answers = { [field: string]: Answer };

/** Something to put right before sealing; `message` holds the form's own words for a constraint. */
export interface Problem {
  field: string;
  code: ProblemCode;
  message: Wording;
}

export interface Judged {
  /** The questions to be asked, in the form's order. */
  relevant: string[];
  /** The answers that count, with calculated values. */
  answers: Answers;
  problems: Problem[];
  /** A whole number from 0 to 100. */
  score: number | null;
}

const TEXTS_MAX = 100_000;

interface Settled {
  relevant: boolean;
  value: Value;
  problem: ProblemCode | null;
}

/** A form while it is judged. */
interface Sheet {
  program: FormProgram;
  today: string;
  settled: Map<string, Settled>;
}

/** The value of an expression, seen from a question with that value. */
const valueOf = (tree: Expression, sheet: Sheet, itself: Value = null): Value =>
  evaluate(tree, {
    field: (name) => sheet.settled.get(name)?.value ?? null,
    itself,
    today: sheet.today,
    score: () => scoreOf(sheet),
  });

const hasScore = (question: Question): boolean =>
  question.type === 'select_one' && question.choices.some((choice) => choice.score !== null);

function scoreOf({ program, settled }: Sheet): number | null {
  if (!program.scored) return null;
  let [sum, best] = [0, 0];
  for (const question of program.questions.filter(hasScore)) {
    const chosen = settled.get(question.name)?.value;
    const score = question.choices.find((choice) => choice.name === chosen)?.score ?? null;
    if (typeof chosen !== 'string' || score === null) continue;
    const weight = question.weight ?? 1;
    sum += score * weight;
    best += Math.max(0, ...question.choices.map((choice) => choice.score ?? 0)) * weight;
  }
  const score = Math.floor((100 * sum) / best + 0.5);
  return best > 0 && Number.isFinite(score) ? Math.min(Math.max(score, 0), 100) : null;
}

/** The names of the questions that must be settled before this one. */
function needs(program: FormProgram, question: Question): Set<string> {
  const names = new Set<string>();
  const visit = (tree: Expression): void => {
    if (tree.op === 'field') names.add(tree.name);
    if (tree.op !== 'call') return;
    if (tree.name === 'score')
      program.questions.filter(hasScore).forEach((one) => names.add(one.name));
    tree.arguments.forEach(visit);
  };
  if (question.relevant) visit(question.relevant);
  if (question.type === 'calculate' && question.calculation) visit(question.calculation);
  return names;
}

function settle(question: Question, answer: Answer | undefined, sheet: Sheet): Settled {
  const nothing = { relevant: true, value: null, problem: null };
  if (question.relevant && !truth(valueOf(question.relevant, sheet)))
    return { ...nothing, relevant: false };
  if (question.type === 'calculate') {
    return {
      ...nothing,
      value: question.calculation ? valueOf(question.calculation, sheet) : null,
    };
  }
  if (answer === undefined || question.type === 'note' || isBlank(answer)) return nothing;
  const problem = fault(question, answer);
  if (problem) return { ...nothing, problem };
  return { ...nothing, value: typeof answer === 'number' ? inRange(answer) : answer };
}

function problemOf(
  question: Question,
  { value, problem }: Settled,
  length: number,
  sheet: Sheet,
): ProblemCode | null {
  if (problem) return problem;
  if (value === null) {
    return question.required && question.type !== 'note' && question.type !== 'calculate'
      ? 'required'
      : null;
  }
  if (typeof value === 'string' && length > TEXTS_MAX) return 'too_long';
  if (!question.constraint) return null;
  return truth(valueOf(question.constraint, sheet, value)) ? null : 'constraint';
}

/** Judges the answers to a form; `today` is `YYYY-MM-DD`. */
export function judge(program: FormProgram, answers: Answers, today: string): Judged {
  const sheet: Sheet = { program, today, settled: new Map() };
  const given = (name: string): Answer | undefined =>
    Object.hasOwn(answers, name) ? answers[name] : undefined;
  const names = new Set(program.questions.map((question) => question.name));
  let waiting = program.questions.map((question) => ({
    question,
    needs: [...needs(program, question)],
  }));
  for (let before = -1; before !== waiting.length;) {
    before = waiting.length;
    waiting = waiting.filter((one) => {
      if (one.needs.some((name) => names.has(name) && !sheet.settled.has(name))) return true;
      sheet.settled.set(one.question.name, settle(one.question, given(one.question.name), sheet));
      return false;
    });
  }
  const judged: Judged = { relevant: [], answers: {}, problems: [], score: scoreOf(sheet) };
  let length = 0;
  for (const question of program.questions) {
    const settled = sheet.settled.get(question.name);
    if (!settled?.relevant) continue;
    judged.relevant.push(question.name);
    const kept =
      settled.value === null
        ? null
        : question.type === 'calculate'
          ? settled.value
          : given(question.name);
    if (typeof kept === 'string') length += lengthOf(kept);
    const code = problemOf(question, settled, length, sheet);
    const message = code === 'constraint' ? question.constraint_message : {};
    if (code) judged.problems.push({ field: question.name, code, message });
    if (kept !== null && kept !== undefined) judged.answers[question.name] = kept;
  }
  return judged;
}
