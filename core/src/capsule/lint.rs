//! From source to [`Capsule`], with everything a careful editor would say.

use std::collections::{BTreeMap, BTreeSet};

use super::header::{self, Around, Header};
use super::item::{self, Asked};
use super::model::{Capsule, Card};
use super::outline::{NoHeader, Outline, Section, cut};
use super::problem::{Level, Problem, Problems};
use super::prose::{Picture, plain, render};
use super::text::count;
use super::{fairness, svg, typography};

/// Longest source, in bytes.
pub const SOURCE_BYTES_MAX: usize = 64 * 1024;
/// Longest time a capsule may take, in seconds.
pub const SECONDS_MAX: u32 = 300;
/// The themes a capsule may have.
pub const THEMES: &[&str] = &[
    "reporting",
    "first-aid",
    "chemical",
    "energy",
    "height",
    "handling",
    "fire",
    "environment",
    "audit",
    "method",
    "brief",
    "road",
    "machine",
    "traffic",
    "confined",
    "contractors",
    "health",
    "quality",
    "relay",
];

const CARDS: std::ops::RangeInclusive<usize> = 4..=8;
const ITEMS: std::ops::RangeInclusive<usize> = 3..=6;
const SECONDS_A_PICTURE: u32 = 5;
const SECONDS_AN_ITEM: u32 = 15;
const SECONDS_AN_EXPLANATION: u32 = 10;

/// A source once read.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// What could be read, for a preview; its `slug` is empty. `None` when the header cannot be
    /// read or nothing follows it.
    pub capsule: Option<Capsule>,
    /// By line, errors first on a line; at most 200.
    pub problems: Vec<Problem>,
}

impl Checked {
    /// The capsule, if nothing stops its publication.
    #[must_use]
    pub fn publishable(self) -> Option<Capsule> {
        let stopped = self
            .problems
            .iter()
            .any(|problem| problem.severity == Level::Error);
        self.capsule.filter(|_| !stopped)
    }
}

/// Reads and checks the source of a capsule in one language.
///
/// `language` is a code such as `fr`; `media` holds the SVG text of the capsule's pictures by
/// file name; `today` is `YYYY-MM-DD`, and without it dates are not compared to now;
/// `known_forms` holds the slugs a capsule may lead to. Never fails: a source that cannot be
/// read says why in its problems.
#[must_use]
pub fn check(
    source: &str,
    language: &str,
    media: &BTreeMap<String, String>,
    today: Option<&str>,
    known_forms: &BTreeSet<String>,
) -> Checked {
    let mut problems = Problems::default();
    if source.len() > SOURCE_BYTES_MAX {
        let (length, most) = (source.len().to_string(), SOURCE_BYTES_MAX.to_string());
        problems.error("source-too-long", 1, &[&length, &most]);
        return Checked {
            capsule: None,
            problems: problems.into_sorted(),
        };
    }
    let source = source
        .trim_start_matches('\u{feff}')
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let outline = cut(&source);
    let around = Around {
        today: today.and_then(header::day),
        forms: known_forms,
    };
    let header = read_header(&outline, around, &mut problems);
    let body = Body::read(&outline, &mut problems);
    body.check(&mut problems);
    let media = body.media(media, &mut problems);
    let seconds = body.seconds(language);
    if header.is_some() && seconds > SECONDS_MAX {
        let over = seconds.saturating_sub(SECONDS_MAX).to_string();
        problems.error(
            "too-long",
            1,
            &[&seconds.to_string(), &SECONDS_MAX.to_string(), &over],
        );
    }
    if language.starts_with("fr") {
        check_typography(&outline, header.as_ref(), &mut problems);
    }
    let capsule = header
        .filter(|_| !body.cards.is_empty() || !body.asked.is_empty())
        .map(|header| assemble(header, body, language, seconds, media));
    Checked {
        capsule,
        problems: problems.into_sorted(),
    }
}

fn read_header(
    outline: &Outline<'_>,
    around: Around<'_>,
    problems: &mut Problems,
) -> Option<Header> {
    match &outline.header {
        Ok(lines) => header::read(lines, around, problems),
        Err(NoHeader::Missing) => {
            problems.error("header-missing", 1, &[]);
            None
        }
        Err(NoHeader::Unclosed) => {
            problems.error("header-unclosed", 1, &[]);
            None
        }
    }
}

fn check_typography(outline: &Outline<'_>, header: Option<&Header>, problems: &mut Problems) {
    for (line, text) in header.iter().flat_map(|header| &header.prose) {
        typography::check_text(text, *line, problems);
    }
    for section in &outline.sections {
        typography::check_text(section.heading_prose(), section.line, problems);
        typography::check(&section.lines, problems);
    }
}

fn assemble(
    header: Header,
    body: Body,
    language: &str,
    seconds: u32,
    media: BTreeMap<String, String>,
) -> Capsule {
    Capsule {
        slug: String::new(),
        language: language.to_owned(),
        title: header.title,
        objective: header.objective,
        theme: header.theme,
        icon: header.icon,
        seconds,
        apply: header.apply,
        apply_label: header.apply_label,
        sources: header.sources,
        cards: body.cards,
        quiz: body.asked.into_iter().map(|asked| asked.item).collect(),
        media,
    }
}

/// What follows the header.
#[derive(Default)]
struct Body {
    cards: Vec<Card>,
    asked: Vec<Asked>,
    /// Headings of questions, those that could not be read included.
    questions: usize,
    words: usize,
    pictures: Vec<Picture>,
}

impl Body {
    fn read(outline: &Outline<'_>, problems: &mut Problems) -> Self {
        let mut body = Self::default();
        for line in &outline.preamble {
            if line.text.trim().starts_with("##") {
                problems.error("heading-space", line.number, &[line.text.trim()]);
            } else if !line.text.trim().is_empty() {
                problems.error("text-before-cards", line.number, &[line.text.trim()]);
            }
        }
        for section in &outline.sections {
            if section.quiz {
                body.questions = body.questions.saturating_add(1);
                if let Some(asked) = item::read_item(section, problems) {
                    body.pictures.extend(asked.pictures.iter().cloned());
                    body.asked.push(asked);
                }
            } else {
                body.card(section, problems);
            }
        }
        body
    }

    fn card(&mut self, section: &Section<'_>, problems: &mut Problems) {
        if self.questions > 0 {
            problems.error("card-after-quiz", section.line, &[section.heading]);
        }
        let title = plain(section.heading, section.line, problems);
        if title.is_empty() {
            problems.error("card-title-missing", section.line, &[]);
        }
        for line in section
            .lines
            .iter()
            .filter(|line| line.text.starts_with("##"))
        {
            if !line.text.starts_with("###") {
                problems.error("heading-space", line.number, &[line.text.trim()]);
            }
        }
        let prose = render(&section.lines, problems);
        if prose.html.is_empty() {
            problems.error("card-empty", section.line, &[&title]);
        }
        let read = super::text::words(&title).saturating_add(prose.words);
        self.words = self.words.saturating_add(read);
        self.pictures.extend(prose.pictures);
        self.cards.push(Card {
            title,
            html: prose.html,
        });
    }

    fn check(&self, problems: &mut Problems) {
        let cards = self.cards.len();
        if !CARDS.contains(&cards) {
            let code = if cards < *CARDS.start() {
                "cards-few"
            } else {
                "cards-many"
            };
            problems.error(code, 1, &[&cards.to_string()]);
        }
        if !ITEMS.contains(&self.questions) {
            let code = if self.questions < *ITEMS.start() {
                "quiz-few"
            } else {
                "quiz-many"
            };
            problems.error(code, 1, &[&self.questions.to_string()]);
        }
        fairness::check_all(&self.asked, problems);
    }

    /// The pictures shown, out of those at hand, each checked where it is first shown.
    fn media(
        &self,
        at_hand: &BTreeMap<String, String>,
        problems: &mut Problems,
    ) -> BTreeMap<String, String> {
        let mut media = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for picture in &self.pictures {
            let Some(text) = at_hand.get(&picture.name) else {
                problems.error("media-missing", picture.line, &[&picture.name]);
                continue;
            };
            if !seen.insert(&picture.name) {
                continue;
            }
            svg::check_into(&picture.name, text, Some(picture.line), problems);
            if svg::is_harmless(text) {
                media.insert(picture.name.clone(), text.clone());
            }
        }
        for name in at_hand.keys().filter(|name| !seen.contains(name)) {
            problems.warning("media-unused", 1, &[name]);
        }
        media
    }

    /// Estimated time: cards are read, pictures looked at, questions answered, explanations read.
    fn seconds(&self, language: &str) -> u32 {
        let words_a_minute = if language.starts_with("en") { 220 } else { 200 };
        let reading = count(self.words)
            .saturating_mul(60)
            .div_ceil(words_a_minute);
        let explained = self
            .asked
            .iter()
            .filter(|asked| !asked.item.explanation.is_empty());
        let pictures = count(self.pictures.len()).saturating_mul(SECONDS_A_PICTURE);
        let items = count(self.asked.len()).saturating_mul(SECONDS_AN_ITEM);
        let explanations = count(explained.count()).saturating_mul(SECONDS_AN_EXPLANATION);
        [pictures, items, explanations]
            .into_iter()
            .fold(reading, u32::saturating_add)
    }
}
