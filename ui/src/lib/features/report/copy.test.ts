import { expect, it } from 'vitest';
import { FakeBackend } from '$lib/backend/fake';
import type { FormProgram, Question, ReportView } from '$lib/generated/commands';
import { copyToDraft } from './copy';

const question = (name: string, type: Question['type']) => ({ name, type }) as Question;

it('a refused report becomes a draft with the same words and the photos that are here', async () => {
  const backend = new FakeBackend({
    'draft.start': () => ({}) as never,
    'draft.save': () => ({}),
    'draft.attach': () => ({ hash: 'h1' }),
    'blob.read': ({ hash }) => ({
      media_type: 'image/jpeg',
      base64: hash === 'here' ? 'AAAA' : null,
    }),
  });
  const program = {
    form: 'f',
    release: 3,
    questions: [
      question('what', 'select_one'),
      question('photos', 'photo'),
      question('sum', 'calculate'),
    ],
  } as FormProgram;
  const attachment = { media_type: 'image/jpeg', size: 1, field: 'photos', state: 'here' } as const;
  const view = {
    program,
    answers: { what: 'leak', photos: ['here'], sum: 2 },
    attachments: [
      { hash: 'here', ...attachment },
      { hash: 'away', ...attachment },
    ],
  } as unknown as ReportView;
  await copyToDraft(backend, view, 'd1');
  expect(backend.calls[0]?.input, 'the same release').toMatchObject({
    id: 'd1',
    form: 'f',
    release: 3,
  });
  const saved = backend.calls.filter(({ name }) => name === 'draft.save');
  expect(
    saved.map(({ input }) => input),
    'answers only',
  ).toEqual([{ id: 'd1', field: 'what', value: 'leak' }]);
  expect(
    backend.calls.filter(({ name }) => name === 'draft.attach'),
    'the photo that is here',
  ).toHaveLength(1);
});
