//! Several people in charge, with and without network.

use serde_json::{Value, json};

use crate::id::Id;
use crate::testing::{Cast, Who, press};

fn row(cast: &mut Cast, who: Who, report: Id) -> Value {
    cast.ok(who, "report.open", json!({ "id": report }))["row"].clone()
}

fn reported() -> (Cast, Id) {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "open", press());
    cast.sync_all();
    (cast, report)
}

#[test]
fn two_people_triage_offline_and_both_are_kept() {
    let (mut cast, report) = reported();
    let severity = json!({ "id": report, "severity": "critical", "reason": "Passage de chariots" });
    cast.ok(Who::Karim, "report.severity", severity);
    cast.ok(Who::Karim, "report.take", json!({ "id": report }));
    cast.ok(
        Who::Lea,
        "report.comment",
        json!({ "id": report, "text": "Je balise" }),
    );
    cast.ok(Who::Lea, "report.take", json!({ "id": report }));
    cast.sync_all();
    let seen: Vec<Value> = [Who::Karim, Who::Lea, Who::Claire]
        .map(|who| {
            let mut row = row(&mut cast, who, report);
            row["mine"] = Value::Null;
            row
        })
        .to_vec();
    assert!(
        seen.iter().all(|row| *row == seen[0]),
        "one state for all: {seen:?}"
    );
    assert_eq!(
        seen[0]["severity"],
        json!("critical"),
        "the more severe counts"
    );
    assert_eq!(seen[0]["status"], json!("in_progress"), "it is in charge");
    assert_eq!(
        seen[0]["assignees"].as_array().map(Vec::len),
        Some(2),
        "of both"
    );
    let view = cast.ok(Who::Sophie, "report.open", json!({ "id": report }));
    let lines = view["timeline"].as_array().expect("lines");
    for words in ["Passage de chariots", "Je balise"] {
        let told = lines.iter().filter(|line| line["text"] == words).count();
        assert_eq!(told, 1, "the author reads `{words}`");
    }
    assert!(
        cast.server.store.kept.quarantine.is_empty(),
        "nothing was refused"
    );
}

#[test]
fn closing_does_not_cover_a_worsening_it_has_not_seen() {
    let (mut cast, report) = reported();
    let close = json!({ "id": report, "outcome": "done", "answer": "Nettoyé" });
    cast.ok(Who::Karim, "report.close", close);
    let severity = json!({ "id": report, "severity": "critical", "reason": "Ça fuit" });
    cast.ok(Who::Lea, "report.severity", severity);
    cast.sync_all();
    for who in [Who::Karim, Who::Lea, Who::Sophie] {
        let row = row(&mut cast, who, report);
        assert_eq!(
            row["status"],
            json!("in_progress"),
            "{who:?}: it is not closed"
        );
        assert_eq!(row["worsened"], json!(true), "{who:?}: and says why");
        assert_eq!(
            row["closed_at"],
            Value::Null,
            "{who:?}: so it has no closing date"
        );
    }
    let counts = cast.ok(Who::Karim, "report.counts", json!({}));
    assert_eq!(counts["worsened"], json!(1), "it is counted");
    let close = json!({ "id": report, "outcome": "done", "answer": "Joint changé" });
    cast.ok(Who::Karim, "report.close", close);
    cast.sync_all();
    let row = row(&mut cast, Who::Sophie, report);
    assert_eq!(row["status"], json!("closed"), "closed again, knowing it");
    assert_eq!(
        row["custody"],
        json!("handled"),
        "the author sees that it was answered"
    );
}

#[test]
fn severity_goes_down_only_by_someone_who_knows_it() {
    let (mut cast, report) = reported();
    let set = |severity: &str| json!({ "id": report, "severity": severity, "reason": "" });
    cast.ok(Who::Karim, "report.severity", set("critical"));
    cast.ok(Who::Lea, "report.severity", set("low"));
    cast.sync_all();
    let view = cast.ok(Who::Claire, "report.open", json!({ "id": report }));
    assert_eq!(
        view["row"]["severity"],
        json!("critical"),
        "Lea did not know"
    );
    assert_eq!(
        view["severities"].as_array().map(Vec::len),
        Some(2),
        "people disagree"
    );
    cast.ok(Who::Lea, "report.severity", set("low"));
    cast.sync_all();
    let view = cast.ok(Who::Claire, "report.open", json!({ "id": report }));
    assert_eq!(view["row"]["severity"], json!("low"), "now she does");
    assert_eq!(
        view["severities"].as_array().map(Vec::len),
        Some(1),
        "and it is settled"
    );
}

#[test]
fn reading_is_noted_once_and_only_of_those_in_charge() {
    let (mut cast, report) = reported();
    for who in [Who::Sophie, Who::Karim, Who::Karim, Who::Lea] {
        cast.ok(who, "report.read", json!({ "id": report }));
        cast.sync_all();
    }
    let view = cast.view(Who::Karim, report).expect("it is here");
    let acts = view["acts"].as_object().expect("acts");
    assert_eq!(
        acts.len(),
        2,
        "Karim once, Lea once, Sophie never: {acts:?}"
    );
}

#[test]
fn words_find_reports_whatever_their_accents() {
    let (mut cast, report) = reported();
    cast.ok(
        Who::Karim,
        "report.comment",
        json!({ "id": report, "text": "Éponge absorbante" }),
    );
    let mut find = |query: &str| {
        let input = json!({
            "query": query, "site": null, "status": null, "severity": null, "report_type": null,
            "mine": false, "assigned_to_me": false, "limit": 10, "offset": 0,
        });
        cast.ok(Who::Karim, "report.list", input)["total"].clone()
    };
    for query in [
        "flaque",
        "FLAQ",
        "eponge",
        "presse 3",
        "",
        "  ",
        "d’huile",
        "\"*(",
    ] {
        assert_eq!(find(query), json!(1), "`{query}` finds it");
    }
    for query in [
        "incendie",
        "flaque incendie",
        "NOT flaque",
        "flaque OR incendie",
    ] {
        assert_eq!(find(query), json!(0), "`{query}` does not");
    }
}
