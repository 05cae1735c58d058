//! What holds of every kind of document and every table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Known;
use crate::document::Document;
use crate::features::FEATURES;
use crate::testing::{Cast, Who, lyon};

#[test]
fn an_empty_file_gets_every_table_and_opening_again_changes_nothing() {
    let path = std::env::temp_dir().join(format!("vigie-tables-{}.db", std::process::id()));
    let schema = |db: &rusqlite::Connection| -> Vec<String> {
        let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name";
        let mut statement = db.prepare(sql).expect("a schema");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("texts")
    };
    let first = schema(&crate::store::open::file(&path, None).expect("a new file"));
    let again = schema(&crate::store::open::file(&path, None).expect("the same file"));
    for end in ["", "-wal", "-shm"] {
        let mut path = path.clone().into_os_string();
        path.push(end);
        std::fs::remove_file(path).ok();
    }
    assert_eq!(first, again, "a second opening changes nothing");
    let db = crate::store::open::memory().expect("a file in memory");
    for feature in FEATURES {
        for table in feature.tables {
            let sql = format!("SELECT count(*) FROM {table}");
            let rows: i64 = db
                .query_row(&sql, [], |row| row.get(0))
                .expect("the table is there");
            assert_eq!(rows, 0, "`{table}` begins empty");
        }
        for migration in feature.migrations {
            for made in migration.split("CREATE ").skip(1) {
                let words: Vec<&str> = made.split([' ', '(']).collect();
                let Some(at) = words.iter().position(|word| *word == "TABLE") else {
                    continue;
                };
                assert!(
                    feature.tables.contains(&words[at.saturating_add(1)]),
                    "{}: a rebuild does not empty `{}`",
                    feature.name,
                    words[at.saturating_add(1)]
                );
            }
        }
    }
}

/// Every row of the read model, by table.
fn rows(db: &rusqlite::Connection) -> BTreeMap<String, Vec<String>> {
    let of_features = FEATURES.iter().flat_map(|feature| feature.tables).copied();
    let tables = of_features.chain(["person", "site", "place", "form_release"]);
    tables
        .filter(|table| *table != "report_search")
        .map(|table| {
            let mut statement = db
                .prepare(&format!("SELECT * FROM {table}"))
                .expect("a table");
            let count = statement.column_count();
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut lines: Vec<String> = statement
                .query_map([], |row| {
                    let values = (0..count).filter(|at| names[*at] != "row");
                    values
                        .map(|at| Ok(format!("{:?}", row.get_ref(at)?)))
                        .collect::<Result<Vec<_>, _>>()
                })
                .expect("rows")
                .map(|line| line.expect("a row").join("|"))
                .collect();
            lines.sort();
            (table.to_owned(), lines)
        })
        .collect()
}

/// A busy organisation: something of every kind.
fn busy() -> (Cast, Known) {
    let mut cast = Cast::new();
    let known = Known::made(&mut cast);
    let take = json!({ "id": known.report });
    cast.ok(Who::Karim, "report.take", take);
    let publish = json!({
        "id": known.module, "sites": [lyon()], "due_on": "2026-12-01", "required": true, "note": "",
    });
    cast.ok(Who::Claire, "studio.publish", publish);
    cast.sync_all();
    let finish = json!({
        "attempt": cast.new_id(), "module": known.module, "release": known.release, "step": 9,
        "answers": {},
    });
    cast.ok(Who::Sophie, "learn.finish", finish);
    cast.sync_all();
    (cast, known)
}

#[test]
fn a_rebuild_gives_the_same_rows() {
    let (mut cast, _known) = busy();
    for who in Who::ALL {
        let before = rows(cast.device(who).db());
        cast.device_mut(who).rebuild().expect("rebuilt");
        let after = rows(cast.device(who).db());
        assert_eq!(after, before, "{who:?}");
    }
    let filled: BTreeSet<String> = Who::ALL
        .into_iter()
        .flat_map(|who| rows(cast.device(who).db()))
        .filter(|(_, lines)| !lines.is_empty())
        .map(|(table, _)| table)
        .collect();
    assert_eq!(
        filled,
        rows(cast.device(Who::Claire).db()).into_keys().collect(),
        "all were filled"
    );
    let query = json!({
        "query": "flaque", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 10, "offset": 0,
    });
    let found = cast.ok(Who::Karim, "report.list", query);
    assert_eq!(found["total"], json!(1), "words still find reports");
}

#[test]
fn a_document_of_every_kind_is_the_same_after_saving_and_loading() {
    let (cast, _known) = busy();
    let mut kinds = BTreeSet::new();
    for (id, stored) in &cast.server.store.kept.documents {
        let mut document = Document::load(&stored.body, [0; 8]).expect("it loads");
        let view = document.view().expect("it reads");
        let saved = document.save();
        let again = Document::load(&saved, [0; 8]).expect("it loads again");
        assert_eq!(
            again.view().expect("it reads"),
            view,
            "{} `{id}`",
            stored.kind
        );
        let kind = crate::feature::kind(&stored.kind).expect("a kind");
        let scopes = (kind.scopes)(&view, &stored.origin).expect("scopes");
        assert!(
            !scopes.is_empty(),
            "{} `{id}` lies in no scope",
            stored.kind
        );
        assert!(scopes.iter().all(|scope| scope.len() <= 100), "{scopes:?}");
        (kind.title)(&view);
        kinds.insert(stored.kind.as_str());
    }
    let all: BTreeSet<&str> = FEATURES
        .iter()
        .flat_map(|feature| feature.kinds)
        .map(|kind| kind.name)
        .collect();
    assert_eq!(kinds, all, "there is one of every kind");
}

#[test]
fn forgetting_a_document_leaves_no_row_of_it() {
    let (cast, _known) = busy();
    for who in Who::ALL {
        let db = cast.device(who).db();
        for (id, name) in crate::store::document::all(db).expect("documents") {
            let kind = crate::feature::kind(&name).expect("a kind");
            (kind.forget)(db, id).expect("forgotten");
        }
        for (table, lines) in rows(db) {
            assert!(lines.is_empty(), "{who:?} `{table}` still has {lines:?}");
        }
    }
}

#[test]
fn indexing_what_is_no_document_of_its_kind_is_an_error_not_a_panic() {
    let cast = Cast::new();
    let db = cast.device(Who::Claire).db();
    let origin = crate::feature::Origin {
        creator: Who::Sophie.person(),
        year: 2026,
    };
    let views = [
        Value::Null,
        json!({}),
        json!({ "id": 1, "acts": [], "answers": "x", "photos": { "x": 1 }, "releases": { "x": "y" } }),
        json!([1]),
        json!("x"),
    ];
    for kind in FEATURES.iter().flat_map(|feature| feature.kinds) {
        for view in &views {
            (kind.index)(db, cast.new_id(), view).expect_err(kind.name);
            let scopes = (kind.scopes)(view, &origin).unwrap_or_default();
            assert!(scopes.len() <= 1, "{}: {scopes:?}", kind.name);
            assert!((kind.blobs)(view).is_empty(), "{}", kind.name);
            (kind.title)(view);
            let judgement = crate::feature::Judgement {
                seat: &crate::person::Seat::system(),
                creator: Who::Sophie.person(),
                before: None,
                after: view,
                touched: &crate::gate::Touched::default(),
                other: &|_id| None,
            };
            (kind.judge)(&judgement).expect_err(kind.name);
        }
    }
}
