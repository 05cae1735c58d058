//! Two languages of one capsule.

use std::collections::BTreeMap;

use super::super::languages::{check_languages, check_pair};
use super::super::{Capsule, QuizNumber};
use super::{SOURCE, checked};

fn capsule() -> Capsule {
    checked(SOURCE).capsule.expect("read")
}

fn codes(change: fn(&mut Capsule)) -> Vec<String> {
    let mut other = capsule();
    other.language = "fr".into();
    change(&mut other);
    let problems = check_pair(&capsule(), &other);
    let all = BTreeMap::from([("en".to_owned(), capsule()), ("fr".to_owned(), other)]);
    assert_eq!(
        check_languages(&all),
        problems,
        "two or all, the same is said"
    );
    problems.into_iter().map(|problem| problem.code).collect()
}

#[test]
fn languages_say_the_same() {
    assert_eq!(
        codes(|other| other.title = "Autre".into()),
        [""; 0],
        "words differ"
    );
    assert_eq!(
        codes(|other| other.apply = None),
        ["pair-apply"],
        "another form"
    );
    assert_eq!(
        codes(|other| drop(other.cards.pop())),
        ["pair-cards"],
        "a card less"
    );
    assert_eq!(
        codes(|other| drop(other.quiz.pop())),
        ["pair-items"],
        "a question less"
    );
    assert_eq!(
        codes(|other| other.quiz.swap(0, 1)),
        ["pair-items"],
        "another order"
    );
    assert_eq!(
        codes(|other| other.quiz[0].id = "x".into()),
        ["pair-items"],
        "another name"
    );
    assert_eq!(
        codes(|other| other.quiz[1].kind = other.quiz[0].kind),
        ["pair-kind"],
        "another kind"
    );
    assert_eq!(
        codes(|other| other.quiz[0].choices.reverse()),
        ["pair-choices"],
        "choices moved"
    );
    assert_eq!(
        codes(|other| drop(other.quiz[1].choices.pop())),
        ["pair-choices"],
        "a step less"
    );
    assert_eq!(
        codes(|other| {
            let number = QuizNumber {
                value: 1.0,
                tolerance: 0.0,
                unit: "m".into(),
            };
            other.quiz[1].number = Some(number);
        }),
        ["pair-number"],
        "another number"
    );
    assert_eq!(
        codes(|other| other.icon = "key".into()),
        ["pair-header"],
        "another icon"
    );
}
