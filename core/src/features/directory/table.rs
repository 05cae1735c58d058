//! Rows of people, sites and places: the tables are the nouns' own (`person/table.rs`).

use rusqlite::{Connection, params};
use serde_json::Value;

use super::document::{PersonDocument, SiteDocument};
use super::model::{PersonView, PlaceView, SiteView};
use crate::document::read;
use crate::error::Result;
use crate::id::Id;

pub(super) fn index_site(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let site: SiteDocument = read(view)?;
    db.prepare_cached(
        "INSERT INTO site(id, name, city, teams) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(id) DO UPDATE
         SET name = excluded.name, city = excluded.city, teams = excluded.teams",
    )?
    .execute(params![
        id,
        site.name,
        site.city,
        serde_json::to_string(&site.teams)?
    ])?;
    db.execute("DELETE FROM place WHERE site = ?1", params![id])?;
    for (ordinal, place) in site.places.iter().enumerate() {
        db.prepare_cached(
            "INSERT OR REPLACE INTO place(id, site, ordinal, name, area) VALUES(?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            place.id,
            id,
            i64::try_from(ordinal).unwrap_or(i64::MAX),
            place.name,
            place.area
        ])?;
    }
    Ok(())
}

pub(super) fn forget_site(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM place WHERE site = ?1", params![id])?;
    db.execute("DELETE FROM site WHERE id = ?1", params![id])?;
    Ok(())
}

pub(super) fn index_person(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let person: PersonDocument = read(view)?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO person(id, name, login, roles, site, team, trade, language, active)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        id,
        person.name,
        person.login,
        serde_json::to_string(&person.roles)?,
        person.site,
        person.team,
        person.trade,
        person.language,
        person.active
    ])?;
    Ok(())
}

pub(super) fn forget_person(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM person WHERE id = ?1", params![id])?;
    Ok(())
}

/// People whose name contains `query`, by name; of one site when given.
pub(super) fn people(db: &Connection, query: &str, site: Option<Id>) -> Result<Vec<PersonView>> {
    let mut statement = db.prepare_cached(
        "SELECT id, name, login, roles, site, team, trade, language, active FROM person
         WHERE (?1 IS NULL OR site = ?1) ORDER BY name",
    )?;
    let rows = statement.query_map(params![site], person_row)?;
    let query = query.trim().to_lowercase();
    let people: Vec<PersonView> = rows.collect::<Result<_, _>>()?;
    Ok(people
        .into_iter()
        .filter(|person| person.name.to_lowercase().contains(&query))
        .collect())
}

/// One person.
pub(super) fn person(db: &Connection, id: Id) -> Result<Option<PersonView>> {
    use rusqlite::OptionalExtension;
    Ok(db
        .prepare_cached(
            "SELECT id, name, login, roles, site, team, trade, language, active FROM person
             WHERE id = ?1",
        )?
        .query_row(params![id], person_row)
        .optional()?)
}

fn person_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<PersonView> {
    let roles: String = row.get(3)?;
    Ok(PersonView {
        id: row.get(0)?,
        name: row.get(1)?,
        login: row.get(2)?,
        roles: serde_json::from_str(&roles).unwrap_or_default(),
        site: row.get(4)?,
        team: row.get(5)?,
        trade: row.get(6)?,
        language: row.get(7)?,
        active: row.get(8)?,
    })
}

/// Every site, by name; only `one` when given.
pub(super) fn sites(db: &Connection, one: Option<Id>) -> Result<Vec<SiteView>> {
    let mut statement = db.prepare_cached(
        "SELECT id, name, city, teams,
            (SELECT count(*) FROM person WHERE person.site = site.id AND active)
         FROM site WHERE ?1 IS NULL OR id = ?1 ORDER BY name",
    )?;
    let rows = statement.query_map(params![one], |row| {
        let teams: String = row.get(3)?;
        Ok(SiteView {
            id: row.get(0)?,
            name: row.get(1)?,
            city: row.get(2)?,
            teams: serde_json::from_str(&teams).unwrap_or_default(),
            places: Vec::new(),
            people: row.get(4)?,
        })
    })?;
    let mut sites: Vec<SiteView> = rows.collect::<Result<_, _>>()?;
    for site in &mut sites {
        let mut statement =
            db.prepare_cached("SELECT id, name, area FROM place WHERE site = ?1 ORDER BY ordinal")?;
        let places = statement.query_map(params![site.id], |row| {
            Ok(PlaceView {
                id: row.get(0)?,
                name: row.get(1)?,
                area: row.get(2)?,
            })
        })?;
        site.places = places.collect::<Result<_, _>>()?;
    }
    Ok(sites)
}
