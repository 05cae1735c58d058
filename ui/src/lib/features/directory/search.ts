/** Finding someone or somewhere as people type: no capitals, no accents, words in any order. */

/** A text without what does not matter to a search. */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
}

/** Whether every word of `query` begins a word of one of the texts. */
export function matches(query: string, ...texts: (string | null | undefined)[]): boolean {
  const words = plain(texts.filter(Boolean).join(' ')).split(/[\s'’-]+/u);
  return plain(query)
    .split(/[\s'’-]+/u)
    .filter(Boolean)
    .every((wanted) => words.some((word) => word.startsWith(wanted)));
}
