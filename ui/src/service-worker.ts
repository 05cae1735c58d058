/// <reference types="@sveltejs/kit" />
/// <reference no-default-lib="true"/>
/// <reference lib="esnext" />
/// <reference lib="webworker" />

/**
 * Opens the app without network: the build is fetched once per version, the shell answers every
 * navigation. What people see and send is never kept here: `/app` and `/v1` go by untouched.
 */
import { base, build, files, version } from '$service-worker';

const self = globalThis.self as unknown as ServiceWorkerGlobalScope;

const CACHE = `vigie-${version}`;
const SHELL = `${base}/index.html`;
const IMMUTABLE = new Set(build);
const OWN = new Set([...build, ...files]);
/** Paths that belong to the server. */
const DOORS = ['/app/', '/v1/'];

/** Asked for at once: more would only wait in the browser's line. */
const ABREAST = 6;

async function precache(): Promise<void> {
  const cache = await caches.open(CACHE);
  const missing = [SHELL, ...OWN];
  const fetchNext = async (): Promise<void> => {
    for (let path = missing.shift(); path !== undefined; path = missing.shift())
      await keep(cache, path);
  };
  await Promise.all(Array.from({ length: ABREAST }, fetchNext));
  await self.skipWaiting();
}

/** Keeps one file; what an earlier version or an installation cut short has kept is not fetched. */
async function keep(cache: Cache, path: string): Promise<void> {
  if (await cache.match(path)) return;
  const older = IMMUTABLE.has(path) ? await caches.match(path) : undefined;
  if (older) return await cache.put(path, older);
  // Past the browser's own cache, but for what never changes: the shell must be of this version.
  await cache.add(new Request(path, { cache: IMMUTABLE.has(path) ? 'default' : 'reload' }));
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('vigie-') && name !== CACHE);
  // The version before stays for pages that are still open on it.
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromCache(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? (await fetch(request));
}

/** The shell kept, at once; a newer version installs itself beside it and serves the next opening. */
async function navigate(request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(SHELL);
  if (kept) return kept;
  return await fetch(request);
}

self.addEventListener('install', (event) => event.waitUntil(precache()));
self.addEventListener('activate', (event) => event.waitUntil(forgetOthers()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (DOORS.some((door) => url.pathname.startsWith(door))) return;
  if (request.mode === 'navigate') event.respondWith(navigate(request));
  else if (IMMUTABLE.has(url.pathname) || OWN.has(url.pathname)) {
    event.respondWith(fromCache(request));
  }
});
