//! Forms and capsules from a folder: checked, and published through the server's own device.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use vigie_core::capsule::{Level, lint};
use vigie_core::error::{Error, Result};
use vigie_core::form::{self, FormProgram, SourceProblem};

use crate::app::App;

/// Something to put right in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// Whether it stops publication.
    pub stops: bool,
}

/// What publishing a folder came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Forms with their latest release.
    pub forms: BTreeMap<String, u64>,
    /// Capsules with their latest release.
    pub capsules: BTreeMap<String, u64>,
    /// How many releases were made; none when all was there already.
    pub releases: usize,
}

/// A capsule's folder.
struct Folder {
    slug: String,
    path: PathBuf,
    /// By language.
    source: BTreeMap<String, String>,
    /// By file name.
    media: BTreeMap<String, String>,
}

/// Publishes every form and every capsule of a folder; what is there already is left alone.
///
/// # Errors
/// When a file cannot be read, or has problems that forbid publishing: `lint` names them.
pub fn publish(app: &App, folder: &Path) -> Result<Published> {
    let mut published = Published::default();
    for (path, source) in forms(folder)? {
        let program = compile(&source)
            .map_err(|_problems| Error::invalid(format!("`{}` has problems", path.display())))?;
        let input = json!({ "slug": program.slug, "source": source });
        let before = release_of(app, &program.slug)?;
        let output = app.system.call(app, "form.publish", input)?;
        let release = output
            .get("release")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0);
        if before != Some(release) {
            published.releases = published.releases.saturating_add(1);
        }
        published.forms.insert(program.slug, release);
    }
    for capsule in capsules(folder)? {
        let input =
            json!({ "slug": capsule.slug, "source": capsule.source, "media": capsule.media });
        let output = app
            .system
            .call(app, "studio.import", input)
            .map_err(|error| {
                Error::new(
                    error.code(),
                    format!("capsule `{}`: {}", capsule.slug, error.message()),
                )
            })?;
        if output.get("published").and_then(serde_json::Value::as_bool) == Some(true) {
            published.releases = published.releases.saturating_add(1);
        }
        let version = output
            .get("version")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or(0);
        published.capsules.insert(capsule.slug, version);
    }
    Ok(published)
}

/// The latest release of a form that the organisation has.
fn release_of(app: &App, slug: &str) -> Result<Option<u64>> {
    let forms = app.system.call(app, "form.list", json!({}))?;
    let known = forms
        .as_array()
        .into_iter()
        .flatten()
        .find(|form| form.get("slug").and_then(serde_json::Value::as_str) == Some(slug));
    Ok(known
        .and_then(|form| form.get("release"))
        .and_then(serde_json::Value::as_u64))
}

/// Everything that is to be put right in a folder. `today` is `YYYY-MM-DD`.
///
/// # Errors
/// When a file cannot be read.
pub fn lint(folder: &Path, today: &str) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut known = BTreeSet::new();
    for (path, source) in forms(folder)? {
        match compile(&source) {
            Ok(program) => {
                known.insert(program.slug);
            }
            Err(problems) => findings.extend(problems.into_iter().map(|problem| Finding {
                file: path.clone(),
                line: line(&source, &problem),
                message: problem.to_string(),
                stops: true,
            })),
        }
    }
    for capsule in capsules(folder)? {
        for (language, source) in &capsule.source {
            let checked = lint::check(source, language, &capsule.media, Some(today), &known);
            findings.extend(checked.problems.into_iter().map(|problem| {
                Finding {
                    file: capsule.path.join(format!("{language}.md")),
                    line: usize::try_from(problem.line).unwrap_or(1),
                    message: [problem.code.as_str(), &problem.values.join(", ")]
                        .join(" ")
                        .trim()
                        .to_owned(),
                    stops: problem.severity == Level::Error,
                }
            }));
        }
    }
    Ok(findings)
}

fn compile(source: &str) -> std::result::Result<FormProgram, Vec<SourceProblem>> {
    form::compile(source, "form", 1)
}

/// The line of a problem: of a syntax error as it says, else of the question's name.
fn line(source: &str, problem: &SourceProblem) -> usize {
    if let (true, Some(line)) = (problem.question.is_empty(), problem.position) {
        return line;
    }
    let name = format!("name = \"{}\"", problem.question);
    let found = source.lines().position(|line| line.trim() == name);
    found.map_or(1, |index| index.saturating_add(1))
}

/// `forms/*.toml`, by name.
fn forms(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    entries(&folder.join("forms"))?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| Ok((path.clone(), read(&path)?)))
        .collect()
}

/// `capsules/<slug>/{fr,en}.md` with `media/*.svg`, by slug.
fn capsules(folder: &Path) -> Result<Vec<Folder>> {
    let mut found = Vec::new();
    for path in entries(&folder.join("capsules"))? {
        let Some(slug) = name_of(&path).filter(|_| path.is_dir()) else {
            continue;
        };
        let mut capsule = Folder {
            slug: slug.to_owned(),
            path: path.clone(),
            source: BTreeMap::new(),
            media: BTreeMap::new(),
        };
        for file in entries(&path)? {
            let language = file.file_stem().and_then(|name| name.to_str());
            if let (Some(language), true) = (language, name_of(&file).is_some_and(is_markdown)) {
                capsule.source.insert(language.to_owned(), read(&file)?);
            }
        }
        for file in entries(&path.join("media"))? {
            if let Some(name) = name_of(&file) {
                capsule.media.insert(name.to_owned(), read(&file)?);
            }
        }
        if !capsule.source.is_empty() {
            found.push(capsule);
        }
    }
    Ok(found)
}

fn is_markdown(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "md")
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name().and_then(|name| name.to_str())
}

/// What a folder holds, by name; nothing when there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .map_err(|error| Error::invalid(format!("`{}`: {error}", path.display())))
}
