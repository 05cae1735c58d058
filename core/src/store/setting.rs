//! Small facts about this device, as JSON by key.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;

/// The value under `key`, or `None` when it was never set.
///
/// # Errors
/// When the file cannot be read or holds another shape.
pub fn get<T: DeserializeOwned>(db: &Connection, key: &str) -> Result<Option<T>> {
    let text: Option<String> = db
        .prepare_cached("SELECT value FROM setting WHERE key = ?1")?
        .query_row(params![key], |row| row.get(0))
        .optional()?;
    text.map(|text| serde_json::from_str(&text).map_err(Into::into))
        .transpose()
}

/// Sets the value under `key`.
///
/// # Errors
/// When the file cannot be written.
pub fn set<T: Serialize>(db: &Connection, key: &str, value: &T) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO setting(key, value) VALUES(?1, ?2)
         ON CONFLICT(key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![key, serde_json::to_string(value)?])?;
    Ok(())
}

/// Forgets the value under `key`.
///
/// # Errors
/// When the file cannot be written.
pub fn remove(db: &Connection, key: &str) -> Result<()> {
    db.execute("DELETE FROM setting WHERE key = ?1", params![key])?;
    Ok(())
}
