//! Tests of the whole module, one file per concern.

mod content;
mod languages;
mod lint;
mod memory;
mod never;
mod pack;
mod prose;
mod quiz;
mod svg;
mod vectors;

use std::collections::{BTreeMap, BTreeSet};

use super::lint::{Checked, check};

/// A picture that nothing can be said against.
pub(super) const PICTURE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180"><path d="M0 0h320v180H0z" fill="#e0b050"/></svg>"##;

/// A capsule that nothing can be said against, in English.
pub(super) const SOURCE: &str = r#"+++
title = "Lock it before you reach in"
objective = "Make a machine safe before touching it."
theme = "energy"
icon = "lock"
apply = "weak-signal"
apply_label = "Report a missing padlock"
reviewed = "2026-11-22"
expires = "2028-11-22"
[[sources]]
title = "OSHA, Control of hazardous energy"
url = "https://www.osha.gov/control-hazardous-energy"
+++

## Stopped is not safe

It may **start again**.

![A padlocked switch](switch.svg)

## Four moves

1. Separate
2. Lock

## What sleeps inside

Air, springs.

## Tomorrow

Count the padlocks.

## ? {#first} What comes first?

[( )] Reach in
> Your arm is in before the power is out.
[(X)] Cut the power
> Yes.

## ? {#moves} Put the moves in order.

[1] Separate
[2] Lock
[3] Check

***
Checking proves the rest.
***

## ? {#sure} A stopped machine is safe.

[( )] True
> It may start again.
[(X)] False
"#;

pub(super) fn forms() -> BTreeSet<String> {
    ["weak-signal", "near-miss"]
        .into_iter()
        .map(str::to_owned)
        .collect()
}

pub(super) fn media() -> BTreeMap<String, String> {
    BTreeMap::from([("switch.svg".to_owned(), PICTURE.to_owned())])
}

/// Checks a source in English on the day it was reviewed.
pub(super) fn checked(source: &str) -> Checked {
    check(source, "en", &media(), Some("2026-11-22"), &forms())
}

/// The codes of the problems with their lines, such as `12 alt-missing`.
pub(super) fn codes(source: &str) -> Vec<String> {
    let found = checked(source).problems.into_iter();
    found
        .map(|problem| format!("{} {}", problem.line, problem.code))
        .collect()
}

/// Replaces a part of the good source, which must be there.
pub(super) fn with(before: &str, after: &str) -> String {
    assert!(SOURCE.contains(before), "the good source holds {before:?}");
    SOURCE.replacen(before, after, 1)
}
