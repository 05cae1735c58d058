//! A device with a valid token that sends whatever it likes.

use std::time::Instant;

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::document::Document;
use vigie_core::store::blob;
use vigie_core::sync::frame::{self, read_all};
use vigie_core::sync::message::{PROTOCOL, Proof, Push, Request, Response};
use vigie_core::sync::store::Store as _;
use vigie_server::entropy;
use vigie_server::store::sqlite::exchange::Exchange;

use super::World;
use crate::support::{Phone, client, code_of};
use vigie_core::sync::machine::Cursors;

const MALLORY: vigie_core::gate::Actor = [0xee; 8];

/// What the server answers to a push made by hand.
pub(super) fn push(phone: &Phone, push: Push) -> String {
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: phone.now(),
        cursors: 0,
        epoch: 0,
    };
    let body = frame::encode(&[hello, Request::Push(push)]).expect("frames");
    let answer = phone.exchange_raw(body);
    assert_eq!(answer.status(), 200, "a refused push is an answer");
    let bytes = answer.bytes().expect("the answer");
    let frames: Vec<Response> = read_all(&bytes, 64 << 20, 10_000).expect("frames");
    frames
        .into_iter()
        .find_map(|frame| match frame {
            Response::Received { .. } => Some("received".to_owned()),
            Response::Refused { code, .. } => Some(code),
            Response::Welcome { .. }
            | Response::ResendCursors
            | Response::Document { .. }
            | Response::Gone { .. }
            | Response::Left { .. }
            | Response::Erased { .. }
            | Response::Page { .. } => None,
        })
        .expect("a verdict")
}

pub(super) fn by(
    phone: &Phone,
    person: Id,
    document: Id,
    kind: &str,
    changes: Vec<Vec<u8>>,
) -> String {
    let changes = changes.into_iter().map(Into::into).collect();
    let id = entropy::id(phone.now());
    push(
        phone,
        Push {
            id,
            person,
            document,
            kind: kind.to_owned(),
            changes,
            heads: Vec::new(),
            proof: None,
        },
    )
}

/// A change to a document as the server has it.
pub(super) fn change(world: &World, id: Id, edit: impl FnOnce(&mut Document)) -> Vec<Vec<u8>> {
    let mut store = Exchange::new(&world.server.app.store);
    let stored = store
        .document(id)
        .expect("the store")
        .expect("the document");
    let mut document = Document::load(&stored.body, MALLORY).expect("loads");
    edit(&mut document);
    document.commit()
}

#[test]
fn another_persons_report_cannot_be_rewritten() {
    let world = World::new();
    let colleague = world.server.person("sophie", &["operator"], world.site);
    let (mut author, mallory) = (
        world.server.enrol(world.operator),
        world.server.enrol(colleague),
    );
    author.sync();
    let report = author.report(world.form, world.place, None);
    author.sync();
    let forged = change(&world, report, |document| {
        document
            .set(&["answers", "words"], &json!("Rien à signaler"))
            .expect("writes");
    });
    let verdict = by(&mallory, colleague, report, "report", forged.clone());
    assert_ne!(verdict, "received", "by a colleague");
    let verdict = by(&author, world.operator, report, "report", forged);
    assert_ne!(verdict, "received", "nor by its author, once sealed");
    let mut lead = world.server.enrol(world.lead);
    lead.sync();
    let seen = lead.call("report.open", json!({ "id": report }));
    assert_eq!(
        seen["answers"]["words"], "De l’huile sous la presse",
        "it stands as it was sealed"
    );
}

/// Pushes what is refused, of the operator's own entry in the directory; its id.
pub(super) fn refused_push(world: &World, phone: &Phone) -> Id {
    let forged = change(world, world.operator, |document| {
        document.set(&["roles"], &json!(["admin"])).expect("writes");
    });
    let verdict = by(phone, world.operator, world.operator, "person", forged);
    assert_eq!(verdict, "refused", "one's own role");
    world.operator
}

#[test]
fn nobody_raises_their_own_role() {
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let forged = change(&world, world.operator, |document| {
        document.set(&["roles"], &json!(["admin"])).expect("writes");
    });
    let verdict = by(
        &mallory,
        world.operator,
        world.operator,
        "person",
        forged.clone(),
    );
    assert_eq!(verdict, "refused", "in their own name");
    let verdict = by(&mallory, world.lead, world.operator, "person", forged);
    assert_eq!(verdict, "seat-not-here", "nor in the name of a lead");
    let seat = world
        .server
        .app
        .store
        .seat(world.operator)
        .expect("the store")
        .expect("a seat");
    assert!(
        !seat.leads() && !seat.has(&[vigie_core::person::Role::Admin]),
        "{seat:?}"
    );
}

#[test]
fn one_device_does_not_write_with_the_actor_of_another() {
    let world = World::new();
    let (honest, mallory) = (
        world.server.enrol(world.lead),
        world.server.enrol(world.lead),
    );
    let first = change(&world, world.site, |document| {
        document.set(&["city"], &json!("Bron")).expect("writes");
    });
    assert_eq!(
        by(&honest, world.lead, world.site, "site", first),
        "received",
        "its own"
    );
    let second = change(&world, world.site, |document| {
        document.set(&["city"], &json!("Lyon")).expect("writes");
    });
    let verdict = by(&mallory, world.lead, world.site, "site", second);
    assert_eq!(verdict, "actor-not-yours", "the same actor from elsewhere");
}

#[test]
fn a_receipt_proves_its_own_push_and_nothing_else() {
    let world = World::new();
    let mut mallory = world.server.enrol(world.operator);
    mallory.sync();
    let report = mallory.report(world.form, world.place, None);
    mallory.sync();
    let (id, proof) = mallory
        .device
        .db()
        .query_row(
            "SELECT push, body, signature FROM receipt WHERE document = ?1",
            [report],
            |row| {
                let (receipt, signature) = (row.get(1)?, row.get(2)?);
                Ok((row.get(0)?, Proof { receipt, signature }))
            },
        )
        .expect("a receipt");
    let raised = change(&world, world.operator, |document| {
        document.set(&["roles"], &json!(["admin"])).expect("writes");
    });
    let with_id = |id| Push {
        id,
        person: world.operator,
        document: world.operator,
        kind: "person".to_owned(),
        changes: raised.iter().cloned().map(Into::into).collect(),
        heads: Vec::new(),
        proof: Some(proof.clone()),
    };
    let verdict = push(&mallory, with_id(entropy::id(mallory.now())));
    assert_eq!(verdict, "refused", "a change that it does not name");
    let verdict = push(&mallory, with_id(id));
    assert_eq!(verdict, "received", "the old answer to the old push");
    let seat = world.server.app.store.seat(world.operator);
    let seat = seat.expect("the store").expect("a seat");
    assert!(!seat.has(&[vigie_core::person::Role::Admin]), "{seat:?}");
}

/// Little-endian base 128.
fn leb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(number & 0x7F).expect("seven bits");
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A change that says "ten million operations" in a few bytes.
pub(super) fn run_length_bomb() -> Vec<u8> {
    let run = |value: &[u8]| [&[0x80, 0xAD, 0xE2, 0x04][..], value].concat();
    let columns: [(u8, Vec<u8>); 5] = [
        (0x15, run(&[1, b'k'])),
        (0x34, leb(10_000_000)),
        (0x42, run(&[1])),
        (0x56, run(&[0])),
        (0x70, run(&[0])),
    ];
    let mut body = vec![0, 8];
    body.extend(MALLORY);
    body.extend([1, 1, 0, 0, 0]);
    body.push(u8::try_from(columns.len()).expect("few"));
    for (column, data) in &columns {
        body.extend([*column, u8::try_from(data.len()).expect("short")]);
    }
    body.extend(columns.iter().flat_map(|(_, data)| data.clone()));
    let mut tail = vec![1];
    tail.extend(leb(u64::try_from(body.len()).expect("short")));
    tail.extend(body);
    let sum = blob::hash(&tail);
    [
        &[0x85, 0x6F, 0x4A, 0x83][..],
        sum.get(..4).expect("a sum"),
        &tail,
    ]
    .concat()
}

#[test]
fn a_bomb_of_a_few_bytes_is_refused_at_once() {
    let world = World::new();
    let mallory = world.server.enrol(world.operator);
    let bomb = run_length_bomb();
    assert!(bomb.len() < 90, "{} bytes", bomb.len());
    let started = Instant::now();
    let document = entropy::id(world.server.now());
    let verdict = by(&mallory, world.operator, document, "draft", vec![bomb]);
    assert_ne!(verdict, "received", "refused");
    assert!(
        started.elapsed().as_secs() < 5,
        "at once: {:?}",
        started.elapsed()
    );
}

#[test]
fn garbage_is_refused_and_the_server_goes_on() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let honest = phone
        .device
        .request(phone.now(), Cursors::Fingerprint)
        .expect("a request");
    let half = honest.get(..honest.len() / 2).expect("half").to_vec();
    let other_protocol = frame::encode(&[Request::Hello {
        protocol: 99,
        clock_ms: 0,
        cursors: 0,
        epoch: 0,
    }]);
    let no_hello = frame::encode(&[Request::Cursors(Vec::new())]);
    for (name, body, status) in [
        ("nothing", Vec::new(), 400),
        ("noise", vec![0x5A; 5000], 400),
        ("half a frame", half, 400),
        ("another protocol", other_protocol.expect("frames"), 426),
        ("no hello", no_hello.expect("frames"), 400),
        ("too long", vec![0x5A; 2 << 20], 413),
    ] {
        let answer = phone.exchange_raw(body);
        assert_eq!(answer.status(), status, "{name}");
    }
    for _ in 0..2 {
        let document = entropy::id(phone.now());
        let verdict = by(
            &phone,
            world.operator,
            document,
            "report",
            vec![vec![7; 300]],
        );
        assert_ne!(verdict, "received", "noise instead of a change");
    }
    phone.sync();
    phone.report(world.form, world.place, None);
    phone.sync();
    assert_eq!(
        phone.device.waiting().expect("a count"),
        0,
        "honest work still arrives"
    );
}

#[test]
fn a_stream_that_inflates_without_end_is_stopped() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    // Six pushes of two mebibytes of nothing compress to a few kilobytes.
    let push = |_| {
        Request::Push(Push {
            id: entropy::id(phone.now()),
            person: world.operator,
            document: entropy::id(phone.now()),
            kind: "report".to_owned(),
            changes: vec![vec![0; 2 << 20].into()],
            heads: Vec::new(),
            proof: None,
        })
    };
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: phone.now(),
        cursors: 0,
        epoch: 0,
    };
    let mut frames = vec![hello];
    frames.extend((0..6).map(push));
    let body = frame::encode(&frames).expect("frames");
    assert!(body.len() < 64 * 1024, "{} bytes", body.len());
    assert_eq!(phone.exchange_raw(body).status(), 413, "stopped");
}

#[test]
fn a_device_that_only_sends_refused_changes_is_slowed_down() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    let nonsense = |id: Id| Push {
        id,
        person: world.operator,
        document: id,
        kind: "nonsense".to_owned(),
        changes: Vec::new(),
        heads: Vec::new(),
        proof: None,
    };
    let ids: Vec<Id> = (0..30).map(|_| entropy::id(phone.now())).collect();
    for id in &ids {
        assert_eq!(push(&phone, nonsense(*id)), "unknown-kind", "refused");
    }
    let last = ids.last().copied().expect("thirty");
    assert_eq!(
        push(&phone, nonsense(last)),
        "unknown-kind",
        "one whose answer was lost hears it"
    );
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: phone.now(),
        cursors: 0,
        epoch: 0,
    };
    let more = Request::Push(Push {
        id: entropy::id(phone.now()),
        person: world.operator,
        document: entropy::id(phone.now()),
        kind: "report".to_owned(),
        changes: Vec::new(),
        heads: Vec::new(),
        proof: None,
    });
    let body = frame::encode(&[hello, more]).expect("frames");
    assert_eq!(
        code_of(phone.exchange_raw(body)),
        "too-many-tries",
        "set aside unread"
    );
}

#[test]
fn a_call_without_the_mark_of_this_site_is_refused() {
    let world = World::new();
    let url = format!("{}/app/call", world.server.url);
    let body = json!({ "name": "account.state", "input": {} });
    let bare = client().post(&url).json(&body).send().expect("an answer");
    assert_eq!(bare.status(), 403, "a form of another site could send this");
    let foreign = client()
        .post(&url)
        .header("x-vigie", "1")
        .header("origin", "https://elsewhere.example")
        .json(&body)
        .send()
        .expect("an answer");
    assert_eq!(foreign.status(), 403, "from elsewhere");
    let long = "x".repeat(20_000);
    let strange = client()
        .post(&url)
        .header("x-vigie", "1")
        .json(&json!({ "name": "account.state", "input": long }))
        .send()
        .expect("an answer");
    assert_eq!(strange.status(), 413, "a stranger sends little");
    let wrong: Value = client()
        .post(&url)
        .header("x-vigie", "1")
        .body("{")
        .send()
        .expect("an answer")
        .json()
        .expect("JSON");
    assert_eq!(wrong["error"]["code"], "invalid", "not JSON");
}
