// The window of the app as a page: the part of Playwright's language that `acts.mjs` speaks, over
// WebDriver, so that the same acts are done in a browser and in the app.
//
//   const sophie = await openWindow({ binary, data, args: [link] });
//   await fiveTaps(sophie.page);
//   await sophie.session.kill();

import { PATIENCE } from './support.mjs';
import { openSession, until } from './webdriver.mjs';

/** Opens the app; `{ page, session }`. What it takes is what `openSession` does. */
export async function openWindow(how) {
  const session = await openSession(how);
  await drawn(session, 'location.protocol !== "about:"');
  return { session, page: new WindowPage(session) };
}

/** Waits for a screen with words on it, of which something holds. */
async function drawn(session, holds) {
  const script = `return ${holds} && document.body.innerText.trim() !== ""`;
  await until(() => session.run(script), PATIENCE, `a screen where ${holds}`);
}

class Finder {
  constructor(session, steps) {
    this.session = session;
    this.steps = steps;
  }

  #then(step) {
    return new Locator(this.session, [...this.steps, step]);
  }

  locator(css) {
    return this.#then(css === 'visible=true' ? { visible: true } : { css });
  }

  getByRole(role, { name, exact = false } = {}) {
    return this.#then({ role, name: pattern(name), exact });
  }

  getByText(text) {
    return this.#then({ text: pattern(text) });
  }

  filter({ hasText }) {
    return this.#then({ hasText: pattern(hasText) });
  }

  nth(place) {
    return this.#then({ nth: place });
  }

  first() {
    return this.nth(0);
  }

  last() {
    return this.nth(-1);
  }

  or(other) {
    return this.#then({ or: other.steps });
  }
}

class Locator extends Finder {
  /** Runs a function in the page with the first element that is found. */
  async #with(act, ...args) {
    const element = await this.#one();
    return await this.session.run(`return (${act})(...arguments)`, element, ...args);
  }

  async #one(limit = PATIENCE) {
    return await until(
      async () => (await this.#all())[0],
      limit,
      async () =>
        `${JSON.stringify(this.steps)} in: ${await this.session.run('return document.body.innerText.slice(0, 800)')}`,
    );
  }

  #all() {
    return this.session.run(FIND, this.steps);
  }

  async count() {
    return (await this.#all()).length;
  }

  async waitFor({ state = 'visible' } = {}) {
    if (state === 'visible') await this.#one();
    else await until(async () => (await this.count()) === 0, PATIENCE, 'it to go away');
  }

  /** Clicks as a person would; what moves or is covered is tried again. */
  async click({ timeout = PATIENCE } = {}) {
    await until(
      async () => {
        const element = await this.#one(timeout);
        // Away from the bars that stay at the edges.
        await this.session.run('arguments[0].scrollIntoView({ block: "center" })', element);
        await this.session.click(element);
        return true;
      },
      timeout,
      `a click on ${JSON.stringify(this.steps)}`,
    );
  }

  /** Chooses a radio button or a box by its label. */
  async check() {
    const shown = '(element) => element.checked ? null : (element.closest("label") ?? element)';
    const element = await this.#with(shown);
    if (element) await this.session.click(element);
  }

  /** Replaces what a field holds, as pasting would. */
  async fill(text) {
    await this.#with((field, words) => {
      field.focus();
      field.select();
      document.execCommand(words === '' ? 'delete' : 'insertText', false, words);
    }, text);
  }

  /** Types key by key. */
  async pressSequentially(text) {
    await this.session.keys(await this.#one(), text);
  }

  async setInputFiles({ name, mimeType, buffer }) {
    await this.#with(
      (input, base64, given) => {
        const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
        const files = new DataTransfer();
        files.items.add(new File([bytes], given.name, { type: given.mimeType }));
        input.files = files.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      },
      buffer.toString('base64'),
      { name, mimeType },
    );
  }

  innerText() {
    return this.#with((element) => element.innerText);
  }

  inputValue() {
    return this.#with((field) => field.value);
  }

  getAttribute(name) {
    return this.#with((element, attribute) => element.getAttribute(attribute), name);
  }
}

class WindowPage extends Finder {
  #url = '';

  constructor(session) {
    super(session, []);
  }

  /** The address when it was last waited for. */
  url() {
    return this.#url;
  }

  /** Waits for an address: an expression, or what must be true of it. */
  async waitForURL(wanted) {
    const fits = wanted instanceof RegExp ? (url) => wanted.test(url) : wanted;
    this.#url = await until(
      async () => {
        const url = await this.session.url();
        return fits(url instanceof URL ? url : new URL(url).href) && url;
      },
      PATIENCE,
      async () => `an address ${wanted}, not ${await this.session.url()}`,
    );
  }

  /** Opens a path of the app anew. */
  async goto(path) {
    await this.session.run('window.isLeft = true; window.location.assign(arguments[0])', path);
    await drawn(
      this.session,
      `!window.isLeft && location.pathname + location.search === "${path}"`,
    );
  }

  async waitForFunction(holds, arg) {
    await until(
      () => this.evaluate(holds, arg),
      PATIENCE,
      async () => `${JSON.stringify(arg)} in: ${await this.locator('body').innerText()}`,
    );
  }

  async waitForTimeout(ms) {
    await new Promise((done) => setTimeout(done, ms));
  }

  /** Runs a function in the page. */
  evaluate(act, arg) {
    return this.session.runAsync(`return await (${act})(...arguments[0])`, [arg]);
  }

  screenshot() {
    return this.session.screenshot();
  }
}

/** A name or a text as it travels to the page. */
function pattern(wanted) {
  if (wanted instanceof RegExp) return { source: wanted.source, flags: wanted.flags };
  return wanted ?? null;
}

/** Finds elements by steps; runs in the page. Spaces of any kind are alike. */
const FIND = `
  const ROLES = {
    button: 'button, summary, [role=button], input[type=submit]',
    link: 'a[href]',
    heading: 'h1, h2, h3, h4, [role=heading]',
    textbox: 'textarea, input:not([type]), input[type=text], input[type=url], input[type=email], input[type=password]',
    searchbox: 'input[type=search], [role=searchbox]',
    radio: 'input[type=radio], [role=radio]',
    checkbox: 'input[type=checkbox], [role=checkbox]',
    dialog: 'dialog[open], [role=dialog]',
    img: 'img, [role=img]',
    row: 'tr, [role=row]',
    article: 'article',
    navigation: 'nav',
  };
  const plain = (text) => (text || '').replace(/\\s+/g, ' ').trim();
  const visible = (element) => element.checkVisibility
    ? element.checkVisibility({ visibilityProperty: true }) && !element.closest('[inert]')
    : element.getClientRects().length > 0;
  const labels = (element) => (element.getAttribute('aria-labelledby') || '').split(' ')
    .map((id) => document.getElementById(id)).filter(Boolean).map((one) => one.innerText).join(' ');
  const name = (element) => plain(
    element.getAttribute('aria-label') || labels(element) || element.getAttribute('alt')
      || [...(element.labels || [])].map((label) => label.innerText).join(' ')
      || element.innerText || element.textContent);
  const says = (said, wanted, exact) => {
    if (wanted === null) return true;
    if (typeof wanted === 'object') return new RegExp(wanted.source, wanted.flags).test(said);
    return exact ? said === plain(wanted) : said.toLowerCase().includes(plain(wanted).toLowerCase());
  };
  const within = (from, css) => [...new Set(from.flatMap((one) => [...one.querySelectorAll(css)]))];
  const inOrder = (all) => all.sort((a, b) =>
    a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
  const take = (from, step) => {
    if ('css' in step) return within(from, step.css);
    if ('role' in step) {
      if (!(step.role in ROLES)) throw new Error('no such role here: ' + step.role);
      return within(from, ROLES[step.role]).filter(visible)
        .filter((element) => says(name(element), step.name, step.exact));
    }
    if ('text' in step) {
      const all = within(from, '*').filter((one) => says(plain(one.innerText), step.text, false));
      return all.filter((one) => !all.some((other) => other !== one && one.contains(other)));
    }
    if ('visible' in step) return from.filter(visible);
    if ('hasText' in step) return from.filter((one) => says(plain(one.textContent), step.hasText, false));
    if ('or' in step) return inOrder([...new Set([...from, ...find(step.or)])]);
    return from.slice(step.nth, step.nth === -1 ? undefined : step.nth + 1);
  };
  const find = (steps) => steps.reduce(take, [document]);
  return find(arguments[0]);`;
