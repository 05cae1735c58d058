/** Copies the structure of a capsule into another language: same parts and marks, words to translate in ⟨ ⟩. */
import type { Problem } from '$lib/generated/commands';

const OPEN = '⟨';
const CLOSE = '⟩';
const TRANSLATED_KEYS = ['title', 'objective', 'apply_label'];

const quoted = (text: string): string =>
  text.trim() === '' ? text : `${OPEN}${text.trim()}${CLOSE}`;

function headerLine(line: string, inSource: boolean): string {
  const found = /^(\w+)\s*=\s*"(.*)"\s*$/.exec(line);
  const [, key, value] = found ?? [];
  if (inSource || key === undefined || value === undefined || !TRANSLATED_KEYS.includes(key))
    return line;
  return `${key} = "${quoted(value)}"`;
}

/** What stays of a line of text, and the words after it that are to translate. */
const MARKS: readonly RegExp[] = [
  /^(##\s+\?\s*\{#[^}]*\}\s*)(.*)$/,
  /^(##\s+)(.*)$/,
  /^(\s*\[\([Xx ]\)\]\s*)(.*)$/,
  /^(\s*\[\[[Xx ]\]\]\s*)(.*)$/,
  /^(\s*\[\d+\]\s+)(.*)$/,
  /^(\s*>\s*)(.*)$/,
  /^(\s*(?:[-*+]|\d+[.)])\s+)(.*)$/,
];

function bodyLine(line: string): string {
  const bare = line.trim();
  if (bare === '' || bare === '***' || /^\[\[=.*\]\]$/.test(bare)) return line;
  const picture = /^!\[([^\]]*)\]\(([^)]*)\)$/.exec(bare);
  if (picture !== null) return `![${quoted(picture[1] ?? '')}](${picture[2] ?? ''})`;
  const pair = /^\[(.+)\]\s*=\s*\[(.+)\]$/.exec(bare);
  if (pair !== null) return `[${quoted(pair[1] ?? '')}] = [${quoted(pair[2] ?? '')}]`;
  for (const mark of MARKS) {
    const [, kept, words] = mark.exec(line) ?? [];
    if (kept !== undefined && words !== undefined) return kept + quoted(words);
  }
  const blank = /^\[\[(.+)\]\]$/.exec(bare);
  if (blank !== null) return `[[${quoted(blank[1] ?? '')}]]`;
  return quoted(line);
}

/** The same capsule with all of its words in ⟨ ⟩, ready to be translated in place. */
export function skeletonOf(source: string): string {
  let fences = 0;
  let inSource = false;
  return source
    .split('\n')
    .map((line) => {
      if (line.trim() === '+++' && fences < 2) {
        fences += 1;
        return line;
      }
      if (fences !== 1) return bodyLine(line);
      inSource = inSource || line.trim() === '[[sources]]';
      return headerLine(line, inSource);
    })
    .join('\n');
}

/** The lines that still hold words to translate: publishing them would show them. */
export function untranslated(source: string): Problem[] {
  return source.split('\n').flatMap((line, index) => {
    const words = line.includes(OPEN)
      ? line.slice(line.indexOf(OPEN) + 1).split(CLOSE)[0]
      : undefined;
    return words === undefined
      ? []
      : [{ code: 'to-translate', line: index + 1, severity: 'error' as const, values: [words] }];
  });
}
