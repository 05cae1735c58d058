//! The shapes of `draft`, `report` and `reporter` documents, and who may write them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::Status;
use super::state;
use crate::act::{Act, Acts, added};
use crate::document::read;
use crate::error::Result;
use crate::feature::{BlobRef, Judgement, Keeping, Origin, Whose};
use crate::form::{Answer, FormProgram, ReportType, Severity};
use crate::id::Id;
use crate::person::{Scope, scope};
use crate::store::blob::{SIZE_MAX, parse_hex};

/// Most photos on one report.
pub(super) const PHOTOS_MAX: usize = 20;
/// Longest comment or answer: characters.
pub(super) const WORDS_MAX: usize = 4000;
/// Pictures that are taken.
pub(super) const PICTURES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// A photo, under its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Photo {
    /// MIME type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// The question it answers.
    pub field: String,
    /// When it was added, by its device: milliseconds.
    pub at: i64,
}

/// A `draft` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct DraftDocument {
    /// The form.
    pub form: Id,
    /// The release it was begun with.
    pub release: u32,
    /// For practice.
    pub practice: bool,
    /// The answers so far.
    pub answers: BTreeMap<String, Answer>,
    /// Photos by hash.
    pub photos: BTreeMap<String, Photo>,
    /// When it was last written, by its device: milliseconds.
    pub updated_at: i64,
    /// The report that it became.
    #[serde(default)]
    pub sealed: Option<Id>,
    /// It was given up.
    #[serde(default)]
    pub discarded: bool,
}

/// A `report` document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReportDocument {
    /// The form.
    pub form: Id,
    /// The release it was filled with.
    pub release: u32,
    /// What it is.
    pub report_type: ReportType,
    /// In a few words.
    pub title: String,
    /// Its site.
    pub site: Id,
    /// Where on the site.
    #[serde(default)]
    pub place: Option<Id>,
    /// Where, in words, when it is not on the site's list.
    #[serde(default)]
    pub place_words: Option<String>,
    /// How bad, as its author judged.
    pub severity: Severity,
    /// The danger is still there.
    pub urgent: bool,
    /// The author's name is for leads only.
    pub confidential: bool,
    /// Of an audit: 0 to 100.
    #[serde(default)]
    pub score: Option<f64>,
    /// When it was sealed, by its device: milliseconds.
    pub sealed_at: i64,
    /// The date of that on its author's wall clock: what the form calls `today()`.
    pub sealed_on: String,
    /// The document that says who made it.
    pub reporter: Id,
    /// The answers.
    pub answers: BTreeMap<String, Answer>,
    /// Photos by hash.
    pub photos: BTreeMap<String, Photo>,
    /// What was done with it.
    pub acts: Acts,
}

/// A `reporter` document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReporterDocument {
    /// The report.
    pub report: Id,
    /// Who made it.
    pub person: Id,
    /// The report's site.
    pub site: Id,
    /// For leads only.
    pub confidential: bool,
}

const DRAFT_FIELDS: [&str; 8] = [
    "form",
    "release",
    "practice",
    "answers",
    "photos",
    "updated_at",
    "sealed",
    "discarded",
];
const REPORT_FIELDS: [&str; 17] = [
    "form",
    "release",
    "report_type",
    "title",
    "site",
    "place",
    "place_words",
    "severity",
    "urgent",
    "confidential",
    "score",
    "sealed_at",
    "sealed_on",
    "reporter",
    "answers",
    "photos",
    "acts",
];

/// Only its author writes a draft.
pub(super) fn judge_draft(judgement: &Judgement<'_>) -> Result<()> {
    judgement.require(
        judgement.seat.takes_part() && judgement.creator == judgement.seat.person,
        "a draft is its author's",
    )?;
    judgement.only_fields(&DRAFT_FIELDS)?;
    judgement.unchanged(&["form", "release", "practice"])?;
    let draft: DraftDocument = read(judgement.after)?;
    check_photos(judgement, &draft.photos)
}

/// A report is sealed whole; afterwards only acts are added.
pub(super) fn judge_report(judgement: &Judgement<'_>) -> Result<()> {
    judgement.only_fields(&REPORT_FIELDS)?;
    let report: ReportDocument = read(judgement.after)?;
    let Some(before) = judgement.before else {
        return judge_sealing(judgement, &report);
    };
    let rest: Vec<&str> = REPORT_FIELDS
        .into_iter()
        .filter(|field| *field != "acts")
        .collect();
    let author = judgement.creator == judgement.seat.person && judgement.seat.takes_part();
    judgement.require(
        author || judgement.seat.triages(report.site),
        "somebody else's report",
    )?;
    judgement.unchanged(&rest)?;
    judgement.only_adds()?;
    let before: ReportDocument = read(before)?;
    // Unnamed acts are the author's: nobody else may add one.
    for (_, act) in added(&before.acts, &report.acts, judgement.seat, author)? {
        judge_act(judgement, &report, &act)?;
    }
    Ok(())
}

fn judge_sealing(judgement: &Judgement<'_>, report: &ReportDocument) -> Result<()> {
    judgement.require(judgement.seat.takes_part(), "guests do not report")?;
    judgement.require(
        report.acts.is_empty(),
        "a report is sealed before it is triaged",
    )?;
    check_photos(judgement, &report.photos)?;
    let site = (judgement.other)(report.site);
    judgement.require(site.is_some_and(|site| site.is("site")), "no such site")?;
    let program = program(judgement, report.form, report.release)?;
    let judged = crate::form::judge(&program, &report.answers, &report.sealed_on);
    judgement.require(judged.complete(), "the answers break the form's rules")?;
    let same = judged.answers == report.answers
        && program.report_type == report.report_type
        && judged.score == report.score;
    judgement.require(same, "the report does not say what its answers say")?;
    let filled = crate::form::filled(&program, &report.answers);
    let (place, place_words) = place_of(&filled);
    judgement.require(
        place == report.place
            && crate::form::title(&program, &report.answers, "fr") == report.title
            && place_words == report.place_words
            && filled.severity == Some(report.severity)
            && filled.confidential == report.confidential
            && filled.urgent == report.urgent,
        "the report does not say what its answers say",
    )
}

/// Where: a place of a site's list, or else words.
pub(super) fn place_of(filled: &crate::form::Filled) -> (Option<Id>, Option<String>) {
    let Some(answer) = &filled.place else {
        return (None, None);
    };
    answer
        .parse()
        .map_or_else(|_words| (None, Some(answer.clone())), |id| (Some(id), None))
}

fn program(judgement: &Judgement<'_>, form: Id, release: u32) -> Result<Arc<FormProgram>> {
    let name = release.to_string();
    let form = (judgement.other)(form).filter(|form| form.is("form"));
    let Some(form) = form else {
        return judgement.refuse("no such form");
    };
    form.part(&name, |form| {
        let text = form
            .get("releases")
            .and_then(|all| all.get(&name)?.as_str());
        match text {
            Some(text) => Ok(serde_json::from_str(text)?),
            None => judgement.refuse("no such release of the form"),
        }
    })
}

fn check_photos(judgement: &Judgement<'_>, photos: &BTreeMap<String, Photo>) -> Result<()> {
    judgement.require(photos.len() <= PHOTOS_MAX, "too many photos")?;
    for (hash, photo) in photos {
        let size = usize::try_from(photo.size).unwrap_or(usize::MAX);
        judgement.require(
            parse_hex(hash).is_ok()
                && size <= SIZE_MAX
                && PICTURES.contains(&photo.media_type.as_str()),
            "not a photo that is taken",
        )?;
    }
    Ok(())
}

fn judge_act(judgement: &Judgement<'_>, report: &ReportDocument, act: &Act) -> Result<()> {
    let triages = judgement.seat.triages(report.site);
    let words = |key: &str| {
        act.text(key)
            .is_some_and(|text| !text.trim().is_empty() && text.chars().count() <= WORDS_MAX)
    };
    if act.by.is_none() {
        return judgement.require(
            act.verb == "comment" && words("text") && act.carries(&["text"]),
            "the author comments, and no more",
        );
    }
    judgement.require(
        triages,
        "only those in charge of the site triage its reports",
    )?;
    let whole = match act.verb.as_str() {
        "read" | "take" => act.carries(&[]),
        "severity" => {
            let reason = act.text("text");
            state::severity_of(act).is_some()
                && reason.is_some_and(|text| text.chars().count() <= WORDS_MAX)
                && act.carries(&["severity", "text"])
        }
        "assign" | "unassign" => act.id("person").is_some() && act.carries(&["person"]),
        "comment" | "reopen" => words("text") && act.carries(&["text"]),
        "link" => act.id("action").is_some() && act.carries(&["action"]),
        "close" => {
            words("text") && state::outcome_of(act).is_some() && act.carries(&["text", "outcome"])
        }
        _ => false,
    };
    judgement.require(whole, "an act that says too little, or nothing known")
}

/// Written once, by the author, for the report that names it.
pub(super) fn judge_reporter(judgement: &Judgement<'_>) -> Result<()> {
    judgement.only_fields(&["report", "person", "site", "confidential"])?;
    judgement.require(
        judgement.before.is_none(),
        "who made a report never changes",
    )?;
    let reporter: ReporterDocument = read(judgement.after)?;
    judgement.require(
        reporter.person == judgement.seat.person,
        "one speaks for oneself",
    )?;
    let Some(other) = (judgement.other)(reporter.report).filter(|other| other.is("report")) else {
        return judgement.refuse("no such report");
    };
    // Those in charge know the id that the report names; its author may not have sent this yet.
    judgement.require(
        other.creator == judgement.seat.person,
        "somebody else's report",
    )?;
    let report: ReportDocument = read(&other.view)?;
    let id = judgement.after.get("id").and_then(Value::as_str);
    judgement.require(
        Some(report.reporter.to_string().as_str()) == id
            && report.confidential == reporter.confidential
            && report.site == reporter.site,
        "the report names another reporter",
    )
}

/// The author's own.
pub(super) fn scopes_of_draft(_view: &Value, origin: &Origin) -> Result<BTreeSet<Scope>> {
    Ok(BTreeSet::from([scope::person(origin.creator)]))
}

/// Those in charge of the site, and the author.
pub(super) fn scopes_of_report(view: &Value, origin: &Origin) -> Result<BTreeSet<Scope>> {
    let report: ReportDocument = read(view)?;
    Ok(BTreeSet::from([
        scope::reports(report.site, origin.year),
        scope::person(origin.creator),
    ]))
}

/// Those who may know the name, and the author.
pub(super) fn scopes_of_reporter(view: &Value, origin: &Origin) -> Result<BTreeSet<Scope>> {
    let reporter: ReporterDocument = read(view)?;
    let others = if reporter.confidential {
        scope::restricted(origin.year)
    } else {
        scope::reports(reporter.site, origin.year)
    };
    Ok(BTreeSet::from([others, scope::person(origin.creator)]))
}

/// The photos of a draft or report.
pub(super) fn blobs(view: &Value) -> Vec<BlobRef> {
    #[derive(Deserialize)]
    struct Photos {
        photos: BTreeMap<String, Photo>,
    }
    let photos = Photos::deserialize(view)
        .map(|photos| photos.photos)
        .unwrap_or_default();
    photos
        .into_iter()
        .filter_map(|(hash, photo)| {
            Some(BlobRef {
                hash: parse_hex(&hash).ok()?,
                media_type: photo.media_type,
                size: photo.size,
            })
        })
        .collect()
}

/// A draft is its author's, and part of the report that it became.
pub(super) const DRAFT: Keeping = Keeping {
    part_of: |view| {
        read::<DraftDocument>(view).map_or_else(none, |draft| draft.sealed.into_iter().collect())
    },
    closed: Some(|view| {
        read::<DraftDocument>(view).is_ok_and(|draft| draft.sealed.is_some() || draft.discarded)
    }),
    ..Keeping::PERSONAL
};

/// A report is the organisation's.
pub(super) const REPORT: Keeping = Keeping {
    closed: Some(|view| {
        read::<ReportDocument>(view)
            .is_ok_and(|report| state::fold(report.severity, &report.acts).status == Status::Closed)
    }),
    ..Keeping::ALWAYS
};

/// Who made it may be forgotten, and the report stays.
pub(super) const REPORTER: Keeping = Keeping {
    whose: Whose::Author,
    part_of: |view| {
        read::<ReporterDocument>(view).map_or_else(none, |reporter| vec![reporter.report])
    },
    ..Keeping::ALWAYS
};

fn none(_unreadable: crate::error::Error) -> Vec<Id> {
    Vec::new()
}

/// A report's title.
pub(super) fn title(view: &Value) -> String {
    view.get("title")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
