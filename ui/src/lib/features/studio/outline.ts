/** The parts of a capsule's source, read from its text alone: enough to move about in it. */
import type { QuizKind } from '$lib/generated/commands';

export interface Part {
  kind: 'header' | 'card' | 'quiz';
  /** The words of its heading; empty for the header. */
  title: string;
  /** Which kind of question, when its lines tell. */
  quiz: QuizKind | null;
  /** First and last line, counted from 1. */
  first: number;
  last: number;
  /** Which screen of the capsule it is, from 0; -1 for the header. */
  screen: number;
}

const HEADING = /^##\s+(.*)$/;
const QUESTION = /^\?\s*(?:\{#[^}]*\})?\s*/;

/** Which kind of question these lines make; null when nothing tells. */
export function kindOf(lines: readonly string[]): QuizKind | null {
  const trimmed = lines.map((line) => line.trim());
  const singles = trimmed.filter((line) => /^\[\((X|x| )\)\]/.test(line));
  if (singles.length > 0) {
    const words = singles.map((line) => line.slice(5).trim().toLowerCase().replace(/[.!]$/, ''));
    const pair =
      words.length === 2 &&
      ['vrai,faux', 'faux,vrai', 'true,false', 'false,true'].includes(words.join(','));
    return pair ? 'true_false' : 'one';
  }
  for (const line of trimmed) {
    if (/^\[\[(X|x| )\]\]/.test(line)) return 'several';
    if (/^\[\[=.*\]\]$/.test(line)) return 'number';
    if (/^\[\[.+\]\]$/.test(line)) return 'blank';
    if (/^\[\d+\]\s/.test(line)) return 'order';
    if (/^\[.+\]\s*=\s*\[.+\]$/.test(line)) return 'match';
  }
  return null;
}

/** Reads the parts of a source, in order. */
export function outlineOf(source: string): Part[] {
  const lines = source.split('\n');
  const starts = lines.flatMap((line, index) => (HEADING.test(line) ? [index] : []));
  const headerLast = (starts[0] ?? lines.length) - 1;
  const header: Part = {
    kind: 'header',
    title: '',
    quiz: null,
    first: 1,
    last: Math.max(1, headerLast + 1),
    screen: -1,
  };
  const parts = starts.map((start, screen): Part => {
    const end = (starts[screen + 1] ?? lines.length) - 1;
    const words = HEADING.exec(lines[start] ?? '')?.[1] ?? '';
    const quiz = words.startsWith('?');
    return {
      kind: quiz ? 'quiz' : 'card',
      title: (quiz ? words.replace(QUESTION, '') : words).trim(),
      quiz: quiz ? kindOf(lines.slice(start + 1, end + 1)) : null,
      first: start + 1,
      last: end + 1,
      screen,
    };
  });
  return starts[0] === 0 ? parts : [header, ...parts];
}

/** The part that holds a line, or the last one before it. */
export function partAt(parts: readonly Part[], line: number): Part | null {
  return parts.findLast((part) => part.first <= line) ?? parts[0] ?? null;
}

/** The line, from 1, of a place in a text. */
export function lineAt(source: string, place: number): number {
  return source.slice(0, Math.max(0, place)).split('\n').length;
}

/** Where a line begins and ends in a text. Lines are counted from 1; one past the end is the last. */
export function rangeOfLine(source: string, line: number): { start: number; end: number } {
  const lines = source.split('\n');
  const index = Math.min(Math.max(1, line), lines.length) - 1;
  const start = lines.slice(0, index).reduce((length, text) => length + text.length + 1, 0);
  return { start, end: start + (lines[index]?.length ?? 0) };
}

/** Puts a block after a line, with an empty line on each side. Tells where it begins. */
export function insertAfter(
  source: string,
  line: number,
  block: string,
): { source: string; line: number } {
  const lines = source.split('\n');
  const before = lines.slice(0, line).join('\n').trimEnd();
  const after = lines.slice(line).join('\n').trimStart();
  const begin = before === '' ? '' : `${before}\n\n`;
  const rest = after === '' ? '\n' : `\n\n${after}`;
  return { source: begin + block.trim() + rest, line: begin.split('\n').length };
}

/** Moves a part up or down among its like; null when it cannot go there. */
export function movePart(
  source: string,
  part: Part,
  by: -1 | 1,
): { source: string; line: number } | null {
  const like = outlineOf(source).filter(({ kind }) => kind === part.kind);
  const at = like.findIndex(({ first }) => first === part.first);
  const one = like[Math.min(at, at + by)];
  const two = like[Math.max(at, at + by)];
  if (at < 0 || one === undefined || two === undefined || one === two) return null;
  const lines = source.split('\n');
  const text = ({ first, last }: Part): string =>
    lines
      .slice(first - 1, last)
      .join('\n')
      .trim();
  const before = lines
    .slice(0, one.first - 1)
    .join('\n')
    .trimEnd();
  const after = lines.slice(two.last).join('\n').trim();
  const pieces = [before, text(two), text(one), after].filter((piece) => piece !== '');
  const moved = `${pieces.join('\n\n')}\n`;
  const start = before === '' ? 1 : before.split('\n').length + 2;
  return { source: moved, line: by < 0 ? start : start + text(two).split('\n').length + 1 };
}
