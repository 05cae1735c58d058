//! The files of the project, as text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A text file.
#[derive(Clone)]
pub(crate) struct File {
    /// From the root of the project, with `/`.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

/// What is built, fetched, generated or kept.
const SKIPPED: &[&str] = &[
    "target",
    "node_modules",
    "build",
    ".svelte-kit",
    ".git",
    ".cargo",
    "data",
    "gen",
];

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file below a folder of the project, by path.
pub(crate) fn all(folder: &str) -> Vec<File> {
    let mut files = Vec::new();
    read(&root().join(folder), folder, &mut files);
    assert!(!files.is_empty(), "`{folder}` has files");
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn read(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("a folder's entry can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() {
            read(&entry.path(), &path, files);
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            // What is no text is no matter of style.
            files.push(File { path, text });
        }
    }
}

/// What of these Rust files is shipped: no test files, and files up to their `#[cfg(test)]`.
pub(crate) fn shipped(files: Vec<File>) -> Vec<File> {
    let tests = test_modules(&files);
    let is_test = |path: &str| {
        path.contains("/tests/")
            || path.ends_with("tests.rs")
            || tests.iter().any(|module| {
                path == format!("{module}.rs") || path.starts_with(&format!("{module}/"))
            })
    };
    files
        .into_iter()
        .filter(|file| !is_test(&file.path))
        .map(|mut file| {
            // A test module with a body ends the file; one in a file of its own does not.
            if let Some(at) = file.text.find("#[cfg(test)]\nmod tests {") {
                file.text.truncate(at);
            }
            file
        })
        .collect()
}

/// The paths, without `.rs`, of modules declared under `#[cfg(test)]`.
fn test_modules(files: &[File]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files {
        let stem = file.path.trim_end_matches(".rs");
        let folder = stem
            .strip_suffix("/mod")
            .or_else(|| stem.strip_suffix("/lib"))
            .or_else(|| stem.strip_suffix("/main"))
            .unwrap_or(stem);
        let mut lines = file.text.lines();
        while let Some(line) = lines.next() {
            if line.trim() == "#[cfg(test)]"
                && let Some(declared) = lines.next()
                && let Some((_, name)) = declared.split_once("mod ")
                && let Some(name) = name.strip_suffix(';')
            {
                found.insert(format!("{folder}/{name}"));
            }
        }
    }
    found
}
