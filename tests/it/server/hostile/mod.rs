//! Devices with a valid token that lie: each lie is refused by name, kept where a person could have
//! typed it, and changes nothing for anybody else.

mod blobs;
mod bombs;
mod frames;
mod pushes;

use rusqlite::params;
use vigie_core::Id;

use super::World;

/// An honest device still syncs, with everything, and is heard.
fn goes_on(world: &World) {
    let mut honest = world.server.enrol(world.operator);
    honest.sync();
    let report = honest.report(world.form, world.place, None);
    honest.sync();
    assert_eq!(honest.device.waiting().expect("a count"), 0, "all was sent");
    let mut lead = world.server.enrol(world.lead);
    lead.sync();
    lead.call("report.open", serde_json::json!({ "id": report }));
}

/// Why the push lies in quarantine, if it does.
fn quarantined(world: &World, push: Id) -> Option<String> {
    let db = rusqlite::Connection::open(world.folder.path().join("vigie.db")).expect("the store");
    db.query_row(
        "SELECT code FROM quarantine WHERE push = ?1",
        params![push],
        |row| row.get(0),
    )
    .ok()
}

/// How many rows a table of the store has.
fn rows(world: &World, table: &str) -> i64 {
    let db = rusqlite::Connection::open(world.folder.path().join("vigie.db")).expect("the store");
    let sql = format!("SELECT count(*) FROM {table}");
    db.query_row(&sql, [], |row| row.get(0)).expect("a count")
}
