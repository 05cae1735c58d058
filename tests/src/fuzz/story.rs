//! Stories: pushes to a document, one after the other, as a server takes them. Some are honest, some are
//! bent in one place, some are any bytes. What is let in leaves a document that loads and is what it
//! was, and honest work goes on.

use std::sync::OnceLock;

use automerge::transaction::Transactable;
use automerge::{ActorId, ROOT};
use serde_json::Value;
use vigie_core::Id;
use vigie_core::document::HEADER;
use vigie_core::feature::Kind;
use vigie_core::gate::{
    Admitted, Code, Gate, Inspected, LIMITS, Touched, conflicts, inspect, is_guarded,
    open_document, save, split, view,
};

use super::gate::{heads, no_net, opens};
use super::ground::{Ground, honest, populated};
use super::known::{CHANGES_MAX, Known};
use super::tally::{End, count};
use super::write::{Written, bent, torn};
use super::{Bytes, content};
use crate::chance::Chance;
use crate::poison::{catalogue, checksummed, commit};

/// The longest story: bytes.
pub(super) const LONGEST: usize = 4096;
/// Most changes of a push.
const PUSH_MAX: u8 = 3;

static GROUNDS: OnceLock<Vec<Ground>> = OnceLock::new();
static POISONS: OnceLock<Vec<Vec<Vec<u8>>>> = OnceLock::new();

/// A story. The first byte says to which document; each push is made by the bytes that come next.
pub(super) fn story(input: &[u8]) {
    let mut bytes = Bytes(input);
    let grounds = GROUNDS.get_or_init(Ground::all);
    // As often one where all is allowed as one with a rule.
    let free = grounds.partition_point(|ground| ground.kind.is_none());
    let ground = match bytes.byte() {
        place if place & 0x80 == 0 => &grounds[usize::from(place) % free],
        place => &grounds[free + usize::from(place & 0x7f) % (grounds.len() - free)],
    };
    let mut story = Story {
        gate: Gate::default(),
        body: ground.body.clone(),
        kind: ground.kind,
        known: ground.known.clone(),
    };
    while !bytes.is_empty() && story.known.changes() < CHANGES_MAX {
        story.push(&mut bytes);
    }
    story.end();
}

struct Story {
    gate: Gate,
    body: Option<Vec<u8>>,
    kind: Option<&'static Kind>,
    known: Known,
}

impl Story {
    /// The next push.
    fn push(&mut self, bytes: &mut Bytes<'_>) {
        let known = self.known.changes();
        let (push, well) = match bytes.byte() % 16 {
            0 => (raw(bytes), false),
            1 => (poison(bytes), false),
            2 => (self.again(bytes), true),
            way => (self.written(way, bytes), way >= 12),
        };
        self.known.forget(known);
        let inspected = self.gate.inspect(push.iter().map(Vec::as_slice));
        let outcome = inspected.and_then(|inspected| {
            let touched = touched(&inspected);
            let admitted = self.gate.admit(self.body.as_deref(), inspected)?;
            Ok((admitted, touched))
        });
        assert!(!is_guarded(), "the guard is down again");
        match outcome {
            Ok((admitted, touched)) => self.taken(admitted, &touched, &push, bytes),
            Err(refusal) => {
                no_net(&refusal);
                let limits = [Code::Depth, Code::NothingPushed];
                assert!(!well || limits.contains(&refusal.code), "honest: {refusal}");
                count(End::Refused(refusal.code));
            }
        }
    }

    /// Changes that were made here: all honest, or the last one not.
    fn written(&mut self, way: u8, bytes: &mut Bytes<'_>) -> Vec<Vec<u8>> {
        let mut push = Vec::new();
        let room = CHANGES_MAX - self.known.changes();
        let more = bytes.byte().saturating_sub(0xc0) % PUSH_MAX;
        for _ in 0..usize::from(more).min(room - 1) {
            let change = Written::new(&mut self.known, bytes)
                .draft(&self.known)
                .bytes();
            self.known.learn(&change);
            push.push(change);
        }
        let mut last = Written::new(&mut self.known, bytes);
        push.push(match way {
            3..=5 => {
                last.bend(&self.known, bytes);
                last.draft(&self.known).bytes()
            }
            6..=8 => bent(last.draft(&self.known), &self.known, bytes),
            9..=11 => torn(&last.draft(&self.known), bytes),
            _ => last.draft(&self.known).bytes(),
        });
        push
    }

    /// Changes that the document has.
    fn again(&self, bytes: &mut Bytes<'_>) -> Vec<Vec<u8>> {
        let place = usize::from(bytes.byte()) % (self.known.changes() + 1);
        let changes = (place..place + 3).filter_map(|place| self.known.change(place));
        changes.map(<[u8]>::to_vec).collect()
    }

    /// What the gate let in.
    fn taken(
        &mut self,
        admitted: Admitted,
        touched: &Touched,
        push: &[Vec<u8>],
        bytes: &mut Bytes<'_>,
    ) {
        if admitted.accepted.is_empty() {
            assert_eq!(self.body.as_ref(), Some(&admitted.body), "as it was");
            return count(End::Known);
        }
        if let (Some(kind), Some(before)) = (self.kind, &admitted.before) {
            let same = |key: &&str| before.get(*key) == admitted.after.get(*key);
            let id = before.get("id").and_then(Value::as_str);
            let id: Id = id.unwrap().parse().unwrap();
            let (seat, after) = (content::seat(bytes.byte() % 8), &admitted.after);
            let allowed = content::allowed(kind, id, &seat, Some(before), after, touched);
            if !allowed || !HEADER.iter().all(same) {
                return count(End::Ruled);
            }
        }
        let mut doc = open_document(&admitted.body).unwrap();
        assert_eq!(view(&doc).as_ref(), Ok(&*admitted.after), "the same view");
        assert_eq!(heads(&mut doc), admitted.heads, "the same heads");
        assert_eq!(save(&mut doc), admitted.body, "saved the same");
        assert_eq!(conflicts(&doc), Ok(admitted.conflicts_after), "conflicts");
        for change in push {
            let new = admitted.accepted.contains(&crate::poison::hash(change));
            if new && !self.known.has(change) {
                self.known.learn(change);
            }
        }
        self.body = Some(admitted.body);
        count(End::Taken);
    }

    /// The document can be read and gone on with, as devices do.
    fn end(mut self) {
        let Some(body) = self.body else { return };
        let mut doc = opens(&body).unwrap();
        let changes = doc.get_changes(&[]).len();
        assert_eq!(changes, self.known.changes(), "its changes can be read");
        doc.set_actor(ActorId::from([0xbb; LIMITS.actor_bytes]));
        doc.put(ROOT, "after", 1).unwrap();
        let change = commit(&mut doc).unwrap();
        let next = inspect(&change).and_then(|next| self.gate.admit(Some(&body), vec![next]));
        assert!(next.is_ok(), "honest work goes on: {:?}", next.err());
    }
}

fn touched(push: &[Inspected]) -> Touched {
    let mut all = Touched::default();
    for change in push {
        let touched = change.touched();
        all.fields.extend(touched.fields);
        all.below |= touched.below;
    }
    all
}

/// Whole changes, one after the other, each with its right checksum.
fn raw(bytes: &mut Bytes<'_>) -> Vec<Vec<u8>> {
    let length = usize::from(bytes.byte()) * 4;
    let pieces = split(bytes.take(length)).into_iter();
    pieces.map(|piece| checksummed(piece.to_vec())).collect()
}

/// A small one of the catalogue, bent or not.
fn poison(bytes: &mut Bytes<'_>) -> Vec<Vec<u8>> {
    let poisons = POISONS.get_or_init(|| {
        let pushes = catalogue().into_iter().map(|poison| poison.push);
        pushes.filter(|push| push.concat().len() <= 1024).collect()
    });
    let mut push = bytes.pick(poisons).clone();
    if bytes.byte().is_multiple_of(2)
        && let Some(last) = push.last_mut()
    {
        super::write::bend(last, bytes);
        *last = checksummed(std::mem::take(last));
    }
    push
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut doc = populated();
    let mut seeds = Vec::new();
    for seed in 0..10 {
        let change = honest(&mut doc, seed);
        let length = change.len().div_ceil(4);
        if let Ok(length) = u8::try_from(length) {
            seeds.push([&[0, 0, length], change.as_slice()].concat());
        }
    }
    let mut chance = Chance::new(1);
    let grounds = GROUNDS.get_or_init(Ground::all).len();
    for ground in (0..3).chain(0x80..0x80 + grounds as u8 - 3) {
        for length in [16, 64, 256, 1024] {
            let mut seed = vec![ground];
            seed.extend((0..length).map(|_| chance.bits() as u8));
            seeds.push(seed);
        }
    }
    seeds
}
