//! Acts: what people did to a document, each under its own id, never changed afterwards.
//!
//! Shared documents (reports, actions) hold a map `acts` from act id to act. The state that a
//! screen shows is folded from them by domain rules, so that two people's concurrent work is never
//! a matter of whose write came last: an act names the acts it had seen (`after`), which tells
//! "knowing the other value" from "at the same time". The history in words is the list of acts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::person::Seat;

/// One act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// When, by the clock of the device that did it: milliseconds since the Unix epoch. For people
    /// to read; never used to order.
    pub at: i64,
    /// Who; `None` only for the author of a report, whom the report does not name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Id>,
    /// What, for example `severity`.
    pub verb: String,
    /// The latest acts that this one had seen.
    #[serde(default)]
    pub after: Vec<Id>,
    /// What else the verb carries.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// All acts of a document, by id.
pub type Acts = BTreeMap<Id, Act>;

impl Act {
    /// A string that the verb carries.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.more.get(key).and_then(Value::as_str)
    }

    /// An id that the verb carries.
    #[must_use]
    pub fn id(&self, key: &str) -> Option<Id> {
        self.text(key).and_then(|text| text.parse().ok())
    }
}

/// The acts that no other act has seen: what a new act is `after`.
#[must_use]
pub fn frontier(acts: &Acts) -> Vec<Id> {
    let seen: BTreeSet<Id> = acts.values().flat_map(|act| act.after.iter().copied()).collect();
    acts.keys().filter(|id| !seen.contains(id)).copied().collect()
}

/// Every act that `id` had seen, directly or through others.
#[must_use]
pub fn ancestors(acts: &Acts, id: Id) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    let mut next: Vec<Id> = acts.get(&id).map(|act| act.after.clone()).unwrap_or_default();
    while let Some(id) = next.pop() {
        if found.insert(id)
            && let Some(act) = acts.get(&id)
        {
            next.extend(act.after.iter().copied());
        }
    }
    found
}

/// Of the acts that `keep`, those that no other kept act has seen: the current ones. More than one
/// means people acted at the same time.
pub fn current<'a>(acts: &'a Acts, keep: impl Fn(&Act) -> bool) -> Vec<(Id, &'a Act)> {
    let kept: Vec<(Id, &Act)> =
        acts.iter().filter(|(_, act)| keep(act)).map(|(id, act)| (*id, act)).collect();
    let seen: BTreeSet<Id> = kept.iter().flat_map(|(id, _)| ancestors(acts, *id)).collect();
    kept.into_iter().filter(|(id, _)| !seen.contains(id)).collect()
}

/// The acts that a change adds, after checking that it left the others as they were, that each was
/// done by the seat itself (or unnamed, where `unnamed` allows) and knows only acts that exist.
///
/// # Errors
/// [`Code::Refused`] when a rule is broken.
pub fn added(before: &Acts, after: &Acts, seat: &Seat, unnamed: bool) -> Result<Vec<(Id, Act)>> {
    for (id, act) in before {
        if after.get(id) != Some(act) {
            return Err(Error::new(Code::Refused, format!("act `{id}` was changed")));
        }
    }
    let mut new = Vec::new();
    for (id, act) in after.iter().filter(|(id, _)| !before.contains_key(id)) {
        let own = act.by == Some(seat.person) || seat.system;
        if !own && !(unnamed && act.by.is_none()) {
            return Err(Error::new(Code::Refused, format!("act `{id}` speaks for someone else")));
        }
        if act.after.len() > 64 || act.after.iter().any(|seen| !after.contains_key(seen)) {
            return Err(Error::new(Code::Refused, format!("act `{id}` knows an act that is not")));
        }
        new.push((*id, act.clone()));
    }
    Ok(new)
}
