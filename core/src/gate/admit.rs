//! Layers (b) and (c): a push against the document that it wants to change.

use automerge::{Automerge, Change};
use serde_json::Value;

use super::guard::guarded;
use super::history::History;
use super::inspect::Inspected;
use super::limits::LIMITS;
use super::refusal::{Code, Refusal};
use super::stored::load;
use super::view::{conflicts, view};

/// A push that the document takes, and the document after it. Nothing is stored yet: the caller's
/// own rules come first.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The whole document as one uncompressed chunk; the stored one when nothing was new.
    pub body: Vec<u8>,
    /// The hashes of its latest changes, ascending.
    pub heads: Vec<[u8; 32]>,
    /// The changes that were new, in the order of the push.
    pub accepted: Vec<[u8; 32]>,
    /// The document before the push, `None` when there was none.
    pub before: Option<Value>,
    /// The document after the push.
    pub after: Value,
    /// Where it now holds more than one value: see [`conflicts()`].
    pub conflicts_after: Vec<String>,
}

/// Layers (b) and (c): whether a document takes these changes, in this order, all of them or none.
///
/// `before` is the stored chunk of the document, `None` for a new one. Changes that it already
/// holds, and repeats within the push, are passed over: pushing twice is harmless.
///
/// ```
/// use automerge::{AutoCommit, ROOT, transaction::{CommitOptions, Transactable}};
/// use vigie_core::gate::{admit, inspect};
///
/// let mut doc = AutoCommit::new();
/// doc.put(ROOT, "kind", "report")?;
/// doc.commit_with(CommitOptions::default().with_time(0));
/// let bytes = doc.get_last_local_change().map(|change| change.raw_bytes().to_vec());
///
/// let admitted = admit(None, vec![inspect(&bytes.unwrap_or_default())?])?;
/// assert_eq!(admitted.after, serde_json::json!({ "kind": "report" }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When one of the changes does not fit the document, when the outcome is beyond [`LIMITS`], or when
/// Automerge stumbles over it. The stored document is untouched.
pub fn admit(before: Option<&[u8]>, pushed: Vec<Inspected>) -> Result<Admitted, Refusal> {
    if pushed.len() > LIMITS.push_changes {
        return Err(Refusal::new(
            Code::TooManyChanges,
            format!("{}", pushed.len()),
        ));
    }
    let (mut doc, mut history, view_before) = match before {
        None => (Automerge::new(), History::default(), None),
        Some(bytes) => {
            let doc = load(bytes)?;
            let changes = guarded(Code::DocumentPanicked, || doc.get_changes(&[]))?;
            let history = History::stored(changes)?;
            let view = view(&doc)?;
            (doc, history, Some(view))
        }
    };
    let mut accepted = Vec::new();
    let mut fresh = Vec::new();
    for change in pushed {
        if history.add(&change)? {
            accepted.push(change.hash);
            fresh.push(change.change);
        }
    }
    history.settle();
    let heads: Vec<[u8; 32]> = history.heads().iter().copied().collect();
    if fresh.is_empty() {
        let (Some(bytes), Some(view)) = (before, view_before) else {
            return Err(Refusal::new(
                Code::NothingPushed,
                "no document and no changes",
            ));
        };
        return Ok(Admitted {
            body: bytes.to_vec(),
            heads,
            accepted,
            after: view.clone(),
            before: Some(view),
            conflicts_after: conflicts(&doc),
        });
    }
    let body = apply(&mut doc, fresh, &heads)?;
    let again = reload(&body, &heads)?;
    Ok(Admitted {
        heads,
        accepted,
        before: view_before,
        after: view(&again)?,
        conflicts_after: conflicts(&again),
        body,
    })
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
    if body.len() > LIMITS.document_bytes {
        return Err(Refusal::new(
            Code::DocumentTooLarge,
            format!("{} bytes", body.len()),
        ));
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
