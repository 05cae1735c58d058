//! Small readings of plain text shared by the lint and the grading: folding, numbers, words.
//!
//! `ui/src/lib/capsule/grade.ts` does the same, character for character; the vectors beside it
//! keep both together.

/// Letters that count as their base letter, lower case only.
const FOLDED: &[(&str, &str)] = &[
    ("àáâãäåāăą", "a"),
    ("çćĉċč", "c"),
    ("ďđ", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņňŉ", "n"),
    ("òóôõöøōŏő", "o"),
    ("ŕŗř", "r"),
    ("śŝşš", "s"),
    ("ţťŧ", "t"),
    ("ùúûüũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("œ", "oe"),
    ("æ", "ae"),
    ("ß", "ss"),
    ("’‘ʼ", "'"),
    ("‐‑–", "-"),
];

/// Whether a character separates words, no-break and zero-width spaces included.
pub(super) fn is_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{feff}' | '\u{200b}')
}

/// Trims every kind of space at both ends.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Lower case, without accents, with single plain spaces: what makes two typed words the same.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    // The whole text at once: some letters depend on their neighbours.
    for character in text.to_lowercase().chars() {
        if is_space(character) {
            space = true;
            continue;
        }
        if ('\u{300}'..='\u{36f}').contains(&character) {
            continue;
        }
        if space && !folded.is_empty() {
            folded.push(' ');
        }
        space = false;
        match FOLDED
            .iter()
            .find(|(letters, _)| letters.contains(character))
        {
            Some((_, base)) => folded.push_str(base),
            None => folded.push(character),
        }
    }
    folded
}

/// Splits a typed amount into its number and the unit after it.
///
/// The number may have a sign, a decimal comma or point, and spaces between groups of three
/// digits (`1 500,5`). `None` when there is no number at the start.
pub(super) fn amount(text: &str) -> Option<(f64, &str)> {
    let text = trimmed(text);
    let (negative, unsigned) = match text.chars().next() {
        Some(sign @ ('-' | '−')) => (true, text.get(sign.len_utf8()..).unwrap_or("")),
        Some('+') => (false, text.get(1..).unwrap_or("")),
        _ => (false, text),
    };
    let unsigned = unsigned.trim_start_matches(is_space);
    let (whole, rest) = whole_digits(unsigned);
    let (decimals, rest) = match rest.strip_prefix([',', '.']) {
        Some(after) => {
            let digits = leading_digits(after);
            if digits.is_empty() {
                return None;
            }
            (digits, after.get(digits.len()..).unwrap_or(""))
        }
        None => ("", rest),
    };
    if whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    let value: f64 = format!("{sign}{whole}.{decimals}0").parse().ok()?;
    // A second separator or a digit right after is not a unit: `1,500.5`, `1 50`.
    let unit = trimmed(rest);
    let odd = unit.starts_with(|next: char| next.is_ascii_digit() || matches!(next, ',' | '.'));
    (value.is_finite() && !odd).then_some((value, unit))
}

fn leading_digits(text: &str) -> &str {
    let end = text
        .find(|next: char| !next.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

/// Digits before the decimal separator, groups of three joined, and what follows.
fn whole_digits(text: &str) -> (String, &str) {
    let mut digits = leading_digits(text).to_owned();
    let mut rest = text.get(digits.len()..).unwrap_or("");
    if !digits.is_empty() && digits.len() <= 3 {
        while let Some(space) = rest.chars().next().filter(|next| is_space(*next)) {
            let after = rest.get(space.len_utf8()..).unwrap_or("");
            let group = leading_digits(after);
            if group.len() != 3 {
                break;
            }
            digits.push_str(group);
            rest = after.get(group.len()..).unwrap_or("");
        }
    }
    if digits.is_empty() && rest.starts_with([',', '.']) {
        digits.push('0');
    }
    (digits, rest)
}

/// How many words a text has: runs between spaces with at least one letter or digit.
pub(super) fn words(text: &str) -> usize {
    text.split(is_space)
        .filter(|run| run.contains(char::is_alphanumeric))
        .count()
}

/// Whether a text is a valid identifier: lower-case letters, digits, single hyphens inside.
pub(super) fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A count as a number of the contract; far above any real count it stays at the top.
pub(super) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
