// The main job, end to end, in a browser: an operator reports without network, a manager learns
// without network, a lead triages and publishes, and everyone sees what became of it. Once on a
// phone and once at a desk, each with a server of its own.

import assert from 'node:assert/strict';
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
  tap,
  tellWords,
  wordsOf,
  writeCapsule,
} from './acts.mjs';
import {
  DESK,
  Findings,
  PHONE,
  assertNoFaults,
  assertNoPanic,
  call,
  keepPictures,
  signIn,
  startServer,
  untilHeld,
  within,
} from './support.mjs';

const WORDS = 'Huile au sol devant le quai 2, j’ai glissé sans tomber.';
const COMMENT = 'Merci Sophie. Je passe voir avec Karim cet après-midi.';
const ANSWER = 'Le flexible du chariot fuyait : il est remplacé, et le quai est nettoyé.';
const NEW_CAPSULE = 'Du sol propre au quai';

for (const screen of [PHONE, DESK]) story(screen);

function story(screen) {
  describe(`the main job on a ${screen.name}`, { concurrency: 1 }, () => {
    let server;
    const people = {};
    const findings = new Findings();
    const report = {};
    const capsule = {};
    let failed = false;

    /** One step: the ones after a failed one would only repeat its failure. */
    function step(name, act) {
      test(name, { timeout: 240_000 }, async (t) => {
        if (failed) return t.skip('a step before failed');
        try {
          await act();
        } catch (error) {
          failed = true;
          console.error(findings.list().join('\n'));
          await keepPictures(people, `${screen.name} ${name}`);
          throw error;
        }
      });
    }

    before(async () => {
      server = await startServer();
    });
    after(async () => {
      await server?.close();
    });

    step('everyone signs in once, with a code', async () => {
      for (const login of ['sophie', 'nadia', 'claire'])
        people[login] = await server.person(login, screen);
      await findings.look(people.sophie.page, 'Today of an operator');
      await findings.look(people.claire.page, 'Today of a lead');
      for (const { page } of Object.values(people)) await untilHeld(page);
    });

    step(
      'the network goes as soon as the first Today stands: a report is made all the same',
      async () => {
        const { page, context } = await server.person('karim', screen);
        await see(page, 'Prêt', 5000);
        await context.setOffline(true);
        await openNearMiss(page);
        await fiveTaps(page);
        const id = await seal(page);
        await see(page, 'Il partira tout seul dès que le réseau est là');
        await page.goto('/reports');
        await page.locator(`a[href="/reports/${id}"]`).waitFor();
        await context.setOffline(false);
        await see(page, 'Reçu');
        await context.close();
      },
    );

    step('what is not here yet says so, and comes by itself with the network', async () => {
      const { page, context } = await server.visitor(screen, {
        serviceWorkers: 'block',
      });
      await context.route('**/app/call', (route) =>
        /"form\./.test(route.request().postData()) ? route.abort() : route.continue(),
      );
      await signIn(page, await server.codeFor('karim'));
      await see(page, 'Garde le réseau un instant');
      await findings.look(page, 'Today that is not ready');
      await context.setOffline(true);
      await page.getByRole('link', { name: 'Signaler' }).first().click();
      await see(page, 'préviens de vive voix');
      await findings.look(page, 'forms that are not here yet');
      await page.getByRole('link', { name: 'Réseau', exact: true }).first().click();
      await see(page, 'Cet écran n’est pas encore ici');
      await findings.look(page, 'a screen that is not here yet');
      await context.unroute('**/app/call');
      await context.setOffline(false);
      await see(page, 'Sophie Lambert');
      await page.getByRole('link', { name: 'Signaler' }).first().click();
      await page.getByRole('button', { name: /^Presqu’accident/ }).waitFor();
      await context.close();
    });

    step('the operator opens a form, then the network goes', async () => {
      const { page } = people.sophie;
      report.draft = await openNearMiss(page);
      await findings.look(page, 'the first question');
      const lead = people.claire.page;
      await lead.goto('/triage');
      await lead.getByRole('heading', { name: 'À trier' }).first().waitFor();
      await findings.look(lead, 'the triage list');
      await server.kill();
    });

    step('five taps without network, and a reload in the middle of the words', async () => {
      const { page } = people.sophie;
      await fiveTaps(page);
      await findings.look(page, 'the last page of the form');
      await addPhoto(page, 'quai 2');
      // Typed letter by letter and cut in the middle: no moment to save politely.
      await page.getByRole('textbox').pressSequentially(WORDS.slice(0, 20), { delay: 10 });
      await page.reload();
      await page.getByRole('textbox').waitFor();
      assert.equal(page.url(), report.draft, 'a reload opens the same draft');
      assert.equal(
        await page.getByRole('textbox').inputValue(),
        WORDS.slice(0, 20),
        'every letter is there',
      );
      await assertFiveTapsKept(page);
      await tellWords(page, WORDS);
    });

    step('sealing without network says Scellé, and stays so after a reload', async () => {
      const { page } = people.sophie;
      report.id = await seal(page);
      await see(page, 'C’est scellé');
      await see(page, 'Il partira tout seul dès que le réseau est là');
      await findings.look(page, 'the sealed screen');
      await page.goto('/reports');
      await page.locator(`a[href="/reports/${report.id}"]`).waitFor();
      await see(page, 'Scellé');
      await page.reload();
      await page.locator(`a[href="/reports/${report.id}"]`).waitFor();
      await see(page, 'Scellé');
      await findings.look(page, 'my reports without network');
    });

    step(
      'the network is back: Reçu within two seconds, and the lead sees it without a reload',
      async () => {
        const { page } = people.sophie;
        report.sent = [];
        page.on('request', (request) => report.sent.push(callOf(request)));
        await server.start();
        const took = await within(2000, 'the report is received', async () =>
          (await wordsOf(page, 'main')).includes('Reçu'),
        );
        assert.ok(took <= 2000, `Reçu after ${took} ms`);
        const lead = people.claire.page;
        // Their browser was cut off too, and has nothing to send: it asks less often.
        await within(
          5000,
          'the lead’s list shows the report',
          async () => (await lead.locator(`[data-row="${report.id}"]`).count()) > 0,
        );
      },
    );

    step('the receipt is signed and lists the hash of the photo', async () => {
      const { page } = people.sophie;
      await page.locator(`a[href="/reports/${report.id}"]`).click();
      await page.getByText('Accusé de réception').click();
      await see(page, 'Signé par le serveur, signature vérifiée');
      const { body } = await call(page, 'report.open', { id: report.id });
      const [photo] = body.output.attachments;
      assert.equal(body.output.attachments.length, 1, 'one photo was sealed');
      await within(10_000, 'the photo has arrived', async () =>
        (await wordsOf(page, 'details')).includes('reçue le'),
      );
      assert.ok(
        (await wordsOf(page, 'details')).includes(photo.hash),
        'the receipt names the photo’s hash',
      );
      const [text, picture] = ['report.seal', 'photo.bring'].map((n) => report.sent.indexOf(n));
      assert.ok(0 <= text && text < picture, `the text goes before the photo: ${report.sent}`);
      await page.getByRole('img', { name: /Photo/ }).first().waitFor();
      await findings.look(page, 'the page of a report');
    });

    step('a manager opens a capsule, loses the network, and goes on', async () => {
      const { page, context } = people.nadia;
      const { body } = await call(page, 'learn.list', {});
      const row = body.output.find(({ slug }) => slug === 'choisir-extincteur');
      assert.ok(row, 'the bundled capsule is there');
      capsule.module = row.module;
      await page.goto('/learn');
      await page.locator(`a[href="/learn/${row.module}"]`).first().click();
      await page.getByRole('button', { name: 'Commencer' }).waitFor();
      await findings.look(page, 'the cover of a capsule');
      await context.setOffline(true);
      await goOn(page);
      await goOn(page);
      capsule.card = await cardTitle(page);
      await findings.look(page, 'a card');
      await page.getByRole('button', { name: 'Fermer' }).click();
      await page.waitForURL(/\/learn$/);
      await page.locator(`a[href="/learn/${capsule.module}"]`).first().click();
      await page.locator('.face h2').first().waitFor();
      assert.equal(await cardTitle(page), capsule.card, 'it opens at the card where it was left');
      await page.reload();
      await page.locator('.face h2').first().waitFor();
      assert.equal(await cardTitle(page), capsule.card, 'also after a reload without network');
    });

    step('the quiz answers each answer, and the score stands without network', async () => {
      const { page } = people.nadia;
      while (!(await atQuestion(page))) await goOn(page);
      await findings.look(page, 'a question');
      await answerQuestion(page);
      await findings.look(page, 'a question with its feedback');
      await goOn(page);
      await playToTheEnd(page);
      await see(page, 'Gardé ici. Ton score partira avec le réseau.');
      await findings.look(page, 'the score');
      const apply = page.locator('a.apply');
      assert.match(
        await apply.getAttribute('href'),
        /form=incident&practice=1/,
        'the capsule leads to its form, in practice',
      );
    });

    step(
      'the manager’s score is sent when the network is back, and a review is planned',
      async () => {
        const { page, context } = people.nadia;
        await context.setOffline(false);
        await within(
          5000,
          'the score is confirmed',
          async () => !(await wordsOf(page)).includes('Gardé ici'),
        );
        const list = await call(page, 'learn.list', {});
        const row = list.body.output.find(({ module }) => module === capsule.module);
        assert.equal(row.state, 'done', 'the capsule is done on the server');
        const due = await call(page, 'learn.due', {});
        assert.ok(
          due.body.output.next_on ?? due.body.output.items[0]?.due_on,
          'a day for the next review is planned',
        );
      },
    );

    step('the lead reads the report, grades it, and gives it to someone', async () => {
      const { page } = people.claire;
      await page.locator(`[data-row="${report.id}"]`).click();
      await see(page, WORDS);
      await findings.look(page, 'a report in triage');
      await grade(page, 'Critique', 'Un cariste passe là toutes les deux minutes.');
      await see(page, 'Tu as jugé la gravité : Critique');
      await assign(page, 'Karim Haddad');
      await see(page, 'Tu l’as confié à Karim Haddad');
      await comment(page, COMMENT);
    });

    step('the operator sees Lu and the comment by itself', async () => {
      const { page } = people.sophie;
      await see(page, COMMENT);
      assert.match(await wordsOf(page, 'main'), /Claire Fontaine l’a lu/, 'who read it');
    });

    step('the lead decides an action and closes with an answer', async () => {
      const { page } = people.claire;
      await decideAction(page, 'Remplacer le flexible du chariot 4', 'Karim Haddad');
      await see(page, 'Remplacer le flexible du chariot 4');
      await closeWith(page, ANSWER);
      await see(page, ANSWER);
      await findings.look(page, 'a closed report in triage');
    });

    step('the operator reads the answer', async () => {
      const { page } = people.sophie;
      await see(page, 'La réponse pour toi');
      await see(page, ANSWER);
      await page.goto('/reports');
      await see(page, 'Traité');
    });

    step('the lead sees who has taken which capsule', async () => {
      const { page } = people.claire;
      await page.goto(`/studio/${capsule.module}/reach`);
      const row = page.getByRole('row', { name: /Nadia Benali/ });
      await row.waitFor();
      assert.match(
        await row.innerText(),
        /(Finie|Réussie)[\s\S]*%/,
        'Nadia has finished it, with a score',
      );
      await findings.look(page, 'who has taken a capsule');
    });

    step('the lead writes a capsule from the template and publishes it to one site', async () => {
      const { page } = people.claire;
      await page.goto('/studio');
      await page.getByRole('button', { name: 'Nouvelle capsule' }).locator('visible=true').click();
      await page.waitForURL(/\/studio\/[0-9a-f-]{36}$/);
      capsule.own = new URL(page.url()).pathname.split('/').at(-1);
      await writeCapsule(page, (text) => text.replace('Un titre qui dit le geste', NEW_CAPSULE));
      await findings.look(page, 'the studio');
      await publishTo(page, 'Vénissieux', 'Après la glissade du quai 2.');
      const { body } = await call(people.nadia.page, 'learn.list', {});
      assert.ok(
        body.output.some(({ module }) => module === capsule.own),
        'it reached the manager',
      );
    });

    step(
      'the manager receives it by itself, begins, and the corrected version waits its turn',
      async () => {
        const reader = people.nadia.page;
        await reader.goto('/learn');
        await reader.locator(`a[href="/learn/${capsule.own}"]`).first().click();
        await reader.getByRole('button', { name: 'Commencer' }).click();
        await goOn(reader);
        const writer = people.claire.page;
        await writeCapsule(writer, (text) =>
          text.replace('tient en **trente mots**', 'tient en **vingt mots**'),
        );
        // Who has the version before is who gets the next one, unless somebody says otherwise.
        await writer
          .getByRole('button', { name: /^Publier/ })
          .first()
          .click();
        await writer.getByRole('checkbox', { name: 'Vénissieux', checked: true }).waitFor();
        await writer.keyboard.press('Escape');
        await publishTo(writer, 'Vénissieux', 'Vingt mots suffisent.');
        await goOn(reader);
        await playToTheEnd(reader);
        const { body } = await call(reader, 'learn.list', {});
        const row = body.output.find(({ module }) => module === capsule.own);
        assert.equal(row.version, 2, 'both versions have arrived');
        const reach = await call(writer, 'studio.reach', { id: capsule.own });
        const nadia = reach.body.output.rows.find(({ name }) => name === 'Nadia Benali');
        assert.equal(nadia.version, 1, 'the attempt begun on the first version ended on it');
      },
    );

    step(
      'two people act on the same report at once: one state, and the history says both',
      async () => {
        const { page } = people.sophie;
        await openNearMiss(page);
        await fiveTaps(page);
        const id = await seal(page);
        // In a browser the server keeps both people's copies, so one press follows the other; devices
        // that were apart are joined in the simulator and in the app's test.
        const both = [people.claire, people.nadia];
        for (const one of both) {
          await one.page.goto(`/triage?report=${id}`);
          await see(one.page, 'Je m’en occupe');
        }
        await Promise.all([
          grade(people.claire.page, 'Critique', 'Vu du QSE.'),
          grade(people.nadia.page, 'Modérée', 'Vu de l’atelier.'),
        ]);
        // A word written without network waits in the browser, and both arrive.
        for (const { context } of both) await context.setOffline(true);
        for (const [one, words] of [
          [people.claire, 'Un mot de Claire.'],
          [people.nadia, 'Un mot de Nadia.'],
        ]) {
          await one.page.getByRole('textbox', { name: /Écrire un commentaire/ }).fill(words);
          await one.page.getByRole('button', { name: 'Envoyer', exact: true }).click();
          await see(one.page, words);
          await see(one.page, 'Gardé ici. Ton mot partira tout seul dès que le réseau revient.');
        }
        for (const { context } of both) await context.setOffline(false);
        for (const one of both) {
          await see(one.page, 'Un mot de Claire.');
          await see(one.page, 'Un mot de Nadia.');
        }
        const states = await Promise.all(
          both.map(async (one) => (await call(one.page, 'report.open', { id })).body.output),
        );
        assert.equal(states[0].row.severity, states[1].row.severity, 'both see one severity');
        const doers = states[0].timeline
          .filter(({ verb }) => verb === 'severity')
          .map(({ by_name }) => by_name);
        assert.deepEqual(
          doers.sort(),
          ['Claire Fontaine', 'Nadia Benali'],
          'the history names both',
        );
      },
    );

    step(
      'every screen on the way was accessible, thumb-sized, and no wider than the window',
      () => {
        findings.assertNone();
      },
    );

    step('nobody’s browser met an error, and the server did not panic', async () => {
      for (const [who, person] of Object.entries(people)) assertNoFaults(person, who);
      assertNoPanic(server);
    });
  });
}

/** The command that a request of the page calls; empty for any other request. */
function callOf(request) {
  const called = new URL(request.url()).pathname === '/app/call';
  return called ? JSON.parse(request.postData()).name : '';
}
