//! The compiled form: the types that cross to the screen, and those of an answer.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;

/// A text in each language it exists in, by language code.
pub type Wording = BTreeMap<String, String>;

/// The answers to one form, by question name.
pub type Answers = BTreeMap<String, Answer>;

/// The wording in the language asked, else in French, else in any, else nothing.
pub fn pick<'a>(wording: &'a Wording, language: &str) -> &'a str {
    wording
        .get(language)
        .or_else(|| wording.get("fr"))
        .or_else(|| wording.values().next())
        .map_or("", String::as_str)
}

/// How bad it is, or could have been. Ordered: the most severe is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A nuisance.
    Low,
    /// Someone could be hurt a little.
    Moderate,
    /// Someone could be hurt badly.
    Serious,
    /// Someone could die.
    Critical,
}

impl Severity {
    /// All levels, least severe first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Moderate, Self::Serious, Self::Critical];

    /// Its name in answers and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::Serious => "serious",
            Self::Critical => "critical",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// What kind of report a form makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// Something happened to someone or something.
    Incident,
    /// It nearly happened.
    NearMiss,
    /// Something is not as it should be, before anything happens.
    WeakSignal,
    /// What is missing, or irritates, to work well.
    Need,
    /// A requirement is not met.
    NonConformity,
    /// What was seen of how the work is done.
    Observation,
    /// A short scored audit.
    FlashAudit,
}

/// What kind of answer a question takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QuestionType {
    /// Text, at most [`super::TEXT_MAX`] code points.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM`.
    Time,
    /// `YYYY-MM-DDTHH:MM`.
    Datetime,
    /// The name of one choice.
    SelectOne,
    /// A list of choice names, none twice.
    SelectMultiple,
    /// `true` or `false`.
    YesNo,
    /// The name of a [`Severity`].
    Severity,
    /// The id of a place.
    Place,
    /// The id of a person.
    Person,
    /// A list of hashes, 64 lower-case hexadecimal digits each.
    Photo,
    /// Words to read; takes no answer.
    Note,
    /// Worked out by an expression; takes no answer.
    Calculate,
}

impl QuestionType {
    /// The answer is the name of a choice, or a list of them.
    pub const fn has_choices(self) -> bool {
        matches!(
            self,
            Self::SelectOne | Self::SelectMultiple | Self::Severity
        )
    }
}

/// The field of a report that an answer also is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fills {
    /// What it is about: a choice.
    What,
    /// Where: a place.
    Place,
    /// How bad: a severity.
    Severity,
    /// Whether it is urgent: the choice `now` or `later`.
    Urgency,
    /// Who sees the name: the choice `open` or `confidential`.
    Openness,
    /// In one's own words: a text.
    Words,
    /// When it happened: a date or a date and time.
    When,
    /// Nothing but itself.
    #[serde(rename = "")]
    Nothing,
}

impl Fills {
    /// Its name in the source and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::What => "what",
            Self::Place => "place",
            Self::Severity => "severity",
            Self::Urgency => "urgency",
            Self::Openness => "openness",
            Self::Words => "words",
            Self::When => "when",
            Self::Nothing => "",
        }
    }
}

/// A constant in an expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum Literal {
    /// `true()` or `false()`.
    Flag(bool),
    /// A number.
    Number(#[serde(serialize_with = "plain_number")] f64),
    /// A text.
    Text(String),
}

/// An expression, as a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Expression {
    /// A constant.
    Value {
        /// The constant.
        #[ts(type = "string | number | boolean")]
        value: Literal,
    },
    /// The answer to a question.
    Field {
        /// The question's name.
        name: String,
    },
    /// The answer to the question that the constraint belongs to (`.`).
    #[serde(rename = "self")]
    Itself,
    /// An operator or a function, by name.
    Call {
        /// `or`, `and`, `=`, `+`, `selected`, …
        name: String,
        /// What it works on, in order.
        arguments: Vec<Self>,
    },
}

/// One answer that may be chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Choice {
    /// What is kept as the answer.
    pub name: String,
    /// What is shown.
    #[ts(type = "Wording")]
    pub label: Wording,
    /// A lucide icon's name.
    pub icon: Option<String>,
    /// Points, 0 or more; none takes the question out of the score.
    pub score: Option<f64>,
}

/// One question of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Question {
    /// Its name, unique in the form.
    pub name: String,
    /// What kind of answer it takes.
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// What is asked.
    #[ts(type = "Wording")]
    pub label: Wording,
    /// A few words of help; may be empty.
    #[ts(type = "Wording")]
    pub hint: Wording,
    /// Must be answered when it is relevant.
    pub required: bool,
    /// `tiles` for large pictogram buttons, `multiline` for long text, empty otherwise.
    pub appearance: String,
    /// The report field that this answer also is.
    #[ts(type = "string")]
    pub fills: Fills,
    /// What may be chosen; empty where nothing is.
    pub choices: Vec<Choice>,
    /// How much it counts in the score; none counts 1.
    pub weight: Option<f64>,
    /// The answer that a draft begins with, as text; see [`super::defaults`].
    pub default: Option<String>,
    /// When it is asked; none is always.
    pub relevant: Option<Expression>,
    /// What its answer must fulfil.
    pub constraint: Option<Expression>,
    /// What is said when it does not.
    #[ts(type = "Wording")]
    pub constraint_message: Wording,
    /// How a `calculate` question gets its value.
    pub calculation: Option<Expression>,
}

/// One compiled, immutable release of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FormProgram {
    /// The form's id.
    pub form: String,
    /// Its short name in addresses and links.
    pub slug: String,
    /// Which release this is, from 1.
    pub release: u32,
    /// What kind of report it makes.
    pub report_type: ReportType,
    /// A lucide icon's name.
    pub icon: String,
    /// What it is called.
    #[ts(type = "Wording")]
    pub title: Wording,
    /// When to use it, in one sentence.
    #[ts(type = "Wording")]
    pub purpose: Wording,
    /// The slug of the capsule that prepares for it.
    pub capsule: Option<String>,
    /// Some answers have scores.
    pub scored: bool,
    /// The questions, in the order they are asked.
    pub questions: Vec<Question>,
}

/// A form as shown in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FormSummary {
    /// The form's id.
    pub form: String,
    /// Its short name in addresses and links.
    pub slug: String,
    /// Which release this is, from 1.
    pub release: u32,
    /// What kind of report it makes.
    pub report_type: ReportType,
    /// A lucide icon's name.
    pub icon: String,
    /// What it is called.
    #[ts(type = "Wording")]
    pub title: Wording,
    /// When to use it, in one sentence.
    #[ts(type = "Wording")]
    pub purpose: Wording,
    /// slug of the capsule that prepares for it
    pub capsule: Option<String>,
}

impl FormProgram {
    /// The form as shown in a list.
    pub fn summary(&self) -> FormSummary {
        FormSummary {
            form: self.form.clone(),
            slug: self.slug.clone(),
            release: self.release,
            report_type: self.report_type,
            icon: self.icon.clone(),
            title: self.title.clone(),
            purpose: self.purpose.clone(),
            capsule: self.capsule.clone(),
        }
    }

    /// The question of that name.
    pub fn question(&self, name: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.name == name)
    }

    /// The question that fills that field of a report.
    pub fn filling(&self, fills: Fills) -> Option<&Question> {
        self.questions
            .iter()
            .find(|question| question.fills == fills)
    }
}

/// One answer. A date is `YYYY-MM-DD`, a time `HH:MM`, a photo the list of its hashes, a place or
/// a person its id.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(untagged)]
pub enum Answer {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(#[serde(serialize_with = "plain_number")] f64),
    /// A text, or the name of a choice.
    Text(String),
    /// Names of choices, or hashes of photos.
    List(Vec<String>),
}

impl Answer {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Flag(_) | Self::Number(_) | Self::List(_) => None,
        }
    }
}

/// By what stands there, without trying one after the other: every try that fails writes an error.
impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Answer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an answer: yes or no, a number, a text or a list of texts")
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Answer, E> {
                Ok(Answer::Flag(flag))
            }

            #[expect(clippy::cast_precision_loss, reason = "answers are at most 1e15")]
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Answer, E> {
                Ok(Answer::Number(number as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "answers are at most 1e15")]
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Answer, E> {
                Ok(Answer::Number(number as f64))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Answer, E> {
                Ok(Answer::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Answer, E> {
                Ok(Answer::Text(text.to_owned()))
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Answer, E> {
                Ok(Answer::Text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Answer, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element()? {
                    texts.push(text);
                }
                Ok(Answer::List(texts))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// Writes a whole number without a decimal point, as the screen does.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that serde asks for"
)]
fn plain_number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() <= super::value::NUMBER_MAX {
        #[expect(clippy::cast_possible_truncation, reason = "whole and at most 1e15")]
        serializer.serialize_i64(*number as i64)
    } else {
        serializer.serialize_f64(*number)
    }
}
