//! Layers (b) and (c): a push against the document that it wants to change.

use std::sync::Arc;

use automerge::{Automerge, Change};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::guard::guarded;
use super::history::History;
use super::inspect::Inspected;
use super::limits::{LIMITS, Limits};
use super::refusal::{Code, Refusal};
use super::single;
use super::stored::load;
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
    view: Arc<Value>,
    conflicts: Vec<String>,
}

impl Open {
    fn new(body: &[u8], doc: Automerge) -> Result<Self, Refusal> {
        let (view, conflicts) = read(&doc)?;
        Ok(Self {
            key: Sha256::digest(body).into(),
            doc,
            view: Arc::new(view),
            conflicts,
        })
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
    /// As [`inspect()`](super::inspect()), and when they come to more operations than any document
    /// holds: before the rest is read.
    pub fn inspect<'b>(
        &mut self,
        changes: impl IntoIterator<Item = &'b [u8]>,
    ) -> Result<Vec<Inspected>, Refusal> {
        let mut inspected = Vec::new();
        let mut operations = 0_usize;
        for bytes in changes {
            // Whatever it holds, its bytes were hashed.
            self.count((bytes.len() / 256).saturating_add(10));
            let change = super::inspect(bytes)?;
            let more = change.operations.list.len();
            self.count(more);
            operations = operations.saturating_add(more);
            if operations > LIMITS.document_ops {
                return Err(Refusal::new(Code::DocumentTooManyOps, "in one push"));
            }
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
        let (open, mut history) = match before {
            None => (None, History::default()),
            Some(bytes) => {
                let open = self.load(bytes)?;
                let history = if single::is_change(bytes) {
                    let mut history = History::default();
                    history.add(&super::inspect(bytes)?)?;
                    history
                } else {
                    let metas = guarded(Code::DocumentPanicked, || open.doc.get_changes_meta(&[]))?;
                    History::stored(bytes, metas)?
                };
                self.count(history.operations());
                (Some(open), history)
            }
        };
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
        let view_before = open.as_ref().map(|open| Arc::clone(&open.view));
        let body = match (open, fresh.as_slice()) {
            (None, [only]) if matches!(single::read(only.raw_bytes()), Ok(Some(_))) => {
                only.raw_bytes().to_vec()
            }
            (open, _) => {
                let mut doc = open.map_or_else(Automerge::new, |open| open.doc);
                apply(&mut doc, fresh, &heads)?
            }
        };
        let weight = Limits::weight(operations, changes, body.len());
        if body.len() > LIMITS.document_bytes || weight > LIMITS.document_weight {
            return Err(Refusal::new(
                Code::DocumentTooLarge,
                format!("{} bytes, weight {weight}", body.len()),
            ));
        }
        let open = Open::new(&body, reload(&body, &heads)?)?;
        let admitted = Admitted {
            heads,
            accepted,
            before: view_before,
            after: Arc::clone(&open.view),
            conflicts_after: open.conflicts.clone(),
            body,
        };
        self.open = Some(open);
        Ok(admitted)
    }

    /// The stored document, loaded unless it was the last to be.
    fn load(&mut self, bytes: &[u8]) -> Result<Open, Refusal> {
        let key: [u8; 32] = Sha256::digest(bytes).into();
        if let Some(open) = self.open.take().filter(|open| open.key == key) {
            return Ok(open);
        }
        let doc = load(bytes)?;
        self.count(bytes.len() / 16);
        Open::new(bytes, doc)
    }

    fn nothing_new(
        &mut self,
        before: Option<&[u8]>,
        open: Option<Open>,
        heads: Vec<[u8; 32]>,
    ) -> Result<Admitted, Refusal> {
        let (Some(bytes), Some(open)) = (before, open) else {
            return Err(Refusal::new(
                Code::NothingPushed,
                "no document and no changes",
            ));
        };
        let admitted = Admitted {
            body: bytes.to_vec(),
            heads,
            accepted: Vec::new(),
            before: Some(Arc::clone(&open.view)),
            after: Arc::clone(&open.view),
            conflicts_after: open.conflicts.clone(),
        };
        self.open = Some(open);
        Ok(admitted)
    }
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

/// Applies the changes to the copy and saves it.
fn apply(
    doc: &mut Automerge,
    changes: Vec<Change>,
    heads: &[[u8; 32]],
) -> Result<Vec<u8>, Refusal> {
    let work = || {
        doc.apply_changes(changes)?;
        let same = same_heads(doc, heads);
        Ok::<_, automerge::AutomergeError>((same, doc.save_nocompress()))
    };
    let (same, body) = guarded(Code::ApplyPanicked, work)?
        .map_err(|error| Refusal::new(Code::ApplyRefused, error.to_string()))?;
    if !same {
        return Err(Refusal::new(Code::HeadsDiffer, "after applying"));
    }
    Ok(body)
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
