//! Opening and migrating the device's file.

use std::path::Path;

use rusqlite::Connection;

use crate::error::{Code, Error, Result};
use crate::features::FEATURES;

/// Tables of the store itself.
const MIGRATIONS: &[&str] = &["
CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE document(
    id BLOB PRIMARY KEY, kind TEXT NOT NULL, body BLOB NOT NULL, heads BLOB NOT NULL,
    mine INTEGER NOT NULL, received_at INTEGER, readable INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX document_kind ON document(kind);
CREATE TABLE actor(document BLOB PRIMARY KEY, actor BLOB NOT NULL) STRICT;
CREATE TABLE placement(
    document BLOB NOT NULL, scope TEXT NOT NULL, PRIMARY KEY(document, scope)
) STRICT, WITHOUT ROWID;
CREATE TABLE cursor(scope TEXT PRIMARY KEY, epoch INTEGER NOT NULL, position INTEGER NOT NULL) STRICT;
CREATE TABLE outbox(
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, document BLOB NOT NULL,
    kind TEXT NOT NULL, person BLOB NOT NULL, change BLOB NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_document ON outbox(document);
CREATE TABLE refused(
    id BLOB PRIMARY KEY, document BLOB NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,
    code TEXT NOT NULL, detail TEXT NOT NULL, change BLOB NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX refused_document ON refused(document);
CREATE TABLE receipt(
    push BLOB PRIMARY KEY, document BLOB NOT NULL, body BLOB NOT NULL, signature BLOB NOT NULL,
    received_at INTEGER NOT NULL, position INTEGER NOT NULL
) STRICT;
CREATE INDEX receipt_document ON receipt(document, position);
CREATE TABLE blob(
    hash BLOB PRIMARY KEY, media_type TEXT NOT NULL, size INTEGER NOT NULL, content BLOB,
    sent_at INTEGER, wanted INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE blob_use(
    document BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(document, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_use_hash ON blob_use(hash);
CREATE TABLE call(id BLOB PRIMARY KEY, reply TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
",
"
-- What a server that was restored from a backup may no longer know, and the heads it told.
CREATE TABLE give_back(document BLOB PRIMARY KEY, heads BLOB) STRICT, WITHOUT ROWID;
"];

/// Opens or creates the device's file. `key` is the raw 256-bit key of an encrypted file; it needs
/// the feature `encrypted`.
///
/// # Errors
/// [`Code::Storage`] when the file is damaged, the key is wrong, or a newer Vigie wrote it.
pub fn file(path: &Path, key: Option<&[u8; 32]>) -> Result<Connection> {
    let db = Connection::open(path)?;
    if let Some(key) = key {
        use std::fmt::Write as _;
        let mut hex = String::with_capacity(64);
        for byte in key {
            write!(hex, "{byte:02x}").map_err(|error| Error::unexpected(error.to_string()))?;
        }
        db.execute_batch(&format!("PRAGMA key = \"x'{hex}'\";"))?;
        if cipher_version(&db)?.is_none() {
            return Err(Error::new(
                Code::Storage,
                "this build cannot encrypt the file",
            ));
        }
        db.execute_batch("PRAGMA temp_store = memory;")?;
    }
    prepare(db)
}

/// The version of SQLCipher that encrypts this connection, or `None` when nothing does.
///
/// # Errors
/// When the file cannot be read.
pub fn cipher_version(db: &Connection) -> Result<Option<String>> {
    let mut statement = db.prepare("PRAGMA cipher_version")?;
    let mut rows = statement.query([])?;
    let version: Option<String> = match rows.next()? {
        Some(row) => row.get(0)?,
        None => None,
    };
    Ok(version.filter(|version| !version.is_empty()))
}

/// A file that lives in memory, for tests.
///
/// # Errors
/// When SQLite cannot start.
pub fn memory() -> Result<Connection> {
    prepare(Connection::open_in_memory()?)
}

fn prepare(mut db: Connection) -> Result<Connection> {
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -8000;",
    )?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.set_prepared_statement_cache_capacity(128);
    migrate(&mut db)?;
    // What was erased when the device was killed goes now.
    super::erase::journal(&db)?;
    Ok(db)
}

/// Brings the file to this version: each set of tables counts its own steps.
fn migrate(db: &mut Connection) -> Result<()> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS migration(name TEXT PRIMARY KEY, step INTEGER NOT NULL) STRICT;",
    )?;
    for (name, migrations) in sets() {
        steps(&tx, &name, migrations)?;
    }
    tx.commit()?;
    Ok(())
}

/// Every set of tables by its name, with the steps from nothing to this version's.
#[must_use]
pub fn sets() -> Vec<(String, &'static [&'static str])> {
    let mut sets: Vec<(String, &'static [&'static str])> = vec![
        ("store".to_owned(), MIGRATIONS),
        ("person".to_owned(), &[crate::person::table::MIGRATION]),
        ("form".to_owned(), &[crate::program::MIGRATION]),
    ];
    sets.extend(
        FEATURES
            .iter()
            .map(|feature| (format!("feature-{}", feature.name), feature.migrations)),
    );
    sets
}

fn steps(db: &Connection, name: &str, migrations: &[&str]) -> Result<()> {
    let done: i64 = db.query_row(
        "SELECT coalesce(max(step), 0) FROM migration WHERE name = ?1",
        [name],
        |row| row.get(0),
    )?;
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if done > known {
        return Err(Error::new(
            Code::Storage,
            format!("a newer Vigie wrote `{name}`: update first"),
        ));
    }
    // Nothing is written then: a file also opens where there is no room left.
    if done == known {
        return Ok(());
    }
    for sql in migrations.iter().skip(usize::try_from(done).unwrap_or(0)) {
        db.execute_batch(sql)?;
    }
    db.execute(
        "INSERT INTO migration(name, step) VALUES(?1, ?2)
         ON CONFLICT(name) DO UPDATE SET step = excluded.step",
        rusqlite::params![name, known],
    )?;
    Ok(())
}
