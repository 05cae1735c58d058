//! What a device said to be safe, and whether it is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::document::Document;
use vigie_core::store::{blob, document};

/// What a device said to be safe.
#[derive(Default)]
pub(crate) struct Said {
    /// The latest answer of each question of each draft, as JSON.
    answers: BTreeMap<(Id, String), String>,
    /// Photos, by SHA-256, and the drafts they were added to.
    photos: BTreeMap<[u8; 32], Id>,
    /// Reports and their drafts.
    pub(crate) sealed: BTreeMap<Id, Id>,
    /// What was said since the last look.
    fresh: BTreeSet<Id>,
}

impl Said {
    /// Takes in a whole line: `saved <draft> <field> <json>`, `attached <draft> <sha-256>` or
    /// `sealed <draft> <report>`.
    pub(crate) fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let id = |text: &str| text.parse::<Id>().expect("an id");
        match words.as_slice() {
            ["saved", draft, field, value] => self.saved(id(draft), field, (*value).to_owned()),
            ["attached", draft, hash] => {
                let hash = blob::parse_hex(hash).expect("a hash");
                self.fresh.insert(id(draft));
                self.photos.insert(hash, id(draft));
            }
            ["sealed", draft, report] => self.sealed(id(draft), id(report)),
            _ => panic!("`{line}`"),
        }
    }

    pub(crate) fn saved(&mut self, draft: Id, field: &str, value: String) {
        self.fresh.insert(draft);
        self.answers.insert((draft, field.to_owned()), value);
    }

    pub(crate) fn sealed(&mut self, draft: Id, report: Id) {
        self.fresh.insert(draft);
        self.sealed.insert(report, draft);
    }

    /// The file is whole and has what was said since the last look.
    ///
    /// # Panics
    /// When it has not; `when` says when that was.
    pub(crate) fn look(&mut self, file: &Path, when: &str) {
        let db = Connection::open(file).expect("the file opens");
        let whole: String = db
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .expect("a check");
        assert_eq!(whole, "ok", "{when}: the file");
        let fresh = std::mem::take(&mut self.fresh);
        self.check(&db, &fresh, when);
    }

    /// The file has everything that was ever said.
    ///
    /// # Panics
    /// When it has not.
    pub(crate) fn look_at_all(&mut self, file: &Path, when: &str) {
        self.fresh
            .extend(self.answers.keys().map(|(draft, _)| *draft));
        self.fresh.extend(self.sealed.values());
        self.look(file, when);
    }

    fn check(&self, db: &Connection, drafts: &BTreeSet<Id>, when: &str) {
        for draft in drafts {
            let view = view(db, *draft)
                .unwrap_or_else(|| panic!("{when}: draft {draft} was saved and is gone"));
            let from = (*draft, String::new());
            let answers = self.answers.range(from..);
            for ((_, field), value) in answers.take_while(|((of, _), _)| of == draft) {
                let found = view["answers"][field].to_string();
                assert_eq!(found, *value, "{when}: what was saved under `{field}`");
            }
        }
        for (hash, _) in self.photos.iter().filter(|(_, of)| drafts.contains(of)) {
            let content = blob::content(db, hash).expect("readable");
            let found = content.map(|(_, content)| blob::hash(&content));
            assert_eq!(found, Some(*hash), "{when}: a photo that was added");
        }
        for (report, draft) in self.sealed.iter().filter(|(_, of)| drafts.contains(of)) {
            check_sealed(db, *report, *draft, when);
        }
    }

    /// A server's store has each sealed report once, and each of its photos.
    ///
    /// # Panics
    /// When it has not.
    pub(crate) fn arrived(&self, store: &Path, photos: bool) {
        let server = Connection::open(store).expect("the store");
        let count = |sql: &str, key: &[u8]| -> i64 {
            server
                .query_row(sql, params![key], |row| row.get(0))
                .expect("a count")
        };
        for report in self.sealed.keys() {
            let sql = "SELECT count(*) FROM document WHERE id = ?1";
            assert_eq!(count(sql, report.as_bytes()), 1, "report {report}");
        }
        let sealed: BTreeSet<&Id> = self.sealed.values().collect();
        for (hash, _) in self
            .photos
            .iter()
            .filter(|(_, of)| photos && sealed.contains(of))
        {
            let sql = "SELECT count(*) FROM blob WHERE hash = ?1";
            assert_eq!(count(sql, hash), 1, "photo {}", blob::hex(hash));
        }
    }
}

fn view(db: &Connection, id: Id) -> Option<Value> {
    let stored = document::get(db, id).expect("readable")?;
    let document = Document::load(&stored.body, [0; 8]);
    Some(document.expect("a whole document").view().expect("a view"))
}

/// It is there with its reporter, its draft knows it, and it waits or has its receipt.
fn check_sealed(db: &Connection, report: Id, draft: Id, when: &str) {
    let sealed = view(db, report)
        .unwrap_or_else(|| panic!("{when}: report {report} was sealed and is gone"));
    let reporter: Id = sealed["reporter"]
        .as_str()
        .expect("one")
        .parse()
        .expect("an id");
    assert!(
        view(db, reporter).is_some(),
        "{when}: a report without its reporter"
    );
    let draft = view(db, draft).expect("its draft");
    assert_eq!(
        draft["sealed"],
        json!(report),
        "{when}: the draft knows its end"
    );
    let (listed, kept): (bool, bool) = db
        .query_row(
            "SELECT EXISTS(SELECT 1 FROM report WHERE id = ?1),
                EXISTS(SELECT 1 FROM outbox WHERE document = ?1)
                OR EXISTS(SELECT 1 FROM receipt WHERE document = ?1)",
            params![report],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .expect("a row");
    assert!(listed, "{when}: report {report} is listed");
    assert!(kept, "{when}: report {report} waits, or was received");
}
