//! Everything that phone and server agree on.
//!
//! No network, no clock, no threads, no screen: a whole fleet of phones runs inside one test.
//!
//! - [`device`]: a device over its file, the one door ([`command`](mod@command)) and its side of sync.
//! - [`features`]: the vertical slices; the only list of them.
//! - [`document`], [`act`], [`feature`], [`context`]: what a feature is written with.
//! - [`gate`]: what every change from a network passes first.
//! - [`sync`]: the exchange, both sides.
//! - [`store`]: the device's file.
//! - [`person`]: roles, seats, scopes.
//! - [`form`], [`program`], [`capsule`]: forms and capsules, compiled and judged.

pub mod account;
pub mod act;
pub mod capsule;
pub mod command;
pub mod context;
pub mod device;
pub mod document;
pub mod error;
pub mod feature;
pub mod features;
pub mod form;
pub mod gate;
pub mod id;
pub mod moment;
pub mod person;
pub mod program;
pub mod store;
pub mod sync;
#[cfg(test)]
pub(crate) mod testing;

pub use device::Device;
pub use error::{Code, Error, Result};
pub use id::{Entropy, Id};
pub use moment::Moment;
