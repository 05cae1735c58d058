//! Rows of actions.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::document::{ActionDocument, done};
use super::model::{ActionFilter, ActionRow, ActionState};
use crate::document::read;
use crate::error::Result;
use crate::id::Id;
use crate::person::table::{person_name, site_name};

/// The table.
pub(super) const MIGRATION: &str = "
CREATE TABLE action(
    id BLOB PRIMARY KEY, title TEXT NOT NULL, details TEXT NOT NULL, report BLOB,
    site BLOB NOT NULL, owner BLOB NOT NULL, due_on TEXT NOT NULL, done_at INTEGER, done_by BLOB,
    evidence TEXT, created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX action_report ON action(report);
CREATE INDEX action_owner ON action(owner);
";

pub(super) fn index(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let action: ActionDocument = read(view)?;
    let done = done(&action.acts);
    db.prepare_cached(
        "INSERT OR REPLACE INTO action(id, title, details, report, site, owner, due_on, done_at,
            done_by, evidence, created_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        id,
        action.title,
        action.details,
        action.report,
        action.site,
        action.owner,
        action.due_on,
        done.map(|act| act.at),
        done.and_then(|act| act.by),
        done.and_then(|act| act.text("text")),
        action.created_at
    ])?;
    Ok(())
}

pub(super) fn forget(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM action WHERE id = ?1", params![id])?;
    Ok(())
}

/// Actions found: those to do first, the earliest date first.
pub(super) fn find(
    db: &Connection,
    me: Id,
    today: &str,
    filter: &ActionFilter,
) -> Result<Vec<ActionRow>> {
    let mut statement = db.prepare_cached(
        "SELECT id, title, details, report, site, owner, due_on, done_at, done_by, evidence,
            created_at FROM action
         WHERE (?1 IS NULL OR report = ?1) AND (?2 IS NULL OR site = ?2)
            AND (NOT ?3 OR owner = ?4) AND (NOT ?5 OR done_at IS NULL)
         ORDER BY done_at IS NOT NULL, due_on, created_at LIMIT 1000",
    )?;
    let values = params![
        filter.report,
        filter.site,
        filter.mine,
        me,
        filter.open_only
    ];
    let found: Vec<(ActionRow, Option<Id>)> = statement
        .query_map(values, |row| Ok((action(row, me, today)?, row.get(8)?)))?
        .collect::<Result<_, _>>()?;
    let mut rows = Vec::with_capacity(found.len());
    for (mut row, done_by) in found {
        row.site_name = site_name(db, row.site)?.unwrap_or_default();
        row.owner_name = person_name(db, row.owner)?.unwrap_or_default();
        if let Some(person) = done_by {
            row.done_by_name = person_name(db, person)?;
        }
        rows.push(row);
    }
    Ok(rows)
}

fn action(row: &rusqlite::Row<'_>, me: Id, today: &str) -> rusqlite::Result<ActionRow> {
    let (due_on, done_at): (String, Option<i64>) = (row.get(6)?, row.get(7)?);
    let owner: Id = row.get(5)?;
    Ok(ActionRow {
        id: row.get(0)?,
        title: row.get(1)?,
        details: row.get(2)?,
        report: row.get(3)?,
        site: row.get(4)?,
        site_name: String::new(),
        owner,
        owner_name: String::new(),
        state: match done_at {
            Some(_) => ActionState::Done,
            None if due_on.as_str() < today => ActionState::Late,
            None => ActionState::Open,
        },
        due_on,
        done_at,
        done_by_name: None,
        evidence: row.get(9)?,
        created_at: row.get(10)?,
        mine: owner == me,
    })
}
