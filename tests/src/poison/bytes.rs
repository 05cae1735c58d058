//! The catalogue of poison, part one: the chunk, the fields and the columns.

use automerge::ROOT;
use automerge::transaction::Transactable;
use vigie_core::gate::{Code, LIMITS};

use super::build::{
    ALICE, BOB, Draft, INSERT, KEY_COUNTER, MALLORY, META, PRED_COUNT, author, chunk, s, u,
};
use super::{Poison, healthy, listed};

/// The bytes with some replaced at a place.
fn with(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Vec<u8> {
    bytes.splice(at..at + new.len(), new.iter().copied());
    bytes
}

/// A change that Automerge compressed: a megabyte of one letter in a kilobyte.
fn deflate_bomb() -> Vec<u8> {
    let mut doc = author(MALLORY);
    doc.put(ROOT, "k", "x".repeat(1 << 20)).unwrap();
    doc.commit();
    let mut change = doc.get_last_local_change().unwrap();
    change.bytes().into_owned()
}

fn chunks() -> Vec<Poison> {
    let good = healthy().bytes();
    let bomb = deflate_bomb();
    assert!(bomb.len() < 4096, "the bomb is small: {}", bomb.len());
    let mut whole = author(MALLORY);
    whole.put(ROOT, "k", 7).unwrap();
    let longer = [u(healthy().body().len() as u64 + 1), healthy().body()].concat();
    let overlong = [
        vec![0x80 | (healthy().body().len() as u8), 0],
        healthy().body(),
    ]
    .concat();
    listed(vec![
        ("nothing", vec![], Code::Truncated),
        // Messages of Automerge's own sync: a Bloom filter of no bits, and one of 2^32-1 probes.
        (
            "a message that divides by zero",
            vec![0x42, 0, 0, 1, 0, 3, 1, 0, 0, 0],
            Code::BadMagic,
        ),
        (
            "a message of sixteen gibibytes",
            vec![0x42, 0, 0, 1, 0, 7, 1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],
            Code::BadMagic,
        ),
        ("magic only", good[..4].to_vec(), Code::Truncated),
        ("other magic", with(good.clone(), 0, &[0]), Code::BadMagic),
        (
            "wrong checksum",
            with(good.clone(), 4, &[!good[4]]),
            Code::Checksum,
        ),
        (
            "flipped last byte",
            with(good.clone(), good.len() - 1, &[9]),
            Code::Checksum,
        ),
        ("a whole document", whole.save_nocompress(), Code::ChunkType),
        ("deflate bomb", bomb, Code::ChunkType),
        ("a bundle", chunk(3, &healthy().body()), Code::ChunkType),
        (
            "chunk type 255",
            chunk(255, &healthy().body()),
            Code::ChunkType,
        ),
        (
            "two changes in one",
            [good.clone(), good.clone()].concat(),
            Code::ChunkLength,
        ),
        (
            "length beyond the end",
            [&good[..9], &longer].concat(),
            Code::Truncated,
        ),
        (
            "overlong length",
            [&good[..9], &overlong].concat(),
            Code::NumberOverlong,
        ),
        (
            "length of 2^64",
            [&good[..9], &[0xff; 9], &[0x7f]].concat(),
            Code::NumberOverflow,
        ),
        ("a megabyte", vec![0x85; 1 << 20], Code::ChangeTooLarge),
        (
            "one byte over",
            vec![0; LIMITS.change_bytes + 1],
            Code::ChangeTooLarge,
        ),
    ])
}

fn fields() -> Vec<Poison> {
    let d = healthy;
    let many = |count: u8| (0..count).map(|n| [n; 32]).collect::<Vec<_>>();
    let others = |count: u8| {
        (0..count)
            .map(|n| vec![n; LIMITS.actor_bytes])
            .collect::<Vec<_>>()
    };
    let max = LIMITS.op_counter;
    let long = vec![b'm'; LIMITS.message_bytes + 1];
    let twice = vec![[3; 32], [3; 32]];
    listed(vec![
        (
            "65 deps",
            Draft {
                deps: many(65),
                ..d()
            }
            .bytes(),
            Code::TooManyDeps,
        ),
        (
            "2^40 deps announced",
            Draft {
                deps_count: Some(u(1 << 40)),
                ..d()
            }
            .bytes(),
            Code::TooManyDeps,
        ),
        (
            "deps count overlong",
            Draft {
                deps_count: Some(vec![0x80, 0]),
                ..d()
            }
            .bytes(),
            Code::NumberOverlong,
        ),
        (
            "deps backwards",
            Draft {
                deps: vec![[2; 32], [1; 32]],
                ..d()
            }
            .bytes(),
            Code::DepsOrder,
        ),
        (
            "a dep twice",
            Draft { deps: twice, ..d() }.bytes(),
            Code::DepsOrder,
        ),
        (
            "empty actor",
            Draft {
                actor: vec![],
                ..d()
            }
            .bytes(),
            Code::ActorSize,
        ),
        (
            "actor of 15 bytes",
            Draft {
                actor: vec![1; 15],
                ..d()
            }
            .bytes(),
            Code::ActorSize,
        ),
        (
            "actor of 100 kB",
            Draft {
                actor: vec![1; 100_000],
                ..d()
            }
            .bytes(),
            Code::ActorSize,
        ),
        (
            "seq zero",
            Draft { seq: u(0), ..d() }.bytes(),
            Code::SeqRange,
        ),
        (
            "seq 2^63",
            Draft {
                seq: u(1 << 63),
                ..d()
            }
            .bytes(),
            Code::SeqRange,
        ),
        (
            "seq overlong",
            Draft {
                seq: vec![0x81, 0],
                ..d()
            }
            .bytes(),
            Code::NumberOverlong,
        ),
        (
            "start_op zero",
            Draft {
                start_op: u(0),
                ..d()
            }
            .bytes(),
            Code::OpRange,
        ),
        (
            "start_op 2^32-2",
            Draft {
                start_op: u(4_294_967_294),
                ..d()
            }
            .bytes(),
            Code::OpRange,
        ),
        (
            "start_op 2^64-1",
            Draft {
                start_op: u(u64::MAX),
                ..d()
            }
            .bytes(),
            Code::OpRange,
        ),
        (
            "last op above",
            Draft {
                start_op: u(max),
                ..d()
            }
            .bytes(),
            Code::OpRange,
        ),
        (
            "start_op overflow",
            Draft {
                start_op: vec![0xff; 10],
                ..d()
            }
            .bytes(),
            Code::NumberOverflow,
        ),
        (
            "a time",
            Draft {
                time: s(1_700_000_000),
                ..d()
            }
            .bytes(),
            Code::Timestamp,
        ),
        (
            "a time before 1970",
            Draft { time: s(-1), ..d() }.bytes(),
            Code::Timestamp,
        ),
        (
            "time overlong",
            Draft {
                time: vec![0x80, 0],
                ..d()
            }
            .bytes(),
            Code::NumberOverlong,
        ),
        (
            "time overlong below",
            Draft {
                time: vec![0xff, 0x7f],
                ..d()
            }
            .bytes(),
            Code::NumberOverlong,
        ),
        (
            "long message",
            Draft {
                message: long,
                ..d()
            }
            .bytes(),
            Code::MessageTooLong,
        ),
        (
            "message not UTF-8",
            Draft {
                message: vec![0xff],
                ..d()
            }
            .bytes(),
            Code::NotUtf8,
        ),
        (
            "65 actors",
            Draft {
                others: others(65),
                ..d()
            }
            .bytes(),
            Code::TooManyActors,
        ),
        (
            "short other",
            Draft {
                others: vec![vec![1; 15]],
                ..d()
            }
            .bytes(),
            Code::ActorSize,
        ),
        (
            "author among others",
            Draft {
                others: vec![MALLORY.to_vec()],
                ..d()
            }
            .bytes(),
            Code::ActorsOrder,
        ),
        (
            "others backwards",
            Draft {
                others: vec![BOB.to_vec(), ALICE.to_vec()],
                ..d()
            }
            .bytes(),
            Code::ActorsOrder,
        ),
        (
            "an actor for nothing",
            Draft {
                others: vec![ALICE.to_vec()],
                ..d()
            }
            .bytes(),
            Code::ActorUnused,
        ),
        (
            "an author footer",
            Draft {
                extra: vec![1, 1, 65],
                ..d()
            }
            .bytes(),
            Code::ExtraBytes,
        ),
    ])
}

fn strange_columns() -> Vec<Poison> {
    let d = healthy;
    let swapped = |mut draft: Draft| {
        draft.columns.swap(0, 1);
        draft.bytes()
    };
    let twice = |mut draft: Draft| {
        draft.columns.insert(1, draft.columns[0].clone());
        draft.bytes()
    };
    listed(vec![
        (
            "unknown column 0x26",
            d().column(0x26, &[1, 1]).bytes(),
            Code::ColumnUnknown,
        ),
        (
            "unknown column 2^32",
            d().column(1 << 32, &[1]).bytes(),
            Code::ColumnUnknown,
        ),
        (
            "obj as string",
            d().column(0x05, &[1, 1]).bytes(),
            Code::ColumnUnknown,
        ),
        (
            "a compressed column",
            d().column(0x1d, &[1, 1]).bytes(),
            Code::ColumnCompressed,
        ),
        ("columns swapped", swapped(d()), Code::ColumnOrder),
        ("a column twice", twice(d()), Code::ColumnOrder),
        (
            "an empty column",
            d().column(KEY_COUNTER, &[]).bytes(),
            Code::ColumnEmpty,
        ),
        (
            "2^50 columns announced",
            Draft {
                columns_count: Some(u(1 << 50)),
                ..d()
            }
            .bytes(),
            Code::Truncated,
        ),
        (
            "marks: expand",
            d().column(0x94, &[0, 1]).bytes(),
            Code::MarkRefused,
        ),
        (
            "marks: name",
            d().column(0xa5, &[0x7f, 1, 65]).bytes(),
            Code::MarkRefused,
        ),
        (
            "no insert column",
            d().without(INSERT).bytes(),
            Code::ColumnMissing,
        ),
        (
            "no value types",
            d().without(META).bytes(),
            Code::ColumnMissing,
        ),
        (
            "no predecessor counts",
            d().without(PRED_COUNT).bytes(),
            Code::ColumnMissing,
        ),
        ("no operations", Draft::new(&[]).bytes(), Code::NoOps),
        (
            "bytes after the columns",
            Draft {
                extra: vec![0],
                ..d()
            }
            .bytes(),
            Code::ExtraBytes,
        ),
    ])
}

/// All of this part.
pub(super) fn all() -> Vec<Poison> {
    [chunks(), fields(), strange_columns()].concat()
}
