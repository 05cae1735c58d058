//! Networks at their worst, between real devices and the real server: nothing is lost, nothing is there
//! twice. `SUBMISSIONS=100000` is the long run.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use rusqlite::Connection;
use vigie_core::store::blob;
use vigie_core::{Device, Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::proxy::Proxy;
use vigie_tests::upload;
use vigie_tests::wire::Client;

use crate::support::{Folder, START, TestServer, size_of_run};

/// Reports of one device.
const EACH: usize = 50;
/// Devices of one person.
const DEVICES: usize = 20;

/// Between a cut and the next try.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// A server over files in memory, with people and a form.
struct World {
    server: TestServer,
    folder: Folder,
    floor: Floor,
}

impl World {
    fn new(chance: &mut Chance) -> Self {
        let folder = Folder::in_memory();
        let server = TestServer::start(&folder.path().join("data"), START);
        let floor = floor::found(chance, START, |name, input| {
            server.app.system.call(&server.app, name, input)
        })
        .expect("an organisation");
        Self {
            server,
            folder,
            floor,
        }
    }

    fn host(&self) -> &str {
        self.server.url.trim_start_matches("http://")
    }

    /// A new device of a person, that speaks to the server by `address`.
    fn client(&self, person: Id, address: &str) -> Client {
        let file = vigie_core::store::open::memory().expect("memory");
        let device = Device::new(file, Box::new(OsEntropy));
        let code = self.server.invite(person).code;
        let mut client = Client::enrol(device, self.host(), &code).expect("enrols");
        client.sync(self.server.now()).expect("a first sync");
        address.clone_into(&mut client.address);
        client
    }

    fn store(&self) -> Connection {
        Connection::open(self.folder.path().join("data/vigie.db")).expect("the store")
    }
}

fn count(db: &Connection, sql: &str) -> usize {
    let count: i64 = db.query_row(sql, [], |row| row.get(0)).expect("a count");
    usize::try_from(count).expect("small")
}

/// What a device made and was given receipts for.
struct Made {
    reports: Vec<Id>,
    pushes: usize,
    positions: Vec<i64>,
}

#[test]
fn what_is_submitted_through_a_network_that_loses_and_doubles_is_there_once() {
    let all = size_of_run("SUBMISSIONS", 1_000).expect("a number of submissions");
    let mut chance = Chance::new(30);
    let world = World::new(&mut chance);
    let proxy = Proxy::chaos(world.host().to_owned(), 7, 30, 10).expect("a network");
    let begun = std::time::Instant::now();
    let next = Mutex::new(0..all.div_ceil(EACH));
    let made = Mutex::new(Vec::new());
    let people = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(number) = next.lock().expect("a turn").next() else {
                        return;
                    };
                    let somebody = {
                        let mut people = people.lock().expect("a turn");
                        while people.len() <= number / DEVICES {
                            let name = format!("person{}", people.len());
                            people.push(world.server.person(
                                &name,
                                &["operator"],
                                world.floor.site,
                            ));
                        }
                        people[number / DEVICES]
                    };
                    let reports = EACH.min(all - number * EACH);
                    let client = world.client(somebody, &proxy.address());
                    let seed = u64::try_from(number).expect("small");
                    let done = submit(&world, client, Chance::new(seed), reports);
                    made.lock().expect("a turn").push(done);
                }
            });
        }
    });
    let passed = proxy.passed();
    println!(
        "{all} submissions in {:.0} s: {} requests, {} doubled, {} answers lost",
        begun.elapsed().as_secs_f64(),
        passed.requests.load(Ordering::Relaxed),
        passed.doubled.load(Ordering::Relaxed),
        passed.lost.load(Ordering::Relaxed),
    );
    counted(&world.store(), &made.into_inner().expect("devices"), all);
    let requests = passed.requests.load(Ordering::Relaxed);
    let lost = passed.lost.load(Ordering::Relaxed);
    assert!(
        lost * 5 > requests,
        "{lost} of {requests} answers were lost"
    );
}

/// Reports a few at a time, and asks again until all is received.
fn submit(world: &World, mut client: Client, mut chance: Chance, reports: usize) -> Made {
    let mut made = Made {
        reports: Vec::new(),
        pushes: 0,
        positions: Vec::new(),
    };
    while made.reports.len() < reports {
        let some = (1 + chance.below(8)).min(reports - made.reports.len());
        for _ in 0..some {
            let moment = Moment::utc(world.server.now());
            let device = &mut client.device;
            let draft = floor::fill(device, moment, &mut chance, &world.floor, |_, _, _| Ok(()));
            let report = draft.and_then(|draft| floor::seal(device, moment, &mut chance, draft));
            made.reports.push(report.expect("a report"));
        }
        let mut all = false;
        while client.device.waiting().expect("a count") > 0 {
            // Nobody is told to wait.
            world.server.pass(200);
            if let Ok((told, _)) = client.exchange(world.server.now(), all) {
                all = told.resend_cursors;
            }
        }
    }
    let db = client.device.db();
    assert_eq!(
        count(db, "SELECT count(*) FROM refused"),
        0,
        "nothing is refused"
    );
    made.pushes = count(db, "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'");
    let mut statement = db
        .prepare("SELECT position FROM receipt")
        .expect("receipts");
    let rows = statement.query_map([], |row| row.get(0)).expect("receipts");
    made.positions = rows.collect::<Result<_, _>>().expect("receipts");
    assert_eq!(
        made.positions.len(),
        made.pushes,
        "each push has its receipt"
    );
    made
}

/// The server has everything once, and signed for it once.
fn counted(store: &Connection, made: &[Made], all: usize) {
    let reports: BTreeSet<Id> = made.iter().flat_map(|one| one.reports.clone()).collect();
    assert_eq!(reports.len(), all, "so many were submitted");
    for kind in ["report", "reporter"] {
        let sql = format!("SELECT count(*) FROM document WHERE kind = '{kind}'");
        assert_eq!(count(store, &sql), all, "each {kind} is there once");
    }
    let here: BTreeSet<Id> = store
        .prepare("SELECT id FROM document WHERE kind = 'report'")
        .and_then(|mut ids| ids.query_map([], |row| row.get(0))?.collect())
        .expect("ids");
    assert_eq!(here, reports, "those that were submitted");
    let pushes: usize = made.iter().map(|one| one.pushes).sum();
    let positions: BTreeSet<i64> = made.iter().flat_map(|one| one.positions.clone()).collect();
    assert_eq!(
        positions.len(),
        pushes,
        "no number of a receipt is given twice"
    );
    let kinds = "('report', 'reporter', 'draft')";
    let changes = format!(
        "SELECT count(*) FROM change
         JOIN document ON (document.org, document.id) = (change.org, change.document)
         WHERE kind IN {kinds}"
    );
    assert_eq!(count(store, &changes), pushes, "each change is there once");
    assert_eq!(
        count(store, "SELECT count(*) FROM quarantine"),
        0,
        "nothing is refused"
    );
    let outcomes = count(store, "SELECT count(*) FROM outcome");
    assert_eq!(
        count(store, "SELECT receipts FROM org"),
        outcomes,
        "each push was signed for once"
    );
}

#[test]
fn photos_over_a_link_that_is_cut_every_200_kilobytes_arrive_and_hardly_anything_is_sent_twice() {
    let mut chance = Chance::new(31);
    let world = World::new(&mut chance);
    let mut client = world.client(world.floor.operator, world.host());
    let (mut photos, mut bytes) = (Vec::new(), 0);
    while bytes < 25_000_000 {
        let moment = Moment::utc(world.server.now());
        let draft = floor::fill(
            &mut client.device,
            moment,
            &mut chance,
            &world.floor,
            |_, _, _| Ok(()),
        )
        .expect("a draft");
        for _ in 0..3 {
            let size = 900_000 + chance.below(2_500_000);
            let photo = floor::photograph(&mut client.device, moment, &mut chance, draft, size)
                .expect("a photo");
            bytes += photo.len();
            photos.push(photo);
        }
        floor::seal(&mut client.device, moment, &mut chance, draft).expect("a report");
    }
    client.sync(world.server.now()).expect("the text");
    let link = Proxy::cutting(world.host().to_owned(), 200_000).expect("a network");
    client.address = link.address();
    while !blob::to_send(client.device.db())
        .expect("a list")
        .is_empty()
    {
        world.server.pass(1_000);
        if upload::all(&mut client, world.server.now()).is_err() {
            // Cut. The app waits ten times as long before it goes on from where the server has it.
            std::thread::sleep(PAUSE);
        }
    }
    let passed = usize::try_from(link.passed().bytes.load(Ordering::SeqCst)).expect("small");
    let cuts = link.passed().cuts.load(Ordering::SeqCst);
    let again = passed.saturating_sub(bytes);
    println!("{bytes} bytes of photos over {cuts} cuts: {again} bytes of headers and sent twice");
    assert!(cuts >= 120, "it was cut {cuts} times");
    assert!(
        again * 20 <= bytes,
        "{again} of {bytes} bytes were sent twice"
    );
    arrived(&world.folder.path().join("data"), &photos);
}

/// Each photo lies on the server as it was taken.
fn arrived(data: &Path, photos: &[Vec<u8>]) {
    let blobs = vigie_server::blobs::Blobs::open(data).expect("a folder");
    for photo in photos {
        let found = blobs.read(&blob::hash(photo)).expect("readable");
        assert_eq!(
            found.map(|found| blob::hash(&found)),
            Some(blob::hash(photo)),
            "a photo"
        );
    }
}
