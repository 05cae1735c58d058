//! The server takes in one push: the gate, then the kind's rule, then the store. All or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::document::HEADER;
use crate::error::{Code, Error, Result};
use crate::feature::{BlobRef, Judgement, Kind, Origin, kind};
use crate::gate::{self, Inspected, Touched};
use crate::id::Id;
use crate::moment::Moment;
use crate::person::{Scope, Seat};
use crate::sync::desk::{Content, Desk, Mark, Prepared};
use crate::sync::message::{CHANGES_MAX, ERASED, NOT_YET, Push, Receipt, Response};
use crate::sync::receipt::{self, Signer};
use crate::sync::store::{Bound, NewChange, Outcome, Quarantined, Store, StoredDocument};

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
}

impl Taken {
    fn told(response: Response) -> Self {
        Self {
            verdict: Verdict::Told(response),
            heads: None,
            scopes: BTreeSet::new(),
            isolated: false,
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
            // What was signed for once is never refused for good. After a restore, neither is what
            // builds on things that other devices still have to give back.
            let orphan = code == gate::Code::DepUnknown.as_str() && store.epoch()? > 1;
            if proven.is_some() || orphan {
                let told = not_yet(push.id, &format!("{code}: {detail}"));
                return Ok(Taken::told(told));
            }
            let mut taken = refuse(store, pusher, push, &code, &detail)?;
            if hostile && !pusher.system && store.poisoned(pusher.device)? >= POISON_MAX {
                store.isolate(pusher.device, pusher.now_ms)?;
                taken.isolated = true;
            }
            Ok(taken)
        }
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

/// The receipt that this server's key signed for just this push, if it carries one.
fn proven(signer: &Signer, push: &Push, marks: &[Mark]) -> Option<Receipt> {
    let proof = push.proof.as_ref()?;
    let receipt = receipt::verify(&signer.public(), &proof.receipt, &proof.signature).ok()?;
    let kept = marks.len() == push.changes.len()
        && marks
            .iter()
            .all(|change| receipt.changes.contains(&change.hash));
    (receipt.push == push.id && receipt.document == push.document && kept).then_some(receipt)
}

fn answer(push: Id, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Received { receipt, signature } => Response::Received { receipt, signature },
        Outcome::Refused { code, detail } => Response::Refused { push, code, detail },
    }
}

fn refuse<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    push: &Push,
    code: &str,
    detail: &str,
) -> Result<Taken> {
    let (read, _) = store.refused_bytes(pusher.device)?;
    let changes = if read < REFUSED_BYTES_MAX {
        concatenated(push)
    } else {
        Vec::new()
    };
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

/// Why a push goes no further.
enum Stop {
    Refused {
        code: String,
        detail: String,
        /// No honest device sends this.
        hostile: bool,
    },
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        if matches!(
            error.code(),
            Code::Storage | Code::DiskFull | Code::StorageFull | Code::Unexpected
        ) {
            return Self::Failed(error);
        }
        stop(error.code().as_str(), error.message())
    }
}

impl From<gate::Refusal> for Stop {
    fn from(refusal: gate::Refusal) -> Self {
        Self::Refused {
            hostile: refusal.code.is_hostile(),
            code: refusal.code.as_str().to_owned(),
            detail: refusal.detail,
        }
    }
}

fn stop(code: &str, detail: impl Into<String>) -> Stop {
    Stop::Refused {
        code: code.to_owned(),
        detail: detail.into(),
        hostile: false,
    }
}

/// What passed the gate and the rule.
struct Admitted {
    kind: &'static Kind,
    origin: Origin,
    received_at: i64,
    body: Vec<u8>,
    heads: Vec<[u8; 32]>,
    accepted: Vec<[u8; 32]>,
    /// The document is new.
    new: bool,
    after: Arc<Value>,
    scopes: BTreeSet<Scope>,
    marks: Vec<Mark>,
}

fn admit<S: Store>(
    store: &mut S,
    desk: &mut Desk,
    pusher: &Pusher<'_>,
    push: &Push,
    prepared: Prepared,
    proven: Option<&Receipt>,
) -> Result<Admitted, Stop> {
    let seat = seat(store, pusher, push.person)?;
    let kind =
        kind(&push.kind).ok_or_else(|| stop("unknown-kind", format!("no kind `{}`", push.kind)))?;
    if push.changes.is_empty() || push.changes.len() > CHANGES_MAX {
        return Err(stop("push-size", format!("{} changes", push.changes.len())));
    }
    let stored = store.document(push.document)?;
    if stored
        .as_ref()
        .is_some_and(|stored| stored.kind != push.kind)
    {
        return Err(stop("kind-differs", "the document is of another kind"));
    }
    let Prepared { marks, content, .. } = prepared;
    let (inspected, alone) = match content {
        Content::Read(read) => (read?, None),
        Content::First(alone) if stored.is_none() => (Vec::new(), Some(alone)),
        Content::First(_) => (desk.gate.inspect(push.bytes())?, None),
    };
    owned(store, pusher, push, &marks, proven.is_some())?;
    let written = stored.as_ref().map(|_| written(&inspected));
    let admitted = match alone {
        Some(alone) => *alone?,
        None => desk.gate.admit(
            stored.as_ref().map(|stored| stored.body.as_slice()),
            inspected,
        )?,
    };
    header(push, &admitted.after)?;
    for whole in (kind.keeping.part_of)(&admitted.after) {
        if store.erased(whole)? {
            return Err(stop(ERASED, "what it is part of was erased"));
        }
    }
    let touched = touched(kind, &admitted, written.unwrap_or_default())?;
    let received_at = proven.map_or(pusher.now_ms, |receipt| receipt.received_at);
    let origin = stored.as_ref().map_or(
        Origin {
            creator: push.person,
            year: Moment::utc(received_at).year(),
        },
        |stored| stored.origin,
    );
    // The rule was held against what is here already, and before it was signed for against what is
    // proven: what it rested on then may be gone now.
    if proven.is_none() && !admitted.accepted.is_empty() {
        judge(store, desk, kind, &seat, &origin, &admitted, &touched)?;
    }
    Ok(Admitted {
        scopes: (kind.scopes)(&admitted.after, &origin)?,
        kind,
        new: stored.is_none(),
        origin,
        received_at: stored.map_or(received_at, |stored| stored.received_at),
        body: admitted.body,
        heads: admitted.heads,
        accepted: admitted.accepted,
        after: admitted.after,
        marks,
    })
}

/// The changes' actors are this device's.
fn owned<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    push: &Push,
    marks: &[Mark],
    proven: bool,
) -> Result<(), Stop> {
    for change in marks {
        let bound = store.bound(push.document, change.actor, pusher.device)?;
        // What was signed for was bound then, perhaps to a device that has enrolled anew since.
        if bound != Bound::Yours && !proven {
            return Err(Stop::Refused {
                code: "actor-not-yours".to_owned(),
                detail: "the change is written in another's name".to_owned(),
                hostile: bound == Bound::Anothers,
            });
        }
    }
    Ok(())
}

/// The seat that the push speaks for, with its rights of this moment.
fn seat<S: Store>(store: &mut S, pusher: &Pusher<'_>, person: Id) -> Result<Seat, Stop> {
    if pusher.system {
        return Ok(Seat::system());
    }
    if !pusher.persons.contains(&person) {
        return Err(stop(
            "seat-not-here",
            "the person has no seat on this device",
        ));
    }
    store
        .seat(person)?
        .ok_or_else(|| stop("not-active", "the person is not active"))
}

/// The header is immutable and says what the push says.
fn header(push: &Push, after: &Value) -> Result<(), Stop> {
    let says = |key: &str| after.get(key).and_then(Value::as_str);
    let id = push.document.to_string();
    if says("id") != Some(id.as_str()) || says("kind") != Some(push.kind.as_str()) {
        return Err(stop(
            "header",
            "the document's header does not say what the push says",
        ));
    }
    if after.get("version").and_then(Value::as_u64) != Some(1) {
        return Err(stop("version", "a version that this server does not know"));
    }
    Ok(())
}

/// Paths that only ever hold one value: the header, and each act, review, release under its own id.
/// A draft's answers are not among them: its author may fill it on two devices at once, and the
/// later answer wins.
fn immutable(kind: &Kind, path: &str) -> bool {
    HEADER.contains(&path)
        || path.starts_with("acts")
        || (path.starts_with("answers") && kind.name != "draft")
        || path.starts_with("reviews")
        || path.starts_with("releases")
}

/// What each change writes, by its hash.
fn written(changes: &[Inspected]) -> BTreeMap<[u8; 32], Touched> {
    changes
        .iter()
        .map(|change| (change.hash, change.touched()))
        .collect()
}

/// What the new changes of the push write, and the fields in which two values stand now.
fn touched(
    kind: &Kind,
    admitted: &gate::Admitted,
    written: BTreeMap<[u8; 32], Touched>,
) -> Result<Touched, Stop> {
    let new = admitted.before.is_none();
    if let Some(path) = admitted
        .conflicts_after
        .iter()
        .find(|path| new || immutable(kind, path))
    {
        return Err(stop("conflict", format!("two values at `{path}`")));
    }
    let mut touched = Touched::default();
    for (hash, change) in written {
        if admitted.accepted.contains(&hash) {
            touched.fields.extend(change.fields);
            touched.below |= change.below;
        }
    }
    let fields = &mut touched.fields;
    if let Some(field) = HEADER.iter().find(|field| fields.contains(**field)) {
        return Err(stop("header", format!("`{field}` is written once")));
    }
    // A map made again would hide what others, who have not seen it, still add to the first.
    let map = |field: &&String| {
        let before = admitted.before.as_deref();
        before.is_some_and(|before| before.get(field.as_str()).is_some_and(Value::is_object))
    };
    if let Some(field) = fields.iter().find(map) {
        return Err(stop("map-made-again", format!("`{field}` is made once")));
    }
    let beside = admitted.conflicts_after.iter();
    fields.extend(beside.filter_map(|path| path.split('/').next().map(str::to_owned)));
    Ok(touched)
}

fn judge<S: Store>(
    store: &mut S,
    desk: &mut Desk,
    kind: &Kind,
    seat: &Seat,
    origin: &Origin,
    admitted: &gate::Admitted,
    touched: &Touched,
) -> Result<(), Stop> {
    let asked = std::cell::RefCell::new((store, desk));
    let failed = std::cell::RefCell::new(None);
    let other = |id: Id| {
        let (store, desk) = &mut *asked.borrow_mut();
        desk.other(*store, id).unwrap_or_else(|error| {
            failed.replace(Some(error));
            None
        })
    };
    let judged = (kind.judge)(&Judgement {
        seat,
        creator: origin.creator,
        before: admitted.before.as_deref(),
        after: &admitted.after,
        touched,
        other: &other,
    });
    // What could not be read is not absent: nothing is refused for that.
    if let Some(error) = failed.into_inner() {
        return Err(Stop::Failed(error));
    }
    Ok(judged?)
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
