// Drives the window of the app through WebKitWebDriver, with nothing but `fetch`.
//
//   import { openApp } from './webdriver.mjs';
//   const app = await openApp({ binary, data: '/tmp/a-folder', env: { VIGIE_ENROL: 'http://127.0.0.1:8650|CODE' } });
//   await app.see('Aujourd’hui');
//   await app.click('text=Signaler');
//   await app.screenshot('/tmp/today.png');
//   await app.close();
//
// By hand, one screenshot:
//   dbus-run-session -- xvfb-run -a node tests/e2e/webdriver.mjs target/debug/vigie-app /tmp/app.png
//
// Needs Debian's `webkit2gtk-driver`, `xvfb`, `dbus-x11`; a binary built with the feature
// `custom-protocol`. Warnings of portals and PipeWire are harmless.

import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** How WebDriver names an element in its answers. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/**
 * Starts WebKitWebDriver and the app under it.
 *
 * - `binary`: the app.
 * - `args`: its arguments, such as an invitation's link.
 * - `data`: its folder (`VIGIE_DATA`); a second app with another folder may run beside it.
 * - `env`: more environment for the app, such as `VIGIE_ENROL` or `VIGIE_CLOCK_OFFSET_MS`.
 * - `width`, `height`: size of the window.
 */
export async function openApp({ binary, args = [], data, env = {}, width = 390, height = 844 }) {
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: {
      ...process.env,
      TAURI_WEBVIEW_AUTOMATION: 'true',
      TAURI_AUTOMATION: 'true',
      ...(data === undefined ? {} : { VIGIE_DATA: data }),
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    const base = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${base}/status`)).ok, 10_000, 'WebKitWebDriver');
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args } } };
    const session = await ask(base, 'POST', '/session', { capabilities });
    const app = new WebDriverApp(base, session.sessionId, driver);
    await app.resize(width, height);
    return app;
  } catch (error) {
    driver.kill();
    throw error;
  }
}

export class WebDriverApp {
  #base;
  #path;
  #driver;

  constructor(base, session, driver) {
    this.#base = base;
    this.#path = `/session/${session}`;
    this.#driver = driver;
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
    const { value, error } = await this.#ask('POST', '/execute/async', { script: body, args });
    if (error !== undefined) throw new Error(error);
    return value;
  }

  /** Calls a command through the app's own door. Fails with `{code, message}` as text. */
  call(name, input = {}) {
    return this.runAsync(
      `return await window.__TAURI_INTERNALS__.invoke('call',
        { id: arguments[0], name: arguments[1], input: arguments[2] });`,
      newId(),
      name,
      input,
    );
  }

  /** Where the page is. */
  url() {
    return this.#ask('GET', '/url');
  }

  /** Opens a path of the app, as a link would. */
  async go(path) {
    await this.run('window.location.assign(arguments[0])', path);
  }

  /** All the text that can be seen. */
  text() {
    return this.run('return document.body ? document.body.innerText : ""');
  }

  /** Waits until a text can be seen; spaces of any kind are alike. */
  async see(text, ms = 15_000) {
    const plain = (said) => said.replace(/\s+/g, ' ');
    let said = '';
    await until(
      async () => {
        said = plain(await this.text());
        return said.includes(plain(text));
      },
      ms,
      () => `« ${text} » in: ${said.slice(0, 600)}`,
    );
  }

  /**
   * The first visible element for a CSS selector, or for `text=…`: the button, link, label or option
   * that says so. Waits for it.
   */
  async find(selector, ms = 15_000) {
    let element = null;
    await until(
      async () => {
        element = await this.run(FIND, selector);
        return element !== null;
      },
      ms,
      () => `an element ${selector}`,
    );
    return element;
  }

  /** Clicks, as a person would: the element must be in sight and not covered. */
  async click(selector) {
    const id = (await this.find(selector))[ELEMENT];
    await this.#ask('POST', `/element/${id}/click`, {});
  }

  /** Clicks by script, for what the driver says is covered. */
  async press(selector) {
    await this.run('arguments[0].click()', await this.find(selector));
  }

  /** Empties a field and types. */
  async type(selector, text) {
    const id = (await this.find(selector))[ELEMENT];
    await this.#ask('POST', `/element/${id}/clear`, {});
    await this.#ask('POST', `/element/${id}/value`, { text });
  }

  /** Gives a file to `<input type=file>`: the photo of a report. */
  async attach(selector, path) {
    const found = await this.#ask('POST', '/element', { using: 'css selector', value: selector });
    await this.#ask('POST', `/element/${found[ELEMENT]}/value`, { text: path });
  }

  /** Writes what the window shows as PNG, once what was last done has been drawn. */
  async screenshot(path) {
    await this.runAsync(
      `await new Promise((drawn) => {
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 250)));
        setTimeout(drawn, 1000);
      });`,
    );
    await writeFile(path, Buffer.from(await this.#ask('GET', '/screenshot'), 'base64'));
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
      this.#driver.kill();
    }
  }

  #ask(method, path, body) {
    return ask(this.#base, method, this.#path + path, body);
  }
}

/** Finds what is visible; runs in the page. */
const FIND = `
  const plain = (text) => (text || '').replace(/\\s+/g, ' ').trim();
  const visible = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== 'hidden';
  };
  const selector = arguments[0];
  if (!selector.startsWith('text=')) {
    return [...document.querySelectorAll(selector)].find(visible) || null;
  }
  const said = plain(selector.slice(5));
  const all = [...document.querySelectorAll('button, a, label, summary, [role]')].filter(visible);
  const name = (element) => plain(element.getAttribute('aria-label') || element.innerText);
  return all.find((element) => name(element) === said)
    || all.filter((element) => name(element).includes(said))
      .sort((a, b) => name(a).length - name(b).length)[0] || null;`;

async function ask(base, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

/** Asks until it is true; `what` says what was waited for. */
async function until(isSo, ms, what) {
  const end = Date.now() + ms;
  let last;
  while (Date.now() < end) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
    await pause(100);
  }
  const said = typeof what === 'function' ? what() : what;
  throw new Error(`waited ${ms} ms in vain for ${said}${last ? ` (${last.message})` : ''}`);
}

function freePort() {
  return new Promise((found, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/** A UUIDv7. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let now = Date.now();
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = now % 256;
    now = Math.floor(now / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

if (process.argv[1] && import.meta.url === new URL(`file://${process.argv[1]}`).href) {
  const [binary, png] = process.argv.slice(2);
  if (!binary || !png) {
    console.error('webdriver.mjs BINARY PNG');
    process.exit(2);
  }
  const app = await openApp({ binary, data: process.env.VIGIE_DATA });
  await until(async () => (await app.text()).length > 0, 15_000, 'a page');
  await pause(1_000);
  await app.screenshot(png);
  console.log(await app.url());
  await app.close();
}
