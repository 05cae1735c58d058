/** Ids made on this device. */

let lastMs = 0;
let counter = 0;

/**
 * A new UUIDv7: 48 bits of milliseconds, then a counter that keeps ids of the same millisecond in
 * order, then random bits. Ids made by one page always sort in the order they were made.
 */
export function newId(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastMs) {
    lastMs = now;
    counter = ((byte(bytes, 6) & 0x07) << 8) | byte(bytes, 7);
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
  }
  const ms = lastMs;
  for (let place = 0; place < 6; place += 1) {
    bytes[place] = Math.floor(ms / 2 ** (8 * (5 - place))) & 0xff;
  }
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (byte(bytes, 8) & 0x3f);
  const hex = Array.from(bytes, (value) => value.toString(16).padStart(2, '0')).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

function byte(bytes: Uint8Array, place: number): number {
  return bytes[place] ?? 0;
}
