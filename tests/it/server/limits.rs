//! What happens at the limits, over HTTP: each refusal has its code and says for how long.

use reqwest::blocking::Response;
use serde_json::json;
use vigie_core::Id;
use vigie_core::document::Document;
use vigie_core::store::blob::SIZE_MAX;
use vigie_core::sync::frame;
use vigie_core::sync::message::{PROTOCOL, Proof, Push, Request};
use vigie_server::routes::{For, routes};
use vigie_server::{Config, entropy};

use super::World;
use crate::support::{Browser, Folder, Phone, START, TestServer, client, code_of, header, picture};
use vigie_core::sync::machine::Cursors;

fn world(set: impl FnOnce(&mut Config)) -> World {
    let folder = Folder::new();
    let server = TestServer::start_with(folder.path(), START, set);
    World::on(server, folder)
}

fn refused(answer: Response) -> (u16, String, String) {
    let wait = header(&answer, "retry-after");
    (answer.status().as_u16(), wait, code_of(answer))
}

/// The status of an exchange that is heard to its end.
fn status(phone: &Phone) -> u16 {
    let answer = raw(phone);
    let status = answer.status().as_u16();
    answer.bytes().expect("the whole answer");
    status
}

fn raw(phone: &Phone) -> Response {
    let request = phone
        .device
        .request(phone.now(), Cursors::Fingerprint)
        .expect("a request");
    phone.exchange_raw(request)
}

#[test]
fn a_device_that_asks_too_often_waits_and_others_do_not() {
    let world = world(|config| {
        config.limits.device_requests = 3;
        config.limits.device_requests_a_second = 1;
    });
    let (phone, other) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    for _ in 0..3 {
        assert_eq!(status(&phone), 200, "one of three");
    }
    assert_eq!(
        refused(raw(&phone)),
        (429, "1".to_owned(), "too-many-tries".to_owned()),
        "the fourth"
    );
    assert_eq!(status(&other), 200, "another device");
    world.server.pass(1000);
    assert_eq!(status(&phone), 200, "a second later");
}

#[test]
fn an_address_that_asks_too_often_waits() {
    let world = world(|config| {
        config.limits.address_requests = 5;
        config.limits.address_requests_a_second = 1;
    });
    let url = format!("{}/healthz", world.server.url);
    let ask = || client().get(&url).send().expect("an answer");
    for _ in 0..5 {
        assert_eq!(ask().status(), 200, "one of five");
    }
    assert_eq!(
        refused(ask()),
        (429, "1".to_owned(), "too-many-tries".to_owned()),
        "the sixth"
    );
}

#[test]
fn a_person_pushes_so_much_a_day_and_loses_nothing() {
    let world = world(|config| config.limits.person_pushes = 25);
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    phone.report(world.form, world.place, None);
    phone.report(world.form, world.place, None);
    let waiting = phone.device.waiting().expect("a count");
    assert!((13..25).contains(&waiting), "{waiting} changes wait");
    phone.sync();
    phone.report(world.form, world.place, None);
    let (status, wait, code) = refused(raw(&phone));
    assert_eq!((status, code.as_str()), (429, "too-many-tries"), "too much");
    assert!(
        phone.device.waiting().expect("a count") > 0,
        "nothing is lost"
    );
    let seconds: i64 = wait.parse().expect("seconds");
    world.server.pass(seconds * 1000);
    phone.sync();
    assert_eq!(phone.device.waiting().expect("a count"), 0, "all is there");
}

/// A request of so many pushes that claim to be given back, with receipts that nobody signed.
pub(super) fn falsely_given_back(phone: &Phone, person: Id, count: u8) -> Vec<u8> {
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: phone.now(),
        cursors: 0,
        epoch: 0,
    };
    let push = |number: u8| {
        let id = entropy::id(phone.now());
        let body = json!({ "number": number });
        let draft = Document::create([number; 8], id, "draft", 2, &body);
        let changes = draft.expect("a document").commit();
        Request::Push(Push {
            id: entropy::id(phone.now()),
            person,
            document: id,
            kind: "draft".to_owned(),
            changes: changes.into_iter().map(Into::into).collect(),
            heads: Vec::new(),
            proof: Some(Proof {
                receipt: vec![number; 100],
                signature: vec![number; 64],
            }),
        })
    };
    let frames: Vec<Request> = [hello].into_iter().chain((0..count).map(push)).collect();
    frame::encode(&frames).expect("frames")
}

#[test]
fn what_only_claims_to_be_given_back_counts() {
    let world = world(|config| config.limits.person_pushes = 10);
    let phone = world.server.enrol(world.operator);
    let answer = phone.exchange_raw(falsely_given_back(&phone, world.operator, 11));
    let (status, _, code) = refused(answer);
    assert_eq!((status, code.as_str()), (429, "too-many-tries"), "too many");
}

#[test]
fn however_often_its_health_is_asked_the_store_writes_once_in_five_seconds() {
    let world = World::new();
    let probed = || {
        let answer = client().get(format!("{}/healthz", world.server.url)).send();
        assert_eq!(answer.expect("an answer").status(), 200, "it is well");
        world.server.app.store.chore("probe").expect("the store")
    };
    assert_eq!(probed(), START, "the first time");
    world.server.pass(4999);
    assert_eq!(probed(), START, "it was well just now");
    world.server.pass(1);
    assert_eq!(probed(), START + 5000, "it is looked at again");
}

#[test]
fn an_organisation_with_too_many_documents_says_so_and_takes_them_once_there_is_room() {
    let world = world(|config| config.limits.org_documents = 40);
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let refusal = loop {
        phone.report(world.form, world.place, None);
        let answer = raw(&phone);
        if answer.status() != 200 {
            break refused(answer);
        }
        phone.sync();
    };
    assert_eq!(
        refusal,
        (507, "3600".to_owned(), "storage-full".to_owned()),
        "the first too many"
    );
    let (documents, _) = world.server.app.store.room().expect("a count");
    assert!(documents <= 40, "{documents} documents");
    let waiting = phone.device.waiting().expect("a count");
    assert!(waiting > 0, "it stays on the device");
    let World { server, folder, .. } = world;
    server.stop();
    let server = TestServer::start(folder.path(), START);
    phone.follow(&server);
    phone.sync();
    assert_eq!(
        phone.device.waiting().expect("a count"),
        0,
        "with more room"
    );
}

#[test]
fn photos_past_the_quota_wait_and_the_report_goes() {
    let world = world(|config| config.limits.org_blob_bytes = 3000);
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let mut send = |noise| {
        let photo = picture(noise, 1200);
        let hash = vigie_core::store::blob::hash(&photo);
        phone.report(world.form, world.place, Some(&photo));
        while phone.exchange(Cursors::Fingerprint).more
            || phone.device.waiting().expect("a count") > 0
        {}
        phone.begin_upload(&hash, "image/png", photo.len().try_into().expect("short"))
    };
    assert_eq!(send(1).status(), 201, "there is room");
    assert_eq!(send(2).status(), 201, "there is room");
    assert_eq!(
        refused(send(3)),
        (507, "3600".to_owned(), "storage-full".to_owned()),
        "what is on its way counts"
    );
}

#[test]
fn a_device_uploads_so_much_a_day() {
    let world = world(|config| config.limits.device_upload_bytes = 2000);
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let mut begin = |noise, twice: bool| {
        let photo = picture(noise, 1200);
        let hash = vigie_core::store::blob::hash(&photo);
        if !twice {
            phone.report(world.form, world.place, Some(&photo));
            while phone.exchange(Cursors::Fingerprint).more
                || phone.device.waiting().expect("a count") > 0
            {}
        }
        phone.begin_upload(&hash, "image/png", photo.len().try_into().expect("short"))
    };
    assert_eq!(begin(1, false).status(), 201, "the first");
    assert_eq!(begin(1, true).status(), 201, "begun again");
    let (status, wait, code) = refused(begin(2, false));
    assert_eq!(
        (status, code.as_str()),
        (429, "too-many-tries"),
        "the second"
    );
    world
        .server
        .pass(wait.parse::<i64>().expect("seconds") * 1000);
    assert_eq!(begin(2, true).status(), 201, "as told");
}

#[test]
fn a_wrong_password_slows_its_account_down_from_wherever() {
    let world = world(|config| {
        config.limits.account_guesses = 2;
        config.proxies = vec!["127.0.0.1".parse::<std::net::IpAddr>().expect("it").into()];
    });
    let mut signed_in = Browser::sign_in(&world.server, world.lead);
    signed_in.call(
        "account.password",
        json!({ "current": null, "password": "quatre chevaux verts" }),
    );
    let attempt = |login: &str, password: &str, from: &str| {
        client()
            .post(format!("{}/app/call", world.server.url))
            .header("x-vigie", "1")
            .header("x-forwarded-for", from)
            .json(
                &json!({ "id": null, "name": "account.sign_in", "offset_minutes": 0,
                "input": { "code": null, "login": login, "password": password } }),
            )
            .send()
            .expect("an answer")
    };
    for (from, login) in [("192.0.2.1", "claire"), ("192.0.2.2", "nobody")] {
        for _ in 0..2 {
            let wrong = attempt(login, "un autre mot de passe", from);
            assert_eq!(code_of(wrong), "wrong-password", "known or not");
        }
        assert_eq!(
            refused(attempt(login, "quatre chevaux verts", "192.0.2.3")),
            (429, "1".to_owned(), "too-many-tries".to_owned()),
            "known or not, from elsewhere"
        );
    }
    world.server.pass(1000);
    let right = attempt("claire", "quatre chevaux verts", "192.0.2.3");
    assert_eq!(right.status(), 200, "after the wait");
}

#[test]
fn the_present_password_is_not_guessed_with_a_token_either() {
    let world = world(|config| config.limits.account_guesses = 2);
    let phone = world.server.enrol(world.lead);
    let change = |current: Option<&str>| {
        phone
            .send("POST", "/v1/account/password")
            .json(&json!({ "current": current, "password": "quatre chevaux verts" }))
            .send()
            .expect("an answer")
    };
    assert_eq!(change(None).status(), 200, "the first one");
    for _ in 0..2 {
        assert_eq!(code_of(change(Some("faux"))), "wrong-password", "a guess");
    }
    assert_eq!(
        refused(change(Some("quatre chevaux verts"))),
        (429, "1".to_owned(), "too-many-tries".to_owned()),
        "the third"
    );
}

#[test]
fn every_body_has_a_limit_and_nothing_is_answered_in_another_form() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    let large = vec![b' '; SIZE_MAX + 12 * 1024 * 1024];
    for route in routes() {
        let takes = ["POST"].contains(&route.method);
        // An upload has no body where it begins.
        if !takes || route.path == "/v1/blobs" {
            continue;
        }
        let path = route.path.replace("{verb}", "devices");
        let mut request = phone.send(route.method, &path).header("x-vigie", "1");
        if route.whom == For::Anyone {
            request = request.header("authorization", "");
        }
        if route.path == "/v1/token" {
            continue;
        }
        let answer = request.body(large.clone()).send().expect("an answer");
        assert_eq!(answer.status(), 413, "{}", route.path);
        assert_eq!(code_of(answer), "too-large", "{}", route.path);
    }
}

#[test]
fn every_door_is_there_and_no_other_method() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    for route in routes() {
        let path = route
            .path
            .replace("{hash}", &"0".repeat(64))
            .replace("{id}", "00000000-0000-7000-8000-000000000000")
            .replace("{verb}", "devices");
        let wrong = phone.send("PUT", &path).send().expect("an answer");
        assert_eq!(wrong.status(), 405, "{}", route.path);
        assert!(!header(&wrong, "allow").is_empty(), "{}", route.path);
        assert_eq!(code_of(wrong), "invalid", "{}", route.path);
    }
}
