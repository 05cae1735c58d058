//! What one version could not read, the next one reads.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::context::index;
use crate::document::Document;
use crate::error::{Code, Error, Result};
use crate::feature::kind;
use crate::id::Id;
use crate::store::{self, setting};

/// Set when something could not even be opened.
const MISSED: &str = "missed";
/// The version that opened the file last.
const VERSION: &str = "version";

/// Something could not even be opened: it is not kept.
pub(super) fn missed(db: &Connection) -> Result<()> {
    setting::set(db, MISSED, &true)
}

/// Whether the file is at fault, not what was to be read.
pub(super) fn is_fault(error: &Error) -> bool {
    matches!(error.code(), Code::Storage | Code::DiskFull)
}

/// Reads again, once for each version, what the one before could not: what is here from the file, and
/// what could not be opened from the server, which is asked from the beginning.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn reread(db: &mut Connection) -> Result<()> {
    let now = env!("CARGO_PKG_VERSION");
    let last: Option<String> = setting::get(db, VERSION)?;
    if last.as_deref() == Some(now) {
        return Ok(());
    }
    // Nothing was ever told to this file: there is nothing to read again.
    let new: bool = db.query_row("SELECT NOT EXISTS(SELECT 1 FROM cursor)", [], |row| {
        row.get(0)
    })?;
    if new {
        return Ok(());
    }
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let unread: Vec<Id> = tx
        .prepare("SELECT id FROM document WHERE readable = 0")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in unread {
        if read(&tx, id)? {
            tx.execute("UPDATE document SET readable = 1 WHERE id = ?1", [id])?;
        }
    }
    if setting::get(&tx, MISSED)?.unwrap_or(false) {
        tx.execute("UPDATE cursor SET position = 0", [])?;
        setting::remove(&tx, MISSED)?;
    }
    setting::set(&tx, VERSION, &now)?;
    Ok(tx.commit()?)
}

/// Whether a document can be shown now; it is then.
fn read(db: &Connection, id: Id) -> Result<bool> {
    let Some(stored) = store::document::get(db, id)? else {
        return Ok(false);
    };
    let read = Document::read(&stored.body);
    let (Some(kind), Ok(read)) = (kind(&stored.kind), read) else {
        return Ok(false);
    };
    match index(db, kind, id, &read.view, &mut BTreeSet::new()) {
        Ok(()) => Ok(true),
        Err(error) if is_fault(&error) => Err(error),
        Err(_still_unreadable) => Ok(false),
    }
}
