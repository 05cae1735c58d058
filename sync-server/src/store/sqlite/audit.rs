//! The audit: who did what about whom, each row sealing the one before it. Never any content.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use vigie_core::error::Result;
use vigie_core::id::Id;

use super::Sqlite;

/// One administrative act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its number, from 1.
    pub number: i64,
    /// When: milliseconds.
    pub at: i64,
    /// A person's id, or `command-line`.
    pub who: String,
    /// What, for example `invite`.
    pub what: String,
    /// The id of the person or device that it was about.
    pub about: String,
}

impl Sqlite {
    /// The latest acts, newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn audit(&self, limit: u32) -> Result<Vec<Act>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(
                "SELECT number, at, who, what, about FROM audit WHERE org = ?1
                 ORDER BY number DESC LIMIT ?2",
            )?;
            let rows = statement.query_map(params![self.org, limit], |row| {
                Ok(Act {
                    number: row.get(0)?,
                    at: row.get(1)?,
                    who: row.get(2)?,
                    what: row.get(3)?,
                    about: row.get(4)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The first act whose seal does not hold, or `None` when nothing was tampered with.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn audit_broken_at(&self) -> Result<Option<i64>> {
        self.read(|db| {
            let mut statement = db.prepare(
                "SELECT number, at, who, what, about, seal FROM audit WHERE org = ?1
                 ORDER BY number",
            )?;
            let mut rows = statement.query(params![self.org])?;
            let (mut expected, mut before) = (1_i64, Vec::new());
            while let Some(row) = rows.next()? {
                let number: i64 = row.get(0)?;
                let (who, what, about): (String, String, String) =
                    (row.get(2)?, row.get(3)?, row.get(4)?);
                let found: Vec<u8> = row.get(5)?;
                let right = seal(&before, number, row.get(1)?, &who, &what, &about);
                if number != expected || found != right {
                    return Ok(Some(number));
                }
                before = found;
                expected = expected.saturating_add(1);
            }
            Ok(None)
        })
    }
}

/// Adds an act, in the transaction of what it tells.
pub(super) fn note(
    db: &Connection,
    org: Id,
    at: i64,
    who: &str,
    what: &str,
    about: &str,
) -> Result<()> {
    let last: Option<(i64, Vec<u8>)> = db
        .prepare_cached(
            "SELECT number, seal FROM audit WHERE org = ?1 ORDER BY number DESC LIMIT 1",
        )?
        .query_row(params![org], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (number, before) = last.unwrap_or_default();
    let number = number.saturating_add(1);
    let seal = seal(&before, number, at, who, what, about);
    db.prepare_cached(
        "INSERT INTO audit(org, number, at, who, what, about, seal)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![org, number, at, who, what, about, seal])?;
    Ok(())
}

fn seal(before: &[u8], number: i64, at: i64, who: &str, what: &str, about: &str) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(number.to_le_bytes());
    digest.update(at.to_le_bytes());
    for text in [who, what, about] {
        digest.update(text.len().to_le_bytes());
        digest.update(text.as_bytes());
    }
    digest.finalize().to_vec()
}
