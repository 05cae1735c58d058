//! A report's page: what was said, who did what and when, and the receipt.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::document::ReportDocument;
use super::model::{
    ReceiptAttachment, ReceiptView, ReportId, ReportRow, ReportView, SeverityView, TimelineEntry,
    TimelineVerb,
};
use super::{draft, state, table};
use crate::act::Act;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::id::Id;
use crate::person::table::person_name;
use crate::program;
use crate::store::{blob, outbox, setting};
use crate::sync::receipt;

/// Opens a report's page.
pub(super) fn open(context: &mut Context<'_>, input: &ReportId) -> Result<ReportView> {
    let report: ReportDocument = context.read("report", input.id)?;
    let row = table::one(context.db, context.seat.person, input.id)?
        .ok_or_else(|| Error::not_found(format!("no report `{}`", input.id)))?;
    let reporter = table::reporter(context.db, input.id)?;
    let reporter_name = name(context, reporter)?;
    let refusal = outbox::refusal(context.db, input.id)?;
    let triages = context.seat.triages(report.site);
    Ok(ReportView {
        program: program::get(context.db, report.form, Some(report.release))?,
        attachments: draft::attachments(context, &report.photos)?,
        timeline: timeline(context, &report, &row, reporter)?,
        receipt: receipt(context, input.id)?,
        severities: severities(context, &report)?,
        may_triage: triages,
        may_comment: triages || row.mine,
        refusal,
        reporter,
        reporter_name,
        answers: report.answers,
        row,
    })
}

fn name(context: &Context<'_>, person: Option<Id>) -> Result<Option<String>> {
    person.map_or(Ok(None), |person| person_name(context.db, person))
}

fn severities(context: &Context<'_>, report: &ReportDocument) -> Result<Vec<SeverityView>> {
    let mut list = Vec::new();
    for (act, value) in state::fold(report.severity, &report.acts).severities {
        let act = act.and_then(|id| report.acts.get(&id));
        list.push(SeverityView {
            value,
            by_name: name(context, act.and_then(|act| act.by))?,
            at: act.map_or(report.sealed_at, |act| act.at),
        });
    }
    Ok(list)
}

/// The history, in an order that respects who knew what; times are for reading.
fn timeline(
    context: &Context<'_>,
    report: &ReportDocument,
    row: &ReportRow,
    reporter: Option<Id>,
) -> Result<Vec<TimelineEntry>> {
    let author = |verb, at| TimelineEntry {
        id: format!("{verb:?}"),
        at,
        by: reporter,
        by_name: None,
        by_author: true,
        verb,
        text: None,
        severity: None,
        outcome: None,
        person_name: None,
        action: None,
    };
    let mut list = vec![author(TimelineVerb::Sealed, report.sealed_at)];
    if let Some(at) = row.received_at {
        list.push(TimelineEntry {
            by: None,
            by_author: false,
            ..author(TimelineVerb::Received, at)
        });
    }
    for (id, act) in in_order(report) {
        let Some(verb) = verb(act) else { continue };
        list.push(TimelineEntry {
            id: id.to_string(),
            by: act.by.or(reporter),
            by_author: act.by.is_none(),
            text: act
                .text("text")
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
            severity: state::severity_of(act),
            outcome: state::outcome_of(act),
            person_name: name(context, act.id("person"))?,
            action: act.id("action"),
            ..author(verb, act.at)
        });
    }
    for entry in &mut list {
        entry.by_name = name(context, entry.by)?;
    }
    Ok(list)
}

/// Acts after all those that they had seen; among the rest, by time and id.
fn in_order(report: &ReportDocument) -> Vec<(Id, &Act)> {
    let mut left: BTreeMap<(i64, Id), &Act> = report
        .acts
        .iter()
        .map(|(id, act)| ((act.at, *id), act))
        .collect();
    let mut told: Vec<(Id, &Act)> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |act: &Act| {
            act.after
                .iter()
                .any(|seen| left.keys().any(|(_, id)| id == seen))
        };
        let next = left
            .iter()
            .find(|(_, act)| !waits(act))
            .or_else(|| left.iter().next());
        let Some(key) = next.map(|(key, _)| *key) else {
            break;
        };
        if let Some(act) = left.remove(&key) {
            told.push((key.1, act));
        }
    }
    told
}

fn verb(act: &Act) -> Option<TimelineVerb> {
    Some(match act.verb.as_str() {
        "read" => TimelineVerb::Read,
        "severity" => TimelineVerb::Severity,
        "assign" => TimelineVerb::Assigned,
        "unassign" => TimelineVerb::Unassigned,
        "comment" => TimelineVerb::Comment,
        "link" => TimelineVerb::Linked,
        "take" => TimelineVerb::Taken,
        "close" => TimelineVerb::Closed,
        "reopen" => TimelineVerb::Reopened,
        _ => return None,
    })
}

/// The receipt of the sealing, checked again against the server's key.
fn receipt(context: &Context<'_>, report: Id) -> Result<Option<ReceiptView>> {
    let row: Option<(Vec<u8>, Vec<u8>)> = context
        .db
        .prepare_cached(
            "SELECT body, signature FROM receipt WHERE document = ?1 ORDER BY position LIMIT 1",
        )?
        .query_row(params![report], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((body, signature)) = row else {
        return Ok(None);
    };
    let key: Option<Vec<u8>> = setting::get(context.db, "server_key")?;
    let key = key.and_then(|key| <[u8; 32]>::try_from(key).ok());
    let valid = key.is_some_and(|key| receipt::verify(&key, &body, &signature).is_ok());
    let read: crate::sync::message::Receipt = postcard::from_bytes(&body)?;
    let mut attachments = Vec::new();
    for hash in &read.attachments {
        attachments.push(ReceiptAttachment {
            hash: blob::hex(hash),
            received_at: blob::sent_at(context.db, hash)?,
        });
    }
    Ok(Some(ReceiptView {
        received_at: read.received_at,
        position: read.position,
        attachments,
        valid,
    }))
}
