//! The forms that come with the product, from `content/forms/`.

use std::sync::LazyLock;

use super::program::FormProgram;
use super::source::compile;

/// The slugs and sources of the bundled forms, in the order in which they are offered: what a new
/// organisation publishes first.
pub const SOURCES: [(&str, &str); 7] = [
    (
        "incident",
        include_str!("../../../content/forms/incident.toml"),
    ),
    (
        "near-miss",
        include_str!("../../../content/forms/near-miss.toml"),
    ),
    (
        "weak-signal",
        include_str!("../../../content/forms/weak-signal.toml"),
    ),
    ("need", include_str!("../../../content/forms/need.toml")),
    (
        "non-conformity",
        include_str!("../../../content/forms/non-conformity.toml"),
    ),
    (
        "observation",
        include_str!("../../../content/forms/observation.toml"),
    ),
    (
        "flash-audit",
        include_str!("../../../content/forms/flash-audit.toml"),
    ),
];

/// Compiled once; a test compiles every source, so none is left out.
static BUNDLED: LazyLock<Vec<FormProgram>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .filter_map(|(slug, source)| compile(source, slug, 1).ok())
        .collect()
});

/// The forms that come with the product, in the order in which they are offered, as release 1 with
/// their slug for an id.
pub fn bundled() -> &'static [FormProgram] {
    &BUNDLED
}

/// The bundled form of that slug.
pub fn bundled_form(slug: &str) -> Option<&'static FormProgram> {
    BUNDLED.iter().find(|program| program.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::super::program::{Answer, Answers, Severity};
    use super::super::{Filled, ProblemCode, defaults, filled, judge, title};
    use super::{SOURCES, bundled, bundled_form, compile};

    const TODAY: &str = "2026-11-22";

    fn text(text: &str) -> Answer {
        Answer::Text(text.to_owned())
    }

    fn answers(pairs: &[(&str, Answer)]) -> Answers {
        pairs
            .iter()
            .map(|(name, answer)| ((*name).to_owned(), answer.clone()))
            .collect()
    }

    #[test]
    fn the_bundled_forms_have_no_problem() {
        for (slug, source) in SOURCES {
            let program = compile(source, slug, 1);
            let problems = program.as_ref().err().cloned().unwrap_or_default();
            assert!(problems.is_empty(), "{slug}: {problems:#?}");
            assert_eq!(
                program.map(|program| program.slug).as_deref(),
                Ok(slug),
                "named by its slug"
            );
        }
        assert_eq!(bundled().len(), SOURCES.len(), "all are there");
    }

    /// The typography is French in French, and no text is far too long for its place.
    #[test]
    fn the_bundled_forms_are_well_written() {
        for form in bundled() {
            let choices = form
                .questions
                .iter()
                .flat_map(|q| q.choices.iter().map(|c| (&c.label, 40)));
            let questions = form
                .questions
                .iter()
                .flat_map(|q| [(&q.label, 90), (&q.hint, 170), (&q.constraint_message, 90)]);
            for (wording, most) in [(&form.title, 30), (&form.purpose, 100)]
                .into_iter()
                .chain(questions)
                .chain(choices)
            {
                for (language, text) in wording {
                    let length = text.chars().count();
                    assert!(
                        length <= most,
                        "{} {language}: {length} > {most}: {text}",
                        form.slug
                    );
                    assert!(
                        !text.contains(['\'', '"']),
                        "{}: straight quote: {text}",
                        form.slug
                    );
                }
                let french = wording.get("fr").map(String::as_str).unwrap_or_default();
                for mark in [" ?", " !", " :", " ;", "« ", " »"] {
                    assert!(
                        !french.contains(mark),
                        "{}: a wide space: {french}",
                        form.slug
                    );
                }
            }
        }
    }

    /// One minute with gloves on: at most five large taps, nothing to type.
    #[test]
    fn a_signal_takes_five_taps_and_no_typing() {
        for slug in ["near-miss", "weak-signal", "need"] {
            let form = bundled_form(slug).expect("it is bundled");
            let required: Vec<_> = form
                .questions
                .iter()
                .filter(|question| question.required)
                .collect();
            assert!(
                required.len() <= 5,
                "{slug} asks for {} answers",
                required.len()
            );
            for question in required {
                let tapped = question.kind.has_choices() || question.fills.name() == "place";
                assert!(tapped, "{slug}: `{}` is typed", question.name);
            }
        }
    }

    #[test]
    fn a_near_miss_is_complete_and_fills_its_report() {
        let form = bundled_form("near-miss").expect("it is bundled");
        let mut given = answers(&[
            ("what", text("fall")),
            ("place", text("0190-place")),
            ("severity", text("serious")),
            ("urgency", text("now")),
        ]);
        let judged = judge(form, &given, TODAY);
        let missing: Vec<&str> = judged
            .problems
            .iter()
            .map(|problem| problem.field.as_str())
            .collect();
        assert_eq!(missing, ["openness"], "only what lacks is asked for");
        given.insert("openness".to_owned(), text("confidential"));
        given.insert(
            "words".to_owned(),
            text("  Flaque d’huile\n devant la presse 3 "),
        );
        let judged = judge(form, &given, TODAY);
        assert!(judged.complete(), "{:?}", judged.problems);
        let words = Some("  Flaque d’huile\n devant la presse 3 ".to_owned());
        let expected = Filled {
            what: Some("fall".to_owned()),
            place: Some("0190-place".to_owned()),
            severity: Some(Severity::Serious),
            urgent: true,
            confidential: true,
            words,
            when: None,
        };
        assert_eq!(
            filled(form, &judged.answers),
            expected,
            "the report takes its fields"
        );
        assert_eq!(
            title(form, &judged.answers, "fr"),
            "Flaque d’huile devant la presse 3",
            "the title is what was typed"
        );
    }

    #[test]
    fn an_accident_asks_about_care_only_when_someone_is_hurt() {
        let form = bundled_form("incident").expect("it is bundled");
        let mut given = defaults(form, TODAY);
        assert_eq!(
            given,
            answers(&[("day", text(TODAY))]),
            "it begins with today"
        );
        for (name, choice) in [
            ("what", "cut"),
            ("severity", "moderate"),
            ("urgency", "later"),
            ("openness", "open"),
        ] {
            given.insert(name.to_owned(), text(choice));
        }
        given.insert("place".to_owned(), text("p"));
        given.insert("injured".to_owned(), Answer::Flag(true));
        let judged = judge(form, &given, TODAY);
        assert_eq!(judged.problems[0].field, "care", "someone hurt: what care?");
        given.insert("care".to_owned(), text("first_aider"));
        assert!(judge(form, &given, TODAY).complete(), "then it is complete");
        given.insert("injured".to_owned(), Answer::Flag(false));
        let judged = judge(form, &given, TODAY);
        assert!(judged.complete(), "nobody hurt: no care needed");
        assert!(
            !judged.answers.contains_key("care"),
            "and what was said of it no longer counts"
        );
        given.insert("day".to_owned(), text("2026-11-23"));
        let judged = judge(form, &given, TODAY);
        assert_eq!(
            judged.problems[0].code,
            ProblemCode::Constraint,
            "tomorrow has not come"
        );
        assert!(
            judged.problems[0].message.contains_key("fr"),
            "and the form says so"
        );
        assert!(
            judge(form, &given, "2026-11-23").complete(),
            "on that day it is right"
        );
    }

    #[test]
    fn a_flash_audit_scores_what_was_seen() {
        let form = bundled_form("flash-audit").expect("it is bundled");
        let mut given = defaults(form, TODAY);
        given.insert("what".to_owned(), text("workshop"));
        given.insert("place".to_owned(), text("p"));
        let points: Vec<_> = form
            .questions
            .iter()
            .filter(|q| q.choices.iter().any(|c| c.score.is_some()))
            .collect();
        assert_eq!(points.len(), 10, "ten points");
        for point in &points {
            given.insert(point.name.clone(), text("ok"));
        }
        let judged = judge(form, &given, TODAY);
        assert!(judged.complete(), "{:?}", judged.problems);
        assert_eq!(judged.score, Some(100.0), "all fine");
        assert!(
            !judged.relevant.contains(&"advice".to_owned()),
            "no advice needed"
        );
        given.insert("exits".to_owned(), text("gap"));
        given.insert("waste".to_owned(), text("unseen"));
        let judged = judge(form, &given, TODAY);
        assert_eq!(
            judged.score,
            Some(85.0),
            "11 of 13, the unseen point left out"
        );
        assert_eq!(judged.problems[0].field, "exits_fact", "a gap needs a fact");
        assert_eq!(
            judged.answers.get("gaps"),
            Some(&Answer::Number(1.0)),
            "gaps are counted"
        );
        for point in &points {
            given.insert(point.name.clone(), text("unseen"));
        }
        assert_eq!(
            judge(form, &given, TODAY).score,
            None,
            "nothing seen, no score"
        );
    }

    #[test]
    fn a_title_is_short_whatever_was_typed() {
        let form = bundled_form("near-miss").expect("it is bundled");
        assert_eq!(
            title(form, &Answers::new(), "en"),
            "Near miss",
            "the form's own at first"
        );
        assert_eq!(
            title(form, &Answers::new(), "de"),
            "Presqu’accident",
            "French if need be"
        );
        assert_eq!(
            title(form, &answers(&[("what", text("fall"))]), "fr"),
            "Glisser, tomber",
            "without words, what it is about"
        );
        for words in ["mot ".repeat(9_000), "é".repeat(500), "😀".repeat(90)] {
            let given = answers(&[("what", text("fall")), ("words", text(&words))]);
            let title = title(form, &given, "fr");
            assert!(title.chars().count() <= 80, "{title}");
            assert!(title.ends_with('…'), "it shows that it was cut: {title}");
        }
    }
}
