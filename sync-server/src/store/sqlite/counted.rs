//! What one transaction of an exchange counts: written once, when it commits.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use vigie_core::error::{Error, Result};
use vigie_core::id::Id;
use vigie_core::person::Scope;

use super::exchange::signed;

/// Counters of a transaction, which holds the writer: nobody else moves them meanwhile.
#[derive(Default)]
pub(super) struct Counted {
    /// The head of each scope in which something was placed.
    pub(super) heads: BTreeMap<Scope, i64>,
    /// The number of the last receipt.
    pub(super) receipts: Option<i64>,
    /// Documents were written.
    pub(super) documents: bool,
}

impl Counted {
    /// Writes them, unless the organisation has more documents now than it may have.
    pub(super) fn settle(&self, db: &Connection, org: Id, most: Option<u64>) -> Result<()> {
        if let Some(most) = most.filter(|_| self.documents) {
            let full: bool = db
                .prepare_cached("SELECT documents > ?2 FROM org WHERE id = ?1")?
                .query_row(params![org, signed(most)], |row| row.get(0))?;
            if full {
                return Err(Error::storage_full(
                    "the organisation has no room for documents",
                ));
            }
        }
        for (scope, head) in &self.heads {
            db.prepare_cached(
                "INSERT INTO scope(org, name, head) VALUES(?1, ?2, ?3)
                 ON CONFLICT(org, name) DO UPDATE SET head = excluded.head",
            )?
            .execute(params![org, scope, head])?;
        }
        if let Some(receipts) = self.receipts {
            db.prepare_cached("UPDATE org SET receipts = ?2 WHERE id = ?1")?
                .execute(params![org, receipts])?;
        }
        Ok(())
    }
}
