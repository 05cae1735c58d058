//! Reports: what people on the floor tell, and what becomes of it.
//!
//! Three kinds of document, because each has another audience:
//! - `draft`: being filled, seen by its author alone, on all their devices;
//! - `report`: sealed. Its answers never change; triage is a growing set of acts ([`crate::act`])
//!   from which severity, status and the rest are folded ([`state`]). It names no author;
//! - `reporter`: who made it. In the report's scope when it is open, in the leads' when it is
//!   confidential.

mod commands;
mod document;
mod draft;
mod model;
mod page;
pub mod state;
mod table;
mod tell;
#[cfg(test)]
mod tests;
mod triage;

use crate::account::Empty;
use crate::command;
use crate::command::Access;
use crate::feature::{Feature, Kind, no_blobs, plain};

/// The feature.
pub const FEATURE: Feature = Feature {
    name: "report",
    kinds: &[
        Kind {
            name: "draft",
            topic: "draft",
            judge: document::judge_draft,
            scopes: document::scopes_of_draft,
            index: table::index_draft,
            forget: table::forget_draft,
            blobs: document::blobs,
            eager_blobs: false,
            title: document::title,
            tell: tell::tell,
            keeping: document::DRAFT,
        },
        Kind {
            name: "report",
            topic: "report",
            judge: document::judge_report,
            scopes: document::scopes_of_report,
            index: table::index_report,
            forget: table::forget_report,
            blobs: document::blobs,
            eager_blobs: false,
            title: document::title,
            tell: tell::tell,
            keeping: document::REPORT,
        },
        Kind {
            name: "reporter",
            topic: "report",
            judge: document::judge_reporter,
            scopes: document::scopes_of_reporter,
            index: table::index_reporter,
            forget: table::forget_reporter,
            blobs: no_blobs,
            eager_blobs: false,
            title: document::title,
            tell: plain,
            keeping: document::REPORTER,
        },
    ],
    migrations: &[table::MIGRATION],
    tables: &[
        "draft",
        "report",
        "report_assignee",
        "report_search",
        "reporter",
    ],
    commands: &[
        command!("draft.start", Access::Member, draft::start, model::DraftStart => model::DraftView),
        command!("draft.save", Access::Member, draft::save, model::DraftSave => Empty),
        command!("draft.announce", Access::Member, draft::announce, model::DraftAnnounce => Empty),
        command!("photo.bring", Access::Member, draft::bring, model::PhotoBring => Empty),
        command!("draft.attach", Access::Member, draft::attach, model::DraftAttach => model::DraftAttached),
        command!("draft.detach", Access::Member, draft::detach, model::DraftDetach => Empty),
        command!("draft.open", Access::Member, draft::open, model::DraftId => model::DraftView),
        command!("draft.list", Access::Anyone, draft::list, Empty => Vec<model::DraftRow>),
        command!("draft.discard", Access::Member, draft::discard, model::DraftId => Empty),
        command!("report.seal", Access::Member, commands::seal, model::ReportSeal => model::ReportSealed),
        command!("report.list", Access::Anyone, commands::list, model::ReportFilter => model::ReportPageList),
        command!("report.counts", Access::Anyone, commands::counts, Empty => model::ReportCounts),
        command!("report.open", Access::Anyone, page::open, model::ReportId => model::ReportView),
        command!("report.read", Access::Anyone, triage::read, model::ReportId => Empty),
        command!("report.severity", Access::Triage, triage::severity, model::ReportSeverity => Empty),
        command!("report.assign", Access::Triage, triage::assign, model::ReportAssign => Empty),
        command!("report.comment", Access::Member, triage::comment, model::ReportComment => Empty),
        command!("report.link", Access::Triage, triage::link, model::ReportLink => Empty),
        command!("report.take", Access::Triage, triage::take, model::ReportId => Empty),
        command!("report.close", Access::Triage, triage::close, model::ReportClose => Empty),
        command!("report.reopen", Access::Triage, triage::reopen, model::ReportReopen => Empty),
    ],
    tick: None,
};
