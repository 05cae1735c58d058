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

    /// Whether it carries nothing but these.
    #[must_use]
    pub fn carries(&self, keys: &[&str]) -> bool {
        self.more.keys().all(|key| keys.contains(&key.as_str()))
    }
}

/// The acts that no other act has seen: what a new act is `after`.
#[must_use]
pub fn frontier(acts: &Acts) -> Vec<Id> {
    let seen: BTreeSet<Id> = acts
        .values()
        .flat_map(|act| act.after.iter().copied())
        .collect();
    acts.keys()
        .filter(|id| !seen.contains(id))
        .copied()
        .collect()
}

/// Every act that `id` had seen, directly or through others.
#[must_use]
pub fn ancestors(acts: &Acts, id: Id) -> BTreeSet<Id> {
    let mut found = BTreeSet::new();
    let mut next: Vec<Id> = acts
        .get(&id)
        .map(|act| act.after.clone())
        .unwrap_or_default();
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
pub fn current(acts: &Acts, keep: impl Fn(&Act) -> bool) -> Vec<(Id, &Act)> {
    let kept: Vec<(Id, &Act)> = acts
        .iter()
        .filter(|(_, act)| keep(act))
        .map(|(id, act)| (*id, act))
        .collect();
    let seen: BTreeSet<Id> = kept
        .iter()
        .flat_map(|(id, _)| ancestors(acts, *id))
        .collect();
    kept.into_iter()
        .filter(|(id, _)| !seen.contains(id))
        .collect()
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
        let own = act.by == Some(seat.person);
        let nobody = unnamed && act.by.is_none();
        if !(own || nobody) {
            return Err(Error::new(
                Code::Refused,
                format!("act `{id}` speaks for someone else"),
            ));
        }
        if act.after.len() > 64 || act.after.iter().any(|seen| !after.contains_key(seen)) {
            return Err(Error::new(
                Code::Refused,
                format!("act `{id}` knows an act that is not"),
            ));
        }
        new.push((*id, act.clone()));
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Who, id};

    fn act(by: Option<Id>, verb: &str, after: &[u64]) -> Act {
        let after = after.iter().map(|number| id(*number)).collect();
        Act {
            at: 0,
            by,
            verb: verb.to_owned(),
            after,
            more: Map::new(),
        }
    }

    fn acts(list: &[(u64, &[u64])]) -> Acts {
        list.iter()
            .map(|(number, after)| (id(*number), act(None, "x", after)))
            .collect()
    }

    /// 1 ← 2 ← 4, 1 ← 3 ← 4; 5 knows nothing.
    fn diamond() -> Acts {
        acts(&[(1, &[]), (2, &[1]), (3, &[1]), (4, &[2, 3]), (5, &[])])
    }

    #[test]
    fn the_frontier_is_what_nobody_has_seen() {
        assert_eq!(frontier(&Acts::new()), Vec::<Id>::new(), "nothing was done");
        assert_eq!(
            frontier(&diamond()),
            [id(4), id(5)],
            "4 saw the others, 5 is apart"
        );
        assert_eq!(
            frontier(&acts(&[(1, &[]), (2, &[1]), (3, &[1])])),
            [id(2), id(3)],
            "a fork"
        );
    }

    #[test]
    fn ancestors_are_seen_directly_or_through_others() {
        let seen = ancestors(&diamond(), id(4));
        assert_eq!(
            seen,
            BTreeSet::from([id(1), id(2), id(3)]),
            "1 was seen through 2 and 3"
        );
        assert!(
            ancestors(&diamond(), id(5)).is_empty(),
            "5 had seen nothing"
        );
        assert!(ancestors(&diamond(), id(9)).is_empty(), "9 is not there");
    }

    #[test]
    fn acts_that_claim_to_have_seen_each_other_end_all_the_same() {
        let circle = acts(&[(1, &[2]), (2, &[1]), (3, &[3])]);
        assert_eq!(
            ancestors(&circle, id(1)),
            BTreeSet::from([id(1), id(2)]),
            "both"
        );
        assert!(current(&circle, |_| true).is_empty(), "none is the latest");
    }

    #[test]
    fn current_acts_are_those_no_other_kept_act_has_seen() {
        let mut acts = diamond();
        let all: Vec<Id> = current(&acts, |_| true).iter().map(|(id, _)| *id).collect();
        assert_eq!(all, [id(4), id(5)], "of all");
        for number in [1, 2, 5] {
            acts.entry(id(number))
                .and_modify(|act| act.verb = "kept".to_owned());
        }
        let kept: Vec<Id> = current(&acts, |act| act.verb == "kept")
            .iter()
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(kept, [id(2), id(5)], "2 has seen 1; 4 is not asked");
    }

    #[test]
    fn an_act_once_there_never_changes_nor_goes() {
        let seat = seat();
        let before = diamond();
        let mut changed = before.clone();
        changed.entry(id(2)).and_modify(|act| act.at = 1);
        let error = added(&before, &changed, &seat, true).expect_err("changed");
        assert_eq!(error.code(), Code::Refused, "{error}");
        let mut gone = before.clone();
        gone.remove(&id(5));
        let error = added(&before, &gone, &seat, true).expect_err("gone");
        assert_eq!(error.code(), Code::Refused, "{error}");
        let same = added(&before, &before, &seat, false).expect("nothing happened");
        assert!(same.is_empty(), "nothing was added");
    }

    #[test]
    fn nobody_speaks_for_another() {
        let (seat, before) = (seat(), Acts::new());
        let one = |by| Acts::from([(id(1), act(by, "x", &[]))]);
        let own = added(&before, &one(Some(seat.person)), &seat, false).expect("their own");
        assert_eq!(own.len(), 1, "it is the one that was added");
        added(&before, &one(Some(Who::Yann.person())), &seat, true).expect_err("another's name");
        added(&before, &one(None), &seat, false).expect_err("unnamed where that is not allowed");
        added(&before, &one(None), &seat, true).expect("unnamed where it is");
        added(
            &before,
            &one(Some(Who::Yann.person())),
            &Seat::system(),
            false,
        )
        .expect_err("nor does the server's own device");
    }

    #[test]
    fn an_act_knows_only_acts_that_are_there() {
        let (seat, before) = (seat(), diamond());
        let with = |after: &[u64]| {
            let mut acts = before.clone();
            acts.insert(id(6), act(Some(Who::Karim.person()), "x", after));
            acts
        };
        added(&before, &with(&[4, 5]), &seat, false).expect("those are there");
        added(&before, &with(&[7]), &seat, false).expect_err("7 is not");
        let many: Vec<u64> = vec![4; 65];
        added(&before, &with(&many), &seat, false).expect_err("too many");
    }

    fn seat() -> Seat {
        Seat {
            person: Who::Karim.person(),
            roles: BTreeSet::from([crate::person::Role::Manager]),
            site: None,
            system: false,
        }
    }
}
