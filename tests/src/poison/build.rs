//! Builds changes byte by byte, well or badly.

use automerge::transaction::CommitOptions;
use automerge::{ActorId, AutoCommit};
use sha2::{Digest, Sha256};
use vigie_core::gate::Actor;

pub const OBJECT_ACTOR: u64 = 0x01;
pub const OBJECT_COUNTER: u64 = 0x02;
pub const KEY_ACTOR: u64 = 0x11;
pub const KEY_COUNTER: u64 = 0x13;
pub const KEY_NAME: u64 = 0x15;
pub const INSERT: u64 = 0x34;
pub const ACTION: u64 = 0x42;
pub const META: u64 = 0x56;
pub const VALUE: u64 = 0x57;
pub const PRED_COUNT: u64 = 0x70;
pub const PRED_ACTOR: u64 = 0x71;
pub const PRED_COUNTER: u64 = 0x73;

/// The cast: an operator, a relay and a lead, one device each.
pub const ALICE: Actor = [0xa1; 8];
pub const BOB: Actor = [0xb0; 8];
pub const MALLORY: Actor = [0xee; 8];

/// An unsigned number in its shortest form.
pub fn u(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

/// A signed number in its shortest form.
pub fn s(mut value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        let sign = byte & 0x40 != 0;
        if (value == 0 && !sign) || (value == -1 && sign) {
            out.push(byte);
            return out;
        }
        out.push(byte | 0x80);
    }
}

/// Text or bytes with their length before them.
pub fn prefixed(bytes: &[u8]) -> Vec<u8> {
    [u(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A chunk with a right length and a right checksum.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u(body.len() as u64);
    let hash = Sha256::new()
        .chain_update([kind])
        .chain_update(&length)
        .chain_update(body)
        .finalize();
    [
        &[0x85, 0x6f, 0x4a, 0x83],
        &hash[..4],
        &[kind],
        &length,
        body,
    ]
    .concat()
}

/// The hash of a chunk that is long enough to have one.
pub fn hash(chunk: &[u8]) -> [u8; 32] {
    Sha256::digest(&chunk[8..]).into()
}

/// Gives bytes that were tampered with their right checksum again.
pub fn checksummed(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() > 9 {
        let hash = hash(&bytes);
        bytes[4..8].copy_from_slice(&hash[..4]);
    }
    bytes
}

/// A run-length column in the form that Automerge writes.
pub fn rle<T: PartialEq>(cells: &[Option<T>], write: impl Fn(&T) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    if cells.iter().all(Option::is_none) {
        return out;
    }
    let mut literal: Vec<&T> = Vec::new();
    let flush = |literal: &mut Vec<&T>, out: &mut Vec<u8>| {
        if !literal.is_empty() {
            out.extend(s(-(literal.len() as i64)));
            literal.drain(..).for_each(|cell| out.extend(write(cell)));
        }
    };
    for run in cells.chunk_by(|left, right| left == right) {
        match (&run[0], run.len()) {
            (None, count) => {
                flush(&mut literal, &mut out);
                out.extend(s(0));
                out.extend(u(count as u64));
            }
            (Some(cell), 1) => literal.push(cell),
            (Some(cell), count) => {
                flush(&mut literal, &mut out);
                out.extend(s(count as i64));
                out.extend(write(cell));
            }
        }
    }
    flush(&mut literal, &mut out);
    out
}

/// A run-length column of numbers.
pub fn numbers(cells: &[Option<u64>]) -> Vec<u8> {
    rle(cells, |number| u(*number))
}

/// A delta column.
pub fn deltas(cells: &[Option<i64>]) -> Vec<u8> {
    let mut last = 0_i64;
    let differences: Vec<Option<i64>> = cells
        .iter()
        .map(|cell| {
            cell.map(|cell| {
                let difference = cell.wrapping_sub(last);
                last = cell;
                difference
            })
        })
        .collect();
    rle(&differences, |number| s(*number))
}

/// A boolean column.
pub fn booleans(cells: &[bool]) -> Vec<u8> {
    let mut out = Vec::new();
    if cells.first() == Some(&true) {
        out.extend(u(0));
    }
    cells
        .chunk_by(|left, right| left == right)
        .for_each(|run| out.extend(u(run.len() as u64)));
    out
}

/// An operation id: index of the actor, counter.
pub type Id = (u64, i64);

#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    Name(String),
    Head,
    Element(Id),
}

/// One operation, right or wrong.
#[derive(Clone, Debug)]
pub struct Op {
    pub object: Option<Id>,
    pub key: Key,
    pub insert: bool,
    pub action: u64,
    pub meta: u64,
    pub value: Vec<u8>,
    pub preds: Vec<Id>,
}

impl Op {
    /// Puts one small number under a name of the root.
    pub fn put(name: &str) -> Self {
        Self {
            object: None,
            key: Key::Name(name.to_owned()),
            insert: false,
            action: 1,
            meta: 0x14,
            value: vec![7],
            preds: vec![],
        }
    }

    /// Makes an object under a name of the root: 0 a map, 2 a list, 4 a text.
    pub fn make(name: &str, action: u64) -> Self {
        Self {
            action,
            meta: 0,
            value: vec![],
            ..Self::put(name)
        }
    }

    /// Inserts one character or small text after an element.
    pub fn insert(object: Id, key: Key, text: &str) -> Self {
        let meta = (text.len() as u64) << 4 | 6;
        let value = text.as_bytes().to_vec();
        Self {
            object: Some(object),
            key,
            insert: true,
            meta,
            value,
            ..Self::put("")
        }
    }

    pub fn within(self, object: Id) -> Self {
        Self {
            object: Some(object),
            ..self
        }
    }

    pub fn over(self, preds: &[Id]) -> Self {
        Self {
            preds: preds.to_vec(),
            ..self
        }
    }

    pub fn action(self, action: u64) -> Self {
        Self { action, ..self }
    }

    pub fn value(self, meta: u64, value: &[u8]) -> Self {
        Self {
            meta,
            value: value.to_vec(),
            ..self
        }
    }

    pub fn at(self, key: Key) -> Self {
        Self { key, ..self }
    }
}

/// A change whose every part can be bent. Numbers are kept as their bytes.
#[derive(Clone, Debug)]
pub struct Draft {
    pub deps: Vec<[u8; 32]>,
    pub deps_count: Option<Vec<u8>>,
    pub actor: Vec<u8>,
    pub seq: Vec<u8>,
    pub start_op: Vec<u8>,
    pub time: Vec<u8>,
    pub message: Vec<u8>,
    pub others: Vec<Vec<u8>>,
    pub columns: Vec<(u64, Vec<u8>)>,
    pub columns_count: Option<Vec<u8>>,
    pub extra: Vec<u8>,
}

impl Draft {
    /// The first change of Mallory in a new document.
    pub fn new(ops: &[Op]) -> Self {
        Self {
            deps: vec![],
            deps_count: None,
            actor: MALLORY.to_vec(),
            seq: u(1),
            start_op: u(1),
            time: s(0),
            message: vec![],
            others: vec![],
            columns: columns(ops),
            columns_count: None,
            extra: vec![],
        }
    }

    /// Puts another column in the place of one, or adds it in order.
    pub fn column(mut self, spec: u64, bytes: &[u8]) -> Self {
        self.columns.retain(|(other, _)| *other != spec);
        let place = self.columns.partition_point(|(other, _)| *other < spec);
        self.columns.insert(place, (spec, bytes.to_vec()));
        self
    }

    pub fn without(mut self, spec: u64) -> Self {
        self.columns.retain(|(other, _)| *other != spec);
        self
    }

    /// The bytes after the chunk header.
    pub fn body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend(
            self.deps_count
                .clone()
                .unwrap_or_else(|| u(self.deps.len() as u64)),
        );
        self.deps.iter().for_each(|dep| out.extend(dep));
        out.extend(prefixed(&self.actor));
        out.extend(&self.seq);
        out.extend(&self.start_op);
        out.extend(&self.time);
        out.extend(prefixed(&self.message));
        out.extend(u(self.others.len() as u64));
        self.others
            .iter()
            .for_each(|other| out.extend(prefixed(other)));
        out.extend(
            self.columns_count
                .clone()
                .unwrap_or_else(|| u(self.columns.len() as u64)),
        );
        for (spec, bytes) in &self.columns {
            out.extend(u(*spec));
            out.extend(u(bytes.len() as u64));
        }
        self.columns.iter().for_each(|(_, bytes)| out.extend(bytes));
        out.extend(&self.extra);
        out
    }

    /// The whole change.
    pub fn bytes(&self) -> Vec<u8> {
        chunk(1, &self.body())
    }
}

/// The columns of some operations, as Automerge writes them.
pub fn columns(ops: &[Op]) -> Vec<(u64, Vec<u8>)> {
    let element = |op: &Op| {
        if let Key::Element(id) = &op.key {
            Some(*id)
        } else {
            None
        }
    };
    let preds: Vec<Id> = ops.iter().flat_map(|op| op.preds.iter().copied()).collect();
    let key_counter = |op: &Op| match &op.key {
        Key::Name(_) => None,
        Key::Head => Some(0),
        Key::Element((_, counter)) => Some(*counter),
    };
    let name = |op: &Op| {
        if let Key::Name(name) = &op.key {
            Some(name.clone())
        } else {
            None
        }
    };
    let over = |read: &dyn Fn(&Op) -> Option<u64>| ops.iter().map(read).collect::<Vec<_>>();
    let all = vec![
        (OBJECT_ACTOR, numbers(&over(&|op| op.object.map(|id| id.0)))),
        (
            OBJECT_COUNTER,
            numbers(&over(&|op| op.object.map(|id| id.1 as u64))),
        ),
        (KEY_ACTOR, numbers(&over(&|op| element(op).map(|id| id.0)))),
        (
            KEY_COUNTER,
            deltas(&ops.iter().map(key_counter).collect::<Vec<_>>()),
        ),
        (
            KEY_NAME,
            rle(&ops.iter().map(name).collect::<Vec<_>>(), |name| {
                prefixed(name.as_bytes())
            }),
        ),
        (
            INSERT,
            booleans(&ops.iter().map(|op| op.insert).collect::<Vec<_>>()),
        ),
        (ACTION, numbers(&over(&|op| Some(op.action)))),
        (META, numbers(&over(&|op| Some(op.meta)))),
        (VALUE, ops.iter().flat_map(|op| op.value.clone()).collect()),
        (
            PRED_COUNT,
            numbers(&over(&|op| Some(op.preds.len() as u64))),
        ),
        (
            PRED_ACTOR,
            numbers(&preds.iter().map(|id| Some(id.0)).collect::<Vec<_>>()),
        ),
        (
            PRED_COUNTER,
            deltas(&preds.iter().map(|id| Some(id.1)).collect::<Vec<_>>()),
        ),
    ];
    all.into_iter()
        .filter(|(_, bytes)| !bytes.is_empty())
        .collect()
}

/// A document of the ordinary API, written by one of the cast.
pub fn author(actor: Actor) -> AutoCommit {
    AutoCommit::new().with_actor(ActorId::from(actor))
}

/// Ends a change without a time; its raw bytes.
pub fn commit(doc: &mut AutoCommit) -> Option<Vec<u8>> {
    doc.commit_with(CommitOptions::default().with_time(0))?;
    doc.get_last_local_change()
        .map(|change| change.raw_bytes().to_vec())
}
