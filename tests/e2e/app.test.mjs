// The main job, end to end, in the app's own window: three people, each with the app in a folder of
// their own, around one server. The network is cut by killing the server, and the app itself is
// killed where it hurts most.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  addPhoto,
  answerQuestion,
  assertFiveTapsKept,
  assign,
  atQuestion,
  cardTitle,
  closeWith,
  comment,
  decideAction,
  fiveTaps,
  goOn,
  grade,
  openNearMiss,
  playToTheEnd,
  publishTo,
  seal,
  see,
  tellWords,
  wordsOf,
  writeCapsule,
} from './acts.mjs';
import {
  DESK,
  PHONE,
  assertNoPanic,
  newId,
  root,
  startServer,
  target,
  within,
} from './support.mjs';
import { openWindow } from './window.mjs';

const WORDS = 'Huile au sol devant le quai 2, j’ai glissé sans tomber.';
const COMMENT = 'Merci Sophie. Je passe voir avec Karim cet après-midi.';
const ANSWER = 'Le flexible du chariot fuyait : il est remplacé, et le quai est nettoyé.';
const NEW_CAPSULE = 'Du sol propre au quai';
const PEOPLE = { query: '', site: null };
const MINE = {
  query: '',
  site: null,
  status: null,
  severity: null,
  report_type: null,
  mine: true,
  assigned_to_me: false,
  limit: 50,
  offset: 0,
};
const UNSENT = 'Une marche descellée, dite sans réseau.';
const BINARY = process.env.VIGIE_APP ?? join(target, 'debug/vigie-app');

describe('the main job in the app', { concurrency: 1 }, () => {
  let server;
  let folder;
  const people = {};
  const report = {};
  const capsule = {};
  let failed = false;

  function step(name, act) {
    test(name, { timeout: 240_000 }, async (t) => {
      if (failed) return t.skip('a step before failed');
      try {
        await act();
      } catch (error) {
        failed = true;
        await keepPictures(name);
        for (const [who, { session }] of Object.entries(people)) console.error(who, session.log);
        throw error;
      }
    });
  }

  /** What is on every window when a step fails, if `VIGIE_PICTURES` names a folder. */
  async function keepPictures(name) {
    const kept = process.env.VIGIE_PICTURES;
    if (!kept) return;
    for (const [who, { page }] of Object.entries(people)) {
      const picture = await page.screenshot().catch(() => null);
      const file = `app-${name}-${who}`.replace(/[^\w-]+/g, '-');
      if (picture) await writeFile(join(kept, `${file}.png`), picture);
    }
  }

  /** Opens someone's app, again with what is on their device. */
  async function open(who, screen, args = [], env = {}) {
    const data = join(folder, who);
    const { width, height } = screen;
    people[who] = await openWindow({
      binary: BINARY,
      data,
      args,
      env,
      width,
      height,
    });
    return people[who].page;
  }

  /** Follows the link of an invitation, which asks before it enrols. */
  async function enrol(who, screen, env = {}) {
    const code = await server.codeFor(who);
    const link = `vigie://enrol?server=${encodeURIComponent(server.address)}&code=${code}`;
    const page = await open(who, screen, [link], env);
    await page.getByRole('button', { name: 'Continuer en français' }).click();
    await page.getByRole('button', { name: 'Entrer' }).click();
    await page.getByRole('link', { name: 'Signaler' }).first().waitFor();
  }

  before(async () => {
    server = await startServer();
    folder = await mkdtemp(join(tmpdir(), 'vigie-app-'));
  });
  after(async () => {
    for (const { session } of Object.values(people)) await session.kill();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  step('everyone enrols once: by hand, or by the link of an invitation', async () => {
    const page = await open('sophie', PHONE);
    await page.getByRole('button', { name: 'Continuer en français' }).click();
    await page.getByRole('textbox', { name: /serveur/i }).fill(server.address);
    await page.getByRole('textbox', { name: /Code/ }).fill(await server.codeFor('sophie'));
    await page.getByRole('button', { name: 'Entrer' }).click();
    await page.getByRole('link', { name: 'Signaler' }).first().waitFor();
    await enrol('nadia', PHONE);
    await enrol('claire', DESK);
    const content = await Promise.all(
      ['forms', 'capsules'].map((kind) => readdir(join(root, 'content', kind))),
    );
    const [formCount, capsuleCount] = content.map(({ length }) => length);
    for (const who of ['sophie', 'nadia', 'claire'])
      await within(20_000, `${who} has everything`, async () => {
        const [forms, capsules] = [
          await ask(people[who].page, 'form.list'),
          await ask(people[who].page, 'learn.list'),
        ];
        return (
          forms.length === formCount &&
          capsules.length === capsuleCount &&
          capsules.every(({ ready }) => ready)
        );
      });
    for (const [who, name] of [
      ['sophie', /Sophie/],
      ['claire', /Claire/],
    ])
      await people[who].page.getByRole('heading', { name }).first().waitFor();
  });

  step('without network: five taps, and the app is killed halfway through the words', async () => {
    await people.claire.page.goto('/triage');
    await see(people.claire.page, 'À trier');
    await server.kill();
    let { page } = people.sophie;
    report.draft = new URL(await openNearMiss(page)).pathname;
    await fiveTaps(page);
    await addPhoto(page, 'quai 2');
    await page.getByRole('textbox').pressSequentially(WORDS.slice(0, 20));
    await see(page, 'Enregistré sur cet appareil');
    await page.getByRole('textbox').pressSequentially(WORDS.slice(20, 30));
    await people.sophie.session.kill();

    page = await open('sophie', PHONE);
    await see(page, 'À finir');
    await page.locator(`a[href^="${report.draft}"]`).click();
    await page.getByRole('textbox').waitFor();
    const kept = await page.getByRole('textbox').inputValue();
    assert.ok(
      kept.startsWith(WORDS.slice(0, 20)) && WORDS.startsWith(kept),
      `what was said to be saved is there: ${kept}`,
    );
    await assertFiveTapsKept(page);
    await tellWords(page, WORDS);
  });

  step('sealing says Scellé, and the app killed at that moment still says it after', async () => {
    report.id = await seal(people.sophie.page);
    await people.sophie.session.kill();
    const page = await open('sophie', PHONE);
    await page.goto('/reports');
    await page.locator(`a[href="/reports/${report.id}"]`).waitFor();
    await see(page, 'Scellé');
  });

  step('without network: a capsule, left in the middle and found again at its card', async () => {
    let { page } = people.nadia;
    const row = (await ask(page, 'learn.list')).find(({ slug }) => slug === 'choisir-extincteur');
    capsule.module = row.module;
    await page.goto('/learn');
    await page.locator(`a[href="/learn/${row.module}"]`).first().click();
    await goOn(page);
    await goOn(page);
    capsule.card = await cardTitle(page);
    await within(5000, 'the card is kept', async () => {
      const asked = { module: row.module, attempt: newId() };
      return (await ask(page, 'learn.open', asked)).attempt.step > 0;
    });
    await people.nadia.session.kill();
    page = await open('nadia', PHONE);
    await page.goto('/learn');
    await page.locator(`a[href="/learn/${capsule.module}"]`).first().click();
    await page.locator('.face h2').first().waitFor();
    assert.equal(await cardTitle(page), capsule.card, 'it opens at the card where it was left');
  });

  step('the quiz answers each answer, a review is planned, and the form is practised', async () => {
    const { page } = people.nadia;
    while (!(await atQuestion(page))) await goOn(page);
    await answerQuestion(page);
    await goOn(page);
    await playToTheEnd(page);
    const due = await ask(page, 'learn.due');
    assert.ok(due.next_on ?? due.items[0]?.due_on, 'a day for the next review is planned');
    await page.locator('a.apply').click();
    await see(page, 'Entraînement : rien n’est envoyé');
    await page.goto('/report');
    await page.locator('a[href^="/learn/"]').first().waitFor();
  });

  step('the network is back: Reçu within two seconds, seen by the lead by itself', async () => {
    await server.start();
    const took = await within(2000, 'the report is received', async () =>
      (await wordsOf(people.sophie.page, 'main')).includes('Reçu'),
    );
    assert.ok(took <= 2000, `Reçu after ${took} ms`);
    await within(
      5000,
      'the lead’s list shows the report',
      async () => (await people.claire.page.locator(`[data-row="${report.id}"]`).count()) > 0,
    );
  });

  step('the receipt is signed and lists the hash of the photo', async () => {
    const { page } = people.sophie;
    await page.locator(`a[href="/reports/${report.id}"]`).click();
    await page.getByText('Accusé de réception').first().click();
    await see(page, 'Signé par le serveur, signature vérifiée');
    const { attachments } = await ask(page, 'report.open', { id: report.id });
    assert.equal(attachments.length, 1, 'one photo was sealed');
    await see(page, 'reçue le');
    const said = await wordsOf(page, 'details');
    assert.ok(said.includes(attachments[0].hash), `the receipt names the photo’s hash: ${said}`);
  });

  step('the lead grades, gives, comments, decides an action and answers', async () => {
    const { page } = people.claire;
    await page.locator(`[data-row="${report.id}"]`).click();
    await see(page, WORDS);
    await grade(page, 'Critique', 'Un cariste passe là toutes les deux minutes.');
    await see(page, 'Tu as jugé la gravité : Critique');
    await assign(page, 'Karim Haddad');
    await comment(page, COMMENT);
    await see(people.sophie.page, COMMENT);
    await decideAction(page, 'Remplacer le flexible du chariot 4', 'Karim Haddad');
    await see(page, 'Remplacer le flexible du chariot 4');
    await closeWith(page, ANSWER);
    await see(page, ANSWER);
  });

  step('the operator sees Lu, the comment and the answer by itself', async () => {
    const { page } = people.sophie;
    await see(page, 'La réponse pour toi');
    await see(page, ANSWER);
    assert.match(await wordsOf(page, 'main'), /Claire Fontaine l’a lu/, 'who read it');
  });

  step('the lead sees who has taken which capsule', async () => {
    const { page } = people.claire;
    await page.goto(`/studio/${capsule.module}/reach`);
    const row = page.getByRole('row', { name: /Nadia Benali/ });
    await row.waitFor();
    assert.match(await row.innerText(), /(Finie|Réussie)[\s\S]*%/, 'Nadia’s score');
  });

  step('the lead writes a capsule, publishes it to one site, then corrects it', async () => {
    const writer = people.claire.page;
    await writer.goto('/studio');
    await writer.getByRole('button', { name: 'Nouvelle capsule' }).locator('visible=true').click();
    await writer.waitForURL(/\/studio\/[0-9a-f-]{36}$/);
    capsule.own = new URL(writer.url()).pathname.split('/').at(-1);
    await writeCapsule(writer, (text) => text.replace('Un titre qui dit le geste', NEW_CAPSULE));
    await publishTo(writer, 'Vénissieux', 'Après la glissade du quai 2.');

    const reader = people.nadia.page;
    await reader.goto('/learn');
    await reader.locator(`a[href="/learn/${capsule.own}"]`).first().click();
    await reader.getByRole('button', { name: 'Commencer' }).click();
    await goOn(reader);
    await writeCapsule(writer, (text) =>
      text.replace('tient en **trente mots**', 'tient en **vingt mots**'),
    );
    await publishTo(writer, 'Vénissieux', 'Vingt mots suffisent.');
    await within(10_000, 'both versions have arrived', async () =>
      (await ask(reader, 'learn.list')).some(
        ({ module, version }) => module === capsule.own && version === 2,
      ),
    );
    await playToTheEnd(reader);
    await within(10_000, 'the attempt ended on the version it began on', async () => {
      const reach = await ask(writer, 'studio.reach', { id: capsule.own });
      const nadia = reach.rows.find(({ name }) => name === 'Nadia Benali');
      return nadia?.version === 1 && ['finished', 'passed'].includes(nadia.state);
    });
  });

  step('two people who triaged apart see one state, and the history says both', async () => {
    const { page } = people.sophie;
    await openNearMiss(page);
    await fiveTaps(page);
    const id = await seal(page);
    const both = [people.claire.page, people.nadia.page];
    for (const one of both) {
      await one.goto('/triage');
      await one.locator(`[data-row="${id}"]`).first().click();
      await see(one, 'Je m’en occupe');
    }
    await server.kill();
    await grade(people.claire.page, 'Critique', 'Vu du QSE.');
    await comment(people.claire.page, 'Un mot de Claire.');
    await grade(people.nadia.page, 'Modérée', 'Vu de l’atelier.');
    await comment(people.nadia.page, 'Un mot de Nadia.');
    await server.start();
    for (const one of both) {
      await see(one, 'Un mot de Claire.');
      await see(one, 'Un mot de Nadia.');
    }
    const states = await Promise.all(both.map((one) => ask(one, 'report.open', { id })));
    for (const { row, timeline } of states) {
      assert.equal(row.severity, 'critical', 'the gravest of two opinions counts');
      const doers = timeline.filter(({ verb }) => verb === 'severity').map((one) => one.by_name);
      assert.deepEqual(doers.sort(), ['Claire Fontaine', 'Nadia Benali'], 'both are named');
    }
    await see(people.claire.page, 'Deux avis sur la gravité');
  });

  step('a clock that is a year ahead: its owner is told, receipts and order hold', async () => {
    await enrol('karim', PHONE, { VIGIE_CLOCK_OFFSET_MS: String(365 * 86_400_000) });
    const { page } = people.karim;
    await within(
      20_000,
      'the forms are here',
      async () => (await ask(page, 'form.list')).length > 0,
    );
    await openNearMiss(page);
    await fiveTaps(page);
    const id = await seal(page);
    await page.goto(`/reports/${id}`);
    await page.getByText('Accusé de réception').first().click();
    await see(page, 'Signé par le serveur, signature vérifiée');
    await page.goto('/health');
    await see(page, 'L’heure de cet appareil est fausse');
    const lead = people.claire.page;
    await lead.goto('/triage');
    await lead.locator(`[data-row="${id}"]`).first().waitFor();
    const { row } = await ask(lead, 'report.open', { id });
    const off = Math.abs(row.received_at - Date.now());
    assert.ok(off < 120_000, `the server’s clock says when it came: ${off} ms`);
  });

  step('a phone that is blocked shows what it never sent, and a new code sends it', async () => {
    let { page } = people.sophie;
    const device = await deviceOf(people.claire.page, 'Sophie Lambert');
    await server.kill();
    await page.goto('/');
    await openNearMiss(page);
    await fiveTaps(page);
    await tellWords(page, UNSENT);
    const id = await seal(page);
    await server.run('device', 'revoke', device);
    await server.start();
    await see(page, 'Appareil bloqué');
    await people.sophie.session.kill();

    page = await open('sophie', PHONE);
    await see(page, 'Jamais envoyé');
    await page.getByText(UNSENT).first().click();
    await see(page, 'Quai 2');
    const { text } = await ask(page, 'sync.hand_over');
    assert.ok(text.includes(UNSENT), `the text to hand over says it: ${text}`);
    const { rows } = await ask(page, 'report.list', MINE);
    assert.ok(!rows.some((row) => row.id === report.id), 'what the server had is gone');

    await page.getByRole('link', { name: 'J’ai un nouveau code' }).click();
    await see(page, 'Cet appareil a été bloqué');
    await page.getByRole('textbox', { name: /serveur/i }).fill(server.address);
    await page.getByRole('textbox', { name: /Code/ }).fill(await server.codeFor('sophie'));
    await page.getByRole('button', { name: 'Entrer' }).click();
    await page.getByRole('link', { name: 'Signaler' }).first().waitFor();
    const lead = people.claire.page;
    await lead.goto('/triage');
    await lead.locator(`[data-row="${id}"]`).first().waitFor();
  });

  step('a phone that is lost is empty at its next contact, and says so', async () => {
    let { page } = people.nadia;
    const device = await deviceOf(people.claire.page, 'Nadia Benali');
    await server.kill();
    await page.goto('/');
    await openNearMiss(page);
    await fiveTaps(page);
    await tellWords(page, UNSENT);
    await see(page, 'Enregistré sur cet appareil');
    await server.run('device', 'lost', device);
    await server.start();
    await see(page, 'Cet appareil a été déclaré perdu');
    await within(5000, 'the page has forgotten the draft', async () => {
      const left = await page.evaluate(() => JSON.stringify(localStorage));
      return !left.includes(UNSENT);
    });
    await people.nadia.session.kill();

    page = await open('nadia', PHONE);
    await see(page, 'Tout ce que Vigie y gardait est effacé');
    const { signed_in, ended } = await ask(page, 'account.state');
    assert.deepEqual([signed_in, ended], [false, 'lost'], 'nobody is here any more');
  });

  step('the server did not panic, nor did the app', () => {
    assertNoPanic(server);
    for (const { session } of Object.values(people))
      assert.ok(!/panicked at/.test(session.log), session.log.slice(-4000));
  });
});

/** The device of someone's app, as a lead finds it. */
async function deviceOf(page, name) {
  const { id } = (await ask(page, 'directory.people', PEOPLE)).find((one) => one.name === name);
  const devices = await ask(page, 'account.devices');
  return devices.find((one) => one.person === id && one.kind === 'app' && !one.revoked).id;
}

/** Asks the app a command through its own door; what it answers. */
async function ask(page, name, input = {}) {
  const call = { id: newId(), name, input, offsetMinutes: 60 };
  const { output } = await page.evaluate(
    (asked) => window.__TAURI_INTERNALS__.invoke('call', asked),
    call,
  );
  return output;
}
