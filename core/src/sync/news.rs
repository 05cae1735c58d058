//! What the server tells of a device's scopes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use crate::error::Result;
use crate::id::Id;
use crate::moment::Moment;
use crate::person::{Scope, Seat, scope};
use crate::sync::exchange::Summary;
use crate::sync::frame::Writer;
use crate::sync::message::{Cursor, Response};
use crate::sync::push::Pusher;
use crate::sync::store::Store;

/// Most documents in a page.
const PAGE_DOCUMENTS_MAX: usize = 1000;
/// A page ends when it is this long: bytes before compression.
const PAGE_BYTES_TARGET: usize = 1024 * 1024;
/// An answer ends, and asks to be called again, when it is this long.
const ANSWER_BYTES_TARGET: usize = 16 * 1024 * 1024;

/// What waits to be ended by a page frame.
#[derive(Default)]
struct Page {
    documents: usize,
    bytes: usize,
    cursors: BTreeMap<Scope, Cursor>,
}

/// The news of all granted scopes.
pub(super) struct News<'a, S: Store> {
    store: &'a mut S,
    pusher: &'a Pusher<'a>,
    /// Documents that the device has just as they are here.
    pub(super) held: BTreeSet<Id>,
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
            held: BTreeSet::new(),
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

    /// What the persons of the device may follow.
    pub(super) fn granted(&mut self) -> Result<BTreeSet<Scope>> {
        let sites = self.store.documents_of("site")?;
        let year = Moment::utc(self.pusher.now_ms).year();
        let mut granted = BTreeSet::new();
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
