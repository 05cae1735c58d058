//! What a capsule is once read: the types that cross to the screens and travel in packs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A reference a capsule rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Source {
    /// Who published it and what it is called.
    pub title: String,
    /// Where to read it, always `https`.
    pub url: String,
}

/// One card of a capsule, read in one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Card {
    /// The heading, plain text.
    pub title: String,
    /// The text, as safe HTML: a small set of elements written by this module only.
    pub html: String,
}

/// How an item is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QuizKind {
    /// One choice is right.
    One,
    /// All the right choices, and only those.
    Several,
    /// True or false.
    TrueFalse,
    /// Steps to put in order.
    Order,
    /// A word to type.
    Blank,
    /// A number to type.
    Number,
    /// Pairs to bring together.
    Match,
}

impl QuizKind {
    /// The name used in sources of problems and in the contract, such as `true_false`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Several => "several",
            Self::TrueFalse => "true_false",
            Self::Order => "order",
            Self::Blank => "blank",
            Self::Number => "number",
            Self::Match => "match",
        }
    }
}

/// One choice of an item, or one step of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuizChoice {
    /// What the choice says, plain text.
    pub text: String,
    /// Whether picking it is right. Always true for the steps of an order.
    pub correct: bool,
    /// What to say to whoever picks it, plain text; may be empty for a right choice.
    pub feedback: String,
}

/// Two things that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuizPair {
    /// The side that stays in place, plain text.
    pub left: String,
    /// The side to bring to it, plain text.
    pub right: String,
}

/// A number expected as an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QuizNumber {
    /// The right value, in `unit`.
    pub value: f64,
    /// How far from it is still right, in `unit`, inclusive, never negative.
    pub tolerance: f64,
    /// The unit as written after the field; may be empty.
    pub unit: String,
}

/// One question of a capsule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct QuizItem {
    /// Lower-case letters, digits and hyphens; the same in every language.
    pub id: String,
    /// How it is answered, which also says which of the fields below are filled.
    pub kind: QuizKind,
    /// Safe HTML; the first paragraph is the question itself.
    pub prompt: String,
    /// One, several, true or false: the choices. Order: the steps in their right order.
    pub choices: Vec<QuizChoice>,
    /// Match: the pairs.
    pub pairs: Vec<QuizPair>,
    /// Blank: the accepted variants.
    pub accepted: Vec<String>,
    /// Number: value, tolerance and unit.
    pub number: Option<QuizNumber>,
    /// Safe HTML shown after the answer; may be empty when each choice has its feedback.
    pub explanation: String,
}

/// A capsule in one language, ready for the player.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Capsule {
    /// Folder name of the capsule. Empty after [`super::lint::check`]: whoever holds the
    /// capsule names it.
    pub slug: String,
    /// Language code, such as `fr`.
    pub language: String,
    /// Plain text.
    pub title: String,
    /// The one thing it teaches, plain text.
    pub objective: String,
    /// One of [`super::lint::THEMES`].
    pub theme: String,
    /// Name of an icon of the interface's set.
    pub icon: String,
    /// Estimated time to go through it all, in seconds.
    pub seconds: u32,
    /// Slug of the form it leads to.
    pub apply: Option<String>,
    /// Words of the link to that form; empty without one.
    pub apply_label: String,
    /// What it rests on.
    pub sources: Vec<Source>,
    /// The cards, in order.
    pub cards: Vec<Card>,
    /// The questions, in order.
    pub quiz: Vec<QuizItem>,
    /// Pictures used, by file name, as SVG text.
    pub media: BTreeMap<String, String>,
}

/// What a person answered to one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum QuizAnswer {
    /// One, true or false: the index of the choice.
    Index(i32),
    /// Several: the indexes. Order: the indexes in the order given. Match: for each left side,
    /// the index of the right side brought to it (any other number where none was).
    Indexes(Vec<i32>),
    /// Blank, number: what was typed.
    Text(String),
}
