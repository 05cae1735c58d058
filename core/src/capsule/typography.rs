//! French typography: the marks a reader feels before noticing them.

use super::outline::Line;
use super::problem::Problems;

/// Reports, once a line and mark, what French print would not let through.
pub(super) fn check(lines: &[Line<'_>], problems: &mut Problems) {
    for line in lines {
        check_text(&prose_of(line.text), line.number, problems);
    }
}

/// Same for a text of the header.
pub(super) fn check_text(text: &str, line: u32, problems: &mut Problems) {
    let mut before = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied();
        match character {
            '"' => problems.warning("typography-quotes", line, &[]),
            '\'' if before.is_some_and(char::is_alphabetic) => {
                problems.warning("typography-apostrophe", line, &[]);
            }
            '?' | '!' | ';' | ':' if lacks_space(before, character, after) => {
                problems.warning("typography-space", line, &[&character.to_string()]);
            }
            '«' if !after.is_some_and(is_no_break) => {
                problems.warning("typography-space", line, &["«"]);
            }
            '»' if !before.is_some_and(is_no_break) => {
                problems.warning("typography-space", line, &["»"]);
            }
            _ => {}
        }
        before = Some(character);
    }
}

const fn is_no_break(character: char) -> bool {
    matches!(character, '\u{a0}' | '\u{202f}')
}

fn lacks_space(before: Option<char>, mark: char, after: Option<char>) -> bool {
    let Some(before) = before else {
        return false;
    };
    // `?!`, `10:30`, `https:` and an opening bracket ask for nothing.
    let joined = matches!(before, '?' | '!' | '(' | '[' | '…' | '«');
    let inside = mark == ':' && after.is_some_and(|next| !next.is_whitespace());
    !joined && !inside && !is_no_break(before)
}

/// A line of source without the marks of the dialect, the addresses and the entities.
fn prose_of(line: &str) -> String {
    let line = line.trim();
    if line.starts_with("|-") || line.starts_with("| -") || line.starts_with("|:") {
        return String::new();
    }
    let line = line.strip_prefix("## ?").map_or(line, |rest| {
        let rest = rest.trim_start();
        rest.strip_prefix("{#")
            .and_then(|rest| rest.split_once('}'))
            .map_or(rest, |(_, rest)| rest)
    });
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(['!', ']', '&', '`']) {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        rest = if let Some(after) = from.strip_prefix("![") {
            kept.push('[');
            after
        } else if let Some(after) = from.strip_prefix("](") {
            kept.push(']');
            after.split_once(')').map_or("", |(_, after)| after)
        } else if let Some(after) = entity(from) {
            kept.push('\u{a0}');
            after
        } else if let Some((_, after)) =
            from.strip_prefix('`').and_then(|code| code.split_once('`'))
        {
            after
        } else {
            let next = from.chars().next().map_or(0, char::len_utf8);
            let (mark, after) = from.split_at(next);
            kept.push_str(mark);
            after
        };
    }
    kept.push_str(rest);
    kept
}

/// What follows an entity such as `&nbsp;`.
fn entity(text: &str) -> Option<&str> {
    let (name, after) = text.strip_prefix('&')?.split_once(';')?;
    let known = name.len() <= 8
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
    known.then_some(after)
}
