//! Every message exists in every language, is named by a screen, and every error has its words.

use std::collections::{BTreeMap, BTreeSet};

use vigie_core::error::Code;

use super::files::{File, all};

const LANGUAGES: &[&str] = &["fr", "en"];

/// Literals that look like messages and are ids of elements or keys of storage.
const NO_MESSAGES: &[&str] = &["studio-refused", "form-1"];

/// Message id → file, of one language.
fn messages(language: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in all(&format!("content/wording/{language}")) {
        for line in file.text.lines() {
            let Some((id, _)) = line.split_once(" =") else {
                continue;
            };
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(plain) {
                let before = found.insert(id.to_owned(), file.path.clone());
                assert!(
                    before.is_none(),
                    "`{id}` is said twice: {} and {before:?}",
                    file.path
                );
            }
        }
    }
    found
}

fn screens() -> Vec<File> {
    all("ui/src")
        .into_iter()
        .filter(|file| file.path.ends_with(".svelte") || file.path.ends_with(".ts"))
        .filter(|file| !file.path.ends_with(".test.ts") && !file.path.contains("/generated/"))
        .collect()
}

/// The texts between `quote` marks that are kebab-case.
fn literals(text: &str, quote: char) -> impl Iterator<Item = &str> {
    text.split(quote).filter(|part| {
        part.contains('-')
            && part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    })
}

/// What stands before `${` in template literals.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    text.split('`')
        .filter_map(|part| part.split_once("${"))
        .map(|(before, _)| before)
}

#[test]
fn every_language_says_the_same_things() {
    let french: BTreeSet<String> = messages("fr").into_keys().collect();
    assert!(french.len() > 300, "the messages were found");
    for language in LANGUAGES {
        let others: BTreeSet<String> = messages(language).into_keys().collect();
        let differing: Vec<String> = french.symmetric_difference(&others).cloned().collect();
        super::forbid(
            &differing,
            &format!("messages of only one of fr and {language}"),
        );
    }
}

#[test]
fn every_error_has_its_words_in_every_language() {
    for language in LANGUAGES {
        let known = messages(language);
        let missing: Vec<String> = Code::ALL
            .iter()
            .map(|code| format!("error-{}", code.as_str()))
            .filter(|id| !known.contains_key(id))
            .collect();
        super::forbid(&missing, &format!("errors without words in {language}"));
    }
}

#[test]
fn every_message_that_a_screen_names_exists() {
    let known = messages("fr");
    let areas: BTreeSet<&str> = known.keys().filter_map(|id| id.split('-').next()).collect();
    let mut missing = Vec::new();
    for file in screens() {
        for id in literals(&file.text, '\'') {
            let area = id.split('-').next().unwrap_or_default();
            if areas.contains(area) && !known.contains_key(id) && !NO_MESSAGES.contains(&id) {
                missing.push(format!("{id} in {}", file.path));
            }
        }
    }
    super::forbid(&missing, "messages that are not in content/wording");
}

#[test]
fn every_message_is_named_by_a_screen() {
    let screens = screens();
    let mut named = BTreeSet::new();
    let mut begun = BTreeSet::new();
    for file in &screens {
        named.extend(literals(&file.text, '\''));
        begun.extend(beginnings(&file.text).filter(|part| part.contains('-')));
    }
    let unused: Vec<String> = messages("fr")
        .into_iter()
        .filter(|(id, _)| !named.contains(id.as_str()))
        .filter(|(id, _)| !begun.iter().any(|beginning| id.starts_with(beginning)))
        .map(|(id, file)| format!("{id} in {file}"))
        .collect();
    super::forbid(&unused, "messages that nothing says");
}
