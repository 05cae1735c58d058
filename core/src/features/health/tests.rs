//! Tests of the feature.

use serde_json::{Value, json};

use crate::error::Code;
use crate::id::Id;
use crate::store::outbox;
use crate::testing::{Cast, Who, press};

/// The server refuses all that waits on Sophie's device of one document.
fn refuse(cast: &Cast, document: Id, code: &str, at: i64) {
    let db = cast.device(Who::Sophie).db();
    let push: Id = db
        .query_row(
            "SELECT id FROM outbox WHERE document = ?1 ORDER BY ordinal LIMIT 1",
            [document],
            |row| row.get(0),
        )
        .expect("it waits");
    let of = outbox::refused(db, push, code, "", "Flaque d’huile", at).expect("set aside");
    assert_eq!(of, Some(document), "that document was refused");
}

#[test]
fn a_document_of_which_two_changes_were_refused_is_one_line() {
    let mut cast = Cast::new();
    let first = cast.report(Who::Sophie, "open", press());
    cast.sync(Who::Sophie);
    for words in ["Encore là.", "Toujours là."] {
        let input = json!({ "id": first, "text": words });
        cast.ok(Who::Sophie, "report.comment", input);
    }
    refuse(&cast, first, "not-active", 10);
    let second = cast.report(Who::Sophie, "open", press());
    refuse(&cast, second, "refused", 20);
    cast.ok(
        Who::Sophie,
        "report.comment",
        json!({ "id": first, "text": "Et maintenant ?" }),
    );
    refuse(&cast, first, "seq-gap", 30);
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    let lines: Vec<(&Value, &Value, &Value)> = health["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| (&item["doc"], &item["code"], &item["at"]))
        .collect();
    assert_eq!(
        lines,
        [
            (&json!(first), &json!("seq-gap"), &json!(30)),
            (&json!(second), &json!("refused"), &json!(20)),
        ],
        "one line for each thing, with its last reason, the latest first"
    );
}

#[test]
fn what_only_waits_is_not_among_what_was_refused() {
    let mut cast = Cast::new();
    let refused = cast.report(Who::Sophie, "open", press());
    refuse(&cast, refused, "refused", 20);
    let waits = cast.report(Who::Sophie, "open", press());
    let of = |given: &Value| -> Vec<Value> {
        let items = given["items"].as_array().expect("a list");
        items.iter().map(|item| item["doc"].clone()).collect()
    };
    let all = of(&cast.ok(Who::Sophie, "sync.hand_over", json!({})));
    assert!(
        all.contains(&json!(refused)) && all.contains(&json!(waits)),
        "everything that was never received: {all:?}"
    );
    let only = cast.ok(
        Who::Sophie,
        "sync.hand_over",
        json!({ "refused_only": true }),
    );
    assert_eq!(of(&only), [json!(refused)], "what waits leaves by itself");
}

#[test]
fn a_document_that_cannot_be_read_does_not_hide_the_others() {
    let mut cast = Cast::new();
    let broken = cast.report(Who::Sophie, "open", press());
    let whole = cast.report(Who::Sophie, "open", press());
    let db = cast.device(Who::Sophie).db();
    db.execute("UPDATE document SET body = x'00' WHERE id = ?1", [broken])
        .expect("damaged");
    for (name, list) in [("sync.health", "waiting"), ("sync.hand_over", "items")] {
        let told = cast.ok(Who::Sophie, name, json!({}));
        let title = |doc: Id| {
            let items = told[list].as_array().expect("a list");
            let item = items.iter().find(|item| item["doc"] == json!(doc));
            item.map(|item| item["title"].clone())
        };
        assert_eq!(title(whole), Some(json!("Flaque d’huile")), "{name}");
    }
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    let waiting = health["waiting"].as_array().expect("a list");
    let line = waiting.iter().find(|item| item["doc"] == json!(broken));
    assert_eq!(
        line.map(|item| &item["title"]),
        Some(&json!("")),
        "it is told, without words"
    );
}

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
