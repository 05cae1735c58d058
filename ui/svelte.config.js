// One static build for the phone shell and for browsers: every route is drawn on the client.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-static';

/** The hash of the boot script written in app.html, which SvelteKit does not hash by itself. */
function bootScriptHash() {
  const page = readFileSync(new URL('./src/app.html', import.meta.url), 'utf8');
  const script = /<script>([\s\S]*?)<\/script>/.exec(page);
  if (!script) throw new Error('src/app.html has no boot script');
  return `sha256-${createHash('sha256').update(script[1]).digest('base64')}`;
}

/** @type {import('@sveltejs/kit').Config} */
export default {
  compilerOptions: { runes: true },
  kit: {
    adapter: adapter({ fallback: 'index.html' }),
    alias: { $wording: '../content/wording' },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['self'],
        'script-src': ['self', bootScriptHash()],
        'style-src': ['self'],
        // Drawings inside capsules carry style attributes; they cannot run anything.
        'style-src-attr': ['unsafe-inline'],
        // Photos not yet sent are shown from memory.
        'img-src': ['self', 'data:', 'blob:'],
        'media-src': ['self', 'data:', 'blob:'],
        // The two names of the phone shell's own door.
        'connect-src': ['self', 'ipc:', 'http://ipc.localhost'],
        'worker-src': ['self'],
        'manifest-src': ['self'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['self'],
      },
    },
    // The shell registers the worker itself, and only in a browser.
    serviceWorker: { register: false },
    output: { preloadStrategy: 'modulepreload' },
    version: { pollInterval: 0 },
  },
};
