//! What a report takes from its answers: its fields, its title, and what a draft begins with.

use super::answer::accept;
use super::program::{Answer, Answers, Fills, FormProgram, Question, QuestionType, Severity, pick};
use super::value::{self, Value};

/// Most characters of a title.
const TITLE_MAX: usize = 80;

/// The fields of a report that its answers fill. After a complete [`super::judge`], `what`,
/// `place` and `severity` are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The name of the choice that says what it is about.
    pub what: Option<String>,
    /// The id of the place.
    pub place: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// The danger is still there.
    pub urgent: bool,
    /// The name of who reports is for leads only.
    pub confidential: bool,
    /// In one's own words.
    pub words: Option<String>,
    /// `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM`.
    pub when: Option<String>,
}

/// The report fields that these answers fill.
pub fn filled(program: &FormProgram, answers: &Answers) -> Filled {
    let text = |fills| {
        let question = program.filling(fills)?;
        let text = answers.get(&question.name)?.as_text()?;
        (!value::trim(text).is_empty()).then(|| text.to_owned())
    };
    Filled {
        what: text(Fills::What),
        place: text(Fills::Place),
        severity: text(Fills::Severity).and_then(|name| Severity::from_name(&name)),
        urgent: text(Fills::Urgency).as_deref() == Some("now"),
        confidential: text(Fills::Openness).as_deref() == Some("confidential"),
        words: text(Fills::Words),
        when: text(Fills::When),
    }
}

/// A title of at most 80 characters: the first words that were typed; without any, what it is about;
/// the form's own title while nothing is answered.
pub fn title(program: &FormProgram, answers: &Answers, language: &str) -> String {
    let filled = filled(program, answers);
    let words: Vec<&str> = filled
        .words
        .as_deref()
        .unwrap_or_default()
        .split_whitespace()
        .take(TITLE_MAX)
        .collect();
    if !words.is_empty() {
        return shorten(&words.join(" "));
    }
    let chosen = program.filling(Fills::What).and_then(|question| {
        question
            .choices
            .iter()
            .find(|choice| Some(&choice.name) == filled.what.as_ref())
    });
    shorten(chosen.map_or_else(
        || pick(&program.title, language),
        |choice| pick(&choice.label, language),
    ))
}

/// At most [`TITLE_MAX`] characters, cut between words where there is a space in the second half.
fn shorten(text: &str) -> String {
    if text.chars().count() <= TITLE_MAX {
        return text.to_owned();
    }
    let cut: String = text.chars().take(TITLE_MAX.saturating_sub(1)).collect();
    let kept = match cut.rsplit_once(' ') {
        Some((words, _)) if words.chars().count() > TITLE_MAX / 2 => words,
        _ => &cut,
    };
    format!(
        "{}…",
        kept.trim_end_matches([' ', ',', ';', ':', '.', '·', '\u{202f}'])
    )
}

/// The answers that a draft begins with. `today` is `YYYY-MM-DD`; a `date` question may have the
/// default `today`.
pub fn defaults(program: &FormProgram, today: &str) -> Answers {
    program
        .questions
        .iter()
        .filter_map(|question| Some((question.name.clone(), default_of(question, today)?)))
        .collect()
}

/// The answer that a question's default stands for; none if it has no default that fits.
pub(super) fn default_of(question: &Question, today: &str) -> Option<Answer> {
    let written = question.default.as_deref()?;
    let answer = match question.kind {
        QuestionType::Date if written == "today" => Answer::Text(today.to_owned()),
        QuestionType::Integer | QuestionType::Decimal => Answer::Number(written.parse().ok()?),
        QuestionType::YesNo => Answer::Flag(match written {
            "yes" => true,
            "no" => false,
            _ => return None,
        }),
        QuestionType::SelectMultiple => {
            Answer::List(written.split_whitespace().map(str::to_owned).collect())
        }
        QuestionType::Text
        | QuestionType::Date
        | QuestionType::Time
        | QuestionType::Datetime
        | QuestionType::SelectOne
        | QuestionType::Severity => Answer::Text(written.to_owned()),
        QuestionType::Place
        | QuestionType::Person
        | QuestionType::Photo
        | QuestionType::Note
        | QuestionType::Calculate => return None,
    };
    match accept(question, &answer) {
        Ok(Value::Nothing) | Err(_) => None,
        Ok(_) => Some(answer),
    }
}
