import { describe, expect, it } from 'vitest';
import { BackendError } from '$lib/backend';
import { FakeBackend, type Answers } from '$lib/backend/fake';
import type { Answer, DraftView } from '$lib/generated/commands';
import { Filler } from './filler.svelte';
import { Mirror } from './mirror';
import type { Start } from './start';
import { LAST } from './steps';
import { program, question, shelf } from './testing';

const form = program([
  question('what', 'select_one', {
    required: true,
    choices: [
      { name: 'fall', label: { fr: 'Tomber' }, icon: null, score: null },
      { name: 'fire', label: { fr: 'Feu' }, icon: null, score: null },
    ],
  }),
  question('burnt', 'yes_no', {
    required: true,
    relevant: {
      op: 'call',
      name: '=',
      arguments: [
        { op: 'field', name: 'what' },
        { op: 'value', value: 'fire' },
      ],
    },
  }),
  question('place', 'place', { required: true }),
  question('words', 'text', { fills: 'words' }),
  question('photos', 'photo'),
]);
const start: Start = { form: form.form, release: form.release, practice: false };
const draft = (answers: Record<string, Answer> = {}): DraftView => ({
  id: 'd1',
  practice: false,
  answers,
  attachments: [],
  updated_at: 0,
  program: form,
});
const jpeg = { blob: new Blob(['x']), base64: 'eA==', media_type: 'image/jpeg' as const };

function rig(
  answers: Answers = {},
  options: { start?: Start | null; device?: ReturnType<typeof shelf> } = {},
) {
  const device = options.device ?? shelf();
  const backend = new FakeBackend({
    'draft.open': () => draft(),
    'draft.start': () => draft(),
    'draft.save': () => ({}),
    'draft.attach': () => ({ hash: 'h1' }),
    'draft.detach': () => ({}),
    'draft.discard': () => ({}),
    'report.seal': ({ report }) => ({ report, practice: false }),
    ...answers,
  });
  const filler = new Filler({
    backend,
    id: 'd1',
    start: options.start === undefined ? null : options.start,
    shelf: device,
    now: () => new Date(2026, 10, 22, 9, 0),
    later: () => () => undefined,
    shrink: async () => jpeg,
  });
  const calls = (name: string) =>
    backend.calls.filter((call) => call.name === name).map(({ input }) => input);
  return { filler, backend, calls, device };
}

describe('opening', () => {
  it('begins a draft in one call, which opens the one begun before', async () => {
    const { filler, calls } = rig({}, { start });
    await filler.open();
    expect(filler.phase).toBe('filling');
    expect(calls('draft.start')).toEqual([{ id: 'd1', ...start }]);
    expect(calls('draft.open'), 'no question that may fail').toEqual([]);
    expect(filler.step?.id).toBe('what');
  });

  it.each([start, null])('says that a sealed draft is gone, begun from %o', async (start) => {
    const done = () => {
      throw new BackendError('already-done', 'sealed');
    };
    const { filler } = rig({ 'draft.open': done, 'draft.start': done }, { start });
    await filler.open();
    expect(filler.phase).toBe('gone');
  });

  it('resumes at the question left, with what a killed page had not handed over', async () => {
    const device = shelf();
    const kept = { pending: { words: 'fui' }, step: 'place', answers: null, attachments: [] };
    new Mirror(device, 'd1').write(kept);
    const { filler, calls } = rig({ 'draft.open': () => draft({ what: 'fall' }) }, { device });
    await filler.open();
    await filler.flush();
    expect(filler.step?.id).toBe('place');
    expect(filler.answers['words']).toBe('fui');
    expect(calls('draft.save')).toEqual([{ id: 'd1', field: 'words', value: 'fui' }]);
    expect(new Mirror(device, 'd1').read().pending, 'handed over now').toEqual({});
  });

  it('reopens without network what this page knew, photos included', async () => {
    const first = rig({}, { start });
    await first.filler.open();
    first.filler.set('what', 'fall');
    first.filler.next();
    await first.filler.addPhotos([new File(['x'], 'a.jpg', { type: 'image/jpeg' })]);
    const offline = () => {
      throw new BackendError('offline', 'no server');
    };
    const again = rig({ 'draft.open': offline }, { device: first.device });
    again.backend.online = false;
    await again.filler.open();
    expect(again.filler.phase).toBe('filling');
    expect(again.filler.answers).toEqual({ what: 'fall', photos: ['h1'] });
    expect(again.filler.step?.id).toBe('place');
    expect(again.filler.photos.list.map(({ hash }) => hash)).toEqual(['h1']);
  });

  it('believes the backend when there is network: another device may have gone on', async () => {
    const device = shelf();
    const kept = { pending: {}, step: null, answers: { what: 'fire' }, attachments: [] };
    new Mirror(device, 'd1').write(kept);
    const { filler } = rig({ 'draft.open': () => draft({ what: 'fall' }) }, { device });
    await filler.open();
    expect(filler.answers).toEqual({ what: 'fall' });
  });

  it('keeps its error when it cannot be opened, and opens later', async () => {
    let fails = true;
    const { filler } = rig({
      'draft.open': () => {
        if (fails) throw new BackendError('storage', 'locked');
        return draft();
      },
    });
    await filler.open();
    expect(filler.phase).toBe('failed');
    fails = false;
    await filler.open();
    expect(filler.phase).toBe('filling');
  });
});

describe('walking', () => {
  it('asks what an answer makes relevant, and no more when it changes', async () => {
    const { filler } = rig();
    await filler.open();
    expect(filler.steps.map(({ id }) => id)).toEqual(['what', 'place', LAST]);
    filler.set('what', 'fire');
    expect(filler.steps.map(({ id }) => id)).toEqual(['what', 'burnt', 'place', LAST]);
    filler.next();
    expect(filler.step?.id).toBe('burnt');
    filler.set('what', 'fall');
    expect(filler.steps.map(({ id }) => id)).toEqual(['what', 'place', LAST]);
  });

  it('stops once at a required question, says why, and lets pass', async () => {
    const { filler } = rig();
    await filler.open();
    expect(filler.problemAt('what'), 'nothing is said before trying').toBeNull();
    filler.next();
    expect(filler.step?.id).toBe('what');
    expect(filler.problemAt('what')?.code).toBe('required');
    filler.skip();
    expect(filler.step?.id).toBe('place');
    filler.back();
    filler.set('what', 'fall');
    expect(filler.problemAt('what')).toBeNull();
  });

  it('returns to the last page after a question opened from there', async () => {
    const { filler } = rig({ 'draft.open': () => draft({ what: 'fall', place: 'p1' }) });
    await filler.open();
    expect(filler.step?.id).toBe(LAST);
    filler.revisit('what');
    expect(filler.step?.id).toBe('what');
    expect(filler.mayReturn, 'even from the first question').toBe(true);
    filler.next();
    expect(filler.step?.id).toBe(LAST);
    filler.revisit('place');
    filler.back();
    expect(filler.step?.id).toBe(LAST);
    filler.back();
    expect(filler.step?.id, 'then back is one step again').toBe('place');
  });

  it('goes back to the first question and no further', async () => {
    const { filler } = rig();
    await filler.open();
    filler.set('what', 'fall');
    filler.next();
    expect(filler.forward).toBe(true);
    expect(filler.back()).toBe(true);
    expect(filler.forward).toBe(false);
    expect(filler.back()).toBe(false);
  });

  it('clears an answer that was emptied', async () => {
    const { filler, calls } = rig();
    await filler.open();
    filler.set('words', 'a');
    filler.set('words', '  ');
    await filler.flush();
    expect(filler.answers['words']).toBeUndefined();
    expect(calls('draft.save').at(-1)).toEqual({ id: 'd1', field: 'words', value: null });
  });
});

describe('photos', () => {
  it('belong to the form’s photo question, from any step', async () => {
    const { filler, calls } = rig();
    await filler.open();
    await filler.addPhotos([new File(['x'], 'a.jpg', { type: 'image/jpeg' })]);
    expect(calls('draft.attach')).toEqual([
      { id: 'd1', field: 'photos', media_type: 'image/jpeg', base64: 'eA==' },
    ]);
    expect(filler.answers['photos']).toEqual(['h1']);
    const [photo] = filler.photos.list;
    if (photo) await filler.photos.remove(photo);
    expect(filler.answers['photos']).toBeUndefined();
    expect(calls('draft.save'), 'the photos are the answer: nothing else is sent').toEqual([]);
  });

  it('that fail stay in sight and can be tried again', async () => {
    let fails = true;
    const { filler } = rig({
      'draft.attach': () => {
        if (fails) throw new BackendError('disk-full', 'no room');
        return { hash: 'h2' };
      },
    });
    await filler.open();
    await filler.addPhotos([new File(['x'], 'a.jpg', { type: 'image/jpeg' })]);
    const [photo] = filler.photos.list;
    expect(photo?.state).toBe('failed');
    fails = false;
    if (photo) await filler.photos.retry(photo);
    expect(filler.photos.list.map(({ state, hash }) => [state, hash])).toEqual([['kept', 'h2']]);
  });

  it('are refused beyond ten', async () => {
    let count = 0;
    const { filler } = rig({ 'draft.attach': () => ({ hash: `h${(count += 1)}` }) });
    await filler.open();
    await filler.addPhotos(
      Array.from(
        { length: 11 },
        (_, place) => new File(['x'], `${place}.jpg`, { type: 'image/jpeg' }),
      ),
    );
    expect(filler.photos.list).toHaveLength(10);
    expect(filler.photos.refused.map(({ name, reason }) => [name, reason])).toEqual([
      ['10.jpg', 'too-many'],
    ]);
  });
});

describe('sealing', () => {
  const complete = { what: 'fall', place: 'p1' };

  it('waits for the answers, then seals with an id of its own', async () => {
    const { filler, backend, device } = rig({ 'draft.open': () => draft(complete) });
    await filler.open();
    filler.set('words', 'fuite', true);
    await filler.seal();
    expect(filler.phase).toBe('sealed');
    const names = backend.calls.map(({ name }) => name);
    expect(names.indexOf('draft.save')).toBeLessThan(names.indexOf('report.seal'));
    expect(filler.report).toMatch(/^[0-9a-f-]{36}$/);
    expect(device.getItem('vigie-draft-d1'), 'nothing is left behind').toBeNull();
  });

  it('still knows that it is urgent once it is sealed', async () => {
    const urgency = question('urgency', 'text', { fills: 'urgency' });
    const asked = program([...form.questions, urgency]);
    const { filler } = rig({
      'draft.open': () => ({ ...draft({ ...complete, urgency: 'later' }), program: asked }),
    });
    await filler.open();
    expect(filler.urgent).toBe(false);
    filler.set('urgency', 'now');
    await filler.seal();
    expect([filler.phase, filler.urgent]).toEqual(['sealed', true]);
  });

  it('names what lacks and seals nothing', async () => {
    const { filler, calls } = rig({ 'draft.open': () => draft({ what: 'fall' }) });
    await filler.open();
    await filler.seal();
    expect(filler.phase).toBe('filling');
    expect(filler.problems.map(({ field, code }) => [field, code])).toEqual([
      ['place', 'required'],
    ]);
    expect(filler.problemAt('place')?.code, 'said at the question too').toBe('required');
    expect(calls('report.seal')).toEqual([]);
  });

  it('keeps everything when it fails, and uses the same id the next time', async () => {
    let fails = true;
    const { filler, calls } = rig({
      'draft.open': () => draft(complete),
      'report.seal': ({ report }) => {
        if (fails) throw new BackendError('disk-full', 'no room');
        return { report, practice: false };
      },
    });
    await filler.open();
    await filler.seal();
    expect(filler.phase).toBe('filling');
    expect((filler.sealError as BackendError).code).toBe('disk-full');
    fails = false;
    await filler.seal();
    expect(filler.phase).toBe('sealed');
    const ids = calls('report.seal').map((input) => (input as { report: string }).report);
    expect(ids[0]).toBe(ids[1]);
  });

  it('does not leave a photo behind: it is tried again, then named', async () => {
    let fails = true;
    const { filler, calls } = rig({
      'draft.open': () => draft(complete),
      'draft.attach': () => {
        if (fails) throw new BackendError('disk-full', 'no room');
        return { hash: 'h1' };
      },
    });
    await filler.open();
    await filler.addPhotos([new File(['x'], 'a.jpg', { type: 'image/jpeg' })]);
    await filler.seal();
    expect(filler.phase, 'nothing is sealed without it').toBe('filling');
    expect(calls('report.seal')).toEqual([]);
    fails = false;
    await filler.seal();
    expect(filler.phase).toBe('sealed');
    expect(filler.answers['photos']).toEqual(['h1']);
  });

  it('does not seal while an answer is not kept', async () => {
    const { filler, calls } = rig({
      'draft.open': () => draft(complete),
      'draft.save': () => {
        throw new BackendError('storage', 'locked');
      },
    });
    await filler.open();
    filler.set('words', 'fuite');
    await filler.seal();
    expect(calls('report.seal')).toEqual([]);
    expect((filler.sealError as BackendError).code).toBe('storage');
  });
});
