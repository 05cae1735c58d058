//! What leaves the device's file for good, bytes included.
//!
//! A document that was erased for everyone, or what the server has when the device is revoked. SQLite
//! overwrites what it deletes (`secure_delete`), the search is written anew, the journal is emptied.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use crate::document::Document;
use crate::error::Result;
use crate::feature::{Kind, kind};
use crate::id::Id;
use crate::person::{Seat, scope};
use crate::store::{document, setting};

/// The journal is emptied within this, or another time.
const JOURNAL_PATIENCE: Duration = Duration::from_millis(250);

/// Removes documents wholly, wherever they lie in the file.
///
/// # Errors
/// When the file cannot be written; then nothing of it was.
pub fn documents(db: &Connection, ids: &[Id]) -> Result<()> {
    let tx = db.unchecked_transaction()?;
    for id in ids {
        document(&tx, *id)?;
    }
    search(&tx)?;
    tx.commit()?;
    journal(db)
}

/// Removes a document wholly: also what waits to be sent, what was refused, photos that nothing else
/// names, and what commands answered about it. Its kind, where anything of it was here.
///
/// # Errors
/// When the file cannot be written.
pub fn document(db: &Connection, id: Id) -> Result<Option<&'static Kind>> {
    let name: Option<String> = db
        .prepare_cached(
            "SELECT kind FROM document WHERE id = ?1 UNION ALL
             SELECT kind FROM outbox WHERE document = ?1 UNION ALL
             SELECT kind FROM refused WHERE document = ?1 LIMIT 1",
        )?
        .query_row(params![id], |row| row.get(0))
        .optional()?;
    let Some(name) = name else {
        return Ok(None);
    };
    let kind = kind(&name);
    if let Some(kind) = kind {
        (kind.forget)(db, id)?;
    }
    db.execute(
        "DELETE FROM blob WHERE hash IN (SELECT hash FROM blob_use WHERE document = ?1)
            AND NOT EXISTS (SELECT 1 FROM blob_use AS other
                WHERE other.hash = blob.hash AND other.document <> ?1)",
        params![id],
    )?;
    for table in ["outbox", "refused", "give_back"] {
        db.execute(
            &format!("DELETE FROM {table} WHERE document = ?1"),
            params![id],
        )?;
    }
    document::remove(db, id)?;
    // The call stays answered, so that replaying it does nothing; what it said goes.
    db.execute(
        "UPDATE call SET reply = 'null' WHERE instr(reply, ?1) > 0",
        params![id.to_string()],
    )?;
    Ok(kind)
}

/// Writes every full-text search anew: what was deleted from one still lies in it until then.
///
/// # Errors
/// When the file cannot be written.
pub fn search(db: &Connection) -> Result<()> {
    let mut statement = db.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table'
            AND sql LIKE 'CREATE VIRTUAL TABLE % USING fts5%'",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    for name in names.collect::<Result<Vec<String>, _>>()? {
        db.execute(
            &format!("INSERT INTO {name}({name}) VALUES('optimize')"),
            [],
        )?;
    }
    Ok(())
}

/// Empties the journal: until then it holds pages as they were. One that is being read is emptied
/// the next time, or when the file is opened.
///
/// # Errors
/// When the file cannot be written.
pub fn journal(db: &Connection) -> Result<()> {
    let waits: u32 = db.query_row("PRAGMA busy_timeout", [], |row| row.get(0))?;
    db.busy_timeout(JOURNAL_PATIENCE)?;
    let emptied = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_row| Ok(()));
    db.busy_timeout(Duration::from_millis(waits.into()))?;
    Ok(emptied?)
}

/// What the last erasure kept.
const KEPT: &str = "kept";

/// How much on the device is nowhere else: changes, refused changes, photos.
///
/// # Errors
/// When the file cannot be read.
pub fn unsent(db: &Connection) -> Result<u64> {
    let count: i64 = db.query_row(
        "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM refused)
            + (SELECT count(*) FROM blob WHERE content IS NOT NULL AND sent_at IS NULL)",
        [],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Documents that are nowhere but here, wholly or in part.
pub const UNSENT: &str = "SELECT document FROM outbox UNION SELECT document FROM refused
    UNION SELECT id FROM document WHERE received_at IS NULL
    UNION SELECT blob_use.document FROM blob_use JOIN blob ON blob.hash = blob_use.hash
        WHERE blob.content IS NOT NULL AND blob.sent_at IS NULL";

/// Erases what the server has, when the device is revoked.
///
/// What it never received stays, with what it takes to read it: the forms, sites and people that it
/// names, which everyone may read, and the person's own entry in the directory. Erasing once more
/// changes nothing: the process may have died before it noted that it had, or be told twice.
///
/// # Errors
/// When the file cannot be written.
pub fn received(db: &Connection, seat: &Seat) -> Result<()> {
    let tx = db.unchecked_transaction()?;
    let unsent: Vec<Id> = tx
        .prepare(UNSENT)?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut kept = BTreeSet::from([seat.person]);
    kept.extend(seat.site);
    if nothing_told_since(&tx)? {
        kept.extend(setting::get::<BTreeSet<Id>>(&tx, KEPT)?.unwrap_or_default());
    }
    for id in unsent {
        kept.insert(id);
        if let Some(stored) = document::get(&tx, id)?
            && let Ok(view) = Document::read(&stored.body).map(|read| read.view)
        {
            kept.extend(common(&tx, &view)?);
        }
    }
    for (id, name) in document::all(&tx)? {
        if kept.contains(&id) {
            continue;
        }
        if let Some(kind) = kind(&name) {
            (kind.forget)(&tx, id)?;
        }
        document::remove(&tx, id)?;
    }
    // Answers hold what they were about; cursors would claim that it is still here. What was erased
    // stays known: it is told only from there on.
    tx.execute_batch("DELETE FROM call; DELETE FROM placement; DELETE FROM give_back;")?;
    tx.execute("DELETE FROM cursor WHERE scope <> ?1", [scope::ERASED])?;
    setting::set(&tx, KEPT, &kept)?;
    search(&tx)?;
    tx.commit()?;
    journal(db)
}

/// Whether the server has told nothing since the last erasure, which left no placement: what is
/// common to all is then known by what was kept, no more by where it lies.
fn nothing_told_since(db: &Connection) -> Result<bool> {
    let told = db.query_row("SELECT EXISTS(SELECT 1 FROM placement)", [], |row| {
        row.get::<_, bool>(0)
    })?;
    Ok(!told)
}

/// The documents that `view` names and that everyone may read.
fn common(db: &Connection, view: &Value) -> Result<BTreeSet<Id>> {
    let mut named = BTreeSet::new();
    names(view, &mut named);
    let mut common = BTreeSet::new();
    for id in named {
        let mut scopes = db.prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM placement WHERE document = ?1
                AND (scope IN (?2, ?3) OR scope LIKE ?3 || '/%'))",
        )?;
        if scopes.query_row(params![id, scope::DIRECTORY, scope::CONTENT], |row| {
            row.get(0)
        })? {
            common.insert(id);
        }
    }
    Ok(common)
}

/// Every id that stands in `view`.
fn names(view: &Value, found: &mut BTreeSet<Id>) {
    match view {
        Value::String(text) => found.extend(text.parse::<Id>().ok()),
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(fields) => fields.values().for_each(|value| names(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
