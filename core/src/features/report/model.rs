//! What the screens see of drafts and reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::form::{Answer, FormProgram, ReportType, Severity, Wording};
use crate::id::Id;

/// Where a report stands in its triage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has taken it in charge.
    Open,
    /// Somebody has.
    InProgress,
    /// It was answered.
    Closed,
}

impl Status {
    /// Its name in the read model.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Closed => "closed",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        match name {
            "closed" => Self::Closed,
            "in_progress" => Self::InProgress,
            _ => Self::Open,
        }
    }
}

/// How a report was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was done.
    Done,
    /// Not retained, because.
    NotRetained,
}

/// How far an item has come from its author's device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub(super) enum Custody {
    /// Being filled.
    Draft,
    /// Safe on this device.
    Sealed,
    /// The server has it.
    Received,
    /// Somebody in charge has read it.
    Read,
    /// It was answered.
    Handled,
    /// The server refused it; it is still readable here.
    Refused,
}

/// Where a photo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub(super) enum AttachmentState {
    /// On this device, not yet on the server.
    Here,
    /// The server has it.
    Sent,
    /// Not on this device yet.
    Away,
}

/// A photo of a draft or report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct Attachment {
    /// SHA-256 of its content: 64 hexadecimal digits.
    pub hash: String,
    /// MIME type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// The question it answers.
    pub field: String,
    /// Where it is.
    pub state: AttachmentState,
}

/// Begins a draft; doing it again is harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DraftStart {
    /// Made by the screen.
    pub id: Id,
    /// The form.
    pub form: Id,
    /// Which release of it.
    pub release: u32,
    /// For practice: never sent as a report.
    pub practice: bool,
}

/// Saves one answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct DraftSave {
    /// The draft.
    pub id: Id,
    /// The question.
    pub field: String,
    /// The answer; null clears it.
    pub value: Option<Answer>,
}

/// Adds a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DraftAttach {
    /// The draft.
    pub id: Id,
    /// The question.
    pub field: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: String,
    /// Its content.
    pub base64: String,
}

/// Adds a photo whose content comes later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DraftAnnounce {
    /// The draft.
    pub id: Id,
    /// The question.
    pub field: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: String,
    /// Bytes of its content.
    pub size: u64,
    /// SHA-256 of its content, hexadecimal.
    pub hash: String,
}

/// The content of a photo that was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct PhotoBring {
    /// Its content.
    pub base64: String,
}

/// Takes a photo away again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DraftDetach {
    /// The draft.
    pub id: Id,
    /// The question.
    pub field: String,
    /// The photo.
    pub hash: String,
}

/// A photo was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DraftAttached {
    /// SHA-256 of its content.
    pub hash: String,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DraftId {
    /// Its id.
    pub id: Id,
}

/// A draft, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct DraftView {
    /// Its id.
    pub id: Id,
    /// For practice.
    pub practice: bool,
    /// The answers so far.
    #[ts(type = "{ [field: string]: Answer }")]
    pub answers: BTreeMap<String, Answer>,
    /// Its photos.
    pub attachments: Vec<Attachment>,
    /// When it was last written: milliseconds.
    pub updated_at: i64,
    /// The release it was begun with.
    pub program: FormProgram,
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DraftRow {
    /// Its id.
    pub id: Id,
    /// What it will be.
    pub report_type: ReportType,
    /// The form's name.
    #[ts(type = "Wording")]
    pub form_title: Wording,
    /// What is known of it so far.
    pub title: String,
    /// For practice.
    pub practice: bool,
    /// When it was last written: milliseconds.
    pub updated_at: i64,
    /// How many photos.
    pub photos: u32,
}

/// Seals a draft: from then on its answers never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportSeal {
    /// The draft.
    pub draft: Id,
    /// The report's id, made by the screen: sealing again gives the same report.
    pub report: Id,
}

/// It was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportSealed {
    /// The report.
    pub report: Id,
    /// It was for practice: nothing is sent.
    pub practice: bool,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportId {
    /// Its id.
    pub id: Id,
}

/// A report in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row of independent marks on a screen"
)]
pub(super) struct ReportRow {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub report_type: ReportType,
    /// In a few words.
    pub title: String,
    /// Its site.
    pub site: Id,
    /// The site's name.
    pub site_name: String,
    /// Where on the site.
    pub place_name: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// Where its triage stands.
    pub status: Status,
    /// How far it has come.
    pub custody: Custody,
    /// The danger is still there.
    pub urgent: bool,
    /// The author's name is for leads only.
    pub confidential: bool,
    /// I made it.
    pub mine: bool,
    /// When it was sealed, by its device: milliseconds.
    pub sealed_at: i64,
    /// When the server received it: milliseconds.
    pub received_at: Option<i64>,
    /// When it was closed: milliseconds.
    pub closed_at: Option<i64>,
    /// Who has it in charge.
    pub assignees: Vec<Id>,
    /// Their names.
    pub assignee_names: Vec<String>,
    /// How many comments.
    pub comments: u32,
    /// How many photos.
    pub photos: u32,
    /// Closed while somebody made it worse: it needs a look.
    pub worsened: bool,
    /// Of an audit: 0 to 100.
    pub score: Option<f64>,
}

/// Looks for reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportFilter {
    /// Words, or nothing.
    pub query: String,
    /// Of one site.
    pub site: Option<Id>,
    /// Of one status.
    pub status: Option<Status>,
    /// Of one severity.
    pub severity: Option<Severity>,
    /// Of one type.
    pub report_type: Option<ReportType>,
    /// Made by me.
    pub mine: bool,
    /// In my charge.
    pub assigned_to_me: bool,
    /// At most so many: 1 to 500.
    pub limit: u32,
    /// After so many.
    pub offset: u32,
}

/// Reports found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct ReportPageList {
    /// The rows.
    pub rows: Vec<ReportRow>,
    /// How many there are in all.
    pub total: u32,
}

/// What a line of a report's history tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub(super) enum TimelineVerb {
    /// The author sealed it.
    Sealed,
    /// The server received it.
    Received,
    /// Somebody in charge read it.
    Read,
    /// Severity was set.
    Severity,
    /// A person was put in charge.
    Assigned,
    /// A person was taken off.
    Unassigned,
    /// A comment.
    Comment,
    /// An action was linked.
    Linked,
    /// Somebody took it in charge.
    Taken,
    /// It was closed with an answer.
    Closed,
    /// It was opened again.
    Reopened,
    /// The server refused something.
    Refused,
}

/// A line of a report's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct TimelineEntry {
    /// The act's id.
    pub id: String,
    /// When: milliseconds.
    pub at: i64,
    /// Who; null for the author whose name is not for me.
    pub by: Option<Id>,
    /// Their name.
    pub by_name: Option<String>,
    /// The author of the report did it.
    pub by_author: bool,
    /// What.
    pub verb: TimelineVerb,
    /// Words, where there are some.
    pub text: Option<String>,
    /// The severity that was set.
    pub severity: Option<Severity>,
    /// How it was closed.
    pub outcome: Option<Outcome>,
    /// The person put in charge.
    pub person_name: Option<String>,
    /// The action that was linked.
    pub action: Option<Id>,
}

/// A photo's arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReceiptAttachment {
    /// The photo.
    pub hash: String,
    /// When the server confirmed it: milliseconds.
    pub received_at: Option<i64>,
}

/// The server's signed receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReceiptView {
    /// When, by the server's clock: milliseconds.
    pub received_at: i64,
    /// Its number in the organisation.
    pub position: u64,
    /// The photos that it lists.
    pub attachments: Vec<ReceiptAttachment>,
    /// The signature is the server's.
    pub valid: bool,
}

/// A severity that somebody set and nobody has overruled knowingly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct SeverityView {
    /// Which.
    pub value: Severity,
    /// By whom; null for the author.
    pub by_name: Option<String>,
    /// When: milliseconds.
    pub at: i64,
}

/// A report, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct ReportView {
    /// Its row.
    pub row: ReportRow,
    /// The release it was filled with.
    pub program: FormProgram,
    /// The answers.
    #[ts(type = "{ [field: string]: Answer }")]
    pub answers: BTreeMap<String, Answer>,
    /// Its photos.
    pub attachments: Vec<Attachment>,
    /// Who made it, where I may know.
    pub reporter: Option<Id>,
    /// Their name.
    pub reporter_name: Option<String>,
    /// Its history, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The receipt, on the author's device.
    pub receipt: Option<ReceiptView>,
    /// Why the server refused something of it.
    pub refusal: Option<String>,
    /// I may triage it.
    pub may_triage: bool,
    /// I may comment on it.
    pub may_comment: bool,
    /// More than one: people disagree.
    pub severities: Vec<SeverityView>,
}

/// Sets the severity, knowing the present one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportSeverity {
    /// The report.
    pub id: Id,
    /// The severity.
    pub severity: Severity,
    /// Why.
    pub reason: String,
}

/// Puts a person in charge, or takes them off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportAssign {
    /// The report.
    pub id: Id,
    /// The person.
    pub person: Id,
    /// In charge, or not.
    pub assigned: bool,
}

/// Comments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportComment {
    /// The report.
    pub id: Id,
    /// The words: 1 to 4,000 characters.
    pub text: String,
}

/// Links an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportLink {
    /// The report.
    pub id: Id,
    /// The action.
    pub action: Id,
}

/// Closes, with an answer to the author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportClose {
    /// The report.
    pub id: Id,
    /// How.
    pub outcome: Outcome,
    /// The answer: 1 to 4,000 characters.
    pub answer: String,
}

/// Opens again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportReopen {
    /// The report.
    pub id: Id,
    /// Why: 1 to 4,000 characters.
    pub reason: String,
}

/// What waits for a manager or lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReportCounts {
    /// Not closed.
    pub open: u32,
    /// Not closed, and the danger is still there.
    pub urgent: u32,
    /// Not closed, and nobody in charge has read it.
    pub unread: u32,
    /// Closed while somebody made it worse.
    pub worsened: u32,
}
