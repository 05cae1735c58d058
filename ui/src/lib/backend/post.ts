/** One call over HTTP, and what its failures mean. */
import type { CommandName } from '$lib/generated/commands';
import { BackendError } from './backend';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Posted {
  output: unknown;
  changed: string[];
}

const TIMEOUT_MS = 15_000;
/** Photos take their time on a thin line. */
const TIMEOUT_PHOTO_MS = 90_000;

/**
 * Sends one call. Fails with `BackendError`: `offline` when no answer came or when something on the
 * way answered instead of the server, else the server's own code.
 */
export async function post(
  fetch: Fetch,
  id: string,
  name: CommandName,
  input: unknown,
): Promise<Posted> {
  // The wall clock of here: what is due « today » depends on it.
  const offset_minutes = -new Date().getTimezoneOffset();
  const response = await send(fetch, JSON.stringify({ id, name, input, offset_minutes }), name);
  const body = await read(response);
  if (response.ok && isPosted(body)) return body;
  const error = errorOf(body);
  if (error) throw new BackendError(error.code, error.message, error.details);
  // No body of ours: a proxy, or the sign-in page of a hotel.
  if (response.status === 500) throw new BackendError('unexpected', 'the server failed');
  throw new BackendError('offline', `something else answered (${response.status})`);
}

async function send(fetch: Fetch, body: string, name: CommandName): Promise<Response> {
  const heavy = name === 'draft.attach' || name === 'photo.bring';
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), heavy ? TIMEOUT_PHOTO_MS : TIMEOUT_MS);
  try {
    return await fetch('/app/call', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Vigie': '1' },
      credentials: 'same-origin',
      cache: 'no-store',
      body,
      signal: stop.signal,
    });
  } catch (error) {
    throw new BackendError('offline', String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function read(response: Response): Promise<unknown> {
  try {
    return (await response.json()) as unknown;
  } catch {
    return undefined;
  }
}

function isPosted(body: unknown): body is Posted {
  return (
    typeof body === 'object' &&
    body !== null &&
    'output' in body &&
    'changed' in body &&
    Array.isArray(body.changed)
  );
}

interface Refusal {
  code: string;
  message: string;
  details?: unknown;
}

function errorOf(body: unknown): Refusal | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code, message, details } = error as {
    code: unknown;
    message?: unknown;
    details?: unknown;
  };
  return { code: String(code), message: String(message ?? ''), details };
}
