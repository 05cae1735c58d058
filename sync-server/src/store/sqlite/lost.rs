//! A device that was lost: what it held, as far as its cursors tell, and what it opens no more.

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use vigie_core::error::Result;
use vigie_core::id::Id;

use super::erase::Because;
use super::{Sqlite, audit};

/// A contact is written down at most once a minute: milliseconds.
const CONTACT_SLACK_MS: i64 = 60_000;

/// A document that a lost device held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The document.
    pub document: Id,
    /// Its kind.
    pub kind: String,
    /// The scope by which it came.
    pub scope: String,
    /// Certainly, as it is now. Otherwise an older copy, or one that was taken away since, perhaps.
    pub sure: bool,
}

/// What losing a device came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// It was not lost before.
    pub new: bool,
    /// The person's browsers that were signed out.
    pub browsers: Vec<Id>,
}

impl Sqlite {
    /// Declares a device lost: nothing is told to it any more but to erase everything. What it held is
    /// listed; the person's browsers are signed out, but the one that is `asking`, and their password
    /// and unused invitations forgotten: each may have been on it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn lose(&self, device: Id, asking: Option<Id>, because: &Because<'_>) -> Result<Lost> {
        self.write(|db| {
            let org = self.org;
            let changed = db.execute(
                "UPDATE device SET lost_at = ?3, revoked_at = coalesce(revoked_at, ?3)
                 WHERE org = ?1 AND id = ?2 AND lost_at IS NULL",
                params![org, device, because.at],
            )?;
            if changed == 0 {
                return Ok(Lost {
                    new: false,
                    browsers: Vec::new(),
                });
            }
            let person: Id = db.query_row(
                "SELECT person FROM device WHERE org = ?1 AND id = ?2",
                params![org, device],
                |row| row.get(0),
            )?;
            let about = device.to_string();
            audit::note(db, org, because.at, because.who, "lost", &about)?;
            let list = list_held(db, org, device)?;
            let held = format!("{device} {list}");
            audit::note(db, org, because.at, because.who, "held", &held)?;
            let browsers: Vec<Id> = db
                .prepare(
                    "SELECT DISTINCT device FROM session
                     WHERE org = ?1 AND person = ?2 AND device IS NOT ?3",
                )?
                .query_map(params![org, person, asking], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            // A lost browser is known by its session, which tells it to erase everything.
            db.execute(
                "DELETE FROM session
                 WHERE org = ?1 AND person = ?2 AND device <> ?3 AND device IS NOT ?4",
                params![org, person, device, asking],
            )?;
            db.execute(
                "DELETE FROM account WHERE org = ?1 AND person = ?2",
                params![org, person],
            )?;
            db.execute(
                "DELETE FROM invitation WHERE org = ?1 AND person = ?2 AND used_at IS NULL",
                params![org, person],
            )?;
            Ok(Lost {
                new: true,
                browsers,
            })
        })
    }

    /// A lost device was told to erase everything.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn told_to_erase(&self, device: Id, now_ms: i64) -> Result<()> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE device SET told_at = ?3, last_contact_at = ?3
                 WHERE org = ?1 AND id = ?2 AND told_at IS NULL",
                params![self.org, device, now_ms],
            )?;
            if changed > 0 {
                let about = device.to_string();
                audit::note(db, self.org, now_ms, "server", "told-to-erase", &about)?;
            }
            Ok(())
        })
    }

    /// What a lost device held.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn held(&self, device: Id) -> Result<Vec<Held>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT document, kind, scope, sure FROM held WHERE org = ?1 AND device = ?2
                 ORDER BY scope, kind, document",
            )?;
            let rows = statement.query_map(params![self.org, device], |row| {
                Ok(Held {
                    document: row.get(0)?,
                    kind: row.get(1)?,
                    scope: row.get(2)?,
                    sure: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The devices that were revoked or lost since.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn revoked_since(&self, since_ms: i64) -> Result<Vec<Id>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT id FROM device WHERE org = ?1 AND revoked_at >= ?2")?;
            let rows = statement.query_map(params![self.org, since_ms], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// Writes down what the device held by its cursors, and says how many and the SHA-256 of their ids:
/// the audit seals the list without holding it.
///
/// Up to its cursor, the device has everything that lies in the scope. After it, what was received
/// before its last contact: in an older state, or, where it has left the scope, still.
fn list_held(db: &Connection, org: Id, device: Id) -> Result<String> {
    db.execute(
        "INSERT OR REPLACE INTO held(org, device, document, kind, scope, sure)
         SELECT ?1, ?2, placement.document, document.kind, placement.scope,
            max(placement.gone = 0 AND cursor.epoch = org.epoch
                AND placement.position <= cursor.position) AS sure
         FROM cursor JOIN org ON org.id = cursor.org
         JOIN device ON device.org = cursor.org AND device.id = cursor.device
         JOIN placement ON placement.org = cursor.org AND placement.scope = cursor.scope
         JOIN document ON document.org = placement.org AND document.id = placement.document
         WHERE cursor.org = ?1 AND cursor.device = ?2 AND (
            (cursor.epoch = org.epoch AND placement.position <= cursor.position
                AND placement.gone = 0)
            OR ((cursor.epoch <> org.epoch OR placement.position > cursor.position)
                AND document.received_at <= coalesce(device.last_contact_at, 0) + ?3))
         GROUP BY placement.document",
        params![org, device, CONTACT_SLACK_MS],
    )?;
    let mut statement =
        db.prepare("SELECT document FROM held WHERE org = ?1 AND device = ?2 ORDER BY document")?;
    let mut rows = statement.query(params![org, device])?;
    let (mut digest, mut count) = (Sha256::new(), 0_u64);
    while let Some(row) = rows.next()? {
        let document: Id = row.get(0)?;
        digest.update(document.as_bytes());
        count = count.saturating_add(1);
    }
    let digest: [u8; 32] = digest.finalize().into();
    Ok(format!("{count} {}", vigie_core::store::blob::hex(&digest)))
}
