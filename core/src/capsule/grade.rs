//! Whether an answer is right. The screens do the same with `ui/src/lib/capsule/grade.ts`.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{QuizAnswer, QuizItem, QuizKind, QuizNumber};
use super::text::{amount, count, fold};

/// From this share of right answers a capsule is passed, in per cent.
pub const PASS_PERCENT: u32 = 70;

/// Rounding of decimal fractions is forgiven up to this share of the numbers compared.
const ROUNDING: f64 = 1e-9;

/// Whether an answer to an item is right. An answer of the wrong shape is wrong.
///
/// Blank: case, accents and spaces around are forgiven. Number: decimal comma or point, the
/// tolerance is inclusive, the unit may be left out but not be another one.
#[must_use]
pub fn grade(item: &QuizItem, answer: &QuizAnswer) -> bool {
    match (item.kind, answer) {
        (QuizKind::One | QuizKind::TrueFalse, QuizAnswer::Index(index)) => usize::try_from(*index)
            .is_ok_and(|index| item.choices.get(index).is_some_and(|choice| choice.correct)),
        (QuizKind::Several, QuizAnswer::Indexes(indexes)) => is_right_set(item, indexes),
        (QuizKind::Order, QuizAnswer::Indexes(indexes)) => in_order(indexes, item.choices.len()),
        (QuizKind::Match, QuizAnswer::Indexes(indexes)) => in_order(indexes, item.pairs.len()),
        (QuizKind::Blank, QuizAnswer::Text(text)) => {
            let typed = fold(text);
            !typed.is_empty() && item.accepted.iter().any(|variant| fold(variant) == typed)
        }
        (QuizKind::Number, QuizAnswer::Text(text)) => item
            .number
            .as_ref()
            .is_some_and(|expected| is_near(expected, text)),
        (
            QuizKind::One
            | QuizKind::TrueFalse
            | QuizKind::Several
            | QuizKind::Order
            | QuizKind::Match
            | QuizKind::Blank
            | QuizKind::Number,
            QuizAnswer::Index(_) | QuizAnswer::Indexes(_) | QuizAnswer::Text(_),
        ) => false,
    }
}

fn is_right_set(item: &QuizItem, indexes: &[i32]) -> bool {
    let given: BTreeSet<i32> = indexes.iter().copied().collect();
    let right: BTreeSet<i32> = (0..)
        .zip(&item.choices)
        .filter_map(|(index, choice)| choice.correct.then_some(index))
        .collect();
    !right.is_empty() && given == right
}

/// Whether the indexes are 0, 1, 2… up to the last.
fn in_order(indexes: &[i32], length: usize) -> bool {
    length > 0
        && indexes.len() == length
        && (0..).zip(indexes).all(|(place, index)| place == *index)
}

fn is_near(expected: &QuizNumber, typed: &str) -> bool {
    let Some((value, unit)) = amount(typed) else {
        return false;
    };
    let unit = fold(unit);
    if !unit.is_empty() && unit != fold(&expected.unit) {
        return false;
    }
    let slack = ROUNDING
        * expected
            .value
            .abs()
            .max(expected.tolerance)
            .max(value.abs());
    (value - expected.value).abs() <= expected.tolerance + slack
}

/// The result of a whole quiz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Items answered right.
    pub right: u32,
    /// Items asked.
    pub total: u32,
    /// Share of right answers, whole, from 0 to 100.
    pub percent: u32,
    /// Whether the share reaches [`PASS_PERCENT`].
    pub passed: bool,
    /// Ids of the items missed or not answered, in the order of the quiz.
    pub wrong: Vec<String>,
}

/// Grades every item of a quiz; one without an answer is missed.
#[must_use]
pub fn score(quiz: &[QuizItem], answers: &BTreeMap<String, QuizAnswer>) -> Score {
    let is_right = |item: &&QuizItem| {
        answers
            .get(&item.id)
            .is_some_and(|answer| grade(item, answer))
    };
    let wrong: Vec<String> = quiz
        .iter()
        .filter(|item| !is_right(item))
        .map(|item| item.id.clone())
        .collect();
    let total = count(quiz.len());
    let right = count(quiz.len().saturating_sub(wrong.len()));
    let percent = right
        .saturating_mul(200)
        .saturating_add(total)
        .checked_div(total.saturating_mul(2))
        .unwrap_or(0);
    Score {
        right,
        total,
        percent,
        passed: total > 0 && percent >= PASS_PERCENT,
        wrong,
    }
}
