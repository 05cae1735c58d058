/** What an expression works on, and the value of one. Mirrors `core/src/form/value.rs`. */
import type { Answer, Expression } from '$lib/generated/commands';

/** Most code points of a text. */
export const TEXT_MAX = 20_000;
const DEPTH_MAX = 32;
const NUMBER_MAX = 1e15;
const SPACES = /^[ \t\n\r\u00a0\u202f]+|[ \t\n\r\u00a0\u202f]+$/g;

/** `null` is nothing; a text or a list is never empty. */
export type Value = Answer | null;

/** What an expression may ask of the form it stands in. */
export interface Scope {
  field: (name: string) => Value;
  /** The value of the question that the expression belongs to. */
  itself: Value;
  today: string;
  score: () => number | null;
}

/** Code points. */
export const lengthOf = (text: string): number => Array.from(text).length;

/** The number, or nothing when it is too large; 0 when it is next to nothing. */
export const inRange = (number: number): Value => {
  if (!Number.isFinite(number) || Math.abs(number) > NUMBER_MAX) return null;
  return Math.abs(number) < 1e-6 ? 0 : number;
};

/** Whether a value counts as true. */
export function truth(value: Value): boolean {
  if (typeof value === 'number') return value !== 0;
  return typeof value === 'boolean' ? value : value !== null;
}

function asNumber(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return null;
  const written = value.replace(SPACES, '');
  if (!/^-?[0-9]{1,15}(?:[.,][0-9]{1,9})?$/.test(written)) return null;
  return inRange(Number(written.replace(',', '.'))) as number | null;
}

function asText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** Below 0, 0 or above 0; `null` when they cannot be compared. Texts go by code point. */
function order(left: Value, right: Value): number | null {
  if (left === null || right === null) return null;
  if (typeof left === 'number' || typeof right === 'number') {
    const [a, b] = [asNumber(left), asNumber(right)];
    return a === null || b === null ? null : a - b;
  }
  const [a, b] = [Array.from(asText(left)), Array.from(asText(right))];
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const gap = (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (gap !== 0) return gap;
  }
  return a.length - b.length;
}

const equals = (left: Value, right: Value): boolean =>
  (left === null && right === null) || order(left, right) === 0;

function arithmetic(name: string, values: Value[]): Value {
  const numbers = values.map(asNumber);
  if (numbers.length === 0 || numbers.includes(null)) return null;
  const [first = 0, ...rest] = numbers as number[];
  if (rest.length === 0) return inRange(name === '-' ? -first : first);
  const step = (left: number, right: number): number => {
    if (name === '+') return left + right;
    if (name === '-') return left - right;
    if (name === '*') return left * right;
    return name === 'div' ? left / right : left % right;
  };
  return inRange(rest.reduce(step, first));
}

function round(value: Value, places: Value): Value {
  const number = asNumber(value);
  if (number === null) return null;
  const digits = Math.min(Math.max(asNumber(places) ?? 0, 0), 6);
  let scale = 1;
  for (let done = 0; done < digits; done += 1) scale *= 10;
  return inRange(Math.floor(number * scale + 0.5) / scale);
}

function extreme(values: Value[], of: (...numbers: number[]) => number): Value {
  const numbers = values.map(asNumber).filter((number) => number !== null);
  return numbers.length === 0 ? null : inRange(of(...numbers));
}

function call(name: string, values: Value[], scope: Scope): Value {
  const [first = null, second = null, third = null] = values;
  const compare = (holds: (sign: number) => boolean): boolean => {
    const sign = order(first, second);
    return sign !== null && holds(sign);
  };
  switch (name) {
    case 'or':
      return values.some(truth);
    case 'and':
      return values.every(truth);
    case 'not':
      return !truth(first);
    case '=':
      return equals(first, second);
    case '!=':
      return !equals(first, second);
    case '<':
      return compare((sign) => sign < 0);
    case '<=':
      return compare((sign) => sign <= 0);
    case '>':
      return compare((sign) => sign > 0);
    case '>=':
      return compare((sign) => sign >= 0);
    case '+':
    case '-':
    case '*':
    case 'div':
    case 'mod':
      return arithmetic(name, values);
    case 'selected':
      if (first === null || second === null) return false;
      return Array.isArray(first)
        ? first.includes(asText(second))
        : asText(first) === asText(second);
    case 'count-selected':
      return first === null ? 0 : Array.isArray(first) ? first.length : 1;
    case 'coalesce':
      return values.find((value) => value !== null) ?? null;
    case 'if':
      return truth(first) ? second : third;
    case 'string-length':
      return lengthOf(asText(first));
    case 'concat':
      return Array.from(values.map(asText).join('')).slice(0, TEXT_MAX).join('') || null;
    case 'number':
      return asNumber(first);
    case 'round':
      return round(first, second);
    case 'min':
      return extreme(values, Math.min);
    case 'max':
      return extreme(values, Math.max);
    case 'today':
      return scope.today || null;
    case 'score':
      return scope.score();
    default:
      return null;
  }
}

/** The value of an expression; below 32 levels everything is nothing. */
export function evaluate(tree: Expression, scope: Scope, levels = DEPTH_MAX): Value {
  if (levels === 0) return null;
  if (tree.op === 'self') return scope.itself;
  if (tree.op === 'field') return scope.field(tree.name);
  if (tree.op === 'value') {
    return typeof tree.value === 'number'
      ? inRange(tree.value)
      : tree.value === ''
        ? null
        : tree.value;
  }
  return call(
    tree.name,
    tree.arguments.map((one) => evaluate(one, scope, levels - 1)),
    scope,
  );
}

/** Whether an answer says nothing. */
export const isBlank = (answer: Answer): boolean =>
  typeof answer === 'string'
    ? answer.replace(SPACES, '') === ''
    : Array.isArray(answer) && answer.length === 0;
