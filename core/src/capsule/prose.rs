//! Markdown to safe HTML and to plain text.
//!
//! Only what is listed here comes out: raw HTML is dropped and reported, links lose their
//! address, pictures become empty figures that the screen fills.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::outline::Line;
use super::problem::Problems;
use super::safe::{escape_into, figure, is_media_name};
use super::text::words;

/// A picture a text shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) name: String,
    pub(super) line: u32,
}

/// A rendered text.
#[derive(Debug, Default)]
pub(super) struct Prose {
    /// Safe HTML.
    pub(super) html: String,
    /// Words to read.
    pub(super) words: usize,
    pub(super) pictures: Vec<Picture>,
}

/// Renders lines of Markdown.
pub(super) fn render(lines: &[Line<'_>], problems: &mut Problems) -> Prose {
    let joined = lines
        .iter()
        .map(|line| line.text)
        .collect::<Vec<_>>()
        .join("\n");
    let mut renderer = Renderer::new(problems);
    let (mut offset, mut index) = (0, 0);
    for (event, span) in Parser::new_ext(&joined, Options::ENABLE_TABLES).into_offset_iter() {
        // Blocks may be reported a little backwards; the line only ever names a place to look.
        if let Some(passed) = joined.get(offset..span.start) {
            index = passed.matches('\n').count().saturating_add(index);
            offset = span.start;
        }
        renderer.line = lines.get(index).map_or(1, |line| line.number);
        renderer.event(event);
    }
    renderer.finish()
}

/// The plain text of one line of Markdown: emphasis is dropped, everything else refused.
pub(super) fn plain(text: &str, line: u32, problems: &mut Problems) -> String {
    // The full stop keeps a leading `1.`, `-` or `#` from being read as a block.
    let guarded = format!(".{}", text.trim());
    let mut plain = String::new();
    for event in Parser::new_ext(&guarded, Options::empty()) {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(&text),
            Event::SoftBreak | Event::HardBreak => plain.push(' '),
            Event::Html(html) | Event::InlineHtml(html) => {
                problems.error("html-raw", line, &[html.trim()]);
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                problems.error("image-misplaced", line, &[&dest_url]);
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                problems.error("link-in-text", line, &[&dest_url]);
            }
            Event::Start(_)
            | Event::End(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }
    plain.strip_prefix('.').unwrap_or(&plain).trim().to_owned()
}

/// A picture being read: its alternative text comes as events.
struct Drawing {
    name: String,
    caption: String,
    alt: String,
    line: u32,
    depth: usize,
}

struct Renderer<'p> {
    problems: &'p mut Problems,
    html: String,
    plain: String,
    pictures: Vec<Picture>,
    /// Figures waiting for the end of the paragraph they were written in.
    waiting: String,
    drawing: Option<Drawing>,
    head: bool,
    line: u32,
}

impl<'p> Renderer<'p> {
    fn new(problems: &'p mut Problems) -> Self {
        Self {
            problems,
            html: String::new(),
            plain: String::new(),
            pictures: Vec::new(),
            waiting: String::new(),
            drawing: None,
            head: false,
            line: 1,
        }
    }

    fn finish(mut self) -> Prose {
        self.flush();
        Prose {
            html: self.html,
            words: words(&self.plain),
            pictures: self.pictures,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => {
                self.tag("<code>");
                self.text(&text);
                self.tag("</code>");
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                self.problems.error("html-raw", self.line, &[html.trim()]);
            }
            Event::SoftBreak => self.soft_break(),
            Event::HardBreak => {
                self.tag("<br>");
                self.plain.push(' ');
            }
            Event::Rule => self.unsupported("rule"),
            Event::InlineMath(_) | Event::DisplayMath(_) => self.unsupported("math"),
            Event::FootnoteReference(_) => self.unsupported("footnote"),
            Event::TaskListMarker(_) => self.unsupported("task"),
        }
    }

    fn unsupported(&mut self, what: &str) {
        self.problems
            .error("markup-unsupported", self.line, &[what]);
    }

    /// Writes a tag, unless inside a picture's alternative text.
    fn tag(&mut self, tag: &str) {
        if self.drawing.is_none() {
            self.html.push_str(tag);
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.drawing {
            Some(drawing) => drawing.alt.push_str(text),
            None => {
                escape_into(&mut self.html, text);
                self.plain.push_str(text);
            }
        }
    }

    fn soft_break(&mut self) {
        match &mut self.drawing {
            Some(drawing) => drawing.alt.push(' '),
            None => {
                if !self.html.ends_with("<p>") {
                    self.html.push('\n');
                }
                self.plain.push(' ');
            }
        }
    }

    fn flush(&mut self) {
        self.html.push_str(&self.waiting);
        self.waiting.clear();
        self.plain.push(' ');
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.tag("<p>"),
            Tag::Heading { level, .. } => {
                if level != HeadingLevel::H3 {
                    self.problems
                        .error("heading-level", self.line, &[&level.to_string()]);
                }
                self.tag("<h3>");
            }
            Tag::BlockQuote(_) => self.tag("<blockquote>"),
            Tag::CodeBlock(_) => {
                self.unsupported("code");
                self.tag("<p>");
            }
            Tag::List(None) => self.tag("<ul>"),
            Tag::List(Some(_)) => self.tag("<ol>"),
            Tag::Item => self.tag("<li>"),
            Tag::Table(_) => self.tag("<table>"),
            Tag::TableHead => {
                self.head = true;
                self.tag("<thead><tr>");
            }
            Tag::TableRow => self.tag("<tr>"),
            Tag::TableCell => self.tag(if self.head { "<th>" } else { "<td>" }),
            Tag::Emphasis => self.tag("<em>"),
            Tag::Strong => self.tag("<strong>"),
            Tag::Link { dest_url, .. } => {
                self.problems.error("link-in-text", self.line, &[&dest_url]);
            }
            Tag::Image {
                dest_url, title, ..
            } => self.start_image(&dest_url, &title),
            Tag::HtmlBlock
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::CodeBlock => {
                self.end_paragraph();
                self.flush();
            }
            TagEnd::Heading(_) => {
                self.tag("</h3>");
                self.flush();
            }
            TagEnd::BlockQuote(_) => self.tag("</blockquote>"),
            TagEnd::List(true) => self.tag("</ol>"),
            TagEnd::List(false) => self.tag("</ul>"),
            TagEnd::Item => {
                self.flush();
                self.tag("</li>");
            }
            TagEnd::Table => self.tag("</tbody></table>"),
            TagEnd::TableHead => {
                self.head = false;
                self.tag("</tr></thead><tbody>");
            }
            TagEnd::TableRow => self.tag("</tr>"),
            TagEnd::TableCell => {
                self.flush();
                self.tag(if self.head { "</th>" } else { "</td>" });
            }
            TagEnd::Emphasis => self.tag("</em>"),
            TagEnd::Strong => self.tag("</strong>"),
            TagEnd::Image => self.end_image(),
            TagEnd::HtmlBlock
            | TagEnd::Link
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// Closes a paragraph, or takes it back when it only held a picture.
    fn end_paragraph(&mut self) {
        let kept = self.html.trim_end_matches(['\n', ' ']).len();
        self.html.truncate(kept);
        match self.html.strip_suffix("<p>").map(str::len) {
            Some(before) => self.html.truncate(before),
            None => self.html.push_str("</p>"),
        }
    }

    fn start_image(&mut self, name: &CowStr<'_>, caption: &CowStr<'_>) {
        if let Some(drawing) = &mut self.drawing {
            drawing.depth = drawing.depth.saturating_add(1);
            return;
        }
        self.drawing = Some(Drawing {
            name: name.to_string(),
            caption: caption.trim().to_owned(),
            alt: String::new(),
            line: self.line,
            depth: 0,
        });
    }

    fn end_image(&mut self) {
        let Some(mut drawing) = self.drawing.take() else {
            return;
        };
        if drawing.depth > 0 {
            drawing.depth = drawing.depth.saturating_sub(1);
            self.drawing = Some(drawing);
            return;
        }
        let Drawing {
            name,
            caption,
            alt,
            line,
            ..
        } = drawing;
        let alt = alt.trim();
        if alt.is_empty() {
            self.problems.error("alt-missing", line, &[&name]);
        }
        if is_remote(&name) {
            self.problems.error("image-remote", line, &[&name]);
        } else if !is_media_name(&name) {
            self.problems.error("media-name", line, &[&name]);
        } else {
            let figure = figure(&name, alt, &caption);
            self.plain.push(' ');
            self.plain.push_str(&caption);
            self.pictures.push(Picture { name, line });
            self.place(&figure);
        }
    }

    /// A figure never stands inside a paragraph: before it when it comes first, else after.
    fn place(&mut self, figure: &str) {
        match self.html.strip_suffix("<p>").map(str::len) {
            Some(before) => {
                self.html.truncate(before);
                self.html.push_str(figure);
                self.html.push_str("<p>");
            }
            None => self.waiting.push_str(figure),
        }
    }
}

fn is_remote(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    lower.contains("://") || lower.starts_with("//") || lower.starts_with("data:")
}
