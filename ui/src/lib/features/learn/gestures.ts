/** Fingers on a card: tap the right or left half, or swipe. */
import type { Attachment } from 'svelte/attachments';

export type Turn = 'forward' | 'back';

export interface Point {
  x: number;
  y: number;
  /** Milliseconds. */
  at: number;
}

const SWIPE = 48;
const STILL = 10;
const TAP = 500;

/** What a finger meant that went from `start` to `end` on a surface `width` wide, or null for nothing. */
export function turnOf(
  start: Point,
  end: Point,
  surface: { left: number; width: number },
  taps: boolean,
): Turn | null {
  const across = end.x - start.x;
  const down = end.y - start.y;
  if (Math.abs(across) >= SWIPE && Math.abs(across) > 1.5 * Math.abs(down))
    return across < 0 ? 'forward' : 'back';
  const still = Math.abs(across) < STILL && Math.abs(down) < STILL && end.at - start.at < TAP;
  if (!taps || !still) return null;
  return end.x - surface.left < surface.width / 3 ? 'back' : 'forward';
}

interface Options {
  /** A tap turns the card too, not a swipe alone. */
  taps: boolean;
  turn: (turn: Turn) => void;
}

const OWN_TAPS = 'a, button, input, textarea, select, summary, label';

/** Turns the cards of the element it is attached to. */
export function gestures(options: () => Options): Attachment<HTMLElement> {
  return (element) => {
    let start: Point | null = null;
    const down = (event: PointerEvent): void => {
      start =
        event.isPrimary && event.button === 0
          ? { x: event.clientX, y: event.clientY, at: event.timeStamp }
          : null;
    };
    const up = (event: PointerEvent): void => {
      if (start === null) return;
      const { taps, turn } = options();
      const onControl = event.target instanceof Element && event.target.closest(OWN_TAPS) !== null;
      const selecting = event.pointerType === 'mouse' && (getSelection()?.toString() ?? '') !== '';
      const end = { x: event.clientX, y: event.clientY, at: event.timeStamp };
      const meant = turnOf(start, end, element.getBoundingClientRect(), taps && !onControl);
      start = null;
      if (meant !== null && !selecting) turn(meant);
    };
    const cancel = (): void => {
      start = null;
    };
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointerup', up);
    element.addEventListener('pointercancel', cancel);
    return () => {
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointerup', up);
      element.removeEventListener('pointercancel', cancel);
    };
  };
}

/** What an arrow key means here; null while someone types or moves inside a control. */
export function turnOfKey(event: KeyboardEvent): Turn | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const typing =
    event.target instanceof Element &&
    event.target.closest('input, textarea, select, [role="radiogroup"]') !== null;
  if (typing) return null;
  if (event.key === 'ArrowRight') return 'forward';
  return event.key === 'ArrowLeft' ? 'back' : null;
}
