//! Requests that are none: frames out of place, cut, or of lengths that lie; tokens that are another's.

use serde_json::json;
use vigie_core::document::Document;
use vigie_core::sync::frame;
use vigie_core::sync::message::{Cursor, PROTOCOL, Push, Request};
use vigie_server::entropy;
use vigie_tests::wire::inflated;

use super::super::World;
use super::{goes_on, rows};
use crate::support::{Browser, client, code_of};

fn hello() -> Request {
    Request::Hello {
        protocol: PROTOCOL,
        clock_ms: 0,
        cursors: 0,
        epoch: 0,
    }
}

/// A push that would be kept.
fn good(world: &World) -> Request {
    let document = entropy::id(world.server.now());
    let body = json!({
        "form": world.form, "release": 1, "practice": false, "answers": {}, "photos": {},
        "updated_at": 0,
    });
    let mut draft = Document::create(entropy::bytes(), document, "draft", 1, &body).expect("made");
    Request::Push(Push {
        id: entropy::id(world.server.now()),
        person: world.operator,
        document,
        kind: "draft".to_owned(),
        changes: draft.commit().into_iter().map(Into::into).collect(),
        heads: Vec::new(),
        proof: None,
    })
}

#[test]
fn frames_out_of_place_are_refused_whole() {
    let world = World::new();
    let cursors = || Request::Cursors(Vec::new());
    let many = || {
        let cursor = |position| Cursor {
            scope: "directory".to_owned(),
            epoch: 1,
            position,
        };
        Request::Cursors((0..4001).map(cursor).collect())
    };
    for (what, frames) in [
        ("a push before hello", vec![good(&world), hello()]),
        ("no hello", vec![good(&world)]),
        ("hello twice", vec![hello(), good(&world), hello()]),
        (
            "cursors twice",
            vec![hello(), cursors(), good(&world), cursors()],
        ),
        ("cursors without end", vec![hello(), good(&world), many()]),
    ] {
        let mallory = world.server.enrol(world.operator);
        let before = rows(&world, "outcome");
        let answer = mallory.exchange_raw(frame::encode(&frames).expect("frames"));
        assert_eq!(answer.status(), 400, "{what}");
        assert_eq!(code_of(answer), "protocol", "{what}");
        assert_eq!(
            rows(&world, "outcome"),
            before,
            "{what}: nothing of it was taken"
        );
    }
    goes_on(&world);
}

#[test]
fn lengths_that_lie_are_found_out_before_they_cost_anything() {
    let world = World::new();
    let whole = frame::encode(&[hello(), good(&world)]).expect("frames");
    let plain = inflated(&whole).expect("inflates");
    let pack = |bytes: &[u8]| zstd::encode_all(bytes, 3).expect("packs");
    let with_length = |length: u32| {
        let mut bytes = plain.clone();
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        pack(&bytes)
    };
    let mut cases = vec![
        (
            "a frame of four gigabytes".to_owned(),
            with_length(u32::MAX),
        ),
        ("a frame of two gigabytes".to_owned(), with_length(1 << 31)),
        ("a frame of nothing".to_owned(), with_length(0)),
        (
            "a frame one too long".to_owned(),
            with_length(u32::MAX >> 20),
        ),
        (
            "bytes after the end".to_owned(),
            pack(&[plain.as_slice(), &[9]].concat()),
        ),
        ("not compressed".to_owned(), plain.clone()),
    ];
    for cut in [1, 3, 4, 5, plain.len() / 2, plain.len() - 1] {
        let bytes = plain.get(..cut).expect("a part");
        cases.push((format!("cut after {cut} bytes"), pack(bytes)));
    }
    for cut in [1, whole.len() / 2, whole.len() - 1] {
        let bytes = whole.get(..cut).expect("a part").to_vec();
        cases.push((format!("compressed, cut after {cut} bytes"), bytes));
    }
    let before = rows(&world, "outcome");
    for (what, body) in cases {
        let mallory = world.server.enrol(world.operator);
        let answer = mallory.exchange_raw(body);
        let status = answer.status().as_u16();
        assert!([400, 413, 426].contains(&status), "{what}: {status}");
    }
    assert_eq!(rows(&world, "outcome"), before, "nothing of it was taken");
    goes_on(&world);
}

#[test]
fn a_token_opens_its_own_door_alone() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    let browser = Browser::sign_in(&world.server, world.operator);
    let cookie = browser
        .cookie
        .split_once('=')
        .expect("a value")
        .1
        .to_owned();
    let call = client()
        .post(format!("{}/app/call", world.server.url))
        .header("x-vigie", "1")
        .header("cookie", format!("vigie={}", phone.token))
        .json(&json!({ "name": "directory.me", "input": {} }))
        .send()
        .expect("an answer");
    assert_eq!(
        code_of(call),
        "signed-out",
        "a device's token for a session"
    );
    let sync = client()
        .post(format!("{}/v1/sync", world.server.url))
        .bearer_auth(cookie)
        .body(frame::encode(&[hello()]).expect("frames"))
        .send()
        .expect("an answer");
    assert_eq!(
        code_of(sync),
        "signed-out",
        "a session's cookie for a device"
    );
    for (what, header) in [
        ("no scheme", phone.token.clone()),
        ("another scheme", format!("Basic {}", phone.token)),
        ("twice", format!("Bearer Bearer {}", phone.token)),
        ("with more", format!("Bearer {}x", phone.token)),
        ("empty", "Bearer ".to_owned()),
        (
            "another case",
            format!("Bearer {}", phone.token.to_uppercase()),
        ),
        ("far too long", format!("Bearer {}", "x".repeat(10_000))),
    ] {
        let answer = client()
            .post(format!("{}/v1/sync", world.server.url))
            .header("authorization", header)
            .send()
            .expect("an answer");
        assert_eq!(answer.status(), 401, "{what}");
    }
    goes_on(&world);
}

#[test]
fn a_revoked_token_opens_nothing_at_the_next_request() {
    let world = World::new();
    let (phone, lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    let sync = || {
        let body = frame::encode(&[hello(), good(&world)]).expect("frames");
        phone.exchange_raw(body)
    };
    assert_eq!(sync().status(), 200, "until then");
    let revoke = lead
        .send("POST", "/v1/account/revoke")
        .json(&json!({ "device": phone.id }));
    assert_eq!(revoke.send().expect("an answer").status(), 200, "revoked");
    let before = rows(&world, "outcome");
    assert_eq!(code_of(sync()), "revoked", "at once");
    assert_eq!(rows(&world, "outcome"), before, "nothing is taken from it");
    for (method, path) in [
        ("POST", "/v1/token"),
        ("GET", "/v1/events"),
        ("POST", "/v1/account/devices"),
        ("POST", "/v1/blobs"),
    ] {
        let answer = phone
            .send(method, path)
            .json(&json!({}))
            .send()
            .expect("an answer");
        assert_eq!(answer.status(), 403, "{method} {path}");
    }
    goes_on(&world);
}
