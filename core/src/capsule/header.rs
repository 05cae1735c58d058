//! The TOML header: who the capsule is for, what it teaches, where it leads, what it rests on.

use std::collections::BTreeSet;

use jiff::civil::Date;
use toml::{Table, Value};

use super::lint::THEMES;
use super::model::Source;
use super::outline::Line;
use super::problem::Problems;
use super::text::{is_slug, trimmed};

/// A reference is announced this many days before it expires.
const EXPIRES_SOON_DAYS: i32 = 60;

const FIELDS: &[&str] = &[
    "title",
    "objective",
    "theme",
    "icon",
    "apply",
    "apply_label",
    "reviewed",
    "expires",
    "sources",
];

/// The header as read; fields that could not be read are empty and reported.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) title: String,
    pub(super) objective: String,
    pub(super) theme: String,
    pub(super) icon: String,
    pub(super) apply: Option<String>,
    pub(super) apply_label: String,
    pub(super) sources: Vec<Source>,
    /// The texts people read, with their lines, for the typography check.
    pub(super) prose: Vec<(u32, String)>,
}

/// What a header is checked against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    /// The day of the check, if known.
    pub(super) today: Option<Date>,
    /// Slugs of the forms that exist.
    pub(super) forms: &'a BTreeSet<String>,
}

/// Reads a header; `None` when it is not TOML at all.
pub(super) fn read(
    lines: &[Line<'_>],
    around: Around<'_>,
    problems: &mut Problems,
) -> Option<Header> {
    let text = lines
        .iter()
        .map(|line| line.text)
        .collect::<Vec<_>>()
        .join("\n");
    let table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or("").matches('\n').count();
            let line = lines.get(before).map_or(1, |line| line.number);
            problems.error("header-broken", line, &[error.message()]);
            return None;
        }
    };
    let mut reader = Reader {
        lines,
        table: &table,
        problems,
    };
    Some(reader.header(around))
}

struct Reader<'r> {
    lines: &'r [Line<'r>],
    table: &'r Table,
    problems: &'r mut Problems,
}

impl Reader<'_> {
    fn header(&mut self, around: Around<'_>) -> Header {
        for name in self
            .table
            .keys()
            .filter(|name| !FIELDS.contains(&name.as_str()))
        {
            self.problems
                .warning("header-unknown", self.line(name), &[name]);
        }
        let mut header = Header {
            title: self.required("title"),
            objective: self.objective(),
            theme: self.required("theme"),
            icon: self.required("icon"),
            ..Header::default()
        };
        if !header.theme.is_empty() && !THEMES.contains(&header.theme.as_str()) {
            self.problems
                .error("theme-unknown", self.line("theme"), &[&header.theme]);
        }
        if !header.icon.is_empty() && !is_slug(&header.icon) {
            self.problems
                .error("icon-invalid", self.line("icon"), &[&header.icon]);
        }
        self.apply(&mut header, around.forms);
        self.dates(around.today);
        header.sources = self.sources();
        for (name, text) in [
            ("title", &header.title),
            ("objective", &header.objective),
            ("apply_label", &header.apply_label),
        ] {
            header.prose.push((self.line(name), text.clone()));
        }
        header
    }

    /// Line where a field is written, or the first one.
    fn line(&self, name: &str) -> u32 {
        let written = |line: &&Line<'_>| {
            let after = line.text.trim_start().strip_prefix(name);
            after.is_some_and(|after| after.trim_start().starts_with('='))
        };
        // The tables of the sources come after and have fields of the same names.
        let mut own = self
            .lines
            .iter()
            .take_while(|line| !line.text.trim_start().starts_with('['));
        own.find(written).map_or(1, |line| line.number)
    }

    /// Line of the nth `[[sources]]`.
    fn source_line(&self, index: usize) -> u32 {
        let tables = self
            .lines
            .iter()
            .filter(|line| line.text.trim() == "[[sources]]");
        tables
            .map(|line| line.number)
            .nth(index)
            .unwrap_or_else(|| self.line("sources"))
    }

    fn required(&mut self, name: &str) -> String {
        let text = self.optional(name).unwrap_or_default();
        if text.is_empty() && self.table.get(name).is_none_or(Value::is_str) {
            self.problems
                .error("header-missing-field", self.line(name), &[name]);
        }
        text
    }

    /// A text field, trimmed; a value of another type is reported.
    fn optional(&mut self, name: &str) -> Option<String> {
        let value = self.table.get(name)?;
        match value.as_str() {
            Some(text) => Some(trimmed(text).to_owned()).filter(|text| !text.is_empty()),
            None => {
                let line = self.line(name);
                self.problems
                    .error("header-wrong-type", line, &[name, value.type_str()]);
                None
            }
        }
    }

    /// Exactly one objective, in one sentence.
    fn objective(&mut self) -> String {
        let line = self.line("objective");
        if let Some(Value::Array(objectives)) = self.table.get("objective") {
            let number = objectives.len().to_string();
            self.problems.error("objective-many", line, &[&number]);
            return objectives
                .first()
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned();
        }
        let objective = self.required("objective");
        let sentences = sentences(&objective);
        if sentences > 1 {
            self.problems
                .error("objective-many", line, &[&sentences.to_string()]);
        }
        objective
    }

    fn apply(&mut self, header: &mut Header, forms: &BTreeSet<String>) {
        header.apply = self.optional("apply");
        header.apply_label = self.optional("apply_label").unwrap_or_default();
        let line = self.line("apply");
        match &header.apply {
            Some(form) => {
                if !forms.contains(form) {
                    self.problems.error("apply-unknown", line, &[form]);
                }
                if header.apply_label.is_empty() {
                    self.problems.error("apply-label-missing", line, &[form]);
                }
            }
            None if !header.apply_label.is_empty() => {
                self.problems
                    .error("apply-missing", self.line("apply_label"), &[]);
            }
            None => {}
        }
    }

    fn dates(&mut self, today: Option<Date>) {
        let reviewed = self.date("reviewed");
        let expires = self.date("expires");
        let line = self.line("expires");
        if let (Some(reviewed), Some(expires)) = (reviewed, expires)
            && expires <= reviewed
        {
            self.problems.error(
                "dates-order",
                line,
                &[&reviewed.to_string(), &expires.to_string()],
            );
        }
        let (Some(today), Some(expires)) = (today, expires) else {
            return;
        };
        if reviewed.is_some_and(|reviewed| reviewed > today) {
            self.problems
                .warning("reviewed-later", self.line("reviewed"), &[]);
        }
        let left = today.until(expires).map_or(0, |span| span.get_days());
        if expires < today {
            self.problems
                .error("expired", line, &[&expires.to_string()]);
        } else if left <= EXPIRES_SOON_DAYS {
            self.problems.warning(
                "expires-soon",
                line,
                &[&expires.to_string(), &left.to_string()],
            );
        }
    }

    fn date(&mut self, name: &str) -> Option<Date> {
        let text = match self.table.get(name) {
            Some(Value::Datetime(date)) => date.to_string(),
            Some(_) | None => self.required(name),
        };
        let date = day(&text);
        if date.is_none() && !text.is_empty() {
            self.problems
                .error("date-invalid", self.line(name), &[name, &text]);
        }
        date
    }

    fn sources(&mut self) -> Vec<Source> {
        let empty = Vec::new();
        let tables = self
            .table
            .get("sources")
            .and_then(Value::as_array)
            .unwrap_or(&empty);
        if tables.is_empty() {
            self.problems
                .error("source-missing", self.line("sources"), &[]);
        }
        let mut sources = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            let line = self.source_line(index);
            let field = |name: &str| table.get(name).and_then(Value::as_str).map_or("", trimmed);
            let source = Source {
                title: field("title").to_owned(),
                url: field("url").to_owned(),
            };
            if source.title.is_empty() {
                self.problems
                    .error("source-title-missing", line, &[&source.url]);
            }
            if is_https(&source.url) {
                sources.push(source);
            } else {
                self.problems
                    .error("source-not-https", line, &[&source.title, &source.url]);
            }
        }
        sources
    }
}

/// Reads `YYYY-MM-DD` and nothing else.
pub(super) fn day(text: &str) -> Option<Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if shaped { text.parse().ok() } else { None }
}

/// A web address with a host, over a protected connection, without anything to hide.
fn is_https(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    host.contains('.')
        && !host.starts_with('.')
        && !host.contains('@')
        && !url.contains(['"', '\'', '<', '>', '\\', '`'])
        && !url
            .chars()
            .any(|next| next.is_whitespace() || next.is_control())
}

/// How many sentences: an end mark, then a space, then a capital begins another one.
fn sentences(text: &str) -> usize {
    let mut sentences = usize::from(!text.is_empty());
    let mut ended = false;
    let mut space = false;
    for character in text.chars() {
        if character.is_whitespace() {
            space = ended;
        } else if space && character.is_uppercase() {
            sentences = sentences.saturating_add(1);
            (ended, space) = (false, false);
        } else {
            ended = matches!(character, '.' | '!' | '?' | '…');
            space = false;
        }
    }
    sentences
}
