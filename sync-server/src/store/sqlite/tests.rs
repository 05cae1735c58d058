//! How the store finds what every exchange asks for.

use super::*;

/// Nothing of these grows with what the organisation has: SQLite's own estimates once preferred reading
/// every placement of the organisation.
#[test]
fn what_exchanges_ask_is_found_by_its_whole_key() {
    let db = Connection::open_in_memory().expect("memory");
    migrate(&db).expect("tables");
    let by_document = "PRIMARY KEY (org=? AND document=?)";
    for (asked, keys) in [
        (PLACEMENTS, vec![by_document]),
        (
            "DELETE FROM placement WHERE org = ?1 AND document = ?2",
            vec![by_document],
        ),
        (
            exchange::FEED,
            vec!["placement_position (org=? AND scope=? AND position>?)"],
        ),
        (
            blob::REFERENCES,
            vec!["blob_ref_hash (org=? AND hash=?)", by_document],
        ),
    ] {
        let plan = plan(&db, asked);
        assert_eq!(plan.len(), keys.len(), "{plan:?}");
        for (step, key) in plan.iter().zip(keys) {
            assert!(step.contains(key), "{asked}: {plan:?}");
        }
    }
}

fn plan(db: &Connection, asked: &str) -> Vec<String> {
    let explained = format!("EXPLAIN QUERY PLAN {asked}");
    let mut statement = db.prepare(&explained).expect("SQL");
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        steps.push(row.get("detail").expect("text"));
    }
    steps
}
