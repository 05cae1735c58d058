//! Whether a push is taken: the seat, the actors, the gate, the kind's rule. Nothing is written here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::document::HEADER;
use crate::error::{Code, Error, Result};
use crate::feature::{Judgement, Kind, Origin, Whose, kind};
use crate::gate::{self, Inspected, Touched};
use crate::id::Id;
use crate::moment::Moment;
use crate::person::{Scope, Seat};
use crate::sync::desk::{Content, Desk, Mark, Prepared};
use crate::sync::message::{CHANGES_MAX, ERASED, NOT_YET, Push, Receipt};
use crate::sync::push::Pusher;
use crate::sync::store::{Bound, Store};

/// Why a push goes no further.
pub(super) enum Stop {
    Refused {
        code: String,
        detail: String,
        /// No honest device sends this.
        hostile: bool,
    },
    /// It is part of what was erased, or would say whose something is that is nobody's.
    Part(&'static str),
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
pub(super) struct Admitted {
    pub(super) kind: &'static Kind,
    pub(super) origin: Origin,
    pub(super) received_at: i64,
    pub(super) body: Vec<u8>,
    pub(super) heads: Vec<[u8; 32]>,
    pub(super) accepted: Vec<[u8; 32]>,
    /// The document is new.
    pub(super) new: bool,
    pub(super) after: Arc<Value>,
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) marks: Vec<Mark>,
}

/// What becomes of a push, were it kept.
pub(super) fn admit<S: Store>(
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
    // What is new is not even refused; but nothing that is here goes before it is sure who asks.
    if stored.is_none() {
        parts_of_something(store, desk, kind, &admitted.after)?;
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
    if stored.is_some() {
        parts_of_something(store, desk, kind, &admitted.after)?;
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

/// Nothing comes back that was erased with what it is part of: neither a part of what is gone, nor what
/// says whose something is that is nobody's.
fn parts_of_something<S: Store>(
    store: &mut S,
    desk: &mut Desk,
    kind: &Kind,
    after: &Value,
) -> Result<(), Stop> {
    for whole in (kind.keeping.part_of)(after) {
        if store.erased(whole)? {
            return Err(Stop::Part("what it is part of was erased"));
        }
        let of_a_person = kind.keeping.whose != Whose::Organisation;
        let other = desk.other(store, whole)?;
        if of_a_person && other.is_some_and(|whole| whole.creator == Id::NOBODY) {
            return Err(Stop::Part("who made what it is part of was forgotten"));
        }
    }
    Ok(())
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
        if bound == Bound::YoursBefore && !proven {
            return Err(stop(NOT_YET, "its device before is not revoked"));
        }
        // Nothing may say again who that was, in quarantine neither.
        if bound == Bound::Nobodys && !proven {
            return Err(stop(ERASED, "who wrote it is forgotten"));
        }
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
