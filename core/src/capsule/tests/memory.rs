//! When items come back.

use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

use super::super::memory::{MemoryError, RETENTION, Review, next_due};

fn log(reviews: &[(i64, bool)]) -> Vec<Review> {
    reviews
        .iter()
        .map(|&(at_day, correct)| Review { at_day, correct })
        .collect()
}

#[test]
fn the_known_vector_of_the_reference_implementation_is_met() {
    // py-fsrs `test_memo_state`: again, then good after 0, 1, 3, 8 and 21 days.
    let days = [
        (100, false),
        (100, true),
        (101, true),
        (104, true),
        (112, true),
        (133, true),
    ];
    let due = next_due(&log(&days), RETENTION).expect("a day");
    assert!(
        (due.stability - 53.626_91).abs() < 1e-4,
        "stability {}",
        due.stability
    );
    assert!(
        (due.difficulty - 6.357_486_7).abs() < 1e-4,
        "difficulty {}",
        due.difficulty
    );
    assert_eq!(
        due.due_day,
        133 + 54,
        "at 90 % the interval is the stability, rounded"
    );
}

#[test]
fn first_answers_come_back_soon() {
    assert_eq!(
        next_due(&log(&[(20_000, true)]), 0.9)
            .expect("a day")
            .due_day,
        20_002,
        "right"
    );
    assert_eq!(
        next_due(&log(&[(20_000, false)]), 0.9)
            .expect("a day")
            .due_day,
        20_001,
        "wrong"
    );
}

#[test]
fn nothing_waits_more_than_a_year() {
    let days: Vec<(i64, bool)> = (0..12).map(|step| (step * 400, true)).collect();
    let due = next_due(&log(&days), 0.9).expect("a day");
    assert_eq!(due.due_day, 11 * 400 + 365, "a year after the last");
}

#[test]
fn what_cannot_be_computed_is_said() {
    assert_eq!(next_due(&[], 0.9), Err(MemoryError::NoReview), "no review");
    for retention in [0.0, 0.49, 1.0, 2.0, -1.0, f32::NAN, f32::INFINITY] {
        let refused = next_due(&log(&[(0, true)]), retention);
        assert_eq!(refused, Err(MemoryError::Retention), "{retention}");
    }
}

#[test]
fn days_at_the_ends_of_time_are_harmless() {
    let ends = log(&[(i64::MIN, true), (i64::MAX, true)]);
    let due = next_due(&ends, 0.9).expect("a day");
    assert_eq!(due.due_day, i64::MAX, "saturates");
}

proptest! {
    #[test]
    fn the_order_of_the_log_does_not_matter(
        reviews in prop::collection::vec((0_i64..2000, prop::bool::ANY), 1..20),
        retention in 0.5_f32..0.99,
    ) {
        let forward = next_due(&log(&reviews), retention).expect("a day");
        let mut backward = log(&reviews);
        backward.reverse();
        prop_assert_eq!(next_due(&backward, retention).expect("a day"), forward);
        let last = reviews.iter().map(|review| review.0).max().expect("one");
        prop_assert!((1..=365).contains(&forward.due_day.saturating_sub(last)));
        prop_assert!(forward.stability > 0.0 && (1.0..=10.0).contains(&forward.difficulty));
    }
}
