//! The catalogue of poison, tried.

use std::collections::BTreeSet;

use automerge::ROOT;
use automerge::transaction::Transactable;
use vigie_core::gate::{
    Code, Gate, Refusal, inspect, is_guarded, open_document, read_document, save,
};
use vigie_tests::poison::{
    ALICE, Draft, Op, Poison, author, catalogue, checksummed, chunk, commit, healthy,
};

/// Codes that no push brings about.
const UNREACHED: [Code; 11] = [
    // Nothing is known that gets so far: they are the net under the others.
    Code::ParserRefused,
    Code::ParserPanicked,
    Code::NotCanonical,
    Code::ApplyRefused,
    Code::ApplyPanicked,
    Code::HeadsDiffer,
    // A push without changes is refused before the gate.
    Code::NothingPushed,
    // Of whole documents, which devices take from their server only.
    Code::DocumentShape,
    Code::DocumentCompressed,
    Code::DocumentUnreadable,
    Code::DocumentPanicked,
];

/// What the gate says to a push.
fn outcome(gate: &mut Gate, before: Option<&[u8]>, push: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
    let inspected = gate.inspect(push.iter().map(Vec::as_slice));
    let admitted = inspected.and_then(|inspected| gate.admit(before, inspected));
    assert!(!is_guarded(), "the guard is down again");
    admitted.map(|admitted| admitted.body)
}

/// The document loads as before, and somebody else goes on editing it.
fn goes_on(gate: &mut Gate, poison: &Poison) {
    let name = &poison.name;
    let Some(before) = poison.before.as_deref() else {
        return;
    };
    let mut doc = open_document(before).expect("it opens");
    let same = doc.save_nocompress() == before || save(&mut doc) == before;
    assert!(same, "`{name}`: nothing moved");
    doc.set_actor(automerge::ActorId::from([0xbb; 8]));
    doc.put(ROOT, "after", 1).expect("writes");
    let change = commit(&mut doc).expect("a change");
    match outcome(gate, Some(before), &[change]) {
        Ok(body) => {
            let read = read_document(&body).expect("it opens");
            assert_eq!(read.view["after"], 1, "`{name}`: honest work is in it");
        }
        // More heads than one change may build on: it takes several to go on.
        Err(refusal) if refusal.code == Code::TooManyDeps => {}
        // Full to the brim, and nothing else is wrong with it.
        Err(refusal) => assert_eq!(Some(refusal.code), poison.code, "`{name}`: {refusal}"),
    }
}

#[test]
fn every_poison_is_refused_for_its_own_reason_and_the_document_goes_on() {
    let mut reached = BTreeSet::new();
    let mut names = BTreeSet::new();
    // One gate for all, as one request would have.
    let mut gate = Gate::default();
    for poison in catalogue() {
        let name = &poison.name;
        assert!(
            names.insert(name.clone()),
            "two poisons are called `{name}`"
        );
        let outcome = outcome(&mut gate, poison.before.as_deref(), &poison.push);
        match (&outcome, poison.code) {
            (Ok(_), None) => {}
            (Err(refusal), Some(code)) => assert_eq!(refusal.code, code, "`{name}`: {refusal}"),
            (Ok(_), Some(code)) => panic!("`{name}` passed, not {}", code.as_str()),
            (Err(refusal), None) => panic!("`{name}` is harmless, yet {refusal}"),
        }
        reached.extend(poison.code);
        goes_on(&mut gate, &poison);
    }
    let poisons = names.len();
    assert!(poisons >= 60, "{poisons} in the catalogue");
    let known: BTreeSet<Code> = UNREACHED.into_iter().collect();
    for code in Code::ALL {
        assert_ne!(
            reached.contains(code),
            known.contains(code),
            "`{}` has a poison, or a reason why not",
            code.as_str()
        );
    }
}

#[test]
fn what_a_full_document_already_holds_may_be_pushed_again() {
    let full = catalogue()
        .into_iter()
        .find(|poison| poison.code == Some(Code::DocumentTooManyChanges))
        .expect("a full document");
    let before = full.before.as_deref().expect("a full document");
    let mut doc = open_document(before).expect("it opens");
    let last = doc.get_changes(&[]).pop().expect("a change");
    let mut gate = Gate::default();
    let again = [last.raw_bytes().to_vec()];
    let body = outcome(&mut gate, Some(before), &again).expect("harmless");
    assert_eq!(body, before, "nothing moved");
}

#[test]
fn the_healthy_bodies_of_the_poisons_pass() {
    let pair = Draft::new(&[Op::put("a"), Op::put("b")]);
    for draft in [healthy(), pair] {
        assert!(inspect(&draft.bytes()).is_ok(), "{draft:?}");
    }
}

#[test]
fn a_change_cut_short_anywhere_is_refused() {
    let body = healthy().body();
    for end in 0..body.len() {
        let cut = chunk(1, body.get(..end).expect("a part"));
        assert!(inspect(&cut).is_err(), "the body cut at {end} passed");
    }
    let good = healthy().bytes();
    for end in 0..good.len() {
        let cut = good.get(..end).expect("a part");
        let code = inspect(cut).err().map(|refusal| refusal.code);
        assert_eq!(code, Some(Code::Truncated), "cut at {end}");
    }
}

#[test]
fn honest_bytes_with_any_one_bit_flipped_are_refused_or_still_canonical() {
    let mut doc = author(ALICE);
    doc.put(ROOT, "kind", "report").expect("writes");
    doc.put(ROOT, "severity", 3).expect("writes");
    let bytes = commit(&mut doc).expect("a change");
    for place in 8..bytes.len() {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[place] ^= 1 << bit;
            let bad = checksummed(bad);
            if let Ok(inspected) = inspect(&bad) {
                assert_eq!(inspected.change.raw_bytes(), bad, "byte {place} bit {bit}");
            }
        }
    }
}
