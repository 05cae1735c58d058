//! The catalogue of poison, part five: changes that are right one by one, and too much together.

use vigie_core::gate::{Code, LIMITS, admit, inspect};

use super::build::{Draft, Op, hash, u};
use super::{Poison, into};

/// An actor of a crowd.
fn actor(number: usize) -> Vec<u8> {
    (0xc0_u64 << 56 | number as u64).to_be_bytes().to_vec()
}

/// A chain of changes by one actor, each of so many values under names of their own.
fn chain(length: usize, ops: impl Fn(usize) -> Vec<Op>) -> Vec<Vec<u8>> {
    let mut push: Vec<Vec<u8>> = Vec::new();
    let mut start = 1_usize;
    for seq in 1..=length {
        let ops = ops(seq);
        let draft = Draft {
            seq: u(seq as u64),
            deps: push.last().map(|last| vec![hash(last)]).unwrap_or_default(),
            start_op: u(start as u64),
            ..Draft::new(&ops)
        };
        start += ops.len();
        push.push(draft.bytes());
    }
    push
}

/// The document that these changes make, let in by as many pushes as it takes.
fn stored(changes: &[Vec<u8>]) -> Vec<u8> {
    let mut body: Option<Vec<u8>> = None;
    for push in changes.chunks(LIMITS.push_changes) {
        let inspected = push.iter().map(|bytes| inspect(bytes).unwrap()).collect();
        body = Some(admit(body.as_deref(), inspected).unwrap().body);
    }
    body.unwrap()
}

/// The same, and the change after it, which is too much.
fn last_too_many(out: &mut Vec<Poison>, name: &str, mut changes: Vec<Vec<u8>>, code: Code) {
    let last = changes.pop().unwrap();
    let body = stored(&changes);
    into(out, name, Some(&body), &[last], Some(code));
}

fn large(out: &mut Vec<Poison>) {
    let text = vec![b'x'; 250_000];
    let words = chain(9, |seq| {
        vec![Op::put(&format!("{seq}")).value((text.len() as u64) << 4 | 6, &text)]
    });
    let code = Some(Code::DocumentTooLarge);
    into(out, "nine quarters of a megabyte", None, &words, code);
    let same = chain(23, |_| vec![Op::put("k"); LIMITS.change_ops]);
    let code = Some(Code::DocumentTooManyOps);
    into(out, "94,208 times the same", None, &same, code);
    let name = "94,208 times the same, most of them before";
    last_too_many(out, name, same, Code::DocumentTooManyOps);
    let full = |seq: usize| vec![Op::put("k"); if seq < 3 { LIMITS.change_ops } else { 1 }];
    into(
        out,
        "as much as one push may be",
        None,
        &chain(2, full),
        None,
    );
    into(out, "an operation more", None, &chain(3, full), code);
    let names = chain(7, |seq| {
        (0..LIMITS.change_ops)
            .map(|n| Op::put(&format!("{seq}-{n}")))
            .collect()
    });
    let code = Code::ViewTooLarge;
    last_too_many(out, "28,672 values to be seen", names, code);
    // One long name written once for each of many maps.
    let key = "k".repeat(LIMITS.key_bytes);
    let long = chain(3, |seq| {
        let start = (seq - 1) * LIMITS.change_ops;
        let mut ops = Vec::new();
        for n in 0..LIMITS.change_ops / 2 {
            ops.push(Op::make(&format!("{seq}-{n}"), 0));
        }
        for n in 0..LIMITS.change_ops / 2 {
            let map = (0, (start + n + 1) as i64);
            ops.push(Op::put(&key).within(map));
        }
        ops
    });
    last_too_many(out, "a megabyte and a half of names", long, code);
}

fn many(out: &mut Vec<Poison>) {
    let one = Draft::new(&[Op::put("k")]).bytes();
    let push = vec![one; LIMITS.push_changes + 1];
    let code = Some(Code::TooManyChanges);
    into(out, "513 changes in one push", None, &push, code);
    let small = chain(LIMITS.document_changes + 1, |_| vec![Op::put("k")]);
    let name = "one change too many for a document";
    last_too_many(out, name, small, Code::DocumentTooManyChanges);
    let heavy = chain(7_000, |_| vec![Op::put("k"); 8]);
    let (before, rest) = heavy.split_at(6_500);
    let before = stored(before);
    let code = Some(Code::DocumentTooLarge);
    into(
        out,
        "many changes of many operations",
        Some(&before),
        rest,
        code,
    );
}

fn crowds(out: &mut Vec<Poison>) {
    let alone = |number: usize| Draft {
        actor: actor(number),
        ..Draft::new(&[Op::put("k")])
    };
    let crowd = (0..=LIMITS.document_actors).map(|number| alone(number).bytes());
    let name = "one actor too many";
    last_too_many(out, name, crowd.collect(), Code::DocumentTooManyActors);

    // Each builds on 64 others that nobody else builds on: where they meet has to be looked for.
    let roots: Vec<Vec<u8>> = (0..500).map(|number| alone(number).bytes()).collect();
    let body = stored(&roots);
    let onto = |deps: &[Vec<u8>], number: usize, start: u64| {
        let mut deps: Vec<[u8; 32]> = deps.iter().map(|dep| hash(dep)).collect();
        deps.sort_unstable();
        let draft = Draft {
            deps,
            actor: actor(number),
            start_op: u(start),
            ..Draft::new(&[Op::put("k")])
        };
        draft.bytes()
    };
    let mut push: Vec<Vec<u8>> = (0..64)
        .map(|number| onto(&roots[number..number + 2], 500 + number, 2))
        .collect();
    let first = push.clone();
    push.extend((0..400).map(|number| onto(&first, 600 + number, 3)));
    let code = Some(Code::HistoryTooTangled);
    into(out, "a tangle", Some(&body), &push, code);
}

/// All of this part.
pub(super) fn all() -> Vec<Poison> {
    let mut out = Vec::new();
    large(&mut out);
    many(&mut out);
    crowds(&mut out);
    out
}
