//! Sealing a draft, and finding reports.

use serde_json::json;

use super::document::{DraftDocument, place_of};
use super::model::{ReportCounts, ReportFilter, ReportPageList, ReportSeal, ReportSealed};
use super::{draft, table};
use crate::account::Empty;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::form::{Answers, FormProgram, filled};
use crate::id::Id;

/// Seals a draft. In one transaction: the report, who made it, the draft's end.
pub(super) fn seal(context: &mut Context<'_>, input: &ReportSeal) -> Result<ReportSealed> {
    let before: DraftDocument = context.read("draft", input.draft)?;
    if let Some(report) = before.sealed {
        return Ok(ReportSealed {
            report,
            practice: before.practice,
        });
    }
    let (draft, program) = draft::read(context, input.draft)?;
    let today = context.moment.day();
    let judged = crate::form::judge(&program, &draft::answers(&draft, &program), &today);
    if !judged.complete() {
        let fields: Vec<&str> = judged
            .problems
            .iter()
            .map(|problem| problem.field.as_str())
            .collect();
        return Err(Error::new(Code::FormIncomplete, fields.join(" ")));
    }
    if !draft.practice {
        write(
            context,
            input.report,
            &draft,
            &program,
            &judged.answers,
            judged.score,
        )?;
    }
    context.edit("draft", input.draft, |document| {
        document.set(&["sealed"], &json!(input.report))
    })?;
    Ok(ReportSealed {
        report: input.report,
        practice: draft.practice,
    })
}

fn write(
    context: &mut Context<'_>,
    id: Id,
    draft: &DraftDocument,
    program: &FormProgram,
    answers: &Answers,
    score: Option<f64>,
) -> Result<()> {
    let filled = filled(program, answers);
    let (place, place_words) = place_of(&filled);
    let site = site(context, place)?;
    let reporter = context.new_id();
    context.create(
        "report",
        id,
        &json!({
            "form": draft.form, "release": draft.release, "report_type": program.report_type,
            "title": crate::form::title(program, answers, "fr"),
            "site": site, "place": place, "place_words": place_words, "severity": filled.severity,
            "urgent": filled.urgent, "confidential": filled.confidential, "score": score,
            "sealed_at": context.moment.ms, "sealed_on": context.moment.day(),
            "reporter": reporter, "answers": answers, "photos": draft.photos, "acts": {},
        }),
    )?;
    let body = json!({
        "report": id, "person": context.seat.person, "site": site,
        "confidential": filled.confidential,
    });
    context.create_beside(id, "reporter", reporter, &body)
}

/// The site of the place, or the person's own.
fn site(context: &Context<'_>, place: Option<Id>) -> Result<Id> {
    use rusqlite::OptionalExtension;
    if let Some(place) = place {
        let site = context
            .db
            .query_row("SELECT site FROM place WHERE id = ?1", [place], |row| {
                row.get(0)
            })
            .optional()?;
        if let Some(site) = site {
            return Ok(site);
        }
    }
    context
        .seat
        .site
        .ok_or_else(|| Error::new(Code::FormIncomplete, "no site"))
}

/// Reports found.
pub(super) fn list(context: &mut Context<'_>, input: &ReportFilter) -> Result<ReportPageList> {
    let (rows, total) = table::find(context.db, context.seat.person, input)?;
    Ok(ReportPageList { rows, total })
}

/// What waits for those in charge.
pub(super) fn counts(context: &mut Context<'_>, _input: &Empty) -> Result<ReportCounts> {
    table::counts(context.db)
}
