import { describe, expect, it } from 'vitest';
import type { QuizItem } from '$lib/generated/commands';
import { Flash, type FlashItem } from './flash.svelte';

const ITEM: QuizItem = {
  id: 'first',
  kind: 'one',
  prompt: '<p>?</p>',
  pairs: [],
  accepted: [],
  number: null,
  explanation: '',
  choices: [
    { text: 'non', correct: false, feedback: '' },
    { text: 'oui', correct: true, feedback: '' },
  ],
};

function flash(key: string, send?: FlashItem['send']): FlashItem {
  const base = { key, title: key, item: ITEM, media: {}, language: 'fr' };
  return send === undefined ? base : { ...base, send };
}

describe('Flash', () => {
  it('shows one question after the other and counts what was right', () => {
    const session = new Flash([flash('a'), flash('b')]);
    session.forward();
    expect(session.index, 'no question is passed over').toBe(0);
    expect(session.give(1)).toBe(true);
    expect(session.give(0), 'the first answer counts').toBeNull();
    session.forward();
    expect(session.give(0)).toBe(false);
    session.forward();
    expect(session.current).toBeNull();
    expect(session.right).toBe(1);
  });

  it('keeps every answer in order and knows the nearest day', async () => {
    const sent: string[] = [];
    const days = ['2026-12-09', '2026-11-25'];
    const keep = (key: string) => async (): Promise<{ next_on: string }> => {
      sent.push(key);
      return { next_on: days.shift() ?? '' };
    };
    const session = new Flash([flash('a', keep('a')), flash('b', keep('b'))]);
    session.give(1);
    session.forward();
    session.give(1);
    await session.flush();
    await session.flush();
    expect(sent).toEqual(['a', 'b']);
    expect(session.nextOn).toBe('2026-11-25');
    expect(session.unsent).toBe(0);
  });

  it('goes on without network and sends what waits once it is back', async () => {
    let online = false;
    let sent = 0;
    const send = async (): Promise<{ next_on: string }> => {
      if (!online) throw new Error('offline');
      sent += 1;
      return { next_on: '2026-12-01' };
    };
    const session = new Flash([flash('a', send), flash('b', send)]);
    session.give(1);
    session.forward();
    session.give(1);
    await session.flush();
    expect(session.unsent).toBe(2);
    online = true;
    await session.flush();
    await session.flush();
    expect({ sent, unsent: session.unsent }).toEqual({ sent: 2, unsent: 0 });
  });
});
