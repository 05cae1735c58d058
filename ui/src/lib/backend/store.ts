/** What a browser keeps for when there is no network: calls that wait, calls refused, answers. */
import type { CommandName } from '$lib/generated/commands';
import type { RefusedCall } from './backend';

/** A call that waits. `seq` is its place in the queue, given by the store. */
export interface WaitingCall {
  seq: number;
  id: string;
  /** Whose call it is: nobody else's session ever sends it. */
  person: string;
  name: CommandName;
  input: unknown;
  /** When it was made, in milliseconds. */
  at: number;
  /** How often the server failed on it. */
  tries: number;
}

/** A refused call with its owner. */
export type StoredRefusal = RefusedCall & { person: string };

/** Keeps calls and answers across reloads. Every method fails when the browser refuses storage. */
export interface BrowserStore {
  add(call: Omit<WaitingCall, 'seq'>): Promise<void>;
  waiting(): Promise<WaitingCall[]>;
  update(call: WaitingCall): Promise<void>;
  remove(seq: number): Promise<void>;
  refuse(call: WaitingCall, code: string, at: number): Promise<void>;
  refused(): Promise<StoredRefusal[]>;
  forgetRefused(id: string): Promise<void>;
  readAnswer(key: string): Promise<unknown>;
  writeAnswer(key: string, answer: unknown): Promise<void>;
  deleteAnswer(key: string): Promise<void>;
  /** The answers whose key begins with `prefix`: [key, answer]. */
  answers(prefix: string): Promise<[string, unknown][]>;
  answerKeys(): Promise<string[]>;
  deleteAnswers(prefix: string): Promise<void>;
  /** Erases everything, of everybody. */
  clear(): Promise<void>;
}

const VERSION = 1;
const LAST = '\uffff';

/** Opens the browser's store. Fails where IndexedDB is missing or refused. */
export async function openStore(
  factory: IDBFactory = indexedDB,
  name = 'vigie',
): Promise<BrowserStore> {
  const opening = factory.open(name, VERSION);
  opening.onupgradeneeded = () => {
    const db = opening.result;
    db.createObjectStore('waiting', { keyPath: 'seq', autoIncrement: true });
    db.createObjectStore('refused', { keyPath: 'id' });
    db.createObjectStore('answers');
  };
  return new IndexedStore(await done(opening));
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser store failed'));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('the browser store stopped'));
    transaction.onerror = () => reject(transaction.error ?? new Error('the browser store failed'));
  });
}

class IndexedStore implements BrowserStore {
  #db: IDBDatabase;

  constructor(db: IDBDatabase) {
    this.#db = db;
    // Another tab brings a newer version: let it through, this page reloads by itself.
    db.onversionchange = () => db.close();
  }

  async add(call: Omit<WaitingCall, 'seq'>): Promise<void> {
    await this.#write('waiting', (store) => store.add(call));
  }

  async waiting(): Promise<WaitingCall[]> {
    return (await done(this.#read('waiting').getAll())) as WaitingCall[];
  }

  async update(call: WaitingCall): Promise<void> {
    await this.#write('waiting', (store) => store.put(call));
  }

  async remove(seq: number): Promise<void> {
    await this.#write('waiting', (store) => store.delete(seq));
  }

  async refuse(call: WaitingCall, code: string, at: number): Promise<void> {
    const { id, person, name, input } = call;
    const refusal: StoredRefusal = { id, person, name, input, code, at };
    const transaction = this.#db.transaction(['waiting', 'refused'], 'readwrite');
    transaction.objectStore('refused').put(refusal);
    transaction.objectStore('waiting').delete(call.seq);
    await finished(transaction);
  }

  async refused(): Promise<StoredRefusal[]> {
    return (await done(this.#read('refused').getAll())) as StoredRefusal[];
  }

  async forgetRefused(id: string): Promise<void> {
    await this.#write('refused', (store) => store.delete(id));
  }

  async readAnswer(key: string): Promise<unknown> {
    return (await done(this.#read('answers').get(key))) as unknown;
  }

  async writeAnswer(key: string, answer: unknown): Promise<void> {
    await this.#write('answers', (store) => store.put(answer, key));
  }

  async deleteAnswer(key: string): Promise<void> {
    await this.#write('answers', (store) => store.delete(key));
  }

  async answers(prefix: string): Promise<[string, unknown][]> {
    const range = IDBKeyRange.bound(prefix, prefix + LAST);
    const store = this.#read('answers');
    const [keys, values] = await Promise.all([
      done(store.getAllKeys(range)),
      done(store.getAll(range)),
    ]);
    return keys.map((key, place) => [String(key), values[place] as unknown]);
  }

  async answerKeys(): Promise<string[]> {
    return (await done(this.#read('answers').getAllKeys())).map(String);
  }

  async deleteAnswers(prefix: string): Promise<void> {
    await this.#write('answers', (store) => store.delete(IDBKeyRange.bound(prefix, prefix + LAST)));
  }

  async clear(): Promise<void> {
    const all = ['waiting', 'refused', 'answers'];
    const transaction = this.#db.transaction(all, 'readwrite');
    for (const name of all) transaction.objectStore(name).clear();
    await finished(transaction);
  }

  #read(name: string): IDBObjectStore {
    return this.#db.transaction(name, 'readonly').objectStore(name);
  }

  /** Resolves when the browser says that it is written, not merely asked. */
  async #write(name: string, change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
    const transaction = this.#db.transaction(name, 'readwrite');
    change(transaction.objectStore(name));
    await finished(transaction);
  }
}
