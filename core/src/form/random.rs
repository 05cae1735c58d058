//! Random forms and answers, the same on every machine: for the property tests and the cases that
//! the screen is compared with.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "small numbers, in tests only"
)]

use super::program::{
    Answer, Answers, Choice, Expression, Fills, FormProgram, Literal, Question, QuestionType,
    ReportType, Severity, Wording,
};

/// Random numbers (`SplitMix64`): the same on every machine, for ever.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number under `limit`.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// True once in `times`.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn one_of<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

const TYPES: [QuestionType; 15] = [
    QuestionType::Text,
    QuestionType::Integer,
    QuestionType::Decimal,
    QuestionType::Date,
    QuestionType::Time,
    QuestionType::Datetime,
    QuestionType::SelectOne,
    QuestionType::SelectMultiple,
    QuestionType::YesNo,
    QuestionType::Severity,
    QuestionType::Place,
    QuestionType::Person,
    QuestionType::Photo,
    QuestionType::Note,
    QuestionType::Calculate,
];

/// Names that a careless interpreter trips over are among them.
const NAMES: [&str; 9] = [
    "a",
    "b",
    "c",
    "constructor",
    "to_string",
    "d",
    "e",
    "has_own",
    "valueof",
];

const CHOICES: [&str; 5] = ["x", "y", "10", "yes", "length"];

/// Texts at the edges of the rules.
const TEXTS: [&str; 44] = [
    "",
    " ",
    "\u{202f}\u{a0}\t\n",
    "\u{2003}",
    "\u{feff}",
    "\u{85}",
    "a",
    "A",
    "é",
    "e\u{301}",
    "yes",
    "no",
    "true",
    "x",
    "x y",
    "10",
    "9",
    " 10 ",
    "1,5",
    "1.5",
    "1.50",
    "-0",
    "-3",
    "+3",
    "1e3",
    "0x10",
    ".5",
    "5.",
    "1,2,3",
    "123456789012345",
    "1234567890123456",
    "0.1234567891",
    "٣",
    "2026-11-22",
    "2026-11-23",
    "09:30",
    "9:30",
    "\u{e000}",
    "\u{e000}10",
    "\u{2003}10",
    "\u{feff}10",
    "\u{202f}10\t",
    "😀",
    "😀😀 longer than most",
];

const NUMBERS: [f64; 21] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    3.0,
    10.0,
    0.5,
    1.5,
    2.5,
    -2.5,
    0.1,
    0.3,
    1e-7,
    1e15,
    1.1e15,
    99.949,
    1234567.891,
    0.000001,
    7.25,
    0.49999999999999994,
];

const CALLS: [(&str, usize); 26] = [
    ("or", 2),
    ("and", 2),
    ("not", 1),
    ("=", 2),
    ("!=", 2),
    ("<", 2),
    ("<=", 2),
    (">", 2),
    (">=", 2),
    ("+", 2),
    ("-", 2),
    ("-", 1),
    ("*", 2),
    ("div", 2),
    ("mod", 2),
    ("selected", 2),
    ("count-selected", 1),
    ("coalesce", 3),
    ("if", 3),
    ("string-length", 1),
    ("concat", 3),
    ("number", 1),
    ("round", 2),
    ("min", 3),
    ("max", 3),
    ("score", 0),
];

pub(super) fn expression(random: &mut Random, depth: usize) -> Expression {
    let leaf = depth == 0 || random.once_in(5);
    if !leaf {
        let (name, arguments) = random.one_of(&CALLS);
        let arguments = (0..arguments)
            .map(|_| expression(random, depth - 1))
            .collect();
        let name = if random.once_in(60) {
            "unheard-of"
        } else {
            name
        };
        return Expression::Call {
            name: name.to_owned(),
            arguments,
        };
    }
    match random.below(12) {
        0..5 => Expression::Field {
            name: random.one_of(&NAMES).to_owned(),
        },
        5 | 6 => Expression::Itself,
        7 => Expression::Value {
            value: Literal::Number(random.one_of(&NUMBERS)),
        },
        8 => Expression::Value {
            value: Literal::Flag(random.once_in(2)),
        },
        9 => Expression::Value {
            value: Literal::Text(random.one_of(&CHOICES).to_owned()),
        },
        10 => Expression::Value {
            value: Literal::Text(random.one_of(&TEXTS).to_owned()),
        },
        _ => Expression::Call {
            name: "today".to_owned(),
            arguments: Vec::new(),
        },
    }
}

/// An expression once in `times`.
fn perhaps(random: &mut Random, times: usize) -> Option<Expression> {
    if !random.once_in(times) {
        return None;
    }
    if random.once_in(40) {
        // Deeper than an interpreter may go.
        let inner = Expression::Value {
            value: Literal::Flag(true),
        };
        let deep = 30 + random.below(5);
        return Some((0..deep).fold(inner, |inner, _| Expression::Call {
            name: "not".to_owned(),
            arguments: vec![inner],
        }));
    }
    let depth = 1 + random.below(4);
    Some(expression(random, depth))
}

fn wording(text: &str) -> Wording {
    Wording::from([("fr".to_owned(), text.to_owned())])
}

fn question(random: &mut Random, name: &str) -> Question {
    let kind = if random.once_in(3) {
        QuestionType::SelectOne
    } else {
        random.one_of(&TYPES)
    };
    let scored = kind == QuestionType::SelectOne && !random.once_in(3);
    let names: Vec<&str> = if kind == QuestionType::Severity {
        Severity::ALL.into_iter().map(Severity::name).collect()
    } else if kind.has_choices() {
        CHOICES.to_vec()
    } else {
        Vec::new()
    };
    Question {
        name: name.to_owned(),
        kind,
        label: Wording::new(),
        hint: Wording::new(),
        required: random.once_in(3),
        appearance: String::new(),
        fills: Fills::Nothing,
        choices: names
            .into_iter()
            .map(|name| Choice {
                name: name.to_owned(),
                label: Wording::new(),
                icon: None,
                score: (scored && !random.once_in(4))
                    .then(|| random.one_of(&NUMBERS[4..12]).max(0.0)),
            })
            .collect(),
        weight: random.once_in(3).then(|| random.one_of(&[0.5, 2.0, 3.0])),
        default: None,
        relevant: perhaps(random, 3),
        constraint: perhaps(random, 4),
        constraint_message: wording("non"),
        calculation: if kind == QuestionType::Calculate {
            perhaps(random, 1)
        } else {
            None
        },
    }
}

/// A form that may well be refused by [`super::check()`]: judging must be total all the same.
pub(super) fn program(random: &mut Random) -> FormProgram {
    let count = 1 + random.below(NAMES.len());
    let questions: Vec<Question> = NAMES
        .iter()
        .take(count)
        .map(|name| question(random, name))
        .collect();
    FormProgram {
        form: "f".to_owned(),
        slug: "f".to_owned(),
        release: 1,
        report_type: ReportType::Observation,
        icon: "x".to_owned(),
        title: Wording::new(),
        purpose: Wording::new(),
        capsule: None,
        scored: !random.once_in(4),
        questions,
    }
}

/// A form that works out much from a few answers, all of them relevant.
pub(super) fn calculator(random: &mut Random) -> FormProgram {
    let mut form = program(random);
    form.questions = NAMES
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let calculated = index > 2;
            let kind = if calculated {
                QuestionType::Calculate
            } else {
                random.one_of(&[
                    QuestionType::Text,
                    QuestionType::Decimal,
                    QuestionType::YesNo,
                ])
            };
            let depth = 1 + random.below(2);
            Question {
                kind,
                choices: Vec::new(),
                relevant: None,
                constraint: None,
                calculation: calculated.then(|| expression(random, depth)),
                ..question(random, name)
            }
        })
        .collect();
    form
}

/// A form of texts so long that they meet every limit.
pub(super) fn wordy(random: &mut Random) -> (FormProgram, Answers) {
    let mut form = calculator(random);
    let field = |name: &str| Expression::Field {
        name: name.to_owned(),
    };
    let mut answers = Answers::new();
    for (index, question) in form.questions.iter_mut().enumerate() {
        question.kind = if index < 4 {
            QuestionType::Text
        } else {
            QuestionType::Calculate
        };
        question.calculation = (index >= 4).then(|| Expression::Call {
            name: "concat".to_owned(),
            arguments: vec![field(NAMES[index - 1]), field("a"), field("b")],
        });
        if index < 4 {
            let length = 19_000 + random.below(1_002);
            answers.insert(question.name.clone(), Answer::Text("😀".repeat(length)));
        }
    }
    (form, answers)
}

fn hash(random: &mut Random) -> String {
    let digit = random.one_of(&["0", "a", "f", "0", "a", "f", "0", "a", "f", "g", "A"]);
    digit.repeat(if random.once_in(5) { 63 } else { 64 })
}

/// An answer that mostly suits the question.
fn answer(random: &mut Random, question: &Question) -> Answer {
    let fitting = !random.once_in(6);
    let text = |random: &mut Random, from: &[&str]| Answer::Text(random.one_of(from).to_owned());
    match question.kind {
        _ if !fitting => match random.below(4) {
            0 => text(random, &TEXTS),
            1 => Answer::Number(random.one_of(&NUMBERS)),
            2 => Answer::Flag(random.once_in(2)),
            _ => Answer::List(list(random)),
        },
        // In another order by UTF-16 than by code point.
        QuestionType::Text if random.once_in(5) => text(random, &["\u{ff5e}", "😀"]),
        QuestionType::Text if random.once_in(12) => {
            let length = random.one_of(&[199, 200, 201, 202]) * 100;
            Answer::Text("é".repeat(length - 100))
        }
        QuestionType::Text | QuestionType::Place | QuestionType::Person => text(random, &TEXTS),
        QuestionType::Integer | QuestionType::Decimal => Answer::Number(random.one_of(&NUMBERS)),
        QuestionType::Date => text(
            random,
            &[
                "2026-11-22",
                "2026-11-23",
                "2024-02-29",
                "2026-02-29",
                "2026-13-01",
                "0000-01-01",
                "2000-02-29",
                "1900-02-29",
                "2026-04-31",
                "2026-1-1",
                "2026-11-22 ",
            ],
        ),
        QuestionType::Time => text(
            random,
            &["00:00", "23:59", "24:00", "9:30", "09:60", "09:30"],
        ),
        QuestionType::Datetime => text(
            random,
            &[
                "2026-11-22T09:30",
                "2026-11-22 09:30",
                "2026-11-22T24:00",
                "T09:30",
            ],
        ),
        QuestionType::SelectOne => text(random, &["x", "y", "10", "yes", "length", "z"]),
        QuestionType::Severity => text(
            random,
            &["low", "moderate", "serious", "critical", "severe"],
        ),
        QuestionType::SelectMultiple => Answer::List(list(random)),
        QuestionType::YesNo => Answer::Flag(random.once_in(2)),
        QuestionType::Photo => {
            let count = if random.once_in(9) {
                11
            } else {
                random.below(3)
            };
            Answer::List((0..count).map(|_| hash(random)).collect())
        }
        QuestionType::Note | QuestionType::Calculate => text(random, &TEXTS),
    }
}

fn list(random: &mut Random) -> Vec<String> {
    let count = random.below(4);
    (0..count)
        .map(|_| {
            if random.once_in(12) {
                "z"
            } else {
                random.one_of(&CHOICES)
            }
            .to_owned()
        })
        .collect()
}

pub(super) fn answers(random: &mut Random, program: &FormProgram) -> Answers {
    let mut answers = Answers::new();
    for question in &program.questions {
        if random.once_in(5) {
            continue;
        }
        let given = match random.below(2) {
            // The choices of a real form have other names than those of random ones.
            0 if question.kind == QuestionType::SelectOne => {
                Answer::Text(random.one_of(&question.choices).name)
            }
            _ => answer(random, question),
        };
        answers.insert(question.name.clone(), given);
    }
    if random.once_in(9) {
        answers.insert("unasked".to_owned(), Answer::Flag(true));
    }
    answers
}
