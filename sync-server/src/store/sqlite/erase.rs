//! Erasing from the store: the document with its log, what hangs on it, and what it leaves: a
//! tombstone, a line in a feed that every device follows, and an act in the audit.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use vigie_core::error::Result;
use vigie_core::feature::Origin;
use vigie_core::id::Id;
use vigie_core::person::{Scope, scope};
use vigie_core::sync::message::Receipt;

use super::{Sqlite, audit};

/// The journal is emptied within this, or another time.
const JOURNAL_PATIENCE: Duration = Duration::from_millis(250);

/// A document as it is looked at before it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: Id,
    /// Its kind.
    pub kind: String,
    /// Who made it, and in which year it was received.
    pub origin: Origin,
    /// When its first change was received: milliseconds.
    pub received_at: i64,
    /// When its latest was.
    pub changed_at: i64,
    /// The whole document.
    pub body: Vec<u8>,
}

/// What was decided about a document, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Because<'a> {
    /// A stable word: `request`, `retention`, …
    pub why: &'a str,
    /// A person's id, `command-line` or `server`.
    pub who: &'a str,
    /// When: milliseconds.
    pub at: i64,
}

impl Sqlite {
    /// Whether the document was erased.
    ///
    /// # Errors
    /// When the file cannot be read; so for every method below that reads.
    pub fn is_erased(&self, document: Id) -> Result<bool> {
        self.read(|db| erased(db, self.org, document))
    }

    /// Every document that was erased.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn erased(&self) -> Result<Vec<Id>> {
        self.read(|db| {
            let mut statement = db.prepare("SELECT document FROM tombstone WHERE org = ?1")?;
            let rows = statement.query_map(params![self.org], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How many documents were erased.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn erasures(&self) -> Result<i64> {
        self.read(|db| {
            Ok(db.query_row(
                "SELECT count(*) FROM tombstone WHERE org = ?1",
                params![self.org],
                |row| row.get(0),
            )?)
        })
    }

    /// A document; `None` when it is not here.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn candidate(&self, id: Id) -> Result<Option<Candidate>> {
        self.read(|db| {
            Ok(db
                .prepare_cached(&format!("{CANDIDATE} WHERE org = ?1 AND id = ?2"))?
                .query_row(params![self.org, id], candidate)
                .optional()?)
        })
    }

    /// The documents of a kind that one person made.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn made_by(&self, person: Id, kind: &str) -> Result<Vec<Candidate>> {
        self.read(|db| {
            let sql =
                format!("{CANDIDATE} WHERE org = ?1 AND kind = ?2 AND creator = ?3 ORDER BY id");
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params![self.org, kind, person], candidate)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The scopes that a document lies in.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scopes_of(&self, document: Id) -> Result<BTreeSet<Scope>> {
        self.read(|db| super::placements(db, self.org, document))
    }

    /// Whether a push of this document lies in quarantine.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_quarantined(&self, document: Id) -> Result<bool> {
        self.read(|db| {
            Ok(db.query_row(
                "SELECT EXISTS(SELECT 1 FROM quarantine WHERE org = ?1 AND document = ?2)",
                params![self.org, document],
                |row| row.get(0),
            )?)
        })
    }

    /// Documents of a kind after this id, in order, at most `limit`, received before a time.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn of_kind(
        &self,
        kind: &str,
        after: Id,
        before_ms: i64,
        limit: u32,
    ) -> Result<Vec<Candidate>> {
        self.read(|db| {
            let sql = format!(
                "{CANDIDATE} WHERE org = ?1 AND kind = ?2 AND id > ?3 AND received_at < ?4
                 ORDER BY id LIMIT ?5"
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows =
                statement.query_map(params![self.org, kind, after, before_ms, limit], candidate)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Erases a document: log, whole, refused pushes, receipts, its place in every feed. The scopes in
    /// which that is news. Erasing it twice does nothing more; an id that is not here is refused from
    /// now on all the same.
    ///
    /// # Errors
    /// When the file cannot be written; so for every method below that writes.
    pub fn erase(&self, document: Id, because: &Because<'_>) -> Result<BTreeSet<Scope>> {
        self.write(|db| {
            if erased(db, self.org, document)? {
                return Ok(BTreeSet::new());
            }
            let scopes = remove(db, self.org, document)?;
            db.execute(
                "INSERT INTO tombstone(org, document, at, why, who) VALUES(?1, ?2, ?3, ?4, ?5)",
                params![self.org, document, because.at, because.why, because.who],
            )?;
            put_line(db, self.org, scope::ERASED, document)?;
            let what = format!("erase-{}", because.why);
            let about = document.to_string();
            audit::note(db, self.org, because.at, because.who, &what, &about)?;
            Ok(scopes)
        })
    }

    /// Forgets who made a document: it stays, and is nobody's. The scopes in which that is news.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn disown(&self, document: Id) -> Result<BTreeSet<Scope>> {
        self.write(|db| {
            let creator: Option<Id> = db
                .query_row(
                    "SELECT creator FROM document WHERE org = ?1 AND id = ?2",
                    params![self.org, document],
                    |row| row.get(0),
                )
                .optional()?;
            let Some(creator) = creator.filter(|creator| *creator != Id::NOBODY) else {
                return Ok(BTreeSet::new());
            };
            db.execute(
                "UPDATE document SET creator = ?3 WHERE org = ?1 AND id = ?2",
                params![self.org, document, Id::NOBODY],
            )?;
            // Also those of theirs that wrote to it since: a device would tell whose it is.
            db.execute(
                "UPDATE actor SET device = ?4 WHERE org = ?1 AND document = ?2 AND device IN
                    (SELECT id FROM device WHERE org = ?1 AND person = ?3)",
                params![self.org, document, creator, Id::NOBODY],
            )?;
            forget_receipts(db, self.org, document)?;
            db.execute(
                "UPDATE change SET person = ?4, device = ?4
                 WHERE org = ?1 AND document = ?2 AND person = ?3",
                params![self.org, document, creator, Id::NOBODY],
            )?;
            let own = scope::person(creator);
            let lies: bool = db.query_row(
                "SELECT EXISTS(SELECT 1 FROM placement
                    WHERE org = ?1 AND scope = ?2 AND document = ?3 AND gone = 0)",
                params![self.org, own, document],
                |row| row.get(0),
            )?;
            if lies {
                put_line(db, self.org, &own, document)?;
            }
            Ok(BTreeSet::from([own]))
        })
    }

    /// Forgets a person whose documents are erased already: account, rights, invitations, refused
    /// pushes, and that anything left was theirs. Their devices lose their names; they are told to
    /// erase everything at their next contact.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget_person(&self, person: Id, because: &Because<'_>) -> Result<()> {
        self.write(|db| {
            let org = self.org;
            db.execute(
                "UPDATE actor SET device = ?3 WHERE org = ?1 AND device IN
                    (SELECT id FROM device WHERE org = ?1 AND person = ?2)",
                params![org, person, Id::NOBODY],
            )?;
            for table in ["outcome", "cursor", "upload", "session"] {
                db.execute(
                    &format!(
                        "DELETE FROM {table} WHERE org = ?1 AND device IN
                            (SELECT id FROM device WHERE org = ?1 AND person = ?2)"
                    ),
                    params![org, person],
                )?;
            }
            db.execute(
                "UPDATE change SET person = ?3, device = ?3 WHERE org = ?1 AND person = ?2",
                params![org, person, Id::NOBODY],
            )?;
            db.execute(
                "UPDATE document SET creator = ?3 WHERE org = ?1 AND creator = ?2",
                params![org, person, Id::NOBODY],
            )?;
            for table in ["quarantine", "account", "invitation", "seat"] {
                db.execute(
                    &format!("DELETE FROM {table} WHERE org = ?1 AND person = ?2"),
                    params![org, person],
                )?;
            }
            let own = scope::person(person);
            db.execute(
                "DELETE FROM placement WHERE org = ?1 AND scope = ?2",
                params![org, own],
            )?;
            db.execute(
                "DELETE FROM scope WHERE org = ?1 AND name = ?2",
                params![org, own],
            )?;
            db.execute(
                "UPDATE device SET person = ?3, name = '', revoked_at = coalesce(revoked_at, ?4),
                    lost_at = coalesce(lost_at, ?4) WHERE org = ?1 AND person = ?2",
                params![org, person, Id::NOBODY, because.at],
            )?;
            let about = person.to_string();
            audit::note(db, org, because.at, because.who, "erase-person", &about)
        })
    }

    /// Whether anything is left that says who this person was.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn knows(&self, person: Id) -> Result<bool> {
        self.read(|db| {
            Ok(db.query_row(
                "SELECT EXISTS(SELECT 1 FROM device WHERE org = ?1 AND person = ?2)
                    OR EXISTS(SELECT 1 FROM seat WHERE org = ?1 AND person = ?2)
                    OR EXISTS(SELECT 1 FROM account WHERE org = ?1 AND person = ?2)
                    OR EXISTS(SELECT 1 FROM document WHERE org = ?1 AND creator = ?2)",
                params![self.org, person],
                |row| row.get(0),
            )?)
        })
    }

    /// Removes the lines of people's own feeds that say only that something is not there any more,
    /// once every device of theirs has been told.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn tidy_feeds(&self) -> Result<usize> {
        self.write(|db| {
            Ok(db.execute(
                "DELETE FROM placement WHERE org = ?1 AND gone = 1 AND scope LIKE 'person/%'
                    AND NOT EXISTS (SELECT 1 FROM cursor
                        JOIN device ON device.org = cursor.org AND device.id = cursor.device
                        JOIN org ON org.id = cursor.org
                        WHERE cursor.org = ?1 AND cursor.scope = placement.scope
                            AND device.revoked_at IS NULL
                            AND (cursor.epoch <> org.epoch OR cursor.position < placement.position))",
                params![self.org],
            )?)
        })
    }

    /// Blobs whose files must still go.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn doomed(&self) -> Result<Vec<[u8; 32]>> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT hash FROM doomed WHERE org = ?1")?;
            let rows = statement.query_map(params![self.org], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Removes the file of a doomed blob, unless a document names it again by now: `remove` runs while
    /// nothing else is written.
    ///
    /// # Errors
    /// What `remove` says.
    pub fn bury(&self, hash: &[u8; 32], remove: impl FnOnce() -> Result<()>) -> Result<()> {
        self.write(|db| {
            let back: bool = db.query_row(
                "SELECT EXISTS(SELECT 1 FROM blob WHERE org = ?1 AND hash = ?2)",
                params![self.org, hash],
                |row| row.get(0),
            )?;
            if !back {
                remove()?;
            }
            db.execute(
                "DELETE FROM doomed WHERE org = ?1 AND hash = ?2",
                params![self.org, hash],
            )?;
            Ok(())
        })
    }

    /// Empties the journal: until then it holds pages as they were. Where somebody reads an older
    /// moment, it is emptied the next time.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn empty_journal(&self) -> Result<()> {
        self.writer.between(|db| {
            // Everybody who writes waits meanwhile.
            db.busy_timeout(JOURNAL_PATIENCE)?;
            let emptied = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_row| Ok(()));
            db.busy_timeout(super::LOCK_PATIENCE)?;
            Ok(emptied?)
        })
    }

    /// How far a chore has come; 0 before it ever ran.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn chore(&self, name: &str) -> Result<i64> {
        self.read(|db| {
            let value: Option<i64> = db
                .prepare_cached("SELECT value FROM chore WHERE org = ?1 AND name = ?2")?
                .query_row(params![self.org, name], |row| row.get(0))
                .optional()?;
            Ok(value.unwrap_or(0))
        })
    }

    /// Notes that a chore has come further.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn advance_chore(&self, name: &str, by: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO chore(org, name, value) VALUES(?1, ?2, ?3)
                 ON CONFLICT(org, name) DO UPDATE SET value = value + excluded.value",
                params![self.org, name, by],
            )?;
            Ok(())
        })
    }

    /// Notes how far a chore has come.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_chore(&self, name: &str, value: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT INTO chore(org, name, value) VALUES(?1, ?2, ?3)
                 ON CONFLICT(org, name) DO UPDATE SET value = excluded.value",
                params![self.org, name, value],
            )?;
            Ok(())
        })
    }
}

const CANDIDATE: &str = "SELECT id, kind, creator, year, received_at, body,
    (SELECT max(change.received_at) FROM change
        WHERE change.org = document.org AND change.document = document.id) FROM document";

fn candidate(row: &rusqlite::Row<'_>) -> rusqlite::Result<Candidate> {
    let received_at: i64 = row.get(4)?;
    Ok(Candidate {
        id: row.get(0)?,
        kind: row.get(1)?,
        origin: Origin {
            creator: row.get(2)?,
            year: row.get(3)?,
        },
        received_at,
        changed_at: row.get::<_, Option<i64>>(6)?.unwrap_or(received_at),
        body: row.get(5)?,
    })
}

pub(super) fn erased(db: &Connection, org: Id, document: Id) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM tombstone WHERE org = ?1 AND document = ?2)")?
        .query_row(params![org, document], |row| row.get(0))?)
}

/// A line at the head of a feed that says that the document is not there (any more).
fn put_line(db: &Connection, org: Id, scope: &str, document: Id) -> Result<()> {
    let position: i64 = db.query_row(
        "INSERT INTO scope(org, name, head) VALUES(?1, ?2, 1)
         ON CONFLICT(org, name) DO UPDATE SET head = head + 1 RETURNING head",
        params![org, scope],
        |row| row.get(0),
    )?;
    db.execute(
        "INSERT INTO placement(org, scope, document, position, gone) VALUES(?1, ?2, ?3, ?4, 1)
         ON CONFLICT(org, scope, document) DO UPDATE SET position = excluded.position, gone = 1",
        params![org, scope, document, position],
    )?;
    Ok(())
}

/// Removes everything of a document; the scopes that it lay in.
fn remove(db: &Connection, org: Id, document: Id) -> Result<BTreeSet<Scope>> {
    let scopes: BTreeSet<Scope> = db
        .prepare_cached("SELECT scope FROM placement WHERE org = ?1 AND document = ?2")?
        .query_map(params![org, document], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let doomed: Vec<[u8; 32]> = db
        .prepare_cached(
            "SELECT hash FROM blob_ref WHERE org = ?1 AND document = ?2
                AND NOT EXISTS (SELECT 1 FROM blob_ref AS other WHERE other.org = ?1
                    AND other.hash = blob_ref.hash AND other.document <> ?2)",
        )?
        .query_map(params![org, document], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for hash in doomed {
        db.execute(
            "INSERT INTO doomed(org, hash) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
            params![org, hash],
        )?;
        for table in ["blob", "upload"] {
            db.execute(
                &format!("DELETE FROM {table} WHERE org = ?1 AND hash = ?2"),
                params![org, hash],
            )?;
        }
    }
    forget_receipts(db, org, document)?;
    // The reason of a refusal may quote what was refused.
    db.execute(
        "DELETE FROM outcome WHERE org = ?1 AND EXISTS (SELECT 1 FROM quarantine
            WHERE quarantine.org = ?1 AND quarantine.device = outcome.device
                AND quarantine.push = outcome.push AND quarantine.document = ?2)",
        params![org, document],
    )?;
    for table in [
        "blob_ref",
        "quarantine",
        "actor",
        "placement",
        "change",
        "hold",
    ] {
        db.execute(
            &format!("DELETE FROM {table} WHERE org = ?1 AND document = ?2"),
            params![org, document],
        )?;
    }
    db.execute(
        "DELETE FROM document WHERE org = ?1 AND id = ?2",
        params![org, document],
    )?;
    Ok(scopes)
}

/// Forgets what became of the pushes of a document. They are named by device: those that wrote to it.
fn forget_receipts(db: &Connection, org: Id, document: Id) -> Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT device, push, receipt FROM outcome WHERE org = ?1 AND receipt IS NOT NULL
            AND device IN (SELECT device FROM change WHERE org = ?1 AND document = ?2)",
    )?;
    let mut rows = statement.query(params![org, document])?;
    let mut found: Vec<(Id, Id)> = Vec::new();
    while let Some(row) = rows.next()? {
        let receipt: Vec<u8> = row.get(2)?;
        let receipt: Receipt = vigie_core::sync::receipt::read(&receipt)?;
        if receipt.document == document {
            found.push((row.get(0)?, row.get(1)?));
        }
    }
    for (device, push) in found {
        db.prepare_cached("DELETE FROM outcome WHERE org = ?1 AND device = ?2 AND push = ?3")?
            .execute(params![org, device, push])?;
    }
    Ok(())
}
