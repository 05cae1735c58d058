//! Codes, and the guard. Poison is tried in `tests/it/gate`.

use super::guard::{guarded, is_guarded};
use super::refusal::Code;

#[test]
fn every_code_has_its_own_kebab_case_name() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    for name in &names {
        assert!(
            name.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "`{name}` is not kebab-case"
        );
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two codes share a name");
}

#[test]
fn a_panic_under_the_guard_is_a_refusal_and_the_guard_comes_down() {
    let outcome = guarded(Code::ApplyPanicked, || {
        assert!(!is_guarded(), "boom on purpose");
    });
    let refusal = outcome.err().unwrap();
    assert_eq!(
        refusal.code,
        Code::ApplyPanicked,
        "with the code that was asked for"
    );
    assert!(
        refusal.detail.contains("boom"),
        "and the panic's own words: {refusal}"
    );
    assert!(!is_guarded(), "the guard is down again");
}
