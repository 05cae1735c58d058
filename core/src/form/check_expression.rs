//! What the expressions of a form must fulfil: the second half of [`super::check()`].

use std::collections::{BTreeMap, BTreeSet};

use super::check::{Checker, is_worded};
use super::evaluate::needs;
use super::program::{Expression, Literal, Question, QuestionType};

impl<'a> Checker<'a> {
    /// The expressions of a question fit it and the form.
    pub(super) fn expressions(&mut self, question: &Question) {
        let calculated = question.kind == QuestionType::Calculate;
        let message = "a `calculate` question has a calculation, and no other has one";
        let fits = calculated == question.calculation.is_some();
        self.must(fits, "calculation", "calculation", message);
        let message = "a constraint and its message in French and English belong together";
        let worded = match question.constraint {
            Some(_) => is_worded(&question.constraint_message),
            None => question.constraint_message.is_empty(),
        };
        self.must(worded, "constraint_message", "wording", message);
        let answerable = !matches!(question.kind, QuestionType::Note | QuestionType::Calculate);
        let useless = question.constraint.is_none() || answerable;
        self.must(
            useless,
            "constraint",
            "constraint",
            "there is no answer to constrain",
        );
        let parts = [
            ("relevant", &question.relevant),
            ("constraint", &question.constraint),
            ("calculation", &question.calculation),
        ];
        for (part, tree) in parts {
            if let Some(tree) = tree {
                self.expression(part, question, tree);
            }
        }
    }

    fn expression(&mut self, part: &str, question: &Question, tree: &Expression) {
        match tree {
            Expression::Value { .. } => {}
            Expression::Itself => {
                let message = "`.` is the answer itself: it has a meaning in a constraint only";
                self.must(part == "constraint", part, "self", message);
            }
            Expression::Field { name } => {
                let kind = self.program.question(name).map(|question| question.kind);
                let message = format!("there is no question `{name}`");
                self.must(kind.is_some(), part, "unknown-field", &message);
                let message = format!("`{name}` is a note and has no answer");
                self.must(
                    kind != Some(QuestionType::Note),
                    part,
                    "unknown-field",
                    &message,
                );
            }
            Expression::Call { name, arguments } => {
                if name == "score" {
                    let message = "nothing is scored in this form";
                    self.must(self.program.scored, part, "score", message);
                }
                if matches!(name.as_str(), "=" | "!=" | "selected") {
                    self.comparison(part, question, arguments);
                }
                for argument in arguments {
                    self.expression(part, question, argument);
                }
            }
        }
    }

    /// A choice that an expression names is one that the question has.
    fn comparison(&mut self, part: &str, question: &Question, sides: &[Expression]) {
        let (asked, wanted) = match sides {
            [
                Expression::Field { name },
                Expression::Value {
                    value: Literal::Text(text),
                },
            ]
            | [
                Expression::Value {
                    value: Literal::Text(text),
                },
                Expression::Field { name },
            ] => (self.program.question(name), text),
            [
                Expression::Itself,
                Expression::Value {
                    value: Literal::Text(text),
                },
            ] => (Some(question), text),
            _ => return,
        };
        let Some(asked) = asked else { return };
        let known = if asked.kind.has_choices() {
            asked.choices.iter().any(|choice| choice.name == *wanted)
        } else if asked.kind == QuestionType::YesNo {
            wanted == "yes" || wanted == "no"
        } else {
            true
        };
        let message = format!("`{}` has no choice `{wanted}`", asked.name);
        self.must(known || wanted.is_empty(), part, "unknown-choice", &message);
    }

    /// No questions wait for each other.
    pub(super) fn circles(&mut self) {
        let program = self.program;
        let mut waiting: BTreeMap<&str, BTreeSet<&str>> = program
            .questions
            .iter()
            .map(|question| (question.name.as_str(), needs(program, question)))
            .collect();
        loop {
            let names: BTreeSet<&str> = waiting.keys().copied().collect();
            let before = waiting.len();
            waiting.retain(|_, needs| !needs.is_disjoint(&names));
            if waiting.len() == before {
                break;
            }
        }
        let names: Vec<&'a str> = waiting.into_keys().collect();
        for name in names {
            self.question = name;
            let message = "waits for itself, directly or through other questions";
            self.must(false, "relevant", "circle", message);
        }
    }
}
