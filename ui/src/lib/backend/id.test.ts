import { describe, expect, it } from 'vitest';
import { newId } from './id';

describe('an id made here', () => {
  it('is a UUIDv7 of its moment', () => {
    const id = newId(Date.UTC(2100, 0, 1));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2100, 0, 1));
  });

  it('sorts in the order it was made, even thousands in one millisecond and with a clock set back', () => {
    const now = Date.UTC(2101, 0, 1);
    const ids = Array.from({ length: 10_000 }, (_, place) => newId(now - (place % 7)));
    expect(new Set(ids).size, 'all different').toBe(ids.length);
    expect([...ids].sort(), 'already sorted').toEqual(ids);
  });
});
