//! Who sees whose name, and what a tampered device can do.

use serde_json::{Value, json};

use crate::document::Document;
use crate::error::Code;
use crate::id::Id;
use crate::store::{document, outbox};
use crate::testing::{Cast, Who, press, quay};

fn reporter(cast: &Cast, report: Id) -> Id {
    let view = cast.view(Who::Sophie, report).expect("the report is here");
    view["reporter"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id")
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn names(bytes: &[u8], who: Who) -> bool {
    let person = who.person();
    let text = person.to_string();
    let plain = text.replace('-', "");
    contains(bytes, person.as_bytes())
        || contains(bytes, text.as_bytes())
        || contains(bytes, plain.as_bytes())
        || contains(bytes, b"Sophie")
        || contains(bytes, b"sophie")
}

#[test]
fn a_confidential_name_comes_to_leads_alone() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "confidential", press());
    let reporter = reporter(&cast, report);
    cast.sync_all();
    for who in [Who::Karim, Who::Lea] {
        assert!(cast.view(who, report).is_some(), "{who:?} has the report");
        assert!(
            cast.view(who, reporter).is_none(),
            "{who:?} does not have the name"
        );
        let view = cast.ok(who, "report.open", json!({ "id": report }));
        assert_eq!(view["reporter"], Value::Null, "{who:?} does not see who");
        assert_eq!(
            view["reporter_name"],
            Value::Null,
            "{who:?} does not see the name"
        );
    }
    let view = cast.ok(Who::Claire, "report.open", json!({ "id": report }));
    assert_eq!(view["reporter_name"], json!("Sophie"), "the lead does");
    for who in [Who::Yann, Who::Maud, Who::Adam, Who::Guest] {
        assert!(
            cast.view(who, report).is_none(),
            "{who:?} has nothing of it"
        );
        assert!(
            cast.view(who, reporter).is_none(),
            "{who:?} has nothing of it"
        );
    }
}

#[test]
fn an_open_name_comes_to_those_in_charge_of_the_site() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "open", press());
    cast.sync_all();
    let view = cast.ok(Who::Karim, "report.open", json!({ "id": report }));
    assert_eq!(
        view["reporter_name"],
        json!("Sophie"),
        "she said they may know"
    );
}

#[test]
fn the_report_itself_holds_no_trace_of_its_author() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "confidential", press());
    cast.ok(
        Who::Sophie,
        "report.comment",
        json!({ "id": report, "text": "Toujours là" }),
    );
    cast.sync_all();
    cast.ok(
        Who::Karim,
        "report.comment",
        json!({ "id": report, "text": "Merci" }),
    );
    cast.sync_all();
    cast.ok(
        Who::Sophie,
        "report.comment",
        json!({ "id": report, "text": "De rien" }),
    );
    cast.sync_all();
    let kept = &cast.server.store.kept.documents;
    assert!(
        names(&kept[&reporter(&cast, report)].body, Who::Sophie),
        "the search finds names"
    );
    assert!(
        !names(&kept[&report].body, Who::Sophie),
        "the server's copy names nobody"
    );
    for who in [Who::Sophie, Who::Karim, Who::Claire] {
        let stored = document::get(cast.device(who).db(), report).expect("a file");
        let body = stored.expect("it is here").body;
        assert!(
            contains(&body, "De rien".as_bytes()),
            "{who:?} has all of it"
        );
        assert!(!names(&body, Who::Sophie), "{who:?}'s copy names nobody");
    }
}

#[test]
fn nothing_on_a_managers_device_ties_a_confidential_report_to_its_author() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "confidential", press());
    cast.sync_all();
    let db = cast.device(Who::Karim).db();
    let sql = "SELECT count(*) FROM document WHERE kind IN ('reporter', 'draft')";
    let count: i64 = db.query_row(sql, [], |row| row.get(0)).expect("a count");
    assert_eq!(count, 0, "neither who made it nor the draft it came from");
    let stored = document::get(db, report)
        .expect("a file")
        .expect("it is here");
    assert!(!stored.mine, "and it is not said to be of this device");
}

#[test]
fn the_authors_comments_are_unnamed() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "confidential", press());
    cast.ok(
        Who::Sophie,
        "report.comment",
        json!({ "id": report, "text": "Encore" }),
    );
    cast.sync_all();
    let comment = |cast: &mut Cast, who: Who| -> Value {
        let view = cast.ok(who, "report.open", json!({ "id": report }));
        let lines = view["timeline"].as_array().expect("lines").clone();
        lines
            .into_iter()
            .find(|line| line["verb"] == "comment")
            .expect("the comment")
    };
    let seen = comment(&mut cast, Who::Karim);
    assert_eq!(seen["by"], Value::Null, "Karim does not see who");
    assert_eq!(seen["by_author"], json!(true), "but that it is the author");
    assert_eq!(
        comment(&mut cast, Who::Claire)["by_name"],
        json!("Sophie"),
        "Claire does"
    );
    // A manager who reports is an author too.
    let own = cast.report(Who::Karim, "confidential", press());
    cast.ok(
        Who::Karim,
        "report.comment",
        json!({ "id": own, "text": "De moi" }),
    );
    let view = cast.view(Who::Karim, own).expect("it is here");
    let acts = view["acts"].as_object().expect("acts");
    assert!(acts.values().all(|act| act.get("by").is_none()), "{acts:?}");
}

#[test]
fn a_manager_does_not_touch_another_sites_report() {
    let mut cast = Cast::new();
    let brest = cast.report(Who::Maud, "open", quay());
    // His own, but about a place of another site: he has it and may not triage it.
    let own = cast.report(Who::Karim, "open", quay());
    cast.sync_all();
    for (report, code) in [(brest, Code::NotFound), (own, Code::Refused)] {
        for (name, input) in [
            ("report.take", json!({ "id": report })),
            (
                "report.severity",
                json!({ "id": report, "severity": "low", "reason": "" }),
            ),
            (
                "report.close",
                json!({ "id": report, "outcome": "done", "answer": "x" }),
            ),
            ("report.reopen", json!({ "id": report, "reason": "x" })),
            ("report.link", json!({ "id": report, "action": report })),
            (
                "report.assign",
                json!({ "id": report, "person": Who::Karim.person(), "assigned": true }),
            ),
        ] {
            let error = cast.err(Who::Karim, name, input);
            assert_eq!(error.code(), code, "{name}: {error}");
        }
    }
    cast.ok(
        Who::Karim,
        "report.comment",
        json!({ "id": own, "text": "Comme auteur, oui" }),
    );
    let view = cast.ok(Who::Karim, "report.open", json!({ "id": own }));
    assert_eq!(view["may_triage"], json!(false), "the page says so");
}

/// Writes to a document past the rules of the device, as a tampered one would.
fn forge(cast: &mut Cast, who: Who, id: Id, edit: impl FnOnce(&mut Document)) {
    let (push, now) = (cast.new_id(), cast.now);
    let db = cast.device(who).db();
    let stored = document::get(db, id).expect("a file").expect("it is here");
    let actor = document::actor(db, id, || *push.as_bytes().last_chunk().expect("eight"))
        .expect("an actor");
    let mut forged = Document::load(&stored.body, actor).expect("it loads");
    edit(&mut forged);
    let change = forged.commit().remove(0);
    let (kind, body) = (stored.kind.clone(), forged.save());
    let row = document::Stored { body, ..stored };
    document::put(db, id, &row, &forged.heads()).expect("it is written");
    let waiting = outbox::Waiting {
        id: push,
        document: id,
        kind,
        person: who.person(),
        change,
    };
    outbox::push(db, &waiting, now).expect("it waits");
}

#[test]
fn answers_changed_after_sealing_are_refused_and_stay_readable() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "open", press());
    cast.sync(Who::Sophie);
    forge(&mut cast, Who::Sophie, report, |document| {
        document
            .set(&["answers", "words"], &json!("Rien du tout"))
            .expect("written");
    });
    cast.sync(Who::Sophie);
    let refused = cast.server.store.kept.quarantine.clone();
    assert_eq!(
        refused,
        [("refused".to_owned(), "report".to_owned())],
        "the server refuses it"
    );
    cast.sync_all();
    for who in [Who::Sophie, Who::Karim] {
        let view = cast.ok(who, "report.open", json!({ "id": report }));
        assert_eq!(
            view["answers"]["words"],
            json!("Flaque d’huile"),
            "{who:?}: as sealed"
        );
    }
    let view = cast.ok(Who::Sophie, "report.open", json!({ "id": report }));
    assert_eq!(
        view["refusal"],
        json!("refused"),
        "her page says what happened"
    );
    let health = cast.ok(Who::Sophie, "sync.health", json!({}));
    assert_eq!(
        health["refused"][0]["doc"],
        json!(report),
        "so does the sync page"
    );
    assert_eq!(
        health["refused"][0]["code"],
        json!("refused"),
        "with its code"
    );
    let kept: i64 = cast
        .device(Who::Sophie)
        .db()
        .query_row("SELECT length(change) FROM refused", [], |row| row.get(0))
        .expect("it is kept");
    assert!(kept > 0, "what was written is still there");
    cast.ok(
        Who::Sophie,
        "report.comment",
        json!({ "id": report, "text": "Pardon" }),
    );
    cast.sync(Who::Sophie);
    assert_eq!(
        cast.server.store.kept.quarantine.len(),
        1,
        "and she goes on working"
    );
}

#[test]
fn the_author_cannot_triage_nor_speak_for_another() {
    for act in [
        json!({ "at": 1, "verb": "close", "outcome": "done", "text": "x", "after": [] }),
        json!({ "at": 1, "verb": "severity", "severity": "low", "text": "", "after": [] }),
        json!({ "at": 1, "by": Who::Karim.person(), "verb": "take", "after": [] }),
        json!({ "at": 1, "by": Who::Sophie.person(), "verb": "take", "after": [] }),
        json!({ "at": 1, "verb": "comment", "text": "", "after": [] }),
        json!({ "at": 1, "verb": "comment", "text": "x", "after": [Who::Karim.person()] }),
        json!({ "at": "soon", "verb": "comment", "text": "x", "after": [] }),
        json!(7),
    ] {
        let mut cast = Cast::new();
        let report = cast.report(Who::Sophie, "open", press());
        cast.sync(Who::Sophie);
        let key = cast.new_id().to_string();
        forge(&mut cast, Who::Sophie, report, |document| {
            document.set(&["acts", &key], &act).expect("written");
        });
        cast.sync(Who::Sophie);
        let kept = &cast.server.store.kept;
        assert_eq!(kept.quarantine.len(), 1, "refused: {act}");
        let body = &kept.documents[&report].body;
        let view = Document::load(body, [0; 8])
            .expect("it loads")
            .view()
            .expect("it reads");
        assert_eq!(view["acts"], json!({}), "nothing of it is kept: {act}");
    }
}

#[test]
fn nobody_writes_who_made_a_report_again() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "confidential", press());
    let reporter = reporter(&cast, report);
    cast.sync(Who::Sophie);
    forge(&mut cast, Who::Sophie, reporter, |document| {
        document
            .set(&["confidential"], &json!(false))
            .expect("written");
    });
    cast.sync_all();
    assert_eq!(cast.server.store.kept.quarantine.len(), 1, "it was refused");
    assert!(
        cast.view(Who::Karim, reporter).is_none(),
        "and came to nobody"
    );
}
