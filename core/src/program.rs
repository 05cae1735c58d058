//! The form releases on this device, kept by the form feature and read by whoever fills a form.

use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::form::FormProgram;
use crate::id::Id;

/// The table; part of the device's first migration.
pub const MIGRATION: &str = "
CREATE TABLE form_release(
    form BLOB NOT NULL, release INTEGER NOT NULL, slug TEXT NOT NULL, program TEXT NOT NULL,
    PRIMARY KEY(form, release)
) STRICT, WITHOUT ROWID;
";

/// A release of a form; the latest when `release` is `None`.
///
/// # Errors
/// [`crate::Code::NotFound`] when it is not on this device.
pub fn get(db: &Connection, form: Id, release: Option<u32>) -> Result<FormProgram> {
    let text: Option<String> = db
        .prepare_cached(
            "SELECT program FROM form_release WHERE form = ?1 AND (?2 IS NULL OR release = ?2)
             ORDER BY release DESC LIMIT 1",
        )?
        .query_row(params![form, release], |row| row.get(0))
        .optional()?;
    let text = text.ok_or_else(|| Error::not_found(format!("no form `{form}`")))?;
    Ok(serde_json::from_str(&text)?)
}

/// The latest release of every form.
///
/// # Errors
/// When the file cannot be read.
pub fn latest(db: &Connection) -> Result<Vec<FormProgram>> {
    let mut statement = db.prepare_cached(
        "SELECT program FROM form_release AS one WHERE release =
            (SELECT max(release) FROM form_release AS other WHERE other.form = one.form)",
    )?;
    let texts: Vec<String> = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    texts
        .iter()
        .map(|text| serde_json::from_str(text).map_err(Error::from))
        .collect()
}
