//! Who may do what: `docs/RIGHTS.md` is the expectation, written and reviewed by hand, and each of its
//! cells is tried: against the server's judgement of raw changes, against what sync delivers, and
//! against every route.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

mod cast;
mod doors;
mod edits;
mod reads;
mod table;
mod writes;
