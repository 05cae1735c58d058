//! What a device is told of what left its scopes.

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

/// How many lines of each page say that a document left.
fn left(phone: &Phone, cursors: Cursors) -> Vec<usize> {
    let request = phone.device.request(phone.now(), cursors);
    let answer = phone.exchange_raw(request.expect("a request"));
    let bytes = answer.bytes().expect("the answer");
    let frames: Vec<Response> = frame::read_all(&bytes, 64 << 20, 100_000).expect("frames");
    frames
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
