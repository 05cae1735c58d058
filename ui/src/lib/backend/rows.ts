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
    urgent: false,
    confidential: false,
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

/** What the author wrote, else what they chose, else the form's name. */
function titleOf(view: DraftView): string {
  const words = answerFilling(view, 'words');
  if (typeof words === 'string' && words.trim() !== '') return words.trim().slice(0, 80);
  return chosen(view.program, answerFilling(view, 'what')) || anyText(view.program.title);
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
