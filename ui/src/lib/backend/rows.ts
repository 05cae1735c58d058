/** List rows for what waits in this browser, until the server has made its own. */
import type {
  Answer,
  DirectoryMe,
  DraftRow,
  DraftView,
  FormProgram,
  ReportRow,
  Severity,
  Wording,
} from '$lib/generated/commands';

const SEVERITIES: readonly Severity[] = ['low', 'moderate', 'serious', 'critical'];

/** The row of a draft as its author sees it. */
export function draftRow(view: DraftView): DraftRow {
  return {
    id: view.id,
    report_type: view.program.report_type,
    form_title: view.program.title,
    title: titleOf(view),
    practice: view.practice,
    updated_at: view.updated_at,
    photos: view.attachments.length,
  };
}

/** The row of a report sealed in this browser and not yet received. */
export function reportRow(
  id: string,
  view: DraftView,
  me: DirectoryMe | undefined,
  now: number,
): ReportRow {
  const site = me?.site;
  const place = answerFilling(view, 'place');
  const severity = SEVERITIES.find((one) => one === answerFilling(view, 'severity'));
  return {
    id,
    report_type: view.program.report_type,
    title: titleOf(view),
    site: site?.id ?? '',
    site_name: site?.name ?? '',
    place_name: site?.places.find((one) => one.id === place)?.name ?? null,
    severity: severity ?? 'low',
    status: 'open',
    custody: 'sealed',
    urgent: answerFilling(view, 'urgency') === 'now',
    confidential: answerFilling(view, 'openness') === 'confidential',
    mine: true,
    sealed_at: now,
    received_at: null,
    closed_at: null,
    assignees: [],
    assignee_names: [],
    comments: 0,
    photos: view.attachments.length,
    worsened: false,
    score: null,
  };
}

/** As the core titles a report: the words that were typed, else what was chosen, else the form. */
function titleOf(view: DraftView): string {
  const words = answerFilling(view, 'words');
  const typed = typeof words === 'string' ? words.trim().replace(/\s+/g, ' ') : '';
  const title =
    typed || chosen(view.program, answerFilling(view, 'what')) || anyText(view.program.title);
  return shorten(title);
}

const TITLE_MAX = 80;

function shorten(text: string): string {
  const letters = [...text];
  if (letters.length <= TITLE_MAX) return text;
  const cut = letters.slice(0, TITLE_MAX - 1).join('');
  const space = cut.lastIndexOf(' ');
  const kept =
    [...cut.slice(0, Math.max(space, 0))].length > TITLE_MAX / 2 ? cut.slice(0, space) : cut;
  return `${kept.replace(/[ ,;:.·\u202f]+$/, '')}…`;
}

function chosen(program: FormProgram, answer: Answer | undefined): string {
  if (typeof answer !== 'string') return '';
  const question = program.questions.find((one) => one.fills === 'what');
  const choice = question?.choices.find((one) => one.name === answer);
  return choice ? anyText(choice.label) : answer;
}

function answerFilling(view: DraftView, fills: string): Answer | undefined {
  const question = view.program.questions.find((one) => one.fills === fills);
  return question ? view.answers[question.name] : undefined;
}

function anyText(wording: Wording): string {
  return wording['fr'] ?? Object.values(wording)[0] ?? '';
}
