//! What would make a question unfair, or a quiz poor.

use std::collections::BTreeSet;

use super::item::{Asked, Draft};
use super::model::QuizKind;
use super::problem::Problems;
use super::text::count;

impl Draft<'_, '_> {
    /// Reports what keeps a question of this kind from being answered and learned from.
    pub(super) fn check(&mut self, kind: QuizKind) {
        match kind {
            QuizKind::One | QuizKind::TrueFalse | QuizKind::Several => {
                self.check_right(kind);
                self.check_texts();
                self.check_feedback();
            }
            QuizKind::Order => self.check_texts(),
            QuizKind::Match => self.check_pairs(),
            QuizKind::Blank | QuizKind::Number => {}
        }
    }

    fn check_right(&mut self, kind: QuizKind) {
        let right = self
            .written
            .iter()
            .filter(|written| written.choice.correct)
            .count();
        if right == 0 {
            self.problems.error("quiz-no-right", self.line, &[self.id]);
        } else if kind != QuizKind::Several && right > 1 {
            self.problems
                .error("quiz-many-right", self.line, &[self.id, &right.to_string()]);
        } else if kind == QuizKind::Several && right == self.written.len() {
            self.problems
                .warning("quiz-all-right", self.line, &[self.id]);
        }
    }

    /// Enough choices or steps, each with words, none twice.
    fn check_texts(&mut self) {
        self.check_count(self.written.len());
        let mut seen = BTreeSet::new();
        for written in &self.written {
            let text = &written.choice.text;
            if text.is_empty() {
                self.problems
                    .error("quiz-choice-empty", written.line, &[self.id]);
            } else if !seen.insert(text.to_lowercase()) {
                self.problems
                    .error("quiz-choice-twice", written.line, &[self.id, text]);
            }
        }
    }

    fn check_count(&mut self, number: usize) {
        if number < 2 {
            self.problems.error(
                "quiz-few-choices",
                self.line,
                &[self.id, &number.to_string()],
            );
        }
    }

    fn check_feedback(&mut self) {
        for written in &self.written {
            if !written.choice.correct && written.choice.feedback.is_empty() {
                let values = [self.id, &written.choice.text];
                self.problems
                    .error("feedback-missing", written.line, &values);
            }
        }
    }

    fn check_pairs(&mut self) {
        self.check_count(self.pairs.len());
        let (mut lefts, mut rights) = (BTreeSet::new(), BTreeSet::new());
        for (line, pair) in &self.pairs {
            if pair.left.is_empty() || pair.right.is_empty() {
                self.problems.error("quiz-choice-empty", *line, &[self.id]);
                continue;
            }
            if !lefts.insert(pair.left.to_lowercase()) {
                self.problems
                    .error("match-left-twice", *line, &[self.id, &pair.left]);
            }
            if !rights.insert(pair.right.to_lowercase()) {
                self.problems
                    .error("match-right-twice", *line, &[self.id, &pair.right]);
            }
        }
    }
}

/// Problems between questions: too few, too many, all alike, two with one name.
pub(super) fn check_all(asked: &[Asked], problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for asked in asked.iter().filter(|asked| !asked.item.id.is_empty()) {
        if !seen.insert(&asked.item.id) {
            problems.error("quiz-id-twice", asked.line, &[&asked.item.id]);
        }
    }
    let kinds: BTreeSet<QuizKind> = asked.iter().map(|asked| asked.item.kind).collect();
    if kinds.len() == 1 && asked.len() > 1 {
        let line = asked.first().map_or(1, |asked| asked.line);
        problems.error("quiz-kinds-few", line, &[&count(kinds.len()).to_string()]);
    }
}
