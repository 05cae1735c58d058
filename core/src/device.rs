//! A device: one file, its persons, the one door into it, and its side of sync.
//!
//! A phone has one; so has every browser, on the server's disk.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::command::dispatch;
use crate::context::{Context, index};
use crate::document::Document;
use crate::error::{Code, Error, Result};
use crate::feature::kind;
use crate::features::FEATURES;
use crate::id::{Entropy, Id};
use crate::moment::Moment;
use crate::person::Seat;
use crate::store::{self, setting};
use crate::sync::machine::Ask;
use crate::sync::pull::Incoming;
use crate::sync::request;
use crate::sync::reread;

/// What a command answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// The command's output.
    pub output: Value,
    /// Topics that changed: screens reload on that alone.
    pub changed: BTreeSet<&'static str>,
}

/// What enrolment fixes on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The device's id on the server.
    pub device: Id,
    /// The organisation's name.
    pub org: String,
    /// The person and their rights, until the directory arrives.
    pub seat: Seat,
    /// The server's receipt key.
    pub server_key: [u8; 32],
}

/// A device over its file.
pub struct Device {
    db: Connection,
    entropy: Box<dyn Entropy + Send>,
}

impl Device {
    /// A device over an open file (see [`store::open`]).
    #[must_use]
    pub fn new(db: Connection, entropy: Box<dyn Entropy + Send>) -> Self {
        Self { db, entropy }
    }

    /// Opens or creates the file; `key` when it is encrypted. The first time that a version opens it, it
    /// reads again what the one before could not.
    ///
    /// # Errors
    /// As [`store::open::file`].
    pub fn open(
        path: &Path,
        key: Option<&[u8; 32]>,
        entropy: Box<dyn Entropy + Send>,
    ) -> Result<Self> {
        let mut db = store::open::file(path, key)?;
        reread::reread(&mut db)?;
        Ok(Self::new(db, entropy))
    }

    /// The file, for reading.
    #[must_use]
    pub const fn db(&self) -> &Connection {
        &self.db
    }

    /// Fixes who uses the device.
    ///
    /// # Errors
    /// [`Code::AlreadyDone`] when another person's data is on it.
    pub fn enrol(&mut self, enrolment: &Enrolment) -> Result<()> {
        let known: Option<Enrolment> = setting::get(&self.db, "enrolment")?;
        if known
            .as_ref()
            .is_some_and(|known| known.seat.person != enrolment.seat.person)
        {
            return Err(Error::new(
                Code::AlreadyDone,
                "the device is another person's",
            ));
        }
        let tx = self.db.transaction()?;
        if known.is_some_and(|known| known.device != enrolment.device) {
            // To the server it is another device: what it writes from now on is not the old one's.
            tx.execute("DELETE FROM actor", [])?;
        }
        setting::set(&tx, "enrolment", enrolment)?;
        setting::set(&tx, "server_key", &enrolment.server_key.to_vec())?;
        tx.commit()?;
        Ok(())
    }

    /// What enrolment fixed, or `None` before it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn enrolment(&self) -> Result<Option<Enrolment>> {
        setting::get(&self.db, "enrolment")
    }

    /// The person's rights of this moment, from the directory where it has arrived.
    ///
    /// # Errors
    /// [`Code::SignedOut`] before enrolment.
    pub fn seat(&self) -> Result<Seat> {
        let enrolment = self
            .enrolment()?
            .ok_or_else(|| Error::new(Code::SignedOut, "nobody is signed in"))?;
        if enrolment.seat.system {
            return Ok(enrolment.seat);
        }
        let stored = store::document::get(&self.db, enrolment.seat.person)?;
        let listed = match stored {
            Some(stored) => Seat::of(&Document::read(&stored.body)?.view),
            None => None,
        };
        Ok(listed.unwrap_or(enrolment.seat))
    }

    /// Runs a command in one transaction. A call with an id that has been answered gets the same
    /// answer and does nothing: replaying is harmless.
    ///
    /// # Errors
    /// As [`dispatch`]; nothing was written then.
    pub fn call(
        &mut self,
        moment: Moment,
        call: Option<Id>,
        name: &str,
        input: Value,
    ) -> Result<Reply> {
        let seat = self.seat()?;
        let tx = self
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if let Some(call) = call
            && let Some(reply) = tx
                .query_row(
                    "SELECT reply FROM call WHERE id = ?1",
                    params![call],
                    |row| row.get::<_, String>(0),
                )
                .optional()?
        {
            return Ok(Reply {
                output: serde_json::from_str(&reply)?,
                changed: BTreeSet::new(),
            });
        }
        let mut context = Context::new(&tx, seat, moment, self.entropy.as_mut());
        let output = dispatch(&mut context, name, input)?;
        let changed = context.changed;
        if let (Some(call), false) = (call, changed.is_empty()) {
            tx.execute(
                "INSERT INTO call(id, reply, at) VALUES(?1, ?2, ?3)",
                params![call, output.to_string(), moment.ms],
            )?;
            tx.execute(
                "DELETE FROM call WHERE at < ?1",
                params![moment.ms.saturating_sub(30 * 86_400_000)],
            )?;
        }
        tx.commit()?;
        Ok(Reply { output, changed })
    }

    /// Whether a call with this id has changed something here and been answered.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn answered(&self, call: Id) -> Result<bool> {
        Ok(self
            .db
            .prepare_cached("SELECT EXISTS(SELECT 1 FROM call WHERE id = ?1)")?
            .query_row(params![call], |row| row.get(0))?)
    }

    /// What happens by itself: after a sync, at the start, when a day begins. Idempotent.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn tick(&mut self, moment: Moment) -> Result<BTreeSet<&'static str>> {
        let seat = self.seat()?;
        let tx = self
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut context = Context::new(&tx, seat, moment, self.entropy.as_mut());
        for feature in FEATURES {
            if let Some(tick) = feature.tick {
                tick(&mut context)?;
            }
        }
        let changed = context.changed;
        tx.commit()?;
        Ok(changed)
    }

    /// The next request to the server.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn request(&self, now_ms: i64, ask: impl Into<Ask>) -> Result<Vec<u8>> {
        request::write(&self.db, now_ms, ask.into())
    }

    /// Takes in bytes of the server's answer.
    ///
    /// # Errors
    /// As [`Incoming::feed`].
    pub fn feed(&mut self, incoming: &mut Incoming, bytes: &[u8], now_ms: i64) -> Result<()> {
        incoming.feed(&mut self.db, bytes, now_ms)
    }

    /// The exchange ended well: when, for the sync page.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn contacted(&self, now_ms: i64) -> Result<()> {
        setting::set(&self.db, "last_contact_at", &now_ms)
    }

    /// Changes that wait to be sent.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn waiting(&self) -> Result<u64> {
        store::outbox::count(&self.db)
    }

    /// How much on this device is nowhere else: changes, refused changes, photos.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn unsent(&self) -> Result<u64> {
        store::erase::unsent(&self.db)
    }

    /// Erases what the server has: the device was revoked. What was never sent stays, readable.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn erase_received(&self) -> Result<()> {
        store::erase::received(&self.db, &self.seat()?)
    }

    /// A blob was confirmed by the server.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn blob_sent(&mut self, hash: &[u8; 32], now_ms: i64) -> Result<BTreeSet<&'static str>> {
        store::blob::sent(&self.db, hash, now_ms)?;
        Ok(BTreeSet::from(["sync", "report", "draft"]))
    }

    /// A blob was fetched: kept when it is what its name says, and the documents that need it are
    /// indexed again.
    ///
    /// # Errors
    /// As [`store::blob::fetched`].
    pub fn blob_fetched(
        &mut self,
        hash: &[u8; 32],
        content: &[u8],
    ) -> Result<BTreeSet<&'static str>> {
        let tx = self.db.transaction()?;
        store::blob::fetched(&tx, hash, content)?;
        let mut changed = BTreeSet::from(["sync"]);
        let users: Vec<Id> = tx
            .prepare("SELECT document FROM blob_use WHERE hash = ?1")?
            .query_map(params![hash], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in users {
            reindex(&tx, id, &mut changed)?;
        }
        tx.commit()?;
        Ok(changed)
    }

    /// Makes every read model anew from the documents.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn rebuild(&mut self) -> Result<()> {
        let tx = self
            .db
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for table in ["person", "site", "place", "form_release"] {
            tx.execute(&format!("DELETE FROM {table}"), [])?;
        }
        for table in FEATURES.iter().flat_map(|feature| feature.tables) {
            tx.execute(&format!("DELETE FROM {table}"), [])?;
        }
        let mut changed = BTreeSet::new();
        for (id, _kind) in store::document::all(&tx)? {
            reindex(&tx, id, &mut changed)?;
        }
        tx.commit()?;
        Ok(())
    }
}

/// Indexes a document of this device again; one that cannot be read is left out.
fn reindex(db: &Connection, id: Id, changed: &mut BTreeSet<&'static str>) -> Result<()> {
    let Some(stored) = store::document::get(db, id)? else {
        return Ok(());
    };
    let Some(kind) = kind(&stored.kind) else {
        return Ok(());
    };
    let Ok(read) = Document::read(&stored.body) else {
        return Ok(());
    };
    match index(db, kind, id, &read.view, changed) {
        Err(error) if error.code() == Code::Invalid => Ok(()),
        result => result,
    }
}
