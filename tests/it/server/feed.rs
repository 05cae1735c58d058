//! What a device is told: what left its scopes, in which order, and what others write at the same time.

use std::sync::Barrier;
use std::thread;

use serde_json::json;
use vigie_core::sync::frame;
use vigie_core::sync::machine::Cursors;
use vigie_core::sync::message::Response;
use vigie_core::sync::store::Store as _;
use vigie_server::entropy;
use vigie_server::store::sqlite::exchange::Exchange;

use super::World;
use crate::support::Phone;

/// How many documents leave.
const MANY: usize = 2500;

/// The frames that a phone is told.
fn told(phone: &Phone, cursors: Cursors) -> Vec<Response> {
    let request = phone.device.request(phone.now(), cursors);
    let answer = phone.exchange_raw(request.expect("a request"));
    let bytes = answer.bytes().expect("the answer");
    frame::read_all(&bytes, 64 << 20, 100_000).expect("frames")
}

/// How many lines of each page say that a document left.
fn left(phone: &Phone, cursors: Cursors) -> Vec<usize> {
    told(phone, cursors)
        .split_inclusive(|frame| matches!(frame, Response::Page { .. }))
        .map(|page| {
            let gone = |frame: &&Response| matches!(frame, Response::Gone { .. });
            page.iter().filter(gone).count()
        })
        .collect()
}

#[test]
fn what_left_a_scope_is_told_in_pages_and_only_to_who_was_there() {
    let world = World::new();
    let (mut lead, newcomer) = (
        world.server.enrol(world.lead),
        world.server.enrol(world.lead),
    );
    lead.sync();
    let mut store = Exchange::new(&world.server.app.store);
    store.begin(1).expect("begins");
    for _ in 0..MANY {
        let gone = entropy::id(world.server.now());
        store.displace("directory", gone).expect("leaves");
    }
    store.commit().expect("commits");
    drop(store);

    let told = left(&lead, Cursors::All);
    assert_eq!(told.iter().sum::<usize>(), MANY, "who held them hears it");
    assert!(
        told.iter().all(|count| *count <= 1000),
        "as many in a page as of documents: {told:?}"
    );
    let told = left(&newcomer, Cursors::All);
    assert_eq!(told.iter().sum::<usize>(), 0, "who never had them does not");
}

#[test]
fn what_everybody_works_with_is_told_first_then_all_sites_by_time() {
    let world = World::new();
    let (site, place) = world.server.site("Brest");
    let other = world.server.person("anna", &["operator"], site);
    let mut operators = [
        (world.server.enrol(world.operator), world.place),
        (world.server.enrol(other), place),
    ];
    for (phone, _) in &mut operators {
        phone.sync();
    }
    for _ in 0..6 {
        world.server.pass(60_000);
        for (phone, place) in &mut operators {
            phone.report(world.form, *place, None);
        }
    }
    for (phone, _) in &mut operators {
        phone.sync();
    }
    let lead = world.server.enrol(world.lead);
    let told: Vec<(String, vigie_core::Id)> = told(&lead, Cursors::All)
        .into_iter()
        .filter_map(|frame| {
            let Response::Document { kind, id, .. } = frame else {
                return None;
            };
            Some((kind, id))
        })
        .collect();
    let stream = |kind: &str| ["report", "reporter"].contains(&kind);
    let first = told.iter().position(|(kind, _)| stream(kind));
    let (before, after) = told.split_at(first.expect("reports"));
    for kind in ["site", "person", "form"] {
        assert!(before.iter().any(|(one, _)| one == kind), "{kind} first");
    }
    assert!(after.iter().all(|(kind, _)| stream(kind)), "{after:?}");
    assert_eq!(after.len(), 24, "of both sites");
    let minutes = after.is_sorted_by_key(|(_, id)| id.as_bytes().first_chunk::<6>());
    assert!(minutes, "by time, which ids begin with: {after:?}");
}

/// Between the commit of somebody's word and what they are told, somebody else's is committed: they are
/// told of it, although they have just written in the same document.
#[test]
fn who_write_in_a_document_at_once_hear_of_each_other() {
    let world = World::new();
    let mut operator = world.server.enrol(world.operator);
    operator.sync();
    let report = operator.report(world.form, world.place, None);
    operator.sync();
    let mut lead = world.server.enrol(world.lead);
    lead.sync();
    let mut both = [operator, lead];
    let start = Barrier::new(both.len());
    for round in 1..=50_usize {
        thread::scope(|scope| {
            for phone in &mut both {
                let start = &start;
                scope.spawn(move || {
                    let words = format!("Mot {round}");
                    phone.call("report.comment", json!({ "id": report, "text": words }));
                    start.wait();
                    phone.sync();
                });
            }
        });
        for phone in &mut both {
            phone.sync();
            let view = phone.call("report.open", json!({ "id": report }));
            assert_eq!(view["row"]["comments"], 2 * round, "in round {round}");
        }
    }
}
