//! The languages of one capsule must say the same: answers are kept as indexes and steps, so a
//! person may change language in the middle.

use std::collections::BTreeMap;

use super::model::{Capsule, QuizItem};
use super::problem::{Problem, Problems};

/// Compares two languages of a capsule; values begin with the two language codes.
///
/// All problems are errors at line 1, except a different theme or icon, which is a warning.
#[must_use]
pub fn check_pair(one: &Capsule, other: &Capsule) -> Vec<Problem> {
    let mut problems = Problems::default();
    compare(one, other, &mut problems);
    problems.into_sorted()
}

/// Compares every language to the first one.
#[must_use]
pub fn check_languages(capsules: &BTreeMap<String, Capsule>) -> Vec<Problem> {
    let mut problems = Problems::default();
    let mut others = capsules.values();
    if let Some(first) = others.next() {
        for other in others {
            compare(first, other, &mut problems);
        }
    }
    problems.into_sorted()
}

fn compare(one: &Capsule, other: &Capsule, problems: &mut Problems) {
    let (left, right) = (one.language.as_str(), other.language.as_str());
    if one.apply != other.apply {
        let form = |capsule: &Capsule| capsule.apply.clone().unwrap_or_default();
        problems.error("pair-apply", 1, &[left, right, &form(one), &form(other)]);
    }
    if one.cards.len() != other.cards.len() {
        let (here, there) = (one.cards.len().to_string(), other.cards.len().to_string());
        problems.error("pair-cards", 1, &[left, right, &here, &there]);
    }
    for (field, here, there) in [
        ("theme", &one.theme, &other.theme),
        ("icon", &one.icon, &other.icon),
    ] {
        if here != there {
            problems.warning("pair-header", 1, &[left, right, field, here, there]);
        }
    }
    let ids = |capsule: &Capsule| {
        capsule
            .quiz
            .iter()
            .map(|item| item.id.clone())
            .collect::<Vec<_>>()
    };
    let (here, there) = (ids(one), ids(other));
    if here != there {
        problems.error(
            "pair-items",
            1,
            &[left, right, &here.join(" "), &there.join(" ")],
        );
        return;
    }
    for (here, there) in one.quiz.iter().zip(&other.quiz) {
        compare_items(left, right, here, there, problems);
    }
}

fn compare_items(
    left: &str,
    right: &str,
    here: &QuizItem,
    there: &QuizItem,
    problems: &mut Problems,
) {
    let id = here.id.as_str();
    if here.kind != there.kind {
        let values = [left, right, id, here.kind.name(), there.kind.name()];
        problems.error("pair-kind", 1, &values);
        return;
    }
    let answers = |item: &QuizItem| {
        item.choices
            .iter()
            .map(|choice| choice.correct)
            .collect::<Vec<_>>()
    };
    if answers(here) != answers(there) || here.pairs.len() != there.pairs.len() {
        problems.error("pair-choices", 1, &[left, right, id]);
    }
    let amount = |item: &QuizItem| {
        item.number
            .as_ref()
            .map(|number| (number.value, number.tolerance))
    };
    if amount(here) != amount(there) {
        problems.error("pair-number", 1, &[left, right, id]);
    }
}
