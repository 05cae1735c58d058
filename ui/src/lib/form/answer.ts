/** Whether an answer suits its question. Mirrors `core/src/form/answer.rs`. */
import type { Answer, Question } from '$lib/generated/commands';
import { inRange, lengthOf, TEXT_MAX } from './value';

export type ProblemCode =
  'required' | 'type' | 'choice' | 'too_long' | 'too_many' | 'range' | 'constraint';

const ID_MAX = 200;
const PHOTOS_MAX = 10;
const SEVERITIES = ['low', 'moderate', 'serious', 'critical'];

function isDate(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = (
    /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text) ?? []
  ).map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return year > 0 && day >= 1 && day <= days;
}

const isTime = (text: string): boolean => /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/.test(text);
const isDatetime = (text: string): boolean =>
  text.length === 16 && text[10] === 'T' && isDate(text.slice(0, 10)) && isTime(text.slice(11));

/** What is wrong with an answer that is not blank; `null` when nothing is. */
export function fault({ type, choices }: Question, answer: Answer): ProblemCode | null {
  const known = (name: string): boolean => choices.some((choice) => choice.name === name);
  const unless = (fine: boolean, code: ProblemCode): ProblemCode | null => (fine ? null : code);
  if (typeof answer === 'string') {
    switch (type) {
      case 'text':
        return unless(lengthOf(answer) <= TEXT_MAX, 'too_long');
      case 'place':
      case 'person':
        return unless(lengthOf(answer) <= ID_MAX, 'too_long');
      case 'date':
        return unless(isDate(answer), 'type');
      case 'time':
        return unless(isTime(answer), 'type');
      case 'datetime':
        return unless(isDatetime(answer), 'type');
      case 'select_one':
        return unless(known(answer), 'choice');
      case 'severity':
        return unless(SEVERITIES.includes(answer), 'choice');
      default:
        return 'type';
    }
  }
  if (typeof answer === 'boolean') return unless(type === 'yes_no', 'type');
  if (typeof answer === 'number') {
    if (type !== 'decimal' && (type !== 'integer' || !Number.isInteger(answer))) return 'type';
    return unless(inRange(answer) !== null, 'range');
  }
  const different = new Set(answer).size === answer.length;
  if (type === 'select_multiple') return unless(different && answer.every(known), 'choice');
  if (type !== 'photo') return 'type';
  if (answer.length > PHOTOS_MAX) return 'too_many';
  return unless(different && answer.every((hash) => /^[0-9a-f]{64}$/.test(hash)), 'type');
}
