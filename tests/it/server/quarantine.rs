//! A device that sends what no honest device sends.

use serde_json::Value;
use vigie_core::Id;
use vigie_core::document::Document;
use vigie_core::sync::frame;
use vigie_core::sync::message::{PROTOCOL, Push, Request, Response};
use vigie_server::{entropy, handover};

use super::World;
use super::forged::{by, change, run_length_bomb};
use crate::support::{Phone, code_of};
use vigie_core::sync::machine::Cursors;

/// Three bombs.
fn poison(world: &World, phone: &Phone) {
    for number in 1..=3 {
        let document = entropy::id(phone.now());
        let verdict = by(
            phone,
            world.operator,
            document,
            "draft",
            vec![run_length_bomb()],
        );
        assert_eq!(
            verdict, "too-many-ops",
            "number {number} has its own reason"
        );
    }
}

/// What the server says to an ordinary exchange of this device.
fn turned_away(phone: &mut Phone) -> String {
    let request = phone
        .device
        .request(phone.now(), Cursors::Fingerprint)
        .expect("a request");
    code_of(phone.exchange_raw(request))
}

#[test]
fn after_three_poisons_a_device_is_kept_out_until_somebody_lets_it_in() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    poison(&world, &phone);
    let report = phone.report(world.form, world.place, None);
    assert_eq!(turned_away(&mut phone), "device-quarantined", "it is told");
    assert_eq!(turned_away(&mut phone), "device-quarantined", "and again");
    let waiting = phone.device.waiting().expect("a count");
    assert!(waiting > 0, "it keeps what it has");
    for path in ["/v1/events", "/v1/blobs/00"] {
        let answer = phone.send("GET", path).send().expect("an answer");
        assert_eq!(code_of(answer), "device-quarantined", "{path}: nor read");
    }

    let store = &world.server.app.store;
    let isolated = store.isolated().expect("the store");
    assert_eq!(isolated.len(), 1, "one device");
    assert_eq!(isolated[0].device, phone.id, "this one");
    let mut lead = world.server.enrol(world.lead);
    lead.sync();
    let count = |lead: &mut Phone| lead.call("report.counts", serde_json::json!({}));
    let before = count(&mut lead);

    let folder = world.folder.path().join("handed-over");
    let pushes = handover::hand_over(store, phone.id, &folder).expect("a folder");
    let kept = usize::try_from(waiting).expect("few");
    assert_eq!(pushes, 3 + kept, "the bombs, and each change once");
    let text = std::fs::read_to_string(folder.join(format!("report-{report}.json")));
    let text = text.expect("the report can be read");
    assert!(text.contains("De l’huile sous la presse"), "{text}");

    store
        .readmit(phone.id, "test", phone.now())
        .expect("released");
    phone.sync();
    assert_eq!(phone.device.waiting().expect("a count"), 0, "all is taken");
    assert_eq!(count(&mut lead), before, "nothing of it was taken before");
    lead.sync();
    let open = lead.call("report.open", serde_json::json!({ "id": report }));
    assert_eq!(
        open["answers"]["words"], "De l’huile sous la presse",
        "and the report arrived"
    );
    let acts = store.audit(10).expect("the audit");
    let about = phone.id.to_string();
    let told: Vec<&str> = acts
        .iter()
        .filter(|act| act.about == about)
        .map(|act| act.what.as_str())
        .collect();
    assert!(told.contains(&"device-quarantine"), "{told:?}");
    assert!(told.contains(&"device-release"), "{told:?}");
}

#[test]
fn what_follows_the_third_poison_of_a_request_is_kept_unread() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    let push = |number: u8| {
        let change = if number < 3 {
            run_length_bomb()
        } else {
            vec![number; 10]
        };
        Request::Push(Push {
            id: entropy::id(phone.now()),
            person: world.operator,
            document: entropy::id(phone.now()),
            kind: "draft".to_owned(),
            changes: vec![change.into()],
            heads: Vec::new(),
            proof: None,
        })
    };
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: phone.now(),
        cursors: 0,
        epoch: 0,
    };
    let hello = [hello, Request::Cursors(Vec::new())];
    let frames: Vec<Request> = hello.into_iter().chain((0..6).map(push)).collect();
    let answer = phone.exchange_raw(frame::encode(&frames).expect("frames"));
    assert_eq!(answer.status(), 200, "the request that did it is answered");
    let answer = answer.bytes().expect("the answer");
    let told: Vec<Response> = frame::read_all(&answer, 64 << 20, 10_000).expect("frames");
    let news = |frame: &&Response| {
        let verdict = matches!(frame, Response::Welcome { .. } | Response::Refused { .. });
        let end = matches!(frame, Response::Page { cursors, more: true } if cursors.is_empty());
        !verdict && !end
    };
    assert_eq!(told.iter().find(news), None, "and reads nothing any more");
    assert_eq!(told.len(), 1 + 3 + 1, "three verdicts, and their page");
    let kept = world.server.app.store.kept_of(phone.id).expect("the store");
    let codes: Vec<&str> = kept.iter().map(|push| push.code.as_str()).collect();
    assert_eq!(
        codes,
        [&["too-many-ops"; 3][..], &["device-quarantined"; 3]].concat(),
        "three were judged, three were not"
    );
}

#[test]
fn what_may_come_of_bad_luck_quarantines_nobody() {
    let world = World::new();
    let (first, phone) = (
        world.server.enrol(world.lead),
        world.server.enrol(world.lead),
    );
    let city = |city: &str| {
        change(&world, world.site, |document| {
            let city = Value::from(city);
            document.set(&["city"], &city).expect("writes");
        })
    };
    assert_eq!(
        by(&first, world.lead, world.site, "site", city("Bron")),
        "received"
    );
    for n in 0..5 {
        let verdict = by(
            &phone,
            world.lead,
            world.site,
            "site",
            city(&format!("Lyon {n}")),
        );
        assert_eq!(verdict, "actor-not-yours", "of another device of one's own");
        let verdict = by(&phone, world.lead, entropy::id(n), "nonsense", Vec::new());
        assert_eq!(verdict, "unknown-kind", "a newer app");
    }
    let operator = world.server.enrol(world.operator);
    for n in 0..5 {
        let verdict = by(&operator, world.operator, world.operator, "person", {
            change(&world, world.operator, |document| {
                let roles = serde_json::json!([format!("admin{n}")]);
                document.set(&["roles"], &roles).expect("writes");
            })
        });
        assert_ne!(verdict, "received", "a rule said no");
    }
    assert_eq!(
        world.server.app.store.isolated().expect("the store"),
        [],
        "nobody"
    );
}

#[test]
fn writing_in_another_persons_name_is_poison() {
    let world = World::new();
    let honest = world.server.enrol(world.lead);
    let mallory = world.server.enrol(world.operator);
    let forged = |n: u8| {
        change(&world, world.site, |document| {
            document.set(&["city"], &Value::from(n)).expect("writes");
        })
    };
    let city = change(&world, world.site, |document| {
        document
            .set(&["city"], &Value::from("Bron"))
            .expect("writes");
    });
    assert_eq!(
        by(&honest, world.lead, world.site, "site", city),
        "received"
    );
    for n in 0..3 {
        let verdict = by(&mallory, world.operator, world.site, "site", forged(n));
        assert_eq!(verdict, "actor-not-yours", "with the lead's actor");
    }
    let isolated = world.server.app.store.isolated().expect("the store");
    let devices: Vec<Id> = isolated.iter().map(|one| one.device).collect();
    assert_eq!(devices, [mallory.id], "the forger, not the lead");
}

#[test]
fn what_is_kept_unread_has_a_limit() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    poison(&world, &phone);
    for round in 0..7_u64 {
        // Bytes that do not compress.
        let mut state = round.wrapping_add(1);
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state.to_le_bytes()[7]
        })
        .take(900_000)
        .collect();
        let hello = Request::Hello {
            protocol: PROTOCOL,
            clock_ms: phone.now(),
            cursors: 0,
            epoch: 0,
        };
        let push = Request::Push(Push {
            id: entropy::id(phone.now()),
            person: world.operator,
            document: entropy::id(phone.now()),
            kind: "draft".to_owned(),
            changes: vec![noise.into()],
            heads: Vec::new(),
            proof: None,
        });
        let body = frame::encode(&[hello, push]).expect("frames");
        assert_eq!(code_of(phone.exchange_raw(body)), "device-quarantined");
    }
    let kept = world.server.app.store.kept_of(phone.id).expect("the store");
    let bytes: usize = kept.iter().map(|push| push.changes.len()).sum();
    assert!(
        kept.len() == 3 + 4 && bytes <= 4 << 20,
        "{} of {bytes} bytes",
        kept.len()
    );
}

#[test]
fn a_request_that_costs_too_much_is_taken_in_parts() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    let fields: serde_json::Map<String, Value> = (0..4000)
        .map(|n| (format!("f{n}"), Value::from(n)))
        .collect();
    let push = |n: u8| {
        let id = entropy::id(phone.now());
        let draft = Document::create([n; 8], id, "draft", 2, &Value::Object(fields.clone()));
        let changes = draft.expect("a document").commit();
        Push {
            id: entropy::id(phone.now()),
            person: world.operator,
            document: id,
            kind: "draft".to_owned(),
            changes: changes.into_iter().map(Into::into).collect(),
            heads: Vec::new(),
            proof: None,
        }
    };
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: phone.now(),
        cursors: 0,
        epoch: 0,
    };
    let pushes = (0..80).map(|n| Request::Push(push(n)));
    let frames: Vec<Request> = [hello].into_iter().chain(pushes).collect();
    let answer = phone.exchange_raw(frame::encode(&frames).expect("frames"));
    let answer = answer.bytes().expect("the answer");
    let frames: Vec<Response> = frame::read_all(&answer, 64 << 20, 10_000).expect("frames");
    let mut codes = Vec::new();
    let mut more_to_come = false;
    for frame in frames {
        if let Response::Refused { code, .. } = frame {
            codes.push(code);
        } else if let Response::Page { more, .. } = frame {
            more_to_come = more;
        }
    }
    let judged = codes.iter().take_while(|code| *code == "version").count();
    assert!((1..80).contains(&judged), "{judged} were judged");
    assert!(
        codes.iter().skip(judged).all(|code| code == "not-yet"),
        "the others wait: {codes:?}"
    );
    assert_eq!(codes.len(), 80, "each is answered");
    assert!(more_to_come, "and the device comes again at once");
}
