//! Whatever is written, the lint answers, and what comes out is safe.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::super::lint::{Checked, check};
use super::super::pack::{pack, unpack};
use super::super::{svg, typography};
use super::{SOURCE, forms, media};

/// Pieces of the dialect and of what an attacker would write.
const PIECES: &[&str] = &[
    "+++\n",
    "\n",
    "## ",
    "## ? {#a} ",
    "?",
    "[(X)] ",
    "[( )] ",
    "[[X]] ",
    "[[ ]] ",
    "[[",
    "]]",
    "[1] ",
    "[a] = [b]\n",
    "> ",
    "***\n",
    "![",
    "](switch.svg)",
    "](x",
    "<b>",
    "<script>",
    "<",
    "&",
    "&amp;",
    "\"",
    "- ",
    "1. ",
    "|a|\n|-|\n",
    "```\n",
    "    ",
    "\t",
    "*",
    "**",
    "_",
    "`",
    "é",
    "\u{202f}",
    "\u{0}",
    "\u{301}",
    "title = ",
    "[[sources]]\n",
    "[[= ",
    "± ",
    "1,5 ",
    "-",
    "\\",
    "[x]: y\n",
    "\r",
    "« ",
    "word ",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES);
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

fn safe(checked: Checked) -> Result<(), proptest::test_runner::TestCaseError> {
    prop_assert!(checked.problems.len() <= 200, "problems are bounded");
    if let Some(mut capsule) = checked.capsule {
        capsule.language = "fr".into();
        let capsules = BTreeMap::from([("fr".to_owned(), capsule)]);
        prop_assert_eq!(
            unpack(&pack(&capsules)),
            Ok(capsules),
            "what was read is safe"
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_answered(source in any::<String>(), language in any::<String>()) {
        safe(check(&source, &language, &media(), Some(&language), &forms()))?;
    }

    #[test]
    fn any_pieces_of_the_dialect_are_answered(body in pieces()) {
        safe(check(&body, "fr", &media(), Some("2026-11-22"), &forms()))?;
        let head = SOURCE.split("## ").next().unwrap_or("");
        safe(check(&format!("{head}{body}"), "fr", &media(), Some("2026-11-22"), &forms()))?;
    }

    #[test]
    fn a_good_source_spoilt_anywhere_is_answered(at in 0_usize..2000, piece in pieces()) {
        let at = at.min(SOURCE.len());
        let (before, after) = SOURCE.split_at(at);
        safe(check(&format!("{before}{piece}{after}"), "en", &media(), None, &forms()))?;
        safe(check(before, "en", &media(), None, &forms()))?;
    }

    #[test]
    fn any_picture_and_any_pack_are_answered(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        prop_assert!(svg::check("a.svg", &text).len() <= 200, "problems are bounded");
        prop_assert!(unpack(&bytes).is_err(), "random bytes are no pack");
    }

    #[test]
    fn any_line_may_be_french(text in any::<String>()) {
        let lines = [super::super::outline::Line { number: 1, text: &text }];
        typography::check(&lines, &mut super::super::problem::Problems::default());
    }
}

#[test]
fn long_repetitions_are_answered_in_time() {
    let head = SOURCE.split("## ").next().unwrap_or("");
    for piece in PIECES {
        let room = (64 * 1024 - head.len()) / piece.len();
        let source = format!("{head}{}", piece.repeat(room));
        let checked = check(&source, "fr", &media(), None, &forms());
        assert!(
            !checked.problems.is_empty(),
            "{piece:?} again and again is no capsule"
        );
        let bare = check(
            &piece.repeat(64 * 1024 / piece.len()),
            "fr",
            &media(),
            None,
            &forms(),
        );
        assert_eq!(
            bare.capsule, None,
            "{piece:?} again and again has no header"
        );
    }
    let nested = format!("+++\nx = {}\n+++\n", "[".repeat(60_000));
    let problems = check(&nested, "fr", &media(), None, &forms()).problems;
    assert!(
        problems
            .iter()
            .any(|problem| problem.code == "header-broken"),
        "deep TOML"
    );
}
