//! The features: this list is the only one.

pub mod action;
pub mod directory;
pub mod form;
pub mod health;
pub mod learn;
pub mod report;
#[cfg(test)]
mod tests;

use crate::feature::Feature;

/// Every feature. To add one: a folder, a line above, a name here.
pub const FEATURES: &[&Feature] = &[
    &directory::FEATURE,
    &form::FEATURE,
    &report::FEATURE,
    &action::FEATURE,
    &learn::FEATURE,
    &health::FEATURE,
];
