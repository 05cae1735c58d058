//! Tests of the feature.
