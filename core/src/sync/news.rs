//! What the server tells of a device's scopes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::io::Write;

use crate::error::Result;
use crate::id::Id;
use crate::moment::Moment;
use crate::person::{Scope, Seat, scope};
use crate::sync::exchange::Summary;
use crate::sync::frame::Writer;
use crate::sync::message::{Cursor, Response};
use crate::sync::push::Pusher;
use crate::sync::store::{FeedEntry, Store};

/// Most documents in a page.
const PAGE_DOCUMENTS_MAX: usize = 1000;
/// A page ends when it is this long: bytes before compression.
const PAGE_BYTES_TARGET: usize = 1024 * 1024;
/// An answer ends, and asks to be called again, when it is this long.
const ANSWER_BYTES_TARGET: usize = 16 * 1024 * 1024;
/// Entries of feeds that lie in memory, all that are told together.
const ENTRIES_MAX: usize = 8192;
/// Entries of one feed that are read at once, at least.
const ENTRIES_MIN: usize = 8;

/// What waits to be ended by a page frame.
#[derive(Default)]
struct Page {
    documents: usize,
    bytes: usize,
    cursors: BTreeMap<Scope, Cursor>,
}

impl Page {
    fn reached(&mut self, scope: &str, position: u64, epoch: u32) {
        if let Some(cursor) = self.cursors.get_mut(scope) {
            cursor.position = position;
            return;
        }
        let cursor = Cursor {
            scope: scope.to_owned(),
            epoch,
            position,
        };
        self.cursors.insert(cursor.scope.clone(), cursor);
    }
}

/// A scope in which something is new.
struct Feed {
    scope: Scope,
    /// Up to where it was told, or the device has it.
    position: u64,
    /// The device is told so.
    reached: bool,
    /// The device holds nothing of it.
    fresh: bool,
    /// What is told next.
    entries: VecDeque<FeedEntry>,
}

impl Feed {
    /// Whether its documents come day by day: those of all such scopes are told in one go.
    fn is_stream(&self) -> bool {
        scope::is_stream(&self.scope)
    }
}

/// The news of all granted scopes.
pub(super) struct News<'a, S: Store> {
    store: &'a mut S,
    pusher: &'a Pusher<'a>,
    /// Documents that the device has just as they were here with these heads: another device may have
    /// changed them since.
    pub(super) held: BTreeMap<Id, Vec<[u8; 32]>>,
    sent: BTreeSet<Id>,
    page: Page,
    bytes: usize,
    /// Pushes wait for the next request.
    pub(super) unfinished: bool,
    /// The device holds nothing of the scope that is told.
    fresh: bool,
    summary: &'a mut Summary,
}

impl<'a, S: Store> News<'a, S> {
    pub(super) fn new(store: &'a mut S, pusher: &'a Pusher<'a>, summary: &'a mut Summary) -> Self {
        Self {
            store,
            pusher,
            held: BTreeMap::new(),
            sent: BTreeSet::new(),
            page: Page::default(),
            bytes: 0,
            unfinished: false,
            fresh: false,
            summary,
        }
    }

    /// All that is new since `cursors`, and documents whose pushes were refused; where the device
    /// then stands, and whether more waits.
    pub(super) fn run<W: Write>(
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
        let mut feeds = Vec::new();
        for scope in granted {
            if empty && scope == scope::ERASED {
                // An empty device holds nothing of what was erased before it came.
                let position = self.store.head(&scope)?;
                self.page.reached(&scope, position, epoch);
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
            feeds.push(Feed {
                fresh: held.is_none(),
                position: from,
                scope,
                entries: VecDeque::new(),
                reached: false,
            });
        }
        let mut more = false;
        feeds.sort_by_key(Feed::is_stream);
        for feeds in feeds.chunk_by_mut(|one, other| one.is_stream() == other.is_stream()) {
            more = !self.together(feeds, epoch, out)?;
            for feed in feeds.iter().filter(|feed| feed.reached) {
                let cursor = Cursor {
                    scope: feed.scope.clone(),
                    epoch,
                    position: feed.position,
                };
                at.insert(cursor.scope.clone(), cursor);
            }
            if more {
                break;
            }
        }
        self.end_page(more, out)?;
        Ok((at.into_values().collect(), more || self.unfinished))
    }

    /// What the persons of the device may follow. Those who left too hear what was erased: what was
    /// refused to them lies on their device until then.
    pub(super) fn granted(&mut self) -> Result<BTreeSet<Scope>> {
        let sites = self.store.documents_of("site")?;
        let year = Moment::utc(self.pusher.now_ms).year();
        let mut granted = BTreeSet::from([scope::ERASED.to_owned()]);
        for person in self.pusher.persons {
            if let Some(seat) = self.store.seat(*person)? {
                granted.extend(scope::granted(&seat, &sites, year));
            }
        }
        if self.pusher.system {
            granted.extend(scope::granted(&Seat::system(), &sites, year));
        }
        Ok(granted)
    }

    /// The feeds of several scopes, in the order of their documents' ids, which is that of time: a
    /// device then writes behind what it has written. Whether that was all.
    fn together<W: Write>(
        &mut self,
        feeds: &mut [Feed],
        epoch: u32,
        out: &mut Writer<W>,
    ) -> Result<bool> {
        let each = ENTRIES_MAX.checked_div(feeds.len()).unwrap_or(ENTRIES_MAX);
        let each = each.clamp(ENTRIES_MIN, PAGE_DOCUMENTS_MAX);
        let mut next = BinaryHeap::new();
        for (index, feed) in feeds.iter_mut().enumerate() {
            let id = self.next_of(feed, each, epoch)?;
            next.extend(id.map(|id| Reverse((id, index))));
        }
        while let Some(Reverse((_, index))) = next.pop() {
            let Some(feed) = feeds.get_mut(index) else {
                continue;
            };
            if let Some(entry) = feed.entries.pop_front() {
                self.fresh = feed.fresh;
                self.entry(&feed.scope, entry.document, entry.gone, out)?;
                self.reached(feed, entry.position, epoch);
            }
            if self.page.bytes >= PAGE_BYTES_TARGET || self.page.documents >= PAGE_DOCUMENTS_MAX {
                self.end_page(true, out)?;
                if self.bytes >= ANSWER_BYTES_TARGET {
                    return Ok(false);
                }
            }
            let id = self.next_of(feed, each, epoch)?;
            next.extend(id.map(|id| Reverse((id, index))));
        }
        Ok(true)
    }

    /// The document that a feed tells next; `None` at its end.
    fn next_of(&mut self, feed: &mut Feed, each: usize, epoch: u32) -> Result<Option<Id>> {
        if feed.entries.is_empty() {
            // Before the entries: what is committed in between is then seen the next time.
            let head = self.store.head(&feed.scope)?.max(feed.position);
            let entries = self.store.feed(&feed.scope, feed.position, each)?;
            feed.entries = entries.into();
            if feed.entries.is_empty() {
                self.reached(feed, head, epoch);
            }
        }
        Ok(feed.entries.front().map(|entry| entry.document))
    }

    fn reached(&mut self, feed: &mut Feed, position: u64, epoch: u32) {
        (feed.position, feed.reached) = (position, true);
        self.page.reached(&feed.scope, position, epoch);
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
        let held = self.held.get(&id) == Some(&document.heads);
        let known = held || !self.sent.insert(id);
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
    pub(super) fn again<W: Write>(
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

    pub(super) fn end_page<W: Write>(&mut self, more: bool, out: &mut Writer<W>) -> Result<()> {
        let page = std::mem::take(&mut self.page);
        out.write(&Response::Page {
            cursors: page.cursors.into_values().collect(),
            more: more || self.unfinished,
        })?;
        out.flush()
    }
}
