// What people of the story do, through the screens alone: labels and buttons, as anyone would.

import assert from 'node:assert/strict';
import { PATIENCE, makePhoto } from './support.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });

/** The words of the screen, as they are read; spaces of all kinds are one. */
export async function wordsOf(page, selector = 'body') {
  const text = await page.locator(selector).first().innerText();
  return text.replace(/\s+/g, ' ');
}

/** Waits for words on the screen; any kind of space counts as one. */
export async function see(page, words, limit = PATIENCE) {
  await page.waitForFunction(
    (wanted) => document.body.innerText.replace(/\s+/g, ' ').includes(wanted),
    words,
    { timeout: limit, polling: 50 },
  );
}

// ── reporting ───────────────────────────────────────────────────────────────────────────────────

/** Opens the form of a near miss from the tab bar; the address of its draft. */
export async function openNearMiss(page) {
  await page.getByRole('link', { name: 'Signaler' }).first().click();
  await page
    .getByRole('button', { name: /^Presqu’accident/ })
    .or(page.getByRole('link', { name: /^Presqu’accident/ }))
    .first()
    .click();
  await page.getByRole('heading', { name: 'Qu’est‑ce qui a failli arriver' }).waitFor();
  await page.waitForURL(/\/report\/[0-9a-f-]{36}/);
  return page.url();
}

/** One large tap on an answer, and the question after it. */
export async function tap(page, answer, next) {
  await page.getByRole('button', { name: answer }).first().click();
  await page.getByRole('heading', { name: next, level: 2 }).waitFor();
}

/** Five taps: what, where, how bad, now or later, open. */
export async function fiveTaps(page) {
  await tap(page, 'Glisser, tomber', 'C’était où');
  await tap(page, 'Quai 2', 'Au pire, ça aurait donné quoi');
  await tap(page, 'Une blessure grave', 'Ça peut recommencer');
  await tap(page, 'Non, c’est sécurisé', 'Ton nom, qui le voit');
  await tap(page, 'Les managers du site et le QSE', 'Un mot, une photo');
}

/** The last page of a draft still says the five answers, and holds its photo. */
export async function assertFiveTapsKept(page) {
  const said = await wordsOf(page, 'main');
  for (const answer of [
    'Glisser, tomber',
    'Quai 2',
    'Grave',
    'Non, c’est sécurisé',
    'Les managers du site et le QSE',
  ])
    assert.ok(said.includes(answer), `the draft still says “${answer}”: ${said}`);
  const photos = await page.getByRole('button', { name: /^Enlever la photo/ }).count();
  assert.equal(photos, 1, 'the photo is still there');
}

/** Words in the last page of a report. */
export async function tellWords(page, words) {
  await page.getByRole('textbox').fill(words);
}

/** A photo chosen among those of the phone. */
export async function addPhoto(page, words) {
  const photo = await makePhoto(page, words);
  await page.locator('input[type=file]').last().setInputFiles(photo);
  await page
    .getByRole('button', { name: /^Enlever la photo/ })
    .first()
    .waitFor();
}

/** Seals, and waits for the screen that says so; the report's id. */
export async function seal(page) {
  await button(page, 'Sceller').click();
  await page.waitForURL(/\/report\/sealed\//);
  return new URL(page.url()).pathname.split('/').at(-1);
}

// ── learning ────────────────────────────────────────────────────────────────────────────────────

/**
 * Answers the question on the screen, checks it, and sees what it was worth. With `item` the answer
 * is right, without it is whatever comes first.
 */
export async function answerQuestion(page, item) {
  const face = page.locator('.face article');
  const choices = face.locator('fieldset label');
  const field = face.locator('form input');
  const columns = face.locator('.columns > ul');
  if (await choices.count()) {
    const right = item?.choices.flatMap(({ correct }, place) => (correct ? [place] : [])) ?? [0];
    for (const place of right) await choices.nth(place).click();
  } else if (await field.count()) {
    await field.fill(item ? (item.accepted[0] ?? String(item.number.value)) : '5');
  } else if (await columns.count()) await pair(columns, item);
  else await putInOrder(face.locator('ul.pool button'), item);
  await button(page, 'Valider').click();
  await page
    .getByText(/C’est juste|Pas tout à fait/)
    .first()
    .waitFor();
}

async function pair(columns, item) {
  const [left, right] = [columns.nth(0).locator('button'), columns.nth(1).locator('button')];
  const pairs = await left.count();
  for (let place = 0; place < pairs; place += 1) {
    await left.nth(place).click();
    const partner = item
      ? right.filter({ hasText: item.pairs[place].right }).first()
      : right.nth(place);
    await partner.click();
  }
}

async function putInOrder(pool, item) {
  for (let turns = 0; turns < 12 && (await pool.count()) > 0; turns += 1) {
    const step = item ? pool.filter({ hasText: item.choices[turns]?.text ?? '' }) : pool;
    // A step that has just taken its place leaves the pool a moment later.
    await step
      .first()
      .click({ timeout: 2000 })
      .catch(() => undefined);
  }
}

/** Goes on from a cover, a card or an answered question. */
export async function goOn(page) {
  await page
    .getByRole('button', {
      name: /^(Commencer|Suivant|Passer aux questions|Voir mon score)$/,
    })
    .click();
}

/** Whether a question is on the screen. */
export async function atQuestion(page) {
  return (await button(page, 'Valider').count()) > 0;
}

/** The title of the card on the screen. */
export async function cardTitle(page) {
  return (await page.locator('.face h2, .face h1').first().innerText()).trim();
}

/** From where the capsule stands to its score; how many questions were answered. `right` as above. */
export async function playToTheEnd(page, right = []) {
  let questions = 0;
  for (let turns = 0; turns < 40; turns += 1) {
    if (await page.locator('article.score').count()) return questions;
    if (await atQuestion(page)) {
      await answerQuestion(page, right[questions]);
      questions += 1;
    }
    await goOn(page);
    await page.waitForTimeout(60);
  }
  return assert.fail('the capsule came to no end');
}

// ── triage ──────────────────────────────────────────────────────────────────────────────────────

/** Presses a decision: beside the report at a desk, among the others of the bar on a phone. */
export async function decide(page, name) {
  const decision = page.getByRole('button', { name, exact: true });
  const more = button(page, 'Plus');
  await decision.or(more).first().waitFor();
  if ((await decision.count()) === 0) await more.click();
  await decision.click();
}

/** Says how grave a report is, and why. */
export async function grade(page, severity, reason) {
  await decide(page, /^(Gravité|Trancher la gravité)$/);
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: severity }).click();
  await sheet.getByRole('textbox').fill(reason);
  await sheet.getByRole('button', { name: 'Garder cette gravité' }).click();
  await sheet.waitFor({ state: 'detached' });
}

/** Gives a report to someone. */
export async function assign(page, name) {
  await decide(page, 'Confier');
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('searchbox').fill(name.split(' ')[0]);
  await sheet.getByRole('button', { name }).click();
  await sheet.getByText('en charge').waitFor();
  await button(sheet, 'Fermer').click();
  await sheet.waitFor({ state: 'detached' });
}

/** Writes a comment under a report. */
export async function comment(page, words) {
  const box = page.getByRole('textbox', {
    name: /Écrire un commentaire|Ajouter un mot/,
  });
  await box.fill(words);
  await button(page, 'Envoyer').click();
  await page.waitForFunction(
    (said) =>
      [...document.querySelectorAll('blockquote')].some((one) => one.textContent.includes(said)),
    words,
  );
}

/** Decides an action from a report. */
export async function decideAction(page, title, owner) {
  await button(page, 'Décider une action').click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('textbox', { name: /Quoi/ }).fill(title);
  await sheet.getByRole('searchbox').fill(owner.split(' ')[0]);
  await sheet.getByRole('button', { name: owner }).click();
  await button(sheet, 'Décider').click();
  await sheet.waitFor({ state: 'detached' });
}

/** Closes a report with an answer to its author. */
export async function closeWith(page, answer) {
  await decide(page, 'Répondre et clore');
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('textbox').fill(answer);
  await button(sheet, 'Envoyer et clore').click();
  await sheet.waitFor({ state: 'detached' });
}

// ── writing ─────────────────────────────────────────────────────────────────────────────────────

/** Replaces the text of the capsule that is open in the studio, and waits until it is kept. */
export async function writeCapsule(page, change) {
  const field = page.getByRole('textbox', { name: 'Texte de la capsule' });
  await field.fill(change(await field.inputValue()));
  await see(page, 'Enregistré');
}

/** Publishes to one site; `note` says what changes. */
export async function publishTo(page, site, note) {
  await page
    .getByRole('button', { name: /^Publier/ })
    .first()
    .click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('radio', { name: 'Choisir' }).check();
  await sheet.getByRole('checkbox', { name: site }).check();
  await sheet.getByRole('textbox').fill(note);
  await sheet.getByRole('button', { name: /^Publier/ }).click();
  await sheet.waitFor({ state: 'detached' });
}
