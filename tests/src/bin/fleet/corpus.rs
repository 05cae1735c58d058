//! Reports of the corpus, as lines of JSON, become sealed reports.

use std::io::BufRead as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;
use vigie_core::form::{Answers, FormProgram};
use vigie_core::{Id, Moment};
use vigie_tests::bulk::Sealed;
use vigie_tests::chance::Chance;

/// The form that asks for everything that a line says.
pub(crate) const FORM: &str = include_str!("report.toml");

/// One line.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) id: Id,
    /// Its site.
    pub(crate) site: Id,
    /// Who made it.
    pub(crate) reporter: Id,
    sealed: String,
    #[serde(flatten)]
    rest: Value,
}

impl Line {
    /// The report that it is; its answers are what the form asks for.
    ///
    /// # Errors
    /// When something has another shape than the form says.
    pub(crate) fn sealed(&self, chance: &mut Chance, program: &FormProgram) -> Result<Sealed> {
        let at: jiff::Timestamp = self.sealed.parse()?;
        let ms = at.as_millisecond();
        let answers: Answers = program
            .questions
            .iter()
            .filter_map(|question| Some((&question.name, self.rest.get(&question.name)?)))
            .map(|(name, value)| Ok((name.clone(), serde_json::from_value(value.clone())?)))
            .collect::<Result<_>>()?;
        Ok(Sealed {
            report: self.id,
            reporter: chance.id(ms),
            person: self.reporter,
            site: self.site,
            at: Moment {
                ms,
                offset_minutes: 0,
            },
            answers,
        })
    }
}

/// The first `count` lines of a file.
///
/// # Errors
/// When there are fewer, or one is not a report.
pub(crate) fn read(path: &Path, count: usize) -> Result<Vec<Line>> {
    let file = std::fs::File::open(path).with_context(|| path.display().to_string())?;
    let lines: Vec<Line> = std::io::BufReader::new(file)
        .lines()
        .take(count)
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect::<Result<_>>()?;
    anyhow::ensure!(lines.len() == count, "the corpus has {}", lines.len());
    Ok(lines)
}
