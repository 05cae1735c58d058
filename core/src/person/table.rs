//! The names of people and sites on this device, kept by the directory feature and read by all.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::id::Id;

/// The tables; part of the device's first migration.
pub const MIGRATION: &str = "
CREATE TABLE person(
    id BLOB PRIMARY KEY, name TEXT NOT NULL, login TEXT NOT NULL, roles TEXT NOT NULL,
    site BLOB, team TEXT, trade TEXT, language TEXT NOT NULL, active INTEGER NOT NULL
) STRICT;
CREATE TABLE site(
    id BLOB PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, teams TEXT NOT NULL
) STRICT;
CREATE TABLE place(
    id BLOB PRIMARY KEY, site BLOB NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL, area TEXT
) STRICT;
CREATE INDEX place_site ON place(site, ordinal);
";

/// A person's name, or `None` when the person is not known here.
///
/// # Errors
/// When the file cannot be read.
pub fn person_name(db: &Connection, person: Id) -> Result<Option<String>> {
    name(db, "SELECT name FROM person WHERE id = ?1", person)
}

/// A site's name.
///
/// # Errors
/// When the file cannot be read.
pub fn site_name(db: &Connection, site: Id) -> Result<Option<String>> {
    name(db, "SELECT name FROM site WHERE id = ?1", site)
}

/// A place's name.
///
/// # Errors
/// When the file cannot be read.
pub fn place_name(db: &Connection, place: Id) -> Result<Option<String>> {
    name(db, "SELECT name FROM place WHERE id = ?1", place)
}

fn name(db: &Connection, sql: &str, id: Id) -> Result<Option<String>> {
    Ok(db
        .prepare_cached(sql)?
        .query_row(params![id], |row| row.get(0))
        .optional()?)
}

/// The number of active people in the given sites (all when `None`) and the number of sites.
///
/// # Errors
/// When the file cannot be read.
pub fn audience(db: &Connection, sites: Option<&[Id]>) -> Result<(u32, u32)> {
    let Some(sites) = sites else {
        let people = db.query_row("SELECT count(*) FROM person WHERE active", [], |row| {
            row.get(0)
        })?;
        let sites = db.query_row("SELECT count(*) FROM site", [], |row| row.get(0))?;
        return Ok((people, sites));
    };
    let mut people = 0_u32;
    for site in sites {
        let count: u32 = db.query_row(
            "SELECT count(*) FROM person WHERE active AND site = ?1",
            params![site],
            |row| row.get(0),
        )?;
        people = people.saturating_add(count);
    }
    Ok((people, u32::try_from(sites.len()).unwrap_or(u32::MAX)))
}
