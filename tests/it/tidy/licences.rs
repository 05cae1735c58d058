//! Every crate that is linked may be: its licence leaves our users free.

use std::process::Command;

use serde_json::Value;

use super::files::root;

/// The same list as in `deny.toml`.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // Mozilla’s certificate roots: data.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// All packages that cargo knows of.
pub(crate) fn metadata() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    metadata["packages"]
        .as_array()
        .expect("packages are a list")
        .clone()
}

/// Whether a licence expression leaves a choice that is allowed.
fn allows(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    any(&mut rest) && rest.is_empty()
}

/// `A OR B`.
fn any(rest: &mut &[&str]) -> bool {
    let mut allowed = every(rest);
    while let [first, after @ ..] = *rest
        && *first == "OR"
    {
        *rest = after;
        // Both sides are always read.
        allowed = every(rest) || allowed;
    }
    allowed
}

/// `A AND B`.
fn every(rest: &mut &[&str]) -> bool {
    let mut allowed = one(rest);
    while let [first, after @ ..] = *rest
        && *first == "AND"
    {
        *rest = after;
        allowed = one(rest) && allowed;
    }
    allowed
}

/// A name, a name with an exception, or an expression in brackets.
fn one(rest: &mut &[&str]) -> bool {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let allowed = any(rest);
            if let [")", after @ ..] = *rest {
                *rest = after;
            }
            allowed
        }
        // An exception only ever allows more.
        [name, "WITH", _, after @ ..] | [name, after @ ..] => {
            *rest = after;
            ALLOWED.contains(name)
        }
        [] => false,
    }
}

#[test]
fn licence_expressions_are_read() {
    for yes in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "(MIT OR GPL-2.0-only) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(allows(yes), "{yes}");
    }
    for no in [
        "",
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "LGPL-2.1-or-later",
        "MIT )",
    ] {
        assert!(!allows(no), "{no}");
    }
}

#[test]
fn every_crate_has_a_licence_that_we_may_ship() {
    let packages = metadata();
    assert!(packages.len() > 100, "all packages were found");
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !package["license"].as_str().is_some_and(allows))
        .map(|package| format!("{} ({})", package["name"], package["license"]))
        .collect();
    super::forbid(&refused, "licences that are not on the list");
}

#[test]
fn crates_come_from_the_registry_or_from_here() {
    let elsewhere: Vec<String> = metadata()
        .iter()
        .filter(|package| {
            let source = package["source"].as_str();
            source.is_some_and(|source| !source.contains("crates.io"))
        })
        .map(|package| format!("{} ({})", package["name"], package["source"]))
        .collect();
    super::forbid(&elsewhere, "crates from elsewhere");
}
