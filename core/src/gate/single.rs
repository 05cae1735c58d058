//! A document of just one change, kept and sent as that change: most documents are never changed
//! again after they were made. Such a change is read here without Automerge, which would index every
//! operation for an edit that never comes.
//!
//! Only what [`Document::create`](crate::document::Document::create) writes is read: maps whose every
//! name is put once, lists and texts whose every element comes after the one before. A first change
//! that does anything else is kept as a whole document chunk.

use std::collections::BTreeMap;
use std::sync::Arc;

use automerge::AutoCommit;
use serde_json::{Map, Number, Value};

use super::bytes::{Reader, utf8};
use super::chunk::{self, CHANGE, Fields};
use super::column::{Rows, cells};
use super::decode::operations;
use super::guard::guarded;
use super::limits::LIMITS;
use super::operation::{Action, Key, Operation, Scalar};
use super::refusal::{Code, Refusal};
use super::view::hex;

/// A document of one change.
pub(super) struct Single {
    /// The hash of the change, which is the document's only head.
    pub(super) hash: [u8; 32],
    /// As [`view()`](super::view()) gives it.
    pub(super) view: Value,
}

/// Whether the bytes claim to be a change rather than a whole document.
pub(super) fn is_change(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&CHANGE)
}

/// Reads a document that is kept as its only change.
pub(super) fn open(bytes: &[u8]) -> Result<Single, Refusal> {
    read(bytes)?.ok_or_else(|| Refusal::new(Code::DocumentShape, "no document by itself"))
}

/// The document that a change makes by itself, where it is kept as that change.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Single>, Refusal> {
    if bytes.len() > LIMITS.change_bytes {
        return Ok(None);
    }
    let (hash, body) = chunk::open(bytes, CHANGE)?;
    let fields = chunk::fields(body)?;
    let first = fields.deps.is_empty() && fields.seq == 1 && fields.start_op == 1;
    if !first || !fields.others.is_empty() {
        return Ok(None);
    }
    let operations = operations(&fields)?;
    if !operations.preds.is_empty() {
        return Ok(None);
    }
    let mut making = Making::new();
    let values = values(&fields, operations.list.len())?;
    for (index, (operation, value)) in operations.list.iter().zip(values).enumerate() {
        let counter = u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX);
        if making.step(counter, operation, value)?.is_none() {
            return Ok(None);
        }
    }
    let view = making.end();
    Ok(Some(Single { hash, view }))
}

/// A document in the form in which it is kept and sent: its only change, or one uncompressed chunk.
pub fn save(doc: &mut AutoCommit) -> Vec<u8> {
    only_change(doc).unwrap_or_else(|| doc.save_nocompress())
}

fn only_change(doc: &mut AutoCommit) -> Option<Vec<u8>> {
    let heads = doc.get_heads();
    let [head] = heads.as_slice() else {
        return None;
    };
    // Its sequence number says so before the change is made again.
    let change = doc.get_change_meta_by_hash(head)?;
    if change.seq != 1 || !change.deps.is_empty() {
        return None;
    }
    let change = guarded(Code::DocumentPanicked, || doc.get_change_by_hash(head)).ok()??;
    let bytes = change.raw_bytes();
    matches!(read(bytes), Ok(Some(_))).then(|| bytes.to_vec())
}

/// The values of all operations, as [`view()`](super::view()) gives them.
fn values(fields: &Fields<'_>, rows: usize) -> Result<Vec<Value>, Refusal> {
    let column = |spec: u32| {
        let found = fields.columns.iter().find(|column| column.spec == spec);
        found.map_or(&[][..], |column| column.bytes)
    };
    let metas = cells::<u64>(column(0x56), Rows::canonical(rows, Code::ColumnRows))?;
    let mut bytes = Reader::new(column(0x57));
    metas
        .into_iter()
        .map(|meta| value(meta.unwrap_or(0), &mut bytes))
        .collect()
}

/// One value; [`scalar()`](super::operation::scalar()) has found nothing wrong with it.
fn value(meta: u64, values: &mut Reader<'_>) -> Result<Value, Refusal> {
    let bytes = values.take(usize::try_from(meta >> 4).unwrap_or(usize::MAX))?;
    let mut inside = Reader::new(bytes);
    Ok(match meta & 0x0f {
        1 => Value::Bool(false),
        2 => Value::Bool(true),
        3 => Value::Number(inside.unsigned()?.into()),
        4 | 8 | 9 => Value::Number(inside.signed()?.into()),
        5 => Number::from_f64(f64::from_le_bytes(inside.array::<8>()?))
            .map_or(Value::Null, Value::Number),
        6 => Value::String(utf8(bytes)?.to_owned()),
        7 => Value::String(hex(bytes)),
        _ => Value::Null,
    })
}

/// An object that is being made.
struct Object {
    content: Content,
    depth: usize,
    /// The object that it lies in, and where.
    parent: usize,
    place: Place,
}

enum Content {
    Map(Map<String, Value>),
    /// The items, and the operation that inserted the last of them.
    List(Vec<Value>, u32),
    /// The characters, and the operation that inserted the last of them.
    Text(String, u32),
}

enum Place {
    Name(Arc<str>),
    Index(usize),
}

/// The objects so far, the root first, each after the one that it lies in.
struct Making {
    objects: Vec<Object>,
    /// Which operation made which object.
    made_by: BTreeMap<u32, usize>,
}

impl Making {
    fn new() -> Self {
        let root = Object {
            content: Content::Map(Map::new()),
            depth: 0,
            parent: 0,
            place: Place::Index(0),
        };
        Self {
            objects: vec![root],
            made_by: BTreeMap::new(),
        }
    }

    /// One operation; `None` when it is not one of those that are read here.
    fn step(
        &mut self,
        counter: u32,
        operation: &Operation,
        value: Value,
    ) -> Result<Option<()>, Refusal> {
        let index = match operation.object {
            None => Some(0),
            Some(id) => self.made_by.get(&id.counter).copied(),
        };
        let content = match operation.action {
            Action::Put => None,
            Action::MakeMap => Some(Content::Map(Map::new())),
            Action::MakeList => Some(Content::List(Vec::new(), 0)),
            Action::MakeText => Some(Content::Text(String::new(), 0)),
            Action::Delete | Action::Increment => return Ok(None),
        };
        let making = self.objects.len();
        let Some((parent, object)) =
            index.and_then(|index| Some((index, self.objects.get_mut(index)?)))
        else {
            return Ok(None);
        };
        let Some(place) = object.put(counter, operation, value, content.is_some()) else {
            return Ok(None);
        };
        let Some(content) = content else {
            return Ok(Some(()));
        };
        let depth = object.depth.saturating_add(1);
        if depth > LIMITS.depth {
            return Err(Refusal::new(Code::Depth, "nested too deeply"));
        }
        self.objects.push(Object {
            content,
            depth,
            parent,
            place,
        });
        self.made_by.insert(counter, making);
        Ok(Some(()))
    }

    fn end(mut self) -> Value {
        while self.objects.len() > 1 {
            let Some(object) = self.objects.pop() else {
                break;
            };
            let parent = self.objects.get_mut(object.parent);
            if let Some(parent) = parent {
                parent.hold(&object.place, object.content.into_value());
            }
        }
        self.objects
            .pop()
            .map_or(Value::Null, |root| root.content.into_value())
    }
}

impl Object {
    /// Puts a value, or the place for an object that is made there.
    fn put(
        &mut self,
        counter: u32,
        operation: &Operation,
        value: Value,
        makes: bool,
    ) -> Option<Place> {
        match (&mut self.content, &operation.key) {
            (Content::Map(fields), Key::Name(name))
                if !operation.insert && !fields.contains_key(name.as_ref()) =>
            {
                fields.insert(name.as_ref().to_owned(), value);
                Some(Place::Name(Arc::clone(name)))
            }
            (Content::List(items, last), key) if operation.insert && follows(key, *last) => {
                *last = counter;
                items.push(value);
                Some(Place::Index(items.len().saturating_sub(1)))
            }
            (Content::Text(text, last), key)
                if operation.insert
                    && follows(key, *last)
                    && !makes
                    && operation.value == Scalar::Text =>
            {
                *last = counter;
                text.push_str(value.as_str()?);
                Some(Place::Index(0))
            }
            _ => None,
        }
    }

    fn hold(&mut self, place: &Place, value: Value) {
        match (&mut self.content, place) {
            (Content::Map(fields), Place::Name(name)) => {
                fields.insert(name.as_ref().to_owned(), value);
            }
            (Content::List(items, _), Place::Index(index)) => {
                if let Some(item) = items.get_mut(*index) {
                    *item = value;
                }
            }
            _ => {}
        }
    }
}

/// Whether an element with this key comes right after the last one.
fn follows(key: &Key, last: u32) -> bool {
    match key {
        Key::Head => last == 0,
        Key::Element(id) => id.counter == last,
        Key::Name(_) => false,
    }
}

impl Content {
    fn into_value(self) -> Value {
        match self {
            Self::Map(fields) => Value::Object(fields),
            Self::List(items, _) => Value::Array(items),
            Self::Text(text, _) => Value::String(text),
        }
    }
}
