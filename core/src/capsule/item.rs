//! One question: from its lines to a [`QuizItem`], with everything that would make it unfair.

use std::collections::BTreeSet;

use super::markers::{Marker, read};
use super::model::{QuizChoice, QuizItem, QuizKind, QuizNumber, QuizPair};
use super::outline::{Line, Section};
use super::problem::Problems;
use super::prose::{Picture, Prose, plain, render};
use super::text::{amount, fold, is_slug, trimmed};

/// A question as read, with what the whole capsule needs to know of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) item: QuizItem,
    pub(super) line: u32,
    pub(super) pictures: Vec<Picture>,
}

/// Reads a question. `None` when nothing says how it is answered.
pub(super) fn read_item(section: &Section<'_>, problems: &mut Problems) -> Option<Asked> {
    let (id, question) = identify(section, problems);
    let mut draft = Draft::new(section.line, &id, problems);
    for line in &section.lines {
        draft.line(*line);
    }
    draft.check_fences();
    let kind = draft.kind()?;
    draft.check(kind);
    let Draft {
        written,
        pairs,
        accepted,
        number,
        prompt,
        explanation,
        ..
    } = draft;
    let prompt = render_prompt(section.line, question, &prompt, problems);
    let explanation = render(&explanation, problems);
    let needed = matches!(
        kind,
        QuizKind::Blank | QuizKind::Number | QuizKind::Order | QuizKind::Match
    );
    if needed && explanation.html.is_empty() {
        problems.error("explanation-missing", section.line, &[&id, kind.name()]);
    }
    let mut pictures = prompt.pictures;
    pictures.extend(explanation.pictures);
    let item = QuizItem {
        id,
        kind,
        prompt: prompt.html,
        choices: written.into_iter().map(|written| written.choice).collect(),
        pairs: pairs.into_iter().map(|(_, pair)| pair).collect(),
        accepted,
        number,
        explanation: explanation.html,
    };
    Some(Asked {
        item,
        line: section.line,
        pictures,
    })
}

fn identify<'a>(section: &Section<'a>, problems: &mut Problems) -> (String, &'a str) {
    let named = section
        .heading
        .strip_prefix("{#")
        .and_then(|rest| rest.split_once('}'));
    let Some((id, question)) = named else {
        problems.error("quiz-id-missing", section.line, &[section.heading]);
        return (String::new(), section.heading);
    };
    if !is_slug(id) {
        problems.error("quiz-id-invalid", section.line, &[id]);
    }
    (id.to_owned(), question.trim())
}

fn render_prompt(line: u32, question: &str, more: &[Line<'_>], problems: &mut Problems) -> Prose {
    if question.is_empty() {
        problems.error("quiz-prompt-missing", line, &[]);
    }
    let mut lines = vec![
        Line {
            number: line,
            text: question,
        },
        Line {
            number: line,
            text: "",
        },
    ];
    lines.extend_from_slice(more);
    render(&lines, problems)
}

/// The families of answer lines; one question uses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Single,
    Multiple,
    Blank,
    Number,
    Step,
    Pair,
}

/// A choice with the line it is written on.
pub(super) struct Written {
    pub(super) line: u32,
    pub(super) choice: QuizChoice,
}

/// A question being read, line after line.
pub(super) struct Draft<'a, 'p> {
    pub(super) problems: &'p mut Problems,
    pub(super) id: &'p str,
    pub(super) line: u32,
    families: BTreeSet<Family>,
    pub(super) written: Vec<Written>,
    pub(super) pairs: Vec<(u32, QuizPair)>,
    accepted: Vec<String>,
    number: Option<QuizNumber>,
    prompt: Vec<Line<'a>>,
    explanation: Vec<Line<'a>>,
    /// Line of the `***` still open.
    open: Option<u32>,
    closed: bool,
}

impl<'a, 'p> Draft<'a, 'p> {
    const fn new(line: u32, id: &'p str, problems: &'p mut Problems) -> Self {
        Self {
            problems,
            id,
            line,
            families: BTreeSet::new(),
            written: Vec::new(),
            pairs: Vec::new(),
            accepted: Vec::new(),
            number: None,
            prompt: Vec::new(),
            explanation: Vec::new(),
            open: None,
            closed: false,
        }
    }

    fn line(&mut self, line: Line<'a>) {
        let marker = read(line.text);
        if self.open.is_some() && marker != Some(Marker::Fence) {
            self.explanation.push(line);
            return;
        }
        let at = line.number;
        match marker {
            Some(Marker::Fence) => self.fence(at),
            Some(Marker::Single { correct, text }) => {
                self.choice(Family::Single, at, correct, text);
            }
            Some(Marker::Multiple { correct, text }) => {
                self.choice(Family::Multiple, at, correct, text);
            }
            Some(Marker::Step { number, text }) => self.step(at, number, text),
            Some(Marker::Pair { left, right }) => {
                self.families.insert(Family::Pair);
                let left = plain(left, at, self.problems);
                let right = plain(right, at, self.problems);
                self.pairs.push((at, QuizPair { left, right }));
            }
            Some(Marker::Blank(inside)) => self.blank(at, inside),
            Some(Marker::Number(inside)) => self.number(at, inside),
            Some(Marker::Feedback(text)) => self.feedback(line, text),
            Some(Marker::Odd) => self
                .problems
                .error("quiz-line-unknown", at, &[line.text.trim()]),
            None => self.prose(line),
        }
    }

    fn fence(&mut self, at: u32) {
        if self.open.take().is_some() {
            self.closed = true;
            return;
        }
        if self.closed {
            self.problems.error("explanation-many", at, &[self.id]);
        }
        self.open = Some(at);
    }

    fn choice(&mut self, family: Family, line: u32, correct: bool, text: &str) {
        self.families.insert(family);
        let text = plain(text, line, self.problems);
        let choice = QuizChoice {
            text,
            correct,
            feedback: String::new(),
        };
        self.written.push(Written { line, choice });
    }

    fn step(&mut self, at: u32, number: &str, text: &str) {
        self.choice(Family::Step, at, true, text);
        let expected = self.written.len().to_string();
        if number != expected {
            self.problems
                .error("order-number", at, &[number, &expected]);
        }
    }

    fn blank(&mut self, at: u32, inside: &str) {
        if !self.families.insert(Family::Blank) {
            self.problems.error("quiz-fields-many", at, &[self.id]);
        }
        for variant in inside
            .split('|')
            .map(trimmed)
            .filter(|variant| !fold(variant).is_empty())
        {
            self.accepted.push(variant.to_owned());
        }
        if self.accepted.is_empty() {
            self.problems.error("blank-empty", at, &[self.id]);
        }
    }

    fn number(&mut self, at: u32, inside: &str) {
        if !self.families.insert(Family::Number) {
            self.problems.error("quiz-fields-many", at, &[self.id]);
        }
        self.number = expected_number(inside);
        if self.number.is_none() {
            self.problems.error("number-invalid", at, &[inside]);
        }
    }

    fn feedback(&mut self, line: Line<'a>, text: &str) {
        if self.families.is_empty() {
            self.prompt.push(line);
            return;
        }
        let choices =
            self.families.contains(&Family::Single) || self.families.contains(&Family::Multiple);
        let text = plain(text, line.number, self.problems);
        match self.written.last_mut().filter(|_| choices) {
            Some(last) => join(&mut last.choice.feedback, &text),
            None => self.problems.error("feedback-stray", line.number, &[&text]),
        }
    }

    /// Ordinary text: the prompt before the answer lines, the rest of a choice when indented.
    fn prose(&mut self, line: Line<'a>) {
        if self.families.is_empty() {
            self.prompt.push(line);
        } else if !line.text.trim().is_empty() {
            let indented = line.text.starts_with("  ") || line.text.starts_with('\t');
            let text = plain(line.text, line.number, self.problems);
            match self.written.last_mut().filter(|_| indented) {
                Some(last) if last.choice.feedback.is_empty() => join(&mut last.choice.text, &text),
                Some(last) => join(&mut last.choice.feedback, &text),
                None => self
                    .problems
                    .error("quiz-line-unknown", line.number, &[&text]),
            }
        }
    }

    fn check_fences(&mut self) {
        if let Some(line) = self.open {
            self.problems
                .error("explanation-unclosed", line, &[self.id]);
        }
    }

    /// How the question is answered, from its lines.
    fn kind(&mut self) -> Option<QuizKind> {
        let mut families = self.families.iter();
        let Some(first) = families.next() else {
            self.problems.error("quiz-no-answer", self.line, &[self.id]);
            return None;
        };
        if families.next().is_some() {
            self.problems
                .error("quiz-kinds-mixed", self.line, &[self.id]);
            return None;
        }
        Some(match first {
            Family::Single if self.is_true_false() => QuizKind::TrueFalse,
            Family::Single => QuizKind::One,
            Family::Multiple => QuizKind::Several,
            Family::Blank => QuizKind::Blank,
            Family::Number => QuizKind::Number,
            Family::Step => QuizKind::Order,
            Family::Pair => QuizKind::Match,
        })
    }

    fn is_true_false(&self) -> bool {
        let texts: BTreeSet<String> = self
            .written
            .iter()
            .map(|written| fold(&written.choice.text))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.written.len() == 2 && matches!(texts.as_slice(), ["faux", "vrai"] | ["false", "true"])
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

/// Reads `1,5 ± 0,5 m`: value, tolerance (0 when not given), unit.
fn expected_number(inside: &str) -> Option<QuizNumber> {
    let (value, tolerance) = match inside.split_once('±').or_else(|| inside.split_once("+-")) {
        Some((value, tolerance)) => (value, Some(tolerance)),
        None => (inside, None),
    };
    let (value, unit) = amount(value)?;
    let (tolerance, unit) = match tolerance {
        // The unit comes once, at the end.
        Some(_) if !unit.is_empty() => return None,
        Some(tolerance) => amount(tolerance)?,
        None => (0.0, unit),
    };
    (tolerance >= 0.0).then(|| QuizNumber {
        value,
        tolerance,
        unit: unit.to_owned(),
    })
}
