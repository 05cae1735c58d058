//! What the rows of the tables do: other values for fields, and the cases that are more than a field.

mod learn;
mod office;
mod report;

use serde_json::{Map, Value, json};
use vigie_core::Id;
use vigie_core::document::Document;

use super::cast::{Cast, Try};

/// Makes the tries of a case for a seat: the last one is judged.
type Case = fn(&Cast, &str) -> Vec<Try>;

/// Another value of the right shape for a field.
pub(super) fn other_value(cast: &Cast, kind: &str, field: &str, now: &Value) -> Value {
    let [lyon, brest] = cast.sites;
    match (kind, field) {
        (_, "version") => json!(2),
        ("site", "places") => json!([{ "id": cast.id(), "name": "Quai 9", "area": null }]),
        (_, "teams") => json!(["B"]),
        (_, "site") => json!(if now == &json!(brest) { lyon } else { brest }),
        (_, "sites") => json!([brest]),
        ("person", "roles") => json!(["manager"]),
        ("report", "report_type") => json!("near_miss"),
        ("report", "severity") => json!("low"),
        ("report", "score") => json!(50.0),
        (_, "place" | "sealed" | "report") => json!(cast.id()),
        (_, "place_words" | "title" | "slug" | "apply" | "note") => json!("autre"),
        (_, "discarded" | "withdrawn") => json!(true),
        (_, "due_on" | "sealed_on") => json!("2020-01-01"),
        _ => match now {
            Value::Bool(flag) => json!(!flag),
            Value::Number(number) => json!(number.as_i64().expect("a whole number") + 1),
            Value::String(text) if text.parse::<Id>().is_ok() => json!(cast.id()),
            Value::String(_) | Value::Null => json!("autre"),
            Value::Array(_) => json!([]),
            Value::Object(_) => json!({}),
        },
    }
}

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else {
        panic!("an object")
    };
    map
}

/// A body like that of a document, with some fields otherwise.
fn like(cast: &Cast, name: &str, other: Value) -> Map<String, Value> {
    let mut body = cast.body(cast.named[name]);
    body.extend(map(other));
    body.retain(|_, value| !value.is_null());
    body
}

fn set(cast: &Cast, seat: &str, name: &str, path: &[&str], value: &Value) -> Vec<Try> {
    let edit = |document: &mut Document| document.set(path, value).expect("writes");
    vec![cast.edit(seat, cast.named[name], edit)]
}

/// Takes a value away and puts it back, within one change.
fn again(cast: &Cast, seat: &str, name: &str, path: &[&str]) -> Vec<Try> {
    let id = cast.named[name];
    let now = path
        .iter()
        .fold(cast.view(id), |view, key| view[*key].clone());
    let edit = |document: &mut Document| {
        document.set(path, &Value::Null).expect("writes");
        document.set(path, &now).expect("writes");
    };
    vec![cast.edit(seat, id, edit)]
}

/// The first key of a map of a document.
fn key(cast: &Cast, name: &str, field: &str) -> String {
    let body = cast.body(cast.named[name]);
    let map = body[field].as_object().expect("a map");
    map.keys().next().expect("not empty").clone()
}

/// An act of the seat's own person, with what it carries.
fn act(cast: &Cast, seat: &str, name: &str, verb: &str, more: Value) -> Vec<Try> {
    act_by(cast, seat, name, verb, &json!(cast.person(seat)), more)
}

fn act_by(cast: &Cast, seat: &str, name: &str, verb: &str, by: &Value, more: Value) -> Vec<Try> {
    let mut act = map(json!({ "at": cast.now, "by": by, "verb": verb, "after": [] }));
    act.extend(map(more));
    act.retain(|_, value| !value.is_null());
    let id = cast.id().to_string();
    set(cast, seat, name, &["acts", &id], &Value::Object(act))
}

fn create(cast: &Cast, seat: &str, kind: &str, name: &str, other: Value) -> Vec<Try> {
    vec![cast.create(seat, kind, like(cast, name, other))]
}

/// Another's name: never that of the seat itself.
fn somebody(cast: &Cast, seat: &str) -> Id {
    cast.person(if seat == "colleague" {
        "relay"
    } else {
        "colleague"
    })
}

/// Every case, by kind.
pub(super) fn cases(kind: &str) -> Vec<(&'static str, Case)> {
    match kind {
        "site" => vec![("create", |c, s| create(c, s, "site", "site", json!({})))],
        "person" => office::person(),
        "form" => office::form(),
        "draft" => report::draft(),
        "report" => report::report(),
        "reporter" => report::reporters(),
        "action" => office::action(),
        "module" => learn::module(),
        "release" => learn::releases(),
        "assignment" => learn::assignment(),
        "progress" => learn::progress(),
        "memory" => learn::memory(),
        _ => Vec::new(),
    }
}
