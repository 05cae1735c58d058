//! Tests of the feature.

use serde_json::{Value, json};

use crate::error::Code;
use crate::testing::{Cast, Who, lyon};

fn person(login: &str, roles: &[&str]) -> Value {
    json!({
        "id": null, "name": "Nour", "login": login, "roles": roles, "site": lyon(),
        "team": null, "trade": null, "language": "fr", "active": true,
    })
}

#[test]
fn only_an_admin_makes_an_admin() {
    let mut cast = Cast::new();
    let error = cast.err(
        Who::Claire,
        "directory.save_person",
        person("nour", &["admin"]),
    );
    assert_eq!(error.code(), Code::Refused, "a lead does not: {error}");
    cast.ok(
        Who::Adam,
        "directory.save_person",
        person("nour", &["admin"]),
    );
    cast.ok(
        Who::Claire,
        "directory.save_person",
        person("sami", &["operator", "manager"]),
    );
}

#[test]
fn a_lead_neither_raises_nor_lowers_an_admin() {
    let mut cast = Cast::new();
    for (who, roles) in [
        (Who::Adam, ["lead"]),
        (Who::Sophie, ["admin"]),
        (Who::Claire, ["admin"]),
    ] {
        let mut input = person(&format!("{who:?}").to_lowercase(), &roles);
        input["id"] = json!(who.person());
        let error = cast.err(Who::Claire, "directory.save_person", input);
        assert_eq!(error.code(), Code::Refused, "{who:?}: {error}");
    }
}

#[test]
fn a_short_name_is_taken_once() {
    let mut cast = Cast::new();
    let error = cast.err(
        Who::Adam,
        "directory.save_person",
        person("sophie", &["operator"]),
    );
    assert_eq!(error.code(), Code::Invalid, "Sophie has it: {error}");
    let mut own = person("sophie", &["operator"]);
    own["id"] = json!(Who::Sophie.person());
    cast.ok(Who::Adam, "directory.save_person", own);
    for login in ["", "x", "Nour", "no ur", "nour@x", "nöur"] {
        let error = cast.err(
            Who::Adam,
            "directory.save_person",
            person(login, &["operator"]),
        );
        assert_eq!(error.code(), Code::Invalid, "`{login}`: {error}");
    }
}

#[test]
fn a_person_has_a_role_and_a_name() {
    let mut cast = Cast::new();
    let error = cast.err(Who::Adam, "directory.save_person", person("nour", &[]));
    assert_eq!(error.code(), Code::Refused, "no role: {error}");
    for name in ["", "  ", "a\u{7}b", &"x".repeat(101)] {
        let mut input = person("nour", &["operator"]);
        input["name"] = json!(name);
        cast.err(Who::Adam, "directory.save_person", input);
    }
    assert_eq!(cast.device(Who::Adam).waiting(), Ok(0), "nothing waits");
}

#[test]
fn a_changed_role_takes_effect_on_both_sides() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "open", crate::testing::press());
    cast.sync_all();
    let mut input = person("karim", &["operator"]);
    input["id"] = json!(Who::Karim.person());
    cast.ok(Who::Adam, "directory.save_person", input);
    // Karim is offline: his device does not know yet, the server does.
    cast.sync(Who::Adam);
    cast.ok(Who::Karim, "report.take", json!({ "id": report }));
    cast.sync(Who::Karim);
    let refused: Vec<&str> = cast
        .server
        .store
        .kept
        .quarantine
        .iter()
        .map(|(_, kind)| kind.as_str())
        .collect();
    assert!(
        !refused.is_empty(),
        "the server refuses what Karim may no longer do"
    );
    assert!(refused.iter().all(|kind| *kind == "report"), "{refused:?}");
    let error = cast.err(Who::Karim, "report.take", json!({ "id": report }));
    assert_eq!(
        error.code(),
        Code::Forbidden,
        "now his device knows too: {error}"
    );
}

#[test]
fn someone_who_left_pushes_nothing_more() {
    let mut cast = Cast::new();
    let mut input = person("sophie", &["operator"]);
    input["id"] = json!(Who::Sophie.person());
    input["active"] = json!(false);
    cast.ok(Who::Adam, "directory.save_person", input);
    cast.sync(Who::Adam);
    let report = cast.report(Who::Sophie, "open", crate::testing::press());
    cast.sync(Who::Sophie);
    assert!(
        !cast.server.store.kept.documents.contains_key(&report),
        "the server takes nothing from someone who left"
    );
    assert!(
        cast.view(Who::Sophie, report).is_some(),
        "what she wrote stays readable on her device"
    );
}

#[test]
fn me_is_known_before_the_directory_has_arrived() {
    let mut cast = Cast::new();
    cast.device_of(Who::Sophie);
    let me = cast.ok(Who::Sophie, "directory.me", json!({}));
    assert_eq!(
        me["person"]["id"],
        json!(Who::Sophie.person()),
        "from enrolment"
    );
    assert_eq!(me["org"], json!("Atelier"), "so is the organisation");
    cast.sync(Who::Sophie);
    let me = cast.ok(Who::Sophie, "directory.me", json!({}));
    assert_eq!(
        me["person"]["name"],
        json!("Sophie"),
        "the name comes with the directory"
    );
    assert_eq!(me["site"]["name"], json!("Lyon"), "and the site");
}

#[test]
fn places_keep_their_order_and_can_be_taken_away() {
    let mut cast = Cast::new();
    let place = |number, name: &str| json!({ "id": crate::testing::id(number), "name": name, "area": null });
    let mut site = json!({
        "id": lyon(), "name": "Lyon", "city": "Lyon", "teams": ["A", "B"],
        "places": [place(31, "Zone B"), place(30, "Atelier"), place(32, "Cour")],
    });
    cast.ok(Who::Adam, "directory.save_site", site.clone());
    cast.sync_all();
    let names = |cast: &mut Cast| -> Vec<String> {
        let sites: Vec<Value> = cast.get(Who::Sophie, "directory.sites", json!({}));
        let lyon = sites
            .iter()
            .find(|site| site["name"] == "Lyon")
            .expect("Lyon");
        let places = lyon["places"].as_array().expect("places");
        places
            .iter()
            .map(|place| place["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(
        names(&mut cast),
        ["Zone B", "Atelier", "Cour"],
        "as the list was written"
    );
    site["places"] = json!([place(32, "Cour")]);
    cast.ok(Who::Adam, "directory.save_site", site.clone());
    cast.sync_all();
    assert_eq!(names(&mut cast), ["Cour"], "the others are gone");
    site["places"] = json!([place(32, "Cour"), place(32, "Cour")]);
    cast.err(Who::Adam, "directory.save_site", site);
}
