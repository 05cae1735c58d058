//! Documents to try changes on.

use std::collections::BTreeMap;

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ObjType, ROOT, ReadDoc};

use vigie_core::gate::Actor;

use crate::poison::{ALICE, BOB, MALLORY, author, commit, u};

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

/// Where in a document's history a change may stand: what it builds on, and who goes on there.
pub(super) struct Point {
    pub(super) deps: Vec<[u8; 32]>,
    /// The number of the next operation.
    pub(super) next_op: u64,
    /// Who has made how many changes before it.
    seqs: BTreeMap<Actor, u64>,
}

impl Point {
    /// The document up to these changes.
    fn at(doc: &mut AutoCommit, heads: &[automerge::ChangeHash]) -> Self {
        let mut past = doc.fork_at(heads).unwrap();
        let mut point = Self {
            deps: heads.iter().map(|head| head.0).collect(),
            next_op: 1,
            seqs: BTreeMap::new(),
        };
        for change in past.get_changes(&[]) {
            point.next_op = point.next_op.max(change.max_op() + 1);
            let actor = <Actor>::try_from(change.actor_id().to_bytes()).unwrap();
            *point.seqs.entry(actor).or_default() += 1;
        }
        point.deps.sort_unstable();
        point
    }

    /// What a change of this actor begins with, up to the number of its first operation.
    pub(super) fn beginning(&self, actor: &Actor) -> Vec<u8> {
        let seq = self.seqs.get(actor).copied().unwrap_or(0) + 1;
        [
            u(self.deps.len() as u64),
            self.deps.concat(),
            u(actor.len() as u64),
            actor.to_vec(),
            u(seq),
            u(self.next_op),
        ]
        .concat()
    }

    /// The actor's next change.
    pub(super) fn seq(&self, actor: &Actor) -> u64 {
        self.seqs.get(actor).copied().unwrap_or(0) + 1
    }
}

/// A document, and points in its history, the last ones first.
pub(super) struct Ground {
    /// As it is stored; none yet for a new one.
    pub(super) body: Option<Vec<u8>>,
    pub(super) points: Vec<Point>,
}

impl Ground {
    fn of(mut doc: AutoCommit) -> Self {
        let heads = doc.get_heads();
        let mut points = vec![Point::at(&mut doc, &heads)];
        for head in &heads {
            points.push(Point::at(&mut doc, &[*head]));
            let before = doc.get_change_by_hash(head).unwrap().deps().to_vec();
            points.push(Point::at(&mut doc, &before));
        }
        Self {
            body: Some(doc.save_nocompress()),
            points,
        }
    }

    /// Each of them.
    pub(super) fn all() -> Vec<Self> {
        let new = Self {
            body: None,
            points: vec![Point {
                deps: Vec::new(),
                next_op: 1,
                seqs: BTreeMap::new(),
            }],
        };
        vec![Self::of(populated()), Self::of(lived_in()), new]
    }
}
