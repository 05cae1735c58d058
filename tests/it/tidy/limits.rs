//! Every limit stands in `docs/LIMITS.md`, with the value that the code gives it.

use std::collections::BTreeMap;

use super::files::{all, shipped};

/// Files with a table: the fields of `LIMITS` are listed under `<heading>.<field>`.
const TABLES: &[(&str, &str)] = &[
    ("core/src/gate/limits.rs", "gate"),
    ("sync-server/src/limit/table.rs", "server"),
];
/// Constants are limits when their names end so.
const ENDINGS: &[&str] = &["_MAX", "_TARGET", "_WITHIN", "_WITHIN_MS"];
/// What ends so in these places bounds what a person sees or writes, not what a machine may ask of
/// another: its own module says it.
const ELSEWHERE: &[&str] = &["core/src/capsule/", "core/src/form/", "core/src/features/"];

/// Name → value, of all limits in the code.
fn limits() -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut files = shipped(super::rust("core/src"));
    files.extend(shipped(super::rust("sync-server/src")));
    for file in &files {
        if let Some((_, table)) = TABLES.iter().find(|(path, _)| *path == file.path) {
            let (_, fields) = file
                .text
                .split_once("pub const LIMITS: Limits = Limits {\n")
                .expect("a table");
            let (fields, _) = fields.split_once("};").expect("the end of the table");
            for field in fields.lines() {
                let (name, value) = field.trim().split_once(": ").expect("a field");
                let value = value.trim_end_matches(',');
                found.insert(format!("{table}.{name}"), evaluate(value));
            }
        }
        if ELSEWHERE.iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        let module = file.path.trim_end_matches(".rs").rsplit('/').next();
        for line in file.text.lines() {
            let Some((_, constant)) = line.split_once("const ") else {
                continue;
            };
            let Some((name, rest)) = constant.split_once(": ") else {
                continue;
            };
            let Some((_, value)) = rest.split_once(" = ") else {
                continue;
            };
            if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
                let module = module.unwrap_or_default();
                found.insert(
                    format!("{module}.{name}"),
                    evaluate(value.trim_end_matches(';')),
                );
            }
        }
    }
    found
}

/// `25 * 1024 * 1024`, `1 << 31`, `Duration::from_secs(10)` (in milliseconds).
fn evaluate(text: &str) -> u64 {
    if let Some((scale, number)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let scale = match scale {
            "Duration::from_secs" => 1000,
            "Duration::from_millis" => 1,
            other => panic!("`{other}` is no measure"),
        };
        return evaluate(number).saturating_mul(scale);
    }
    if let Some((value, shift)) = text.split_once(" << ") {
        return evaluate(value) << evaluate(shift);
    }
    text.split(" * ")
        .map(|factor| {
            let digits = factor.replace('_', "");
            digits
                .parse::<u64>()
                .unwrap_or_else(|_| panic!("`{text}` is a limit that cannot be read"))
        })
        .product()
}

/// Name → value, of all rows in the document.
fn documented() -> BTreeMap<String, u64> {
    let docs = all("docs");
    let page = docs
        .iter()
        .find(|file| file.path == "docs/LIMITS.md")
        .expect("docs/LIMITS.md");
    let mut found = BTreeMap::new();
    for line in page.text.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let name = cells.next().expect("a name").trim_matches('`').to_owned();
        let value = cells.next().expect("a value").replace(',', "");
        let value = value
            .parse()
            .unwrap_or_else(|_| panic!("`{line}`: a value"));
        assert!(
            cells.next().is_some_and(|words| words.len() > 5),
            "`{line}` says what it is"
        );
        assert!(
            found.insert(name.clone(), value).is_none(),
            "`{name}` is there once"
        );
    }
    found
}

#[test]
fn every_limit_is_documented_with_its_value() {
    let (code, page) = (limits(), documented());
    assert!(code.len() > 60, "the limits were found");
    let mut wrong = Vec::new();
    for (name, value) in &code {
        match page.get(name) {
            Some(said) if said == value => {}
            Some(said) => wrong.push(format!("{name} is {value}, the page says {said}")),
            None => wrong.push(format!("{name} is {value}, the page does not say so")),
        }
    }
    for name in page.keys().filter(|name| !code.contains_key(*name)) {
        wrong.push(format!("{name} is on the page and nowhere else"));
    }
    super::forbid(&wrong, "docs/LIMITS.md");
}
