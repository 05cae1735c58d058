//! What a feature is made of: the kinds of document it owns, its tables, its commands.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use serde_json::Value;

use crate::command::Command;
use crate::document::HEADER;
use crate::error::{Code, Error, Result};
use crate::gate::Touched;
use crate::id::Id;
use crate::person::{Scope, Seat};

/// One vertical slice; [`crate::features::FEATURES`] is the only list of them.
pub struct Feature {
    /// Lower-case name: the folder's.
    pub name: &'static str,
    /// The kinds of document that only this feature writes.
    pub kinds: &'static [Kind],
    /// SQL of the read model, in order; never changed once released, only added to. Read models are
    /// caches: [`crate::device::Device::rebuild`] gives the same rows.
    pub migrations: &'static [&'static str],
    /// Tables to empty before a rebuild.
    pub tables: &'static [&'static str],
    /// The doors into it.
    pub commands: &'static [Command],
    /// What happens by itself after a sync or when a day begins; idempotent.
    pub tick: Option<fn(&mut crate::context::Context<'_>) -> Result<()>>,
}

/// A kind of document.
pub struct Kind {
    /// Name in the document's header.
    pub name: &'static str,
    /// What a screen is told when one changes, for example `report`.
    pub topic: &'static str,
    /// Whether `seat` may make of `before` what `after` is. Run on the server for every push.
    pub judge: fn(&Judgement<'_>) -> Result<()>,
    /// The scopes that the document lies in.
    pub scopes: fn(&Value, &Origin) -> Result<BTreeSet<Scope>>,
    /// Writes the document's rows of the read model, replacing older ones.
    pub index: fn(&Connection, Id, &Value) -> Result<()>,
    /// Removes them.
    pub forget: fn(&Connection, Id) -> Result<()>,
    /// The blobs that the document needs.
    pub blobs: fn(&Value) -> Vec<BlobRef>,
    /// Whether devices fetch its blobs by themselves (packs) or when looked at (photos).
    pub eager_blobs: bool,
    /// A few words naming the document on the sync page.
    pub title: fn(&Value) -> String,
    /// What the document says, line by line, to be read without its screens: in this language.
    pub tell: fn(&Connection, &Value, &str) -> Result<Vec<Said>>,
    /// With what it goes, and whether anything can end its keeping.
    pub keeping: Keeping,
}

/// A line that a person reads: what it is about, and what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// A question, or the name of a field.
    pub label: String,
    /// The answer.
    pub text: String,
}

/// Whose a kind of document is, when a person is to be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The organisation's: it stays.
    Organisation,
    /// The person's who made it: it goes with them.
    Person,
    /// It says who made what it is part of: without it, that has no author any more.
    Author,
}

/// How long a kind of document is kept, and with what it goes.
#[derive(Clone, Copy)]
pub struct Keeping {
    /// Whose it is.
    pub whose: Whose,
    /// The documents without which it has no reason to be: it goes with each of them.
    pub part_of: fn(&Value) -> Vec<Id>,
    /// Whether it has come to its end. `None`: when what it is part of has.
    pub closed: Option<fn(&Value) -> bool>,
}

impl Keeping {
    /// The organisation's own, and never at its end.
    pub const ALWAYS: Self = Self {
        whose: Whose::Organisation,
        part_of: |_view| Vec::new(),
        closed: None,
    };
    /// The person's own record.
    pub const PERSONAL: Self = Self {
        whose: Whose::Person,
        ..Self::ALWAYS
    };

    /// Whether a time may be set after which documents of the kind are erased.
    #[must_use]
    pub const fn may_end(&self) -> bool {
        self.closed.is_some() || !matches!(self.whose, Whose::Organisation)
    }
}

/// A blob that a document names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRef {
    /// SHA-256 of the content.
    pub hash: [u8; 32],
    /// MIME type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// Where a document came from, as the server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The person whose seat pushed its first change.
    pub creator: Id,
    /// UTC year of its receipt on the server.
    pub year: i16,
}

/// What a kind's `judge` decides on.
pub struct Judgement<'a> {
    /// Who pushed.
    pub seat: &'a Seat,
    /// Who pushed the document's first change.
    pub creator: Id,
    /// The document before; `None` when it is new.
    pub before: Option<&'a Value>,
    /// The document after.
    pub after: &'a Value,
    /// What the change writes of an existing document, even to the same value; fields that now hold
    /// two values are among these.
    pub touched: &'a Touched,
    /// Another document of the organisation, by id.
    pub other: &'a dyn Fn(Id) -> Option<Arc<Other>>,
}

/// Another document that a rule asks about.
pub struct Other {
    /// The document.
    pub view: Arc<Value>,
    /// The person whose seat pushed its first change.
    pub creator: Id,
    /// What rules read out of it, by name.
    parts: Mutex<BTreeMap<String, Arc<dyn Any + Send + Sync>>>,
}

impl Other {
    /// A document, and whose.
    #[must_use]
    pub const fn new(view: Arc<Value>, creator: Id) -> Self {
        let parts = Mutex::new(BTreeMap::new());
        Self {
            view,
            creator,
            parts,
        }
    }

    /// A part of it, which is read only once: a thousand reports in one request have the same form.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn part<T: Any + Send + Sync>(
        &self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T>,
    ) -> Result<Arc<T>> {
        let known = self
            .parts
            .lock()
            .ok()
            .and_then(|parts| parts.get(name).cloned());
        if let Some(part) = known.and_then(|part| part.downcast().ok()) {
            return Ok(part);
        }
        let part = Arc::new(read(&self.view)?);
        if let Ok(mut parts) = self.parts.lock() {
            parts.insert(
                name.to_owned(),
                Arc::clone(&part) as Arc<dyn Any + Send + Sync>,
            );
        }
        Ok(part)
    }

    /// Whether it is of that kind.
    #[must_use]
    pub fn is(&self, kind: &str) -> bool {
        self.view.get("kind").and_then(Value::as_str) == Some(kind)
    }
}

impl Judgement<'_> {
    /// Refuses with a reason.
    ///
    /// # Errors
    /// Always: that is what it is for.
    pub fn refuse<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(Error::new(Code::Refused, reason))
    }

    /// Refuses unless `allowed`.
    ///
    /// # Errors
    /// [`Code::Refused`] with the reason.
    pub fn require(&self, allowed: bool, reason: &str) -> Result<()> {
        if allowed { Ok(()) } else { self.refuse(reason) }
    }

    /// Refuses when one of these fields of an existing document changed, was written again, or holds
    /// a second value beside the one that shows.
    ///
    /// # Errors
    /// [`Code::Refused`] naming the field.
    pub fn unchanged(&self, fields: &[&str]) -> Result<()> {
        let Some(before) = self.before else {
            return Ok(());
        };
        for field in fields {
            if before.get(field) != self.after.get(field) || self.touched.fields.contains(*field) {
                return self.refuse(format!("`{field}` cannot be changed"));
            }
        }
        Ok(())
    }

    /// Refuses a change that writes over something within a field of an existing document, be it
    /// with the same value, or removes it.
    ///
    /// # Errors
    /// [`Code::Refused`].
    pub fn only_adds(&self) -> Result<()> {
        self.require(!self.touched.below, "what is there cannot be written over")
    }

    /// Refuses fields that are not among these (and the header's), be it that one is written and
    /// nothing of it is left.
    ///
    /// # Errors
    /// [`Code::Refused`] naming the field.
    pub fn only_fields(&self, fields: &[&str]) -> Result<()> {
        let Some(object) = self.after.as_object() else {
            return self.refuse("not an object");
        };
        for key in object.keys().chain(&self.touched.fields) {
            if !HEADER.contains(&key.as_str()) && !fields.contains(&key.as_str()) {
                return self.refuse(format!("unknown field `{key}`"));
            }
        }
        Ok(())
    }
}

/// The kind of that name, of whichever feature.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    crate::features::FEATURES
        .iter()
        .flat_map(|feature| feature.kinds)
        .find(|kind| kind.name == name)
}

/// For kinds without blobs.
#[must_use]
pub fn no_blobs(_view: &Value) -> Vec<BlobRef> {
    Vec::new()
}

/// What a document says, for kinds whose fields are words as they stand: those that are text, and the
/// text of acts.
///
/// # Errors
/// Never.
pub fn plain(_db: &Connection, view: &Value, _language: &str) -> Result<Vec<Said>> {
    let mut said = Vec::new();
    for (label, value) in view.as_object().into_iter().flatten() {
        if !HEADER.contains(&label.as_str()) {
            words(label, value, &mut said);
        }
    }
    Ok(said)
}

/// Adds the texts under `value` that people read: ids and hashes are none.
fn words(label: &str, value: &Value, said: &mut Vec<Said>) {
    match value {
        Value::String(text) if text.parse::<Id>().is_err() && !text.trim().is_empty() => {
            said.push(Said {
                label: label.to_owned(),
                text: text.clone(),
            });
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                // Maps by id or hash are named by what holds them.
                let named = key.parse::<Id>().is_err() && key.len() < 64;
                words(if named { key } else { label }, value, said);
            }
        }
        Value::Array(items) => {
            for item in items {
                words(label, item, said);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
