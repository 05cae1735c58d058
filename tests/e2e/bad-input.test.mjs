// What is wrong is said in words, with a code of the 4xx kind, and nothing that was given is lost.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addPhoto, fiveTaps, openNearMiss, seal, see, tap, tellWords } from './acts.mjs';
import {
  Findings,
  PHONE,
  assertNoFaults,
  assertNoPanic,
  call,
  keepPictures,
  newId,
  signIn,
  startServer,
} from './support.mjs';

const WORDS = 'La barrière du quai 2 ne ferme plus.';

describe('bad input', { concurrency: 1 }, () => {
  let server;
  const findings = new Findings();

  before(async () => {
    server = await startServer();
  });
  after(async () => {
    await server?.close();
  });

  /** A test with people of its own, whose screens are kept when it fails. */
  function trial(name, act) {
    test(name, { timeout: 120_000 }, async () => {
      const people = {};
      try {
        await act(people);
        for (const [who, person] of Object.entries(people)) assertNoFaults(person, who);
      } catch (error) {
        await keepPictures(people, name);
        throw error;
      } finally {
        for (const { context } of Object.values(people)) await context.close();
      }
    });
  }

  /** Types a code at the door. */
  async function tryCode(page, code) {
    await page.getByRole('textbox', { name: 'Code d’invitation' }).fill(code);
    await page.getByRole('button', { name: 'Entrer', exact: true }).click();
  }

  trial(
    'a wrong code is refused in words, stays in its field, and the right one then works',
    async (people) => {
      people.visitor = await server.visitor(PHONE);
      const { page } = people.visitor;
      await page.goto('/enrol');
      await findings.look(page, 'the choice of a language');
      await page.getByRole('button', { name: 'Continuer en français' }).click();
      await tryCode(page, 'AAAA-BBBB-CC');
      await see(page, 'Ce code n’est pas connu. Vérifie chaque signe et réessaie.');
      assert.equal(
        await page.getByRole('textbox', { name: 'Code d’invitation' }).inputValue(),
        'AAAA-BBBB-CC',
        'what was typed can be mended',
      );
      await findings.look(page, 'the door after a wrong code');
      await tryCode(page, await server.codeFor('thomas'));
      await page.waitForURL((url) => url.pathname === '/');
    },
  );

  trial('a code that was used is refused in words', async (people) => {
    const code = await server.codeFor('karim');
    people.karim = await server.visitor(PHONE);
    await signIn(people.karim.page, code);
    people.visitor = await server.visitor(PHONE);
    const { page } = people.visitor;
    await page.goto('/enrol');
    await page.getByRole('button', { name: 'Continuer en français' }).click();
    await tryCode(page, code);
    await see(page, 'Ce code a déjà servi.');
  });

  trial(
    'a photo that is none, or is too heavy, is refused in words; the report goes on',
    async (people) => {
      people.sophie = await server.person('sophie', PHONE);
      const { page } = people.sophie;
      await openNearMiss(page);
      await fiveTaps(page);
      await tellWords(page, WORDS);
      const chosen = page.locator('input[type=file]').last();
      await chosen.setInputFiles({
        name: 'notes.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.from('not a picture at all'),
      });
      await see(page, 'n’a pas été ajouté');
      await findings.look(page, 'the form after a file that is no photo');
      await chosen.setInputFiles({
        name: 'film.jpg',
        mimeType: 'image/jpeg',
        buffer: Buffer.alloc(26 * 1024 * 1024, 0x20),
      });
      await see(page, 'Plus de 25 Mo');
      assert.equal(
        await page.getByRole('textbox').inputValue(),
        WORDS,
        'the words are still there',
      );
      await addPhoto(page, 'barriere');
      await seal(page);
      await see(page, 'C’est scellé');
    },
  );

  trial('the door refuses what is not a call with a code of its own', async (people) => {
    people.nadia = await server.person('nadia', PHONE);
    const { page } = people.nadia;
    await page.goto('/');
    const cases = [
      ['an unknown command', await call(page, 'report.destroy', {}), 'unknown-command'],
      ['an input of the wrong shape', await call(page, 'report.open', { id: 12 }), 'invalid'],
      ['a report that is not there', await call(page, 'report.open', { id: newId() }), 'not-found'],
      [
        'an act of another role',
        await call(page, 'account.invite', { person: newId() }),
        'forbidden',
      ],
      ['a picture that is none', await attach(page, 'bm90IGEgcGljdHVyZQ=='), 'not-a-picture'],
      ['a page of another site', await call(page, 'directory.me', {}, {}), 'forbidden'],
    ];
    for (const [what, { status, body }, code] of cases) {
      assert.equal(body?.error?.code, code, `${what}: ${status} ${JSON.stringify(body)}`);
      assert.ok(status >= 400 && status < 500, `${what} is a mistake of the caller, not ${status}`);
      assert.ok(body.error.message.length > 0, `${what} is explained`);
    }
  });

  trial(
    'garbage, half a body and nothing at all are refused, and the server goes on',
    async (people) => {
      people.visitor = await server.visitor(PHONE);
      const garbage = [
        Buffer.from([0xff, 0xfe, 0, 1, 2]),
        Buffer.from('{"id":"'),
        Buffer.from('[]'),
        Buffer.alloc(0),
        Buffer.from('{'.repeat(200_000)),
      ];
      for (const path of ['/app/call', '/v1/sync', '/v1/enrol'])
        for (const data of garbage) {
          const headers = {
            'Content-Type': 'application/json',
            'X-Vigie': '1',
          };
          const response = await people.visitor.context.request.post(path, {
            headers,
            data,
          });
          const what = `${path} with ${data.length} bytes of nonsense`;
          assert.ok(
            response.status() >= 400 && response.status() < 500,
            `${what}: ${response.status()}`,
          );
        }
      const health = await people.visitor.context.request.get('/healthz');
      assert.equal(health.status(), 200, 'the server is well');
    },
  );

  trial(
    'a session that ends in the middle of a report: said in words, and every answer is there after',
    async (people) => {
      people.fatou = await server.person('fatou', PHONE);
      const { page, context } = people.fatou;
      const draft = await openNearMiss(page);
      await tap(page, 'Glisser, tomber', 'C’était où');
      await context.clearCookies();
      await page.getByRole('button', { name: 'Ailleurs…' }).click();
      await page.getByRole('textbox', { name: 'C’est où' }).fill('Parking visiteurs');
      await page.waitForURL((url) => url.pathname === '/enrol');
      await see(page, 'Ta session est finie');
      await findings.look(page, 'the door after the end of a session');
      await tryCode(page, await server.invite('fatou'));
      await page.waitForURL(draft);
      const field = page.getByRole('textbox', { name: 'C’est où' });
      await field.waitFor();
      assert.equal(
        await field.inputValue(),
        'Parking visiteurs',
        'what was typed after the session had ended is there',
      );
    },
  );

  trial('a screen that opens asks for what it needs, and then no more', async (people) => {
    people.hugues = await server.person('hugues', PHONE);
    const { page } = people.hugues;
    for (const path of [
      '/',
      '/learn',
      '/report',
      '/reports',
      '/network',
      '/triage',
      '/actions',
      '/studio',
      '/settings',
      '/health',
    ]) {
      const asked = [];
      const note = (request) => asked.push(JSON.parse(request.postData() ?? '{}').name ?? '');
      page.on('request', note);
      await page.goto(path);
      // Forms are fetched beforehand once a page has rested for three seconds.
      await page.waitForTimeout(4500);
      page.off('request', note);
      const calls = asked.filter((name) => name !== '');
      assert.ok(
        calls.length <= 30,
        `${path} asks ${calls.length} times: ${calls.slice(-6).join(' ')}`,
      );
    }
  });

  test('every screen on the way was accessible and fits', () => findings.assertNone());
  test('the server did not panic', () => assertNoPanic(server));
});

/** A draft, and a file attached to it. */
async function attach(page, base64) {
  const forms = await call(page, 'form.list', {});
  const { form, release } = forms.body.output.find(({ slug }) => slug === 'near-miss');
  const id = newId();
  const draft = await call(page, 'draft.start', {
    id,
    form,
    release,
    practice: false,
  });
  assert.equal(draft.status, 200, `a draft begins: ${JSON.stringify(draft.body)}`);
  return await call(page, 'draft.attach', {
    id,
    field: 'photos',
    media_type: 'image/jpeg',
    base64,
  });
}
