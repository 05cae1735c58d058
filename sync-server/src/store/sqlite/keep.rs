//! How long things are kept: the organisation's rules, what nothing may erase, and what is forgotten
//! after a time.

use std::collections::BTreeMap;

use rusqlite::params;
use vigie_core::error::Result;
use vigie_core::id::Id;

use super::erase::Because;
use super::{Sqlite, audit};
use crate::retention::{After, Rule};

impl Sqlite {
    /// The rules that the organisation has set, by kind.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn retention(&self) -> Result<BTreeMap<String, Rule>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT kind, days, after FROM retention WHERE org = ?1")?;
            let rows = statement.query_map(params![self.org], |row| {
                let after: String = row.get(2)?;
                let rule = Rule {
                    days: row.get(1)?,
                    after: if after == "closure" {
                        After::Closure
                    } else {
                        After::Creation
                    },
                };
                Ok((row.get(0)?, rule))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Sets the rule of a kind, or takes it away.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_retention(&self, kind: &str, rule: Option<Rule>, who: &str, at: i64) -> Result<()> {
        self.write(|db| {
            match rule {
                Some(rule) => db.execute(
                    "INSERT INTO retention(org, kind, days, after) VALUES(?1, ?2, ?3, ?4)
                     ON CONFLICT(org, kind) DO UPDATE SET days = excluded.days,
                        after = excluded.after",
                    params![self.org, kind, rule.days, rule.after.name()],
                )?,
                None => db.execute(
                    "DELETE FROM retention WHERE org = ?1 AND kind = ?2",
                    params![self.org, kind],
                )?,
            };
            let said = rule.map_or_else(|| "for ever".to_owned(), |rule| rule.to_string());
            audit::note(
                db,
                self.org,
                at,
                who,
                "retention",
                &format!("{kind} {said}"),
            )
        })
    }

    /// Holds a document: nothing erases it until it is released. Whether it was not held before.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn hold(&self, document: Id, because: &Because<'_>) -> Result<bool> {
        self.write(|db| {
            let changed = db.execute(
                "INSERT INTO hold(org, document, at, who) VALUES(?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
                params![self.org, document, because.at, because.who],
            )?;
            if changed > 0 {
                let about = document.to_string();
                audit::note(db, self.org, because.at, because.who, "hold", &about)?;
            }
            Ok(changed > 0)
        })
    }

    /// Releases it. Whether it was held.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn release(&self, document: Id, because: &Because<'_>) -> Result<bool> {
        self.write(|db| {
            let changed = db.execute(
                "DELETE FROM hold WHERE org = ?1 AND document = ?2",
                params![self.org, document],
            )?;
            if changed > 0 {
                let about = document.to_string();
                audit::note(db, self.org, because.at, because.who, "release", &about)?;
            }
            Ok(changed > 0)
        })
    }

    /// The documents that are held, with since when.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn holds(&self) -> Result<BTreeMap<Id, i64>> {
        self.read(|db| {
            let mut statement =
                db.prepare_cached("SELECT document, at FROM hold WHERE org = ?1")?;
            let rows =
                statement.query_map(params![self.org], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Forgets what became of pushes, and refused pushes, before these times. A push that comes again
    /// later is judged again: what it holds is known by its hash, and stays there once.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn prune(&self, outcomes_before: i64, quarantine_before: i64) -> Result<usize> {
        let mut pruned = 0_usize;
        for (table, before) in [
            ("outcome", outcomes_before),
            ("quarantine", quarantine_before),
        ] {
            let key = "org, device, push";
            let sql = format!(
                "DELETE FROM {table} WHERE ({key}) IN
                    (SELECT {key} FROM {table} WHERE org = ?1 AND at < ?2 LIMIT 2000)"
            );
            loop {
                // In steps, so that nobody waits long for the lock.
                let gone = self.write(|db| Ok(db.execute(&sql, params![self.org, before])?))?;
                pruned = pruned.saturating_add(gone);
                if gone == 0 {
                    break;
                }
            }
        }
        Ok(pruned)
    }
}
