//! What the lint reads in questions, and what it refuses.

use super::super::{QuizItem, QuizKind};
use super::{checked, codes, with};

/// The middle question of the good source.
const MOVES: &str = "## ? {#moves} Put the moves in order.

[1] Separate
[2] Lock
[3] Check

***
Checking proves the rest.
***
";

/// Line of its heading.
const AT: u32 = 41;

fn question(lines: &str) -> String {
    with(MOVES, &format!("## ? {{#moves}} Which?\n\n{lines}\n"))
}

fn item(lines: &str) -> QuizItem {
    let checked = checked(&question(lines));
    assert_eq!(checked.problems, [], "nothing to say about {lines:?}");
    checked.capsule.expect("read").quiz.remove(1)
}

#[track_caller]
fn says(lines: &str, expected: &[(u32, &str)]) {
    let expected: Vec<String> = expected
        .iter()
        .map(|(after, code)| format!("{} {code}", AT.saturating_add(*after)))
        .collect();
    assert_eq!(codes(&question(lines)), expected, "about {lines:?}");
}

#[test]
fn each_kind_is_read() {
    let several = item("[[X]] One\n> Yes.\n[[ ]] Two\n> No,\n> really.\n[[x]] Three\n  and more");
    assert_eq!(several.kind, QuizKind::Several, "several");
    assert_eq!(
        several.choices[1].feedback, "No, really.",
        "feedback over two lines"
    );
    assert_eq!(
        several.choices[2].text, "Three and more",
        "a choice over two lines"
    );
    assert!(
        several.choices[2].correct && !several.choices[1].correct,
        "right ones"
    );

    let blank = item("[[consigné| consignée ]]\n***\nWhy\n***");
    assert_eq!(
        (blank.kind, blank.accepted),
        (QuizKind::Blank, vec!["consigné".into(), "consignée".into()]),
        "blank"
    );
    assert_eq!(blank.explanation, "<p>Why</p>", "explanation");

    let number = item("[[= 1,5 ± 0,5 m]]\n***\nWhy\n***");
    let amount = number.number.expect("a number");
    assert_eq!(
        (amount.value, amount.tolerance, amount.unit.as_str()),
        (1.5, 0.5, "m"),
        "number"
    );
    let bare = item("[[= 1\u{202f}500 dB(A)]]\n***\nWhy\n***")
        .number
        .expect("a number");
    assert_eq!(
        (bare.value, bare.tolerance, bare.unit.as_str()),
        (1500.0, 0.0, "dB(A)"),
        "no tolerance"
    );

    let order = item("[1] **A**\n[2] B\n[3] C\n***\nWhy\n***");
    assert_eq!(order.kind, QuizKind::Order, "order");
    assert_eq!(order.choices[0].text, "A", "plain text");

    let pairs = item("[Flame] = [Flammable]\n[1] = [Toxic]\n***\nWhy\n***");
    assert_eq!(pairs.kind, QuizKind::Match, "match");
    assert_eq!(
        pairs.pairs[1].left, "1",
        "a number on the left is still a pair"
    );

    let truth = item("[(X)] VRAI\n[( )] Faux\n> Non.");
    assert_eq!(truth.kind, QuizKind::TrueFalse, "true or false");
    assert_eq!(
        item("[(X)] True\n[( )] Never\n> No.").kind,
        QuizKind::One,
        "not true or false"
    );
}

#[test]
fn the_prompt_may_go_on_with_text_and_a_picture() {
    let item = item(
        "Look **closely**.\n\n> A saying.\n\n![A switch](switch.svg)\n\n[(X)] a\n[( )] b\n> No.",
    );
    assert_eq!(
        item.prompt,
        "<p>Which?</p><p>Look <strong>closely</strong>.</p><blockquote><p>A saying.</p></blockquote>\
         <figure class=\"media\" data-media=\"switch.svg\" role=\"img\" aria-label=\"A switch\"></figure>",
        "prompt"
    );
}

#[test]
fn a_question_can_be_answered() {
    says("Just words.", &[(0, "quiz-no-answer")]);
    says("[( )] a\n> x\n[( )] b\n> x", &[(0, "quiz-no-right")]);
    says("[[ ]] a\n> x\n[[ ]] b\n> x", &[(0, "quiz-no-right")]);
    says("[(X)] a\n[(X)] b", &[(0, "quiz-many-right")]);
    says("[(X)] a", &[(0, "quiz-few-choices")]);
    says("[1] a\n***\nx\n***", &[(0, "quiz-few-choices")]);
    says("[a] = [b]\n***\nx\n***", &[(0, "quiz-few-choices")]);
    says("[(X)] a\n[( )] A\n> x", &[(3, "quiz-choice-twice")]);
    says("[(X)] a\n[( )]\n> x", &[(3, "quiz-choice-empty")]);
    says("[[X]] a\n[[X]] b", &[(0, "quiz-all-right")]);
    says("[[ | ]]\n***\nx\n***", &[(2, "blank-empty")]);
    says("[[]]\n***\nx\n***", &[(2, "blank-empty")]);
    says("[[a]]\n[[b]]\n***\nx\n***", &[(3, "quiz-fields-many")]);
    says("[[= a lot]]\n***\nx\n***", &[(2, "number-invalid")]);
    says("[[= 2 ± -1]]\n***\nx\n***", &[(2, "number-invalid")]);
    says("[[= 2 m ± 1 m]]\n***\nx\n***", &[(2, "number-invalid")]);
    says("[1] a\n[3] b\n***\nx\n***", &[(3, "order-number")]);
    says(
        "[a] = [b]\n[c] = [B]\n***\nx\n***",
        &[(3, "match-right-twice")],
    );
    says(
        "[a] = [b]\n[A] = [c]\n***\nx\n***",
        &[(3, "match-left-twice")],
    );
    says(
        "[a] = [b]\n[] = [c]\n***\nx\n***",
        &[(3, "quiz-choice-empty")],
    );
}

#[test]
fn lines_of_two_kinds_or_of_none_are_told() {
    says("[(X)] a\n[[X]] b", &[(0, "quiz-kinds-mixed")]);
    says("[(X)] a\n[( )] b\n> x\nmore", &[(5, "quiz-line-unknown")]);
    says(
        "[(Y)] a\n[(X)] a\n[( )] b\n> x",
        &[(2, "quiz-line-unknown")],
    );
    says(
        "- [(X)] a\n[(X)] a\n[( )] b\n> x",
        &[(2, "quiz-line-unknown")],
    );
    says(
        "[[word]] and more\n[(X)] a\n[( )] b\n> x",
        &[(2, "quiz-line-unknown")],
    );
    says("[1] a\n> x\n[2] b\n***\nx\n***", &[(3, "feedback-stray")]);
}

#[test]
fn whoever_is_wrong_learns_why() {
    says("[(X)] a\n[( )] b", &[(3, "feedback-missing")]);
    says("[[X]] a\n[[ ]] b\n[[ ]] c\n> x", &[(3, "feedback-missing")]);
    for lines in [
        "[1] a\n[2] b",
        "[a] = [b]\n[c] = [d]",
        "[[word]]",
        "[[= 3]]",
    ] {
        says(lines, &[(0, "explanation-missing")]);
    }
    says("[[word]]\n***\nx", &[(3, "explanation-unclosed")]);
    says(
        "[[word]]\n***\nx\n***\n***\ny\n***",
        &[(6, "explanation-many")],
    );
    says("[[word]]\n***\n\n***", &[(0, "explanation-missing")]);
}

#[test]
fn questions_have_names_of_their_own() {
    let head = "## ? {#moves} Put";
    let renamed = |name: &str| codes(&with(head, name));
    assert_eq!(renamed("## ? Put"), ["41 quiz-id-missing"], "no id");
    assert_eq!(
        renamed("## ? {#Moves 1} Put"),
        ["41 quiz-id-invalid"],
        "odd id"
    );
    assert_eq!(
        renamed("## ? {#first} Put"),
        ["41 quiz-id-twice"],
        "taken id"
    );
    let bare = with("{#moves} Put the moves in order.", "{#moves}");
    assert_eq!(codes(&bare), ["41 quiz-prompt-missing"], "no question");
}

#[test]
fn three_to_six_questions_of_two_kinds() {
    assert_eq!(codes(&with(MOVES, "")), ["1 quiz-few"], "two questions");
    let more: String = (0..4)
        .map(|number| format!("## ? {{#m{number}}} Which?\n\n[(X)] a\n[( )] b\n> x\n\n"))
        .collect();
    assert_eq!(
        codes(&with(MOVES, &format!("{MOVES}\n{more}"))),
        ["1 quiz-many"],
        "seven questions"
    );
    let alike = with(MOVES, "## ? {#moves} Which?\n\n[(X)] a\n[( )] b\n> x\n");
    let alike = alike.replace("] True", "] Yes").replace("] False", "] No");
    assert_eq!(codes(&alike), ["34 quiz-kinds-few"], "one kind");
}
