//! The store on embedded SQLite: one writer, readers that each see one moment.

pub mod audit;
pub mod blob;
mod counted;
pub mod device;
pub mod erase;
pub mod exchange;
pub mod invitation;
pub mod isolation;
pub mod keep;
pub mod lost;
pub mod session;
mod writer;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;
use vigie_core::person::{Scope, Seat};

use crate::entropy;
use writer::{Lasts, Writer};

/// The steps from an empty file to this version's. In order; never changed once released, only added to.
pub const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_begin.sql"),
    include_str!("../../migrations/sqlite/0002_room.sql"),
    include_str!("../../migrations/sqlite/0003_isolation.sql"),
    include_str!("../../migrations/sqlite/0004_keeping.sql"),
    include_str!("../../migrations/sqlite/0005_placement.sql"),
];

/// Another process has the lock for this long at most.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);
/// Anybody may ask whether the store takes writes: it is tried at most this often, in milliseconds.
const PROBE_EVERY_MS: i64 = 5000;
/// Small exchanges share a transaction for so long.
const SHARED_FOR: Duration = Duration::from_millis(20);
/// Most idle readers kept open.
const READERS_MAX: usize = 8;

/// The organisation of this store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
}

/// The store, for one organisation.
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    org: Id,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    /// When it last took a probe: milliseconds.
    probed: Mutex<Option<i64>>,
}

impl Sqlite {
    /// Opens or creates the store; a new one belongs to a new organisation of that name.
    ///
    /// # Errors
    /// [`Code::Storage`] when the file is damaged or a newer Vigie wrote it.
    pub fn open(path: &Path, name: &str, now_ms: i64) -> Result<Self> {
        let mut db = connect(path)?;
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        migrate(&tx)?;
        let known: Option<Id> = tx
            .query_row("SELECT id FROM org LIMIT 1", [], |row| row.get(0))
            .optional()?;
        let org = match known {
            Some(org) => org,
            None => {
                let org = entropy::id(now_ms);
                tx.execute(
                    "INSERT INTO org(id, name, epoch, receipts, created_at) VALUES(?1, ?2, 1, 0, ?3)",
                    params![org, name, now_ms],
                )?;
                org
            }
        };
        tx.commit()?;
        Ok(Self {
            path: path.to_owned(),
            org,
            writer: Writer::new(db, SHARED_FOR),
            readers: Mutex::new(Vec::new()),
            probed: Mutex::new(None),
        })
    }

    /// The organisation.
    ///
    /// # Errors
    /// When the file cannot be read; so for every method below.
    pub fn org(&self) -> Result<Org> {
        self.read(|db| {
            Ok(db.query_row(
                "SELECT id, name FROM org WHERE id = ?1",
                params![self.org],
                |row| {
                    Ok(Org {
                        id: row.get(0)?,
                        name: row.get(1)?,
                    })
                },
            )?)
        })
    }

    /// Names the organisation.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn rename(&self, name: &str) -> Result<()> {
        self.write(|db| {
            db.execute(
                "UPDATE org SET name = ?2 WHERE id = ?1",
                params![self.org, name],
            )?;
            Ok(())
        })
    }

    /// The epoch.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn epoch(&self) -> Result<u32> {
        self.read(|db| {
            Ok(db.query_row(
                "SELECT epoch FROM org WHERE id = ?1",
                params![self.org],
                |row| row.get(0),
            )?)
        })
    }

    /// Every scope in which something ever lay.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scopes(&self) -> Result<BTreeSet<Scope>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT name FROM scope WHERE org = ?1")?;
            let rows = statement.query_map(params![self.org], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A number that changes when another process has written: the command line beside a server.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn written_elsewhere(&self) -> Result<i64> {
        // This process writes through this one connection, which does not count itself.
        Ok(self.writer.look(data_version)?)
    }

    /// The same number at once, `None` while this process writes.
    #[must_use]
    pub fn written_elsewhere_now(&self) -> Option<i64> {
        self.writer.look_now(data_version)?.ok()
    }

    /// Starts another epoch: every device pulls again from the beginning. After a restore.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn next_epoch(&self, now_ms: i64) -> Result<u32> {
        // Of the clock: one backup may be restored twice, and devices must see two epochs.
        let seconds = u32::try_from(now_ms.div_euclid(1000)).unwrap_or(0);
        self.write(|db| {
            db.execute(
                "UPDATE org SET epoch = max(epoch + 1, ?2) WHERE id = ?1",
                params![self.org, seconds],
            )?;
            Ok(db.query_row(
                "SELECT epoch FROM org WHERE id = ?1",
                params![self.org],
                |row| row.get(0),
            )?)
        })
    }

    /// The seat of a person; `None` when unknown or not active.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn seat(&self, person: Id) -> Result<Option<Seat>> {
        self.read(|db| seat(db, self.org, person))
    }

    /// How many documents, changes, devices and blobs there are, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn counts(&self) -> Result<Vec<(&'static str, u64)>> {
        self.read(|db| {
            [
                "document",
                "change",
                "quarantine",
                "blob",
                "device",
                "session",
            ]
            .into_iter()
            .map(|table| {
                let sql = format!("SELECT count(*) FROM {table} WHERE org = ?1");
                let count: i64 = db.query_row(&sql, params![self.org], |row| row.get(0))?;
                Ok((table, u64::try_from(count).unwrap_or(0)))
            })
            .collect()
        })
    }

    /// How many documents the organisation has, and bytes of blobs.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn room(&self) -> Result<(u64, u64)> {
        self.read(|db| {
            let (documents, bytes): (i64, i64) = db.query_row(
                "SELECT documents, blob_bytes FROM org WHERE id = ?1",
                params![self.org],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok((
                u64::try_from(documents).unwrap_or(0),
                u64::try_from(bytes).unwrap_or(0),
            ))
        })
    }

    /// Whether the store takes writes, or did just now.
    ///
    /// # Errors
    /// When it does not.
    pub fn probe(&self, now_ms: i64) -> Result<()> {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        let since = probed.map(|at| now_ms.saturating_sub(at));
        if since.is_some_and(|since| (0..PROBE_EVERY_MS).contains(&since)) {
            return Ok(());
        }
        // Another value each time: what stays as it was is not written at all.
        self.put_chore("probe", now_ms)?;
        *probed = Some(now_ms);
        Ok(())
    }

    /// A consistent copy of the whole store in a new file.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        let path = path
            .to_str()
            .ok_or_else(|| Error::invalid("the path is not UTF-8"))?;
        let db = connect(&self.path)?;
        db.execute("VACUUM INTO ?1", params![path])?;
        Ok(())
    }

    /// Closes the store, with everything in its one file: it can be renamed.
    ///
    /// # Errors
    /// When the file cannot be written, or another process reads it.
    pub fn into_file(self) -> Result<()> {
        let busy: bool = self
            .writer
            .between(|db| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)))?;
        if busy {
            return Err(Error::new(Code::Storage, "another process reads the store"));
        }
        Ok(())
    }

    /// Runs `work` in one transaction that holds the writer.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let turn = self.writer.alone()?;
        let done = work(turn.db()?)?;
        turn.commit()?;
        Ok(done)
    }

    /// Notes how a device stands, in a transaction that others may share.
    fn note<T>(&self, lasts: Lasts, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let turn = self.writer.join(lasts)?;
        let done = work(turn.db()?)?;
        turn.commit()?;
        Ok(done)
    }

    /// Runs `work` on a reader.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let db = self.take_reader()?;
        let done = work(&db);
        self.give_reader(db);
        done
    }

    fn take_reader(&self) -> Result<Connection> {
        match self.idle_reader() {
            Some(db) => Ok(db),
            None => {
                let db = connect(&self.path)?;
                db.execute_batch("PRAGMA query_only = ON")?;
                Ok(db)
            }
        }
    }

    fn idle_reader(&self) -> Option<Connection> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.pop()
    }

    fn give_reader(&self, db: Connection) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS_MAX && db.is_autocommit() {
            readers.push(db);
        }
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16000;
         PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;",
    )?;
    db.busy_timeout(LOCK_PATIENCE)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// The scopes that a document lies in.
const PLACEMENTS: &str = "SELECT scope FROM placement
    WHERE org = ?1 AND document = ?2 AND gone = 0";

fn placements(db: &Connection, org: Id, document: Id) -> Result<BTreeSet<Scope>> {
    let mut statement = db.prepare_cached(PLACEMENTS)?;
    let rows = statement.query_map(params![org, document], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn data_version(db: &Connection) -> rusqlite::Result<i64> {
    let mut statement = db.prepare_cached("PRAGMA data_version")?;
    statement.query_row([], |row| row.get(0))
}

fn migrate(db: &Connection) -> Result<()> {
    let done: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(Error::new(
            Code::Storage,
            "a newer Vigie wrote this store: update first",
        ));
    }
    // Nothing is written then: a store also opens where there is no room left.
    if done == MIGRATIONS.len() {
        return Ok(());
    }
    for sql in MIGRATIONS.iter().skip(done) {
        db.execute_batch(sql)?;
    }
    db.execute_batch(&format!("PRAGMA user_version = {}", MIGRATIONS.len()))?;
    Ok(())
}

fn seat(db: &Connection, org: Id, person: Id) -> Result<Option<Seat>> {
    let text: Option<String> = db
        .prepare_cached("SELECT seat FROM seat WHERE org = ?1 AND person = ?2")?
        .query_row(params![org, person], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

#[cfg(test)]
mod tests;
