//! What ordinary people do with the ordinary Automerge API always passes.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Stored};
use proptest::prelude::*;
use serde_json::json;

use vigie_core::gate::{Admitted, admit, conflicts, inspect, open_document, view};
use vigie_tests::poison::{ALICE, BOB, MALLORY, author, commit};

/// One edit, with numbers that choose where and what.
#[derive(Clone, Debug)]
struct Edit {
    what: u8,
    place: usize,
    name: u8,
    number: i64,
    text: String,
}

fn edit() -> impl Strategy<Value = Edit> {
    (
        any::<u8>(),
        any::<usize>(),
        0..6_u8,
        any::<i64>(),
        "[a-zé☃👩‍🔬]{0,5}",
    )
        .prop_map(|(what, place, name, number, text)| Edit {
            what,
            place,
            name,
            number,
            text,
        })
}

/// What someone does next: edit, end the change, or hear from another.
#[derive(Clone, Debug)]
enum Step {
    Edit(usize, Edit),
    Commit(usize),
    Hear(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_usize, edit()).prop_map(|(who, edit)| Step::Edit(who, edit)),
        2 => (0..3_usize).prop_map(Step::Commit),
        1 => (0..3_usize, 0..3_usize).prop_map(|(who, other)| Step::Hear(who, other)),
    ]
}

/// Every visible object that is not too deep, with its type.
fn objects(doc: &AutoCommit, id: &ObjId, sort: ObjType, depth: usize) -> Vec<(ObjId, ObjType)> {
    let mut out = vec![(id.clone(), sort)];
    if depth == 5 {
        return out;
    }
    let below: Vec<(Stored<'_>, ObjId)> = match sort {
        ObjType::Map | ObjType::Table => doc
            .keys(id)
            .filter_map(|key| doc.get(id, key).unwrap())
            .collect(),
        ObjType::List => (0..doc.length(id))
            .filter_map(|at| doc.get(id, at).unwrap())
            .collect(),
        ObjType::Text => vec![],
    };
    for (value, id) in below {
        if let Stored::Object(sort) = value {
            out.extend(objects(doc, &id, sort, depth + 1));
        }
    }
    out
}

fn scalar(edit: &Edit) -> ScalarValue {
    match edit.number.rem_euclid(9) {
        0 => ScalarValue::Null,
        1 => ScalarValue::Boolean(edit.number > 0),
        2 => ScalarValue::Int(edit.number),
        3 => ScalarValue::Uint(edit.number.unsigned_abs()),
        4 => ScalarValue::F64(edit.number as f64 / 3.0),
        5 => ScalarValue::counter(edit.number >> 16),
        6 => ScalarValue::Timestamp(edit.number),
        7 => ScalarValue::Bytes(edit.text.as_bytes().to_vec()),
        _ => ScalarValue::Str(edit.text.as_str().into()),
    }
}

fn made(edit: &Edit) -> ObjType {
    match edit.number.rem_euclid(3) {
        0 => ObjType::Map,
        1 => ObjType::List,
        _ => ObjType::Text,
    }
}

/// Makes one edit; what does not apply is left out.
fn apply(doc: &mut AutoCommit, edit: &Edit) {
    let all = objects(doc, &ROOT, ObjType::Map, 0);
    let (id, sort) = all[edit.place % all.len()].clone();
    let name = ["kind", "status", "answers", "items", "", "clé/☃"][usize::from(edit.name)];
    match sort {
        ObjType::Map | ObjType::Table => match edit.what % 8 {
            0 if doc.get(&id, name).unwrap().is_some() => doc.delete(&id, name).unwrap(),
            1 | 2 => drop(doc.put_object(&id, name, made(edit)).unwrap()),
            // Only a counter can be incremented.
            3 => drop(doc.increment(&id, name, edit.number >> 40)),
            _ => doc.put(&id, name, scalar(edit)).unwrap(),
        },
        ObjType::List => {
            let length = doc.length(&id);
            let at = edit.place.rotate_left(7) % (length + 1);
            match edit.what % 8 {
                0 if at < length => doc.delete(&id, at).unwrap(),
                1 => drop(doc.insert_object(&id, at, made(edit)).unwrap()),
                2 if at < length => drop(doc.put_object(&id, at, made(edit)).unwrap()),
                3 if at < length => drop(doc.increment(&id, at, edit.number >> 40)),
                4 if at < length => doc.put(&id, at, scalar(edit)).unwrap(),
                _ => doc.insert(&id, at, scalar(edit)).unwrap(),
            }
        }
        ObjType::Text => {
            let length = doc.length(&id);
            let at = edit.place.rotate_left(7) % (length + 1);
            match edit.what % 4 {
                0 => {
                    let deleted = usize::from(edit.name).min(length - at);
                    doc.splice_text(&id, at, deleted as isize, &edit.text)
                        .unwrap();
                }
                1 => doc.update_text(&id, &edit.text).unwrap(),
                _ => doc.splice_text(&id, at, 0, &edit.text).unwrap(),
            }
        }
    }
}

/// Plays a story among three people; every change in the order in which it was made.
fn play(steps: &[Step]) -> (Vec<AutoCommit>, Vec<Vec<u8>>) {
    let mut people: Vec<AutoCommit> = [ALICE, BOB, MALLORY].map(author).into();
    let mut changes = Vec::new();
    for step in steps {
        match step {
            Step::Edit(who, edit) => apply(&mut people[*who], edit),
            Step::Commit(who) => changes.extend(commit(&mut people[*who])),
            Step::Hear(who, other) => {
                changes.extend(commit(&mut people[*who]));
                changes.extend(commit(&mut people[*other]));
                let mut heard = people[*other].fork();
                people[*who].merge(&mut heard).unwrap();
            }
        }
    }
    for person in &mut people {
        changes.extend(commit(person));
    }
    (people, changes)
}

fn push(before: Option<&[u8]>, changes: &[Vec<u8>]) -> Admitted {
    let inspected = changes.iter().map(|bytes| match inspect(bytes) {
        Ok(inspected) => inspected,
        Err(refusal) => panic!("an honest change refused by layer (a): {refusal}"),
    });
    match admit(before, inspected.collect()) {
        Ok(admitted) => admitted,
        Err(refusal) => panic!("an honest push refused: {refusal}"),
    }
}

/// All that three people know, merged by Automerge itself.
fn merged(mut people: Vec<AutoCommit>) -> AutoCommit {
    let mut all = people.remove(0);
    for mut person in people {
        all.merge(&mut person).unwrap();
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_honest_history_passes_in_pushes_of_any_size(
        steps in prop::collection::vec(step(), 1..60),
        sizes in prop::collection::vec(1..6_usize, 60),
    ) {
        let (people, changes) = play(&steps);
        let mut rest = changes.as_slice();
        let mut stored: Option<Admitted> = None;
        for size in sizes {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            stored = Some(push(stored.as_ref().map(|stored| stored.body.as_slice()), now));
        }
        if !rest.is_empty() {
            stored = Some(push(stored.as_ref().map(|stored| stored.body.as_slice()), rest));
        }
        if let Some(stored) = stored {
            let mut all = merged(people);
            prop_assert_eq!(view(&all).unwrap(), stored.after.as_ref().clone(), "the same document");
            prop_assert_eq!(conflicts(&all).unwrap(), stored.conflicts_after, "the same conflicts");
            prop_assert_eq!(all.get_heads().len(), stored.heads.len(), "the same heads");
            prop_assert!(open_document(&stored.body).is_ok(), "devices open it");

            let again = push(Some(&stored.body), &changes);
            prop_assert!(again.accepted.is_empty(), "a second push brings nothing");
            prop_assert_eq!(again.body, stored.body, "and changes nothing");
        }
    }
}

#[test]
fn two_people_who_edit_offline_are_both_accepted() {
    let mut alice = author(ALICE);
    alice.put(ROOT, "severity", 1).unwrap();
    let answers = alice.put_object(ROOT, "answers", ObjType::Map).unwrap();
    alice.put(&answers, "what", "a leak").unwrap();
    let first = commit(&mut alice).unwrap();
    let mut bob = alice.fork().with_actor(automerge::ActorId::from(BOB));
    let mut offline = Vec::new();
    for (person, severity) in [(&mut alice, 3), (&mut bob, 2)] {
        person.put(ROOT, "severity", severity).unwrap();
        offline.push(commit(person).unwrap());
        person
            .put(&answers, "what", format!("seen by {severity}"))
            .unwrap();
        offline.push(commit(person).unwrap());
    }
    let stored = push(None, &[first]);
    assert_eq!(stored.before, None, "a new document had no before");
    let both = push(Some(&stored.body), &offline);
    assert_eq!(both.accepted.len(), 4, "all four offline changes");
    assert_eq!(
        both.before,
        Some(stored.after),
        "the view before is the view after the last push"
    );
    assert_eq!(
        both.conflicts_after,
        ["answers/what", "severity"],
        "what nobody has chosen yet"
    );
    assert_eq!(both.heads.len(), 2, "two heads");

    alice.merge(&mut bob).unwrap();
    alice.put(ROOT, "severity", 3).unwrap();
    let chosen = push(Some(&both.body), &[commit(&mut alice).unwrap()]);
    assert_eq!(
        chosen.conflicts_after,
        ["answers/what"],
        "Alice chose the severity"
    );
    assert_eq!(chosen.heads.len(), 1, "and joined the two");
}

#[test]
fn a_long_offline_stretch_passes_in_one_push() {
    let mut alice = author(ALICE);
    alice.put(ROOT, "n", 0).unwrap();
    let first = push(None, &[commit(&mut alice).unwrap()]);
    let mut bob = alice.fork().with_actor(automerge::ActorId::from(BOB));
    bob.put(ROOT, "bob", "was here").unwrap();
    let beside = push(Some(&first.body), &[commit(&mut bob).unwrap()]);
    let offline: Vec<Vec<u8>> = (1..500)
        .map(|n| {
            alice.put(ROOT, "n", n).unwrap();
            commit(&mut alice).unwrap()
        })
        .collect();
    let after = push(Some(&beside.body), &offline);
    assert_eq!(
        *after.after,
        json!({ "bob": "was here", "n": 499 }),
        "all of it"
    );
}
