//! What the lint says of headers, cards, times and dates.

use std::collections::BTreeMap;

use super::super::lint::check;
use super::super::{Level, QuizKind};
use super::{SOURCE, checked, codes, forms, media, with};

#[track_caller]
fn says(before: &str, after: &str, expected: &[&str]) {
    assert_eq!(
        codes(&with(before, after)),
        expected,
        "after replacing {before:?} by {after:?}"
    );
}

#[test]
fn a_good_source_is_read_whole_and_nothing_is_said() {
    let checked = checked(SOURCE);
    assert_eq!(checked.problems, [], "the good source has no problem");
    let capsule = checked.publishable().expect("it may be published");
    assert_eq!(capsule.title, "Lock it before you reach in", "title");
    assert_eq!(capsule.language, "en", "language");
    assert_eq!(capsule.slug, "", "the caller names it");
    assert_eq!(capsule.apply.as_deref(), Some("weak-signal"), "apply");
    assert_eq!(capsule.cards.len(), 4, "cards");
    let kinds: Vec<QuizKind> = capsule.quiz.iter().map(|item| item.kind).collect();
    assert_eq!(
        kinds,
        [QuizKind::One, QuizKind::Order, QuizKind::TrueFalse],
        "kinds"
    );
    assert_eq!(capsule.media, media(), "its picture comes with it");
    // 21 words at 220 a minute, one picture, three questions, one explanation.
    assert_eq!(capsule.seconds, 6 + 5 + 45 + 10, "estimated time");
}

#[test]
fn line_ends_and_byte_order_marks_of_other_systems_change_nothing() {
    let windows = format!("\u{feff}{}", SOURCE.replace('\n', "\r\n"));
    assert_eq!(
        checked(&windows),
        checked(SOURCE),
        "same capsule from a Windows editor"
    );
}

#[test]
fn a_header_is_needed_closed_and_readable() {
    assert_eq!(codes("Hello")[0], "1 header-missing", "no header");
    assert_eq!(
        codes("+++\ntitle = \"x\"\n")[0],
        "1 header-unclosed",
        "open header"
    );
    says("theme = \"energy\"", "theme = energy", &["4 header-broken"]);
    says("icon = \"lock\"", "icon = 3", &["5 header-wrong-type"]);
    says("icon = \"lock\"", "icon = \"../x\"", &["5 icon-invalid"]);
    says(
        "icon = \"lock\"",
        "icon = \"lock\"\ncolour = \"red\"",
        &["6 header-unknown"],
    );
    says(
        "title = \"Lock it before you reach in\"\n",
        "",
        &["1 header-missing-field"],
    );
    says(
        "theme = \"energy\"",
        "theme = \"cooking\"",
        &["4 theme-unknown"],
    );
}

#[test]
fn a_capsule_has_one_objective() {
    let objective = "\"Make a machine safe before touching it.\"";
    says(objective, "\"\"", &["3 header-missing-field"]);
    says(
        objective,
        "\"Make it safe. Then tell others.\"",
        &["3 objective-many"],
    );
    says(
        objective,
        "[\"Make it safe.\", \"Tell others.\"]",
        &["3 objective-many"],
    );
    says(
        objective,
        "\"Know what 1.5 m means, e.g. on a ladder.\"",
        &[],
    );
}

#[test]
fn a_link_to_a_form_needs_a_form_and_words() {
    says(
        "apply = \"weak-signal\"",
        "apply = \"poem\"",
        &["6 apply-unknown"],
    );
    says(
        "apply_label = \"Report a missing padlock\"\n",
        "",
        &["6 apply-label-missing"],
    );
    says("apply = \"weak-signal\"\n", "", &["6 apply-missing"]);
    let none = "apply = \"weak-signal\"\napply_label = \"Report a missing padlock\"\n";
    says(none, "", &[]);
}

#[test]
fn sources_are_needed_named_and_protected() {
    let source = "[[sources]]\ntitle = \"OSHA, Control of hazardous energy\"\nurl = \"https://www.osha.gov/control-hazardous-energy\"\n";
    says(source, "", &["1 source-missing"]);
    says("https://www", "http://www", &["10 source-not-https"]);
    says(
        "https://www.osha.gov/",
        "https://a b.gov/",
        &["10 source-not-https"],
    );
    says(
        "https://www.osha.gov/",
        "https://me@osha.gov/",
        &["10 source-not-https"],
    );
    says(
        "title = \"OSHA, Control of hazardous energy\"\n",
        "",
        &["10 source-title-missing"],
    );
}

#[test]
fn references_expire_after_a_warning() {
    let on = |today: &str| {
        let checked = check(SOURCE, "en", &media(), Some(today), &forms());
        let found = checked.problems.into_iter();
        found
            .map(|problem| (problem.code, problem.severity))
            .collect::<Vec<_>>()
    };
    assert_eq!(on("2028-09-22"), [], "61 days before");
    let soon = ("expires-soon".to_owned(), Level::Warning);
    assert_eq!(
        on("2028-09-23"),
        std::slice::from_ref(&soon),
        "60 days before"
    );
    assert_eq!(on("2028-11-22"), [soon], "on the day itself");
    assert_eq!(
        on("2028-11-23"),
        [("expired".to_owned(), Level::Error)],
        "the day after"
    );
    assert_eq!(
        on("2026-11-21"),
        [("reviewed-later".to_owned(), Level::Warning)],
        "too early"
    );
    let undated = check(SOURCE, "en", &media(), None, &forms());
    assert_eq!(undated.problems, [], "without a day nothing is compared");
}

#[test]
fn dates_are_days_in_order() {
    says(
        "expires = \"2028-11-22\"",
        "expires = \"22/11/2028\"",
        &["9 date-invalid"],
    );
    says(
        "expires = \"2028-11-22\"",
        "expires = \"2028-02-30\"",
        &["9 date-invalid"],
    );
    says("expires = \"2028-11-22\"", "expires = 2028-11-22", &[]);
    says(
        "reviewed = \"2026-11-22\"",
        "reviewed = \"2026-11-22\"\n#",
        &[],
    );
    says(
        "expires = \"2028-11-22\"\n",
        "",
        &["1 header-missing-field"],
    );
    let same = with("expires = \"2028-11-22\"", "expires = \"2026-11-22\"");
    assert!(
        codes(&same).contains(&"9 dates-order".to_owned()),
        "expires when it is reviewed"
    );
}

#[test]
fn cards_are_four_to_eight_and_come_first() {
    says("## Tomorrow\n\nCount the padlocks.\n", "", &["1 cards-few"]);
    let five = "## A\n\nb\n\n".repeat(5);
    says(
        "## Tomorrow\n",
        &format!("{five}## Tomorrow\n"),
        &["1 cards-many"],
    );
    says("## Four moves", "## ", &["21 card-title-missing"]);
    says("Count the padlocks.\n", "", &["30 card-empty"]);
    says(
        "## Stopped is not safe",
        "Hello.\n\n## Stopped is not safe",
        &["15 text-before-cards"],
    );
    let late = format!("{SOURCE}\n## Late card\n\nText.\n");
    assert_eq!(
        codes(&late),
        ["57 card-after-quiz"],
        "a card after the quiz"
    );
}

#[test]
fn headings_have_one_level() {
    says("Air, springs.", "### Springs\n\nAir.", &[]);
    says("Air, springs.", "# Springs", &["28 heading-level"]);
    says("Air, springs.", "#### Springs", &["28 heading-level"]);
    says("Air, springs.", "Springs\n---", &["28 heading-level"]);
    says("Air, springs.", "Air.\n\n##Springs", &["30 heading-space"]);
}

#[test]
fn five_minutes_is_the_most_and_the_excess_is_said() {
    let long = with("Air, springs.", &"word ".repeat(1000));
    let problem = checked(&long).problems.remove(0);
    assert_eq!(problem.code, "too-long", "over time");
    // 1 019 words at 220 a minute take 278 s, the rest 60 s.
    assert_eq!(problem.values, ["338", "300", "38"], "time, most, excess");
    let french = check(&long, "fr", &media(), None, &forms())
        .capsule
        .expect("read");
    assert_eq!(
        french.seconds,
        306 + 60,
        "French is read at 200 words a minute"
    );
}

#[test]
fn pictures_need_words_a_file_and_no_network() {
    let picture = "![A padlocked switch](switch.svg)";
    says(picture, "![](switch.svg)", &["19 alt-missing"]);
    says(
        picture,
        "![x](other.svg)",
        &["1 media-unused", "19 media-missing"],
    );
    says(
        picture,
        "![x](https://a.example/b.svg)",
        &["1 media-unused", "19 image-remote"],
    );
    says(
        picture,
        "![x](//a.example/b.svg)",
        &["1 media-unused", "19 image-remote"],
    );
    says(
        picture,
        "![x](data:image/png;base64,AAAA)",
        &["1 media-unused", "19 image-remote"],
    );
    says(
        picture,
        "![x](../secret.svg)",
        &["1 media-unused", "19 media-name"],
    );
    says(picture, "Nothing.", &["1 media-unused"]);
}

#[test]
fn a_harmful_picture_is_told_and_left_out() {
    let script = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><script/></svg>";
    let media = BTreeMap::from([("switch.svg".to_owned(), script.to_owned())]);
    let checked = check(SOURCE, "en", &media, None, &forms());
    assert_eq!(
        checked.problems[0].code, "svg-element",
        "the script is told"
    );
    assert_eq!(checked.problems[0].line, 19, "where the picture is shown");
    assert!(
        checked.capsule.expect("read").media.is_empty(),
        "and left out"
    );
}

#[test]
fn raw_html_and_links_in_cards_are_refused() {
    says(
        "Air, springs.",
        "<script>x</script>",
        &["26 card-empty", "28 html-raw"],
    );
    says(
        "Air, springs.",
        "Air <b>springs</b>.",
        &["28 html-raw", "28 html-raw"],
    );
    says(
        "Air, springs.",
        "<!-- springs -->\n\nAir.",
        &["28 html-raw"],
    );
    says(
        "Air, springs.",
        "[Air](https://a.example)",
        &["28 link-in-text"],
    );
    says("Air, springs.", "<https://a.example>", &["28 link-in-text"]);
    says("Air, springs.", "```\nair\n```", &["28 markup-unsupported"]);
    says("## Four moves", "## Four <b>moves", &["21 html-raw"]);
    says(
        "## Four moves",
        "## Four ![x](switch.svg)",
        &["21 image-misplaced"],
    );
}

#[test]
fn french_typography_is_a_warning() {
    let french = |text: &str| {
        let source = with("Air, springs.", text);
        let checked = check(&source, "fr-FR", &media(), None, &forms());
        let found = checked
            .problems
            .into_iter()
            .filter(|problem| problem.line == 28);
        found
            .map(|problem| format!("{} {}", problem.code, problem.values.join("")))
            .collect::<Vec<_>>()
    };
    assert_eq!(french("Quoi ?"), ["typography-space ?"], "plain space");
    assert_eq!(french("Quoi?"), ["typography-space ?"], "no space");
    assert_eq!(french("Stop !"), ["typography-space !"], "plain space");
    assert_eq!(
        french("Un ; deux : trois"),
        ["typography-space ;", "typography-space :"],
        "both"
    );
    assert_eq!(
        french("Quoi\u{202f}? Oui\u{a0}: à 10:30\u{202f}; vraiment\u{202f}?!"),
        [""; 0],
        "good"
    );
    assert_eq!(
        french("Dis \"oui\""),
        ["typography-quotes "],
        "straight quotes, told once"
    );
    assert_eq!(
        french("L'air"),
        ["typography-apostrophe "],
        "straight apostrophe"
    );
    assert_eq!(
        french("Un « mot » seul"),
        ["typography-space «", "typography-space »"],
        "guillemets"
    );
    assert_eq!(
        french("«\u{202f}Air\u{202f}» &amp; ![Un air](switch.svg)"),
        [""; 0],
        "marks of the dialect"
    );
    assert_eq!(
        codes(&with("Air, springs.", "What ?")),
        [""; 0],
        "English is left alone"
    );
}

#[test]
fn a_very_long_source_is_refused_unread() {
    let long = "x".repeat(64 * 1024 + 1);
    assert_eq!(codes(&long), ["1 source-too-long"], "one byte too many");
}

#[test]
fn problems_stop_at_two_hundred() {
    let many = with("Air, springs.", &"<b>\n\n".repeat(1000));
    assert_eq!(checked(&many).problems.len(), 200, "enough to start with");
}
