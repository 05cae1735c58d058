import { readFileSync, readdirSync } from 'node:fs';
import { FluentResource } from '@fluent/bundle';
import { describe, expect, it } from 'vitest';
import { errorText } from './errors';
import { I18n, bundleOf, firstLanguage, type Language } from './i18n.svelte';

const ROOT = new URL('../../../../content/wording/', import.meta.url);

function filesOf(language: Language): string[] {
  return readdirSync(new URL(`${language}/`, ROOT)).filter((name) => name.endsWith('.ftl'));
}

function sourcesOf(language: Language): Record<string, string> {
  return Object.fromEntries(
    filesOf(language).map((name) => [
      name,
      readFileSync(new URL(`${language}/${name}`, ROOT), 'utf8'),
    ]),
  );
}

/** The ids of one file; a line that begins a message that the parser skipped is thrown. */
function idsOf(source: string): string[] {
  const wanted = [...source.matchAll(/^([a-z][\w-]*) =/gm)].map((match) => match[1] ?? '');
  const read = new Set(new FluentResource(source).body.map((message) => message.id));
  const skipped = wanted.filter((id) => !read.has(id));
  if (skipped.length > 0) throw new Error(`not readable: ${skipped.join(', ')}`);
  return wanted.sort();
}

/** Every source file of the interface, tests left out. */
function sourceFiles(): URL[] {
  const root = new URL('../../', import.meta.url);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(svelte|ts)$/.test(name) && !/\.test\.ts$/.test(name))
    .map((name) => new URL(name, root));
}

async function speaking(language: Language): Promise<I18n> {
  const i18n = new I18n((which) => Promise.resolve(sourcesOf(which)));
  await i18n.use(language);
  return i18n;
}

describe('the wording files', () => {
  it('say the same things in French and English', () => {
    expect(filesOf('en')).toEqual(filesOf('fr'));
    const [fr, en] = [sourcesOf('fr'), sourcesOf('en')];
    for (const name of filesOf('fr')) {
      expect(idsOf(en[name] ?? ''), `ids of en/${name}`).toEqual(idsOf(fr[name] ?? ''));
    }
  });

  it('say each thing once', () => {
    for (const language of ['fr', 'en'] as const) {
      expect(() => bundleOf(language, sourcesOf(language)), `of ${language}`).not.toThrow();
    }
  });

  it('hold every message that a screen names', () => {
    const ids = new Set(Object.values(sourcesOf('fr')).flatMap(idsOf));
    const missing = sourceFiles().flatMap((url) =>
      [...readFileSync(url, 'utf8').matchAll(/(?<!\w)t\(\s*'([\w-]+)'/g)]
        .map((match) => match[1] ?? '')
        .filter((id) => !ids.has(id))
        .map((id) => `${id} in ${url.pathname}`),
    );
    expect(missing).toEqual([]);
  });

  it('follow French typography', () => {
    for (const [name, source] of Object.entries(sourcesOf('fr'))) {
      const values = source.replace(/^#.*$/gm, '').replace(/\{[^}]*\}/g, '');
      expect(
        values.match(/(?<![\u202f ]) ?[^\s\u202f./:\w)][!?;»](?=\s|$)/g),
        `of ${name}`,
      ).toBeNull();
      expect(values.match(/ [:;!?»]/g), `plain spaces of ${name}`).toBeNull();
      expect(values.match(/'/g), `straight apostrophes of ${name}`).toBeNull();
      expect(
        values.match(/[ ’]\p{L}+-(?:tu|toi|moi|l[ea]s?|lui|en|y|ce|il|elle|on)(?!\p{L})/giu),
        `hyphens that a line may break after, of ${name}`,
      ).toBeNull();
    }
  });
});

describe('a message', () => {
  it('counts as French counts', async () => {
    const { t } = await speaking('fr');
    expect(t('today-reviews', { count: 1 })).toBe('Une question à revoir');
    expect(t('today-reviews', { count: 3 })).toBe('3 questions à revoir');
    expect(t('report-comments', { count: 1 }), 'what a number beside it counts').toBe(
      'commentaire',
    );
    expect(t('report-comments', { count: 2 })).toBe('commentaires');
  });

  it('counts each of its numbers apart', async () => {
    const said = { version: 1, people: 6, sites: 1 };
    expect((await speaking('fr')).t('studio-published-toast', said)).toBe(
      'Version 1 publiée\u202f: 6 personnes, 1 site',
    );
    expect((await speaking('en')).t('studio-published-toast', { ...said, people: 1 })).toBe(
      'Version 1 published: 1 person, 1 site',
    );
  });

  it('nests its choices', async () => {
    const { t } = await speaking('fr');
    expect(t('sync-waiting-photos', { texts: 2, photos: 1 })).toBe(
      '2 saisies et une photo attendent le réseau. Le texte part toujours avant les photos.',
    );
  });

  it('is its id where there is none, so that the gap is seen', async () => {
    const { t } = await speaking('en');
    expect(t('nowhere-nothing')).toBe('nowhere-nothing');
  });

  it('speaks of an error by its code, and of any other as unexpected', async () => {
    const i18n = await speaking('en');
    expect(errorText(i18n, { code: 'forbidden' })).toContain('Your role');
    expect(errorText(i18n, { code: 'never-heard' })).toBe(errorText(i18n, new Error('x')));
  });

  it('of a later screen comes when asked for', async () => {
    const i18n = new I18n((_, part) =>
      Promise.resolve({ x: part === 'first' ? 'one = Un' : 'two = Deux' }),
    );
    await i18n.use('fr');
    expect(i18n.has('two')).toBe(false);
    await i18n.useAll();
    await i18n.useAll();
    expect(i18n.t('two')).toBe('Deux');
    await i18n.use('en');
    expect(i18n.t('two')).toBe('Deux');
  });
});

describe('the first language', () => {
  it('is the one kept, else the first preferred that we speak, else French', () => {
    expect(firstLanguage('en', ['fr-FR'])).toBe('en');
    expect(firstLanguage(null, ['de-DE', 'en-US', 'fr'])).toBe('en');
    expect(firstLanguage('tlh', ['de'])).toBe('fr');
  });
});

describe('content in several languages', () => {
  it('is picked in the current language, else in French, else in any', async () => {
    const { pick } = await speaking('en');
    expect(pick({ fr: 'Bonjour', en: 'Hello' })).toBe('Hello');
    expect(pick({ fr: 'Bonjour', de: 'Hallo' })).toBe('Bonjour');
    expect(pick({ de: 'Hallo' })).toBe('Hallo');
    expect(pick({})).toBe('');
    expect(pick(null)).toBe('');
  });
});

describe('time', () => {
  it('is said as people say it', async () => {
    const { ago, duration, day } = await speaking('fr');
    const now = Date.UTC(2026, 2, 12, 12);
    expect(ago(now - 20_000, now)).toBe('à\u00a0l’instant');
    expect(ago(now - 3 * 60_000, now)).toBe('il\u00a0y\u00a0a\u00a03\u00a0min');
    expect(ago(now - 26 * 3_600_000, now)).toBe('hier');
    expect(duration(40)).toBe('40\u00a0s');
    expect(duration(240)).toBe('4\u00a0min');
    expect(duration(4800)).toBe('1\u00a0h\u00a020');
    expect(day('1999-03-12')).toBe('vendredi 12 mars 1999');
    expect(day('garbage')).toBe('garbage');
  });

  it('fits where there is little room', async () => {
    const fr = await speaking('fr');
    expect(fr.shortDay('1999-12-13')).toBe('13\u00a0déc.\u00a01999');
    const year = new Date().getFullYear();
    expect(fr.shortDay(`${year}-12-13`)).toBe('13\u00a0déc.');
    const en = await speaking('en');
    expect(en.shortDay(`${year}-12-13`)).toBe('13\u00a0Dec');
  });

  it('counts the first of a month in French, and no other number', async () => {
    const noon = (day: number) => new Date(1999, 11, day, 1, 1).getTime();
    const fr = await speaking('fr');
    expect(fr.day('1999-12-01')).toBe('mercredi 1er décembre 1999');
    expect(fr.day('1999-12-11')).toBe('samedi 11 décembre 1999');
    expect(fr.shortDay('1999-12-01')).toBe('1er\u00a0déc.\u00a01999');
    expect(fr.date(noon(1))).toBe('1er décembre 1999');
    expect(fr.date(noon(21))).toBe('21 décembre 1999');
    expect(fr.dateTime(noon(1))).toMatch(/^1er déc\. 1999, 01:01$/);
    const en = await speaking('en');
    expect(en.date(noon(1))).toBe('1 December 1999');
  });
});
