//! Who has heard everything: a device that asks again when nothing is new for it is answered without the
//! store.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vigie_core::error::Result;
use vigie_core::id::Id;
use vigie_core::moment::Moment;
use vigie_core::person::Scope;
use vigie_core::sync::exchange::{Summary, nothing_new};
use vigie_core::sync::push::Pusher;
use vigie_core::sync::request::question;

use crate::app::App;
use crate::news::DIRECTORY;

/// A request that brings nothing is shorter: bytes.
const SHORT_BYTES: usize = 256;
/// The store notes now and then that a device spoke: milliseconds.
const CONTACT_EVERY_MS: i64 = 60_000;

/// What a device was told last.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    /// The fingerprint of the cursors that it has then.
    pub fingerprint: u64,
    /// [`News::sequence`](crate::news::News::sequence) before the store was read.
    pub sequence: u64,
    /// What other processes had written before: see
    /// [`Sqlite::written_elsewhere_now`](crate::store::sqlite::Sqlite::written_elsewhere_now).
    pub version: i64,
    /// When: milliseconds.
    pub at_ms: i64,
}

/// The devices of the app that have heard everything. Browsers, of which there are ever new ones, ask
/// in-process and always the store.
#[derive(Debug, Default)]
pub struct Heard(Mutex<BTreeMap<Id, Last>>);

impl Heard {
    /// Remembers what a device was told; `None` forgets it.
    pub fn note(&self, device: Id, last: Option<Last>) {
        match last {
            Some(last) => self.lock().insert(device, last),
            None => self.lock().remove(&device),
        };
    }

    fn last(&self, device: Id) -> Option<Last> {
        self.lock().get(&device).copied()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Id, Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// The scopes that a person is granted, remembered as of `sequence`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn grant(&self, person: Id, now_ms: i64, sequence: u64) -> Result<Arc<BTreeSet<Scope>>> {
        let year = Moment::utc(now_ms).year();
        if let Some(known) = self.news.grants(person, year) {
            return Ok(known);
        }
        let granted = Arc::new(self.store.granted(person, now_ms)?);
        let scopes = Arc::clone(&granted);
        self.news.remember(person, year, scopes, sequence);
        Ok(granted)
    }

    /// One exchange with a device of the app: when it has heard everything, that is remembered.
    ///
    /// # Errors
    /// As [`App::exchange`].
    pub fn hear(&self, pusher: &Pusher<'_>, request: &[u8], out: impl Write) -> Result<Summary> {
        let sequence = self.news.sequence();
        let version = self.store.written_elsewhere_now();
        self.heard.note(pusher.device, None);
        let summary = self.exchange(pusher, request, out)?;
        let last = summary
            .settled
            .zip(version)
            .map(|(fingerprint, version)| Last {
                fingerprint,
                sequence,
                version,
                at_ms: pusher.now_ms,
            });
        self.heard.note(pusher.device, last);
        // So that the next answer needs no store. This one has ended: nothing may fail it any more.
        if let ([person], Some(_)) = (pusher.persons, last)
            && let Err(error) = self.grant(*person, pusher.now_ms, sequence)
        {
            tracing::warn!(%error, "the next answer will need the store");
        }
        Ok(summary)
    }

    /// The answer to a device that brings nothing and has heard everything; `None` when that is not
    /// certain.
    #[must_use]
    pub fn nothing_new(&self, device: Id, person: Id, request: &[u8]) -> Option<Vec<u8>> {
        if request.len() > SHORT_BYTES {
            return None;
        }
        let (last, now_ms) = (self.heard.last(device)?, self.now());
        let recent = now_ms.saturating_sub(last.at_ms) < CONTACT_EVERY_MS;
        if !recent || question(request)? != last.fingerprint {
            return None;
        }
        if self.store.written_elsewhere_now()? != last.version {
            return None;
        }
        let since = self.news.since(last.sequence);
        if since.contains(DIRECTORY) {
            return None;
        }
        let year = Moment::utc(now_ms).year();
        if self.news.concerns(person, year, &since)? {
            return None;
        }
        let answer = nothing_new(now_ms).ok()?;
        self.metrics.exchanges.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }
}
