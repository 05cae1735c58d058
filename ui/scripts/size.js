// Weighs what a phone must fetch before the first screen is drawn; run after `npm run build`.
// Fails when it is more than the budget: 90 kB of JavaScript and 15 kB of styles, compressed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const CLIENT = new URL('../.svelte-kit/output/client/', import.meta.url);
const APP = '.svelte-kit/generated/client-optimized/app.js';
const BUDGET = { js: 90_000, css: 15_000 };

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', CLIENT), 'utf8'));
const app = readFileSync(new URL(`../${APP}`, import.meta.url), 'utf8');

/** The node that draws `/`, read from the table of routes. */
function homeNode() {
  const found = /"\/": \[~?(\d+)/.exec(app);
  if (!found) throw new Error(`no route "/" in ${APP}`);
  return `.svelte-kit/generated/client-optimized/nodes/${found[1]}.js`;
}

/** An entry and all that it imports at once. */
function collect(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key]?.imports ?? []) collect(next, seen);
  return seen;
}

/** The entry of SvelteKit itself, wherever its package lies. */
function kitEntry() {
  const key = Object.keys(manifest).find((name) => name.endsWith('/runtime/client/entry.js'));
  if (!key) throw new Error('the build has no entry');
  return key;
}

const entries = [
  kitEntry(),
  APP,
  '.svelte-kit/generated/client-optimized/nodes/0.js',
  homeNode(),
  'src/lib/wording/fr.ts',
];
const keys = new Set();
for (const entry of entries) collect(entry, keys);

const files = { js: new Set(), css: new Set() };
for (const key of keys) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build`);
  files.js.add(chunk.file);
  for (const sheet of chunk.css ?? []) files.css.add(sheet);
}

let over = false;
for (const [kind, names] of Object.entries(files)) {
  let sum = 0;
  for (const name of names)
    sum += gzipSync(readFileSync(new URL(name, CLIENT)), { level: 9 }).length;
  over ||= sum > BUDGET[kind];
  console.log(`${kind}: ${sum} of ${BUDGET[kind]} bytes, compressed, in ${names.size} files`);
}
if (over) {
  console.error('the first screen weighs more than its budget');
  process.exitCode = 1;
}
