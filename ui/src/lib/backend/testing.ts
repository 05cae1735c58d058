/** What the tests of the door in a browser share. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import type { AccountState, DraftView, FormProgram } from '$lib/generated/commands';
import { HttpBackend } from './http.svelte';
import { openStore, type BrowserStore } from './store';

/** A server in memory: remembers call ids, can be cut off, can refuse. */
class Server {
  up = true;
  person: string | null = 'karim';
  /** Why nobody is let in any more. */
  ended: string | null = null;
  /** Answers with an error instead, once per name. */
  refuses = new Map<string, { code: string; status: number; times: number }>();
  /** What was done, in order, each call id once. */
  done: { id: string; name: string; input: unknown }[] = [];
  received = 0;
  outputs: Record<string, unknown> = {};

  fetch = async (_url: string, init: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (!this.up) throw new TypeError('network');
    this.received += 1;
    const call = JSON.parse(String(init.body)) as { id: string; name: string; input: unknown };
    if (call.name === 'account.state') return json({ output: this.#account(), changed: [] });
    const refusal = this.refuses.get(call.name);
    if (refusal && refusal.times > 0) {
      refusal.times -= 1;
      return json({ error: { code: refusal.code, message: 'no' } }, refusal.status);
    }
    if (!this.done.some((one) => one.id === call.id)) this.done.push(call);
    return json({ output: this.outputs[call.name] ?? {}, changed: ['draft'] });
  };

  names(): string[] {
    return this.done.map((call) => call.name);
  }

  #account(): AccountState {
    return {
      signed_in: this.person !== null,
      kind: 'web',
      server: null,
      org: 'Fonderie',
      person: this.person,
      encrypted: false,
      key_in_keystore: false,
      ended: this.ended,
    };
  }
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

const program: FormProgram = {
  form: 'f1',
  slug: 'near-miss',
  release: 1,
  report_type: 'near_miss',
  icon: 'alert',
  title: { fr: 'Presqu’accident' },
  purpose: {},
  capsule: null,
  scored: false,
  questions: [
    {
      name: 'words',
      type: 'text',
      label: {},
      hint: {},
      required: false,
      appearance: '',
      fills: 'words',
      choices: [],
      weight: null,
      default: null,
      relevant: null,
      constraint: null,
      constraint_message: {},
      calculation: null,
    },
  ],
};

export function draft(id: string): DraftView {
  return { id, practice: false, answers: {}, attachments: [], updated_at: 1, program };
}

export const FILTER = {
  query: '',
  site: null,
  status: null,
  severity: null,
  report_type: null,
  mine: true,
  assigned_to_me: false,
  limit: 4,
  offset: 0,
};

export let server: Server;
export let store: BrowserStore;
let factory: IDBFactory;

/** Another server, and a browser that nobody used. */
export function begin(): void {
  server = new Server();
  factory = new IDBFactory();
}

/** A page just opened on this browser, by whoever is signed in. */
export async function page(): Promise<HttpBackend> {
  store = await openStore(factory);
  const backend = new HttpBackend({ fetch: server.fetch, store, events: null, now: () => 1000 });
  await backend.call('account.state', {});
  return backend;
}
