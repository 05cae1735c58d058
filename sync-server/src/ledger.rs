//! The ledger: what was done for good and must outlive a restore from an older backup. A file of lines
//! beside the store, and a second one beside the backups; each is only added to, before the act.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vigie_core::error::Result;
use vigie_core::id::Id;

use crate::app::App;
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::erase::Because;

/// Its name, beside the store, in each backup and beside the backups.
pub const NAME: &str = "ledger.jsonl";

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// A document was erased.
    Erase,
    /// Who made a document was forgotten.
    Disown,
    /// A person was forgotten.
    Forget,
    /// A device was revoked.
    Revoke,
    /// A device was lost.
    Lose,
    /// A document is held.
    Hold,
    /// It is held no more.
    Release,
}

/// A line of it. Never any content.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// When: milliseconds.
    pub at: i64,
    /// What.
    pub deed: Deed,
    /// The document, person or device.
    pub about: Id,
    /// A stable word.
    pub why: String,
    /// A person's id, `command-line` or `server`.
    pub who: String,
}

impl Line {
    /// A line for what is about to be done.
    #[must_use]
    pub fn new(deed: Deed, about: Id, because: &Because<'_>) -> Self {
        Self {
            at: because.at,
            deed,
            about,
            why: because.why.to_owned(),
            who: because.who.to_owned(),
        }
    }
}

/// The files.
#[derive(Debug)]
pub struct Ledger {
    files: Vec<PathBuf>,
}

impl Ledger {
    /// The ledger of a data folder, with its second file in the folder of the backups where there is
    /// one. What one of them lacks is added to it.
    ///
    /// # Errors
    /// When one cannot be read or written.
    pub fn open(data: &Path, backups: Option<&Path>) -> Result<Self> {
        let folders = std::iter::once(data).chain(backups);
        let ledger = Self {
            files: folders.map(|folder| folder.join(NAME)).collect(),
        };
        let all = ledger.lines()?;
        for file in &ledger.files {
            let known: BTreeSet<Line> = read(file)?.into_iter().collect();
            let lacking: Vec<Line> = all
                .iter()
                .filter(|line| !known.contains(line))
                .cloned()
                .collect();
            append(file, &lacking)?;
        }
        Ok(ledger)
    }

    /// Adds lines, on the disk when this returns.
    ///
    /// # Errors
    /// When one of the files cannot be written: what would not outlive a restore is not done.
    pub fn add(&self, lines: &[Line]) -> Result<()> {
        for file in &self.files {
            append(file, lines)?;
        }
        Ok(())
    }

    /// Does something for good: first adds the lines, then `act`s on `store`.
    ///
    /// # Errors
    /// When a file cannot be written; then nothing is done. Or the act's own: it is done when the
    /// server starts again.
    pub fn for_good<T>(
        &self,
        store: &Sqlite,
        lines: &[Line],
        act: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.add(lines)?;
        let done = act()?;
        let more = i64::try_from(lines.len()).unwrap_or(0);
        store.advance_chore(NAME, more)?;
        Ok(done)
    }

    /// Every line of every file, in order of time, once.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn lines(&self) -> Result<BTreeSet<Line>> {
        let mut all = BTreeSet::new();
        for file in &self.files {
            all.extend(read(file)?);
        }
        Ok(all)
    }
}

/// Adds the lines of `from` that `to` lacks.
///
/// # Errors
/// When one cannot be read or written.
pub fn merge(from: &Path, to: &Path) -> Result<()> {
    let known: BTreeSet<Line> = read(to)?.into_iter().collect();
    let lacking: Vec<Line> = read(from)?
        .into_iter()
        .filter(|line| !known.contains(line))
        .collect();
    append(to, &lacking)
}

/// Does again what the ledger says and the store does not know. Whether there was any.
///
/// # Errors
/// When the ledger cannot be read or the store cannot be written.
pub fn replay(store: &Sqlite, ledger: &Ledger) -> Result<bool> {
    let lines = ledger.lines()?;
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if store.chore(NAME)? == count {
        return Ok(false);
    }
    for line in &lines {
        redo(store, line)?;
    }
    store.put_chore(NAME, count)?;
    Ok(true)
}

fn redo(store: &Sqlite, line: &Line) -> Result<()> {
    let because = Because {
        why: &line.why,
        who: &line.who,
        at: line.at,
    };
    match line.deed {
        Deed::Erase => store.erase(line.about, &because).map(drop),
        Deed::Disown => store.disown(line.about).map(drop),
        Deed::Forget if store.knows(line.about)? => store.forget_person(line.about, &because),
        Deed::Revoke => store
            .revoke(line.about, &line.who, &line.why, line.at)
            .map(drop),
        Deed::Lose => store.lose(line.about, None, &because).map(drop),
        Deed::Hold => store.hold(line.about, &because).map(drop),
        Deed::Release => store.release(line.about, &because).map(drop),
        Deed::Forget => Ok(()),
    }
}

impl App {
    /// Does something for good: first in the ledger, then `act`.
    ///
    /// # Errors
    /// As [`Ledger::for_good`].
    pub fn for_good<T>(&self, lines: &[Line], act: impl FnOnce() -> Result<T>) -> Result<T> {
        self.ledger.for_good(&self.store, lines, act)
    }
}

fn read(file: &Path) -> Result<Vec<Line>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    // A line that the power cut through was not answered for.
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect())
}

fn append(file: &Path, lines: &[Line]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    if !ends_whole(file)? {
        text.push('\n');
    }
    for line in lines {
        text.push_str(&serde_json::to_string(line)?);
        text.push('\n');
    }
    let mut open = OpenOptions::new().append(true).create(true).open(file)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Whether the file ends with a whole line.
fn ends_whole(file: &Path) -> Result<bool> {
    match fs::read(file) {
        Ok(bytes) => Ok(bytes.last().is_none_or(|last| *last == b'\n')),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error.into()),
    }
}
