//! Tests of the feature.

use serde_json::{Value, json};

use crate::error::Code;
use crate::id::Id;
use crate::testing::{Cast, Who, brest, lyon};

fn create(cast: &mut Cast, who: Who, owner: Id, site: Id) -> Id {
    let input = json!({
        "title": "Poser un garde-corps", "details": "", "report": null, "site": site,
        "owner": owner, "due_on": "2026-12-01",
    });
    let id = cast.ok(who, "action.create", input);
    id["id"].as_str().expect("an id").parse().expect("an id")
}

fn list(cast: &mut Cast, who: Who) -> Vec<Value> {
    let input = json!({ "report": null, "site": null, "mine": false, "open_only": false });
    cast.get(who, "action.list", input)
}

#[test]
fn the_owner_gets_it_wherever_they_work() {
    let mut cast = Cast::new();
    let action = create(&mut cast, Who::Karim, Who::Maud.person(), lyon());
    cast.sync_all();
    let rows = list(&mut cast, Who::Maud);
    assert_eq!(
        rows.len(),
        1,
        "Maud works in Brest and owns an action in Lyon"
    );
    assert_eq!(rows[0]["id"], json!(action), "this one");
    assert_eq!(rows[0]["mine"], json!(true), "and it is marked as hers");
    for who in [Who::Karim, Who::Lea, Who::Claire] {
        assert_eq!(
            list(&mut cast, who).len(),
            1,
            "{who:?} is in charge of Lyon"
        );
    }
    for who in [Who::Yann, Who::Sophie, Who::Guest, Who::Adam] {
        assert!(
            list(&mut cast, who).is_empty(),
            "{who:?} neither owns it nor is in charge"
        );
    }
}

#[test]
fn the_owner_says_when_it_is_done_and_shows_it() {
    let mut cast = Cast::new();
    let action = create(&mut cast, Who::Karim, Who::Maud.person(), lyon());
    cast.sync_all();
    for evidence in ["", "  \n "] {
        let input = json!({ "id": action, "evidence": evidence });
        let error = cast.err(Who::Maud, "action.done", input);
        assert_eq!(error.code(), Code::Invalid, "done needs evidence: {error}");
    }
    let input = json!({ "id": action, "evidence": "x".repeat(4001) });
    assert_eq!(
        cast.err(Who::Maud, "action.done", input).code(),
        Code::TooLarge,
        "too long"
    );
    cast.ok(
        Who::Maud,
        "action.done",
        json!({ "id": action, "evidence": "Photo au mur" }),
    );
    cast.sync_all();
    let row = &list(&mut cast, Who::Karim)[0];
    assert_eq!(row["state"], json!("done"), "Karim sees it done");
    assert_eq!(row["evidence"], json!("Photo au mur"), "and how");
    assert_eq!(row["done_by_name"], json!("Maud"), "and by whom");
    assert!(
        cast.server.store.kept.quarantine.is_empty(),
        "nothing was refused"
    );
}

#[test]
fn reopening_wins_over_a_simultaneous_done() {
    let mut cast = Cast::new();
    let action = create(&mut cast, Who::Karim, Who::Maud.person(), lyon());
    cast.ok(
        Who::Karim,
        "action.done",
        json!({ "id": action, "evidence": "Fait" }),
    );
    cast.sync_all();
    // Offline, at the same time: Karim says it is to do again, Maud that it is done.
    cast.ok(
        Who::Karim,
        "action.reopen",
        json!({ "id": action, "reason": "Il bouge" }),
    );
    cast.ok(
        Who::Maud,
        "action.done",
        json!({ "id": action, "evidence": "Vissé" }),
    );
    cast.sync_all();
    for who in [Who::Karim, Who::Maud, Who::Claire] {
        assert_eq!(
            list(&mut cast, who)[0]["state"],
            json!("open"),
            "{who:?}: it is to do"
        );
    }
    cast.ok(
        Who::Maud,
        "action.done",
        json!({ "id": action, "evidence": "Revissé" }),
    );
    cast.sync_all();
    let row = &list(&mut cast, Who::Karim)[0];
    assert_eq!(
        row["state"],
        json!("done"),
        "done again, knowing the reopening"
    );
    assert_eq!(row["evidence"], json!("Revissé"), "by the later evidence");
}

#[test]
fn only_those_in_charge_of_the_site_decide_actions() {
    let mut cast = Cast::new();
    let input = json!({
        "title": "x", "details": "", "report": null, "site": brest(),
        "owner": Who::Maud.person(), "due_on": "2026-12-01",
    });
    let error = cast.err(Who::Karim, "action.create", input);
    assert_eq!(error.code(), Code::Refused, "Brest is not Karim's: {error}");
    let action = create(&mut cast, Who::Claire, Who::Maud.person(), brest());
    cast.sync_all();
    let error = cast.err(
        Who::Maud,
        "action.reopen",
        json!({ "id": action, "reason": "x" }),
    );
    assert_eq!(
        error.code(),
        Code::Forbidden,
        "the owner does not reopen: {error}"
    );
}

#[test]
fn an_action_needs_a_title_a_day_and_an_owner() {
    let mut cast = Cast::new();
    let good = json!({
        "title": "x", "details": "", "report": null, "site": lyon(),
        "owner": Who::Maud.person(), "due_on": "2026-12-01",
    });
    for (field, value) in [
        ("title", json!(" ")),
        ("title", json!("x".repeat(201))),
        ("due_on", json!("demain")),
        ("due_on", json!("2026-02-30")),
        ("owner", json!(lyon())),
        ("owner", json!(cast.new_id())),
    ] {
        let mut input = good.clone();
        input[field] = value.clone();
        cast.err(Who::Karim, "action.create", input);
        assert_eq!(
            cast.device(Who::Karim).waiting(),
            Ok(0),
            "{field} {value}: nothing waits"
        );
    }
    cast.ok(Who::Karim, "action.create", good);
}

#[test]
fn it_is_late_the_day_after() {
    let mut cast = Cast::new();
    create(&mut cast, Who::Karim, Who::Maud.person(), lyon());
    cast.now = 1_796_083_200_000; // 2026-12-01
    assert_eq!(
        list(&mut cast, Who::Karim)[0]["state"],
        json!("open"),
        "on its day it is not"
    );
    cast.now += crate::testing::DAY_MS;
    assert_eq!(
        list(&mut cast, Who::Karim)[0]["state"],
        json!("late"),
        "the day after it is"
    );
}
