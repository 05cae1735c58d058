//! Pushes that were refused, and devices in quarantine.

use rusqlite::{Connection, OptionalExtension, params};
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;
use vigie_core::sync::store::Quarantined;

use super::{Sqlite, audit};

/// The code under which pushes are kept that nobody has read: that of [`Code::DeviceQuarantined`].
const UNREAD: &str = Code::DeviceQuarantined.as_str();

/// A device in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolated {
    /// The device.
    pub device: Id,
    /// How it is listed.
    pub name: String,
    /// Whose it is.
    pub person: Id,
    /// Since when: milliseconds.
    pub since: i64,
    /// How many of its pushes are kept, refused or unread.
    pub pushes: u64,
}

/// A push that was refused, or kept unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPush {
    /// The push.
    pub push: Id,
    /// The person it speaks for.
    pub person: Id,
    /// The document.
    pub document: Id,
    /// Its kind, as the device named it.
    pub kind: String,
    /// Why it was not taken.
    pub code: String,
    /// When: milliseconds.
    pub at: i64,
    /// The raw changes, one after the other.
    pub changes: Vec<u8>,
}

impl Sqlite {
    /// The devices in quarantine, the latest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn isolated(&self) -> Result<Vec<Isolated>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT device.id, device.name, device.person, isolation.since,
                    (SELECT count(*) FROM quarantine WHERE quarantine.org = device.org
                        AND quarantine.device = device.id)
                 FROM isolation JOIN device
                    ON device.org = isolation.org AND device.id = isolation.device
                 WHERE isolation.org = ?1 AND isolation.since IS NOT NULL
                 ORDER BY isolation.since DESC",
            )?;
            let rows = statement.query_map(params![self.org], |row| {
                Ok(Isolated {
                    device: row.get(0)?,
                    name: row.get(1)?,
                    person: row.get(2)?,
                    since: row.get(3)?,
                    pushes: unsigned(row.get(4)?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// What a device sent that was not taken, in the order of its coming.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn kept_of(&self, device: Id) -> Result<Vec<KeptPush>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT push, person, document, kind, code, at, changes FROM quarantine
                 WHERE org = ?1 AND device = ?2 ORDER BY at, rowid",
            )?;
            let rows = statement.query_map(params![self.org, device], |row| {
                Ok(KeptPush {
                    push: row.get(0)?,
                    person: row.get(1)?,
                    document: row.get(2)?,
                    kind: row.get(3)?,
                    code: row.get(4)?,
                    at: row.get(5)?,
                    changes: row.get(6)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes a device out of quarantine: it starts anew, and sends again what was kept unread, which
    /// stays kept here all the same.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it is not in quarantine.
    pub fn readmit(&self, device: Id, who: &str, now_ms: i64) -> Result<()> {
        self.write(|db| {
            let released = db.execute(
                "DELETE FROM isolation WHERE org = ?1 AND device = ?2 AND since IS NOT NULL",
                params![self.org, device],
            )?;
            if released == 0 {
                return Err(Error::not_found(format!("`{device}` is not in quarantine")));
            }
            audit::note(
                db,
                self.org,
                now_ms,
                who,
                "device-release",
                &device.to_string(),
            )
        })
    }

    /// Whether a device is in quarantine.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_isolated(&self, device: Id) -> Result<bool> {
        self.read(|db| since(db, self.org, device).map(|since| since.is_some()))
    }
}

/// Since when a device is in quarantine: milliseconds.
pub(super) fn since(db: &Connection, org: Id, device: Id) -> Result<Option<i64>> {
    let since: Option<Option<i64>> = db
        .prepare_cached("SELECT since FROM isolation WHERE org = ?1 AND device = ?2")?
        .query_row(params![org, device], |row| row.get(0))
        .optional()?;
    Ok(since.flatten())
}

/// Puts a device in quarantine.
pub(super) fn begin(db: &Connection, org: Id, device: Id, at_ms: i64) -> Result<()> {
    db.execute(
        "UPDATE isolation SET since = coalesce(since, ?3) WHERE org = ?1 AND device = ?2",
        params![org, device, at_ms],
    )?;
    audit::note(
        db,
        org,
        at_ms,
        "server",
        "device-quarantine",
        &device.to_string(),
    )
}

/// Keeps a refused push; one that was kept unread has a reason now.
pub(super) fn keep(db: &Connection, org: Id, refused: &Quarantined<'_>) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO quarantine(org, device, push, person, document, kind, code, detail,
            changes, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT(org, device, push) DO UPDATE SET code = excluded.code,
            detail = excluded.detail, at = excluded.at",
    )?
    .execute(params![
        org,
        refused.device,
        refused.push,
        refused.person,
        refused.document,
        refused.kind,
        refused.code,
        refused.detail,
        refused.changes,
        refused.at
    ])?;
    Ok(())
}

/// How many pushes of a device were refused since then.
pub(super) fn refusals(db: &Connection, org: Id, device: Id, since_ms: i64) -> Result<u64> {
    let count: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM quarantine
             WHERE org = ?1 AND device = ?2 AND at >= ?3 AND code <> ?4",
        )?
        .query_row(params![org, device, since_ms, UNREAD], |row| row.get(0))?;
    Ok(unsigned(count))
}

/// Bytes that are kept of a device: of pushes that were read, and of others.
pub(super) fn bytes(db: &Connection, org: Id, device: Id) -> Result<(u64, u64)> {
    Ok(db
        .prepare_cached(
            "SELECT coalesce(sum(length(changes)) FILTER (WHERE code <> ?3), 0),
                coalesce(sum(length(changes) + 256) FILTER (WHERE code = ?3), 0)
             FROM quarantine WHERE org = ?1 AND device = ?2",
        )?
        .query_row(params![org, device, UNREAD], |row| {
            Ok((unsigned(row.get(0)?), unsigned(row.get(1)?)))
        })?)
}

/// Counts one more push that no honest device sends.
pub(super) fn poisoned(db: &Connection, org: Id, device: Id) -> Result<u64> {
    let times: i64 = db
        .prepare_cached(
            "INSERT INTO isolation(org, device, poisoned) VALUES(?1, ?2, 1)
             ON CONFLICT(org, device) DO UPDATE SET poisoned = poisoned + 1 RETURNING poisoned",
        )?
        .query_row(params![org, device], |row| row.get(0))?;
    Ok(unsigned(times))
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
