//! Hostile changes are refused, each for its own reason; honest ones always pass.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

mod catalogue;
mod documents;
mod honest;
mod mutation;
mod single;
