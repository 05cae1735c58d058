//! A server's store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::error::Result;
use crate::feature::BlobRef;
use crate::gate::Actor;
use crate::id::Id;
use crate::person::{Scope, Seat};
use crate::sync::message::Cursor;
use crate::sync::store::{
    Bound, FeedEntry, NewChange, Outcome, Quarantined, Store, StoredDocument,
};

/// What a server keeps.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    pub(crate) documents: BTreeMap<Id, Arc<StoredDocument>>,
    /// Code and kind of what was refused, in order.
    pub(crate) quarantine: Vec<(String, String)>,
    outcomes: BTreeMap<(Id, Id), Outcome>,
    actors: BTreeMap<(Id, Actor), Id>,
    placements: BTreeMap<Scope, BTreeMap<Id, (u64, bool)>>,
    heads: BTreeMap<Scope, u64>,
    receipts: u64,
    seats: BTreeMap<Id, Seat>,
    cursors: BTreeMap<Id, Vec<Cursor>>,
    erased: BTreeSet<Id>,
}

/// A [`Store`] in memory.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) kept: Kept,
    begun: Option<Kept>,
}

impl Memory {
    fn put_placement(&mut self, scope: &str, document: Id, gone: bool) {
        let head = self.kept.heads.entry(scope.to_owned()).or_default();
        *head = head.saturating_add(1);
        let lines = self.kept.placements.entry(scope.to_owned()).or_default();
        lines.insert(document, (*head, gone));
    }
}

impl Store for Memory {
    fn begin(&mut self, _pushes: usize) -> Result<()> {
        self.begun = Some(self.kept.clone());
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.begun = None;
        Ok(())
    }

    fn rollback(&mut self) {
        if let Some(before) = self.begun.take() {
            self.kept = before;
        }
    }

    fn outcome(&mut self, device: Id, push: Id) -> Result<Option<Outcome>> {
        Ok(self.kept.outcomes.get(&(device, push)).cloned())
    }

    fn record(&mut self, device: Id, push: Id, outcome: &Outcome, _at_ms: i64) -> Result<()> {
        self.kept.outcomes.insert((device, push), outcome.clone());
        Ok(())
    }

    fn erased(&mut self, id: Id) -> Result<bool> {
        Ok(self.kept.erased.contains(&id))
    }

    fn document(&mut self, id: Id) -> Result<Option<StoredDocument>> {
        Ok(self
            .kept
            .documents
            .get(&id)
            .map(|document| document.as_ref().clone()))
    }

    fn put_document(&mut self, id: Id, document: &StoredDocument) -> Result<()> {
        self.kept.documents.insert(id, Arc::new(document.clone()));
        Ok(())
    }

    fn bound(&mut self, document: Id, actor: Actor, device: Id) -> Result<Bound> {
        let owner = self.kept.actors.get(&(document, actor));
        Ok(if owner.is_none_or(|owner| *owner == device) {
            Bound::Yours
        } else {
            Bound::Anothers
        })
    }

    fn append(&mut self, change: &NewChange<'_>) -> Result<()> {
        let actor = (change.document, change.actor);
        self.kept.actors.entry(actor).or_insert(change.device);
        Ok(())
    }

    fn quarantine(&mut self, refused: &Quarantined<'_>) -> Result<()> {
        self.kept
            .quarantine
            .push((refused.code.to_owned(), refused.kind.to_owned()));
        Ok(())
    }

    fn refusals(&mut self, _device: Id, _since_ms: i64) -> Result<u64> {
        Ok(0)
    }

    fn refused_bytes(&mut self, _device: Id) -> Result<(u64, u64)> {
        Ok((0, 0))
    }

    fn poisoned(&mut self, _device: Id) -> Result<u64> {
        Ok(0)
    }

    fn isolate(&mut self, _device: Id, _at_ms: i64) -> Result<()> {
        Ok(())
    }

    fn is_isolated(&mut self, _device: Id) -> Result<bool> {
        Ok(false)
    }

    fn placements(&mut self, document: Id) -> Result<BTreeSet<Scope>> {
        let lies = |lines: &BTreeMap<Id, (u64, bool)>| lines.get(&document).is_some_and(|at| !at.1);
        let scopes = self.kept.placements.iter().filter(|(_, lines)| lies(lines));
        Ok(scopes.map(|(scope, _)| scope.clone()).collect())
    }

    fn place(&mut self, scope: &str, document: Id) -> Result<()> {
        self.put_placement(scope, document, false);
        Ok(())
    }

    fn displace(&mut self, scope: &str, document: Id) -> Result<()> {
        self.put_placement(scope, document, true);
        Ok(())
    }

    fn head(&mut self, scope: &str) -> Result<u64> {
        Ok(self.kept.heads.get(scope).copied().unwrap_or(0))
    }

    fn feed(&mut self, scope: &str, after: u64, limit: usize) -> Result<Vec<FeedEntry>> {
        let lines = self.kept.placements.get(scope).into_iter().flatten();
        let mut entries: Vec<FeedEntry> = lines
            .filter(|(_, (position, _))| *position > after)
            .map(|(id, (position, gone))| FeedEntry {
                position: *position,
                document: *id,
                gone: *gone,
            })
            .collect();
        entries.sort_by_key(|entry| entry.position);
        entries.truncate(limit);
        Ok(entries)
    }

    fn next_receipt(&mut self) -> Result<u64> {
        self.kept.receipts = self.kept.receipts.saturating_add(1);
        Ok(self.kept.receipts)
    }

    fn epoch(&mut self) -> Result<u32> {
        Ok(1)
    }

    fn put_blob_refs(&mut self, _document: Id, _blobs: &[BlobRef]) -> Result<()> {
        Ok(())
    }

    fn seat(&mut self, person: Id) -> Result<Option<Seat>> {
        Ok(self.kept.seats.get(&person).cloned())
    }

    fn put_seat(&mut self, person: Id, seat: Option<&Seat>) -> Result<()> {
        match seat {
            Some(seat) => self.kept.seats.insert(person, seat.clone()),
            None => self.kept.seats.remove(&person),
        };
        Ok(())
    }

    fn documents_of(&mut self, kind: &str) -> Result<Vec<Id>> {
        let of = self
            .kept
            .documents
            .iter()
            .filter(|(_, document)| document.kind == kind);
        Ok(of.map(|(id, _)| *id).collect())
    }

    fn cursors(&mut self, device: Id) -> Result<Vec<Cursor>> {
        Ok(self.kept.cursors.get(&device).cloned().unwrap_or_default())
    }

    fn put_cursors(&mut self, device: Id, cursors: &[Cursor]) -> Result<()> {
        self.kept.cursors.insert(device, cursors.to_vec());
        Ok(())
    }

    fn contact(&mut self, _device: Id, _at_ms: i64, _clock_off_ms: i64) -> Result<()> {
        Ok(())
    }
}
