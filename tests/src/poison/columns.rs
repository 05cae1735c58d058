//! The catalogue of poison, part two: the runs of the columns.

use vigie_core::gate::Code;

use super::build::{
    ACTION, Draft, INSERT, KEY_COUNTER, KEY_NAME, META, OBJECT_ACTOR, OBJECT_COUNTER, Op,
    PRED_ACTOR, PRED_COUNT, PRED_COUNTER, VALUE, prefixed, s, u,
};
use super::{Poison, healthy, listed};

/// A change of two numbers under two names.
fn pair() -> Draft {
    Draft::new(&[Op::put("a"), Op::put("b")])
}

fn bombs() -> Vec<Poison> {
    let d = healthy;
    let run = |count: i64, value: &[u8]| [s(count), value.to_vec()].concat();
    let preds = d().column(PRED_COUNT, &run(-1, &u(1 << 60)));
    let row = |spec, bytes: &[u8]| d().column(spec, bytes).bytes();
    listed(vec![
        (
            "ten million sets",
            row(ACTION, &run(10_000_000, &[1])),
            Code::TooManyOps,
        ),
        (
            "2^62 sets",
            row(ACTION, &run(1 << 62, &[1])),
            Code::TooManyOps,
        ),
        ("4097 sets", row(ACTION, &run(4097, &[1])), Code::TooManyOps),
        (
            "a literal of 2^63",
            row(ACTION, &s(i64::MIN)),
            Code::TooManyOps,
        ),
        (
            "2^64-1 nulls",
            row(ACTION, &[s(0), u(u64::MAX)].concat()),
            Code::TooManyOps,
        ),
        (
            "run of keys",
            row(KEY_NAME, &run(1 << 40, &[1, 65])),
            Code::ColumnRows,
        ),
        (
            "run of objects",
            row(OBJECT_ACTOR, &run(1 << 40, &[0])),
            Code::ColumnRows,
        ),
        (
            "run of value types",
            row(META, &run(1 << 40, &[0])),
            Code::ColumnRows,
        ),
        ("run of false", row(INSERT, &u(1 << 40)), Code::ColumnRows),
        ("2^60 predecessors", preds.bytes(), Code::TooManyPreds),
        (
            "predecessors of a run",
            d().column(PRED_COUNT, &run(-1, &u(4097))).bytes(),
            Code::TooManyPreds,
        ),
        (
            "a key of 100 kB",
            Draft::new(&[Op::put(&"k".repeat(100_000))]).bytes(),
            Code::KeyTooLong,
        ),
    ])
}

fn lengths() -> Vec<Poison> {
    let d = pair;
    let row = |spec, bytes: &[u8]| d().column(spec, bytes).bytes();
    listed(vec![
        (
            "one key for two",
            row(KEY_NAME, &[0x7f, 1, 65]),
            Code::ColumnRows,
        ),
        (
            "three keys for two",
            row(KEY_NAME, &[0x7d, 1, 65, 1, 66, 1, 67]),
            Code::ColumnRows,
        ),
        (
            "one value type for two",
            row(META, &[0x7f, 0x14]),
            Code::ColumnRows,
        ),
        ("one insert for two", row(INSERT, &[1]), Code::ColumnRows),
        (
            "one predecessor count for two",
            row(PRED_COUNT, &[0x7f, 0]),
            Code::ColumnRows,
        ),
        (
            "preds that nobody has",
            row(PRED_ACTOR, &[0x7f, 0]),
            Code::ColumnRows,
        ),
        (
            "preds without counters",
            d().column(PRED_COUNT, &[2, 1])
                .column(PRED_ACTOR, &[2, 0])
                .bytes(),
            Code::ColumnMissing,
        ),
        (
            "one pred for two",
            d().column(PRED_COUNT, &[2, 1])
                .column(PRED_ACTOR, &[2, 0])
                .column(PRED_COUNTER, &[0x7f, 1])
                .bytes(),
            Code::ColumnRows,
        ),
        ("a run cut short", row(ACTION, &[2]), Code::Truncated),
        (
            "a literal cut short",
            row(ACTION, &[0x7e, 1]),
            Code::Truncated,
        ),
        (
            "a key cut short",
            row(KEY_NAME, &[0x7e, 1, 65, 9, 66]),
            Code::Truncated,
        ),
    ])
}

fn spellings() -> Vec<Poison> {
    let d = healthy;
    let row = |spec, bytes: &[u8]| d().column(spec, bytes).bytes();
    let two = |spec, bytes: &[u8]| pair().column(spec, bytes).bytes();
    listed(vec![
        // 86 bytes of this bricked a document for everybody.
        ("a run of one", row(ACTION, &[1, 1]), Code::RunNotCanonical),
        (
            "a run of one key",
            row(KEY_NAME, &[1, 1, b'k']),
            Code::RunNotCanonical,
        ),
        (
            "a literal of equals",
            two(ACTION, &[0x7e, 1, 1]),
            Code::RunNotCanonical,
        ),
        (
            "two literals",
            two(META, &[0x7f, 0x14, 0x7f, 0x24]),
            Code::RunNotCanonical,
        ),
        (
            "a run that goes on",
            two(ACTION, &[0x7f, 1, 0x7f, 1]),
            Code::RunNotCanonical,
        ),
        (
            "an empty null run",
            row(ACTION, &[0, 0, 0x7f, 1]),
            Code::RunEmpty,
        ),
        (
            "two null runs",
            two(KEY_NAME, &[0, 1, 0, 1]),
            Code::RunNotCanonical,
        ),
        (
            "nulls only",
            row(OBJECT_COUNTER, &[0, 1]),
            Code::ColumnEmpty,
        ),
        (
            "overlong run",
            two(ACTION, &[0x82, 0, 1]),
            Code::NumberOverlong,
        ),
        (
            "overlong literal",
            row(ACTION, &[0xff, 0x7f, 1]),
            Code::NumberOverlong,
        ),
        (
            "overlong cell",
            row(ACTION, &[0x7f, 0x81, 0]),
            Code::NumberOverlong,
        ),
        (
            "overlong key length",
            row(KEY_NAME, &[0x7f, 0x81, 0, b'k']),
            Code::NumberOverlong,
        ),
        (
            "overlong value",
            d().column(META, &[0x7f, 0x24])
                .column(VALUE, &[0x87, 0])
                .bytes(),
            Code::NumberOverlong,
        ),
        ("an empty run of true", row(INSERT, &[1, 0]), Code::RunEmpty),
        (
            "a run of false twice",
            two(INSERT, &[1, 0, 1]),
            Code::RunEmpty,
        ),
        (
            "an action of null",
            row(ACTION, &[0x7f, 1, 0, 1]),
            Code::UnexpectedNull,
        ),
        (
            "delta overflow",
            {
                let far = [s(-2), s(i64::MAX), s(i64::MAX - 1)].concat();
                two(KEY_COUNTER, &far)
            },
            Code::NumberOverflow,
        ),
        (
            "key not UTF-8",
            row(KEY_NAME, &[vec![0x7f], prefixed(&[0xff])].concat()),
            Code::NotUtf8,
        ),
    ])
}

/// All of this part.
pub(super) fn all() -> Vec<Poison> {
    [bombs(), lengths(), spellings()].concat()
}
