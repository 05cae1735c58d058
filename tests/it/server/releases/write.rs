//! Writes what this release leaves behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};
use vigie_core::document::Document;
use vigie_core::feature::kind;
use vigie_core::store::blob;
use vigie_core::{Id, Moment};
use vigie_server::{account, backup, content, entropy, erase, retention};

use super::super::World;
use super::super::forged::{by, run_length_bomb};
use super::open::{every_report, heads, kinds, receipts};
use super::{Asked, Kept, Manifest, device, fixtures};
use crate::support::{Browser, Folder, Phone, picture};

/// The highest level: it is written once.
const LEVEL: i32 = 19;
/// The capsule that is learned.
const CAPSULE: &str = "signaler-presquaccident";

#[test]
#[ignore = "writes the files of a new release"]
fn what_this_release_leaves() {
    let (world, folder) = (World::new(), Folder::new());
    let file = folder.path().join("device.sqlite");
    let mut phone = Phone::at(&world.server, &world.server.enrolled(world.lead), &file);
    let story = Story::tell(&world, &mut phone);
    let copy = folder.path().join("copy");
    backup::backup(world.folder.path(), &copy, world.server.now()).expect("a backup");
    let (token, key) = (phone.token.clone(), world.server.app.signer.public());
    drop(phone);

    let to = fixtures().join(env!("CARGO_PKG_VERSION"));
    if to.exists() {
        fs::remove_dir_all(&to).expect("the older ones go");
    }
    fs::create_dir_all(to.join("documents")).expect("a folder");
    let documents = documents(&copy, &to.join("documents"));
    let store = Connection::open(copy.join("vigie.db")).expect("the store");
    let signed = "SELECT receipt, signature FROM outcome WHERE receipt NOT NULL";
    let manifest = Manifest {
        now_ms: world.server.now(),
        person: world.lead,
        token,
        report: story.report,
        draft: story.draft,
        module: story.module,
        reports: 2,
        sealed: 1,
        server: kinds(&store),
        receipts: receipts(&store, signed, &key),
        asked: asked(&file, &story, world.server.now()),
        documents,
    };
    drop(store);
    let text = serde_json::to_string_pretty(&manifest).expect("JSON");
    fs::write(to.join("manifest.json"), text + "\n").expect("written");
    pack(&file, &to.join("device.sqlite"));
    pack(&copy, &to.join("server"));
}

fn pack(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for name in super::names(from) {
            pack(&from.join(&name), &to.join(name));
        }
        return;
    }
    keep(&fs::read(from).expect("a file"), to);
}

fn keep(content: &[u8], to: &Path) {
    let packed = zstd::encode_all(content, LEVEL).expect("zstd");
    fs::write(to.with_added_extension("zst"), packed).expect("written");
}

/// Keeps the largest document of each kind; what they say.
fn documents(copy: &Path, to: &Path) -> BTreeMap<String, Kept> {
    let store = Connection::open(copy.join("vigie.db")).expect("the copy");
    let largest = "SELECT kind, body, max(length(body)) FROM document GROUP BY kind";
    let mut statement = store.prepare(largest).expect("documents");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("rows")
        .map(|row| {
            let (name, body): (String, Vec<u8>) = row.expect("a row");
            keep(&body, &to.join(format!("{name}.automerge")));
            let mut document = Document::load(&body, [0; 8]).expect("a document");
            let view = document.view().expect("a view");
            let kind = kind(&name).expect("a kind");
            let kept = Kept {
                title: (kind.title)(&view),
                heads: heads(&mut document),
                view,
            };
            (name, kept)
        })
        .collect()
}

/// What happened before the release.
struct Story {
    report: Id,
    draft: Id,
    form: Id,
    module: Id,
    photo: String,
}

impl Story {
    fn tell(world: &World, phone: &mut Phone) -> Self {
        publish(world);
        let mut operator = world.server.enrol(world.operator);
        phone.sync();
        operator.sync();
        operator.report_saying(world.form, world.place, "Garde-corps descellé", None);
        let words = "Un mot de trop";
        let erased = operator.report_saying(world.form, world.place, words, None);
        operator.sync();
        // Lists are in the order of time.
        world.server.pass(60_000);
        let photo = picture(3, 2000);
        let report = phone.report(world.form, world.place, Some(&photo));
        let module = learn(phone);
        phone.sync();
        lead(world, phone, report, module);
        phone.sync();
        on_the_server(world, report, erased);
        phone.sync();
        // It notes that the capsule has arrived.
        let ticked = phone.device.tick(Moment::utc(phone.now()));
        ticked.expect("ticks");
        phone.sync();
        world.server.pass(60_000);
        let draft = begin(world, phone);
        phone.sync();
        refused(world, phone);
        // This waits on the device.
        let again = json!({ "id": draft, "field": "words", "value": "Une marche manque" });
        let call = Some(entropy::id(phone.now()));
        let moment = Moment::utc(phone.now());
        let saved = phone.device.call(moment, call, "draft.save", again);
        saved.expect("saved");
        phone.report_saying(
            world.form,
            world.place,
            "Pas encore parti",
            Some(&picture(4, 900)),
        );
        Self {
            report,
            draft,
            form: world.form,
            module,
            photo: blob::hex(&blob::hash(&photo)),
        }
    }
}

/// The capsule and the form it leads to, as their files say them.
fn publish(world: &World) {
    let folder = Folder::new();
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content");
    for (name, inside) in [("forms", "near-miss.toml"), ("capsules", CAPSULE)] {
        let to = folder.path().join(name);
        fs::create_dir_all(&to).expect("a folder");
        copy(&content.join(name).join(inside), &to.join(inside));
    }
    content::publish(&world.server.app, folder.path()).expect("published");
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for name in super::names(from) {
            copy(&from.join(&name), &to.join(name));
        }
        return;
    }
    fs::copy(from, to).expect("copied");
}

/// Takes the capsule, wrongly: what was not known comes back.
fn learn(phone: &mut Phone) -> Id {
    let row = phone.call("learn.list", json!({}))[0].clone();
    let attempt = entropy::id(phone.now());
    let module = row["module"].clone();
    phone.call(
        "learn.open",
        json!({ "module": module, "attempt": attempt }),
    );
    let input = json!({
        "attempt": attempt, "module": module, "release": row["release"], "step": 9, "answers": {},
    });
    phone.call("learn.finish", input);
    serde_json::from_value(module).expect("an id")
}

/// What leads do.
fn lead(world: &World, phone: &mut Phone, report: Id, module: Id) {
    let person = world.lead;
    for (name, input) in [
        (
            "report.severity",
            json!({ "id": report, "severity": "critical", "reason": "Cela coule" }),
        ),
        (
            "report.assign",
            json!({ "id": report, "person": person, "assigned": true }),
        ),
        (
            "action.create",
            json!({
                "title": "Changer le joint", "details": "", "report": report,
                "site": world.site, "owner": person, "due_on": "2026-12-01",
            }),
        ),
        (
            "studio.assign",
            json!({ "id": module, "sites": [world.site], "due_on": null, "required": true }),
        ),
    ] {
        phone.call(name, input);
    }
}

/// What only the server knows of.
fn on_the_server(world: &World, held: Id, erased: Id) {
    let server = &world.server;
    let app = &server.app;
    erase::document(app, erased, "request", "tests").expect("erased");
    erase::hold(app, held, true, "tests").expect("held");
    let rule = "60d-after-closure".parse().expect("a rule");
    retention::set(app, "reporter", Some(rule), "tests").expect("set");
    erase::settle(app).expect("settled");
    server.invite(world.operator);
    let mut lost = server.enrol(world.operator);
    lost.sync();
    let bomb = vec![run_length_bomb()];
    let verdict = by(
        &lost,
        world.operator,
        entropy::id(lost.now()),
        "draft",
        bomb,
    );
    assert_eq!(verdict, "too-many-ops", "refused, and kept apart");
    let row = app.store.device(lost.id).expect("a device");
    account::lose_as(app, &row, None, "tests").expect("lost");
    // Whose device is lost is signed out everywhere.
    let mut browser = Browser::sign_in(server, world.operator);
    let password = json!({ "current": null, "password": "une phrase assez longue" });
    browser.call("account.password", password);
}

fn begin(world: &World, phone: &mut Phone) -> Id {
    let draft = entropy::id(phone.now());
    let start = json!({ "id": draft, "form": world.form, "release": 1, "practice": false });
    phone.call("draft.start", start);
    let words = json!({ "id": draft, "field": "words", "value": "Une marche" });
    phone.call("draft.save", words);
    draft
}

/// Something that the person did when they no longer might, and did not know.
fn refused(world: &World, phone: &mut Phone) {
    let roles = |roles: &[&str]| {
        let person = json!({
            "id": world.lead, "name": "claire", "login": "claire", "roles": roles,
            "site": world.site, "team": null, "trade": null, "language": "fr", "active": true,
        });
        world.server.system("directory.save_person", person);
    };
    roles(&["operator"]);
    let action = json!({
        "title": "Trop tard", "details": "", "report": null, "site": world.site,
        "owner": world.operator, "due_on": "2026-12-02",
    });
    phone.call("action.create", action);
    phone.sync();
    roles(&["lead"]);
    phone.sync();
}

/// What screens ask of the device, and some of what they are told.
fn asked(file: &Path, story: &Story, now_ms: i64) -> Vec<Asked> {
    let mut device = device(file);
    let (mut asked, mut missing) = (Vec::new(), Vec::new());
    for (command, input, pointers) in questions(story) {
        let reply = device.call(Moment::utc(now_ms), None, command, input.clone());
        let output = reply
            .unwrap_or_else(|error| panic!("`{command}`: {error}"))
            .output;
        let mut told = BTreeMap::new();
        for pointer in pointers {
            match output.pointer(pointer) {
                Some(value) if !value.is_null() => {
                    told.insert((*pointer).to_owned(), value.clone());
                }
                _ => missing.push(format!("`{command}` tells nothing at `{pointer}`")),
            }
        }
        asked.push(Asked {
            command: command.to_owned(),
            input,
            told,
        });
    }
    assert!(missing.is_empty(), "{missing:#?}");
    asked
}

type Question = (&'static str, Value, &'static [&'static str]);

#[expect(
    clippy::too_many_lines,
    reason = "a list, one question after the other"
)]
fn questions(story: &Story) -> Vec<Question> {
    let Story {
        report,
        draft,
        form,
        module,
        photo,
    } = story;
    let mut search = every_report();
    search["query"] = json!("huile");
    let all = json!({ "report": null, "site": null, "mine": false, "open_only": false });
    let capsule: &[&str] = &["/0/slug", "/0/title/fr", "/0/state", "/0/score", "/0/ready"];
    let page: &[&str] = &[
        "/row/title",
        "/row/severity",
        "/row/custody",
        "/row/photos",
        "/answers/words",
        "/reporter_name",
        "/receipt/position",
        "/receipt/valid",
        "/timeline/0/verb",
    ];
    vec![
        (
            "directory.me",
            json!({}),
            &["/person/name", "/person/roles", "/site/name", "/org"],
        ),
        (
            "directory.people",
            json!({ "query": "", "site": null }),
            &["/0/name", "/1/name"],
        ),
        (
            "directory.sites",
            json!({}),
            &["/0/name", "/0/places/0/name"],
        ),
        (
            "form.list",
            json!({}),
            &["/0/slug", "/0/release", "/0/title/fr"],
        ),
        (
            "form.open",
            json!({ "form": form, "release": 1 }),
            &["/slug", "/questions/0/name"],
        ),
        ("draft.list", json!({}), &["/0/title", "/0/form_title/fr"]),
        (
            "draft.open",
            json!({ "id": draft }),
            &["/answers/words", "/program/slug"],
        ),
        (
            "report.list",
            every_report(),
            &["/total", "/rows/0/title", "/rows/2/title"],
        ),
        (
            "report.list",
            search,
            &["/total", "/rows/0/title", "/rows/0/severity"],
        ),
        ("report.counts", json!({}), &["/open", "/urgent", "/unread"]),
        ("report.open", json!({ "id": report }), page),
        (
            "action.list",
            all,
            &["/0/title", "/0/state", "/0/owner_name", "/0/due_on"],
        ),
        ("learn.list", json!({}), capsule),
        ("learn.due", json!({}), &["/total"]),
        ("studio.list", json!({}), &["/0/title", "/0/version"]),
        (
            "studio.open",
            json!({ "id": module }),
            &["/source/fr", "/source/en"],
        ),
        ("studio.reach", json!({ "id": module }), &["/rows/0"]),
        (
            "sync.health",
            json!({}),
            &["/waiting/0/title", "/refused/0/code"],
        ),
        ("sync.hand_over", json!({}), &["/items/0/title"]),
        (
            "blob.read",
            json!({ "hash": photo }),
            &["/media_type", "/base64"],
        ),
    ]
}
