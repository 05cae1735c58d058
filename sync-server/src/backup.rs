//! Backup and restore: a folder with a consistent copy of the store, the blobs it names, and the key.
//!
//! Browsers' files and the server's own are caches and are not in it. A restore starts another epoch,
//! so that every device pulls again from the beginning.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};
use vigie_core::error::{Code, Error, Result};
use vigie_core::store::blob::hex;

use crate::blobs::Blobs;
use crate::store::sqlite::Sqlite;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Blobs.
    pub blobs: usize,
    /// The epoch of the store.
    pub epoch: u32,
}

/// Copies a data folder, also of a running server, to a new folder.
///
/// # Errors
/// When `to` exists, or something cannot be read or written.
pub fn backup(data: &Path, to: &Path, now_ms: i64) -> Result<Copied> {
    if to.exists() {
        return Err(Error::invalid(format!("`{}` exists", to.display())));
    }
    if !data.join("vigie.db").is_file() {
        return Err(Error::not_found(format!(
            "no store in `{}`",
            data.display()
        )));
    }
    fs::create_dir_all(to)?;
    Sqlite::open(&data.join("vigie.db"), "", now_ms)?.copy_to(&to.join("vigie.db"))?;
    // The permissions go with it.
    fs::copy(data.join("server.key"), to.join("server.key"))?;
    let store = Sqlite::open(&to.join("vigie.db"), "", now_ms)?;
    let blobs = copy_blobs(&store, &Blobs::open(data)?, &Blobs::open(to)?)?;
    Ok(Copied {
        blobs,
        epoch: store.epoch()?,
    })
}

/// Brings a backup back into an empty data folder.
///
/// # Errors
/// When the folder is not empty, or a blob is not what its name says.
pub fn restore(from: &Path, data: &Path, now_ms: i64) -> Result<Copied> {
    if data.exists() && fs::read_dir(data)?.next().is_some() {
        return Err(Error::invalid(format!("`{}` is not empty", data.display())));
    }
    fs::create_dir_all(data)?;
    fs::copy(from.join("vigie.db"), data.join("vigie.db"))?;
    fs::copy(from.join("server.key"), data.join("server.key"))?;
    let store = Sqlite::open(&data.join("vigie.db"), "", now_ms)?;
    let blobs = copy_blobs(&store, &Blobs::open(from)?, &Blobs::open(data)?)?;
    Ok(Copied {
        blobs,
        epoch: store.next_epoch(now_ms)?,
    })
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
        fs::File::open(&path)?.sync_all()?;
    }
    Ok(hashes.len())
}
