//! What a document is made of, so that a change can name what is there.

use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
use automerge::{Change, ObjType, ScalarValue};
use vigie_core::gate::{Actor, LIMITS};

use super::Bytes;
use crate::poison::{ALICE, BOB, MALLORY};

/// Most changes of a document that is told about here: they are bits of a number.
pub(super) const CHANGES_MAX: usize = 120;

/// Whoever writes in every document.
const CAST: [Actor; 4] = [MALLORY, ALICE, BOB, [0xc3; LIMITS.actor_bytes]];

pub(super) const MAP: u64 = 0;
pub(super) const PUT: u64 = 1;
pub(super) const LIST: u64 = 2;
pub(super) const DELETE: u64 = 3;
pub(super) const TEXT: u64 = 4;
pub(super) const INCREMENT: u64 = 5;

/// An operation: its number, and its author's place in [`Known::authors`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) counter: u64,
    pub(super) author: usize,
}

/// Where in its object an operation acts.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum At {
    Name(String),
    Head,
    Element(Named),
}

/// An operation that was made.
#[derive(Clone)]
pub(super) struct Made {
    pub(super) id: Named,
    /// Its change's place in [`Known::changes`].
    pub(super) change: usize,
    pub(super) object: Option<Named>,
    pub(super) key: At,
    pub(super) insert: bool,
    pub(super) action: u64,
    pub(super) counter: bool,
}

impl Made {
    /// Whether it is a value, which another may overwrite.
    pub(super) const fn stands(&self) -> bool {
        !matches!(self.action, DELETE | INCREMENT)
    }
}

/// A change that was made.
#[derive(Clone)]
struct Past {
    bytes: Vec<u8>,
    hash: [u8; 32],
    author: usize,
    last_op: u64,
    /// Itself and all it builds on, as bits.
    reach: u128,
}

/// A document's changes and operations.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) authors: Vec<Actor>,
    changes: Vec<Past>,
    pub(super) operations: Vec<Made>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            authors: CAST.to_vec(),
            changes: Vec::new(),
            operations: Vec::new(),
        }
    }
}

/// Where in the history a change stands, and whose it is.
pub(super) struct Point {
    pub(super) author: usize,
    pub(super) deps: Vec<[u8; 32]>,
    pub(super) seq: u64,
    pub(super) next_op: u64,
    /// The changes it builds on, as bits.
    seen: u128,
}

impl Point {
    /// Whether the operation is in its history.
    pub(super) const fn sees(&self, made: &Made) -> bool {
        self.seen & bit(made.change) != 0
    }
}

const fn bit(change: usize) -> u128 {
    1 << change
}

impl Known {
    pub(super) const fn changes(&self) -> usize {
        self.changes.len()
    }

    /// The bytes of a change.
    pub(super) fn change(&self, place: usize) -> Option<&[u8]> {
        self.changes.get(place).map(|past| past.bytes.as_slice())
    }

    pub(super) fn has(&self, change: &[u8]) -> bool {
        self.changes.iter().any(|past| past.bytes == change)
    }

    /// Takes in a change that builds on those it has.
    pub(super) fn learn(&mut self, bytes: &[u8]) {
        let change = Change::try_from(bytes).unwrap();
        let place = self.changes.len();
        let mut reach = bit(place);
        for dep in change.deps() {
            let past = self.changes.iter().find(|past| past.hash == dep.0).unwrap();
            reach |= past.reach;
        }
        let author = self.author(change.actor_id().to_bytes());
        for (counter, operation) in (change.start_op().get()..).zip(change.decode().operations) {
            let id = Named { counter, author };
            let object = match &operation.obj {
                ObjectId::Root => None,
                ObjectId::Id(id) => Some(self.named(id)),
            };
            let key = match &operation.key {
                Key::Map(name) => At::Name(name.to_string()),
                Key::Seq(ElementId::Head) => At::Head,
                Key::Seq(ElementId::Id(id)) => At::Element(self.named(id)),
            };
            self.operations.push(Made {
                id,
                change: place,
                object,
                key,
                insert: operation.insert,
                action: action(&operation.action),
                counter: matches!(operation.action, OpType::Put(ScalarValue::Counter(_))),
            });
        }
        self.changes.push(Past {
            bytes: bytes.to_vec(),
            hash: change.hash().0,
            author,
            last_op: change.max_op(),
            reach,
        });
    }

    /// Forgets the changes after the first so many.
    pub(super) fn forget(&mut self, changes: usize) {
        self.changes.truncate(changes);
        let kept = self
            .operations
            .partition_point(|made| made.change < changes);
        self.operations.truncate(kept);
    }

    fn author(&mut self, actor: &[u8]) -> usize {
        let met = self.authors.iter().position(|author| author == actor);
        met.unwrap_or_else(|| {
            self.authors.push(actor.try_into().unwrap());
            self.authors.len() - 1
        })
    }

    fn named(&mut self, id: &OpId) -> Named {
        Named {
            counter: id.counter(),
            author: self.author(id.actor().to_bytes()),
        }
    }

    /// Where an honest change may stand: mostly on everything, else on some change of the past.
    pub(super) fn point(&self, bytes: &mut Bytes<'_>) -> Point {
        let author = usize::from(bytes.byte()) % self.authors.len();
        let all = self.changes.iter().fold(0, |all, past| all | past.reach);
        let mut seen = all;
        if bytes.byte() % 4 == 3
            && let Some(past) = {
                let place = usize::from(bytes.byte()) % (self.changes.len() + 1);
                self.changes.get(place)
            }
        {
            let own = self.changes.iter().rposition(|own| own.author == author);
            if own.is_none_or(|own| past.reach & bit(own) != 0) {
                seen = past.reach;
            }
        }
        let within = || {
            let places = self.changes.iter().enumerate();
            places.filter(|(place, _)| seen & bit(*place) != 0)
        };
        let before = within().fold(0, |all, (place, past)| all | past.reach & !bit(place));
        let heads = within().filter(|(place, _)| before & bit(*place) == 0);
        let mut deps: Vec<[u8; 32]> = heads.map(|(_, past)| past.hash).collect();
        deps.sort_unstable();
        Point {
            author,
            deps,
            seq: within().filter(|(_, past)| past.author == author).count() as u64 + 1,
            next_op: within().map(|(_, past)| past.last_op).max().unwrap_or(0) + 1,
            // It sees itself.
            seen: seen | bit(self.changes.len()),
        }
    }
}

const fn action(of: &OpType) -> u64 {
    match of {
        OpType::Make(ObjType::Map | ObjType::Table) => MAP,
        OpType::Make(ObjType::List) => LIST,
        OpType::Make(ObjType::Text) => TEXT,
        OpType::Delete => DELETE,
        OpType::Increment(_) => INCREMENT,
        OpType::Put(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => PUT,
    }
}
