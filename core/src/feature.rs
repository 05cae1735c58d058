//! What a feature is made of: the kinds of document it owns, its tables, its commands.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::Value;

use crate::command::Command;
use crate::document::HEADER;
use crate::error::{Code, Error, Result};
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
    /// Fields of an existing document that the change writes anew, even to the same value, or that
    /// now hold two values: what the view alone does not show.
    pub touched: &'a BTreeSet<String>,
    /// Another document of the organisation, by id.
    pub other: &'a dyn Fn(Id) -> Option<Other>,
}

/// Another document that a rule asks about.
pub struct Other {
    /// The document.
    pub view: Value,
    /// The person whose seat pushed its first change.
    pub creator: Id,
}

impl Other {
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
            if before.get(field) != self.after.get(field) || self.touched.contains(*field) {
                return self.refuse(format!("`{field}` cannot be changed"));
            }
        }
        Ok(())
    }

    /// Refuses fields that are not among these (and the header's).
    ///
    /// # Errors
    /// [`Code::Refused`] naming the field.
    pub fn only_fields(&self, fields: &[&str]) -> Result<()> {
        let Some(object) = self.after.as_object() else {
            return self.refuse("not an object");
        };
        for key in object.keys() {
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
