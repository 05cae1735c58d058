//! What documents and blobs hold: capsules' packs, forms, and the content of each kind of document.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;
use serde_json::{Value, json};
use vigie_core::capsule::pack::{pack as packed, unpack};
use vigie_core::document::HEADER;
use vigie_core::feature::{Judgement, Kind, Origin, Other};
use vigie_core::features::FEATURES;
use vigie_core::form::{self, Answers, FormProgram};
use vigie_core::gate::Touched;
use vigie_core::person::{Role, Seat};
use vigie_core::store::open;
use vigie_core::{Id, capsule::lint};

use super::{Bytes, wire};

/// The pack of a capsule. What is taken is written the same again, and then to the letter.
pub(super) fn pack(input: &[u8]) {
    let Ok(capsules) = unpack(input) else { return };
    let bytes = packed(&capsules);
    let again = unpack(&bytes).unwrap();
    assert_eq!(again, capsules, "the same capsules");
    assert_eq!(packed(&again), bytes, "the same bytes");
}

pub(super) fn pack_seeds() -> Vec<Vec<u8>> {
    let sources = [
        include_str!("../../../content/capsules/choisir-extincteur/fr.md"),
        include_str!("../../../content/capsules/cinq-pourquoi/fr.md"),
    ];
    let forms = form::SOURCES.map(|(slug, _)| slug.to_owned()).into();
    let mut seeds = Vec::new();
    for source in sources {
        let checked = lint::check(source, "fr", &BTreeMap::new(), None, &forms);
        let capsule = checked.capsule.unwrap();
        let capsules = BTreeMap::from([("fr".to_owned(), capsule)]);
        seeds.push(packed(&capsules));
    }
    seeds.push(br#"{"capsules":{},"format":"vigie-capsule","version":1}"#.to_vec());
    seeds
}

/// A form: its source, its program, an expression of it, answers to it; the first byte says which.
pub(super) fn form(input: &[u8]) {
    let mut bytes = Bytes(input);
    let which = bytes.byte() % 4;
    match which {
        0 => {
            let Ok(source) = std::str::from_utf8(bytes.rest()) else {
                return;
            };
            if let Ok(program) = form::compile(source, "form", 1) {
                let text = serde_json::to_string(&program).unwrap();
                let again: FormProgram = serde_json::from_str(&text).unwrap();
                assert_eq!(again, program, "written and read again");
                assert!(form::check(&again).is_empty(), "a form without problems");
                judged(&again, &Answers::new());
            }
        }
        1 => {
            if let Ok(program) = serde_json::from_slice::<FormProgram>(bytes.rest()) {
                form::check(&program);
                judged(&program, &Answers::new());
                judged(&program, &form::defaults(&program, "2026-11-22"));
            }
        }
        2 => {
            if let Ok(source) = std::str::from_utf8(bytes.rest()) {
                drop(form::parse(source));
            }
        }
        _ => {
            let forms = form::SOURCES;
            let (slug, _) = bytes.pick(&forms);
            if let Ok(answers) = serde_json::from_slice::<Answers>(bytes.rest()) {
                judged(form::bundled_form(slug).unwrap(), &answers);
            }
        }
    }
}

/// What is kept of the answers, judged again, is kept again.
fn judged(program: &FormProgram, answers: &Answers) {
    let first = form::judge(program, answers, "2026-11-22");
    let again = form::judge(program, &first.answers, "2026-11-22");
    if first.complete() && form::check(program).is_empty() {
        assert!(again.complete(), "complete again");
        assert_eq!(again.answers, first.answers, "the same answers");
    }
    form::title(program, &first.answers, "fr");
    form::filled(program, &first.answers);
}

pub(super) fn form_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (number, (_, source)) in (0..).zip(form::SOURCES) {
        seeds.push([&[0], source.as_bytes()].concat());
        let program = form::compile(source, "form", 1).unwrap();
        let text = serde_json::to_vec(&program).unwrap();
        seeds.push([&[1], text.as_slice()].concat());
        let answers = json!({
            "what": "fall", "severity": "serious", "urgency": "now", "openness": "open",
            "place": "quai", "words": "Flaque d’huile", "photos": ["0"], "injured": true,
            "count": 3.5, "when": "2026-11-22", "at": "12:30",
        });
        let answers = serde_json::to_vec(&answers).unwrap();
        seeds.push([&[3, number], answers.as_slice()].concat());
    }
    for expression in [
        "${injured} = 'yes' and (selected(${risk}, 'fall') or . > 3)",
        "if(not(${a}), concat('a', \"b\", ${c}), round(1.25 div 3, 1) mod -2)",
        "coalesce(${a}, max(1, 2, number('3'))) <= score() + string-length(today())",
    ] {
        seeds.push([&[2], expression.as_bytes()].concat());
    }
    seeds
}

thread_local! {
    static SCREENS: Connection = open::memory().unwrap();
}

/// The content of a document of any kind, after and before a change: what each function of the kind says
/// to it, for any role. The first two bytes say which kind and role.
pub(super) fn kind(input: &[u8]) {
    let mut bytes = Bytes(input);
    let kinds: Vec<&Kind> = FEATURES.iter().flat_map(|one| one.kinds).collect();
    let kind = bytes.pick(&kinds);
    let seat = seat(bytes.byte());
    let mut values = serde_json::Deserializer::from_slice(bytes.rest()).into_iter::<Value>();
    let Some(Ok(mut after)) = values.next() else {
        return;
    };
    let before = values.next().and_then(Result::ok);
    let id = Id::from_bytes([7; 16]);
    if let Some(fields) = after.as_object_mut() {
        fields.insert("id".to_owned(), json!(id));
        fields.insert("kind".to_owned(), json!(kind.name));
        fields.insert("version".to_owned(), json!(1));
    }
    let keys = after.as_object().into_iter().flatten().map(|(key, _)| key);
    let fields = keys.filter(|key| !HEADER.contains(&key.as_str()));
    let touched = Touched {
        fields: fields.cloned().collect(),
        below: before.is_some(),
    };
    allowed(kind, id, &seat, before.as_ref(), &after, &touched);
}

/// What each function of a kind says to what somebody made of a document; whether they may.
pub(super) fn allowed(
    kind: &Kind,
    id: Id,
    seat: &Seat,
    before: Option<&Value>,
    after: &Value,
    touched: &Touched,
) -> bool {
    let beside = Arc::new(Other::new(Arc::new(after.clone()), seat.person));
    let other = |other: Id| (other.as_bytes()[15] & 1 == 0).then(|| Arc::clone(&beside));
    let judged = (kind.judge)(&Judgement {
        seat,
        creator: seat.person,
        before,
        after,
        touched,
        other: &other,
    });
    let origin = Origin {
        creator: seat.person,
        year: 2026,
    };
    let scopes = (kind.scopes)(after, &origin);
    if judged.is_ok() {
        assert!(scopes.is_ok(), "what may be written lies somewhere");
    }
    (kind.blobs)(after);
    (kind.title)(after);
    (kind.keeping.part_of)(after);
    if let Some(closed) = kind.keeping.closed {
        closed(after);
    }
    SCREENS.with(|db| {
        db.execute_batch("BEGIN").unwrap();
        let shown = (kind.index)(db, id, after);
        drop((kind.tell)(db, after, "fr"));
        let forgotten = (kind.forget)(db, id);
        db.execute_batch("ROLLBACK").unwrap();
        if judged.is_ok() {
            assert!(shown.is_ok(), "what may be written is shown: {shown:?}");
        }
        assert!(forgotten.is_ok(), "and forgotten: {forgotten:?}");
    });
    judged.is_ok()
}

/// Whoever it is that writes.
pub(super) fn seat(which: u8) -> Seat {
    let roles = [
        Role::Operator,
        Role::Manager,
        Role::Relay,
        Role::Lead,
        Role::Admin,
        Role::Guest,
    ];
    let Some(role) = roles.get(usize::from(which)) else {
        return Seat::system();
    };
    Seat {
        person: Id::from_bytes([8; 16]),
        roles: [*role].into(),
        site: Some(Id::from_bytes([9; 16])),
        system: false,
    }
}

pub(super) fn kind_seeds() -> Vec<Vec<u8>> {
    let kinds: Vec<&str> = FEATURES
        .iter()
        .flat_map(|one| one.kinds)
        .map(|kind| kind.name)
        .collect();
    let place = |name: &str| kinds.iter().position(|kind| *kind == name).unwrap() as u8;
    let mut seeds = Vec::new();
    for (name, view) in wire::views().into_iter().chain(made_up()) {
        let text = view.to_string();
        if text.len() > 12_288 {
            continue;
        }
        for role in [0, 1, 3, 9] {
            seeds.push([&[place(name), role], text.as_bytes()].concat());
        }
        seeds.push([&[place(name), 9], text.as_bytes(), text.as_bytes()].concat());
    }
    seeds
}

/// Of the kinds that the organisation has none of.
fn made_up() -> Vec<(&'static str, Value)> {
    let [one, two, me, here] =
        [[2; 16], [3; 16], [8; 16], [9; 16]].map(|bytes| Id::from_bytes(bytes).to_string());
    let act = json!({ "verb": "done", "by": me, "at": 1, "text": "fait", "follows": [] });
    let attempt = json!({
        "module": one, "release": two, "step": 1, "answers": { "q1": "a" }, "started_at": 1,
        "finished_at": 2, "score": 80,
    });
    let review = json!({
        "module": one, "release": two, "item": "q1", "day": 20_000, "correct": true,
    });
    vec![
        (
            "action",
            json!({
                "title": "Baliser", "details": "", "report": one, "site": here, "owner": me,
                "due_on": "2026-12-01", "created_at": 1, "acts": { (two.as_str()): act },
            }),
        ),
        (
            "progress",
            json!({
                "person": me, "site": here, "year": 2026, "attempts": { (one.as_str()): attempt },
                "received": { (two.as_str()): 1 },
            }),
        ),
        (
            "memory",
            json!({ "person": me, "year": 2026, "reviews": { (one.as_str()): review } }),
        ),
    ]
}
