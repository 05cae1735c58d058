//! Actions: what somebody will do, by when, and the evidence that it was done.
//!
//! An action may come from a report (by id). Its owner, the site's managers and the leads see it.

mod commands;
mod document;
mod model;
mod table;
#[cfg(test)]
mod tests;

use crate::account::Empty;
use crate::command;
use crate::command::Access;
use crate::feature::{Feature, Kind, no_blobs, plain};

/// The feature.
pub const FEATURE: Feature = Feature {
    name: "action",
    kinds: &[Kind {
        name: "action",
        topic: "action",
        judge: document::judge,
        scopes: document::scopes,
        index: table::index,
        forget: table::forget,
        blobs: no_blobs,
        eager_blobs: false,
        title: document::title,
        tell: plain,
        keeping: document::KEEPING,
    }],
    migrations: &[table::MIGRATION],
    tables: &["action"],
    commands: &[
        command!("action.create", Access::Triage, commands::create, model::ActionCreate => model::ActionId),
        command!("action.list", Access::Anyone, commands::list, model::ActionFilter => Vec<model::ActionRow>),
        command!("action.done", Access::Member, commands::done, model::ActionDone => Empty),
        command!("action.reopen", Access::Triage, commands::reopen, model::ActionReopen => Empty),
    ],
    tick: None,
};
