//! Grading, against the vectors the screens are tested with.

use std::collections::BTreeMap;

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde::Deserialize;

use super::super::grade::{grade, score};
use super::super::text::{amount, fold};
use super::super::{QuizAnswer, QuizItem, QuizKind};

const VECTORS: &str = include_str!("../../../../ui/src/lib/capsule/vectors.json");

#[derive(Deserialize)]
struct Vectors {
    items: BTreeMap<String, QuizItem>,
    answers: Vec<Graded>,
    folds: Vec<Folded>,
}

#[derive(Deserialize)]
struct Graded {
    item: String,
    answer: QuizAnswer,
    right: bool,
}

#[derive(Deserialize)]
struct Folded {
    text: String,
    folded: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(VECTORS).expect("vectors are readable")
}

#[test]
fn answers_are_graded_as_on_the_screens() {
    let vectors = vectors();
    for Graded {
        item,
        answer,
        right,
    } in &vectors.answers
    {
        let graded = grade(&vectors.items[item], answer);
        assert_eq!(graded, *right, "{answer:?} to {item}");
    }
}

#[test]
fn words_are_folded_as_on_the_screens() {
    for Folded { text, folded } in vectors().folds {
        assert_eq!(fold(&text), folded, "{text:?}");
    }
}

#[test]
fn a_score_counts_items_and_names_the_missed_ones() {
    let vectors = vectors();
    let quiz: Vec<QuizItem> = ["one", "true_false", "order"]
        .iter()
        .map(|name| vectors.items[*name].clone())
        .collect();
    let mut answers = BTreeMap::from([
        ("one".to_owned(), QuizAnswer::Index(1)),
        ("order".to_owned(), QuizAnswer::Indexes(vec![0, 1, 2])),
    ]);
    let partial = score(&quiz, &answers);
    assert_eq!(
        (partial.right, partial.total, partial.percent),
        (2, 3, 67),
        "two out of three"
    );
    assert!(!partial.passed, "not enough");
    assert_eq!(partial.wrong, ["true-false"], "the one not answered");
    answers.insert("true-false".into(), QuizAnswer::Index(1));
    let full = score(&quiz, &answers);
    assert_eq!(
        (full.percent, full.passed, full.wrong.len()),
        (100, true, 0),
        "all right"
    );
    let none = score(&[], &answers);
    assert_eq!((none.percent, none.passed), (0, false), "nothing asked");
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in any::<String>()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn written_numbers_are_read_back(whole in -99_999_i32..99_999, hundredths in 0_u32..100) {
        let text = format!("{whole},{hundredths:02} kg");
        let expected: f64 = format!("{whole}.{hundredths:02}").parse().expect("a number");
        prop_assert_eq!(amount(&text), Some((expected, "kg")));
    }

    #[test]
    fn an_answer_of_the_wrong_shape_is_wrong(text in any::<String>(), indexes in any::<Vec<i32>>(), index in any::<i32>()) {
        for item in vectors().items.values() {
            let typed = matches!(item.kind, QuizKind::Blank | QuizKind::Number);
            let picked = matches!(item.kind, QuizKind::One | QuizKind::TrueFalse);
            prop_assert!(typed || !grade(item, &QuizAnswer::Text(text.clone())));
            prop_assert!(picked || !grade(item, &QuizAnswer::Index(index)));
            let several = !typed && !picked;
            prop_assert!(several || !grade(item, &QuizAnswer::Indexes(indexes.clone())));
        }
    }
}
