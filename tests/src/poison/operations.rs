//! The catalogue of poison, part three: operations that are wrong whatever the document.

use vigie_core::gate::{Code, LIMITS};

use super::build::{
    ALICE, BOB, Draft, KEY_ACTOR, KEY_COUNTER, KEY_NAME, Key, OBJECT_ACTOR, OBJECT_COUNTER, Op,
    PRED_ACTOR, PRED_COUNTER, s, u,
};
use super::{Poison, healthy, listed};

/// One operation in a change whose first operation is number 10.
fn late(op: Op) -> Draft {
    Draft {
        start_op: u(10),
        ..Draft::new(&[op])
    }
}

fn float(number: f64) -> Vec<u8> {
    Draft::new(&[Op::put("k").value(0x85, &number.to_le_bytes())]).bytes()
}

fn actions() -> Vec<Poison> {
    let with = |action| Draft::new(&[Op::put("k").action(action)]).bytes();
    listed(vec![
        (
            "a table",
            Draft::new(&[Op::make("k", 6)]).bytes(),
            Code::TableRefused,
        ),
        ("a mark", with(7), Code::MarkRefused),
        ("action 8", with(8), Code::ActionUnknown),
        ("action 2^63", with(1 << 63), Code::ActionUnknown),
    ])
}

fn values() -> Vec<Poison> {
    let with = |meta, value: &[u8]| Draft::new(&[Op::put("k").value(meta, value)]).bytes();
    let counter = |number| {
        let bytes = s(number);
        with((bytes.len() as u64) << 4 | 8, &bytes)
    };
    let most = LIMITS.counter_value as i64;
    listed(vec![
        ("unknown type 10", with(0x1a, &[1]), Code::ValueType),
        ("unknown type 15", with(0x0f, &[]), Code::ValueType),
        ("null with bytes", with(0x10, &[0]), Code::ValueLength),
        ("true with bytes", with(0x12, &[0]), Code::ValueLength),
        (
            "value beyond its column",
            with(0x96, b"abc"),
            Code::ValueLength,
        ),
        (
            "value of 2^60 bytes",
            with(u64::MAX << 4 | 6, b"abc"),
            Code::ValueLength,
        ),
        (
            "value column too long",
            with(0x16, b"abc"),
            Code::ValueLength,
        ),
        ("number with a tail", with(0x24, &[1, 1]), Code::ValueLength),
        ("empty number", with(0x04, &[]), Code::Truncated),
        (
            "number of 11 bytes",
            with(0xb3, &[0xff; 11]),
            Code::NumberOverflow,
        ),
        ("float of 7 bytes", with(0x75, &[0; 7]), Code::Truncated),
        ("float of 9 bytes", with(0x95, &[0; 9]), Code::ValueLength),
        ("not a number", float(f64::NAN), Code::ValueNotFinite),
        ("infinity", float(f64::INFINITY), Code::ValueNotFinite),
        ("string not UTF-8", with(0x26, &[0xc3, 0x28]), Code::NotUtf8),
        (
            "lone surrogate",
            with(0x36, &[0xed, 0xa0, 0x80]),
            Code::NotUtf8,
        ),
        ("counter too large", counter(most + 1), Code::CounterRange),
        (
            "counter at the end of the world",
            counter(i64::MIN),
            Code::CounterRange,
        ),
        (
            "a map with a value",
            Draft::new(&[Op::put("k").action(0)]).bytes(),
            Code::ValueUnexpected,
        ),
        (
            "a deletion with a value",
            late(Op::put("k").action(3).over(&[(0, 1)])).bytes(),
            Code::ValueUnexpected,
        ),
    ])
}

fn increments() -> Vec<Poison> {
    let by = |meta, value: &[u8]| {
        late(Op::put("k").action(5).over(&[(0, 1)]).value(meta, value)).bytes()
    };
    let huge = s(i64::MAX);
    listed(vec![
        ("by a text", by(0x16, b"1"), Code::IncrementValue),
        ("by nothing", by(0, &[]), Code::IncrementValue),
        ("by an unsigned", by(0x13, &[1]), Code::IncrementValue),
        ("by 2^63-1", by(0xa4, &huge), Code::IncrementValue),
        (
            "of nothing",
            late(Op::put("k").action(5)).bytes(),
            Code::PredMissing,
        ),
    ])
}

fn ids() -> Vec<Poison> {
    let d = healthy;
    let id = |actor, counter| late(Op::put("k").within((actor, counter))).bytes();
    let pred = |actor, counter| late(Op::put("k").over(&[(actor, counter)])).bytes();
    let half = |spec| d().column(spec, &[0x7f, 1]).bytes();
    let three = Draft::new(&[Op::put("a"), Op::put("b"), Op::put("c")]);
    listed(vec![
        ("object of an actor beyond", id(1, 1), Code::ActorIndex),
        ("object of actor 255", id(255, 1), Code::ActorIndex),
        ("object of actor 256", id(256, 1), Code::IdRange),
        ("object of actor 2^63", id(1 << 63, 1), Code::IdRange),
        ("object zero", id(0, 0), Code::IdRange),
        ("object 2^31+1", id(0, (1 << 31) + 1), Code::IdRange),
        ("object 2^40", id(0, 1 << 40), Code::IdRange),
        ("object without counter", half(OBJECT_ACTOR), Code::IdRange),
        ("object without actor", half(OBJECT_COUNTER), Code::IdRange),
        ("overwrites an actor beyond", pred(3, 1), Code::ActorIndex),
        ("overwrites zero", pred(0, 0), Code::IdRange),
        ("overwrites a negative", pred(0, -5), Code::IdRange),
        ("overwrites 2^40", pred(0, 1 << 40), Code::IdRange),
        (
            "a null actor among preds",
            {
                three
                    .column(super::build::PRED_COUNT, &[3, 1])
                    .column(PRED_ACTOR, &[0x7f, 0, 0, 2])
                    .column(PRED_COUNTER, &[0x7f, 1, 2, 0])
                    .bytes()
            },
            Code::UnexpectedNull,
        ),
    ])
}

fn keys() -> Vec<Poison> {
    let d = healthy;
    let long = "k".repeat(LIMITS.key_bytes + 1);
    let element = |id| Op::insert((0, 1), Key::Element(id), "x");
    listed(vec![
        (
            "no key at all",
            d().without(KEY_NAME).bytes(),
            Code::KeyShape,
        ),
        (
            "a name and an element",
            {
                d().column(KEY_ACTOR, &[0x7f, 0])
                    .column(KEY_COUNTER, &[0x7f, 1])
                    .bytes()
            },
            Code::KeyShape,
        ),
        (
            "a name and the head",
            d().column(KEY_COUNTER, &[0x7f, 0]).bytes(),
            Code::KeyShape,
        ),
        (
            "an element without actor",
            {
                d().without(KEY_NAME)
                    .column(KEY_COUNTER, &[0x7f, 1])
                    .bytes()
            },
            Code::KeyShape,
        ),
        (
            "an element without counter",
            { d().without(KEY_NAME).column(KEY_ACTOR, &[0x7f, 0]).bytes() },
            Code::KeyShape,
        ),
        (
            "the head, with an actor",
            late(element((0, 0))).bytes(),
            Code::IdRange,
        ),
        (
            "a negative element",
            late(element((0, -1))).bytes(),
            Code::IdRange,
        ),
        (
            "an element of nobody",
            late(element((9, 1))).bytes(),
            Code::ActorIndex,
        ),
        (
            "a long key",
            Draft::new(&[Op::put(&long)]).bytes(),
            Code::KeyTooLong,
        ),
    ])
}

fn insertions() -> Vec<Poison> {
    let list = |op: Op| late(op).bytes();
    let head = || Op::insert((0, 1), Key::Head, "x");
    let at = || Op {
        insert: false,
        ..Op::insert((0, 1), Key::Element((0, 2)), "x")
    };
    let mut in_map = Op::put("k");
    in_map.insert = true;
    listed(vec![
        ("into a map", list(in_map), Code::InsertShape),
        (
            "overwriting",
            list(head().over(&[(0, 2)])),
            Code::InsertShape,
        ),
        (
            "a deletion",
            list(head().action(3).value(0, &[])),
            Code::InsertShape,
        ),
        (
            "an increment",
            list(head().action(5).value(0x14, &[1])),
            Code::InsertShape,
        ),
        (
            "at the head, no insertion",
            list(Op {
                insert: false,
                ..head()
            }),
            Code::InsertShape,
        ),
        ("an element put over nothing", list(at()), Code::PredMissing),
        (
            "an element made over nothing",
            list(at().action(0).value(0, &[])),
            Code::PredMissing,
        ),
        (
            "a deletion of nothing",
            list(Op::make("k", 3)),
            Code::PredMissing,
        ),
    ])
}

fn future() -> Vec<Poison> {
    let others = vec![ALICE.to_vec(), BOB.to_vec()];
    let both = |preds: &[(u64, i64)]| {
        Draft {
            others: others.clone(),
            ..late(Op::put("k").over(preds))
        }
        .bytes()
    };
    listed(vec![
        (
            "its own object",
            late(Op::make("k", 0).within((0, 10))).bytes(),
            Code::ReferenceForward,
        ),
        (
            "a later object",
            late(Op::put("k").within((0, 11))).bytes(),
            Code::ReferenceForward,
        ),
        (
            "overwrites itself",
            late(Op::put("k").over(&[(0, 10)])).bytes(),
            Code::ReferenceForward,
        ),
        (
            "after itself",
            late(Op::insert((0, 1), Key::Element((0, 10)), "x")).bytes(),
            Code::ReferenceForward,
        ),
        (
            "another's future",
            both(&[(1, 3), (2, 10)]),
            Code::ReferenceForward,
        ),
        ("preds backwards", both(&[(1, 4), (2, 3)]), Code::PredOrder),
        (
            "preds backwards by actor",
            both(&[(2, 3), (1, 3)]),
            Code::PredOrder,
        ),
        (
            "a pred twice",
            both(&[(1, 3), (1, 3), (2, 4)]),
            Code::PredOrder,
        ),
    ])
}

/// All of this part.
pub(super) fn all() -> Vec<Poison> {
    [
        actions(),
        values(),
        increments(),
        ids(),
        keys(),
        insertions(),
        future(),
    ]
    .concat()
}
