//! Who has heard everything is answered without the store, and only then.

use super::World;
use crate::support::Phone;
use vigie_core::sync::machine::Cursors;
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
