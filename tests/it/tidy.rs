//! The rules of the house, as tests: who may depend on whom, what no file may hold.

mod files;
mod licences;
mod limits;
mod wording;

use files::{File, all, shipped};

/// Longest file, in lines.
const LINES_MAX: usize = 600;

/// Fails with every line that says something forbidden.
fn forbid(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// `path:line: text` of every line of these files that `bad` dislikes.
fn lines(files: &[File], bad: impl Fn(&File, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in (1..).zip(file.text.lines()) {
            if bad(file, line) {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    found
}

/// Files of a folder, Rust only.
fn rust(folder: &str) -> Vec<File> {
    all(folder)
        .into_iter()
        .filter(|file| file.path.ends_with(".rs"))
        .collect()
}

/// The feature whose folder holds the file.
fn feature_of(path: &str) -> &str {
    let rest = path.strip_prefix("core/src/features/").unwrap_or_default();
    rest.split(['/', '.']).next().unwrap_or_default()
}

/// The features, by their folders.
fn features() -> Vec<String> {
    let mut names: Vec<String> = all("core/src/features")
        .iter()
        .filter(|file| file.path.ends_with("/mod.rs"))
        .map(|file| feature_of(&file.path).to_owned())
        .collect();
    names.dedup();
    names
}

/// Whether a line of code names a module of `crate::features`.
fn names_feature(line: &str, feature: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    [
        format!("features::{feature}::"),
        format!("features::{feature};"),
    ]
    .iter()
    .any(|name| code.contains(name))
}

#[test]
fn a_feature_names_no_other_feature() {
    let known = features();
    assert!(known.len() > 4, "the features were found: {known:?}");
    let found = lines(&rust("core/src/features"), |file, line| {
        let own = feature_of(&file.path);
        known.iter().any(|other| {
            other != own
                && (names_feature(line, other) || line.contains(&format!("super::super::{other}")))
        })
    });
    forbid(&found, "features meet by ids and kinds, never by name");
}

#[test]
fn sync_store_and_gate_name_no_feature() {
    let known = features();
    for folder in [
        "core/src/sync",
        "core/src/store",
        "core/src/gate",
        "sync-server/src/store",
    ] {
        let found = lines(&shipped(rust(folder)), |_, line| {
            known.iter().any(|feature| names_feature(line, feature))
        });
        forbid(
            &found,
            "what keeps and moves documents sees ids, kinds and bytes",
        );
    }
}

#[test]
fn models_and_documents_are_pure() {
    let impure = [
        "rusqlite",
        "reqwest",
        "tokio",
        "tauri",
        "axum",
        "std::fs",
        "std::net",
        "std::time",
    ];
    let pure: Vec<File> = rust("core/src/features")
        .into_iter()
        .filter(|file| file.path.ends_with("/model.rs") || file.path.ends_with("/document.rs"))
        .collect();
    assert!(pure.len() > 4, "models and documents were found");
    let found = lines(&pure, |_, line| {
        impure.iter().any(|name| line.contains(name))
    });
    forbid(
        &found,
        "model.rs and document.rs know no file, network or clock",
    );
}

#[test]
fn core_has_no_network_clock_or_thread() {
    let banned = [
        "std::net",
        "std::thread",
        "Instant::now",
        "SystemTime::now",
        "Timestamp::now",
    ];
    let found = lines(&shipped(rust("core/src")), |_, line| {
        let code = line.split("//").next().unwrap_or_default();
        banned.iter().any(|name| code.contains(name))
    });
    forbid(&found, "time, ids and bytes are passed to core");
}

#[test]
fn the_crates_depend_as_the_house_says() {
    let metadata = licences::metadata();
    for (name, banned) in [
        (
            "vigie-core",
            [
                "vigie-server",
                "vigie-app",
                "tokio",
                "reqwest",
                "axum",
                "tauri",
                "getrandom",
            ],
        ),
        (
            "vigie-server",
            [
                "vigie-app",
                "tauri",
                "reqwest",
                "chrono",
                "rand",
                "diesel",
                "sqlx",
            ],
        ),
        (
            "vigie-app",
            [
                "vigie-server",
                "axum",
                "chrono",
                "rand",
                "diesel",
                "sqlx",
                "openssl",
            ],
        ),
    ] {
        let package = metadata
            .iter()
            .find(|package| package["name"] == name)
            .unwrap_or_else(|| panic!("`{name}` is in the workspace"));
        let dependencies: Vec<&str> = package["dependencies"]
            .as_array()
            .expect("dependencies are a list")
            .iter()
            .filter(|dependency| dependency["kind"].is_null())
            .filter_map(|dependency| dependency["name"].as_str())
            .collect();
        for bad in banned {
            assert!(!dependencies.contains(&bad), "`{name}` depends on `{bad}`");
        }
    }
}

#[test]
fn nothing_unfinished_is_shipped() {
    // In two halves, so that this file may be read by its own rule.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
    ];
    let calls = [
        concat!("dbg", "!("),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    let found = lines(&all(""), |file, line| {
        let code = !file.path.ends_with(".json") && !file.path.ends_with(".lock");
        code && words.iter().chain(&calls).any(|word| line.contains(word))
    });
    forbid(&found, "what is not finished does not ship");
}

#[test]
fn shipped_code_does_not_unwrap() {
    let mut code = shipped(rust("core/src"));
    code.extend(shipped(rust("src-tauri/src")));
    code.extend(shipped(rust("sync-server/src")));
    let found = lines(&code, |_, line| {
        !line.trim_start().starts_with("//") && line.contains(concat!(".unwrap", "()"))
    });
    forbid(&found, "nothing panics on someone's phone");
}

#[test]
fn no_file_is_too_long() {
    let endings = [".rs", ".ts", ".svelte", ".js", ".mjs", ".css"];
    let found: Vec<String> = all("")
        .iter()
        .filter(|file| endings.iter().any(|ending| file.path.ends_with(ending)))
        .filter(|file| !file.path.contains("/generated/"))
        .map(|file| (file.text.lines().count(), &file.path))
        .filter(|(count, _)| *count > LINES_MAX)
        .map(|(count, path)| format!("{path}: {count} lines"))
        .collect();
    forbid(&found, "a long file is two files");
}

#[test]
fn every_rust_file_says_what_it_is() {
    let found: Vec<String> = ["core", "src-tauri", "sync-server", "tests"]
        .iter()
        .flat_map(|folder| rust(folder))
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    forbid(&found, "a file begins with `//!` and what it is");
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let places = [
        "/home/",
        "/root/",
        "/Users/",
        concat!("/wo", "rk/"),
        concat!("..", "/shared"),
    ];
    let found = lines(&all(""), |file, line| {
        // Addresses of the web have paths of their own.
        !file.path.starts_with("tests/it/tidy")
            && !file.path.ends_with(".lock")
            && !line.contains("://")
            && places.iter().any(|place| line.contains(place))
    });
    forbid(&found, "the project is the same everywhere");
}

#[test]
fn every_decision_is_a_numbered_question() {
    let mut numbers = std::collections::BTreeSet::new();
    for file in all("docs/adr") {
        let name = file.path.trim_start_matches("docs/adr/");
        let number = name.split('-').next().unwrap_or_default();
        assert!(
            number.len() == 4 && numbers.insert(number.to_owned()),
            "`{name}` has its own number"
        );
        let title = file.text.lines().next().unwrap_or_default();
        assert!(
            title.ends_with('?'),
            "{}: the title is a question: {title}",
            file.path
        );
        let lines = file.text.lines().count();
        assert!(lines <= 60, "{}: a decision is one page", file.path);
    }
}

#[test]
fn every_command_is_in_the_documentation() {
    let documented = all("docs")
        .into_iter()
        .find(|file| file.path == "docs/COMMANDS.md");
    let documented = documented.expect("docs/COMMANDS.md is there").text;
    let missing: Vec<String> = shipped(rust("core/src"))
        .iter()
        .flat_map(|file| file.text.split("command!(\"").skip(1).map(str::to_owned))
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .filter(|name| name.contains('.') && !documented.contains(&format!("`{name}`")))
        .collect();
    forbid(&missing, "commands without a line in docs/COMMANDS.md");
}

#[test]
fn links_in_the_documentation_lead_somewhere() {
    let mut broken = Vec::new();
    let pages = all("")
        .into_iter()
        .filter(|file| file.path.ends_with(".md"));
    for page in pages.filter(|file| !file.path.starts_with("content/")) {
        let (folder, _) = page.path.rsplit_once('/').unwrap_or_default();
        for link in page
            .text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap_or_default();
            let here = !link.contains("://") && !path.is_empty();
            if here && !files::root().join(folder).join(path).exists() {
                broken.push(format!("{}: {link}", page.path));
            }
        }
    }
    forbid(&broken, "links that lead nowhere");
}
