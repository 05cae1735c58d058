import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WAITING_COMMANDS } from '$lib/backend/outbox';
import { bundleOf } from '$lib/wording/i18n.svelte';
import { kindOf, reasonOf, refusedOnlyHere } from './words';

function words(language: 'fr' | 'en') {
  const folder = new URL('../../../../../content/wording/', import.meta.url);
  const read = (file: string) => readFileSync(new URL(`${language}/${file}.ftl`, folder), 'utf8');
  const bundle = bundleOf(language, { sync: read('sync'), error: read('error') });
  return {
    has: (id: string) => bundle.hasMessage(id),
    t: (id: string) => bundle.formatPattern(bundle.getMessage(id)?.value ?? id),
  };
}

describe.each(['fr', 'en'] as const)('in %s', (language) => {
  const i18n = words(language);

  it('every call that may wait, and every kind of document, has a name of its own', () => {
    const kinds = ['report', 'reporter', 'draft', 'action', 'progress', 'memory', 'module'];
    const more = ['release', 'assignment', 'form', 'person', 'site'];
    const other = i18n.t('sync-kind-other');
    for (const kind of [...WAITING_COMMANDS, ...kinds, ...more])
      expect(kindOf(i18n, kind), kind).not.toBe(other);
    expect(kindOf(i18n, 'of-a-later-version')).toBe(other);
  });

  it('every refusal is a sentence, and none shows a code', () => {
    for (const code of ['not-active', 'actor-not-yours', 'seq-gap', 'refused', 'forbidden']) {
      const said = reasonOf(i18n, code);
      expect(said, code).toMatch(/^\p{Lu}.*\.$/u);
      expect(said).not.toContain(code);
    }
    expect(reasonOf(i18n, 'not-active')).not.toBe(reasonOf(i18n, 'actor-not-yours'));
    expect(reasonOf(i18n, 'seq-gap')).toBe(i18n.t('sync-refused-other'));
    expect(reasonOf(i18n, 'refused'), 'the word says nothing').toBe(i18n.t('sync-refused-other'));
  });
});

it('a call that a rule refused is counted once, and shown while nothing else tells of it', () => {
  const call = (id: string, code: string) =>
    ({ id, name: 'report.comment', input: {}, code, at: 1 }) as const;
  const calls = [call('c1', 'refused'), call('c2', 'forbidden')];
  expect(refusedOnlyHere(calls, 1).map(({ id }) => id)).toEqual(['c2']);
  expect(refusedOnlyHere(calls, 0), 'the server is away').toEqual(calls);
});
