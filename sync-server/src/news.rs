//! Who has news: the scopes that each exchange touched, told to everyone who listens.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::broadcast;
use vigie_core::id::Id;
use vigie_core::person::Scope;

/// How many tidings a slow listener may be behind before it is told "something changed".
const BACKLOG: usize = 256;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Tidings {
    /// Something is new in these scopes.
    Scopes {
        /// The device that brought it; it knows already.
        from: Id,
        /// Which.
        scopes: Arc<BTreeSet<Scope>>,
    },
    /// A device was revoked or its session ended: its streams end.
    Ended(Id),
}

/// Where news is told.
#[derive(Debug)]
pub struct News {
    sender: broadcast::Sender<Tidings>,
    sequence: AtomicU64,
}

impl Default for News {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            sequence: AtomicU64::new(1),
        }
    }
}

impl News {
    /// Tells that something is new in these scopes.
    pub fn tell(&self, from: Id, scopes: BTreeSet<Scope>) {
        if scopes.is_empty() {
            return;
        }
        self.sequence.fetch_add(1, Ordering::SeqCst);
        self.send(Tidings::Scopes {
            from,
            scopes: Arc::new(scopes),
        });
    }

    /// Tells that a device's streams end.
    pub fn end(&self, device: Id) {
        self.send(Tidings::Ended(device));
    }

    fn send(&self, tidings: Tidings) {
        // Nobody listening is no failure.
        drop(self.sender.send(tidings));
    }

    /// Grows with everything new: whoever saw this number has seen it all.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence.load(Ordering::SeqCst)
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Tidings> {
        self.sender.subscribe()
    }
}
