/** A picture from the camera, made small and freed of what a camera writes into it. */

/** The longest side of a kept photo, in pixels. */
export const SIDE_MAX = 1_600;
/** The largest file that is opened, in bytes. */
export const FILE_MAX = 25 * 1024 * 1024;
/** How much detail a kept photo has, from 0 to 1. */
const QUALITY = 0.8;

/** Why a file was not taken: the wording key is `draft-photo-<reason>`. */
export type PhotoRefusal = 'not-a-picture' | 'too-large' | 'unreadable' | 'too-many';

export class PhotoError extends Error {
  readonly reason: PhotoRefusal;

  constructor(reason: PhotoRefusal) {
    super(`photo refused: ${reason}`);
    this.name = 'PhotoError';
    this.reason = reason;
  }
}

/** A photo ready to be attached. */
export interface Shrunk {
  blob: Blob;
  base64: string;
  media_type: 'image/jpeg';
}

/** Draws a picture again at a given size. Tests give their own. */
export interface Studio {
  /** Opens a picture the right way up. */
  open: (file: Blob) => Promise<{ width: number; height: number; close: () => void }>;
  /** Draws it as JPEG: nothing of the camera's notes survives. */
  draw: (
    picture: { width: number; height: number },
    width: number,
    height: number,
  ) => Promise<Blob>;
}

/** Refuses what cannot be a photo. Throws `PhotoError`. */
export function checkFile(file: Pick<File, 'type' | 'size'>): void {
  // Some cameras give no type at all; the decoder then decides.
  if (file.type !== '' && !file.type.startsWith('image/')) throw new PhotoError('not-a-picture');
  if (file.type === 'image/svg+xml') throw new PhotoError('not-a-picture');
  if (file.size > FILE_MAX) throw new PhotoError('too-large');
  if (file.size === 0) throw new PhotoError('unreadable');
}

/** The size to draw at: the longest side is at most `SIDE_MAX`, never enlarged. */
export function fit(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, SIDE_MAX / Math.max(width, height, 1));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Opens, turns, shrinks and rewrites a picture. Throws `PhotoError`. */
export async function shrink(file: File, studio: Studio = browserStudio): Promise<Shrunk> {
  checkFile(file);
  let blob: Blob;
  try {
    const picture = await studio.open(file);
    const size = fit(picture.width, picture.height);
    blob = await studio.draw(picture, size.width, size.height);
    picture.close();
  } catch {
    throw new PhotoError(file.type === '' ? 'not-a-picture' : 'unreadable');
  }
  return { blob, base64: await toBase64(blob), media_type: 'image/jpeg' };
}

/** The bytes as base64 text. */
export async function toBase64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  // In slices: a whole photo at once is more arguments than a function may have.
  for (let place = 0; place < bytes.length; place += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(place, place + 0x8000));
  }
  return btoa(text);
}

/** The name of a photo: the SHA-256 of its bytes; `null` where the browser has no such means. */
export async function hashOf(blob: Blob): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const browserStudio: Studio = {
  open: (file) => createImageBitmap(file, { imageOrientation: 'from-image' }),
  draw: async (picture, width, height) => {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    if (!context) throw new PhotoError('unreadable');
    // Transparent pictures get paper behind them, not black.
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.drawImage(picture as ImageBitmap, 0, 0, width, height);
    return await new Promise<Blob>((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new PhotoError('unreadable'))),
        'image/jpeg',
        QUALITY,
      );
    });
  },
};
