//! A server restored from a backup that is older than what devices had sent: nothing is lost, nothing
//! is there twice, and nobody has to do anything.

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_server::Config;

use super::World;
use super::limits::falsely_given_back;
use crate::support::{Folder, Phone, TestServer, code_of, picture};
use vigie_core::sync::machine::{Ask, Cursors};

/// Backs the server up, lets time pass, and brings the backup back on an empty machine.
struct Disaster {
    copy: Folder,
    /// The empty machines.
    again: Vec<Folder>,
}

impl Disaster {
    fn back_up(world: &World) -> Self {
        let copy = Folder::new();
        let to = copy.path().join("copy");
        vigie_server::backup::backup(world.folder.path(), &to, world.server.now()).expect("copied");
        Self {
            copy,
            again: Vec::new(),
        }
    }

    fn strike(&mut self, server: TestServer, phones: &mut [&mut Phone]) -> TestServer {
        self.strike_with(server, phones, |_| {})
    }

    /// The same, on a server that is set up in another way.
    fn strike_with(
        &mut self,
        server: TestServer,
        phones: &mut [&mut Phone],
        set: impl FnOnce(&mut Config),
    ) -> TestServer {
        let now = server.now();
        server.stop();
        let machine = Folder::new();
        let data = machine.path().join("data");
        self.again.push(machine);
        let from = self.copy.path().join("copy");
        let restored = vigie_server::backup::restore(&from, &data, &[], now).expect("restored");
        assert!(restored.epoch > 1, "another epoch");
        let server = TestServer::start_with(&data, now.saturating_add(1000), set);
        for phone in phones {
            phone.follow(&server);
        }
        server
    }
}

fn open(phone: &mut Phone, report: Id) -> Value {
    phone.call("report.open", json!({ "id": report }))
}

fn listed(phone: &mut Phone) -> u64 {
    let filter = json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    });
    phone.call("report.list", filter)["total"]
        .as_u64()
        .expect("a number")
}

fn said(report: &Value) -> Vec<&str> {
    let timeline = report["timeline"].as_array().expect("a list");
    timeline
        .iter()
        .filter_map(|entry| entry["text"].as_str())
        .collect()
}

#[test]
fn what_a_restored_server_no_longer_knows_is_given_back() {
    let world = World::new();
    let (mut operator, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    operator.sync();
    let before = operator.report(world.form, world.place, Some(&picture(3, 5000)));
    operator.sync();
    lead.sync();
    let mut disaster = Disaster::back_up(&world);
    let photo = picture(4, 6000);
    let after = operator.report(world.form, world.place, Some(&photo));
    operator.sync();
    lead.sync();
    for (report, words) in [(before, "Vu avant."), (after, "Vu après.")] {
        lead.call("report.comment", json!({ "id": report, "text": words }));
    }
    lead.sync();
    operator.sync();
    assert_eq!(
        said(&open(&mut operator, after)),
        ["Vu après."],
        "all is well"
    );
    let first_receipt = open(&mut operator, after)["receipt"]["received_at"].clone();

    let server = disaster.strike(world.server, &mut [&mut operator, &mut lead]);
    // Written after the disaster, on a report that the server does not know yet.
    lead.call(
        "report.comment",
        json!({ "id": after, "text": "Toujours là." }),
    );
    for _ in 0..4 {
        let told = lead.exchange(Cursors::Fingerprint);
        if told.resend_cursors {
            lead.exchange(Cursors::All);
        }
    }
    assert!(
        lead.device.waiting().expect("a count") > 0,
        "what builds on another's lost work waits"
    );
    let health = lead.call("sync.health", json!({}));
    assert_eq!(health["refused"], json!([]), "and is not refused");
    operator.sync();
    lead.sync();
    operator.sync();

    let mut fresh = server.enrol(world.lead);
    fresh.sync();
    assert_eq!(listed(&mut fresh), 2, "each report once");
    assert_eq!(said(&open(&mut fresh, before)), ["Vu avant."]);
    assert_eq!(
        said(&open(&mut fresh, after)),
        ["Vu après.", "Toujours là."],
        "and all that was said"
    );
    let hash = vigie_core::store::blob::hash(&photo);
    let fetched = fresh.fetch(&hash);
    assert_eq!(fetched.bytes().expect("content"), photo, "its photo too");
    let mine = open(&mut operator, after);
    assert_eq!(mine["receipt"]["valid"], true, "signed for again: {mine}");
    assert_eq!(
        mine["receipt"]["received_at"], first_receipt,
        "for the day when it came"
    );
    assert_eq!(
        mine["row"]["custody"],
        open(&mut operator, before)["row"]["custody"]
    );
    assert_quiet(&mut operator);
    assert_quiet(&mut lead);
}

/// Nothing was refused, nothing waits.
fn assert_quiet(phone: &mut Phone) {
    let health = phone.call("sync.health", json!({}));
    assert_eq!(health["refused"], json!([]), "nothing was refused");
    assert_eq!(health["waiting"], json!([]), "nothing waits");
}

#[test]
fn a_restored_server_that_knows_everything_is_given_nothing() {
    let world = World::new();
    let mut operator = world.server.enrol(world.operator);
    operator.sync();
    let report = operator.report(world.form, world.place, Some(&picture(3, 5000)));
    operator.sync();
    let mut disaster = Disaster::back_up(&world);
    let _server = disaster.strike(world.server, &mut [&mut operator]);
    let exchanges = operator.exchanges;
    operator.sync();
    assert_eq!(
        operator.exchanges - exchanges,
        1,
        "it is told everything at once"
    );
    let second = operator.report(world.form, world.place, None);
    operator.sync();
    for report in [report, second] {
        assert_eq!(open(&mut operator, report)["receipt"]["valid"], true);
    }
}

#[test]
fn the_same_backup_restored_twice_loses_nothing_either() {
    let world = World::new();
    let mut operator = world.server.enrol(world.operator);
    operator.sync();
    let mut disaster = Disaster::back_up(&world);
    let report = operator.report(world.form, world.place, None);
    operator.sync();
    let (lead, form, place) = (world.lead, world.form, world.place);
    let server = disaster.strike(world.server, &mut [&mut operator]);
    operator.sync();
    let second = operator.report(form, place, None);
    operator.sync();
    let server = disaster.strike(server, &mut [&mut operator]);
    operator.sync();
    let mut fresh = server.enrol(lead);
    fresh.sync();
    assert_eq!(listed(&mut fresh), 2, "each report once");
    for report in [report, second] {
        assert_eq!(open(&mut operator, report)["receipt"]["valid"], true);
        open(&mut fresh, report);
    }
    assert_quiet(&mut operator);
}

#[test]
fn what_is_given_back_counts_towards_no_day_and_what_only_claims_to_be_does() {
    let world = World::new();
    let mut operator = world.server.enrol(world.operator);
    operator.sync();
    let mut disaster = Disaster::back_up(&world);
    let report = operator.report(world.form, world.place, None);
    operator.sync();
    let server = disaster.strike_with(world.server, &mut [&mut operator], |config| {
        config.limits.person_pushes = 5;
    });
    operator.sync();
    assert_quiet(&mut operator);
    let mut fresh = server.enrol(world.lead);
    fresh.sync();
    open(&mut fresh, report);
    let answer = operator.exchange_raw(falsely_given_back(&operator, world.operator, 6));
    assert_eq!(code_of(answer), "too-many-tries", "six, but five a day");
}

#[test]
fn what_comes_too_early_lets_the_rest_pass() {
    let world = World::new();
    let (mut operator, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    operator.sync();
    let before = operator.report(world.form, world.place, None);
    operator.sync();
    let mut disaster = Disaster::back_up(&world);
    let after = operator.report(world.form, world.place, None);
    operator.sync();
    lead.sync();
    let server = disaster.strike(world.server, &mut [&mut operator, &mut lead]);
    for words in ["Toujours là.", "Et encore.", "Puis la fin."] {
        lead.call("report.comment", json!({ "id": after, "text": words }));
    }
    lead.call("report.comment", json!({ "id": before, "text": "Vu." }));
    let mut cursors = Cursors::Fingerprint;
    for _ in 0..8 {
        // A request holds but one of them; the first is of a report that only the operator's device
        // can give back.
        let told = lead.exchange(Ask {
            cursors,
            push_bytes: 1,
        });
        cursors = Cursors::after(told.resend_cursors);
    }
    let mut fresh = server.enrol(world.lead);
    fresh.sync();
    assert_eq!(said(&open(&mut fresh, before)), ["Vu."], "it has arrived");
    let waiting = lead.device.waiting().expect("a count");
    assert_eq!(waiting, 3, "the others wait");
    operator.sync();
    lead.sync();
    assert_quiet(&mut lead);
    fresh.sync();
    assert_eq!(
        said(&open(&mut fresh, after)),
        ["Toujours là.", "Et encore.", "Puis la fin."],
        "and arrive in their order, once their report is there"
    );
}
