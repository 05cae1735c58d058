//! Rows of modules, releases, assignments, attempts and reviews.

use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{
    AssignmentDocument, MemoryDocument, ModuleDocument, ProgressDocument, ReleaseDocument,
};
use super::model::StudioAssign;
use crate::document::read;
use crate::error::Result;
use crate::form::Wording;
use crate::id::Id;

/// The tables.
pub(super) const MIGRATION: &str = "
CREATE TABLE module(
    id BLOB PRIMARY KEY, slug TEXT NOT NULL, languages TEXT NOT NULL, updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX module_slug ON module(slug);
CREATE TABLE release(
    id BLOB PRIMARY KEY, module BLOB NOT NULL, slug TEXT NOT NULL, version INTEGER NOT NULL,
    title TEXT NOT NULL, objective TEXT NOT NULL, theme TEXT NOT NULL, icon TEXT NOT NULL,
    seconds INTEGER NOT NULL, apply TEXT, pack BLOB NOT NULL, published_at INTEGER NOT NULL,
    author BLOB, sites TEXT, note TEXT NOT NULL, withdrawn INTEGER NOT NULL
) STRICT;
CREATE INDEX release_module ON release(module, version, published_at);
CREATE TABLE assignment(
    id BLOB PRIMARY KEY, module BLOB NOT NULL, sites TEXT, due_on TEXT, required INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX assignment_module ON assignment(module, at);
CREATE TABLE attempt(
    id BLOB PRIMARY KEY, document BLOB NOT NULL, person BLOB NOT NULL, module BLOB NOT NULL,
    release BLOB NOT NULL, step INTEGER NOT NULL, answers TEXT NOT NULL,
    started_at INTEGER NOT NULL, finished_at INTEGER, score INTEGER
) STRICT;
CREATE INDEX attempt_module ON attempt(module, person, started_at);
CREATE INDEX attempt_document ON attempt(document);
CREATE TABLE received(
    document BLOB NOT NULL, person BLOB NOT NULL, release BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(release, person, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE review(
    id BLOB PRIMARY KEY, document BLOB NOT NULL, module BLOB NOT NULL, release BLOB NOT NULL,
    item TEXT NOT NULL, day INTEGER NOT NULL, correct INTEGER NOT NULL
) STRICT;
CREATE INDEX review_item ON review(module, item, day, id);
";

pub(super) fn index_module(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let module: ModuleDocument = read(view)?;
    let languages: Vec<&String> = module
        .source
        .iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(language, _)| language)
        .collect();
    db.prepare_cached(
        "INSERT OR REPLACE INTO module(id, slug, languages, updated_at) VALUES(?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        id,
        module.slug,
        serde_json::to_string(&languages)?,
        module.updated_at
    ])?;
    Ok(())
}

pub(super) fn forget_module(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM module WHERE id = ?1", params![id])?;
    Ok(())
}

pub(super) fn index_release(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let release: ReleaseDocument = read(view)?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO release(id, module, slug, version, title, objective, theme, icon,
            seconds, apply, pack, published_at, author, sites, note, withdrawn)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        id,
        release.module,
        release.slug,
        release.number,
        serde_json::to_string(&release.title)?,
        serde_json::to_string(&release.objective)?,
        release.theme,
        release.icon,
        release.seconds,
        release.apply,
        crate::store::blob::parse_hex(&release.pack.hash)?,
        release.published_at,
        release.by,
        json_or_null(release.sites.as_ref())?,
        release.note,
        release.withdrawn
    ])?;
    Ok(())
}

pub(super) fn forget_release(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM release WHERE id = ?1", params![id])?;
    Ok(())
}

pub(super) fn index_assignment(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let assignment: AssignmentDocument = read(view)?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO assignment(id, module, sites, due_on, required, at)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        id,
        assignment.module,
        json_or_null(assignment.sites.as_ref())?,
        assignment.due_on,
        assignment.required,
        assignment.at
    ])?;
    Ok(())
}

pub(super) fn forget_assignment(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM assignment WHERE id = ?1", params![id])?;
    Ok(())
}

pub(super) fn index_progress(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let progress: ProgressDocument = read(view)?;
    forget_progress(db, id)?;
    for (attempt, record) in &progress.attempts {
        db.prepare_cached(
            "INSERT OR REPLACE INTO attempt(id, document, person, module, release, step, answers,
                started_at, finished_at, score) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            attempt,
            id,
            progress.person,
            record.module,
            record.release,
            record.step,
            serde_json::to_string(&record.answers)?,
            record.started_at,
            record.finished_at,
            record.score
        ])?;
    }
    for (release, at) in &progress.received {
        db.prepare_cached(
            "INSERT INTO received(document, person, release, at) VALUES(?1, ?2, ?3, ?4)",
        )?
        .execute(params![id, progress.person, release, at])?;
    }
    Ok(())
}

pub(super) fn forget_progress(db: &Connection, id: Id) -> Result<()> {
    db.prepare_cached("DELETE FROM attempt WHERE document = ?1")?
        .execute(params![id])?;
    db.prepare_cached("DELETE FROM received WHERE document = ?1")?
        .execute(params![id])?;
    Ok(())
}

pub(super) fn index_memory(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let memory: MemoryDocument = read(view)?;
    for (review, record) in &memory.reviews {
        db.prepare_cached(
            "INSERT INTO review(id, document, module, release, item, day, correct)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(id) DO NOTHING",
        )?
        .execute(params![
            review,
            id,
            record.module,
            record.release,
            record.item,
            record.day,
            record.correct
        ])?;
    }
    Ok(())
}

pub(super) fn forget_memory(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM review WHERE document = ?1", params![id])?;
    Ok(())
}

fn json_or_null<T: serde::Serialize>(value: Option<&T>) -> Result<Option<String>> {
    Ok(value.map(serde_json::to_string).transpose()?)
}

/// A release's row.
#[derive(Debug, Clone)]
pub(super) struct Release {
    pub(super) id: Id,
    pub(super) module: Id,
    pub(super) slug: String,
    pub(super) version: u32,
    pub(super) title: Wording,
    pub(super) objective: Wording,
    pub(super) theme: String,
    pub(super) icon: String,
    pub(super) seconds: u32,
    pub(super) apply: Option<String>,
    pub(super) pack: [u8; 32],
    pub(super) published_at: i64,
    pub(super) author: Option<Id>,
    pub(super) sites: Option<Vec<Id>>,
    pub(super) note: String,
    pub(super) withdrawn: bool,
    /// Its pack is on this device.
    pub(super) ready: bool,
}

/// Releases by a condition on `?1`, the latest of each module first.
fn releases_where(db: &Connection, condition: &str, value: Option<Id>) -> Result<Vec<Release>> {
    let sql = format!(
        "SELECT id, module, slug, version, title, objective, theme, icon, seconds, apply, pack,
            published_at, author, sites, note, withdrawn, EXISTS(SELECT 1 FROM blob
                WHERE blob.hash = release.pack AND blob.content IS NOT NULL)
         FROM release WHERE {condition} ORDER BY module, version DESC, published_at DESC, id DESC"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![value], |row| {
        Ok(Release {
            id: row.get(0)?,
            module: row.get(1)?,
            slug: row.get(2)?,
            version: row.get(3)?,
            title: json(&row.get::<_, String>(4)?),
            objective: json(&row.get::<_, String>(5)?),
            theme: row.get(6)?,
            icon: row.get(7)?,
            seconds: row.get(8)?,
            apply: row.get(9)?,
            pack: row.get(10)?,
            published_at: row.get(11)?,
            author: row.get(12)?,
            sites: row.get::<_, Option<String>>(13)?.as_deref().map(json),
            note: row.get(14)?,
            withdrawn: row.get(15)?,
            ready: row.get(16)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn json<T: DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

/// All releases of a module, the latest first.
pub(super) fn releases(db: &Connection, module: Id) -> Result<Vec<Release>> {
    releases_where(db, "module = ?1", Some(module))
}

/// Every release that stands, the latest of each module first.
pub(super) fn standing(db: &Connection) -> Result<Vec<Release>> {
    releases_where(db, "NOT withdrawn AND ?1 IS NULL", None)
}

/// One release.
pub(super) fn release(db: &Connection, id: Id) -> Result<Option<Release>> {
    Ok(releases_where(db, "id = ?1", Some(id))?.into_iter().next())
}

/// The assignment of a module that spoke to this site until then: the latest before it.
pub(super) fn assignment(
    db: &Connection,
    module: Id,
    site: Option<Id>,
    until: i64,
) -> Result<Option<(Option<String>, bool, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT sites, due_on, required, at FROM assignment
         WHERE module = ?1 AND at < ?2 ORDER BY at DESC, id DESC",
    )?;
    let mut rows = statement.query(params![module, until])?;
    while let Some(row) = rows.next()? {
        let sites: Option<Vec<Id>> = row.get::<_, Option<String>>(0)?.as_deref().map(json);
        let speaks = sites.is_none_or(|sites| site.is_some_and(|site| sites.contains(&site)));
        if speaks {
            return Ok(Some((row.get(1)?, row.get(2)?, row.get(3)?)));
        }
    }
    Ok(None)
}

/// What was asked last for a module, of whomever.
pub(super) fn last_ask(db: &Connection, module: Id) -> Result<Option<StudioAssign>> {
    let mut statement = db.prepare_cached(
        "SELECT sites, due_on, required FROM assignment WHERE module = ?1
         ORDER BY at DESC, id DESC LIMIT 1",
    )?;
    let ask = statement.query_row(params![module], |row| {
        Ok(StudioAssign {
            id: module,
            sites: row.get::<_, Option<String>>(0)?.as_deref().map(json),
            due_on: row.get(1)?,
            required: row.get(2)?,
        })
    });
    Ok(ask.optional()?)
}

/// An attempt's row.
#[derive(Debug, Clone)]
pub(super) struct AttemptRow {
    pub(super) id: Id,
    pub(super) document: Id,
    pub(super) release: Id,
    pub(super) step: u32,
    pub(super) answers: String,
    pub(super) started_at: i64,
    pub(super) finished_at: Option<i64>,
    pub(super) score: Option<u32>,
}

/// A person's attempts at a module, the latest first.
pub(super) fn attempts(db: &Connection, module: Id, person: Id) -> Result<Vec<AttemptRow>> {
    let mut statement = db.prepare_cached(
        "SELECT id, document, release, step, answers, started_at, finished_at, score
         FROM attempt WHERE module = ?1 AND person = ?2
         ORDER BY started_at DESC, id DESC",
    )?;
    let rows = statement.query_map(params![module, person], |row| {
        Ok(AttemptRow {
            id: row.get(0)?,
            document: row.get(1)?,
            release: row.get(2)?,
            step: row.get(3)?,
            answers: row.get(4)?,
            started_at: row.get(5)?,
            finished_at: row.get(6)?,
            score: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A document of this length is left as it is, and another one begun: some 2,000 recalls. Every change
/// is judged against the whole document, and syncs as a whole.
const FULL_BYTES: i64 = 256 * 1024;

/// The document of this person and year that this device writes to.
pub(super) fn own_document(
    db: &Connection,
    kind: &str,
    person: Id,
    year: i16,
) -> Result<Option<Id>> {
    let mut statement = db.prepare_cached(
        "SELECT id, body FROM document WHERE kind = ?1 AND mine AND length(body) < ?2
             ORDER BY id",
    )?;
    let mut rows = statement.query(params![kind, FULL_BYTES])?;
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(1)?;
        let view = crate::document::Document::read(&body)?.view;
        let same = view.get("year").and_then(Value::as_i64) == Some(i64::from(year))
            && view.get("person").and_then(Value::as_str) == Some(person.to_string().as_str());
        if same {
            return Ok(Some(row.get(0)?));
        }
    }
    Ok(None)
}

/// When a person's device first had a release of these: milliseconds.
pub(super) fn received(db: &Connection, release: Id, person: Id) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT min(at) FROM received WHERE release = ?1 AND person = ?2")?
        .query_row(params![release, person], |row| row.get(0))
        .optional()?
        .flatten())
}
