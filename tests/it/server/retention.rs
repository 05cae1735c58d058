//! How long things are kept, by a clock that is moved.

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_server::{erase, retention};

use super::World;
use crate::support::Phone;
use vigie_core::sync::machine::Cursors;

const DAY: i64 = 86_400_000;

fn set(world: &World, kind: &str, rule: &str) {
    let rule = rule.parse().expect("a rule");
    retention::set(&world.server.app, kind, Some(rule), "tests").expect("set");
}

fn is_here(world: &World, id: Id) -> bool {
    let found = world.server.app.store.candidate(id).expect("read");
    found.is_some()
}

fn close(lead: &mut Phone, report: Id) {
    lead.call(
        "report.close",
        json!({ "id": report, "answer": "Réparé.", "outcome": "done" }),
    );
    lead.sync();
}

fn reporter_of(world: &World, report: Id) -> Id {
    let stored = world.server.app.store.candidate(report).expect("read");
    let view = erase::view(&stored.expect("there").body).expect("a view");
    view["reporter"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id")
}

#[test]
fn who_made_a_report_is_forgotten_a_while_after_its_closure() {
    let world = World::new();
    let (mut author, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    author.sync();
    let [closed, open, held] = ["Clos", "Ouvert", "Tenu"]
        .map(|words| author.report_saying(world.form, world.place, words, None));
    author.sync();
    lead.sync();
    close(&mut lead, closed);
    close(&mut lead, held);
    let reporters = [closed, open, held].map(|report| reporter_of(&world, report));
    erase::hold(&world.server.app, held, true, "tests").expect("held");
    set(&world, "reporter", "60d-after-closure");
    let run = || retention::run(&world.server.app).expect("it runs");
    world.server.pass(59 * DAY);
    assert_eq!(run().documents, 0, "not yet");
    lead.call(
        "report.comment",
        json!({ "id": closed, "text": "Encore un mot." }),
    );
    lead.sync();
    world.server.pass(2 * DAY);
    assert_eq!(run().documents, 0, "something was said since");
    world.server.pass(60 * DAY);
    assert_eq!(run().documents, 2, "who made it, and their draft of it");
    assert_eq!(
        reporters.map(|id| is_here(&world, id)),
        [false, true, true],
        "of what is closed and not held"
    );
    lead.sync();
    let seen = lead.call("report.open", json!({ "id": closed }));
    assert_eq!(seen["reporter"], Value::Null, "on devices too");
    assert!(is_here(&world, closed), "the report stays");
    assert_eq!(run().documents, 0, "and once is enough");
}

#[test]
fn nothing_is_erased_by_itself_but_what_is_of_no_use_any_more() {
    let world = World::new();
    let (mut author, mut lead) = (
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    );
    author.sync();
    let report = author.report_saying(world.form, world.place, "Gardé", None);
    author.sync();
    lead.sync();
    close(&mut lead, report);
    let forged = super::forged::refused_push(&world, &author);
    let app = &world.server.app;
    assert!(
        app.store.is_quarantined(forged).expect("read"),
        "in quarantine"
    );
    world.server.pass(179 * DAY);
    erase::chores(app).expect("done");
    assert!(
        app.store.is_quarantined(forged).expect("read"),
        "for 180 days"
    );
    world.server.pass(2 * DAY);
    erase::chores(app).expect("done");
    assert!(
        !app.store.is_quarantined(forged).expect("read"),
        "and no longer"
    );
    world.server.pass(2000 * DAY);
    erase::chores(app).expect("done");
    assert!(
        is_here(&world, report),
        "a report is kept until somebody says otherwise"
    );
    assert!(
        is_here(&world, reporter_of(&world, report)),
        "and its author"
    );
}

#[test]
fn a_push_that_comes_again_after_its_outcome_was_forgotten_is_there_once() {
    let world = World::new();
    let mut author = world.server.enrol(world.operator);
    author.sync();
    let report = author.report_saying(world.form, world.place, "Une fois", None);
    // The answer to this request is lost, for more than a year.
    let request = author
        .device
        .request(author.now(), Cursors::Fingerprint)
        .expect("a request");
    assert_eq!(author.exchange_raw(request).status(), 200);
    let changes = |world: &World| world.server.app.store.counts().expect("counts");
    let before = changes(&world);
    world.server.pass(401 * DAY);
    let swept = retention::run(&world.server.app).expect("it runs");
    assert!(swept.lines > 0, "outcomes were forgotten");
    author.sync();
    assert_eq!(changes(&world), before, "not a line more");
    let seen = author.call("report.open", json!({ "id": report }));
    assert_eq!(seen["receipt"]["valid"], true, "received, once");
}

#[test]
fn rules_are_said_as_they_are_read_and_only_where_they_mean_something() {
    let world = World::new();
    let app = &world.server.app;
    for text in ["60d-after-closure", "1d-after-creation"] {
        let rule: retention::Rule = text.parse().expect("a rule");
        assert_eq!(rule.to_string(), text);
    }
    for text in [
        "",
        "60",
        "d-after-closure",
        "60d-after-lunch",
        "-1d-after-creation",
    ] {
        assert!(text.parse::<retention::Rule>().is_err(), "`{text}`");
    }
    let rule: retention::Rule = "60d-after-closure".parse().expect("a rule");
    for kind in ["person", "site", "form", "nothing", "memory", "quarantine"] {
        assert!(
            retention::set(app, kind, Some(rule), "tests").is_err(),
            "`{kind}` never comes to an end"
        );
    }
    retention::set(app, "report", Some(rule), "tests").expect("set");
    assert_eq!(app.store.retention().expect("rules").len(), 1);
    retention::set(app, "report", None, "tests").expect("taken away");
    assert!(app.store.retention().expect("rules").is_empty());
}
