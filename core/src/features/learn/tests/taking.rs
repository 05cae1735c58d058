//! Taking capsules and recalling them.

use serde_json::{Value, json};

use super::super::model::{CapsuleState, LearnDue, LearnFinished};
use super::{answers, list, module, open, pass, publish, rewrite, save};
use crate::error::Code;
use crate::moment::{day_number, parse_day};
use crate::testing::{Cast, DAY_MS, Who, lyon};

#[test]
fn an_attempt_goes_on_where_it_was_left() {
    let mut cast = Cast::new();
    let module = cast.capsule("consignation");
    cast.sync_all();
    let opened = open(&mut cast, Who::Sophie, module);
    let mut given = answers(&opened.capsule);
    let later = given.split_off("left");
    cast.ok(Who::Sophie, "learn.save", save(&opened, 4, &given));
    let again = open(&mut cast, Who::Sophie, module);
    assert_eq!(again.attempt.id, opened.attempt.id, "the same attempt");
    assert_eq!(again.attempt.step, 4, "at the same step");
    assert_eq!(again.attempt.answers, given, "with the same answers");
    assert!(!later.is_empty(), "which were not all");
    cast.sync_all();
    cast.device_of(Who::Sophie);
    cast.sync(Who::Sophie);
    let elsewhere = open(&mut cast, Who::Sophie, module);
    assert_eq!(elsewhere.attempt, again.attempt, "also on another phone");
}

#[test]
fn an_attempt_stays_on_its_release_when_a_newer_comes() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    publish(&mut cast, module, None);
    cast.sync_all();
    let first = open(&mut cast, Who::Sophie, module);
    rewrite(&mut cast, module, "Nouveau");
    publish(&mut cast, module, None);
    cast.sync_all();
    let again = open(&mut cast, Who::Sophie, module);
    assert_eq!(
        (again.version, again.attempt.release),
        (1, first.attempt.release),
        "as it began"
    );
    assert_eq!(again.capsule, first.capsule, "with the same words");
    assert!(again.row.newer, "and says that there is a newer one");
    pass(&mut cast, Who::Sophie, module);
    let next = open(&mut cast, Who::Sophie, module);
    assert_eq!(next.version, 2, "the next attempt is on the newer one");
    assert!(!next.row.newer, "than which there is none");
}

#[test]
fn finishing_grades_and_schedules() {
    let mut cast = Cast::new();
    let module = cast.capsule("consignation");
    cast.sync_all();
    let finished = pass(&mut cast, Who::Sophie, module);
    assert_eq!(
        (finished.score, finished.passed),
        (100, true),
        "all was right"
    );
    assert_eq!(
        (finished.right, finished.wrong.len()),
        (finished.total, 0),
        "every item"
    );
    let next = finished.next_review_on.expect("a day");
    let today = crate::Moment::utc(cast.now).day_number();
    let days = day_number(parse_day(&next).expect("a day")) - today;
    assert!(days >= 1, "not today again: {next}");
    let due: LearnDue = cast.get(Who::Sophie, "learn.due", json!({}));
    assert_eq!(
        (due.total, due.next_on),
        (0, Some(next)),
        "nothing is due until then"
    );
    cast.now += days * DAY_MS;
    let due: LearnDue = cast.get(Who::Sophie, "learn.due", json!({}));
    assert!(due.total > 0, "then something is");
    let row = &list(&mut cast, Who::Sophie)[0];
    assert_eq!(
        (row.state, row.score),
        (CapsuleState::Done, Some(100)),
        "it is taken"
    );
}

#[test]
fn wrong_answers_come_back_sooner_and_do_not_pass() {
    let mut cast = Cast::new();
    let module = cast.capsule("consignation");
    cast.sync_all();
    let opened = open(&mut cast, Who::Sophie, module);
    let input = save(&opened, 9, &std::collections::BTreeMap::new());
    let finished: LearnFinished = cast.get(Who::Sophie, "learn.finish", input);
    assert_eq!(
        (finished.score, finished.passed),
        (0, false),
        "nothing was right"
    );
    let right = pass(&mut cast, Who::Maud, module);
    assert!(
        finished.next_review_on < right.next_review_on,
        "a miss comes back sooner"
    );
    let opened = open(&mut cast, Who::Yann, module);
    let first: std::collections::BTreeMap<_, _> =
        answers(&opened.capsule).into_iter().take(1).collect();
    let finished: LearnFinished = cast.get(Who::Yann, "learn.finish", save(&opened, 9, &first));
    let total = opened.capsule["fr"].quiz.len();
    assert_eq!(
        (finished.right, finished.wrong.len()),
        (1, total - 1),
        "one was right"
    );
}

#[test]
fn finishing_twice_does_nothing_more() {
    let mut cast = Cast::new();
    let module = cast.capsule("consignation");
    cast.sync_all();
    let opened = open(&mut cast, Who::Sophie, module);
    let input = save(&opened, 99, &answers(&opened.capsule));
    let first = cast.ok(Who::Sophie, "learn.finish", input.clone());
    let waiting = cast.device(Who::Sophie).waiting();
    let again = cast.ok(Who::Sophie, "learn.finish", input);
    assert_eq!(again, first, "the same outcome");
    let wrong = save(&opened, 1, &std::collections::BTreeMap::new());
    cast.ok(Who::Sophie, "learn.finish", wrong.clone());
    cast.ok(Who::Sophie, "learn.save", wrong);
    assert_eq!(
        cast.device(Who::Sophie).waiting(),
        waiting,
        "nothing was written"
    );
    assert_eq!(
        list(&mut cast, Who::Sophie)[0].score,
        Some(100),
        "the score stands"
    );
}

#[test]
fn never_more_than_five_minutes_are_due() {
    let mut cast = Cast::new();
    let modules = [
        "consignation",
        "causerie-securite",
        "cinq-pourquoi",
        "tri-des-dechets",
    ]
    .map(|slug| cast.capsule(slug));
    cast.sync_all();
    for module in modules {
        pass(&mut cast, Who::Sophie, module);
    }
    for years in 1..3 {
        cast.now += years * 365 * DAY_MS;
        let due: LearnDue = cast.get(Who::Sophie, "learn.due", json!({}));
        assert!(due.seconds <= 300, "{} seconds", due.seconds);
        assert!(!due.items.is_empty(), "something is due");
        let listed = u32::try_from(due.items.len()).expect("a few");
        assert!(
            due.total > listed,
            "more waits for another day: {} of {}",
            listed,
            due.total
        );
        let days: Vec<&String> = due.items.iter().map(|item| &item.due_on).collect();
        assert!(days.is_sorted(), "the longest due first: {days:?}");
    }
}

#[test]
fn recalling_is_graded_and_replaying_it_is_harmless() {
    let mut cast = Cast::new();
    let module = cast.capsule("consignation");
    cast.sync_all();
    pass(&mut cast, Who::Sophie, module);
    cast.now += 90 * DAY_MS;
    let due: LearnDue = cast.get(Who::Sophie, "learn.due", json!({}));
    let item = &due.items[0];
    let answer = super::right(&item.item["fr"]);
    let input = json!({
        "id": cast.new_id(), "module": module, "release": item.release,
        "item": item.item["fr"].id, "answer": answer, "language": "fr",
    });
    let reviewed = cast.ok(Who::Sophie, "learn.review", input.clone());
    assert_eq!(reviewed["correct"], json!(true), "it was right");
    let waiting = cast.device(Who::Sophie).waiting();
    assert_eq!(
        cast.ok(Who::Sophie, "learn.review", input.clone()),
        reviewed,
        "the same again"
    );
    assert_eq!(
        cast.device(Who::Sophie).waiting(),
        waiting,
        "nothing was written"
    );
    let after: LearnDue = cast.get(Who::Sophie, "learn.due", json!({}));
    assert_eq!(after.total, due.total - 1, "one less is due");
    let mut other = input;
    other["module"] = json!(cast.new_id());
    cast.err(Who::Sophie, "learn.review", other);
}

#[test]
fn a_memory_is_its_persons_alone() {
    let mut cast = Cast::new();
    let module = cast.capsule("consignation");
    cast.sync_all();
    pass(&mut cast, Who::Sophie, module);
    cast.sync_all();
    for who in Who::ALL.into_iter().filter(|who| *who != Who::Sophie) {
        let sql = "SELECT count(*) FROM document WHERE kind = 'memory'";
        let count: i64 = cast
            .device(who)
            .db()
            .query_row(sql, [], |row| row.get(0))
            .expect("a count");
        assert_eq!(count, 0, "{who:?} has no memory of Sophie's");
    }
    cast.device_of(Who::Sophie);
    cast.sync(Who::Sophie);
    let due: LearnDue = cast.get(Who::Sophie, "learn.due", json!({}));
    assert!(due.next_on.is_some(), "her other phone remembers");
}

#[test]
fn two_phones_of_one_person_offline_are_read_as_one() {
    let mut cast = Cast::new();
    let modules = ["consignation", "cinq-pourquoi"].map(|slug| cast.capsule(slug));
    cast.sync_all();
    pass(&mut cast, Who::Sophie, modules[0]);
    cast.sync(Who::Sophie);
    let mut year: Vec<Value> = Vec::new();
    cast.device_of(Who::Sophie);
    cast.sync(Who::Sophie);
    pass(&mut cast, Who::Sophie, modules[1]);
    cast.sync(Who::Sophie);
    year.extend(
        list(&mut cast, Who::Sophie)
            .iter()
            .map(|row| json!(row.state)),
    );
    assert_eq!(year, [json!("done"), json!("done")], "both are taken");
    assert!(
        cast.server.store.kept.quarantine.is_empty(),
        "nothing was refused"
    );
}

#[test]
fn what_must_be_taken_is_asked_for_until_it_is() {
    let mut cast = Cast::new();
    let module = module(&mut cast);
    let input = json!({
        "id": module, "sites": [lyon()], "due_on": "2026-12-24", "required": true, "note": "",
    });
    cast.ok(Who::Claire, "studio.publish", input);
    cast.sync_all();
    let row = &list(&mut cast, Who::Sophie)[0];
    assert_eq!(
        (row.required, row.due_on.as_deref()),
        (true, Some("2026-12-24")),
        "asked for"
    );
    pass(&mut cast, Who::Sophie, module);
    let row = &list(&mut cast, Who::Sophie)[0];
    assert_eq!((row.required, row.due_on.as_deref()), (false, None), "done");
    let input = json!({ "id": module, "sites": null, "due_on": null, "required": true });
    cast.ok(Who::Claire, "studio.assign", input);
    cast.sync_all();
    assert!(list(&mut cast, Who::Sophie)[0].required, "asked for again");
}

#[test]
fn a_capsule_whose_content_is_not_here_yet_says_so() {
    let mut cast = Cast::new();
    let module = cast.capsule("consignation");
    cast.sync_all();
    let attempt = cast.new_id();
    let db = cast.device(Who::Sophie).db();
    db.execute("UPDATE blob SET content = NULL", [])
        .expect("emptied");
    let input = json!({ "module": module, "attempt": attempt });
    let error = cast.err(Who::Sophie, "learn.open", input.clone());
    assert_eq!(error.code(), Code::NotHereYet, "{error}");
    assert!(
        !list(&mut cast, Who::Sophie)[0].ready,
        "the list says so too"
    );
    let opened = cast
        .call(Who::Sophie, "learn.open", input)
        .expect_err("still not");
    assert_eq!(opened.code(), Code::NotHereYet, "and nothing was begun");
    assert_eq!(
        list(&mut cast, Who::Sophie)[0].state,
        CapsuleState::New,
        "it is new"
    );
}
