//! The server takes in one push: the gate, then the kind's rule, then the store. All or nothing.

use std::collections::BTreeSet;

use crate::error::{Code, Result};
use crate::feature::BlobRef;
use crate::gate;
use crate::id::Id;
use crate::person::{Scope, Seat};
use crate::sync::admission::{Admitted, Stop, admit};
use crate::sync::desk::{Desk, Mark, Prepared};
use crate::sync::message::{ERASED, NOT_YET, Push, Receipt, Response};
use crate::sync::receipt::{self, Signer};
use crate::sync::store::{NewChange, Outcome, Quarantined, Store, StoredDocument};

/// Pushes that no honest device sends, after which a device is put in quarantine.
const POISON_MAX: u64 = 3;
/// Most bytes of refused changes kept of one device; of later ones only that they were refused.
const REFUSED_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Most bytes of changes kept unread of a device in quarantine.
const UNREAD_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Who pushes, and when by the server's clock.
pub struct Pusher<'a> {
    /// The device.
    pub device: Id,
    /// The persons whose seats it holds.
    pub persons: &'a [Id],
    /// The server's own device.
    pub system: bool,
    /// Milliseconds.
    pub now_ms: i64,
}

/// What the device is told of a push.
pub enum Verdict {
    /// It is kept from now on: what is still to be signed and recorded.
    Kept(Receipt),
    /// The frame that says it.
    Told(Response),
}

/// What a push came to.
pub struct Taken {
    /// What the device is told.
    pub verdict: Verdict,
    /// The heads of the document afterwards, when it was kept.
    pub heads: Option<Vec<[u8; 32]>>,
    /// The scopes in which something is new.
    pub scopes: BTreeSet<Scope>,
    /// The device is in quarantine from now on.
    pub isolated: bool,
    /// What the document is part of was erased before this said so: it is to go too.
    pub orphan: bool,
}

impl Taken {
    fn told(response: Response) -> Self {
        Self {
            verdict: Verdict::Told(response),
            heads: None,
            scopes: BTreeSet::new(),
            isolated: false,
            orphan: false,
        }
    }
}

/// Takes in one push, inside a transaction that has begun. Nothing is written before it is certain
/// that the push is kept or refused.
///
/// # Errors
/// Only when the store fails; a push that is refused is an answer.
pub fn take<S: Store>(
    store: &mut S,
    desk: &mut Desk,
    pusher: &Pusher<'_>,
    signer: &Signer,
    push: &Push,
    prepare: impl FnOnce() -> Prepared,
) -> Result<Taken> {
    if store.erased(push.document)? {
        return Ok(erased(push.id));
    }
    if let Some(outcome) = store.outcome(pusher.device, push.id)? {
        let heads = store
            .document(push.document)?
            .map(|document| document.heads);
        return Ok(Taken {
            heads,
            ..Taken::told(answer(push.id, outcome))
        });
    }
    let prepared = prepare();
    desk.gate.count(prepared.steps);
    let proven = proven(signer, push, &prepared.marks);
    match admit(store, desk, pusher, push, prepared, proven.as_ref()) {
        Ok(admitted) => {
            desk.changed(
                push.document,
                admitted.new.then_some(&admitted.after),
                push.person,
            );
            let attachments = (admitted.kind.blobs)(&admitted.after);
            let scopes = keep(store, pusher, push, &admitted, &attachments)?;
            let receipt = Receipt {
                push: push.id,
                document: push.document,
                changes: admitted.marks.iter().map(|mark| mark.hash).collect(),
                attachments: attachments.iter().map(|blob| blob.hash).collect(),
                received_at: proven
                    .as_ref()
                    .map_or(pusher.now_ms, |receipt| receipt.received_at),
                position: store.next_receipt()?,
            };
            Ok(Taken {
                verdict: Verdict::Kept(receipt),
                heads: Some(admitted.heads),
                scopes,
                isolated: false,
                orphan: false,
            })
        }
        Err(Stop::Refused {
            code,
            detail,
            hostile,
        }) => {
            if code == ERASED {
                return Ok(erased(push.id));
            }
            if code == NOT_YET {
                return Ok(Taken::told(not_yet(push.id, &detail)));
            }
            // What was signed for once is never refused for good. After a restore, neither is what
            // builds on things that other devices still have to give back.
            let orphan = code == gate::Code::DepUnknown.as_str() && store.epoch()? > 1;
            if proven.is_some() || orphan {
                let told = not_yet(push.id, &format!("{code}: {detail}"));
                return Ok(Taken::told(told));
            }
            let mut taken = refuse(store, desk, pusher, push, &code, &detail)?;
            if hostile && !pusher.system && store.poisoned(pusher.device)? >= POISON_MAX {
                store.isolate(pusher.device, pusher.now_ms)?;
                taken.isolated = true;
            }
            Ok(taken)
        }
        Err(Stop::Part(detail)) => part(store, push, detail),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// The answer to a push of what was erased. Nothing of it is kept, in quarantine neither.
fn erased(push: Id) -> Taken {
    Taken::told(Response::Refused {
        push,
        code: ERASED.to_owned(),
        detail: "it was erased".to_owned(),
    })
}

/// The answer to a push of a part of what was erased: where the store has something of that part, it is
/// to go first, and the device is told to let go of it with the next push.
fn part<S: Store>(store: &mut S, push: &Push, detail: &str) -> Result<Taken> {
    Ok(if store.document(push.document)?.is_some() {
        Taken {
            orphan: true,
            ..Taken::told(not_yet(push.id, detail))
        }
    } else {
        erased(push.id)
    })
}

/// The answer to a push that comes too early.
pub(super) fn not_yet(push: Id, detail: &str) -> Response {
    Response::Refused {
        push,
        code: NOT_YET.to_owned(),
        detail: detail.to_owned(),
    }
}

/// Whether the answer says "too early".
pub(super) fn is_not_yet(response: &Response) -> bool {
    matches!(response, Response::Refused { code, .. } if code == NOT_YET)
}

/// How many of these pushes count towards what a person may push: all, but for what is given back to a
/// server that was restored.
///
/// # Errors
/// When the store fails.
pub(super) fn counting<S: Store>(store: &mut S, signer: &Signer, pushes: &[Push]) -> Result<usize> {
    if store.epoch()? == 1 {
        return Ok(pushes.len());
    }
    let counts = |push: &&Push| signed_for(signer, push).is_none();
    Ok(pushes.iter().filter(counts).count())
}

/// The receipt that this server's key signed for a push of this id, if it carries one.
fn signed_for(signer: &Signer, push: &Push) -> Option<Receipt> {
    let proof = push.proof.as_ref()?;
    let receipt = receipt::verify(&signer.public(), &proof.receipt, &proof.signature).ok()?;
    (receipt.push == push.id && receipt.document == push.document).then_some(receipt)
}

/// The receipt that this server's key signed for just this push, if it carries one.
fn proven(signer: &Signer, push: &Push, marks: &[Mark]) -> Option<Receipt> {
    let receipt = signed_for(signer, push)?;
    let kept = marks.len() == push.changes.len()
        && marks
            .iter()
            .all(|change| receipt.changes.contains(&change.hash));
    kept.then_some(receipt)
}

fn answer(push: Id, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Received { receipt, signature } => Response::Received { receipt, signature },
        Outcome::Refused { code, detail } => Response::Refused { push, code, detail },
    }
}

fn refuse<S: Store>(
    store: &mut S,
    desk: &mut Desk,
    pusher: &Pusher<'_>,
    push: &Push,
    code: &str,
    detail: &str,
) -> Result<Taken> {
    let kept = match desk.refused_bytes {
        Some(kept) => kept,
        None => store.refused_bytes(pusher.device)?.0,
    };
    let changes = if kept < REFUSED_BYTES_MAX {
        concatenated(push)
    } else {
        Vec::new()
    };
    desk.refused_bytes = Some(kept.saturating_add(changes.len() as u64));
    store.quarantine(&quarantined(pusher, push, (code, detail), &changes))?;
    let outcome = Outcome::Refused {
        code: code.to_owned(),
        detail: detail.to_owned(),
    };
    store.record(pusher.device, push.id, &outcome, pusher.now_ms)?;
    Ok(Taken::told(answer(push.id, outcome)))
}

/// Keeps what a device in quarantine sends, unread and up to a limit: what a person may have typed is
/// there to be handed over.
///
/// # Errors
/// When the store fails.
pub(super) fn keep_unread<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    pushes: &[Push],
) -> Result<()> {
    let (_, mut kept) = store.refused_bytes(pusher.device)?;
    for push in pushes {
        if store.erased(push.document)? {
            continue;
        }
        let changes = concatenated(push);
        // A row costs something too.
        kept = kept
            .saturating_add(changes.len() as u64)
            .saturating_add(256);
        if kept > UNREAD_BYTES_MAX {
            return Ok(());
        }
        let why = (Code::DeviceQuarantined.as_str(), "");
        store.quarantine(&quarantined(pusher, push, why, &changes))?;
    }
    Ok(())
}

fn concatenated(push: &Push) -> Vec<u8> {
    push.bytes().collect::<Vec<_>>().concat()
}

fn quarantined<'a>(
    pusher: &Pusher<'_>,
    push: &'a Push,
    (code, detail): (&'a str, &'a str),
    changes: &'a [u8],
) -> Quarantined<'a> {
    Quarantined {
        push: push.id,
        device: pusher.device,
        person: push.person,
        document: push.document,
        kind: &push.kind,
        code,
        detail,
        changes,
        at: pusher.now_ms,
    }
}

fn keep<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    push: &Push,
    admitted: &Admitted,
    attachments: &[BlobRef],
) -> Result<BTreeSet<Scope>> {
    if admitted.accepted.is_empty() {
        return Ok(BTreeSet::new());
    }
    for (mark, bytes) in admitted.marks.iter().zip(push.bytes()) {
        store.append(&NewChange {
            document: push.document,
            hash: mark.hash,
            actor: mark.actor,
            seq: mark.seq,
            bytes,
            device: pusher.device,
            person: push.person,
            received_at: pusher.now_ms,
        })?;
    }
    store.put_document(
        push.document,
        &StoredDocument {
            kind: push.kind.clone(),
            origin: admitted.origin,
            received_at: admitted.received_at,
            body: admitted.body.clone(),
            heads: admitted.heads.clone(),
        },
    )?;
    if !admitted.new || !attachments.is_empty() {
        store.put_blob_refs(push.document, attachments)?;
    }
    if admitted.kind.name == "person" {
        store.put_seat(push.document, Seat::of(&admitted.after).as_ref())?;
    }
    let old = if admitted.new {
        BTreeSet::new()
    } else {
        store.placements(push.document)?
    };
    for scope in old.difference(&admitted.scopes) {
        store.displace(scope, push.document)?;
    }
    for scope in &admitted.scopes {
        store.place(scope, push.document)?;
    }
    Ok(old.union(&admitted.scopes).cloned().collect())
}
