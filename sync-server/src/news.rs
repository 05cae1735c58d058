//! Who has news: the scopes that each exchange touched, told to everyone who listens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use vigie_core::id::Id;
use vigie_core::person::Scope;

/// Where people and sites lie: who is granted what is computed from them.
pub const DIRECTORY: &str = "directory";
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
    /// When something was last new in each scope: by the sequence.
    touched: Mutex<BTreeMap<Scope, u64>>,
    /// What each person is granted, until the directory changes.
    granted: Mutex<BTreeMap<Id, Granted>>,
}

/// The scopes of a person, for as long as the directory is as it was, and in a year.
#[derive(Debug, Clone)]
struct Granted {
    year: i16,
    scopes: Arc<BTreeSet<Scope>>,
}

impl Default for News {
    fn default() -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            sequence: AtomicU64::new(1),
            touched: Mutex::default(),
            granted: Mutex::default(),
        }
    }
}

impl News {
    /// Tells that something is new in these scopes.
    pub fn tell(&self, from: Id, scopes: BTreeSet<Scope>) {
        if scopes.is_empty() {
            return;
        }
        {
            let mut touched = self.touched();
            let sequence = self.sequence.load(Ordering::SeqCst).saturating_add(1);
            for scope in &scopes {
                touched.insert(scope.clone(), sequence);
            }
            self.sequence.store(sequence, Ordering::SeqCst);
        }
        // After the number: what was read before it is not remembered any more.
        if scopes.contains(DIRECTORY) {
            self.granted().clear();
        }
        self.send(Tidings::Scopes {
            from,
            scopes: Arc::new(scopes),
        });
    }

    /// Tells that a device's streams end.
    pub fn end(&self, device: Id) {
        self.send(Tidings::Ended(device));
    }

    /// The scopes in which something was new since `sequence` was the latest.
    #[must_use]
    pub fn since(&self, sequence: u64) -> BTreeSet<Scope> {
        let touched = self.touched();
        let later = touched.iter().filter(|(_, at)| **at > sequence);
        later.map(|(scope, _)| scope.clone()).collect()
    }

    /// Whether something in these scopes is for a person, where it is known what they are granted.
    #[must_use]
    pub fn concerns(&self, person: Id, year: i16, scopes: &BTreeSet<Scope>) -> Option<bool> {
        let granted = self.grants(person, year)?;
        Some(!granted.is_disjoint(scopes))
    }

    /// What a person is granted, where it is known.
    #[must_use]
    pub fn grants(&self, person: Id, year: i16) -> Option<Arc<BTreeSet<Scope>>> {
        let granted = self.granted().get(&person).cloned();
        let granted = granted.filter(|granted| granted.year == year)?;
        Some(granted.scopes)
    }

    /// Remembers what a person is granted, as it was read when `sequence` was the latest.
    pub fn remember(&self, person: Id, year: i16, scopes: Arc<BTreeSet<Scope>>, sequence: u64) {
        let mut granted = self.granted();
        // What was told meanwhile may have been the directory.
        if self.sequence() == sequence {
            granted.insert(person, Granted { year, scopes });
        }
    }

    fn touched(&self) -> MutexGuard<'_, BTreeMap<Scope, u64>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn granted(&self) -> MutexGuard<'_, BTreeMap<Id, Granted>> {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner)
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
