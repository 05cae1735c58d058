//! The directory: sites with their places and teams, people with their roles.
//!
//! Everyone sees it; leads and admins keep it. Other documents hold opaque ids: names live here.

mod commands;
mod document;
mod model;
mod table;
#[cfg(test)]
mod tests;

use crate::command;
use crate::command::Access;
use crate::feature::{Feature, Keeping, Kind, no_blobs, plain};

pub use document::{PersonDocument, SiteDocument};

/// The feature.
pub const FEATURE: Feature = Feature {
    name: "directory",
    kinds: &[
        Kind {
            name: "site",
            topic: "directory",
            judge: document::judge_site,
            scopes: document::scopes,
            index: table::index_site,
            forget: table::forget_site,
            blobs: no_blobs,
            eager_blobs: false,
            title: document::title,
            tell: plain,
            keeping: Keeping::ALWAYS,
        },
        Kind {
            name: "person",
            topic: "directory",
            judge: document::judge_person,
            scopes: document::scopes,
            index: table::index_person,
            forget: table::forget_person,
            blobs: no_blobs,
            eager_blobs: false,
            title: document::title,
            tell: plain,
            keeping: Keeping::ALWAYS,
        },
    ],
    migrations: &[],
    tables: &[],
    commands: &[
        command!("directory.me", Access::Anyone, commands::me, crate::account::Empty => model::DirectoryMe),
        command!("directory.people", Access::Anyone, commands::people, model::DirectoryPeople => Vec<model::PersonView>),
        command!("directory.sites", Access::Anyone, commands::sites, crate::account::Empty => Vec<model::SiteView>),
        command!("directory.save_person", Access::Directory, commands::save_person, model::DirectorySavePerson => model::DirectorySaved),
        command!("directory.save_site", Access::Directory, commands::save_site, model::DirectorySaveSite => model::DirectorySaved),
    ],
    tick: None,
};
