//! One Automerge document with its immutable header (`id`, `kind`, `version`).
//!
//! The body is maps and scalars; `Text` only where two people write the same prose. Maps that
//! several devices add to (`acts`, `reviews`, …) are made when the document is created: a map made
//! twice concurrently would hide one of the two.

use std::collections::BTreeMap;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    AutoCommit, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Stored,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::gate;
use crate::id::Id;

/// A live document. Keep none open that nobody looks at: each costs about 20 KiB.
pub struct Document {
    inner: AutoCommit,
    /// Changes that were ended early because a text was too long for one.
    ended: Vec<Vec<u8>>,
}

/// The fields of a header, immutable.
pub const HEADER: [&str; 3] = ["id", "kind", "version"];

/// Most characters of a text written in one change: the gate bounds the operations of a change.
const TEXT_STEP: usize = 1500;

impl Document {
    /// A new document whose changes are written by `actor`: header and body in one change.
    ///
    /// `body` is a JSON object; objects and arrays become maps and lists.
    ///
    /// # Errors
    /// When `body` is not an object.
    pub fn create(
        actor: gate::Actor,
        id: Id,
        kind: &str,
        version: u32,
        body: &Value,
    ) -> Result<Self> {
        let mut inner = AutoCommit::new().with_actor(automerge::ActorId::from(actor.as_slice()));
        inner.put(ROOT, "id", id.to_string())?;
        inner.put(ROOT, "kind", kind)?;
        inner.put(ROOT, "version", ScalarValue::Int(i64::from(version)))?;
        let Value::Object(fields) = body else {
            return Err(Error::unexpected("a document body is an object"));
        };
        if let Some(key) = HEADER.iter().find(|key| fields.contains_key(**key)) {
            return Err(Error::unexpected(format!("`{key}` is the header's")));
        }
        for (key, value) in fields {
            put(&mut inner, &ROOT, key, value)?;
        }
        Ok(Self {
            inner,
            ended: Vec::new(),
        })
    }

    /// The document saved in `bytes`, to be changed by `actor`.
    ///
    /// # Errors
    /// When the bytes are not a document within the limits of the gate.
    pub fn load(bytes: &[u8], actor: gate::Actor) -> Result<Self> {
        let mut document = Self::open(bytes)?;
        document
            .inner
            .set_actor(automerge::ActorId::from(actor.as_slice()));
        Ok(document)
    }

    /// The document saved in `bytes`, to be compared and merged.
    ///
    /// # Errors
    /// When the bytes are not a document within the limits of the gate.
    pub fn open(bytes: &[u8]) -> Result<Self> {
        let inner = gate::open_document(bytes).map_err(refusal)?;
        let ended = Vec::new();
        Ok(Self { inner, ended })
    }

    /// What is saved in `bytes`, to be shown.
    ///
    /// # Errors
    /// When the bytes are not a document within the limits of the gate.
    pub fn read(bytes: &[u8]) -> Result<gate::Read> {
        gate::read_document(bytes).map_err(refusal)
    }

    /// The whole document as JSON.
    ///
    /// # Errors
    /// When it is nested too deeply.
    pub fn view(&self) -> Result<Value> {
        gate::view(&self.inner).map_err(refusal)
    }

    /// Writes one value at `path`; the parent must exist. `Value::Null` removes it.
    ///
    /// # Errors
    /// When a parent is missing.
    pub fn set(&mut self, path: &[&str], value: &Value) -> Result<()> {
        let Some((last, parents)) = path.split_last() else {
            return Err(Error::unexpected("an empty path"));
        };
        let parent = self.object(parents)?;
        if value.is_null() {
            if self.inner.get(&parent, *last)?.is_some() {
                self.inner.delete(&parent, *last)?;
            }
            return Ok(());
        }
        put(&mut self.inner, &parent, last, value)
    }

    /// Replaces the prose of the `Text` at `path` by a small edit, so that two people's work
    /// merges.
    ///
    /// # Errors
    /// When there is no text at `path`.
    pub fn set_text(&mut self, path: &[&str], text: &str) -> Result<()> {
        let object = self.object(path)?;
        let old: Vec<char> = self.inner.text(&object)?.chars().collect();
        let new: Vec<char> = text.chars().collect();
        let same = |pair: &(&char, &char)| pair.0 == pair.1;
        let start = old.iter().zip(&new).take_while(same).count();
        let rest = old.len().min(new.len()).saturating_sub(start);
        let end = old
            .iter()
            .rev()
            .zip(new.iter().rev())
            .take(rest)
            .take_while(same)
            .count();
        let removed = old.len().saturating_sub(start).saturating_sub(end);
        let added: Vec<char> = new
            .into_iter()
            .skip(start)
            .take(
                text.chars()
                    .count()
                    .saturating_sub(start)
                    .saturating_sub(end),
            )
            .collect();
        if removed <= TEXT_STEP && added.len() <= TEXT_STEP {
            return Ok(self.inner.update_text(&object, text)?);
        }
        let mut left = removed;
        while left > 0 {
            let step = left.min(TEXT_STEP);
            let count = isize::try_from(step).unwrap_or(0);
            self.inner.splice_text(&object, start, count, "")?;
            self.end_change();
            left = left.saturating_sub(step);
        }
        self.insert_text(&object, start, &added)
    }

    /// Makes a `Text` at `path`.
    ///
    /// # Errors
    /// When a parent is missing.
    pub fn make_text(&mut self, path: &[&str], text: &str) -> Result<()> {
        let Some((last, parents)) = path.split_last() else {
            return Err(Error::unexpected("an empty path"));
        };
        let parent = self.object(parents)?;
        let object = self.inner.put_object(&parent, *last, ObjType::Text)?;
        let text: Vec<char> = text.chars().collect();
        self.insert_text(&object, 0, &text)
    }

    fn insert_text(&mut self, object: &ObjId, at: usize, text: &[char]) -> Result<()> {
        let mut at = at;
        for step in text.chunks(TEXT_STEP) {
            let words: String = step.iter().collect();
            self.inner.splice_text(object, at, 0, &words)?;
            at = at.saturating_add(step.len());
            self.end_change();
        }
        Ok(())
    }

    fn end_change(&mut self) {
        if self
            .inner
            .commit_with(CommitOptions::default().with_time(0))
            .is_some()
            && let Some(change) = self.inner.get_last_local_change()
        {
            self.ended.push(change.raw_bytes().to_vec());
        }
    }

    fn object(&self, path: &[&str]) -> Result<ObjId> {
        let mut object = ROOT;
        for key in path {
            object = match self.inner.get(&object, *key)? {
                Some((Stored::Object(_), id)) => id,
                Some((Stored::Scalar(_), _)) | None => {
                    return Err(Error::unexpected(format!("no map at `{}`", path.join("/"))));
                }
            };
        }
        Ok(object)
    }

    /// The raw bytes of what was written since the last call: mostly one change, several where a
    /// text is long. The change's own time is always zero; device time is data.
    pub fn commit(&mut self) -> Vec<Vec<u8>> {
        self.end_change();
        std::mem::take(&mut self.ended)
    }

    /// The document as it is kept and sent: see [`gate::save()`].
    pub fn save(&mut self) -> Vec<u8> {
        gate::save(&mut self.inner)
    }

    /// Whether it leaves some room below what the gate takes: what another device has not sent yet must
    /// fit too. `saved` is its length in bytes.
    pub fn has_room(&mut self, saved: usize) -> bool {
        let stats = self.inner.stats();
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (operations, changes) = (count(stats.num_ops), count(stats.num_changes));
        let weight = gate::Limits::weight(operations, changes, saved);
        let below = |value: usize, most: usize| value <= most.saturating_sub(most / 8);
        below(operations, gate::LIMITS.document_ops)
            && below(changes, gate::LIMITS.document_changes)
            && below(saved, gate::LIMITS.document_bytes)
            && below(weight, gate::LIMITS.document_weight)
    }

    /// The hashes of the latest changes, sorted.
    pub fn heads(&mut self) -> Vec<[u8; 32]> {
        let mut heads: Vec<[u8; 32]> = self.inner.get_heads().iter().map(|head| head.0).collect();
        heads.sort_unstable();
        heads
    }

    /// The changes that a copy with these latest changes lacks, by hash, as they are sent.
    pub fn changes_since(&mut self, heads: &[[u8; 32]]) -> BTreeMap<[u8; 32], Vec<u8>> {
        let heads: Vec<ChangeHash> = heads.iter().map(|head| ChangeHash(*head)).collect();
        self.inner
            .get_changes(&heads)
            .into_iter()
            .map(|change| (change.hash().0, change.raw_bytes().to_vec()))
            .collect()
    }

    /// Takes in everything another copy of the same document holds.
    ///
    /// # Errors
    /// When the two cannot be merged.
    pub fn merge(&mut self, other: &mut Self) -> Result<()> {
        self.inner.merge(&mut other.inner)?;
        Ok(())
    }
}

fn refusal(refusal: gate::Refusal) -> Error {
    let gate::Refusal { code, detail } = refusal;
    Error::new(
        crate::error::Code::Refused,
        format!("{}: {detail}", code.as_str()),
    )
}

/// Writes a JSON value under a key.
fn put(doc: &mut AutoCommit, parent: &ObjId, key: &str, value: &Value) -> Result<()> {
    match value {
        Value::Null => Ok(()),
        Value::Object(fields) => {
            let object = doc.put_object(parent, key, ObjType::Map)?;
            for (key, value) in fields {
                put(doc, &object, key, value)?;
            }
            Ok(())
        }
        Value::Array(items) => {
            let list = doc.put_object(parent, key, ObjType::List)?;
            for (index, item) in items.iter().enumerate() {
                insert(doc, &list, index, item)?;
            }
            Ok(())
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            doc.put(parent, key, scalar(value))?;
            Ok(())
        }
    }
}

/// Inserts a JSON value into a list.
fn insert(doc: &mut AutoCommit, list: &ObjId, index: usize, value: &Value) -> Result<()> {
    match value {
        Value::Object(fields) => {
            let object = doc.insert_object(list, index, ObjType::Map)?;
            for (key, value) in fields {
                put(doc, &object, key, value)?;
            }
            Ok(())
        }
        Value::Array(items) => {
            let inner = doc.insert_object(list, index, ObjType::List)?;
            for (index, item) in items.iter().enumerate() {
                insert(doc, &inner, index, item)?;
            }
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            doc.insert(list, index, scalar(value))?;
            Ok(())
        }
    }
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Bool(flag) => ScalarValue::Boolean(*flag),
        Value::Number(number) => number.as_i64().map_or_else(
            || ScalarValue::F64(number.as_f64().unwrap_or(0.0)),
            ScalarValue::Int,
        ),
        Value::String(text) => ScalarValue::Str(text.as_str().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => ScalarValue::Null,
    }
}

/// Reads a document's JSON as its Rust shape.
///
/// # Errors
/// When it does not have that shape: the message says where.
pub fn read<T: DeserializeOwned>(view: &Value) -> Result<T> {
    T::deserialize(view).map_err(Error::from)
}
