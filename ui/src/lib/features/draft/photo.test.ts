import { describe, expect, it } from 'vitest';
import { checkFile, FILE_MAX, fit, hashOf, shrink, SIDE_MAX, toBase64, type Studio } from './photo';

const file = (type: string, bytes = 10) => new File([new Uint8Array(bytes)], 'x', { type });
const reason = async (run: () => unknown) => {
  try {
    await run();
  } catch (error) {
    return (error as { reason?: string }).reason;
  }
  return undefined;
};

describe('what is refused', () => {
  it('refuses files that are no pictures', async () => {
    expect(await reason(() => checkFile(file('application/pdf')))).toBe('not-a-picture');
    expect(await reason(() => checkFile(file('image/svg+xml'))), 'drawings may carry scripts').toBe(
      'not-a-picture',
    );
    expect(await reason(() => checkFile(file('image/jpeg')))).toBeUndefined();
    expect(await reason(() => checkFile(file(''))), 'the decoder will say').toBeUndefined();
  });

  it('refuses more than 25 MB and empty files', async () => {
    expect(await reason(() => checkFile({ type: 'image/jpeg', size: FILE_MAX + 1 }))).toBe(
      'too-large',
    );
    expect(await reason(() => checkFile({ type: 'image/jpeg', size: FILE_MAX }))).toBeUndefined();
    expect(await reason(() => checkFile({ type: 'image/jpeg', size: 0 }))).toBe('unreadable');
  });

  it('says that a broken picture cannot be read', async () => {
    const studio: Studio = {
      open: () => Promise.reject(new Error('broken')),
      draw: () => Promise.reject(new Error()),
    };
    expect(await reason(() => shrink(file('image/jpeg'), studio))).toBe('unreadable');
    expect(await reason(() => shrink(file(''), studio)), 'of no known type').toBe('not-a-picture');
  });
});

describe('shrinking', () => {
  it('brings the longest side to the limit and never enlarges', () => {
    expect(fit(4000, 3000)).toEqual({ width: SIDE_MAX, height: 1200 });
    expect(fit(3000, 4000)).toEqual({ width: 1200, height: SIDE_MAX });
    expect(fit(800, 600)).toEqual({ width: 800, height: 600 });
    expect(fit(20000, 3), 'never nothing').toEqual({ width: SIDE_MAX, height: 1 });
  });

  it('keeps what was drawn again, not the file', async () => {
    let closed = false;
    const studio: Studio = {
      open: async () => ({ width: 3200, height: 2400, close: () => (closed = true) }),
      draw: async (_picture, width, height) =>
        new Blob([`${width}x${height}`], { type: 'image/jpeg' }),
    };
    const { blob, base64, media_type } = await shrink(file('image/png', 5000), studio);
    expect(await blob.text()).toBe('1600x1200');
    expect(atob(base64)).toBe('1600x1200');
    expect(media_type).toBe('image/jpeg');
    expect(closed, 'the memory is given back').toBe(true);
  });
});

it('names a photo by its bytes, as the server does', async () => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  expect(await hashOf(new Blob([]))).toBe(empty);
});

it('writes large photos as base64 without running out of arguments', async () => {
  const bytes = new Uint8Array(200_000).map((_, place) => place % 251);
  const back = Uint8Array.from(atob(await toBase64(new Blob([bytes]))), (sign) =>
    sign.charCodeAt(0),
  );
  expect(back).toEqual(bytes);
});
