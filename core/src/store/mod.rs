//! The device's file: documents, what waits to be sent, receipts, cursors, blobs. Knows no feature.

pub mod blob;
pub mod document;
pub mod erase;
pub mod open;
pub mod outbox;
pub mod setting;
