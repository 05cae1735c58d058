//! The doors into the directory.

use serde_json::{Value, json};

use super::model::{
    DirectoryMe, DirectoryPeople, DirectorySavePerson, DirectorySaveSite, DirectorySaved,
    PersonView, SiteView, clean, is_login,
};
use super::table;
use crate::account::Empty;
use crate::context::Context;
use crate::document::Document;
use crate::error::{Error, Result};
use crate::store::setting;

/// Who I am. Known from enrolment until the directory has arrived.
pub(super) fn me(context: &mut Context<'_>, _input: &Empty) -> Result<DirectoryMe> {
    let seat = &context.seat;
    let person = table::person(context.db, seat.person)?.unwrap_or_else(|| PersonView {
        id: seat.person,
        name: String::new(),
        login: String::new(),
        roles: seat.roles.clone(),
        site: seat.site,
        team: None,
        trade: None,
        language: "fr".to_owned(),
        active: true,
    });
    let site = match person.site {
        Some(site) => table::sites(context.db, Some(site))?.into_iter().next(),
        None => None,
    };
    let enrolment: Option<crate::device::Enrolment> = setting::get(context.db, "enrolment")?;
    Ok(DirectoryMe {
        person,
        site,
        org: enrolment.map(|enrolment| enrolment.org).unwrap_or_default(),
    })
}

/// People by name.
pub(super) fn people(
    context: &mut Context<'_>,
    input: &DirectoryPeople,
) -> Result<Vec<PersonView>> {
    table::people(context.db, &input.query, input.site)
}

/// Sites with their places.
pub(super) fn sites(context: &mut Context<'_>, _input: &Empty) -> Result<Vec<SiteView>> {
    table::sites(context.db, None)
}

/// Adds or changes a person.
pub(super) fn save_person(
    context: &mut Context<'_>,
    input: &DirectorySavePerson,
) -> Result<DirectorySaved> {
    let name = clean(&input.name).ok_or_else(|| Error::invalid("a person has a name"))?;
    if !is_login(&input.login) {
        return Err(Error::invalid(format!(
            "not a short name: `{}`",
            input.login
        )));
    }
    let taken = table::people(context.db, "", None)?
        .into_iter()
        .any(|person| person.login == input.login && Some(person.id) != input.id);
    if taken {
        return Err(Error::invalid(format!(
            "the short name `{}` is taken",
            input.login
        )));
    }
    let body = json!({
        "name": name,
        "login": input.login,
        "roles": input.roles,
        "site": input.site,
        "team": input.team.as_deref().and_then(clean),
        "trade": input.trade.as_deref().and_then(clean),
        "language": input.language,
        "active": input.active,
    });
    save(context, "person", input.id, &body)
}

/// Adds or changes a site.
pub(super) fn save_site(
    context: &mut Context<'_>,
    input: &DirectorySaveSite,
) -> Result<DirectorySaved> {
    let name = clean(&input.name).ok_or_else(|| Error::invalid("a site has a name"))?;
    let city = clean(&input.city).ok_or_else(|| Error::invalid("a site has a town"))?;
    let body = json!({ "name": name, "city": city, "teams": input.teams, "places": input.places });
    save(context, "site", input.id, &body)
}

/// Makes the document, or writes the fields that differ.
fn save(
    context: &mut Context<'_>,
    kind: &str,
    id: Option<crate::id::Id>,
    body: &Value,
) -> Result<DirectorySaved> {
    let Some(id) = id.filter(|id| context.exists(*id).unwrap_or(false)) else {
        let id = id.unwrap_or_else(|| context.new_id());
        context.create(kind, id, body)?;
        return Ok(DirectorySaved { id });
    };
    context.edit(kind, id, |document: &mut Document| {
        let before = document.view()?;
        for (key, value) in body.as_object().into_iter().flatten() {
            let same = before.get(key).map_or(value.is_null(), |old| old == value);
            if !same {
                document.set(&[key.as_str()], value)?;
            }
        }
        Ok(())
    })?;
    Ok(DirectorySaved { id })
}
