//! What happens by itself: a device notes which releases it holds for its person, so that a lead
//! can tell "not yet on their phone" from "not yet opened".

use serde_json::json;

use super::attempt::{for_me, progress};
use super::table;
use crate::context::Context;
use crate::error::Result;

/// Notes releases whose pack has arrived. Idempotent.
pub(super) fn tick(context: &mut Context<'_>) -> Result<()> {
    if context.seat.system || !context.seat.takes_part() {
        return Ok(());
    }
    let me = context.seat.person;
    let mut new = Vec::new();
    for release in table::standing(context.db)? {
        let mine = release.ready && for_me(context, &release);
        if mine && table::received(context.db, release.id, me)?.is_none() {
            new.push(release.id.to_string());
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let document = progress(context)?;
    let now = context.moment.ms;
    context.edit("progress", document, |document| {
        new.iter()
            .try_for_each(|release| document.set(&["received", release], &json!(now)))
    })
}
