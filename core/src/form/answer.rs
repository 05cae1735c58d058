//! Whether an answer suits its question.

use std::collections::BTreeSet;

use super::evaluate::ProblemCode;
use super::program::{Answer, Question, QuestionType, Severity};
use super::value::{self, Value};
use super::{ID_MAX, PHOTOS_MAX, TEXT_MAX};

/// The value of an answer, or what is wrong with it.
pub(super) fn accept(question: &Question, answer: &Answer) -> Result<Value, ProblemCode> {
    match (question.kind, answer) {
        (QuestionType::Note | QuestionType::Calculate, _) => Ok(Value::Nothing),
        (_, Answer::Text(text)) if value::trim(text).is_empty() => Ok(Value::Nothing),
        (_, Answer::List(list)) if list.is_empty() => Ok(Value::Nothing),
        (QuestionType::Text, Answer::Text(text)) => at_most(text, TEXT_MAX),
        (QuestionType::Place | QuestionType::Person, Answer::Text(text)) => at_most(text, ID_MAX),
        (QuestionType::Integer, Answer::Number(number)) if number.fract() != 0.0 => {
            Err(ProblemCode::Type)
        }
        (QuestionType::Integer | QuestionType::Decimal, Answer::Number(number)) => {
            Some(value::number(*number))
                .filter(|value| *value != Value::Nothing)
                .ok_or(ProblemCode::Range)
        }
        (QuestionType::Date, Answer::Text(text)) => written(text, is_date(text)),
        (QuestionType::Time, Answer::Text(text)) => written(text, is_time(text)),
        (QuestionType::Datetime, Answer::Text(text)) => written(
            text,
            text.split_once('T')
                .is_some_and(|(date, time)| is_date(date) && is_time(time)),
        ),
        (QuestionType::SelectOne, Answer::Text(name)) => {
            let known = question.choices.iter().any(|choice| choice.name == *name);
            if known {
                Ok(Value::Text(name.clone()))
            } else {
                Err(ProblemCode::Choice)
            }
        }
        (QuestionType::Severity, Answer::Text(name)) => match Severity::from_name(name) {
            Some(_) => Ok(Value::Text(name.clone())),
            None => Err(ProblemCode::Choice),
        },
        (QuestionType::SelectMultiple, Answer::List(list)) => {
            let known = |name: &String| question.choices.iter().any(|choice| choice.name == *name);
            if all_different(list) && list.iter().all(known) {
                Ok(Value::List(list.clone()))
            } else {
                Err(ProblemCode::Choice)
            }
        }
        (QuestionType::YesNo, Answer::Flag(flag)) => Ok(Value::Flag(*flag)),
        (QuestionType::Photo, Answer::List(list)) if list.len() > PHOTOS_MAX => {
            Err(ProblemCode::TooMany)
        }
        (QuestionType::Photo, Answer::List(list))
            if all_different(list) && list.iter().all(|hash| is_hash(hash)) =>
        {
            Ok(Value::List(list.clone()))
        }
        _ => Err(ProblemCode::Type),
    }
}

fn at_most(text: &str, most: usize) -> Result<Value, ProblemCode> {
    if text.chars().nth(most).is_some() {
        return Err(ProblemCode::TooLong);
    }
    Ok(Value::Text(text.to_owned()))
}

fn written(text: &str, fine: bool) -> Result<Value, ProblemCode> {
    if fine {
        Ok(Value::Text(text.to_owned()))
    } else {
        Err(ProblemCode::Type)
    }
}

fn all_different(list: &[String]) -> bool {
    list.iter().collect::<BTreeSet<_>>().len() == list.len()
}

fn is_hash(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The numbers of a text whose digits stand in groups of these lengths, parted by the mark.
fn groups<const N: usize>(text: &str, mark: char, lengths: [usize; N]) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(mark);
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next()?;
        if part.len() != length || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// `YYYY-MM-DD`, a day that exists, from the year 1.
fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = groups(text, '-', [4, 2, 2]) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

/// `HH:MM`, from 00:00 to 23:59.
fn is_time(text: &str) -> bool {
    groups(text, ':', [2, 2]).is_some_and(|[hour, minute]| hour < 24 && minute < 60)
}
