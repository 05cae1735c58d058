//! An answer into the device's file, one transaction a page.

mod take_in;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::store::{self, outbox, setting};
use crate::sync::frame::Reader;
use crate::sync::give_back;
use crate::sync::hands::{Coming, Hands, OneHand, Opened};
use crate::sync::message::{Cursor, Receipt, Response, understands};
use crate::sync::receipt::Verifier;

/// Largest answer that a device inflates: bytes.
pub const ANSWER_INFLATED_MAX: usize = 256 * 1024 * 1024;

/// Set while documents may lie in no scope of this device any more.
const SWEEP: &str = "sweep";

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
    came: Came,
    /// The page erased something.
    erased: bool,
}

/// What became of an answer so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Nothing,
    Pages,
    /// A page could not be applied.
    Broken,
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
            came: Came::Nothing,
            erased: false,
        })
    }

    /// Takes in bytes; every page that is whole is applied, in a transaction of its own.
    ///
    /// # Errors
    /// [`Code::Protocol`] when the bytes are not an answer, or when the file cannot be written; what
    /// was applied stays, and the device asks again from there.
    pub fn feed(&mut self, db: &mut Connection, bytes: &[u8], now_ms: i64) -> Result<()> {
        if self.came == Came::Broken {
            return Err(Error::new(Code::Storage, "a page could not be applied"));
        }
        let read = self.read(db, bytes, now_ms);
        // Also before what was no answer.
        while let Some(page) = self.pages.pop_front() {
            self.apply_or_end(db, page, now_ms)?;
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
                self.apply_or_end(db, page, now_ms)?;
            }
        }
        Ok(())
    }

    /// Applies a page. When it cannot be, nothing that follows is: its cursors are further on.
    fn apply_or_end(&mut self, db: &mut Connection, page: Page, now_ms: i64) -> Result<()> {
        let applied = self.apply(db, page, now_ms);
        if applied.is_err() {
            self.came = Came::Broken;
            self.pages.clear();
        }
        applied
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
        if self.came == Came::Pages && self.page.is_empty() && self.reader.is_whole() {
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
        self.came = Came::Pages;
        let nothing = frames.is_empty() && cursors.is_empty() && self.early.is_empty();
        if nothing && (more || !unfinished(db)?) {
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
            if !take_in::is_placed(&tx, id)? {
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
            take_in::sweep(&tx, &mut self.told.changed)?;
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
}

/// Whether an earlier page left something to do once all is told.
fn unfinished(db: &Connection) -> Result<bool> {
    let give_back: bool = db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM give_back)")?
        .query_row([], |row| row.get(0))?;
    Ok(give_back || setting::get(db, SWEEP)?.unwrap_or(false))
}
