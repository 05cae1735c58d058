//! Invitations: a code works once, for a while, and is stored hashed.

use rusqlite::{OptionalExtension, params};
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;

use super::{Sqlite, audit, device};
use crate::token::Hash;
use device::DeviceRow;

/// An invitation as it is stored.
#[derive(Debug)]
pub struct Invitation {
    /// Its id.
    pub id: Id,
    /// Hash of the short code.
    pub code: Hash,
    /// Hash of the long one, that the QR code carries.
    pub secret: Hash,
    /// Whom it invites.
    pub person: Id,
    /// Since when: milliseconds.
    pub created_at: i64,
    /// Until when: milliseconds.
    pub expires_at: i64,
}

/// What a code opens: a device with a token, or a browser's session.
#[derive(Debug, Clone, Copy)]
pub enum Credential {
    /// A device's first token.
    Token(Hash),
    /// A browser's session.
    Session {
        /// Hash of the cookie.
        hash: Hash,
        /// Until when at most: milliseconds.
        expires_at: i64,
    },
}

impl Sqlite {
    /// Keeps an invitation.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn invite(&self, invitation: &Invitation, who: &str) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO invitation(org, id, code, secret, person, created_at, expires_at)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    self.org,
                    invitation.id,
                    invitation.code,
                    invitation.secret,
                    invitation.person,
                    invitation.created_at,
                    invitation.expires_at
                ],
            )?;
            let about = invitation.person.to_string();
            audit::note(db, self.org, invitation.created_at, who, "invite", &about)
        })
    }

    /// Uses a code: of any number of tries at the same time, one succeeds. `make` turns the person
    /// into their new device.
    ///
    /// # Errors
    /// [`Code::CodeUnknown`], [`Code::CodeUsed`], [`Code::CodeExpired`].
    pub fn redeem(
        &self,
        code: &Hash,
        credential: &Credential,
        now_ms: i64,
        make: impl FnOnce(Id) -> DeviceRow,
    ) -> Result<DeviceRow> {
        self.write(|db| {
            let found: Option<(Id, Id, i64, Option<i64>)> = db
                .query_row(
                    "SELECT id, person, expires_at, used_at FROM invitation
                     WHERE org = ?1 AND (code = ?2 OR secret = ?2)",
                    params![self.org, code],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
                )
                .optional()?;
            let (id, person, expires_at, used_at) =
                found.ok_or_else(|| Error::new(Code::CodeUnknown, "no such code"))?;
            if used_at.is_some() {
                return Err(Error::new(Code::CodeUsed, "the code has been used"));
            }
            if expires_at <= now_ms {
                return Err(Error::new(Code::CodeExpired, "the code is too old"));
            }
            if super::seat(db, self.org, person)?.is_none() {
                return Err(Error::new(Code::CodeUnknown, "the person is not active"));
            }
            db.execute(
                "UPDATE invitation SET used_at = ?3 WHERE org = ?1 AND id = ?2",
                params![self.org, id, now_ms],
            )?;
            let row = make(person);
            self.begin_device(db, &row, credential, now_ms)?;
            Ok(row)
        })
    }

    /// Lets a person in who has shown their password.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn let_in(&self, row: &DeviceRow, credential: &Credential, now_ms: i64) -> Result<()> {
        self.write(|db| self.begin_device(db, row, credential, now_ms))
    }

    fn begin_device(
        &self,
        db: &rusqlite::Connection,
        row: &DeviceRow,
        credential: &Credential,
        now_ms: i64,
    ) -> Result<()> {
        device::put_device(db, self.org, row)?;
        match credential {
            Credential::Token(hash) => {
                device::put_token(db, self.org, row.id, hash, "current", now_ms)?;
            }
            Credential::Session { hash, expires_at } => {
                db.execute(
                    "INSERT INTO session(hash, org, device, person, created_at, seen_at, expires_at)
                     VALUES(?1, ?2, ?3, ?4, ?5, ?5, ?6)",
                    params![hash, self.org, row.id, row.person, now_ms, expires_at],
                )?;
            }
        }
        let who = row.person.to_string();
        audit::note(db, self.org, now_ms, &who, "device", &row.id.to_string())
    }
}
