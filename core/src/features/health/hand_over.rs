//! What was never sent, to be read and handed over: when a device was revoked, or when the server
//! refused something, the person still has their work.

use rusqlite::params;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::context::Context;
use crate::document::Document;
use crate::error::Result;
use crate::feature::{Said, kind};
use crate::gate;
use crate::id::Id;
use crate::moment::Moment;
use crate::person::table::person_name;
use crate::store::blob::hex;
use crate::store::erase::UNSENT;
use crate::store::{document, setting};

/// What of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct HandOverOf {
    /// Only what was refused: the rest waits, and leaves by itself.
    #[serde(default)]
    pub refused_only: bool,
}

/// What lies on this device and the server never received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct HandOver {
    /// Oldest first.
    pub items: Vec<HandOverItem>,
    /// The same as one text in Markdown, to be copied, saved or printed.
    pub text: String,
    /// Under which name to save it.
    pub file_name: String,
}

/// One document of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct HandOverItem {
    /// The document.
    pub doc: Id,
    /// Its kind.
    pub kind: String,
    /// In a few words.
    pub title: String,
    /// Since when it waits: milliseconds.
    pub since: Option<i64>,
    /// Why it was refused: a stable code; null while it waits.
    pub code: Option<String>,
    /// What it says.
    pub lines: Vec<HandOverLine>,
    /// Its photos that are on this device, by hash: `blob.read` gives them.
    pub photos: Vec<String>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct HandOverLine {
    /// What was asked.
    pub label: String,
    /// What was answered.
    pub text: String,
}

/// Lists what was never sent.
pub(super) fn hand_over(context: &mut Context<'_>, input: &HandOverOf) -> Result<HandOver> {
    let of = if input.refused_only {
        "SELECT DISTINCT document FROM refused"
    } else {
        UNSENT
    };
    let ids: Vec<Id> = context
        .db
        .prepare(&format!("{of} ORDER BY 1"))?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let language = language(context)?;
    let mut items = Vec::new();
    for id in ids {
        items.extend(item(context, id, &language)?);
    }
    items.retain(|item| !item.lines.is_empty() || !item.photos.is_empty() || item.code.is_some());
    items.sort_by_key(|item| item.since);
    let day = context.moment.day();
    Ok(HandOver {
        text: text(context, &items, &day)?,
        file_name: format!("vigie-{day}.md"),
        items,
    })
}

fn language(context: &Context<'_>) -> Result<String> {
    let known: Option<String> = rusqlite::OptionalExtension::optional(context.db.query_row(
        "SELECT language FROM person WHERE id = ?1",
        params![context.seat.person],
        |row| row.get(0),
    ))?;
    Ok(known.unwrap_or_else(|| "fr".to_owned()))
}

fn item(context: &Context<'_>, id: Id, language: &str) -> Result<Option<HandOverItem>> {
    let db = context.db;
    let refused: Option<(String, String, String, i64)> =
        rusqlite::OptionalExtension::optional(db.query_row(
            "SELECT kind, title, code, at FROM refused WHERE document = ?1 ORDER BY at DESC LIMIT 1",
            params![id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        ))?;
    let since: Option<i64> = db.query_row(
        "SELECT min(at) FROM outbox WHERE document = ?1",
        params![id],
        |row| row.get(0),
    )?;
    let stored = document::get(db, id)?;
    let name = stored
        .as_ref()
        .map(|stored| stored.kind.clone())
        .or_else(|| refused.as_ref().map(|(kind, ..)| kind.clone()));
    let Some(name) = name else {
        return Ok(None);
    };
    let view = view(context, id, stored.map(|stored| stored.body))?;
    let (mut lines, mut title) = (Vec::new(), String::new());
    if let (Some(kind), Some(view)) = (kind(&name), &view) {
        lines = (kind.tell)(db, view, language)?;
        title = (kind.title)(view);
    }
    if title.is_empty() {
        title = refused
            .as_ref()
            .map_or_else(String::new, |(_, title, ..)| title.clone());
    }
    Ok(Some(HandOverItem {
        doc: id,
        kind: name,
        title,
        since: since.or_else(|| refused.as_ref().map(|(.., at)| *at)),
        code: refused.map(|(_, _, code, _)| code),
        lines: lines.into_iter().map(line).collect(),
        photos: photos(context, id)?,
    }))
}

fn line(said: Said) -> HandOverLine {
    HandOverLine {
        label: said.label,
        text: said.text,
    }
}

/// The document with what was refused of it, where the two still go together.
fn view(context: &Context<'_>, id: Id, body: Option<Vec<u8>>) -> Result<Option<Value>> {
    let changes: Vec<Vec<u8>> = context
        .db
        .prepare_cached("SELECT change FROM refused WHERE document = ?1 ORDER BY rowid")?
        .query_map(params![id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let inspected: Option<Vec<_>> = changes
        .iter()
        .map(|change| gate::inspect(change).ok())
        .collect();
    if let Some(inspected) = inspected.filter(|changes| !changes.is_empty())
        && let Ok(admitted) = gate::admit(body.as_deref(), inspected)
    {
        return Ok(Some(Value::clone(&admitted.after)));
    }
    Ok(body.and_then(|body| Some(Document::read(&body).ok()?.view)))
}

fn photos(context: &Context<'_>, id: Id) -> Result<Vec<String>> {
    let hashes: Vec<[u8; 32]> = context
        .db
        .prepare_cached(
            "SELECT blob.hash FROM blob_use JOIN blob ON blob.hash = blob_use.hash
             WHERE blob_use.document = ?1 AND blob.content IS NOT NULL ORDER BY blob.created_at",
        )?
        .query_map(params![id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(hashes.iter().map(hex).collect())
}

/// One text, with nothing that needs words of its own: names, dates, questions and answers.
fn text(context: &Context<'_>, items: &[HandOverItem], day: &str) -> Result<String> {
    let enrolment: Option<crate::device::Enrolment> = setting::get(context.db, "enrolment")?;
    let org = enrolment.map(|enrolment| enrolment.org).unwrap_or_default();
    let name = person_name(context.db, context.seat.person)?.unwrap_or_default();
    let mut text = format!("# Vigie · {org}\n\n{name} · {day}\n");
    for item in items {
        let since = item.since.map_or_else(String::new, |at| {
            let at = Moment {
                ms: at,
                ..context.moment
            };
            format!(" · {}", at.day())
        });
        let title = if item.title.is_empty() {
            &item.kind
        } else {
            &item.title
        };
        let heading = format!("\n## {}{since}\n\n", one_line(title));
        text.push_str(&heading);
        for line in &item.lines {
            let (label, said) = (one_line(&line.label), line.text.replace('\n', "\n  "));
            let said = format!("- **{label}** {said}\n");
            text.push_str(&said);
        }
        for photo in &item.photos {
            let short = photo.get(..12).unwrap_or_default();
            let named = format!("- 📷 {short}\n");
            text.push_str(&named);
        }
    }
    Ok(text)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
