/** An answer in words, as a summary or a report's page says it. */
import type { Answer, Question } from '$lib/generated/commands';
import type { I18n } from '$lib/wording';

/** Gives the name of a place or a person; the id itself when it is not known. */
export type NameOf = (kind: 'place' | 'person', id: string) => string;

/** What was answered, for reading. Severity and photos are drawn, not said. */
export function said(i18n: I18n, question: Question, answer: Answer, nameOf: NameOf): string {
  switch (question.type) {
    case 'select_one':
      return choiceName(i18n, question, String(answer));
    case 'select_multiple':
      return listOf(answer)
        .map((name) => choiceName(i18n, question, name))
        .join(', ');
    case 'yes_no':
      return i18n.t(answer === true ? 'form-yes' : 'form-no');
    case 'severity':
      return i18n.t(`severity-${String(answer)}`);
    case 'place':
      return nameOf('place', String(answer));
    case 'person':
      return nameOf('person', String(answer));
    case 'date':
      return i18n.day(String(answer));
    case 'datetime':
      return momentSaid(i18n, String(answer));
    case 'integer':
    case 'decimal':
    case 'calculate':
      return typeof answer === 'number' ? i18n.number(answer) : String(answer);
    case 'photo':
      return i18n.t('form-photos', { count: listOf(answer).length });
    default:
      return String(answer);
  }
}

function choiceName(i18n: I18n, question: Question, name: string): string {
  const choice = question.choices.find((one) => one.name === name);
  return choice ? i18n.pick(choice.label) : name;
}

/** `YYYY-MM-DDTHH:MM` is a time on the wall where it was written: no zone may move it. */
function momentSaid(i18n: I18n, moment: string): string {
  const [day, time] = moment.split('T');
  return day && time ? i18n.t('form-moment', { day: i18n.day(day), time }) : moment;
}

function listOf(answer: Answer): string[] {
  return Array.isArray(answer) ? answer : [String(answer)];
}
