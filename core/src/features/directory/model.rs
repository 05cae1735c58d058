//! What the screens see of people and sites.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::Id;
use crate::person::Role;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct PersonView {
    /// Their id.
    pub id: Id,
    /// Their name.
    pub name: String,
    /// Their short name, to sign in with.
    pub login: String,
    /// Their roles.
    #[ts(type = "Role[]")]
    pub roles: BTreeSet<Role>,
    /// Their site.
    pub site: Option<Id>,
    /// Their team.
    pub team: Option<String>,
    /// Their trade.
    pub trade: Option<String>,
    /// Their language: `fr` or `en`.
    pub language: String,
    /// Still with the organisation.
    pub active: bool,
}

/// A place of a site: what a report says as "where".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PlaceView {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The workshop or area it lies in.
    pub area: Option<String>,
}

/// A site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct SiteView {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its town.
    pub city: String,
    /// Its teams.
    pub teams: Vec<String>,
    /// Its places, in the order of the site's list.
    pub places: Vec<PlaceView>,
    /// How many people are active there.
    pub people: u32,
}

/// Who I am.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DirectoryMe {
    /// The person.
    pub person: PersonView,
    /// Their site, once it has arrived.
    pub site: Option<SiteView>,
    /// The organisation's name.
    pub org: String,
}

/// Looks for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DirectoryPeople {
    /// Part of a name, or nothing.
    pub query: String,
    /// Of one site, or of all.
    pub site: Option<Id>,
}

/// Adds a person (`id` null) or changes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DirectorySavePerson {
    /// The person; null for a new one.
    pub id: Option<Id>,
    /// Their name.
    pub name: String,
    /// Their short name: lower-case letters, digits, dots, hyphens.
    pub login: String,
    /// Their roles: at least one.
    #[ts(type = "Role[]")]
    pub roles: BTreeSet<Role>,
    /// Their site.
    pub site: Option<Id>,
    /// Their team.
    pub team: Option<String>,
    /// Their trade.
    pub trade: Option<String>,
    /// Their language.
    pub language: String,
    /// Still with the organisation.
    pub active: bool,
}

/// Adds a site (`id` null) or changes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DirectorySaveSite {
    /// The site; null for a new one.
    pub id: Option<Id>,
    /// Its name.
    pub name: String,
    /// Its town.
    pub city: String,
    /// Its teams.
    pub teams: Vec<String>,
    /// Its places.
    pub places: Vec<PlaceView>,
}

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(super) struct DirectorySaved {
    /// Its id.
    pub id: Id,
}

/// A name of one to a hundred characters, without those around it.
#[must_use]
pub(super) fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    let length = text.chars().count();
    ((1..=100).contains(&length) && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// A short name to sign in with.
#[must_use]
pub(super) fn is_login(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
}
