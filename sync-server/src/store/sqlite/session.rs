//! Browser sessions.

use rusqlite::{OptionalExtension, params};
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;

use super::Sqlite;
use super::device::{COLUMNS, DeviceRow, device_row};
use crate::token::Hash;

/// Without a call for this long, a session ends: milliseconds.
const IDLE_MS: i64 = 4 * 3_600_000;
/// "Seen" is written down at most this often: milliseconds.
const SEEN_EVERY_MS: i64 = 60_000;

impl Sqlite {
    /// The browser of a session, which was seen now.
    ///
    /// # Errors
    /// [`Code::SignedOut`] when there is no such session or it has ended; [`Code::Lost`] for a lost
    /// browser, however long it was silent.
    pub fn browser_of_session(&self, hash: &Hash, now_ms: i64) -> Result<DeviceRow> {
        let (row, seen_at) = self.read(|db| {
            db.prepare_cached(&format!(
                "SELECT {COLUMNS}, seen_at
                 FROM session JOIN device ON device.org = session.org AND device.id = session.device
                 WHERE hash = ?1 AND session.org = ?2
                    AND (lost_at IS NOT NULL
                        OR (revoked_at IS NULL AND expires_at > ?3 AND seen_at > ?4))"
            ))?
            .query_row(
                params![hash, self.org, now_ms, now_ms.saturating_sub(IDLE_MS)],
                |row| Ok((device_row(row)?, row.get::<_, i64>(9)?)),
            )
            .optional()?
            .ok_or_else(|| Error::new(Code::SignedOut, "no such session"))
        })?;
        if row.lost_at.is_some() {
            if row.told_at.is_none() {
                self.told_to_erase(row.id, now_ms)?;
            }
            return Err(Error::new(Code::Lost, "the browser was lost"));
        }
        if now_ms.saturating_sub(seen_at) >= SEEN_EVERY_MS {
            self.write(|db| {
                db.execute(
                    "UPDATE session SET seen_at = ?2 WHERE hash = ?1",
                    params![hash, now_ms],
                )?;
                db.execute(
                    "UPDATE device SET last_contact_at = ?3 WHERE org = ?1 AND id = ?2",
                    params![self.org, row.id, now_ms],
                )?;
                Ok(())
            })?;
        }
        Ok(row)
    }

    /// Ends the sessions of a browser.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end_sessions(&self, device: Id) -> Result<()> {
        self.write(|db| {
            db.execute(
                "DELETE FROM session WHERE org = ?1 AND device = ?2",
                params![self.org, device],
            )?;
            Ok(())
        })
    }

    /// Ends what has expired; the browsers that have a session left.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn live_browsers(&self, now_ms: i64) -> Result<Vec<Id>> {
        self.write(|db| {
            db.execute(
                "DELETE FROM session WHERE org = ?1 AND (expires_at <= ?2 OR seen_at <= ?3)
                    AND device NOT IN (SELECT id FROM device WHERE org = ?1 AND lost_at IS NOT NULL)",
                params![self.org, now_ms, now_ms.saturating_sub(IDLE_MS)],
            )?;
            let mut statement = db.prepare("SELECT device FROM session WHERE org = ?1")?;
            let rows = statement.query_map(params![self.org], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
