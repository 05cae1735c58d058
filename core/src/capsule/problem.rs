//! What the lint says: a stable code, a line, and the values its message needs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How many problems are reported at most for one source.
pub(super) const PROBLEMS_MAX: usize = 200;

/// Whether a problem stops publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Stops publication.
    Error,
    /// Worth a look.
    Warning,
}

/// One thing to put right in a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Problem {
    /// Stable, lower-case with hyphens; the screens translate it.
    pub code: String,
    /// Line of the source, counted from 1.
    pub line: u32,
    /// Whether it stops publication.
    #[ts(inline)]
    pub severity: Level,
    /// Values for the message, in order.
    pub values: Vec<String>,
}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Records a problem that stops publication.
    pub(super) fn error(&mut self, code: &str, line: u32, values: &[&str]) {
        self.push(code, line, Level::Error, values);
    }

    /// Records a problem worth a look.
    pub(super) fn warning(&mut self, code: &str, line: u32, values: &[&str]) {
        self.push(code, line, Level::Warning, values);
    }

    fn push(&mut self, code: &str, line: u32, severity: Level, values: &[&str]) {
        let problem = Problem {
            code: code.to_owned(),
            line: line.max(1),
            severity,
            values: values.iter().map(|value| shortened(value)).collect(),
        };
        if self.found.len() < PROBLEMS_MAX && !self.found.contains(&problem) {
            self.found.push(problem);
        }
    }

    /// All problems by line, errors before warnings on the same line.
    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        self.found
            .sort_by_key(|problem| (problem.line, problem.severity));
        self.found
    }
}

/// Values quote the source: long quotes are cut so that a message stays a message.
fn shortened(value: &str) -> String {
    const CHARACTERS_MAX: usize = 120;
    if value.chars().count() <= CHARACTERS_MAX {
        return value.to_owned();
    }
    let mut cut: String = value.chars().take(CHARACTERS_MAX).collect();
    cut.push('…');
    cut
}
