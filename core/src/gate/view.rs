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
    let mut view = View { doc, bytes: 0 };
    guarded(Code::DocumentPanicked, || {
        view.object(&ROOT, ObjType::Map, 0)
    })?
}

struct View<'d, D> {
    doc: &'d D,
    bytes: usize,
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
        let below = depth.saturating_add(1);
        match sort {
            ObjType::Map | ObjType::Table => {
                let mut fields = Map::new();
                for item in doc.map_range(id, ..) {
                    self.count(item.key.len())?;
                    let value = match &item.value {
                        ValueRef::Object(sort) => self.object(&item.id(), *sort, below)?,
                        ValueRef::Scalar(scalar) => self.scalar(scalar)?,
                    };
                    fields.insert(item.key.into_owned(), value);
                }
                Ok(Value::Object(fields))
            }
            ObjType::List => {
                let mut items = Vec::new();
                for item in doc.list_range(id, ..) {
                    items.push(match &item.value {
                        ValueRef::Object(sort) => self.object(&item.id(), *sort, below)?,
                        ValueRef::Scalar(scalar) => self.scalar(scalar)?,
                    });
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

fn hex(bytes: &[u8]) -> String {
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

/// The places where two people wrote at the same time and no one has chosen since.
///
/// They are `/`-joined paths of map keys (and positions in lists) that hold more than one value, in
/// document order, at most [`Limits::conflicts`](super::Limits::conflicts) of them. What lies inside a value that lost to another is not walked through. A document that cannot be
/// read gives the one path `""`, the root, which no rule can mistake for harmless.
#[must_use]
pub fn conflicts<D: ReadDoc>(doc: &D) -> Vec<String> {
    let work = || {
        let mut found = Vec::new();
        conflicts_in(doc, &ROOT, ObjType::Map, "", 0, &mut found);
        found
    };
    guarded(Code::DocumentPanicked, work).unwrap_or_else(|_| vec![String::new()])
}

fn conflicts_in<D: ReadDoc>(
    doc: &D,
    id: &ObjId,
    sort: ObjType,
    path: &str,
    depth: usize,
    found: &mut Vec<String>,
) {
    if depth > LIMITS.depth {
        return;
    }
    let mut item = |key: &str, value: &ValueRef<'_>, conflict: bool, id: &dyn Fn() -> ObjId| {
        let nested = if let ValueRef::Object(sort) = value {
            Some(*sort)
        } else {
            None
        };
        if (!conflict && nested.is_none()) || found.len() >= LIMITS.conflicts {
            return;
        }
        let path = if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}/{key}")
        };
        if conflict {
            found.push(path.clone());
        }
        if let Some(sort) = nested {
            conflicts_in(doc, &id(), sort, &path, depth.saturating_add(1), found);
        }
    };
    match sort {
        ObjType::Map | ObjType::Table => {
            for entry in doc.map_range(id, ..) {
                item(&entry.key, &entry.value, entry.conflict, &|| entry.id());
            }
        }
        ObjType::List => {
            for entry in doc.list_range(id, ..) {
                let key = entry.index.to_string();
                item(&key, &entry.value, entry.conflict, &|| entry.id());
            }
        }
        ObjType::Text => {}
    }
}
