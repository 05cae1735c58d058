//! What the screens see of learning and of the studio.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::capsule::{Capsule, Problem, QuizAnswer, QuizItem};
use crate::form::Wording;
use crate::id::Id;

/// Where a person stands with a capsule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub(super) enum CapsuleState {
    /// Not begun.
    New,
    /// Begun.
    Open,
    /// Taken.
    Done,
}

/// A capsule in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct CapsuleRow {
    /// The module.
    pub module: Id,
    /// Its latest release.
    pub release: Id,
    /// That release's number.
    pub version: u32,
    /// Its short name.
    pub slug: String,
    /// By language.
    #[ts(type = "Wording")]
    pub title: Wording,
    /// By language.
    #[ts(type = "Wording")]
    pub objective: Wording,
    /// One of the dialect's themes.
    pub theme: String,
    /// A lucide icon.
    pub icon: String,
    /// How long it takes.
    pub seconds: u32,
    /// The languages it exists in.
    pub languages: Vec<String>,
    /// Where I stand.
    pub state: CapsuleState,
    /// My best score: 0 to 100.
    pub score: Option<u32>,
    /// When I last took it: milliseconds.
    pub done_at: Option<i64>,
    /// Until when I should take it: `YYYY-MM-DD`.
    pub due_on: Option<String>,
    /// I must, and have not yet.
    pub required: bool,
    /// Its content is on this device.
    pub ready: bool,
    /// My open attempt is on an older release.
    pub newer: bool,
    /// The form it leads to: a short name.
    pub apply: Option<String>,
    /// When it was published: milliseconds.
    pub published_at: i64,
}

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct Attempt {
    /// Its id.
    pub id: Id,
    /// The module.
    pub module: Id,
    /// The release it stays on.
    pub release: Id,
    /// How far.
    pub step: u32,
    /// What was answered, by item.
    #[ts(type = "{ [item: string]: QuizAnswer }")]
    pub answers: BTreeMap<String, QuizAnswer>,
    /// When it began: milliseconds.
    pub started_at: i64,
    /// When it ended: milliseconds.
    pub finished_at: Option<i64>,
    /// 0 to 100.
    pub score: Option<u32>,
}

/// Opens a capsule: the attempt that is open, or a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct LearnOpen {
    /// The module.
    pub module: Id,
    /// The id of the attempt if a new one begins.
    pub attempt: Id,
}

/// A capsule and where I am in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct LearnOpened {
    /// By language.
    #[ts(type = "{ [language: string]: Capsule }")]
    pub capsule: BTreeMap<String, Capsule>,
    /// The attempt.
    pub attempt: Attempt,
    /// The number of the release it is on.
    pub version: u32,
    /// The capsule's row.
    pub row: CapsuleRow,
}

/// Saves how far an attempt has come, or ends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct LearnSave {
    /// The attempt.
    pub attempt: Id,
    /// The module.
    pub module: Id,
    /// The release it is on.
    pub release: Id,
    /// How far.
    pub step: u32,
    /// What was answered, by item.
    #[ts(type = "{ [item: string]: QuizAnswer }")]
    pub answers: BTreeMap<String, QuizAnswer>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct LearnFinished {
    /// 0 to 100.
    pub score: u32,
    /// Items that were right.
    pub right: u32,
    /// Of so many.
    pub total: u32,
    /// Enough of them.
    pub passed: bool,
    /// The items that were not.
    pub wrong: Vec<String>,
    /// When the next recall is due: `YYYY-MM-DD`.
    pub next_review_on: Option<String>,
}

/// An item to recall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct ReviewItem {
    /// The module.
    pub module: Id,
    /// The release whose words are shown.
    pub release: Id,
    /// The capsule's title, by language.
    #[ts(type = "Wording")]
    pub title: Wording,
    /// The item, by language.
    #[ts(type = "{ [language: string]: QuizItem }")]
    pub item: BTreeMap<String, QuizItem>,
    /// Its pictures.
    #[ts(type = "{ [name: string]: string }")]
    pub media: BTreeMap<String, String>,
    /// When it was last recalled: `YYYY-MM-DD`.
    pub last_on: Option<String>,
    /// Since when it is due: `YYYY-MM-DD`.
    pub due_on: String,
    /// The form that practises it: a short name.
    pub apply: Option<String>,
}

/// What is due now: never more than five minutes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct LearnDue {
    /// The items, the longest due first.
    pub items: Vec<ReviewItem>,
    /// How many are due in all.
    pub total: u32,
    /// How long those listed take.
    pub seconds: u32,
    /// When the next is due, if none is now: `YYYY-MM-DD`.
    pub next_on: Option<String>,
}

/// Recalls an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct LearnReview {
    /// Made by the screen: recalling again with it is harmless.
    pub id: Id,
    /// The module.
    pub module: Id,
    /// The release.
    pub release: Id,
    /// The item.
    pub item: String,
    /// What was answered.
    pub answer: QuizAnswer,
    /// In which language it was shown.
    pub language: String,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct LearnReviewed {
    /// It was right.
    pub correct: bool,
    /// When it is due again: `YYYY-MM-DD`.
    pub next_on: String,
}

/// A module in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ModuleRow {
    /// Its id.
    pub id: Id,
    /// Its title, or its short name.
    pub title: String,
    /// When it was last written: milliseconds.
    pub updated_at: i64,
    /// The languages it is written in.
    pub languages: Vec<String>,
    /// The latest release's number.
    pub version: Option<u32>,
    /// When that was published: milliseconds.
    pub published_at: Option<i64>,
    /// For which sites; null for all.
    pub sites: Option<Vec<Id>>,
    /// Errors that forbid publishing.
    pub problems: u32,
}

/// A release in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReleaseRow {
    /// Its id.
    pub id: Id,
    /// Its number.
    pub version: u32,
    /// When it was published: milliseconds.
    pub published_at: i64,
    /// By whom.
    pub by_name: Option<String>,
    /// For which sites; null for all.
    pub sites: Option<Vec<Id>>,
    /// Whether it is asked for; of an older one, whether it was.
    pub required: bool,
    /// Until when it should be taken.
    pub due_on: Option<String>,
    /// What changed.
    pub note: String,
    /// Taken back.
    pub withdrawn: bool,
}

/// A line of a module's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ModuleEvent {
    /// When: milliseconds.
    pub at: i64,
    /// Who.
    pub by_name: Option<String>,
    /// `create`, `edit`, `publish` or `withdraw`.
    pub what: String,
}

/// A module, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ModuleView {
    /// Its id.
    pub id: Id,
    /// The dialect's text, by language.
    #[ts(type = "{ [language: string]: string }")]
    pub source: BTreeMap<String, String>,
    /// Pictures: SVG by name.
    #[ts(type = "{ [name: string]: string }")]
    pub media: BTreeMap<String, String>,
    /// Its releases, the latest first.
    pub releases: Vec<ReleaseRow>,
    /// When it was last written: milliseconds.
    pub updated_at: i64,
    /// I may write it.
    pub may_edit: bool,
    /// Who did what, the latest first.
    pub history: Vec<ModuleEvent>,
}

/// Begins a capsule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioCreate {
    /// Made by the screen.
    pub id: Id,
    /// Its first language.
    pub language: String,
    /// The text to begin with.
    pub source: Option<String>,
}

/// Saves the text in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioSave {
    /// The module.
    pub id: Id,
    /// The language.
    pub language: String,
    /// The whole text: at most 64 KiB.
    pub source: String,
}

/// A module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioId {
    /// Its id.
    pub id: Id,
}

/// Reads a text without saving it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioCheck {
    /// The text.
    pub source: String,
    /// Its language.
    pub language: String,
    /// The short name of the module whose pictures it uses.
    pub slug: Option<String>,
}

/// What a careful editor says of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub(super) struct StudioChecked {
    /// The capsule, where it can be read at all.
    pub capsule: Option<Capsule>,
    /// What to mend.
    pub problems: Vec<Problem>,
}

/// Publishes a module as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioPublish {
    /// The module.
    pub id: Id,
    /// For these sites; null for all.
    pub sites: Option<Vec<Id>>,
    /// Until when: `YYYY-MM-DD`.
    pub due_on: Option<String>,
    /// Must be taken (again).
    pub required: bool,
    /// What changed.
    pub note: String,
}

/// Asks people to take a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioAssign {
    /// The module.
    pub id: Id,
    /// Those of these sites; null for all.
    pub sites: Option<Vec<Id>>,
    /// Until when: `YYYY-MM-DD`.
    pub due_on: Option<String>,
    /// They must.
    pub required: bool,
}

/// It was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioPublished {
    /// The release.
    pub release: Id,
    /// Its number.
    pub version: u32,
    /// How many people it reaches.
    pub people: u32,
    /// On how many sites.
    pub sites: u32,
}

/// Takes in a capsule from its folder and publishes it to all; nothing happens when it is the same
/// as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioImport {
    /// The folder's name.
    pub slug: String,
    /// The text, by language.
    #[ts(type = "{ [language: string]: string }")]
    pub source: BTreeMap<String, String>,
    /// Pictures: SVG by name.
    #[ts(type = "{ [name: string]: string }")]
    pub media: BTreeMap<String, String>,
}

/// It was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioImported {
    /// The module.
    pub id: Id,
    /// The number of its latest release.
    pub version: u32,
    /// A release was made.
    pub published: bool,
}

/// How far a release has come to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReachState {
    /// Not on a device of theirs yet.
    Waiting,
    /// On a device of theirs.
    Received,
    /// Begun.
    Opened,
    /// Taken.
    Finished,
    /// Taken, with enough right.
    Passed,
}

/// A person whom a module reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReachRow {
    /// The person.
    pub person: Id,
    /// Their name.
    pub name: String,
    /// Their site.
    pub site: Option<Id>,
    /// Its name.
    pub site_name: Option<String>,
    /// How far.
    pub state: ReachState,
    /// On which release.
    pub version: Option<u32>,
    /// 0 to 100.
    pub score: Option<u32>,
    /// Since when: milliseconds.
    pub at: Option<i64>,
}

/// How many people a module has come how far to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ReachTotals {
    /// Not on a device yet.
    pub waiting: u32,
    /// On a device.
    pub received: u32,
    /// Begun.
    pub opened: u32,
    /// Taken.
    pub finished: u32,
    /// Passed.
    pub passed: u32,
}

/// Who received, opened, finished, passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct StudioReach {
    /// By site and name.
    pub rows: Vec<ReachRow>,
    /// In all; each person once, as far as they have come.
    pub totals: ReachTotals,
}
