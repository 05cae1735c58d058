//! Everything that releases left is opened, looked at, written to, and synchronised.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};
use vigie_core::document::Document;
use vigie_core::feature::kind;
use vigie_core::store::blob::hex;
use vigie_core::sync::receipt;
use vigie_core::{Device, Id, Moment, gate};
use vigie_server::backup;
use vigie_server::entropy;
use vigie_server::store::sqlite::Sqlite;

use super::{Release, device, releases};
use crate::support::{Folder, Phone, START, TestServer};

#[test]
fn the_server_of_every_release_goes_on_with_its_devices_and_with_new_ones() {
    for release in releases() {
        let folder = Folder::new();
        let data = folder.path().join("data");
        release.unpack("server", &data);
        let server = TestServer::start(&data, release.manifest.now_ms);
        goes_on(&release, &server, &data);
    }
}

#[test]
fn the_backup_of_every_release_is_restored_and_its_devices_go_on() {
    for release in releases() {
        let folder = Folder::new();
        let (copy, data) = (folder.path().join("copy"), folder.path().join("data"));
        release.unpack("server", &copy);
        let now = release.manifest.now_ms;
        let restored = backup::restore(&copy, &data, &[], now).expect("restored");
        assert!(restored.epoch > 1, "{}: another epoch", release.version);
        let server = TestServer::start(&data, now.saturating_add(1000));
        goes_on(&release, &server, &data);
    }
}

fn goes_on(release: &Release, server: &TestServer, data: &Path) {
    let (version, manifest) = (&release.version, &release.manifest);
    let store = Connection::open(data.join("vigie.db")).expect("the store");
    is_whole(&store);
    assert_eq!(kinds(&store), manifest.server, "{version}: all is there");
    let key = server.app.signer.public();
    let given = receipts(
        &store,
        "SELECT receipt, signature FROM outcome WHERE receipt NOT NULL",
        &key,
    );
    assert_eq!(
        given, manifest.receipts,
        "{version}: every receipt verifies"
    );
    the_log_gives_the_documents_again(version, &store);

    let mut fresh = server.enrol(manifest.person);
    fresh.sync();
    assert_eq!(
        listed(&mut fresh),
        manifest.reports,
        "{version}: a new device"
    );
    let folder = Folder::new();
    let mut old = Phone::again(server, release.device(&folder), &manifest.token);
    let (report, draft) = (manifest.report, manifest.draft);
    old.call(
        "report.comment",
        json!({ "id": report, "text": "Encore là" }),
    );
    let save = json!({ "id": draft, "field": "words", "value": "Repris" });
    old.call("draft.save", save);
    assert!(
        old.device.waiting().expect("a count") > 2,
        "{version}: it waits"
    );
    old.sync();
    let given = receipts(old.device.db(), "SELECT body, signature FROM receipt", &key);
    assert!(given > 2, "{version}: and is received");
    fresh.sync();
    let all = manifest.reports.saturating_add(manifest.sealed);
    for phone in [&mut fresh, &mut old] {
        assert_eq!(listed(phone), all, "{version}: everywhere");
        let report = phone.call("report.open", json!({ "id": report }));
        let timeline = report["timeline"].to_string();
        assert!(timeline.contains("Encore là"), "{version}: {timeline}");
        let draft = phone.call("draft.open", json!({ "id": draft }));
        assert_eq!(draft["answers"]["words"], "Repris", "{version}");
    }
}

fn is_whole(db: &Connection) {
    let told: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check");
    assert_eq!(told, "ok", "the file is whole");
}

/// How many documents of each kind a store has.
pub(super) fn kinds(db: &Connection) -> BTreeMap<String, i64> {
    let sql = "SELECT kind, count(*) FROM document GROUP BY kind";
    let mut statement = db.prepare(sql).expect("documents");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

/// How many receipts there are; each verifies.
pub(super) fn receipts(db: &Connection, sql: &str, key: &[u8; 32]) -> u64 {
    let mut statement = db.prepare(sql).expect("receipts");
    let mut rows = statement.query([]).expect("rows");
    let mut count = 0_u64;
    while let Some(row) = rows.next().expect("a row") {
        let (body, signature): (Vec<u8>, Vec<u8>) =
            (row.get(0).expect("bytes"), row.get(1).expect("bytes"));
        receipt::verify(key, &body, &signature).expect("the server's");
        count = count.saturating_add(1);
    }
    count
}

/// What was accepted then passes the gate today, and makes the documents that are kept.
fn the_log_gives_the_documents_again(version: &str, db: &Connection) {
    let mut documents = db
        .prepare("SELECT id, body FROM document")
        .expect("documents");
    let mut log = db
        .prepare("SELECT bytes FROM change WHERE document = ?1 ORDER BY rowid")
        .expect("changes");
    let rows = documents.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    for row in rows.expect("rows") {
        let (id, body): (Id, Vec<u8>) = row.expect("a row");
        let mut document = Document::load(&body, [0; 8]).expect("a document");
        let changes = log.query_map([id], |row| row.get::<_, Vec<u8>>(0));
        let changes = changes.expect("rows").map(|bytes| {
            gate::inspect(&bytes.expect("bytes")).unwrap_or_else(|refusal| panic!("{refusal}"))
        });
        let again = gate::admit(None, changes.collect());
        let again = again.unwrap_or_else(|refusal| panic!("{version}: {id}: {refusal}"));
        assert_eq!(again.heads, document.heads(), "{version}: {id}");
        let view = document.view().expect("a view");
        assert_eq!(*again.after, view, "{version}: {id}");
    }
}

fn listed(phone: &mut Phone) -> u64 {
    let list = phone.call("report.list", every_report());
    list["total"].as_u64().expect("a number")
}

/// The filter that lets everything through.
pub(super) fn every_report() -> Value {
    json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    })
}

#[test]
fn the_device_of_every_release_answers_its_screens_as_it_did() {
    for release in releases() {
        let folder = Folder::new();
        let mut device = release.device(&folder);
        is_whole(device.db());
        answers(&release, &mut device);
        device.rebuild().expect("every read model is made again");
        answers(&release, &mut device);
        let input = json!({ "module": release.manifest.module, "attempt": entropy::id(START) });
        let moment = Moment::utc(release.manifest.now_ms);
        let opened = device
            .call(moment, None, "learn.open", input)
            .expect("a capsule");
        assert!(opened.output["capsule"]["fr"].is_object(), "packs are read");
    }
}

fn answers(release: &Release, device: &mut Device) {
    let unread = "SELECT count(*) FROM document WHERE readable = 0";
    let unread: i64 = device
        .db()
        .query_row(unread, [], |row| row.get(0))
        .expect("a count");
    assert_eq!(unread, 0, "{}: all can be shown", release.version);
    let moment = Moment::utc(release.manifest.now_ms);
    for asked in &release.manifest.asked {
        let what = format!("{}: `{}`", release.version, asked.command);
        let reply = device.call(moment, None, &asked.command, asked.input.clone());
        let output = reply
            .unwrap_or_else(|error| panic!("{what}: {error}"))
            .output;
        assert!(!asked.told.is_empty(), "{what}: something is compared");
        for (pointer, told) in &asked.told {
            assert_eq!(output.pointer(pointer), Some(told), "{what}: `{pointer}`");
        }
    }
}

#[test]
fn a_document_of_every_kind_of_every_release_is_read_shown_and_changed() {
    for release in releases() {
        let file = vigie_core::store::open::memory().expect("a file");
        for (name, kept) in &release.manifest.documents {
            let what = format!("{}: `{name}`", release.version);
            let path = release.path.join(format!("documents/{name}.automerge.zst"));
            let packed = std::fs::File::open(path).expect("a document");
            let body = zstd::decode_all(packed).expect("zstd");
            let document = Document::load(&body, entropy::bytes());
            let mut document = document.expect("passes the gate");
            let view = document.view().expect("a view");
            assert_eq!(view, kept.view, "{what} says the same");
            assert_eq!(
                heads(&mut document),
                kept.heads,
                "{what}: of the same changes"
            );
            let kind = kind(name).unwrap_or_else(|| panic!("{what} is no kind"));
            assert_eq!((kind.title)(&view), kept.title, "{what}: its title");
            let id = serde_json::from_value(view["id"].clone()).expect("an id");
            let shown = (kind.index)(&file, id, &view);
            shown.unwrap_or_else(|error| panic!("{what} is not shown: {error}"));
            document.set(&["later"], &json!("added")).expect("written");
            let changes = document.commit();
            let inspected = changes.iter().map(|bytes| gate::inspect(bytes));
            let inspected = inspected.collect::<Result<_, _>>().expect("changes");
            let after = gate::admit(Some(&body), inspected).expect("passes the gate");
            assert_eq!(after.after["later"], "added", "{what} goes on");
        }
    }
}

/// The hashes of a document's latest changes.
pub(super) fn heads(document: &mut Document) -> Vec<String> {
    document.heads().iter().map(hex).collect()
}

#[test]
fn an_old_file_becomes_what_a_new_one_is() {
    let folder = Folder::new();
    let new_device = schema(device(&folder.path().join("new.sqlite")).db());
    let new_store = {
        let path = folder.path().join("new.db");
        drop(Sqlite::open(&path, "Essai", START).expect("opens"));
        schema(&Connection::open(path).expect("the store"))
    };
    for release in releases() {
        let folder = Folder::new();
        let old = schema(release.device(&folder).db());
        assert_eq!(old, new_device, "{}: the device's", release.version);
        let data = folder.path().join("data");
        release.unpack("server", &data);
        let path = data.join("vigie.db");
        drop(Sqlite::open(&path, "", START).expect("opens"));
        let old = schema(&Connection::open(path).expect("the store"));
        assert_eq!(old, new_store, "{}: the server's", release.version);
    }
}

/// Everything that a database is made of, by name.
fn schema(db: &Connection) -> Vec<(String, Option<String>)> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut statement = db.prepare(sql).expect("a schema");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}
