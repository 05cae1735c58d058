//! What is erased is nowhere any more: every file of the server, of its browsers and of devices is
//! searched byte by byte, and an older backup does not bring it back.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_server::{backup, erase};

use super::World;
use crate::support::{Browser, Folder, Phone, START, TestServer, code_of, post};

/// Reports that are erased.
const ERASED: usize = 34;
/// Reports that stay.
const KEPT: usize = 5;

/// A word that stands nowhere else: its second half is searched for, since the search cuts words.
pub(super) fn canary(number: usize, what: char) -> String {
    let digest = vigie_core::store::blob::hash(format!("{what}{number}").as_bytes());
    let digits: String = vigie_core::store::blob::hex(&digest)
        .chars()
        .take(14)
        .collect();
    format!("kanarie{what}q{digits}")
}

/// What of a report could be found: its words, a comment, and a photo.
fn canaries(number: usize) -> [String; 3] {
    ['w', 'c', 'p'].map(|what| canary(number, what))
}

/// Every canary of these that stands in a file under `folder`, in whatever case.
pub(super) fn found(folder: &Path, wanted: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file").to_ascii_lowercase();
            // A mark begins with a letter that stands only there in a canary.
            for after in bytes.split(|byte| *byte == b'q') {
                let mark = after.get(..14).map(String::from_utf8_lossy);
                let mark = mark.map(|digits| format!("q{digits}"));
                found.extend(mark.filter(|mark| wanted.contains(mark)));
            }
        }
    }
    found
}

/// The searched half of each canary of these reports.
fn marks(reports: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    reports
        .into_iter()
        .flat_map(canaries)
        .map(|canary| canary.chars().skip(8).collect())
        .collect()
}

/// A picture that says a canary.
fn photo(number: usize) -> Vec<u8> {
    let mut bytes = crate::support::picture(3, 200);
    bytes.extend(canary(number, 'p').bytes());
    bytes
}

/// Reports with their canaries, received and commented on; their ids.
fn reports(
    world: &World,
    author: &mut Phone,
    lead: &mut Phone,
    numbers: std::ops::Range<usize>,
) -> Vec<Id> {
    let (form, place) = (world.form, world.place);
    let ids: Vec<Id> = numbers
        .clone()
        .map(|number| {
            let words = format!("Vu {} à l’atelier", canary(number, 'w'));
            author.report_saying(form, place, &words, Some(&photo(number)))
        })
        .collect();
    author.sync();
    lead.sync();
    for (id, number) in ids.iter().zip(numbers) {
        let text = format!("Dit {}", canary(number, 'c'));
        lead.call("report.comment", json!({ "id": id, "text": text }));
    }
    lead.sync();
    ids
}

/// One of them.
fn report(world: &World, author: &mut Phone, lead: &mut Phone, number: usize) -> Id {
    reports(world, author, lead, number..number.saturating_add(1))[0]
}

fn list(name: &str) -> Value {
    json!({
        "query": name, "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    })
}

/// Sees every photo of these reports, so that it lies on the device.
fn look(phone: &mut Phone, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let hash = vigie_core::store::blob::hash(&photo(number));
        phone.call(
            "blob.read",
            json!({ "hash": vigie_core::store::blob::hex(&hash) }),
        );
    }
    phone.sync();
}

#[test]
fn what_was_erased_is_in_no_file_and_no_backup_brings_it_back() {
    let world = World::new();
    let devices = Folder::new();
    let at = |name: &str| devices.path().join(format!("{name}.db"));
    let enrolled = |person| world.server.enrolled(person);
    let mut author = Phone::at(&world.server, &enrolled(world.operator), &at("author"));
    let mut lead = Phone::at(&world.server, &enrolled(world.lead), &at("lead"));
    author.sync();
    lead.sync();
    let total = ERASED + KEPT;
    let reports = reports(&world, &mut author, &mut lead, 0..total);
    author.sync();
    look(&mut lead, 0..total);
    let mut browser = Browser::sign_in(&world.server, world.lead);
    let shown = browser.call("report.list", list(""));
    assert_eq!(shown["total"], json!(total), "a file of its own");
    let before = Folder::new();
    let copy = before.path().join("yesterday");
    backup::backup(world.folder.path(), &copy, world.server.now()).expect("copied");
    let gone = marks(0..ERASED);
    let stays = marks(ERASED..total);
    for folder in [world.folder.path(), devices.path(), &copy] {
        assert_eq!(
            found(folder, &gone).len(),
            gone.len(),
            "all are there before, in {}",
            folder.display()
        );
    }

    for id in &reports[..ERASED] {
        let went = erase::document(&world.server.app, *id, "request", "tests").expect("erased");
        assert_eq!(went.len(), 3, "the report, its draft, and who made it");
    }
    erase::settle(&world.server.app).expect("settled");
    lead.sync();
    author.sync();
    let none = BTreeSet::new();
    assert_eq!(found(world.folder.path(), &gone), none, "on the server");
    assert_eq!(found(devices.path(), &gone), none, "on the devices");
    assert_eq!(found(world.folder.path(), &stays), stays, "the others stay");
    assert_eq!(found(devices.path(), &stays), stays, "everywhere");
    let left = browser.call("report.list", list(""));
    assert_eq!(left["total"], json!(KEPT), "the browser lists what is left");
    assert_eq!(found(world.folder.path(), &gone), none, "its new file too");
    assert_eq!(noted(&world, "erase-request"), 3 * ERASED, "the fact stays");
    let health = lead.call("sync.health", json!({}));
    assert_eq!(health["refused"], json!([]), "nothing was refused");

    let (now, old) = (world.server.now(), world.folder.path().to_owned());
    world.server.stop();
    let machine = Folder::new();
    let data = machine.path().join("data");
    backup::restore(&copy, &data, &[old], now).expect("restored");
    assert_eq!(found(&data, &gone), none, "restored from yesterday");
    let server = TestServer::start(&data, now + 1000);
    for phone in [&mut author, &mut lead] {
        phone.follow(&server);
        phone.sync();
    }
    author.sync();
    assert_eq!(found(&data, &gone), none, "and given back by nobody");
    assert_eq!(found(devices.path(), &gone), none, "nor on the devices");
    assert_eq!(found(&data, &stays), stays, "the others are back");
}

/// How often the audit, which is whole, says this.
fn noted(world: &World, what: &str) -> usize {
    let store = &world.server.app.store;
    assert_eq!(store.audit_broken_at().expect("the audit"), None, "whole");
    let acts = store.audit(1000).expect("the audit");
    acts.iter().filter(|act| act.what == what).count()
}

#[test]
fn a_device_that_was_away_can_prove_nothing_back() {
    let world = World::new();
    let devices = Folder::new();
    let path = devices.path().join("author.db");
    let mut author = Phone::at(&world.server, &world.server.enrolled(world.operator), &path);
    let mut lead = world.server.enrol(world.lead);
    author.sync();
    let before = Folder::new();
    let copy = before.path().join("copy");
    backup::backup(world.folder.path(), &copy, world.server.now()).expect("copied");
    // Received after the backup, erased, and the author away since.
    let id = report(&world, &mut author, &mut lead, 1);
    author.call(
        "report.comment",
        json!({ "id": id, "text": canary(1, 'c') }),
    );
    erase::document(&world.server.app, id, "request", "tests").expect("erased");
    let (now, old) = (world.server.now(), world.folder.path().to_owned());
    world.server.stop();
    let machine = Folder::new();
    let data = machine.path().join("data");
    backup::restore(&copy, &data, &[old], now).expect("restored");
    let server = TestServer::start(&data, now + 1000);
    author.follow(&server);
    author.sync();
    assert_eq!(
        author.device.waiting().expect("a count"),
        0,
        "nothing waits"
    );
    let wanted = marks([1]);
    assert_eq!(
        found(devices.path(), &wanted),
        BTreeSet::new(),
        "it took it away"
    );
    assert_eq!(
        found(&data, &wanted),
        BTreeSet::new(),
        "and gave nothing back"
    );
    assert!(
        server.app.store.is_erased(id).expect("known"),
        "it is erased for ever"
    );
}

#[test]
fn an_erased_id_is_refused_for_ever_and_its_sender_forgets_it() {
    let world = World::new();
    let (mut author, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    author.sync();
    let id = report(&world, &mut author, &mut lead, 1);
    // Written while the server erases it.
    lead.call("report.comment", json!({ "id": id, "text": "Encore." }));
    erase::document(&world.server.app, id, "mistake", "tests").expect("erased");
    lead.sync();
    let health = lead.call("sync.health", json!({}));
    assert_eq!(
        (&health["refused"], &health["waiting"]),
        (&json!([]), &json!([])),
        "nothing of it is kept to be shown"
    );
    let moment = vigie_core::Moment::utc(lead.now());
    let asked = lead
        .device
        .call(moment, None, "report.open", json!({ "id": id }));
    assert_eq!(asked.expect_err("gone").code(), vigie_core::Code::NotFound);
    let quarantined = world.server.app.store.is_quarantined(id).expect("read");
    assert!(!quarantined, "the server keeps nothing of what came late");
    let mut fresh = world.server.enrol(world.lead);
    fresh.sync();
    assert_eq!(fresh.exchanges, 1, "a new device is told no tombstones");
}

#[test]
fn who_made_a_report_can_be_forgotten_and_the_report_stays() {
    let world = World::new();
    let (mut author, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    author.sync();
    let id = report(&world, &mut author, &mut lead, 1);
    let reporter = reporter_of(&world, id);
    let gone = erase::document(&world.server.app, reporter, "request", "tests").expect("erased");
    assert!(!gone.contains(&id), "not the report");
    lead.sync();
    author.sync();
    let seen = lead.call("report.open", json!({ "id": id }));
    assert_eq!(seen["reporter"], Value::Null, "nobody made it: {seen}");
    assert_eq!(seen["answers"]["what"], "leak", "and it says what it said");
    let mine = author.call("report.list", list(""));
    assert_eq!(mine["total"], 0, "its author is told of it no more");
    let kept = world.server.app.store.candidate(id).expect("read");
    assert_eq!(
        kept.expect("there").origin.creator,
        Id::NOBODY,
        "nor the server"
    );
}

/// The document that says who made a report.
pub(super) fn reporter_of(world: &World, report: Id) -> Id {
    let store = &world.server.app.store;
    let stored = store.candidate(report).expect("read").expect("there");
    let view = erase::view(&stored.body).expect("a view");
    view["reporter"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id")
}

#[test]
fn a_person_is_forgotten_with_what_is_theirs_and_the_organisation_keeps_its_own() {
    let world = World::new();
    let devices = Folder::new();
    let path = devices.path().join("author.db");
    let mut author = Phone::at(&world.server, &world.server.enrolled(world.operator), &path);
    let mut lead = world.server.enrol(world.lead);
    author.sync();
    let id = report(&world, &mut author, &mut lead, 1);
    let draft = vigie_server::entropy::id(author.now());
    let begin = json!({ "id": draft, "form": world.form, "release": 1, "practice": false });
    author.call("draft.start", begin);
    author.sync();
    let mut browser = Browser::sign_in(&world.server, world.operator);
    browser.call("report.list", list(""));

    let gone = erase::person(&world.server.app, world.operator, "tests").expect("forgotten");
    for erased in [world.operator, draft, reporter_of(&world, id)] {
        assert!(gone.contains(&erased), "{erased} went");
    }
    assert!(!gone.contains(&id), "the report stays");
    lead.sync();
    let seen = lead.call("report.open", json!({ "id": id }));
    assert_eq!(seen["reporter"], Value::Null, "nobody made it");
    let people = lead.call("directory.people", json!({ "query": "", "site": null }));
    let names: Vec<&str> = people
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|person| person["name"].as_str())
        .collect();
    assert_eq!(names, ["claire"], "they are not in the directory");
    assert_eq!(
        code_of(author.exchange_raw(Vec::new())),
        "lost",
        "their device is told to erase everything"
    );
    let answer = browser.try_call("report.list", list(""));
    assert_eq!(code_of(answer), "signed-out", "and the browser is out");
    let code = post(
        &world.server.url,
        "/v1/enrol",
        &json!({ "code": "0000-0000-00", "device_name": "x" }),
    );
    assert_eq!(code.status(), 404, "no invitation is left");
    assert!(!world.server.app.store.knows(world.operator).expect("read"));
    // An id of nobody: that it was erased, and the line that tells devices.
    assert_eq!(
        columns_with(world.folder.path(), world.operator),
        ["placement.document", "tombstone.document"],
        "where their id still stands"
    );
}

/// Every column of the server's store in which this id stands.
fn columns_with(data: &Path, id: Id) -> Vec<String> {
    let db = rusqlite::Connection::open(data.join("vigie.db")).expect("a file");
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).expect("a query");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a name")).collect()
    };
    let mut found = Vec::new();
    for table in texts("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
        for column in texts(&format!("SELECT name FROM pragma_table_info('{table}')")) {
            let sql = format!("SELECT count(*) FROM {table} WHERE {column} = ?1");
            let count: i64 = db.query_row(&sql, [id], |row| row.get(0)).expect("a count");
            if count > 0 {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

#[test]
fn what_is_held_is_not_erased() {
    let world = World::new();
    let (mut author, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    author.sync();
    let id = report(&world, &mut author, &mut lead, 1);
    let app = &world.server.app;
    assert!(erase::hold(app, id, true, "tests").expect("held"));
    let refused = |result: vigie_core::Result<BTreeSet<Id>>| result.expect_err("held").code();
    for result in [
        erase::document(app, id, "request", "tests"),
        erase::document(app, reporter_of(&world, id), "request", "tests"),
        erase::person(app, world.operator, "tests"),
    ] {
        assert_eq!(refused(result), vigie_core::Code::Refused, "it is held");
    }
    assert!(erase::hold(app, id, false, "tests").expect("released"));
    erase::document(app, id, "request", "tests").expect("erased");
}

/// A browser's file holds what a full organisation could not take, and stays when its person leaves;
/// what is erased goes from it all the same.
#[test]
fn what_a_browser_keeps_without_an_exchange_forgets_what_is_erased() {
    let folder = Folder::new();
    let server = TestServer::start_with(folder.path(), START, |config| {
        config.limits.org_documents = 40;
    });
    let world = World::on(server, folder);
    let mut author = world.server.enrol(world.operator);
    let mut lead = world.server.enrol(world.lead);
    for phone in [&mut author, &mut lead] {
        phone.sync();
    }
    let ids = reports(&world, &mut author, &mut lead, 0..2);
    let mut desk = Browser::sign_in(&world.server, world.lead);
    desk.call("directory.me", json!({}));
    let site = json!({ "id": null, "name": "Sud", "city": "Nantes", "teams": [], "places": [] });
    let codes: Vec<Option<String>> = (0..60)
        .map(|_| desk.try_call("directory.save_site", site.clone()))
        .map(|answer| (answer.status() != 200).then(|| code_of(answer)))
        .collect();
    let waiting = codes
        .iter()
        .filter(|code| code.as_deref() == Some("storage-full"));
    assert!(
        waiting.count() > 10,
        "more than an erasure makes room for: {codes:?}"
    );
    let app = &world.server.app;
    let kept = world.folder.path().join("web");
    for (number, id) in ids.iter().enumerate() {
        let wanted = marks([number]);
        assert!(!found(&kept, &wanted).is_empty(), "it is there");
        erase::document(app, *id, "request", "tests").expect("erased");
        erase::settle(app).expect("looked after");
        assert_eq!(found(&kept, &wanted), BTreeSet::new(), "it is not");
        let files = std::fs::read_dir(&kept).expect("the folder");
        assert!(files.count() > 0, "what else is in it is");
        desk.call("account.sign_out", json!({}));
        world.server.system(
            "directory.save_person",
            json!({
                "id": world.lead, "name": "claire", "login": "claire", "roles": ["lead"],
                "site": world.site, "team": null, "trade": null, "language": "fr", "active": false,
            }),
        );
    }
}
