/** How a draft begins: from an address, with the answers that its form proposes. */
import type { Answer, FormProgram, Question } from '$lib/generated/commands';

/** How a draft that does not exist yet begins. */
export interface Start {
  form: string;
  release: number;
  practice: boolean;
}

/** The form, release and practice mark of an address; `null` when it names no form. */
export function readStart(asked: URLSearchParams): Start | null {
  const form = asked.get('form');
  const release = Number(asked.get('release'));
  if (!form || !Number.isInteger(release) || release < 1) return null;
  return { form, release, practice: asked.get('practice') === '1' };
}

/** The address that begins a draft. */
export function startPath(id: string, { form, release, practice }: Start): string {
  const asked = new URLSearchParams({ form, release: String(release) });
  if (practice) asked.set('practice', '1');
  return `/report/${id}?${asked}`;
}

/** The answers that a draft begins with, as core gives them; `today` is `YYYY-MM-DD`. */
export function defaultsOf(program: FormProgram, today: string): Record<string, Answer> {
  const answers: Record<string, Answer> = {};
  for (const question of program.questions) {
    const answer = defaultOf(question, today);
    if (answer !== null) answers[question.name] = answer;
  }
  return answers;
}

function defaultOf(question: Question, today: string): Answer | null {
  const written = question.default;
  if (written === null || written.trim() === '') return null;
  switch (question.type) {
    case 'date':
      return written === 'today' ? today : written;
    case 'integer':
    case 'decimal':
      return Number.isFinite(Number(written)) ? Number(written) : null;
    case 'yes_no':
      return written === 'yes' ? true : written === 'no' ? false : null;
    case 'select_multiple':
      return written.trim().split(/\s+/);
    case 'place':
    case 'person':
    case 'photo':
    case 'note':
    case 'calculate':
      return null;
    default:
      return written;
  }
}
