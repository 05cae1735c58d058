//! Everything that reads what comes from a network, each as a function of bytes.
//!
//! It must not panic, and says what else must hold. `tests/it/fuzz.rs` calls them with what is kept and some mutations of it;
//! `tests/fuzz/` lets libFuzzer call them.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "whatever goes wrong here is found by it"
)]

mod content;
mod door;
mod gate;
mod ground;
mod known;
mod mutate;
mod story;
mod tally;
mod wire;
mod write;

pub use ground::{honest, populated};
pub use mutate::mutate;
pub use tally::{pushes, tally};

use std::path::PathBuf;

use crate::counted::peak_of;

/// Most memory that one input may take: bytes.
const MEMORY_MAX: usize = 64 * 1024 * 1024;

/// Something that reads what comes from a network.
pub struct Target {
    /// Its name: that of its folders.
    pub name: &'static str,
    /// Reads these bytes; panics when something that must hold does not.
    run: fn(&[u8]),
    /// What to begin with: real ones, and what is known to hurt.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// The longest input that is tried: bytes.
    pub longest: usize,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "change",
        run: gate::change,
        seeds: gate::change_seeds,
        longest: 4096,
    },
    Target {
        name: "gate",
        run: story::story,
        seeds: story::seeds,
        longest: story::LONGEST,
    },
    Target {
        name: "document",
        run: gate::document,
        seeds: gate::document_seeds,
        longest: 8192,
    },
    Target {
        name: "stream",
        run: wire::stream,
        seeds: wire::stream_seeds,
        longest: 16_384,
    },
    Target {
        name: "request",
        run: wire::request,
        seeds: wire::request_seeds,
        longest: 8192,
    },
    Target {
        name: "answer",
        run: wire::answer,
        seeds: wire::answer_seeds,
        longest: 16_384,
    },
    Target {
        name: "pack",
        run: content::pack,
        seeds: content::pack_seeds,
        longest: 65_536,
    },
    Target {
        name: "form",
        run: content::form,
        seeds: content::form_seeds,
        longest: 32_768,
    },
    Target {
        name: "kind",
        run: content::kind,
        seeds: content::kind_seeds,
        longest: 32_768,
    },
    Target {
        name: "upload",
        run: door::upload,
        seeds: door::upload_seeds,
        longest: 1024,
    },
    Target {
        name: "code",
        run: door::code,
        seeds: door::code_seeds,
        longest: 512,
    },
    Target {
        name: "ledger",
        run: door::ledger,
        seeds: door::ledger_seeds,
        longest: 2048,
    },
];

impl Target {
    /// The target of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Tries an input.
    ///
    /// # Panics
    /// When something that must hold does not.
    pub fn attempt(&self, input: &[u8]) {
        let ((), peak) = peak_of(|| (self.run)(input));
        assert!(peak <= MEMORY_MAX, "{peak} bytes of memory for one input");
    }

    /// What is kept of it in `corpus` (what reaches far) or `found` (what once went wrong), by name.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn kept(&self, folder: &str) -> std::io::Result<Vec<(PathBuf, Vec<u8>)>> {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"));
        let entries = match std::fs::read_dir(path.join(folder).join(self.name)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let content = std::fs::read(&path)?;
            files.push((path, content));
        }
        files.sort();
        Ok(files)
    }
}

/// Takes numbers and choices out of an input; zeros once it is used up.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// One of these.
    fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[usize::from(self.byte()) % list.len()]
    }

    /// The next ones, at most so many.
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn rest(self) -> &'a [u8] {
        self.0
    }
}
