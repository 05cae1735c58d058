//! One page of an answer into the device's file, frame by frame.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::{Begun, Incoming, Rare, SWEEP};
use crate::context::index;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::feature::kind;
use crate::id::Id;
use crate::store::{self, outbox, setting};
use crate::sync::give_back;
use crate::sync::hands::{Coming, Opened};
use crate::sync::message::{ERASED, NOT_YET, Response};
use crate::sync::reread;

impl Incoming {
    pub(super) fn frame(
        &mut self,
        db: &Connection,
        frame: Response,
        begun: Begun,
        rare: &Rare,
        now_ms: i64,
    ) -> Result<()> {
        match frame {
            Response::Received {
                receipt: body,
                signature,
            } => {
                let Begun::Verifying(verifying) = begun else {
                    return Err(Error::unexpected("a receipt that nobody verified"));
                };
                let receipt = verifying.end()?;
                outbox::received(db, &receipt, &body, &signature)?;
                self.received.insert(receipt.document);
                self.touch(db, receipt.document)
            }
            Response::Refused { push, code, detail } => {
                self.refuse(db, push, &code, &detail, now_ms)
            }
            Response::Document {
                scope,
                id,
                kind,
                mine,
                received_at,
                body: _,
            } => {
                let row = store::document::Stored {
                    kind,
                    body: Vec::new(),
                    mine,
                    received_at: Some(received_at),
                };
                let opening = match begun {
                    Begun::Reading(opening) => Some(opening),
                    Begun::Nothing | Begun::Verifying(_) => None,
                };
                self.document(db, &scope, id, row, opening, rare)
            }
            Response::Gone { scope, id } => {
                db.prepare_cached("DELETE FROM placement WHERE document = ?1 AND scope = ?2")?
                    .execute(params![id, scope])?;
                setting::set(db, SWEEP, &true)?;
                self.touch(db, id)
            }
            Response::Left { scope } => {
                db.execute("DELETE FROM placement WHERE scope = ?1", params![scope])?;
                db.execute("DELETE FROM cursor WHERE scope = ?1", params![scope])?;
                setting::set(db, SWEEP, &true)
            }
            Response::Erased { id } => self.erase(db, id),
            Response::Welcome { .. } | Response::ResendCursors | Response::Page { .. } => Ok(()),
        }
    }

    /// Tells the screens that a document's custody changed.
    fn touch(&mut self, db: &Connection, id: Id) -> Result<()> {
        if let Some(name) = store::document::kind(db, id)?
            && let Some(kind) = kind(&name)
        {
            self.told.changed.insert(kind.topic);
        }
        Ok(())
    }

    /// Nothing of it may stay: neither what waits nor what was refused.
    fn erase(&mut self, db: &Connection, id: Id) -> Result<()> {
        if let Some(kind) = store::erase::document(db, id)? {
            self.told.changed.insert(kind.topic);
        }
        self.erased = true;
        Ok(())
    }

    fn refuse(
        &mut self,
        db: &Connection,
        push: Id,
        code: &str,
        detail: &str,
        now_ms: i64,
    ) -> Result<()> {
        let Some(document) = outbox::document_of(db, push)? else {
            return Ok(());
        };
        if code == ERASED {
            return self.erase(db, document);
        }
        let stored = store::document::get(db, document)?;
        let received = stored.as_ref().and_then(|stored| stored.received_at);
        let before = outbox::refusal(db, document)?.filter(|_| received.is_none());
        let code = match &before {
            // It builds on what was refused, and its time never comes.
            Some(before) if code == NOT_YET => before,
            None if code == NOT_YET => {
                if !self.early.contains(&document) {
                    self.early.push(document);
                }
                return Ok(());
            }
            _ => code,
        };
        let title = stored.map_or_else(String::new, |stored| {
            title(&stored.kind, &stored.body).unwrap_or_else(|_error| stored.kind.clone())
        });
        outbox::refused(db, push, code, detail, &title, now_ms)?;
        self.touch(db, document)
    }

    fn document(
        &mut self,
        db: &Connection,
        scope: &str,
        id: Id,
        mut row: store::document::Stored,
        opening: Option<Coming<Opened>>,
        rare: &Rare,
    ) -> Result<()> {
        let set_aside = scope.is_empty() || (rare.refused && comes_back_refused(db, id)?);
        if !scope.is_empty() {
            db.prepare_cached(
                "INSERT INTO placement(document, scope) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
            )?
            .execute(params![id, scope])?;
        }
        let Some(opening) = opening else {
            return self.touch(db, id);
        };
        // After a refusal, what was refused is set aside and the server's copy counts.
        let local = if set_aside {
            None
        } else {
            store::document::get(db, id)?
        };
        let theirs = opening.end();
        let merged = theirs.and_then(|theirs| Ok((merged(local.as_ref(), &theirs)?, theirs)));
        let Ok((merged, theirs)) = merged else {
            // Kept out rather than stopping everything: the next version asks for it again.
            self.told.unreadable = self.told.unreadable.saturating_add(1);
            return reread::missed(db);
        };
        let ours = merged.as_ref().unwrap_or(&theirs);
        if rare.give_back {
            give_back::told(db, id, &theirs.heads, &ours.heads)?;
        }
        row.body.clone_from(&ours.body);
        store::document::put(db, id, &row, &ours.heads)?;
        self.told.documents = self.told.documents.saturating_add(1);
        let Some(kind) = kind(&row.kind) else {
            return unreadable(db, id);
        };
        let indexed = index(db, kind, id, &ours.view, &mut self.told.changed);
        match indexed {
            Err(error) if !reread::is_fault(&error) => {
                self.told.unreadable = self.told.unreadable.saturating_add(1);
                unreadable(db, id)
            }
            result => result,
        }
    }
}

/// Whether a document lies in a scope of this device.
pub(super) fn is_placed(db: &Connection, id: Id) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM placement WHERE document = ?1)")?
        .query_row(params![id], |row| row.get(0))?)
}

/// The document is here, but this version cannot show it.
fn unreadable(db: &Connection, id: Id) -> Result<()> {
    db.execute(
        "UPDATE document SET readable = 0 WHERE id = ?1",
        params![id],
    )?;
    Ok(())
}

/// Whether a document that lay in no scope of this device, and was kept only because changes of it
/// were refused, is in one again.
fn comes_back_refused(db: &Connection, id: Id) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM refused WHERE document = ?1)
                AND NOT EXISTS(SELECT 1 FROM placement WHERE document = ?1)",
        )?
        .query_row(params![id], |row| row.get(0))?)
}

/// The server's copy with everything of the local one, when there is one: what waits here, and also
/// what a server that was restored from a backup no longer knows.
fn merged(local: Option<&store::document::Stored>, theirs: &Opened) -> Result<Option<Opened>> {
    let Some(local) = local.filter(|local| local.body != theirs.body) else {
        return Ok(None);
    };
    let mut document = Document::open(&theirs.body)?;
    document.merge(&mut Document::open(&local.body)?)?;
    Ok(Some(Opened {
        view: document.view()?,
        heads: document.heads(),
        body: document.save(),
    }))
}

/// A few words naming the document.
fn title(kind_name: &str, body: &[u8]) -> Result<String> {
    let kind = kind(kind_name).ok_or_else(|| Error::not_found("kind"))?;
    Ok((kind.title)(&Document::read(body)?.view))
}

/// Removes documents that lie in no scope of this device any more. What waits to be sent, what was
/// never received and what was refused stays.
pub(super) fn sweep(db: &Connection, changed: &mut BTreeSet<&'static str>) -> Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT id, kind FROM document WHERE received_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM placement WHERE placement.document = document.id)
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.document = document.id)
            AND NOT EXISTS (SELECT 1 FROM refused WHERE refused.document = document.id)",
    )?;
    let gone: Vec<(Id, String)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, kind_name) in gone {
        if let Some(kind) = kind(&kind_name) {
            (kind.forget)(db, id)?;
            changed.insert(kind.topic);
        }
        store::document::remove(db, id)?;
    }
    Ok(())
}
