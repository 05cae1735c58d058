//! Rows of drafts, reports and reporters, and the search.

use rusqlite::{Connection, OptionalExtension, ToSql, params};
use serde_json::Value;

use super::document::{DraftDocument, ReportDocument, ReporterDocument};
use super::model::{Custody, ReportFilter, ReportRow, Status};
use super::state::fold;
use crate::document::read;
use crate::error::Result;
use crate::form::{Answer, ReportType, Severity};
use crate::id::Id;
use crate::person::table::{person_name, place_name};

/// The tables.
pub(super) const MIGRATION: &str = "
CREATE TABLE draft(
    id BLOB PRIMARY KEY, form BLOB NOT NULL, release INTEGER NOT NULL, practice INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, photos INTEGER NOT NULL
) STRICT;
CREATE TABLE report(
    row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, report_type TEXT NOT NULL,
    title TEXT NOT NULL, site BLOB NOT NULL, place BLOB, place_words TEXT, severity INTEGER NOT NULL,
    status TEXT NOT NULL, urgent INTEGER NOT NULL, confidential INTEGER NOT NULL,
    sealed_at INTEGER NOT NULL, closed_at INTEGER, comments INTEGER NOT NULL,
    photos INTEGER NOT NULL, worsened INTEGER NOT NULL, read INTEGER NOT NULL, score REAL
) STRICT;
CREATE INDEX report_order ON report(status, sealed_at);
CREATE TABLE report_assignee(
    report BLOB NOT NULL, person BLOB NOT NULL, PRIMARY KEY(report, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE reporter(
    id BLOB PRIMARY KEY, report BLOB NOT NULL UNIQUE, person BLOB NOT NULL
) STRICT;
CREATE INDEX reporter_person ON reporter(person);
CREATE VIRTUAL TABLE report_search USING fts5(
    body, tokenize = 'unicode61 remove_diacritics 2', content = '', contentless_delete = 1
);
";

pub(super) fn index_draft(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let draft: DraftDocument = read(view)?;
    if draft.sealed.is_some() || draft.discarded {
        return forget_draft(db, id);
    }
    db.prepare_cached(
        "INSERT OR REPLACE INTO draft(id, form, release, practice, updated_at, photos)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        id,
        draft.form,
        draft.release,
        draft.practice,
        draft.updated_at,
        i64::try_from(draft.photos.len()).unwrap_or(0)
    ])?;
    Ok(())
}

pub(super) fn forget_draft(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM draft WHERE id = ?1", params![id])?;
    Ok(())
}

pub(super) fn index_report(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let report: ReportDocument = read(view)?;
    let state = fold(report.severity, &report.acts);
    let closed_at = state
        .closed_by
        .and_then(|act| report.acts.get(&act))
        .map(|act| act.at);
    // Not with RETURNING: it makes a savepoint, at which the search writes itself out every time.
    db.prepare_cached(
        "INSERT INTO report(id, report_type, title, site, place, severity, status, urgent,
            confidential, sealed_at, closed_at, comments, photos, worsened, read, score,
            place_words)
         VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT(id) DO UPDATE SET severity = excluded.severity, status = excluded.status,
            closed_at = excluded.closed_at, comments = excluded.comments,
            worsened = excluded.worsened, read = excluded.read, site = excluded.site",
    )?
    .execute(params![
        id,
        name_of(report.report_type),
        report.title,
        report.site,
        report.place,
        rank(state.severity),
        state.status.name(),
        report.urgent,
        report.confidential,
        report.sealed_at,
        closed_at,
        state.comments,
        i64::try_from(report.photos.len()).unwrap_or(0),
        state.worsened,
        state.read,
        report.score,
        report.place_words
    ])?;
    let row: i64 = db
        .prepare_cached("SELECT row FROM report WHERE id = ?1")?
        .query_row(params![id], |row| row.get(0))?;
    db.prepare_cached("DELETE FROM report_assignee WHERE report = ?1")?
        .execute(params![id])?;
    for person in &state.assignees {
        db.prepare_cached("INSERT INTO report_assignee(report, person) VALUES(?1, ?2)")?
            .execute(params![id, person])?;
    }
    db.prepare_cached("INSERT OR REPLACE INTO report_search(rowid, body) VALUES(?1, ?2)")?
        .execute(params![row, searchable(db, &report)?])?;
    Ok(())
}

/// Everything of a report that words can find.
fn searchable(db: &Connection, report: &ReportDocument) -> Result<String> {
    let mut words = vec![report.title.clone()];
    for answer in report.answers.values() {
        if let Answer::Text(text) = answer {
            words.push(text.clone());
        }
    }
    if let Some(place) = report.place {
        words.extend(place_name(db, place)?);
    }
    words.extend(
        report
            .acts
            .values()
            .filter_map(|act| act.text("text"))
            .map(str::to_owned),
    );
    Ok(words.join("\n"))
}

pub(super) fn forget_report(db: &Connection, id: Id) -> Result<()> {
    db.execute(
        "DELETE FROM report_search WHERE rowid = (SELECT row FROM report WHERE id = ?1)",
        params![id],
    )?;
    db.execute("DELETE FROM report_assignee WHERE report = ?1", params![id])?;
    db.execute("DELETE FROM report WHERE id = ?1", params![id])?;
    Ok(())
}

pub(super) fn index_reporter(db: &Connection, id: Id, view: &Value) -> Result<()> {
    let reporter: ReporterDocument = read(view)?;
    db.prepare_cached("INSERT OR REPLACE INTO reporter(id, report, person) VALUES(?1, ?2, ?3)")?
        .execute(params![id, reporter.report, reporter.person])?;
    Ok(())
}

pub(super) fn forget_reporter(db: &Connection, id: Id) -> Result<()> {
    db.execute("DELETE FROM reporter WHERE id = ?1", params![id])?;
    Ok(())
}

/// Who made a report, where this device may know.
pub(super) fn reporter(db: &Connection, report: Id) -> Result<Option<Id>> {
    Ok(db
        .prepare_cached("SELECT person FROM reporter WHERE report = ?1")?
        .query_row(params![report], |row| row.get(0))
        .optional()?)
}

const COLUMNS: &str = "report.id, report.report_type, report.title, report.site,
    coalesce((SELECT name FROM site WHERE site.id = report.site), ''), report.place,
    report.severity, report.status, report.urgent, report.confidential, report.sealed_at,
    document.received_at, report.closed_at, report.comments, report.photos, report.worsened,
    report.read, report.score, report.place_words,
    EXISTS(SELECT 1 FROM reporter WHERE reporter.report = report.id AND reporter.person = :me),
    EXISTS(SELECT 1 FROM refused WHERE refused.document = report.id)";

/// One report's row.
pub(super) fn one(db: &Connection, me: Id, id: Id) -> Result<Option<ReportRow>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM report JOIN document ON document.id = report.id WHERE report.id = :id"
    );
    let row = db
        .prepare_cached(&sql)?
        .query_row(rusqlite::named_params! { ":me": me, ":id": id }, row)
        .optional()?;
    row.map(|row| complete(db, row)).transpose()
}

/// Reports found, the most pressing first (the latest first among one's own), and how many in all.
pub(super) fn find(
    db: &Connection,
    me: Id,
    filter: &ReportFilter,
) -> Result<(Vec<ReportRow>, u32)> {
    let query = search_query(&filter.query);
    let mut sql = String::from(" FROM report JOIN document ON document.id = report.id WHERE 1");
    let mut values: Vec<(&str, &dyn ToSql)> = vec![(":me", &me)];
    if filter.mine {
        sql.push_str(" AND report.id IN (SELECT report FROM reporter WHERE person = :me)");
    }
    if filter.assigned_to_me {
        sql.push_str(" AND report.id IN (SELECT report FROM report_assignee WHERE person = :me)");
    }
    if let Some(site) = &filter.site {
        sql.push_str(" AND report.site = :site");
        values.push((":site", site));
    }
    let status = filter.status.map(Status::name);
    if let Some(status) = &status {
        sql.push_str(" AND report.status = :status");
        values.push((":status", status));
    }
    let severity = filter.severity.map(rank);
    if let Some(severity) = &severity {
        sql.push_str(" AND report.severity = :severity");
        values.push((":severity", severity));
    }
    let report_type = filter.report_type.map(name_of);
    if let Some(report_type) = &report_type {
        sql.push_str(" AND report.report_type = :type");
        values.push((":type", report_type));
    }
    if !query.is_empty() {
        sql.push_str(
            " AND report.row IN (SELECT rowid FROM report_search WHERE body MATCH :query)",
        );
        values.push((":query", &query));
    }
    let count = format!("SELECT count(*), :me {sql}");
    let total: u32 = db
        .prepare_cached(&count)?
        .query_row(values.as_slice(), |row| row.get(0))?;
    let order = if filter.mine {
        "report.sealed_at DESC"
    } else {
        "report.status = 'closed', report.worsened DESC, report.urgent DESC,
         report.severity DESC, report.sealed_at DESC"
    };
    let limit = filter.limit.clamp(1, 500);
    let sql = format!(
        "SELECT {COLUMNS} {sql} ORDER BY {order} LIMIT {limit} OFFSET {}",
        filter.offset
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows: Vec<Found> = statement
        .query_map(values.as_slice(), row)?
        .collect::<Result<_, _>>()?;
    let rows = rows
        .into_iter()
        .map(|row| complete(db, row))
        .collect::<Result<_>>()?;
    Ok((rows, total))
}

/// Every word, each as a prefix, quoted so that nothing in it is an operator.
fn search_query(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(12)
        .map(|word| format!("\"{word}\"*"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A row and what must still be looked up.
struct Found {
    row: ReportRow,
    place: Option<Id>,
}

fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Found> {
    let status = Status::from_name(&row.get::<_, String>(7)?);
    let received_at: Option<i64> = row.get(11)?;
    let (read, refused): (bool, bool) = (row.get(16)?, row.get(20)?);
    let custody = match (received_at, status, read) {
        (None, _, _) if refused => Custody::Refused,
        (None, _, _) => Custody::Sealed,
        (Some(_), Status::Closed, _) => Custody::Handled,
        (Some(_), _, true) => Custody::Read,
        (Some(_), _, false) => Custody::Received,
    };
    Ok(Found {
        place: row.get(5)?,
        row: ReportRow {
            id: row.get(0)?,
            report_type: type_of(&row.get::<_, String>(1)?),
            title: row.get(2)?,
            site: row.get(3)?,
            site_name: row.get(4)?,
            place_name: row.get(18)?,
            severity: severity_at(row.get(6)?),
            status,
            custody,
            urgent: row.get(8)?,
            confidential: row.get(9)?,
            mine: row.get(19)?,
            sealed_at: row.get(10)?,
            received_at,
            closed_at: row.get(12)?,
            assignees: Vec::new(),
            assignee_names: Vec::new(),
            comments: row.get(13)?,
            photos: row.get(14)?,
            worsened: row.get(15)?,
            score: row.get(17)?,
        },
    })
}

fn complete(db: &Connection, found: Found) -> Result<ReportRow> {
    let mut row = found.row;
    if let Some(place) = found.place {
        row.place_name = place_name(db, place)?;
    }
    row.assignees = db
        .prepare_cached("SELECT person FROM report_assignee WHERE report = ?1")?
        .query_map(params![row.id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for person in &row.assignees {
        row.assignee_names
            .push(person_name(db, *person)?.unwrap_or_default());
    }
    Ok(row)
}

fn rank(severity: Severity) -> i64 {
    Severity::ALL
        .iter()
        .position(|level| *level == severity)
        .map_or(0, |at| i64::try_from(at).unwrap_or(0))
}

fn severity_at(rank: i64) -> Severity {
    usize::try_from(rank)
        .ok()
        .and_then(|at| Severity::ALL.get(at))
        .copied()
        .unwrap_or(Severity::Low)
}

/// The name of a report type in the read model: as in JSON.
pub(super) fn name_of(report_type: ReportType) -> String {
    serde_json::to_value(report_type)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn type_of(name: &str) -> ReportType {
    serde_json::from_value(Value::String(name.to_owned())).unwrap_or(ReportType::WeakSignal)
}

/// What waits for those in charge.
pub(super) fn counts(db: &Connection) -> Result<super::model::ReportCounts> {
    Ok(db.query_row(
        "SELECT count(*) FILTER (WHERE status <> 'closed'),
            count(*) FILTER (WHERE status <> 'closed' AND urgent),
            count(*) FILTER (WHERE status <> 'closed' AND NOT read),
            count(*) FILTER (WHERE worsened) FROM report",
        [],
        |row| {
            Ok(super::model::ReportCounts {
                open: row.get(0)?,
                urgent: row.get(1)?,
                unread: row.get(2)?,
                worsened: row.get(3)?,
            })
        },
    )?)
}
