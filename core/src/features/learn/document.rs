//! The shapes of the learning documents, and who may write them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::act::{Acts, added};
use crate::capsule::pack::PACK_BYTES_MAX;
use crate::document::read;
use crate::error::Result;
use crate::feature::{BlobRef, Judgement, Origin};
use crate::form::Wording;
use crate::id::Id;
use crate::moment::parse_day;
use crate::person::{Scope, scope};
use crate::store::blob::parse_hex;

/// Longest source of a capsule in one language: bytes.
pub(super) const SOURCE_MAX: usize = 64 * 1024;

/// A `module` document. `source` holds prose that several leads may write at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ModuleDocument {
    /// Its short name: what forms link to.
    pub slug: String,
    /// The dialect's text, by language.
    pub source: BTreeMap<String, String>,
    /// Pictures: SVG by name.
    pub media: BTreeMap<String, String>,
    /// When it was last written, by that device: milliseconds.
    pub updated_at: i64,
    /// `create`, `edit`, `publish`, `withdraw`.
    pub acts: Acts,
}

/// The pack of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PackRef {
    /// SHA-256 of the pack: 64 hexadecimal digits.
    pub hash: String,
    /// Bytes.
    pub size: u64,
}

/// A `release` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReleaseDocument {
    /// The module.
    pub module: Id,
    /// Its short name.
    pub slug: String,
    /// 1, 2, 3…; the header's `version` is that of the document's shape.
    pub number: u32,
    /// By language.
    pub title: Wording,
    /// By language.
    pub objective: Wording,
    /// One of the dialect's themes.
    pub theme: String,
    /// A lucide icon.
    pub icon: String,
    /// How long it takes.
    pub seconds: u32,
    /// The form it leads to: a short name.
    #[serde(default)]
    pub apply: Option<String>,
    /// Its content.
    pub pack: PackRef,
    /// When, by that device: milliseconds.
    pub published_at: i64,
    /// By whom; nobody for bundled content.
    #[serde(default)]
    pub by: Option<Id>,
    /// For these sites; for all when absent.
    #[serde(default)]
    pub sites: Option<Vec<Id>>,
    /// What changed.
    pub note: String,
    /// Taken back.
    #[serde(default)]
    pub withdrawn: bool,
}

/// An `assignment` document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AssignmentDocument {
    /// The module.
    pub module: Id,
    /// For these sites; for all when absent.
    #[serde(default)]
    pub sites: Option<Vec<Id>>,
    /// Until when: `YYYY-MM-DD`.
    #[serde(default)]
    pub due_on: Option<String>,
    /// Must be taken.
    pub required: bool,
    /// When, by that device: milliseconds.
    pub at: i64,
}

/// An attempt at a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct AttemptRecord {
    /// The module.
    pub module: Id,
    /// The release it stays on.
    pub release: Id,
    /// How far: a card or an item.
    pub step: u32,
    /// What was answered, by item.
    pub answers: BTreeMap<String, Value>,
    /// When, by that device: milliseconds.
    pub started_at: i64,
    /// When it ended.
    #[serde(default)]
    pub finished_at: Option<i64>,
    /// 0 to 100.
    #[serde(default)]
    pub score: Option<u32>,
}

/// A `progress` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ProgressDocument {
    /// Whose.
    pub person: Id,
    /// Their site when it was begun.
    #[serde(default)]
    pub site: Option<Id>,
    /// Of which year.
    pub year: i16,
    /// By id.
    pub attempts: BTreeMap<Id, AttemptRecord>,
    /// Releases whose pack is on a device of theirs: since when, milliseconds.
    pub received: BTreeMap<Id, i64>,
}

/// One recall of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReviewRecord {
    /// The module.
    pub module: Id,
    /// The release whose item it was.
    pub release: Id,
    /// The item.
    pub item: String,
    /// Days since 1970-01-01, on the person's wall clock.
    pub day: i64,
    /// It was right.
    pub correct: bool,
}

/// A `memory` document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MemoryDocument {
    /// Whose.
    pub person: Id,
    /// Of which year.
    pub year: i16,
    /// By id; never changed, only added to.
    pub reviews: BTreeMap<Id, ReviewRecord>,
}

/// Leads write modules.
pub(super) fn judge_module(judgement: &Judgement<'_>) -> Result<()> {
    judgement.require(judgement.seat.leads(), "only leads write capsules")?;
    judgement.only_fields(&["slug", "source", "media", "updated_at", "acts"])?;
    judgement.unchanged(&["slug"])?;
    let module: ModuleDocument = read(judgement.after)?;
    let small = module.source.values().all(|text| text.len() <= SOURCE_MAX)
        && module.source.len() <= 12
        && module.media.len() <= 60;
    judgement.require(small, "a capsule is too large")?;
    let before: Option<ModuleDocument> = judgement.before.map(read).transpose()?;
    let before = before.map(|before| before.acts).unwrap_or_default();
    for (_, act) in added(&before, &module.acts, judgement.seat, judgement.seat.system)? {
        let known = match act.verb.as_str() {
            "create" | "edit" | "withdraw" => act.carries(&[]),
            "publish" => act.id("release").is_some() && act.carries(&["release"]),
            _ => false,
        };
        judgement.require(known, "an act that is not known")?;
    }
    Ok(())
}

/// Leads publish; afterwards a release can only be taken back.
pub(super) fn judge_release(judgement: &Judgement<'_>) -> Result<()> {
    const FIXED: [&str; 14] = [
        "module",
        "slug",
        "number",
        "title",
        "objective",
        "theme",
        "icon",
        "seconds",
        "apply",
        "pack",
        "published_at",
        "by",
        "sites",
        "note",
    ];
    judgement.require(judgement.seat.leads(), "only leads publish")?;
    judgement.only_fields(&[FIXED.as_slice(), &["withdrawn"]].concat())?;
    judgement.unchanged(&FIXED)?;
    judgement.only_adds()?;
    let release: ReleaseDocument = read(judgement.after)?;
    let own = (!judgement.seat.system).then_some(judgement.seat.person);
    let speaks = judgement.before.is_some() || release.by == own;
    judgement.require(speaks, "one publishes in one's own name")?;
    let before: Option<ReleaseDocument> = judgement.before.map(read).transpose()?;
    let stands = before.is_none_or(|before| !before.withdrawn || release.withdrawn);
    judgement.require(stands, "what was taken back stays so")?;
    let size = usize::try_from(release.pack.size).unwrap_or(usize::MAX);
    judgement.require(
        parse_hex(&release.pack.hash).is_ok() && size <= PACK_BYTES_MAX,
        "a release names its pack",
    )?;
    for_some_site(judgement, release.sites.as_deref())
}

/// For all sites, or for one at least: what is for none would lie in no scope.
fn for_some_site(judgement: &Judgement<'_>, sites: Option<&[Id]>) -> Result<()> {
    judgement.require(sites.is_none_or(|sites| !sites.is_empty()), "no site")
}

/// Leads assign; which module, and since when, stays.
pub(super) fn judge_assignment(judgement: &Judgement<'_>) -> Result<()> {
    judgement.require(judgement.seat.leads(), "only leads assign")?;
    judgement.only_fields(&["module", "sites", "due_on", "required", "at"])?;
    judgement.unchanged(&["module", "at"])?;
    let assignment: AssignmentDocument = read(judgement.after)?;
    let dated = assignment
        .due_on
        .as_deref()
        .is_none_or(|day| parse_day(day).is_ok());
    judgement.require(dated, "not a date")?;
    for_some_site(judgement, assignment.sites.as_deref())
}

/// Only the person writes their progress; what was begun stays, and what ended stays ended.
pub(super) fn judge_progress(judgement: &Judgement<'_>) -> Result<()> {
    judgement.only_fields(&["person", "site", "year", "attempts", "received"])?;
    judgement.unchanged(&["person", "site", "year"])?;
    let progress: ProgressDocument = read(judgement.after)?;
    let seat = judgement.seat;
    judgement.require(progress.person == seat.person, "one learns for oneself")?;
    let own_site = judgement.before.is_some() || progress.site == seat.site;
    judgement.require(own_site, "of one's own site")?;
    let before: Option<ProgressDocument> = judgement.before.map(read).transpose()?;
    for (id, attempt) in before.map(|before| before.attempts).unwrap_or_default() {
        let same = progress.attempts.get(&id);
        // A step saved on another device after the end does no harm: it is the person's own record.
        let kept = same.is_some_and(|same| {
            same.release == attempt.release
                && same.module == attempt.module
                && (attempt.finished_at.is_none() || same.finished_at.is_some())
        });
        judgement.require(kept, "what was begun stays, and what ended stays ended")?;
    }
    Ok(())
}

/// Only the person writes their memory; reviews are only added.
pub(super) fn judge_memory(judgement: &Judgement<'_>) -> Result<()> {
    judgement.only_fields(&["person", "year", "reviews"])?;
    judgement.unchanged(&["person", "year"])?;
    judgement.only_adds()?;
    let memory: MemoryDocument = read(judgement.after)?;
    judgement.require(
        memory.person == judgement.seat.person,
        "one remembers for oneself",
    )?;
    let before: Option<MemoryDocument> = judgement.before.map(read).transpose()?;
    for (id, review) in before.map(|before| before.reviews).unwrap_or_default() {
        judgement.require(
            memory.reviews.get(&id) == Some(&review),
            "a review is never changed",
        )?;
    }
    Ok(())
}

/// Leads.
pub(super) fn scopes_of_module(_view: &Value, _origin: &Origin) -> Result<BTreeSet<Scope>> {
    Ok(BTreeSet::from([scope::STUDIO.to_owned()]))
}

/// Those for whom it was published, and leads.
pub(super) fn scopes_of_audience(view: &Value, _origin: &Origin) -> Result<BTreeSet<Scope>> {
    #[derive(Deserialize)]
    struct Audience {
        #[serde(default)]
        sites: Option<Vec<Id>>,
    }
    let audience: Audience = read(view)?;
    Ok(audience.sites.map_or_else(
        || BTreeSet::from([scope::CONTENT.to_owned()]),
        |sites| sites.into_iter().map(scope::content).collect(),
    ))
}

/// The person, and those in charge of their site.
pub(super) fn scopes_of_progress(view: &Value, origin: &Origin) -> Result<BTreeSet<Scope>> {
    let progress: ProgressDocument = read(view)?;
    let mut scopes = BTreeSet::from([scope::person(progress.person)]);
    if let Some(site) = progress.site {
        scopes.insert(scope::progress(site, origin.year));
    }
    Ok(scopes)
}

/// The person alone.
pub(super) fn scopes_of_memory(view: &Value, _origin: &Origin) -> Result<BTreeSet<Scope>> {
    let memory: MemoryDocument = read(view)?;
    Ok(BTreeSet::from([scope::person(memory.person)]))
}

/// The pack of a release.
pub(super) fn blobs(view: &Value) -> Vec<BlobRef> {
    let Ok(release) = read::<ReleaseDocument>(view) else {
        return Vec::new();
    };
    let Ok(hash) = parse_hex(&release.pack.hash) else {
        return Vec::new();
    };
    vec![BlobRef {
        hash,
        media_type: "application/vnd.vigie.pack".to_owned(),
        size: release.pack.size,
    }]
}

/// A title or a short name.
pub(super) fn title(view: &Value) -> String {
    let title = view.get("title").and_then(|title| title.get("fr"));
    title
        .or_else(|| view.get("slug"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
