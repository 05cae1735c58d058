//! Writing and publishing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{list, module, open, pass, publish, rewrite, save, written};
use crate::document::Document;
use crate::error::Code;
use crate::id::Id;
use crate::sync::message::Push;
use crate::testing::{Cast, Who, capsule_input, lyon};

#[test]
fn a_release_for_one_site_stays_there() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    publish(&mut cast, module, Some(&[lyon()]));
    cast.sync_all();
    for (who, reached) in [
        (Who::Sophie, true),
        (Who::Karim, true),
        (Who::Guest, true),
        (Who::Claire, true),
        (Who::Maud, false),
        (Who::Yann, false),
        (Who::Adam, false),
    ] {
        assert_eq!(list(&mut cast, who).len(), usize::from(reached), "{who:?}");
        let sql = "SELECT count(*) FROM document WHERE kind = 'release'";
        let count: i64 = cast
            .device(who)
            .db()
            .query_row(sql, [], |row| row.get(0))
            .expect("a count");
        assert_eq!(count, i64::from(reached), "{who:?}: the document itself");
    }
    let reach = cast.ok(Who::Claire, "studio.reach", json!({ "id": module }));
    let rows = reach["rows"].as_array().expect("rows");
    assert!(
        rows.iter().all(|row| row["site"] == json!(lyon())),
        "it counts those of the site"
    );
    assert_eq!(rows.len(), 4, "Sophie, Karim, Lea and the guest");
}

#[test]
fn a_version_asked_for_as_before_is_not_asked_anew_and_one_that_is_not_ends_it() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    for (version, required) in [(1, true), (2, true), (3, false)] {
        rewrite(&mut cast, module, &format!("Version {version}"));
        let input = json!({
            "id": module, "sites": null, "due_on": null, "required": required, "note": "Mieux.",
        });
        cast.ok(Who::Claire, "studio.publish", input);
        cast.sync_all();
        assert_eq!(list(&mut cast, Who::Karim)[0].required, required);
        let done = version > 1;
        assert_eq!(list(&mut cast, Who::Sophie)[0].required, required && !done);
        let view = cast.ok(Who::Claire, "studio.open", json!({ "id": module }));
        let releases = view["releases"].as_array().expect("releases");
        let latest = releases.iter().find(|one| one["version"] == version);
        assert_eq!(latest.expect("it")["required"], required);
        pass(&mut cast, Who::Sophie, module);
    }
}

#[test]
fn a_capsule_imported_anew_is_asked_for_as_before() {
    let mut cast = Cast::new();
    let mut input = capsule_input("consignation");
    let imported = cast.ok(Who::Claire, "studio.import", input.clone());
    let module = &imported["id"];
    let ask = json!({ "id": module, "sites": null, "due_on": "2030-01-31", "required": true });
    cast.ok(Who::Claire, "studio.assign", ask);
    let text = input["source"]["fr"].as_str().expect("a text");
    input["source"]["fr"] = json!(text.replace("**Arrêtée", "**Immobile"));
    let next = cast.ok(Who::Claire, "studio.import", input);
    assert_eq!(next["version"], 2, "another word");
    cast.sync_all();
    let row = &list(&mut cast, Who::Karim)[0];
    assert_eq!((row.version, row.required), (2, true));
    assert_eq!(row.due_on.as_deref(), Some("2030-01-31"));
    let view = cast.ok(Who::Claire, "studio.open", json!({ "id": module }));
    let asked = |at: usize| view["releases"][at]["required"].clone();
    assert_eq!((asked(0), asked(1)), (json!(true), json!(true)), "both");
}

fn reach(cast: &mut Cast, module: Id) -> Value {
    cast.sync(Who::Claire);
    let reach = cast.ok(Who::Claire, "studio.reach", json!({ "id": module }));
    let rows = reach["rows"].as_array().expect("rows");
    let sophie = rows
        .iter()
        .find(|row| row["name"] == "Sophie")
        .expect("Sophie");
    sophie["state"].clone()
}

#[test]
fn reach_tells_how_far_it_has_come_to_a_person() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    publish(&mut cast, module, None);
    assert_eq!(
        reach(&mut cast, module),
        json!("waiting"),
        "not on her phone"
    );
    cast.sync(Who::Sophie);
    cast.sync(Who::Sophie);
    assert_eq!(reach(&mut cast, module), json!("received"), "on her phone");
    let opened = open(&mut cast, Who::Sophie, module);
    cast.sync(Who::Sophie);
    assert_eq!(reach(&mut cast, module), json!("opened"), "begun");
    cast.ok(
        Who::Sophie,
        "learn.finish",
        save(&opened, 9, &BTreeMap::new()),
    );
    cast.sync(Who::Sophie);
    assert_eq!(reach(&mut cast, module), json!("finished"), "taken, badly");
    pass(&mut cast, Who::Sophie, module);
    cast.sync(Who::Sophie);
    assert_eq!(reach(&mut cast, module), json!("passed"), "taken, well");
    let totals = cast.ok(Who::Claire, "studio.reach", json!({ "id": module }))["totals"].clone();
    assert_eq!(
        (&totals["passed"], &totals["waiting"]),
        (&json!(1), &json!(6)),
        "each once"
    );
}

#[test]
fn importing_the_same_again_does_nothing() {
    let mut cast = Cast::new();
    let input = capsule_input("consignation");
    let first = cast.ok(Who::Claire, "studio.import", input.clone());
    assert_eq!(
        (&first["version"], &first["published"]),
        (&json!(1), &json!(true)),
        "published"
    );
    cast.sync_all();
    let again = cast.ok(Who::Claire, "studio.import", input.clone());
    assert_eq!(again["id"], first["id"], "the same module");
    assert_eq!(
        (&again["version"], &again["published"]),
        (&json!(1), &json!(false)),
        "nothing new"
    );
    assert_eq!(
        cast.device(Who::Claire).waiting(),
        Ok(0),
        "nothing was written"
    );
    let mut other = input;
    let text = other["source"]["fr"]
        .as_str()
        .expect("a text")
        .replace("**Arrêtée", "**Immobile");
    other["source"]["fr"] = json!(text);
    let next = cast.ok(Who::Claire, "studio.import", other);
    assert_eq!(
        (&next["version"], &next["published"]),
        (&json!(2), &json!(true)),
        "another word"
    );
}

#[test]
fn operators_and_managers_cannot_publish() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    publish(&mut cast, module, None);
    cast.sync_all();
    let input = json!({
        "id": module, "sites": null, "due_on": null, "required": false, "note": "",
    });
    for who in [Who::Sophie, Who::Karim, Who::Lea, Who::Adam, Who::Guest] {
        let error = cast.err(who, "studio.publish", input.clone());
        assert_eq!(error.code(), Code::Forbidden, "{who:?}: {error}");
    }
    // A tampered device asks the server directly.
    let kept = cast.server.store.kept.documents.values();
    let release = kept
        .into_iter()
        .find(|one| one.kind == "release")
        .expect("a release");
    let view = Document::load(&release.body, [0; 8])
        .expect("it loads")
        .view()
        .expect("it reads");
    for (number, who) in (1..).zip([Who::Sophie, Who::Karim, Who::Adam, Who::Guest]) {
        let id = cast.new_id();
        let mut body = view.clone();
        for key in ["id", "kind", "version"] {
            body.as_object_mut().expect("an object").remove(key);
        }
        body["by"] = json!(who.person());
        let actor = *cast.new_id().as_bytes().last_chunk().expect("eight");
        let mut forged = Document::create(actor, id, "release", 1, &body).expect("made");
        let push = Push {
            id: cast.new_id(),
            person: who.person(),
            document: id,
            kind: "release".to_owned(),
            changes: forged
                .commit()
                .into_iter()
                .map(serde_bytes::ByteBuf::from)
                .collect(),
            heads: forged.heads(),
            proof: None,
        };
        let now = cast.now;
        cast.server.push(who, now, push);
        let kept = &cast.server.store.kept;
        assert!(!kept.documents.contains_key(&id), "{who:?}: it is not kept");
        assert_eq!(kept.quarantine.len(), number, "{who:?}: it was refused");
    }
}

#[test]
fn a_long_text_saved_in_the_studio_passes_the_gate() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    let long = "Un mot d’atelier. ".repeat(1112);
    assert!(long.chars().count() >= 20_000, "it is long");
    for source in [long.as_str(), "court", &long.to_uppercase(), ""] {
        let input = json!({ "id": module, "language": "fr", "source": source });
        cast.ok(Who::Claire, "studio.save", input);
        cast.sync(Who::Claire);
        let kept = &cast.server.store.kept;
        assert!(kept.quarantine.is_empty(), "refused: {:?}", kept.quarantine);
        let body = &kept.documents[&module].body;
        let view = Document::load(body, [0; 8])
            .expect("it loads")
            .view()
            .expect("it reads");
        assert_eq!(
            view["source"]["fr"],
            json!(source),
            "the server has all of it"
        );
    }
    let input = json!({ "id": module, "language": "fr", "source": "é".repeat(32_769) });
    let error = cast.err(Who::Claire, "studio.save", input);
    assert_eq!(error.code(), Code::TooLarge, "64 KiB and a bit: {error}");
}

#[test]
fn a_capsule_with_problems_is_not_published() {
    let mut cast = Cast::new();
    let module = cast.new_id();
    let input = json!({ "id": module, "language": "fr", "source": "## Une carte\n\nRien." });
    cast.ok(Who::Claire, "studio.create", input);
    let input = json!({
        "id": module, "sites": null, "due_on": null, "required": false, "note": "",
    });
    let error = cast.err(Who::Claire, "studio.publish", input);
    assert_eq!(error.code(), Code::CapsuleProblems, "{error}");
    let rows = cast.ok(Who::Claire, "studio.list", json!({}));
    assert!(
        rows[0]["problems"].as_u64().expect("a count") > 0,
        "the list counts them"
    );
    cast.sync_all();
    assert!(list(&mut cast, Who::Sophie).is_empty(), "nobody gets it");
}

#[test]
fn what_is_taken_back_is_gone_from_lists_but_an_attempt_goes_on() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    publish(&mut cast, module, None);
    cast.sync_all();
    let opened = open(&mut cast, Who::Sophie, module);
    cast.ok(Who::Claire, "studio.withdraw", json!({ "id": module }));
    cast.sync_all();
    for who in [Who::Sophie, Who::Maud] {
        assert!(
            list(&mut cast, who).is_empty(),
            "{who:?} is no longer offered it"
        );
    }
    let again = open(&mut cast, Who::Sophie, module);
    assert_eq!(
        again.attempt.id, opened.attempt.id,
        "what was begun can be ended"
    );
    let error = cast.err(Who::Claire, "studio.withdraw", json!({ "id": module }));
    assert_eq!(
        error.code(),
        Code::NotFound,
        "nothing is left to take back: {error}"
    );
}

#[test]
fn the_author_of_a_release_is_told_and_nobody_publishes_for_another() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    publish(&mut cast, module, None);
    rewrite(&mut cast, module, "Encore");
    publish(&mut cast, module, Some(&[lyon()]));
    let view = cast.ok(Who::Claire, "studio.open", json!({ "id": module }));
    let releases = view["releases"].as_array().expect("releases");
    let versions: Vec<&Value> = releases.iter().map(|release| &release["version"]).collect();
    assert_eq!(versions, [&json!(2), &json!(1)], "the latest first");
    assert!(
        releases
            .iter()
            .all(|release| release["by_name"] == "Claire"),
        "by Claire"
    );
    let what: Vec<&Value> = view["history"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| &line["what"])
        .collect();
    assert_eq!(
        what.iter().filter(|what| **what == "publish").count(),
        2,
        "{what:?}"
    );
}

#[test]
fn two_leads_write_the_same_text_offline_and_nothing_is_lost() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    cast.sync_all();
    let text = written("consignation")["fr"].clone();
    let save = |source: String| json!({ "id": module, "language": "fr", "source": source });
    cast.ok(
        Who::Claire,
        "studio.save",
        save(text.replacen("La presse bourre", "La scie bourre", 1)),
    );
    // The server's own device writes too.
    cast.ok(
        Who::System,
        "studio.save",
        save(text.replacen("Un cadenas, une personne", "Ton cadenas", 1)),
    );
    cast.sync_all();
    let view = cast.ok(Who::Claire, "studio.open", json!({ "id": module }));
    let merged = view["source"]["fr"].as_str().expect("a text");
    assert!(merged.contains("La scie bourre"), "Claire's word is there");
    assert!(merged.contains("Ton cadenas"), "the other's too");
}
