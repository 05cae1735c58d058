//! After the server was restored from a backup: what it no longer knows is given back to it, with the
//! receipts that it once signed. No device gives back another's work: it has no receipt for it.

use rusqlite::{Connection, params};

use crate::device::Enrolment;
use crate::document::Document;
use crate::error::Result;
use crate::id::Id;
use crate::store::{self, outbox, setting};
use crate::sync::message::{Cursor, Receipt};

/// Another epoch has begun when these cursors say so: everything that the server had may be lost to
/// it, until it tells otherwise.
pub(super) fn begin(db: &Connection, cursors: &[Cursor]) -> Result<()> {
    let followed: u32 = db
        .prepare_cached("SELECT coalesce(max(epoch), 0) FROM cursor")?
        .query_row([], |row| row.get(0))?;
    let told = cursors.iter().map(|cursor| cursor.epoch).max();
    if followed == 0 || told.is_none_or(|told| told <= followed) {
        return Ok(());
    }
    db.execute(
        "INSERT OR REPLACE INTO give_back(document, heads)
         SELECT id, NULL FROM document WHERE received_at IS NOT NULL",
        [],
    )?;
    // Offered again: a server that has them says so at once.
    db.execute(
        "UPDATE blob SET sent_at = NULL WHERE content IS NOT NULL
            AND EXISTS (SELECT 1 FROM blob_use WHERE blob_use.hash = blob.hash)",
        [],
    )?;
    Ok(())
}

/// The server's copy of a document came: these are its latest changes, and those of the copy here.
pub(super) fn told(db: &Connection, id: Id, theirs: &[[u8; 32]], ours: &[[u8; 32]]) -> Result<()> {
    if theirs == ours {
        db.prepare_cached("DELETE FROM give_back WHERE document = ?1")?
            .execute(params![id])?;
    } else {
        db.prepare_cached("UPDATE give_back SET heads = ?2 WHERE document = ?1")?
            .execute(params![id, theirs.concat()])?;
    }
    Ok(())
}

/// All is told: what the server lacks and this device has receipts for waits again, before everything
/// else and in the order in which it was received. Whether there is any.
pub(super) fn end(db: &Connection, now_ms: i64) -> Result<bool> {
    let following: u32 = db
        .prepare_cached("SELECT count(DISTINCT epoch) FROM cursor")?
        .query_row([], |row| row.get(0))?;
    if following > 1 {
        return Ok(false);
    }
    let lost: Vec<(Id, Option<Vec<u8>>)> = db
        .prepare_cached("SELECT document, heads FROM give_back")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<std::result::Result<_, _>>()?;
    let enrolment: Option<Enrolment> = setting::get(db, "enrolment")?;
    let Some(enrolment) = enrolment.filter(|_| !lost.is_empty()) else {
        return Ok(false);
    };
    let mut again = Vec::new();
    for (id, heads) in lost {
        again.extend(lacking(
            db,
            id,
            &heads.unwrap_or_default(),
            enrolment.seat.person,
        )?);
    }
    db.execute("DELETE FROM give_back", [])?;
    again.sort_by_key(|(position, _)| *position);
    let again: Vec<outbox::Waiting> = again.into_iter().map(|(_, change)| change).collect();
    outbox::give_back(db, &again, now_ms)?;
    Ok(!again.is_empty())
}

/// The changes of a document that this device pushed and that a copy with these heads lacks, each with
/// the position of its receipt.
fn lacking(
    db: &Connection,
    id: Id,
    heads: &[u8],
    person: Id,
) -> Result<Vec<(u64, outbox::Waiting)>> {
    let receipts: Vec<Vec<u8>> = db
        .prepare_cached("SELECT body FROM receipt WHERE document = ?1")?
        .query_map(params![id], |row| row.get(0))?
        .collect::<std::result::Result<_, _>>()?;
    let Some(stored) = store::document::get(db, id)?.filter(|_| !receipts.is_empty()) else {
        return Ok(Vec::new());
    };
    let heads: Vec<[u8; 32]> = heads.as_chunks().0.to_vec();
    let mut lacking = Document::open(&stored.body)?.changes_since(&heads);
    let mut found = Vec::new();
    for body in receipts {
        let receipt: Receipt = postcard::from_bytes(&body)?;
        let change = receipt.changes.iter().find_map(|hash| lacking.remove(hash));
        found.extend(change.map(|change| {
            let waiting = outbox::Waiting {
                id: receipt.push,
                document: id,
                kind: stored.kind.clone(),
                person,
                change,
            };
            (receipt.position, waiting)
        }));
    }
    Ok(found)
}
