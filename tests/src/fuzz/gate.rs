//! The gate: a change by itself, pushes against populated documents, whole documents.

use automerge::AutoCommit;
use serde_json::json;
use vigie_core::document::Document;
use vigie_core::gate::{
    Code, Refusal, inspect, is_guarded, open_document, read_document, save, view,
};

use super::ground::{Ground, honest, populated};
use crate::poison::{MALLORY, catalogue, checksummed};

/// Nothing was refused by what is only there in case that the rest has a hole.
pub(super) fn no_net(refusal: &Refusal) {
    let net = [
        Code::ParserRefused,
        Code::ParserPanicked,
        Code::NotCanonical,
        Code::ApplyRefused,
        Code::ApplyPanicked,
        Code::HeadsDiffer,
        Code::DocumentPanicked,
    ];
    assert!(!net.contains(&refusal.code), "only the net held: {refusal}");
}

/// One raw change. What is taken is what Automerge would write.
pub(super) fn change(input: &[u8]) {
    let bytes = checksummed(input.to_vec());
    match inspect(&bytes) {
        Ok(inspected) => {
            assert_eq!(inspected.change.raw_bytes(), bytes, "the same bytes");
            let last = inspected.start_op + inspected.change.len() as u64 - 1;
            assert_eq!(inspected.max_op, last, "each operation has a number");
        }
        Err(refusal) => no_net(&refusal),
    }
    assert!(!is_guarded(), "the guard is down again");
}

pub(super) fn change_seeds() -> Vec<Vec<u8>> {
    let mut doc = populated();
    let mut seeds: Vec<Vec<u8>> = (0..10).map(|seed| honest(&mut doc, seed)).collect();
    let poisons = catalogue().into_iter().flat_map(|poison| poison.push);
    seeds.extend(poisons.filter(|change| change.len() <= 1024));
    seeds.sort();
    seeds.dedup();
    seeds
}

/// A document that a device is sent. What opens is the same once it is saved, and saved the same from
/// then on: the server may have spelt it in another way.
pub(super) fn document(input: &[u8]) {
    if let Some(mut doc) = opens(&checksummed(input.to_vec())) {
        let saved = save(&mut doc);
        let mut again = opens(&saved).unwrap();
        assert_eq!(view(&again), view(&doc), "the same content");
        assert_eq!(heads(&mut again), heads(&mut doc), "the same heads");
        assert_eq!(save(&mut again), saved, "the same bytes");
    }
    assert!(!is_guarded(), "the guard is down again");
}

/// The document, when the gate opens it. It shows what Automerge shows, also where it reads it by itself.
pub(super) fn opens(body: &[u8]) -> Option<AutoCommit> {
    let read = read_document(body).ok()?;
    let mut doc = open_document(body).unwrap();
    assert_eq!(view(&doc), Ok(read.view), "the same content");
    assert_eq!(heads(&mut doc), read.heads, "the same heads");
    Some(doc)
}

pub(super) fn heads(doc: &mut AutoCommit) -> Vec<[u8; 32]> {
    let mut heads: Vec<[u8; 32]> = doc.get_heads().iter().map(|head| head.0).collect();
    heads.sort_unstable();
    heads
}

pub(super) fn document_seeds() -> Vec<Vec<u8>> {
    let grounds = Ground::all();
    let mut seeds: Vec<Vec<u8>> = grounds.into_iter().filter_map(|one| one.body).collect();
    let stored = catalogue().into_iter().filter_map(|poison| poison.before);
    seeds.extend(stored.filter(|body| body.len() <= 4096));
    // A document of one change is kept as that change.
    let body = json!({
        "title": "Fuite", "answers": { "what": ["fall", true, 3.5], "n": -7 }, "acts": {},
        "prose": "né", "nothing": null,
    });
    let made = Document::create(
        MALLORY,
        vigie_core::Id::from_bytes([7; 16]),
        "report",
        1,
        &body,
    );
    seeds.extend(made.unwrap().commit());
    seeds.extend(change_seeds());
    seeds.sort();
    seeds.dedup();
    seeds
}
