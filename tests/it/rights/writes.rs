//! Every cell of "What each may write", tried by a client that writes raw changes as it likes.

use std::collections::{BTreeMap, BTreeSet};

use automerge::transaction::{CommitOptions, Transactable as _};
use automerge::{AutoCommit, ROOT, ScalarValue};
use serde_json::Value;
use vigie_core::Id;
use vigie_core::document::HEADER;
use vigie_core::features::FEATURES;

use super::cast::{Cast, SEATS, Try};
use super::edits::{cases, other_value};
use super::table::{Asked, Row, chapter, expected};

const CHAPTER: &str = "What each may write";
const EVERY_KIND: &str = "Every kind";

/// What was tried, and where the table is wrong.
#[derive(Default)]
struct Trials {
    count: usize,
    wrong: Vec<String>,
}

impl Trials {
    fn hold(&mut self, what: &str, verdict: &str, right: bool, expected: &str) {
        self.count += 1;
        if !right {
            self.wrong
                .push(format!("{what}: {verdict}, not {expected}"));
        }
    }
}

fn kinds() -> Vec<&'static str> {
    FEATURES
        .iter()
        .flat_map(|feature| feature.kinds)
        .map(|kind| kind.name)
        .collect()
}

/// The documents of a kind.
fn documents(cast: &Cast, kind: &str) -> Vec<Id> {
    let mut ids = vec![cast.named[kind]];
    ids.extend(cast.hub.documents_of(kind).expect("the store"));
    ids
}

/// A change that stands beside what is there, without having seen it, and does not show.
pub(super) fn beside(cast: &Cast, id: Id, field: &str, value: &Value) -> Try {
    written_beside(cast, id, field, value).1
}

fn written_beside(cast: &Cast, id: Id, field: &str, value: &Value) -> (AutoCommit, Try) {
    let actor = automerge::ActorId::from(cast.actor().as_slice());
    let mut doc = AutoCommit::new().with_actor(actor);
    match value {
        Value::Object(_) | Value::Array(_) => {
            doc.put_object(ROOT, field, automerge::ObjType::Map)
                .expect("puts");
        }
        Value::String(text) => doc.put(ROOT, field, text.as_str()).expect("puts"),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let number = value.as_i64().unwrap_or(1);
            doc.put(ROOT, field, ScalarValue::Int(number))
                .expect("puts");
        }
    }
    let changes = vec![commit(&mut doc)];
    (
        doc,
        Try {
            seat: String::new(),
            document: id,
            kind: cast
                .hub
                .document(id)
                .expect("the store")
                .expect("a document")
                .kind,
            changes,
        },
    )
}

fn commit(doc: &mut AutoCommit) -> Vec<u8> {
    doc.commit_with(CommitOptions::default().with_time(0));
    let change = doc.get_last_local_change().expect("a change");
    change.raw_bytes().to_vec()
}

/// The same, taken away again by a second change: nothing is left of it.
fn taken_away(cast: &Cast, id: Id, field: &str, value: &Value) -> Try {
    let (mut doc, mut both) = written_beside(cast, id, field, value);
    doc.delete(ROOT, field).expect("deletes");
    both.changes.push(commit(&mut doc));
    both
}

/// A change that writes a field, by whoever tries it.
fn put(cast: &Cast, id: Id, field: &str, value: &Value) -> Try {
    cast.edit("", id, |document| {
        document.set(&[field], value).expect("writes");
    })
}

/// A change that takes a field away and puts it back.
fn put_again(cast: &Cast, id: Id, field: &str, value: &Value) -> Try {
    cast.edit("", id, |document| {
        document.set(&[field], &Value::Null).expect("writes");
        document.set(&[field], value).expect("writes");
    })
}

/// What the server answers when a seat tries this.
fn by(cast: &Cast, seat: &str, one: &Try) -> String {
    let seat = seat.to_owned();
    cast.verdict(vec![Try {
        seat,
        ..one.clone()
    }])
}

/// Sets a field; where that is refused, so are its hidden forms: the same value written again, another
/// value beside it, and that taken away again.
fn try_set(cast: &Cast, trials: &mut Trials, kind: &str, field: &str, row: &Row) {
    let id = cast.named[kind];
    let now = cast.view(id).get(field).cloned().unwrap_or_default();
    let other = other_value(cast, kind, field, &now);
    assert_ne!(other, now, "another value for `{field}` of {kind}");
    let plain = put(cast, id, field, &other);
    let mut hidden = vec![
        ("beside", beside(cast, id, field, &other)),
        ("and takes it away", taken_away(cast, id, field, &other)),
    ];
    if !now.is_null() {
        hidden.push(("again", put_again(cast, id, field, &now)));
    }
    for seat in SEATS {
        let what = format!("{kind}: {seat} sets `{field}`");
        let expected = expected(&row.cells[seat]);
        let verdict = by(cast, seat, &plain);
        trials.hold(&what, &verdict, verdict == expected, &expected);
        if expected == "received" {
            continue;
        }
        for (how, hidden) in &hidden {
            let verdict = by(cast, seat, hidden);
            let right = verdict != "received";
            trials.hold(&format!("{what} {how}"), &verdict, right, "a refusal");
        }
    }
    let verdict = by(cast, "inactive", &plain);
    let what = format!("{kind}: inactive sets `{field}`");
    trials.hold(&what, &verdict, verdict == "not-active", "not-active");
}

fn try_delete(cast: &Cast, trials: &mut Trials, kind: &str, field: &str, row: &Row) {
    let there = |id: &Id| cast.view(*id).get(field).is_some();
    let Some(id) = documents(cast, kind).into_iter().find(there) else {
        trials.wrong.push(format!("no {kind} has `{field}`"));
        return;
    };
    let gone = put(cast, id, field, &Value::Null);
    for seat in SEATS {
        let expected = expected(&row.cells[seat]);
        let verdict = by(cast, seat, &gone);
        let what = format!("{kind}: {seat} deletes `{field}`");
        trials.hold(&what, &verdict, verdict == expected, &expected);
    }
}

fn try_case(cast: &Cast, trials: &mut Trials, kind: &str, label: &str, row: &Row) {
    let all = cases(kind);
    let Some((_, case)) = all.iter().find(|(known, _)| *known == label) else {
        trials
            .wrong
            .push(format!("{kind}: nothing tries `{label}`"));
        return;
    };
    for seat in SEATS {
        let tries = case(cast, seat);
        let cell = &row.cells[seat];
        if tries.is_empty() {
            trials.hold(label, cell, cell == "·", "·, for nothing can be tried");
            continue;
        }
        let expected = expected(cell);
        let verdict = cast.verdict(tries);
        let what = format!("{kind}: {seat}: {label}");
        trials.hold(&what, &verdict, verdict == expected, &expected);
    }
    // Whatever it is, nobody does it who has left.
    let mut tries = case(cast, "inactive");
    if let Some(last) = tries.pop() {
        let verdict = cast.verdict(vec![last]);
        trials.hold(label, &verdict, verdict == "not-active", "not-active");
    }
}

/// The fields that some honest document of the kind has.
fn fields(cast: &Cast, kind: &str) -> BTreeSet<String> {
    documents(cast, kind)
        .into_iter()
        .flat_map(|id| cast.body(id).into_iter().map(|(field, _)| field))
        .collect()
}

/// Tries the rows of one kind; the labels that they have.
fn try_kind(cast: &Cast, trials: &mut Trials, kind: &str, rows: &[Row]) {
    let (mut set, mut deleted, mut tried) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for row in rows {
        match Asked::of(&row.label) {
            Asked::Set(names) => {
                for field in names {
                    try_set(cast, trials, kind, &field, row);
                    set.insert(field);
                }
            }
            Asked::Delete(names) => {
                for field in names {
                    try_delete(cast, trials, kind, &field, row);
                    deleted.insert(field);
                }
            }
            Asked::Case(label) => {
                try_case(cast, trials, kind, &label, row);
                tried.insert(label);
            }
        }
    }
    for field in fields(cast, kind)
        .into_iter()
        .chain(HEADER.map(str::to_owned))
    {
        if !set.contains(&field) || !deleted.contains(&field) {
            trials.wrong.push(format!("{kind}: `{field}` has no row"));
        }
    }
    for (label, _) in cases(kind) {
        if !tried.contains(label) {
            trials.wrong.push(format!("{kind}: `{label}` has no row"));
        }
    }
}

#[test]
fn everybody_writes_what_the_table_says_and_nothing_else() {
    let mut chapter = chapter(CHAPTER);
    let common = chapter
        .remove(EVERY_KIND)
        .expect("what holds of every kind");
    let mut known: BTreeMap<String, Vec<Row>> = chapter
        .into_iter()
        .map(|(heading, rows)| (heading.trim_matches('`').to_owned(), rows))
        .collect();
    let of_kinds: Vec<(&str, Vec<Row>)> = kinds()
        .into_iter()
        .map(|kind| (kind, known.remove(kind).unwrap_or_default()))
        .collect();
    assert!(known.is_empty(), "no such kinds: {:?}", known.keys());
    let turns = std::sync::Mutex::new(of_kinds);
    let trials = std::sync::Mutex::new(Trials::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let cast = Cast::new();
                loop {
                    let next = turns.lock().expect("not poisoned").pop();
                    let Some((kind, mut rows)) = next else { return };
                    rows.extend(common.iter().map(|row| Row {
                        label: row.label.clone(),
                        cells: row.cells.clone(),
                    }));
                    let mut own = Trials::default();
                    try_kind(&cast, &mut own, kind, &rows);
                    let mut all = trials.lock().expect("not poisoned");
                    all.count += own.count;
                    all.wrong.extend(own.wrong);
                }
            });
        }
    });
    let trials = trials.into_inner().expect("not poisoned");
    println!("{} cases", trials.count);
    assert!(trials.wrong.is_empty(), "{:#?}", trials.wrong);
    assert!(trials.count > 4000, "{} cases", trials.count);
}
