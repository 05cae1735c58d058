//! A store that fails at the n-th thing that is asked of it, as when the server is killed there.

use std::collections::BTreeSet;

use vigie_core::error::{Code, Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::person::{Scope, Seat};
use vigie_core::sync::message::Cursor;
use vigie_core::sync::store::{FeedEntry, NewChange, Outcome, Quarantined, Store, StoredDocument};

/// The store behind a fuse.
pub struct Fuse<S> {
    store: S,
    left: u64,
}

impl<S: Store> Fuse<S> {
    /// A store that answers `calls` times, then never again.
    pub const fn new(store: S, calls: u64) -> Self {
        Self { store, left: calls }
    }

    fn burn(&mut self) -> Result<&mut S> {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(&mut self.store)
            }
            None => Err(Error::new(Code::Storage, "the server was killed")),
        }
    }
}

impl<S: Store> Store for Fuse<S> {
    fn begin(&mut self) -> Result<()> {
        self.burn()?.begin()
    }

    fn commit(&mut self) -> Result<()> {
        self.burn()?.commit()
    }

    fn rollback(&mut self) {
        self.store.rollback();
    }

    fn savepoint(&mut self) -> Result<()> {
        self.burn()?.savepoint()
    }

    fn release(&mut self, keep: bool) -> Result<()> {
        self.burn()?.release(keep)
    }

    fn outcome(&mut self, device: Id, push: Id) -> Result<Option<Outcome>> {
        self.burn()?.outcome(device, push)
    }

    fn record(&mut self, device: Id, push: Id, outcome: &Outcome, at_ms: i64) -> Result<()> {
        self.burn()?.record(device, push, outcome, at_ms)
    }

    fn document(&mut self, id: Id) -> Result<Option<StoredDocument>> {
        self.burn()?.document(id)
    }

    fn put_document(&mut self, id: Id, document: &StoredDocument) -> Result<()> {
        self.burn()?.put_document(id, document)
    }

    fn bind_actor(&mut self, document: Id, actor: [u8; 16], device: Id) -> Result<bool> {
        self.burn()?.bind_actor(document, actor, device)
    }

    fn append(&mut self, change: &NewChange<'_>) -> Result<()> {
        self.burn()?.append(change)
    }

    fn quarantine(&mut self, refused: &Quarantined<'_>) -> Result<()> {
        self.burn()?.quarantine(refused)
    }

    fn refusals(&mut self, device: Id, since_ms: i64) -> Result<u64> {
        self.burn()?.refusals(device, since_ms)
    }

    fn placements(&mut self, document: Id) -> Result<BTreeSet<Scope>> {
        self.burn()?.placements(document)
    }

    fn place(&mut self, scope: &str, document: Id) -> Result<()> {
        self.burn()?.place(scope, document)
    }

    fn displace(&mut self, scope: &str, document: Id) -> Result<()> {
        self.burn()?.displace(scope, document)
    }

    fn head(&mut self, scope: &str) -> Result<u64> {
        self.burn()?.head(scope)
    }

    fn feed(&mut self, scope: &str, after: u64, limit: usize) -> Result<Vec<FeedEntry>> {
        self.burn()?.feed(scope, after, limit)
    }

    fn next_receipt(&mut self) -> Result<u64> {
        self.burn()?.next_receipt()
    }

    fn epoch(&mut self) -> Result<u32> {
        self.burn()?.epoch()
    }

    fn put_blob_refs(&mut self, document: Id, blobs: &[BlobRef]) -> Result<()> {
        self.burn()?.put_blob_refs(document, blobs)
    }

    fn seat(&mut self, person: Id) -> Result<Option<Seat>> {
        self.burn()?.seat(person)
    }

    fn put_seat(&mut self, person: Id, seat: Option<&Seat>) -> Result<()> {
        self.burn()?.put_seat(person, seat)
    }

    fn documents_of(&mut self, kind: &str) -> Result<Vec<Id>> {
        self.burn()?.documents_of(kind)
    }

    fn cursors(&mut self, device: Id) -> Result<Vec<Cursor>> {
        self.burn()?.cursors(device)
    }

    fn put_cursors(&mut self, device: Id, cursors: &[Cursor]) -> Result<()> {
        self.burn()?.put_cursors(device, cursors)
    }

    fn contact(&mut self, device: Id, at_ms: i64, clock_off_ms: i64) -> Result<()> {
        self.burn()?.contact(device, at_ms, clock_off_ms)
    }
}
