//! A store with a fault: it fails at the n-th thing that is asked of it, as when the server is killed
//! there; or it has one of the bugs that a store could have, to see whether the simulator finds it.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::error::{Code, Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::person::{Scope, Seat};
use vigie_core::sync::message::Cursor;
use vigie_core::sync::store::{
    Bound, FeedEntry, NewChange, Outcome, Quarantined, Store, StoredDocument,
};

/// Something that a store could do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A reader of a scope is not told of one entry.
    SkippedPosition,
    /// A cursor is past what its page holds.
    CursorAhead,
    /// A document is not put in one of its scopes.
    LostPlacement,
    /// A document is put in a scope that its kind did not name.
    WrongScope,
    /// What became of a push is not remembered.
    ForgottenOutcome,
    /// What was refused is not kept.
    LostRefusal,
    /// An accepted change is not kept.
    LostChange,
    /// A document is written with its new heads and its old body.
    StaleBody,
    /// A commit is answered and undone.
    LostCommit,
    /// Two receipts have one number.
    SameReceipt,
    /// Rights are those of the first time that somebody was seen.
    OldSeat,
    /// A restore is not told.
    OldEpoch,
}

impl Bug {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::SkippedPosition,
        Self::CursorAhead,
        Self::LostPlacement,
        Self::WrongScope,
        Self::ForgottenOutcome,
        Self::LostRefusal,
        Self::LostChange,
        Self::StaleBody,
        Self::LostCommit,
        Self::SameReceipt,
        Self::OldSeat,
        Self::OldEpoch,
    ];
}

/// A bug, and what it remembers from one exchange to the next.
#[derive(Debug)]
pub struct Sabotage {
    bug: Bug,
    count: u64,
    seats: BTreeMap<Id, Seat>,
}

impl Sabotage {
    /// A store with this bug.
    #[must_use]
    pub const fn new(bug: Bug) -> Self {
        Self {
            bug,
            count: 0,
            seats: BTreeMap::new(),
        }
    }
}

/// What a transaction that was committed is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It lasts.
    Done,
    /// It is there, and may go with the power.
    Noted,
}

/// The store with its faults.
pub struct Faulty<'a, S> {
    store: S,
    /// So many calls are answered.
    left: u64,
    sabotage: Option<&'a mut Sabotage>,
    /// Told of each transaction that was committed.
    told: Option<&'a mut dyn FnMut(Said)>,
}

impl<'a, S: Store> Faulty<'a, S> {
    /// A store that answers `calls` times, then never again, and does one thing wrong.
    pub const fn new(store: S, calls: Option<u64>, sabotage: Option<&'a mut Sabotage>) -> Self {
        let left = match calls {
            Some(calls) => calls,
            None => u64::MAX,
        };
        Self {
            store,
            left,
            sabotage,
            told: None,
        }
    }

    /// The same store, which tells of each transaction that it committed.
    #[must_use]
    pub fn telling(mut self, told: &'a mut dyn FnMut(Said)) -> Self {
        self.told = Some(told);
        self
    }

    fn tell<T>(&mut self, said: Said, done: Result<T>) -> Result<T> {
        if let (Ok(_), Some(told)) = (&done, &mut self.told) {
            told(said);
        }
        done
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

    /// Whether it has this bug, and it is time for it: once in `every` times.
    fn errs(&mut self, bug: Bug, every: u64) -> bool {
        let Some(sabotage) = self.sabotage.as_mut().filter(|one| one.bug == bug) else {
            return false;
        };
        sabotage.count = sabotage.count.saturating_add(1);
        sabotage.count.is_multiple_of(every)
    }
}

impl<S: Store> Store for Faulty<'_, S> {
    fn begin(&mut self, pushes: usize) -> Result<()> {
        self.burn()?.begin(pushes)
    }

    fn commit(&mut self) -> Result<()> {
        if self.errs(Bug::LostCommit, 9) {
            self.burn()?.rollback();
            return Ok(());
        }
        let done = self.burn()?.commit();
        self.tell(Said::Done, done)
    }

    fn rollback(&mut self) {
        self.store.rollback();
    }

    fn outcome(&mut self, device: Id, push: Id) -> Result<Option<Outcome>> {
        self.burn()?.outcome(device, push)
    }

    fn record(&mut self, device: Id, push: Id, outcome: &Outcome, at_ms: i64) -> Result<()> {
        if self.errs(Bug::ForgottenOutcome, 9) {
            return Ok(());
        }
        self.burn()?.record(device, push, outcome, at_ms)
    }

    fn erased(&mut self, id: Id) -> Result<bool> {
        self.burn()?.erased(id)
    }

    fn document(&mut self, id: Id) -> Result<Option<StoredDocument>> {
        self.burn()?.document(id)
    }

    fn put_document(&mut self, id: Id, document: &StoredDocument) -> Result<()> {
        let old = self.burn()?.document(id)?;
        if let Some(old) = old.filter(|_| self.errs(Bug::StaleBody, 9)) {
            let heads = document.heads.clone();
            return self
                .burn()?
                .put_document(id, &StoredDocument { heads, ..old });
        }
        self.burn()?.put_document(id, document)
    }

    fn bound(&mut self, document: Id, actor: vigie_core::gate::Actor, device: Id) -> Result<Bound> {
        self.burn()?.bound(document, actor, device)
    }

    fn append(&mut self, change: &NewChange<'_>) -> Result<()> {
        if self.errs(Bug::LostChange, 9) {
            return Ok(());
        }
        self.burn()?.append(change)
    }

    fn quarantine(&mut self, refused: &Quarantined<'_>) -> Result<()> {
        if self.errs(Bug::LostRefusal, 1) {
            return Ok(());
        }
        self.burn()?.quarantine(refused)
    }

    fn refusals(&mut self, device: Id, since_ms: i64) -> Result<u64> {
        self.burn()?.refusals(device, since_ms)
    }

    fn refused_bytes(&mut self, device: Id) -> Result<(u64, u64)> {
        self.burn()?.refused_bytes(device)
    }

    fn poisoned(&mut self, device: Id) -> Result<u64> {
        self.burn()?.poisoned(device)
    }

    fn isolate(&mut self, device: Id, at_ms: i64) -> Result<()> {
        self.burn()?.isolate(device, at_ms)
    }

    fn is_isolated(&mut self, device: Id) -> Result<bool> {
        self.burn()?.is_isolated(device)
    }

    fn placements(&mut self, document: Id) -> Result<BTreeSet<Scope>> {
        self.burn()?.placements(document)
    }

    fn place(&mut self, scope: &str, document: Id) -> Result<()> {
        if self.errs(Bug::WrongScope, 30) {
            self.burn()?.place("content", document)?;
        }
        if self.errs(Bug::LostPlacement, 30) {
            return Ok(());
        }
        self.burn()?.place(scope, document)
    }

    fn displace(&mut self, scope: &str, document: Id) -> Result<()> {
        self.burn()?.displace(scope, document)
    }

    fn head(&mut self, scope: &str) -> Result<u64> {
        let head = self.burn()?.head(scope)?;
        Ok(head.saturating_add(u64::from(self.errs(Bug::CursorAhead, 2))))
    }

    fn feed(&mut self, scope: &str, after: u64, limit: usize) -> Result<Vec<FeedEntry>> {
        let mut entries = self.burn()?.feed(scope, after, limit)?;
        if entries.len() > 1 && self.errs(Bug::SkippedPosition, 3) {
            entries.remove(0);
        }
        Ok(entries)
    }

    fn next_receipt(&mut self) -> Result<u64> {
        let number = self.burn()?.next_receipt()?;
        Ok(number.saturating_sub(u64::from(self.errs(Bug::SameReceipt, 9))))
    }

    fn epoch(&mut self) -> Result<u32> {
        let epoch = self.burn()?.epoch()?;
        Ok(if self.errs(Bug::OldEpoch, 1) {
            1
        } else {
            epoch
        })
    }

    fn put_blob_refs(&mut self, document: Id, blobs: &[BlobRef]) -> Result<()> {
        self.burn()?.put_blob_refs(document, blobs)
    }

    fn seat(&mut self, person: Id) -> Result<Option<Seat>> {
        let seat = self.burn()?.seat(person)?;
        let (Some(sabotage), Some(seen)) = (self.sabotage.as_mut(), &seat) else {
            return Ok(seat);
        };
        let first = sabotage.seats.entry(person).or_insert_with(|| seen.clone());
        let old = sabotage.bug == Bug::OldSeat;
        Ok(if old { Some(first.clone()) } else { seat })
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
        let done = self.burn()?.put_cursors(device, cursors);
        self.tell(Said::Noted, done)
    }

    fn contact(&mut self, device: Id, at_ms: i64, clock_off_ms: i64) -> Result<()> {
        let done = self.burn()?.contact(device, at_ms, clock_off_ms);
        self.tell(Said::Noted, done)
    }
}
