import { describe, expect, it } from 'vitest';
import { turnOf } from './gestures';

const CARD = { left: 0, width: 390 };
const at = (x: number, y: number, time = 0): { x: number; y: number; at: number } => ({
  x,
  y,
  at: time,
});

describe('turnOf', () => {
  it('goes on with a tap on the right and back with a tap at the left edge', () => {
    expect(turnOf(at(300, 400), at(302, 401, 90), CARD, true)).toBe('forward');
    expect(turnOf(at(60, 400), at(60, 400, 90), CARD, true)).toBe('back');
  });

  it('follows a swipe either way', () => {
    expect(turnOf(at(300, 400), at(180, 420, 200), CARD, true)).toBe('forward');
    expect(turnOf(at(100, 400), at(260, 380, 200), CARD, false)).toBe('back');
  });

  it('leaves scrolling, long presses and small slips alone', () => {
    expect(turnOf(at(200, 600), at(230, 300, 200), CARD, true), 'scrolling').toBeNull();
    expect(turnOf(at(200, 600), at(201, 600, 900), CARD, true), 'a long press').toBeNull();
    expect(turnOf(at(200, 600), at(225, 600, 100), CARD, true), 'a slip').toBeNull();
  });

  it('does not turn on a tap where taps answer a question', () => {
    expect(turnOf(at(300, 400), at(300, 400, 90), CARD, false)).toBeNull();
  });
});
