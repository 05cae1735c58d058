//! Devices that are killed while they save, seal, send and fetch.

use std::path::Path;

use vigie_core::Device;
use vigie_core::device::Enrolment;
use vigie_core::store::blob;
use vigie_server::entropy::OsEntropy;
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::upload;
use vigie_tests::wire::Client;

use super::{Death, Fallen, Victim, doom, lives};
use crate::support::{Folder, START, Said, TestServer};

/// What it says that it begins.
const PHASES: [&str; 7] = ["ready", "save", "attach", "seal", "push", "pull", "upload"];

/// Kills of one file.
const LIFE: usize = 35;

#[test]
fn a_device_killed_at_any_moment_keeps_all_that_it_said_was_safe() {
    lives("DEVICE_KILLS", 350, LIFE, |seed, kills| {
        let folder = Folder::in_memory();
        let server = TestServer::start(&folder.path().join("server"), START);
        let mut chance = Chance::new(seed);
        let floor = floor::found(&mut chance, START, |name, input| {
            server.app.system.call(&server.app, name, input)
        })
        .expect("an organisation");
        let file = folder.path().join("device.db");
        let token = enrolled(&server, &floor, &file);
        let mut fallen = Fallen::default();
        let mut said = Said::default();
        for round in 0..kills {
            let phase = one(&server, &floor, &file, &token, &mut chance, &mut said);
            fallen.count(&phase);
            said.look(&file, &format!("life {seed}, kill {round} in {phase}"));
            // Nobody is told to wait.
            server.pass(20_000);
        }
        said.look_at_all(&file, &format!("life {seed}"));
        let device = Device::open(&file, None, Box::new(OsEntropy)).expect("opens");
        let mut client = Client::resume(device, address(&server), &token);
        client.sync(server.now()).expect("syncs");
        server.pass(20_000);
        upload::all(&mut client, server.now()).expect("its photos");
        said.arrived(&folder.path().join("server/vigie.db"), true);
        fallen
    });
}

fn address(server: &TestServer) -> &str {
    server.url.trim_start_matches("http://")
}

/// A device file with the form and the places on it; its token.
fn enrolled(server: &TestServer, floor: &Floor, file: &Path) -> String {
    let told = server.enrolled(floor.operator);
    let mut device = Device::open(file, None, Box::new(OsEntropy)).expect("a file");
    let text = |name: &str| told[name].as_str().expect(name).to_owned();
    device
        .enrol(&Enrolment {
            device: text("device").parse().expect("an id"),
            org: text("org"),
            seat: serde_json::from_value(told["seat"].clone()).expect("a seat"),
            server_key: blob::parse_hex(&text("server_key")).expect("a key"),
        })
        .expect("enrols");
    let mut client = Client::resume(device, address(server), &text("token"));
    client.sync(server.now()).expect("a first sync");
    client.token
}

/// One life of a process; what it was doing when it was killed.
fn one(
    server: &TestServer,
    floor: &Floor,
    file: &Path,
    token: &str,
    chance: &mut Chance,
    said: &mut Said,
) -> String {
    let (form, place) = (floor.form.to_string(), floor.places[0].to_string());
    let (seed, clock) = (chance.bits().to_string(), server.now().to_string());
    let path = file.to_str().expect("a path");
    let arguments = [
        "device",
        path,
        &form,
        &place,
        &seed,
        address(server),
        token,
        &clock,
    ];
    let mut victim = Victim::start(&arguments);
    let mut death = Death::draw(chance, &PHASES, 15_000);
    let mut killer = None;
    let id = victim.0.id();
    let mut phase = "start".to_owned();
    for line in victim.lines(|line| {
        if line
            .strip_prefix("phase ")
            .is_some_and(|phase| death.comes(phase))
        {
            killer = Some(doom(id, death.after));
        }
    }) {
        match line.strip_prefix("phase ") {
            Some(now) => now.clone_into(&mut phase),
            None => said.line(&line),
        }
    }
    killer.expect("it came so far").join().expect("killed");
    phase
}
