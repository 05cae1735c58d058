//! The state of a report, folded from its acts by domain rules. Never by whose write came last.
//!
//! - **Severity** is the most severe of the current ones: those that no later act overrules
//!   *knowing* them. Lowering it takes somebody who has seen the higher value.
//! - **Status** only rises (open → in charge → closed) but for an explicit reopening, and a reopening
//!   wins over a closure that did not know it.
//! - **A closure covers only what it has seen**: when somebody judged it more severe than the closer
//!   knew, the report is in charge again and says so (`worsened`), until somebody closes it knowing
//!   that, or opens it again.
//! - **In charge** are all who were put in charge and not taken off knowingly.

use std::collections::BTreeSet;

use super::model::{Outcome, Status};
use crate::act::{Act, Acts, ancestors, current};
use crate::form::Severity;
use crate::id::Id;

/// What a screen shows of the triage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The severity that counts.
    pub severity: Severity,
    /// The current severities with the acts that set them (`None`: the author's), most severe first.
    pub severities: Vec<(Option<Id>, Severity)>,
    /// Where it stands.
    pub status: Status,
    /// Closed without knowing that somebody judged it more severe.
    pub worsened: bool,
    /// The closing act that counts.
    pub closed_by: Option<Id>,
    /// Who has it in charge.
    pub assignees: BTreeSet<Id>,
    /// How many comments.
    pub comments: u32,
    /// Somebody in charge has read it.
    pub read: bool,
}

/// Folds the acts of a report that its author judged `initial`.
#[must_use]
pub fn fold(initial: Severity, acts: &Acts) -> State {
    let severities = severities(initial, acts, |_| true);
    let severity = severities.first().map_or(initial, |(_, value)| *value);
    let (status, worsened, closed_by) = status(initial, acts);
    State {
        severity,
        severities,
        status,
        worsened,
        closed_by,
        assignees: assignees(acts),
        comments: count(acts, "comment"),
        read: count(acts, "read") > 0,
    }
}

/// The severity that an act sets.
#[must_use]
pub fn severity_of(act: &Act) -> Option<Severity> {
    act.text("severity").and_then(Severity::from_name)
}

/// The outcome that a closing act states.
#[must_use]
pub fn outcome_of(act: &Act) -> Option<Outcome> {
    match act.text("outcome") {
        Some("done") => Some(Outcome::Done),
        Some("not_retained") => Some(Outcome::NotRetained),
        _ => None,
    }
}

fn severities(
    initial: Severity,
    acts: &Acts,
    known: impl Fn(&Id) -> bool,
) -> Vec<(Option<Id>, Severity)> {
    let seen: Acts = acts
        .iter()
        .filter(|(id, _)| known(id))
        .map(|(id, act)| (*id, act.clone()))
        .collect();
    let mut values: Vec<(Option<Id>, Severity)> = current(&seen, |act| act.verb == "severity")
        .into_iter()
        .filter_map(|(id, act)| severity_of(act).map(|value| (Some(id), value)))
        .collect();
    if values.is_empty() {
        values.push((None, initial));
    }
    values.sort_by_key(|(id, value)| (std::cmp::Reverse(*value), *id));
    values
}

fn status(initial: Severity, acts: &Acts) -> (Status, bool, Option<Id>) {
    let ends = current(acts, |act| ["close", "reopen"].contains(&act.verb.as_str()));
    let with = |verb: &str| -> Vec<Id> {
        ends.iter()
            .filter(|(_, act)| act.verb == verb)
            .map(|(id, _)| *id)
            .collect()
    };
    let (closed, reopened) = (with("close"), with("reopen"));
    let latest = match closed.last() {
        Some(latest) if reopened.is_empty() => *latest,
        // Taken in charge counts from the latest reopening on.
        Some(_) | None => {
            let counts = |id: &Id| {
                let seen = ancestors(acts, *id);
                reopened.is_empty() || reopened.iter().any(|reopening| seen.contains(reopening))
            };
            let taken = acts
                .iter()
                .any(|(id, act)| act.verb == "take" && counts(id));
            return (
                if taken {
                    Status::InProgress
                } else {
                    Status::Open
                },
                false,
                None,
            );
        }
    };
    // What all closers together had seen.
    let known: BTreeSet<Id> = closed.iter().flat_map(|id| ancestors(acts, *id)).collect();
    let now = severities(initial, acts, |_| true);
    let then = severities(initial, acts, |id| known.contains(id));
    let worst = |values: &[(Option<Id>, Severity)]| values.iter().map(|(_, value)| *value).max();
    if worst(&now) > worst(&then) {
        (Status::InProgress, true, None)
    } else {
        (Status::Closed, false, Some(latest))
    }
}

fn assignees(acts: &Acts) -> BTreeSet<Id> {
    let mut people = BTreeSet::new();
    for act in acts.values().filter(|act| act.verb == "assign") {
        if let Some(person) = act.id("person") {
            people.insert(person);
        }
    }
    people
        .into_iter()
        .filter(|person| {
            let about = |act: &Act| {
                ["assign", "unassign"].contains(&act.verb.as_str())
                    && act.id("person") == Some(*person)
            };
            current(acts, about)
                .iter()
                .any(|(_, act)| act.verb == "assign")
        })
        .collect()
}

fn count(acts: &Acts, verb: &str) -> u32 {
    u32::try_from(acts.values().filter(|act| act.verb == verb).count()).unwrap_or(u32::MAX)
}
