//! The first cut of a source: its header, then one section per `##` heading.

use super::text::count;

/// A line of the source with its number, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) number: u32,
    pub(super) text: &'a str,
}

/// What stands under one `##` heading.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Line of the heading.
    pub(super) line: u32,
    /// The heading after `## `, and after `?` for a question.
    pub(super) heading: &'a str,
    /// Whether the heading begins a question (`## ?`).
    pub(super) quiz: bool,
    pub(super) lines: Vec<Line<'a>>,
}

/// Why a source has no header to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoHeader {
    /// It does not begin with `+++`.
    Missing,
    /// The second `+++` never comes.
    Unclosed,
}

/// A source cut in pieces.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    /// The lines between the two `+++`.
    pub(super) header: Result<Vec<Line<'a>>, NoHeader>,
    /// Lines between the header and the first heading.
    pub(super) preamble: Vec<Line<'a>>,
    pub(super) sections: Vec<Section<'a>>,
}

const FENCE: &str = "+++";

/// Cuts a source, whose line ends must be `\n` alone.
pub(super) fn cut(source: &str) -> Outline<'_> {
    let lines: Vec<Line<'_>> = source
        .split('\n')
        .enumerate()
        .map(|(index, text)| Line {
            number: count(index).saturating_add(1),
            text,
        })
        .collect();
    let (header, body) = split_header(&lines);
    let mut preamble = Vec::new();
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in body {
        if let Some(heading) = heading_text(line.text) {
            let question = heading.strip_prefix('?');
            sections.push(Section {
                line: line.number,
                heading: question.unwrap_or(heading).trim(),
                quiz: question.is_some(),
                lines: Vec::new(),
            });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(*line);
        } else {
            preamble.push(*line);
        }
    }
    Outline {
        header,
        preamble,
        sections,
    }
}

fn split_header<'a, 'b>(
    lines: &'b [Line<'a>],
) -> (Result<Vec<Line<'a>>, NoHeader>, &'b [Line<'a>]) {
    let Some((first, rest)) = lines.split_first() else {
        return (Err(NoHeader::Missing), &[]);
    };
    if first.text.trim_end() != FENCE {
        return (Err(NoHeader::Missing), lines);
    }
    match rest.iter().position(|line| line.text.trim_end() == FENCE) {
        Some(end) => {
            let (header, body) = rest.split_at(end);
            (Ok(header.to_vec()), body.get(1..).unwrap_or(&[]))
        }
        None => (Err(NoHeader::Unclosed), &[]),
    }
}

fn heading_text(line: &str) -> Option<&str> {
    let heading = line.strip_prefix("##")?;
    if heading.trim().is_empty() {
        return Some("");
    }
    heading.strip_prefix([' ', '\t']).map(str::trim)
}

impl Section<'_> {
    /// The words of the heading, without the identifier of a question.
    pub(super) fn heading_prose(&self) -> &str {
        let named = self
            .heading
            .strip_prefix("{#")
            .and_then(|rest| rest.split_once('}'));
        named
            .filter(|_| self.quiz)
            .map_or(self.heading, |(_, words)| words.trim())
    }
}
