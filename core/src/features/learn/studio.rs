//! The studio: writing a capsule, publishing it, and seeing how far it has come.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, json};

use super::document::{ModuleDocument, SOURCE_MAX};
use super::model::{
    ModuleEvent, ModuleRow, ModuleView, ReachRow, ReachState, ReachTotals, ReleaseRow,
    StudioAssign, StudioCheck, StudioChecked, StudioCreate, StudioId, StudioImport, StudioImported,
    StudioPublish, StudioPublished, StudioReach, StudioSave,
};
use super::table::{self, Release};
use crate::account::Empty;
use crate::capsule::grade::PASS_PERCENT;
use crate::capsule::lint::{self, Checked};
use crate::capsule::{Capsule, Level, languages, pack};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::person::table::{audience, person_name, site_name};
use crate::program;
use crate::store::blob;

/// The languages that a capsule may be written in.
const LANGUAGES: [&str; 2] = ["fr", "en"];

/// Every module, the latest written first.
pub(super) fn list(context: &mut Context<'_>, _input: &Empty) -> Result<Vec<ModuleRow>> {
    let ids: Vec<Id> = context
        .db
        .prepare_cached("SELECT id FROM module ORDER BY updated_at DESC")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for id in ids {
        let module: ModuleDocument = context.read("module", id)?;
        let latest = table::releases(context.db, id)?
            .into_iter()
            .find(|one| !one.withdrawn);
        let checked = check_all(context, &module)?;
        let problems = checked.values().flat_map(|checked| &checked.problems);
        rows.push(ModuleRow {
            id,
            title: title(&checked).unwrap_or_else(|| module.slug.clone()),
            updated_at: module.updated_at,
            languages: checked.keys().cloned().collect(),
            version: latest.as_ref().map(|release| release.version),
            published_at: latest.as_ref().map(|release| release.published_at),
            sites: latest.and_then(|release| release.sites),
            problems: count(
                problems
                    .filter(|problem| problem.severity == Level::Error)
                    .count(),
            ),
        });
    }
    Ok(rows)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn title(checked: &BTreeMap<String, Checked>) -> Option<String> {
    let capsule = LANGUAGES
        .iter()
        .find_map(|language| checked.get(*language)?.capsule.as_ref());
    capsule
        .map(|capsule| capsule.title.clone())
        .filter(|title| !title.is_empty())
}

/// Checks a module in every language that it is written in.
fn check_all(context: &Context<'_>, module: &ModuleDocument) -> Result<BTreeMap<String, Checked>> {
    let forms = known_forms(context)?;
    let today = context.moment.day();
    Ok(module
        .source
        .iter()
        .filter(|(_, source)| !source.trim().is_empty())
        .map(|(language, source)| {
            let checked = lint::check(source, language, &module.media, Some(&today), &forms);
            (language.clone(), checked)
        })
        .collect())
}

fn known_forms(context: &Context<'_>) -> Result<BTreeSet<String>> {
    Ok(program::latest(context.db)?
        .into_iter()
        .map(|form| form.slug)
        .collect())
}

/// Begins a capsule.
pub(super) fn create(context: &mut Context<'_>, input: &StudioCreate) -> Result<StudioId> {
    if !LANGUAGES.contains(&input.language.as_str()) {
        return Err(Error::invalid(format!("no language `{}`", input.language)));
    }
    if context.exists(input.id)? {
        return Ok(StudioId { id: input.id });
    }
    let text = input.id.to_string();
    let slug = format!("capsule-{}", text.rsplit('-').next().unwrap_or_default());
    let source = BTreeMap::from([(
        input.language.clone(),
        input.source.clone().unwrap_or_default(),
    )]);
    make(context, input.id, &slug, &source, &BTreeMap::new())?;
    Ok(StudioId { id: input.id })
}

/// Makes the module document: an empty text in every language, so that two people who begin the
/// same translation write into one.
fn make(
    context: &mut Context<'_>,
    id: Id,
    slug: &str,
    source: &BTreeMap<String, String>,
    media: &BTreeMap<String, String>,
) -> Result<()> {
    let now = context.moment.ms;
    let body = json!({
        "slug": slug, "source": {}, "media": media, "updated_at": now, "acts": {},
    });
    context.create("module", id, &body)?;
    context.edit("module", id, |document| {
        for language in LANGUAGES {
            let text = source.get(language).map(String::as_str).unwrap_or_default();
            document.make_text(&["source", language], text)?;
        }
        Ok(())
    })?;
    act(context, id, "create", Map::new())
}

fn act(
    context: &mut Context<'_>,
    id: Id,
    verb: &str,
    more: Map<String, serde_json::Value>,
) -> Result<()> {
    let named = !context.seat.system;
    context.act("module", id, verb, more, named)?;
    Ok(())
}

/// A module, whole.
pub(super) fn open(context: &mut Context<'_>, input: &StudioId) -> Result<ModuleView> {
    let module: ModuleDocument = context.read("module", input.id)?;
    let mut releases = Vec::new();
    let mut until = i64::MAX;
    for release in table::releases(context.db, input.id)? {
        let published_at = release.published_at;
        releases.push(release_row(context, release, until)?);
        until = published_at;
    }
    let mut history = Vec::new();
    for act in module.acts.values().rev() {
        let by_name = act
            .by
            .map_or(Ok(None), |person| person_name(context.db, person))?;
        history.push(ModuleEvent {
            at: act.at,
            by_name,
            what: act.verb.clone(),
        });
    }
    Ok(ModuleView {
        id: input.id,
        source: module
            .source
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect(),
        media: module.media,
        releases,
        updated_at: module.updated_at,
        may_edit: context.seat.leads(),
        history,
    })
}

/// A release, which was the latest until then.
fn release_row(context: &Context<'_>, release: Release, until: i64) -> Result<ReleaseRow> {
    let site = release
        .sites
        .as_ref()
        .and_then(|sites| sites.first())
        .copied();
    let asked = table::assignment(context.db, release.module, site, until)?;
    Ok(ReleaseRow {
        id: release.id,
        version: release.version,
        published_at: release.published_at,
        by_name: release
            .author
            .map_or(Ok(None), |person| person_name(context.db, person))?,
        sites: release.sites,
        required: asked.as_ref().is_some_and(|(_, required, _)| *required),
        due_on: asked.and_then(|(due_on, _, _)| due_on),
        note: release.note,
        withdrawn: release.withdrawn,
    })
}

/// Saves the text in one language, by the smallest edit.
pub(super) fn save(context: &mut Context<'_>, input: &StudioSave) -> Result<Empty> {
    if !LANGUAGES.contains(&input.language.as_str()) {
        return Err(Error::invalid(format!("no language `{}`", input.language)));
    }
    if input.source.len() > SOURCE_MAX {
        return Err(Error::new(Code::TooLarge, "a capsule of more than 64 KiB"));
    }
    let module: ModuleDocument = context.read("module", input.id)?;
    if module.source.get(&input.language) == Some(&input.source) {
        return Ok(Empty {});
    }
    let now = context.moment.ms;
    context.edit("module", input.id, |document| {
        document.set_text(&["source", &input.language], &input.source)?;
        document.set(&["updated_at"], &json!(now))
    })?;
    // One line of history per person and hour is enough to see who wrote when.
    let me = Some(context.seat.person);
    let lately = module
        .acts
        .values()
        .any(|act| act.by == me && act.verb == "edit" && now.saturating_sub(act.at) < 3_600_000);
    if !lately {
        act(context, input.id, "edit", Map::new())?;
    }
    Ok(Empty {})
}

/// Reads a text without saving it.
pub(super) fn check(context: &mut Context<'_>, input: &StudioCheck) -> Result<StudioChecked> {
    if input.source.len() > SOURCE_MAX {
        return Err(Error::new(Code::TooLarge, "a capsule of more than 64 KiB"));
    }
    let media = match &input.slug {
        Some(slug) => media_of(context, slug)?,
        None => BTreeMap::new(),
    };
    let today = context.moment.day();
    let forms = known_forms(context)?;
    let checked = lint::check(&input.source, &input.language, &media, Some(&today), &forms);
    Ok(StudioChecked {
        capsule: checked.capsule,
        problems: checked.problems,
    })
}

/// The pictures of the module with this short name or id.
fn media_of(context: &Context<'_>, slug: &str) -> Result<BTreeMap<String, String>> {
    let id = match slug.parse::<Id>() {
        Ok(id) => Some(id),
        Err(_) => by_slug(context, slug)?,
    };
    let Some(id) = id.filter(|id| context.exists(*id).unwrap_or(false)) else {
        return Ok(BTreeMap::new());
    };
    Ok(context.read::<ModuleDocument>("module", id)?.media)
}

fn by_slug(context: &Context<'_>, slug: &str) -> Result<Option<Id>> {
    Ok(context
        .db
        .query_row(
            "SELECT id FROM module WHERE slug = ?1 ORDER BY id",
            params![slug],
            |row| row.get(0),
        )
        .optional()?)
}

/// The capsule in every language, or why it cannot be published.
fn publishable(
    context: &Context<'_>,
    module: &ModuleDocument,
) -> Result<BTreeMap<String, Capsule>> {
    let mut capsules = BTreeMap::new();
    for (language, checked) in check_all(context, module)? {
        let Some(mut capsule) = checked.publishable() else {
            return Err(Error::new(
                Code::CapsuleProblems,
                format!("problems in `{language}`"),
            ));
        };
        capsule.slug.clone_from(&module.slug);
        capsules.insert(language, capsule);
    }
    let differ = languages::check_languages(&capsules);
    if capsules.is_empty()
        || differ
            .iter()
            .any(|problem| problem.severity == Level::Error)
    {
        return Err(Error::new(
            Code::CapsuleProblems,
            "the languages differ, or there is none",
        ));
    }
    Ok(capsules)
}

/// Publishes a module as it is: an immutable release and, where it asks for something else than was asked
/// last, an assignment. What is asked as before is not asked anew: who has done it has done it.
pub(super) fn publish(context: &mut Context<'_>, input: &StudioPublish) -> Result<StudioPublished> {
    let published = put_out(context, input)?;
    let ask = StudioAssign {
        id: input.id,
        sites: input.sites.clone(),
        due_on: input.due_on.clone(),
        required: input.required,
    };
    let new = match table::last_ask(context.db, input.id)? {
        Some(before) => before != ask,
        None => ask.required || ask.due_on.is_some(),
    };
    if new {
        assign(context, &ask)?;
    }
    Ok(published)
}

/// A release; what is asked of whom stays as it is.
fn put_out(context: &mut Context<'_>, input: &StudioPublish) -> Result<StudioPublished> {
    let module: ModuleDocument = context.read("module", input.id)?;
    let capsules = publishable(context, &module)?;
    some_site(input.sites.as_deref())?;
    let (release, version) = release(context, input, &module, &capsules)?;
    let more = Map::from_iter([("release".to_owned(), json!(release))]);
    act(context, input.id, "publish", more)?;
    let (people, sites) = audience(context.db, input.sites.as_deref())?;
    Ok(StudioPublished {
        release,
        version,
        people,
        sites,
    })
}

/// Asks people to take a module, without publishing it again.
pub(super) fn assign(context: &mut Context<'_>, input: &StudioAssign) -> Result<Empty> {
    some_site(input.sites.as_deref())?;
    if table::releases(context.db, input.id)?
        .iter()
        .all(|release| release.withdrawn)
    {
        return Err(Error::not_found("nothing is published"));
    }
    let id = context.new_id();
    let body = json!({
        "module": input.id, "sites": input.sites, "due_on": input.due_on,
        "required": input.required, "at": context.moment.ms,
    });
    context.create("assignment", id, &body)?;
    Ok(Empty {})
}

/// For all sites, or for one at least.
fn some_site(sites: Option<&[Id]>) -> Result<()> {
    if sites.is_some_and(<[Id]>::is_empty) {
        return Err(Error::invalid("no site was chosen"));
    }
    Ok(())
}

fn release(
    context: &mut Context<'_>,
    input: &StudioPublish,
    module: &ModuleDocument,
    capsules: &BTreeMap<String, Capsule>,
) -> Result<(Id, u32)> {
    let bytes = pack::pack(capsules);
    let hash = blob::keep(
        context.db,
        "application/vnd.vigie.pack",
        &bytes,
        context.moment.ms,
    )?;
    let latest = table::releases(context.db, input.id)?
        .first()
        .map_or(0, |one| one.version);
    let version = latest.saturating_add(1);
    let first = capsules.get("fr").or_else(|| capsules.values().next());
    let first = first.ok_or_else(|| Error::unexpected("no language"))?;
    let by = (!context.seat.system).then_some(context.seat.person);
    let words = |pick: fn(&Capsule) -> &String| -> BTreeMap<&String, &String> {
        capsules
            .iter()
            .map(|(language, capsule)| (language, pick(capsule)))
            .collect()
    };
    let id = context.new_id();
    let body = json!({
        "module": input.id, "slug": module.slug, "number": version,
        "title": words(|capsule| &capsule.title),
        "objective": words(|capsule| &capsule.objective),
        "theme": first.theme, "icon": first.icon, "apply": first.apply,
        "seconds": capsules.values().map(|capsule| capsule.seconds).max(),
        "pack": { "hash": blob::hex(&hash), "size": bytes.len() },
        "published_at": context.moment.ms, "by": by, "sites": input.sites, "note": input.note.trim(),
    });
    context.create("release", id, &body)?;
    Ok((id, version))
}

/// Takes the latest release back.
pub(super) fn withdraw(context: &mut Context<'_>, input: &StudioId) -> Result<Empty> {
    let latest = table::releases(context.db, input.id)?
        .into_iter()
        .find(|one| !one.withdrawn);
    let latest = latest.ok_or_else(|| Error::not_found("nothing is published"))?;
    context.edit("release", latest.id, |document| {
        document.set(&["withdrawn"], &json!(true))
    })?;
    act(context, input.id, "withdraw", Map::new())?;
    Ok(Empty {})
}

/// Takes in a capsule from its folder; publishes it when its content differs from the last release.
pub(super) fn import(context: &mut Context<'_>, input: &StudioImport) -> Result<StudioImported> {
    let id = match by_slug(context, &input.slug)? {
        Some(id) => {
            rewrite(context, id, input)?;
            id
        }
        None => {
            let id = context.new_id();
            make(context, id, &input.slug, &input.source, &input.media)?;
            id
        }
    };
    let module: ModuleDocument = context.read("module", id)?;
    let hash = blob::hash(&pack::pack(&publishable(context, &module)?));
    let latest = table::releases(context.db, id)?.into_iter().next();
    if let Some(latest) = latest.filter(|latest| latest.pack == hash) {
        return Ok(StudioImported {
            id,
            version: latest.version,
            published: false,
        });
    }
    let all = StudioPublish {
        id,
        sites: None,
        due_on: None,
        required: false,
        note: String::new(),
    };
    let published = put_out(context, &all)?;
    Ok(StudioImported {
        id,
        version: published.version,
        published: true,
    })
}

fn rewrite(context: &mut Context<'_>, id: Id, input: &StudioImport) -> Result<()> {
    let module: ModuleDocument = context.read("module", id)?;
    context.edit("module", id, |document| {
        for (language, source) in &input.source {
            if module.source.get(language) != Some(source) {
                document.set_text(&["source", language], source)?;
            }
        }
        for (name, svg) in &input.media {
            if module.media.get(name) != Some(svg) {
                document.set(&["media", name], &json!(svg))?;
            }
        }
        Ok(())
    })
}

/// Who received, opened, finished, passed.
pub(super) fn reach(context: &mut Context<'_>, input: &StudioId) -> Result<StudioReach> {
    let releases = table::releases(context.db, input.id)?;
    let Some(latest) = releases.iter().find(|release| !release.withdrawn) else {
        return Ok(StudioReach {
            rows: Vec::new(),
            totals: ReachTotals::default(),
        });
    };
    let mut statement = context
        .db
        .prepare_cached("SELECT id, name, site FROM person WHERE active ORDER BY site, name")?;
    let people: Vec<(Id, String, Option<Id>)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    let mut totals = ReachTotals::default();
    for (person, name, site) in people {
        let reached = latest
            .sites
            .as_ref()
            .is_none_or(|sites| site.is_some_and(|site| sites.contains(&site)));
        if reached {
            let mut row = reach_of(context, input.id, &releases, person)?;
            (row.name, row.site) = (name, site);
            row.site_name = site.map_or(Ok(None), |site| site_name(context.db, site))?;
            tally(&mut totals, row.state);
            rows.push(row);
        }
    }
    Ok(StudioReach { rows, totals })
}

fn tally(totals: &mut ReachTotals, state: ReachState) {
    let slot = match state {
        ReachState::Waiting => &mut totals.waiting,
        ReachState::Received => &mut totals.received,
        ReachState::Opened => &mut totals.opened,
        ReachState::Finished => &mut totals.finished,
        ReachState::Passed => &mut totals.passed,
    };
    *slot = slot.saturating_add(1);
}

fn reach_of(
    context: &Context<'_>,
    module: Id,
    releases: &[Release],
    person: Id,
) -> Result<ReachRow> {
    let version = |id: Id| {
        releases
            .iter()
            .find(|one| one.id == id)
            .map(|one| one.version)
    };
    let mut row = ReachRow {
        person,
        name: String::new(),
        site: None,
        site_name: None,
        state: ReachState::Waiting,
        version: None,
        score: None,
        at: None,
    };
    for release in releases.iter().rev() {
        if let Some(at) = table::received(context.db, release.id, person)? {
            row.state = ReachState::Received;
            (row.at, row.version) = (Some(at), Some(release.version));
        }
    }
    for attempt in table::attempts(context.db, module, person)? {
        let state = match (attempt.finished_at, attempt.score) {
            (Some(_), Some(score)) if score >= PASS_PERCENT => ReachState::Passed,
            (Some(_), _) => ReachState::Finished,
            (None, _) => ReachState::Opened,
        };
        if state > row.state {
            row.state = state;
            row.version = version(attempt.release);
            row.score = attempt.score;
            row.at = attempt.finished_at.or(Some(attempt.started_at));
        }
    }
    Ok(row)
}
