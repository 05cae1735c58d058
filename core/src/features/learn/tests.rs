//! Tests of the feature.

mod studio;
mod taking;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{CapsuleRow, LearnFinished, LearnOpened};
use crate::capsule::{Capsule, QuizAnswer, QuizItem, QuizKind};
use crate::id::Id;
use crate::testing::{Cast, Who};

/// The right answer to an item.
fn right(item: &QuizItem) -> QuizAnswer {
    let marked = (0..)
        .zip(&item.choices)
        .filter(|(_, choice)| choice.correct);
    let marked: Vec<i32> = marked.map(|(at, _)| at).collect();
    match item.kind {
        QuizKind::One | QuizKind::TrueFalse => QuizAnswer::Index(marked[0]),
        QuizKind::Several => QuizAnswer::Indexes(marked),
        QuizKind::Order => QuizAnswer::Indexes((0..).take(item.choices.len()).collect()),
        QuizKind::Match => QuizAnswer::Indexes((0..).take(item.pairs.len()).collect()),
        QuizKind::Blank => QuizAnswer::Text(item.accepted[0].clone()),
        QuizKind::Number => {
            QuizAnswer::Text(item.number.as_ref().expect("a number").value.to_string())
        }
    }
}

fn answers(capsules: &BTreeMap<String, Capsule>) -> BTreeMap<String, QuizAnswer> {
    capsules["fr"]
        .quiz
        .iter()
        .map(|item| (item.id.clone(), right(item)))
        .collect()
}

fn open(cast: &mut Cast, who: Who, module: Id) -> LearnOpened {
    let attempt = cast.new_id();
    cast.get(
        who,
        "learn.open",
        json!({ "module": module, "attempt": attempt }),
    )
}

fn save(opened: &LearnOpened, step: u32, answers: &BTreeMap<String, QuizAnswer>) -> Value {
    json!({
        "attempt": opened.attempt.id, "module": opened.attempt.module,
        "release": opened.attempt.release, "step": step, "answers": answers,
    })
}

/// Takes a capsule to its end with every answer right.
fn pass(cast: &mut Cast, who: Who, module: Id) -> LearnFinished {
    let opened = open(cast, who, module);
    let input = save(&opened, 99, &answers(&opened.capsule));
    cast.get(who, "learn.finish", input)
}

fn list(cast: &mut Cast, who: Who) -> Vec<CapsuleRow> {
    cast.get(who, "learn.list", json!({}))
}

/// A capsule without pictures, as somebody writes one in the studio.
fn written(slug: &str) -> BTreeMap<String, String> {
    let folder = crate::testing::capsule_input(slug);
    let source: BTreeMap<String, String> =
        serde_json::from_value(folder["source"].clone()).expect("texts");
    source
        .into_iter()
        .map(|(language, text)| {
            let lines: Vec<&str> = text
                .lines()
                .filter(|line| !line.starts_with("!["))
                .collect();
            (language, lines.join("\n") + "\n")
        })
        .collect()
}

/// A module written in the studio by Claire, not yet published.
fn module(cast: &mut Cast) -> Id {
    let module = cast.new_id();
    let source = written("consignation");
    let input = json!({ "id": module, "language": "fr", "source": source["fr"] });
    cast.ok(Who::Claire, "studio.create", input);
    let input = json!({ "id": module, "language": "en", "source": source["en"] });
    cast.ok(Who::Claire, "studio.save", input);
    module
}

fn publish(cast: &mut Cast, module: Id, sites: Option<&[Id]>) {
    let input = json!({
        "id": module, "sites": sites, "due_on": null, "required": false, "note": "",
    });
    cast.ok(Who::Claire, "studio.publish", input);
}

/// Changes a word in every language, so that another release differs.
fn rewrite(cast: &mut Cast, module: Id, mark: &str) {
    for (language, text) in written("consignation") {
        let source = text.replacen("title = \"", &format!("title = \"{mark} "), 1);
        let input = json!({ "id": module, "language": language, "source": source });
        cast.ok(Who::Claire, "studio.save", input);
    }
}
