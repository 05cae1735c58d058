import { expect, it } from 'vitest';
import type { Answer } from '$lib/generated/commands';
import { program, question } from '../features/draft/testing';
import { reportRow } from './rows';

const asked = program([
  question('urgency', 'text', { fills: 'urgency' }),
  question('openness', 'text', { fills: 'openness' }),
]);

function rowOf(answers: Record<string, Answer>) {
  const draft = { id: 'd1', practice: false, answers, attachments: [], updated_at: 0 };
  return reportRow('r1', { ...draft, program: asked }, undefined, 0);
}

it('a report that waits says what its author said of it', () => {
  expect(rowOf({ urgency: 'now', openness: 'confidential' })).toMatchObject({
    urgent: true,
    confidential: true,
  });
  expect(rowOf({ urgency: 'later', openness: 'open' })).toMatchObject({
    urgent: false,
    confidential: false,
  });
  expect(rowOf({})).toMatchObject({ urgent: false, confidential: false });
});
