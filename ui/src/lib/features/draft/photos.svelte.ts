/** The photos of one draft: taken, shrunk, handed over, shown. */
import { BackendError, type Backend } from '$lib/backend';
import type { Attachment } from '$lib/generated/commands';
import { hashOf, PhotoError, shrink, type PhotoRefusal, type Shrunk } from './photo';

/** Most photos for one question, and in all. */
export const PHOTOS_MAX = 10;
export const PHOTOS_MAX_ALL = 20;

export interface DraftPhoto {
  /** Steady while the photo is handed over. */
  key: string;
  field: string;
  /** `null` until it is known. */
  hash: string | null;
  /** Where to show it from; `null` when it must be read from the backend. */
  url: string | null;
  state: 'adding' | 'kept' | 'failed';
}

/** A file that was not taken, and why. */
export interface RefusedFile {
  key: string;
  name: string;
  reason: PhotoRefusal;
}

interface Options {
  backend: Pick<Backend, 'call'>;
  draft: string;
  /** Told when the photos of a question have changed. */
  changed: (field: string, hashes: string[]) => void;
  newKey: () => string;
  shrink?: (file: File) => Promise<Shrunk>;
}

export class DraftPhotos {
  list = $state.raw<readonly DraftPhoto[]>([]);
  refused = $state.raw<readonly RefusedFile[]>([]);
  readonly #options: Options;
  // Not reactive: only what is shown is.
  #ready: { key: string; photo: Shrunk }[] = [];
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Takes over the photos that a draft already has. */
  take(attachments: readonly Attachment[]): void {
    this.list = attachments.map(({ hash, field }) => ({
      key: `${field} ${hash}`,
      field,
      hash,
      url: null,
      state: 'kept',
    }));
  }

  /** The hashes of a question's photos that are kept. */
  hashes(field: string): string[] {
    const own = this.list.filter((one) => one.field === field && one.state === 'kept');
    return own.flatMap(({ hash }) => (hash === null ? [] : [hash]));
  }

  /** Adds files in their order; resolves when the last is kept or refused. */
  add(files: readonly File[], field: string): Promise<void> {
    this.refused = [];
    const photos = files.map((file) => ({ file, key: this.#options.newKey() }));
    const work = this.#work.then(async () => {
      for (const { file, key } of photos) await this.#addOne(file, key, field);
    });
    this.#work = work;
    return work;
  }

  /** Tries again to hand over a photo. */
  retry(photo: DraftPhoto): Promise<void> {
    const work = this.#work.then(() => this.#attach(photo.key));
    this.#work = work;
    return work;
  }

  /** Takes a photo away. Throws when the backend could not. */
  async remove(photo: DraftPhoto): Promise<void> {
    const { draft, backend } = this.#options;
    if (photo.hash !== null && photo.state === 'kept') {
      await backend.call('draft.detach', { id: draft, field: photo.field, hash: photo.hash });
    }
    if (photo.url) URL.revokeObjectURL(photo.url);
    this.#forget(photo.key);
    this.list = this.list.filter(({ key }) => key !== photo.key);
    this.#options.changed(photo.field, this.hashes(photo.field));
  }

  /** Tries again whatever failed; resolves when nothing is being added. */
  async retryFailed(): Promise<void> {
    await this.#work;
    for (const photo of this.list) if (photo.state === 'failed') await this.retry(photo);
  }

  /** The photos that are kept, as a draft lists them. */
  get attachments(): Attachment[] {
    return this.list.flatMap(({ hash, field, state }) =>
      hash === null || state !== 'kept'
        ? []
        : [{ hash, field, media_type: 'image/jpeg', size: 0, state: 'here' as const }],
    );
  }

  /** Whether a photo could not be handed over. */
  get failed(): boolean {
    return this.list.some(({ state }) => state === 'failed');
  }

  /** Lets go of the pictures held in memory. */
  close(): void {
    for (const { url } of this.list) if (url) URL.revokeObjectURL(url);
  }

  async #addOne(file: File, key: string, field: string): Promise<void> {
    const own = this.list.filter((one) => one.field === field);
    if (own.length >= PHOTOS_MAX || this.list.length >= PHOTOS_MAX_ALL) {
      return this.#refuse(file, key, 'too-many');
    }
    try {
      const ready = await (this.#options.shrink ?? shrink)(file);
      this.#ready.push({ key, photo: ready });
      const url = URL.createObjectURL(ready.blob);
      this.list = [...this.list, { key, field, hash: null, url, state: 'adding' }];
    } catch (error) {
      return this.#refuse(file, key, error instanceof PhotoError ? error.reason : 'unreadable');
    }
    await this.#attach(key);
  }

  async #attach(key: string): Promise<void> {
    const photo = this.list.find((one) => one.key === key);
    const ready = this.#ready.find((one) => one.key === key)?.photo;
    if (!photo || !ready) return;
    this.#put(key, { state: 'adding' });
    const { base64, media_type, blob } = ready;
    const input = { id: this.#options.draft, field: photo.field, media_type, base64 };
    const offline = async () => ({ hash: await nameOf(blob) });
    try {
      const { hash } = await this.#options.backend.call('draft.attach', input, { offline });
      this.#keep(key, hash);
    } catch {
      this.#put(key, { state: 'failed' });
    }
  }

  #keep(key: string, hash: string): void {
    const photo = this.list.find((one) => one.key === key);
    this.#forget(key);
    if (!photo) return;
    // The same picture twice is one picture.
    const twin = this.list.some((one) => one.key !== key && one.hash === hash);
    if (twin) this.list = this.list.filter((one) => one.key !== key);
    else this.#put(key, { hash, state: 'kept' });
    this.#options.changed(photo.field, this.hashes(photo.field));
  }

  #forget(key: string): void {
    this.#ready = this.#ready.filter((one) => one.key !== key);
  }

  #put(key: string, change: Partial<DraftPhoto>): void {
    this.list = this.list.map((one) => (one.key === key ? { ...one, ...change } : one));
  }

  #refuse(file: File, key: string, reason: PhotoRefusal): void {
    this.refused = [...this.refused, { key, name: file.name, reason }];
  }
}

/** The name that the server will find too. */
async function nameOf(blob: Blob): Promise<string> {
  const hash = await hashOf(blob);
  if (hash === null) throw new BackendError('offline', 'this page cannot name photos by itself');
  return hash;
}
