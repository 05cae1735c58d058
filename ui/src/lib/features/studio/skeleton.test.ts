import { describe, expect, it } from 'vitest';
import { outlineOf } from './outline';
import { skeletonOf, untranslated } from './skeleton';

const SOURCE = `+++
title = "Lire une étiquette"
theme = "chemical"
[[sources]]
title = "ECHA"
+++

## Une carte

Du **texte**.
1. un
![Une flamme](flame.svg)

## ? {#first} Quel geste ?

[( )] Sentir
> Jamais.
[[= 1,5 ± 0,5 m]]
[[consigné|consignée]]
[1] Lire
[gauche] = [droite]
***
Parce que.
***
`;

describe('skeletonOf', () => {
  it('keeps every mark and puts every word in brackets', () => {
    const copy = skeletonOf(SOURCE);
    for (const line of [
      'title = "⟨Lire une étiquette⟩"',
      'theme = "chemical"',
      'title = "ECHA"',
      '## ⟨Une carte⟩',
      '⟨Du **texte**.⟩',
      '1. ⟨un⟩',
      '![⟨Une flamme⟩](flame.svg)',
      '## ? {#first} ⟨Quel geste ?⟩',
      '[( )] ⟨Sentir⟩',
      '> ⟨Jamais.⟩',
      '[[= 1,5 ± 0,5 m]]',
      '[[⟨consigné|consignée⟩]]',
      '[1] ⟨Lire⟩',
      '[⟨gauche⟩] = [⟨droite⟩]',
      '***',
      '⟨Parce que.⟩',
    ]) {
      expect(copy.split('\n')).toContain(line);
    }
  });

  it('keeps the same parts on the same lines', () => {
    const shape = (source: string): unknown =>
      outlineOf(source).map(({ kind, quiz, first, last }) => ({ kind, quiz, first, last }));
    expect(shape(skeletonOf(SOURCE))).toEqual(shape(SOURCE));
  });
});

describe('untranslated', () => {
  it('counts the lines still to translate', () => {
    expect(untranslated(SOURCE)).toEqual([]);
    expect(untranslated('a\n## ⟨Une carte⟩')).toEqual([
      { code: 'to-translate', line: 2, severity: 'error', values: ['Une carte'] },
    ]);
  });
});
