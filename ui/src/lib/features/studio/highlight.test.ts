import { describe, expect, it } from 'vitest';
import { lineKinds } from './highlight';

describe('lineKinds', () => {
  it('knows each kind of line', () => {
    const source =
      '+++\ntitle = "x"\n+++\n## Carte\nTexte\n[( )] non\n[(X)] oui\n[[X]] oui\n> pourquoi\n***\n[a] = [b]\n[1] un';
    expect(lineKinds(source)).toEqual([
      'fence',
      'header',
      'fence',
      'heading',
      'text',
      'choice',
      'right',
      'right',
      'feedback',
      'fence',
      'choice',
      'choice',
    ]);
  });

  it('has one kind for each line, whatever the text', () => {
    for (const source of ['', '\n\n', '+++', '+++\n+++\n+++']) {
      expect(lineKinds(source)).toHaveLength(source.split('\n').length);
    }
  });
});
