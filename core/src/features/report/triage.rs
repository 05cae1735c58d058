//! Triage: each of these adds one act and changes nothing else.

use serde_json::{Map, Value, json};

use super::document::{ReportDocument, WORDS_MAX};
use super::model::{
    ReportAssign, ReportClose, ReportComment, ReportId, ReportLink, ReportReopen, ReportSeverity,
};
use crate::account::Empty;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::id::Id;

/// Somebody in charge opened it: once per person. Nothing for others.
pub(super) fn read(context: &mut Context<'_>, input: &ReportId) -> Result<Empty> {
    let report: ReportDocument = context.read("report", input.id)?;
    let me = context.seat.person;
    let again = report
        .acts
        .values()
        .any(|act| act.verb == "read" && act.by == Some(me));
    if again || !context.seat.triages(report.site) || mine(context, input.id)? {
        return Ok(Empty {});
    }
    act(context, input.id, "read", Map::new())
}

/// Sets the severity, knowing the present one.
pub(super) fn severity(context: &mut Context<'_>, input: &ReportSeverity) -> Result<Empty> {
    let mut more = Map::new();
    more.insert("severity".to_owned(), json!(input.severity));
    more.insert("text".to_owned(), json!(short(&input.reason)?));
    act(context, input.id, "severity", more)
}

/// Puts a person in charge, or takes them off.
pub(super) fn assign(context: &mut Context<'_>, input: &ReportAssign) -> Result<Empty> {
    if crate::person::table::person_name(context.db, input.person)?.is_none() {
        return Err(Error::not_found(format!("no person `{}`", input.person)));
    }
    let verb = if input.assigned { "assign" } else { "unassign" };
    act(context, input.id, verb, one("person", json!(input.person)))
}

/// Comments. The author does so unnamed: the report never names them.
pub(super) fn comment(context: &mut Context<'_>, input: &ReportComment) -> Result<Empty> {
    let more = one("text", json!(words(&input.text)?));
    let named = !mine(context, input.id)?;
    context.act("report", input.id, "comment", more, named)?;
    Ok(Empty {})
}

/// Links an action.
pub(super) fn link(context: &mut Context<'_>, input: &ReportLink) -> Result<Empty> {
    act(
        context,
        input.id,
        "link",
        one("action", json!(input.action)),
    )
}

/// Takes it in charge.
pub(super) fn take(context: &mut Context<'_>, input: &ReportId) -> Result<Empty> {
    let me = json!(context.seat.person);
    act(context, input.id, "take", Map::new())?;
    act(context, input.id, "assign", one("person", me))
}

/// Closes, with an answer to the author.
pub(super) fn close(context: &mut Context<'_>, input: &ReportClose) -> Result<Empty> {
    let mut more = one("text", json!(words(&input.answer)?));
    more.insert("outcome".to_owned(), json!(input.outcome));
    act(context, input.id, "close", more)
}

/// Opens again.
pub(super) fn reopen(context: &mut Context<'_>, input: &ReportReopen) -> Result<Empty> {
    act(
        context,
        input.id,
        "reopen",
        one("text", json!(words(&input.reason)?)),
    )
}

fn act(context: &mut Context<'_>, id: Id, verb: &str, more: Map<String, Value>) -> Result<Empty> {
    context.act("report", id, verb, more, true)?;
    Ok(Empty {})
}

fn mine(context: &Context<'_>, report: Id) -> Result<bool> {
    Ok(super::table::reporter(context.db, report)? == Some(context.seat.person))
}

fn one(key: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(key.to_owned(), value)])
}

/// Words that must say something.
fn words(text: &str) -> Result<String> {
    let text = short(text)?;
    if text.is_empty() {
        return Err(Error::invalid("nothing was written"));
    }
    Ok(text)
}

fn short(text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > WORDS_MAX {
        return Err(Error::new(
            Code::TooLarge,
            format!("more than {WORDS_MAX} characters"),
        ));
    }
    Ok(text.to_owned())
}
