//! Who has heard everything is answered without the store, and only then.

use std::io::{self, Write};

use serde_json::json;
use vigie_core::sync::frame;
use vigie_core::sync::machine::Cursors;
use vigie_core::sync::message::{PROTOCOL, Request, fingerprint};
use vigie_core::sync::push::Pusher;
use vigie_core::sync::store::Store as _;
use vigie_server::store::sqlite::exchange::Exchange;

use super::World;
use crate::support::{Browser, Phone};
use vigie_server::store::sqlite::Sqlite;

/// Whether the phone's next question is answered without the store.
fn quiet(world: &World, phone: &Phone, person: vigie_core::Id) -> bool {
    let question = phone.device.request(phone.now(), Cursors::Fingerprint);
    let question = question.expect("a request");
    let answer = world.server.app.nothing_new(phone.id, person, &question);
    answer.is_some()
}

#[test]
fn who_has_heard_everything_is_answered_without_the_store_until_something_is_new() {
    let world = World::new();
    let mut operator = world.server.enrol(world.operator);
    let mut lead = world.server.enrol(world.lead);
    assert!(
        !quiet(&world, &lead, world.lead),
        "a new device knows nothing"
    );
    for phone in [&mut operator, &mut lead] {
        phone.sync();
        phone.exchange(Cursors::Fingerprint);
    }
    assert!(quiet(&world, &lead, world.lead), "nothing is new");
    assert!(quiet(&world, &operator, world.operator), "for neither");

    operator.report(world.form, world.place, None);
    assert!(
        !quiet(&world, &operator, world.operator),
        "it brings something"
    );
    operator.sync();
    assert!(!quiet(&world, &lead, world.lead), "a report came");
    let told = lead.exchange(Cursors::Fingerprint);
    assert!(told.documents > 0, "and is told");
    lead.exchange(Cursors::Fingerprint);
    assert!(quiet(&world, &lead, world.lead), "all is heard again");

    // What happens elsewhere is nothing new here.
    let (site, place) = world.server.site("Ailleurs");
    assert!(
        !quiet(&world, &operator, world.operator),
        "the directory changed"
    );
    let stranger = world.server.person("basile", &["operator"], site);
    let mut stranger = world.server.enrol(stranger);
    for phone in [&mut operator, &mut stranger] {
        phone.sync();
        phone.exchange(Cursors::Fingerprint);
    }
    stranger.report(world.form, place, None);
    stranger.sync();
    assert!(
        quiet(&world, &operator, world.operator),
        "nothing is new here"
    );
}

#[test]
fn another_process_s_writing_and_a_minute_of_silence_are_looked_at() {
    let world = World::new();
    let mut lead = world.server.enrol(world.lead);
    lead.sync();
    lead.exchange(Cursors::Fingerprint);
    assert!(quiet(&world, &lead, world.lead), "nothing is new");
    let path = world.folder.path().join("vigie.db");
    let beside = Sqlite::open(&path, "", lead.now()).expect("the same store");
    beside.rename("Autre").expect("it writes");
    assert!(!quiet(&world, &lead, world.lead), "another process wrote");
    lead.exchange(Cursors::Fingerprint);
    assert!(quiet(&world, &lead, world.lead), "and was heard");
    world.server.pass(60_000);
    assert!(!quiet(&world, &lead, world.lead), "its contact is noted");
}

#[test]
fn browsers_are_not_remembered() {
    let world = World::new();
    let mut browser = Browser::sign_in(&world.server, world.operator);
    browser.call("directory.me", json!({}));
    browser.call("directory.me", json!({}));
    let devices = browser.call("account.devices", json!({}));
    let device = devices[0]["id"].as_str().expect("an id");
    let device = device.parse().expect("an id");
    let app = &world.server.app;
    let cursors = Exchange::new(&app.store).cursors(device);
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: world.server.now(),
        cursors: fingerprint(&cursors.expect("its cursors")),
        epoch: 1,
    };
    let question = frame::encode(&[hello]).expect("a question");
    let answer = app.nothing_new(device, world.operator, &question);
    assert!(answer.is_none(), "no browser ever asks so");
}

/// Takes an answer; the store breaks when it has ended.
struct Breaking(rusqlite::Connection);

impl Write for Breaking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Breaking {
    fn drop(&mut self) {
        let broken = self.0.execute_batch("ALTER TABLE seat RENAME TO seats");
        broken.expect("a table less");
    }
}

#[test]
fn an_answer_that_has_ended_is_not_failed_by_what_prepares_the_next() {
    let world = World::new();
    let mut lead = world.server.enrol(world.lead);
    lead.sync();
    // Forgets what it prepared already.
    world.server.site("Ailleurs");
    let question = lead.device.request(lead.now(), Cursors::Fingerprint);
    let pusher = Pusher {
        device: lead.id,
        persons: &[world.lead],
        system: false,
        now_ms: lead.now(),
    };
    let file = rusqlite::Connection::open(world.folder.path().join("vigie.db"));
    let out = Breaking(file.expect("the store's file"));
    let app = &world.server.app;
    let heard = app.hear(&pusher, &question.expect("a request"), out);
    let summary = heard.expect("the whole answer went out");
    assert!(summary.settled.is_some(), "and there was no more to tell");
    let broken = app.store.seat(world.lead);
    broken.expect_err("the store broke");
}

/// A device that is gone when it is answered.
struct Gone;

impl Write for Gone {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn what_was_received_is_told_to_others_when_its_answer_fails() {
    let world = World::new();
    let mut operator = world.server.enrol(world.operator);
    operator.sync();
    operator.report(world.form, world.place, None);
    let request = operator
        .device
        .request(operator.now(), Cursors::Fingerprint)
        .expect("a request");
    let app = &world.server.app;
    let (before, persons) = (app.news.sequence(), [world.operator]);
    let pusher = Pusher {
        device: operator.id,
        persons: &persons,
        system: false,
        now_ms: world.server.now(),
    };
    let told = app.exchange(&pusher, &request, Gone);
    assert!(told.is_err(), "nobody hears the answer");
    let since = app.news.since(before);
    let reports = since.iter().any(|scope| scope.starts_with("reports/"));
    assert!(reports, "the site's manager does: {since:?}");
}
