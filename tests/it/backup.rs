//! Backups of a server that is busy, by the command line; restored to an empty folder, where the
//! devices carry on. `BACKUP_ROUNDS=100` is the long run.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rusqlite::Connection;
use vigie_core::{Device, Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_server::{App, Config, account, clock};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::upload;
use vigie_tests::wire::Client;

use crate::support::{Folder, size_of_run};

/// Devices that never stop.
const DEVICES: usize = 3;

fn now() -> i64 {
    clock::system()()
}

/// The server as its own process.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_crasher"))
            .arg("server")
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let told = child.stdout.take().expect("its lines");
        BufReader::new(told).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening ").expect("an address");
        Self {
            address: address.to_owned(),
            child,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What an administrator types.
fn command(data: &Path, words: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_crasher"))
        .arg("command")
        .args(words)
        .arg("--data")
        .arg(data)
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {told}");
}

/// Somebody at work.
struct Person {
    client: Client,
    reports: Vec<Id>,
    photos: Vec<[u8; 32]>,
    chance: Chance,
}

impl Person {
    /// Reports and syncs until told to stop.
    fn work(&mut self, floor: &Floor, stop: &AtomicBool, done: &AtomicUsize) {
        while !stop.load(Ordering::SeqCst) {
            let moment = Moment::utc(now());
            let device = &mut self.client.device;
            let draft = floor::fill(device, moment, &mut self.chance, floor, |_, _, _| Ok(()))
                .expect("a draft");
            if self.chance.one_in(3) {
                let photo = floor::photograph(device, moment, &mut self.chance, draft, 20_000)
                    .expect("a photo");
                self.photos.push(vigie_core::store::blob::hash(&photo));
            }
            let report = floor::seal(device, moment, &mut self.chance, draft).expect("a report");
            self.reports.push(report);
            self.send();
            done.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn send(&mut self) {
        self.client.sync(now()).expect("syncs");
        upload::all(&mut self.client, now()).expect("its photos");
    }
}

struct World {
    folder: Folder,
    floor: Floor,
    people: Vec<Person>,
}

impl World {
    fn new(chance: &mut Chance) -> Self {
        let folder = Folder::in_memory();
        let data = folder.path().join("data-0");
        let config = Config {
            data: data.clone(),
            public_url: "http://127.0.0.1".to_owned(),
            org: "Essai".to_owned(),
            ..Config::default()
        };
        let app = App::open(config, clock::system()).expect("the server opens");
        let floor = floor::found(chance, now(), |name, input| {
            app.system.call(&app, name, input)
        })
        .expect("an organisation");
        let codes: Vec<String> = (0..DEVICES)
            .map(|_| {
                account::invite_as(&app, "tests", floor.operator)
                    .expect("an invitation")
                    .code
            })
            .collect();
        drop(app);
        let server = Server::start(&data);
        let people = codes
            .iter()
            .map(|code| {
                let file = vigie_core::store::open::memory().expect("memory");
                let device = Device::new(file, Box::new(OsEntropy));
                let mut client = Client::enrol(device, &server.address, code).expect("enrols");
                client.sync(now()).expect("a first sync");
                Person {
                    client,
                    reports: Vec::new(),
                    photos: Vec::new(),
                    chance: chance.fork(),
                }
            })
            .collect();
        Self {
            folder,
            floor,
            people,
        }
    }

    fn data(&self, round: usize) -> PathBuf {
        self.folder.path().join(format!("data-{round}"))
    }

    /// A round: work, a backup meanwhile, more work, the machine is lost, another one takes over.
    fn round(&mut self, round: usize, chance: &mut Chance) {
        let data = self.data(round);
        let server = Server::start(&data);
        for person in &mut self.people {
            server.address.clone_into(&mut person.client.address);
            person.send();
        }
        self.check(&data, &format!("round {round}"));
        let copy = self.folder.path().join(format!("copy-{round}"));
        let (before, after) = (1 + chance.below(6), chance.below(6));
        let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for person in &mut self.people {
                let (floor, stop, done) = (&self.floor, &stop, &done);
                scope.spawn(move || person.work(floor, stop, done));
            }
            let reached = |count: usize| {
                while done.load(Ordering::SeqCst) < count {
                    std::thread::yield_now();
                }
            };
            reached(before);
            command(&data, &["backup", copy.to_str().expect("a path")]);
            reached(done.load(Ordering::SeqCst) + after);
            stop.store(true, Ordering::SeqCst);
        });
        drop(server);
        let next = self.data(round + 1);
        command(&next, &["restore", copy.to_str().expect("a path")]);
        for old in [data, copy] {
            std::fs::remove_dir_all(old).expect("removed");
        }
    }

    /// Everything that anybody sealed is there once, with its photos, and nothing waits or is refused.
    fn check(&self, data: &Path, when: &str) {
        let store = Connection::open(data.join("vigie.db")).expect("the store");
        let count = |sql: &str| -> usize {
            let count: i64 = store.query_row(sql, [], |row| row.get(0)).expect("a count");
            usize::try_from(count).expect("small")
        };
        let sealed: usize = self.people.iter().map(|person| person.reports.len()).sum();
        let reports = count("SELECT count(*) FROM document WHERE kind = 'report'");
        assert_eq!(reports, sealed, "{when}: each report is there once");
        for person in &self.people {
            let db = person.client.device.db();
            let left: i64 = db
                .query_row(
                    "SELECT (SELECT count(*) FROM refused) + (SELECT count(*) FROM outbox)",
                    [],
                    |row| row.get(0),
                )
                .expect("a count");
            assert_eq!(left, 0, "{when}: nothing waits, nothing is refused");
            for photo in &person.photos {
                let here: bool = store
                    .query_row(
                        "SELECT EXISTS(SELECT 1 FROM blob WHERE hash = ?1)",
                        [photo],
                        |row| row.get(0),
                    )
                    .expect("a row");
                assert!(here, "{when}: a photo");
            }
        }
    }
}

#[test]
fn a_backup_taken_under_load_is_one_moment_from_which_devices_carry_on() {
    let rounds = size_of_run("BACKUP_ROUNDS", 5).expect("a number of rounds");
    let mut chance = Chance::new(5);
    let mut world = World::new(&mut chance);
    for round in 0..rounds {
        world.round(round, &mut chance);
    }
    let data = world.data(rounds);
    let server = Server::start(&data);
    // Whoever comes first builds on nobody else here: each gives back what is theirs.
    for person in &mut world.people {
        server.address.clone_into(&mut person.client.address);
        person.send();
    }
    world.check(&data, "in the end");
    let sealed: usize = world.people.iter().map(|person| person.reports.len()).sum();
    println!("{rounds} backups under load and restores: {sealed} reports, each there once");
}
