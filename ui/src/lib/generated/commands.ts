// Written by `cargo test -p vigie-core`; do not edit.

/** A text in each language it exists in, by language code. */
export type Wording = { [language: string]: string };
export type AccountDevice = {
/** Its id. */
id: string,
/** How it is listed. */
name: string,
/** Whose it is. */
person: string,
/** App or browser. */
kind: ShellKind,
/** Since when: milliseconds. */
created_at: number,
/** When it last spoke to the server: milliseconds. */
last_contact_at: number | null,
/** It may no longer speak to the server. */
revoked: boolean,
/** The one that asks. */
current: boolean,
/** It was declared lost: it erases everything at its next contact. */
lost: boolean,
/** When a lost one was first told to: milliseconds. */
told_at: number | null, };
export type AccountEnrol = {
/** Address of the server. */
server: string,
/** The code of the invitation. */
code: string,
/** How the device is listed. */
device_name: string, };
export type AccountHeld = {
/** The documents. */
documents: Array<AccountHeldDocument>,
/** When it was first told to erase everything: milliseconds. */
told_at: number | null, };
export type AccountHeldDocument = {
/** The document. */
document: string,
/** Its kind. */
kind: string,
/** In a few words; empty for whoever may not read it, or when it was erased since. */
title: string,
/** Certainly, as it is now; otherwise an older copy, perhaps. */
sure: boolean, };
export type AccountInvitation = {
/** To type. */
code: string,
/** To open. */
url: string,
/** To scan: an SVG of the address. */
qr_svg: string,
/** Until when it works: milliseconds. */
expires_at: number, };
export type AccountInvite = {
/** The person. */
person: string, };
export type AccountPassword = {
/** The present one, where there is one. */
current: string | null,
/** The new one: twelve characters or more. */
password: string, };
export type AccountRevoke = {
/** The device. */
device: string, };
export type AccountSignIn = {
/** The code of an invitation. */
code: string | null,
/** The person's short name. */
login: string | null,
/** Their password. */
password: string | null, };
export type AccountState = {
/** Somebody is. */
signed_in: boolean,
/** App or browser. */
kind: ShellKind,
/** Address of the server, once known. */
server: string | null,
/** The organisation's name. */
org: string | null,
/** The person. */
person: string | null,
/** App only: the local file is encrypted. */
encrypted: boolean,
/** App only: its key lies in the system's keystore rather than in a file. */
key_in_keystore: boolean,
/** Why the server lets this device in no more: `lost` or `revoked`. What it had from the server is
 * erased; a revoked app stays signed in while it holds what was never sent. */
ended: string | null, };
export type ActionCreate = {
/** In a few words: 1 to 200 characters. */
title: string,
/** More words, or none. */
details: string,
/** The report it comes from. */
report: string | null,
/** Its site. */
site: string,
/** Who does it. */
owner: string,
/** By when: `YYYY-MM-DD`. */
due_on: string, };
export type ActionDone = {
/** The action. */
id: string,
/** What shows it: 1 to 4,000 characters. */
evidence: string, };
export type ActionFilter = {
/** Of one report. */
report: string | null,
/** Of one site. */
site: string | null,
/** That I own. */
mine: boolean,
/** To do only. */
open_only: boolean, };
export type ActionId = {
/** Its id. */
id: string, };
export type ActionReopen = {
/** The action. */
id: string,
/** Why: 1 to 4,000 characters. */
reason: string, };
export type ActionRow = {
/** Its id. */
id: string,
/** In a few words. */
title: string,
/** More words, or none. */
details: string,
/** The report it comes from. */
report: string | null,
/** Its site. */
site: string,
/** The site's name. */
site_name: string,
/** Who does it. */
owner: string,
/** Their name. */
owner_name: string,
/** By when: `YYYY-MM-DD`. */
due_on: string,
/** Where it stands. */
state: ActionState,
/** When it was done: milliseconds. */
done_at: number | null,
/** By whom. */
done_by_name: string | null,
/** What shows that it was done. */
evidence: string | null,
/** When it was decided: milliseconds. */
created_at: number,
/** I own it. */
mine: boolean, };
export type ActionState = "open" | "late" | "done";
export type Answer = boolean | number | string | Array<string>;
export type Attachment = {
/** SHA-256 of its content: 64 hexadecimal digits. */
hash: string,
/** MIME type. */
media_type: string,
/** Bytes. */
size: number,
/** The question it answers. */
field: string,
/** Where it is. */
state: AttachmentState, };
export type AttachmentState = "here" | "sent" | "away";
export type Attempt = {
/** Its id. */
id: string,
/** The module. */
module: string,
/** The release it stays on. */
release: string,
/** How far. */
step: number,
/** What was answered, by item. */
answers: { [item: string]: QuizAnswer },
/** When it began: milliseconds. */
started_at: number,
/** When it ended: milliseconds. */
finished_at: number | null,
/** 0 to 100. */
score: number | null, };
export type BlobContent = {
/** MIME type. */
media_type: string,
/** Its content; null while it is not here: it has been asked for. */
base64: string | null, };
export type BlobRead = {
/** Its hash. */
hash: string, };
export type Capsule = {
/** Folder name of the capsule. Empty after [`super::lint::check`]: whoever holds the
 * capsule names it. */
slug: string,
/** Language code, such as `fr`. */
language: string,
/** Plain text. */
title: string,
/** The one thing it teaches, plain text. */
objective: string,
/** One of [`super::lint::THEMES`]. */
theme: string,
/** Name of an icon of the interface's set. */
icon: string,
/** Estimated time to go through it all, in seconds. */
seconds: number,
/** Slug of the form it leads to. */
apply: string | null,
/** Words of the link to that form; empty without one. */
apply_label: string,
/** What it rests on. */
sources: Array<Source>,
/** The cards, in order. */
cards: Array<Card>,
/** The questions, in order. */
quiz: Array<QuizItem>,
/** Pictures used, by file name, as SVG text. */
media: { [key in string]: string }, };
export type CapsuleRow = {
/** The module. */
module: string,
/** Its latest release. */
release: string,
/** That release's number. */
version: number,
/** Its short name. */
slug: string,
/** By language. */
title: Wording,
/** By language. */
objective: Wording,
/** One of the dialect's themes. */
theme: string,
/** A lucide icon. */
icon: string,
/** How long it takes. */
seconds: number,
/** The languages it exists in. */
languages: Array<string>,
/** Where I stand. */
state: CapsuleState,
/** My best score: 0 to 100. */
score: number | null,
/** When I last took it: milliseconds. */
done_at: number | null,
/** Until when I should take it: `YYYY-MM-DD`. */
due_on: string | null,
/** I must, and have not yet. */
required: boolean,
/** Its content is on this device. */
ready: boolean,
/** My open attempt is on an older release. */
newer: boolean,
/** The form it leads to: a short name. */
apply: string | null,
/** When it was published: milliseconds. */
published_at: number, };
export type CapsuleState = "new" | "open" | "done";
export type Card = {
/** The heading, plain text. */
title: string,
/** The text, as safe HTML: a small set of elements written by this module only. */
html: string, };
export type Choice = {
/** What is kept as the answer. */
name: string,
/** What is shown. */
label: Wording,
/** A lucide icon's name. */
icon: string | null,
/** Points, 0 or more; none takes the question out of the score. */
score: number | null, };
export type Custody = "draft" | "sealed" | "received" | "read" | "handled" | "refused";
export type DirectoryMe = {
/** The person. */
person: PersonView,
/** Their site, once it has arrived. */
site: SiteView | null,
/** The organisation's name. */
org: string, };
export type DirectoryPeople = {
/** Part of a name, or nothing. */
query: string,
/** Of one site, or of all. */
site: string | null, };
export type DirectorySavePerson = {
/** The person; null for a new one. */
id: string | null,
/** Their name. */
name: string,
/** Their short name: lower-case letters, digits, dots, hyphens. */
login: string,
/** Their roles: at least one. */
roles: Role[],
/** Their site. */
site: string | null,
/** Their team. */
team: string | null,
/** Their trade. */
trade: string | null,
/** Their language. */
language: string,
/** Still with the organisation. */
active: boolean, };
export type DirectorySaveSite = {
/** The site; null for a new one. */
id: string | null,
/** Its name. */
name: string,
/** Its town. */
city: string,
/** Its teams. */
teams: Array<string>,
/** Its places. */
places: Array<PlaceView>, };
export type DirectorySaved = {
/** Its id. */
id: string, };
export type DraftAnnounce = {
/** The draft. */
id: string,
/** The question. */
field: string,
/** `image/jpeg`, `image/png` or `image/webp`. */
media_type: string,
/** Bytes of its content. */
size: number,
/** SHA-256 of its content, hexadecimal. */
hash: string, };
export type DraftAttach = {
/** The draft. */
id: string,
/** The question. */
field: string,
/** `image/jpeg`, `image/png` or `image/webp`. */
media_type: string,
/** Its content. */
base64: string, };
export type DraftAttached = {
/** SHA-256 of its content. */
hash: string, };
export type DraftDetach = {
/** The draft. */
id: string,
/** The question. */
field: string,
/** The photo. */
hash: string, };
export type DraftId = {
/** Its id. */
id: string, };
export type DraftRow = {
/** Its id. */
id: string,
/** What it will be. */
report_type: ReportType,
/** The form's name. */
form_title: Wording,
/** What is known of it so far. */
title: string,
/** For practice. */
practice: boolean,
/** When it was last written: milliseconds. */
updated_at: number,
/** How many photos. */
photos: number, };
export type DraftSave = {
/** The draft. */
id: string,
/** The question. */
field: string,
/** The answer; null clears it. */
value: Answer | null, };
export type DraftStart = {
/** Made by the screen. */
id: string,
/** The form. */
form: string,
/** Which release of it. */
release: number,
/** For practice: never sent as a report. */
practice: boolean, };
export type DraftView = {
/** Its id. */
id: string,
/** For practice. */
practice: boolean,
/** The answers so far. */
answers: { [field: string]: Answer },
/** Its photos. */
attachments: Array<Attachment>,
/** When it was last written: milliseconds. */
updated_at: number,
/** The release it was begun with. */
program: FormProgram, };
export type Empty = Record<string, never>;
export type Expression = { "op": "value",
/** The constant. */
value: string | number | boolean, } | { "op": "field",
/** The question's name. */
name: string, } | { "op": "self" } | { "op": "call",
/** `or`, `and`, `=`, `+`, `selected`, … */
name: string,
/** What it works on, in order. */
arguments: Array<Expression>, };
export type FormOpen = {
/** The form. */
form: string,
/** Which release. */
release: number | null, };
export type FormProgram = {
/** The form's id. */
form: string,
/** Its short name in addresses and links. */
slug: string,
/** Which release this is, from 1. */
release: number,
/** What kind of report it makes. */
report_type: ReportType,
/** A lucide icon's name. */
icon: string,
/** What it is called. */
title: Wording,
/** When to use it, in one sentence. */
purpose: Wording,
/** The slug of the capsule that prepares for it. */
capsule: string | null,
/** Some answers have scores. */
scored: boolean,
/** The questions, in the order they are asked. */
questions: Array<Question>, };
export type FormPublish = {
/** TOML: see [`crate::form::compile`]. */
source: string,
/** The short name. */
slug: string, };
export type FormPublished = {
/** The form. */
form: string,
/** The release; the same as before when nothing changed. */
release: number, };
export type FormSummary = {
/** The form's id. */
form: string,
/** Its short name in addresses and links. */
slug: string,
/** Which release this is, from 1. */
release: number,
/** What kind of report it makes. */
report_type: ReportType,
/** A lucide icon's name. */
icon: string,
/** What it is called. */
title: Wording,
/** When to use it, in one sentence. */
purpose: Wording,
/** slug of the capsule that prepares for it */
capsule: string | null, };
export type HandOver = {
/** Oldest first. */
items: Array<HandOverItem>,
/** The same as one text in Markdown, to be copied, saved or printed. */
text: string,
/** Under which name to save it. */
file_name: string, };
export type HandOverItem = {
/** The document. */
doc: string,
/** Its kind. */
kind: string,
/** In a few words. */
title: string,
/** Since when it waits: milliseconds. */
since: number | null,
/** Why it was refused: a stable code; null while it waits. */
code: string | null,
/** What it says. */
lines: Array<HandOverLine>,
/** Its photos that are on this device, by hash: `blob.read` gives them. */
photos: Array<string>, };
export type HandOverLine = {
/** What was asked. */
label: string,
/** What was answered. */
text: string, };
export type HandOverOf = {
/** Only what was refused: the rest waits, and leaves by itself. */
refused_only: boolean, };
export type LearnDue = {
/** The items, the longest due first. */
items: Array<ReviewItem>,
/** How many are due in all. */
total: number,
/** How long those listed take. */
seconds: number,
/** When the next is due, if none is now: `YYYY-MM-DD`. */
next_on: string | null, };
export type LearnFinished = {
/** 0 to 100. */
score: number,
/** Items that were right. */
right: number,
/** Of so many. */
total: number,
/** Enough of them. */
passed: boolean,
/** The items that were not. */
wrong: Array<string>,
/** When the next recall is due: `YYYY-MM-DD`. */
next_review_on: string | null, };
export type LearnOpen = {
/** The module. */
module: string,
/** The id of the attempt if a new one begins. */
attempt: string, };
export type LearnOpened = {
/** By language. */
capsule: { [language: string]: Capsule },
/** The attempt. */
attempt: Attempt,
/** The number of the release it is on. */
version: number,
/** The capsule's row. */
row: CapsuleRow, };
export type LearnReview = {
/** Made by the screen: recalling again with it is harmless. */
id: string,
/** The module. */
module: string,
/** The release. */
release: string,
/** The item. */
item: string,
/** What was answered. */
answer: QuizAnswer,
/** In which language it was shown. */
language: string, };
export type LearnReviewed = {
/** It was right. */
correct: boolean,
/** When it is due again: `YYYY-MM-DD`. */
next_on: string, };
export type LearnSave = {
/** The attempt. */
attempt: string,
/** The module. */
module: string,
/** The release it is on. */
release: string,
/** How far. */
step: number,
/** What was answered, by item. */
answers: { [item: string]: QuizAnswer }, };
export type ModuleEvent = {
/** When: milliseconds. */
at: number,
/** Who. */
by_name: string | null,
/** `create`, `edit`, `publish` or `withdraw`. */
what: string, };
export type ModuleRow = {
/** Its id. */
id: string,
/** Its title, or its short name. */
title: string,
/** When it was last written: milliseconds. */
updated_at: number,
/** The languages it is written in. */
languages: Array<string>,
/** The latest release's number. */
version: number | null,
/** When that was published: milliseconds. */
published_at: number | null,
/** For which sites; null for all. */
sites: Array<string> | null,
/** Errors that forbid publishing. */
problems: number, };
export type ModuleView = {
/** Its id. */
id: string,
/** The dialect's text, by language. */
source: { [language: string]: string },
/** Pictures: SVG by name. */
media: { [name: string]: string },
/** Its releases, the latest first. */
releases: Array<ReleaseRow>,
/** When it was last written: milliseconds. */
updated_at: number,
/** I may write it. */
may_edit: boolean,
/** Who did what, the latest first. */
history: Array<ModuleEvent>, };
export type Outcome = "done" | "not_retained";
export type PersonView = {
/** Their id. */
id: string,
/** Their name. */
name: string,
/** Their short name, to sign in with. */
login: string,
/** Their roles. */
roles: Role[],
/** Their site. */
site: string | null,
/** Their team. */
team: string | null,
/** Their trade. */
trade: string | null,
/** Their language: `fr` or `en`. */
language: string,
/** Still with the organisation. */
active: boolean, };
export type PhotoBring = {
/** Its content. */
base64: string, };
export type PlaceView = {
/** Its id. */
id: string,
/** Its name. */
name: string,
/** The workshop or area it lies in. */
area: string | null, };
export type Problem = {
/** Stable, lower-case with hyphens; the screens translate it. */
code: string,
/** Line of the source, counted from 1. */
line: number,
/** Whether it stops publication. */
severity: "error" | "warning",
/** Values for the message, in order. */
values: Array<string>, };
export type Question = {
/** Its name, unique in the form. */
name: string,
/** What kind of answer it takes. */
type: QuestionType,
/** What is asked. */
label: Wording,
/** A few words of help; may be empty. */
hint: Wording,
/** Must be answered when it is relevant. */
required: boolean,
/** `tiles` for large pictogram buttons, `multiline` for long text, empty otherwise. */
appearance: string,
/** The report field that this answer also is. */
fills: string,
/** What may be chosen; empty where nothing is. */
choices: Array<Choice>,
/** How much it counts in the score; none counts 1. */
weight: number | null,
/** The answer that a draft begins with, as text; see [`super::defaults`]. */
default: string | null,
/** When it is asked; none is always. */
relevant: Expression | null,
/** What its answer must fulfil. */
constraint: Expression | null,
/** What is said when it does not. */
constraint_message: Wording,
/** How a `calculate` question gets its value. */
calculation: Expression | null, };
export type QuestionType = "text" | "integer" | "decimal" | "date" | "time" | "datetime" | "select_one" | "select_multiple" | "yes_no" | "severity" | "place" | "person" | "photo" | "note" | "calculate";
export type QuizAnswer = number | Array<number> | string;
export type QuizChoice = {
/** What the choice says, plain text. */
text: string,
/** Whether picking it is right. Always true for the steps of an order. */
correct: boolean,
/** What to say to whoever picks it, plain text; may be empty for a right choice. */
feedback: string, };
export type QuizItem = {
/** Lower-case letters, digits and hyphens; the same in every language. */
id: string,
/** How it is answered, which also says which of the fields below are filled. */
kind: QuizKind,
/** Safe HTML; the first paragraph is the question itself. */
prompt: string,
/** One, several, true or false: the choices. Order: the steps in their right order. */
choices: Array<QuizChoice>,
/** Match: the pairs. */
pairs: Array<QuizPair>,
/** Blank: the accepted variants. */
accepted: Array<string>,
/** Number: value, tolerance and unit. */
number: QuizNumber | null,
/** Safe HTML shown after the answer; may be empty when each choice has its feedback. */
explanation: string, };
export type QuizKind = "one" | "several" | "true_false" | "order" | "blank" | "number" | "match";
export type QuizNumber = {
/** The right value, in `unit`. */
value: number,
/** How far from it is still right, in `unit`, inclusive, never negative. */
tolerance: number,
/** The unit as written after the field; may be empty. */
unit: string, };
export type QuizPair = {
/** The side that stays in place, plain text. */
left: string,
/** The side to bring to it, plain text. */
right: string, };
export type ReachRow = {
/** The person. */
person: string,
/** Their name. */
name: string,
/** Their site. */
site: string | null,
/** Its name. */
site_name: string | null,
/** How far. */
state: ReachState,
/** On which release. */
version: number | null,
/** 0 to 100. */
score: number | null,
/** Since when: milliseconds. */
at: number | null, };
export type ReachState = "waiting" | "received" | "opened" | "finished" | "passed";
export type ReachTotals = {
/** Not on a device yet. */
waiting: number,
/** On a device. */
received: number,
/** Begun. */
opened: number,
/** Taken. */
finished: number,
/** Passed. */
passed: number, };
export type ReceiptAttachment = {
/** The photo. */
hash: string,
/** When the server confirmed it: milliseconds. */
received_at: number | null, };
export type ReceiptView = {
/** When, by the server's clock: milliseconds. */
received_at: number,
/** Its number in the organisation. */
position: number,
/** The photos that it lists. */
attachments: Array<ReceiptAttachment>,
/** The signature is the server's. */
valid: boolean, };
export type RefusedItem = {
/** The document. */
doc: string,
/** Its kind. */
kind: string,
/** In a few words. */
title: string,
/** Why, the last time: a stable code. */
code: string,
/** When, the last time: milliseconds. */
at: number, };
export type ReleaseRow = {
/** Its id. */
id: string,
/** Its number. */
version: number,
/** When it was published: milliseconds. */
published_at: number,
/** By whom. */
by_name: string | null,
/** For which sites; null for all. */
sites: Array<string> | null,
/** Whether it is asked for; of an older one, whether it was. */
required: boolean,
/** Until when it should be taken. */
due_on: string | null,
/** What changed. */
note: string,
/** Taken back. */
withdrawn: boolean, };
export type ReportAssign = {
/** The report. */
id: string,
/** The person. */
person: string,
/** In charge, or not. */
assigned: boolean, };
export type ReportClose = {
/** The report. */
id: string,
/** How. */
outcome: Outcome,
/** The answer: 1 to 4,000 characters. */
answer: string, };
export type ReportComment = {
/** The report. */
id: string,
/** The words: 1 to 4,000 characters. */
text: string, };
export type ReportCounts = {
/** Not closed. */
open: number,
/** Not closed, and the danger is still there. */
urgent: number,
/** Not closed, and nobody in charge has read it. */
unread: number,
/** Closed while somebody made it worse. */
worsened: number, };
export type ReportFilter = {
/** Words, or nothing. */
query: string,
/** Of one site. */
site: string | null,
/** Of one status. */
status: Status | null,
/** Of one severity. */
severity: Severity | null,
/** Of one type. */
report_type: ReportType | null,
/** Made by me. */
mine: boolean,
/** In my charge. */
assigned_to_me: boolean,
/** At most so many: 1 to 500. */
limit: number,
/** After so many. */
offset: number, };
export type ReportId = {
/** Its id. */
id: string, };
export type ReportLink = {
/** The report. */
id: string,
/** The action. */
action: string, };
export type ReportPageList = {
/** The rows. */
rows: Array<ReportRow>,
/** How many there are in all. */
total: number, };
export type ReportReopen = {
/** The report. */
id: string,
/** Why: 1 to 4,000 characters. */
reason: string, };
export type ReportRow = {
/** Its id. */
id: string,
/** What it is. */
report_type: ReportType,
/** In a few words. */
title: string,
/** Its site. */
site: string,
/** The site's name. */
site_name: string,
/** Where on the site. */
place_name: string | null,
/** How bad. */
severity: Severity,
/** Where its triage stands. */
status: Status,
/** How far it has come. */
custody: Custody,
/** The danger is still there. */
urgent: boolean,
/** The author's name is for leads only. */
confidential: boolean,
/** I made it. */
mine: boolean,
/** When it was sealed, by its device: milliseconds. */
sealed_at: number,
/** When the server received it: milliseconds. */
received_at: number | null,
/** When it was closed: milliseconds. */
closed_at: number | null,
/** Who has it in charge. */
assignees: Array<string>,
/** Their names. */
assignee_names: Array<string>,
/** How many comments. */
comments: number,
/** How many photos. */
photos: number,
/** Closed while somebody made it worse: it needs a look. */
worsened: boolean,
/** Of an audit: 0 to 100. */
score: number | null, };
export type ReportSeal = {
/** The draft. */
draft: string,
/** The report's id, made by the screen: sealing again gives the same report. */
report: string, };
export type ReportSealed = {
/** The report. */
report: string,
/** It was for practice: nothing is sent. */
practice: boolean, };
export type ReportSeverity = {
/** The report. */
id: string,
/** The severity. */
severity: Severity,
/** Why. */
reason: string, };
export type ReportType = "incident" | "near_miss" | "weak_signal" | "need" | "non_conformity" | "observation" | "flash_audit";
export type ReportView = {
/** Its row. */
row: ReportRow,
/** The release it was filled with. */
program: FormProgram,
/** The answers. */
answers: { [field: string]: Answer },
/** Its photos. */
attachments: Array<Attachment>,
/** Who made it, where I may know. */
reporter: string | null,
/** Their name. */
reporter_name: string | null,
/** Its history, oldest first. */
timeline: Array<TimelineEntry>,
/** The receipt, on the author's device. */
receipt: ReceiptView | null,
/** Why the server refused something of it. */
refusal: string | null,
/** I may triage it. */
may_triage: boolean,
/** I may comment on it. */
may_comment: boolean,
/** More than one: people disagree. */
severities: Array<SeverityView>, };
export type ReviewItem = {
/** The module. */
module: string,
/** The release whose words are shown. */
release: string,
/** The capsule's title, by language. */
title: Wording,
/** The item, by language. */
item: { [language: string]: QuizItem },
/** Its pictures. */
media: { [name: string]: string },
/** When it was last recalled: `YYYY-MM-DD`. */
last_on: string | null,
/** Since when it is due: `YYYY-MM-DD`. */
due_on: string,
/** The form that practises it: a short name. */
apply: string | null, };
export type Role = "operator" | "manager" | "relay" | "lead" | "admin" | "guest";
export type Severity = "low" | "moderate" | "serious" | "critical";
export type SeverityView = {
/** Which. */
value: Severity,
/** By whom; null for the author. */
by_name: string | null,
/** When: milliseconds. */
at: number, };
export type ShellKind = "app" | "web";
export type SiteView = {
/** Its id. */
id: string,
/** Its name. */
name: string,
/** Its town. */
city: string,
/** Its teams. */
teams: Array<string>,
/** Its places, in the order of the site's list. */
places: Array<PlaceView>,
/** How many people are active there. */
people: number, };
export type Source = {
/** Who published it and what it is called. */
title: string,
/** Where to read it, always `https`. */
url: string, };
export type Status = "open" | "in_progress" | "closed";
export type StudioAssign = {
/** The module. */
id: string,
/** Those of these sites; null for all. */
sites: Array<string> | null,
/** Until when: `YYYY-MM-DD`. */
due_on: string | null,
/** They must. */
required: boolean, };
export type StudioCheck = {
/** The text. */
source: string,
/** Its language. */
language: string,
/** The short name of the module whose pictures it uses. */
slug: string | null, };
export type StudioChecked = {
/** The capsule, where it can be read at all. */
capsule: Capsule | null,
/** What to mend. */
problems: Array<Problem>, };
export type StudioCreate = {
/** Made by the screen. */
id: string,
/** Its first language. */
language: string,
/** The text to begin with. */
source: string | null, };
export type StudioId = {
/** Its id. */
id: string, };
export type StudioImport = {
/** The folder's name. */
slug: string,
/** The text, by language. */
source: { [language: string]: string },
/** Pictures: SVG by name. */
media: { [name: string]: string }, };
export type StudioImported = {
/** The module. */
id: string,
/** The number of its latest release. */
version: number,
/** A release was made. */
published: boolean, };
export type StudioPublish = {
/** The module. */
id: string,
/** For these sites; null for all. */
sites: Array<string> | null,
/** Until when: `YYYY-MM-DD`. */
due_on: string | null,
/** Must be taken (again). */
required: boolean,
/** What changed. */
note: string, };
export type StudioPublished = {
/** The release. */
release: string,
/** Its number. */
version: number,
/** How many people it reaches. */
people: number,
/** On how many sites. */
sites: number, };
export type StudioReach = {
/** By site and name. */
rows: Array<ReachRow>,
/** In all; each person once, as far as they have come. */
totals: ReachTotals, };
export type StudioSave = {
/** The module. */
id: string,
/** The language. */
language: string,
/** The whole text: at most 64 KiB. */
source: string, };
export type SyncHealth = {
/** How sync goes. */
state: SyncState,
/** When the server last answered: milliseconds. */
last_contact_at: number | null,
/** When it will be asked again: milliseconds. */
next_try_at: number | null,
/** What waits, oldest first, one line per document: the first forty texts and photos. */
waiting: Array<WaitingItem>,
/** How many documents wait. */
texts: number,
/** How many photos wait. */
photos: number,
/** What was refused, the latest first, one line per document: the first two hundred. */
refused: Array<RefusedItem>,
/** The device's clock less the server's, milliseconds, when more than two minutes. */
clock_off_ms: number | null,
/** How many documents are here. */
documents: number,
/** Why the last try failed: a stable code. */
error: string | null, };
export type SyncState = "offline" | "waiting" | "syncing" | "current" | "signed_out";
export type TimelineEntry = {
/** The act's id. */
id: string,
/** When: milliseconds. */
at: number,
/** Who; null for the author whose name is not for me. */
by: string | null,
/** Their name. */
by_name: string | null,
/** The author of the report did it. */
by_author: boolean,
/** What. */
verb: TimelineVerb,
/** Words, where there are some. */
text: string | null,
/** The severity that was set. */
severity: Severity | null,
/** How it was closed. */
outcome: Outcome | null,
/** The person put in charge. */
person_name: string | null,
/** The action that was linked. */
action: string | null, };
export type TimelineVerb = "sealed" | "received" | "read" | "severity" | "assigned" | "unassigned" | "comment" | "linked" | "taken" | "closed" | "reopened" | "refused";
export type WaitingItem = {
/** The document. */
doc: string,
/** Its kind. */
kind: string,
/** In a few words. */
title: string,
/** Since when: milliseconds. */
since: number,
/** Bytes, when it is a photo that waits. */
photo_size: number | null, };

export type Commands = {
  'account.devices': { input: Empty; output: Array<AccountDevice> };
  'account.enrol': { input: AccountEnrol; output: AccountState };
  'account.held': { input: AccountRevoke; output: AccountHeld };
  'account.invite': { input: AccountInvite; output: AccountInvitation };
  'account.lose': { input: AccountRevoke; output: AccountHeld };
  'account.password': { input: AccountPassword; output: Empty };
  'account.revoke': { input: AccountRevoke; output: Empty };
  'account.sign_in': { input: AccountSignIn; output: AccountState };
  'account.sign_out': { input: Empty; output: AccountState };
  'account.state': { input: Empty; output: AccountState };
  'action.create': { input: ActionCreate; output: ActionId };
  'action.done': { input: ActionDone; output: Empty };
  'action.list': { input: ActionFilter; output: Array<ActionRow> };
  'action.reopen': { input: ActionReopen; output: Empty };
  'blob.read': { input: BlobRead; output: BlobContent };
  'directory.me': { input: Empty; output: DirectoryMe };
  'directory.people': { input: DirectoryPeople; output: Array<PersonView> };
  'directory.save_person': { input: DirectorySavePerson; output: DirectorySaved };
  'directory.save_site': { input: DirectorySaveSite; output: DirectorySaved };
  'directory.sites': { input: Empty; output: Array<SiteView> };
  'draft.announce': { input: DraftAnnounce; output: Empty };
  'draft.attach': { input: DraftAttach; output: DraftAttached };
  'draft.detach': { input: DraftDetach; output: Empty };
  'draft.discard': { input: DraftId; output: Empty };
  'draft.list': { input: Empty; output: Array<DraftRow> };
  'draft.open': { input: DraftId; output: DraftView };
  'draft.save': { input: DraftSave; output: Empty };
  'draft.start': { input: DraftStart; output: DraftView };
  'form.list': { input: Empty; output: Array<FormSummary> };
  'form.open': { input: FormOpen; output: FormProgram };
  'form.publish': { input: FormPublish; output: FormPublished };
  'learn.due': { input: Empty; output: LearnDue };
  'learn.finish': { input: LearnSave; output: LearnFinished };
  'learn.list': { input: Empty; output: Array<CapsuleRow> };
  'learn.open': { input: LearnOpen; output: LearnOpened };
  'learn.review': { input: LearnReview; output: LearnReviewed };
  'learn.save': { input: LearnSave; output: Empty };
  'photo.bring': { input: PhotoBring; output: Empty };
  'report.assign': { input: ReportAssign; output: Empty };
  'report.close': { input: ReportClose; output: Empty };
  'report.comment': { input: ReportComment; output: Empty };
  'report.counts': { input: Empty; output: ReportCounts };
  'report.link': { input: ReportLink; output: Empty };
  'report.list': { input: ReportFilter; output: ReportPageList };
  'report.open': { input: ReportId; output: ReportView };
  'report.read': { input: ReportId; output: Empty };
  'report.reopen': { input: ReportReopen; output: Empty };
  'report.seal': { input: ReportSeal; output: ReportSealed };
  'report.severity': { input: ReportSeverity; output: Empty };
  'report.take': { input: ReportId; output: Empty };
  'studio.assign': { input: StudioAssign; output: Empty };
  'studio.check': { input: StudioCheck; output: StudioChecked };
  'studio.create': { input: StudioCreate; output: StudioId };
  'studio.import': { input: StudioImport; output: StudioImported };
  'studio.list': { input: Empty; output: Array<ModuleRow> };
  'studio.open': { input: StudioId; output: ModuleView };
  'studio.publish': { input: StudioPublish; output: StudioPublished };
  'studio.reach': { input: StudioId; output: StudioReach };
  'studio.save': { input: StudioSave; output: Empty };
  'studio.withdraw': { input: StudioId; output: Empty };
  'sync.hand_over': { input: HandOverOf; output: HandOver };
  'sync.health': { input: Empty; output: SyncHealth };
  'sync.now': { input: Empty; output: Empty };
};
export type CommandName = keyof Commands;
