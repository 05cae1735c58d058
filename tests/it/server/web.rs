//! Browsers: one door, a session, and a device whose disk is on the server.

use std::time::Duration;

use serde_json::{Value, json};

use super::World;
use crate::support::{Browser, Folder, START, TestServer, code_of, picture};
use vigie_core::Id;
use vigie_server::web::LEFT_MS_MAX;

const HOUR: i64 = 3_600_000;
const SOON: Duration = Duration::from_secs(10);

fn everything() -> Value {
    json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    })
}

#[test]
fn a_browser_signs_in_and_sees_what_a_phone_reported() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let report = phone.report(world.form, world.place, Some(&picture(1, 4000)));
    phone.sync();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    let me = desk.call("directory.me", json!({}));
    assert_eq!(me["person"]["login"], "claire", "who it is");
    assert_eq!(
        desk.call("report.list", everything())["total"],
        1,
        "the report is there"
    );
    let seen = desk.call("report.open", json!({ "id": report }));
    let hash = seen["attachments"][0]["hash"].clone();
    let photo = desk.call("blob.read", json!({ "hash": hash }));
    assert!(photo["base64"].is_string(), "and so is its photo: {photo}");
}

#[test]
fn what_a_browser_writes_is_in_the_store_when_it_is_answered() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let report = phone.report(world.form, world.place, None);
    phone.sync();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    desk.call(
        "report.comment",
        json!({ "id": report, "text": "On passe à dix heures." }),
    );
    phone.sync();
    let mine = phone.call("report.open", json!({ "id": report }));
    assert!(
        mine["timeline"]
            .to_string()
            .contains("On passe à dix heures."),
        "{mine}"
    );
}

#[test]
fn a_browser_is_told_what_changed() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    desk.call("report.list", everything());
    let events = desk.listen();
    // The stream is there once the server holds a listener.
    std::thread::sleep(Duration::from_millis(300));
    phone.report(world.form, world.place, None);
    phone.sync();
    let told = events.recv_timeout(SOON).expect("news");
    assert!(
        told.starts_with("changed ") && told.contains("\"report\""),
        "{told}"
    );
    assert_eq!(
        desk.call("report.list", everything())["total"],
        1,
        "and it is there"
    );
    let mut other_tab = Browser::new(&world.server);
    other_tab.cookie.clone_from(&desk.cookie);
    let list = desk.call("report.list", everything());
    let id = list["rows"][0]["id"].clone();
    other_tab.call("report.comment", json!({ "id": id, "text": "Vu." }));
    let told = events.recv_timeout(SOON).expect("from the other tab");
    assert!(told.contains("\"report\""), "{told}");
}

#[test]
fn replaying_a_call_does_nothing_twice() {
    let world = World::new();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    let id = vigie_server::entropy::id(world.server.now());
    let input = json!({
        "id": null, "name": "Nantes", "city": "Nantes", "teams": [], "places": [],
    });
    let once = |desk: &Browser| -> Value {
        crate::support::client()
            .post(format!("{}/app/call", world.server.url))
            .header("x-vigie", "1")
            .header("cookie", &desk.cookie)
            .json(&json!({ "id": id, "name": "directory.save_site", "input": input }))
            .send()
            .expect("an answer")
            .json()
            .expect("JSON")
    };
    assert_eq!(
        once(&desk)["output"],
        once(&desk)["output"],
        "the same site"
    );
    let sites = desk.call("directory.sites", json!({}));
    assert_eq!(
        sites.as_array().map(Vec::len),
        Some(2),
        "made once: {sites}"
    );
}

#[test]
fn a_password_lets_in_and_five_wrong_ones_for_one_account_make_wait() {
    let world = World::new();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    let weak = json!({ "current": null, "password": "motdepasse12" });
    assert_eq!(
        code_of(desk.try_call("account.password", weak)),
        "password-weak",
        "too common"
    );
    let good = json!({ "current": null, "password": "quatre chevaux verts" });
    desk.call("account.password", good);
    let sign_in = |login: &str, password: &str| {
        let mut browser = Browser::new(&world.server);
        let input = json!({ "code": null, "login": login, "password": password });
        browser.try_call("account.sign_in", input)
    };
    assert_eq!(
        sign_in("claire", "quatre chevaux verts").status(),
        200,
        "the right one"
    );
    assert_eq!(
        sign_in("Claire ", "quatre chevaux verts").status(),
        200,
        "as people type it"
    );
    for (login, password) in [
        ("claire", "quatre chevaux bleus"),
        ("personne", "quatre chevaux verts"),
        ("karim", "quatre chevaux verts"),
        ("karim", "nobody has this password"),
        ("claire", ""),
    ] {
        assert_eq!(
            code_of(sign_in(login, password)),
            "wrong-password",
            "{login}"
        );
    }
    for _ in 0..3 {
        let wrong = sign_in("claire", "quatre chevaux bleus");
        assert_eq!(code_of(wrong), "wrong-password", "five in all");
    }
    let sixth = sign_in("claire", "quatre chevaux verts");
    assert_eq!(sixth.status(), 429, "the sixth");
    world.server.pass(1000);
    assert_eq!(
        sign_in("claire", "quatre chevaux verts").status(),
        200,
        "a second later"
    );
    let change = json!({ "current": "faux", "password": "trois vaches bleues" });
    assert_eq!(
        code_of(desk.try_call("account.password", change)),
        "wrong-password",
        "the present one is asked"
    );
}

#[test]
fn a_session_ends_when_it_is_idle_and_after_twelve_hours() {
    let world = World::new();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    for _ in 0..3 {
        world.server.pass(3 * HOUR);
        desk.call("directory.me", json!({}));
    }
    world.server.pass(3 * HOUR);
    assert_eq!(
        code_of(desk.try_call("directory.me", json!({}))),
        "signed-out",
        "twelve hours"
    );
    let mut desk = Browser::sign_in(&world.server, world.lead);
    desk.call("directory.me", json!({}));
    world.server.pass(5 * HOUR);
    assert_eq!(
        code_of(desk.try_call("directory.me", json!({}))),
        "signed-out",
        "left alone"
    );
    assert_eq!(
        desk.call("account.state", json!({}))["signed_in"],
        false,
        "and it says so"
    );
}

#[test]
fn signing_out_removes_the_browsers_file_and_ends_its_stream() {
    let world = World::new();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    desk.call("directory.me", json!({}));
    let files = || {
        std::fs::read_dir(world.folder.path().join("web"))
            .expect("a folder")
            .count()
    };
    assert!(files() > 0, "its cache");
    let events = desk.listen();
    desk.call("account.sign_out", json!({}));
    assert!(events.recv_timeout(SOON).is_err(), "the stream ends");
    assert_eq!(files(), 0, "nothing is left");
    assert_eq!(
        code_of(desk.try_call("directory.me", json!({}))),
        "signed-out",
        "nor signed in"
    );
}

#[test]
fn a_browsers_file_that_is_lost_or_damaged_is_rebuilt() {
    let world = World::new();
    let mut desk = Browser::sign_in(&world.server, world.lead);
    desk.call("directory.me", json!({}));
    let World { server, folder, .. } = world;
    let now = server.now();
    server.stop();
    for entry in std::fs::read_dir(folder.path().join("web")).expect("a folder") {
        std::fs::write(entry.expect("a file").path(), b"not a database at all, no")
            .expect("writes");
    }
    let server = crate::support::TestServer::start(folder.path(), now);
    let cookie = desk.cookie.clone();
    let mut desk = Browser::new(&server);
    desk.cookie = cookie;
    assert_eq!(
        desk.call("directory.me", json!({}))["person"]["login"],
        "claire",
        "still signed in"
    );
}

#[test]
fn a_draft_begun_on_the_phone_is_finished_at_the_desk() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let draft = vigie_server::entropy::id(world.server.now());
    phone.call(
        "draft.start",
        json!({ "id": draft, "form": world.form, "release": 1, "practice": false }),
    );
    phone.call(
        "draft.save",
        json!({ "id": draft, "field": "words", "value": "Une fuite" }),
    );
    phone.sync();
    let mut desk = Browser::sign_in(&world.server, world.operator);
    let open = desk.call("draft.open", json!({ "id": draft }));
    assert_eq!(
        open["answers"]["words"], "Une fuite",
        "as it was left: {open}"
    );
}

#[test]
fn an_operator_cannot_call_what_is_for_leads() {
    let world = World::new();
    let mut browser = Browser::sign_in(&world.server, world.operator);
    for (name, input, code) in [
        ("studio.list", json!({}), "forbidden"),
        (
            "account.invite",
            json!({ "person": world.lead }),
            "forbidden",
        ),
        ("no.such", json!({}), "unknown-command"),
        ("account.nothing", json!({}), "unknown-command"),
        ("report.open", json!({ "id": "x" }), "invalid"),
    ] {
        assert_eq!(code_of(browser.try_call(name, input)), code, "{name}");
    }
}

/// A world without room, and the call of a lead's browser that it could not take.
fn full() -> (World, Browser, Id, Value) {
    let folder = Folder::new();
    let server = TestServer::start_with(folder.path(), START, |config| {
        config.limits.org_documents = 40;
    });
    let world = World::on(server, folder);
    let mut desk = Browser::sign_in(&world.server, world.lead);
    for number in 0..60 {
        let id = vigie_server::entropy::id(world.server.now());
        let input = json!({
            "id": null, "name": format!("Site {number}"), "city": "Nantes", "teams": [], "places": [],
        });
        let answer = desk.try_call_as(Some(id), "directory.save_site", &input);
        if answer.status() != 200 {
            assert_eq!(code_of(answer), "storage-full", "the first too many");
            return (world, desk, id, input);
        }
    }
    panic!("there is always room");
}

fn files(world: &World) -> usize {
    let folder = std::fs::read_dir(world.folder.path().join("web")).expect("the folder");
    folder
        .filter(|file| {
            let path = file.as_ref().expect("a file").path();
            path.extension().is_some_and(|ending| ending == "db")
        })
        .count()
}

#[test]
fn what_a_full_organisation_cannot_take_is_sent_once_however_often_it_is_asked() {
    let (world, mut desk, id, input) = full();
    let health = desk.call("sync.health", json!({}));
    assert_eq!(health["texts"], 1, "it waits, and says so: {health}");
    let again = desk.try_call_as(Some(id), "directory.save_site", &input);
    assert_eq!(
        code_of(again),
        "storage-full",
        "the same call is not said to be done while it waits"
    );
    let later = START + 5 * HOUR;
    world.server.pass(5 * HOUR);
    let app = &world.server.app;
    let live = app.store.live_browsers(later).expect("the sessions");
    assert!(live.is_empty(), "its session has ended");
    app.web.sweep(&live, later).expect("looked after");
    let World {
        server,
        folder,
        lead,
        ..
    } = world;
    server.stop();
    // With more room.
    let server = TestServer::start(folder.path(), later);
    let mut desk = Browser::sign_in(&server, lead);
    let done = desk.try_call_as(Some(id), "directory.save_site", &input);
    assert_eq!(done.status(), 200, "{}", code_of(done));
    let health = desk.call("sync.health", json!({}));
    assert_eq!(
        (&health["texts"], &health["refused"]),
        (&json!(0), &json!([])),
        "everything was taken: {health}"
    );
    let mut other = Browser::sign_in(&server, lead);
    let sites = other.call("directory.sites", json!({}));
    let named: Vec<&Value> = sites
        .as_array()
        .expect("a list")
        .iter()
        .filter(|site| site["name"] == input["name"])
        .collect();
    assert_eq!(named.len(), 1, "one site, in the store: {sites}");
}

#[test]
fn what_nobody_comes_back_for_goes_after_ninety_days() {
    let (world, mut desk, ..) = full();
    desk.call("account.sign_out", json!({}));
    let app = &world.server.app;
    app.web
        .sweep(&[], START + LEFT_MS_MAX - HOUR)
        .expect("swept");
    assert_eq!(files(&world), 1, "it is kept");
    app.web
        .sweep(&[], START + LEFT_MS_MAX + HOUR)
        .expect("swept");
    assert_eq!(files(&world), 0, "it went");
    let mut desk = Browser::sign_in(&world.server, world.lead);
    desk.call("directory.me", json!({}));
    desk.call("account.sign_out", json!({}));
    assert_eq!(files(&world), 0, "what the store has is not kept at all");
}
