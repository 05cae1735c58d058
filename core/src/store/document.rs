//! Documents on the device, each as one chunk, whole or its only change; and the actor that this device
//! writes it with.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::gate::Actor;
use crate::id::Id;

/// A document as it lies in the file.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its kind.
    pub kind: String,
    /// As [`crate::gate::save()`] gives it.
    pub body: Vec<u8>,
    /// Made by a person of this device.
    pub mine: bool,
    /// When the server first received it: milliseconds; `None` while it has not.
    pub received_at: Option<i64>,
}

/// The document with this id.
///
/// # Errors
/// When the file cannot be read.
pub fn get(db: &Connection, id: Id) -> Result<Option<Stored>> {
    Ok(db
        .prepare_cached("SELECT kind, body, mine, received_at FROM document WHERE id = ?1")?
        .query_row(params![id], |row| {
            Ok(Stored {
                kind: row.get(0)?,
                body: row.get(1)?,
                mine: row.get(2)?,
                received_at: row.get(3)?,
            })
        })
        .optional()?)
}

/// The name of its kind, `None` when it is not here.
///
/// # Errors
/// When the file cannot be read.
pub fn kind(db: &Connection, id: Id) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT kind FROM document WHERE id = ?1")?
        .query_row(params![id], |row| row.get(0))
        .optional()?)
}

/// Writes a document; `mine` and `received_at` of an older row are kept where these say nothing.
///
/// # Errors
/// When the file cannot be written.
pub fn put(db: &Connection, id: Id, stored: &Stored, heads: &[[u8; 32]]) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO document(id, kind, body, heads, mine, received_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT(id) DO UPDATE SET body = excluded.body, heads = excluded.heads, readable = 1,
            mine = max(mine, excluded.mine), received_at = coalesce(received_at, excluded.received_at)",
    )?
    .execute(params![
        id,
        stored.kind,
        stored.body,
        heads.concat(),
        stored.mine,
        stored.received_at
    ])?;
    Ok(())
}

/// Removes a document and what hangs on it; refused changes stay readable.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(db: &Connection, id: Id) -> Result<()> {
    for table in ["actor", "placement", "blob_use", "receipt"] {
        db.execute(
            &format!("DELETE FROM {table} WHERE document = ?1"),
            params![id],
        )?;
    }
    db.execute("DELETE FROM document WHERE id = ?1", params![id])?;
    db.execute(
        "DELETE FROM blob WHERE sent_at IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash)",
        [],
    )?;
    Ok(())
}

/// The actor that this device writes the document with; `fresh` makes the first one.
///
/// # Errors
/// When the file cannot be written.
pub fn actor(db: &Connection, id: Id, fresh: impl FnOnce() -> Actor) -> Result<Actor> {
    let known: Option<Actor> = db
        .prepare_cached("SELECT actor FROM actor WHERE document = ?1")?
        .query_row(params![id], |row| row.get(0))
        .optional()?;
    if let Some(actor) = known {
        return Ok(actor);
    }
    let actor = fresh();
    db.execute(
        "INSERT INTO actor(document, actor) VALUES(?1, ?2)",
        params![id, actor],
    )?;
    Ok(actor)
}

/// Every document's id and kind, oldest first.
///
/// # Errors
/// When the file cannot be read.
pub fn all(db: &Connection) -> Result<Vec<(Id, String)>> {
    let mut statement = db.prepare("SELECT id, kind FROM document ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
