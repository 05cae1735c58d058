//! Drafts, reports, and who made them.

use serde_json::{Value, json};
use vigie_core::store::blob;

use super::super::cast::{Cast, Try};
use super::{Case, act, act_by, again, create, key, like, map, set, somebody};

fn photo(cast: &Cast, media_type: &str, size: u64) -> Value {
    json!({ "media_type": media_type, "size": size, "field": "photos", "at": cast.now })
}

pub(super) fn draft() -> Vec<(&'static str, Case)> {
    fn pictured(cast: &Cast, seat: &str, media_type: &str, size: u64) -> Vec<Try> {
        let hash = blob::hex(&blob::hash(b"another"));
        let photo = photo(cast, media_type, size);
        set(cast, seat, "draft", &["photos", &hash], &photo)
    }
    vec![
        ("create", |c, s| create(c, s, "draft", "draft", json!({}))),
        ("change an answer", |c, s| {
            set(c, s, "draft", &["answers", "words"], &json!("Non"))
        }),
        ("delete an answer", |c, s| {
            set(c, s, "draft", &["answers", "words"], &Value::Null)
        }),
        ("add a photo", |c, s| pictured(c, s, "image/png", 9)),
        ("add a photo of 30 MB", |c, s| {
            pictured(c, s, "image/png", 30 << 20)
        }),
        ("add what is no photo", |c, s| {
            pictured(c, s, "text/html", 9)
        }),
        ("add a photo under what is no hash", |c, s| {
            let photo = photo(c, "image/png", 9);
            set(c, s, "draft", &["photos", "x"], &photo)
        }),
        ("add twenty photos more", |c, s| {
            let mut tries = pictured(c, s, "image/png", 9);
            tries[0] = c.edit(s, c.named["draft"], |document| {
                for number in 0..20_u8 {
                    let hash = blob::hex(&blob::hash(&[number]));
                    let photo = photo(c, "image/png", 9);
                    document.set(&["photos", &hash], &photo).expect("writes");
                }
            });
            tries
        }),
        ("create with two values of a field", |c, s| {
            let mut made = create(c, s, "draft", "draft", json!({}));
            let beside = super::super::writes::beside(c, c.named["draft"], "release", &json!(2));
            made[0].changes.extend(beside.changes);
            made
        }),
        ("delete a photo", |c, s| {
            let hash = key(c, "draft", "photos");
            set(c, s, "draft", &["photos", &hash], &Value::Null)
        }),
    ]
}

#[expect(clippy::too_many_lines, reason = "one line for each case")]
pub(super) fn report() -> Vec<(&'static str, Case)> {
    fn sealed(cast: &Cast, seat: &str, other: Value) -> Vec<Try> {
        let mut fresh = map(json!({ "acts": {}, "reporter": cast.id() }));
        fresh.extend(map(other));
        create(cast, seat, "report", "report", Value::Object(fresh))
    }
    fn did(cast: &Cast, seat: &str, verb: &str, more: Value) -> Vec<Try> {
        act(cast, seat, "report", verb, more)
    }
    vec![
        ("create", |c, s| sealed(c, s, json!({}))),
        ("create at another site", |c, s| {
            sealed(c, s, json!({ "site": c.sites[1] }))
        }),
        ("create at no site", |c, s| {
            sealed(c, s, json!({ "site": c.id() }))
        }),
        ("create with answers that break the form", |c, s| {
            sealed(c, s, json!({ "answers": {} }))
        }),
        ("create with another title than the answers give", |c, s| {
            sealed(c, s, json!({ "title": "x" }))
        }),
        ("create open where the answer says confidential", |c, s| {
            let body = like(
                c,
                "report, confidential",
                json!({ "confidential": false, "acts": {} }),
            );
            vec![c.create(s, "report", body)]
        }),
        ("create without an answer that the form requires", |c, s| {
            let mut answers = c.body(c.named["report"])["answers"].clone();
            answers.as_object_mut().expect("answers").remove("urgency");
            sealed(c, s, json!({ "answers": answers }))
        }),
        ("create with what is no photo", |c, s| {
            let hash = blob::hex(&blob::hash(b"another"));
            let photos = json!({ (hash): photo(c, "text/html", 9) });
            sealed(c, s, json!({ "photos": photos }))
        }),
        ("create with an act", |c, s| {
            let act = json!({ "at": 0, "by": c.person(s), "verb": "read", "after": [] });
            sealed(c, s, json!({ "acts": { (c.id().to_string()): act } }))
        }),
        ("change an answer", |c, s| {
            set(c, s, "report", &["answers", "words"], &json!("Non"))
        }),
        ("add a photo", |c, s| {
            let hash = blob::hex(&blob::hash(b"another"));
            set(
                c,
                s,
                "report",
                &["photos", &hash],
                &photo(c, "image/png", 9),
            )
        }),
        ("delete a photo", |c, s| {
            let hash = key(c, "report", "photos");
            set(c, s, "report", &["photos", &hash], &Value::Null)
        }),
        ("act `read`", |c, s| did(c, s, "read", json!({}))),
        ("act `take`", |c, s| did(c, s, "take", json!({}))),
        ("act `severity`", |c, s| {
            did(c, s, "severity", json!({ "severity": "low", "text": "" }))
        }),
        ("act `assign`", |c, s| {
            did(c, s, "assign", json!({ "person": c.people["relay"] }))
        }),
        ("act `unassign`", |c, s| {
            did(c, s, "unassign", json!({ "person": c.people["relay"] }))
        }),
        ("act `comment`", |c, s| {
            did(c, s, "comment", json!({ "text": "Vu" }))
        }),
        ("act `link`", |c, s| {
            did(c, s, "link", json!({ "action": c.named["action"] }))
        }),
        ("act `close`", |c, s| {
            did(c, s, "close", json!({ "text": "Fait", "outcome": "done" }))
        }),
        ("act `reopen`", |c, s| {
            did(c, s, "reopen", json!({ "text": "Encore" }))
        }),
        ("act that is not known", |c, s| {
            did(c, s, "erase", json!({}))
        }),
        ("act `comment` that says nothing", |c, s| {
            did(c, s, "comment", json!({ "text": " " }))
        }),
        ("act `comment` of 4,001 characters", |c, s| {
            did(c, s, "comment", json!({ "text": "x".repeat(4001) }))
        }),
        ("act `severity` for a reason of 4,001 characters", |c, s| {
            did(
                c,
                s,
                "severity",
                json!({ "severity": "low", "text": "x".repeat(4001) }),
            )
        }),
        ("act that carries something more", |c, s| {
            did(c, s, "read", json!({ "more": "x" }))
        }),
        ("act that knows an act that is not", |c, s| {
            did(c, s, "read", json!({ "after": [c.id()] }))
        }),
        ("act `comment` in another’s name", |c, s| {
            let by = json!(somebody(c, s));
            act_by(c, s, "report", "comment", &by, json!({ "text": "Vu" }))
        }),
        ("act `comment` unnamed", |c, s| {
            act_by(
                c,
                s,
                "report",
                "comment",
                &Value::Null,
                json!({ "text": "Vu" }),
            )
        }),
        ("act `reopen` unnamed", |c, s| {
            let more = json!({ "text": "Encore" });
            act_by(c, s, "report", "reopen", &Value::Null, more)
        }),
        ("write an answer again", |c, s| {
            again(c, s, "report", &["answers", "words"])
        }),
        ("write an act again", |c, s| {
            let act = key(c, "report", "acts");
            again(c, s, "report", &["acts", &act, "at"])
        }),
        ("put another size beside a photo’s", |c, s| {
            let hash = key(c, "report", "photos");
            let path = ["photos", &hash, "size"];
            vec![c.beside(s, c.named["report"], &path, &json!(9))]
        }),
        ("act `take` unnamed", |c, s| {
            act_by(c, s, "report", "take", &Value::Null, json!({}))
        }),
        ("change an act", |c, s| {
            let act = key(c, "report", "acts");
            set(c, s, "report", &["acts", &act, "at"], &json!(0))
        }),
        ("delete an act", |c, s| {
            let act = key(c, "report", "acts");
            set(c, s, "report", &["acts", &act], &Value::Null)
        }),
    ]
}

/// A report of `maker` and, after it, the document that says who made it, pushed by the seat.
fn reporter(cast: &Cast, seat: &str, maker: &str, other: Value) -> Vec<Try> {
    let id = cast.id();
    let report = like(cast, "report", json!({ "acts": {}, "reporter": id }));
    let report = cast.create(maker, "report", report);
    let mut body = map(json!({
        "report": report.document, "person": cast.person(seat), "site": cast.sites[0],
        "confidential": false,
    }));
    body.extend(map(other));
    let reporter = cast.create_as(seat, "reporter", id, body);
    vec![report, reporter]
}

pub(super) fn reporters() -> Vec<(&'static str, Case)> {
    vec![
        ("create of one’s own report", |c, s| {
            reporter(c, s, s, json!({}))
        }),
        ("create of the author’s report", |c, s| {
            reporter(c, s, "author", json!({}))
        }),
        ("create in another’s name", |c, s| {
            reporter(c, s, s, json!({ "person": somebody(c, s) }))
        }),
        ("create under another id than the report names", |c, s| {
            let mut tries = reporter(c, s, s, json!({}));
            let body = json!({
                "report": tries[0].document, "person": c.person(s), "site": c.sites[0],
                "confidential": false,
            });
            tries[1] = c.create(s, "reporter", map(body));
            tries
        }),
        ("create confidential where the report is open", |c, s| {
            reporter(c, s, s, json!({ "confidential": true }))
        }),
        ("create with another site than the report’s", |c, s| {
            reporter(c, s, s, json!({ "site": c.sites[1] }))
        }),
        ("create of no report", |c, s| {
            let mut tries = reporter(c, s, s, json!({}));
            tries.remove(0);
            tries
        }),
    ]
}
