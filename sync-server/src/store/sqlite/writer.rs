//! The one connection that writes. Small exchanges that come while another one writes share its
//! commit: a commit waits for the disk, and what several of them write is largely the same pages.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use vigie_core::error::{Code, Error, Result};

use crate::body::RETRY_MS;

/// The writer: one turn at a time.
#[derive(Debug)]
pub(super) struct Writer {
    held: Mutex<Held>,
    /// Turns that are waited for. While there is one, somebody will end the transaction.
    waiting: AtomicUsize,
    /// A transaction is shared for so long.
    shared_for: Duration,
}

#[derive(Debug)]
struct Held {
    db: Connection,
    /// When the running transaction began.
    begun: Instant,
    /// How the running transaction ended: for the turns of it that are over, when there are any.
    end: Option<Arc<End>>,
    /// Whether a commit waits for the disk.
    synced: bool,
}

/// How long what a turn writes must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lasts {
    /// Once it is told, it also outlasts the power.
    Always,
    /// It may go with the power: it can be asked for again.
    WithThePower,
}

/// How a shared transaction ended.
#[derive(Debug, Default)]
struct End {
    how: Mutex<Option<Result<()>>>,
    told: Condvar,
}

impl End {
    fn tell(&self, how: &Result<()>) {
        *self.how.lock().unwrap_or_else(PoisonError::into_inner) = Some(how.clone());
        self.told.notify_all();
    }

    fn wait(&self) -> Result<()> {
        let mut how = self.how.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(how) = how.clone() {
                return how;
            }
            how = self.told.wait(how).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Held {
    /// Ends the running transaction and tells whoever waits for it.
    fn end(&mut self) -> Result<()> {
        let done = self.db.execute_batch("COMMIT").map_err(Error::from);
        if done.is_err() {
            self.undo();
        }
        self.tell(&done);
        done
    }

    /// Undoes the running transaction, unless SQLite did.
    fn undo(&mut self) {
        if !self.db.is_autocommit()
            && let Err(error) = self.db.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be undone");
        }
    }

    /// Leaves nothing running: a shared transaction, or one that could not be undone.
    fn close(&mut self) {
        if self.end.is_some() {
            // Whoever waits for it is told how it ended.
            drop(self.end());
        } else {
            self.undo();
        }
    }

    fn begin(&mut self, lasts: Lasts) -> Result<()> {
        self.close();
        self.begun = Instant::now();
        let synced = lasts == Lasts::Always;
        if self.synced != synced {
            let how = if synced { "FULL" } else { "NORMAL" };
            self.db.pragma_update(None, "synchronous", how)?;
            self.synced = synced;
        }
        Ok(self.db.execute_batch("BEGIN IMMEDIATE")?)
    }

    /// Whether such a turn may write in the running transaction.
    fn takes(&self, lasts: Lasts) -> bool {
        self.end.is_some() && (self.synced || lasts == Lasts::WithThePower)
    }

    fn tell(&mut self, how: &Result<()>) {
        if let Some(end) = self.end.take() {
            end.tell(how);
        }
    }
}

impl Writer {
    /// Over a connection that waits for the disk at each commit; small turns share a transaction for so
    /// long.
    pub(super) fn new(db: Connection, shared_for: Duration) -> Self {
        let held = Held {
            db,
            begun: Instant::now(),
            end: None,
            synced: true,
        };
        Self {
            held: Mutex::new(held),
            waiting: AtomicUsize::new(0),
            shared_for,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        held
    }

    /// A turn in a transaction of its own.
    pub(super) fn alone(&self) -> Result<Turn<'_>> {
        let mut held = self.lock();
        held.begin(Lasts::Always)?;
        Ok(Turn {
            writer: self,
            held: Some(held),
            kind: Kind::Alone,
        })
    }

    /// A turn in the running transaction, or in one that others may join.
    pub(super) fn join(&self, lasts: Lasts) -> Result<Turn<'_>> {
        let mut held = self.lock();
        let kind = if held.takes(lasts) {
            if let Err(error) = held.db.execute_batch("SAVEPOINT turn") {
                held.close();
                return Err(error.into());
            }
            Kind::Joined
        } else {
            held.begin(lasts)?;
            Kind::First
        };
        Ok(Turn {
            writer: self,
            held: Some(held),
            kind,
        })
    }

    /// Runs `work` between transactions.
    pub(super) fn between<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        let mut held = self.lock();
        held.close();
        work(&held.db)
    }

    /// Runs `work`, which does not write, in or between transactions.
    pub(super) fn look<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        work(&held.db)
    }

    /// The same at once, `None` while somebody has their turn.
    pub(super) fn look_now<T>(&self, work: impl FnOnce(&Connection) -> T) -> Option<T> {
        match self.held.try_lock() {
            Ok(held) => Some(work(&held.db)),
            Err(TryLockError::Poisoned(held)) => Some(work(&held.into_inner().db)),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether somebody comes who can end the running transaction soon enough.
    fn goes_on(&self, held: &Held) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0 && held.begun.elapsed() < self.shared_for
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In a transaction of its own.
    Alone,
    /// In one that others may join.
    First,
    /// In one that others have written in before, behind a savepoint.
    Joined,
}

/// A turn at the writer; undone unless it is committed.
pub(super) struct Turn<'a> {
    writer: &'a Writer,
    held: Option<MutexGuard<'a, Held>>,
    kind: Kind,
}

impl Turn<'_> {
    /// The connection.
    pub(super) fn db(&self) -> Result<&Connection> {
        let held = self.held.as_deref();
        held.map(|held| &held.db)
            .ok_or_else(|| Error::unexpected("the turn is over"))
    }

    /// Makes it last, with those that share the transaction: when this is told, it does.
    pub(super) fn commit(mut self) -> Result<()> {
        let db = self.db()?;
        if db.is_autocommit() {
            return Err(undone());
        }
        if self.kind == Kind::Joined {
            db.execute_batch("RELEASE turn")?;
        }
        let Some(mut held) = self.held.take() else {
            return Err(Error::unexpected("the turn is over"));
        };
        if self.kind == Kind::Alone || !self.writer.goes_on(&held) {
            return held.end();
        }
        let end = Arc::clone(held.end.get_or_insert_default());
        drop(held);
        end.wait()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(mut held) = self.held.take() else {
            return;
        };
        let only_this = self.kind == Kind::Joined
            && !held.db.is_autocommit()
            && held
                .db
                .execute_batch("ROLLBACK TO turn; RELEASE turn")
                .is_ok();
        if !only_this {
            held.undo();
            held.tell(&Err(undone()));
        } else if !self.writer.goes_on(&held) {
            drop(held.end());
        }
    }
}

/// Whoever shared a transaction that another one's failure undid has done nothing wrong: asking again is
/// enough.
fn undone() -> Error {
    Error::new(Code::Offline, "the transaction was undone as a whole").after(RETRY_MS)
}

#[cfg(test)]
mod tests;
