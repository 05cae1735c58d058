//! A draft whose report was erased, or lost its author, before the server heard that it became one: what
//! had come of it goes too.

use std::collections::BTreeSet;

use serde_json::json;
use vigie_core::Id;
use vigie_core::sync::frame::{encode, read_all};
use vigie_core::sync::machine::Cursors;
use vigie_core::sync::message::Request;
use vigie_server::erase;

use super::World;
use super::erase::{canary, found, reporter_of};
use super::forged::{by, change};
use crate::support::Phone;

/// A draft that the server has, and its report, which the draft does not name there yet.
fn sealed_halfway(world: &World, author: &mut Phone) -> (Id, Id) {
    let words = format!("Vu {} à l’atelier", canary(1, 'w'));
    let draft = author.draft_saying(world.form, world.place, &words);
    author.sync();
    let report = author.seal(draft);
    let request = author
        .device
        .request(author.now(), Cursors::Fingerprint)
        .expect("a request");
    let mut frames: Vec<Request> = read_all(&request, 8 << 20, 3_000).expect("frames");
    frames.retain(|frame| !matches!(frame, Request::Push(push) if push.kind == "draft"));
    // The answer is lost on the way.
    let answer = author.exchange_raw(encode(&frames).expect("frames"));
    assert_eq!(answer.status(), 200, "the rest arrives");
    (draft, report)
}

fn is_here(world: &World, document: Id) -> bool {
    let candidate = world.server.app.store.candidate(document);
    candidate.expect("the store").is_some()
}

/// The draft is gone with its words, and the author's device has nothing to say of it any more.
fn gone(world: &World, author: &mut Phone, draft: Id, report: bool) {
    author.sync();
    assert!(!is_here(world, draft), "the draft is gone");
    let app = &world.server.app;
    assert!(app.store.is_erased(draft).expect("read"), "and stays so");
    erase::settle(app).expect("looked after");
    let mark = canary(1, 'w').chars().skip(8).collect();
    let left = found(world.folder.path(), &BTreeSet::from([mark]));
    assert_eq!(
        !left.is_empty(),
        report,
        "its words are in the report or nowhere"
    );
    let health = author.call("sync.health", json!({}));
    assert_eq!(
        (&health["refused"], &health["waiting"]),
        (&json!([]), &json!([])),
        "nothing of it is kept to be shown"
    );
}

#[test]
fn a_draft_goes_with_its_report_though_it_says_so_late() {
    let world = World::new();
    let mut author = world.server.enrol(world.operator);
    author.sync();
    let (draft, report) = sealed_halfway(&world, &mut author);
    let erased = erase::document(&world.server.app, report, "request", "tests").expect("erased");
    assert!(
        !erased.contains(&draft),
        "nobody knows yet that they belong together"
    );
    assert!(is_here(&world, draft), "the draft is still there");
    gone(&world, &mut author, draft, false);
}

#[test]
fn a_draft_does_not_say_late_who_made_a_report_that_is_nobodys() {
    let world = World::new();
    let mut author = world.server.enrol(world.operator);
    author.sync();
    let (draft, report) = sealed_halfway(&world, &mut author);
    let reporter = reporter_of(&world, report);
    erase::document(&world.server.app, reporter, "request", "tests").expect("erased");
    assert!(is_here(&world, draft), "the draft is still there");
    gone(&world, &mut author, draft, true);
    assert!(is_here(&world, report), "the report stays");
}

#[test]
fn nobody_makes_go_what_is_not_theirs_to_write() {
    let world = World::new();
    let mallory = world.server.person("mallory", &["operator"], world.site);
    let mallory = (world.server.enrol(mallory), mallory);
    let mut author = world.server.enrol(world.operator);
    author.sync();
    let draft = author.draft_saying(world.form, world.place, "À finir");
    let (erased, kept) = (
        author.report(world.form, world.place, None),
        author.report(world.form, world.place, None),
    );
    author.sync();
    let reporter = reporter_of(&world, kept);
    erase::document(&world.server.app, erased, "request", "tests").expect("erased");
    let forged = change(&world, draft, |document| {
        document.set(&["sealed"], &json!(erased)).expect("writes");
    });
    let verdict = by(&mallory.0, mallory.1, draft, "draft", forged);
    assert_eq!(verdict, "refused", "another's draft");
    assert!(is_here(&world, draft), "stays");
    let forged = change(&world, reporter, |document| {
        document.set(&["report"], &json!(erased)).expect("writes");
    });
    let verdict = by(&author, world.operator, reporter, "reporter", forged);
    assert_eq!(verdict, "refused", "nor does one disown a report so");
    assert!(is_here(&world, reporter), "it still says who made it");
}
