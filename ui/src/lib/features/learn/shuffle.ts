/** Mixes steps and pairs the same way every time the same attempt is opened. */

/** FNV-1a over UTF-16 code units: a 32-bit seed from any text. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A small generator (mulberry32) of numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The indexes 0..count in an order that depends only on `seed`.
 * With two or more, never the order they came in: that order is the answer.
 */
export function shuffled(count: number, seed: string): number[] {
  const next = generator(seedOf(seed));
  const keyed = Array.from({ length: count }, (_, index) => ({ index, key: next() }));
  const order = keyed.sort((a, b) => a.key - b.key).map(({ index }) => index);
  const unchanged = order.every((value, index) => value === index);
  return unchanged ? [...order.slice(1), ...order.slice(0, 1)] : order;
}
