//! The catalogue of poison, part four: changes that are well formed and do not fit the document.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT};

use super::build::{ALICE, BOB, Draft, Key, MALLORY, Op, author, commit, hash, u};
use crate::gate::refusal::Code;
use crate::gate::{LIMITS, admit, inspect};

/// A document that Alice wrote: 1 `kind`, 2 `answers` (a map), 3 `answers/what`, 4 `items` (a
/// list), 5 and 6 its elements, 7 `prose` (a text), 8 and 9 its letters, 10 `seen` (a counter),
/// 11 `kind` deleted.
struct Base {
    body: Vec<u8>,
    heads: Vec<[u8; 32]>,
    doc: AutoCommit,
}

fn base() -> Base {
    let mut doc = author(ALICE);
    doc.put(ROOT, "kind", "report").unwrap();
    let answers = doc.put_object(ROOT, "answers", ObjType::Map).unwrap();
    doc.put(&answers, "what", "a leak").unwrap();
    let items = doc.put_object(ROOT, "items", ObjType::List).unwrap();
    doc.insert(&items, 0, "a").unwrap();
    doc.insert(&items, 1, "b").unwrap();
    let prose = doc.put_object(ROOT, "prose", ObjType::Text).unwrap();
    doc.splice_text(&prose, 0, 0, "hi").unwrap();
    doc.put(ROOT, "seen", automerge::ScalarValue::counter(0))
        .unwrap();
    doc.delete(ROOT, "kind").unwrap();
    commit(&mut doc).unwrap();
    let heads = doc.get_heads().iter().map(|head| head.0).collect();
    Base {
        body: doc.save_nocompress(),
        heads,
        doc,
    }
}

/// Mallory's first change on top of Alice's document; Alice is actor 1 in it.
fn onto(base: &Base, ops: &[Op]) -> Draft {
    let named = |id: &(u64, i64)| id.0 == 1;
    let element = |op: &Op| matches!(&op.key, Key::Element(id) if named(id));
    let alice = ops.iter().any(|op| {
        op.object.as_ref().is_some_and(named) || op.preds.iter().any(named) || element(op)
    });
    Draft {
        deps: base.heads.clone(),
        start_op: u(12),
        others: if alice { vec![ALICE.to_vec()] } else { vec![] },
        ..Draft::new(ops)
    }
}

fn outcome(before: Option<&[u8]>, push: &[Vec<u8>]) -> Result<Vec<[u8; 32]>, Code> {
    let inspected: Vec<_> = push
        .iter()
        .map(|bytes| match inspect(bytes) {
            Ok(inspected) => inspected,
            Err(refusal) => panic!("refused by layer (a): {refusal}"),
        })
        .collect();
    match admit(before, inspected) {
        Ok(admitted) => Ok(admitted.accepted),
        Err(refusal) => Err(refusal.code),
    }
}

fn refused(name: &str, base: &Base, draft: &Draft, code: Code) {
    assert_eq!(
        outcome(Some(&base.body), &[draft.bytes()]),
        Err(code),
        "`{name}`"
    );
}

/// An operation on something of Alice's.
const ANSWERS: (u64, i64) = (1, 2);
const ITEMS: (u64, i64) = (1, 4);
const PROSE: (u64, i64) = (1, 7);

#[test]
fn changes_that_fit_pass() {
    let base = base();
    let text = |object, element| Op::insert(object, Key::Element(element), "x");
    let good = [
        Op::put("mallory"),
        Op::put("what").within(ANSWERS).over(&[(1, 3)]),
        Op::make("what", 3).within(ANSWERS).over(&[(1, 3)]),
        text(ITEMS, (1, 5)),
        text(PROSE, (1, 8)),
        Op::insert(ITEMS, Key::Head, "x"),
        Op::make("", 3)
            .within(ITEMS)
            .at(Key::Element((1, 6)))
            .over(&[(1, 6)]),
        Op::put("seen").action(5).over(&[(1, 10)]),
    ];
    for op in &good {
        let draft = onto(&base, std::slice::from_ref(op));
        let passed = outcome(Some(&base.body), &[draft.bytes()]);
        assert_eq!(passed, Ok(vec![hash(&draft.bytes())]), "{op:?}");
    }
}

#[test]
fn forged_and_skipped_sequence_numbers_are_refused() {
    let mut base = base();
    let skipping = Draft {
        seq: u(2),
        ..onto(&base, &[Op::put("x")])
    };
    refused(
        "the second before the first",
        &base,
        &skipping,
        Code::SeqGap,
    );
    let late = Draft {
        seq: u(1 << 30),
        ..onto(&base, &[Op::put("x")])
    };
    refused("the billionth", &base, &late, Code::SeqGap);
    let forged = Draft {
        actor: ALICE.to_vec(),
        ..onto(&base, &[Op::put("x")])
    };
    refused("Alice's first, once more", &base, &forged, Code::SeqTaken);

    // Alice's next number, not on top of her own work: her own next change would be refused for
    // ever.
    let alone = Draft {
        actor: ALICE.to_vec(),
        seq: u(2),
        start_op: u(1),
        ..Draft::new(&[Op::put("x")])
    };
    refused(
        "Alice's second out of nowhere",
        &base,
        &alone,
        Code::OwnChangeMissing,
    );

    // The same number twice in one push.
    base.doc.put(ROOT, "a", 1).unwrap();
    let honest = commit(&mut base.doc).unwrap();
    let forged = Draft {
        actor: ALICE.to_vec(),
        seq: u(2),
        ..onto(&base, &[Op::put("a").value(0x14, &[2])])
    };
    let both = outcome(Some(&base.body), &[honest, forged.bytes()]);
    assert_eq!(both, Err(Code::SeqTaken), "two changes with one number");
}

#[test]
fn counter_jumps_are_refused() {
    let base = base();
    for start in [1, 11, 13, 1000, (1 << 31) - 2] {
        let draft = Draft {
            start_op: u(start),
            ..onto(&base, &[Op::put("x")])
        };
        refused("a jump", &base, &draft, Code::StartOp);
    }
    let new = Draft {
        start_op: u(2),
        ..Draft::new(&[Op::put("x")])
    };
    assert_eq!(
        outcome(None, &[new.bytes()]),
        Err(Code::StartOp),
        "in a new document"
    );
}

#[test]
fn orphans_are_refused() {
    let base = base();
    let orphan = Draft {
        deps: vec![[9; 32]],
        ..onto(&base, &[Op::put("x")])
    };
    refused("an unknown dependency", &base, &orphan, Code::DepUnknown);
    let half = Draft {
        deps: vec![[0; 32], base.heads[0]],
        ..onto(&base, &[Op::put("x")])
    };
    refused("a known and an unknown one", &base, &half, Code::DepUnknown);
    let first = onto(&base, &[Op::put("x")]);
    let second = Draft {
        deps: vec![hash(&first.bytes())],
        seq: u(2),
        start_op: u(13),
        ..Draft::new(&[Op::put("y")])
    };
    let backwards = outcome(Some(&base.body), &[second.bytes(), first.bytes()]);
    assert_eq!(backwards, Err(Code::SeqGap), "a push in the wrong order");
    let forwards = outcome(Some(&base.body), &[first.bytes(), second.bytes()]);
    assert!(forwards.is_ok(), "and in the right one: {forwards:?}");
}

#[test]
fn dangling_references_are_refused() {
    let base = base();
    let check = |name: &str, op: Op, code| refused(name, &base, &onto(&base, &[op]), code);
    let missing = Code::ReferenceUnknown;
    check(
        "an object that is a value",
        Op::put("x").within((1, 1)),
        Code::NotAnObject,
    );
    check(
        "an object that is a deletion",
        Op::put("x").within((1, 11)),
        Code::NotAnObject,
    );
    check(
        "an object that is a letter",
        Op::put("x").within((1, 8)),
        Code::NotAnObject,
    );
    check(
        "own operation before the first",
        Op::put("x").within((0, 5)),
        missing,
    );
    check("overwrites nothing", Op::put("x").over(&[(0, 4)]), missing);
    check(
        "overwrites a stranger's",
        Op::put("x").over(&[(1, 1)]),
        Code::PredElsewhere,
    );
    check(
        "after an element that is not",
        Op::insert(ITEMS, Key::Element((0, 3)), "x"),
        missing,
    );
    check(
        "after an element of another list",
        Op::insert(ITEMS, Key::Element((1, 8)), "x"),
        Code::ElementElsewhere,
    );
    check(
        "after something never inserted",
        Op::insert(ITEMS, Key::Element((1, 3)), "x"),
        Code::ElementElsewhere,
    );
    let stranger = Draft {
        others: vec![BOB.to_vec()],
        ..onto(&base, &[Op::put("x").within((1, 2))])
    };
    refused("an actor who never wrote", &base, &stranger, missing);
    assert_eq!(
        outcome(
            None,
            &[Draft::new(&[Op::put("x"), Op::put("y").within((0, 1))]).bytes()]
        ),
        Err(Code::NotAnObject),
        "a value as object in a new document"
    );
}

#[test]
fn operations_at_the_wrong_place_are_refused() {
    let base = base();
    let check = |name: &str, op: Op, code| refused(name, &base, &onto(&base, &[op]), code);
    check(
        "a name in a list",
        Op::put("x").within(ITEMS),
        Code::KeyKind,
    );
    check(
        "a name in a text",
        Op::put("x").within(PROSE),
        Code::KeyKind,
    );
    check(
        "an element in a map",
        Op::insert(ANSWERS, Key::Head, "x"),
        Code::KeyKind,
    );
    check(
        "overwrites another name",
        Op::put("x").over(&[(1, 2)]),
        Code::PredElsewhere,
    );
    check(
        "overwrites the same name elsewhere",
        Op::put("what").over(&[(1, 3)]),
        Code::PredElsewhere,
    );
    check(
        "overwrites a deletion",
        Op::put("kind").over(&[(1, 11)]),
        Code::PredElsewhere,
    );
    check(
        "overwrites another element",
        Op::put("")
            .within(ITEMS)
            .at(Key::Element((1, 5)))
            .over(&[(1, 6)]),
        Code::PredElsewhere,
    );
    check(
        "increments a text",
        Op::put("kind").action(5).over(&[(1, 1)]),
        Code::NotACounter,
    );
    check(
        "a number in a text",
        Op::insert(PROSE, Key::Head, "x").value(0x14, &[7]),
        Code::TextContent,
    );
    check(
        "a character in place of another",
        Op {
            insert: false,
            ..Op::insert(PROSE, Key::Element((1, 8)), "x")
        }
        .over(&[(1, 8)]),
        Code::TextContent,
    );
    check(
        "no character in a text",
        Op::insert(PROSE, Key::Head, ""),
        Code::TextContent,
    );
    check(
        "a map in a text",
        Op::insert(PROSE, Key::Head, "x").action(0).value(0, &[]),
        Code::TextContent,
    );
    let mut increment = onto(
        &base,
        &[
            Op::put("seen").action(5).over(&[(1, 10)]),
            Op::put("seen").over(&[(0, 12)]),
        ],
    );
    increment.others = vec![ALICE.to_vec()];
    refused(
        "overwrites an increment",
        &base,
        &increment,
        Code::PredElsewhere,
    );
}

#[test]
fn what_a_change_did_not_see_it_cannot_name() {
    let mut base = base();
    let root = base.heads.clone();
    base.doc.put(ROOT, "late", 1).unwrap();
    commit(&mut base.doc).unwrap();
    base.body = base.doc.save_nocompress();
    // Alice's operation 12 is in the document, but not in the history of this change.
    let blind = Draft {
        deps: root,
        start_op: u(13),
        others: vec![ALICE.to_vec()],
        ..Draft::new(&[Op::put("late").over(&[(1, 12)])])
    };
    refused("with a jump that fits", &base, &blind, Code::StartOp);
    let first = Draft {
        deps: base_heads(&base),
        start_op: u(13),
        ..Draft::new(&[Op::put("m")])
    };
    let object = Draft {
        deps: vec![],
        actor: BOB.to_vec(),
        start_op: u(1),
        ..Draft::new(&[Op::put("x"), Op::make("y", 0)])
    };
    let bytes = object.bytes();
    assert!(
        outcome(Some(&base.body), std::slice::from_ref(&bytes)).is_ok(),
        "a second root"
    );
    // Mallory names Bob's map, but builds only on Alice.
    let mallory = Draft {
        deps: base_heads(&base),
        start_op: u(13),
        others: vec![BOB.to_vec()],
        ..Draft::new(&[Op::put("z").within((1, 2))])
    };
    let outcome_ = outcome(Some(&base.body), &[bytes, mallory.bytes()]);
    assert_eq!(
        outcome_,
        Err(Code::ReferenceUnknown),
        "an object it never saw"
    );
    assert!(
        outcome(Some(&base.body), &[first.bytes()]).is_ok(),
        "honest beside it"
    );
}

fn base_heads(base: &Base) -> Vec<[u8; 32]> {
    let mut doc = AutoCommit::load(&base.body).unwrap();
    doc.get_heads().iter().map(|head| head.0).collect()
}

#[test]
fn nesting_beyond_the_limit_is_refused_even_where_nobody_sees_it() {
    let nested = |depth: i64| {
        let ops: Vec<Op> = (0..depth)
            .map(|level| match level {
                0 => Op::make("m", 0),
                _ => Op::make("m", 0).within((0, level)),
            })
            .collect();
        Draft::new(&ops)
    };
    let limit = LIMITS.depth as i64;
    assert!(
        outcome(None, &[nested(limit).bytes()]).is_ok(),
        "as deep as allowed"
    );
    assert_eq!(
        outcome(None, &[nested(limit + 1).bytes()]),
        Err(Code::Depth),
        "one deeper"
    );
    assert_eq!(
        outcome(None, &[nested(4000).bytes()]),
        Err(Code::Depth),
        "thousands deeper"
    );

    // In a second change, onto a stored document, under a map that was deleted.
    let first = nested(limit);
    let admitted = admit(None, vec![inspect(&first.bytes()).unwrap()]).unwrap();
    let next = limit + 1;
    let second = Draft {
        deps: vec![hash(&first.bytes())],
        seq: u(2),
        start_op: u(next as u64),
        ..Draft::new(&[
            Op::make("m", 3).over(&[(0, 1)]),
            Op::make("m", 2).within((0, limit)),
        ])
    };
    assert_eq!(
        outcome(Some(&admitted.body), &[second.bytes()]),
        Err(Code::Depth),
        "below a deleted map"
    );
}

#[test]
fn documents_beyond_the_limits_are_refused() {
    let strings = |seq: u64, deps: Vec<[u8; 32]>, count: usize, bytes: usize| {
        let ops: Vec<Op> = (0..count)
            .map(|n| {
                let value = vec![b'x'; bytes];
                Op::put(&format!("{seq}-{n}")).value((bytes as u64) << 4 | 6, &value)
            })
            .collect();
        let start = (seq - 1) * count as u64 + 1;
        Draft {
            seq: u(seq),
            deps,
            start_op: u(start),
            ..Draft::new(&ops)
        }
        .bytes()
    };
    let chain = |length: u64, count: usize, bytes: usize| {
        let mut push: Vec<Vec<u8>> = Vec::new();
        for seq in 1..=length {
            let deps = push.last().map(|last| vec![hash(last)]).unwrap_or_default();
            push.push(strings(seq, deps, count, bytes));
        }
        push
    };
    assert_eq!(
        outcome(None, &chain(9, 1, 250_000)),
        Err(Code::DocumentTooLarge),
        "2.25 MB"
    );
    assert_eq!(
        outcome(None, &chain(25, 4096, 0)),
        Err(Code::DocumentTooManyOps),
        "102,400 ops"
    );
    let one = inspect(&chain(1, 1, 1)[0]).unwrap();
    let many = vec![one; LIMITS.push_changes + 1];
    let code = admit(None, many).err().map(|refusal| refusal.code);
    assert_eq!(code, Some(Code::TooManyChanges), "a push of 513");
    let code = admit(None, vec![]).err().map(|refusal| refusal.code);
    assert_eq!(code, Some(Code::NothingPushed), "nothing onto nothing");
}

#[test]
fn a_stored_document_that_cannot_be_read_is_a_refusal() {
    let base = base();
    let draft = onto(&base, &[Op::put("x")]);
    let mut broken = base.body;
    let last = broken.len() - 1;
    broken[last] ^= 0xff;
    let code = outcome(Some(&broken), &[draft.bytes()]);
    assert_eq!(code, Err(Code::DocumentUnreadable), "a flipped byte");
    assert_eq!(
        MALLORY.len(),
        LIMITS.actor_bytes,
        "the cast has ids of the right size"
    );
}
