import { describe, expect, it } from 'vitest';
import type { Capsule, ModuleView, StudioChecked } from '$lib/generated/commands';
import { Manuscript } from './manuscript.svelte';

const VIEW: ModuleView = {
  id: 'm',
  source: { en: '## One', fr: '## Un' },
  media: {},
  releases: [],
  updated_at: 0,
  may_edit: true,
  history: [],
};

function capsule(title: string): Capsule {
  return {
    slug: 's',
    language: 'fr',
    title,
    objective: '',
    theme: 'brief',
    icon: '',
    seconds: 120,
    apply: null,
    apply_label: '',
    sources: [],
    cards: [],
    quiz: [],
    media: {},
  };
}

function rig(view: ModuleView = VIEW) {
  const saved: string[] = [];
  const planned: (() => void)[] = [];
  const answers = new Map<string, StudioChecked>();
  const manuscript = new Manuscript(view, 'fr', {
    save: async (language, source) => saved.push(`${language}:${source}`),
    check: async (_, source) => answers.get(source) ?? { capsule: capsule(source), problems: [] },
    later: (run) => {
      planned.push(run);
      return () => planned.splice(planned.indexOf(run), 1);
    },
  });
  const settle = async (): Promise<void> => {
    for (const run of planned.splice(0)) run();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { manuscript, saved, answers, settle };
}

describe('Manuscript', () => {
  it('opens in the writer’s language, French first in the list', () => {
    const { manuscript } = rig();
    expect(manuscript.language).toBe('fr');
    expect(manuscript.languages).toEqual(['fr', 'en']);
  });

  it('saves and checks a moment after the last key', async () => {
    const { manuscript, saved, settle } = rig();
    manuscript.edit('## U');
    manuscript.edit('## Une');
    await settle();
    expect(saved).toEqual(['fr:## Une']);
    expect(manuscript.capsule?.title).toBe('## Une');
  });

  it('keeps the last preview while the text does not make a capsule', async () => {
    const { manuscript, answers, settle } = rig();
    await settle();
    answers.set('## ', {
      capsule: null,
      problems: [{ code: 'card-title', line: 1, severity: 'error', values: [] }],
    });
    manuscript.edit('## ');
    await settle();
    expect(manuscript.capsule?.title).toBe('## Un');
    expect(manuscript.errors).toBe(1);
  });

  it('counts the errors of every language', async () => {
    const { manuscript, answers, settle } = rig();
    answers.set('## One', {
      capsule: null,
      problems: [{ code: 'x', line: 1, severity: 'error', values: [] }],
    });
    await settle();
    expect(manuscript.problems).toEqual([]);
    manuscript.choose('en');
    manuscript.edit('## One ');
    manuscript.edit('## One');
    await settle();
    manuscript.choose('fr');
    expect(manuscript.errors).toBe(1);
  });

  it('begins a language with words to translate, which stop publication', async () => {
    const { manuscript, settle, saved } = rig({ ...VIEW, source: { fr: '## Un' } });
    manuscript.copyStructure('en');
    await settle();
    expect(manuscript.source).toBe('## ⟨Un⟩');
    expect(manuscript.errors).toBe(1);
    expect(saved).toEqual(['en:## ⟨Un⟩']);
  });

  it('takes what others write, but never over what is being written here', async () => {
    const { manuscript, settle } = rig();
    await settle();
    manuscript.edit('## Mon texte');
    manuscript.receive({ ...VIEW, source: { fr: '## Autre', en: '## Other' } });
    expect(manuscript.source).toBe('## Mon texte');
    manuscript.choose('en');
    expect(manuscript.source).toBe('## Other');
    await settle();
  });

  it('tells which part the cursor is in', () => {
    const { manuscript } = rig({ ...VIEW, source: { fr: '## Un\n\n## Deux\n' } });
    manuscript.line = 3;
    expect(manuscript.part?.title).toBe('Deux');
  });
});
