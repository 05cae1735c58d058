//! What a form must fulfil beyond its shape, so that it can be filled, sealed and sent by anyone.
//!
//! The promise behind the rules on `fills` and `required`: a report that the device seals is
//! complete for the gate too. What every report needs is asked always and required, and nothing
//! is required that a device may be unable to give (a photo).

use std::collections::{BTreeMap, BTreeSet};

use super::filled::default_of;
use super::program::{Choice, Fills, FormProgram, Question, QuestionType, Severity, Wording};
use super::source::SourceProblem;
use super::{CHOICES_MAX, QUESTIONS_MAX};

/// Finds everything that is wrong with a compiled form; empty when it may be published.
pub fn check(program: &FormProgram) -> Vec<SourceProblem> {
    let mut checker = Checker {
        program,
        question: "",
        problems: Vec::new(),
    };
    checker.form();
    checker.fills();
    for question in &program.questions {
        checker.question = &question.name;
        checker.question(question);
        checker.choices(question);
        checker.expressions(question);
    }
    checker.circles();
    checker.problems
}

pub(super) struct Checker<'a> {
    pub(super) program: &'a FormProgram,
    /// The question being looked at; empty for the form itself.
    pub(super) question: &'a str,
    problems: Vec<SourceProblem>,
}

/// A lower-case ASCII letter, then letters, digits and the mark, 40 in all.
fn is_name(name: &str, mark: u8) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == mark;
    name.len() <= 40
        && name
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_lowercase())
        && name.bytes().all(fits)
}

/// There is wording in French and in English.
pub(super) fn is_worded(wording: &Wording) -> bool {
    ["fr", "en"].iter().all(|language| {
        wording
            .get(*language)
            .is_some_and(|text| !text.trim().is_empty())
    })
}

impl<'a> Checker<'a> {
    /// Notes the problem unless it holds.
    pub(super) fn must(&mut self, holds: bool, part: &str, code: &'static str, message: &str) {
        if !holds {
            self.problems.push(SourceProblem {
                question: self.question.to_owned(),
                part: part.to_owned(),
                code,
                position: None,
                message: message.to_owned(),
            });
        }
    }

    fn form(&mut self) {
        let program = self.program;
        let shape = "lower-case letters, digits and `-`, beginning with a letter";
        self.must(is_name(&program.slug, b'-'), "slug", "name", shape);
        self.must(
            program.release > 0,
            "release",
            "release",
            "releases are counted from 1",
        );
        self.must(
            is_name(&program.icon, b'-'),
            "icon",
            "icon",
            "the name of a lucide icon",
        );
        let both = "French and English are both needed";
        self.must(is_worded(&program.title), "title", "wording", both);
        self.must(is_worded(&program.purpose), "purpose", "wording", both);
        let capsule = program
            .capsule
            .as_deref()
            .is_none_or(|slug| is_name(slug, b'-'));
        self.must(capsule, "capsule", "name", "the slug of a capsule");
        let count = (1..=QUESTIONS_MAX).contains(&program.questions.len());
        self.must(count, "question", "count", "a form has 1 to 100 questions");
    }

    /// Every report has one answer each to what, where and how bad; the others at most once.
    fn fills(&mut self) {
        let mut counts: BTreeMap<Fills, usize> = BTreeMap::new();
        for question in &self.program.questions {
            let count = counts.entry(question.fills).or_default();
            *count = count.saturating_add(1);
        }
        for fills in [Fills::What, Fills::Place, Fills::Severity] {
            let message = format!("exactly one question fills `{}`", fills.name());
            let once = counts.get(&fills) == Some(&1);
            self.must(once, "fills", "fills-once", &message);
        }
        for fills in [Fills::Urgency, Fills::Openness, Fills::Words, Fills::When] {
            let message = format!("at most one question fills `{}`", fills.name());
            let once = counts.get(&fills).is_none_or(|count| *count <= 1);
            self.must(once, "fills", "fills-once", &message);
        }
    }

    fn question(&mut self, question: &Question) {
        let same = self
            .program
            .questions
            .iter()
            .filter(|other| other.name == question.name);
        self.must(
            same.count() == 1,
            "name",
            "unique",
            "the name is used twice",
        );
        let shape = "lower-case letters, digits and `_`, beginning with a letter, at most 40";
        self.must(is_name(&question.name, b'_'), "name", "name", shape);
        let calculated = question.kind == QuestionType::Calculate;
        let both = "French and English are both needed";
        self.must(
            calculated || is_worded(&question.label),
            "label",
            "wording",
            both,
        );
        let hint = question.hint.is_empty() || is_worded(&question.hint);
        self.must(hint, "hint", "wording", both);
        let appearance = match question.appearance.as_str() {
            "" => true,
            "tiles" => question.kind.has_choices(),
            "multiline" => question.kind == QuestionType::Text,
            _ => false,
        };
        let known = "`tiles` for choices, `multiline` for text, or nothing";
        self.must(appearance, "appearance", "appearance", known);
        let givable = !matches!(
            question.kind,
            QuestionType::Note | QuestionType::Calculate | QuestionType::Photo
        );
        let optional = "a photo, a note or a calculation is never required: some cannot give it";
        self.must(
            !question.required || givable,
            "required",
            "required",
            optional,
        );
        self.filling(question);
        let default = question.default.is_none() || default_of(question, "2000-01-01").is_some();
        self.must(
            default,
            "default",
            "default",
            "not an answer that the question takes",
        );
    }

    /// The question suits the report field that it fills.
    fn filling(&mut self, question: &Question) {
        let names = |wanted: [&str; 2]| {
            question.kind == QuestionType::SelectOne
                && question.choices.len() == 2
                && wanted
                    .iter()
                    .all(|name| question.choices.iter().any(|c| c.name == *name))
        };
        let (suits, message) = match question.fills {
            Fills::Nothing => return,
            Fills::What => (
                question.kind == QuestionType::SelectOne,
                "`what` is a `select_one`",
            ),
            Fills::Place => (question.kind == QuestionType::Place, "`place` is a `place`"),
            Fills::Severity => (
                question.kind == QuestionType::Severity,
                "`severity` is a `severity`",
            ),
            Fills::Urgency => (
                names(["now", "later"]),
                "`urgency` is a `select_one` of `now` and `later`",
            ),
            Fills::Openness => (
                names(["open", "confidential"]),
                "`openness` is a `select_one` of `open` and `confidential`",
            ),
            Fills::Words => (question.kind == QuestionType::Text, "`words` is a `text`"),
            Fills::When => (
                matches!(question.kind, QuestionType::Date | QuestionType::Datetime),
                "`when` is a `date` or a `datetime`",
            ),
        };
        self.must(suits, "fills", "fills-type", message);
        if !matches!(question.fills, Fills::Words | Fills::When) {
            let always = question.required && question.relevant.is_none();
            let message = "every report needs this: make it required, without `relevant`";
            self.must(always, "fills", "fills-always", message);
        }
    }

    fn choices(&mut self, question: &Question) {
        if !question.kind.has_choices() {
            let message = "only a select or a severity has choices";
            self.must(question.choices.is_empty(), "choices", "choices", message);
            self.must(
                question.weight.is_none(),
                "weight",
                "score",
                "nothing is scored here",
            );
            return;
        }
        let count = (2..=CHOICES_MAX).contains(&question.choices.len());
        self.must(count, "choices", "choices", "there are 2 to 50 choices");
        if question.kind == QuestionType::Severity {
            let named = question.choices.iter().map(|choice| choice.name.as_str());
            let levels = named.eq(Severity::ALL.into_iter().map(Severity::name));
            let message = "exactly low, moderate, serious and critical, in this order";
            self.must(levels, "choices", "severity", message);
        }
        let mut names = BTreeSet::new();
        for choice in &question.choices {
            let new = names.insert(choice.name.as_str());
            self.must(
                new,
                "choices",
                "unique",
                &format!("`{}` is there twice", choice.name),
            );
            self.choice(question, choice);
        }
        let weight = question
            .weight
            .is_none_or(|weight| weight > 0.0 && weight <= 1000.0);
        self.must(
            weight,
            "weight",
            "score",
            "a weight is over 0 and at most 1000",
        );
        let counts = question
            .choices
            .iter()
            .any(|choice| choice.score.is_some_and(|s| s > 0.0));
        let used = question.choices.iter().any(|choice| choice.score.is_some())
            || question.weight.is_some();
        self.must(
            !used || counts,
            "choices",
            "score",
            "one choice must score over 0",
        );
    }

    fn choice(&mut self, question: &Question, choice: &Choice) {
        let name = format!("choice `{}`: ", choice.name);
        let first = choice
            .name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        let rest = choice.name.replace('-', "_");
        let shape = first && is_name(&format!("a{rest}"), b'_');
        let message = format!("{name}lower-case letters, digits, `-` and `_`");
        self.must(shape, "choices", "name", &message);
        let message = format!("{name}French and English are both needed");
        self.must(is_worded(&choice.label), "choices", "wording", &message);
        let languages = choice.label.keys().all(|language| language.len() == 2);
        let message = format!("{name}besides name, icon and score there are only languages");
        self.must(languages, "choices", "wording", &message);
        let icon = match choice.icon.as_deref() {
            Some(icon) => is_name(icon, b'-'),
            None => question.appearance != "tiles",
        };
        let message = format!("{name}a tile needs the name of a lucide icon");
        self.must(icon, "choices", "icon", &message);
        let score = choice.score.is_none_or(|score| {
            question.kind == QuestionType::SelectOne && (0.0..=1000.0).contains(&score)
        });
        let message = format!("{name}a score is 0 to 1000, in a `select_one`");
        self.must(score, "choices", "score", &message);
    }
}
