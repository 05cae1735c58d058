//! The device's side of one exchange: the request out of its file, the answer into it, one
//! transaction a page.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::context::index;
use crate::document::Document;
use crate::error::{Code, Error, Result};
use crate::feature::kind;
use crate::id::Id;
use crate::store::{self, outbox, setting};
use crate::sync::frame::{self, Reader};
use crate::sync::give_back;
use crate::sync::hands::{Coming, Hands, OneHand, Opened};
use crate::sync::machine::{Ask, Cursors};
use crate::sync::message::{
    Cursor, ERASED, NOT_YET, PROTOCOL, Push, REQUEST_BYTES_MAX, Receipt, Request, Response,
    fingerprint, understands,
};
use crate::sync::receipt::Verifier;
use crate::sync::reread;

/// Largest answer that a device inflates: bytes.
pub const ANSWER_INFLATED_MAX: usize = 256 * 1024 * 1024;

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

/// The next request: what waits, oldest first, and where the device stands.
///
/// # Errors
/// When the file cannot be read.
pub fn request(db: &Connection, now_ms: i64, ask: Ask) -> Result<Vec<u8>> {
    let cursors = cursors(db)?;
    let waiting = outbox::oldest(db, ask.push_bytes)?;
    let several = waiting.len() > 1;
    let all = match ask.cursors {
        Cursors::Fingerprint => false,
        Cursors::AllWithPushes => !waiting.is_empty(),
        Cursors::All => true,
    };
    let mut frames = vec![Request::Hello {
        protocol: PROTOCOL,
        clock_ms: now_ms,
        cursors: fingerprint(&cursors),
        epoch: cursors.iter().map(|cursor| cursor.epoch).min().unwrap_or(0),
    }];
    if all {
        frames.push(Request::Cursors(cursors));
    }
    for (waiting, proof) in waiting {
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
    let request = frame::encode(&frames)?;
    if several && request.len() > REQUEST_BYTES_MAX {
        let push_bytes = ask.push_bytes / 2;
        return self::request(db, now_ms, Ask { push_bytes, ..ask });
    }
    Ok(request)
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
    /// Documents that are here but that this version cannot read.
    pub unreadable: usize,
}

/// Pages that are read while an earlier one is written: what one page holds lies in memory twice.
const PAGES_AHEAD: usize = 1;

/// An answer as it comes in.
pub struct Incoming {
    reader: Reader,
    hands: Arc<dyn Hands>,
    verifier: Option<Arc<Verifier>>,
    /// The page that has begun.
    page: Vec<(Response, Begun)>,
    /// Pages that are whole.
    pages: VecDeque<Page>,
    told: Told,
    welcomed: bool,
    /// Documents of which the page that is applied brought receipts.
    received: BTreeSet<Id>,
    /// Documents of which a change came too early, in the order of the answer.
    early: Vec<Id>,
    /// A page was applied.
    paged: bool,
    /// The page erased something.
    erased: bool,
}

/// What hands are at for a frame.
enum Begun {
    Nothing,
    Reading(Coming<Opened>),
    Verifying(Coming<Receipt>),
}

/// A whole page, its documents being read.
struct Page {
    frames: Vec<(Response, Begun)>,
    cursors: Vec<Cursor>,
    more: bool,
}

/// Tables that are mostly empty: asked once a page rather than once a document.
struct Rare {
    /// Something was refused.
    refused: bool,
    /// Something is to be given back.
    give_back: bool,
}

impl Rare {
    fn look(db: &Connection) -> Result<Self> {
        Ok(db
            .prepare_cached(
                "SELECT EXISTS(SELECT 1 FROM refused), EXISTS(SELECT 1 FROM give_back)",
            )?
            .query_row([], |row| {
                Ok(Self {
                    refused: row.get(0)?,
                    give_back: row.get(1)?,
                })
            })?)
    }
}

impl Incoming {
    /// Starts taking in an answer.
    ///
    /// # Errors
    /// When the decompressor cannot start.
    pub fn new() -> Result<Self> {
        Self::shared(Arc::new(OneHand))
    }

    /// Starts taking in an answer whose documents `hands` read.
    ///
    /// # Errors
    /// When the decompressor cannot start.
    pub fn shared(hands: Arc<dyn Hands>) -> Result<Self> {
        Ok(Self {
            reader: Reader::new(ANSWER_INFLATED_MAX)?,
            hands,
            verifier: None,
            page: Vec::new(),
            pages: VecDeque::new(),
            told: Told::default(),
            welcomed: false,
            received: BTreeSet::new(),
            early: Vec::new(),
            paged: false,
            erased: false,
        })
    }

    /// Takes in bytes; every page that is whole is applied, in a transaction of its own.
    ///
    /// # Errors
    /// [`Code::Protocol`] when the bytes are not an answer, or when the file cannot be written; what
    /// was applied stays, and the device asks again from there.
    pub fn feed(&mut self, db: &mut Connection, bytes: &[u8], now_ms: i64) -> Result<()> {
        let read = self.read(db, bytes, now_ms);
        // Also before what was no answer.
        while let Some(page) = self.pages.pop_front() {
            self.apply(db, page, now_ms)?;
        }
        read
    }

    fn read(&mut self, db: &mut Connection, bytes: &[u8], now_ms: i64) -> Result<()> {
        self.reader.feed(bytes);
        while let Some(frame) = self.reader.next::<Response>()? {
            self.take(db, frame, now_ms)?;
            if self.pages.len() > PAGES_AHEAD
                && let Some(page) = self.pages.pop_front()
            {
                self.apply(db, page, now_ms)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, db: &Connection, mut frame: Response, now_ms: i64) -> Result<()> {
        match &mut frame {
            Response::Welcome { protocol, clock_ms } => {
                understands(*protocol, Code::ServerTooOld, Code::AppTooOld)?;
                self.welcomed = true;
                setting::set(db, "clock_off_ms", &now_ms.saturating_sub(*clock_ms))?;
            }
            Response::ResendCursors => self.told.resend_cursors = true,
            Response::Page { cursors, more } if self.welcomed => self.pages.push_back(Page {
                frames: std::mem::take(&mut self.page),
                cursors: std::mem::take(cursors),
                more: *more,
            }),
            Response::Document { body, .. } if self.welcomed => {
                let begun = body.take().map_or(Begun::Nothing, |body| {
                    let read = || Opened::read(body.into_vec());
                    Begun::Reading(Coming::begin(self.hands.as_ref(), read))
                });
                self.page.push((frame, begun));
            }
            Response::Received { receipt, signature } if self.welcomed => {
                let verifier = self.verifier(db)?;
                let (body, signature) = (receipt.clone(), signature.clone());
                let verify = move || verifier.verify(&body, &signature);
                let begun = Begun::Verifying(Coming::begin(self.hands.as_ref(), verify));
                self.page.push((frame, begun));
            }
            Response::Refused { .. }
            | Response::Gone { .. }
            | Response::Left { .. }
            | Response::Erased { .. }
                if self.welcomed =>
            {
                self.page.push((frame, Begun::Nothing));
            }
            Response::Page { .. }
            | Response::Received { .. }
            | Response::Refused { .. }
            | Response::Document { .. }
            | Response::Gone { .. }
            | Response::Left { .. }
            | Response::Erased { .. } => {
                return Err(Error::new(Code::Protocol, "an answer begins with welcome"));
            }
        }
        Ok(())
    }

    /// Who reads the receipts of the server whose key is pinned.
    fn verifier(&mut self, db: &Connection) -> Result<Arc<Verifier>> {
        if let Some(verifier) = &self.verifier {
            return Ok(Arc::clone(verifier));
        }
        let key: Option<Vec<u8>> = setting::get(db, "server_key")?;
        let key = key.and_then(|key| <[u8; 32]>::try_from(key).ok());
        let key = key.ok_or_else(|| Error::new(Code::SignedOut, "no server key pinned"))?;
        let verifier = Arc::new(Verifier::new(&key)?);
        self.verifier = Some(Arc::clone(&verifier));
        Ok(verifier)
    }

    /// The answer has ended.
    ///
    /// # Errors
    /// [`Code::Protocol`] when it was cut.
    pub fn end(self) -> Result<Told> {
        if self.paged && self.page.is_empty() && self.reader.is_whole() {
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

    fn apply(&mut self, db: &mut Connection, page: Page, now_ms: i64) -> Result<()> {
        let Page {
            frames,
            cursors,
            more,
        } = page;
        self.told.more = more;
        self.paged = true;
        if frames.is_empty() && cursors.is_empty() && self.early.is_empty() {
            return Ok(());
        }
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        give_back::begin(&tx, &cursors)?;
        let mut rare = Rare::look(&tx)?;
        for (frame, begun) in frames {
            rare.refused |= matches!(frame, Response::Refused { .. });
            self.frame(&tx, frame, begun, &rare, now_ms)?;
        }
        for id in std::mem::take(&mut self.received) {
            // Its author may have moved or left meanwhile: it has no business here any more.
            if !is_placed(&tx, id)? {
                setting::set(&tx, SWEEP, &true)?;
            }
        }
        for cursor in &cursors {
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
        // Unless the request was too much for one: what follows may need what comes at once.
        if !more {
            for id in std::mem::take(&mut self.early) {
                outbox::behind(&tx, id)?;
            }
        }
        // Only once all is told: a document may leave one scope and appear in another.
        if !more && give_back::end(&tx, now_ms)? {
            self.told.more = true;
        }
        if !more && setting::get(&tx, SWEEP)?.unwrap_or(false) {
            sweep(&tx, &mut self.told.changed)?;
            setting::remove(&tx, SWEEP)?;
        }
        if self.erased {
            store::erase::search(&tx)?;
        }
        tx.commit()?;
        if std::mem::take(&mut self.erased) {
            store::erase::journal(db)?;
        }
        self.told.changed.insert("sync");
        Ok(())
    }

    fn frame(
        &mut self,
        db: &Connection,
        frame: Response,
        begun: Begun,
        rare: &Rare,
        now_ms: i64,
    ) -> Result<()> {
        match frame {
            Response::Received {
                receipt: body,
                signature,
            } => {
                let Begun::Verifying(verifying) = begun else {
                    return Err(Error::unexpected("a receipt that nobody verified"));
                };
                let receipt = verifying.end()?;
                outbox::received(db, &receipt, &body, &signature)?;
                self.received.insert(receipt.document);
                self.touch(db, receipt.document)
            }
            Response::Refused { push, code, detail } => {
                self.refuse(db, push, &code, &detail, now_ms)
            }
            Response::Document {
                scope,
                id,
                kind,
                mine,
                received_at,
                body: _,
            } => {
                let row = store::document::Stored {
                    kind,
                    body: Vec::new(),
                    mine,
                    received_at: Some(received_at),
                };
                let opening = match begun {
                    Begun::Reading(opening) => Some(opening),
                    Begun::Nothing | Begun::Verifying(_) => None,
                };
                self.document(db, &scope, id, row, opening, rare)
            }
            Response::Gone { scope, id } => {
                db.prepare_cached("DELETE FROM placement WHERE document = ?1 AND scope = ?2")?
                    .execute(params![id, scope])?;
                setting::set(db, SWEEP, &true)?;
                self.touch(db, id)
            }
            Response::Left { scope } => {
                db.execute("DELETE FROM placement WHERE scope = ?1", params![scope])?;
                db.execute("DELETE FROM cursor WHERE scope = ?1", params![scope])?;
                setting::set(db, SWEEP, &true)
            }
            Response::Erased { id } => self.erase(db, id),
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

    /// Nothing of it may stay: neither what waits nor what was refused.
    fn erase(&mut self, db: &Connection, id: Id) -> Result<()> {
        if let Some(kind) = store::erase::document(db, id)? {
            self.told.changed.insert(kind.topic);
        }
        self.erased = true;
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
            if !self.early.contains(&document) {
                self.early.push(document);
            }
            return Ok(());
        }
        if code == ERASED {
            return self.erase(db, document);
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
        opening: Option<Coming<Opened>>,
        rare: &Rare,
    ) -> Result<()> {
        let set_aside = scope.is_empty() || (rare.refused && comes_back_refused(db, id)?);
        if !scope.is_empty() {
            db.prepare_cached(
                "INSERT INTO placement(document, scope) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![id, scope])?;
        }
        let Some(opening) = opening else {
            return self.touch(db, id);
        };
        // After a refusal, what was refused is set aside and the server's copy counts.
        let local = if set_aside {
            None
        } else {
            store::document::get(db, id)?
        };
        let theirs = opening.end();
        let merged = theirs.and_then(|theirs| Ok((merged(local.as_ref(), &theirs)?, theirs)));
        let Ok((merged, theirs)) = merged else {
            // Kept out rather than stopping everything: the next version asks for it again.
            self.told.unreadable = self.told.unreadable.saturating_add(1);
            return reread::missed(db);
        };
        let ours = merged.as_ref().unwrap_or(&theirs);
        if rare.give_back {
            give_back::told(db, id, &theirs.heads, &ours.heads)?;
        }
        row.body.clone_from(&ours.body);
        store::document::put(db, id, &row, &ours.heads)?;
        self.told.documents = self.told.documents.saturating_add(1);
        let Some(kind) = kind(&row.kind) else {
            return unreadable(db, id);
        };
        let indexed = index(db, kind, id, &ours.view, &mut self.told.changed);
        match indexed {
            Err(error) if !reread::is_fault(&error) => {
                self.told.unreadable = self.told.unreadable.saturating_add(1);
                unreadable(db, id)
            }
            result => result,
        }
    }
}

/// Whether a document lies in a scope of this device.
fn is_placed(db: &Connection, id: Id) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM placement WHERE document = ?1)")?
        .query_row(params![id], |row| row.get(0))?)
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

/// The server's copy with everything of the local one, when there is one: what waits here, and also
/// what a server that was restored from a backup no longer knows.
fn merged(local: Option<&store::document::Stored>, theirs: &Opened) -> Result<Option<Opened>> {
    let Some(local) = local.filter(|local| local.body != theirs.body) else {
        return Ok(None);
    };
    let mut document = Document::open(&theirs.body)?;
    document.merge(&mut Document::open(&local.body)?)?;
    Ok(Some(Opened {
        view: document.view()?,
        heads: document.heads(),
        body: document.save(),
    }))
}

/// A few words naming the document.
fn title(kind_name: &str, body: &[u8]) -> Result<String> {
    let kind = kind(kind_name).ok_or_else(|| Error::not_found("kind"))?;
    Ok((kind.title)(&Document::read(body)?.view))
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
