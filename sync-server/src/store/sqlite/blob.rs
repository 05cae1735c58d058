//! What the store knows of blobs: who may see which, and uploads on their way.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use vigie_core::error::{Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::moment::Moment;
use vigie_core::person::{Scope, Seat, scope};

use super::Sqlite;

/// The scopes in which documents name a blob, and what they say it is. SQLite is told which table comes
/// first, and by what it is read: without statistics it would read all that the organisation has of it.
pub(super) const REFERENCES: &str = "SELECT placement.scope, media_type, size
    FROM blob_ref INDEXED BY blob_ref_hash CROSS JOIN placement ON placement.org = blob_ref.org
        AND placement.document = blob_ref.document AND placement.gone = 0
    WHERE blob_ref.org = ?1 AND blob_ref.hash = ?2";

/// A blob that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// MIME type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// An upload on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: Id,
    /// Who sends it.
    pub device: Id,
    /// What it says it is.
    pub blob: BlobRef,
}

impl Sqlite {
    /// The scopes that a person is granted now.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn granted(&self, person: Id, now_ms: i64) -> Result<BTreeSet<Scope>> {
        self.read(|db| {
            Ok(super::seat(db, self.org, person)?
                .map(|seat| granted(db, self.org, &seat, now_ms))
                .transpose()?
                .unwrap_or_default())
        })
    }

    /// What a document that the person may see says of the blob; `None` when none names it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn blob_for(&self, person: Id, hash: &[u8; 32], now_ms: i64) -> Result<Option<BlobRef>> {
        self.read(|db| {
            let Some(seat) = super::seat(db, self.org, person)? else {
                return Ok(None);
            };
            let granted = granted(db, self.org, &seat, now_ms)?;
            let mut statement = db.prepare_cached(REFERENCES)?;
            let mut rows = statement.query(params![self.org, hash])?;
            while let Some(row) = rows.next()? {
                let scope: Scope = row.get(0)?;
                if granted.contains(&scope) {
                    let size = u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
                    return Ok(Some(BlobRef {
                        hash: *hash,
                        media_type: row.get(1)?,
                        size,
                    }));
                }
            }
            Ok(None)
        })
    }

    /// The scopes in which documents name the blob: who follows one may want it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scopes_of_blob(&self, hash: &[u8; 32]) -> Result<BTreeSet<Scope>> {
        self.read(|db| {
            let mut statement = db.prepare_cached(REFERENCES)?;
            let rows = statement.query_map(params![self.org, hash], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A blob that has arrived.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn blob(&self, hash: &[u8; 32]) -> Result<Option<BlobRow>> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT media_type, size FROM blob WHERE org = ?1 AND hash = ?2")?
                .query_row(params![self.org, hash], |row| {
                    Ok(BlobRow {
                        media_type: row.get(0)?,
                        size: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
                    })
                })
                .optional()?)
        })
    }

    /// Every blob that has arrived.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn blobs(&self) -> Result<Vec<[u8; 32]>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT hash FROM blob WHERE org = ?1 ORDER BY hash")?;
            let rows = statement.query_map(params![self.org], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A blob has arrived, verified and lying in its place. Whether a document still names it: one
    /// that was erased meanwhile takes its photos with it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_blob(&self, blob: &BlobRef, device: Id, now_ms: i64) -> Result<bool> {
        self.write(|db| {
            let named: bool = db.query_row(
                "SELECT EXISTS(SELECT 1 FROM blob_ref WHERE org = ?1 AND hash = ?2)",
                params![self.org, blob.hash],
                |row| row.get(0),
            )?;
            if named {
                db.execute(
                    "INSERT INTO blob(org, hash, media_type, size, device, received_at)
                     VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                    params![
                        self.org,
                        blob.hash,
                        blob.media_type,
                        i64::try_from(blob.size).unwrap_or(i64::MAX),
                        device,
                        now_ms
                    ],
                )?;
            } else {
                db.execute(
                    "INSERT INTO doomed(org, hash) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
                    params![self.org, blob.hash],
                )?;
            }
            db.execute(
                "DELETE FROM upload WHERE org = ?1 AND hash = ?2",
                params![self.org, blob.hash],
            )?;
            Ok(named)
        })
    }

    /// A blob is not here after all.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget_blob(&self, hash: &[u8; 32]) -> Result<()> {
        self.write(|db| {
            db.execute(
                "DELETE FROM blob WHERE org = ?1 AND hash = ?2",
                params![self.org, hash],
            )?;
            Ok(())
        })
    }

    /// Begins an upload, or finds the one that this device has begun; `may_begin` is asked for new ones.
    ///
    /// # Errors
    /// [`vigie_core::Code::StorageFull`] when all blobs, those on their way included, would be more than
    /// `bytes_max`; what `may_begin` says.
    pub fn begin_upload(
        &self,
        upload: &Upload,
        bytes_max: u64,
        now_ms: i64,
        may_begin: impl FnOnce() -> Result<()>,
    ) -> Result<Upload> {
        self.write(|db| {
            let begun = db.query_row(
                "SELECT EXISTS(SELECT 1 FROM upload WHERE org = ?1 AND device = ?2 AND hash = ?3)",
                params![self.org, upload.device, upload.blob.hash],
                |row| row.get::<_, bool>(0),
            )?;
            if !begun {
                let bytes: i64 = db.query_row(
                    "SELECT blob_bytes + (SELECT coalesce(sum(size), 0) FROM upload
                        WHERE upload.org = org.id) FROM org WHERE id = ?1",
                    params![self.org],
                    |row| row.get(0),
                )?;
                let bytes = u64::try_from(bytes).unwrap_or(0);
                if bytes.saturating_add(upload.blob.size) > bytes_max {
                    return Err(Error::storage_full(
                        "the organisation has no room for blobs",
                    ));
                }
                may_begin()?;
            }
            db.execute(
                "INSERT INTO upload(org, id, device, hash, media_type, size, touched_at)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT(org, device, hash) DO UPDATE SET touched_at = excluded.touched_at",
                params![
                    self.org,
                    upload.id,
                    upload.device,
                    upload.blob.hash,
                    upload.blob.media_type,
                    i64::try_from(upload.blob.size).unwrap_or(i64::MAX),
                    now_ms
                ],
            )?;
            Ok(db.query_row(
                &format!("{UPLOAD} WHERE org = ?1 AND device = ?2 AND hash = ?3"),
                params![self.org, upload.device, upload.blob.hash],
                upload_row,
            )?)
        })
    }

    /// An upload of this device.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn upload(&self, id: Id, device: Id) -> Result<Option<Upload>> {
        self.read(|db| {
            Ok(db
                .query_row(
                    &format!("{UPLOAD} WHERE org = ?1 AND id = ?2 AND device = ?3"),
                    params![self.org, id, device],
                    upload_row,
                )
                .optional()?)
        })
    }

    /// Bytes of an upload came.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn touch_upload(&self, id: Id, now_ms: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "UPDATE upload SET touched_at = ?3 WHERE org = ?1 AND id = ?2",
                params![self.org, id, now_ms],
            )?;
            Ok(())
        })
    }

    /// Ends an upload.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end_upload(&self, id: Id) -> Result<()> {
        self.write(|db| {
            db.execute(
                "DELETE FROM upload WHERE org = ?1 AND id = ?2",
                params![self.org, id],
            )?;
            Ok(())
        })
    }

    /// Forgets uploads that nobody touched since; the ids of those that go on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn live_uploads(&self, since_ms: i64) -> Result<Vec<Id>> {
        self.write(|db| {
            db.execute(
                "DELETE FROM upload WHERE org = ?1 AND touched_at < ?2",
                params![self.org, since_ms],
            )?;
            let mut statement = db.prepare("SELECT id FROM upload WHERE org = ?1")?;
            let rows = statement.query_map(params![self.org], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

const UPLOAD: &str = "SELECT id, device, hash, media_type, size FROM upload";

fn upload_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload {
        id: row.get(0)?,
        device: row.get(1)?,
        blob: BlobRef {
            hash: row.get(2)?,
            media_type: row.get(3)?,
            size: u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0),
        },
    })
}

fn granted(db: &Connection, org: Id, seat: &Seat, now_ms: i64) -> Result<BTreeSet<Scope>> {
    let mut statement =
        db.prepare_cached("SELECT id FROM document WHERE org = ?1 AND kind = 'site'")?;
    let sites: Vec<Id> = statement
        .query_map(params![org], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(scope::granted(seat, &sites, Moment::utc(now_ms).year()))
}
