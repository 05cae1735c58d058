// What the tests in a browser share: a server of their own, people signed in, and checks that hold
// on every screen.
//
//   const server = await startServer();
//   const sophie = await server.person('sophie', PHONE);
//   await sophie.page.goto('/report');
//   await server.close();
//
// `VIGIE_SERVER` and `VIGIE_UI` name another binary and other screens than the freshly built ones.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
// The browser's driver and axe are packages of the screens: one list of packages for both.
const ofScreens = createRequire(join(root, 'ui/package.json'));
const { chromium } = ofScreens('playwright-core');
const { AxeBuilder } = ofScreens('@axe-core/playwright');

/** Where cargo puts what it builds. */
export const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const BINARY = process.env.VIGIE_SERVER ?? join(target, 'debug/vigie-server');
const SCREENS = process.env.VIGIE_UI ?? join(root, 'ui/build');
const CHROMIUM = process.env.VIGIE_CHROMIUM ?? '/usr/bin/chromium';

/** A phone held upright. */
export const PHONE = { name: 'phone', width: 390, height: 844, touch: true };
/** A desk's screen. */
export const DESK = { name: 'desk', width: 1280, height: 800, touch: false };

/** How long the debug build of the server on a busy machine may take to answer. */
export const PATIENCE = 20_000;

const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

// ── the server ──────────────────────────────────────────────────────────────────────────────────

let demo;

/** The demonstration company, made once and copied for each server. */
async function demoFolder() {
  demo ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-demo-'));
    process.on('exit', () => spawn('rm', ['-rf', folder], { detached: true, stdio: 'ignore' }));
    const said = await runServer(
      ['demo', '--no-serve', '--content', join(root, 'content')],
      folder,
    );
    return { folder, codes: codesIn(said) };
  })();
  return await demo;
}

/** Runs one command of the server to its end; what it printed. */
async function runServer(words, folder, listen = '127.0.0.1:1') {
  const child = spawn(BINARY, ['--data', folder, '--listen', listen, ...words], {
    env: { ...process.env, VIGIE_LOG: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (part) => (out += part));
  child.stderr.on('data', (part) => (err += part));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`vigie-server ${words.join(' ')}: ${code}\n${out}\n${err}`);
  return out;
}

/** Codes by login, from the table that `demo` and `invite` print. */
function codesIn(text) {
  const rows = [...text.matchAll(/^([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2})\s.*\s(\S+)$/gm)];
  return new Map(rows.map(([, code, login]) => [login, code]));
}

async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answers(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A server of its own: fresh data, a free port, codes that nobody has used. */
export async function startServer() {
  const made = await demoFolder();
  const folder = await mkdtemp(join(tmpdir(), 'vigie-e2e-'));
  await cp(made.folder, folder, { recursive: true });
  const server = new Server(folder, await freePort(), new Map(made.codes));
  await server.start();
  server.browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: BROWSER_FLAGS,
  });
  return server;
}

class Server {
  constructor(folder, port, codes) {
    this.folder = folder;
    this.port = port;
    this.codes = codes;
    this.address = `http://127.0.0.1:${port}`;
    this.log = '';
  }

  get listen() {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts serving, at the same address as before. */
  async start() {
    const words = ['--data', this.folder, '--listen', this.listen, '--ui', SCREENS, 'serve'];
    const env = { ...process.env, VIGIE_LOG: 'info' };
    this.child = spawn(BINARY, words, {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr.on('data', (part) => (this.log += part));
    for (let tries = 0; !(await answers(this.port)); tries += 1) {
      if (this.child.exitCode !== null || tries > 300) throw new Error(`no server:\n${this.log}`);
      await pause(50);
    }
  }

  /** The network is gone for everyone: the process is killed as hard as can be. */
  async kill() {
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null)
      await once(this.child, 'exit');
  }

  /** Runs a command of the server while it serves; what it printed. */
  async run(...words) {
    return await runServer(words, this.folder, this.listen);
  }

  /** A fresh code for someone, while the server serves. */
  async invite(login) {
    const said = await this.run('invite', login);
    const code = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}/.exec(said)?.[0];
    assert.ok(code, `an invitation prints a code, not:\n${said}`);
    return code;
  }

  /** The code to sign in as someone: the printed one, then fresh ones. */
  async codeFor(login) {
    const code = this.codes.get(login) ?? (await this.invite(login));
    this.codes.delete(login);
    return code;
  }

  /** A browser nobody has used yet. `options` are Playwright's, such as `colorScheme`. */
  async visitor(screen, options = {}) {
    const context = await this.browser.newContext({
      baseURL: this.address,
      viewport: { width: screen.width, height: screen.height },
      hasTouch: screen.touch,
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    return { context, page, faults: listenForFaults(page) };
  }

  /** Someone signed in through the door, with a code, in a browser of their own. */
  async person(login, screen, options = {}) {
    const visitor = await this.visitor(screen, options);
    await signIn(visitor.page, await this.codeFor(login));
    return visitor;
  }

  async close() {
    await this.browser.close();
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

// ── what people do ──────────────────────────────────────────────────────────────────────────────

/** Follows the link of an invitation to the Today screen. */
export async function signIn(page, code) {
  await page.goto(`/enrol#code=${code}`);
  await page.getByRole('button', { name: 'Continuer en français' }).click();
  await page.getByRole('button', { name: 'Entrer' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await page.getByRole('navigation').first().waitFor();
}

/** Until the service worker holds the interface, so that a reload needs no network. */
export async function untilHeld(page) {
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    for (let tries = 0; registration.active?.state !== 'activated' && tries < 100; tries += 1)
      await new Promise((done) => setTimeout(done, 100));
  });
}

/** Calls a command as the page would, with its cookies; `{ status, body }`. */
export async function call(page, name, input, headers = { 'X-Vigie': '1' }) {
  return await page.evaluate(
    async ({ name, input, headers, id }) => {
      const response = await fetch('/app/call', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ id, name, input }),
      });
      return {
        status: response.status,
        body: await response.json().catch(() => null),
      };
    },
    { name, input, headers, id: newId() },
  );
}

/** A UUIDv7 as devices make them. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = BigInt(Date.now());
  for (let place = 0; place < 6; place += 1)
    bytes[place] = Number((now >> BigInt(40 - 8 * place)) & 0xffn);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A photo as a phone takes it: a JPEG of the given size, drawn by the browser. */
export async function makePhoto(page, words, width = 1600, height = 1200) {
  const base64 = await page.evaluate(
    ([text, wide, high]) => {
      const canvas = document.createElement('canvas');
      canvas.width = wide;
      canvas.height = high;
      const pen = canvas.getContext('2d');
      const sky = pen.createLinearGradient(0, 0, wide, high);
      sky.addColorStop(0, '#5b6670');
      sky.addColorStop(1, '#c9c2b4');
      pen.fillStyle = sky;
      pen.fillRect(0, 0, wide, high);
      pen.fillStyle = '#2b3338';
      pen.fillRect(wide * 0.1, high * 0.55, wide * 0.8, high * 0.3);
      pen.fillStyle = '#e0a526';
      for (let x = 0; x < 8; x += 1)
        pen.fillRect(wide * (0.12 + 0.1 * x), high * 0.55, wide * 0.04, high * 0.05);
      pen.fillStyle = 'rgba(60, 90, 110, 0.55)';
      pen.beginPath();
      pen.ellipse(wide * 0.5, high * 0.82, wide * 0.3, high * 0.08, 0, 0, 7);
      pen.fill();
      pen.fillStyle = '#fff';
      pen.font = `${high / 14}px sans-serif`;
      pen.fillText(text, wide * 0.08, high * 0.2);
      return canvas.toDataURL('image/jpeg', 0.85).split(',')[1];
    },
    [words, width, height],
  );
  const name = `${words.replace(/\W+/g, '-')}.jpg`;
  return {
    name,
    mimeType: 'image/jpeg',
    buffer: Buffer.from(base64, 'base64'),
  };
}

// ── what holds on every screen ──────────────────────────────────────────────────────────────────

/** Errors that a cut network causes, and nothing else. */
const OF_THE_NETWORK = /net::ERR_|Failed to load resource|Failed to fetch|NetworkError/;

/** What went wrong inside the page: exceptions, and errors of the console. */
function listenForFaults(page) {
  const faults = [];
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || OF_THE_NETWORK.test(message.text())) return;
    faults.push(`console: ${message.text()}`);
  });
  return faults;
}

/** Nothing went wrong inside the page since it was opened. */
export function assertNoFaults(person, who) {
  assert.deepEqual(person.faults, [], `${who}'s browser met no error`);
}

/** What was found wrong with the screens that were looked at. */
export class Findings {
  #found = [];

  /** Looks at the screen that is shown: accessible, thumb-sized, no wider than the window. */
  async look(page, where) {
    await settled(page);
    const found = [
      ...(await axeFindings(page)),
      ...(await smallTargets(page)),
      ...(await overflow(page)),
    ];
    this.#found.push(...found.map((what) => `${where}: ${what}`));
  }

  list() {
    return [...this.#found];
  }

  assertNone() {
    assert.deepEqual(this.#found, [], 'every screen on the way is accessible and fits');
  }
}

/** Until what moves has stopped: colours are judged at rest. */
async function settled(page) {
  await page.evaluate(async () => {
    const moving = document
      .getAnimations()
      .filter((one) => one.effect?.getTiming().iterations !== Infinity);
    await Promise.race([
      Promise.allSettled(moving.map((one) => one.finished)),
      new Promise((done) => setTimeout(done, 2000)),
    ]);
  });
}

async function axeFindings(page) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} — ${node.any[0]?.message ?? ''}`),
  );
}

/**
 * Buttons, fields and links smaller than 48 px either way. A link inside a sentence is text, not a
 * target; a field that lies invisible under its label counts as its label.
 */
async function smallTargets(page) {
  return await page.evaluate(() => {
    const LEAST = 47.5;
    const area = (element) => {
      const label = element.matches('input, select, textarea') ? element.closest('label') : null;
      const own = element.getBoundingClientRect();
      const other = label?.getBoundingClientRect();
      return other && other.height > own.height ? other : own;
    };
    const seen = (element) =>
      element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert]');
    const inSentence = (element) =>
      element.matches('a') &&
      getComputedStyle(element).display === 'inline' &&
      element.closest('p, li, dd, td') !== null;
    const targets =
      'button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]';
    return [...document.querySelectorAll(targets)]
      .filter((element) => seen(element) && !inSentence(element))
      .map((element) => ({ element, box: area(element) }))
      .filter(({ box }) => box.width > 1 && box.height > 1)
      .filter(({ box }) => box.width < LEAST || box.height < LEAST)
      .map(({ element, box }) => {
        const name = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40);
        const size = `${Math.round(box.width)}×${Math.round(box.height)}`;
        return `${element.localName} “${name}” is ${size}, not 48 px`;
      });
  });
}

async function overflow(page) {
  return await page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
      .map((element) => `${element.localName}.${element.className} is wider than the window`)
      .slice(-5);
  });
}

/** Waits until `ask` holds; how long it took, in milliseconds. */
export async function within(limit, what, ask) {
  const start = performance.now();
  for (;;) {
    if (await ask()) return performance.now() - start;
    if (performance.now() - start > limit) assert.fail(`${what}: not within ${limit} ms`);
    await pause(20);
  }
}

/** Keeps a picture of what is on the screen when a test fails, if `VIGIE_PICTURES` names a folder. */
export async function keepPictures(people, name) {
  const folder = process.env.VIGIE_PICTURES;
  if (!folder) return;
  for (const [who, { page }] of Object.entries(people)) {
    const file = join(folder, `${name}-${who}`.replace(/[^\w-]+/g, '-'));
    const picture = await page.screenshot().catch(() => null);
    if (picture) await writeFile(`${file}.png`, picture);
  }
}

/** What the server wrote down; no panic may be in it. */
export function assertNoPanic(server) {
  assert.ok(
    !/panicked at/.test(server.log),
    `the server did not panic:\n${server.log.slice(-4000)}`,
  );
}
