//! Whole documents, their JSON and their conflicts.

use automerge::transaction::Transactable;
use automerge::{ObjType, ROOT, ScalarValue};
use serde_json::json;

use vigie_core::gate::{Code, LIMITS, conflicts, is_guarded, open_document, read_document, view};
use vigie_tests::poison::{ALICE, BOB, author, checksummed, chunk, s, u};

fn code(bytes: &[u8]) -> Option<Code> {
    read_document(bytes).err().map(|refusal| refusal.code)
}

#[test]
fn the_view_holds_every_type() {
    let mut doc = author(ALICE);
    doc.put(ROOT, "bytes", vec![0_u8, 255]).unwrap();
    doc.put(ROOT, "counter", ScalarValue::counter(5)).unwrap();
    doc.increment(ROOT, "counter", 3).unwrap();
    doc.put(ROOT, "float", 0.5).unwrap();
    doc.put(ROOT, "large", u64::MAX).unwrap();
    doc.put(ROOT, "time", ScalarValue::Timestamp(-1)).unwrap();
    doc.put(ROOT, "nothing", ScalarValue::Null).unwrap();
    let list = doc.put_object(ROOT, "list", ObjType::List).unwrap();
    doc.insert(&list, 0, true).unwrap();
    let inner = doc.insert_object(&list, 1, ObjType::Map).unwrap();
    doc.put(&inner, "a", "b").unwrap();
    let text = doc.put_object(ROOT, "text", ObjType::Text).unwrap();
    doc.splice_text(&text, 0, 0, "Être là").unwrap();
    let expected = json!({
        "bytes": "hex:00ff",
        "counter": 8,
        "float": 0.5,
        "large": u64::MAX,
        "list": [true, { "a": "b" }],
        "nothing": null,
        "text": "Être là",
        "time": -1,
    });
    assert_eq!(view(&doc), Ok(expected), "each type has its JSON");
}

#[test]
fn conflicts_are_found_inside_maps_and_lists_and_not_in_what_was_settled() {
    let mut alice = author(ALICE);
    let list = alice.put_object(ROOT, "list", ObjType::List).unwrap();
    let map = alice.insert_object(&list, 0, ObjType::Map).unwrap();
    alice.put(&map, "settled", 0).unwrap();
    alice.commit();
    let mut bob = alice.fork().with_actor(automerge::ActorId::from(BOB));
    for (person, value) in [(&mut alice, 1), (&mut bob, 2)] {
        person.put(&map, "open", value).unwrap();
        person.put(&map, "settled", value).unwrap();
    }
    alice.put(&map, "alone", 1).unwrap();
    alice.merge(&mut bob).unwrap();
    alice.put(&map, "settled", 3).unwrap();
    assert_eq!(conflicts(&alice).unwrap(), ["list/0/open"], "one path");
}

#[test]
fn too_deep_and_too_large_documents_have_no_view() {
    let mut doc = author(ALICE);
    let mut object = ROOT;
    for _ in 0..=LIMITS.depth {
        object = doc.put_object(&object, "m", ObjType::Map).unwrap();
    }
    let depth = view(&doc).err().map(|refusal| refusal.code);
    assert_eq!(depth, Some(Code::Depth), "one container too many");
    assert_eq!(
        code(&doc.save_nocompress()),
        Some(Code::Depth),
        "nor is it read"
    );

    let mut doc = author(ALICE);
    doc.put(ROOT, "a", "x".repeat(LIMITS.view_bytes)).unwrap();
    let large = view(&doc).err().map(|refusal| refusal.code);
    assert_eq!(large, Some(Code::ViewTooLarge), "2 MiB of text and a key");
}

#[test]
fn only_one_plain_document_chunk_is_opened() {
    let mut doc = author(ALICE);
    for n in 0..300 {
        doc.put(ROOT, format!("key {n}"), "value ".repeat(20))
            .unwrap();
        doc.commit();
    }
    let good = doc.save_nocompress();
    assert!(open_document(&good).is_ok(), "the plain one");
    assert_eq!(
        code(&doc.save()),
        Some(Code::DocumentCompressed),
        "compressed columns"
    );
    assert_eq!(
        code(&[good.clone(), good.clone()].concat()),
        Some(Code::ChunkLength),
        "two"
    );
    assert_eq!(
        code(&good[..good.len() - 1]),
        Some(Code::Truncated),
        "cut short"
    );
    assert_eq!(code(&[]), Some(Code::Truncated), "nothing");
    let change = doc.get_last_local_change().unwrap();
    let alone = code(change.raw_bytes());
    assert_eq!(alone, Some(Code::DocumentShape), "a change, not the first");
    let mut flipped = good;
    flipped[60] ^= 1;
    assert_eq!(code(&flipped), Some(Code::Checksum), "a flipped bit");
    let large = vec![0; LIMITS.document_bytes + 1];
    assert_eq!(code(&large), Some(Code::DocumentTooLarge), "over 2 MiB");
}

#[test]
fn documents_that_would_unfold_without_end_are_refused_before_loading() {
    // No actors, no heads, no columns of changes, one column of a billion actions.
    let run = [s(1_000_000_000), u(1)].concat();
    let bomb = [u(0), u(0), u(0), u(1), u(0x42), u(run.len() as u64), run].concat();
    assert_eq!(
        code(&chunk(0, &bomb)),
        Some(Code::DocumentTooManyOps),
        "operations"
    );
    let run = [s(1_000_000_000), u(1)].concat();
    let bomb = [u(0), u(0), u(1), u(0x03), u(run.len() as u64), u(0), run].concat();
    assert_eq!(
        code(&chunk(0, &bomb)),
        Some(Code::DocumentTooManyChanges),
        "changes"
    );
    let run = [s(50_000), u(1 << 40)].concat();
    let bomb = [u(0), u(0), u(0), u(1), u(0x80), u(run.len() as u64), run].concat();
    assert_eq!(
        code(&chunk(0, &bomb)),
        Some(Code::DocumentTooManyOps),
        "successors"
    );
    let bomb = [u(1 << 40)].concat();
    assert_eq!(
        code(&chunk(0, &bomb)),
        Some(Code::DocumentTooManyActors),
        "actors"
    );
    let bomb = [u(0), u(1 << 40)].concat();
    assert_eq!(
        code(&chunk(0, &bomb)),
        Some(Code::DocumentTooManyChanges),
        "heads"
    );
}

#[test]
fn a_tampered_document_never_panics() {
    let mut doc = author(ALICE);
    doc.put(ROOT, "kind", "report").unwrap();
    doc.put(ROOT, "kind", "action").unwrap();
    let good = doc.save_nocompress();
    for place in 8..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[place] ^= 1 << bit;
            if let Ok(opened) = open_document(&checksummed(bad)) {
                assert!(view(&opened).is_ok(), "byte {place} bit {bit}");
            }
        }
    }
    assert!(!is_guarded(), "the guard is down again");
}
