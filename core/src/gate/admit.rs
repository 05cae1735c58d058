//! Layers (b) and (c): a push against the document that it wants to change.

use std::collections::BTreeSet;
use std::sync::Arc;

use automerge::{Automerge, Change};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::chunk;
use super::guard::guarded;
use super::history::History;
use super::inspect::Inspected;
use super::limits::{LIMITS, Limits};
use super::refusal::{Code, Refusal};
use super::single;
use super::stored::{Chunk, Sizes, load};
use super::view::read;

/// A push that the document takes, and the document after it. Nothing is stored yet: the caller's
/// own rules come first.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The document as it is kept, see [`save()`](super::save()); what was stored when nothing was new.
    pub body: Vec<u8>,
    /// The hashes of its latest changes, ascending.
    pub heads: Vec<[u8; 32]>,
    /// The changes that were new, in the order of the push.
    pub accepted: Vec<[u8; 32]>,
    /// The document before the push, `None` when there was none.
    pub before: Option<Arc<Value>>,
    /// The document after the push.
    pub after: Arc<Value>,
    /// Where it now holds more than one value: see [`conflicts()`](super::conflicts()).
    pub conflicts_after: Vec<String>,
}

/// A document of more operations may show too much: this is found before it is saved and loaded, which
/// costs more than looking twice.
const LARGE: usize = 8_192;

/// Layers (b) and (c) once, by a [`Gate`] of its own.
///
/// ```
/// use automerge::{ActorId, AutoCommit, ROOT, transaction::{CommitOptions, Transactable}};
/// use vigie_core::gate::{admit, inspect};
///
/// let mut doc = AutoCommit::new().with_actor(ActorId::from([7; 8]));
/// doc.put(ROOT, "kind", "report")?;
/// doc.commit_with(CommitOptions::default().with_time(0));
/// let bytes = doc.get_last_local_change().map(|change| change.raw_bytes().to_vec());
///
/// let admitted = admit(None, vec![inspect(&bytes.unwrap_or_default())?])?;
/// assert_eq!(*admitted.after, serde_json::json!({ "kind": "report" }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Gate::admit`].
pub fn admit(before: Option<&[u8]>, pushed: Vec<Inspected>) -> Result<Admitted, Refusal> {
    Gate::default().admit(before, pushed)
}

/// Lets in the pushes of one request: it keeps the document that it last looked at, since the next push
/// is often to the same one, and counts what the request cost.
#[derive(Default)]
pub struct Gate {
    open: Option<Open>,
    steps: usize,
}

/// A document as it was loaded last.
struct Open {
    /// SHA-256 of its bytes.
    key: [u8; 32],
    doc: Automerge,
    /// Read when it is first asked for: a push that does not fit never does.
    shown: Option<Shown>,
}

/// What a document shows.
#[derive(Clone)]
struct Shown {
    view: Arc<Value>,
    conflicts: Vec<String>,
}

impl Open {
    fn new(body: &[u8], doc: Automerge) -> Self {
        Self {
            key: Sha256::digest(body).into(),
            doc,
            shown: None,
        }
    }

    fn show(&mut self) -> Result<Shown, Refusal> {
        if let Some(shown) = &self.shown {
            return Ok(shown.clone());
        }
        let (view, conflicts) = read(&self.doc)?;
        let view = Arc::new(view);
        Ok(self.shown.insert(Shown { view, conflicts }).clone())
    }
}

impl Gate {
    /// What the pushes so far cost, refused ones too: operations that were read, those of the
    /// documents as often as these were loaded. A step takes one or two microseconds.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// Counts what another gate did for the same request.
    pub const fn count(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps);
    }

    /// Layer (a) for all changes of a push, counted: see [`inspect()`](super::inspect()).
    ///
    /// # Errors
    /// As [`inspect()`](super::inspect()), and when they say that they come to more operations than one
    /// push may: before any is read.
    pub fn inspect<'b>(
        &mut self,
        changes: impl IntoIterator<Item = &'b [u8]>,
    ) -> Result<Vec<Inspected>, Refusal> {
        let changes: Vec<&[u8]> = changes.into_iter().collect();
        let announced = changes.iter().map(|bytes| chunk::operations(bytes));
        let operations = announced.fold(0_usize, usize::saturating_add);
        if operations > LIMITS.push_ops {
            self.count(changes.len());
            return Err(Refusal::new(Code::DocumentTooManyOps, "in one push"));
        }
        let mut inspected = Vec::with_capacity(changes.len());
        for bytes in changes {
            // Whatever it holds, its bytes were hashed.
            self.count((bytes.len() / 256).saturating_add(10));
            let change = super::inspect(bytes)?;
            self.count(change.operations.list.len());
            inspected.push(change);
        }
        Ok(inspected)
    }

    /// Layers (b) and (c): whether a document takes these changes, in this order, all of them or
    /// none.
    ///
    /// `before` is the stored chunk of the document, `None` for a new one. Changes that it already
    /// holds, and repeats within the push, are passed over: pushing twice is harmless.
    ///
    /// # Errors
    /// When one of the changes does not fit the document, when the outcome is beyond [`LIMITS`], or
    /// when Automerge stumbles over it. The stored document is untouched.
    pub fn admit(
        &mut self,
        before: Option<&[u8]>,
        pushed: Vec<Inspected>,
    ) -> Result<Admitted, Refusal> {
        if pushed.len() > LIMITS.push_changes {
            return Err(Refusal::new(
                Code::TooManyChanges,
                format!("{}", pushed.len()),
            ));
        }
        let (open, mut history) = self.begin(before, &pushed)?;
        let (accepted, fresh) = match new(&mut history, pushed) {
            Ok(new) => new,
            Err(refusal) => {
                // Nothing touched it: the next push to it need not load it.
                self.open = open;
                return Err(refusal);
            }
        };
        let heads = history.heads();
        let (operations, changes) = (history.operations(), history.changes());
        drop(history);
        if fresh.is_empty() {
            return self.nothing_new(before, open, heads);
        }
        self.count(operations);
        // However short it is kept.
        if let Err(refusal) = light(operations, changes, 0) {
            self.open = open;
            return Err(refusal);
        }
        let (before, body) = match (&open, fresh.as_slice()) {
            (None, [only]) if matches!(single::read(only.raw_bytes()), Ok(Some(_))) => {
                (None, only.raw_bytes().to_vec())
            }
            _ => grow(open, fresh, &heads, operations)?,
        };
        light(operations, changes, body.len())?;
        let mut open = Open::new(&body, reload(&body, &heads)?);
        let after = open.show()?;
        let admitted = Admitted {
            heads,
            accepted,
            before: before.map(|before| before.view),
            after: after.view,
            conflicts_after: after.conflicts,
            body,
        };
        self.open = Some(open);
        Ok(admitted)
    }

    /// The stored document and its history, unless their sizes alone say that it takes no more.
    fn begin(
        &mut self,
        before: Option<&[u8]>,
        pushed: &[Inspected],
    ) -> Result<(Option<Open>, History), Refusal> {
        let mut history = History::default();
        let Some(bytes) = before else {
            return Ok((None, history));
        };
        let open = if single::is_change(bytes) {
            let open = self.load(bytes)?;
            history.add(&super::inspect(bytes)?)?;
            open
        } else {
            let chunk = Chunk::open(bytes)?;
            self.count(bytes.len() / 256);
            room(chunk.sizes(), pushed)?;
            let open = self.load(bytes)?;
            let metas = guarded(Code::DocumentPanicked, || open.doc.get_changes_meta(&[]))?;
            history = History::stored(&chunk, metas)?;
            open
        };
        self.count(history.operations());
        Ok((Some(open), history))
    }

    /// The stored document, loaded unless it was the last to be.
    fn load(&mut self, bytes: &[u8]) -> Result<Open, Refusal> {
        let key: [u8; 32] = Sha256::digest(bytes).into();
        if let Some(open) = self.open.take().filter(|open| open.key == key) {
            return Ok(open);
        }
        let doc = load(bytes)?;
        self.count(bytes.len() / 16);
        Ok(Open::new(bytes, doc))
    }

    fn nothing_new(
        &mut self,
        before: Option<&[u8]>,
        open: Option<Open>,
        heads: Vec<[u8; 32]>,
    ) -> Result<Admitted, Refusal> {
        let (Some(bytes), Some(mut open)) = (before, open) else {
            return Err(Refusal::new(
                Code::NothingPushed,
                "no document and no changes",
            ));
        };
        let shown = open.show()?;
        let admitted = Admitted {
            body: bytes.to_vec(),
            heads,
            accepted: Vec::new(),
            before: Some(Arc::clone(&shown.view)),
            after: shown.view,
            conflicts_after: shown.conflicts,
        };
        self.open = Some(open);
        Ok(admitted)
    }
}

/// Whether a document of these sizes has room for what is certainly new of a push: what begins behind
/// its last operation, once.
fn room(sizes: Sizes, pushed: &[Inspected]) -> Result<(), Refusal> {
    let mut hashes = BTreeSet::new();
    let (mut operations, mut changes) = (sizes.operations, sizes.changes);
    for change in pushed {
        if change.start_op > sizes.max_op && hashes.insert(change.hash) {
            operations = operations.saturating_add(change.operations.list.len());
            changes = changes.saturating_add(1);
        }
    }
    if operations > LIMITS.document_ops {
        return Err(Refusal::new(
            Code::DocumentTooManyOps,
            format!("{operations}"),
        ));
    }
    if changes > LIMITS.document_changes {
        return Err(Refusal::new(
            Code::DocumentTooManyChanges,
            format!("{changes}"),
        ));
    }
    light(operations, changes, 0)
}

/// Whether a document of so many operations, changes and bytes is within the limits.
fn light(operations: usize, changes: usize, bytes: usize) -> Result<(), Refusal> {
    let weight = Limits::weight(operations, changes, bytes);
    if bytes > LIMITS.document_bytes || weight > LIMITS.document_weight {
        return Err(Refusal::new(
            Code::DocumentTooLarge,
            format!("{bytes} bytes, weight {weight}"),
        ));
    }
    Ok(())
}

/// The changes that the history does not hold yet, added to it: their hashes and themselves.
fn new(
    history: &mut History,
    pushed: Vec<Inspected>,
) -> Result<(Vec<[u8; 32]>, Vec<Change>), Refusal> {
    let mut accepted = Vec::new();
    let mut fresh = Vec::new();
    for change in pushed {
        if history.add(&change)? {
            accepted.push(change.hash);
            fresh.push(change.change);
        }
    }
    Ok((accepted, fresh))
}

/// A copy of the document with the changes applied, saved; and what the document showed before them.
fn grow(
    open: Option<Open>,
    changes: Vec<Change>,
    heads: &[[u8; 32]],
    operations: usize,
) -> Result<(Option<Shown>, Vec<u8>), Refusal> {
    let mut copy = open
        .as_ref()
        .map_or_else(Automerge::new, |open| open.doc.clone());
    apply(&mut copy, changes, heads)?;
    if operations > LARGE {
        // What shows too much is neither saved nor loaded.
        read(&copy)?;
    }
    let before = open.map(|mut open| open.show()).transpose()?;
    let body = guarded(Code::ApplyPanicked, || copy.save_nocompress())?;
    Ok((before, body))
}

/// Applies the changes to the copy.
fn apply(doc: &mut Automerge, changes: Vec<Change>, heads: &[[u8; 32]]) -> Result<(), Refusal> {
    guarded(Code::ApplyPanicked, || doc.apply_changes(changes))?
        .map_err(|error| Refusal::new(Code::ApplyRefused, error.to_string()))?;
    if !same_heads(doc, heads) {
        return Err(Refusal::new(Code::HeadsDiffer, "after applying"));
    }
    Ok(())
}

/// Loads what would be stored and compares it with what was meant.
fn reload(body: &[u8], heads: &[[u8; 32]]) -> Result<Automerge, Refusal> {
    let again = guarded(Code::ApplyPanicked, || Automerge::load(body))?
        .map_err(|error| Refusal::new(Code::HeadsDiffer, error.to_string()))?;
    if !same_heads(&again, heads) {
        return Err(Refusal::new(Code::HeadsDiffer, "after loading again"));
    }
    Ok(again)
}

fn same_heads(doc: &Automerge, heads: &[[u8; 32]]) -> bool {
    let mut found: Vec<[u8; 32]> = doc.get_heads().iter().map(|head| head.0).collect();
    found.sort_unstable();
    found == heads
}
