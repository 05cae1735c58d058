//! Capsules, and what people learn.

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::document::Document;

use super::super::cast::{Cast, Try};
use super::{Case, act_by, again, create, key, map, set, somebody};

pub(super) fn module() -> Vec<(&'static str, Case)> {
    fn did(cast: &Cast, seat: &str, verb: &str, more: Value) -> Vec<Try> {
        let by = if seat == "system" {
            Value::Null
        } else {
            json!(cast.person(seat))
        };
        act_by(cast, seat, "module", verb, &by, more)
    }
    vec![
        ("create", |c, s| {
            create(c, s, "module", "module", json!({ "acts": {} }))
        }),
        ("change the text", |c, s| {
            let edit = |document: &mut Document| {
                document
                    .set_text(&["source", "fr"], "Autre")
                    .expect("writes");
            };
            vec![c.edit(s, c.named["module"], edit)]
        }),
        ("write a text of more than 64 KiB", |c, s| {
            let long = "x".repeat(65 * 1024);
            set(c, s, "module", &["source", "de"], &json!(long))
        }),
        ("add a picture", |c, s| {
            set(c, s, "module", &["media", "x.svg"], &json!("<svg/>"))
        }),
        ("act `create`", |c, s| did(c, s, "create", json!({}))),
        ("act `edit`", |c, s| did(c, s, "edit", json!({}))),
        ("act `publish`", |c, s| {
            did(c, s, "publish", json!({ "release": c.named["release"] }))
        }),
        ("act `withdraw`", |c, s| did(c, s, "withdraw", json!({}))),
        ("act that is not known", |c, s| {
            did(c, s, "erase", json!({}))
        }),
        ("act that carries something more", |c, s| {
            did(c, s, "edit", json!({ "more": "x" }))
        }),
        ("act `edit` in another’s name", |c, s| {
            act_by(c, s, "module", "edit", &json!(somebody(c, s)), json!({}))
        }),
        ("act `edit` unnamed", |c, s| {
            act_by(c, s, "module", "edit", &Value::Null, json!({}))
        }),
        ("delete an act", |c, s| {
            let act = key(c, "module", "acts");
            set(c, s, "module", &["acts", &act], &Value::Null)
        }),
    ]
}

pub(super) fn releases() -> Vec<(&'static str, Case)> {
    fn made(cast: &Cast, seat: &str, other: Value) -> Vec<Try> {
        let by = if seat == "system" {
            Value::Null
        } else {
            json!(cast.person(seat))
        };
        let mut fresh = map(json!({ "by": by }));
        fresh.extend(map(other));
        create(cast, seat, "release", "release", Value::Object(fresh))
    }
    vec![
        ("create", |c, s| made(c, s, json!({}))),
        ("create in another’s name", |c, s| {
            made(c, s, json!({ "by": somebody(c, s) }))
        }),
        ("create in nobody’s name", |c, s| {
            made(c, s, json!({ "by": null }))
        }),
        ("create for no site", |c, s| {
            made(c, s, json!({ "sites": [] }))
        }),
        ("create with a pack that is none", |c, s| {
            made(c, s, json!({ "pack": { "hash": "x", "size": 1 } }))
        }),
        ("create with a pack of 2 MB", |c, s| {
            made(
                c,
                s,
                json!({ "pack": { "hash": "0".repeat(64), "size": 2 << 20 } }),
            )
        }),
        ("change the title", |c, s| {
            set(c, s, "release", &["title", "fr"], &json!("Autre"))
        }),
        ("write the pack again", |c, s| {
            again(c, s, "release", &["pack", "hash"])
        }),
        ("change the pack", |c, s| {
            set(c, s, "release", &["pack", "hash"], &json!("0".repeat(64)))
        }),
        ("let one that was withdrawn stand again", |c, s| {
            set(
                c,
                s,
                "release that was withdrawn",
                &["withdrawn"],
                &json!(false),
            )
        }),
    ]
}

pub(super) fn assignment() -> Vec<(&'static str, Case)> {
    fn made(cast: &Cast, seat: &str, other: Value) -> Vec<Try> {
        create(cast, seat, "assignment", "assignment", other)
    }
    vec![
        ("create", |c, s| made(c, s, json!({}))),
        ("create for all", |c, s| {
            made(c, s, json!({ "sites": null }))
        }),
        ("create for no site", |c, s| {
            made(c, s, json!({ "sites": [] }))
        }),
        ("create until no date", |c, s| {
            made(c, s, json!({ "due_on": "x" }))
        }),
        ("set no site", |c, s| {
            set(c, s, "assignment", &["sites"], &json!([]))
        }),
    ]
}

pub(super) fn progress() -> Vec<(&'static str, Case)> {
    fn site(cast: &Cast, seat: &str) -> Value {
        let person = cast.people.get(seat).map(|person| cast.body(*person));
        person
            .and_then(|mut person| person.remove("site"))
            .unwrap_or_default()
    }
    fn made(cast: &Cast, seat: &str, other: Value) -> Vec<Try> {
        let mut body = map(json!({ "person": cast.person(seat), "site": site(cast, seat) }));
        body.extend(map(other));
        create(cast, seat, "progress", "progress", Value::Object(body))
    }
    fn first<'a>(attempt: &'a str, field: &'a str) -> [&'a str; 3] {
        ["attempts", attempt, field]
    }
    fn change(cast: &Cast, seat: &str, field: &str, value: &Value) -> Vec<Try> {
        let attempt = key(cast, "progress", "attempts");
        set(cast, seat, "progress", &first(&attempt, field), value)
    }
    vec![
        ("create", |c, s| made(c, s, json!({}))),
        ("create in another’s name", |c, s| {
            made(c, s, json!({ "person": somebody(c, s) }))
        }),
        ("create at another site", |c, s| {
            made(c, s, json!({ "site": c.id() }))
        }),
        ("begin an attempt", |c, s| {
            let attempt = json!({
                "module": c.named["module"], "release": c.named["release"], "step": 0,
                "answers": {}, "started_at": 0,
            });
            set(
                c,
                s,
                "progress",
                &["attempts", &c.id().to_string()],
                &attempt,
            )
        }),
        ("note a release that arrived", |c, s| {
            set(
                c,
                s,
                "progress",
                &["received", &c.id().to_string()],
                &json!(0),
            )
        }),
        ("change a step", |c, s| change(c, s, "step", &json!(7))),
        ("change a score", |c, s| change(c, s, "score", &json!(100))),
        ("change the release of an attempt", |c, s| {
            change(c, s, "release", &json!(c.id()))
        }),
        ("change the module of an attempt", |c, s| {
            change(c, s, "module", &json!(c.id()))
        }),
        ("open an attempt again that ended", |c, s| {
            change(c, s, "finished_at", &Value::Null)
        }),
        ("delete an attempt", |c, s| {
            let attempt = key(c, "progress", "attempts");
            set(c, s, "progress", &["attempts", &attempt], &Value::Null)
        }),
    ]
}

pub(super) fn memory() -> Vec<(&'static str, Case)> {
    fn made(cast: &Cast, seat: &str, person: Id) -> Vec<Try> {
        create(cast, seat, "memory", "memory", json!({ "person": person }))
    }
    vec![
        ("create", |c, s| made(c, s, c.person(s))),
        ("create in another’s name", |c, s| {
            made(c, s, somebody(c, s))
        }),
        ("add a review", |c, s| {
            let review = json!({
                "module": c.named["module"], "release": c.named["release"], "item": "a", "day": 1,
                "correct": true,
            });
            set(c, s, "memory", &["reviews", &c.id().to_string()], &review)
        }),
        ("change a review", |c, s| {
            let review = key(c, "memory", "reviews");
            set(c, s, "memory", &["reviews", &review, "day"], &json!(1))
        }),
        ("write a review again", |c, s| {
            let review = key(c, "memory", "reviews");
            again(c, s, "memory", &["reviews", &review, "day"])
        }),
        ("delete a review", |c, s| {
            let review = key(c, "memory", "reviews");
            set(c, s, "memory", &["reviews", &review], &Value::Null)
        }),
    ]
}
