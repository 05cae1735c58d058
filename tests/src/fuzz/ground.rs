//! Documents to try changes on.

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjType, ROOT, ReadDoc};
use vigie_core::feature::{self, Kind};
use vigie_core::gate::{open_document, save};

use super::known::{CHANGES_MAX, Known};
use super::wire;
use crate::poison::{ALICE, BOB, MALLORY, author, commit};

/// A document of two people with a bit of everything.
#[must_use]
pub fn populated() -> AutoCommit {
    let mut alice = author(ALICE);
    alice.put(ROOT, "kind", "report").unwrap();
    let map = alice.put_object(ROOT, "answers", ObjType::Map).unwrap();
    alice.put(&map, "what", "a leak").unwrap();
    let list = alice.put_object(ROOT, "items", ObjType::List).unwrap();
    alice.insert(&list, 0, 1).unwrap();
    alice.insert(&list, 1, "b").unwrap();
    let text = alice.put_object(ROOT, "prose", ObjType::Text).unwrap();
    alice.splice_text(&text, 0, 0, "hello").unwrap();
    let zero = automerge::ScalarValue::counter(0);
    alice.put(ROOT, "seen", zero).unwrap();
    commit(&mut alice).unwrap();
    let mut bob = alice.fork().with_actor(ActorId::from(BOB));
    for person in [&mut alice, &mut bob] {
        person.put(&map, "what", "both").unwrap();
        person.insert(&list, 1, "both").unwrap();
        person.increment(ROOT, "seen", 1).unwrap();
        person.splice_text(&text, 2, 1, "y").unwrap();
        commit(person).unwrap();
    }
    alice.merge(&mut bob).unwrap();
    alice
}

/// An honest change of a third on top of it.
#[must_use]
pub fn honest(doc: &mut AutoCommit, seed: usize) -> Vec<u8> {
    let mut mallory = doc.fork().with_actor(ActorId::from(MALLORY));
    let get = |doc: &AutoCommit, key: &str| doc.get(ROOT, key).unwrap().unwrap().1;
    let (map, list, text) = (
        get(&mallory, "answers"),
        get(&mallory, "items"),
        get(&mallory, "prose"),
    );
    if seed.is_multiple_of(2) {
        mallory.put(&map, "what", "third").unwrap();
        mallory.put_object(&map, "more", ObjType::Map).unwrap();
    }
    if seed.is_multiple_of(3) {
        mallory.delete(&list, 1).unwrap();
        mallory.put(&list, 0, 3.5).unwrap();
        mallory.insert(&list, 2, "c").unwrap();
    }
    if seed.is_multiple_of(5) {
        mallory.splice_text(&text, 1, 2, "ai").unwrap();
        mallory.increment(ROOT, "seen", -2).unwrap();
    }
    mallory.put(ROOT, "last", true).unwrap();
    commit(&mut mallory).unwrap()
}

/// The same, after the third has written in it too, on one side, and gone on for a while.
fn lived_in() -> AutoCommit {
    let mut doc = populated();
    let mut mallory = doc.fork().with_actor(ActorId::from(MALLORY));
    let map = mallory.put_object(ROOT, "acts", ObjType::Map).unwrap();
    for number in 0..12_i64 {
        let act = mallory
            .put_object(&map, format!("{number}"), ObjType::Map)
            .unwrap();
        mallory.put(&act, "at", number).unwrap();
        let list = mallory.put_object(&act, "list", ObjType::List).unwrap();
        mallory.insert_object(&list, 0, ObjType::Text).unwrap();
        mallory.put(ROOT, "kind", number).unwrap();
        commit(&mut mallory).unwrap();
        doc.delete(ROOT, "kind").unwrap();
        doc.put(ROOT, "last", number).unwrap();
        commit(&mut doc).unwrap();
    }
    doc.merge(&mut mallory).unwrap();
    doc
}

/// A document that pushes are tried on.
pub(super) struct Ground {
    /// As it is stored; none yet for a new one.
    pub(super) body: Option<Vec<u8>>,
    /// What it is one of, when it is one of ours.
    pub(super) kind: Option<&'static Kind>,
    /// What it is made of.
    pub(super) known: Known,
}

impl Ground {
    fn of(body: Vec<u8>, kind: Option<&'static Kind>) -> Self {
        let mut doc = open_document(&body).unwrap();
        let mut known = Known::default();
        for change in doc.get_changes(&[]) {
            known.learn(change.raw_bytes());
        }
        Self {
            body: Some(body),
            kind,
            known,
        }
    }

    /// Two with everything, one that is new, and one of each kind that an organisation has.
    pub(super) fn all() -> Vec<Self> {
        let new = Self {
            body: None,
            kind: None,
            known: Known::default(),
        };
        let mut all = vec![
            Self::of(save(&mut populated()), None),
            Self::of(save(&mut lived_in()), None),
            new,
        ];
        for (name, body) in wire::bodies() {
            let met = all.iter().filter_map(|ground| ground.kind);
            if met.filter(|kind| kind.name == name).count() < 2 {
                all.push(Self::of(body, feature::kind(name)));
            }
        }
        all.retain(|ground| ground.known.changes() <= CHANGES_MAX / 2);
        all
    }
}
