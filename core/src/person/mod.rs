//! The nouns that every feature may use: roles, seats, scopes, and the names of people and sites.

pub mod scope;
pub mod seat;
pub mod table;

pub use scope::Scope;
pub use seat::{Role, Seat};
