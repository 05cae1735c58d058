//! What an expression works on. The rules stand in the [module's documentation](super).

use std::cmp::Ordering;

use super::program::{Answer, Literal};
use super::{DEPTH_MAX, Expression, TEXT_MAX};

/// The greatest number there is.
pub(super) const NUMBER_MAX: f64 = 1e15;
/// What is nearer to zero than this is zero.
const NUMBER_MIN: f64 = 1e-6;
/// What counts as a space.
const SPACES: [char; 6] = [' ', '\t', '\n', '\r', '\u{a0}', '\u{202f}'];

/// A value of an expression. A text or a list in it is never empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// No value.
    Nothing,
    /// A text.
    Text(String),
    /// A number within the range, never -0.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// Names of choices.
    List(Vec<String>),
}

/// The text without spaces around it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(SPACES)
}

/// A count as a number.
fn count(length: usize) -> f64 {
    u32::try_from(length).map_or(f64::from(u32::MAX), f64::from)
}

/// The number within the range, or nothing.
pub(super) fn number(number: f64) -> Value {
    if number.is_finite() && number.abs() <= NUMBER_MAX {
        Value::Number(if number.abs() < NUMBER_MIN {
            0.0
        } else {
            number
        })
    } else {
        Value::Nothing
    }
}

/// The text, or nothing if it has no character.
pub(super) fn text(text: String) -> Value {
    if text.is_empty() {
        Value::Nothing
    } else {
        Value::Text(text)
    }
}

/// The number that a text writes.
fn number_written(text: &str) -> Option<f64> {
    let digits = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let written = trim(text).replacen(',', ".", 1);
    let unsigned = written.strip_prefix('-').unwrap_or(&written);
    let fine = match unsigned.split_once('.') {
        Some((whole, decimals)) => digits(whole, 15) && digits(decimals, 9),
        None => digits(unsigned, 15),
    };
    if fine { written.parse().ok() } else { None }
}

impl Value {
    /// The value of a constant.
    fn of(literal: &Literal) -> Self {
        match literal {
            Literal::Flag(flag) => Self::Flag(*flag),
            Literal::Number(constant) => number(*constant),
            Literal::Text(constant) => text(constant.clone()),
        }
    }

    /// As an answer to keep.
    pub(super) fn into_answer(self) -> Option<Answer> {
        match self {
            Self::Nothing => None,
            Self::Text(text) => Some(Answer::Text(text)),
            Self::Number(number) => Some(Answer::Number(number)),
            Self::Flag(flag) => Some(Answer::Flag(flag)),
            Self::List(list) => Some(Answer::List(list)),
        }
    }

    /// As a truth.
    pub(super) fn truth(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Flag(flag) => *flag,
            Self::Number(number) => *number != 0.0,
            Self::Text(_) | Self::List(_) => true,
        }
    }

    fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Flag(flag) => Some(f64::from(u8::from(*flag))),
            Self::Text(text) => match number(number_written(text)?) {
                Self::Number(number) => Some(number),
                Self::Nothing | Self::Text(_) | Self::Flag(_) | Self::List(_) => None,
            },
            Self::Nothing | Self::List(_) => None,
        }
    }

    fn as_text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Flag(true) => "yes".to_owned(),
            Self::Flag(false) => "no".to_owned(),
            Self::List(list) => list.join(" "),
        }
    }

    /// How two values stand to each other, if they can be compared.
    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => None,
            (Self::Number(_), _) | (_, Self::Number(_)) => {
                self.as_number()?.partial_cmp(&other.as_number()?)
            }
            _ => Some(self.as_text().cmp(&other.as_text())),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        (*self == Self::Nothing && *other == Self::Nothing)
            || self.order(other) == Some(Ordering::Equal)
    }
}

/// What an expression may ask of the form it stands in.
pub(super) trait Scope {
    /// The value of a question; nothing if there is none.
    fn field(&self, name: &str) -> Value;
    /// The value of the question that the expression belongs to.
    fn itself(&self) -> Value;
    /// The day that it is.
    fn today(&self) -> &str;
    /// The score so far.
    fn score(&self) -> Option<f64>;
}

/// The value of an expression. Below [`DEPTH_MAX`] levels everything is nothing.
pub(super) fn evaluate(expression: &Expression, scope: &dyn Scope) -> Value {
    descend(expression, scope, DEPTH_MAX)
}

fn descend(expression: &Expression, scope: &dyn Scope, levels: usize) -> Value {
    let Some(below) = levels.checked_sub(1) else {
        return Value::Nothing;
    };
    match expression {
        Expression::Value { value } => Value::of(value),
        Expression::Field { name } => scope.field(name),
        Expression::Itself => scope.itself(),
        Expression::Call { name, arguments } => {
            let values: Vec<Value> = arguments
                .iter()
                .map(|argument| descend(argument, scope, below))
                .collect();
            call(name, &values, scope)
        }
    }
}

fn call(name: &str, values: &[Value], scope: &dyn Scope) -> Value {
    let at = |index: usize| values.get(index).unwrap_or(&Value::Nothing);
    let (first, second) = (at(0), at(1));
    let order = || first.order(second);
    match name {
        "or" => Value::Flag(values.iter().any(Value::truth)),
        "and" => Value::Flag(values.iter().all(Value::truth)),
        "not" => Value::Flag(!first.truth()),
        "=" => Value::Flag(first.equals(second)),
        "!=" => Value::Flag(!first.equals(second)),
        "<" => Value::Flag(order().is_some_and(Ordering::is_lt)),
        "<=" => Value::Flag(order().is_some_and(Ordering::is_le)),
        ">" => Value::Flag(order().is_some_and(Ordering::is_gt)),
        ">=" => Value::Flag(order().is_some_and(Ordering::is_ge)),
        "+" | "-" | "*" | "div" | "mod" => arithmetic(name, values).map_or(Value::Nothing, number),
        "selected" => Value::Flag(selected(first, second)),
        "count-selected" => Value::Number(match first {
            Value::Nothing => 0.0,
            Value::List(list) => count(list.len()),
            Value::Text(_) | Value::Number(_) | Value::Flag(_) => 1.0,
        }),
        "coalesce" => values
            .iter()
            .find(|value| **value != Value::Nothing)
            .unwrap_or(first)
            .clone(),
        "if" => if first.truth() { second } else { at(2) }.clone(),
        "string-length" => Value::Number(count(first.as_text().chars().count())),
        "concat" => concat(values),
        "number" => first.as_number().map_or(Value::Nothing, number),
        "round" => round(first, second),
        "min" => values
            .iter()
            .filter_map(Value::as_number)
            .reduce(f64::min)
            .map_or(Value::Nothing, number),
        "max" => values
            .iter()
            .filter_map(Value::as_number)
            .reduce(f64::max)
            .map_or(Value::Nothing, number),
        "today" => text(scope.today().to_owned()),
        "score" => scope.score().map_or(Value::Nothing, number),
        _ => Value::Nothing,
    }
}

/// The result of an operator, left to right; nothing if a side is no number.
fn arithmetic(name: &str, values: &[Value]) -> Option<f64> {
    let mut numbers = values.iter().map(Value::as_number);
    let first = numbers.next()??;
    if values.len() == 1 {
        return Some(if name == "-" { -first } else { first });
    }
    let mut result = first;
    for number in numbers {
        let number = number?;
        result = match name {
            "+" => result + number,
            "-" => result - number,
            "*" => result * number,
            "div" => result / number,
            _ => result % number,
        };
    }
    Some(result)
}

fn selected(value: &Value, choice: &Value) -> bool {
    if *choice == Value::Nothing {
        return false;
    }
    let choice = choice.as_text();
    match value {
        Value::Nothing => false,
        Value::List(list) => list.contains(&choice),
        Value::Text(_) | Value::Number(_) | Value::Flag(_) => value.as_text() == choice,
    }
}

fn concat(values: &[Value]) -> Value {
    let mut result = String::new();
    let mut room = TEXT_MAX;
    for value in values {
        let part: String = value.as_text().chars().take(room).collect();
        room = room.saturating_sub(part.chars().count());
        result.push_str(&part);
    }
    text(result)
}

fn round(value: &Value, digits: &Value) -> Value {
    let Some(value) = value.as_number() else {
        return Value::Nothing;
    };
    let digits = digits.as_number().unwrap_or(0.0).clamp(0.0, 6.0);
    let (mut scale, mut done) = (1.0, 0.0);
    while done < digits {
        scale *= 10.0;
        done += 1.0;
    }
    number((value * scale + 0.5).floor() / scale)
}
