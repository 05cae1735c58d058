//! Devices, their tokens, and the passwords of accounts.

use rusqlite::{Connection, OptionalExtension, params};
use vigie_core::account::ShellKind;
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;
use vigie_core::person::Seat;

use super::{Sqlite, audit};
use crate::token::Hash;

/// Requests that were under way when a token was replaced are no theft: milliseconds.
const GRACE_MS: i64 = 30_000;

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub person: Id,
    /// How it is listed.
    pub name: String,
    /// App or browser.
    pub kind: ShellKind,
    /// Since when: milliseconds.
    pub created_at: i64,
    /// When it last spoke to the server: milliseconds.
    pub last_contact_at: Option<i64>,
    /// Since when it may no longer: milliseconds.
    pub revoked_at: Option<i64>,
    /// Since when it is lost: it erases everything at its next contact.
    pub lost_at: Option<i64>,
    /// When it was first told to.
    pub told_at: Option<i64>,
}

pub(super) const COLUMNS: &str = "device.id, device.person, device.name, device.kind,
    device.created_at, device.last_contact_at, device.revoked_at, device.lost_at, device.told_at";

impl Sqlite {
    /// The device that holds this token; the first use of a new token ends the old one.
    ///
    /// # Errors
    /// [`Code::SignedOut`] for an unknown token, [`Code::Revoked`] for a revoked device, and for a
    /// token that was replaced: whoever still holds it is not the device, so the device is revoked.
    pub fn device_of_token(&self, hash: &Hash, now_ms: i64) -> Result<DeviceRow> {
        let (device, state, changed_at) = self.read(|db| {
            let found: Option<(Id, String, i64)> = db
                .prepare_cached(
                    "SELECT device, state, changed_at FROM token WHERE hash = ?1 AND org = ?2",
                )?
                .query_row(params![hash, self.org], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?;
            found.ok_or_else(|| Error::new(Code::SignedOut, "unknown token"))
        })?;
        match state.as_str() {
            "current" => {}
            "next" => self.write(|db| promote(db, self.org, device, hash, now_ms))?,
            _ if now_ms.saturating_sub(changed_at) < GRACE_MS => {
                return Err(Error::new(Code::SignedOut, "the token was just replaced"));
            }
            _ if self.device(device)?.lost_at.is_some() => {
                return Err(Error::new(Code::Lost, "the device was lost"));
            }
            _ => {
                self.revoke(device, "server", "token-reused", now_ms)?;
                return Err(Error::new(Code::Revoked, "a replaced token was used again"));
            }
        }
        let row = self.device(device)?;
        if row.lost_at.is_some() {
            if row.told_at.is_none() {
                self.told_to_erase(device, now_ms)?;
            }
            return Err(Error::new(Code::Lost, "the device was lost"));
        }
        if row.revoked_at.is_some() {
            return Err(Error::new(Code::Revoked, "the device was revoked"));
        }
        Ok(row)
    }

    /// The device that holds this token and the seat of its person, in three rows by their keys: without
    /// waiting for anybody. `None` when [`Self::device_of_token`] has more to do.
    #[must_use]
    pub fn known_now(&self, hash: &Hash) -> Option<(DeviceRow, Seat)> {
        let db = self.idle_reader()?;
        let found = db
            .prepare_cached(&format!(
                "SELECT {COLUMNS}, seat.seat FROM token
                 JOIN device ON device.org = token.org AND device.id = token.device
                 JOIN seat ON seat.org = device.org AND seat.person = device.person
                 WHERE token.hash = ?1 AND token.org = ?2 AND token.state = 'current'
                    AND device.revoked_at IS NULL AND device.lost_at IS NULL"
            ))
            .and_then(|mut statement| {
                statement.query_row(params![hash, self.org], |row| {
                    Ok((device_row(row)?, row.get::<_, String>(9)?))
                })
            });
        self.give_reader(db);
        let (row, seat) = found.ok()?;
        Some((row, serde_json::from_str(&seat).ok()?))
    }

    /// A device.
    ///
    /// # Errors
    /// [`Code::NotFound`] when there is none with this id.
    pub fn device(&self, id: Id) -> Result<DeviceRow> {
        self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM device WHERE org = ?1 AND id = ?2"
            ))?
            .query_row(params![self.org, id], device_row)
            .optional()?
            .ok_or_else(|| Error::not_found(format!("no device `{id}`")))
        })
    }

    /// The devices of a person, or of everyone, newest first. Browsers whose session ended are left
    /// out.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn devices(&self, person: Option<Id>) -> Result<Vec<DeviceRow>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM device WHERE org = ?1 AND (?2 IS NULL OR person = ?2)
                    AND person <> ?3
                    AND (kind = 'app' OR EXISTS (SELECT 1 FROM session
                        WHERE session.org = device.org AND session.device = device.id))
                 ORDER BY device.created_at DESC LIMIT 2000"
            ))?;
            let rows = statement.query_map(params![self.org, person, Id::NOBODY], device_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Gives a device its next token; the present one stays valid until the next is first used. A
    /// next one that was never used is forgotten.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_next_token(&self, device: Id, hash: &Hash, now_ms: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "DELETE FROM token WHERE org = ?1 AND device = ?2 AND state = 'next'",
                params![self.org, device],
            )?;
            put_token(db, self.org, device, hash, "next", now_ms)
        })
    }

    /// Revokes a device at once: its tokens and sessions are of no use any more. Returns whether it
    /// was not revoked before.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn revoke(&self, device: Id, who: &str, what: &str, now_ms: i64) -> Result<bool> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE device SET revoked_at = ?3 WHERE org = ?1 AND id = ?2
                    AND revoked_at IS NULL",
                params![self.org, device, now_ms],
            )?;
            db.execute(
                "DELETE FROM session WHERE org = ?1 AND device = ?2",
                params![self.org, device],
            )?;
            if changed > 0 {
                audit::note(db, self.org, now_ms, who, what, &device.to_string())?;
            }
            Ok(changed > 0)
        })
    }

    /// The hash of a person's password, where there is one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn password(&self, person: Id) -> Result<Option<String>> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT password FROM account WHERE org = ?1 AND person = ?2")?
                .query_row(params![self.org, person], |row| row.get(0))
                .optional()?)
        })
    }

    /// Sets it, and ends the person's other browser sessions than that of `keep`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_password(&self, person: Id, hash: &str, keep: Id, now_ms: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO account(org, person, password, changed_at) VALUES(?1, ?2, ?3, ?4)
                 ON CONFLICT(org, person) DO UPDATE SET password = excluded.password,
                    changed_at = excluded.changed_at",
                params![self.org, person, hash, now_ms],
            )?;
            db.execute(
                "DELETE FROM session WHERE org = ?1 AND person = ?2 AND device <> ?3",
                params![self.org, person, keep],
            )?;
            let who = person.to_string();
            audit::note(db, self.org, now_ms, &who, "password", &who)
        })
    }
}

/// The new token was used: it is the device's token from now on.
fn promote(db: &Connection, org: Id, device: Id, hash: &Hash, now_ms: i64) -> Result<()> {
    db.execute(
        "UPDATE token SET state = 'spent', changed_at = ?3
         WHERE org = ?1 AND device = ?2 AND state = 'current'",
        params![org, device, now_ms],
    )?;
    db.execute(
        "UPDATE token SET state = 'current', changed_at = ?2 WHERE hash = ?1",
        params![hash, now_ms],
    )?;
    Ok(())
}

pub(super) fn put_device(db: &Connection, org: Id, row: &DeviceRow) -> Result<()> {
    db.execute(
        "INSERT INTO device(org, id, person, name, kind, created_at, last_contact_at)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            org,
            row.id,
            row.person,
            row.name,
            kind_name(row.kind),
            row.created_at,
            row.last_contact_at
        ],
    )?;
    Ok(())
}

pub(super) fn put_token(
    db: &Connection,
    org: Id,
    device: Id,
    hash: &Hash,
    state: &str,
    now_ms: i64,
) -> Result<()> {
    db.execute(
        "INSERT INTO token(hash, org, device, state, changed_at) VALUES(?1, ?2, ?3, ?4, ?5)",
        params![hash, org, device, state, now_ms],
    )?;
    Ok(())
}

pub(super) fn device_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<DeviceRow> {
    let kind: String = row.get(3)?;
    Ok(DeviceRow {
        id: row.get(0)?,
        person: row.get(1)?,
        name: row.get(2)?,
        kind: if kind == "web" {
            ShellKind::Web
        } else {
            ShellKind::App
        },
        created_at: row.get(4)?,
        last_contact_at: row.get(5)?,
        revoked_at: row.get(6)?,
        lost_at: row.get(7)?,
        told_at: row.get(8)?,
    })
}

const fn kind_name(kind: ShellKind) -> &'static str {
    match kind {
        ShellKind::App => "app",
        ShellKind::Web => "web",
    }
}
