//! Whether everything that the operations of a change name exists in that change's own history, is
//! of the right sort and at the right place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::closure::Closure;
use super::history::{Contents, History, OpId};
use super::limits::LIMITS;
use super::operation::{Action, Id, Key, Operation, Scalar};
use super::refusal::{Code, Refusal};

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Map,
    List,
    Text,
}

/// The objects met so far: what they are and how deep they lie.
pub(super) type Objects = BTreeMap<OpId, Place>;

/// One object.
#[derive(Clone, Copy)]
pub(super) struct Place {
    sort: Sort,
    depth: usize,
}

/// An operation as seen from the document.
pub(super) struct Seen {
    pub(super) object: Option<OpId>,
    pub(super) key: SeenKey,
    pub(super) insert: bool,
    pub(super) action: Action,
    pub(super) value: Scalar,
}

#[derive(PartialEq, Eq)]
pub(super) enum SeenKey {
    Name(Arc<str>),
    Head,
    Element(OpId),
}

/// Checks the change at `index`, which builds on `closure`.
pub(super) fn check(
    history: &mut History,
    index: usize,
    contents: &Contents,
    closure: &Closure,
) -> Result<(), Refusal> {
    let Contents {
        operations,
        actors,
        start_op,
    } = contents;
    let mut check = Check {
        history,
        index,
        closure,
    };
    for (offset, operation) in operations.list.iter().enumerate() {
        let counter = u32::try_from(start_op.saturating_add(offset as u64)).unwrap_or(u32::MAX);
        let own = OpId {
            actor: actors.first().copied().unwrap_or(u32::MAX),
            counter,
        };
        let seen = seen(operation, actors)?;
        let place = check.place(seen.object)?;
        check.key(&seen, place.sort)?;
        if place.sort == Sort::Text {
            in_text(&seen)?;
        }
        let mut counters = false;
        for pred in operations.preds_of(operation) {
            counters |= check.pred(&seen, global(*pred, actors)?)?;
        }
        if seen.action == Action::Increment && !counters {
            return Err(Refusal::new(
                Code::NotACounter,
                "an increment of no counter",
            ));
        }
        check.made(own, seen.action, place)?;
    }
    Ok(())
}

struct Check<'h> {
    history: &'h mut History,
    index: usize,
    closure: &'h Closure,
}

impl Check<'_> {
    fn look(&self, id: OpId) -> Result<Seen, Refusal> {
        let holder = self.history.holder(id, self.index, self.closure)?;
        self.history.look(id, holder)
    }

    /// What and where an object is. The walk to the root is as short as the document is shallow,
    /// because every object in it was let in by this gate.
    fn place(&mut self, object: Option<OpId>) -> Result<Place, Refusal> {
        let mut unplaced: Vec<(OpId, Sort)> = Vec::new();
        let mut next = object;
        let mut depth = 0;
        while let Some(id) = next {
            // An object may be known from another change that saw more than this one does.
            let inner = unplaced.is_empty();
            if let Some(place) = self.history.objects.get(&id).copied() {
                if inner {
                    self.history.holder(id, self.index, self.closure)?;
                    return Ok(place);
                }
                depth = place.depth;
                break;
            }
            let maker = self.look(id)?;
            let Some(sort) = sort(maker.action) else {
                return Err(Refusal::new(Code::NotAnObject, "a reference to a value"));
            };
            unplaced.push((id, sort));
            if unplaced.len() > LIMITS.depth {
                return Err(Refusal::new(Code::Depth, "nested too deeply"));
            }
            next = maker.object;
        }
        let mut last = Place {
            sort: Sort::Map,
            depth,
        };
        while let Some((id, sort)) = unplaced.pop() {
            last = Place {
                sort,
                depth: last.depth.saturating_add(1),
            };
            self.history.objects.insert(id, last);
        }
        Ok(last)
    }

    fn key(&self, seen: &Seen, sort: Sort) -> Result<(), Refusal> {
        match (&seen.key, sort) {
            (SeenKey::Name(_), Sort::Map) | (SeenKey::Head, Sort::List | Sort::Text) => Ok(()),
            (SeenKey::Element(element), Sort::List | Sort::Text) => {
                let inserted = self.look(*element)?;
                if inserted.insert && inserted.object == seen.object {
                    return Ok(());
                }
                Err(Refusal::new(
                    Code::ElementElsewhere,
                    "not an element of this object",
                ))
            }
            (SeenKey::Name(_), Sort::List | Sort::Text)
            | (SeenKey::Head | SeenKey::Element(_), Sort::Map) => Err(Refusal::new(
                Code::KeyKind,
                "the key does not suit the object",
            )),
        }
    }

    /// Checks one overwritten operation; whether it is a counter.
    fn pred(&self, seen: &Seen, pred: OpId) -> Result<bool, Refusal> {
        let old = self.look(pred)?;
        let same_key = match &seen.key {
            SeenKey::Element(element) if old.insert => *element == pred,
            SeenKey::Name(_) | SeenKey::Element(_) => !old.insert && old.key == seen.key,
            SeenKey::Head => false,
        };
        let value = !matches!(old.action, Action::Delete | Action::Increment);
        if old.object != seen.object || !same_key || !value {
            return Err(Refusal::new(
                Code::PredElsewhere,
                "overwrites something elsewhere",
            ));
        }
        Ok(old.action == Action::Put && old.value == Scalar::Counter)
    }

    /// Notes the object that an operation makes.
    fn made(&mut self, own: OpId, action: Action, parent: Place) -> Result<(), Refusal> {
        let Some(sort) = sort(action) else {
            return Ok(());
        };
        let depth = parent.depth.saturating_add(1);
        if depth > LIMITS.depth {
            return Err(Refusal::new(
                Code::Depth,
                format!("{depth} containers deep"),
            ));
        }
        self.history.objects.insert(own, Place { sort, depth });
        Ok(())
    }
}

fn sort(action: Action) -> Option<Sort> {
    match action {
        Action::MakeMap => Some(Sort::Map),
        Action::MakeList => Some(Sort::List),
        Action::MakeText => Some(Sort::Text),
        Action::Put | Action::Delete | Action::Increment => None,
    }
}

/// A text holds characters that are inserted and deleted, never replaced: Automerge's own API makes
/// nothing else, and its code panics on some of the rest.
fn in_text(seen: &Seen) -> Result<(), Refusal> {
    match seen.action {
        Action::Delete => Ok(()),
        Action::Put if seen.insert && seen.value == Scalar::Text => Ok(()),
        Action::Put | Action::Increment | Action::MakeMap | Action::MakeList | Action::MakeText => {
            Err(Refusal::new(Code::TextContent, "not inserted characters"))
        }
    }
}

fn global(id: Id, actors: &[u32]) -> Result<OpId, Refusal> {
    let actor = actors
        .get(usize::from(id.actor))
        .ok_or_else(|| Refusal::new(Code::ActorIndex, "beyond the actors"))?;
    Ok(OpId {
        actor: *actor,
        counter: id.counter,
    })
}

pub(super) fn seen(operation: &Operation, actors: &[u32]) -> Result<Seen, Refusal> {
    Ok(Seen {
        object: operation
            .object
            .map(|object| global(object, actors))
            .transpose()?,
        key: match &operation.key {
            Key::Name(name) => SeenKey::Name(Arc::clone(name)),
            Key::Head => SeenKey::Head,
            Key::Element(element) => SeenKey::Element(global(*element, actors)?),
        },
        insert: operation.insert,
        action: operation.action,
        value: operation.value,
    })
}
