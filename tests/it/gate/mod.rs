//! Hostile changes are refused, each for its own reason; honest ones always pass.

mod catalogue;
mod documents;
mod honest;
mod mutation;
