/** Answers kept in the browser, given back when there is no network. */
import type {
  Attachment,
  DraftView,
  LearnDue,
  CapsuleRow,
  DirectoryMe,
  LearnOpened,
  ReportPageList,
  DraftRow,
  CommandName,
  LearnFinished,
} from '$lib/generated/commands';
import type { Input, Output } from './backend';
import { draftRow, reportRow } from './rows';
import type { BrowserStore } from './store';

/** The questions whose answers are kept. */
const KEPT: ReadonlySet<CommandName> = new Set<CommandName>([
  'account.state',
  'action.list',
  'directory.me',
  'directory.sites',
  'draft.list',
  'draft.open',
  'form.list',
  'form.open',
  'learn.due',
  'learn.list',
  'learn.open',
  'report.list',
]);

/** Before the person in a key: who is here is asked before anyone is known. */
const NOBODY = '-';

/** Kept answers of one browser, each under its person. */
export class Answers {
  #store: BrowserStore;
  #now: () => number;

  constructor(store: BrowserStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Whether the answers to this question are kept. */
  keeps(name: CommandName): boolean {
    return KEPT.has(name);
  }

  /** The answer kept for a question; `undefined` when there is none. */
  async read<N extends CommandName>(
    person: string | null,
    name: N,
    input: Input<N>,
  ): Promise<Output<N> | undefined> {
    return (await this.#store.readAnswer(keyOf(person, name, input))) as Output<N> | undefined;
  }

  /** Keeps an answer, in place of the one before; the answer, with what waits here. */
  async write<N extends CommandName>(
    person: string | null,
    name: N,
    input: Input<N>,
    output: Output<N>,
  ): Promise<Output<N>> {
    if (name === 'report.list')
      return (await this.#writeList(
        person,
        input as Input<'report.list'>,
        output as ReportPageList,
      )) as Output<N>;
    await this.#store.writeAnswer(keyOf(person, name, input), output);
    if (name === 'form.open') {
      // The newest release, asked by no number, is also that release by its number.
      const program = output as Output<'form.open'>;
      const exact = { form: program.form, release: program.release };
      await this.#store.writeAnswer(keyOf(person, 'form.open', exact), program);
    }
    return output;
  }

  async #writeList(
    person: string | null,
    filter: Input<'report.list'>,
    page: ReportPageList,
  ): Promise<ReportPageList> {
    // What was searched for once is not asked again without network.
    if (filter.query !== '') return page;
    const key = keyOf(person, 'report.list', filter);
    const whole = isMine(filter) ? await this.#withSealed(person, key, page) : page;
    await this.#store.writeAnswer(key, whole);
    await this.#dropErased(person, filter, whole);
    return whole;
  }

  /** What is sealed and waits here, while the server has no room say, stays in the list. */
  async #withSealed(
    person: string | null,
    key: string,
    page: ReportPageList,
  ): Promise<ReportPageList> {
    const seals = (await this.#store.waiting()).filter(
      (call) => call.name === 'report.seal' && call.person === person,
    );
    const before = (await this.#store.readAnswer(key)) as ReportPageList | undefined;
    if (seals.length === 0 || !before) return page;
    const sealed = new Set(seals.map(({ input }) => (input as Input<'report.seal'>).report));
    for (const row of page.rows) sealed.delete(row.id);
    const rows = before.rows.filter((row) => sealed.has(row.id));
    // Where only the beginning is shown, the server may have counted them.
    const counted = page.total > page.rows.length ? 0 : rows.length;
    return { rows: [...rows, ...page.rows], total: page.total + counted };
  }

  /** Of one's own reports, what a whole list says no more is in no other list either. */
  async #dropErased(
    person: string | null,
    filter: Input<'report.list'>,
    page: ReportPageList,
  ): Promise<void> {
    if (!isMine(filter) || page.total > page.rows.length) return;
    const left = new Set(page.rows.map((row) => row.id));
    for (const [key, value] of await this.#store.answers(`${person ?? NOBODY}|report.list|`)) {
      const other = value as ReportPageList;
      const rows = other.rows.filter((row) => !row.mine || left.has(row.id));
      const total = other.total - (other.rows.length - rows.length);
      if (rows.length < other.rows.length) await this.#store.writeAnswer(key, { rows, total });
    }
  }

  /** Forgets who was here, and everybody's answers but of those for whom something waits. */
  async forget(): Promise<void> {
    const kept = new Set((await this.#store.waiting()).map((call) => call.person));
    const known = new Set((await this.#store.answerKeys()).map((key) => key.split('|', 1)[0]));
    for (const person of known)
      if (person && !kept.has(person)) await this.#store.deleteAnswers(`${person}|`);
  }

  /** Makes the kept answers tell what a waiting call has changed. */
  async apply<N extends CommandName>(
    person: string,
    name: N,
    input: Input<N>,
    output: Output<N>,
  ): Promise<void> {
    switch (name) {
      case 'draft.start':
        return await this.#startDraft(person, output as DraftView);
      case 'draft.save':
        return await this.#saveDraft(person, input as Input<'draft.save'>);
      case 'draft.attach':
        return await this.#attach(person, input as Input<'draft.attach'>, output);
      case 'draft.detach':
        return await this.#detach(person, input as Input<'draft.detach'>);
      case 'draft.discard':
        return await this.#dropDraft(person, (input as Input<'draft.discard'>).id);
      case 'report.seal':
        return await this.#seal(person, input as Input<'report.seal'>);
      case 'learn.save':
        return await this.#saveAttempt(person, input as Input<'learn.save'>, null);
      case 'learn.finish':
        return await this.#saveAttempt(
          person,
          input as Input<'learn.finish'>,
          output as LearnFinished,
        );
      case 'learn.review':
        return await this.#review(person, input as Input<'learn.review'>);
      default:
    }
  }

  /** After a call was sent: what was kept only while it waited. */
  async settle(person: string, name: CommandName, input: unknown): Promise<void> {
    if (name !== 'draft.attach' && name !== 'photo.bring') return;
    const { base64 } = input as Input<'photo.bring'>;
    for (const [key, value] of await this.#store.answers(`${person}|blob.read|`)) {
      const kept = value as Output<'blob.read'>;
      if (kept.base64 === base64) await this.#store.deleteAnswer(key);
    }
  }

  async #startDraft(person: string, view: DraftView): Promise<void> {
    await this.write(person, 'draft.open', { id: view.id }, view);
    await this.#listDraft(person, view);
  }

  async #listDraft(person: string, view: DraftView): Promise<void> {
    await this.#change<DraftRow[]>(
      person,
      'draft.list',
      (rows) => [draftRow(view), ...rows.filter((row) => row.id !== view.id)],
      [],
    );
  }

  async #changeDraft(
    person: string,
    id: string,
    change: (view: DraftView) => DraftView,
  ): Promise<void> {
    const view = await this.read(person, 'draft.open', { id });
    if (!view) return;
    const next = { ...change(view), updated_at: this.#now() };
    await this.#startDraft(person, next);
  }

  async #saveDraft(person: string, save: Input<'draft.save'>): Promise<void> {
    await this.#changeDraft(person, save.id, (view) => {
      const others = Object.entries(view.answers).filter(([field]) => field !== save.field);
      const answers = Object.fromEntries(others);
      if (save.value !== null) answers[save.field] = save.value;
      return { ...view, answers };
    });
  }

  async #attach(person: string, attach: Input<'draft.attach'>, output: unknown): Promise<void> {
    const { hash } = output as Output<'draft.attach'>;
    const { field, media_type, base64 } = attach;
    const size = Math.floor((base64.length * 3) / 4);
    const attachment: Attachment = { hash, media_type, size, field, state: 'here' };
    await this.write(person, 'blob.read', { hash }, { media_type, base64 });
    await this.#changeDraft(person, attach.id, (view) => ({
      ...view,
      attachments: [...view.attachments.filter((one) => one.hash !== hash), attachment],
    }));
  }

  async #detach(person: string, { id, field, hash }: Input<'draft.detach'>): Promise<void> {
    await this.#changeDraft(person, id, (view) => ({
      ...view,
      attachments: view.attachments.filter((one) => one.hash !== hash || one.field !== field),
    }));
  }

  async #dropDraft(person: string, id: string): Promise<void> {
    await this.#store.deleteAnswer(keyOf(person, 'draft.open', { id }));
    await this.#change<DraftRow[]>(person, 'draft.list', (rows) =>
      rows.filter((row) => row.id !== id),
    );
  }

  async #seal(person: string, seal: Input<'report.seal'>): Promise<void> {
    const view = await this.read(person, 'draft.open', { id: seal.draft });
    await this.#dropDraft(person, seal.draft);
    if (!view || view.practice) return;
    const me = (await this.read(person, 'directory.me', {})) as DirectoryMe | undefined;
    const row = reportRow(seal.report, view, me, this.#now());
    for (const [key, value] of await this.#store.answers(`${person}|report.list|`)) {
      const page = value as ReportPageList;
      const rows = [row, ...page.rows.filter((one) => one.id !== row.id)];
      await this.#store.writeAnswer(key, { rows, total: page.total + 1 });
    }
  }

  async #saveAttempt(
    person: string,
    save: Input<'learn.save'>,
    finished: LearnFinished | null,
  ): Promise<void> {
    const score = finished?.score ?? null;
    const done = finished ? { finished_at: this.#now(), score } : {};
    await this.#change<LearnOpened>(
      person,
      'learn.open',
      (opened) => {
        if (opened.attempt.id !== save.attempt) return opened;
        const { step, answers } = save;
        return { ...opened, attempt: { ...opened.attempt, step, answers, ...done } };
      },
      undefined,
      { module: save.module, attempt: save.attempt },
    );
    await this.#change<CapsuleRow[]>(person, 'learn.list', (rows) =>
      rows.map((row) => {
        if (row.module !== save.module) return row;
        if (!finished) return row.state === 'new' ? { ...row, state: 'open' } : row;
        return { ...row, state: 'done', score, done_at: this.#now() };
      }),
    );
  }

  async #review(person: string, review: Input<'learn.review'>): Promise<void> {
    await this.#change<LearnDue>(person, 'learn.due', (due) => {
      const items = due.items.filter(
        (one) =>
          one.release !== review.release ||
          !Object.values(one.item).some((item) => item.id === review.item),
      );
      const gone = due.items.length - items.length;
      const share = due.total > 0 ? due.seconds / due.total : 0;
      return {
        ...due,
        items,
        total: Math.max(0, due.total - gone),
        seconds: Math.max(0, Math.round(due.seconds - share * gone)),
      };
    });
  }

  async #change<T>(
    person: string,
    name: CommandName,
    change: (value: T) => T,
    empty?: T,
    input: unknown = {},
  ): Promise<void> {
    const key = keyOf(person, name, input);
    const value = ((await this.#store.readAnswer(key)) as T | undefined) ?? empty;
    if (value !== undefined) await this.#store.writeAnswer(key, change(value));
  }
}

/** Whether a list is of all one's own reports, the latest first. */
function isMine(filter: Input<'report.list'>): boolean {
  const { status, severity, report_type, site, assigned_to_me, mine, offset } = filter;
  const narrowed = status ?? severity ?? report_type ?? site;
  return mine && !assigned_to_me && narrowed === null && offset === 0;
}

/** Where an answer lies: person, question, then what was asked in a fixed order. */
export function keyOf(person: string | null, name: CommandName, input: unknown): string {
  if (name === 'account.state') return `${NOBODY}|${name}|`;
  const asked = input as Record<string, unknown>;
  // The attempt's id is new each time; the capsule is what is asked for.
  const parts = name === 'learn.open' ? { module: asked['module'] } : asked;
  const sorted = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${person ?? NOBODY}|${name}|${JSON.stringify(sorted)}`;
}
