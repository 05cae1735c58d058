//! What one exchange does with the store: pushes under the writer's lock, news from one moment.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use vigie_core::error::{Error, Result};
use vigie_core::feature::{BlobRef, Origin};
use vigie_core::id::Id;
use vigie_core::person::{Scope, Seat};
use vigie_core::sync::message::Cursor;
use vigie_core::sync::push::Pusher;
use vigie_core::sync::store::{
    Bound, FeedEntry, NewChange, Outcome, Quarantined, Store, StoredDocument,
};

use super::Sqlite;
use super::counted::Counted;
use super::isolation;
use super::writer::{Lasts, Turn};
use crate::limit::{Limiter, Limits};

/// Exchanges of at most so many pushes share commits.
const SHARING_PUSHES: usize = 16;
/// What a scope tells from a position on.
pub(super) const FEED: &str = "SELECT position, document, gone FROM placement
    WHERE org = ?1 AND scope = ?2 AND position > ?3 ORDER BY position LIMIT ?4";
/// A contact is written down at most this often: milliseconds.
const CONTACT_EVERY_MS: i64 = 60_000;

/// One exchange over the store.
///
/// Outside a transaction everything is read from one snapshot, so that a scope's head is never read
/// later than its feed.
pub struct Exchange<'a> {
    store: &'a Sqlite,
    limits: Option<(&'a Limiter, &'a Limits)>,
    writer: Option<Turn<'a>>,
    snapshot: Option<Connection>,
    counted: Counted,
    /// Scopes in which something is new for good.
    moved: BTreeSet<Scope>,
    /// The server's own device pushes.
    system: bool,
}

impl<'a> Exchange<'a> {
    /// An exchange that has done nothing yet.
    #[must_use]
    pub fn new(store: &'a Sqlite) -> Self {
        Self {
            store,
            limits: None,
            writer: None,
            snapshot: None,
            counted: Counted::default(),
            moved: BTreeSet::new(),
            system: false,
        }
    }

    /// An exchange that keeps within limits.
    #[must_use]
    pub fn within(store: &'a Sqlite, limiter: &'a Limiter, limits: &'a Limits) -> Self {
        Self {
            store,
            limits: Some((limiter, limits)),
            writer: None,
            snapshot: None,
            counted: Counted::default(),
            moved: BTreeSet::new(),
            system: false,
        }
    }

    /// The scopes in which something is new since it was asked last: also where the exchange failed
    /// afterwards.
    pub fn moved(&mut self) -> BTreeSet<Scope> {
        std::mem::take(&mut self.moved)
    }

    fn db(&mut self) -> Result<&Connection> {
        if self.writer.is_none() && self.snapshot.is_none() {
            let db = self.store.take_reader()?;
            db.execute_batch("BEGIN DEFERRED")?;
            self.snapshot = Some(db);
        }
        match (&self.writer, &self.snapshot) {
            (Some(turn), _) => turn.db(),
            (None, Some(db)) => Ok(db),
            (None, None) => Err(Error::unexpected("no connection")),
        }
    }

    /// Who counts the pushes, and whose they are.
    fn counted(&self, pusher: &Pusher<'_>) -> Option<(&'a Limiter, Id)> {
        let (limiter, _) = self.limits.filter(|_| !pusher.system)?;
        Some((limiter, *pusher.persons.first()?))
    }

    fn end_snapshot(&mut self) {
        if let Some(db) = self.snapshot.take()
            && db.execute_batch("COMMIT").is_ok()
        {
            self.store.give_reader(db);
        }
    }

    const fn org(&self) -> Id {
        self.store.org
    }

    /// The transaction, which has begun.
    fn transaction(&self) -> Result<&Connection> {
        let turn = self.writer.as_ref();
        turn.ok_or_else(|| Error::unexpected("no transaction"))?
            .db()
    }

    /// Puts a document at the next position of a scope.
    fn put_placement(&mut self, scope: &str, document: Id, gone: bool) -> Result<()> {
        let (org, position) = (self.org(), signed(self.head(scope)?).saturating_add(1));
        self.transaction()?
            .prepare_cached(
                "INSERT INTO placement(org, scope, document, position, gone)
                 VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(org, document, scope)
                 DO UPDATE SET position = excluded.position, gone = excluded.gone",
            )?
            .execute(params![org, scope, document, position, gone])?;
        match self.counted.heads.get_mut(scope) {
            Some(head) => *head = position,
            None => {
                self.counted.heads.insert(scope.to_owned(), position);
            }
        }
        Ok(())
    }
}

impl Drop for Exchange<'_> {
    fn drop(&mut self) {
        self.rollback();
        self.end_snapshot();
    }
}

impl Store for Exchange<'_> {
    fn may_push(&mut self, pusher: &Pusher<'_>, count: usize) -> Result<()> {
        self.system = pusher.system;
        match self.counted(pusher) {
            Some((limiter, person)) => limiter.pushes(person, count, pusher.now_ms),
            None => Ok(()),
        }
    }

    fn push_later(&mut self, pusher: &Pusher<'_>, count: usize) {
        if let Some((limiter, person)) = self.counted(pusher) {
            limiter.pushes_later(person, count);
        }
    }

    fn begin(&mut self, pushes: usize) -> Result<()> {
        self.end_snapshot();
        // Whoever shares a commit waits for what comes after them.
        self.writer = Some(match pushes {
            ..=SHARING_PUSHES => self.store.writer.join(Lasts::Always)?,
            _ => self.store.writer.alone()?,
        });
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        // Whoever operates the server makes room, and must be able to.
        let limits = self.limits.filter(|_| !self.system);
        let most = limits.map(|(_, limits)| limits.org_documents);
        let settled = self
            .counted
            .settle(self.transaction()?, self.store.org, most);
        let turn = self.writer.take();
        let counted = std::mem::take(&mut self.counted);
        settled?;
        turn.map_or(Ok(()), Turn::commit)?;
        self.moved.extend(counted.heads.into_keys());
        Ok(())
    }

    fn rollback(&mut self) {
        self.counted = Counted::default();
        self.writer = None;
    }

    fn outcome(&mut self, device: Id, push: Id) -> Result<Option<Outcome>> {
        let org = self.org();
        Ok(self
            .db()?
            .prepare_cached(
                "SELECT receipt, signature, code, detail FROM outcome
                 WHERE org = ?1 AND device = ?2 AND push = ?3",
            )?
            .query_row(params![org, device, push], |row| {
                let receipt: Option<Vec<u8>> = row.get(0)?;
                Ok(match receipt {
                    Some(receipt) => Outcome::Received {
                        receipt,
                        signature: row.get(1)?,
                    },
                    None => Outcome::Refused {
                        code: row.get(2)?,
                        detail: row.get(3)?,
                    },
                })
            })
            .optional()?)
    }

    fn record(&mut self, device: Id, push: Id, outcome: &Outcome, at_ms: i64) -> Result<()> {
        let org = self.org();
        let (receipt, signature, code, detail) = match outcome {
            Outcome::Received { receipt, signature } => {
                (Some(receipt), Some(signature), None, None)
            }
            Outcome::Refused { code, detail } => (None, None, Some(code), Some(detail)),
        };
        let db = self.transaction()?;
        db.prepare_cached(
            "INSERT INTO outcome(org, device, push, receipt, signature, code, detail, at)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            org, device, push, receipt, signature, code, detail, at_ms
        ])?;
        Ok(())
    }

    fn erased(&mut self, id: Id) -> Result<bool> {
        let org = self.org();
        super::erase::erased(self.db()?, org, id)
    }

    fn document(&mut self, id: Id) -> Result<Option<StoredDocument>> {
        let org = self.org();
        Ok(self
            .db()?
            .prepare_cached(
                "SELECT kind, creator, year, received_at, body, heads FROM document
                 WHERE org = ?1 AND id = ?2",
            )?
            .query_row(params![org, id], |row| {
                let heads: Vec<u8> = row.get(5)?;
                Ok(StoredDocument {
                    kind: row.get(0)?,
                    origin: Origin {
                        creator: row.get(1)?,
                        year: row.get(2)?,
                    },
                    received_at: row.get(3)?,
                    body: row.get(4)?,
                    heads: heads
                        .chunks_exact(32)
                        .filter_map(|head| <[u8; 32]>::try_from(head).ok())
                        .collect(),
                })
            })
            .optional()?)
    }

    fn put_document(&mut self, id: Id, document: &StoredDocument) -> Result<()> {
        let org = self.org();
        let db = self.transaction()?;
        db.prepare_cached(
            "INSERT INTO document(org, id, kind, creator, year, received_at, body, heads)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(org, id)
             DO UPDATE SET body = excluded.body, heads = excluded.heads",
        )?
        .execute(params![
            org,
            id,
            document.kind,
            document.origin.creator,
            document.origin.year,
            document.received_at,
            document.body,
            document.heads.concat()
        ])?;
        self.counted.documents = true;
        Ok(())
    }

    fn bound(&mut self, document: Id, actor: vigie_core::gate::Actor, device: Id) -> Result<Bound> {
        let org = self.org();
        let db = self.db()?;
        let owner: Option<Id> = db
            .prepare_cached(
                "SELECT device FROM actor WHERE org = ?1 AND document = ?2 AND actor = ?3",
            )?
            .query_row(params![org, document, actor], |row| row.get(0))
            .optional()?;
        let Some(owner) = owner.filter(|owner| *owner != device) else {
            return Ok(Bound::Yours);
        };
        if owner == Id::NOBODY {
            return Ok(Bound::Nobodys);
        }
        // They enrolled anew on the device that they had, with what had not been sent from it.
        let old: Option<(bool, bool)> = db
            .prepare_cached(
                "SELECT old.revoked_at IS NOT NULL,
                    coalesce(old.last_contact_at, old.created_at) < new.created_at
                 FROM device AS old JOIN device AS new
                    ON new.org = old.org AND new.person = old.person
                 WHERE old.org = ?1 AND old.id = ?2 AND new.id = ?3",
            )?
            .query_row(params![org, owner, device], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        Ok(match old {
            Some((true, _)) => Bound::Yours,
            Some((false, true)) => Bound::YoursBefore,
            Some((false, false)) => Bound::YoursElsewhere,
            None => Bound::Anothers,
        })
    }

    fn append(&mut self, change: &NewChange<'_>) -> Result<()> {
        let org = self.org();
        let db = self.transaction()?;
        db.prepare_cached(
            "INSERT INTO actor(org, document, actor, device) VALUES(?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![org, change.document, change.actor, change.device])?;
        db.prepare_cached(
            "INSERT INTO change(org, document, hash, actor, seq, bytes, device, person,
                received_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            org,
            change.document,
            change.hash,
            change.actor,
            i64::try_from(change.seq).unwrap_or(i64::MAX),
            change.bytes,
            change.device,
            change.person,
            change.received_at
        ])?;
        Ok(())
    }

    fn quarantine(&mut self, refused: &Quarantined<'_>) -> Result<()> {
        let org = self.org();
        isolation::keep(self.transaction()?, org, refused)
    }

    fn refusals(&mut self, device: Id, since_ms: i64) -> Result<u64> {
        let org = self.org();
        isolation::refusals(self.db()?, org, device, since_ms)
    }

    fn refused_bytes(&mut self, device: Id) -> Result<(u64, u64)> {
        let org = self.org();
        isolation::bytes(self.db()?, org, device)
    }

    fn poisoned(&mut self, device: Id) -> Result<u64> {
        let org = self.org();
        isolation::poisoned(self.transaction()?, org, device)
    }

    fn isolate(&mut self, device: Id, at_ms: i64) -> Result<()> {
        let org = self.org();
        isolation::begin(self.transaction()?, org, device, at_ms)
    }

    fn is_isolated(&mut self, device: Id) -> Result<bool> {
        let org = self.org();
        isolation::since(self.db()?, org, device).map(|since| since.is_some())
    }

    fn placements(&mut self, document: Id) -> Result<BTreeSet<Scope>> {
        let org = self.org();
        super::placements(self.db()?, org, document)
    }

    fn place(&mut self, scope: &str, document: Id) -> Result<()> {
        self.put_placement(scope, document, false)
    }

    fn displace(&mut self, scope: &str, document: Id) -> Result<()> {
        self.put_placement(scope, document, true)
    }

    fn head(&mut self, scope: &str) -> Result<u64> {
        let org = self.org();
        if let Some(head) = self.counted.heads.get(scope) {
            return Ok(unsigned(*head));
        }
        let head: Option<i64> = self
            .db()?
            .prepare_cached("SELECT head FROM scope WHERE org = ?1 AND name = ?2")?
            .query_row(params![org, scope], |row| row.get(0))
            .optional()?;
        Ok(unsigned(head.unwrap_or(0)))
    }

    fn feed(&mut self, scope: &str, after: u64, limit: usize) -> Result<Vec<FeedEntry>> {
        let org = self.org();
        let mut statement = self.db()?.prepare_cached(FEED)?;
        let rows = statement.query_map(
            params![
                org,
                scope,
                signed(after),
                i64::try_from(limit).unwrap_or(i64::MAX)
            ],
            |row| {
                Ok(FeedEntry {
                    position: unsigned(row.get(0)?),
                    document: row.get(1)?,
                    gone: row.get(2)?,
                })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn next_receipt(&mut self) -> Result<u64> {
        let last = match self.counted.receipts {
            Some(last) => last,
            None => self
                .transaction()?
                .prepare_cached("SELECT receipts FROM org WHERE id = ?1")?
                .query_row(params![self.org()], |row| row.get(0))?,
        };
        let next = last.saturating_add(1);
        self.counted.receipts = Some(next);
        Ok(unsigned(next))
    }

    fn epoch(&mut self) -> Result<u32> {
        let org = self.org();
        Ok(self
            .db()?
            .prepare_cached("SELECT epoch FROM org WHERE id = ?1")?
            .query_row(params![org], |row| row.get(0))?)
    }

    fn put_blob_refs(&mut self, document: Id, blobs: &[BlobRef]) -> Result<()> {
        let org = self.org();
        let db = self.transaction()?;
        db.prepare_cached("DELETE FROM blob_ref WHERE org = ?1 AND document = ?2")?
            .execute(params![org, document])?;
        for blob in blobs {
            db.prepare_cached(
                "INSERT INTO blob_ref(org, document, hash, media_type, size)
                 VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                org,
                document,
                blob.hash,
                blob.media_type,
                signed(blob.size)
            ])?;
        }
        Ok(())
    }

    fn seat(&mut self, person: Id) -> Result<Option<Seat>> {
        let org = self.org();
        super::seat(self.db()?, org, person)
    }

    fn put_seat(&mut self, person: Id, seat: Option<&Seat>) -> Result<()> {
        let org = self.org();
        let db = self.transaction()?;
        match seat {
            Some(seat) => db
                .prepare_cached(
                    "INSERT INTO seat(org, person, seat) VALUES(?1, ?2, ?3)
                     ON CONFLICT(org, person) DO UPDATE SET seat = excluded.seat",
                )?
                .execute(params![org, person, serde_json::to_string(seat)?])?,
            None => db
                .prepare_cached("DELETE FROM seat WHERE org = ?1 AND person = ?2")?
                .execute(params![org, person])?,
        };
        Ok(())
    }

    fn documents_of(&mut self, kind: &str) -> Result<Vec<Id>> {
        let org = self.org();
        let mut statement = self
            .db()?
            .prepare_cached("SELECT id FROM document WHERE org = ?1 AND kind = ?2 ORDER BY id")?;
        let rows = statement.query_map(params![org, kind], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn cursors(&mut self, device: Id) -> Result<Vec<Cursor>> {
        let org = self.org();
        let mut statement = self.db()?.prepare_cached(
            "SELECT scope, epoch, position FROM cursor WHERE org = ?1 AND device = ?2 ORDER BY scope",
        )?;
        let rows = statement.query_map(params![org, device], |row| {
            Ok(Cursor {
                scope: row.get(0)?,
                epoch: row.get(1)?,
                position: unsigned(row.get(2)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn put_cursors(&mut self, device: Id, cursors: &[Cursor]) -> Result<()> {
        let mut known = self.cursors(device)?;
        known.sort();
        let mut wanted = cursors.to_vec();
        wanted.sort();
        // Nothing new is the common case, and then nothing is written.
        if known == wanted {
            return Ok(());
        }
        let org = self.org();
        // What a device holds is told from where it stands: that it stands anywhere must last.
        let lasts = match known.is_empty() {
            true => Lasts::Always,
            false => Lasts::WithThePower,
        };
        self.store.note(lasts, |db| {
            db.prepare_cached("DELETE FROM cursor WHERE org = ?1 AND device = ?2")?
                .execute(params![org, device])?;
            for cursor in &wanted {
                db.prepare_cached(
                    "INSERT INTO cursor(org, device, scope, epoch, position)
                     VALUES(?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    org,
                    device,
                    cursor.scope,
                    cursor.epoch,
                    signed(cursor.position)
                ])?;
            }
            Ok(())
        })
    }

    fn contact(&mut self, device: Id, at_ms: i64, clock_off_ms: i64) -> Result<()> {
        let org = self.org();
        let known: Option<Option<i64>> = self
            .db()?
            .prepare_cached("SELECT last_contact_at FROM device WHERE org = ?1 AND id = ?2")?
            .query_row(params![org, device], |row| row.get(0))
            .optional()?;
        let recent = |at: i64| at_ms.saturating_sub(at) < CONTACT_EVERY_MS;
        if known.is_none_or(|at| at.is_some_and(recent)) {
            return Ok(());
        }
        self.store.note(Lasts::WithThePower, |db| {
            db.prepare_cached(
                "UPDATE device SET last_contact_at = ?3, clock_off_ms = ?4
                 WHERE org = ?1 AND id = ?2",
            )?
            .execute(params![org, device, at_ms, clock_off_ms])?;
            Ok(())
        })
    }
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
