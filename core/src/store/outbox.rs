//! What waits to be sent, what was refused, and the receipts of what arrived.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::id::Id;
use crate::sync::message::Proof;

/// One change that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Id of the push: the server deduplicates by it.
    pub id: Id,
    /// The document it changes.
    pub document: Id,
    /// The document's kind.
    pub kind: String,
    /// Whose seat made it.
    pub person: Id,
    /// The raw change.
    pub change: Vec<u8>,
}

/// A change that is sent.
#[derive(Clone, Debug)]
pub struct Sending {
    /// The change.
    pub waiting: Waiting,
    /// The receipt that a server gave for it before it was restored from a backup.
    pub proof: Option<Proof>,
    /// The heads of its document here.
    pub heads: Vec<[u8; 32]>,
}

/// Puts a change in the queue.
///
/// # Errors
/// When the file cannot be written.
pub fn push(db: &Connection, waiting: &Waiting, at_ms: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO outbox(id, document, kind, person, change, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        waiting.id,
        waiting.document,
        waiting.kind,
        waiting.person,
        waiting.change,
        at_ms
    ])?;
    Ok(())
}

/// Puts changes that the server once had before everything that waits, in this order.
///
/// # Errors
/// When the file cannot be written.
pub fn give_back(db: &Connection, changes: &[Waiting], at_ms: i64) -> Result<()> {
    let first: i64 = db.query_row("SELECT coalesce(min(ordinal), 0) FROM outbox", [], |row| {
        row.get(0)
    })?;
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    for (ordinal, waiting) in (first.saturating_sub(count)..).zip(changes) {
        db.prepare_cached(
            "INSERT INTO outbox(ordinal, id, document, kind, person, change, at)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(id) DO NOTHING",
        )?
        .execute(params![
            ordinal,
            waiting.id,
            waiting.document,
            waiting.kind,
            waiting.person,
            waiting.change,
            at_ms
        ])?;
    }
    Ok(())
}

/// The oldest changes that wait, up to `bytes_max` in all, at least one unless that is 0.
///
/// # Errors
/// When the file cannot be read.
pub fn oldest(db: &Connection, bytes_max: usize) -> Result<Vec<Sending>> {
    if bytes_max == 0 {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached(
        "SELECT outbox.id, outbox.document, outbox.kind, person, change, receipt.body,
            receipt.signature, document.heads
         FROM outbox LEFT JOIN receipt ON receipt.push = outbox.id
            LEFT JOIN document ON document.id = outbox.document ORDER BY ordinal LIMIT 2000",
    )?;
    let mut rows = statement.query([])?;
    let (mut found, mut bytes) = (Vec::new(), 0_usize);
    while let Some(row) = rows.next()? {
        let waiting = Waiting {
            id: row.get(0)?,
            document: row.get(1)?,
            kind: row.get(2)?,
            person: row.get(3)?,
            change: row.get(4)?,
        };
        let proof = match (row.get(5)?, row.get(6)?) {
            (Some(receipt), Some(signature)) => Some(Proof { receipt, signature }),
            _ => None,
        };
        bytes = bytes.saturating_add(waiting.change.len());
        if bytes > bytes_max && !found.is_empty() {
            break;
        }
        let heads: Option<Vec<u8>> = row.get(7)?;
        found.push(Sending {
            waiting,
            proof,
            heads: heads.map_or_else(Vec::new, |heads| heads.as_chunks().0.to_vec()),
        });
    }
    Ok(found)
}

/// What waits of this document goes behind everything else, in its order.
///
/// # Errors
/// When the file cannot be written.
pub fn behind(db: &Connection, document: Id) -> Result<()> {
    let by: Option<i64> = db
        .prepare_cached(
            "SELECT (SELECT max(ordinal) FROM outbox) - min(ordinal) + 1 FROM outbox
             WHERE document = ?1",
        )?
        .query_row(params![document], |row| row.get(0))?;
    db.prepare_cached("UPDATE outbox SET ordinal = ordinal + ?2 WHERE document = ?1")?
        .execute(params![document, by])?;
    Ok(())
}

/// How many changes wait.
///
/// # Errors
/// When the file cannot be read.
pub fn count(db: &Connection) -> Result<u64> {
    let count: i64 = db.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Whether changes of this document wait.
///
/// # Errors
/// When the file cannot be read.
pub fn waits(db: &Connection, document: Id) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM outbox WHERE document = ?1)")?
        .query_row(params![document], |row| row.get(0))?)
}

/// The change arrived: out of the queue, the receipt kept.
///
/// # Errors
/// When the file cannot be written.
pub fn received(
    db: &Connection,
    receipt: &crate::sync::message::Receipt,
    body: &[u8],
    signature: &[u8],
) -> Result<()> {
    db.prepare_cached("DELETE FROM outbox WHERE id = ?1")?
        .execute(params![receipt.push])?;
    db.prepare_cached(
        "INSERT INTO receipt(push, document, body, signature, received_at, position)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(push) DO UPDATE SET body = excluded.body,
            signature = excluded.signature, position = excluded.position",
    )?
    .execute(params![
        receipt.push,
        receipt.document,
        body,
        signature,
        receipt.received_at,
        i64::try_from(receipt.position).unwrap_or(i64::MAX)
    ])?;
    db.prepare_cached("UPDATE document SET received_at = coalesce(received_at, ?2) WHERE id = ?1")?
        .execute(params![receipt.document, receipt.received_at])?;
    Ok(())
}

/// The document that a waiting change is of.
///
/// # Errors
/// When the file cannot be read.
pub fn document_of(db: &Connection, push: Id) -> Result<Option<Id>> {
    Ok(db
        .prepare_cached("SELECT document FROM outbox WHERE id = ?1")?
        .query_row(params![push], |row| row.get(0))
        .optional()?)
}

/// The change was refused: it and those of the same document that wait behind it (they build on it)
/// move to the refused, where they stay readable.
///
/// # Errors
/// When the file cannot be written.
pub fn refused(
    db: &Connection,
    push: Id,
    code: &str,
    detail: &str,
    title: &str,
    at_ms: i64,
) -> Result<Option<Id>> {
    let Some(document) = document_of(db, push)? else {
        return Ok(None);
    };
    db.execute(
        "INSERT OR REPLACE INTO refused(id, document, kind, title, code, detail, change, at)
         SELECT id, document, kind, ?2, ?3, ?4, change, ?5 FROM outbox WHERE document = ?1",
        params![document, title, code, detail, at_ms],
    )?;
    db.execute("DELETE FROM outbox WHERE document = ?1", params![document])?;
    db.execute("DELETE FROM actor WHERE document = ?1", params![document])?;
    Ok(Some(document))
}

/// The code of the latest refusal of this document, if any.
///
/// # Errors
/// When the file cannot be read.
pub fn refusal(db: &Connection, document: Id) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT code FROM refused WHERE document = ?1 ORDER BY at DESC LIMIT 1")?
        .query_row(params![document], |row| row.get(0))
        .optional()?)
}
