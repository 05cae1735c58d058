//! The shape of an `action` document, and who may write it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::act::{Act, Acts, added, current};
use crate::document::read;
use crate::error::Result;
use crate::feature::{Judgement, Keeping, Origin};
use crate::id::Id;
use crate::moment::parse_day;
use crate::person::{Scope, scope};

/// Longest evidence or reason: characters.
pub(super) const WORDS_MAX: usize = 4000;

/// An `action` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ActionDocument {
    /// In a few words.
    pub title: String,
    /// More words, or none.
    pub details: String,
    /// The report it comes from.
    #[serde(default)]
    pub report: Option<Id>,
    /// Its site.
    pub site: Id,
    /// Who does it.
    pub owner: Id,
    /// By when: `YYYY-MM-DD`.
    pub due_on: String,
    /// When it was decided, by that device: milliseconds.
    pub created_at: i64,
    /// `done` and `reopen`.
    pub acts: Acts,
}

const FIELDS: [&str; 8] = [
    "title",
    "details",
    "report",
    "site",
    "owner",
    "due_on",
    "created_at",
    "acts",
];

/// Those in charge of a site decide its actions; the owner and they say when one is done.
pub(super) fn judge(judgement: &Judgement<'_>) -> Result<()> {
    judgement.only_fields(&FIELDS)?;
    let action: ActionDocument = read(judgement.after)?;
    let seat = judgement.seat;
    let Some(before) = judgement.before else {
        let title = action.title.trim();
        judgement.require(
            seat.triages(action.site),
            "only those in charge decide actions",
        )?;
        judgement.require(
            !title.is_empty() && title.chars().count() <= 200 && action.acts.is_empty(),
            "an action has a title",
        )?;
        judgement.require(parse_day(&action.due_on).is_ok(), "an action has a date")?;
        judgement.require(
            action.details.chars().count() <= WORDS_MAX,
            "an action says too much",
        )?;
        let owner = (judgement.other)(action.owner);
        return judgement.require(
            owner.is_some_and(|owner| owner.is("person")),
            "an action has an owner",
        );
    };
    let before: ActionDocument = read(before)?;
    let (owns, decides) = (
        seat.takes_part() && seat.person == action.owner,
        seat.triages(action.site),
    );
    judgement.require(owns || decides, "somebody else's action")?;
    judgement.only_adds()?;
    judgement.unchanged(&[
        "title",
        "details",
        "report",
        "site",
        "owner",
        "due_on",
        "created_at",
    ])?;
    for (_, act) in added(&before.acts, &action.acts, seat, false)? {
        let words = act
            .text("text")
            .is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= WORDS_MAX);
        let allowed = match act.verb.as_str() {
            "done" => owns || decides,
            "reopen" => decides,
            _ => false,
        };
        judgement.require(
            allowed && words && act.carries(&["text"]),
            "an act that is not theirs, or says nothing",
        )?;
    }
    Ok(())
}

/// The act by which it is done, unless somebody reopened it: a reopening wins over a simultaneous
/// "done".
pub(super) fn done(acts: &Acts) -> Option<&Act> {
    let latest = current(acts, |_| true);
    if latest.iter().any(|(_, act)| act.verb == "reopen") {
        return None;
    }
    latest
        .into_iter()
        .map(|(_, act)| act)
        .find(|act| act.verb == "done")
}

/// Those in charge of the site, and the owner.
pub(super) fn scopes(view: &Value, origin: &Origin) -> Result<BTreeSet<Scope>> {
    let action: ActionDocument = read(view)?;
    Ok(BTreeSet::from([
        scope::actions(action.site, origin.year),
        scope::person(action.owner),
    ]))
}

/// An action is the organisation's; done, it may go after a time.
pub(super) const KEEPING: Keeping = Keeping {
    closed: Some(closed),
    ..Keeping::ALWAYS
};

fn closed(view: &Value) -> bool {
    read::<ActionDocument>(view).is_ok_and(|action| done(&action.acts).is_some())
}

/// The title.
pub(super) fn title(view: &Value) -> String {
    view.get("title")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
