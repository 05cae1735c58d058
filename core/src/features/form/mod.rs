//! Form definitions and their immutable releases.
//!
//! A `form` document holds every release it ever had: a draft is pinned to the one it was begun
//! with, and old ones stay acceptable. What a release means is in [`crate::form`].

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;

use crate::account::Empty;
use crate::command;
use crate::command::Access;
use crate::context::Context;
use crate::document::read;
use crate::error::{Code, Error, Result};
use crate::feature::{Feature, Judgement, Keeping, Kind, Origin, no_blobs, plain};
use crate::form::{FormProgram, FormSummary};
use crate::id::Id;
use crate::person::{Scope, scope};
use crate::program;

/// The feature.
pub const FEATURE: Feature = Feature {
    name: "form",
    kinds: &[Kind {
        name: "form",
        topic: "form",
        judge,
        scopes,
        index,
        forget,
        blobs: no_blobs,
        eager_blobs: false,
        title,
        tell: plain,
        keeping: Keeping::ALWAYS,
    }],
    migrations: &[],
    tables: &[],
    commands: &[
        command!("form.list", Access::Anyone, list, Empty => Vec<FormSummary>),
        command!("form.open", Access::Anyone, open, FormOpen => FormProgram),
        command!("form.publish", Access::Lead, publish, FormPublish => FormPublished),
    ],
    tick: None,
};

/// Opens a release of a form; the latest when `release` is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormOpen {
    /// The form.
    pub form: Id,
    /// Which release.
    pub release: Option<u32>,
}

/// Publishes a form from its source; a form with the same short name gets another release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormPublish {
    /// TOML: see [`crate::form::compile`].
    pub source: String,
    /// The short name.
    pub slug: String,
}

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FormPublished {
    /// The form.
    pub form: Id,
    /// The release; the same as before when nothing changed.
    pub release: u32,
}

/// A `form` document: each release's program as JSON text, so that it stays to the letter.
#[derive(Deserialize)]
struct FormDocument {
    slug: String,
    releases: BTreeMap<String, String>,
}

fn judge(judgement: &Judgement<'_>) -> Result<()> {
    judgement.require(judgement.seat.leads(), "only leads publish forms")?;
    judgement.only_fields(&["slug", "releases"])?;
    judgement.unchanged(&["slug"])?;
    judgement.only_adds()?;
    let after: FormDocument = read(judgement.after)?;
    let before: Option<FormDocument> = judgement.before.map(read).transpose()?;
    let before = before.map(|before| before.releases).unwrap_or_default();
    for (number, text) in &before {
        judgement.require(
            after.releases.get(number) == Some(text),
            "a release is immutable",
        )?;
    }
    for (number, text) in after
        .releases
        .iter()
        .filter(|(number, _)| !before.contains_key(*number))
    {
        let program: FormProgram = serde_json::from_str(text)?;
        let named =
            Some(program.form.as_str()) == judgement.after.get("id").and_then(Value::as_str);
        judgement.require(
            named && program.release.to_string() == *number && program.slug == after.slug,
            "a release names its form and number",
        )?;
        let problems = crate::form::check(&program);
        judgement.require(problems.is_empty(), "a release has no problems")?;
    }
    Ok(())
}

fn scopes(_view: &Value, _origin: &Origin) -> Result<BTreeSet<Scope>> {
    Ok(BTreeSet::from([scope::CONTENT.to_owned()]))
}

/// What its latest release calls it, in French as other titles; its short name where that cannot be
/// read.
fn title(view: &Value) -> String {
    let Ok(form) = read::<FormDocument>(view) else {
        return String::new();
    };
    let latest = form
        .releases
        .iter()
        .max_by_key(|(number, _)| number.parse::<u32>().ok());
    latest
        .and_then(|(_, text)| serde_json::from_str::<FormProgram>(text).ok())
        .and_then(|program| program.title.get("fr").cloned())
        .unwrap_or(form.slug)
}

fn index(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let form: FormDocument = read(view)?;
    for (number, text) in &form.releases {
        // One that cannot be read, of a later version, would take all other forms with it.
        serde_json::from_str::<FormProgram>(text)?;
        let number: u32 = number
            .parse()
            .map_err(|_error| Error::invalid("not a release"))?;
        db.prepare_cached(
            "INSERT INTO form_release(form, release, slug, program) VALUES(?1, ?2, ?3, ?4)
             ON CONFLICT(form, release) DO NOTHING",
        )?
        .execute(params![id, number, form.slug, text])?;
    }
    Ok(())
}

fn forget(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM form_release WHERE form = ?1", params![id])?;
    Ok(())
}

fn list(context: &mut Context<'_>, _input: &Empty) -> Result<Vec<FormSummary>> {
    let mut forms: Vec<FormSummary> = program::latest(context.db)?
        .iter()
        .map(FormProgram::summary)
        .collect();
    forms.sort_by_key(|form| (form.report_type, form.slug.clone()));
    Ok(forms)
}

fn open(context: &mut Context<'_>, input: &FormOpen) -> Result<FormProgram> {
    program::get(context.db, input.form, input.release)
}

fn publish(context: &mut Context<'_>, input: &FormPublish) -> Result<FormPublished> {
    let known = program::latest(context.db)?
        .into_iter()
        .find(|form| form.slug == input.slug);
    let form: Id = match &known {
        Some(known) => known.form.parse()?,
        None => context.new_id(),
    };
    let release = known
        .as_ref()
        .map_or(1, |known| known.release.saturating_add(1));
    let program = crate::form::compile(&input.source, &form.to_string(), release)
        .map_err(|problems| Error::new(Code::Invalid, format!("{problems:?}")))?;
    if program.slug != input.slug {
        return Err(Error::invalid(format!(
            "the form calls itself `{}`",
            program.slug
        )));
    }
    if let Some(known) = known {
        let same = FormProgram {
            release: known.release,
            ..program.clone()
        } == known;
        if same {
            return Ok(FormPublished {
                form,
                release: known.release,
            });
        }
        let text = serde_json::to_string(&program)?;
        context.edit("form", form, |document| {
            document.set(&["releases", &release.to_string()], &json!(text))
        })?;
    } else {
        let text = serde_json::to_string(&program)?;
        let body = json!({ "slug": program.slug, "releases": { (release.to_string()): text } });
        context.create("form", form, &body)?;
    }
    Ok(FormPublished { form, release })
}
