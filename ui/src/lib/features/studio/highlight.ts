/** What each line of a source is, for its colour in the editor. */

export type LineKind = 'header' | 'heading' | 'choice' | 'right' | 'feedback' | 'fence' | 'text';

/** The kind of every line, in order. */
export function lineKinds(source: string): LineKind[] {
  let fences = 0;
  return source.split('\n').map((line) => {
    const bare = line.trim();
    if (bare === '+++' && fences < 2) {
      fences += 1;
      return 'fence';
    }
    if (fences === 1) return 'header';
    if (bare.startsWith('## ')) return 'heading';
    if (bare === '***') return 'fence';
    if (/^\[[([][Xx][)\]]\]/.test(bare)) return 'right';
    if (/^\[.*\]/.test(bare)) return 'choice';
    return bare.startsWith('>') ? 'feedback' : 'text';
  });
}
