//! What waits on this device and why, and reading a photo: what the store itself shows of its work.

use base64::Engine as _;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::account::Empty;
use crate::command;
use crate::command::Access;
use crate::context::Context;
use crate::document::Document;
use crate::error::Result;
use crate::feature::{Feature, kind};
use crate::id::Id;
use crate::store::{blob, document, setting};

mod hand_over;
#[cfg(test)]
mod tests;

use hand_over::{HandOver, HandOverOf, hand_over};

/// The feature.
pub const FEATURE: Feature = Feature {
    name: "health",
    kinds: &[],
    migrations: &[],
    tables: &[],
    commands: &[
        command!("sync.health", Access::Anyone, health, Empty => SyncHealth),
        command!("sync.hand_over", Access::Anyone, hand_over, HandOverOf => HandOver),
        command!("blob.read", Access::Anyone, read_blob, BlobRead => BlobContent),
    ],
    tick: None,
};

/// How sync goes. The shells say what only they know: whether the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// The server does not answer.
    Offline,
    /// Something waits.
    Waiting,
    /// Bytes are moving.
    Syncing,
    /// Nothing waits.
    Current,
    /// Nobody is signed in.
    SignedOut,
}

/// Something that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaitingItem {
    /// The document.
    pub doc: Id,
    /// Its kind.
    pub kind: String,
    /// In a few words.
    pub title: String,
    /// Since when: milliseconds.
    pub since: i64,
    /// Bytes, when it is a photo that waits.
    pub photo_size: Option<u64>,
}

/// Something that the server refused; it is still here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefusedItem {
    /// The document.
    pub doc: Id,
    /// Its kind.
    pub kind: String,
    /// In a few words.
    pub title: String,
    /// Why, the last time: a stable code.
    pub code: String,
    /// When, the last time: milliseconds.
    pub at: i64,
}

/// What waits and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SyncHealth {
    /// How sync goes.
    pub state: SyncState,
    /// When the server last answered: milliseconds.
    pub last_contact_at: Option<i64>,
    /// When it will be asked again: milliseconds.
    pub next_try_at: Option<i64>,
    /// What waits, oldest first, one line per document: the first forty texts and photos.
    pub waiting: Vec<WaitingItem>,
    /// How many documents wait.
    pub texts: u32,
    /// How many photos wait.
    pub photos: u32,
    /// What was refused, the latest first, one line per document: the first two hundred.
    pub refused: Vec<RefusedItem>,
    /// The device's clock less the server's, milliseconds, when more than two minutes.
    pub clock_off_ms: Option<i64>,
    /// How many documents are here.
    pub documents: u32,
    /// Why the last try failed: a stable code.
    pub error: Option<String>,
}

/// Reads a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlobRead {
    /// Its hash.
    pub hash: String,
}

/// A photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlobContent {
    /// MIME type.
    pub media_type: String,
    /// Its content; null while it is not here: it has been asked for.
    pub base64: Option<String>,
}

fn health(context: &mut Context<'_>, _input: &Empty) -> Result<SyncHealth> {
    let waiting = waiting(context)?;
    let number = |sql| context.db.query_row(sql, [], |row| row.get(0));
    let clock: Option<i64> = setting::get(context.db, "clock_off_ms")?;
    Ok(SyncHealth {
        state: if waiting.is_empty() {
            SyncState::Current
        } else {
            SyncState::Waiting
        },
        last_contact_at: setting::get(context.db, "last_contact_at")?,
        next_try_at: None,
        texts: number("SELECT count(DISTINCT document) FROM outbox")?,
        photos: number("SELECT count(*) FROM blob WHERE content IS NOT NULL AND sent_at IS NULL")?,
        refused: refused(context)?,
        clock_off_ms: clock.filter(|off| off.saturating_abs() > 120_000),
        documents: number("SELECT count(*) FROM document")?,
        error: None,
        waiting,
    })
}

/// Most lines that are listed of what waits, texts and photos each; the numbers say how many there are.
const LINES_MAX: u32 = 40;

fn waiting(context: &Context<'_>) -> Result<Vec<WaitingItem>> {
    let mut items = Vec::new();
    let mut statement = context.db.prepare_cached(
        "SELECT document, kind, min(at) FROM outbox GROUP BY document ORDER BY min(ordinal) LIMIT ?1",
    )?;
    let mut rows = statement.query([LINES_MAX])?;
    while let Some(row) = rows.next()? {
        let (doc, kind): (Id, String) = (row.get(0)?, row.get(1)?);
        let title = title(context, doc)?;
        items.push(WaitingItem {
            doc,
            kind,
            title,
            since: row.get(2)?,
            photo_size: None,
        });
    }
    let mut statement = context.db.prepare_cached(
        "SELECT blob_use.document, document.kind, blob.created_at, blob.size FROM blob
         JOIN blob_use ON blob_use.hash = blob.hash JOIN document ON document.id = blob_use.document
         WHERE blob.content IS NOT NULL AND blob.sent_at IS NULL
         GROUP BY blob.hash ORDER BY blob.created_at LIMIT ?1",
    )?;
    let mut rows = statement.query([LINES_MAX])?;
    while let Some(row) = rows.next()? {
        let (doc, kind): (Id, String) = (row.get(0)?, row.get(1)?);
        let size: i64 = row.get(3)?;
        items.push(WaitingItem {
            doc,
            kind,
            title: title(context, doc)?,
            since: row.get(2)?,
            photo_size: Some(u64::try_from(size).unwrap_or(0)),
        });
    }
    Ok(items)
}

/// Empty for a document that cannot be read: one must not hide the others.
fn title(context: &Context<'_>, id: Id) -> Result<String> {
    let title = document::get(context.db, id)?.and_then(|stored| {
        let kind = kind(&stored.kind)?;
        let read = Document::read(&stored.body).ok()?;
        Some((kind.title)(&read.view))
    });
    Ok(title.unwrap_or_default())
}

fn refused(context: &Context<'_>) -> Result<Vec<RefusedItem>> {
    let mut statement = context.db.prepare_cached(
        // Beside `max`, SQLite takes the others from the same row.
        "SELECT document, kind, title, code, max(at) FROM refused
         GROUP BY document ORDER BY max(at) DESC, document LIMIT 200",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(RefusedItem {
            doc: row.get(0)?,
            kind: row.get(1)?,
            title: row.get(2)?,
            code: row.get(3)?,
            at: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read_blob(context: &mut Context<'_>, input: &BlobRead) -> Result<BlobContent> {
    let hash = blob::parse_hex(&input.hash)?;
    if let Some((media_type, content)) = blob::content(context.db, &hash)? {
        let base64 = base64::engine::general_purpose::STANDARD.encode(content);
        return Ok(BlobContent {
            media_type,
            base64: Some(base64),
        });
    }
    let known: Option<String> = context
        .db
        .query_row(
            "SELECT media_type FROM blob WHERE hash = ?1",
            params![hash],
            |row| row.get(0),
        )
        .optional()?;
    let media_type = known.ok_or_else(|| crate::Error::not_found("no such photo"))?;
    blob::want(context.db, &hash)?;
    context.changed.insert("sync");
    Ok(BlobContent {
        media_type,
        base64: None,
    })
}
