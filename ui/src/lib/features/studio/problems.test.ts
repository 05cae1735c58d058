import { readdirSync, readFileSync } from 'node:fs';
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { describe, expect, it } from 'vitest';
import { problemText } from './problems';
import { untranslated } from './skeleton';

const root = new URL('../../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Every code that the lint can give, read from its source. */
function lintCodes(): string[] {
  const folder = 'core/src/capsule/';
  const files = readdirSync(new URL(folder, root)).filter((name) => name.endsWith('.rs'));
  const codes = files.flatMap((name) => {
    const source = read(folder + name);
    const given = [...source.matchAll(/\.(?:error|warning)\(\s*"([a-z-]+)"/g)].map(
      ([, code]) => code ?? '',
    );
    const chosen = [...source.matchAll(/let code =[^;]*;/g)].flatMap(([text]) =>
      [...text.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code ?? ''),
    );
    return [...given, ...chosen];
  });
  return [...new Set(codes)].sort();
}

function wording(language: string): { bundle: FluentBundle; codes: string[] } {
  const source = read(`content/wording/${language}/studio.ftl`);
  const bundle = new FluentBundle(language, { useIsolating: false });
  const errors = bundle.addResource(new FluentResource(source));
  if (errors.length > 0) throw errors[0];
  const own = ['unknown', ...untranslated('⟨').map(({ code }) => code)];
  const codes = [...source.matchAll(/^studio-problem-([a-z-]+) =/gm)].map(([, code]) => code ?? '');
  return { bundle, codes: codes.filter((code) => !own.includes(code)).sort() };
}

describe('the words of the lint', () => {
  it('finds the codes in the lint’s own source', () => {
    expect(lintCodes().length).toBeGreaterThan(60);
  });

  it.each(['fr', 'en'])('has a sentence in %s for each code, and none too many', (language) => {
    expect(wording(language).codes).toEqual(lintCodes());
  });

  it.each(['fr', 'en'])('makes every sentence in %s without a fault', (language) => {
    const { bundle, codes } = wording(language);
    for (const code of codes) {
      const faults: Error[] = [];
      const pattern = bundle.getMessage(`studio-problem-${code}`)?.value ?? null;
      const text =
        pattern === null
          ? ''
          : bundle.formatPattern(pattern, { a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }, faults);
      expect(faults, code).toEqual([]);
      expect(text, code).not.toContain('$');
    }
  });

  it('says something for a code that is not known yet', () => {
    const words = {
      has: () => false,
      t: (id: string, args?: Record<string, string>) => `${id} ${args?.['code'] ?? ''}`,
    };
    expect(problemText(words, { code: 'new-rule', line: 1, severity: 'error', values: [] })).toBe(
      'studio-problem-unknown new-rule',
    );
  });
});
