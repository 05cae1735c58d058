//! Judging the answers to a form. The rules stand in the [module's documentation](super).
//!
//! It always ends, never fails, and says the same for the same input: what a device sealed, the
//! gate finds right, provided both pass the day on which it was sealed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::TEXTS_MAX;
use super::answer::accept;
use super::program::{Answer, Answers, Expression, FormProgram, Question, QuestionType, Wording};
use super::value::{self, Scope, Value};

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// An answer is needed.
    Required,
    /// Not the kind of answer that the question takes, or no real date or time.
    Type,
    /// Not one of the choices, or one of them twice.
    Choice,
    /// Over [`super::TEXT_MAX`] code points, or [`TEXTS_MAX`] in all.
    TooLong,
    /// Over [`super::PHOTOS_MAX`] photos.
    TooMany,
    /// A number that is too large.
    Range,
    /// The form's own rule is broken; its message says how.
    Constraint,
}

/// Something to put right before sealing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// The question's name.
    pub field: String,
    /// What is wrong.
    pub code: ProblemCode,
    /// The form's own words for a broken constraint; else empty.
    #[ts(type = "Wording")]
    pub message: Wording,
}

/// What the answers to a form come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Judged {
    /// The questions to be asked, in the form's order.
    pub relevant: Vec<String>,
    /// The answers that count, with calculated values.
    #[ts(type = "{ [field: string]: Answer }")]
    pub answers: Answers,
    /// What is to be put right, in the form's order.
    pub problems: Vec<Problem>,
    /// The score, a whole number from 0 to 100, if the form has one and something scored.
    pub score: Option<f64>,
}

impl Judged {
    /// Nothing is left to put right: it may be sealed, and will be accepted.
    pub fn complete(&self) -> bool {
        self.problems.is_empty()
    }
}

/// A question whose relevance and value are known.
struct Settled {
    relevant: bool,
    value: Value,
    problem: Option<ProblemCode>,
}

/// What expressions see while a form is judged.
struct Sheet<'a> {
    program: &'a FormProgram,
    today: &'a str,
    settled: BTreeMap<&'a str, Settled>,
}

/// A sheet, seen from one question.
struct View<'a> {
    sheet: &'a Sheet<'a>,
    itself: Option<&'a str>,
}

impl Scope for View<'_> {
    fn field(&self, name: &str) -> Value {
        self.sheet
            .settled
            .get(name)
            .map_or(Value::Nothing, |settled| settled.value.clone())
    }

    fn itself(&self) -> Value {
        self.itself.map_or(Value::Nothing, |name| self.field(name))
    }

    fn today(&self) -> &str {
        self.sheet.today
    }

    fn score(&self) -> Option<f64> {
        self.sheet.score()
    }
}

/// Judges the answers to a form. `today` is `YYYY-MM-DD`: the day on the device, and on the
/// server the day on which the device sealed.
///
/// ```ignore
/// let judged = judge(&program, &answers, "2026-11-22");
/// if judged.complete() { seal(judged.answers) }
/// ```
pub fn judge(program: &FormProgram, answers: &Answers, today: &str) -> Judged {
    let mut sheet = Sheet {
        program,
        today,
        settled: BTreeMap::new(),
    };
    sheet.settle(answers);
    let mut judged = Judged {
        relevant: Vec::new(),
        answers: Answers::new(),
        problems: Vec::new(),
        score: sheet.score(),
    };
    let mut length = 0_usize;
    for question in &program.questions {
        let Some(settled) = sheet.settled.get(question.name.as_str()) else {
            continue;
        };
        if !settled.relevant {
            continue;
        }
        judged.relevant.push(question.name.clone());
        let kept = match (question.kind, answers.get(&question.name)) {
            (QuestionType::Calculate, _) => settled.value.clone().into_answer(),
            (_, Some(answer)) if settled.value != Value::Nothing => Some(answer.clone()),
            _ => None,
        };
        if let Some(Answer::Text(text)) = &kept {
            length = length.saturating_add(text.chars().count());
        }
        if let Some(code) = sheet.problem(question, settled, length) {
            let broken = code == ProblemCode::Constraint;
            let message = if broken {
                question.constraint_message.clone()
            } else {
                Wording::new()
            };
            judged.problems.push(Problem {
                field: question.name.clone(),
                code,
                message,
            });
        }
        if let Some(kept) = kept {
            judged.answers.insert(question.name.clone(), kept);
        }
    }
    judged
}

impl<'a> Sheet<'a> {
    /// Settles every question that does not wait in a circle.
    fn settle(&mut self, answers: &Answers) {
        let names: BTreeSet<&str> = self
            .program
            .questions
            .iter()
            .map(|question| question.name.as_str())
            .collect();
        let mut waiting: Vec<(&'a Question, BTreeSet<&'a str>)> = self
            .program
            .questions
            .iter()
            .map(|question| (question, needs(self.program, question)))
            .collect();
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for (question, needs) in waiting {
                let ready = needs
                    .iter()
                    .all(|name| self.settled.contains_key(name) || !names.contains(name));
                if ready {
                    let settled = self.settled(question, answers.get(&question.name));
                    self.settled.insert(&question.name, settled);
                } else {
                    later.push((question, needs));
                }
            }
            if later.is_empty() || later.len() == before {
                return;
            }
            waiting = later;
        }
    }

    fn value_of(&self, expression: &Expression, itself: Option<&str>) -> Value {
        value::evaluate(
            expression,
            &View {
                sheet: self,
                itself,
            },
        )
    }

    fn settled(&self, question: &Question, answer: Option<&Answer>) -> Settled {
        let relevant = question
            .relevant
            .as_ref()
            .is_none_or(|expression| self.value_of(expression, None).truth());
        let (value, problem) = if !relevant {
            (Value::Nothing, None)
        } else if question.kind == QuestionType::Calculate {
            let calculated = question.calculation.as_ref();
            (
                calculated.map_or(Value::Nothing, |tree| self.value_of(tree, None)),
                None,
            )
        } else {
            match answer.map(|answer| accept(question, answer)) {
                None => (Value::Nothing, None),
                Some(Ok(value)) => (value, None),
                Some(Err(code)) => (Value::Nothing, Some(code)),
            }
        };
        Settled {
            relevant,
            value,
            problem,
        }
    }

    /// What is wrong with a relevant question, the texts so far being that long.
    fn problem(
        &self,
        question: &Question,
        settled: &Settled,
        length: usize,
    ) -> Option<ProblemCode> {
        if settled.problem.is_some() {
            return settled.problem;
        }
        if settled.value == Value::Nothing {
            let answerable = !matches!(question.kind, QuestionType::Note | QuestionType::Calculate);
            return (question.required && answerable).then_some(ProblemCode::Required);
        }
        let is_text = matches!(settled.value, Value::Text(_));
        if is_text && length > TEXTS_MAX {
            return Some(ProblemCode::TooLong);
        }
        let held = question
            .constraint
            .as_ref()
            .is_none_or(|tree| self.value_of(tree, Some(&question.name)).truth());
        (!held).then_some(ProblemCode::Constraint)
    }

    /// The score of what is settled.
    fn score(&self) -> Option<f64> {
        if !self.program.scored {
            return None;
        }
        let (mut sum, mut best) = (0.0, 0.0);
        for question in self
            .program
            .questions
            .iter()
            .filter(|question| has_score(question))
        {
            let Some(Value::Text(chosen)) = self
                .settled
                .get(question.name.as_str())
                .map(|settled| &settled.value)
            else {
                continue;
            };
            let choice = question
                .choices
                .iter()
                .find(|choice| choice.name == *chosen);
            let Some(score) = choice.and_then(|choice| choice.score) else {
                continue;
            };
            let scores = question.choices.iter().filter_map(|choice| choice.score);
            let weight = question.weight.unwrap_or(1.0);
            sum += score * weight;
            best += scores.fold(0.0, f64::max) * weight;
        }
        let score = (100.0 * sum / best + 0.5).floor();
        (best > 0.0 && score.is_finite()).then(|| score.clamp(0.0, 100.0))
    }
}

/// The question counts in the score.
fn has_score(question: &Question) -> bool {
    question.kind == QuestionType::SelectOne
        && question.choices.iter().any(|choice| choice.score.is_some())
}

/// The names of the questions that must be settled before this one.
pub(super) fn needs<'a>(program: &'a FormProgram, question: &'a Question) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let mut scores = false;
    let calculation = question
        .calculation
        .as_ref()
        .filter(|_| question.kind == QuestionType::Calculate);
    let mut trees: Vec<&Expression> = question.relevant.iter().chain(calculation).collect();
    while let Some(tree) = trees.pop() {
        match tree {
            Expression::Value { .. } | Expression::Itself => {}
            Expression::Field { name } => {
                names.insert(name.as_str());
            }
            Expression::Call { name, arguments } => {
                scores = scores || name == "score";
                trees.extend(arguments);
            }
        }
    }
    if scores {
        names.extend(
            program
                .questions
                .iter()
                .filter(|q| has_score(q))
                .map(|q| q.name.as_str()),
        );
    }
    names
}
