//! What an operator reports reaches a lead, is signed for, and outlives the server.

use std::time::Duration;

use serde_json::json;

use super::World;
use crate::support::{TestServer, picture};
use vigie_core::sync::machine::Cursors;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_report_reaches_the_lead_with_a_receipt_that_holds() {
    let world = World::new();
    let (mut operator, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    operator.sync();
    lead.sync();
    let report = operator.report(world.form, world.place, None);
    operator.sync();
    let mine = operator.call("report.open", json!({ "id": report }));
    assert_eq!(
        mine["receipt"]["valid"], true,
        "the receipt is the server's: {mine}"
    );
    assert_eq!(mine["row"]["custody"], "received", "and the report says so");
    lead.sync();
    let seen = lead.call("report.open", json!({ "id": report }));
    assert_eq!(
        seen["answers"]["words"], "De l’huile sous la presse",
        "word for word"
    );
    assert_eq!(seen["row"]["mine"], false, "not the lead's own");
}

#[test]
fn what_the_lead_answers_comes_back_to_the_author() {
    let world = World::new();
    let (mut operator, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    operator.sync();
    let report = operator.report(world.form, world.place, None);
    operator.sync();
    lead.sync();
    lead.call(
        "report.close",
        json!({ "id": report, "outcome": "done", "answer": "Joint changé ce matin." }),
    );
    lead.sync();
    operator.sync();
    let mine = operator.call("report.open", json!({ "id": report }));
    assert_eq!(mine["row"]["status"], "closed", "closed: {mine}");
}

#[test]
fn a_colleague_does_not_see_the_report() {
    let world = World::new();
    let colleague = world.server.person("sophie", &["operator"], world.site);
    let (mut operator, mut other) = (
        world.server.enrol(world.operator),
        world.server.enrol(colleague),
    );
    operator.sync();
    let png = picture(1, 3000);
    operator.report(world.form, world.place, Some(&png));
    operator.sync();
    other.sync();
    let filter = json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    });
    let list = other.call("report.list", filter);
    assert_eq!(list["total"], 0, "nothing arrived: {list}");
    let hash = vigie_core::store::blob::hash(&png);
    assert_eq!(
        other.fetch(&hash).status(),
        404,
        "nor may the photo be fetched"
    );
}

#[test]
fn news_is_told_to_whoever_it_concerns() {
    let world = World::new();
    let colleague = world.server.person("sophie", &["operator"], world.site);
    let (mut operator, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    let mut other = world.server.enrol(colleague);
    for phone in [&mut operator, &mut lead, &mut other] {
        phone.sync();
    }
    let (to_lead, to_other) = (lead.listen(), other.listen());
    for events in [&to_lead, &to_other] {
        assert_eq!(
            events.recv_timeout(SOON).expect("at once"),
            "news {}",
            "when it begins"
        );
    }
    operator.report(world.form, world.place, None);
    operator.sync();
    assert_eq!(
        to_lead.recv_timeout(SOON).expect("news"),
        "news {}",
        "the lead has news"
    );
    assert!(
        to_other.recv_timeout(Duration::from_millis(800)).is_err(),
        "a colleague has none"
    );
}

#[test]
fn a_restart_keeps_everything() {
    let world = World::new();
    let World {
        server,
        folder,
        place,
        lead,
        operator,
        form,
        ..
    } = world;
    let (mut phone, mut desk) = (server.enrol(operator), server.enrol(lead));
    phone.sync();
    let first = phone.report(form, place, Some(&picture(2, 5000)));
    phone.sync();
    let now = server.now();
    server.stop();
    let server = TestServer::start(folder.path(), now + 1000);
    phone.follow(&server);
    desk.follow(&server);
    desk.sync();
    let seen = desk.call("report.open", json!({ "id": first }));
    assert_eq!(
        seen["row"]["photos"], 1,
        "the report with its photo: {seen}"
    );
    let second = phone.report(form, place, None);
    phone.sync();
    desk.sync();
    desk.call("report.open", json!({ "id": second }));
    let mine = phone.call("report.open", json!({ "id": second }));
    assert_eq!(mine["receipt"]["valid"], true, "the key is the same");
}

#[test]
fn nothing_new_costs_one_request_of_a_few_bytes() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    for _ in 0..20 {
        phone.report(world.form, world.place, None);
    }
    phone.sync();
    let before = phone.exchanges;
    phone.sync();
    assert_eq!(phone.exchanges - before, 1, "one round trip");
    assert!(
        phone.request_bytes < 64,
        "{} bytes asked",
        phone.request_bytes
    );
    assert!(
        phone.answer_bytes < 64,
        "{} bytes answered",
        phone.answer_bytes
    );
}

#[test]
fn a_push_whose_answer_was_lost_is_kept_once() {
    let world = World::new();
    let (mut phone, mut desk) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    phone.sync();
    let report = phone.report(world.form, world.place, None);
    let request = phone
        .device
        .request(phone.now(), Cursors::Fingerprint)
        .expect("a request");
    for _ in 0..3 {
        assert_eq!(
            phone.exchange_raw(request.clone()).status(),
            200,
            "kept, but never heard"
        );
    }
    phone.sync();
    let mine = phone.call("report.open", json!({ "id": report }));
    assert_eq!(mine["receipt"]["valid"], true, "the same receipt");
    desk.sync();
    let filter = json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    });
    assert_eq!(desk.call("report.list", filter)["total"], 1, "once");
}

#[test]
fn reports_pushed_at_the_same_time_all_arrive() {
    let world = World::new();
    let mut lead = world.server.enrol(world.lead);
    let phones: Vec<_> = (0..8).map(|_| world.server.enrol(world.operator)).collect();
    std::thread::scope(|scope| {
        for mut phone in phones {
            let (form, place) = (world.form, world.place);
            scope.spawn(move || {
                phone.sync();
                for _ in 0..5 {
                    phone.report(form, place, None);
                    phone.sync();
                }
            });
        }
        // A reader that is busy while they write must not skip a late committer.
        for _ in 0..20 {
            lead.sync();
        }
    });
    lead.sync();
    let filter = json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 100, "offset": 0,
    });
    assert_eq!(
        lead.call("report.list", filter)["total"],
        40,
        "none was skipped"
    );
}
