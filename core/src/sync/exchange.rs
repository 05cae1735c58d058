//! The server's side of one exchange, over a [`Store`]: pushes in, receipts and news out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::moment::Moment;
use crate::person::{Scope, scope};
use crate::sync::desk::{Ahead, Answers, Clerk, Desk};
use crate::sync::frame::{self, Frames, Writer};
use crate::sync::message::{
    CURSORS_MAX, Cursor, PROTOCOL, PUSHES_MAX, Push, REQUEST_INFLATED_MAX, Request, Response,
    fingerprint, understands,
};
use crate::sync::push::{Pusher, Verdict, counting, is_not_yet, keep_unread, not_yet, take};
use crate::sync::store::Store;

/// Most documents in a page.
const PAGE_DOCUMENTS_MAX: usize = 1000;
/// A page ends when it is this long: bytes before compression.
const PAGE_BYTES_TARGET: usize = 1024 * 1024;
/// An answer ends, and asks to be called again, when it is this long.
const ANSWER_BYTES_TARGET: usize = 16 * 1024 * 1024;
/// Refused pushes within [`REFUSALS_WITHIN_MS`] after which a device has to wait.
const REFUSALS_MAX: u64 = 30;
/// Milliseconds.
const REFUSALS_WITHIN_MS: i64 = 600_000;
/// Steps of the gate after which the rest of a request waits for the next one: about a second. A
/// thousand reports take a tenth of them.
const STEPS_MAX: usize = 500_000;

/// What an exchange did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Pushes that were kept, new ones only.
    pub received: usize,
    /// Pushes that were refused.
    pub refused: usize,
    /// Documents sent.
    pub documents: usize,
    /// Scopes in which something is new: whoever follows one of them has news.
    pub scopes: BTreeSet<Scope>,
    /// The fingerprint with which the device asks the next time, when it brought nothing and was told
    /// everything.
    pub settled: Option<u64>,
}

/// Answers one request, writing compressed frames to `out`.
///
/// # Errors
/// [`Code::Protocol`] for a request that is not one, [`Code::TooLarge`] past the limits,
/// [`Code::DeviceQuarantined`] for a device that sent what no honest device sends, or when the store
/// fails. Pushes that were committed before a failure stay; the device asks again.
pub fn exchange<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    clerk: &Clerk<'_>,
    request: &[u8],
    out: impl Write,
) -> Result<Summary> {
    let asked = Asked::read(request)?;
    if store.is_isolated(pusher.device)? {
        return Err(isolated(store, pusher, &asked.pushes)?);
    }
    let mut out = Writer::new(out);
    out.write(&Response::Welcome {
        protocol: PROTOCOL,
        clock_ms: pusher.now_ms,
    })?;
    let mut summary = Summary::default();
    // A device of another epoch first learns what a restored server still has: what waits on it
    // builds on things that are not here.
    let current = asked.epoch == 0 || asked.epoch == store.epoch()?;
    let pushes = if current { asked.pushes } else { Vec::new() };
    let brought = !pushes.is_empty() || !current;
    let pushed = take_all(store, pusher, clerk, &pushes.into(), &mut summary)?;
    for response in &pushed.responses {
        out.write(response)?;
    }
    store.contact(
        pusher.device,
        pusher.now_ms,
        asked.clock_ms.saturating_sub(pusher.now_ms),
    )?;
    if pushed.isolated {
        // The verdicts, and nothing more: it reads no news any more.
        out.write(&Response::Page {
            cursors: Vec::new(),
            more: false,
        })?;
        out.finish()?;
        return Ok(summary);
    }
    let known = store.cursors(pusher.device)?;
    let cursors = match asked.cursors {
        Some(cursors) => Some(cursors),
        None => (fingerprint(&known) == asked.fingerprint).then_some(known),
    };
    let mut pull = Pull {
        store,
        pusher,
        held: pushed.held,
        sent: BTreeSet::new(),
        page: Page::default(),
        bytes: 0,
        unfinished: pushed.unfinished,
        fresh: false,
        summary: &mut summary,
    };
    let Some(cursors) = cursors else {
        out.write(&Response::ResendCursors)?;
        // Now, since these pushes are not sent again.
        let granted = pull.granted()?;
        for id in &pushed.again {
            pull.again(*id, &granted, &mut out)?;
        }
        pull.end_page(true, &mut out)?;
        out.finish()?;
        return Ok(summary);
    };
    let (cursors, more) = pull.run(cursors, &pushed.again, &mut out)?;
    store.put_cursors(pusher.device, &cursors)?;
    summary.settled = (!brought && !more).then(|| fingerprint(&cursors));
    out.finish()?;
    Ok(summary)
}

/// The fingerprint that a request asks with, when it says nothing else.
#[must_use]
pub fn question(request: &[u8]) -> Option<u64> {
    let asked = Asked::read(request).ok()?;
    let nothing = asked.pushes.is_empty() && asked.cursors.is_none();
    nothing.then_some(asked.fingerprint)
}

/// The answer when nothing is new.
///
/// # Errors
/// When the compressor cannot start.
pub fn nothing_new(now_ms: i64) -> Result<Vec<u8>> {
    let welcome = Response::Welcome {
        protocol: PROTOCOL,
        clock_ms: now_ms,
    };
    let page = Response::Page {
        cursors: Vec::new(),
        more: false,
    };
    frame::encode(&[welcome, page])
}

/// A request, read and bounded.
struct Asked {
    clock_ms: i64,
    fingerprint: u64,
    epoch: u32,
    cursors: Option<Vec<Cursor>>,
    pushes: Vec<Push>,
}

impl Asked {
    fn read(request: &[u8]) -> Result<Self> {
        let mut frames = Frames::new(request, REQUEST_INFLATED_MAX)?;
        let Some(Request::Hello {
            protocol,
            clock_ms,
            cursors: fingerprint,
            epoch,
        }) = frames.next()?
        else {
            return Err(Error::new(Code::Protocol, "a request begins with hello"));
        };
        // Before anything else: what a newer device says may make no sense here.
        understands(protocol, Code::AppTooOld, Code::ServerTooOld)?;
        let mut asked = Self {
            clock_ms,
            fingerprint,
            epoch,
            cursors: None,
            pushes: Vec::new(),
        };
        let mut count = 0_usize;
        while let Some(frame) = frames.next()? {
            count = count.saturating_add(1);
            if count > PUSHES_MAX.saturating_add(1) {
                return Err(Error::new(Code::TooLarge, "too many frames"));
            }
            match frame {
                Request::Cursors(cursors)
                    if asked.cursors.is_none() && cursors.len() <= CURSORS_MAX =>
                {
                    asked.cursors = Some(cursors);
                }
                Request::Push(push) => asked.pushes.push(push),
                Request::Hello { .. } | Request::Cursors(_) => {
                    return Err(Error::new(Code::Protocol, "a frame out of place"));
                }
            }
        }
        frames.end()?;
        Ok(asked)
    }
}

/// What the pushes of a request came to.
#[derive(Default)]
struct Pushed {
    responses: Vec<Response>,
    /// Documents that the device has just as the server has them.
    held: BTreeSet<Id>,
    /// Documents of refused pushes: the device needs the server's copy again.
    again: BTreeSet<Id>,
    /// The last pushes were too much for one request.
    unfinished: bool,
    /// The device is in quarantine since one of them.
    isolated: bool,
}

/// Keeps the pushes of a device in quarantine unread; what it is told.
fn isolated<S: Store>(store: &mut S, pusher: &Pusher<'_>, pushes: &[Push]) -> Result<Error> {
    if !pushes.is_empty() {
        store.begin()?;
        if let Err(error) = keep_unread(store, pusher, pushes) {
            store.rollback();
            return Err(error);
        }
        store.commit()?;
    }
    Ok(Error::new(
        Code::DeviceQuarantined,
        "this device sent what no honest device sends",
    ))
}

/// Takes all pushes in one transaction: receipts go out only after it has committed.
fn take_all<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    clerk: &Clerk<'_>,
    pushes: &Arc<[Push]>,
    summary: &mut Summary,
) -> Result<Pushed> {
    if pushes.is_empty() {
        return Ok(Pushed::default());
    }
    let since = pusher.now_ms.saturating_sub(REFUSALS_WITHIN_MS);
    if !pusher.system && store.refusals(pusher.device, since)? >= REFUSALS_MAX {
        return Err(Error::wait(
            "too many refused changes from this device",
            REFUSALS_WITHIN_MS,
        ));
    }
    let count = counting(store, clerk.signer, pushes)?;
    store.may_push(pusher, count)?;
    store.begin()?;
    match take_each(store, pusher, clerk, pushes, summary) {
        Ok(pushed) => {
            store.commit()?;
            Ok(pushed)
        }
        Err(error) => {
            store.rollback();
            Err(error)
        }
    }
}

fn take_each<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    clerk: &Clerk<'_>,
    pushes: &Arc<[Push]>,
    summary: &mut Summary,
) -> Result<Pushed> {
    let mut pushed = Pushed::default();
    let mut answers = Answers::new(clerk);
    let mut latest: BTreeMap<Id, Option<bool>> = BTreeMap::new();
    let mut early: BTreeSet<Id> = BTreeSet::new();
    let mut desk = Desk::default();
    let mut ahead = Ahead::new(Arc::clone(&clerk.hands), Arc::clone(pushes));
    for (index, push) in pushes.iter().enumerate() {
        if desk.gate.steps() > STEPS_MAX {
            let rest = pushes.get(index..).unwrap_or_default();
            for push in rest {
                answers.tell(not_yet(push.id, "enough for one request"));
            }
            latest.extend(rest.iter().map(|push| (push.document, None)));
            let count = counting(store, clerk.signer, rest)?;
            store.push_later(pusher, count);
            pushed.unfinished = true;
            break;
        }
        if early.contains(&push.document) {
            answers.tell(not_yet(push.id, "builds on one"));
            continue;
        }
        if answers.waits(push.id) {
            answers.record(store, pusher)?;
        }
        let prepare = || ahead.take(index, push);
        let taken = take(store, &mut desk, pusher, clerk.signer, push, prepare)?;
        let same = taken.heads.map(|heads| heads == push.heads);
        latest.insert(push.document, same);
        summary.scopes.extend(taken.scopes);
        match taken.verdict {
            Verdict::Kept(receipt) => {
                summary.received = summary.received.saturating_add(1);
                answers.sign(receipt);
            }
            Verdict::Told(response) => {
                if matches!(response, Response::Received { .. }) {
                    summary.received = summary.received.saturating_add(1);
                } else if is_not_yet(&response) {
                    early.insert(push.document);
                } else {
                    summary.refused = summary.refused.saturating_add(1);
                    pushed.again.insert(push.document);
                }
                answers.tell(response);
            }
        }
        if taken.isolated {
            let rest = pushes.get(index.saturating_add(1)..).unwrap_or_default();
            keep_unread(store, pusher, rest)?;
            pushed.isolated = true;
            break;
        }
    }
    answers.record(store, pusher)?;
    pushed.responses = answers.end();
    pushed.held = latest
        .into_iter()
        .filter(|(id, same)| *same == Some(true) && !pushed.again.contains(id))
        .map(|(id, _)| id)
        .collect();
    Ok(pushed)
}

/// What waits to be ended by a page frame.
#[derive(Default)]
struct Page {
    documents: usize,
    bytes: usize,
    cursors: BTreeMap<Scope, Cursor>,
}

/// The news of all granted scopes.
struct Pull<'a, S: Store> {
    store: &'a mut S,
    pusher: &'a Pusher<'a>,
    held: BTreeSet<Id>,
    sent: BTreeSet<Id>,
    page: Page,
    bytes: usize,
    /// Pushes wait for the next request.
    unfinished: bool,
    /// The device holds nothing of the scope that is told.
    fresh: bool,
    summary: &'a mut Summary,
}

impl<S: Store> Pull<'_, S> {
    fn run<W: Write>(
        &mut self,
        cursors: Vec<Cursor>,
        again: &BTreeSet<Id>,
        out: &mut Writer<W>,
    ) -> Result<(Vec<Cursor>, bool)> {
        let granted = self.granted()?;
        let epoch = self.store.epoch()?;
        let mut at: BTreeMap<Scope, Cursor> = cursors
            .into_iter()
            .map(|cursor| (cursor.scope.clone(), cursor))
            .collect();
        let left: Vec<Scope> = at
            .keys()
            .filter(|scope| !granted.contains(*scope))
            .cloned()
            .collect();
        for scope in left {
            at.remove(&scope);
            out.write(&Response::Left { scope })?;
        }
        for id in again {
            self.again(*id, &granted, out)?;
        }
        let empty = at.is_empty();
        let mut more = false;
        for scope in granted {
            if empty && scope == scope::ERASED {
                // An empty device holds nothing of what was erased before it came.
                let position = self.store.head(&scope)?;
                self.reached(&scope, epoch, position);
                let cursor = Cursor {
                    scope: scope.clone(),
                    epoch,
                    position,
                };
                at.insert(scope, cursor);
                continue;
            }
            let held = at.get(&scope);
            let current = held.filter(|cursor| cursor.epoch == epoch);
            let from = current.map_or(0, |cursor| cursor.position);
            if current.is_some() && self.store.head(&scope)? == from {
                continue;
            }
            self.fresh = held.is_none();
            let (position, whole) = self.scope(&scope, from, epoch, out)?;
            at.insert(
                scope.clone(),
                Cursor {
                    scope,
                    epoch,
                    position,
                },
            );
            if !whole {
                more = true;
                break;
            }
        }
        self.end_page(more, out)?;
        Ok((at.into_values().collect(), more || self.unfinished))
    }

    fn granted(&mut self) -> Result<BTreeSet<Scope>> {
        let sites = self.store.documents_of("site")?;
        let year = Moment::utc(self.pusher.now_ms).year();
        let mut granted = BTreeSet::new();
        for person in self.pusher.persons {
            if let Some(seat) = self.store.seat(*person)? {
                granted.extend(scope::granted(&seat, &sites, year));
            }
        }
        if self.pusher.system {
            granted.extend(scope::granted(&crate::person::Seat::system(), &sites, year));
        }
        Ok(granted)
    }

    /// The feed of one scope; the position reached, and whether that is its end.
    fn scope<W: Write>(
        &mut self,
        scope: &str,
        from: u64,
        epoch: u32,
        out: &mut Writer<W>,
    ) -> Result<(u64, bool)> {
        let mut position = from;
        loop {
            // Before the feed: what is committed in between is then seen the next time.
            let head = self.store.head(scope)?.max(position);
            let entries = self.store.feed(scope, position, PAGE_DOCUMENTS_MAX)?;
            if entries.is_empty() {
                self.reached(scope, epoch, head);
                return Ok((head, true));
            }
            for entry in entries {
                self.entry(scope, entry.document, entry.gone, out)?;
                position = entry.position;
                self.reached(scope, epoch, position);
                if self.page.bytes >= PAGE_BYTES_TARGET || self.page.documents >= PAGE_DOCUMENTS_MAX
                {
                    self.end_page(true, out)?;
                    if self.bytes >= ANSWER_BYTES_TARGET {
                        return Ok((position, false));
                    }
                }
            }
        }
    }

    fn reached(&mut self, scope: &str, epoch: u32, position: u64) {
        let cursor = Cursor {
            scope: scope.to_owned(),
            epoch,
            position,
        };
        self.page.cursors.insert(cursor.scope.clone(), cursor);
    }

    fn entry<W: Write>(
        &mut self,
        scope: &str,
        id: Id,
        gone: bool,
        out: &mut Writer<W>,
    ) -> Result<()> {
        if scope == scope::ERASED {
            self.page.documents = self.page.documents.saturating_add(1);
            return out.write(&Response::Erased { id });
        }
        if gone {
            // Who never had it need not know.
            if self.fresh {
                return Ok(());
            }
            self.page.documents = self.page.documents.saturating_add(1);
            return out.write(&Response::Gone {
                scope: scope.to_owned(),
                id,
            });
        }
        let Some(document) = self.store.document(id)? else {
            return Ok(());
        };
        let known = self.held.contains(&id) || !self.sent.insert(id);
        let size = if known { 0 } else { document.body.len() };
        self.page.documents = self.page.documents.saturating_add(1);
        self.page.bytes = self.page.bytes.saturating_add(size).saturating_add(80);
        self.bytes = self.bytes.saturating_add(size);
        self.summary.documents = self.summary.documents.saturating_add(1);
        out.write(&Response::Document {
            scope: scope.to_owned(),
            id,
            mine: self.pusher.persons.contains(&document.origin.creator),
            received_at: document.received_at,
            kind: document.kind,
            body: (!known).then(|| serde_bytes::ByteBuf::from(document.body)),
        })
    }

    /// The server's copy of a document whose push was refused, if the device may see it.
    fn again<W: Write>(
        &mut self,
        id: Id,
        granted: &BTreeSet<Scope>,
        out: &mut Writer<W>,
    ) -> Result<()> {
        if self.store.placements(id)?.is_disjoint(granted) {
            return Ok(());
        }
        self.entry("", id, false, out)
    }

    fn end_page<W: Write>(&mut self, more: bool, out: &mut Writer<W>) -> Result<()> {
        let page = std::mem::take(&mut self.page);
        out.write(&Response::Page {
            cursors: page.cursors.into_values().collect(),
            more: more || self.unfinished,
        })?;
        out.flush()
    }
}
