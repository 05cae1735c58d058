//! A server that is killed while it takes, tells and stores.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use vigie_core::store::blob;
use vigie_core::sync::receipt;
use vigie_core::{Device, Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_server::{App, Config, account, clock};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::upload;
use vigie_tests::wire::Client;

use super::{Death, Fallen, Victim, doom, lives};
use crate::support::{Folder, Said};

/// Kills of one data folder.
const LIFE: usize = 25;

#[test]
fn a_server_killed_at_any_moment_keeps_all_that_it_gave_receipts_for() {
    lives("SERVER_KILLS", 150, LIFE, |seed, kills| {
        let folder = Folder::in_memory();
        let mut chance = Chance::new(seed);
        let data = folder.path().join("data");
        let (floor, codes) = served(&data, &mut chance);
        let store = data.join("vigie.db");
        let mut people: Vec<Person> = Vec::new();
        let mut fallen = Fallen::default();
        for round in 0..kills {
            let mut victim = Victim::start(&["server", data.to_str().expect("a path")]);
            // Some are killed before they listen.
            let early = !people.is_empty() && chance.one_in(8);
            let mut death = Death::draw(&mut chance, &["push", "pull", "upload"], 30_000);
            let id = victim.0.id();
            let mut killer = early.then(|| doom(id, death.after));
            let mut phase = "start";
            victim.lines(|line| {
                let address = line.strip_prefix("listening ").expect("an address");
                if people.is_empty() {
                    people = codes
                        .iter()
                        .map(|code| Person::new(address, code))
                        .collect();
                }
                phase = together(&mut people, address, &floor, &mut chance, &mut |phase| {
                    if killer.is_none() && death.comes(phase) {
                        killer = Some(doom(id, death.after));
                    }
                });
            });
            killer.expect("it was doomed").join().expect("killed");
            fallen.count(phase);
            let when = format!("life {seed}, kill {round} in {phase}");
            for person in &mut people {
                person.check(&store, &when);
            }
        }
        let mut victim = Victim::start(&["server", data.to_str().expect("a path")]);
        let id = victim.0.id();
        let mut killer = None;
        victim.lines(|line| {
            let address = line.strip_prefix("listening ").expect("an address");
            for person in &mut people {
                address.clone_into(&mut person.client.address);
                person.client.sync(now()).expect("the rest");
                upload::all(&mut person.client, now()).expect("its photos");
            }
            killer = Some(doom(id, Duration::ZERO));
        });
        killer.expect("it was doomed").join().expect("killed");
        for person in &mut people {
            person.seen = 0;
            person.check(&store, "in the end");
            person.said.arrived(&store, true);
        }
        let server = Connection::open(&store).expect("the store");
        let reports: i64 = server
            .query_row(
                "SELECT count(*) FROM document WHERE kind = 'report'",
                [],
                |row| row.get(0),
            )
            .expect("a count");
        let sealed = people.iter().map(|person| person.said.sealed.len());
        assert_eq!(
            usize::try_from(reports),
            Ok(sealed.sum()),
            "each sealed report is there once"
        );
        fallen
    });
}

fn now() -> i64 {
    clock::system()()
}

/// The organisation in the server's folder, and the codes of invitations: those who work at the same time
/// share commits.
fn served(folder: &Path, chance: &mut Chance) -> (Floor, Vec<String>) {
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
    let codes = [floor.operator, floor.lead].map(|person| {
        let invitation = account::invite_as(&app, "tests", person);
        invitation.expect("an invitation").code
    });
    (floor, codes.to_vec())
}

/// All work until their server no longer answers; what the first of them had asked.
fn together(
    people: &mut [Person],
    address: &str,
    floor: &Floor,
    chance: &mut Chance,
    begins: &mut dyn FnMut(&str),
) -> &'static str {
    for person in people.iter_mut() {
        address.clone_into(&mut person.client.address);
    }
    let (first, others) = people.split_first_mut().expect("somebody");
    std::thread::scope(|scope| {
        for other in others {
            let mut chance = Chance::new(chance.bits());
            scope.spawn(move || other.work_until_cut(floor, &mut chance, &mut |_phase| {}));
        }
        first.work_until_cut(floor, chance, begins)
    })
}

/// Somebody whose server keeps dying.
struct Person {
    client: Client,
    key: [u8; 32],
    said: Said,
    /// Receipts that were checked.
    seen: i64,
}

impl Person {
    fn new(address: &str, code: &str) -> Self {
        let file = vigie_core::store::open::memory().expect("memory");
        let device = Device::new(file, Box::new(OsEntropy));
        let mut client = Client::enrol(device, address, code).expect("enrols");
        client.sync(now()).expect("a first sync");
        let enrolment = client.device.enrolment().expect("readable").expect("it is");
        Self {
            key: enrolment.server_key,
            client,
            said: Said::default(),
            seen: 0,
        }
    }

    /// Reports and syncs until the server no longer answers; what it had been asked.
    fn work_until_cut(
        &mut self,
        floor: &Floor,
        chance: &mut Chance,
        begins: &mut dyn FnMut(&str),
    ) -> &'static str {
        let begun = Instant::now();
        let mut all = false;
        while begun.elapsed() < Duration::from_secs(60) {
            self.report(floor, chance);
            // Until nothing waits, and once more.
            loop {
                let waiting = self.client.device.waiting().expect("a count") > 0;
                let phase = if waiting { "push" } else { "pull" };
                begins(phase);
                let Ok((told, _)) = self.client.exchange(now(), all) else {
                    return phase;
                };
                all = told.resend_cursors;
                if !waiting && !told.more && !all {
                    break;
                }
            }
            begins("upload");
            if upload::all(&mut self.client, now()).is_err() {
                return "upload";
            }
        }
        panic!("the server was not killed");
    }

    fn report(&mut self, floor: &Floor, chance: &mut Chance) {
        let moment = Moment::utc(now());
        let device = &mut self.client.device;
        let draft = floor::fill(device, moment, chance, floor, |_, _, _| Ok(())).expect("a draft");
        let photo = floor::photograph(device, moment, chance, draft, 40_000).expect("a photo");
        let report: Id = floor::seal(device, moment, chance, draft).expect("a report");
        let hash = blob::hex(&blob::hash(&photo));
        self.said.line(&format!("attached {draft} {hash}"));
        self.said.sealed(draft, report);
    }

    /// The store is whole, and keeps what every new receipt on this device is for.
    fn check(&mut self, store: &Path, when: &str) {
        let server = Connection::open(store).expect("the store");
        let whole: String = server
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("a check");
        assert_eq!(whole, "ok", "{when}: the store");
        let db = self.client.device.db();
        let mut statement = db
            .prepare("SELECT rowid, body, signature FROM receipt WHERE rowid > ?1")
            .expect("receipts");
        let mut rows = statement.query([self.seen]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            self.seen = row.get(0).expect("a number");
            let (body, signature): (Vec<u8>, Vec<u8>) =
                (row.get(1).expect("bytes"), row.get(2).expect("bytes"));
            let receipt = receipt::verify(&self.key, &body, &signature).expect("the server's");
            for change in &receipt.changes {
                let kept: bool = server
                    .query_row(
                        "SELECT EXISTS(SELECT 1 FROM change WHERE document = ?1 AND hash = ?2)",
                        params![receipt.document, change],
                        |row| row.get(0),
                    )
                    .expect("a row");
                assert!(kept, "{when}: a receipt for a change that the server lost");
            }
        }
    }
}
