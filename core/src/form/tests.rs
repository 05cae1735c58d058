//! What the module promises, by example and for anything.

use proptest::prelude::*;

use super::program::{Answer, Answers, Expression, FormProgram, Literal};
use super::random::{self, Random};
use super::{ProblemCode, check, compile, judge, parse, title};

const TODAY: &str = "2026-11-22";

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

fn answers(pairs: &[(&str, Answer)]) -> Answers {
    pairs
        .iter()
        .map(|(name, answer)| ((*name).to_owned(), answer.clone()))
        .collect()
}

/// A form with what every form needs and these questions before it.
fn form(questions: &str) -> Result<FormProgram, Vec<String>> {
    let source = format!(
        r#"
slug = "test"
type = "incident"
icon = "siren"
title = {{ fr = "Essai", en = "Test" }}
purpose = {{ fr = "Pour voir", en = "To see" }}
{questions}
[[question]]
name = "what"
type = "select_one"
fills = "what"
required = true
label = {{ fr = "Quoi", en = "What" }}
choices = [
  {{ name = "fall", fr = "Une chute", en = "A fall" }},
  {{ name = "cut", fr = "Une coupure", en = "A cut" }},
]
[[question]]
name = "place"
type = "place"
fills = "place"
required = true
label = {{ fr = "Où", en = "Where" }}
[[question]]
name = "severity"
type = "severity"
fills = "severity"
required = true
label = {{ fr = "Grave", en = "Bad" }}
choices = [
  {{ name = "low", fr = "a", en = "a" }},
  {{ name = "moderate", fr = "b", en = "b" }},
  {{ name = "serious", fr = "c", en = "c" }},
  {{ name = "critical", fr = "d", en = "d" }},
]
"#
    );
    compile(&source, "id", 3).map_err(|problems| {
        problems
            .iter()
            .map(|problem| format!("{} {problem}", problem.code))
            .collect()
    })
}

/// One question of that kind, with more keys.
fn asked(name: &str, kind: &str, more: &str) -> String {
    format!(
        "[[question]]\nname = \"{name}\"\ntype = \"{kind}\"\n{more}\n\
         label = {{ fr = \"Q\", en = \"Q\" }}\n"
    )
}

#[track_caller]
fn refused(questions: &str, code: &str) {
    let problems = form(questions).expect_err("the form must be refused");
    assert!(
        problems.iter().any(|problem| problem.starts_with(code)),
        "expected `{code}`, found {problems:?}"
    );
}

/// What an expression gives in a form where `list`, `word`, `count` and `flag` are answered.
fn value(expression: &str) -> Option<Answer> {
    let choices = "choices = [{ name = \"a\", fr = \"A\", en = \"A\" }, \
                   { name = \"b\", fr = \"B\", en = \"B\" }]";
    let program = form(&format!(
        "{}{}{}{}{}{}",
        asked("list", "select_multiple", choices),
        asked("word", "text", ""),
        asked("count", "integer", ""),
        asked("flag", "yes_no", ""),
        asked("void", "text", ""),
        asked(
            "result",
            "calculate",
            &format!("calculation = \"{expression}\"")
        ),
    ))
    .expect("the form is right");
    let answers = answers(&[
        ("list", Answer::List(vec!["a".to_owned(), "b".to_owned()])),
        ("word", text("été")),
        ("count", Answer::Number(3.0)),
        ("flag", Answer::Flag(true)),
    ]);
    judge(&program, &answers, TODAY)
        .answers
        .get("result")
        .cloned()
}

#[test]
fn expressions_give_what_the_documentation_says() {
    let yes = Some(Answer::Flag(true));
    for expression in [
        "${void} = ''",
        "'' = ${void}",
        "${word} != ''",
        "${flag} = 'yes'",
        "${flag} = true()",
        "${flag} = 1",
        "${count} = '3'",
        "${count} = ' 3,0 '",
        "not('3' = '3.0')",
        "selected(${list}, 'a')",
        "not(selected(${void}, 'a'))",
        "concat(${list}) = 'a b'",
        "count-selected(${list}) = 2",
        "string-length(${word}) = 3",
        "not(${void} < 1)",
        "not(${word} < 1)",
        "'2026-11-21' < today()",
        "1 + 2 * 3 = 7",
        "(1 + 2) * 3 = 9",
        "10 - 3 - 2 = 5",
        "7 mod 3 = 1 and -7 mod 3 = -1",
        "1 div 0 = ''",
        "round(2.5) = 3 and round(-2.5) = -2",
        "round(3.14159, 2) = 3.14",
        "coalesce(${void}, ${word}, 'x') = 'été'",
        "if(${flag}, 'a', 'b') = 'a'",
        "concat('a', ${void}, ${count}, ${flag}) = 'a3yes'",
        "number('12,5') = 12.5 and number('douze') = ''",
        "min(3, ${void}, 2) = 2 and max(3, 'x', 2) = 3",
        "false() or true() and true()",
        "1 < 2 = true()",
        "0.1 + 0.2 > 0.3",
        "'～' < '😀'",
    ] {
        assert_eq!(value(expression), yes, "{expression}");
    }
    assert_eq!(
        value("concat('a', 'b')"),
        Some(text("ab")),
        "a text stays one"
    );
    assert_eq!(value("${void}"), None, "nothing is left out");
}

#[test]
fn an_expression_becomes_the_tree_of_the_contract() {
    let tree = parse("${a} = 'x' or . > 2 or selected(${b}, \"y\")").expect("it can be read");
    let json = serde_json::to_string(&tree).expect("a tree is plain data");
    assert_eq!(
        json,
        r#"{"op":"call","name":"or","arguments":[{"op":"call","name":"=","arguments":[{"op":"field","name":"a"},{"op":"value","value":"x"}]},{"op":"call","name":">","arguments":[{"op":"self"},{"op":"value","value":2}]},{"op":"call","name":"selected","arguments":[{"op":"field","name":"b"},{"op":"value","value":"y"}]}]}"#,
        "long rows are flat, whole numbers have no point"
    );
    let back: Expression = serde_json::from_str(&json).expect("and it can be read back");
    assert_eq!(back, tree, "nothing is lost");
}

#[test]
fn an_expression_that_cannot_be_read_says_where_and_why() {
    for (source, position, part) in [
        ("", 1, "missing at the end"),
        ("${a} =", 7, "missing at the end"),
        ("${a} = b", 8, "`${b}`"),
        ("${a", 1, "not closed"),
        ("${a} = 'x", 8, "not closed"),
        ("${é} = ’x’", 8, "straight quotes"),
        ("regex(., '^a')", 1, "not supported"),
        ("selected(${a})", 1, "takes 2 arguments, not 1"),
        ("(1 + 2", 7, "expected `)`"),
        ("1 2", 3, "expected an operator"),
        ("and 1", 1, "missing before `and`"),
        ("1 / 2", 3, "`div`"),
        ("1 == 2", 4, "expected a value"),
        ("1.2.3", 1, "not a number"),
    ] {
        let error = parse(source).expect_err(source);
        assert_eq!(error.position, position, "{source}: {error}");
        assert!(error.message.contains(part), "{source}: {error}");
    }
}

#[test]
fn expressions_have_limits_in_depth_and_size() {
    let deep = format!("{}1{}", "(".repeat(40), ")".repeat(40));
    assert!(parse(&deep).is_err(), "40 parentheses are too deep");
    assert!(
        parse(&format!("{}1", "-".repeat(5_000))).is_err(),
        "so are 5,000 signs"
    );
    let chain = |operator: &str, count: usize| vec!["1"; count].join(operator);
    assert!(
        parse(&chain(" - ", 40)).is_err(),
        "a chain of 40 differences is too deep"
    );
    assert!(
        parse(&chain(" or ", 200)).is_ok(),
        "a row of 200 alternatives is flat"
    );
    assert!(
        parse(&chain(" or ", 400)).is_err(),
        "400 parts are too many"
    );
}

#[test]
fn a_form_is_refused_for_what_would_hurt_in_the_field() {
    let select = "choices = [{ name = \"a\", fr = \"A\", en = \"A\" }, \
                  { name = \"b\", fr = \"B\", en = \"B\" }]";
    refused(
        &(asked("q", "text", "") + &asked("q", "text", "")),
        "unique",
    );
    refused(&asked("Q", "text", ""), "name");
    refused(
        &asked("q", "text", "relevant = \"${nope} = 1\""),
        "unknown-field",
    );
    refused(
        &asked("q", "text", "relevant = \"${what} = 'nope'\""),
        "unknown-choice",
    );
    refused(&asked("q", "text", "relevant = \". = 1\""), "self");
    refused(&asked("q", "text", "relevant = \"${q} = 1\""), "circle");
    let round = asked("q", "text", "relevant = \"${r} = 1\"")
        + &asked("r", "text", "relevant = \"${q} = 1\"");
    refused(&round, "circle");
    refused(&asked("q", "text", "constraint = \". = 1\""), "wording");
    refused(
        &asked("q", "text", "relevant = \"${what}\" \nrequird = true"),
        "syntax",
    );
    refused(
        &asked("q", "text", "relevant = \"${what} ==\""),
        "expression",
    );
    refused(&asked("q", "photo", "required = true"), "required");
    refused(&asked("q", "note", "required = true"), "required");
    refused(&asked("q", "select_one", ""), "choices");
    refused(&asked("q", "text", select), "choices");
    refused(
        &asked(
            "q",
            "select_one",
            &format!("appearance = \"tiles\"\n{select}"),
        ),
        "icon",
    );
    refused(
        &asked("q", "select_one", &format!("default = \"c\"\n{select}")),
        "default",
    );
    refused(
        &asked("q", "select_one", &format!("weight = 2\n{select}")),
        "score",
    );
    refused(&asked("q", "text", "calculation = \"1\""), "calculation");
    refused(&asked("q", "calculate", ""), "calculation");
    refused(&asked("q", "text", "relevant = \"score() > 1\""), "score");
    refused(&asked("q", "text", "fills = \"what\""), "fills-once");
    refused(&asked("q", "text", "fills = \"when\""), "fills-type");
    refused(
        &asked("q", "select_one", &format!("fills = \"urgency\"\n{select}")),
        "fills-type",
    );
    refused("[[question]]\nname = \"q\"\ntype = \"text\"\n", "wording");
    assert!(
        compile("slug = 3", "id", 1).is_err(),
        "the wrong shape is refused"
    );
    assert!(
        compile(&" ".repeat(500_000), "id", 1).is_err(),
        "so is a source without end"
    );
}

#[test]
fn what_every_report_needs_is_always_asked() {
    let mut program = form("").expect("the form is right");
    assert_eq!(
        (program.form.as_str(), program.release),
        ("id", 3),
        "as the caller says"
    );
    program.questions[0].relevant = Some(Expression::Value {
        value: Literal::Flag(false),
    });
    program.questions[1].required = false;
    program.questions.remove(2);
    let codes: Vec<&str> = check(&program).iter().map(|problem| problem.code).collect();
    assert_eq!(
        codes,
        ["fills-once", "fills-always", "fills-always"],
        "each hole is found"
    );
}

#[test]
fn each_fault_of_an_answer_has_its_code() {
    let choices = "choices = [{ name = \"a\", fr = \"A\", en = \"A\" }, \
                   { name = \"b\", fr = \"B\", en = \"B\" }]";
    let list = |names: &[&str]| Answer::List(names.iter().map(|&name| name.to_owned()).collect());
    for (kind, answer, code) in [
        ("text", Answer::Number(1.0), ProblemCode::Type),
        ("text", text(&"x".repeat(20_001)), ProblemCode::TooLong),
        ("integer", Answer::Number(1.5), ProblemCode::Type),
        ("integer", Answer::Number(1e16), ProblemCode::Range),
        ("decimal", Answer::Number(-1e16), ProblemCode::Range),
        ("decimal", text("1"), ProblemCode::Type),
        ("date", text("2026-02-29"), ProblemCode::Type),
        ("time", text("24:00"), ProblemCode::Type),
        ("datetime", text("2026-02-28"), ProblemCode::Type),
        ("yes_no", text("yes"), ProblemCode::Type),
        ("select_one", text("c"), ProblemCode::Choice),
        ("select_multiple", list(&["a", "a"]), ProblemCode::Choice),
        ("photo", list(&["a"]), ProblemCode::Type),
        ("photo", list(&["a"; 11]), ProblemCode::TooMany),
        ("person", text(&"x".repeat(201)), ProblemCode::TooLong),
    ] {
        let more = if kind.starts_with("select") {
            choices
        } else {
            ""
        };
        let program = form(&asked("q", kind, more)).expect("the form is right");
        let judged = judge(&program, &answers(&[("q", answer.clone())]), TODAY);
        assert_eq!(judged.problems[0].field, "q", "{kind} {answer:?}");
        assert_eq!(judged.problems[0].code, code, "{kind} {answer:?}");
        assert!(
            !judged.answers.contains_key("q"),
            "{kind}: it does not count"
        );
    }
}

#[test]
fn all_texts_together_have_a_limit() {
    let questions: String = (0..6)
        .map(|n| asked(&format!("t{n}"), "text", ""))
        .collect();
    let program = form(&questions).expect("the form is right");
    let given: Answers = (0..6)
        .map(|n| (format!("t{n}"), text(&"x".repeat(20_000))))
        .collect();
    let judged = judge(&program, &given, TODAY);
    assert_eq!(judged.problems[0].field, "t5", "the one that overflows");
    assert_eq!(judged.problems[0].code, ProblemCode::TooLong, "is too long");
}

/// Every name in an answers map, and every text, may come from anywhere.
fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<bool>().prop_map(Answer::Flag),
        prop::num::f64::NORMAL.prop_map(Answer::Number),
        any::<String>().prop_map(Answer::Text),
        prop::collection::vec(any::<String>(), 0..4).prop_map(Answer::List),
    ]
}

proptest! {
    #[test]
    fn reading_an_expression_never_panics(source in "\\PC*", dialect in "[-${}a-c()'., +*=<>0-9]{0,60}") {
        drop(parse(&source));
        drop(parse(&dialect));
    }

    #[test]
    fn compiling_anything_never_panics(source in "\\PC*") {
        prop_assert!(compile(&source, "id", 1).is_err(), "nonsense is refused");
    }

    #[test]
    fn judging_anything_never_panics(seed: u64, given in prop::collection::vec(any_answer(), 9)) {
        let program = random::program(&mut Random(seed));
        let answers: Answers = program
            .questions.iter().map(|question| question.name.clone()).zip(given).collect();
        let judged = judge(&program, &answers, TODAY);
        prop_assert!(judged.score.is_none_or(|score| (0.0..=100.0).contains(&score)), "0 to 100");
        drop(check(&program));
        drop(title(&program, &answers, "fr"));
    }

    /// The promise: what the device seals, the gate accepts.
    #[test]
    fn what_was_sealed_is_judged_the_same_by_the_gate(seed: u64) {
        let mut random = Random(seed);
        let program = random::program(&mut random);
        let given = random::answers(&mut random, &program);
        let judged = judge(&program, &given, TODAY);
        let again = judge(&program, &judged.answers, TODAY);
        prop_assert_eq!(&again.answers, &judged.answers, "the kept answers are stable");
        prop_assert_eq!(&again.relevant, &judged.relevant, "so is what is asked");
        prop_assert_eq!(again.score, judged.score, "and the score");
        if judged.complete() {
            prop_assert!(again.complete(), "sealed but refused: {:?}", again.problems);
        }
        let json = serde_json::to_string(&judged.answers).unwrap();
        let read: Answers = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(judge(&program, &read, TODAY).answers, judged.answers, "through JSON too");
    }

    #[test]
    fn a_program_is_the_same_after_json(seed: u64) {
        let program = random::program(&mut Random(seed));
        let json = serde_json::to_string(&program).unwrap();
        prop_assert_eq!(serde_json::from_str::<FormProgram>(&json).unwrap(), program);
    }
}
