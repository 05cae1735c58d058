//! Backup and restore: a folder with a consistent copy of the store, the blobs it names, and the key.
//!
//! Browsers' files and the server's own are caches and are not in it. A restore starts another epoch,
//! so that every device pulls again from the beginning. What was erased, revoked, lost or held after
//! the backup was made is done again before anything is opened: see [`crate::ledger`].

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vigie_core::error::{Code, Error, Result};
use vigie_core::store::blob::hex;

use crate::blobs::Blobs;
use crate::ledger::{self, Ledger};
use crate::store::sqlite::Sqlite;

/// What says when a backup was made.
const MADE: &str = "backup.json";

/// What the mark says. Never any content.
#[derive(Debug, Serialize, Deserialize)]
struct Made {
    /// When: milliseconds.
    made_at: i64,
    /// How many blobs.
    blobs: usize,
}

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Blobs.
    pub blobs: usize,
    /// The epoch of the store.
    pub epoch: u32,
}

/// The store, in a data folder and in a backup.
const STORE: &str = "vigie.db";
/// The key under receipts and codes.
const KEY: &str = "server.key";

/// Copies a data folder, also of a running server, to a new folder. What was cut short has another
/// name: a folder of that name is a whole backup.
///
/// # Errors
/// When `to` exists, or something cannot be read or written.
pub fn backup(data: &Path, to: &Path, now_ms: i64) -> Result<Copied> {
    if to.exists() {
        return Err(Error::invalid(format!("`{}` exists", to.display())));
    }
    if !data.join(STORE).is_file() {
        return Err(Error::not_found(format!(
            "no store in `{}`",
            data.display()
        )));
    }
    let part = part(to)?;
    if part.exists() {
        fs::remove_dir_all(&part)?;
    }
    fs::create_dir_all(&part)?;
    let copied = copy(data, &part, now_ms).and_then(|copied| {
        fs::rename(&part, to)?;
        // The name must last as well as the content.
        if let Some(parent) = to.parent().filter(|parent| parent.is_dir()) {
            File::open(parent)?.sync_all()?;
        }
        Ok(copied)
    });
    if copied.is_err() {
        // It says why already; what cannot be removed is removed the next time.
        drop(fs::remove_dir_all(&part));
    }
    copied
}

fn copy(data: &Path, to: &Path, now_ms: i64) -> Result<Copied> {
    Sqlite::open(&data.join(STORE), "", now_ms)?.copy_to(&to.join(STORE))?;
    ledger::merge(&data.join(ledger::NAME), &to.join(ledger::NAME))?;
    // The permissions go with it.
    fs::copy(data.join(KEY), to.join(KEY))?;
    let store = Sqlite::open(&to.join(STORE), "", now_ms)?;
    let blobs = copy_blobs(&store, &Blobs::open(data)?, &Blobs::open(to)?)?;
    let made = Made {
        made_at: now_ms,
        blobs,
    };
    fs::write(to.join(MADE), serde_json::to_vec_pretty(&made)?)?;
    let copied = Copied {
        blobs,
        epoch: store.epoch()?,
    };
    store.into_file()?;
    for file in [to.join(STORE), to.join(KEY), to.join(MADE), to.to_owned()] {
        File::open(file)?.sync_all()?;
    }
    Ok(copied)
}

/// Brings a backup back into an empty data folder. `ledgers` are files or folders that know what was
/// done since: the folder of the backups, or the lost machine's own. The backup's is read too.
///
/// # Errors
/// When the folder is not empty, a ledger that is named is not there, or a blob is not what its name
/// says.
pub fn restore(from: &Path, data: &Path, ledgers: &[PathBuf], now_ms: i64) -> Result<Copied> {
    if data.exists() && fs::read_dir(data)?.next().is_some() {
        return Err(Error::invalid(format!("`{}` is not empty", data.display())));
    }
    fs::create_dir_all(data)?;
    // Its name comes last: a store that is there is whole, and of another epoch.
    let part = part(&data.join(STORE))?;
    fs::copy(from.join(STORE), &part)?;
    fs::copy(from.join(KEY), data.join(KEY))?;
    gather(from, data, ledgers)?;
    let store = Sqlite::open(&part, "", now_ms)?;
    // Before anything else is done with it, and before blobs come that nothing names any more.
    ledger::replay(&store, &Ledger::open(data, None)?)?;
    store.empty_journal()?;
    let copied = Copied {
        blobs: copy_blobs(&store, &Blobs::open(from)?, &Blobs::open(data)?)?,
        epoch: store.next_epoch(now_ms)?,
    };
    store.into_file()?;
    for file in [&part, &data.join(KEY)] {
        File::open(file)?.sync_all()?;
    }
    fs::rename(&part, data.join(STORE))?;
    File::open(data)?.sync_all()?;
    Ok(copied)
}

/// Brings together what all ledgers know of a backup's organisation.
fn gather(from: &Path, data: &Path, ledgers: &[PathBuf]) -> Result<()> {
    let beside = from.parent().map(|folder| folder.join(ledger::NAME));
    let known = [Some(from.join(ledger::NAME)), beside];
    for file in known.into_iter().flatten() {
        ledger::merge(&file, &data.join(ledger::NAME))?;
    }
    for named in ledgers {
        let file = if named.is_dir() {
            named.join(ledger::NAME)
        } else {
            named.clone()
        };
        if !file.is_file() {
            return Err(Error::not_found(format!(
                "no ledger in `{}`",
                named.display()
            )));
        }
        ledger::merge(&file, &data.join(ledger::NAME))?;
    }
    Ok(())
}

/// Whether no restore was cut short in this data folder.
///
/// # Errors
/// [`Code::Storage`] when one was: the folder is to be emptied, and restored again.
pub fn whole(data: &Path) -> Result<()> {
    if part(&data.join(STORE))?.exists() {
        return Err(Error::new(
            Code::Storage,
            "a restore was cut short: empty the folder and restore again",
        ));
    }
    Ok(())
}

/// The name of what is not whole yet.
fn part(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().map(OsStr::to_owned);
    let mut name = name.ok_or_else(|| Error::invalid("a folder without a name"))?;
    name.push(".part");
    Ok(path.with_file_name(name))
}

/// The backups of a folder that were made before this time, oldest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn made_before(folder: &Path, before_ms: i64) -> Result<Vec<(PathBuf, i64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Ok(bytes) = fs::read(path.join(MADE)) else {
            continue;
        };
        let made: Made = serde_json::from_slice(&bytes)?;
        if made.made_at < before_ms {
            found.push((path, made.made_at));
        }
    }
    found.sort_by_key(|(_, made_at)| *made_at);
    Ok(found)
}

/// Removes a backup, its mark first: one that is half removed is none.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(backup: &Path) -> Result<()> {
    fs::remove_file(backup.join(MADE))?;
    Ok(fs::remove_dir_all(backup)?)
}

/// Copies the blobs that the store has, each verified.
fn copy_blobs(store: &Sqlite, from: &Blobs, to: &Blobs) -> Result<usize> {
    let hashes = store.blobs()?;
    for hash in &hashes {
        let content = from
            .read(hash)?
            .ok_or_else(|| Error::new(Code::Storage, format!("blob `{}` is missing", hex(hash))))?;
        let found: [u8; 32] = Sha256::digest(&content).into();
        if found != *hash {
            return Err(Error::new(
                Code::Storage,
                format!("blob `{}` is damaged", hex(hash)),
            ));
        }
        let path = to.path(hash);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, &content)?;
        File::open(&path)?.sync_all()?;
    }
    Ok(hashes.len())
}
