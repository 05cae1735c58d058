// Devices that are lost or blocked, and documents that are erased: what each person then sees, and
// that nothing is left where nothing may be.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fiveTaps, openNearMiss, seal, see, tellWords, wordsOf } from './acts.mjs';
import {
  DESK,
  Findings,
  PHONE,
  assertNoFaults,
  assertNoPanic,
  keepPictures,
  startServer,
  untilHeld,
} from './support.mjs';

const SECRET = 'Le code de l’armoire est écrit sous le clavier.';

for (const screen of [PHONE, DESK]) story(screen);

function story(screen) {
  describe(`lost, blocked and erased on a ${screen.name}`, { concurrency: 1 }, () => {
    let server;
    const people = {};
    const findings = new Findings();
    let failed = false;

    function step(name, act) {
      test(name, { timeout: 240_000 }, async (t) => {
        if (failed) return t.skip('a step before failed');
        try {
          await act();
        } catch (error) {
          failed = true;
          await keepPictures(people, `${screen.name} ${name}`);
          throw error;
        }
      });
    }

    before(async () => {
      server = await startServer();
      people.lost = await server.person('sophie', screen);
      people.sophie = await server.person('sophie', screen);
      people.karim = await server.person('karim', screen);
      people.claire = await server.person('claire', screen);
      for (const { page } of Object.values(people)) await untilHeld(page);
    });
    after(async () => {
      await server?.close();
    });

    step('a draft and a report lie on a phone without network, which is then lost', async () => {
      const { page, context } = people.lost;
      await see(page, 'Prêt');
      await context.setOffline(true);
      await openNearMiss(page);
      await fiveTaps(page);
      await tellWords(page, SECRET);
      await seal(page);
      await page.goto('/');
      await openNearMiss(page);
      await page.getByRole('button', { name: 'Glisser, tomber' }).first().click();
      assert.ok((await kept(page)).includes(SECRET), 'what was said is in this browser alone');
    });

    step('its owner says so from another browser, and stays signed in there', async () => {
      const { page } = people.sophie;
      await page.goto('/settings');
      await openDevice(page, 'Tes appareils');
      const sheet = page.getByRole('dialog');
      await sheet.getByText('Que lui est‑il arrivé').waitFor();
      await findings.look(page, 'what happened to a device');
      await sheet.getByText('Perdu ou volé').click();
      await see(page, 'Tes autres navigateurs seront déconnectés');
      await findings.look(page, 'before a device is declared lost');
      await sheet.getByRole('button', { name: 'Tout effacer' }).click();
      await see(page, 'Il sera effacé au prochain contact');
      await findings.look(page, 'what a lost device held');
      await sheet.getByRole('button', { name: 'Fermer', exact: true }).last().click();
      await see(page, 'Voir ce qu’il contenait');
      await findings.look(page, 'a lost device among mine');
    });

    step('at its next contact the phone is empty, and says why', async () => {
      const { page, context } = people.lost;
      await context.setOffline(false);
      await see(page, 'Cet appareil a été déclaré perdu');
      await see(page, 'Tout ce que Vigie y gardait est effacé');
      await findings.look(page, 'the door of a lost device');
      const left = await kept(page);
      assert.ok(!left.includes(SECRET), `nothing is left of it: ${left}`);
      assert.deepEqual(JSON.parse(left), { shelf: ['vigie-language'], store: [[], [], []] });
      await page.reload();
      await see(page, 'Cet appareil a été déclaré perdu');
      await people.sophie.page.reload();
      await see(people.sophie.page, 'Ordre d’effacement reçu');
    });

    step('a lead blocks a colleague’s device, which is told to sign in again', async () => {
      const { page } = people.claire;
      await openPerson(page, /^KH|Karim Haddad/);
      await findings.look(page, 'a colleague’s devices');
      await openDevice(page, 'Appareils');
      const sheet = page.getByRole('dialog').last();
      await sheet.getByText('Prêté, rendu, remplacé').click();
      await sheet.getByRole('button', { name: 'Bloquer l’appareil' }).click();
      await see(page, 'n’entre plus.');
      await see(page, 'Une invitation en ajoute un');
      await see(people.karim.page, 'Ta session est finie');
    });

    step('a lead declares one lost, and reads what it held', async () => {
      const { page } = people.claire;
      await page.goto('/network');
      await openPerson(page, /^SL|Sophie Lambert/);
      await openDevice(page, 'Appareils');
      const sheet = page.getByRole('dialog').last();
      await sheet.getByText('Perdu ou volé').click();
      await see(page, 'prépare‑lui une nouvelle invitation');
      await sheet.getByRole('button', { name: 'Tout effacer' }).click();
      await see(page, 'Personnes');
      await page.getByRole('dialog').last().getByText('Personnes', { exact: true }).click();
      await see(page, 'Thomas Girard');
      await findings.look(page, 'what a colleague’s lost device held');
      await see(people.sophie.page, 'Cet appareil a été déclaré perdu');
    });

    step('a document that is erased leaves every screen that shows it', async () => {
      people.karim = await server.person('karim', screen);
      const { page } = people.karim;
      await openNearMiss(page);
      await fiveTaps(page);
      await tellWords(page, SECRET);
      const id = await seal(page);
      await page.goto(`/reports/${id}`);
      await see(page, SECRET);
      const lead = people.claire.page;
      await lead.goto(`/triage?report=${id}`);
      await see(lead, SECRET);
      await server.run('erase', 'document', id);
      for (const [who, one] of [
        ['its author', page],
        ['its reader', lead],
      ]) {
        await see(one, 'Ce n’est plus ici');
        assert.ok(!(await wordsOf(one)).includes(SECRET), `${who} reads it no more`);
        await findings.look(one, `an erased report, for ${who}`);
      }
      await page.goto('/reports');
      await see(page, 'Rien de signalé pour l’instant');
      assert.ok(!(await kept(page)).includes(SECRET), 'nor does the browser keep it');
    });

    step('every screen on the way was accessible, and no browser met an error', () => {
      findings.assertNone();
      for (const [who, person] of Object.entries(people)) assertNoFaults(person, who);
      assertNoPanic(server);
    });
  });
}

/** Opens the first device of a list that is neither lost nor the one at hand. */
async function openDevice(page, list) {
  const rows = page.getByRole('list', { name: list }).getByRole('button');
  await rows.filter({ hasNotText: 'Perdu' }).first().click();
}

async function openPerson(page, name) {
  await page.goto('/network');
  await page.getByRole('button', { name }).first().click();
  await see(page, 'Appareils');
}

/** All that this browser keeps beside the screens, as text. */
async function kept(page) {
  return await page.evaluate(async () => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await done(indexedDB.open('vigie'));
    const names = ['waiting', 'refused', 'answers'];
    const store = await Promise.all(
      names.map((name) => done(db.transaction(name).objectStore(name).getAll())),
    );
    db.close();
    const values = Object.entries(localStorage);
    const shelf = values.map(([key, value]) => (key === 'vigie-language' ? key : key + value));
    return JSON.stringify({ shelf, store });
  });
}
