//! A report or a draft in plain words: what it says, question by question, without its screen.

use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;

use crate::act::Acts;
use crate::error::Result;
use crate::feature::{Said, plain};
use crate::form::{Answer, Answers, Question, QuestionType, pick};
use crate::id::Id;
use crate::person::table::{person_name, place_name};
use crate::program;

/// What a draft and a report have in common.
#[derive(Deserialize)]
struct Filled {
    form: Id,
    release: u32,
    answers: Answers,
    #[serde(default)]
    acts: Acts,
}

/// Answers under their questions, then what was said since. Without its form, fields as they stand.
pub(super) fn tell(db: &Connection, view: &Value, language: &str) -> Result<Vec<Said>> {
    let Ok(filled) = Filled::deserialize(view) else {
        return plain(db, view, language);
    };
    let Ok(program) = program::get(db, filled.form, Some(filled.release)) else {
        return plain(db, view, language);
    };
    let mut said = Vec::new();
    for question in &program.questions {
        let Some(answer) = filled.answers.get(&question.name) else {
            continue;
        };
        if let Some(text) = words(db, question, answer, language)? {
            said.push(Said {
                label: pick(&question.label, language).to_owned(),
                text,
            });
        }
    }
    for act in filled.acts.values() {
        let text = act.text("text").filter(|text| !text.trim().is_empty());
        said.extend(text.map(|text| Said {
            label: act.verb.clone(),
            text: text.to_owned(),
        }));
    }
    Ok(said)
}

/// An answer as a person says it; `None` for photos, which are told apart.
fn words(
    db: &Connection,
    question: &Question,
    answer: &Answer,
    language: &str,
) -> Result<Option<String>> {
    Ok(match answer {
        Answer::Text(text) => Some(match question.kind {
            QuestionType::Severity | QuestionType::SelectOne => choice(question, text, language),
            QuestionType::Place => named(text, |id| place_name(db, id))?,
            QuestionType::Person => named(text, |id| person_name(db, id))?,
            QuestionType::Text
            | QuestionType::Integer
            | QuestionType::Decimal
            | QuestionType::Date
            | QuestionType::Time
            | QuestionType::Datetime
            | QuestionType::SelectMultiple
            | QuestionType::YesNo
            | QuestionType::Photo
            | QuestionType::Note
            | QuestionType::Calculate => text.clone(),
        }),
        Answer::Number(number) => Some(number.to_string()),
        Answer::Flag(flag) => Some(if *flag { "✓" } else { "✗" }.to_owned()),
        Answer::List(_) if question.kind == QuestionType::Photo => None,
        Answer::List(list) => {
            let words: Vec<String> = list
                .iter()
                .map(|name| choice(question, name, language))
                .collect();
            Some(words.join(", "))
        }
    })
}

fn choice(question: &Question, name: &str, language: &str) -> String {
    let known = question.choices.iter().find(|choice| choice.name == name);
    known.map_or_else(
        || name.to_owned(),
        |choice| pick(&choice.label, language).to_owned(),
    )
}

fn named(text: &str, name: impl Fn(Id) -> Result<Option<String>>) -> Result<String> {
    let Ok(id) = text.parse() else {
        return Ok(text.to_owned());
    };
    Ok(name(id)?.unwrap_or_else(|| text.to_owned()))
}
