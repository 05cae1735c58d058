//! The one place where the shell reads the clock and the time zone; tests bring their own clock.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use vigie_core::Moment;

/// Tells the time: milliseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The system's clock. Debug builds add `VIGIE_CLOCK_OFFSET_MS`, for the test of wrong clocks.
#[must_use]
pub fn system() -> Clock {
    let off = if cfg!(debug_assertions) {
        offset_for_tests()
    } else {
        0
    };
    Arc::new(move || {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place where the clock is read"
        )]
        let now = SystemTime::now();
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis())
            .unwrap_or(i64::MAX)
            .saturating_add(off)
    })
}

fn offset_for_tests() -> i64 {
    std::env::var("VIGIE_CLOCK_OFFSET_MS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// That time on this device's wall clock.
#[must_use]
pub fn moment(ms: i64) -> Moment {
    let offset_minutes = Timestamp::from_millisecond(ms).map_or(0, |time| {
        TimeZone::system()
            .to_offset(time)
            .seconds()
            .checked_div(60)
            .unwrap_or(0)
    });
    Moment { ms, offset_minutes }
}
