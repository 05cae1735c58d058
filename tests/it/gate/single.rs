//! A document of one change is kept as that change, and read without Automerge to the same end.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use vigie_core::document::Document;
use vigie_core::gate::{
    LIMITS, admit, bare, inspect, is_guarded, open_document, read_document, save, view, whole,
};
use vigie_core::id::Id;
use vigie_tests::poison::{ALICE, author, catalogue, checksummed, commit};

/// Whether these bytes are a change rather than a whole document.
fn is_change(bytes: &[u8]) -> bool {
    bytes[8] == 1
}

/// Whatever is read at all is read as Automerge reads it.
fn agree(bytes: &[u8]) -> bool {
    let Ok(read) = read_document(bytes) else {
        return false;
    };
    let mut doc = open_document(bytes).expect("what can be read can be opened");
    assert_eq!(read.view, view(&doc).expect("it has a view"));
    let mut heads: Vec<[u8; 32]> = doc.get_heads().iter().map(|head| head.0).collect();
    heads.sort_unstable();
    assert_eq!(read.heads, heads);
    assert_eq!(doc.get_changes(&[]).len(), 1, "just the one change");
    let again = doc.save_nocompress();
    assert_eq!(
        read_document(&again).expect("so does the whole chunk").view,
        read.view
    );
    true
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        "[a-zé☃👩‍🔬]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inside| {
        prop_oneof![
            prop::collection::vec(inside.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-f]{0,2}", inside, 0..6)
                .prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

fn body() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-h]{1,3}", json(), 0..8)
        .prop_map(|fields| Value::Object(Map::from_iter(fields)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_is_created_is_kept_as_its_change(body in body(), prose in "[a-zé☃👩‍🔬]{0,9}") {
        let mut document = Document::create(ALICE, Id::from_bytes([7; 16]), "report", 1, &body).unwrap();
        document.make_text(&["prose"], &prose).unwrap();
        let changes = document.commit();
        let saved = document.save();
        prop_assert!(is_change(&saved));
        prop_assert_eq!(changes.as_slice(), std::slice::from_ref(&saved));
        prop_assert!(agree(&saved));
        let admitted = admit(None, vec![inspect(&saved).unwrap()]).unwrap();
        prop_assert_eq!(&admitted.body, &saved, "the server keeps the same");
        prop_assert_eq!(&*admitted.after, &read_document(&saved).unwrap().view);
        // The next change is made and let in on top of it.
        let mut again = Document::load(&saved, [0xbb; 8]).unwrap();
        again.set(&["later"], &Value::from(true)).unwrap();
        let next = again.commit().remove(0);
        let admitted = admit(Some(&saved), vec![inspect(&next).unwrap()]).unwrap();
        prop_assert!(!is_change(&admitted.body));
        prop_assert_eq!(&admitted.body, &again.save());
    }
}

#[test]
fn other_first_changes_are_kept_whole() {
    let make = |write: &dyn Fn(&mut AutoCommit)| {
        let mut doc = author(ALICE);
        doc.put(ROOT, "kind", "report").unwrap();
        write(&mut doc);
        commit(&mut doc).unwrap();
        save(&mut doc)
    };
    let list = |doc: &mut AutoCommit| doc.put_object(ROOT, "list", ObjType::List).unwrap();
    assert!(is_change(&make(&|_| {})), "the plain one");
    assert!(
        !is_change(&make(&|doc| doc.put(ROOT, "kind", "draft").unwrap())),
        "put twice"
    );
    assert!(
        !is_change(&make(&|doc| doc.delete(ROOT, "kind").unwrap())),
        "put and deleted"
    );
    let before = make(&|doc| {
        let list = list(doc);
        doc.insert(&list, 0, "second").unwrap();
        doc.insert(&list, 0, "first").unwrap();
    });
    assert!(!is_change(&before), "inserted before");
    let long = make(&|doc| {
        doc.put(ROOT, "words", "x".repeat(LIMITS.change_bytes))
            .unwrap()
    });
    assert!(!is_change(&long), "too long to be sent");
    for saved in [before, long] {
        assert!(open_document(&saved).is_ok());
    }
}

#[test]
fn a_hostile_change_is_no_document() {
    for poison in catalogue() {
        for change in &poison.push {
            if change.get(8) == Some(&1) {
                agree(change);
            }
        }
    }
    let body = serde_json::json!({ "a": [1, { "b": "é" }, []], "c": { "d": 2.5 }, "e": true });
    let mut document =
        Document::create(ALICE, Id::from_bytes([7; 16]), "report", 1, &body).unwrap();
    document.make_text(&["prose"], "slippery").unwrap();
    document.commit();
    let good = document.save();
    let mut read = 0;
    for place in 8..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[place] ^= 1 << bit;
            if agree(&checksummed(bad)) {
                read += 1;
            }
        }
    }
    assert!(read > 100, "some are documents, with other words: {read}");
    assert!(!is_guarded(), "the guard is down again");
}

#[test]
fn a_chunk_loses_only_what_follows_from_the_rest() {
    let chunk = Document::create(ALICE, Id::from_bytes([7; 16]), "report", 1, &json!({}))
        .unwrap()
        .save();
    assert_eq!(bare(&chunk), &chunk[8..]);
    assert_eq!(whole(bare(&chunk).to_vec()), chunk);
    // Whatever is wrong with the first bytes is there on the other side.
    for at in 0..8 {
        let mut bent = chunk.clone();
        bent[at] ^= 1;
        let kept = bare(&bent);
        assert_eq!(kept, bent, "byte {at}");
        let again = whole(kept.to_vec());
        assert!(again == bent || at == 0, "byte {at}");
        assert!(Document::read(&again).is_err(), "byte {at}");
    }
}
