//! Invitations, tokens, devices.

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::sync::frame;
use vigie_core::sync::machine::Cursors;
use vigie_core::sync::message::{PROTOCOL, Request};
use vigie_server::limit::LIMITS;

use super::World;
use crate::support::{Phone, TestServer, client, code_of, header, post};

const HOUR: i64 = 3_600_000;

fn enrol(server: &TestServer, code: &str) -> reqwest::blocking::Response {
    post(
        &server.url,
        "/v1/enrol",
        &json!({ "code": code, "device_name": "Téléphone" }),
    )
}

#[test]
fn a_code_enrols_one_device() {
    let world = World::new();
    let invitation = world.server.invite(world.operator);
    assert_eq!(
        enrol(&world.server, &invitation.code).status(),
        200,
        "the first time"
    );
    let again = enrol(&world.server, &invitation.code);
    assert_eq!(again.status(), 410, "the second time");
    assert_eq!(code_of(again), "code-used", "and it says why");
    let secret = invitation
        .url
        .split("code=")
        .nth(1)
        .expect("a secret")
        .to_owned();
    assert_eq!(
        code_of(enrol(&world.server, &secret)),
        "code-used",
        "its long form neither"
    );
}

#[test]
fn the_code_of_a_qr_enrols_too_and_says_who_and_where() {
    let world = World::new();
    let invitation = world.server.invite(world.operator);
    let secret = invitation
        .url
        .split("code=")
        .nth(1)
        .expect("a secret")
        .to_owned();
    let answer: Value = enrol(&world.server, &secret).json().expect("JSON");
    assert_eq!(
        answer["seat"]["person"],
        json!(world.operator),
        "whose it is"
    );
    assert_eq!(answer["org"], "Essai", "the organisation");
    assert_eq!(
        answer["server_key"].as_str().map(str::len),
        Some(64),
        "the key to pin"
    );
    assert!(invitation.qr_svg.contains("<svg"), "a QR code to show");
}

#[test]
fn of_many_who_use_a_code_at_once_one_succeeds() {
    let world = World::new();
    let code = world.server.invite(world.operator).code;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| enrol(&world.server, &code).status().as_u16()))
            .collect();
        tries
            .into_iter()
            .map(|tried| tried.join().expect("a try"))
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [200, 410].contains(status)),
        "{statuses:?}"
    );
}

#[test]
fn a_code_is_too_old_after_three_days() {
    let world = World::new();
    let code = world.server.invite(world.operator).code;
    world.server.pass(72 * HOUR);
    let late = enrol(&world.server, &code);
    assert_eq!(
        (late.status().as_u16(), code_of(late).as_str()),
        (410, "code-expired"),
        "late"
    );
}

#[test]
fn wrong_codes_slow_their_address_down() {
    let world = World::new();
    let good = world.server.invite(world.operator).code;
    for _ in 0..LIMITS.address_guesses {
        let wrong = enrol(&world.server, "0000-0000-00");
        assert_eq!(
            (wrong.status().as_u16(), code_of(wrong).as_str()),
            (404, "code-unknown"),
            "wrong"
        );
    }
    let next = enrol(&world.server, &good);
    assert_eq!(next.status(), 429, "even with the right code");
    assert_eq!(header(&next, "retry-after"), "2", "and it says how long");
    assert_eq!(code_of(next), "too-many-tries", "and why");
    world.server.pass(2000);
    assert_eq!(enrol(&world.server, &good).status(), 200, "after that");
}

#[test]
fn an_old_token_works_until_the_new_one_is_used_and_then_kills_the_device() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    let rotate = |phone: &crate::support::Phone| -> String {
        let answer: Value = phone
            .send("POST", "/v1/token")
            .send()
            .expect("an answer")
            .json()
            .expect("JSON");
        answer["token"].as_str().expect("a token").to_owned()
    };
    let old = phone.token.clone();
    let lost = rotate(&phone);
    let new = rotate(&phone);
    phone.sync();
    phone.token = lost;
    assert_eq!(
        phone.exchange_raw(Vec::new()).status(),
        401,
        "a token whose answer was lost"
    );
    phone.token = new;
    phone.sync();
    let stolen = std::mem::replace(&mut phone.token, old);
    assert_eq!(
        phone.exchange_raw(Vec::new()).status(),
        401,
        "a request that was under way"
    );
    phone.token.clone_from(&stolen);
    phone.sync();
    world.server.pass(60_000);
    phone.token = "x".repeat(43);
    assert_eq!(
        phone.exchange_raw(Vec::new()).status(),
        401,
        "an unknown token"
    );
}

#[test]
fn a_replaced_token_that_comes_back_revokes_the_device() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    let old = phone.token.clone();
    let answer: Value = phone
        .send("POST", "/v1/token")
        .send()
        .expect("an answer")
        .json()
        .expect("JSON");
    phone.token = answer["token"].as_str().expect("a token").to_owned();
    phone.sync();
    world.server.pass(60_000);
    let new = std::mem::replace(&mut phone.token, old);
    assert_eq!(
        code_of(phone.exchange_raw(Vec::new())),
        "revoked",
        "the thief, or the robbed"
    );
    phone.token = new;
    assert_eq!(
        code_of(phone.exchange_raw(Vec::new())),
        "revoked",
        "and whoever holds the new one"
    );
}

#[test]
fn a_lead_sees_and_revokes_devices_and_an_operator_only_their_own() {
    let world = World::new();
    let (lead, operator) = (
        world.server.enrol(world.lead),
        world.server.enrol(world.operator),
    );
    let devices = |phone: &crate::support::Phone| -> Vec<Value> {
        let answer = phone
            .send("POST", "/v1/account/devices")
            .json(&json!({}))
            .send();
        answer.expect("an answer").json().expect("a list")
    };
    assert_eq!(devices(&operator).len(), 1, "their own");
    assert_eq!(devices(&lead).len(), 2, "everyone's");
    let revoke = |phone: &crate::support::Phone, device| {
        let body = json!({ "device": device });
        phone
            .send("POST", "/v1/account/revoke")
            .json(&body)
            .send()
            .expect("an answer")
            .status()
    };
    assert_eq!(
        revoke(&operator, lead.id),
        403,
        "an operator revokes nobody else"
    );
    let events = operator.listen();
    assert!(events.recv().is_ok(), "the stream began");
    assert_eq!(revoke(&lead, operator.id), 200, "a lead does");
    assert!(events.recv().is_err(), "the stream ends at once");
    assert_eq!(
        code_of(operator.exchange_raw(Vec::new())),
        "revoked",
        "and so does sync"
    );
    let body = json!({ "person": world.lead });
    let invited = lead
        .send("POST", "/v1/account/invite")
        .json(&body)
        .send()
        .expect("an answer");
    assert_eq!(invited.status(), 200, "a lead invites");
    assert!(
        world.server.app.store.audit(50).expect("the audit").len() >= 5,
        "all is noted"
    );
    assert_eq!(
        world.server.app.store.audit_broken_at().expect("the audit"),
        None,
        "and whole"
    );
}

#[test]
fn only_an_admin_invites_an_admin() {
    let world = World::new();
    let admin = world.server.person("hugues", &["admin"], world.site);
    let lead = world.server.enrol(world.lead);
    let body = json!({ "person": admin });
    let answer = lead
        .send("POST", "/v1/account/invite")
        .json(&body)
        .send()
        .expect("an answer");
    assert_eq!(
        answer.status(),
        403,
        "a lead cannot become an admin that way"
    );
    let operator = world.server.enrol(world.operator);
    let body = json!({ "person": world.operator });
    let answer = operator
        .send("POST", "/v1/account/invite")
        .json(&body)
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 403, "an operator invites nobody");
}

#[test]
fn somebody_who_left_is_locked_out() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    world.server.system(
        "directory.save_person",
        json!({
            "id": world.operator, "name": "karim", "login": "karim", "roles": ["operator"],
            "site": world.site, "team": null, "trade": null, "language": "fr", "active": false,
        }),
    );
    assert_eq!(
        code_of(phone.exchange_raw(Vec::new())),
        "revoked",
        "at the next request"
    );
}

#[test]
fn without_a_token_nothing_is_answered() {
    let world = World::new();
    for (method, path) in [
        ("POST", "/v1/sync"),
        ("GET", "/v1/events"),
        ("POST", "/v1/token"),
        ("POST", "/v1/account/devices"),
        ("POST", "/v1/blobs"),
        ("GET", "/v1/blobs/00"),
        ("GET", "/app/events"),
    ] {
        let answer = client()
            .request(
                method.parse().expect("a method"),
                format!("{}{path}", world.server.url),
            )
            .send()
            .expect("an answer");
        assert_eq!(answer.status(), 401, "{method} {path}");
    }
}

/// A draft of which only the beginning was sent.
fn half_sent(world: &World, phone: &mut Phone) -> Id {
    phone.sync();
    let draft = vigie_server::entropy::id(phone.now());
    let begin = json!({ "id": draft, "form": world.form, "release": 1, "practice": false });
    phone.call("draft.start", begin);
    phone.sync();
    for (field, value) in [
        ("what", json!("leak")),
        ("place", json!(world.place)),
        ("severity", json!("serious")),
        ("urgency", json!("later")),
        ("openness", json!("open")),
    ] {
        let save = json!({ "id": draft, "field": field, "value": value });
        phone.call("draft.save", save);
    }
    draft
}

fn revoke(asking: &Phone, device: Id) {
    let answer = asking
        .send("POST", "/v1/account/revoke")
        .json(&json!({ "device": device }))
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 200, "revoked");
}

fn seal(phone: &mut Phone, draft: Id) -> Id {
    let report = vigie_server::entropy::id(phone.now());
    phone.call("report.seal", json!({ "draft": draft, "report": report }));
    report
}

/// Nothing is refused; how much waits.
fn waiting(phone: &mut Phone) -> u64 {
    let health = phone.call("sync.health", json!({}));
    assert_eq!(health["refused"], json!([]), "nothing is refused");
    phone.device.waiting().expect("a count")
}

#[test]
fn what_was_not_sent_goes_after_its_person_has_enrolled_anew() {
    let world = World::new();
    let (mut phone, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    let draft = half_sent(&world, &mut phone);
    // Lost and found: somebody has revoked it meanwhile.
    revoke(&lead, phone.id);
    phone.enrol_anew(&world.server.enrolled(world.operator));
    let report = seal(&mut phone, draft);
    phone.sync();
    assert_eq!(waiting(&mut phone), 0, "all is sent");
    lead.sync();
    let seen = lead.call("report.open", json!({ "id": report }));
    assert_eq!(seen["answers"]["what"], "leak", "and it has arrived");
}

#[test]
fn what_was_not_sent_waits_until_the_device_that_this_one_was_is_revoked() {
    let world = World::new();
    let (mut phone, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    let draft = half_sent(&world, &mut phone);
    let before = phone.id;
    // Signed out without network: the server was not told.
    world.server.pass(1000);
    phone.enrol_anew(&world.server.enrolled(world.operator));
    let report = seal(&mut phone, draft);
    for _ in 0..3 {
        phone.exchange(Cursors::All);
        assert!(waiting(&mut phone) > 0, "the draft waits");
    }
    lead.sync();
    lead.call("report.open", json!({ "id": report }));
    revoke(&phone, before);
    phone.sync();
    assert_eq!(waiting(&mut phone), 0, "all is sent");
}

#[test]
fn what_another_device_of_the_same_person_writes_is_refused_to_this_one() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    half_sent(&world, &mut phone);
    let token = phone.token.clone();
    world.server.pass(1000);
    phone.enrol_anew(&world.server.enrolled(world.operator));
    // The file was copied: where it came from is still in use.
    world.server.pass(60_000);
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: phone.now(),
        cursors: 0,
        epoch: 0,
    };
    let answer = client()
        .post(format!("{}/v1/sync", world.server.url))
        .bearer_auth(token)
        .body(frame::encode(&[hello]).expect("frames"))
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 200, "it speaks");
    answer.bytes().expect("the whole answer");
    phone.exchange(Cursors::All);
    let health = phone.call("sync.health", json!({}));
    let refused = health["refused"].as_array().expect("a list");
    assert!(!refused.is_empty(), "two would write as one: {health}");
    assert!(
        refused.iter().all(|item| item["code"] == "actor-not-yours"),
        "{health}"
    );
}
