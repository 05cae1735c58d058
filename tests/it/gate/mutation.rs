//! Honest changes, bent at random: nothing panics, and the document stays loadable for everybody.

use automerge::ROOT;
use automerge::transaction::Transactable;
use proptest::prelude::*;

use vigie_core::gate::{admit, inspect, is_guarded, open_document};
use vigie_tests::fuzz::{honest, populated};
use vigie_tests::poison::{ALICE, BOB, Draft, Key, Op, checksummed, commit, u};

/// Pushes one change that may be anything; whatever is accepted leaves a document that loads, that
/// its other authors can go on editing, and whose changes can be read back.
fn survives(body: &[u8], bytes: &[u8]) -> bool {
    let outcome = inspect(bytes).and_then(|inspected| admit(Some(body), vec![inspected]));
    assert!(!is_guarded(), "the guard is down again");
    let Ok(admitted) = outcome else { return false };
    let mut doc = open_document(&admitted.body).unwrap();
    assert!(doc.get_changes(&[]).len() >= 3, "its changes can be read");
    let mut bob = doc.fork().with_actor(automerge::ActorId::from([0xbb; 8]));
    bob.put(ROOT, "after", 1).unwrap();
    let change = commit(&mut bob).unwrap();
    let next = inspect(&change).and_then(|next| admit(Some(&admitted.body), vec![next]));
    assert!(next.is_ok(), "honest work goes on: {:?}", next.err());
    true
}

/// An id near those that exist.
fn id() -> impl Strategy<Value = (u64, i64)> {
    (0..3_u64, 0..24_i64)
}

fn operation() -> impl Strategy<Value = Op> {
    let names = prop::sample::select(vec!["kind", "what", "answers", "items", "seen", "new"]);
    let key = prop_oneof![
        3 => names.prop_map(|name| Key::Name(name.to_owned())),
        1 => Just(Key::Head),
        2 => id().prop_map(Key::Element),
    ];
    let value = prop_oneof![
        Just((0, vec![])),
        Just((0x14, vec![1])),
        Just((0x16, vec![b'z'])),
        Just((0x18, vec![1])),
    ];
    (
        prop::option::of(id()),
        key,
        any::<bool>(),
        0..6_u64,
        value,
        prop::collection::vec(id(), 0..3),
    )
        .prop_map(|(object, key, insert, action, (meta, value), preds)| Op {
            object,
            key,
            insert,
            action,
            meta,
            value,
            preds,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bent_bytes_are_refused_or_harmless(
        seed in 0..30_usize,
        bends in prop::collection::vec((any::<usize>(), any::<u8>(), 0..4_u8), 1..4),
    ) {
        let mut doc = populated();
        let body = doc.save_nocompress();
        let mut bytes = honest(&mut doc, seed);
        for (place, byte, kind) in bends {
            let span = bytes.len() - 10;
            let at = 10 + place % span;
            match kind {
                0 => bytes[at] ^= 1 << (byte % 8),
                1 => bytes[at] = byte,
                2 => bytes[at] = bytes[at].wrapping_add(if byte > 127 { 1 } else { 255 }),
                _ => bytes.swap(at, 10 + usize::from(byte) % span),
            }
        }
        survives(&body, &checksummed(bytes));
    }

    #[test]
    fn well_formed_nonsense_is_refused_or_harmless(
        ops in prop::collection::vec(operation(), 1..4),
        start in 17..22_u64,
    ) {
        let mut doc = populated();
        let body = doc.save_nocompress();
        let deps = doc.get_heads().iter().map(|head| head.0).collect();
        let others = vec![ALICE.to_vec(), BOB.to_vec()];
        let draft = Draft { deps, start_op: u(start), others, ..Draft::new(&ops) };
        survives(&body, &draft.bytes());
    }
}

#[test]
fn the_unbent_changes_pass() {
    let mut doc = populated();
    let body = doc.save_nocompress();
    for seed in 0..30 {
        let bytes = honest(&mut doc, seed);
        assert!(survives(&body, &bytes), "honest change {seed}");
    }
}
