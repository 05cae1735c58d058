//! When to ask again: spaced repetition in whole days, after FSRS-6 with its default parameters.
//!
//! The log of reviews is the truth and the state is computed from it each time, so that two
//! devices that merged their logs agree, and better parameters may come later.

use std::fmt;

use fsrs::{FSRS, FSRSItem, FSRSReview};

/// Share of items remembered on the day they come back, unless said otherwise.
pub const RETENTION: f32 = 0.9;
/// What keeps people safe is asked again at least once a year.
pub const INTERVAL_DAYS_MAX: i64 = 365;

const AGAIN: u32 = 1;
const GOOD: u32 = 3;

/// One time an item was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Review {
    /// Whole days since the Unix epoch.
    pub at_day: i64,
    /// Whether the answer was right.
    pub correct: bool,
}

/// When an item comes back, and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Due {
    /// Whole days since the Unix epoch; always after the last review.
    pub due_day: i64,
    /// Days after which nine times out of ten the item is still known.
    pub stability: f32,
    /// From 1, easy, to 10.
    pub difficulty: f32,
}

/// Why no day can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryError {
    /// The item was never answered.
    NoReview,
    /// The share to remember is not between 0.5 and 0.99.
    Retention,
    /// The model refused the log.
    Model,
}

impl fmt::Display for MemoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoReview => "no review to compute a day from",
            Self::Retention => "share to remember outside 0.5 to 0.99",
            Self::Model => "the memory model refused the reviews",
        })
    }
}

impl std::error::Error for MemoryError {}

/// The day an item comes back, from all its reviews, in any order.
///
/// `retention` is the share of items to remember on that day, from 0.5 to 0.99.
///
/// # Errors
/// When there is no review, or when `retention` is out of bounds; see [`MemoryError`].
pub fn next_due(reviews: &[Review], retention: f32) -> Result<Due, MemoryError> {
    if !(0.5..=0.99).contains(&retention) {
        return Err(MemoryError::Retention);
    }
    let mut reviews = reviews.to_vec();
    // On one day a miss comes first: the person then got it right.
    reviews.sort_by_key(|review| (review.at_day, review.correct));
    let Some(last) = reviews.last().map(|review| review.at_day) else {
        return Err(MemoryError::NoReview);
    };
    let mut before = None;
    let log = reviews.iter().map(|review| {
        let elapsed = before.map_or(0, |day| review.at_day.saturating_sub(day));
        before = Some(review.at_day);
        FSRSReview {
            rating: if review.correct { GOOD } else { AGAIN },
            delta_t: u32::try_from(elapsed).unwrap_or(u32::MAX),
        }
    });
    let item = FSRSItem {
        reviews: log.collect(),
    };
    let model = FSRS::new(&[]).or(Err(MemoryError::Model))?;
    let memory = model.memory_state(item, None).or(Err(MemoryError::Model))?;
    let interval = model.next_interval(Some(memory.stability), retention, GOOD);
    Ok(Due {
        due_day: last.saturating_add(whole_days(interval)),
        stability: memory.stability,
        difficulty: memory.difficulty,
    })
}

/// Rounds an interval to days, at least one, at most a year.
fn whole_days(interval: f32) -> i64 {
    let days = f64::from(interval).round();
    (1..INTERVAL_DAYS_MAX)
        .find(|whole| i32::try_from(*whole).is_ok_and(|whole| f64::from(whole) >= days))
        .unwrap_or(INTERVAL_DAYS_MAX)
}
