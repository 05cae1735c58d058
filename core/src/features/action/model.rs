//! What the screens see of actions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::Id;

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActionState {
    /// To do.
    Open,
    /// To do, and past its date.
    Late,
    /// Done, with evidence.
    Done,
}

/// An action in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ActionRow {
    /// Its id.
    pub id: Id,
    /// In a few words.
    pub title: String,
    /// More words, or none.
    pub details: String,
    /// The report it comes from.
    pub report: Option<Id>,
    /// Its site.
    pub site: Id,
    /// The site's name.
    pub site_name: String,
    /// Who does it.
    pub owner: Id,
    /// Their name.
    pub owner_name: String,
    /// By when: `YYYY-MM-DD`.
    pub due_on: String,
    /// Where it stands.
    pub state: ActionState,
    /// When it was done: milliseconds.
    pub done_at: Option<i64>,
    /// By whom.
    pub done_by_name: Option<String>,
    /// What shows that it was done.
    pub evidence: Option<String>,
    /// When it was decided: milliseconds.
    pub created_at: i64,
    /// I own it.
    pub mine: bool,
}

/// Decides an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ActionCreate {
    /// In a few words: 1 to 200 characters.
    pub title: String,
    /// More words, or none.
    pub details: String,
    /// The report it comes from.
    pub report: Option<Id>,
    /// Its site.
    pub site: Id,
    /// Who does it.
    pub owner: Id,
    /// By when: `YYYY-MM-DD`.
    pub due_on: String,
}

/// Looks for actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ActionFilter {
    /// Of one report.
    pub report: Option<Id>,
    /// Of one site.
    pub site: Option<Id>,
    /// That I own.
    pub mine: bool,
    /// To do only.
    pub open_only: bool,
}

/// Done, with evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ActionDone {
    /// The action.
    pub id: Id,
    /// What shows it: 1 to 4,000 characters.
    pub evidence: String,
}

/// To do again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ActionReopen {
    /// The action.
    pub id: Id,
    /// Why: 1 to 4,000 characters.
    pub reason: String,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct ActionId {
    /// Its id.
    pub id: Id,
}
