//! From the first tap to the sealed report.

use serde_json::{Value, json};

use crate::device::{Device, Enrolment};
use crate::error::Code;
use crate::moment::Moment;
use crate::person::Seat;
use crate::testing::{Cast, START_MS, Seeded, Who, id, press};

fn reports(cast: &mut Cast, who: Who) -> Vec<Value> {
    let input = json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 100, "offset": 0,
    });
    let page = cast.ok(who, "report.list", input);
    page["rows"].as_array().expect("rows").clone()
}

#[test]
fn sealing_again_gives_the_same_report() {
    let mut cast = Cast::new();
    let draft = cast.draft(Who::Sophie, "open", press(), false);
    let (report, other) = (cast.new_id(), cast.new_id());
    let first = cast.ok(
        Who::Sophie,
        "report.seal",
        json!({ "draft": draft, "report": report }),
    );
    let waiting = cast.device(Who::Sophie).waiting().expect("a count");
    for again in [report, other] {
        let input = json!({ "draft": draft, "report": again });
        assert_eq!(
            cast.ok(Who::Sophie, "report.seal", input),
            first,
            "the same answer"
        );
    }
    assert_eq!(
        cast.device(Who::Sophie).waiting(),
        Ok(waiting),
        "nothing more was written"
    );
    assert_eq!(
        reports(&mut cast, Who::Sophie).len(),
        1,
        "there is one report"
    );
    cast.sync_all();
    assert_eq!(
        reports(&mut cast, Who::Karim).len(),
        1,
        "for the manager too"
    );
    assert!(
        cast.server.store.kept.quarantine.is_empty(),
        "nothing was refused"
    );
}

#[test]
fn a_replayed_call_gets_the_same_answer_and_does_nothing() {
    let mut cast = Cast::new();
    let draft = cast.draft(Who::Sophie, "open", press(), false);
    let input = json!({ "draft": draft, "report": cast.new_id() });
    let (call, moment) = (cast.new_id(), Moment::utc(cast.now));
    let device = cast.device_mut(Who::Sophie);
    let first = device
        .call(moment, Some(call), "report.seal", input.clone())
        .expect("sealed");
    let waiting = device.waiting().expect("a count");
    let again = device
        .call(moment, Some(call), "report.seal", input)
        .expect("answered again");
    assert_eq!(again.output, first.output, "the same answer");
    assert!(again.changed.is_empty(), "and nothing changed");
    assert_eq!(device.waiting(), Ok(waiting), "nor waits");
}

#[test]
fn a_draft_is_still_there_after_the_phone_died() {
    let path = std::env::temp_dir().join(format!("vigie-draft-{}.db", std::process::id()));
    let remove = || {
        for end in ["", "-wal", "-shm"] {
            let mut path = path.clone().into_os_string();
            path.push(end);
            std::fs::remove_file(path).ok();
        }
    };
    remove();
    let draft = id(5);
    let open = |seed| Device::open(&path, None, Box::new(Seeded::new(seed))).expect("a file");
    {
        let mut device = open(1);
        let enrolment = Enrolment {
            device: id(4),
            org: "Atelier".to_owned(),
            seat: Seat::system(),
            server_key: [0; 32],
        };
        device.enrol(&enrolment).expect("fresh");
        let mut ok = |name: &str, input: Value| {
            device
                .call(Moment::utc(START_MS), None, name, input)
                .expect(name)
                .output
        };
        let source = crate::form::SOURCES[1].1;
        let form = ok(
            "form.publish",
            json!({ "slug": "near-miss", "source": source }),
        );
        let start = json!({ "id": draft, "form": form["form"], "release": 1, "practice": false });
        ok("draft.start", start);
        ok(
            "draft.save",
            json!({ "id": draft, "field": "words", "value": "Flaque" }),
        );
    }
    let mut device = open(2);
    let view = device
        .call(
            Moment::utc(START_MS),
            None,
            "draft.open",
            json!({ "id": draft }),
        )
        .expect("it is there")
        .output;
    assert_eq!(
        view["answers"]["words"],
        json!("Flaque"),
        "what was typed is kept"
    );
    let list = device
        .call(Moment::utc(START_MS), None, "draft.list", json!({}))
        .expect("a list");
    assert_eq!(
        list.output.as_array().map(Vec::len),
        Some(1),
        "and it is listed"
    );
    drop(device);
    remove();
}

#[test]
fn an_incomplete_form_is_refused_and_nothing_is_lost() {
    let mut cast = Cast::new();
    let draft = cast.draft(Who::Sophie, "open", press(), false);
    let clear = json!({ "id": draft, "field": "severity", "value": null });
    cast.ok(Who::Sophie, "draft.save", clear);
    let before = cast.ok(Who::Sophie, "draft.open", json!({ "id": draft }));
    let report = cast.new_id();
    let input = json!({ "draft": draft, "report": report });
    let error = cast.err(Who::Sophie, "report.seal", input.clone());
    assert_eq!(error.code(), Code::FormIncomplete, "{error}");
    assert_eq!(error.message(), "severity", "it says what is missing");
    assert!(
        cast.view(Who::Sophie, report).is_none(),
        "there is no report"
    );
    let after = cast.ok(Who::Sophie, "draft.open", json!({ "id": draft }));
    assert_eq!(after, before, "the draft is as it was");
    let value = json!({ "id": draft, "field": "severity", "value": "low" });
    cast.ok(Who::Sophie, "draft.save", value);
    cast.ok(Who::Sophie, "report.seal", input);
}

#[test]
fn practice_makes_no_report() {
    let mut cast = Cast::new();
    let draft = cast.draft(Who::Sophie, "open", press(), true);
    let report = cast.new_id();
    let sealed = cast.ok(
        Who::Sophie,
        "report.seal",
        json!({ "draft": draft, "report": report }),
    );
    assert_eq!(sealed["practice"], json!(true), "it says so");
    assert!(
        cast.view(Who::Sophie, report).is_none(),
        "no report was made"
    );
    cast.sync_all();
    let kinds: Vec<&str> = cast
        .server
        .store
        .kept
        .documents
        .values()
        .map(|one| one.kind.as_str())
        .collect();
    assert!(
        !kinds.contains(&"report") && !kinds.contains(&"reporter"),
        "{kinds:?}"
    );
    assert!(
        reports(&mut cast, Who::Karim).is_empty(),
        "the manager sees nothing"
    );
    let list = cast.ok(Who::Sophie, "draft.list", json!({}));
    assert_eq!(list, json!([]), "and the draft is done");
}

#[test]
fn a_draft_that_is_done_takes_nothing_more() {
    let mut cast = Cast::new();
    let sealed = cast.draft(Who::Sophie, "open", press(), false);
    let input = json!({ "draft": sealed, "report": cast.new_id() });
    cast.ok(Who::Sophie, "report.seal", input);
    let given_up = cast.draft(Who::Sophie, "open", press(), false);
    cast.ok(Who::Sophie, "draft.discard", json!({ "id": given_up }));
    for draft in [sealed, given_up] {
        let picture = base64(b"\xff\xd8\xff picture");
        for (name, input) in [
            (
                "draft.save",
                json!({ "id": draft, "field": "words", "value": "x" }),
            ),
            ("draft.open", json!({ "id": draft })),
            ("draft.discard", json!({ "id": draft })),
            (
                "draft.detach",
                json!({ "id": draft, "field": "photos", "hash": "0".repeat(64) }),
            ),
            (
                "draft.attach",
                json!({
                    "id": draft, "field": "photos", "media_type": "image/jpeg", "base64": picture,
                }),
            ),
            (
                "draft.announce",
                json!({
                    "id": draft, "field": "photos", "media_type": "image/jpeg", "size": 11,
                    "hash": "0".repeat(64),
                }),
            ),
        ] {
            let error = cast.err(Who::Sophie, name, input);
            assert_eq!(error.code(), Code::AlreadyDone, "{name}: {error}");
        }
    }
    let input = json!({ "draft": given_up, "report": cast.new_id() });
    let error = cast.err(Who::Sophie, "report.seal", input);
    assert_eq!(
        error.code(),
        Code::AlreadyDone,
        "what was given up is not sealed: {error}"
    );
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn a_photo_answers_a_photo_question_and_is_what_it_says() {
    let mut cast = Cast::new();
    let draft = cast.draft(Who::Sophie, "open", press(), false);
    let attach = |field: &str, media_type: &str, content: &[u8]| {
        json!({
            "id": draft, "field": field, "media_type": media_type, "base64": base64(content),
        })
    };
    let jpeg = b"\xff\xd8\xff picture";
    for (media_type, content) in [
        ("image/png", jpeg.as_slice()),
        ("image/svg+xml", b"<svg/>"),
        ("image/jpeg", b""),
        ("text/html", b"<p>"),
    ] {
        let error = cast.err(
            Who::Sophie,
            "draft.attach",
            attach("photos", media_type, content),
        );
        assert_eq!(error.code(), Code::NotAPicture, "{media_type}: {error}");
    }
    for field in ["words", "nothing", ""] {
        let error = cast.err(
            Who::Sophie,
            "draft.attach",
            attach(field, "image/jpeg", jpeg),
        );
        assert_eq!(
            error.code(),
            Code::Invalid,
            "`{field}` asks for no photo: {error}"
        );
    }
    let one = cast.ok(
        Who::Sophie,
        "draft.attach",
        attach("photos", "image/jpeg", jpeg),
    );
    let again = cast.ok(
        Who::Sophie,
        "draft.attach",
        attach("photos", "image/jpeg", jpeg),
    );
    assert_eq!(one, again, "the same photo twice is one photo");
    let report = cast.new_id();
    cast.ok(
        Who::Sophie,
        "report.seal",
        json!({ "draft": draft, "report": report }),
    );
    cast.sync_all();
    let view = cast.ok(Who::Karim, "report.open", json!({ "id": report }));
    assert_eq!(
        view["attachments"][0]["hash"], one["hash"],
        "the manager sees that there is one"
    );
    assert_eq!(
        view["attachments"][0]["state"],
        json!("away"),
        "and that it is not here yet"
    );
    let read = cast.ok(Who::Karim, "blob.read", json!({ "hash": one["hash"] }));
    assert_eq!(read["base64"], Value::Null, "looking at it asks for it");
    cast.sync(Who::Karim);
    let read = cast.ok(Who::Karim, "blob.read", json!({ "hash": one["hash"] }));
    assert_eq!(read["base64"], json!(base64(jpeg)), "and then it comes");
}

#[test]
fn a_draft_follows_its_author_and_nobody_else() {
    let mut cast = Cast::new();
    let draft = cast.draft(Who::Sophie, "open", press(), false);
    cast.sync_all();
    for who in Who::ALL.into_iter().filter(|who| *who != Who::Sophie) {
        assert!(
            cast.view(who, draft).is_none(),
            "{who:?} does not have Sophie's draft"
        );
    }
    cast.device_of(Who::Sophie);
    cast.sync(Who::Sophie);
    let view = cast.ok(Who::Sophie, "draft.open", json!({ "id": draft }));
    assert_eq!(
        view["answers"]["words"],
        json!("Flaque d’huile"),
        "her other phone has it"
    );
}

#[test]
fn the_author_holds_a_receipt_of_what_arrived() {
    let mut cast = Cast::new();
    let report = cast.report(Who::Sophie, "open", press());
    let view = cast.ok(Who::Sophie, "report.open", json!({ "id": report }));
    assert_eq!(view["receipt"], Value::Null, "not yet");
    assert_eq!(view["row"]["custody"], json!("sealed"), "it is safe here");
    cast.sync(Who::Sophie);
    let view = cast.ok(Who::Sophie, "report.open", json!({ "id": report }));
    assert_eq!(
        view["receipt"]["valid"],
        json!(true),
        "signed by the server"
    );
    assert_eq!(view["row"]["custody"], json!("received"), "it arrived");
    cast.sync(Who::Karim);
    cast.ok(Who::Karim, "report.read", json!({ "id": report }));
    cast.sync_all();
    let view = cast.ok(Who::Sophie, "report.open", json!({ "id": report }));
    assert_eq!(
        view["row"]["custody"],
        json!("read"),
        "somebody in charge has read it"
    );
}

#[test]
fn a_photo_may_be_announced_and_brought_after_the_text() {
    use crate::store::blob;

    let mut cast = Cast::new();
    let content = b"\xff\xd8\xff picture";
    let hash = blob::hex(&blob::hash(content));
    let announced = |draft, media_type: &str, size: u64| {
        json!({
            "id": draft, "field": "photos", "media_type": media_type, "size": size, "hash": hash,
        })
    };
    let draft = cast.draft(Who::Sophie, "open", press(), false);
    for (media_type, size, code) in [
        ("text/html", 11, Code::NotAPicture),
        ("image/jpeg", 26 << 20, Code::TooLarge),
    ] {
        let error = cast.err(
            Who::Sophie,
            "draft.announce",
            announced(draft, media_type, size),
        );
        assert_eq!(error.code(), code, "{media_type}, {size} bytes: {error}");
    }
    cast.ok(
        Who::Sophie,
        "draft.announce",
        announced(draft, "image/jpeg", 11),
    );
    let report = cast.new_id();
    let input = json!({ "draft": draft, "report": report });
    cast.ok(Who::Sophie, "report.seal", input);
    cast.sync(Who::Sophie);
    let opened = cast.ok(Who::Sophie, "report.open", json!({ "id": report }));
    assert_eq!(opened["attachments"][0]["hash"], json!(hash), "it is named");
    assert_eq!(
        opened["attachments"][0]["state"],
        json!("away"),
        "and not here"
    );
    assert!(
        blob::to_send(cast.device(Who::Sophie).db())
            .expect("a list")
            .is_empty(),
        "there is nothing to send"
    );

    let other = json!({ "base64": base64(b"\xff\xd8\xff another picture") });
    cast.ok(Who::Sophie, "photo.bring", other);
    let bring = json!({ "base64": base64(content) });
    cast.ok(Who::Claire, "photo.bring", bring.clone());
    assert!(
        blob::to_send(cast.device(Who::Claire).db())
            .expect("a list")
            .is_empty(),
        "only who took a photo brings it"
    );
    cast.ok(Who::Sophie, "photo.bring", bring.clone());
    let waiting = blob::to_send(cast.device(Who::Sophie).db()).expect("a list");
    assert_eq!(
        waiting,
        [(blob::hash(content), 11)],
        "that photo alone is sent"
    );
    cast.ok(Who::Sophie, "photo.bring", bring);
    let opened = cast.ok(Who::Sophie, "report.open", json!({ "id": report }));
    assert_eq!(opened["attachments"][0]["state"], json!("here"), "it came");
}
