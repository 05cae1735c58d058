//! Tests of the feature.

use serde_json::{Value, json};

use crate::error::Code;
use crate::testing::{Cast, Who, press};

#[test]
fn what_waits_is_listed_until_it_arrived() {
    let mut cast = Cast::new();
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    assert_eq!(health["waiting"], json!([]), "nothing waits");
    assert_eq!(health["state"], json!("current"), "and it says so");
    let report = cast.report(Who::Sophie, "open", press());
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    assert_eq!(health["state"], json!("waiting"), "something waits");
    let waiting = health["waiting"].as_array().expect("a list");
    let of: Vec<&Value> = waiting
        .iter()
        .filter(|item| item["doc"] == json!(report))
        .collect();
    assert_eq!(of.len(), 1, "one line for the report");
    assert_eq!(of[0]["title"], json!("Flaque d’huile"), "by its title");
    cast.sync(Who::Sophie);
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    assert_eq!(health["waiting"], json!([]), "all has arrived");
    assert_eq!(health["refused"], json!([]), "nothing was refused");
}

#[test]
fn a_clock_that_is_off_is_told() {
    let mut cast = Cast::new();
    let db = cast.device(Who::Sophie).db();
    crate::store::setting::set(db, "clock_off_ms", &119_000).expect("set");
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    assert_eq!(
        health["clock_off_ms"],
        Value::Null,
        "under two minutes is nothing"
    );
    let db = cast.device(Who::Sophie).db();
    crate::store::setting::set(db, "clock_off_ms", &-3_600_000).expect("set");
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    assert_eq!(health["clock_off_ms"], json!(-3_600_000), "an hour is told");
}

#[test]
fn a_blob_nobody_named_is_not_found() {
    let mut cast = Cast::new();
    let error = cast.err(Who::Sophie, "blob.read", json!({ "hash": "ab".repeat(32) }));
    assert_eq!(error.code(), Code::NotFound, "{error}");
    for hash in [
        "",
        "xyz",
        "é",
        &"g".repeat(64),
        &"é".repeat(32),
        &"+1".repeat(32),
    ] {
        let error = cast.err(Who::Sophie, "blob.read", json!({ "hash": hash }));
        assert_eq!(error.code(), Code::Invalid, "`{hash}`: {error}");
    }
}
