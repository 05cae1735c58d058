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

#[test]
fn what_was_never_sent_can_be_read_until_it_is() {
    let mut cast = Cast::new();
    let empty = cast.ok(Who::Sophie, "sync.hand_over", json!({}));
    assert_eq!(empty["items"], json!([]), "nothing to hand over");
    let report = cast.report(Who::Sophie, "open", press());
    let given = cast.ok(Who::Sophie, "sync.hand_over", json!({}));
    let items = given["items"].as_array().expect("a list");
    let of = items.iter().find(|item| item["doc"] == json!(report));
    let lines = of.expect("the report")["lines"]
        .as_array()
        .expect("its lines");
    assert!(
        lines.iter().any(|line| line["text"] == "Flaque d’huile"),
        "the words as they were said: {lines:?}"
    );
    let text = given["text"].as_str().expect("a text");
    assert!(text.contains("\n## Flaque d’huile · "), "{text}");
    cast.sync(Who::Sophie);
    let sent = cast.ok(Who::Sophie, "sync.hand_over", json!({}));
    assert_eq!(sent["items"], json!([]), "it has arrived");
}
