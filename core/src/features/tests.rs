//! What holds of every feature, whichever they are.

mod documents;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::FEATURES;
use crate::command::{Access, Command};
use crate::error::Code;
use crate::id::Id;
use crate::testing::{Cast, Who, capsule_input, lyon, press};

fn commands() -> impl Iterator<Item = &'static Command> {
    FEATURES.iter().flat_map(|feature| feature.commands)
}

/// Documents that samples speak of.
struct Known {
    draft: Id,
    report: Id,
    action: Id,
    module: Id,
    release: Id,
    form: Id,
    photo: String,
    person: Id,
    site: Id,
}

impl Known {
    /// Ids that name nothing.
    fn nothing(cast: &Cast) -> Self {
        let new = || cast.new_id();
        Self {
            draft: new(),
            report: new(),
            action: new(),
            module: new(),
            release: new(),
            form: new(),
            photo: "0".repeat(64),
            person: new(),
            site: new(),
        }
    }

    /// Ids of documents that everybody who may have them has.
    fn made(cast: &mut Cast) -> Self {
        let module = cast.capsule("signaler-presquaccident");
        let report = cast.report(Who::Sophie, "open", press());
        let draft = cast.draft(Who::Sophie, "open", press(), false);
        cast.sync_all();
        let input = json!({
            "title": "x", "details": "", "report": report, "site": lyon(),
            "owner": Who::Sophie.person(), "due_on": "2026-12-01",
        });
        let action = cast.ok(Who::Karim, "action.create", input);
        let rows = cast.ok(Who::Claire, "learn.list", json!({}));
        let (form, _) = cast.form(Who::Sophie, "near-miss");
        cast.sync_all();
        Self {
            draft,
            report,
            action: id_of(&action["id"]),
            module,
            release: id_of(&rows[0]["release"]),
            form,
            photo: "0".repeat(64),
            person: Who::Sophie.person(),
            site: lyon(),
        }
    }
}

fn id_of(value: &Value) -> Id {
    value.as_str().expect("an id").parse().expect("an id")
}

/// An input of the right shape for every command.
#[expect(clippy::too_many_lines, reason = "one line for each command")]
fn samples(cast: &Cast, known: &Known) -> BTreeMap<&'static str, Value> {
    let new = || cast.new_id();
    let Known {
        draft,
        report,
        action,
        module,
        release,
        form,
        photo,
        person,
        site,
    } = known;
    let learn = json!({
        "attempt": new(), "module": module, "release": release, "step": 1, "answers": { "a": 1 },
    });
    BTreeMap::from([
        ("directory.me", json!({})),
        ("directory.people", json!({ "query": "a", "site": site })),
        ("directory.sites", json!({})),
        (
            "directory.save_person",
            json!({
                "id": null, "name": "Nour", "login": format!("p{}", new()), "roles": ["operator"],
                "site": site, "team": "A", "trade": "B", "language": "fr", "active": true,
            }),
        ),
        (
            "directory.save_site",
            json!({
                "id": null, "name": "Caen", "city": "Caen", "teams": ["A"],
                "places": [{ "id": new(), "name": "Cour", "area": "B" }],
            }),
        ),
        ("form.list", json!({})),
        ("form.open", json!({ "form": form, "release": 1 })),
        (
            "form.publish",
            json!({ "source": crate::form::SOURCES[1].1, "slug": "near-miss" }),
        ),
        (
            "draft.start",
            json!({ "id": new(), "form": form, "release": 1, "practice": false }),
        ),
        (
            "draft.save",
            json!({ "id": draft, "field": "words", "value": "x" }),
        ),
        (
            "draft.attach",
            json!({
                "id": draft, "field": "photos", "media_type": "image/jpeg", "base64": "/9j/AAAA",
            }),
        ),
        (
            "draft.announce",
            json!({
                "id": draft, "field": "photos", "media_type": "image/jpeg", "size": 6, "hash": photo,
            }),
        ),
        ("photo.bring", json!({ "base64": "/9j/AAAA" })),
        (
            "draft.detach",
            json!({ "id": draft, "field": "photos", "hash": photo }),
        ),
        ("draft.open", json!({ "id": draft })),
        ("draft.list", json!({})),
        ("draft.discard", json!({ "id": draft })),
        ("report.seal", json!({ "draft": draft, "report": new() })),
        (
            "report.list",
            json!({
                "query": "x", "site": site, "status": "open", "severity": "low",
                "report_type": "near_miss", "mine": false, "assigned_to_me": false, "limit": 10,
                "offset": 0,
            }),
        ),
        ("report.counts", json!({})),
        ("report.open", json!({ "id": report })),
        ("report.read", json!({ "id": report })),
        (
            "report.severity",
            json!({ "id": report, "severity": "serious", "reason": "x" }),
        ),
        (
            "report.assign",
            json!({ "id": report, "person": person, "assigned": true }),
        ),
        ("report.comment", json!({ "id": report, "text": "x" })),
        ("report.link", json!({ "id": report, "action": action })),
        ("report.take", json!({ "id": report })),
        (
            "report.close",
            json!({ "id": report, "outcome": "done", "answer": "x" }),
        ),
        ("report.reopen", json!({ "id": report, "reason": "x" })),
        (
            "action.create",
            json!({
                "title": "x", "details": "x", "report": report, "site": site, "owner": person,
                "due_on": "2026-12-01",
            }),
        ),
        (
            "action.list",
            json!({ "report": report, "site": site, "mine": false, "open_only": false }),
        ),
        ("action.done", json!({ "id": action, "evidence": "x" })),
        ("action.reopen", json!({ "id": action, "reason": "x" })),
        ("learn.list", json!({})),
        ("learn.open", json!({ "module": module, "attempt": new() })),
        ("learn.save", learn.clone()),
        ("learn.finish", learn),
        ("learn.due", json!({})),
        (
            "learn.review",
            json!({
                "id": new(), "module": module, "release": release, "item": "a", "answer": 1,
                "language": "fr",
            }),
        ),
        ("studio.list", json!({})),
        (
            "studio.create",
            json!({ "id": new(), "language": "fr", "source": "x" }),
        ),
        ("studio.open", json!({ "id": module })),
        (
            "studio.save",
            json!({ "id": module, "language": "fr", "source": "x" }),
        ),
        (
            "studio.check",
            json!({ "source": "x", "language": "fr", "slug": "x" }),
        ),
        (
            "studio.publish",
            json!({
                "id": module, "sites": null, "due_on": "2026-12-01", "required": false,
                "note": "x",
            }),
        ),
        (
            "studio.assign",
            json!({ "id": module, "sites": [site], "due_on": "2026-12-01", "required": true }),
        ),
        ("studio.withdraw", json!({ "id": module })),
        ("studio.import", capsule_input("causerie-securite")),
        ("studio.reach", json!({ "id": module })),
        ("sync.hand_over", json!({})),
        ("sync.health", json!({})),
        ("blob.read", json!({ "hash": photo })),
    ])
}

/// Codes that say "not that": never those of a fault of ours.
fn refuses(code: Code) -> bool {
    !matches!(
        code,
        Code::Unexpected | Code::Storage | Code::DiskFull | Code::Protocol
    )
}

#[test]
fn there_is_a_sample_for_every_command() {
    let cast = Cast::new();
    let samples = samples(&cast, &Known::nothing(&cast));
    let names: BTreeSet<&str> = commands().map(|command| command.name).collect();
    let sampled: BTreeSet<&str> = samples.keys().copied().collect();
    assert_eq!(sampled, names, "every command is put to the tests below");
}

#[test]
fn inputs_of_the_wrong_shape_are_refused_for_every_role() {
    let mut cast = Cast::new();
    let nothing = Known::nothing(&cast);
    let samples = samples(&cast, &nothing);
    for who in Who::ALL {
        let waiting = cast.device(who).waiting();
        for (name, sample) in &samples {
            let empty = sample.as_object().is_some_and(serde_json::Map::is_empty);
            let mut bad = vec![
                json!(7),
                json!("x"),
                json!(true),
                json!([null, {}]),
                json!([[[1]]]),
            ];
            if !empty {
                bad.extend([Value::Null, json!({}), json!({ "id": "not an id" })]);
            }
            for input in bad {
                let error = cast.err(who, name, input.clone());
                assert!(
                    [Code::Invalid, Code::Forbidden].contains(&error.code()),
                    "{who:?} {name} {input}: {error}"
                );
            }
        }
        assert_eq!(
            cast.device(who).waiting(),
            waiting,
            "{who:?}: nothing was written"
        );
    }
}

#[test]
fn ids_that_name_nothing_are_refused_for_every_role() {
    // These look for something, make something of their own, or leave what nobody asked for.
    const FREE: [&str; 21] = [
        "directory.me",
        "directory.people",
        "directory.save_person",
        "directory.save_site",
        "directory.sites",
        "form.list",
        "form.publish",
        "draft.list",
        "photo.bring",
        "report.list",
        "report.counts",
        "action.list",
        "learn.list",
        "learn.due",
        "sync.hand_over",
        "sync.health",
        "studio.list",
        "studio.create",
        "studio.check",
        "studio.import",
        "studio.reach",
    ];
    let mut cast = Cast::new();
    for who in Who::ALL {
        let nothing = Known::nothing(&cast);
        for (name, sample) in samples(&cast, &nothing) {
            let waiting = cast.device(who).waiting();
            match cast.call(who, name, sample) {
                Ok(_) => assert!(
                    FREE.contains(&name),
                    "{who:?} {name} did something to nothing"
                ),
                Err(error) => {
                    assert!(refuses(error.code()), "{who:?} {name}: {error}");
                    assert_eq!(cast.device(who).waiting(), waiting, "{who:?} {name}: wrote");
                }
            }
        }
    }
}

/// The same input with one field made strange.
fn strange(sample: &Value) -> Vec<Value> {
    let huge = "é".repeat(150_000);
    let strange = [
        Value::Null,
        json!(-1),
        json!(u64::MAX),
        json!(1.5e300),
        json!(""),
        json!("\u{0}\u{202e}"),
        json!(huge),
        json!([]),
        json!({}),
        json!([huge]),
        json!({ (huge.as_str()): huge }),
        json!("9999-12-31"),
        json!(Id::from_bytes([0xff; 16])),
    ];
    let fields = sample.as_object().into_iter().flatten();
    fields
        .flat_map(|(field, _)| {
            strange.iter().map(move |value| {
                let mut input = sample.clone();
                input[field] = value.clone();
                input
            })
        })
        .collect()
}

/// What a device says is done, the server takes: never an error of ours on the one side, nor a
/// refusal on the other.
#[test]
fn strange_fields_are_refused_or_kept_by_both_sides() {
    let mut cast = Cast::new();
    let known = Known::made(&mut cast);
    for who in [Who::Claire, Who::Sophie, Who::Guest] {
        for (name, sample) in samples(&cast, &known) {
            for input in strange(&sample) {
                if let Err(error) = cast.call(who, name, input.clone()) {
                    let shown: String = input.to_string().chars().take(200).collect();
                    assert!(refuses(error.code()), "{who:?} {name} {shown}: {error}");
                }
            }
            cast.sync(who);
            let refused = &cast.server.store.kept.quarantine;
            assert!(
                refused.is_empty(),
                "{who:?} {name}: the server refused {refused:?}"
            );
        }
    }
}

fn allowed(who: Who, access: Access) -> bool {
    match who {
        Who::System => true,
        Who::Guest => access == Access::Anyone,
        Who::Sophie | Who::Maud => matches!(access, Access::Anyone | Access::Member),
        Who::Karim | Who::Yann | Who::Lea => {
            matches!(access, Access::Anyone | Access::Member | Access::Triage)
        }
        Who::Claire => true,
        Who::Adam => matches!(access, Access::Anyone | Access::Member | Access::Directory),
    }
}

#[test]
fn every_command_is_open_to_just_the_roles_it_names() {
    let mut cast = Cast::new();
    for who in Who::ALL {
        for command in commands() {
            let nothing = Known::nothing(&cast);
            let sample = samples(&cast, &nothing)
                .remove(command.name)
                .expect("a sample");
            let outcome = cast.call(who, command.name, sample);
            let forbidden = outcome.is_err_and(|error| error.code() == Code::Forbidden);
            let expected = !allowed(who, command.access);
            assert_eq!(
                forbidden, expected,
                "{who:?} {} ({:?})",
                command.name, command.access
            );
        }
    }
}

#[test]
fn what_changes_things_for_others_is_never_open_to_all() {
    let open: Vec<&str> = commands()
        .filter(|command| command.access == Access::Anyone)
        .map(|command| command.name)
        .collect();
    let reading = [
        "directory.me",
        "directory.people",
        "directory.sites",
        "form.list",
        "form.open",
        "draft.list",
        "report.list",
        "report.counts",
        "report.open",
        "report.read",
        "action.list",
        "learn.list",
        "learn.open",
        "learn.save",
        "learn.finish",
        "learn.due",
        "learn.review",
        "sync.hand_over",
        "sync.health",
        "blob.read",
    ];
    for name in open {
        assert!(
            reading.contains(&name),
            "`{name}` is open to guests: is that meant?"
        );
    }
}

#[test]
fn nobody_is_asked_before_they_are_enrolled() {
    let db = crate::store::open::memory().expect("a file in memory");
    let mut device = crate::Device::new(db, Box::new(crate::testing::Seeded::new(1)));
    for command in commands() {
        let moment = crate::Moment::utc(0);
        let error = device
            .call(moment, None, command.name, json!({}))
            .expect_err("nobody");
        assert_eq!(error.code(), Code::SignedOut, "{}", command.name);
    }
}
