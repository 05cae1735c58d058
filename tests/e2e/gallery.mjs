// Takes a picture of every screen, in both themes, with a company where something has happened:
//
//   node tests/e2e/gallery.mjs                 rewrites docs/screens/
//   VIGIE_PICTURES=/tmp/x node …/gallery.mjs   also keeps each as PNG there
//
// The pictures are WebP, encoded by the browser that takes them.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  addPhoto,
  answerQuestion,
  assign,
  atQuestion,
  closeWith,
  comment,
  decide,
  decideAction,
  fiveTaps,
  goOn,
  grade,
  openNearMiss,
  playToTheEnd,
  seal,
  see,
  tap,
  tellWords,
} from './acts.mjs';
import { DESK, PHONE, call, newId, startServer, untilHeld } from './support.mjs';

const folder = fileURLToPath(new URL('../../docs/screens/', import.meta.url));
const kept = process.env.VIGIE_PICTURES;
const QUALITY = 0.82;

/** What was taken: name, words for the list, group. */
const taken = [];
/** The pictures by file name: written once all are taken. */
const pictures = new Map();
let encoder;

/** Turns a PNG into WebP in the browser at hand. */
async function toWebp(png) {
  const base64 = await encoder.evaluate(
    async ([data, quality]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', quality).split(',')[1];
    },
    [png.toString('base64'), QUALITY],
  );
  return Buffer.from(base64, 'base64');
}

/** Until the theme is drawn, on a busy machine too: frames were made, and colours stopped moving. */
async function drawn(page) {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let frames = 0; frames < 3; frames += 1) await page.evaluate(frame);
  await page.waitForTimeout(300);
}

/** One screen, light and dark. */
async function shoot(group, page, name, words) {
  // Neither focus nor pointer rests where the act before happened.
  await page.evaluate(() => document.activeElement?.blur());
  await page.mouse.move(0, 0);
  for (const theme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await drawn(page);
    const png = await page.screenshot();
    const file = `${group}-${name}-${theme}`;
    pictures.set(`${file}.webp`, await toWebp(png));
    if (kept) await writeFile(join(kept, `${file}.png`), png);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  taken.push({ group, name, words });
  console.log(`${group} ${name}`);
}

/** Goes to an address and waits until nothing is loading. */
async function at(page, path, words) {
  await page.goto(path);
  if (words)
    await see(page, words).catch(async () => {
      throw new Error(`${path} does not say “${words}” but: ${await page.innerText('body')}`);
    });
  await page
    .locator('[aria-busy=true], .skeleton')
    .first()
    .waitFor({ state: 'detached' })
    .catch(() => undefined);
  await page.waitForTimeout(350);
}

/** A report made through the door, as a device makes it; its id. */
async function report(page, slug, answers) {
  const forms = await call(page, 'form.list', {});
  const { form, release } = forms.body.output.find((one) => one.slug === slug);
  const id = newId();
  await done(call(page, 'draft.start', { id, form, release, practice: false }));
  for (const [field, value] of Object.entries(answers))
    await done(call(page, 'draft.save', { id, field, value }));
  const sealed = newId();
  await done(call(page, 'report.seal', { draft: id, report: sealed }));
  return sealed;
}

async function done(asked) {
  const { status, body } = await asked;
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body.output;
}

/** What has happened before anyone looks. */
async function history(people) {
  const { karim, sophie, nadia } = people;
  const me = await done(call(karim.page, 'directory.me', {}));
  const place = (name) => me.site.places.find((one) => one.name === name)?.id;
  const ids = {};
  ids.rack = await report(karim.page, 'near-miss', {
    what: 'object',
    place: place('Rayonnages'),
    severity: 'critical',
    urgency: 'now',
    openness: 'open',
    words: 'Une palette a basculé de la lisse du haut. Personne dessous, à deux mètres près.',
  });
  ids.press = await report(karim.page, 'near-miss', {
    what: 'machine',
    place: place('Presse 250 t'),
    severity: 'serious',
    urgency: 'later',
    openness: 'confidential',
    words: 'Le carter s’ouvre presse en marche : le contact ne coupe plus.',
  });
  ids.charge = await report(nadia.page, 'near-miss', {
    what: 'fire',
    place: place('Charge des chariots'),
    severity: 'moderate',
    urgency: 'later',
    openness: 'open',
    words: 'Un câble de charge a chauffé, l’odeur nous a prévenus.',
  });
  ids.step = await report(sophie.page, 'near-miss', {
    what: 'fall',
    place: place('Parking'),
    severity: 'low',
    urgency: 'later',
    openness: 'open',
    words: 'Une dalle bouge à l’entrée du parking.',
  });
  return ids;
}

async function doors(server) {
  for (const [group, screen] of [
    ['phone', PHONE],
    ['desk', DESK],
  ]) {
    const visitor = await server.visitor(screen, scale(screen));
    const { page } = visitor;
    await at(page, '/enrol');
    if (screen === PHONE) await shoot(group, page, 'language', 'The first screen: which language');
    await page.getByRole('button', { name: 'Continuer en français' }).click();
    await page.waitForTimeout(300);
    await shoot(group, page, 'door', 'The door: an invitation’s code, or a password');
    await visitor.context.close();
  }
}

const scale = (screen) => ({ deviceScaleFactor: screen === PHONE ? 1.5 : 1 });

async function reporting({ sophie, claire }, server) {
  const { page, context } = sophie;
  await at(page, '/report', 'Presqu’accident');
  await shoot('phone', page, 'report-forms', 'What to report');
  await openNearMiss(page);
  await shoot('phone', page, 'report-what', 'A question with its tiles');
  await tap(page, 'Glisser, tomber', 'C’était où');
  await shoot('phone', page, 'report-where', 'The places of the site');
  await tap(page, 'Quai 2', 'Au pire, ça aurait donné quoi');
  await shoot('phone', page, 'report-severity', 'How bad it could have been');
  await tap(page, 'Une blessure grave', 'Ça peut recommencer');
  await tap(page, 'Non, c’est sécurisé', 'Ton nom, qui le voit');
  await shoot('phone', page, 'report-name', 'Who sees the name');
  await tap(page, 'Les managers du site et le QSE', 'Un mot, une photo');
  await tellWords(page, 'Huile au sol devant le quai 2, j’ai glissé sans tomber.');
  await addPhoto(page, 'quai 2');
  await shoot('phone', page, 'report-last', 'Words, photo, and what will be sealed');
  await context.setOffline(true);
  const id = await seal(page);
  await see(page, 'C’est scellé');
  await page.waitForTimeout(1200);
  await shoot('phone', page, 'report-sealed', 'Sealed, without network');
  await page.getByRole('link', { name: 'Retour à l’accueil' }).click();
  await page.waitForTimeout(600);
  await shoot('phone', page, 'today-offline', 'Today without network');
  await at(page, '/health', 'Pas de réseau');
  await shoot('phone', page, 'health-offline', 'What waits for the network');
  await context.setOffline(false);
  await at(page, '/health', 'Tout est envoyé');
  await shoot('phone', page, 'health', 'Everything is sent');
  const lead = claire.page;
  await at(lead, `/triage?report=${id}`, 'Je m’en occupe');
  await grade(lead, 'Critique', 'Un cariste passe là toutes les deux minutes.');
  await assign(lead, 'Karim Haddad');
  await comment(lead, 'Merci Sophie. Je passe voir avec Karim cet après-midi.');
  await decideAction(lead, 'Remplacer le flexible du chariot 4', 'Karim Haddad');
  await see(lead, 'Remplacer le flexible du chariot 4');
  await at(page, '/reports', 'quai');
  await shoot('phone', page, 'reports', 'My reports and how far they have come');
  await at(page, `/reports/${id}`, 'Merci Sophie');
  await shoot('phone', page, 'report-read', 'A report seen by its author');
  return id;
}

async function learning({ nadia }, modules) {
  const { page } = nadia;
  await at(page, '/learn', 'Apprendre');
  await shoot('phone', page, 'learn', 'What there is to learn');
  await at(page, `/learn/${modules['choisir-extincteur']}`, 'Commencer');
  await shoot('phone', page, 'capsule-cover', 'The cover of a capsule');
  await goOn(page);
  await goOn(page);
  await page.waitForTimeout(300);
  await shoot('phone', page, 'capsule-card', 'A card with its drawing');
  while (!(await atQuestion(page))) await goOn(page);
  await page.waitForTimeout(300);
  await shoot('phone', page, 'quiz', 'A question');
  const opened = await done(
    call(page, 'learn.open', {
      module: modules['choisir-extincteur'],
      attempt: newId(),
    }),
  );
  const [, ...right] = opened.capsule.fr.quiz;
  await answerQuestion(page);
  await shoot('phone', page, 'quiz-answered', 'What the answer was worth, and why');
  await goOn(page);
  await playToTheEnd(page, right);
  await page.waitForTimeout(500);
  await shoot('phone', page, 'score', 'The score, and what to do now');
  await page.getByRole('button', { name: 'Terminer' }).click();
  await at(page, '/', 'Bon');
  await shoot('phone', page, 'today-manager', 'Today of a manager');
}

async function rest({ sophie, claire, hugues }, id, modules) {
  const { page } = sophie;
  await at(page, '/', 'Bon');
  await shoot('phone', page, 'today', 'Today of an operator');
  await at(page, '/network', 'Réseau');
  await shoot('phone', page, 'network', 'People and sites');
  await at(page, '/settings', 'Réglages');
  await shoot('phone', page, 'settings', 'This person and this device');
  await at(page, '/actions', 'Actions');
  await shoot('phone', page, 'actions-none', 'An empty list says what will come');
  await at(page, '/nowhere');
  await shoot('phone', page, 'lost', 'An address that leads nowhere');
  const lead = claire.page;
  const small = claire.phone.page;
  await at(small, '/triage', 'À trier');
  await shoot('phone', small, 'triage', 'The triage list');
  await at(small, `/triage?report=${id}`, 'Je m’en occupe');
  await shoot('phone', small, 'triage-report', 'A report in triage');
  await decide(small, 'Gravité');
  await shoot('phone', small, 'triage-severity', 'How grave, and why');
  await small.keyboard.press('Escape');
  await at(small, '/studio', 'Atelier');
  await shoot('phone', small, 'studio', 'The capsules one may write');
  await at(small, `/studio/${modules['choisir-extincteur']}`, 'Publier');
  await shoot('phone', small, 'studio-edit', 'Writing on a phone');
  await at(lead, '/', 'Bon');
  await shoot('desk', lead, 'today', 'Today of a lead');
  await at(lead, '/triage', 'À trier');
  await shoot('desk', lead, 'triage', 'The triage list');
  await at(lead, `/triage?report=${id}`, 'Répondre et clore');
  await shoot('desk', lead, 'triage-report', 'List beside detail');
  await lead.getByRole('button', { name: 'Répondre et clore' }).click();
  await shoot('desk', lead, 'triage-close', 'No closing without an answer');
  await lead.keyboard.press('Escape');
  await closeWith(lead, 'Le flexible du chariot fuyait : il est remplacé, et le quai est nettoyé.');
  await at(lead, '/actions', 'Actions');
  await lead.getByText('Mon site').click();
  await lead.waitForTimeout(400);
  await shoot('desk', lead, 'actions', 'Actions of the site');
  await at(lead, '/learn', 'Apprendre');
  await shoot('desk', lead, 'learn', 'What there is to learn');
  await at(lead, `/learn/${modules.consignation}`, 'Commencer');
  await goOn(lead);
  await goOn(lead);
  await lead.waitForTimeout(300);
  await shoot('desk', lead, 'capsule-card', 'A card');
  await at(lead, '/studio', 'Atelier');
  await shoot('desk', lead, 'studio', 'The capsules one may write');
  await at(lead, `/studio/${modules['choisir-extincteur']}`, 'Publier');
  await lead.waitForTimeout(1000);
  await shoot('desk', lead, 'studio-edit', 'Parts, text and phone side by side');
  await lead.getByRole('button', { name: /^Publier/ }).click();
  await lead.waitForTimeout(400);
  await shoot('desk', lead, 'studio-publish', 'To whom, until when, and what it will take them');
  await lead.keyboard.press('Escape');
  await at(lead, `/studio/${modules['choisir-extincteur']}/reach`, 'Nadia Benali');
  await shoot('desk', lead, 'reach', 'Who received, opened and passed a capsule');
  await at(lead, '/settings', 'Réglages');
  await shoot('desk', lead, 'settings', 'This person and this device');
  await at(page, `/reports/${id}`, 'La réponse pour toi');
  await shoot('phone', page, 'report-answered', 'The answer to the author');
  const boss = hugues.page;
  await at(boss, '/network', 'Réseau');
  await boss.getByText('Sophie Lambert').first().click();
  await boss.waitForTimeout(500);
  await shoot('desk', boss, 'network', 'People, with the one that is chosen');
  await boss.getByRole('button', { name: 'Inviter' }).first().click();
  await see(boss, 'Valable jusqu’au');
  await shoot('desk', boss, 'invite', 'An invitation: QR and code');
  await boss.keyboard.press('Escape');
  const me = await done(call(boss, 'directory.me', {}));
  await at(boss, `/network/sites/${me.site.id}`, me.site.name);
  await shoot('desk', boss, 'site', 'A site: teams, places, people');
  await lose(page, boss);
}

/** A phone is lost: its colleague says so, reads what it held, and the phone says it too. */
async function lose(phone, boss) {
  await at(boss, '/network', 'Réseau');
  await boss.getByText('Sophie Lambert').first().click();
  const device = boss.getByRole('list', { name: 'Appareils' }).getByRole('button').first();
  await device.click();
  await boss.getByText('Perdu ou volé').click();
  await shoot('desk', boss, 'device-lost', 'What happened to a device, and what each answer does');
  await boss.getByRole('button', { name: 'Tout effacer' }).click();
  await see(boss, 'D’après ce que le serveur');
  await see(phone, 'Cet appareil a été déclaré perdu');
  await boss.getByRole('button', { name: 'Fermer' }).last().click();
  await device.click();
  await see(boss, 'Il a reçu l’ordre de tout effacer');
  await boss.getByText('Signalements', { exact: true }).click();
  await shoot('desk', boss, 'device-held', 'What a lost device held');
  await shoot('phone', phone, 'device-lost', 'A lost device at its next contact');
}

async function inEnglish(server) {
  const visitor = await server.visitor(PHONE, {
    ...scale(PHONE),
    locale: 'en-GB',
  });
  const { page } = visitor;
  await page.goto(`/enrol#code=${await server.codeFor('emilie')}`);
  await page.getByRole('button', { name: /English/ }).click();
  await page.getByRole('button', { name: 'Enter', exact: true }).click();
  await page.waitForURL((url) => url.pathname === '/');
  await at(page, '/', 'Émilie');
  await shoot('phone-en', page, 'today', 'Today');
  await at(page, '/report', 'Near miss');
  await shoot('phone-en', page, 'report-forms', 'What to report');
  await page.getByText('Near miss').first().click();
  await see(page, 'What nearly happened?');
  await page.waitForTimeout(300);
  await shoot('phone-en', page, 'report-what', 'A question with its tiles');
  await at(page, '/learn', 'Learn');
  await shoot('phone-en', page, 'learn', 'What there is to learn');
}

async function writeAll() {
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder))
    if (file.endsWith('.webp')) await rm(join(folder, file));
  for (const [file, picture] of pictures) await writeFile(join(folder, file), picture);
  const groups = {
    phone: 'On a phone',
    'phone-en': 'On a phone, in English',
    desk: 'At a desk',
  };
  const lines = [
    '# Screens',
    '',
    'Taken by `node tests/e2e/gallery.mjs` from the demonstration company; nothing is drawn by hand.',
  ];
  for (const [group, title] of Object.entries(groups)) {
    const width = group === 'desk' ? 420 : 220;
    lines.push('', `## ${title}`, '', '| Screen | Light | Dark |', '|---|---|---|');
    for (const { name, words } of taken.filter((one) => one.group === group)) {
      const image = (theme) =>
        `<img src="${group}-${name}-${theme}.webp" width="${width}" alt="${words}, ${theme}">`;
      lines.push(`| ${words} | ${image('light')} | ${image('dark')} |`);
    }
  }
  await writeFile(join(folder, 'README.md'), `${lines.join('\n')}\n`);
}

async function main() {
  if (kept) await mkdir(kept, { recursive: true });
  const server = await startServer();
  try {
    const people = {};
    const wanted = {
      sophie: PHONE,
      karim: PHONE,
      nadia: PHONE,
      claire: DESK,
      hugues: DESK,
    };
    for (const [login, screen] of Object.entries(wanted))
      people[login] = await server.person(login, screen, scale(screen));
    people.claire.phone = await server.visitor(PHONE, scale(PHONE));
    const { context } = people.claire.phone;
    await context.addCookies(await people.claire.context.cookies());
    await people.claire.phone.page.addInitScript(() =>
      localStorage.setItem('vigie-language', 'fr'),
    );
    encoder = people.karim.page;
    for (const { page } of Object.values(people)) await untilHeld(page);
    await history(people);
    const list = await done(call(people.nadia.page, 'learn.list', {}));
    const modules = Object.fromEntries(list.map(({ slug, module }) => [slug, module]));
    await doors(server);
    const id = await reporting(people, server);
    await learning(people, modules);
    await rest(people, id, modules);
    await inEnglish(server);
    await writeAll();
  } finally {
    await server.close();
  }
}

await main();
