/** The right answer of a question, in words. */
import type { QuizItem } from '$lib/generated/commands';

/** One line per part of the right answer. `number` writes a number as the language does. */
export function rightAnswer(item: QuizItem, number: (value: number) => string): string[] {
  switch (item.kind) {
    case 'order':
      return item.choices.map(({ text }, rank) => `${rank + 1}. ${text}`);
    case 'match':
      return item.pairs.map(({ left, right }) => `${left} → ${right}`);
    case 'blank':
      return item.accepted.slice(0, 1);
    case 'number':
      return item.number === null
        ? []
        : [`${number(item.number.value)} ${item.number.unit}`.trim()];
    default:
      return item.choices.filter(({ correct }) => correct).map(({ text }) => text);
  }
}
