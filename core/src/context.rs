//! What a command may touch: the person who asks, the time, the file, and ids. Nothing ambient.
//!
//! A user action is one transaction: change, outbox and read model together.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::act::{self, Acts};
use crate::document::{self, Document};
use crate::error::{Code, Error, Result};
use crate::feature::{Judgement, Kind, Other, kind};
use crate::gate;
use crate::id::{Entropy, Id};
use crate::moment::Moment;
use crate::person::Seat;
use crate::store;
use crate::sync::message::push_id;

/// The world of one command.
pub struct Context<'a> {
    /// The device's file, inside a transaction.
    pub db: &'a Connection,
    /// Who asks.
    pub seat: Seat,
    /// When.
    pub moment: Moment,
    /// What changed, by topic: screens reload on that alone.
    pub changed: BTreeSet<&'static str>,
    entropy: &'a mut dyn Entropy,
}

impl<'a> Context<'a> {
    /// A context inside a transaction.
    pub fn new(
        db: &'a Connection,
        seat: Seat,
        moment: Moment,
        entropy: &'a mut dyn Entropy,
    ) -> Self {
        Self {
            db,
            seat,
            moment,
            changed: BTreeSet::new(),
            entropy,
        }
    }

    /// A new id.
    pub fn new_id(&mut self) -> Id {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        Id::from_parts(self.moment.ms, random)
    }

    /// Whether the document is on this device.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn exists(&self, id: Id) -> Result<bool> {
        Ok(store::document::kind(self.db, id)?.is_some())
    }

    /// A document's JSON.
    ///
    /// # Errors
    /// [`Code::NotFound`] when a document of that kind and id is not on this device.
    pub fn view(&self, kind: &str, id: Id) -> Result<Value> {
        let stored = store::document::get(self.db, id)?
            .filter(|stored| stored.kind == kind)
            .ok_or_else(|| Error::not_found(format!("no {kind} `{id}`")))?;
        Ok(Document::read(&stored.body)?.view)
    }

    /// A document read as its shape.
    ///
    /// # Errors
    /// [`Code::NotFound`], or [`Code::Invalid`] when it has another shape.
    pub fn read<T: DeserializeOwned>(&self, kind: &str, id: Id) -> Result<T> {
        document::read(&self.view(kind, id)?)
    }

    /// Makes a document.
    ///
    /// # Errors
    /// [`Code::AlreadyDone`] when the id is taken, [`Code::Refused`] when the kind's rule says no.
    pub fn create(&mut self, kind_name: &str, id: Id, body: &Value) -> Result<()> {
        let actor = self.fresh_actor();
        self.create_by(actor, kind_name, id, body)
    }

    /// Makes a document in the name under which another one is written here: two that always go
    /// together are shorter on the wire. The name says that they have one author.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_beside(
        &mut self,
        beside: Id,
        kind_name: &str,
        id: Id,
        body: &Value,
    ) -> Result<()> {
        let fresh = self.fresh_actor();
        let actor = store::document::actor(self.db, beside, || fresh)?;
        self.create_by(actor, kind_name, id, body)
    }

    fn create_by(
        &mut self,
        actor: gate::Actor,
        kind_name: &str,
        id: Id,
        body: &Value,
    ) -> Result<()> {
        if self.exists(id)? {
            return Err(Error::new(Code::AlreadyDone, format!("`{id}` exists")));
        }
        let actor = store::document::actor(self.db, id, || actor)?;
        let document = Document::create(actor, id, kind_name, 1, body)?;
        self.write(id, kind_name, document, None, None)
    }

    fn fresh_actor(&mut self) -> gate::Actor {
        let mut actor = [0; 8];
        self.entropy.fill(&mut actor);
        actor
    }

    /// Changes a document; nothing is written when `edit` changes nothing.
    ///
    /// # Errors
    /// [`Code::NotFound`], [`Code::Refused`] when the kind's rule says no, or what `edit` says.
    pub fn edit(
        &mut self,
        kind_name: &str,
        id: Id,
        edit: impl FnOnce(&mut Document) -> Result<()>,
    ) -> Result<()> {
        let stored = store::document::get(self.db, id)?
            .filter(|stored| stored.kind == kind_name)
            .ok_or_else(|| Error::not_found(format!("no {kind_name} `{id}`")))?;
        let fresh = self.fresh_actor();
        let actor = store::document::actor(self.db, id, || fresh)?;
        let mut document = Document::load(&stored.body, actor)?;
        let before = document.view()?;
        edit(&mut document)?;
        self.write(id, kind_name, document, Some(&before), Some(&stored))
    }

    /// Adds an act to a document, knowing all acts that are there.
    ///
    /// # Errors
    /// As [`Self::edit`].
    pub fn act(
        &mut self,
        kind_name: &str,
        id: Id,
        verb: &str,
        more: Map<String, Value>,
        named: bool,
    ) -> Result<Id> {
        #[derive(serde::Deserialize)]
        struct Acted {
            acts: Acts,
        }
        let acts = self.read::<Acted>(kind_name, id)?.acts;
        let act_id = self.new_id();
        let mut act = more;
        act.insert("at".to_owned(), json!(self.moment.ms));
        if named {
            act.insert("by".to_owned(), json!(self.seat.person));
        }
        act.insert("verb".to_owned(), json!(verb));
        act.insert("after".to_owned(), json!(act::frontier(&acts)));
        let key = act_id.to_string();
        self.edit(kind_name, id, |document| {
            document.set(&["acts", &key], &Value::Object(act))
        })?;
        Ok(act_id)
    }

    fn write(
        &mut self,
        id: Id,
        kind_name: &str,
        mut document: Document,
        before: Option<&Value>,
        stored: Option<&store::document::Stored>,
    ) -> Result<()> {
        let kind =
            kind(kind_name).ok_or_else(|| Error::unexpected(format!("no kind `{kind_name}`")))?;
        let changes = document.commit();
        if changes.is_empty() {
            return Ok(());
        }
        let after = document.view()?;
        let mine = stored.is_none_or(|stored| stored.mine);
        // The server judges again; judging here too means that nothing is said to be saved which
        // would be refused later.
        let failed = RefCell::new(None);
        let judged = (kind.judge)(&Judgement {
            seat: &self.seat,
            creator: creator(&self.seat, mine),
            before,
            after: &after,
            // Commands write what differs, one after the other.
            touched: &gate::Touched::default(),
            other: &|id| {
                other(self.db, &self.seat, id).unwrap_or_else(|error| {
                    failed.replace(Some(error));
                    None
                })
            },
        });
        // What could not be read is not absent: the rule has no say then.
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        judged?;
        let row = store::document::Stored {
            kind: kind_name.to_owned(),
            body: document.save(),
            mine,
            received_at: None,
        };
        if !document.has_room(row.body.len()) {
            return Err(Error::new(Code::TooLarge, "the document is full"));
        }
        store::document::put(self.db, id, &row, &document.heads())?;
        for change in changes {
            sendable(&change)?;
            let waiting = store::outbox::Waiting {
                id: push_id(&change),
                document: id,
                kind: kind_name.to_owned(),
                person: self.seat.person,
                change,
            };
            store::outbox::push(self.db, &waiting, self.moment.ms)?;
        }
        self.changed.insert("sync");
        index(self.db, kind, id, &after, &mut self.changed)
    }
}

/// What the gate would refuse is refused here: nothing is said to be saved that cannot be sent.
fn sendable(change: &[u8]) -> Result<()> {
    gate::inspect(change).map(|_| ()).map_err(|refusal| {
        let too_large = [gate::Code::ChangeTooLarge, gate::Code::TooManyOps];
        let large = too_large.contains(&refusal.code);
        Error::new(
            if large { Code::TooLarge } else { Code::Refused },
            refusal.to_string(),
        )
    })
}

/// Who made a document, as far as a device knows: its person, or somebody else.
fn creator(seat: &Seat, mine: bool) -> Id {
    if mine {
        seat.person
    } else {
        Id::from_bytes([0; 16])
    }
}

/// Another document of this device; `None` when it is not here or cannot be understood.
fn other(db: &Connection, seat: &Seat, id: Id) -> Result<Option<Arc<Other>>> {
    let stored = store::document::get(db, id)?;
    Ok(stored.and_then(|stored| {
        let view = Document::read(&stored.body).ok()?.view;
        let creator = creator(seat, stored.mine);
        Some(Arc::new(Other::new(Arc::new(view), creator)))
    }))
}

/// Writes the read model of a document and what it needs of blobs.
///
/// # Errors
/// When the file cannot be written or the document has another shape than its kind.
pub fn index(
    db: &Connection,
    kind: &'static Kind,
    id: Id,
    view: &Value,
    changed: &mut BTreeSet<&'static str>,
) -> Result<()> {
    (kind.index)(db, id, view)?;
    let blobs = (kind.blobs)(view);
    if !blobs.is_empty() {
        store::blob::used(db, id, &blobs, kind.eager_blobs)?;
    }
    changed.insert(kind.topic);
    Ok(())
}
