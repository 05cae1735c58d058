//! Tests of the feature.

mod filling;
mod fold;
mod privacy;
mod triage;
