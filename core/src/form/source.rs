//! Reading a form from its source: TOML that a QSE lead can read, both languages side by side.
//!
//! ```toml
//! slug = "incident"
//! type = "incident"
//! icon = "siren"
//! capsule = "premieres-minutes-accident"
//! title = { fr = "Accident", en = "Accident" }
//! purpose = { fr = "Quelqu’un est blessé.", en = "Someone is hurt." }
//!
//! [[question]]
//! name = "injured"
//! type = "yes_no"
//! required = true
//! label = { fr = "Un blessé ?", en = "Anyone hurt?" }
//!
//! [[question]]
//! name = "care"
//! type = "select_one"
//! appearance = "tiles"
//! relevant = "${injured} = 'yes'"
//! label = { fr = "Quels soins ?", en = "What care?" }
//! choices = [
//!   { name = "none", icon = "x", fr = "Aucun", en = "None" },
//!   { name = "site", icon = "cross", fr = "Sur place", en = "On site" },
//! ]
//! ```
//!
//! A question may also have `hint`, `fills`, `default`, `constraint` with `constraint_message`,
//! `calculation` and `weight`; a choice `score`. Unknown keys are refused, so a typing mistake is
//! seen. After the shape comes [`check()`].

use serde::Deserialize;

use super::SOURCE_MAX;
use super::check::check;
use super::expression::parse;
use super::program::{
    Choice, Expression, Fills, FormProgram, Question, QuestionType, ReportType, Wording,
};

/// Something in a form that its author must put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProblem {
    /// The question's name; empty for the form itself.
    pub question: String,
    /// What it is in: `label`, `relevant`, `choices`, …
    pub part: String,
    /// Stable, for tests and translation: `syntax`, `expression`, `unknown-field`, …
    pub code: &'static str,
    /// The character in the expression, or the line of a syntax error in the source; from 1.
    pub position: Option<usize>,
    /// What is wrong, in plain words.
    pub message: String,
}

impl std::fmt::Display for SourceProblem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.question.is_empty() {
            write!(formatter, "question `{}`, ", self.question)?;
        }
        write!(formatter, "{}", self.part)?;
        if let Some(position) = self.position {
            write!(formatter, " at {position}")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    slug: String,
    #[serde(rename = "type")]
    report_type: ReportType,
    icon: String,
    capsule: Option<String>,
    title: Wording,
    purpose: Wording,
    #[serde(default, rename = "question")]
    questions: Vec<SourceQuestion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceQuestion {
    name: String,
    #[serde(rename = "type")]
    kind: QuestionType,
    #[serde(default)]
    label: Wording,
    #[serde(default)]
    hint: Wording,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    appearance: String,
    fills: Option<Fills>,
    #[serde(default)]
    choices: Vec<SourceChoice>,
    weight: Option<f64>,
    default: Option<String>,
    relevant: Option<String>,
    constraint: Option<String>,
    #[serde(default)]
    constraint_message: Wording,
    calculation: Option<String>,
}

/// A choice: its wording stands beside its name, one key for each language.
#[derive(Deserialize)]
struct SourceChoice {
    name: String,
    icon: Option<String>,
    score: Option<f64>,
    #[serde(flatten)]
    label: Wording,
}

/// Compiles the source of a form, as that release of the form of that id.
///
/// # Errors
///
/// Everything that is wrong with it, in the order of the source; only the first fault if it is
/// not TOML of the right shape.
pub fn compile(source: &str, form: &str, release: u32) -> Result<FormProgram, Vec<SourceProblem>> {
    if source.len() > SOURCE_MAX {
        let message = format!("larger than {SOURCE_MAX} bytes");
        return Err(vec![syntax(None, message)]);
    }
    let read: Source = toml::from_str(source).map_err(|error| {
        let line = error
            .span()
            .and_then(|span| source.get(..span.start))
            .map(|before| before.matches('\n').count().saturating_add(1));
        vec![syntax(line, error.message().to_owned())]
    })?;
    let mut problems = Vec::new();
    let questions: Vec<Question> = read
        .questions
        .into_iter()
        .map(|question| compiled(question, &mut problems))
        .collect();
    let scored = questions
        .iter()
        .any(|question| question.choices.iter().any(|choice| choice.score.is_some()));
    let program = FormProgram {
        form: form.to_owned(),
        slug: read.slug,
        release,
        report_type: read.report_type,
        icon: read.icon,
        title: read.title,
        purpose: read.purpose,
        capsule: read.capsule,
        scored,
        questions,
    };
    problems.extend(check(&program));
    if problems.is_empty() {
        Ok(program)
    } else {
        Err(problems)
    }
}

fn syntax(line: Option<usize>, message: String) -> SourceProblem {
    SourceProblem {
        question: String::new(),
        part: "source".to_owned(),
        code: "syntax",
        position: line,
        message,
    }
}

fn compiled(source: SourceQuestion, problems: &mut Vec<SourceProblem>) -> Question {
    let name = source.name;
    let mut tree = |part: &str, written: Option<String>| -> Option<Expression> {
        match parse(&written?) {
            Ok(tree) => Some(tree),
            Err(error) => {
                problems.push(SourceProblem {
                    question: name.clone(),
                    part: part.to_owned(),
                    code: "expression",
                    position: Some(error.position),
                    message: error.message,
                });
                None
            }
        }
    };
    let relevant = tree("relevant", source.relevant);
    let constraint = tree("constraint", source.constraint);
    let calculation = tree("calculation", source.calculation);
    Question {
        name,
        kind: source.kind,
        label: source.label,
        hint: source.hint,
        required: source.required,
        appearance: source.appearance,
        fills: source.fills.unwrap_or(Fills::Nothing),
        choices: source
            .choices
            .into_iter()
            .map(|choice| Choice {
                name: choice.name,
                label: choice.label,
                icon: choice.icon,
                score: choice.score,
            })
            .collect(),
        weight: source.weight,
        default: source.default,
        relevant,
        constraint,
        constraint_message: source.constraint_message,
        calculation,
    }
}
