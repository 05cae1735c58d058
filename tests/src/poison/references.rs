//! The catalogue of poison, part four: changes that are well formed and do not fit the document.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT};

use vigie_core::gate::{Code, LIMITS, admit, inspect};

use super::build::{ALICE, BOB, Draft, Key, Op, author, commit, hash, u};
use super::{Poison, into};

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

fn refused(out: &mut Vec<Poison>, name: &str, base: &Base, draft: &Draft, code: Code) {
    into(out, name, Some(&base.body), &[draft.bytes()], Some(code));
}

/// An operation on something of Alice's.
const ANSWERS: (u64, i64) = (1, 2);
const ITEMS: (u64, i64) = (1, 4);
const PROSE: (u64, i64) = (1, 7);

fn sequence_numbers(out: &mut Vec<Poison>) {
    let mut base = base();
    let skipping = Draft {
        seq: u(2),
        ..onto(&base, &[Op::put("x")])
    };
    refused(
        out,
        "the second before the first",
        &base,
        &skipping,
        Code::SeqGap,
    );
    let late = Draft {
        seq: u(1 << 30),
        ..onto(&base, &[Op::put("x")])
    };
    refused(out, "the billionth", &base, &late, Code::SeqGap);
    let forged = Draft {
        actor: ALICE.to_vec(),
        ..onto(&base, &[Op::put("x")])
    };
    refused(
        out,
        "Alice's first, once more",
        &base,
        &forged,
        Code::SeqTaken,
    );

    // Alice's next number, not on top of her own work: her own next change would be refused for
    // ever.
    let alone = Draft {
        actor: ALICE.to_vec(),
        seq: u(2),
        start_op: u(1),
        ..Draft::new(&[Op::put("x")])
    };
    refused(
        out,
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
    let both = [honest, forged.bytes()];
    let name = "two changes with one number";
    into(out, name, Some(&base.body), &both, Some(Code::SeqTaken));
}

fn counter_jumps(out: &mut Vec<Poison>) {
    let base = base();
    for start in [1, 11, 13, 1000, (1 << 31) - 2_u64] {
        let draft = Draft {
            start_op: u(start),
            ..onto(&base, &[Op::put("x")])
        };
        let name = format!("a jump to {start}");
        refused(out, &name, &base, &draft, Code::StartOp);
    }
    let new = Draft {
        start_op: u(2),
        ..Draft::new(&[Op::put("x")])
    };
    let name = "a jump in a new document";
    into(out, name, None, &[new.bytes()], Some(Code::StartOp));
}

fn orphans(out: &mut Vec<Poison>) {
    let base = base();
    let orphan = Draft {
        deps: vec![[9; 32]],
        ..onto(&base, &[Op::put("x")])
    };
    refused(
        out,
        "an unknown dependency",
        &base,
        &orphan,
        Code::DepUnknown,
    );
    let half = Draft {
        deps: vec![[0; 32], base.heads[0]],
        ..onto(&base, &[Op::put("x")])
    };
    refused(
        out,
        "a known and an unknown one",
        &base,
        &half,
        Code::DepUnknown,
    );
    let first = onto(&base, &[Op::put("x")]);
    let second = Draft {
        deps: vec![hash(&first.bytes())],
        seq: u(2),
        start_op: u(13),
        ..Draft::new(&[Op::put("y")])
    };
    let (first, second) = (first.bytes(), second.bytes());
    let backwards = [second.clone(), first.clone()];
    let name = "a push in the wrong order";
    into(out, name, Some(&base.body), &backwards, Some(Code::SeqGap));
    into(
        out,
        "a push in order",
        Some(&base.body),
        &[first, second],
        None,
    );
}

fn dangling(out: &mut Vec<Poison>) {
    let base = base();
    let mut check = |name, op: Op, code| refused(out, name, &base, &onto(&base, &[op]), code);
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
    refused(out, "an actor who never wrote", &base, &stranger, missing);
    let inside = Draft::new(&[Op::put("x"), Op::put("y").within((0, 1))]);
    let name = "a value as object in a new document";
    into(out, name, None, &[inside.bytes()], Some(Code::NotAnObject));
}

fn misplaced(out: &mut Vec<Poison>) {
    let base = base();
    let mut check = |name, op: Op, code| refused(out, name, &base, &onto(&base, &[op]), code);
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
        out,
        "overwrites an increment",
        &base,
        &increment,
        Code::PredElsewhere,
    );
}

fn unseen(out: &mut Vec<Poison>) {
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
    refused(out, "with a jump that fits", &base, &blind, Code::StartOp);
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
    let alone = std::slice::from_ref(&bytes);
    into(out, "a second root", Some(&base.body), alone, None);
    // Mallory names Bob's map, but builds only on Alice.
    let mallory = Draft {
        deps: base_heads(&base),
        start_op: u(13),
        others: vec![BOB.to_vec()],
        ..Draft::new(&[Op::put("z").within((1, 2))])
    };
    let (both, name) = ([bytes, mallory.bytes()], "an object it never saw");
    into(
        out,
        name,
        Some(&base.body),
        &both,
        Some(Code::ReferenceUnknown),
    );
    into(
        out,
        "honest beside it",
        Some(&base.body),
        &[first.bytes()],
        None,
    );
}

fn base_heads(base: &Base) -> Vec<[u8; 32]> {
    let mut doc = AutoCommit::load(&base.body).unwrap();
    doc.get_heads().iter().map(|head| head.0).collect()
}

fn nesting(out: &mut Vec<Poison>) {
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
    let deep = |levels| [nested(levels).bytes()];
    into(out, "as deep as allowed", None, &deep(limit), None);
    into(out, "one deeper", None, &deep(limit + 1), Some(Code::Depth));
    into(
        out,
        "thousands deeper",
        None,
        &deep(4000),
        Some(Code::Depth),
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
    let (before, name) = (Some(admitted.body.as_slice()), "below a deleted map");
    into(out, name, before, &[second.bytes()], Some(Code::Depth));
}

fn fitting(out: &mut Vec<Poison>) {
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
    for (number, op) in good.into_iter().enumerate() {
        let name = format!("number {number} of what fits");
        let push = [onto(&base, &[op]).bytes()];
        into(out, &name, Some(&base.body), &push, None);
    }
}

/// All of this part.
pub(super) fn all() -> Vec<Poison> {
    let mut out = Vec::new();
    fitting(&mut out);
    sequence_numbers(&mut out);
    counter_jumps(&mut out);
    orphans(&mut out);
    dangling(&mut out);
    misplaced(&mut out);
    unseen(&mut out);
    nesting(&mut out);
    out
}
