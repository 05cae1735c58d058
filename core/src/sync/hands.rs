//! Work that may be shared out. This crate has no threads; a shell that has some lends them.

use std::sync::mpsc;

use serde_json::Value;

use crate::document::Document;
use crate::error::{Error, Result};
use crate::gate;

/// A piece of work.
pub type Work = Box<dyn FnOnce() + Send>;

/// Whoever does pieces of work, in any order, at once or a little later.
pub trait Hands: Send + Sync {
    /// Takes a piece of work. It must be done some time, else whoever needs it waits for ever.
    fn share(&self, work: Work);
}

/// Does a piece of work on a thread that is lent: a panic in it must not end the thread, let alone the
/// process. Whoever waits for it finds that it never came.
pub fn work(work: Work) {
    drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)));
}

/// Does everything itself, at once.
pub struct OneHand;

impl Hands for OneHand {
    fn share(&self, work: Work) {
        work();
    }
}

/// A document read from its chunk.
pub(super) struct Opened {
    pub(super) body: Vec<u8>,
    pub(super) view: Value,
    pub(super) heads: Vec<[u8; 32]>,
}

impl Opened {
    /// Reads a document.
    ///
    /// # Errors
    /// When the bytes are not a document within the limits of the gate.
    pub(super) fn read(body: Vec<u8>) -> Result<Self> {
        let gate::Read { view, heads } = Document::read(&body)?;
        Ok(Self { body, view, heads })
    }
}

/// What hands are at.
pub(super) struct Coming<T>(mpsc::Receiver<Result<T>>);

impl<T: Send + 'static> Coming<T> {
    /// Has `hands` do it.
    pub(super) fn begin(
        hands: &dyn Hands,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::sync_channel(1);
        hands.share(Box::new(move || {
            // Nobody waits for it any more when the answer was given up.
            drop(sender.send(work()));
        }));
        Self(receiver)
    }

    /// What it came to.
    ///
    /// # Errors
    /// The work's own.
    pub(super) fn end(self) -> Result<T> {
        self.0
            .recv()
            .unwrap_or_else(|_lost| Err(Error::unexpected("work that nobody did")))
    }
}
