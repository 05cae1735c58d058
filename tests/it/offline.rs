//! Ninety days without network, then one sync. `OFFLINE_EVENTS=5000` is the long run, which must take
//! less than a minute without the photos.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

use std::time::Instant;

use serde_json::{Value, json};
use vigie_core::store::blob;
use vigie_core::{Device, Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::upload;
use vigie_tests::wire::Client;

use crate::support::{Folder, START, TestServer, size_of_run};

/// How long the device is away.
const DAYS: usize = 90;
const DAY_MS: i64 = 86_400_000;
/// Events of a report with a photo: begun, six answers, the photo, sealed in three documents.
const EVENTS_EACH: usize = 11;

fn client(server: &TestServer, person: Id) -> Client {
    let file = vigie_core::store::open::memory().expect("memory");
    let device = Device::new(file, Box::new(OsEntropy));
    let code = server.invite(person).code;
    let host = server.url.trim_start_matches("http://");
    let mut client = Client::enrol(device, host, &code).expect("enrols");
    client.sync(server.now()).expect("a first sync");
    client
}

fn call(client: &mut Client, now: i64, name: &str, input: Value) -> Value {
    let reply = client.device.call(Moment::utc(now), None, name, input);
    reply
        .unwrap_or_else(|error| panic!("`{name}`: {error}"))
        .output
}

fn report(client: &mut Client, now: i64, chance: &mut Chance, floor: &Floor) -> Id {
    let (moment, device) = (Moment::utc(now), &mut client.device);
    let draft = floor::fill(device, moment, chance, floor, |_, _, _| Ok(())).expect("a draft");
    let size = 4_000 + chance.below(8_000);
    floor::photograph(device, moment, chance, draft, size).expect("a photo");
    floor::seal(device, moment, chance, draft).expect("a report")
}

#[test]
fn after_ninety_days_without_network_one_sync_brings_everything_and_forces_nothing() {
    let events = size_of_run("OFFLINE_EVENTS", 300).expect("a number of events");
    let folder = Folder::in_memory();
    let server = TestServer::start(&folder.path().join("data"), START);
    let mut chance = Chance::new(90);
    let floor = floor::found(&mut chance, START, |name, input| {
        server.app.system.call(&server.app, name, input)
    })
    .expect("an organisation");
    let mut away = client(&server, floor.operator);
    let shared: Vec<Id> = (0..9)
        .map(|_| report(&mut away, START, &mut chance, &floor))
        .collect();
    away.sync(START).expect("sent before");
    upload::all(&mut away, START).expect("with the photos");
    let mut lead = client(&server, floor.lead);

    let reports = live(
        &server,
        &mut away,
        &mut lead,
        &mut chance,
        &floor,
        &shared,
        events,
    );
    let waiting = away.device.waiting().expect("a count");
    let photos = photos(&mut away, &server, waiting, events);
    lead.sync(server.now()).expect("syncs");
    assert_eq!(photos, reports.len(), "a photo each");
    for report in &reports {
        call(
            &mut lead,
            server.now(),
            "report.open",
            json!({ "id": report }),
        );
    }
    for report in &shared {
        for one in [&mut away, &mut lead] {
            let opened = call(one, server.now(), "report.open", json!({ "id": report }));
            let said = opened["timeline"].as_array().expect("a list");
            let said: Vec<&str> = said
                .iter()
                .filter_map(|entry| entry["text"].as_str())
                .collect();
            assert!(
                said.contains(&"Loin du réseau"),
                "what was said far away: {said:?}"
            );
            assert!(said.contains(&"Au bureau"), "and here: {said:?}");
        }
    }
}

/// Three months on both sides, into another year; the reports made without network.
fn live(
    server: &TestServer,
    away: &mut Client,
    lead: &mut Client,
    chance: &mut Chance,
    floor: &Floor,
    shared: &[Id],
    events: usize,
) -> Vec<Id> {
    let mut reports = Vec::new();
    for day in 1..=DAYS {
        server.pass(DAY_MS);
        let now = server.now();
        while reports.len() * EVENTS_EACH * DAYS < events * day {
            reports.push(report(away, now, chance, floor));
        }
        if day % 10 == 0 {
            let report = shared[day / 10 - 1];
            let said = |text: &str| json!({ "id": report, "text": text });
            call(away, now, "report.comment", said("Loin du réseau"));
            call(lead, now, "report.comment", said("Au bureau"));
            lead.sync(now).expect("syncs");
        }
        if day == 30 {
            let source = floor::FORM.replacen("label.fr = \"", "label.fr = \"Dis : ", 1);
            server.system(
                "form.publish",
                json!({ "slug": "near-miss", "source": source }),
            );
        }
    }
    reports
}

/// The one sync: the text, then the photos; how many there were.
fn photos(away: &mut Client, server: &TestServer, waiting: u64, events: usize) -> usize {
    let begun = Instant::now();
    let cost = away.sync(server.now()).expect("one session");
    let text = begun.elapsed();
    let refused: i64 = away
        .device
        .db()
        .query_row("SELECT count(*) FROM refused", [], |row| row.get(0))
        .expect("a count");
    assert_eq!(refused, 0, "nothing is refused");
    let begun = Instant::now();
    let mut photos = 0;
    while let Some((hash, _)) = blob::to_send(away.device.db()).expect("a list").first() {
        server.pass(1_000);
        upload::one(away, hash, server.now()).expect("a photo");
        photos += 1;
    }
    println!(
        "{DAYS} days offline: {waiting} events in {:.1} s, {} round trips, {} bytes; {photos} photos in {:.1} s",
        text.as_secs_f64(),
        cost.round_trips,
        cost.bytes,
        begun.elapsed().as_secs_f64()
    );
    let waiting = usize::try_from(waiting).expect("small");
    assert!(waiting >= events, "{waiting} events waited");
    if events >= 5_000 {
        assert!(text.as_secs() < 60, "a minute is enough: {text:?}");
    }
    photos
}
