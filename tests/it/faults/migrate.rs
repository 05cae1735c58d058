//! Files of the first version, brought to this one on a disk that fails: whatever stops it, opening
//! again finishes, and nothing is lost.

use std::path::Path;

use rusqlite::Connection;
use vigie_core::person::Role;
use vigie_core::store::open::sets;
use vigie_server::store::sqlite::MIGRATIONS;

use super::device::{self, Town, close};
use super::{Bench, Case, digest, server, try_all};
use crate::support::Folder;

#[test]
fn whatever_stops_it_a_first_device_s_file_becomes_one_of_this_version() {
    let mut town = Town::new();
    let mut one = town.device(Role::Operator);
    town.sync(&mut one);
    town.report(&mut one);
    town.sync(&mut one);
    town.report(&mut one);
    town.draft(&mut one);
    let bench = Bench {
        open: device::open,
        read: device::read,
        cases: vec![migrated(&close(one), begin_device, device::open)],
    };
    try_all(&bench, "device", None, None);
}

#[test]
fn whatever_stops_it_a_first_server_s_store_becomes_one_of_this_version() {
    let mut town = Town::new();
    let mut one = town.device(Role::Operator);
    town.sync(&mut one);
    town.report(&mut one);
    town.sync(&mut one);
    let today = server::stored(&mut town);
    let bench = Bench {
        open: server::open,
        read: server::read,
        cases: vec![migrated(&today, begin_store, server::open)],
    };
    try_all(&bench, "server", None, None);
}

/// The tables that a device's file began with.
fn begin_device(db: &Connection) {
    let counted = "CREATE TABLE migration(name TEXT PRIMARY KEY, step INTEGER NOT NULL) STRICT";
    db.execute_batch(counted).expect("a table");
    for (name, steps) in sets() {
        let Some(first) = steps.first() else { continue };
        db.execute_batch(first).expect("tables");
        let noted = db.execute("INSERT INTO migration VALUES(?1, 1)", [name]);
        noted.expect("noted");
    }
}

/// The tables that a store began with.
fn begin_store(db: &Connection) {
    db.execute_batch(MIGRATIONS[0]).expect("tables");
    db.pragma_update(None, "user_version", 1).expect("noted");
}

/// Opening a file of the first version that holds what one of today does; with a disk that works, it
/// becomes just that.
fn migrated<T>(
    today: &[u8],
    begin: fn(&Connection),
    open: fn(&Path) -> vigie_core::error::Result<T>,
) -> Case<T> {
    let folder = Folder::in_memory();
    let (new, old) = (folder.path().join("new.db"), folder.path().join("old.db"));
    std::fs::write(&new, today).expect("a file");
    let db = Connection::open(&old).expect("a file");
    db.pragma_update(None, "journal_mode", "WAL")
        .expect("as every file");
    begin(&db);
    fill(&db, &new);
    drop(db);
    let before = std::fs::read(&old).expect("a file");
    assert_ne!(digest(&old), digest(&new), "it is an older one");
    drop(open(&old).expect("the plain disk"));
    assert_eq!(
        digest(&old),
        digest(&new),
        "nothing is lost, and what is counted is right"
    );
    Case {
        name: "migrate",
        before: Some(before),
        opens: true,
        run: Box::new(|_, _| Ok(())),
    }
}

/// Fills the tables and columns that there are with what the other file holds in them.
fn fill(db: &Connection, from: &Path) {
    let path = from.to_str().expect("a path");
    db.execute("ATTACH ?1 AS today", [path]).expect("attached");
    let sql = "SELECT list.name, group_concat(column.name)
               FROM pragma_table_list AS list, pragma_table_info(list.name, 'main') AS column
               WHERE list.schema = 'main' AND list.type IN ('table', 'shadow')
                   AND list.name NOT LIKE 'sqlite_%' AND list.name <> 'migration'
               GROUP BY list.name";
    let mut statement = db.prepare(sql).expect("tables");
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    for table in tables.expect("tables") {
        let (table, columns): (String, String) = table.expect("a table");
        let copy = format!(
            "DELETE FROM main.{table};
             INSERT INTO main.{table}({columns}) SELECT {columns} FROM today.{table};"
        );
        db.execute_batch(&copy)
            .unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}
