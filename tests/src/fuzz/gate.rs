//! The gate: a change by itself, pushes against populated documents, whole documents.

use std::cell::RefCell;

use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ROOT};
use serde_json::json;
use vigie_core::document::Document;
use vigie_core::gate::{
    Actor, Code, Gate, Refusal, conflicts, inspect, is_guarded, open_document, read_document, save,
    view,
};

use super::Bytes;
use super::ground::{Ground, Point, honest, populated};
use crate::chance::Chance;
use crate::poison::{
    ALICE, BOB, Draft, Id, Key, MALLORY, Op, catalogue, checksummed, chunk, commit, hash, u,
};

/// Whoever may be the author of a change here.
const AUTHORS: [Actor; 4] = [MALLORY, ALICE, BOB, [0xc3; 8]];
/// Most operations of a made-up change.
const OPS_MAX: usize = 12;

/// Nothing was refused by what is only there in case that the rest has a hole.
fn no_net(refusal: &Refusal) {
    let net = [
        Code::ParserRefused,
        Code::ParserPanicked,
        Code::NotCanonical,
        Code::ApplyRefused,
        Code::ApplyPanicked,
        Code::HeadsDiffer,
        Code::DocumentPanicked,
    ];
    assert!(!net.contains(&refusal.code), "only the net held: {refusal}");
}

/// One raw change. What is taken is what Automerge would write.
pub(super) fn change(input: &[u8]) {
    let bytes = checksummed(input.to_vec());
    match inspect(&bytes) {
        Ok(inspected) => {
            assert_eq!(inspected.change.raw_bytes(), bytes, "the same bytes");
            let last = inspected.start_op + inspected.change.len() as u64 - 1;
            assert_eq!(inspected.max_op, last, "each operation has a number");
        }
        Err(refusal) => no_net(&refusal),
    }
    assert!(!is_guarded(), "the guard is down again");
}

pub(super) fn change_seeds() -> Vec<Vec<u8>> {
    let mut doc = populated();
    let mut seeds: Vec<Vec<u8>> = (0..10).map(|seed| honest(&mut doc, seed)).collect();
    let poisons = catalogue().into_iter().flat_map(|poison| poison.push);
    seeds.extend(poisons.filter(|change| change.len() <= 1024));
    seeds.sort();
    seeds.dedup();
    seeds
}

thread_local! {
    static GROUNDS: (Vec<Ground>, RefCell<Gate>) = (Ground::all(), RefCell::default());
}

/// A push to a document that has a history. What is taken leaves a document that loads, that others go
/// on editing, and whose changes can be read back.
///
/// The first byte says which document, the second how the rest is read: as whole changes, as what comes
/// after the beginning of one, or as choices of which operations are made.
pub(super) fn push(input: &[u8]) {
    let mut bytes = Bytes(input);
    GROUNDS.with(|(grounds, gate)| {
        let ground = bytes.pick(grounds);
        let push = match bytes.byte() % 3 {
            0 => whole(bytes.rest()),
            1 => {
                let (point, author) = (bytes.pick(&ground.points), bytes.pick(&AUTHORS));
                let rest = bytes.rest();
                vec![chunk(1, &[&point.beginning(author), rest].concat())]
            }
            _ => made_up(&mut bytes, ground),
        };
        let mut gate = gate.borrow_mut();
        survives(&mut gate, ground.body.as_deref(), &push);
    });
}

/// Changes one after the other, each with its right checksum.
fn whole(rest: &[u8]) -> Vec<Vec<u8>> {
    let pieces = vigie_core::gate::split(rest).into_iter();
    pieces.map(|piece| checksummed(piece.to_vec())).collect()
}

/// One or two changes of operations that name what may be there.
fn made_up(bytes: &mut Bytes<'_>, ground: &Ground) -> Vec<Vec<u8>> {
    let point: &Point = bytes.pick(&ground.points);
    let author = bytes.pick(&AUTHORS);
    let (first, count) = draft(bytes, author, &point.deps, point.seq(author), point.next_op);
    let mut push = vec![first.bytes()];
    if !bytes.is_empty() {
        let (deps, seq) = (vec![hash(&push[0])], point.seq(author) + 1);
        let (second, _) = draft(bytes, author, &deps, seq, point.next_op + count);
        push.push(second.bytes());
    }
    push
}

/// A change, and how many operations it has.
fn draft(
    bytes: &mut Bytes<'_>,
    author: &Actor,
    deps: &[[u8; 32]],
    seq: u64,
    start_op: u64,
) -> (Draft, u64) {
    let mut ops = Vec::new();
    while ops.is_empty() || (!bytes.is_empty() && ops.len() < OPS_MAX) {
        let head = bytes.byte();
        if head == 0xff {
            break;
        }
        ops.push(operation(head, bytes, start_op));
    }
    if ops.is_empty() {
        ops.push(Op::put("k"));
    }
    let others: Vec<Actor> = {
        let mut all: Vec<Actor> = AUTHORS.into_iter().filter(|one| one != author).collect();
        all.sort_unstable();
        all
    };
    let named = named(&mut ops);
    let others = others.into_iter().zip(named).filter(|(_, named)| *named);
    let count = ops.len() as u64;
    let draft = Draft {
        deps: deps.to_vec(),
        actor: author.to_vec(),
        seq: u(seq),
        start_op: u(start_op),
        others: others.map(|(other, _)| other.to_vec()).collect(),
        ..Draft::new(&ops)
    };
    (draft, count)
}

/// Which of the three other actors the operations name, who are numbered anew: a change lists no others.
fn named(ops: &mut [Op]) -> [bool; 3] {
    let ids = |op: &mut Op, each: &mut dyn FnMut(&mut Id)| {
        op.object.iter_mut().for_each(&mut *each);
        if let Key::Element(id) = &mut op.key {
            each(id);
        }
        op.preds.iter_mut().for_each(&mut *each);
    };
    let mut named = [false; 3];
    for op in &mut *ops {
        ids(op, &mut |id| {
            if id.0 > 0 {
                named[id.0 as usize - 1] = true;
            }
        });
    }
    for op in ops {
        ids(op, &mut |id| {
            if id.0 > 0 {
                let before = &named[..id.0 as usize - 1];
                id.0 = 1 + before.iter().filter(|named| **named).count() as u64;
            }
        });
    }
    named
}

fn operation(head: u8, bytes: &mut Bytes<'_>, start_op: u64) -> Op {
    const NAMES: [&str; 8] = [
        "kind", "what", "answers", "items", "seen", "acts", "new", "",
    ];
    const VALUES: [(u64, &[u8]); 10] = [
        (0, &[]),
        (0x02, &[]),
        (0x14, &[1]),
        (0x14, &[0x7f]),
        (0x13, &[9]),
        (0x16, b"z"),
        (0x26, "é".as_bytes()),
        (0x06, &[]),
        (0x18, &[1]),
        (0x37, &[1, 2, 3]),
    ];
    let id = |bytes: &mut Bytes<'_>| -> Id {
        let byte = bytes.byte();
        let actor = u64::from(byte & 3);
        // Of its own, those near; of others, any.
        let counter = if actor == 0 && byte & 0x80 != 0 {
            start_op + u64::from(byte >> 2 & 15)
        } else {
            u64::from(byte >> 2) + 1
        };
        (actor, counter as i64)
    };
    let object = (head & 1 != 0).then(|| id(bytes));
    let key = match head >> 1 & 3 {
        0 | 1 => Key::Name((*bytes.pick(&NAMES)).to_owned()),
        2 => Key::Head,
        _ => Key::Element(id(bytes)),
    };
    let insert = head & 8 != 0;
    let action = u64::from(head >> 4) % 6;
    let (meta, value) = if matches!(action, 1 | 5) {
        *bytes.pick(&VALUES)
    } else {
        (0, &[][..])
    };
    let how_many = if insert { 0 } else { bytes.byte() % 3 };
    let mut preds: Vec<Id> = (0..how_many).map(|_| id(bytes)).collect();
    preds.sort_unstable_by_key(|id| (id.1, id.0));
    preds.dedup();
    Op {
        object,
        key,
        insert,
        action,
        meta,
        value: value.to_vec(),
        preds,
    }
}

/// Pushes it; whether it was taken.
fn survives(gate: &mut Gate, body: Option<&[u8]>, push: &[Vec<u8>]) -> bool {
    let inspected = gate.inspect(push.iter().map(Vec::as_slice));
    let outcome = inspected.and_then(|inspected| gate.admit(body, inspected));
    assert!(!is_guarded(), "the guard is down again");
    let admitted = match outcome {
        Ok(admitted) => admitted,
        Err(refusal) => {
            no_net(&refusal);
            return false;
        }
    };
    let mut doc = opens(&admitted.body).unwrap();
    assert_eq!(
        view(&doc).as_ref(),
        Ok(&*admitted.after),
        "the same content"
    );
    assert_eq!(save(&mut doc), admitted.body, "saved the same");
    assert_eq!(heads(&mut doc), admitted.heads, "the same heads");
    assert!(
        doc.get_changes(&[]).len() >= push.len().min(1),
        "its changes can be read"
    );
    assert_eq!(conflicts(&doc), Ok(admitted.conflicts_after), "conflicts");
    doc.set_actor(ActorId::from([0xbb; 8]));
    doc.put(ROOT, "after", 1).unwrap();
    let change = commit(&mut doc).unwrap();
    let next = inspect(&change).and_then(|next| gate.admit(Some(&admitted.body), vec![next]));
    assert!(next.is_ok(), "honest work goes on: {:?}", next.err());
    true
}

pub(super) fn push_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut doc = populated();
    let grounds = Ground::all();
    for seed in 0..10 {
        let change = honest(&mut doc, seed);
        seeds.push([&[0, 0], change.as_slice()].concat());
        seeds.extend(after(&grounds[0], 0, &change));
    }
    for poison in catalogue() {
        let push = poison.push.concat();
        if poison.before.is_some() || push.len() > 1024 {
            continue;
        }
        seeds.push([&[2, 0], push.as_slice()].concat());
        seeds.extend(after(&grounds[2], 2, &push));
    }
    let mut chance = Chance::new(1);
    for number in 0..60 {
        let choices: Vec<u8> = (0..8 + number).map(|_| chance.bits() as u8).collect();
        seeds.push([&[number % 3, 2], choices.as_slice()].concat());
    }
    seeds
}

/// A change of Mallory's at the first point, without its beginning.
fn after(ground: &Ground, place: u8, change: &[u8]) -> Option<Vec<u8>> {
    let beginning = ground.points[0].beginning(&MALLORY);
    let body = (9..12).find_map(|at| change.get(at..)?.strip_prefix(beginning.as_slice()))?;
    Some([&[place, 1, 0, 0], body].concat())
}

/// A document that a device is sent. What opens is the same once it is saved, and saved the same from
/// then on: the server may have spelt it in another way.
pub(super) fn document(input: &[u8]) {
    if let Some(mut doc) = opens(&checksummed(input.to_vec())) {
        let saved = save(&mut doc);
        let mut again = opens(&saved).unwrap();
        assert_eq!(view(&again), view(&doc), "the same content");
        assert_eq!(heads(&mut again), heads(&mut doc), "the same heads");
        assert_eq!(save(&mut again), saved, "the same bytes");
    }
    assert!(!is_guarded(), "the guard is down again");
}

/// The document, when the gate opens it. It shows what Automerge shows, also where it reads it by itself.
fn opens(body: &[u8]) -> Option<AutoCommit> {
    let read = read_document(body).ok()?;
    let mut doc = open_document(body).unwrap();
    assert_eq!(view(&doc), Ok(read.view), "the same content");
    assert_eq!(heads(&mut doc), read.heads, "the same heads");
    Some(doc)
}

fn heads(doc: &mut AutoCommit) -> Vec<[u8; 32]> {
    let mut heads: Vec<[u8; 32]> = doc.get_heads().iter().map(|head| head.0).collect();
    heads.sort_unstable();
    heads
}

pub(super) fn document_seeds() -> Vec<Vec<u8>> {
    let grounds = Ground::all();
    let mut seeds: Vec<Vec<u8>> = grounds.into_iter().filter_map(|one| one.body).collect();
    let stored = catalogue().into_iter().filter_map(|poison| poison.before);
    seeds.extend(stored.filter(|body| body.len() <= 4096));
    // A document of one change is kept as that change.
    let body = json!({
        "title": "Fuite", "answers": { "what": ["fall", true, 3.5], "n": -7 }, "acts": {},
        "prose": "né", "nothing": null,
    });
    let made = Document::create(
        MALLORY,
        vigie_core::Id::from_bytes([7; 16]),
        "report",
        1,
        &body,
    );
    seeds.extend(made.unwrap().commit());
    seeds.extend(change_seeds());
    seeds.sort();
    seeds.dedup();
    seeds
}
