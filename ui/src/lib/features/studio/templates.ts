/** What a writer begins with: a whole capsule to overwrite, and one part of each kind to add. */
import { outlineOf } from './outline';
import type { Part } from './outline';

const files = import.meta.glob<string>('$wording/../templates/*.md', {
  query: '?raw',
  import: 'default',
});

async function read(name: string): Promise<string> {
  const path = Object.keys(files).find((key) => key.endsWith(`/${name}`));
  const load = path === undefined ? undefined : files[path];
  if (load === undefined) throw new Error(`no template ${name}`);
  return await load();
}

/** Fills the days of review of a template. `today` is 'YYYY-MM-DD'; what is written holds for two years. */
export function dated(template: string, today: string): string {
  const expires = `${Number(today.slice(0, 4)) + 2}${today.slice(4)}`.replace(/-02-29$/, '-02-28');
  return template.replaceAll('{{reviewed}}', today).replaceAll('{{expires}}', expires);
}

/** A whole capsule to begin with, in French or English. */
export async function firstDraft(language: string, today: string): Promise<string> {
  return dated(await read(language === 'en' ? 'en.md' : 'fr.md'), today);
}

export interface Block {
  /** 'card' or the kind of question. */
  kind: string;
  text: string;
}

/** The blocks of a file, one per part. */
export function blocksOf(source: string): Block[] {
  const lines = source.split('\n');
  const named = ({ kind, quiz }: Part): string => (kind === 'card' ? 'card' : (quiz ?? 'one'));
  return outlineOf(source)
    .filter(({ kind }) => kind !== 'header')
    .map((part) => ({
      kind: named(part),
      text: lines
        .slice(part.first - 1, part.last)
        .join('\n')
        .trim(),
    }));
}

/** One part of each kind, to add to a capsule. */
export async function blocks(language: string): Promise<Block[]> {
  return blocksOf(await read(language === 'en' ? 'quiz.en.md' : 'quiz.fr.md'));
}

/** A block whose id is not taken yet in the capsule it goes into. */
export function withFreeId(block: string, source: string): string {
  const taken = new Set([...source.matchAll(/\{#([a-z0-9-]+)\}/g)].map(([, id]) => id));
  return block.replace(/\{#([a-z0-9-]+)\}/, (_, id: string) => {
    let free = id;
    for (let number = 2; taken.has(free); number += 1) free = `${id}-${number}`;
    return `{#${free}}`;
  });
}
