//! The lines of the quiz dialect, one at a time.

/// A line that belongs to the answer of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker<'a> {
    /// `[( )] text` or `[(X)] text`.
    Single { correct: bool, text: &'a str },
    /// `[[ ]] text` or `[[X]] text`.
    Multiple { correct: bool, text: &'a str },
    /// `[[one|other]]` alone.
    Blank(&'a str),
    /// `[[= 1,5 ± 0,5 m]]` alone.
    Number(&'a str),
    /// `[1] text`.
    Step { number: &'a str, text: &'a str },
    /// `[left] = [right]`.
    Pair { left: &'a str, right: &'a str },
    /// `> text`.
    Feedback(&'a str),
    /// `***`.
    Fence,
    /// Looks like one of the above, but is none.
    Odd,
}

/// Reads a line; `None` for ordinary text.
pub(super) fn read(line: &str) -> Option<Marker<'_>> {
    let line = line.trim();
    if line == "***" {
        return Some(Marker::Fence);
    }
    if let Some(text) = line.strip_prefix('>') {
        return Some(Marker::Feedback(text.trim()));
    }
    if let Some(rest) = line.strip_prefix("[(") {
        let choice = rest
            .split_once(")]")
            .and_then(|(mark, text)| Some((is_right(mark)?, text)));
        return Some(match choice {
            Some((correct, text)) => Marker::Single {
                correct,
                text: text.trim(),
            },
            None => Marker::Odd,
        });
    }
    if let Some(rest) = line.strip_prefix("[[") {
        return Some(double(rest));
    }
    for bullet in ["- ", "* ", "+ "] {
        let inner = line.strip_prefix(bullet).map(str::trim_start);
        if inner.is_some_and(|inner| inner.starts_with("[(") || inner.starts_with("[[")) {
            return Some(Marker::Odd);
        }
    }
    line.strip_prefix('[').and_then(single_bracket)
}

fn is_right(mark: &str) -> Option<bool> {
    match mark.trim() {
        "" => Some(false),
        "X" | "x" => Some(true),
        _ => None,
    }
}

fn double(rest: &str) -> Marker<'_> {
    let Some((inside, text)) = rest.split_once("]]") else {
        return Marker::Odd;
    };
    let text = text.trim();
    match (is_right(inside), text.is_empty()) {
        // `[[]]` alone is a field that accepts nothing, `[[ ]]` a choice without words.
        (Some(false), true) if inside.is_empty() => Marker::Blank(""),
        (Some(correct), _) => Marker::Multiple { correct, text },
        (None, true) => match inside.trim().strip_prefix('=') {
            Some(amount) => Marker::Number(amount.trim()),
            None => Marker::Blank(inside),
        },
        (None, false) => Marker::Odd,
    }
}

fn single_bracket(rest: &str) -> Option<Marker<'_>> {
    if let Some((left, right)) = rest.split_once("] = [")
        && let Some(right) = right.strip_suffix(']')
    {
        return Some(Marker::Pair {
            left: left.trim(),
            right: right.trim(),
        });
    }
    let (number, text) = rest.split_once(']')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(Marker::Step {
        number,
        text: text.trim(),
    })
}
