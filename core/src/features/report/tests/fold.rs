//! The fold of acts, over every small story and many large ones.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, json};

use super::super::model::Status;
use super::super::state::{State, fold};
use crate::act::{Act, Acts, ancestors, frontier};
use crate::document::Document;
use crate::form::Severity;
use crate::id::Id;
use crate::testing::id;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Up,
    Down,
    Take,
    Close,
    Reopen,
}

const DEEDS: [Deed; 5] = [Deed::Up, Deed::Down, Deed::Take, Deed::Close, Deed::Reopen];

const INITIAL: Severity = Severity::Moderate;

fn act(verb: &str, more: &[(&str, &str)], after: Vec<Id>) -> Act {
    let more = more
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)));
    Act {
        at: 0,
        by: None,
        verb: verb.to_owned(),
        after,
        more: Map::from_iter(more),
    }
}

fn shift(severity: Severity, up: bool) -> Severity {
    let levels = Severity::ALL;
    let at = levels
        .iter()
        .position(|level| *level == severity)
        .unwrap_or(0);
    if up {
        levels[at.saturating_add(1).min(3)]
    } else {
        levels[at.saturating_sub(1)]
    }
}

/// Does one thing, knowing `acts`.
fn done(acts: &mut Acts, number: u64, deed: Deed) {
    let after = frontier(acts);
    let now = fold(INITIAL, acts).severity;
    let act = match deed {
        Deed::Up | Deed::Down => {
            let severity = shift(now, deed == Deed::Up);
            act(
                "severity",
                &[("severity", severity.name()), ("text", "")],
                after,
            )
        }
        Deed::Take => act("take", &[], after),
        Deed::Close => act("close", &[("outcome", "done"), ("text", "x")], after),
        Deed::Reopen => act("reopen", &[("text", "x")], after),
    };
    acts.insert(id(number), act);
}

/// Everything one person does in a row, up to `depth` deeds.
fn stories(depth: usize) -> Vec<Vec<Deed>> {
    let mut all: Vec<Vec<Deed>> = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..depth {
        last = last
            .iter()
            .flat_map(|story| DEEDS.map(|deed| [story.as_slice(), &[deed]].concat()))
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn union(one: &Acts, other: &Acts) -> Acts {
    one.iter()
        .chain(other)
        .map(|(id, act)| (*id, act.clone()))
        .collect()
}

/// The acts that those of this verb have seen, which no other of `over` has seen.
fn standing<'a>(acts: &'a Acts, verb: &str, over: &[&str]) -> Vec<(Id, &'a Act)> {
    let later: Vec<Id> = acts
        .iter()
        .filter(|(_, act)| over.contains(&act.verb.as_str()))
        .flat_map(|(id, _)| ancestors(acts, *id))
        .collect();
    let kept = acts
        .iter()
        .filter(|(id, act)| act.verb == verb && !later.contains(id));
    kept.map(|(id, act)| (*id, act)).collect()
}

/// What must hold of every state that people can reach.
fn check(acts: &Acts, story: &dyn std::fmt::Debug) {
    let state = fold(INITIAL, acts);
    let closes = standing(acts, "close", &["close", "reopen"]);
    let reopens = standing(acts, "reopen", &["close", "reopen"]);
    if state.status == Status::Closed {
        assert!(
            reopens.is_empty(),
            "closed over a reopening it has not seen: {story:?}"
        );
        let known: BTreeSet<Id> = closes
            .iter()
            .flat_map(|(id, _)| ancestors(acts, *id))
            .collect();
        let seen: Acts = acts
            .iter()
            .filter(|(id, _)| known.contains(id))
            .map(|(id, act)| (*id, act.clone()))
            .collect();
        assert!(
            state.severity <= fold(INITIAL, &seen).severity,
            "closed with an unseen worsening: {story:?}"
        );
        assert!(!state.worsened, "closed and worsened: {story:?}");
        assert!(state.closed_by.is_some(), "closed by nobody: {story:?}");
    } else {
        assert!(
            state.closed_by.is_none(),
            "a closer of what is not closed: {story:?}"
        );
    }
    if !acts.values().any(|act| act.verb == "close") {
        assert_ne!(state.status, Status::Closed, "closed by itself: {story:?}");
        assert!(!state.worsened, "worsened without a closure: {story:?}");
    }
    if !closes.is_empty() && reopens.is_empty() {
        assert!(
            state.status == Status::Closed || state.worsened,
            "a closure that nobody reopened is gone without a word: {story:?}"
        );
    }
    let set = standing(acts, "severity", &["severity"]);
    let levels = set
        .iter()
        .filter_map(|(_, act)| Severity::from_name(act.text("severity")?));
    assert_eq!(
        state.severity,
        levels.max().unwrap_or(INITIAL),
        "the most severe: {story:?}"
    );
}

#[test]
fn no_story_of_two_people_apart_ends_closed_over_an_unseen_worsening() {
    let stories = stories(3);
    for one in &stories {
        let mut left = Acts::new();
        for (number, deed) in (1..).zip(one) {
            done(&mut left, number, *deed);
        }
        for other in &stories {
            let mut right = Acts::new();
            for (number, deed) in (11..).zip(other) {
                done(&mut right, number, *deed);
            }
            check(&union(&left, &right), &(one, other));
        }
    }
}

#[test]
fn no_story_of_two_people_who_meet_midway_does_either() {
    let stories = stories(2);
    for one in &stories {
        for other in &stories {
            for (met_one, met_other) in [(0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1)] {
                if met_one > one.len() || met_other > other.len() {
                    continue;
                }
                let (mut left, mut right) = (Acts::new(), Acts::new());
                for (number, deed) in (1..).zip(&one[..met_one]) {
                    done(&mut left, number, *deed);
                }
                for (number, deed) in (11..).zip(&other[..met_other]) {
                    done(&mut right, number, *deed);
                }
                let both = union(&left, &right);
                (left, right) = (both.clone(), both);
                for (number, deed) in (21..).zip(&one[met_one..]) {
                    done(&mut left, number, *deed);
                }
                for (number, deed) in (31..).zip(&other[met_other..]) {
                    done(&mut right, number, *deed);
                }
                check(&union(&left, &right), &(one, met_one, other, met_other));
            }
        }
    }
}

#[test]
fn a_worsening_that_the_closer_has_not_seen_is_told() {
    let (mut closer, mut other) = (Acts::new(), Acts::new());
    done(&mut closer, 1, Deed::Close);
    assert_eq!(
        fold(INITIAL, &closer).status,
        Status::Closed,
        "alone it is closed"
    );
    done(&mut other, 11, Deed::Up);
    let state = fold(INITIAL, &union(&closer, &other));
    assert_eq!(state.status, Status::InProgress, "together it is not");
    assert!(state.worsened, "and says why");
    let (mut knowing, mut milder) = (other.clone(), Acts::new());
    done(&mut knowing, 12, Deed::Close);
    assert_eq!(
        fold(INITIAL, &knowing).status,
        Status::Closed,
        "closed, knowing it"
    );
    done(&mut milder, 21, Deed::Down);
    let state = fold(INITIAL, &union(&closer, &milder));
    assert_eq!(
        state.status,
        Status::Closed,
        "a milder view does not open it"
    );
}

#[test]
fn taking_a_closed_report_does_not_open_it() {
    let mut acts = Acts::new();
    done(&mut acts, 1, Deed::Close);
    done(&mut acts, 2, Deed::Take);
    assert_eq!(
        fold(INITIAL, &acts).status,
        Status::Closed,
        "reopening says why, taking does not"
    );
    done(&mut acts, 3, Deed::Up);
    assert!(fold(INITIAL, &acts).worsened, "worse than the closer knew");
    done(&mut acts, 4, Deed::Take);
    assert!(
        fold(INITIAL, &acts).worsened,
        "it says so until it is closed knowing that"
    );
    done(&mut acts, 5, Deed::Close);
    let state = fold(INITIAL, &acts);
    assert_eq!(
        (state.status, state.worsened),
        (Status::Closed, false),
        "as now"
    );
}

#[test]
fn a_reopening_wins_over_a_closure_at_the_same_time() {
    let mut acts = Acts::new();
    done(&mut acts, 1, Deed::Close);
    let (mut one, mut other) = (acts.clone(), acts.clone());
    done(&mut one, 2, Deed::Reopen);
    done(&mut other, 3, Deed::Close);
    let mut both = union(&one, &other);
    assert_eq!(fold(INITIAL, &both).status, Status::Open, "it is open");
    done(&mut both, 4, Deed::Take);
    assert_eq!(
        fold(INITIAL, &both).status,
        Status::InProgress,
        "then in charge"
    );
    done(&mut both, 5, Deed::Close);
    assert_eq!(fold(INITIAL, &both).status, Status::Closed, "then closed");
}

#[test]
fn someone_taken_off_knowingly_is_off_and_both_may_be_in_charge() {
    let person = id(77).to_string();
    let assign = |verb: &str, after: Vec<Id>| act(verb, &[("person", &person)], after);
    let mut acts = Acts::from([(id(1), assign("assign", Vec::new()))]);
    assert_eq!(
        fold(INITIAL, &acts).assignees,
        BTreeSet::from([id(77)]),
        "in charge"
    );
    acts.insert(id(2), assign("unassign", Vec::new()));
    assert_eq!(
        fold(INITIAL, &acts).assignees.len(),
        1,
        "taken off by one who did not know"
    );
    acts.insert(id(3), assign("unassign", vec![id(1), id(2)]));
    assert!(
        fold(INITIAL, &acts).assignees.is_empty(),
        "taken off knowingly"
    );
}

/// What a replica does in a generated story.
#[derive(Clone, Debug)]
enum Step {
    Do(usize, Deed),
    Say(usize, String),
    Assign(usize, u64, bool),
    Meet(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let deed = proptest::sample::select(DEEDS.as_slice());
    prop_oneof![
        4 => (0..3_usize, deed).prop_map(|(who, deed)| Step::Do(who, deed)),
        2 => (0..3_usize, "\\PC{1,12}").prop_map(|(who, text)| Step::Say(who, text)),
        1 => (0..3_usize, 1..4_u64, any::<bool>())
            .prop_map(|(who, person, on)| Step::Assign(who, person, on)),
        3 => (0..3_usize, 0..3_usize).prop_map(|(one, other)| Step::Meet(one, other)),
    ]
}

fn acts_of(document: &Document) -> Acts {
    let view = document.view().expect("it reads");
    serde_json::from_value(view["acts"].clone()).expect("acts")
}

/// Three replicas of one document that lived through the story, and what was said.
fn lived(steps: &[Step]) -> (Vec<Vec<u8>>, BTreeSet<String>) {
    let mut first =
        Document::create([1; 8], id(1), "report", 1, &json!({ "acts": {} })).expect("made");
    first.commit();
    let seed = first.save();
    let mut replicas: Vec<Document> = (1..=3)
        .map(|actor| Document::load(&seed, [actor; 8]).expect("loads"))
        .collect();
    let mut said = BTreeSet::new();
    for (number, step) in (100..).zip(steps) {
        let (who, new) = match step {
            Step::Meet(one, other) => {
                if one != other {
                    let mut copy = Document::load(&replicas[*other].save(), [9; 8]).expect("loads");
                    replicas[*one].merge(&mut copy).expect("merges");
                }
                continue;
            }
            Step::Do(who, deed) => {
                let mut acts = acts_of(&replicas[*who]);
                done(&mut acts, number, *deed);
                (who, acts.remove(&id(number)).expect("it was done"))
            }
            Step::Say(who, text) => {
                said.insert(text.clone());
                (
                    who,
                    act(
                        "comment",
                        &[("text", text)],
                        frontier(&acts_of(&replicas[*who])),
                    ),
                )
            }
            Step::Assign(who, person, on) => {
                let verb = if *on { "assign" } else { "unassign" };
                let person = id(*person).to_string();
                let after = frontier(&acts_of(&replicas[*who]));
                (who, act(verb, &[("person", &person)], after))
            }
        };
        let (key, value) = (
            id(number).to_string(),
            serde_json::to_value(&new).expect("JSON"),
        );
        replicas[*who]
            .set(&["acts", &key], &value)
            .expect("written");
        replicas[*who].commit();
    }
    (replicas.iter_mut().map(Document::save).collect(), said)
}

fn merged(replicas: &[Vec<u8>], order: [usize; 3]) -> Acts {
    let mut document = Document::load(&replicas[order[0]], [8; 8]).expect("loads");
    for other in &order[1..] {
        let mut copy = Document::load(&replicas[*other], [9; 8]).expect("loads");
        document.merge(&mut copy).expect("merges");
    }
    acts_of(&document)
}

/// What does not hang on which ids were drawn.
fn essence(state: &State) -> (Severity, Status, bool, BTreeSet<Id>, u32, Vec<Severity>) {
    let severities = state
        .severities
        .iter()
        .map(|(_, severity)| *severity)
        .collect();
    let assignees = state.assignees.clone();
    (
        state.severity,
        state.status,
        state.worsened,
        assignees,
        state.comments,
        severities,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn three_replicas_meet_in_one_state_in_any_order(steps in proptest::collection::vec(step(), 0..24)) {
        let (replicas, said) = lived(&steps);
        let acts = merged(&replicas, [0, 1, 2]);
        let state = fold(INITIAL, &acts);
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let other = merged(&replicas, order);
            prop_assert_eq!(&other, &acts, "the acts are the same in the order {:?}", order);
            prop_assert_eq!(&fold(INITIAL, &other), &state, "so is the state");
        }
        let deeds = steps.iter().filter(|step| !matches!(step, Step::Meet(..))).count();
        prop_assert_eq!(acts.len(), deeds, "every act is kept");
        let kept: BTreeSet<String> =
            acts.values().filter_map(|act| act.text("text")).map(str::to_owned).collect();
        prop_assert!(said.is_subset(&kept), "every word that was said is kept");
        check(&acts, &steps);
    }

    #[test]
    fn the_state_does_not_hang_on_which_ids_were_drawn(
        steps in proptest::collection::vec(step(), 0..24),
        order in Just((0..24_u64).collect::<Vec<u64>>()).prop_shuffle(),
    ) {
        let (replicas, _) = lived(&steps);
        let acts = merged(&replicas, [0, 1, 2]);
        let new: BTreeMap<Id, Id> =
            (100..).zip(&order).map(|(old, new)| (id(old), id(new.saturating_add(500)))).collect();
        let drawn: Acts = acts
            .iter()
            .map(|(key, act)| {
                let after = act.after.iter().map(|seen| new[seen]).collect();
                (new[key], Act { after, ..act.clone() })
            })
            .collect();
        prop_assert_eq!(
            essence(&fold(INITIAL, &drawn)),
            essence(&fold(INITIAL, &acts)),
            "other ids, the same state"
        );
    }
}
