//! Capsules: five-minute lessons written as plain text, checked, packed and graded.
//!
//! An author writes a TOML header and Markdown with a small quiz dialect. [`lint::check`] turns
//! that source into a [`Capsule`] and says everything a careful editor would say.
//! [`pack::pack`] makes the reproducible bytes that travel to devices, [`grade::grade`] says
//! whether an answer is right, and [`memory::next_due`] when to ask again.
//!
//! Everything here is pure: no clock, no randomness, no file. Days are passed in.

mod fairness;
pub mod grade;
mod header;
mod item;
pub mod languages;
pub mod lint;
mod markers;
pub mod memory;
mod model;
mod outline;
pub mod pack;
mod problem;
mod prose;
mod safe;
pub mod svg;
mod text;
mod typography;

#[cfg(test)]
mod tests;

pub use model::{
    Capsule, Card, QuizAnswer, QuizChoice, QuizItem, QuizKind, QuizNumber, QuizPair, Source,
};
pub use problem::{Level, Problem};
