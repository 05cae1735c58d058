//! The doors into actions.

use serde_json::{Map, json};

use super::document::WORDS_MAX;
use super::model::{ActionCreate, ActionDone, ActionFilter, ActionId, ActionReopen, ActionRow};
use super::table;
use crate::account::Empty;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::id::Id;

/// Decides an action.
pub(super) fn create(context: &mut Context<'_>, input: &ActionCreate) -> Result<ActionId> {
    let id = context.new_id();
    let title = words(&input.title, 200)?;
    if input.details.chars().count() > WORDS_MAX {
        return Err(Error::new(
            Code::TooLarge,
            format!("more than {WORDS_MAX} characters"),
        ));
    }
    crate::moment::parse_day(&input.due_on)?;
    let body = json!({
        "title": title, "details": input.details.trim(), "report": input.report,
        "site": input.site, "owner": input.owner, "due_on": input.due_on,
        "created_at": context.moment.ms, "acts": {},
    });
    context.create("action", id, &body)?;
    Ok(ActionId { id })
}

/// Actions found.
pub(super) fn list(context: &mut Context<'_>, input: &ActionFilter) -> Result<Vec<ActionRow>> {
    table::find(
        context.db,
        context.seat.person,
        &context.moment.day(),
        input,
    )
}

/// Done, with evidence.
pub(super) fn done(context: &mut Context<'_>, input: &ActionDone) -> Result<Empty> {
    act(
        context,
        input.id,
        "done",
        &words(&input.evidence, WORDS_MAX)?,
    )
}

/// To do again.
pub(super) fn reopen(context: &mut Context<'_>, input: &ActionReopen) -> Result<Empty> {
    act(
        context,
        input.id,
        "reopen",
        &words(&input.reason, WORDS_MAX)?,
    )
}

fn act(context: &mut Context<'_>, id: Id, verb: &str, text: &str) -> Result<Empty> {
    let more = Map::from_iter([("text".to_owned(), json!(text))]);
    context.act("action", id, verb, more, true)?;
    Ok(Empty {})
}

fn words(text: &str, max: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("nothing was written"));
    }
    if text.chars().count() > max {
        return Err(Error::new(
            Code::TooLarge,
            format!("more than {max} characters"),
        ));
    }
    Ok(text.to_owned())
}
