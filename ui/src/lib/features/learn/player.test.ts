import { describe, expect, it } from 'vitest';
import type { Capsule, LearnOpened, LearnSave, QuizItem } from '$lib/generated/commands';
import { Player, type PlayerBackend } from './player.svelte';

function question(id: string): QuizItem {
  return {
    id,
    kind: 'one',
    prompt: `<p>${id}</p>`,
    pairs: [],
    accepted: [],
    number: null,
    explanation: '',
    choices: [
      { text: 'non', correct: false, feedback: 'Pas ça.' },
      { text: 'oui', correct: true, feedback: 'Oui.' },
    ],
  };
}

const CAPSULE: Capsule = {
  slug: 'lockout',
  language: 'fr',
  title: 'Consignation',
  objective: '',
  theme: 'energy',
  icon: 'lock',
  seconds: 200,
  apply: null,
  apply_label: '',
  sources: [],
  media: {},
  cards: [
    { title: 'Un', html: '' },
    { title: 'Deux', html: '' },
  ],
  quiz: [question('first'), question('second')],
};

function opened(
  changes: Partial<LearnOpened['attempt']> = {},
  capsule: LearnOpened['capsule'] = { fr: CAPSULE },
): LearnOpened {
  return {
    capsule,
    version: 2,
    attempt: {
      id: 'attempt',
      module: 'm',
      release: 'r1',
      step: 0,
      answers: {},
      started_at: 0,
      finished_at: null,
      score: null,
      ...changes,
    },
    row: {
      module: 'm',
      release: 'r1',
      version: 2,
      slug: 'lockout',
      title: { fr: 'Consignation' },
      objective: {},
      theme: 'energy',
      icon: 'lock',
      seconds: 200,
      languages: ['fr'],
      state: 'open',
      score: null,
      done_at: null,
      due_on: null,
      required: false,
      ready: true,
      newer: true,
      apply: null,
      published_at: 0,
    },
  };
}

function rig(changes: Partial<LearnOpened['attempt']> = {}, fail = false) {
  const saved: LearnSave[] = [];
  const finished: LearnSave[] = [];
  const backend: PlayerBackend = {
    save: async (state) => {
      if (fail) throw new Error('offline');
      saved.push(state);
    },
    finish: async (state) => {
      if (fail) throw new Error('offline');
      finished.push(state);
      return {
        score: 50,
        right: 1,
        total: 2,
        passed: false,
        wrong: ['second'],
        next_review_on: '2026-11-25',
      };
    },
  };
  const player = Player.resume(opened(changes), 'fr', backend);
  if (player === null) throw new Error('the capsule has French');
  return { player, saved, finished };
}

describe('Player', () => {
  it('begins on the cover, which is not a step', () => {
    const { player } = rig();
    expect(player.face.at).toBe('cover');
    player.forward();
    expect(player.face).toEqual({ at: 'card', card: CAPSULE.cards[0] });
    player.back();
    expect(player.face.at).toBe('cover');
  });

  it('comes back to the same card', () => {
    const { player } = rig({ step: 1 });
    expect(player.face).toEqual({ at: 'card', card: CAPSULE.cards[1] });
  });

  it('comes back to the same question with the same answers', () => {
    const { player } = rig({ step: 3, answers: { first: 1 } });
    expect(player.face).toMatchObject({ at: 'quiz', item: { id: 'second' }, answer: null });
    player.back();
    expect(player.face).toMatchObject({ at: 'quiz', item: { id: 'first' }, answer: 1 });
  });

  it('never lands past a question without an answer, nor outside the capsule', () => {
    expect(rig({ step: 3 }).player.face).toMatchObject({ at: 'quiz', item: { id: 'first' } });
    expect(rig({ step: 99, answers: { first: 1, second: 0 } }).player.step).toBe(3);
    expect(rig({ step: -4 }).player.step).toBe(0);
  });

  it('waits for an answer before going on, and keeps the first one', () => {
    const { player } = rig({ step: 2 });
    player.forward();
    expect(player.step).toBe(2);
    expect(player.answer(0)).toBe(false);
    expect(player.answer(1)).toBeNull();
    player.forward();
    expect(player.step).toBe(3);
  });

  it('saves every step and answer on the version that was opened', async () => {
    const { player, saved } = rig({ step: 1 });
    player.forward();
    await player.settled();
    player.answer(1);
    await player.settled();
    expect(saved).toEqual([
      { attempt: 'attempt', module: 'm', release: 'r1', step: 2, answers: {} },
      { attempt: 'attempt', module: 'm', release: 'r1', step: 2, answers: { first: 1 } },
    ]);
  });

  it('finishes once after the last question and shows what was missed', async () => {
    const { player, finished } = rig({ step: 2 });
    player.answer(1);
    player.forward();
    player.answer(0);
    player.forward();
    await player.settled();
    expect(player.face.at).toBe('score');
    expect(finished).toHaveLength(1);
    expect(player.result.next_review_on).toBe('2026-11-25');
    expect(player.missed.map(({ id }) => id)).toEqual(['second']);
    expect(player.mayReturn, 'a finished attempt is not changed').toBe(false);
  });

  it('reckons the score by itself while the network is away', async () => {
    const { player } = rig({ step: 2 }, true);
    player.answer(1);
    player.forward();
    player.answer(0);
    player.forward();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(player.result).toMatchObject({ right: 1, total: 2, wrong: ['second'] });
    expect(player.confirmed).toBe(false);
    expect(player.saving).toBe('waiting');
    player.close();
  });

  it('opens a finished attempt on its score', () => {
    const { player } = rig({
      step: 4,
      answers: { first: 1, second: 1 },
      finished_at: 9,
      score: 100,
    });
    expect(player.face.at).toBe('score');
    expect(player.result).toMatchObject({ right: 2, total: 2, passed: true });
  });

  it('falls back to French when the capsule is not in the reader’s language', () => {
    const backend = {
      save: async () => undefined,
      finish: async () => Promise.reject(new Error('unused')),
    };
    expect(Player.resume(opened(), 'en', backend)?.language).toBe('fr');
    expect(Player.resume(opened({}, {}), 'en', backend)).toBeNull();
  });
});
