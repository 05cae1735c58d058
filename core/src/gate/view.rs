//! A document as JSON, and where two people's values stand side by side. Bounded in depth and size.

use automerge::{ObjId, ObjType, ROOT, ReadDoc, ScalarValueRef, ValueRef};
use serde_json::{Map, Number, Value};

use super::guard::guarded;
use super::limits::LIMITS;
use super::refusal::{Code, Refusal};

/// The whole document as JSON: maps as objects, lists as arrays, texts as strings, bytes as
/// `"hex:…"`, counters and timestamps as numbers.
///
/// ```
/// use automerge::{AutoCommit, ROOT, transaction::Transactable};
///
/// let mut doc = AutoCommit::new();
/// doc.put(ROOT, "kind", "report")?;
/// assert_eq!(vigie_core::gate::view(&doc)?, serde_json::json!({ "kind": "report" }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the document is deeper or larger than [`LIMITS`] allow.
pub fn view<D: ReadDoc>(doc: &D) -> Result<Value, Refusal> {
    Ok(read(doc)?.0)
}

/// The places where two people wrote at the same time and no one has chosen since.
///
/// They are `/`-joined paths of map keys (and positions in lists) that hold more than one value, in
/// document order, at most [`Limits::conflicts`](super::Limits::conflicts) of them. What lies inside
/// a value that lost to another is not walked through.
///
/// # Errors
/// As [`view`].
pub fn conflicts<D: ReadDoc>(doc: &D) -> Result<Vec<String>, Refusal> {
    Ok(read(doc)?.1)
}

/// [`view`] and [`conflicts`] in one walk.
pub(super) fn read<D: ReadDoc>(doc: &D) -> Result<(Value, Vec<String>), Refusal> {
    let mut view = View {
        doc,
        bytes: 0,
        items: 0,
        path: Vec::new(),
        conflicts: Vec::new(),
    };
    let value = guarded(Code::DocumentPanicked, || {
        view.object(&ROOT, ObjType::Map, 0)
    })??;
    Ok((value, view.conflicts))
}

struct View<'d, D> {
    doc: &'d D,
    bytes: usize,
    items: usize,
    /// The keys that led here.
    path: Vec<String>,
    conflicts: Vec<String>,
}

impl<D: ReadDoc> View<'_, D> {
    fn count(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > LIMITS.view_bytes {
            return Err(Refusal::new(
                Code::ViewTooLarge,
                format!("over {} bytes", self.bytes),
            ));
        }
        Ok(())
    }

    fn object(&mut self, id: &ObjId, sort: ObjType, depth: usize) -> Result<Value, Refusal> {
        if depth > LIMITS.depth {
            return Err(Refusal::new(Code::Depth, "nested too deeply"));
        }
        let doc = self.doc;
        match sort {
            ObjType::Map | ObjType::Table => {
                let mut fields = Map::new();
                for item in doc.map_range(id, ..) {
                    self.count(item.key.len())?;
                    let key = || item.key.clone().into_owned();
                    let value =
                        self.item(&item.value, &|| item.id(), &key, item.conflict, depth)?;
                    fields.insert(item.key.into_owned(), value);
                }
                Ok(Value::Object(fields))
            }
            ObjType::List => {
                let mut items = Vec::new();
                for item in doc.list_range(id, ..) {
                    let key = || item.index.to_string();
                    items.push(self.item(
                        &item.value,
                        &|| item.id(),
                        &key,
                        item.conflict,
                        depth,
                    )?);
                }
                Ok(Value::Array(items))
            }
            ObjType::Text => {
                let text = doc
                    .text(id)
                    .map_err(|error| Refusal::new(Code::DocumentUnreadable, error.to_string()))?;
                self.count(text.len())?;
                Ok(Value::String(text))
            }
        }
    }

    /// What lies under one key, and whether anything lies beside it.
    fn item(
        &mut self,
        value: &ValueRef<'_>,
        id: &dyn Fn() -> ObjId,
        key: &dyn Fn() -> String,
        conflict: bool,
        depth: usize,
    ) -> Result<Value, Refusal> {
        self.items = self.items.saturating_add(1);
        if self.items > LIMITS.view_items {
            return Err(Refusal::new(
                Code::ViewTooLarge,
                format!("over {} values", LIMITS.view_items),
            ));
        }
        if conflict && self.conflicts.len() < LIMITS.conflicts {
            let path = self.path.iter().cloned().chain([key()]);
            self.conflicts.push(path.collect::<Vec<_>>().join("/"));
        }
        match value {
            ValueRef::Object(sort) => {
                self.path.push(key());
                let inside = self.object(&id(), *sort, depth.saturating_add(1));
                self.path.pop();
                inside
            }
            ValueRef::Scalar(scalar) => self.scalar(scalar),
        }
    }

    fn scalar(&mut self, scalar: &ScalarValueRef<'_>) -> Result<Value, Refusal> {
        Ok(match scalar {
            ScalarValueRef::Str(text) => {
                self.count(text.len())?;
                Value::String(text.clone().into_owned())
            }
            ScalarValueRef::Bytes(bytes) | ScalarValueRef::Unknown { bytes, .. } => {
                self.count(bytes.len().saturating_mul(2))?;
                Value::String(hex(bytes))
            }
            ScalarValueRef::Int(number)
            | ScalarValueRef::Counter(number)
            | ScalarValueRef::Timestamp(number) => Value::Number((*number).into()),
            ScalarValueRef::Uint(number) => Value::Number((*number).into()),
            ScalarValueRef::F64(number) => {
                Number::from_f64(*number).map_or(Value::Null, Value::Number)
            }
            ScalarValueRef::Boolean(flag) => Value::Bool(*flag),
            ScalarValueRef::Null => Value::Null,
        })
    }
}

/// Bytes as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('?');
    let mut text = String::with_capacity(bytes.len().saturating_mul(2).saturating_add(4));
    text.push_str("hex:");
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text
}
