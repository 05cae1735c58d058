//! People, forms, actions.

use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::document::Document;

use super::super::cast::{Cast, Try};
use super::{Case, act, act_by, again, create, key, map, set, somebody};

/// A seat's own person document, or nothing for the server's own.
fn own(cast: &Cast, seat: &str, field: &str, value: &Value) -> Vec<Try> {
    let Some(person) = cast.people.get(seat) else {
        return Vec::new();
    };
    let edit = |document: &mut Document| document.set(&[field], value).expect("writes");
    vec![cast.edit(seat, *person, edit)]
}

fn admins(cast: &Cast, seat: &str, field: &str, value: &Value) -> Vec<Try> {
    let edit = |document: &mut Document| document.set(&[field], value).expect("writes");
    vec![cast.edit(seat, cast.people["another admin"], edit)]
}

/// The next release of the form, as a program.
fn release(cast: &Cast, form: Id, number: u32) -> Value {
    let body = cast.body(cast.named["form"]);
    let text = body["releases"]["1"].as_str().expect("a program");
    let mut program: Value = serde_json::from_str(text).expect("JSON");
    program["release"] = json!(number);
    program["form"] = json!(form);
    json!(program.to_string())
}

pub(super) fn person() -> Vec<(&'static str, Case)> {
    fn made(cast: &Cast, seat: &str, role: &str) -> Vec<Try> {
        create(
            cast,
            seat,
            "person",
            "person",
            json!({ "roles": [role], "login": "nouveau" }),
        )
    }
    vec![
        ("create", |c, s| made(c, s, "operator")),
        ("create a lead", |c, s| made(c, s, "lead")),
        ("create an admin", |c, s| made(c, s, "admin")),
        ("make a lead", |c, s| {
            set(c, s, "person", &["roles"], &json!(["operator", "lead"]))
        }),
        ("make an admin", |c, s| {
            set(c, s, "person", &["roles"], &json!(["operator", "admin"]))
        }),
        ("change one’s own roles", |c, s| {
            own(c, s, "roles", &json!(["admin", "lead", "manager"]))
        }),
        ("change one’s own name", |c, s| {
            own(c, s, "name", &json!("Autre"))
        }),
        ("change one’s own site", |c, s| {
            own(c, s, "site", &json!(c.id()))
        }),
        ("change an admin’s login", |c, s| {
            admins(c, s, "login", &json!("autre"))
        }),
        ("send an admin away", |c, s| {
            admins(c, s, "active", &json!(false))
        }),
        ("unmake an admin", |c, s| {
            admins(c, s, "roles", &json!(["operator"]))
        }),
    ]
}

pub(super) fn form() -> Vec<(&'static str, Case)> {
    vec![
        ("create", |c, s| {
            let id = c.id();
            let body = json!({ "slug": "weak-signal", "releases": { "1": release(c, id, 1) } });
            vec![c.create_as(s, "form", id, map(body))]
        }),
        ("add a release", |c, s| {
            let text = release(c, c.named["form"], 2);
            set(c, s, "form", &["releases", "2"], &text)
        }),
        ("change a release", |c, s| {
            set(c, s, "form", &["releases", "1"], &json!("{}"))
        }),
        ("delete a release", |c, s| {
            set(c, s, "form", &["releases", "1"], &Value::Null)
        }),
        ("add a release under another number", |c, s| {
            let text = release(c, c.named["form"], 3);
            set(c, s, "form", &["releases", "2"], &text)
        }),
        ("write a release again", |c, s| {
            again(c, s, "form", &["releases", "1"])
        }),
        ("add a release of another form", |c, s| {
            let text = release(c, c.id(), 2);
            set(c, s, "form", &["releases", "2"], &text)
        }),
    ]
}

#[expect(clippy::too_many_lines, reason = "one line for each case")]
pub(super) fn action() -> Vec<(&'static str, Case)> {
    fn made(cast: &Cast, seat: &str, other: Value) -> Vec<Try> {
        let mut fresh = map(json!({ "acts": {} }));
        fresh.extend(map(other));
        create(cast, seat, "action", "action", Value::Object(fresh))
    }
    fn did(cast: &Cast, seat: &str, verb: &str, more: Value) -> Vec<Try> {
        act(cast, seat, "action", verb, more)
    }
    vec![
        ("create", |c, s| made(c, s, json!({}))),
        ("create at another site", |c, s| {
            made(c, s, json!({ "site": c.sites[1] }))
        }),
        ("create for nobody", |c, s| {
            made(c, s, json!({ "owner": c.id() }))
        }),
        ("create for what is no person", |c, s| {
            made(c, s, json!({ "owner": c.sites[0] }))
        }),
        ("create without a date", |c, s| {
            made(c, s, json!({ "due_on": "x" }))
        }),
        ("create without a title", |c, s| {
            made(c, s, json!({ "title": " " }))
        }),
        ("create with 4,001 characters of details", |c, s| {
            made(c, s, json!({ "details": "x".repeat(4001) }))
        }),
        ("create with an act", |c, s| {
            create(c, s, "action", "action", json!({}))
        }),
        ("act `done`", |c, s| {
            did(c, s, "done", json!({ "text": "Fait" }))
        }),
        ("act `done` on one given to a guest", |c, s| {
            act(c, s, "action of a guest", "done", json!({ "text": "Fait" }))
        }),
        ("write an act again", |c, s| {
            let act = key(c, "action", "acts");
            again(c, s, "action", &["acts", &act, "at"])
        }),
        ("act `reopen`", |c, s| {
            did(c, s, "reopen", json!({ "text": "Encore" }))
        }),
        ("act `done` that says nothing", |c, s| {
            did(c, s, "done", json!({ "text": " " }))
        }),
        ("act `done` of 4,001 characters", |c, s| {
            did(c, s, "done", json!({ "text": "x".repeat(4001) }))
        }),
        ("act that is not known", |c, s| {
            did(c, s, "erase", json!({ "text": "x" }))
        }),
        ("act that carries something more", |c, s| {
            did(c, s, "done", json!({ "text": "x", "more": "x" }))
        }),
        ("act `done` in another’s name", |c, s| {
            let by = json!(somebody(c, s));
            act_by(c, s, "action", "done", &by, json!({ "text": "Fait" }))
        }),
        ("act `done` unnamed", |c, s| {
            act_by(
                c,
                s,
                "action",
                "done",
                &Value::Null,
                json!({ "text": "Fait" }),
            )
        }),
        ("change an act", |c, s| {
            let act = key(c, "action", "acts");
            set(c, s, "action", &["acts", &act, "at"], &json!(0))
        }),
        ("delete an act", |c, s| {
            let act = key(c, "action", "acts");
            set(c, s, "action", &["acts", &act], &Value::Null)
        }),
    ]
}
