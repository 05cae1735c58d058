//! Forms as data: what a form is, reading one from its source, and judging the answers to it.
//!
//! A form is written as TOML ([`compile`]), becomes a [`FormProgram`] (plain JSON), and
//! [`judge`] says which questions are to be asked, what is wrong with the answers, which answers
//! count and what the score is. The device judges before it seals, the gate judges again before
//! it accepts, and the screen runs the same program with `ui/src/lib/form/interpreter.ts`. All
//! three must say the same, so the meaning is spelled out here once.
//!
//! # Values
//!
//! An expression works on *nothing*, a text, a number, a flag or a list of choice names.
//!
//! - **There is no empty text and no empty list**: both are *nothing*. An answer made of spaces
//!   alone (space, tab, line feed, carriage return, U+00A0, U+202F) is *nothing* too.
//! - **Numbers** are 64-bit floats between -1e15 and 1e15. A result outside is *nothing*; one
//!   nearer to zero than 1e-6 is 0. So every number has one plain decimal writing.
//! - **As a number**: a flag is 1 or 0. A text is a number when, without the spaces around it,
//!   it is an optional `-`, 1 to 15 digits, and optionally `.` or `,` and 1 to 9 digits. Anything
//!   else is no number.
//! - **As a text**: a flag is `yes` or `no`, a number its shortest decimal writing, a list its
//!   names with one space between, *nothing* no character at all.
//! - **As a truth** (`and`, `or`, `not`, `if`, `relevant`, `constraint`): *nothing* is false, a
//!   flag is itself, a number is true unless 0, a text or a list is true.
//!
//! # Operators and functions
//!
//! - `=`: *nothing* equals only *nothing*. If one side is a number, both are compared as numbers,
//!   and a side that is no number makes it false. Otherwise both are compared as texts, exactly.
//!   `!=` is the opposite of `=`.
//! - `<` `<=` `>` `>=`: false if one side is *nothing*; then as for `=`; texts are ordered by
//!   code point, which orders dates (`YYYY-MM-DD`) and times (`HH:MM`) rightly.
//! - `+ - * div mod`: *nothing* if a side is no number, or for a division by 0; `mod` has the sign
//!   of its left side.
//! - `selected(x, 'a')`: the list has `a`, or the text is `a`. `count-selected(x)`: the length of
//!   a list, 0 for *nothing*, else 1. `coalesce(a, b, …)`: the first that is not *nothing*.
//!   `if(c, a, b)`. `string-length(x)`: code points of the text. `concat(…)`: at most 20,000 code
//!   points, the rest is cut. `number(x)`: as a number, or *nothing*. `round(x, digits)`: halves
//!   go up; 0 to 6 digits. `min(…)` and `max(…)`: of those that are numbers. `today()`: the day
//!   passed in, as a text. `score()`: the score as below. `true()`, `false()`, `not(x)`.
//!
//! # Judging
//!
//! 1. Each question is settled once those that its `relevant` and `calculate` name are settled.
//!    Questions that wait for each other in a circle are never relevant ([`check()`] refuses them).
//! 2. A question that is not relevant has the value *nothing*, whatever was answered.
//! 3. An answer of the wrong type, an unknown choice, a text over 20,000 code points, a number out
//!    of range or too many photos is a problem, and has the value *nothing*.
//! 4. A required, relevant question with the value *nothing* is a problem. A constraint is looked
//!    at only when there is a value. All kept texts together may have 100,000 code points.
//! 5. Kept are the answers of relevant questions that have a value, and calculated values.
//!
//! The score is 100 × Σ(score × weight) / Σ(best score × weight), halves rounded up to a whole
//! number, over relevant `select_one` questions whose chosen answer has a score. An answer without
//! a score (« sans objet ») takes its question out of both sums. No such answer: no score.

mod answer;
mod bundled;
mod check;
mod check_expression;
mod evaluate;
mod expression;
mod filled;
mod program;
mod source;
mod token;
mod value;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;

pub use bundled::{SOURCES, bundled, bundled_form};
pub use check::check;
pub use evaluate::{Judged, Problem, ProblemCode, judge};
pub use expression::{ExpressionError, parse};
pub use filled::{Filled, defaults, filled, title};
pub use program::{
    Answer, Answers, Choice, Expression, Fills, FormProgram, FormSummary, Literal, Question,
    QuestionType, ReportType, Severity, Wording, pick,
};
pub use source::{SourceProblem, compile};

/// Most code points of one text answer, and of one text made by an expression.
pub const TEXT_MAX: usize = 20_000;
/// Most code points of all texts of one report together.
pub const TEXTS_MAX: usize = 100_000;
/// Most code points of the id of a place or person.
pub const ID_MAX: usize = 200;
/// Most photos for one question.
pub const PHOTOS_MAX: usize = 10;
/// Most questions in one form.
pub const QUESTIONS_MAX: usize = 100;
/// Most choices for one question.
pub const CHOICES_MAX: usize = 50;
/// Deepest nesting of an expression; the evaluator sees *nothing* below it.
pub const DEPTH_MAX: usize = 32;
/// Most nodes in one expression.
pub const NODES_MAX: usize = 300;
/// Most characters in the source of one expression.
pub const EXPRESSION_MAX: usize = 4_000;
/// Most bytes in the source of one form.
pub const SOURCE_MAX: usize = 400_000;
