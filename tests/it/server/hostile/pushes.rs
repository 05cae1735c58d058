//! Changes: backdated, replayed, in another's name, without what they build on, unreadable.

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::document::Document;
use vigie_core::sync::message::{Proof, Push, Receipt, Response};
use vigie_core::sync::receipt::Signer;
use vigie_core::sync::store::Store as _;
use vigie_server::entropy;
use vigie_server::store::sqlite::exchange::Exchange;

use super::super::World;
use super::super::forged::{by, change, push};
use super::{goes_on, quarantined, rows};
use crate::support::Phone;

/// A draft as somebody might make it.
fn draft(world: &World, id: Id, actor: vigie_core::gate::Actor) -> Document {
    let body = json!({
        "form": world.form, "release": 1, "practice": false, "answers": {}, "photos": {},
        "updated_at": 0,
    });
    Document::create(actor, id, "draft", 1, &body).expect("made")
}

fn of(world: &World, push: Id, document: Id, kind: &str, changes: &[Vec<u8>]) -> Push {
    Push {
        id: push,
        person: world.operator,
        document,
        kind: kind.to_owned(),
        changes: changes.iter().cloned().map(Into::into).collect(),
        heads: Vec::new(),
        proof: None,
    }
}

fn actor() -> vigie_core::gate::Actor {
    entropy::bytes()
}

/// A report by the operator, and the phone that made it.
fn reported(world: &World) -> (Phone, Id) {
    let mut author = world.server.enrol(world.operator);
    author.sync();
    let report = author.report(world.form, world.place, None);
    author.sync();
    (author, report)
}

fn view(world: &World, id: Id) -> Value {
    let mut store = Exchange::new(&world.server.app.store);
    let stored = store.document(id).expect("the store").expect("a document");
    let document = Document::load(&stored.body, [0; 8]).expect("loads");
    document.view().expect("reads")
}

#[test]
fn a_change_with_a_time_of_its_own_is_refused() {
    use automerge::transaction::{CommitOptions, Transactable as _};
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let (id, push_id) = (mallory_id(&mallory), mallory_id(&mallory));
    let mut doc = vigie_tests::poison::author(actor());
    doc.put(automerge::ROOT, "id", id.to_string())
        .expect("puts");
    doc.commit_with(CommitOptions::default().with_time(1_000_000_000));
    let bytes = doc
        .get_last_local_change()
        .expect("a change")
        .raw_bytes()
        .to_vec();
    let verdict = push(&mallory, of(&world, push_id, id, "draft", &[bytes]));
    assert_eq!(verdict, "timestamp", "when it was is for the server to say");
    assert_eq!(
        quarantined(&world, push_id).as_deref(),
        Some("timestamp"),
        "kept"
    );
    goes_on(&world);
}

fn mallory_id(phone: &Phone) -> Id {
    entropy::id(phone.now())
}

#[test]
fn a_date_in_the_past_is_data_and_the_servers_own_is_not_moved_by_it() {
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let (_, report) = reported(&world);
    let mut body = view(&world, report);
    let fields = body.as_object_mut().expect("an object");
    for header in vigie_core::document::HEADER {
        fields.remove(header);
    }
    fields.insert("sealed_at".to_owned(), json!(0));
    fields.insert("reporter".to_owned(), json!(mallory_id(&mallory)));
    // Even the id says that it is old.
    let id = Id::from_parts(0, [7; 10]);
    let mut document = Document::create(actor(), id, "report", 1, &body).expect("made");
    let verdict = by(&mallory, world.operator, id, "report", document.commit());
    assert_eq!(verdict, "received", "people may tell late");
    let mut store = Exchange::new(&world.server.app.store);
    let stored = store.document(id).expect("the store").expect("kept");
    assert_eq!(stored.received_at, world.server.now(), "the server's clock");
    assert_eq!(
        stored.origin.year, 2026,
        "it lies in the year of its receipt"
    );
}

#[test]
fn the_same_push_with_other_content_is_answered_and_not_taken() {
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let (id, push_id) = (mallory_id(&mallory), mallory_id(&mallory));
    let mut document = draft(&world, id, actor());
    let first = push(
        &mallory,
        of(&world, push_id, id, "draft", &document.commit()),
    );
    assert_eq!(first, "received", "an honest draft");
    document.set(&["discarded"], &json!(true)).expect("writes");
    let second = push(
        &mallory,
        of(&world, push_id, id, "draft", &document.commit()),
    );
    assert_eq!(second, "received", "the old answer to the old push");
    assert_eq!(
        view(&world, id).get("discarded"),
        None,
        "and nothing else happened"
    );
    let other = mallory_id(&mallory);
    let raised = change(&world, world.operator, |document| {
        document.set(&["roles"], &json!(["admin"])).expect("writes");
    });
    push(
        &mallory,
        of(&world, other, world.operator, "person", &raised),
    );
    let again = push(&mallory, of(&world, other, id, "draft", &document.commit()));
    assert_eq!(again, "refused", "what was refused stays so");
    goes_on(&world);
}

#[test]
fn the_same_change_under_another_push_is_kept_once() {
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let id = mallory_id(&mallory);
    let changes = draft(&world, id, actor()).commit();
    assert_eq!(
        by(&mallory, world.operator, id, "draft", changes.clone()),
        "received",
        "once"
    );
    let before = rows(&world, "change");
    assert_eq!(
        by(&mallory, world.operator, id, "draft", changes),
        "received",
        "twice"
    );
    assert_eq!(rows(&world, "change"), before, "nothing was added");
}

#[test]
fn another_devices_push_id_is_worth_nothing() {
    let world = World::new();
    let (author, mallory) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.operator),
    );
    let (own, others, push_id) = (
        mallory_id(&mallory),
        mallory_id(&author),
        mallory_id(&author),
    );
    let theirs = draft(&world, others, actor()).commit();
    let mine = draft(&world, own, actor()).commit();
    assert_eq!(
        push(&mallory, of(&world, push_id, own, "draft", &mine)),
        "received",
        "first"
    );
    let verdict = push(&author, of(&world, push_id, others, "draft", &theirs));
    assert_eq!(verdict, "received", "the author's push is judged by itself");
    assert_eq!(view(&world, others)["kind"], "draft", "and kept");
    let replayed = push(
        &mallory,
        of(&world, mallory_id(&mallory), others, "draft", &theirs),
    );
    assert_eq!(
        replayed, "actor-not-yours",
        "their very change, sent by another device"
    );
    goes_on(&world);
}

#[test]
fn an_actor_belongs_to_a_device_until_its_person_revokes_it() {
    let world = World::new();
    let (old, new) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.operator),
    );
    let colleague = world.server.person("sophie", &["operator"], world.site);
    let stranger = world.server.enrol(colleague);
    let (id, actor) = (mallory_id(&old), actor());
    let mut document = draft(&world, id, actor);
    assert_eq!(
        by(&old, world.operator, id, "draft", document.commit()),
        "received",
        "its own"
    );
    document.set(&["updated_at"], &json!(1)).expect("writes");
    let next = document.commit();
    let verdict = by(&new, world.operator, id, "draft", next.clone());
    assert_eq!(
        verdict, "actor-not-yours",
        "another device of the same person"
    );
    let app = &world.server.app;
    app.store
        .revoke(old.id, "tests", "revoke", world.server.now())
        .expect("revoked");
    let verdict = by(&stranger, colleague, id, "draft", next.clone());
    assert_eq!(
        verdict, "actor-not-yours",
        "another person, now that it is free"
    );
    assert_eq!(
        by(&new, world.operator, id, "draft", next),
        "received",
        "enrolled anew"
    );
    let mut fork = draft(&world, id, actor);
    fork.commit();
    fork.set(&["updated_at"], &json!(2)).expect("writes");
    let verdict = by(&new, world.operator, id, "draft", fork.commit());
    assert_eq!(verdict, "seq-taken", "the same number for another change");
    goes_on(&world);
}

#[test]
fn what_was_received_is_acknowledged_to_who_enrolled_anew() {
    // The receipts were lost with the connection, and the device then enrolled as another one.
    let world = World::new();
    let (author, report) = reported(&world);
    let reporter: Id = view(&world, report)["reporter"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id");
    let app = &world.server.app;
    app.store
        .revoke(author.id, "tests", "revoke", world.server.now())
        .expect("revoked");
    let new = world.server.enrol(world.operator);
    for (id, kind) in [(report, "report"), (reporter, "reporter")] {
        let mut store = Exchange::new(&app.store);
        let stored = store.document(id).expect("the store").expect("a document");
        let mut document = Document::load(&stored.body, actor()).expect("loads");
        let changes = document.changes_since(&[]).into_values().collect();
        let verdict = by(&new, world.operator, id, kind, changes);
        assert_eq!(verdict, "received", "{kind}: it is there already");
    }
}

#[test]
fn no_receipt_but_the_servers_own_for_just_this_proves_anything() {
    let world = World::new();
    let (mallory, report) = reported(&world);
    let (id, body, signature): (Id, Vec<u8>, Vec<u8>) = mallory
        .device
        .db()
        .query_row(
            "SELECT push, body, signature FROM receipt WHERE document = ?1",
            [report],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .expect("a receipt");
    let raised = change(&world, world.operator, |document| {
        document.set(&["roles"], &json!(["admin"])).expect("writes");
    });
    let hash = vigie_core::gate::inspect(&raised[0])
        .expect("well formed")
        .hash;
    let fresh = mallory_id(&mallory);
    let named = Receipt {
        push: fresh,
        document: world.operator,
        changes: vec![hash],
        attachments: Vec::new(),
        received_at: 0,
        position: 1,
    };
    let Response::Received {
        receipt,
        signature: forged,
    } = Signer::new(&[9; 32]).sign(&named).expect("signs")
    else {
        panic!("a signature")
    };
    let mut altered = body.clone();
    altered[0] ^= 1;
    for (what, push_id, receipt, signature) in [
        ("another key's", fresh, receipt.clone(), forged),
        (
            "the server's signature under another receipt",
            entropy::id(0),
            receipt,
            signature.clone(),
        ),
        ("an altered one", entropy::id(0), altered, signature.clone()),
        ("another document's", entropy::id(0), body, signature),
        ("noise", entropy::id(0), vec![7; 100], vec![7; 64]),
        ("nothing", entropy::id(0), Vec::new(), Vec::new()),
    ] {
        assert_ne!(push_id, id, "not the push that was answered");
        let mut one = of(&world, push_id, world.operator, "person", &raised);
        one.proof = Some(Proof { receipt, signature });
        assert_eq!(push(&mallory, one), "refused", "{what}");
        assert_eq!(
            quarantined(&world, push_id).as_deref(),
            Some("refused"),
            "{what} is kept"
        );
    }
    assert_eq!(
        view(&world, world.operator)["roles"],
        json!(["operator"]),
        "as before"
    );
    goes_on(&world);
}

#[test]
fn a_guessed_id_opens_nothing_and_tells_nothing_of_the_document() {
    let world = World::new();
    let (_, report) = reported(&world);
    let colleague = world.server.person("sophie", &["operator"], world.site);
    let mallory = world.server.enrol(colleague);
    let mut same = Document::create(actor(), report, "report", 1, &json!({})).expect("made");
    let mut other = draft(&world, report, actor());
    for (kind, changes, code) in [
        ("report", same.commit(), "conflict"),
        ("draft", other.commit(), "kind-differs"),
    ] {
        let hello = vigie_core::sync::message::Request::Hello {
            protocol: vigie_core::sync::message::PROTOCOL,
            clock_ms: 0,
            cursors: 0,
            epoch: 0,
        };
        let mut one = of(&world, entropy::id(0), report, kind, &changes);
        one.person = colleague;
        let request = vigie_core::sync::message::Request::Push(one);
        let body = vigie_core::sync::frame::encode(&[hello, request]).expect("frames");
        let bytes = mallory.exchange_raw(body).bytes().expect("an answer");
        let frames: Vec<Response> =
            vigie_core::sync::frame::read_all(&bytes, 64 << 20, 10_000).expect("frames");
        let told =
            |frame: &Response| matches!(frame, Response::Document { id, .. } if *id == report);
        assert!(!frames.iter().any(told), "{kind}: the document is not sent");
        let refused = |frame: &Response| matches!(frame, Response::Refused { code: told, .. } if told == code);
        assert!(frames.iter().any(refused), "{kind}: {frames:?}");
    }
    goes_on(&world);
}

#[test]
fn a_change_whose_history_is_withheld_is_refused_until_it_is_whole() {
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let id = mallory_id(&mallory);
    let mut document = draft(&world, id, actor());
    let first = document.commit();
    document.set(&["updated_at"], &json!(1)).expect("writes");
    let second = document.commit();
    let push_id = mallory_id(&mallory);
    let verdict = push(&mallory, of(&world, push_id, id, "draft", &second));
    assert!(
        ["dep-unknown", "seq-gap"].contains(&verdict.as_str()),
        "{verdict}"
    );
    assert_eq!(
        quarantined(&world, push_id),
        Some(verdict),
        "kept: somebody may have typed it"
    );
    assert_eq!(
        rows(&world, &format!("document WHERE hex(id) = '{}'", hex(id))),
        0,
        "no half"
    );
    let turned = [second.clone(), first.clone()].concat();
    let verdict = by(&mallory, world.operator, id, "draft", turned);
    assert_ne!(verdict, "received", "nor in the wrong order");
    let whole = [first, second].concat();
    assert_eq!(
        by(&mallory, world.operator, id, "draft", whole),
        "received",
        "whole"
    );
    goes_on(&world);
}

fn hex(id: Id) -> String {
    id.as_bytes()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

#[test]
fn a_change_that_would_make_a_document_unreadable_is_refused() {
    let world = World::new();
    let manager = world.server.person("karima", &["manager"], world.site);
    let (_, report) = reported(&world);
    let before = view(&world, report);
    let key = entropy::id(0).to_string();
    let mut deep = json!({});
    for _ in 0..40 {
        deep = json!({ "a": deep });
    }
    for (what, value) in [
        ("a word for an act", json!("x")),
        ("a number for an act", json!(7)),
        ("an act without anything", json!({})),
        (
            "an act at no time",
            json!({ "at": "x", "by": manager, "verb": "read", "after": [] }),
        ),
        (
            "an act by a word",
            json!({ "at": 0, "by": "x", "verb": "read", "after": [] }),
        ),
        ("an act forty deep", deep),
    ] {
        let mallory = world.server.enrol(manager);
        let forged = fresh(&world, report, |document| {
            document.set(&["acts", &key], &value).expect("writes");
        });
        let verdict = by(&mallory, manager, report, "report", forged);
        assert!(
            ["invalid", "refused", "depth"].contains(&verdict.as_str()),
            "{what}: {verdict}"
        );
    }
    let mallory = world.server.enrol(manager);
    let forged = fresh(&world, report, |document| {
        document
            .set(&["acts", "no id"], &json!({}))
            .expect("writes");
    });
    let verdict = by(&mallory, manager, report, "report", forged);
    assert_eq!(verdict, "invalid", "an act under no id");
    let draft = entropy::id(0);
    for body in [json!({}), json!({ "answers": 5 }), json!({ "acts": {} })] {
        let mut document = Document::create(actor(), draft, "draft", 1, &body).expect("made");
        let mallory = world.server.enrol(world.operator);
        let verdict = by(&mallory, world.operator, draft, "draft", document.commit());
        assert!(
            ["invalid", "refused"].contains(&verdict.as_str()),
            "{body}: {verdict}"
        );
    }
    assert_eq!(view(&world, report), before, "it reads as before");
    goes_on(&world);
}

/// A change to a document by an actor of its own.
fn fresh(world: &World, id: Id, edit: impl FnOnce(&mut Document)) -> Vec<Vec<u8>> {
    let mut store = Exchange::new(&world.server.app.store);
    let stored = store.document(id).expect("the store").expect("a document");
    let mut document = Document::load(&stored.body, actor()).expect("loads");
    edit(&mut document);
    document.commit()
}

#[test]
fn a_document_says_what_its_push_says() {
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let id = mallory_id(&mallory);
    let changes = draft(&world, id, actor()).commit();
    for (what, document, kind) in [
        ("another id", mallory_id(&mallory), "draft"),
        ("another kind", id, "memory"),
    ] {
        let verdict = by(&mallory, world.operator, document, kind, changes.clone());
        assert_eq!(verdict, "header", "{what}");
    }
    let verdict = by(&mallory, world.operator, id, "secret", changes);
    assert_eq!(verdict, "unknown-kind", "a kind of their own");
    goes_on(&world);
}

#[test]
fn a_stolen_receipt_proves_no_other_push_document_or_change() {
    let world = World::new();
    let (mut author, report) = reported(&world);
    author.call("report.comment", json!({ "id": report, "text": "Encore" }));
    author.sync();
    let (push_id, receipt, signature): (Id, Vec<u8>, Vec<u8>) = author
        .device
        .db()
        .query_row(
            "SELECT push, body, signature FROM receipt WHERE document = ?1
             ORDER BY position DESC LIMIT 1",
            [report],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .expect("a receipt");
    let signed =
        vigie_core::sync::receipt::verify(&world.server.app.signer.public(), &receipt, &signature)
            .expect("the server's");
    let mut store = Exchange::new(&world.server.app.store);
    let stored = store
        .document(report)
        .expect("the store")
        .expect("a document");
    drop(store);
    let mut document = Document::load(&stored.body, actor()).expect("loads");
    let comment = document
        .changes_since(&[])
        .remove(&signed.changes[0])
        .expect("the comment");
    let forged = fresh(&world, report, |document| {
        document.set(&["severity"], &json!("low")).expect("writes");
    });
    let elsewhere = entropy::id(0);
    for (what, id, target, change, code) in [
        (
            "another change",
            push_id,
            report,
            forged[0].clone(),
            "refused",
        ),
        (
            "another push",
            entropy::id(0),
            report,
            comment.clone(),
            "actor-not-yours",
        ),
        ("another document", push_id, elsewhere, comment, "seq-gap"),
    ] {
        let mut one = of(&world, id, target, "report", &[change]);
        one.proof = Some(Proof {
            receipt: receipt.clone(),
            signature: signature.clone(),
        });
        // One each: a push with an id that was answered gets the same answer.
        let thief = world.server.enrol(world.operator);
        assert_eq!(push(&thief, one), code, "{what}");
    }
    goes_on(&world);
}
