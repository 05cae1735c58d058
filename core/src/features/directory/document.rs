//! The shapes of `site` and `person` documents, and who may write them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::{PlaceView, clean, is_login};
use crate::document::read;
use crate::error::Result;
use crate::feature::{Judgement, Origin};
use crate::id::Id;
use crate::person::{Role, Scope, scope};

/// A `site` document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteDocument {
    /// Its name.
    pub name: String,
    /// Its town.
    pub city: String,
    /// Its teams.
    pub teams: Vec<String>,
    /// Its places.
    pub places: Vec<PlaceView>,
}

/// A `person` document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDocument {
    /// Their name.
    pub name: String,
    /// Their short name.
    pub login: String,
    /// Their roles.
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

/// Leads and admins keep sites.
pub(super) fn judge_site(judgement: &Judgement<'_>) -> Result<()> {
    judgement.require(
        judgement.seat.has(&[Role::Lead, Role::Admin]),
        "only leads and admins keep sites",
    )?;
    judgement.only_fields(&["name", "city", "teams", "places"])?;
    let site: SiteDocument = read(judgement.after)?;
    judgement.require(
        clean(&site.name).is_some() && clean(&site.city).is_some(),
        "a site has a name and a town",
    )?;
    judgement.require(
        site.places.len() <= 500 && site.teams.len() <= 100,
        "too many places or teams",
    )?;
    let ids: BTreeSet<Id> = site.places.iter().map(|place| place.id).collect();
    judgement.require(ids.len() == site.places.len(), "a place is listed twice")
}

/// Leads and admins keep people; only an admin keeps admins, and nobody changes their own roles.
pub(super) fn judge_person(judgement: &Judgement<'_>) -> Result<()> {
    judgement.require(
        judgement.seat.has(&[Role::Lead, Role::Admin]),
        "only leads and admins keep people",
    )?;
    judgement.only_fields(&[
        "name", "login", "roles", "site", "team", "trade", "language", "active",
    ])?;
    let person: PersonDocument = read(judgement.after)?;
    judgement.require(
        clean(&person.name).is_some() && is_login(&person.login) && !person.roles.is_empty(),
        "a person has a name, a short name and a role",
    )?;
    let before: Option<PersonDocument> = judgement.before.map(read).transpose()?;
    let admin = |person: &PersonDocument| person.roles.contains(&Role::Admin);
    judgement.require(
        !(admin(&person) || before.as_ref().is_some_and(admin))
            || judgement.seat.has(&[Role::Admin]),
        "only an admin keeps admins",
    )?;
    let own = judgement.after.get("id").and_then(Value::as_str)
        == Some(judgement.seat.person.to_string().as_str());
    judgement.require(
        !own || before.is_some_and(|before| before.roles == person.roles),
        "nobody changes their own roles",
    )
}

/// Everyone in the organisation.
pub(super) fn scopes(_view: &Value, _origin: &Origin) -> Result<BTreeSet<Scope>> {
    Ok(BTreeSet::from([scope::DIRECTORY.to_owned()]))
}

/// The name.
pub(super) fn title(view: &Value) -> String {
    view.get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
