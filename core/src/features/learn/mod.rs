//! Learning: capsules being written, published, assigned, taken and remembered.
//!
//! - `module`: a capsule being written, with the list of its releases: leads;
//! - `release`: one immutable published version; its content is a pack in the blob store;
//! - `assignment`: who should take it, until when;
//! - `progress`: a person's attempts of a year, seen by those in charge of their site;
//! - `memory`: a person's review log of a year, theirs alone.
//!
//! An attempt stays on the release it was begun with. A person may have several `progress` and
//! `memory` documents a year (one per device that began offline): everything in them is keyed by
//! its own id, so reading them together is their merge.

mod attempt;
mod document;
mod model;
mod review;
mod studio;
mod table;
#[cfg(test)]
mod tests;
mod tick;

use crate::account::Empty;
use crate::command;
use crate::command::Access;
use crate::feature::{Feature, Keeping, Kind, no_blobs, plain};

/// The feature.
pub const FEATURE: Feature = Feature {
    name: "learn",
    kinds: &[
        Kind {
            name: "module",
            topic: "studio",
            judge: document::judge_module,
            scopes: document::scopes_of_module,
            index: table::index_module,
            forget: table::forget_module,
            blobs: no_blobs,
            eager_blobs: false,
            title: document::title,
            tell: plain,
            keeping: Keeping::ALWAYS,
        },
        Kind {
            name: "release",
            topic: "learn",
            judge: document::judge_release,
            scopes: document::scopes_of_audience,
            index: table::index_release,
            forget: table::forget_release,
            blobs: document::blobs,
            eager_blobs: true,
            title: document::title,
            tell: plain,
            keeping: Keeping::ALWAYS,
        },
        Kind {
            name: "assignment",
            topic: "learn",
            judge: document::judge_assignment,
            scopes: document::scopes_of_audience,
            index: table::index_assignment,
            forget: table::forget_assignment,
            blobs: no_blobs,
            eager_blobs: false,
            title: document::title,
            tell: plain,
            keeping: Keeping::ALWAYS,
        },
        Kind {
            name: "progress",
            topic: "learn",
            judge: document::judge_progress,
            scopes: document::scopes_of_progress,
            index: table::index_progress,
            forget: table::forget_progress,
            blobs: no_blobs,
            eager_blobs: false,
            title: document::title,
            tell: plain,
            keeping: Keeping::PERSONAL,
        },
        Kind {
            name: "memory",
            topic: "learn",
            judge: document::judge_memory,
            scopes: document::scopes_of_memory,
            index: table::index_memory,
            forget: table::forget_memory,
            blobs: no_blobs,
            eager_blobs: false,
            title: document::title,
            tell: plain,
            keeping: Keeping::PERSONAL,
        },
    ],
    migrations: &[table::MIGRATION],
    tables: &[
        "module",
        "release",
        "assignment",
        "attempt",
        "received",
        "review",
    ],
    commands: &[
        command!("learn.list", Access::Anyone, attempt::list, Empty => Vec<model::CapsuleRow>),
        command!("learn.open", Access::Anyone, attempt::open, model::LearnOpen => model::LearnOpened),
        command!("learn.save", Access::Anyone, attempt::save, model::LearnSave => Empty),
        command!("learn.finish", Access::Anyone, attempt::finish, model::LearnSave => model::LearnFinished),
        command!("learn.due", Access::Anyone, review::due, Empty => model::LearnDue),
        command!("learn.review", Access::Anyone, review::review, model::LearnReview => model::LearnReviewed),
        command!("studio.list", Access::Lead, studio::list, Empty => Vec<model::ModuleRow>),
        command!("studio.create", Access::Lead, studio::create, model::StudioCreate => model::StudioId),
        command!("studio.open", Access::Lead, studio::open, model::StudioId => model::ModuleView),
        command!("studio.save", Access::Lead, studio::save, model::StudioSave => Empty),
        command!("studio.check", Access::Lead, studio::check, model::StudioCheck => model::StudioChecked),
        command!("studio.publish", Access::Lead, studio::publish, model::StudioPublish => model::StudioPublished),
        command!("studio.assign", Access::Lead, studio::assign, model::StudioAssign => Empty),
        command!("studio.withdraw", Access::Lead, studio::withdraw, model::StudioId => Empty),
        command!("studio.import", Access::Lead, studio::import, model::StudioImport => model::StudioImported),
        command!("studio.reach", Access::Lead, studio::reach, model::StudioId => model::StudioReach),
    ],
    tick: Some(tick::tick),
};
