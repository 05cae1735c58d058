/** A short buzz under the finger, where the device can: one for right, two for wrong. */
export function feel(right: boolean | null): void {
  if (right === null || typeof navigator.vibrate !== 'function') return;
  navigator.vibrate(right ? 12 : [12, 60, 12]);
}
