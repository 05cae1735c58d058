//! Photos and packs on the device, inside its (encrypted) file, named by SHA-256.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};
use crate::feature::BlobRef;
use crate::id::Id;

/// Largest blob, bytes.
pub const SIZE_MAX: usize = 25 * 1024 * 1024;

/// Where a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this device, not yet on the server.
    Here,
    /// The server has it.
    Sent,
    /// On the server, not on this device.
    Away,
}

/// SHA-256 of the content.
#[must_use]
pub fn hash(content: &[u8]) -> [u8; 32] {
    Sha256::digest(content).into()
}

/// Keeps a blob made here; it will be sent.
///
/// # Errors
/// When the file cannot be written.
pub fn keep(db: &Connection, media_type: &str, content: &[u8], now_ms: i64) -> Result<[u8; 32]> {
    let hash = hash(content);
    db.execute(
        "INSERT INTO blob(hash, media_type, size, content, created_at) VALUES(?1, ?2, ?3, ?4, ?5)
         ON CONFLICT(hash) DO UPDATE SET content = excluded.content",
        params![hash, media_type, size(content.len()), content, now_ms],
    )?;
    Ok(hash)
}

/// Notes a photo that was taken where this device's screens are, and whose content comes later.
///
/// # Errors
/// When the file cannot be written.
pub fn announce(
    db: &Connection,
    hash: &[u8; 32],
    media_type: &str,
    size: u64,
    now_ms: i64,
) -> Result<()> {
    db.execute(
        "INSERT INTO blob(hash, media_type, size, created_at) VALUES(?1, ?2, ?3, ?4)
         ON CONFLICT(hash) DO NOTHING",
        params![
            hash,
            media_type,
            i64::try_from(size).unwrap_or(i64::MAX),
            now_ms
        ],
    )?;
    Ok(())
}

/// Keeps the content of a blob that a document made here names and that is nowhere yet; it will be
/// sent. What nobody asks for, or is here, is left as it is.
///
/// # Errors
/// [`Code::NotAPicture`] when it is not of the type that was announced; when the file cannot be
/// written.
pub fn bring(db: &Connection, content: &[u8]) -> Result<()> {
    let hash = hash(content);
    let announced: Option<String> = db
        .query_row(
            "SELECT media_type FROM blob WHERE hash = ?1 AND content IS NULL AND EXISTS
                (SELECT 1 FROM blob_use JOIN document ON document.id = blob_use.document
                    WHERE blob_use.hash = blob.hash AND document.mine)",
            params![hash],
            |row| row.get(0),
        )
        .optional()?;
    let Some(media_type) = announced else {
        return Ok(());
    };
    if picture(content) != Some(&media_type) {
        return Err(Error::new(Code::NotAPicture, "not the announced picture"));
    }
    // Also where the file was rebuilt from documents, which say nothing of where content lies.
    db.execute(
        "UPDATE blob SET content = ?2, size = ?3, sent_at = NULL, wanted = 0 WHERE hash = ?1",
        params![hash, content, size(content.len())],
    )?;
    Ok(())
}

/// The type of a picture by its first bytes; `None` for what is not taken.
#[must_use]
pub fn picture(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some("image/jpeg")
    } else if start.starts_with(b"\x89PNG\r\n\x1A\n") {
        Some("image/png")
    } else if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        Some("image/webp")
    } else {
        None
    }
}

/// Notes that a document needs these blobs; those not here are fetched when `wanted`.
///
/// # Errors
/// When the file cannot be written.
pub fn used(db: &Connection, document: Id, blobs: &[BlobRef], wanted: bool) -> Result<()> {
    db.prepare_cached("DELETE FROM blob_use WHERE document = ?1")?
        .execute(params![document])?;
    for blob in blobs {
        db.prepare_cached(
            "INSERT INTO blob(hash, media_type, size, content, sent_at, wanted, created_at)
             VALUES(?1, ?2, ?3, NULL, 0, ?4, 0)
             ON CONFLICT(hash) DO UPDATE SET wanted = max(wanted, excluded.wanted)",
        )?
        .execute(params![
            blob.hash,
            blob.media_type,
            i64::try_from(blob.size).unwrap_or(i64::MAX),
            wanted
        ])?;
        db.prepare_cached(
            "INSERT INTO blob_use(document, hash) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![document, blob.hash])?;
    }
    Ok(())
}

/// A blob's content and type; `None` when it is not on this device.
///
/// # Errors
/// When the file cannot be read.
pub fn content(db: &Connection, hash: &[u8; 32]) -> Result<Option<(String, Vec<u8>)>> {
    Ok(db
        .prepare_cached(
            "SELECT media_type, content FROM blob WHERE hash = ?1 AND content IS NOT NULL",
        )?
        .query_row(params![hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Asks for a blob to be fetched at the next exchange.
///
/// # Errors
/// When the file cannot be written.
pub fn want(db: &Connection, hash: &[u8; 32]) -> Result<()> {
    db.execute(
        "UPDATE blob SET wanted = 1 WHERE hash = ?1 AND content IS NULL",
        params![hash],
    )?;
    Ok(())
}

/// Where the blob is, and its type and size.
///
/// # Errors
/// When the file cannot be read.
pub fn place(db: &Connection, hash: &[u8; 32]) -> Result<Place> {
    let row: Option<(bool, bool)> = db
        .prepare_cached(
            "SELECT content IS NOT NULL, sent_at IS NOT NULL FROM blob WHERE hash = ?1",
        )?
        .query_row(params![hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match row {
        Some((_, true)) => {
            if matches!(row, Some((true, _))) {
                Place::Sent
            } else {
                Place::Away
            }
        }
        Some((true, false)) => Place::Here,
        Some((false, false)) | None => Place::Away,
    })
}

/// When the server confirmed the blob: milliseconds.
///
/// # Errors
/// When the file cannot be read.
pub fn sent_at(db: &Connection, hash: &[u8; 32]) -> Result<Option<i64>> {
    let at: Option<Option<i64>> = db
        .query_row(
            "SELECT sent_at FROM blob WHERE hash = ?1",
            params![hash],
            |row| row.get(0),
        )
        .optional()?;
    Ok(at.flatten())
}

/// The blobs to send whose document the server has already received, oldest first: text never waits
/// for media.
///
/// # Errors
/// When the file cannot be read.
pub fn to_send(db: &Connection) -> Result<Vec<([u8; 32], u64)>> {
    list(
        db,
        "SELECT hash, size FROM blob WHERE content IS NOT NULL AND sent_at IS NULL
            AND EXISTS (SELECT 1 FROM blob_use JOIN document ON document.id = blob_use.document
                WHERE blob_use.hash = blob.hash AND document.received_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.document = document.id))
         ORDER BY created_at",
    )
}

/// The blobs to fetch.
///
/// # Errors
/// When the file cannot be read.
pub fn to_fetch(db: &Connection) -> Result<Vec<([u8; 32], u64)>> {
    list(
        db,
        "SELECT hash, size FROM blob WHERE content IS NULL AND wanted = 1 ORDER BY created_at, hash",
    )
}

fn list(db: &Connection, sql: &str) -> Result<Vec<([u8; 32], u64)>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    let rows: Vec<([u8; 32], i64)> = rows.collect::<Result<_, _>>()?;
    Ok(rows
        .into_iter()
        .map(|(hash, size)| (hash, u64::try_from(size).unwrap_or(0)))
        .collect())
}

/// The server has verified the blob.
///
/// # Errors
/// When the file cannot be written.
pub fn sent(db: &Connection, hash: &[u8; 32], now_ms: i64) -> Result<()> {
    db.execute(
        "UPDATE blob SET sent_at = ?2 WHERE hash = ?1 AND sent_at IS NULL",
        params![hash, now_ms],
    )?;
    Ok(())
}

/// A blob that was fetched; checked against its name.
///
/// # Errors
/// [`crate::error::Code::Invalid`] when the content is not what the name says.
pub fn fetched(db: &Connection, name: &[u8; 32], content: &[u8]) -> Result<()> {
    if hash(content) != *name {
        return Err(Error::invalid("a blob's content is not what its name says"));
    }
    db.execute(
        "UPDATE blob SET content = ?2, wanted = 0, size = ?3 WHERE hash = ?1",
        params![name, content, size(content.len())],
    )?;
    Ok(())
}

/// The fetch was refused or the blob does not exist: stop asking.
///
/// # Errors
/// When the file cannot be written.
pub fn unwant(db: &Connection, hash: &[u8; 32]) -> Result<()> {
    db.execute("UPDATE blob SET wanted = 0 WHERE hash = ?1", params![hash])?;
    Ok(())
}

fn size(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Lower-case hexadecimal of a hash.
#[must_use]
pub fn hex(hash: &[u8; 32]) -> String {
    hash.iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
            text
        })
}

/// Reads a hash from 64 hexadecimal digits.
///
/// # Errors
/// [`crate::error::Code::Invalid`] when it is not one.
pub fn parse_hex(text: &str) -> Result<[u8; 32]> {
    let mut hash = [0_u8; 32];
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Error::invalid("a hash is 64 hexadecimal digits"));
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or("");
        *byte = u8::from_str_radix(pair, 16)
            .map_err(|error| Error::invalid(format!("not a hash: {error}")))?;
    }
    Ok(hash)
}
