//! What the server's side of the exchange needs of its store. One organisation; knows no feature.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::feature::{BlobRef, Origin};
use crate::gate::Actor;
use crate::id::Id;
use crate::person::{Scope, Seat};
use crate::sync::message::Cursor;
use crate::sync::push::Pusher;

/// A document as the server keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its kind.
    pub kind: String,
    /// Who made it and in which year it was received.
    pub origin: Origin,
    /// When its first change was received: milliseconds.
    pub received_at: i64,
    /// As [`crate::gate::save()`] gives it; derived from the changes.
    pub body: Vec<u8>,
    /// Hashes of its latest changes, sorted.
    pub heads: Vec<[u8; 32]>,
}

/// An accepted change: the truth.
#[derive(Clone, Debug)]
pub struct NewChange<'a> {
    /// The document.
    pub document: Id,
    /// SHA-256 of the change.
    pub hash: [u8; 32],
    /// Who wrote it, as Automerge names it.
    pub actor: Actor,
    /// Its number among the actor's.
    pub seq: u64,
    /// The raw change.
    pub bytes: &'a [u8],
    /// The device that pushed it.
    pub device: Id,
    /// The seat that pushed it.
    pub person: Id,
    /// When: milliseconds.
    pub received_at: i64,
}

/// What became of a push; a repeated push gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Kept: the signed receipt's bytes and signature.
    Received {
        /// A [`crate::sync::message::Receipt`] in postcard.
        receipt: Vec<u8>,
        /// Its signature.
        signature: Vec<u8>,
    },
    /// Refused, and why.
    Refused {
        /// A stable code.
        code: String,
        /// For the log.
        detail: String,
    },
}

/// A line of a scope's feed: one per document, at its latest position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// Its position in the scope.
    pub position: u64,
    /// The document.
    pub document: Id,
    /// It left the scope at this position.
    pub gone: bool,
}

/// Whose an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The device's own, or nobody's yet.
    Yours,
    /// That of another device of the same person, silent since this one enrolled: perhaps this very
    /// one, before they enrolled anew.
    YoursBefore,
    /// That of another device of the same person, which has spoken since.
    YoursElsewhere,
    /// Whose it was is forgotten: it may be the one who asks.
    Nobodys,
    /// Another person's.
    Anothers,
}

/// A push that was refused, kept readable.
#[derive(Clone, Debug)]
pub struct Quarantined<'a> {
    /// The push.
    pub push: Id,
    /// The device.
    pub device: Id,
    /// The seat.
    pub person: Id,
    /// The document.
    pub document: Id,
    /// Its kind.
    pub kind: &'a str,
    /// Why: a stable code.
    pub code: &'a str,
    /// Why, for the log.
    pub detail: &'a str,
    /// The raw changes, one after the other.
    pub changes: &'a [u8],
    /// When: milliseconds.
    pub at: i64,
}

/// The server's store, for one organisation.
pub trait Store {
    /// Whether the server takes so many pushes now. Asked once for a request, before its transaction.
    ///
    /// # Errors
    /// [`crate::error::Code::TooManyTries`] when the person pushed too much, with how long to wait.
    fn may_push(&mut self, _pusher: &Pusher<'_>, _count: usize) -> Result<()> {
        Ok(())
    }
    /// So many were not looked at after all: they come again, and count then.
    fn push_later(&mut self, _pusher: &Pusher<'_>, _count: usize) {}
    /// Begins a transaction that writes: it holds the lock under which positions are taken, so that
    /// a reader never skips a late committer. So many pushes are to be taken in it.
    ///
    /// # Errors
    /// When the database cannot be reached.
    fn begin(&mut self, pushes: usize) -> Result<()>;
    /// Makes it last.
    ///
    /// # Errors
    /// When it cannot be made to last; nothing of it was kept then.
    fn commit(&mut self) -> Result<()>;
    /// Undoes it.
    fn rollback(&mut self);

    /// What became of this push of this device.
    ///
    /// # Errors
    /// When the database cannot be reached; so for every method below.
    fn outcome(&mut self, device: Id, push: Id) -> Result<Option<Outcome>>;
    /// Remembers it.
    fn record(&mut self, device: Id, push: Id, outcome: &Outcome, at_ms: i64) -> Result<()>;
    /// Whether the document was erased: its id is refused for ever.
    fn erased(&mut self, id: Id) -> Result<bool>;
    /// A document.
    fn document(&mut self, id: Id) -> Result<Option<StoredDocument>>;
    /// Writes a document.
    fn put_document(&mut self, id: Id, document: &StoredDocument) -> Result<()>;
    /// Whose an actor of a document is. A device of the same person that was revoked has none any
    /// more.
    fn bound(&mut self, document: Id, actor: Actor, device: Id) -> Result<Bound>;
    /// Keeps an accepted change; one that is there already is left alone. Its actor is bound to its
    /// device, when it is nobody's yet.
    fn append(&mut self, change: &NewChange<'_>) -> Result<()>;
    /// Keeps a refused push.
    fn quarantine(&mut self, refused: &Quarantined<'_>) -> Result<()>;
    /// How many pushes of this device were refused since `since_ms`, those kept unread not counted.
    fn refusals(&mut self, device: Id, since_ms: i64) -> Result<u64>;
    /// How many bytes of changes of this device's refused pushes are kept, read ones and unread ones.
    fn refused_bytes(&mut self, device: Id) -> Result<(u64, u64)>;
    /// Counts one more push of this device that no honest device sends: how many now.
    fn poisoned(&mut self, device: Id) -> Result<u64>;
    /// Puts the device in quarantine.
    fn isolate(&mut self, device: Id, at_ms: i64) -> Result<()>;
    /// Whether it is.
    fn is_isolated(&mut self, device: Id) -> Result<bool>;

    /// The scopes that a document lies in.
    fn placements(&mut self, document: Id) -> Result<BTreeSet<Scope>>;
    /// Puts a document at the latest position of a scope.
    fn place(&mut self, scope: &str, document: Id) -> Result<()>;
    /// Takes it out of a scope: a `gone` entry at the latest position.
    fn displace(&mut self, scope: &str, document: Id) -> Result<()>;
    /// The latest position of a scope; 0 when nothing ever lay in it.
    fn head(&mut self, scope: &str) -> Result<u64>;
    /// Entries after a position, in order, at most `limit`.
    fn feed(&mut self, scope: &str, after: u64, limit: usize) -> Result<Vec<FeedEntry>>;
    /// The number of the next receipt.
    fn next_receipt(&mut self) -> Result<u64>;
    /// The epoch: another one after each restore from a backup.
    fn epoch(&mut self) -> Result<u32>;

    /// The blobs that a document names, replacing what was there.
    fn put_blob_refs(&mut self, document: Id, blobs: &[BlobRef]) -> Result<()>;
    /// The seat of a person; `None` when unknown or not active.
    fn seat(&mut self, person: Id) -> Result<Option<Seat>>;
    /// Sets it, from the directory.
    fn put_seat(&mut self, person: Id, seat: Option<&Seat>) -> Result<()>;
    /// The ids of all documents of a kind.
    fn documents_of(&mut self, kind: &str) -> Result<Vec<Id>>;

    /// The cursors that the device will have once it has applied the last answer.
    fn cursors(&mut self, device: Id) -> Result<Vec<Cursor>>;
    /// Remembers them.
    fn put_cursors(&mut self, device: Id, cursors: &[Cursor]) -> Result<()>;
    /// Notes that the device spoke, and how far its clock is off: milliseconds.
    fn contact(&mut self, device: Id, at_ms: i64, clock_off_ms: i64) -> Result<()>;
}
