//! The operations of one change, and what each must be whatever the document.

use std::sync::Arc;

use super::bytes::{Reader, utf8};
use super::chunk::Fields;
use super::limits::{Actor, LIMITS};
use super::refusal::{Code, Refusal};

/// An operation id as a change writes it: `actor` counts in the change's own list, 0 is the author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) counter: u32,
    pub(super) actor: u8,
}

/// Where in its object an operation acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A name in a map.
    Name(Arc<str>),
    /// Before the first element of a sequence.
    Head,
    /// An element of a sequence, by the operation that inserted it.
    Element(Id),
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    MakeMap,
    MakeList,
    MakeText,
    Put,
    Delete,
    Increment,
}

/// The type of a scalar; the scalar itself is of no interest here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    Null,
    /// A text of one character or more.
    Text,
    /// A signed number that is small enough to increment by.
    Whole,
    Counter,
    Other,
}

/// One operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// The object, `None` for the root.
    pub(super) object: Option<Id>,
    pub(super) key: Key,
    pub(super) insert: bool,
    pub(super) action: Action,
    pub(super) value: Scalar,
    /// Where this operation's overwritten operations begin and end in [`Operations::preds`].
    pub(super) preds: (usize, usize),
}

/// All operations of one change.
#[derive(Clone, Debug, Default)]
pub(super) struct Operations {
    pub(super) list: Vec<Operation>,
    pub(super) preds: Vec<Id>,
}

/// Reads one value: its type and length are in `meta`, its bytes next in `values`.
pub(super) fn scalar(meta: u64, values: &mut Reader<'_>) -> Result<Scalar, Refusal> {
    let length = usize::try_from(meta >> 4).unwrap_or(usize::MAX);
    let bytes = values
        .take(length)
        .map_err(|refusal| Refusal::new(Code::ValueLength, refusal.detail))?;
    let mut inside = Reader::new(bytes);
    let scalar = match meta & 0x0f {
        0 => Scalar::Null,
        1 | 2 => Scalar::Other,
        3 => {
            inside.unsigned()?;
            Scalar::Other
        }
        4 => whole(&mut inside, LIMITS.increment_value)
            .map(|fits| if fits { Scalar::Whole } else { Scalar::Other })?,
        5 => {
            let number = f64::from_le_bytes(inside.array::<8>()?);
            if !number.is_finite() {
                return Err(Refusal::new(Code::ValueNotFinite, "a number"));
            }
            Scalar::Other
        }
        6 => {
            let text = utf8(bytes)?;
            return Ok(if text.is_empty() {
                Scalar::Other
            } else {
                Scalar::Text
            });
        }
        7 => return Ok(Scalar::Other),
        8 => {
            if !whole(&mut inside, LIMITS.counter_value)? {
                return Err(Refusal::new(Code::CounterRange, "a counter"));
            }
            Scalar::Counter
        }
        9 => {
            inside.signed()?;
            Scalar::Other
        }
        other => return Err(Refusal::new(Code::ValueType, format!("type {other}"))),
    };
    if !inside.is_empty() {
        return Err(Refusal::new(
            Code::ValueLength,
            "a value longer than its type",
        ));
    }
    Ok(scalar)
}

/// Reads a whole number; whether its absolute value is within `most`.
fn whole(reader: &mut Reader<'_>, most: u64) -> Result<bool, Refusal> {
    Ok(reader.signed()?.unsigned_abs() <= most)
}

/// What one operation must be, whatever the document.
pub(super) fn shape(operation: &Operation) -> Result<(), Refusal> {
    let preds = operation.preds.0 != operation.preds.1;
    let in_map = matches!(operation.key, Key::Name(_));
    match operation.action {
        Action::Put => {}
        Action::Increment if operation.value == Scalar::Whole => {}
        Action::Increment => {
            return Err(Refusal::new(
                Code::IncrementValue,
                "not by a small whole number",
            ));
        }
        Action::MakeMap | Action::MakeList | Action::MakeText | Action::Delete => {
            if operation.value != Scalar::Null {
                return Err(Refusal::new(Code::ValueUnexpected, "on making or deleting"));
            }
        }
    }
    if operation.insert {
        let adds = !matches!(operation.action, Action::Delete | Action::Increment);
        if in_map || preds || !adds {
            return Err(Refusal::new(
                Code::InsertShape,
                "into a map, or not something new",
            ));
        }
    } else if operation.key == Key::Head {
        return Err(Refusal::new(
            Code::InsertShape,
            "at the head but no insertion",
        ));
    } else if !preds && (!in_map || matches!(operation.action, Action::Delete | Action::Increment))
    {
        return Err(Refusal::new(Code::PredMissing, "nothing overwritten"));
    }
    Ok(())
}

/// Everything an operation names is older than it, and what it overwrites is in ascending order.
pub(super) fn order(operations: &Operations, fields: &Fields<'_>) -> Result<(), Refusal> {
    for (index, operation) in operations.list.iter().enumerate() {
        let own = fields.start_op.saturating_add(index as u64);
        let older = |id: &Id| {
            let bound = if id.actor == 0 { own } else { fields.start_op };
            u64::from(id.counter) < bound
        };
        let element = if let Key::Element(id) = &operation.key {
            Some(id)
        } else {
            None
        };
        let preds = operations.preds_of(operation);
        if !operation
            .object
            .iter()
            .chain(element)
            .chain(preds)
            .all(older)
        {
            return Err(Refusal::new(
                Code::ReferenceForward,
                format!("operation {own}"),
            ));
        }
        let mut last: Option<(u32, &Actor)> = None;
        for pred in preds {
            let actor = match usize::from(pred.actor).checked_sub(1) {
                Some(other) => fields.others.get(other).unwrap_or(&fields.actor),
                None => &fields.actor,
            };
            if last.is_some_and(|last| last >= (pred.counter, actor)) {
                return Err(Refusal::new(Code::PredOrder, format!("operation {own}")));
            }
            last = Some((pred.counter, actor));
        }
    }
    Ok(())
}

impl Operations {
    /// What one operation overwrites.
    pub(super) fn preds_of(&self, operation: &Operation) -> &[Id] {
        let (from, to) = operation.preds;
        self.preds.get(from..to).unwrap_or_default()
    }
}
