//! Time as the shells pass it in: milliseconds since the Unix epoch and the offset of the wall
//! clock. Nothing in core reads a clock.

use jiff::civil::Date;
use jiff::tz::Offset;

use crate::error::{Error, Result};

/// A moment on somebody's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub ms: i64,
    /// Minutes east of UTC of the person's wall clock, within ±14 hours.
    pub offset_minutes: i32,
}

impl Moment {
    /// A moment in UTC.
    #[must_use]
    pub const fn utc(ms: i64) -> Self {
        Self {
            ms,
            offset_minutes: 0,
        }
    }

    /// The civil date on that wall clock.
    #[must_use]
    pub fn date(self) -> Date {
        let offset =
            Offset::from_seconds(self.offset_minutes.saturating_mul(60)).unwrap_or(Offset::UTC);
        jiff::Timestamp::from_millisecond(self.ms).map_or(Date::constant(1970, 1, 1), |time| {
            offset.to_datetime(time).date()
        })
    }

    /// `YYYY-MM-DD` on that wall clock.
    #[must_use]
    pub fn day(self) -> String {
        self.date().to_string()
    }

    /// Whole days since 1970-01-01 of that date.
    #[must_use]
    pub fn day_number(self) -> i64 {
        day_number(self.date())
    }

    /// The civil year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.date().year()
    }
}

/// Whole days since 1970-01-01.
#[must_use]
pub fn day_number(date: Date) -> i64 {
    let since = date.since(Date::constant(1970, 1, 1));
    since.map_or(0, |span| i64::from(span.get_days()))
}

/// `YYYY-MM-DD` of a day number.
#[must_use]
pub fn day_of(number: i64) -> String {
    use jiff::ToSpan;
    let days = number.clamp(0, 2_000_000);
    Date::constant(1970, 1, 1)
        .checked_add(days.days())
        .map_or_else(|_error| "1970-01-01".to_owned(), |date| date.to_string())
}

/// Reads `YYYY-MM-DD`.
///
/// # Errors
/// When it is not a date.
pub fn parse_day(text: &str) -> Result<Date> {
    text.parse()
        .map_err(|error| Error::invalid(format!("not a date: `{text}`: {error}")))
}
