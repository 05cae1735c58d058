//! The device's side of one exchange: the request out of its file, the answer into it, one
//! transaction a page.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use crate::context::index;
use crate::document::Document;
use crate::error::{Code, Error, Result};
use crate::feature::kind;
use crate::gate;
use crate::id::Id;
use crate::store::{self, outbox, setting};
use crate::sync::frame::{self, Reader};
use crate::sync::give_back;
use crate::sync::message::{
    Cursor, NOT_YET, PROTOCOL, PUSH_BYTES_TARGET, Push, Request, Response, fingerprint, understands,
};
use crate::sync::receipt;

/// Largest answer that a device inflates: bytes.
const ANSWER_INFLATED_MAX: usize = 256 * 1024 * 1024;

/// Set while documents may lie in no scope of this device any more.
const SWEEP: &str = "sweep";

/// The cursors of this device.
///
/// # Errors
/// When the file cannot be read.
pub fn cursors(db: &Connection) -> Result<Vec<Cursor>> {
    let mut statement =
        db.prepare_cached("SELECT scope, epoch, position FROM cursor ORDER BY scope")?;
    let rows = statement.query_map([], |row| {
        Ok(Cursor {
            scope: row.get(0)?,
            epoch: row.get(1)?,
            position: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The next request: what waits, oldest first, and where the device stands. `all_cursors` when the
/// server asked for them.
///
/// # Errors
/// When the file cannot be read.
pub fn request(db: &Connection, now_ms: i64, all_cursors: bool) -> Result<Vec<u8>> {
    let cursors = cursors(db)?;
    let mut frames = vec![Request::Hello {
        protocol: PROTOCOL,
        clock_ms: now_ms,
        cursors: fingerprint(&cursors),
        epoch: cursors.iter().map(|cursor| cursor.epoch).min().unwrap_or(0),
    }];
    if all_cursors {
        frames.push(Request::Cursors(cursors));
    }
    for (waiting, proof) in outbox::oldest(db, PUSH_BYTES_TARGET)? {
        frames.push(Request::Push(Push {
            id: waiting.id,
            person: waiting.person,
            document: waiting.document,
            kind: waiting.kind,
            changes: vec![serde_bytes::ByteBuf::from(waiting.change)],
            heads: store::document::heads(db, waiting.document)?.unwrap_or_default(),
            proof,
        }));
    }
    frame::encode(&frames)
}

/// What an answer told so far.
#[derive(Debug, Default)]
pub struct Told {
    /// Topics that changed.
    pub changed: BTreeSet<&'static str>,
    /// Another exchange is worth while at once.
    pub more: bool,
    /// The server does not know the cursors.
    pub resend_cursors: bool,
    /// Documents taken in.
    pub documents: usize,
    /// The answer was whole.
    pub ended: bool,
    /// Documents that are here but that this version cannot read.
    pub unreadable: usize,
}

/// An answer as it comes in.
pub struct Incoming {
    reader: Reader,
    pending: Vec<Response>,
    told: Told,
    welcomed: bool,
}

impl Incoming {
    /// Starts taking in an answer.
    ///
    /// # Errors
    /// When the decompressor cannot start.
    pub fn new() -> Result<Self> {
        Ok(Self {
            reader: Reader::new(ANSWER_INFLATED_MAX)?,
            pending: Vec::new(),
            told: Told::default(),
            welcomed: false,
        })
    }

    /// Takes in bytes; every page that is whole is applied, in a transaction of its own.
    ///
    /// # Errors
    /// [`Code::Protocol`] when the bytes are not an answer, or when the file cannot be written; what
    /// was applied stays, and the device asks again from there.
    pub fn feed(&mut self, db: &mut Connection, bytes: &[u8], now_ms: i64) -> Result<()> {
        self.reader.feed(bytes)?;
        while let Some(frame) = self.reader.next::<Response>()? {
            match frame {
                Response::Welcome { protocol, clock_ms } => {
                    understands(protocol, Code::ServerTooOld, Code::AppTooOld)?;
                    self.welcomed = true;
                    setting::set(db, "clock_off_ms", &now_ms.saturating_sub(clock_ms))?;
                }
                Response::ResendCursors => self.told.resend_cursors = true,
                Response::Page { cursors, more } if self.welcomed => {
                    let page = std::mem::take(&mut self.pending);
                    self.told.more = more;
                    self.apply(db, &page, &cursors, more, now_ms)?;
                    self.told.ended = true;
                }
                Response::Received { .. }
                | Response::Refused { .. }
                | Response::Document { .. }
                | Response::Gone { .. }
                | Response::Left { .. }
                    if self.welcomed =>
                {
                    self.told.ended = false;
                    self.pending.push(frame);
                }
                Response::Page { .. }
                | Response::Received { .. }
                | Response::Refused { .. }
                | Response::Document { .. }
                | Response::Gone { .. }
                | Response::Left { .. } => {
                    return Err(Error::new(Code::Protocol, "an answer begins with welcome"));
                }
            }
        }
        Ok(())
    }

    /// The answer has ended.
    ///
    /// # Errors
    /// [`Code::Protocol`] when it was cut.
    pub fn end(self) -> Result<Told> {
        if self.told.ended && self.reader.is_whole() {
            Ok(self.told)
        } else {
            Err(Error::new(Code::Offline, "the answer was cut"))
        }
    }

    /// What was applied so far, also of an answer that was cut.
    #[must_use]
    pub fn changed(&self) -> BTreeSet<&'static str> {
        self.told.changed.clone()
    }

    fn apply(
        &mut self,
        db: &mut Connection,
        page: &[Response],
        cursors: &[Cursor],
        more: bool,
        now_ms: i64,
    ) -> Result<()> {
        if page.is_empty() && cursors.is_empty() {
            return Ok(());
        }
        let server_key: Option<Vec<u8>> = setting::get(db, "server_key")?;
        let server_key = server_key.and_then(|key| <[u8; 32]>::try_from(key).ok());
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        give_back::begin(&tx, cursors)?;
        for frame in page {
            self.frame(&tx, frame, server_key.as_ref(), now_ms)?;
        }
        for cursor in cursors {
            tx.prepare_cached(
                "INSERT INTO cursor(scope, epoch, position) VALUES(?1, ?2, ?3) ON CONFLICT(scope)
                 DO UPDATE SET epoch = excluded.epoch, position = excluded.position",
            )?
            .execute(params![
                cursor.scope,
                cursor.epoch,
                i64::try_from(cursor.position).unwrap_or(i64::MAX)
            ])?;
        }
        // Only once all is told: a document may leave one scope and appear in another.
        if !more && give_back::end(&tx, now_ms)? {
            self.told.more = true;
        }
        if !more && setting::get(&tx, SWEEP)?.unwrap_or(false) {
            sweep(&tx, &mut self.told.changed)?;
            setting::remove(&tx, SWEEP)?;
        }
        tx.commit()?;
        self.told.changed.insert("sync");
        Ok(())
    }

    fn frame(
        &mut self,
        db: &Connection,
        frame: &Response,
        server_key: Option<&[u8; 32]>,
        now_ms: i64,
    ) -> Result<()> {
        match frame {
            Response::Received {
                receipt: body,
                signature,
            } => {
                let key = server_key
                    .ok_or_else(|| Error::new(Code::SignedOut, "no server key pinned"))?;
                let receipt = receipt::verify(key, body, signature)?;
                outbox::received(db, &receipt, body, signature)?;
                self.touch(db, receipt.document)
            }
            Response::Refused { push, code, detail } => {
                self.refuse(db, *push, code, detail, now_ms)
            }
            Response::Document {
                scope,
                id,
                kind,
                mine,
                received_at,
                body,
            } => {
                let row = store::document::Stored {
                    kind: kind.clone(),
                    body: Vec::new(),
                    mine: *mine,
                    received_at: Some(*received_at),
                };
                self.document(
                    db,
                    scope,
                    *id,
                    row,
                    body.as_ref().map(|body| body.as_slice()),
                )
            }
            Response::Gone { scope, id } => {
                db.prepare_cached("DELETE FROM placement WHERE document = ?1 AND scope = ?2")?
                    .execute(params![id, scope])?;
                setting::set(db, SWEEP, &true)?;
                self.touch(db, *id)
            }
            Response::Left { scope } => {
                db.execute("DELETE FROM placement WHERE scope = ?1", params![scope])?;
                db.execute("DELETE FROM cursor WHERE scope = ?1", params![scope])?;
                setting::set(db, SWEEP, &true)
            }
            Response::Welcome { .. } | Response::ResendCursors | Response::Page { .. } => Ok(()),
        }
    }

    /// Tells the screens that a document's custody changed.
    fn touch(&mut self, db: &Connection, id: Id) -> Result<()> {
        if let Some(stored) = store::document::get(db, id)?
            && let Some(kind) = kind(&stored.kind)
        {
            self.told.changed.insert(kind.topic);
        }
        Ok(())
    }

    fn refuse(
        &mut self,
        db: &Connection,
        push: Id,
        code: &str,
        detail: &str,
        now_ms: i64,
    ) -> Result<()> {
        let document: Option<Id> = rusqlite::OptionalExtension::optional(db.query_row(
            "SELECT document FROM outbox WHERE id = ?1",
            params![push],
            |row| row.get(0),
        ))?;
        let Some(document) = document else {
            return Ok(());
        };
        if code == NOT_YET {
            return Ok(());
        }
        let title = store::document::get(db, document)?.map_or_else(String::new, |stored| {
            title(&stored.kind, &stored.body).unwrap_or_else(|_error| stored.kind.clone())
        });
        outbox::refused(db, push, code, detail, &title, now_ms)?;
        self.touch(db, document)
    }

    fn document(
        &mut self,
        db: &Connection,
        scope: &str,
        id: Id,
        mut row: store::document::Stored,
        body: Option<&[u8]>,
    ) -> Result<()> {
        let set_aside = scope.is_empty() || comes_back_refused(db, id)?;
        if !scope.is_empty() {
            db.prepare_cached(
                "INSERT INTO placement(document, scope) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![id, scope])?;
        }
        let Some(body) = body else {
            return self.touch(db, id);
        };
        // After a refusal, what was refused is set aside and the server's copy counts.
        let local = if set_aside {
            None
        } else {
            store::document::get(db, id)?
        };
        let (document, heads, theirs) = match merged(local.as_ref(), body) {
            Ok(merged) => merged,
            Err(_unreadable) => {
                // Kept out rather than stopping everything: the next version may read it.
                self.told.unreadable = self.told.unreadable.saturating_add(1);
                return Ok(());
            }
        };
        give_back::told(db, id, &theirs, &heads)?;
        row.body = document.1;
        store::document::put(db, id, &row, &heads)?;
        self.told.documents = self.told.documents.saturating_add(1);
        let Some(kind) = kind(&row.kind) else {
            return unreadable(db, id);
        };
        let indexed = index(db, kind, id, &document.0, &mut self.told.changed);
        match indexed {
            Err(error) if !matches!(error.code(), Code::Storage | Code::DiskFull) => {
                self.told.unreadable = self.told.unreadable.saturating_add(1);
                unreadable(db, id)
            }
            result => result,
        }
    }
}

/// The document is here, but this version cannot show it.
fn unreadable(db: &Connection, id: Id) -> Result<()> {
    db.execute(
        "UPDATE document SET readable = 0 WHERE id = ?1",
        params![id],
    )?;
    Ok(())
}

/// Whether a document that lay in no scope of this device, and was kept only because changes of it
/// were refused, is in one again.
fn comes_back_refused(db: &Connection, id: Id) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM refused WHERE document = ?1)
                AND NOT EXISTS(SELECT 1 FROM placement WHERE document = ?1)",
        )?
        .query_row(params![id], |row| row.get(0))?)
}

/// View and bytes, latest changes, and those of the server's copy alone.
type Merged = ((serde_json::Value, Vec<u8>), Vec<[u8; 32]>, Vec<[u8; 32]>);

/// The server's copy with everything of the local one: what waits here, and also what a server that
/// was restored from a backup no longer knows.
fn merged(local: Option<&store::document::Stored>, body: &[u8]) -> Result<Merged> {
    let mut document = Document::load(body, [0; 16])?;
    let theirs = document.heads();
    if let Some(local) = local {
        document.merge(&mut Document::load(&local.body, [0; 16])?)?;
        let view = document.view()?;
        let body = document.save();
        return Ok(((view, body), document.heads(), theirs));
    }
    let view = document.view()?;
    Ok(((view, body.to_vec()), theirs.clone(), theirs))
}

/// A few words naming the document.
fn title(kind_name: &str, body: &[u8]) -> Result<String> {
    let kind = kind(kind_name).ok_or_else(|| Error::not_found("kind"))?;
    let view = gate::view(
        &gate::open_document(body).map_err(|refusal| Error::new(Code::Refused, refusal.detail))?,
    )
    .map_err(|refusal| Error::new(Code::Refused, refusal.detail))?;
    Ok((kind.title)(&view))
}

/// Removes documents that lie in no scope of this device any more. What waits to be sent, what was
/// never received and what was refused stays.
fn sweep(db: &Connection, changed: &mut BTreeSet<&'static str>) -> Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT id, kind FROM document WHERE received_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM placement WHERE placement.document = document.id)
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.document = document.id)
            AND NOT EXISTS (SELECT 1 FROM refused WHERE refused.document = document.id)",
    )?;
    let gone: Vec<(Id, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, kind_name) in gone {
        if let Some(kind) = kind(&kind_name) {
            (kind.forget)(db, id)?;
            changed.insert(kind.topic);
        }
        store::document::remove(db, id)?;
    }
    Ok(())
}
