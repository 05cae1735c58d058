//! Cutting the source of an expression into tokens.

use super::EXPRESSION_MAX;
use super::expression::ExpressionError;
use super::value::NUMBER_MAX;

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Field(String),
    Text(String),
    Number(f64),
    Word(String),
    Symbol(&'static str),
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(name) => write!(formatter, "`${{{name}}}`"),
            Self::Text(_) => write!(formatter, "a text"),
            Self::Number(number) => write!(formatter, "`{number}`"),
            Self::Word(word) => write!(formatter, "`{word}`"),
            Self::Symbol(symbol) => write!(formatter, "`{symbol}`"),
        }
    }
}

/// One token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it begins: the character, from 1.
    pub(super) position: usize,
}

/// The longer symbols stand before those they begin with.
const SYMBOLS: [&str; 13] = [
    "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "(", ")", ",", ".",
];

/// A cursor over the characters of a source.
struct Reader<'a> {
    rest: &'a str,
    position: usize,
}

impl<'a> Reader<'a> {
    /// Takes what is in front while it fits.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let length = self
            .rest
            .find(|character| !fits(character))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        self.position = self.position.saturating_add(taken.chars().count());
        taken
    }

    /// Takes the given words if they are in front.
    fn skip(&mut self, words: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(words) else {
            return false;
        };
        self.rest = rest;
        self.position = self.position.saturating_add(words.chars().count());
        true
    }
}

/// Cuts a source into tokens.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, ExpressionError> {
    if source.chars().count() > EXPRESSION_MAX {
        let message = format!("longer than {EXPRESSION_MAX} characters");
        return Err(ExpressionError {
            position: EXPRESSION_MAX,
            message,
        });
    }
    let mut reader = Reader {
        rest: source,
        position: 1,
    };
    let mut tokens = Vec::new();
    loop {
        reader.take(char::is_whitespace);
        let position = reader.position;
        let Some(first) = reader.rest.chars().next() else {
            return Ok(tokens);
        };
        let kind =
            token(&mut reader, first).map_err(|message| ExpressionError { position, message })?;
        tokens.push(Token { kind, position });
    }
}

fn token(reader: &mut Reader<'_>, first: char) -> Result<Kind, String> {
    if reader.skip("${") {
        let name = reader.take(|character| character != '}').trim().to_owned();
        if !reader.skip("}") {
            return Err("`${` is not closed by `}`".to_owned());
        }
        return Ok(Kind::Field(name));
    }
    if first == '\'' || first == '"' {
        let quote = first.to_string();
        reader.skip(&quote);
        let text = reader.take(|character| character != first).to_owned();
        if !reader.skip(&quote) {
            return Err(format!("the text is not closed by {first}"));
        }
        return Ok(Kind::Text(text));
    }
    if first.is_ascii_digit() {
        let written = reader.take(|character| character.is_ascii_digit() || character == '.');
        return written
            .parse()
            .ok()
            .filter(|number: &f64| *number <= NUMBER_MAX)
            .map(Kind::Number)
            .ok_or_else(|| format!("`{written}` is not a number that can be used"));
    }
    if first.is_ascii_alphabetic() {
        let in_word =
            |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
        return Ok(Kind::Word(reader.take(in_word).to_owned()));
    }
    if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| reader.skip(symbol)) {
        return Ok(Kind::Symbol(symbol));
    }
    Err(match first {
        '‘' | '’' | '“' | '”' | '«' | '»' => {
            format!("write texts between straight quotes ('…'), not {first}")
        }
        '/' => "write divisions with `div`; paths are not supported".to_owned(),
        '$' => "a question is written `${name}`".to_owned(),
        other => format!("`{other}` has no meaning here"),
    })
}
