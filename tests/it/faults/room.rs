//! A server on a disk of its own, a small one in memory, that has no room at two hundred sizes:
//! `ROOM_SIZES=200`. Where the system lets nobody mount one, nothing is tried.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use vigie_core::store::blob;
use vigie_core::{Device, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::upload;
use vigie_tests::wire::Client;

use crate::support::{Folder, START, Said, TestServer, size_of_run};

/// One size more: bytes.
const STEP: u64 = 4_096;

/// A disk, until dropped.
struct Disk(PathBuf);

impl Disk {
    /// `None` where nobody may.
    fn mount(path: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&path).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=192m", "tmpfs"])
            .arg(&path)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(path))
    }

    /// Leaves so many bytes; the file that takes the rest.
    fn leave(&self, bytes: u64) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = std::fs::File::create(&path).expect("a file");
        let zeros = vec![0; 65_536];
        let mut size = 0_u64;
        // Large pieces, then small ones, until nothing fits.
        for piece in [65_536, 4_096] {
            while file.write_all(&zeros[..piece]).is_ok() {
                size += u64::try_from(piece).expect("small");
            }
            file.set_len(size).expect("shorter");
            file = std::fs::File::options()
                .append(true)
                .open(&path)
                .expect("a file");
        }
        file.set_len(size.saturating_sub(bytes)).expect("shorter");
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[test]
fn a_server_with_no_room_left_says_so_and_takes_everything_once_it_has() {
    let sizes = size_of_run("ROOM_SIZES", 20).expect("a number of sizes");
    let folder = Folder::new();
    let Some(disk) = Disk::mount(folder.path().join("disk")) else {
        println!("no disk may be mounted here: nothing was tried");
        return;
    };
    let data = disk.0.join("data");
    let server = TestServer::start(&data, START);
    let mut chance = Chance::new(12);
    let floor = floor::found(&mut chance, START, |name, input| {
        server.app.system.call(&server.app, name, input)
    })
    .expect("an organisation");
    let file = folder.path().join("device.db");
    let device = Device::open(&file, None, Box::new(OsEntropy)).expect("a file");
    let host = server.url.trim_start_matches("http://");
    let code = server.invite(floor.operator).code;
    let mut client = Client::enrol(device, host, &code).expect("enrols");
    client.sync(START).expect("a first sync");
    let mut said = Said::default();
    let mut refused = 0;
    for number in 0..sizes {
        server.pass(60_000);
        let step = 200_u64
            .div_ceil(u64::try_from(sizes).expect("small"))
            .max(1)
            * STEP;
        let ballast = disk.leave(u64::try_from(number).expect("small") * step);
        let now = server.now();
        report(&mut client, now, &mut chance, &floor, &mut said);
        if let Err(error) = send(&mut client, now) {
            refused += 1;
            let told = error.to_string();
            assert!(
                told.contains("507") || told.contains("500"),
                "told as {told}"
            );
        }
        receipts_hold(&client, &data);
        std::fs::remove_file(ballast).expect("room again");
        send(&mut client, now).expect("by itself");
        said.arrived(&data.join("vigie.db"), true);
    }
    println!("{refused} of {sizes} times there was no room, and everything came afterwards");
    assert!(refused > sizes / 4, "there was no room {refused} times");
    drop(client);
    said.look_at_all(&file, "in the end");
    server.stop();
}

fn report(client: &mut Client, now: i64, chance: &mut Chance, floor: &Floor, said: &mut Said) {
    let (moment, device) = (Moment::utc(now), &mut client.device);
    let draft = floor::fill(device, moment, chance, floor, |_, _, _| Ok(())).expect("a draft");
    let photo = floor::photograph(device, moment, chance, draft, 300_000).expect("a photo");
    let report = floor::seal(device, moment, chance, draft).expect("a report");
    said.line(&format!(
        "attached {draft} {}",
        blob::hex(&blob::hash(&photo))
    ));
    said.sealed(draft, report);
}

fn send(client: &mut Client, now: i64) -> anyhow::Result<()> {
    client.sync(now)?;
    upload::all(client, now)?;
    Ok(())
}

/// Every report that this device has a receipt for is on the server, and every photo that it takes
/// for sent.
fn receipts_hold(client: &Client, data: &Path) {
    let store = rusqlite::Connection::open(data.join("vigie.db")).expect("the store");
    for (asked, kept) in [
        (
            "SELECT document FROM receipt",
            "SELECT EXISTS(SELECT 1 FROM document WHERE id = ?1)",
        ),
        (
            "SELECT hash FROM blob WHERE sent_at IS NOT NULL AND content IS NOT NULL",
            "SELECT EXISTS(SELECT 1 FROM blob WHERE hash = ?1)",
        ),
    ] {
        let mut statement = client.device.db().prepare(asked).expect("a list");
        let rows = statement
            .query_map([], |row| row.get::<_, Vec<u8>>(0))
            .expect("a list");
        for key in rows {
            let key = key.expect("a row");
            let kept: bool = store
                .query_row(kept, [key], |row| row.get(0))
                .expect("a row");
            assert!(kept, "said to be received and not kept: {asked}");
        }
    }
}
