//! Disks that fill up at two hundred sizes: nothing is said to be done that is not, what is there
//! stays readable, and with room again everything goes on by itself.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use serde_json::json;
use vigie_core::error::{Code, Result};
use vigie_core::person::Role;
use vigie_core::sync::desk::Clerk;
use vigie_core::sync::exchange::exchange;
use vigie_core::sync::frame::Reader;
use vigie_core::sync::message::{Receipt, Response};
use vigie_core::sync::pull::Incoming;
use vigie_core::sync::push::Pusher;
use vigie_core::sync::receipt::{self, Signer};
use vigie_core::{Device, Id};
use vigie_server::store::sqlite::Sqlite;
use vigie_server::store::sqlite::exchange::Exchange;
use vigie_tests::chance::Chance;
use vigie_tests::faults;
use vigie_tests::floor::{self, Floor};

use super::device::{Town, at, close};
use super::server;
use crate::support::{Folder, START, Said, size_of_run};
use vigie_core::sync::machine::Cursors;

/// Sizes of disks.
const SIZES: usize = 200;

/// Reports that are made while there is room, at most.
const REPORTS_MAX: usize = 40;

/// One size more: bytes.
fn step() -> u64 {
    let step = size_of_run("FULL_STEP", 2_500).expect("a number of bytes");
    u64::try_from(step).expect("small")
}

/// A story of its own for each size.
fn seed(number: usize) -> u64 {
    u64::try_from(number).expect("small") + 1000
}

/// Runs something for each size, on two threads.
fn each_size(work: impl Fn(usize, u64, &Path) + Sync) {
    faults::install();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    if number >= SIZES {
                        return;
                    }
                    let folder = Folder::in_memory();
                    let size = u64::try_from(number).expect("small") * step();
                    work(number, size, folder.path());
                    faults::room(None);
                }
            });
        }
    });
}

fn said_full<T>(done: &Result<T>, what: &str) {
    if let Err(error) = done {
        // The index beside the file is another sort of room to SQLite.
        let typed = matches!(error.code(), Code::DiskFull | Code::Storage);
        assert!(typed, "{what}: {error}");
    }
}

#[test]
fn a_device_whose_disk_fills_up_says_so_keeps_what_it_said_and_goes_on() {
    let mut town = Town::new();
    let mut one = town.device(Role::Operator);
    town.sync(&mut one);
    town.draft(&mut one);
    let floor = town.floor.clone();
    let before = close(one);
    let (before, floor) = (&before, &floor);
    let filled = AtomicUsize::new(0);
    let reopened = AtomicUsize::new(0);
    each_size(|number, size, folder| {
        let file = folder.join("device.db");
        std::fs::write(&file, before).expect("a file");
        let mut chance = Chance::new(seed(number));
        let open = |chance: &mut Chance| Device::open(&file, None, Box::new(chance.fork()));
        let mut said = Said::default();
        faults::room(Some(size));
        match open(&mut chance) {
            // Not even the index fits beside the file.
            Err(error) => said_full::<()>(&Err(error), "opening"),
            Ok(mut device) => {
                let stopped = work(&mut device, &mut chance, floor, &mut said, REPORTS_MAX);
                filled.fetch_add(usize::from(stopped.is_err()), Ordering::SeqCst);
                said_full(&stopped, "working");
                drafts(&mut device).expect("drafts are readable on a full disk");
                drop(device);
                let mut again = open(&mut chance);
                said_full(&again, "opening again");
                if let Ok(device) = &mut again {
                    reopened.fetch_add(1, Ordering::SeqCst);
                    drafts(device).expect("also after a start");
                    faults::room(None);
                    work(device, &mut chance, floor, &mut said, 1).expect("by itself");
                }
            }
        }
        faults::room(None);
        let mut device = open(&mut chance).expect("with room");
        work(&mut device, &mut chance, floor, &mut said, 1).expect("it goes on");
        drop(device);
        said.look_at_all(&file, &format!("disk {size}"));
    });
    let (filled, reopened) = (filled.into_inner(), reopened.into_inner());
    println!(
        "device: {filled} of {SIZES} disks filled up; {reopened} devices started again on them"
    );
    assert!(filled > SIZES / 4, "disks fill up: {filled}");
}

fn drafts(device: &mut Device) -> Result<()> {
    let list = device.call(at(), None, "draft.list", json!({}))?.output;
    let drafts = list.as_array().expect("a list");
    assert!(!drafts.is_empty(), "the draft of before is listed");
    for draft in drafts {
        device.call(at(), None, "draft.open", json!({ "id": draft["id"] }))?;
    }
    Ok(())
}

/// Reports `times`, or until nothing more fits.
fn work(
    device: &mut Device,
    chance: &mut Chance,
    floor: &Floor,
    said: &mut Said,
    times: usize,
) -> Result<()> {
    for _ in 0..times {
        let draft = floor::fill(device, at(), chance, floor, |draft, field, value| {
            said.saved(draft, field, value.to_string());
            Ok(())
        })?;
        let report = floor::seal(device, at(), chance, draft)?;
        said.sealed(draft, report);
    }
    Ok(())
}

#[test]
fn a_server_whose_disk_fills_up_signs_for_nothing_that_it_does_not_keep() {
    let mut town = Town::new();
    let mut one = town.device(Role::Operator);
    town.sync(&mut one);
    let (floor, key) = (town.floor.clone(), town.hub.public());
    let store = server::stored(&mut town);
    let (id, person) = (one.id, one.person);
    let device = close(one);
    let filled = AtomicUsize::new(0);
    each_size(|number, size, folder| {
        let (file, other) = (folder.join("vigie.db"), folder.join("device.db"));
        std::fs::write(&file, &store).expect("a file");
        std::fs::write(&other, &device).expect("a file");
        let mut chance = Chance::new(seed(number));
        let mut client = Client {
            device: Device::open(&other, None, Box::new(chance.fork())).expect("a device"),
            id,
            person,
            key,
            all: false,
            receipts: Vec::new(),
        };
        let mut said = Said::default();
        let mut room = Some(size);
        faults::room(room);
        let opened = server::open(&file);
        room = faults::left();
        let mut ended = opened.as_ref().map(drop).map_err(Clone::clone);
        while ended.is_ok() && said.sealed.len() < REPORTS_MAX {
            faults::room(None);
            work(&mut client.device, &mut chance, &floor, &mut said, 1).expect("a report");
            let store = opened.as_ref().expect("it opened");
            ended = client.exchange(store, &mut room);
        }
        said_full(&ended, "the server");
        filled.fetch_add(usize::from(ended.is_err()), Ordering::SeqCst);
        faults::room(None);
        let store = opened.unwrap_or_else(|_| server::open(&file).expect("with room"));
        for _ in 0..4 {
            client.exchange(&store, &mut None).expect("it goes on");
        }
        let waiting = client.device.waiting().expect("a count");
        assert_eq!(waiting, 0, "disk {size}: all is received");
        drop(store);
        said.arrived(&file, false);
        kept(&file, &client.receipts, size);
    });
    let filled = filled.into_inner();
    println!("server: {filled} of {SIZES} disks filled up");
    assert!(filled > SIZES / 4, "disks fill up: {filled}");
}

/// A device whose own disk has room.
struct Client {
    device: Device,
    id: Id,
    person: Id,
    key: [u8; 32],
    all: bool,
    receipts: Vec<Receipt>,
}

impl Client {
    /// One exchange, with so much room for the server; every receipt is noted, also of an exchange
    /// that failed.
    fn exchange(&mut self, store: &Sqlite, room: &mut Option<u64>) -> Result<()> {
        let request = self.device.request(START, Cursors::after(self.all))?;
        let pusher = Pusher {
            device: self.id,
            persons: &[self.person],
            system: false,
            now_ms: START,
        };
        let mut answer = Vec::new();
        faults::room(*room);
        let signer = Signer::new(&[7; 32]);
        let mut exchanging = Exchange::new(store);
        let done = exchange(
            &mut exchanging,
            &pusher,
            &Clerk::alone(&signer),
            &request,
            &mut answer,
        );
        drop(exchanging);
        *room = faults::left();
        faults::room(None);
        let mut reader = Reader::new(1 << 26)?;
        reader.feed(&answer);
        while let Some(frame) = reader.next::<Response>()? {
            if let Response::Received { receipt, signature } = frame {
                self.receipts
                    .push(receipt::verify(&self.key, &receipt, &signature)?);
            }
        }
        // What came of the answer is taken in, also when it was cut.
        let mut incoming = Incoming::new()?;
        self.device.feed(&mut incoming, &answer, START)?;
        done?;
        self.all = incoming.end()?.resend_cursors;
        Ok(())
    }
}

/// The store has every change that was signed for.
fn kept(file: &Path, receipts: &[Receipt], size: u64) {
    let db = Connection::open(file).expect("the store");
    let whole: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check");
    assert_eq!(whole, "ok", "disk {size}: the store");
    for receipt in receipts {
        for change in &receipt.changes {
            let kept: bool = db
                .query_row(
                    "SELECT EXISTS(SELECT 1 FROM change WHERE document = ?1 AND hash = ?2)",
                    rusqlite::params![receipt.document, change],
                    |row| row.get(0),
                )
                .expect("a row");
            assert!(kept, "disk {size}: signed for and not kept");
        }
    }
}
