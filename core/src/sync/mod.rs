//! Sync: one exchange for everything.
//!
//! A device sends what it made and one hash of its cursors; the server answers receipts, refusals,
//! documents that changed in the device's scopes, and new cursors. Retrying anything is harmless.
//! Both sides are here, without sockets or clocks: [`request`] is what goes out, [`exchange`] how the
//! server answers it over a [`Store`](store::Store), [`pull`] how the device takes the answer in,
//! [`machine`] what the device should do next.
//! This module sees document ids, kinds and bytes; never a feature.

mod admission;
pub mod desk;
pub mod exchange;
pub mod frame;
mod give_back;
pub mod hands;
pub mod machine;
pub mod message;
mod news;
pub mod pull;
pub mod push;
pub mod receipt;
pub mod request;
pub(crate) mod reread;
pub mod store;

#[cfg(test)]
mod tests;
