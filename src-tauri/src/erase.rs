//! Revocation: what the server has is erased from this device; what it never received stays,
//! readable.

use std::collections::BTreeSet;
use std::sync::Arc;

use vigie_core::error::Result;
use vigie_core::feature::kind;
use vigie_core::store::{self, setting};
use vigie_core::{Device, Id};

use crate::shell::{Changed, Shell, locked};

/// Documents that are nowhere but here, and what they need to be read.
const KEPT: &str = "SELECT id FROM document WHERE received_at IS NULL
    UNION SELECT document FROM outbox UNION SELECT document FROM refused
    UNION SELECT blob_use.document FROM blob_use JOIN blob ON blob.hash = blob_use.hash
        WHERE blob.content IS NOT NULL AND blob.sent_at IS NULL";

/// How much on the device is nowhere else: changes, refused changes, photos.
///
/// # Errors
/// When the file cannot be read.
pub fn unsent(device: &Device) -> Result<u64> {
    let count: i64 = device.db().query_row(
        "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM refused)
            + (SELECT count(*) FROM blob WHERE content IS NOT NULL AND sent_at IS NULL)",
        [],
        |row| row.get(0),
    )?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Empties the device after its revocation. When nothing is left that was never sent, the file goes
/// and nobody is signed in any more.
///
/// # Errors
/// When the file cannot be written.
pub async fn revoked(shell: &Arc<Shell>) -> Result<()> {
    let Some(mut session) = shell.session() else {
        return Ok(());
    };
    *locked(&shell.partial) = None;
    let left = shell
        .device(|device| {
            let left = unsent(device)?;
            if left > 0 {
                erase_received(device)?;
            }
            Ok(left)
        })
        .await?;
    if left > 0 {
        session.token = String::new();
        session.revoked = true;
        shell.set_session(Some(session)).await?;
    } else {
        shell.set_session(None).await?;
        let server = session.server;
        shell.reopen(crate::files::Files::remove).await?;
        shell
            .device(move |device| setting::set(device.db(), "server", &server))
            .await?;
    }
    shell.tell(&everything());
    Ok(())
}

/// Erases what the server has. The person's own entry in the directory stays: their unsent reports
/// are shown under it.
///
/// # Errors
/// When the file cannot be written.
pub fn erase_received(device: &Device) -> Result<()> {
    let db = device.db();
    let mut kept: BTreeSet<[u8; 16]> = {
        let mut statement = db.prepare(KEPT)?;
        let rows = statement.query_map([], |row| row.get::<_, Id>(0))?;
        rows.map(|id| id.map(|id| *id.as_bytes()))
            .collect::<Result<_, _>>()?
    };
    let seat = device.seat()?;
    kept.insert(*seat.person.as_bytes());
    kept.extend(seat.site.map(|site| *site.as_bytes()));
    let tx = db.unchecked_transaction()?;
    for (id, name) in store::document::all(&tx)? {
        if kept.contains(id.as_bytes()) {
            continue;
        }
        if let Some(kind) = kind(&name) {
            (kind.forget)(&tx, id)?;
        }
        store::document::remove(&tx, id)?;
    }
    // Answers hold what they were about; cursors would claim that it is still here.
    tx.execute_batch("DELETE FROM call; DELETE FROM placement; DELETE FROM cursor;")?;
    tx.commit()?;
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// Every topic there is.
pub(crate) fn everything() -> Changed {
    vigie_core::features::FEATURES
        .iter()
        .flat_map(|feature| feature.kinds)
        .map(|kind| kind.topic)
        .chain(["account", "directory", "sync"])
        .collect()
}
