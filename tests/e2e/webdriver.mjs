// The window of the app, through WebKitWebDriver, with nothing but `fetch`.
//
// By hand, one screenshot:
//   dbus-run-session -- xvfb-run -a node tests/e2e/webdriver.mjs target/debug/vigie-app /tmp/app.png
//
// Needs Debian's `webkit2gtk-driver`, `xvfb`, `dbus-x11`; a binary built with the feature
// `custom-protocol`. Warnings of portals and PipeWire are harmless.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** How WebDriver names an element in its answers. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/**
 * Starts WebKitWebDriver and the app under it.
 *
 * - `binary`: the app; `args`: its arguments, such as an invitation's link.
 * - `data`: its folder (`VIGIE_DATA`); a second app with another folder may run beside it.
 * - `env`: more environment for the app, such as `VIGIE_CLOCK_OFFSET_MS`.
 * - `width`, `height`: size of the window.
 */
export async function openSession({
  binary,
  args = [],
  data,
  env = {},
  width = 390,
  height = 844,
}) {
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: {
      ...process.env,
      TAURI_WEBVIEW_AUTOMATION: 'true',
      TAURI_AUTOMATION: 'true',
      ...(data === undefined ? {} : { VIGIE_DATA: data }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [driver.stdout, driver.stderr]) stream.on('data', (part) => (log += part));
  try {
    const base = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${base}/status`)).ok, 10_000, 'WebKitWebDriver');
    const capabilities = {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary, args } },
    };
    const { sessionId } = await ask(base, 'POST', '/session', { capabilities });
    const session = new Session(base, sessionId, driver, () => log);
    await session.resize(width, height);
    return session;
  } catch (error) {
    driver.kill();
    throw new Error(`${error.message}\n${log}`);
  }
}

export class Session {
  #base;
  #path;
  #driver;
  #log;

  constructor(base, id, driver, log) {
    this.#base = base;
    this.#path = `/session/${id}`;
    this.#driver = driver;
    this.#log = log;
  }

  /** What the app and its driver wrote so far. */
  get log() {
    return this.#log();
  }

  /** Runs JavaScript in the page: the body of a function, its arguments in `arguments`. */
  run(script, ...args) {
    return this.#ask('POST', '/execute/sync', { script, args });
  }

  /** As `run`, for a body that may `await`. */
  async runAsync(script, ...args) {
    const body = `
      const done = arguments[arguments.length - 1];
      const args = Array.prototype.slice.call(arguments, 0, -1);
      (async function () { ${script} }).apply(null, args)
        .then((value) => done({ value }), (error) => done({ error: JSON.stringify(error) + String(error) }));`;
    const { value, error } = await this.#ask('POST', '/execute/async', {
      script: body,
      args,
    });
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /** Where the page is. */
  url() {
    return this.#ask('GET', '/url');
  }

  /** Clicks, as a person would: the element must be in sight and not covered. */
  async click(element) {
    await this.#ask('POST', `/element/${element[ELEMENT]}/click`, {});
  }

  /** Types into an element, key by key. */
  async keys(element, text) {
    await this.#ask('POST', `/element/${element[ELEMENT]}/value`, { text });
  }

  /** What the window shows, as PNG, once what was last done has been drawn. */
  async screenshot() {
    await this.runAsync(
      `await new Promise((drawn) => {
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 250)));
        setTimeout(drawn, 1000);
      });`,
    );
    return Buffer.from(await this.#ask('GET', '/screenshot'), 'base64');
  }

  /** Sets the size of the window. */
  async resize(width, height) {
    await this.#ask('POST', '/window/rect', { x: 0, y: 0, width, height });
  }

  /** Closes the window and the driver. */
  async close() {
    try {
      await this.#ask('DELETE', '');
    } finally {
      await this.#end();
    }
  }

  /** Kills the app as hard as can be: nothing of it has a moment to save. */
  async kill() {
    for (const pid of await childrenOf(this.#driver.pid)) process.kill(pid, 'SIGKILL');
    await this.#end();
  }

  async #end() {
    this.#driver.kill('SIGKILL');
    if (this.#driver.exitCode === null && this.#driver.signalCode === null)
      await once(this.#driver, 'exit');
  }

  #ask(method, path, body) {
    return ask(this.#base, method, this.#path + path, body);
  }
}

/** The processes that a process started. */
async function childrenOf(parent) {
  const children = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // A process may end while it is looked at.
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(ppid) === parent) children.push(Number(name));
  }
  return children;
}

async function ask(base, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

/** Asks until it is true; `what` says what was waited for. The last answer. */
export async function until(isSo, ms, what) {
  const end = Date.now() + ms;
  let last;
  while (Date.now() < end) {
    try {
      const answer = await isSo();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  const said = typeof what === 'function' ? await what() : what;
  throw new Error(`waited ${ms} ms in vain for ${said}${last ? ` (${last.message})` : ''}`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {
  const [binary, png] = process.argv.slice(2);
  if (!binary || !png) {
    console.error('webdriver.mjs BINARY PNG');
    process.exit(2);
  }
  const session = await openSession({ binary, data: process.env.VIGIE_DATA });
  await until(
    () => session.run('return document.body && document.body.innerText.length > 0'),
    15_000,
    'a page',
  );
  await pause(1_000);
  await writeFile(png, await session.screenshot());
  console.log(await session.url());
  await session.close();
}
