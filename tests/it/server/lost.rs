//! Revoked, lost: what such a device is answered, what it still shows, and what it held.

use serde_json::{Value, json};

use super::World;
use crate::support::{Browser, Folder, Phone, code_of, picture, post};
use vigie_core::sync::machine::Cursors;

fn ask(phone: &Phone, verb: &str, input: &Value) -> reqwest::blocking::Response {
    let path = format!("/v1/account/{verb}");
    phone
        .send("POST", &path)
        .json(input)
        .send()
        .expect("an answer")
}

/// A draft with some words, on this device alone.
fn draft(world: &World, phone: &mut Phone, words: &str) -> vigie_core::Id {
    let draft = vigie_server::entropy::id(phone.now());
    let begin = json!({ "id": draft, "form": world.form, "release": 1, "practice": false });
    phone.call("draft.start", begin);
    for (field, value) in [("place", json!(world.place)), ("words", json!(words))] {
        let save = json!({ "id": draft, "field": field, "value": value });
        phone.call("draft.save", save);
    }
    draft
}

#[test]
fn a_revoked_device_keeps_to_itself_what_it_never_sent_and_can_hand_it_over() {
    let world = World::new();
    let folder = Folder::new();
    let path = folder.path().join("phone.db");
    let mut phone = Phone::at(&world.server, &world.server.enrolled(world.operator), &path);
    let mut lead = world.server.enrol(world.lead);
    phone.sync();
    let sent = phone.report_saying(world.form, world.place, "Déjà parvenu zanzibar", None);
    phone.sync();
    lead.sync();
    let photo = picture(9, 3000);
    let report = phone.report_saying(world.form, world.place, "Jamais parti", Some(&photo));
    let draft = draft(&world, &mut phone, "À moitié écrit");
    let events = phone.listen();
    assert!(events.recv().is_ok(), "the stream began");
    let revoked = ask(&lead, "revoke", &json!({ "device": phone.id }));
    assert_eq!(revoked.status(), 200, "a lead revokes it");
    assert!(events.recv().is_err(), "its stream ends at once");
    let request = phone
        .device
        .request(phone.now(), Cursors::Fingerprint)
        .expect("a request");
    let answer = phone.exchange_raw(request);
    assert_eq!(answer.status(), 403, "what it pushes is refused");
    assert_eq!(code_of(answer), "revoked", "and it is told why");
    assert_eq!(code_of(phone.fetch(&[7; 32])), "revoked", "photos too");
    let answer = phone.begin_upload(&[7; 32], "image/png", 10);
    assert_eq!(code_of(answer), "revoked", "both ways");

    phone.device.erase_received().expect("erased");
    phone
        .device
        .erase_received()
        .expect("and once more: told twice");
    let moment = vigie_core::Moment::utc(phone.now());
    let gone = phone
        .device
        .call(moment, None, "report.open", json!({ "id": sent }));
    assert_eq!(gone.expect_err("gone").code(), vigie_core::Code::NotFound);
    let bytes = std::fs::read(&path).expect("the file");
    let holds = |words: &str| {
        bytes
            .windows(words.len())
            .any(|part| part == words.as_bytes())
    };
    assert!(!holds("zanzibar"), "not a byte of it is left");
    assert!(holds("Jamais parti"), "what was never sent is there");

    let given = phone.call("sync.hand_over", json!({}));
    let text = given["text"].as_str().expect("a text");
    for words in [
        "Jamais parti",
        "À moitié écrit",
        "Quai 1",
        "karim",
        "Une fuite",
    ] {
        assert!(text.contains(words), "`{words}` can be read: {text}");
    }
    let items = given["items"].as_array().expect("a list");
    let of = |id: vigie_core::Id| {
        let found = items.iter().find(|item| item["doc"] == json!(id));
        found.unwrap_or_else(|| panic!("`{id}` is among them"))
    };
    assert_eq!(of(report)["title"], "Jamais parti", "by its title");
    let hash = &of(report)["photos"][0];
    let content = phone.call("blob.read", json!({ "hash": hash }));
    assert!(content["base64"].is_string(), "with its photo");
    let opened = phone.call("draft.open", json!({ "id": draft }));
    assert!(
        opened["program"]["questions"].is_array(),
        "the draft still opens"
    );
}

#[test]
fn a_revoked_browser_is_out_at_once_and_its_file_is_gone() {
    let world = World::new();
    let lead = world.server.enrol(world.lead);
    let mut browser = Browser::sign_in(&world.server, world.operator);
    browser.call("report.list", all());
    let web = world.folder.path().join("web");
    let files = || std::fs::read_dir(&web).expect("a folder").count();
    assert!(files() > 0, "its file lies on the server");
    let events = browser.listen();
    let devices = browser.call("account.devices", json!({}));
    let device = &devices[0]["id"];
    assert_eq!(
        ask(&lead, "revoke", &json!({ "device": device })).status(),
        200
    );
    assert!(events.recv().is_err(), "its stream ends at once");
    assert_eq!(
        code_of(browser.try_call("report.list", all())),
        "signed-out"
    );
    assert_eq!(files(), 0, "and its file is gone");
}

fn all() -> Value {
    json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    })
}

#[test]
fn the_streams_of_somebody_who_left_end_too() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    let mut browser = Browser::sign_in(&world.server, world.operator);
    browser.call("report.list", all());
    let (news, topics) = (phone.listen(), browser.listen());
    assert!(news.recv().is_ok(), "the stream began");
    world.server.system(
        "directory.save_person",
        json!({
            "id": world.operator, "name": "karim", "login": "karim", "roles": ["operator"],
            "site": world.site, "team": null, "trade": null, "language": "fr", "active": false,
        }),
    );
    assert!(news.recv().is_err(), "the app's ends");
    assert!(
        topics.iter().last().is_none_or(|last| !last.is_empty()),
        "the browser's ends"
    );
    assert_eq!(
        code_of(browser.try_call("report.list", all())),
        "signed-out"
    );
}

#[test]
fn a_lost_device_is_told_to_erase_everything_and_what_it_held_is_listed() {
    let world = World::new();
    let (mut phone, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    phone.sync();
    let held = phone.report_saying(world.form, world.place, "Tenu en main", None);
    phone.sync();
    let stale = phone.report_saying(world.form, world.place, "Changé depuis", None);
    phone.sync();
    lead.sync();
    world.server.pass(600_000);
    lead.call("report.comment", json!({ "id": stale, "text": "Vu." }));
    let later = lead.report_saying(world.form, world.place, "Arrivé après", None);
    lead.sync();
    let answer = ask(&lead, "lose", &json!({ "device": phone.id }));
    assert_eq!(answer.status(), 200, "a lead declares it lost");
    let list: Value = answer.json().expect("a list");
    let documents = list["documents"].as_array().expect("a list").clone();
    let of = |id: vigie_core::Id| documents.iter().find(|one| one["document"] == json!(id));
    let certain = of(held).expect("held");
    assert_eq!(
        (&certain["title"], &certain["sure"]),
        (&json!("Tenu en main"), &json!(true)),
        "as it is now"
    );
    assert_eq!(of(stale).expect("held")["sure"], false, "an older copy");
    assert!(of(later).is_none(), "not what came after its last contact");

    for _ in 0..2 {
        let request = phone
            .device
            .request(phone.now(), Cursors::Fingerprint)
            .expect("a request");
        let answer = phone.exchange_raw(request);
        assert_eq!(
            (answer.status().as_u16(), code_of(answer).as_str()),
            (403, "lost")
        );
    }
    let acts = world.server.app.store.audit(100).expect("the audit");
    let noted = |what: &str| acts.iter().filter(|act| act.what == what).count();
    assert_eq!(
        (noted("lost"), noted("held"), noted("told-to-erase")),
        (1, 1, 1)
    );
    let sealed = acts.iter().find(|act| act.what == "held").expect("noted");
    let count = format!("{} {} ", phone.id, documents.len());
    assert!(sealed.about.starts_with(&count), "{}", sealed.about);
    assert!(!sealed.about.contains("Tenu"), "without any content");
}

#[test]
fn what_a_lost_device_may_have_kept_opens_nothing_more() {
    let world = World::new();
    let (phone, lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    let mut browser = Browser::sign_in(&world.server, world.operator);
    browser.call(
        "account.password",
        json!({ "current": null, "password": "une phrase de passe" }),
    );
    let unused = world.server.invite(world.operator).code;
    let mut other = world.server.enrol(world.operator);
    other.sync();
    let token = other.token.clone();

    assert_eq!(
        ask(&lead, "lose", &json!({ "device": phone.id })).status(),
        200,
        "declared lost"
    );
    assert_eq!(
        code_of(browser.try_call("report.list", all())),
        "signed-out"
    );
    let again = json!({ "code": null, "login": "karim", "password": "une phrase de passe" });
    assert_eq!(
        code_of(Browser::new(&world.server).try_call("account.sign_in", again)),
        "wrong-password",
        "a password that the phone may have kept opens nothing"
    );
    let enrol = json!({ "code": unused, "device_name": "Voleur" });
    assert_eq!(
        post(&world.server.url, "/v1/enrol", &enrol).status(),
        404,
        "nor a code"
    );
    other.sync();
    assert_eq!(other.token, token, "the person's other device goes on");
    let refused = ask(&other, "held", &json!({ "device": lead.id }));
    assert_eq!(refused.status(), 403, "nobody asks about others");
    let own = ask(&other, "lose", &json!({ "device": other.id }));
    assert_eq!(own.status(), 422, "nobody loses what they hold");
}

#[test]
fn a_lost_device_stays_lost_after_a_restore_from_before() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let copy = Folder::new();
    let to = copy.path().join("copy");
    vigie_server::backup::backup(world.folder.path(), &to, world.server.now()).expect("copied");
    let row = world.server.app.store.device(phone.id).expect("a device");
    vigie_server::account::lose_as(&world.server.app, &row, None, "tests").expect("lost");
    let (now, old) = (world.server.now(), world.folder.path().to_owned());
    world.server.stop();
    let machine = Folder::new();
    let data = machine.path().join("data");
    vigie_server::backup::restore(&to, &data, &[old], now).expect("restored");
    let server = crate::support::TestServer::start(&data, now + 1000);
    phone.follow(&server);
    assert_eq!(code_of(phone.exchange_raw(Vec::new())), "lost");
    assert!(
        !server.app.store.held(phone.id).expect("a list").is_empty(),
        "and what it held is known"
    );
}

#[test]
fn a_lost_browser_is_told_so_and_the_one_that_asks_stays_signed_in() {
    let world = World::new();
    let mut lost = Browser::sign_in(&world.server, world.operator);
    lost.call("report.list", all());
    let mut asking = Browser::sign_in(&world.server, world.operator);
    let devices = asking.call("account.devices", json!({}));
    let other = devices
        .as_array()
        .expect("a list")
        .iter()
        .find(|device| device["current"] == false)
        .expect("the other browser")
        .clone();
    asking.call("account.lose", json!({ "device": other["id"] }));
    asking.call("report.list", all());

    let told = |lost: &mut Browser| {
        let state = lost.call("account.state", json!({}));
        assert_eq!(state["signed_in"], false, "it is out");
        assert_eq!(state["ended"], "lost", "and is told why, each time");
    };
    told(&mut lost);
    let busy = rusqlite::Connection::open(world.folder.path().join("vigie.db"));
    let busy = busy.expect("the store's file");
    busy.execute_batch("BEGIN IMMEDIATE")
        .expect("another writes");
    told(&mut lost);
    busy.execute_batch("ROLLBACK").expect("no more");
    assert_eq!(
        code_of(lost.try_call("report.list", all())),
        "signed-out",
        "it opens nothing"
    );
    let held = asking.call("account.held", json!({ "device": other["id"] }));
    assert!(
        held["told_at"].is_i64(),
        "who asked sees that it was told: {held}"
    );
    let state = asking.call("account.state", json!({}));
    assert_eq!(
        (&state["signed_in"], &state["ended"]),
        (&json!(true), &json!(null)),
        "who asked goes on"
    );
}
