//! Layer (a): one change, by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use automerge::Change;

use super::chunk::{self, CHANGE};
use super::decode::operations;
use super::guard::guarded;
use super::limits::{Actor, LIMITS};
use super::operation::{Key, Operations};
use super::refusal::{Code, Refusal};

/// A change that is well formed, canonical and within the limits. Whether it fits a document is for
/// [`admit()`](super::admit()) to say.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// The SHA-256 that names the change.
    pub hash: [u8; 32],
    /// Who wrote it: the caller checks that this is an actor of the sender, for this document.
    pub actor: Actor,
    /// The how-manieth change of this actor in its document, from 1.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// The number of its last operation.
    pub max_op: u64,
    /// The changes it builds on, ascending.
    pub deps: Vec<[u8; 32]>,
    /// The change as Automerge reads it.
    pub change: Change,
    /// Other actors whose operations it names, ascending.
    pub(super) others: Vec<Actor>,
    pub(super) operations: Arc<Operations>,
}

impl Inspected {
    /// What the change writes.
    #[must_use]
    pub fn touched(&self) -> Touched {
        let mut touched = Touched::default();
        for operation in &self.operations.list {
            match &operation.key {
                Key::Name(name) if operation.object.is_none() => {
                    touched.fields.insert(name.as_ref().to_owned());
                }
                Key::Name(_) | Key::Head | Key::Element(_) => {
                    touched.below |= !self.operations.preds_of(operation).is_empty();
                }
            }
        }
        touched
    }
}

/// What changes write, be it what stood there before: a comparison of views does not show that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Fields of the root that are written or removed.
    pub fields: BTreeSet<String>,
    /// Whether anything within a field is written over or removed, rather than added.
    pub below: bool,
}

/// A change read by hand.
pub(super) struct Parsed {
    pub(super) hash: [u8; 32],
    pub(super) actor: Actor,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) deps: Vec<[u8; 32]>,
    pub(super) others: Vec<Actor>,
    pub(super) operations: Operations,
}

/// Reads a change without Automerge: limits, canonical encoding, each operation by itself.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, Refusal> {
    if bytes.len() > LIMITS.change_bytes {
        return Err(Refusal::new(
            Code::ChangeTooLarge,
            format!("{} bytes", bytes.len()),
        ));
    }
    let (hash, body) = chunk::open(bytes, CHANGE)?;
    let fields = chunk::fields(body)?;
    let operations = operations(&fields)?;
    Ok(Parsed {
        hash,
        actor: fields.actor,
        seq: fields.seq,
        start_op: fields.start_op,
        deps: fields.deps,
        others: fields.others,
        operations,
    })
}

/// Layer (a): reads one raw change (a chunk of type 1, as `Change::raw_bytes` gives it). Time and
/// memory are bounded by [`LIMITS`], and Automerge sees the bytes only after everything else held.
///
/// ```
/// use vigie_core::gate::{Code, inspect};
///
/// let refusal = inspect(b"not a change at all").err().map(|refusal| refusal.code);
/// assert_eq!(refusal, Some(Code::BadMagic));
/// ```
///
/// # Errors
/// When the bytes are not one canonical change within the limits; the code says why.
pub fn inspect(bytes: &[u8]) -> Result<Inspected, Refusal> {
    let parsed = parse(bytes)?;
    let count = parsed.operations.list.len() as u64;
    let max_op = parsed.start_op.saturating_add(count).saturating_sub(1);
    let change = guarded(Code::ParserPanicked, || Change::try_from(bytes))?
        .map_err(|error| Refusal::new(Code::ParserRefused, error.to_string()))?;
    if change.hash().0 != parsed.hash || change.len() as u64 != count {
        return Err(Refusal::new(
            Code::ParserRefused,
            "Automerge reads something else",
        ));
    }
    let again = guarded(Code::ParserPanicked, || Change::from(change.decode()))?;
    if again.raw_bytes() != bytes {
        return Err(Refusal::new(
            Code::NotCanonical,
            "Automerge writes other bytes",
        ));
    }
    Ok(Inspected {
        hash: parsed.hash,
        actor: parsed.actor,
        seq: parsed.seq,
        start_op: parsed.start_op,
        max_op,
        deps: parsed.deps,
        change,
        others: parsed.others,
        operations: Arc::new(parsed.operations),
    })
}
