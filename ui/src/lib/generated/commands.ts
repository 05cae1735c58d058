// Written by `cargo test -p vigie-core bindings`; do not edit.

/** A text in each language it exists in, by language code. */
export type Wording = { [language: string]: string };
export type Role = 'operator' | 'manager' | 'relay' | 'lead' | 'admin' | 'guest';
export type Severity = 'low' | 'moderate' | 'serious' | 'critical';
export type ReportType = 'incident' | 'near_miss' | 'weak_signal' | 'need' | 'non_conformity' | 'observation' | 'flash_audit';
/** Where a report stands in its triage. */
export type Status = 'open' | 'in_progress' | 'closed';
export type Outcome = 'done' | 'not_retained';
/** How far an item has come from this device. */
export type Custody = 'draft' | 'sealed' | 'received' | 'read' | 'handled' | 'refused';

// ── account.* : answered by the shell (app: over HTTPS; web: by the server itself) ──
export type AccountState = {
  signed_in: boolean; kind: 'app' | 'web'; server: string | null; org: string | null; person: string | null;
  /** App only: the local file is encrypted, and where its key lies. */
  encrypted: boolean; key_in_keystore: boolean;
};
export type AccountEnrol = { server: string; code: string; device_name: string };
export type AccountSignIn = { code: string | null; login: string | null; password: string | null };
export type AccountInvite = { person: string };
export type AccountInvitation = { code: string; url: string; qr_svg: string; expires_at: number };
export type AccountDevice = { id: string; name: string; person: string; kind: 'app' | 'web'; created_at: number; last_contact_at: number | null; revoked: boolean; current: boolean };
export type AccountRevoke = { device: string };
export type AccountPassword = { current: string | null; password: string };
export type Empty = Record<string, never>;

// ── directory ──
export type PersonView = { id: string; name: string; login: string; roles: Role[]; site: string | null; team: string | null; trade: string | null; language: string; active: boolean };
export type PlaceView = { id: string; name: string; area: string | null };
export type SiteView = { id: string; name: string; city: string; teams: string[]; places: PlaceView[]; people: number };
export type DirectoryMe = { person: PersonView; site: SiteView | null; org: string };
export type DirectoryPeople = { query: string; site: string | null };
export type DirectorySavePerson = { id: string | null; name: string; login: string; roles: Role[]; site: string | null; team: string | null; trade: string | null; language: string; active: boolean };
export type DirectorySaveSite = { id: string | null; name: string; city: string; teams: string[]; places: PlaceView[] };
export type DirectorySaved = { id: string };

// ── form ──
export type Expression =
  | { op: 'value'; value: string | number | boolean }
  | { op: 'field'; name: string }
  | { op: 'self' }
  | { op: 'call'; name: string; arguments: Expression[] };
export type QuestionType = 'text' | 'integer' | 'decimal' | 'date' | 'time' | 'datetime' | 'select_one' | 'select_multiple' | 'yes_no' | 'severity' | 'place' | 'person' | 'photo' | 'note' | 'calculate';
export type Choice = { name: string; label: Wording; icon: string | null; score: number | null };
export type Question = {
  name: string; type: QuestionType; label: Wording; hint: Wording; required: boolean;
  /** 'tiles' for large pictogram buttons, 'multiline' for long text, '' otherwise. */
  appearance: string;
  /** The report field that this answer also is: 'what' | 'place' | 'severity' | 'urgency' | 'openness' | 'words' | 'when' | ''. */
  fills: string;
  choices: Choice[]; weight: number | null; default: string | null;
  relevant: Expression | null; constraint: Expression | null; constraint_message: Wording; calculation: Expression | null;
};
/** One compiled, immutable release of a form. */
export type FormProgram = { form: string; slug: string; release: number; report_type: ReportType; icon: string; title: Wording; purpose: Wording; capsule: string | null; scored: boolean; questions: Question[] };
export type FormSummary = { form: string; slug: string; release: number; report_type: ReportType; icon: string; title: Wording; purpose: Wording; /** slug of the capsule that prepares for it */ capsule: string | null };
export type FormOpen = { form: string; release: number | null };

// ── report ──
/** text, number, boolean, list of choice names; a date is 'YYYY-MM-DD', a time 'HH:MM', a photo the list of its hashes, a place or person its id. */
export type Answer = string | number | boolean | string[];
export type Attachment = { hash: string; media_type: string; size: number; field: string; /** 'here' not yet sent, 'sent' the server has it, 'away' not on this device yet */ state: 'here' | 'sent' | 'away' };
export type DraftStart = { id: string; form: string; release: number; practice: boolean };
export type DraftSave = { id: string; field: string; /** null clears it */ value: Answer | null };
export type DraftAttach = { id: string; field: string; media_type: string; base64: string };
export type DraftDetach = { id: string; field: string; hash: string };
export type DraftAttached = { hash: string };
export type DraftId = { id: string };
export type DraftView = { id: string; practice: boolean; answers: { [field: string]: Answer }; attachments: Attachment[]; updated_at: number; program: FormProgram };
export type DraftRow = { id: string; report_type: ReportType; form_title: Wording; title: string; practice: boolean; updated_at: number; photos: number };
export type ReportSeal = { draft: string; /** client-made id of the report */ report: string };
export type ReportSealed = { report: string; practice: boolean };
export type ReportId = { id: string };
export type ReportRow = {
  id: string; report_type: ReportType; title: string; site: string; site_name: string; place_name: string | null;
  severity: Severity; status: Status; custody: Custody; urgent: boolean; confidential: boolean; mine: boolean;
  sealed_at: number; received_at: number | null; closed_at: number | null; assignees: string[]; assignee_names: string[];
  comments: number; photos: number; /** closed while someone raised it: needs a look */ worsened: boolean; score: number | null;
};
export type ReportFilter = { query: string; site: string | null; status: Status | null; severity: Severity | null; report_type: ReportType | null; mine: boolean; assigned_to_me: boolean; limit: number; offset: number };
export type ReportPageList = { rows: ReportRow[]; total: number };
export type TimelineVerb = 'sealed' | 'received' | 'read' | 'severity' | 'assigned' | 'unassigned' | 'comment' | 'linked' | 'taken' | 'closed' | 'reopened' | 'refused';
export type TimelineEntry = { id: string; at: number; /** null: the author, whose name is not for you */ by: string | null; by_name: string | null; by_author: boolean; verb: TimelineVerb; text: string | null; severity: Severity | null; outcome: Outcome | null; person_name: string | null; action: string | null };
export type ReceiptView = { received_at: number; position: number; attachments: { hash: string; received_at: number | null }[]; valid: boolean };
export type ReportView = {
  row: ReportRow; program: FormProgram; answers: { [field: string]: Answer }; attachments: Attachment[];
  reporter: string | null; reporter_name: string | null; timeline: TimelineEntry[]; receipt: ReceiptView | null;
  /** why the server refused it, if it did: a stable code */ refusal: string | null;
  may_triage: boolean; may_comment: boolean; severities: { value: Severity; by_name: string | null; at: number }[];
};
export type ReportSeverity = { id: string; severity: Severity; reason: string };
export type ReportAssign = { id: string; person: string; assigned: boolean };
export type ReportComment = { id: string; text: string };
export type ReportLink = { id: string; action: string };
export type ReportClose = { id: string; outcome: Outcome; /** the answer to the author, required */ answer: string };
export type ReportReopen = { id: string; reason: string };
export type ReportCounts = { open: number; urgent: number; unread: number; worsened: number };

// ── action ──
export type ActionRow = { id: string; title: string; details: string; report: string | null; site: string; site_name: string; owner: string; owner_name: string; due_on: string; state: 'open' | 'late' | 'done'; done_at: number | null; done_by_name: string | null; evidence: string | null; created_at: number; mine: boolean };
export type ActionCreate = { title: string; details: string; report: string | null; site: string; owner: string; due_on: string };
export type ActionFilter = { report: string | null; site: string | null; mine: boolean; open_only: boolean };
export type ActionDone = { id: string; evidence: string };
export type ActionReopen = { id: string; reason: string };
export type ActionId = { id: string };

// ── learn ──
export type Source = { title: string; url: string };
export type Card = { title: string; /** safe HTML */ html: string };
export type QuizKind = 'one' | 'several' | 'true_false' | 'order' | 'blank' | 'number' | 'match';
export type QuizChoice = { text: string; correct: boolean; feedback: string };
export type QuizItem = {
  id: string; kind: QuizKind; /** safe HTML */ prompt: string;
  /** one, several, true_false: the choices. order: the steps in their right order. */
  choices: QuizChoice[];
  /** match: the pairs. */ pairs: { left: string; right: string }[];
  /** blank: accepted variants. */ accepted: string[];
  /** number: value, tolerance, unit. */ number: { value: number; tolerance: number; unit: string } | null;
  /** safe HTML, shown after the answer */ explanation: string;
};
export type Capsule = { slug: string; language: string; title: string; objective: string; theme: string; icon: string; seconds: number; /** slug of the form it leads to */ apply: string | null; apply_label: string; sources: Source[]; cards: Card[]; quiz: QuizItem[]; /** named pictures: 'name' -> SVG text */ media: { [name: string]: string } };
export type CapsuleState = 'new' | 'open' | 'done';
export type CapsuleRow = { module: string; release: string; version: number; slug: string; title: Wording; objective: Wording; theme: string; icon: string; seconds: number; languages: string[]; state: CapsuleState; score: number | null; done_at: number | null; due_on: string | null; required: boolean; /** the pack has arrived on this device */ ready: boolean; /** a newer version is there while an attempt is open on an older one */ newer: boolean; apply: string | null; published_at: number };
/** one: index; several: indexes; true_false: index; order: indexes in the order given; blank, number: what was typed; match: right index for each left. */
export type QuizAnswer = number | number[] | string;
export type Attempt = { id: string; module: string; release: string; step: number; answers: { [item: string]: QuizAnswer }; started_at: number; finished_at: number | null; score: number | null };
export type LearnOpen = { module: string; /** used when a new attempt begins */ attempt: string };
export type LearnOpened = { capsule: { [language: string]: Capsule }; attempt: Attempt; version: number; row: CapsuleRow };
export type LearnSave = { attempt: string; module: string; release: string; step: number; answers: { [item: string]: QuizAnswer } };
export type LearnFinish = LearnSave;
export type LearnFinished = { score: number; right: number; total: number; passed: boolean; wrong: string[]; next_review_on: string | null };
export type ReviewItem = { module: string; release: string; title: Wording; item: { [language: string]: QuizItem }; media: { [name: string]: string }; last_on: string | null; due_on: string; apply: string | null };
export type LearnDue = { items: ReviewItem[]; total: number; seconds: number; next_on: string | null };
export type LearnReview = { id: string; module: string; release: string; item: string; answer: QuizAnswer; language: string };
export type LearnReviewed = { correct: boolean; next_on: string };

// ── studio ──
export type ModuleRow = { id: string; title: string; updated_at: number; languages: string[]; version: number | null; published_at: number | null; sites: string[] | null; problems: number };
export type ReleaseRow = { id: string; version: number; published_at: number; by_name: string | null; sites: string[] | null; due_on: string | null; note: string; withdrawn: boolean };
export type ModuleView = { id: string; source: { [language: string]: string }; media: { [name: string]: string }; releases: ReleaseRow[]; updated_at: number; may_edit: boolean; history: { at: number; by_name: string | null; what: string }[] };
export type StudioCreate = { id: string; language: string; source: string | null };
export type StudioSave = { id: string; language: string; source: string };
export type StudioId = { id: string };
export type StudioCheck = { source: string; language: string; slug: string | null };
export type Problem = { code: string; line: number; severity: 'error' | 'warning'; /** values for the message, in order */ values: string[] };
export type StudioChecked = { capsule: Capsule | null; problems: Problem[] };
export type StudioPublish = { id: string; sites: string[] | null; due_on: string | null; required: boolean; note: string };
export type StudioPublished = { release: string; version: number; people: number; sites: number };
export type ReachState = 'waiting' | 'received' | 'opened' | 'finished' | 'passed';
export type ReachRow = { person: string; name: string; site: string | null; site_name: string | null; state: ReachState; version: number | null; score: number | null; at: number | null };
export type StudioReach = { rows: ReachRow[]; totals: { waiting: number; received: number; opened: number; finished: number; passed: number } };

// ── sync ──
export type WaitingItem = { doc: string; kind: string; title: string; since: number; photo_size: number | null };
export type RefusedItem = { doc: string; kind: string; title: string; code: string; at: number };
export type SyncHealth = { state: 'offline' | 'waiting' | 'syncing' | 'current' | 'signed_out'; last_contact_at: number | null; next_try_at: number | null; waiting: WaitingItem[]; texts: number; photos: number; refused: RefusedItem[]; /** device clock minus server clock, milliseconds, when more than two minutes */ clock_off_ms: number | null; documents: number; error: string | null };
export type BlobRead = { hash: string };
export type BlobContent = { media_type: string; /** null: not here yet, it has been asked for */ base64: string | null };

export type Commands = {
  'account.state': { input: Empty; output: AccountState };
  'account.enrol': { input: AccountEnrol; output: AccountState };
  'account.sign_in': { input: AccountSignIn; output: AccountState };
  'account.sign_out': { input: Empty; output: AccountState };
  'account.invite': { input: AccountInvite; output: AccountInvitation };
  'account.devices': { input: Empty; output: AccountDevice[] };
  'account.revoke': { input: AccountRevoke; output: Empty };
  'account.password': { input: AccountPassword; output: Empty };
  'action.create': { input: ActionCreate; output: ActionId };
  'action.list': { input: ActionFilter; output: ActionRow[] };
  'action.done': { input: ActionDone; output: Empty };
  'action.reopen': { input: ActionReopen; output: Empty };
  'blob.read': { input: BlobRead; output: BlobContent };
  'directory.me': { input: Empty; output: DirectoryMe };
  'directory.people': { input: DirectoryPeople; output: PersonView[] };
  'directory.sites': { input: Empty; output: SiteView[] };
  'directory.save_person': { input: DirectorySavePerson; output: DirectorySaved };
  'directory.save_site': { input: DirectorySaveSite; output: DirectorySaved };
  'draft.start': { input: DraftStart; output: DraftView };
  'draft.save': { input: DraftSave; output: Empty };
  'draft.attach': { input: DraftAttach; output: DraftAttached };
  'draft.detach': { input: DraftDetach; output: Empty };
  'draft.open': { input: DraftId; output: DraftView };
  'draft.list': { input: Empty; output: DraftRow[] };
  'draft.discard': { input: DraftId; output: Empty };
  'form.list': { input: Empty; output: FormSummary[] };
  'form.open': { input: FormOpen; output: FormProgram };
  'learn.list': { input: Empty; output: CapsuleRow[] };
  'learn.open': { input: LearnOpen; output: LearnOpened };
  'learn.save': { input: LearnSave; output: Empty };
  'learn.finish': { input: LearnFinish; output: LearnFinished };
  'learn.due': { input: Empty; output: LearnDue };
  'learn.review': { input: LearnReview; output: LearnReviewed };
  'report.seal': { input: ReportSeal; output: ReportSealed };
  'report.list': { input: ReportFilter; output: ReportPageList };
  'report.counts': { input: Empty; output: ReportCounts };
  'report.open': { input: ReportId; output: ReportView };
  'report.read': { input: ReportId; output: Empty };
  'report.severity': { input: ReportSeverity; output: Empty };
  'report.assign': { input: ReportAssign; output: Empty };
  'report.comment': { input: ReportComment; output: Empty };
  'report.link': { input: ReportLink; output: Empty };
  'report.take': { input: ReportId; output: Empty };
  'report.close': { input: ReportClose; output: Empty };
  'report.reopen': { input: ReportReopen; output: Empty };
  'studio.list': { input: Empty; output: ModuleRow[] };
  'studio.create': { input: StudioCreate; output: StudioId };
  'studio.open': { input: StudioId; output: ModuleView };
  'studio.save': { input: StudioSave; output: Empty };
  'studio.check': { input: StudioCheck; output: StudioChecked };
  'studio.publish': { input: StudioPublish; output: StudioPublished };
  'studio.withdraw': { input: StudioId; output: Empty };
  'studio.reach': { input: StudioId; output: StudioReach };
  'sync.health': { input: Empty; output: SyncHealth };
  'sync.now': { input: Empty; output: Empty };
};
export type CommandName = keyof Commands;
