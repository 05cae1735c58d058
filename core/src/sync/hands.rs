//! Work that may be shared out. This crate has no threads; a shell that has some lends them.

use std::sync::mpsc;

use serde_json::Value;

use crate::document::Document;
use crate::error::{Error, Result};

/// A piece of work.
pub type Work = Box<dyn FnOnce() + Send>;

/// Whoever does pieces of work, in any order, at once or a little later.
pub trait Hands: Send + Sync {
    /// Takes a piece of work. It must be done some time, else whoever needs it waits for ever.
    fn share(&self, work: Work);
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

/// A document that is being read.
pub(super) struct Opening(mpsc::Receiver<Result<Opened>>);

impl Opening {
    /// Has `hands` read the chunk.
    pub(super) fn begin(hands: &dyn Hands, body: Vec<u8>) -> Self {
        let (sender, receiver) = mpsc::sync_channel(1);
        hands.share(Box::new(move || {
            let opened = Document::open(&body).map(|(mut document, view)| {
                let heads = document.heads();
                Opened { body, view, heads }
            });
            // Nobody waits for it any more when the answer was given up.
            drop(sender.send(opened));
        }));
        Self(receiver)
    }

    /// What was read.
    ///
    /// # Errors
    /// When the chunk is not a document within the limits of the gate.
    pub(super) fn end(self) -> Result<Opened> {
        self.0
            .recv()
            .unwrap_or_else(|_lost| Err(Error::unexpected("a document that nobody read")))
    }
}
