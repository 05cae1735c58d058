//! Processes that are killed for good (`SIGKILL`) in the middle of their work: what was said to be
//! safe is there when they come back.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use vigie_core::device::Enrolment;
use vigie_core::person::Seat;
use vigie_core::store::blob;
use vigie_core::sync::pull::Incoming;
use vigie_core::sync::receipt;
use vigie_core::{Device, Id, Moment};
use vigie_server::{App, Config, account, clock};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::hub::Hub;

const DEVICE_KILLS: u64 = 40;
const SERVER_KILLS: u64 = 15;

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vigie-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A process that is killed when dropped.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(arguments: &[&str]) -> Victim {
    let child = Command::new(env!("CARGO_BIN_EXE_crasher"))
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the crasher starts");
    Victim(child)
}

fn integrity(file: &Path) -> String {
    let db = Connection::open(file).expect("the file opens");
    db.query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check")
}

/// What a device said to be safe.
#[derive(Default)]
struct Said {
    /// The latest answer of each question of each draft, as JSON.
    answers: BTreeMap<(Id, String), String>,
    /// Reports and their drafts.
    sealed: BTreeMap<Id, Id>,
}

impl Said {
    /// Takes in a whole line.
    fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words.as_slice() {
            ["saved", draft, field, value] => {
                let draft = draft.parse().expect("an id");
                self.answers
                    .insert((draft, (*field).to_owned()), (*value).to_owned());
            }
            ["sealed", draft, report] => {
                let report = report.parse().expect("an id");
                self.sealed.insert(report, draft.parse().expect("an id"));
            }
            _ => panic!("`{line}`"),
        }
    }

    fn check(&self, file: &Path, round: u64) {
        let db = Connection::open(file).expect("the file opens");
        let view = |id: Id| -> Option<Value> {
            let stored = vigie_core::store::document::get(&db, id).expect("readable")?;
            let document = vigie_core::document::Document::load(&stored.body, [0; 16]);
            Some(document.expect("a whole document").view().expect("a view"))
        };
        for ((draft, field), value) in &self.answers {
            let draft = view(*draft)
                .unwrap_or_else(|| panic!("kill {round}: draft {draft} was saved and is gone"));
            assert_eq!(
                draft["answers"][field].to_string(),
                *value,
                "kill {round}: what was saved under `{field}`"
            );
        }
        for (report, draft) in &self.sealed {
            let sealed = view(*report)
                .unwrap_or_else(|| panic!("kill {round}: report {report} was sealed and is gone"));
            let reporter: Id = sealed["reporter"].as_str().unwrap().parse().expect("an id");
            assert!(
                view(reporter).is_some(),
                "kill {round}: a report without its reporter"
            );
            let draft = view(*draft).expect("its draft");
            assert_eq!(
                draft["sealed"],
                json!(report),
                "kill {round}: the draft knows its end"
            );
            let (listed, waits): (bool, bool) = db
                .query_row(
                    "SELECT EXISTS(SELECT 1 FROM report WHERE id = ?1),
                        EXISTS(SELECT 1 FROM outbox WHERE document = ?1)",
                    params![report],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .expect("a row");
            assert!(
                listed && waits,
                "kill {round}: report {report} is listed and waits to be sent"
            );
        }
    }
}

fn now() -> i64 {
    clock::system()()
}

/// A device file with the form and the places on it.
fn prepared(folder: &Path, chance: &mut Chance) -> (Hub, Floor, PathBuf, Id) {
    let mut hub = Hub::open(&folder.join("hub.db"), now(), chance).expect("a server");
    let floor = floor::found(chance, now(), |name, input| {
        Ok(hub.command(now(), name, input)?.0)
    })
    .expect("an organisation");
    let file = folder.join("device.db");
    let mut device = Device::open(&file, None, Box::new(chance.fork())).expect("a file");
    let id = chance.id(now());
    enrol(&mut device, id, floor.operator, floor.site, hub.public());
    hub.sync(&mut device, id, Some(floor.operator), now())
        .expect("a first sync");
    (hub, floor, file, id)
}

fn enrol(device: &mut Device, id: Id, person: Id, site: Id, server_key: [u8; 32]) {
    let seat = Seat {
        person,
        roles: [vigie_core::person::Role::Operator].into(),
        site: Some(site),
        system: false,
    };
    device
        .enrol(&Enrolment {
            device: id,
            org: "Essai".to_owned(),
            seat,
            server_key,
        })
        .expect("enrols");
}

#[test]
fn a_device_killed_at_any_moment_keeps_all_that_it_said_was_safe() {
    let folder = Folder::new("crash-device");
    let mut chance = Chance::new(40);
    let (mut hub, floor, file, id) = prepared(&folder.0, &mut chance);
    let (form, place) = (floor.form.to_string(), floor.places[0].to_string());
    let mut said = Said::default();
    for round in 0..DEVICE_KILLS {
        let seed = round.to_string();
        let path = file.to_str().expect("a path");
        let mut victim = start(&["device", path, &form, &place, &seed]);
        let mut lines = BufReader::new(victim.0.stdout.take().expect("its lines"));
        let reading = std::thread::spawn(move || {
            let mut all = Vec::new();
            let mut line = String::new();
            while lines.read_line(&mut line).unwrap_or(0) > 0 {
                if let Some(whole) = line.strip_suffix('\n') {
                    all.push(whole.to_owned());
                }
                line.clear();
            }
            all
        });
        let alive = u64::try_from(chance.below(350)).expect("small");
        std::thread::sleep(Duration::from_millis(20 + alive));
        drop(victim);
        for line in reading.join().expect("its lines") {
            said.line(&line);
        }
        assert_eq!(integrity(&file), "ok", "the file after kill {round}");
        said.check(&file, round);
    }
    assert!(
        said.sealed.len() > 10,
        "it had time to work: {} sealed",
        said.sealed.len()
    );
    let mut device = Device::open(&file, None, Box::new(chance.fork())).expect("opens");
    hub.sync(&mut device, id, Some(floor.operator), now())
        .expect("syncs");
    let server = Connection::open(hub.path()).expect("the store");
    for report in said.sealed.keys() {
        let kept: i64 = server
            .query_row(
                "SELECT count(*) FROM document WHERE id = ?1",
                params![report],
                |row| row.get(0),
            )
            .expect("a count");
        assert_eq!(kept, 1, "report {report} on the server");
    }
}

/// A client of the server that is killed.
struct Client {
    device: Device,
    token: String,
    key: [u8; 32],
    http: reqwest::blocking::Client,
}

impl Client {
    /// One exchange; `false` when the server went away.
    fn exchange(&mut self, address: &str, all: bool) -> Option<bool> {
        let request = self.device.request(now(), all).expect("a request");
        let answer = self
            .http
            .post(format!("http://{address}/v1/sync"))
            .bearer_auth(&self.token)
            .body(request)
            .send()
            .ok()?;
        assert_eq!(answer.status(), 200, "an exchange");
        let bytes = answer.bytes().ok()?;
        let mut incoming = Incoming::new().expect("a reader");
        self.device
            .feed(&mut incoming, &bytes, now())
            .expect("an answer");
        let told = incoming.end().ok()?;
        Some(told.more || told.resend_cursors)
    }

    /// Every receipt on this device is kept by the server.
    fn check(&self, store: &Path, round: u64) -> usize {
        let server = Connection::open(store).expect("the store");
        let mut statement = self
            .device
            .db()
            .prepare("SELECT body, signature FROM receipt")
            .expect("receipts");
        let bodies: Vec<(Vec<u8>, Vec<u8>)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("rows")
            .collect::<Result<_, _>>()
            .expect("receipts");
        for (body, signature) in &bodies {
            let receipt = receipt::verify(&self.key, body, signature).expect("the server's");
            for change in &receipt.changes {
                let kept: bool = server
                    .query_row(
                        "SELECT EXISTS(SELECT 1 FROM change WHERE document = ?1 AND hash = ?2)",
                        params![receipt.document, change],
                        |row| row.get(0),
                    )
                    .expect("a row");
                assert!(
                    kept,
                    "kill {round}: a receipt for a change that the server lost"
                );
            }
        }
        bodies.len()
    }
}

fn listening(victim: &mut Victim) -> String {
    let mut lines = BufReader::new(victim.0.stdout.take().expect("its lines"));
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    line.trim()
        .strip_prefix("listening ")
        .expect("an address")
        .to_owned()
}

/// The organisation in the server's folder, and the code of an invitation.
fn served(folder: &Path, chance: &mut Chance) -> (Floor, String) {
    let config = Config {
        data: folder.to_owned(),
        listen: "127.0.0.1:0".parse().expect("an address"),
        public_url: "http://127.0.0.1".to_owned(),
        org: "Essai".to_owned(),
        ..Config::default()
    };
    let app = App::open(config, clock::system()).expect("the server opens");
    let floor = floor::found(chance, now(), |name, input| {
        app.system.call(&app, name, input)
    })
    .expect("an organisation");
    let code = account::invite_as(&app, "tests", floor.operator)
        .expect("an invitation")
        .code;
    (floor, code)
}

#[test]
fn a_server_killed_at_any_moment_keeps_all_that_it_gave_receipts_for() {
    let folder = Folder::new("crash-server");
    let mut chance = Chance::new(15);
    let (floor, code) = served(&folder.0, &mut chance);
    let path = folder.0.to_str().expect("a path").to_owned();
    let store = folder.0.join("vigie.db");
    let http = reqwest::blocking::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client");
    let mut client: Option<Client> = None;
    let mut sealed = Vec::new();
    for round in 0..SERVER_KILLS {
        let mut victim = start(&["server", &path]);
        let address = listening(&mut victim);
        let client = client.get_or_insert_with(|| signed_on(&http, &address, &code, &floor));
        let wait = Duration::from_millis(100 + u64::try_from(chance.below(600)).expect("small"));
        let killer = std::thread::spawn(move || {
            std::thread::sleep(wait);
            drop(victim);
        });
        work_until_cut(client, &address, &floor, &mut chance, &mut sealed);
        killer.join().expect("killed");
        assert_eq!(integrity(&store), "ok", "the store after kill {round}");
        client.check(&store, round);
    }
    let mut victim = start(&["server", &path]);
    let address = listening(&mut victim);
    let mut client = client.expect("a client");
    for _ in 0..50 {
        client.exchange(&address, true).expect("an exchange");
        if client.device.waiting().expect("a count") == 0 {
            break;
        }
    }
    assert_eq!(
        client.device.waiting().expect("a count"),
        0,
        "nothing waits in the end"
    );
    let receipts = client.check(&store, SERVER_KILLS);
    assert!(
        receipts > sealed.len(),
        "{receipts} receipts for {} reports",
        sealed.len()
    );
    let server = Connection::open(&store).expect("the store");
    let reports: i64 = server
        .query_row(
            "SELECT count(*) FROM document WHERE kind = 'report'",
            [],
            |row| row.get(0),
        )
        .expect("a count");
    assert_eq!(
        usize::try_from(reports),
        Ok(sealed.len()),
        "each sealed report is there once"
    );
}

/// Reports and syncs until the server no longer answers.
fn work_until_cut(
    client: &mut Client,
    address: &str,
    floor: &Floor,
    chance: &mut Chance,
    sealed: &mut Vec<Id>,
) {
    let mut all = false;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        let moment = Moment {
            ms: now(),
            offset_minutes: 60,
        };
        let draft = floor::fill(&mut client.device, moment, chance, floor, |_, _, _| Ok(()));
        let report = draft.and_then(|draft| floor::seal(&mut client.device, moment, chance, draft));
        sealed.push(report.expect("a report"));
        match client.exchange(address, all) {
            Some(resend) => all = resend,
            None => break,
        }
    }
}

fn signed_on(http: &reqwest::blocking::Client, address: &str, code: &str, floor: &Floor) -> Client {
    let answer: Value = http
        .post(format!("http://{address}/v1/enrol"))
        .json(&json!({ "code": code, "device_name": "Essai" }))
        .send()
        .expect("an answer")
        .json()
        .expect("JSON");
    let file = vigie_core::store::open::memory().expect("memory");
    let mut device = Device::new(file, Box::new(vigie_server::entropy::OsEntropy));
    let id = answer["device"]
        .as_str()
        .expect("a device")
        .parse()
        .expect("an id");
    let key = blob::parse_hex(answer["server_key"].as_str().expect("a key")).expect("a key");
    enrol(&mut device, id, floor.operator, floor.site, key);
    let token = answer["token"].as_str().expect("a token").to_owned();
    let mut client = Client {
        device,
        token,
        key,
        http: http.clone(),
    };
    let mut all = true;
    while client.exchange(address, all).expect("a first sync") {
        all = false;
    }
    client
}
