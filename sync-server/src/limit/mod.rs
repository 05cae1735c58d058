//! Limits on how often and on how much at once: requests, guesses, streams, connections.

mod table;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vigie_core::error::{Error, Result};
use vigie_core::id::Id;

pub use table::{LIMITS, Limits};

use crate::token::{self, Hash};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What is used up and given back as time passes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Requests(IpAddr),
    DeviceRequests(Id),
    Uploads(Id),
    Pushes(Id),
}

/// Whose guesses are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Guesser {
    Address(IpAddr),
    Account(Hash),
}

/// Wrong guesses, and until when the next has to wait.
#[derive(Debug, Clone, Copy, Default)]
struct Guesses {
    wrong: u32,
    until_ms: i64,
    last_ms: i64,
}

/// What is held open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Stream(Id),
    Exchange(Id),
    Connection(IpAddr),
}

/// How much may be used at once, and in how long all of it is given back.
#[derive(Clone, Copy)]
struct Rate {
    most: u64,
    within_ms: i64,
}

impl Rate {
    fn a_second(most: u32, a_second: u32) -> Self {
        let within = i64::from(most)
            .saturating_mul(1000)
            .checked_div(i64::from(a_second))
            .unwrap_or(i64::MAX);
        Self {
            most: u64::from(most),
            within_ms: within,
        }
    }

    const fn a_day(most: u64) -> Self {
        Self {
            most,
            within_ms: DAY_MS,
        }
    }

    /// In how long so much is given back: microseconds.
    fn time_of(self, amount: u64) -> i64 {
        let time = i128::from(self.within_ms)
            .saturating_mul(1000)
            .saturating_mul(i128::from(amount))
            .checked_div(i128::from(self.most))
            .unwrap_or(i128::MAX);
        i64::try_from(time).unwrap_or(i64::MAX)
    }
}

/// The counters. They live in memory: a restart forgives.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    /// When all that was used is given back: microseconds.
    used: Mutex<BTreeMap<Key, i64>>,
    guesses: Mutex<BTreeMap<Guesser, Guesses>>,
    held: Arc<Mutex<BTreeMap<Thing, u32>>>,
}

/// Something held open; counted until dropped.
#[derive(Debug)]
pub struct Held {
    thing: Thing,
    all: Arc<Mutex<BTreeMap<Thing, u32>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut all = locked(&self.all);
        if let Some(count) = all.get_mut(&self.thing) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                all.remove(&self.thing);
            }
        }
    }
}

/// A guess that may be looked at. It counts as wrong unless it is said to be [`Limiter::right`], so that
/// guesses that come at the same time count as well.
#[derive(Debug)]
#[must_use]
pub struct Guess {
    guessers: Vec<Guesser>,
}

impl Limiter {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            used: Mutex::default(),
            guesses: Mutex::default(),
            held: Arc::default(),
        }
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// `too-many-tries` past the limit.
    pub fn request(&self, peer: IpAddr, now_ms: i64) -> Result<()> {
        let limits = &self.limits;
        let rate = Rate::a_second(limits.address_requests, limits.address_requests_a_second);
        self.use_up(Key::Requests(network(peer)), 1, rate, now_ms)
    }

    /// Counts a request of a device.
    ///
    /// # Errors
    /// `too-many-tries` past the limit.
    pub fn device(&self, device: Id, now_ms: i64) -> Result<()> {
        let limits = &self.limits;
        let rate = Rate::a_second(limits.device_requests, limits.device_requests_a_second);
        self.use_up(Key::DeviceRequests(device), 1, rate, now_ms)
    }

    /// Counts the bytes of an upload that a device begins.
    ///
    /// # Errors
    /// `too-many-tries` past what a device may send in a day.
    pub fn upload(&self, device: Id, bytes: u64, now_ms: i64) -> Result<()> {
        let rate = Rate::a_day(self.limits.device_upload_bytes);
        self.use_up(Key::Uploads(device), bytes, rate, now_ms)
    }

    /// Counts the changes that a person pushes.
    ///
    /// # Errors
    /// `too-many-tries` past what a person may push in a day.
    pub fn pushes(&self, person: Id, count: usize, now_ms: i64) -> Result<()> {
        let rate = Rate::a_day(u64::from(self.limits.person_pushes));
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.use_up(Key::Pushes(person), count, rate, now_ms)
    }

    /// These were not looked at after all: they come again, and count then.
    pub fn pushes_later(&self, person: Id, count: usize) {
        let rate = Rate::a_day(u64::from(self.limits.person_pushes));
        let time = rate.time_of(u64::try_from(count).unwrap_or(u64::MAX));
        if let Some(until) = locked(&self.used).get_mut(&Key::Pushes(person)) {
            *until = until.saturating_sub(time);
        }
    }

    /// Whether a code, or a password for an account, from this address may be looked at.
    ///
    /// # Errors
    /// `too-many-tries` after too many wrong ones, with how long to wait.
    pub fn guess(&self, peer: IpAddr, account: Option<&str>, now_ms: i64) -> Result<Guess> {
        let address = Guesser::Address(network(peer));
        let account = account.map(|account| Guesser::Account(token::hash(account)));
        let guessers: Vec<Guesser> = [Some(address), account].into_iter().flatten().collect();
        let mut guesses = locked(&self.guesses);
        for guesser in &guessers {
            let until = guesses.get(guesser).map_or(0, |guesses| guesses.until_ms);
            let wait = until.saturating_sub(now_ms);
            if wait > 0 {
                return Err(Error::wait("too many wrong tries", wait));
            }
        }
        if guesses.len() >= self.limits.counters {
            let forgotten = now_ms.saturating_sub(self.limits.account_guesses_forgotten_ms);
            thin(&mut guesses, |guesses| {
                (guesses.last_ms > forgotten).then_some(i64::from(guesses.wrong))
            });
        }
        for guesser in &guessers {
            let counted = self.counted(guesser, guesses.get(guesser), now_ms);
            guesses.insert(guesser.clone(), counted);
        }
        Ok(Guess { guessers })
    }

    /// The guess was right: it does not count, and its account begins anew.
    pub fn right(&self, guess: Guess) {
        let mut guesses = locked(&self.guesses);
        for guesser in guess.guessers {
            match guesser {
                Guesser::Account(_) => drop(guesses.remove(&guesser)),
                Guesser::Address(_) => {
                    if let Some(guesses) = guesses.get_mut(&guesser) {
                        guesses.wrong = guesses.wrong.saturating_sub(1);
                        guesses.until_ms = 0;
                    }
                }
            }
        }
    }

    /// One wrong guess more.
    fn counted(&self, guesser: &Guesser, before: Option<&Guesses>, now_ms: i64) -> Guesses {
        let limits = &self.limits;
        let (free, wait, wait_max, forgotten) = match guesser {
            Guesser::Address(_) => (
                limits.address_guesses,
                limits.address_guess_wait_ms,
                limits.address_guess_wait_max_ms,
                limits.address_guesses_forgotten_ms,
            ),
            Guesser::Account(_) => (
                limits.account_guesses,
                limits.account_guess_wait_ms,
                limits.account_guess_wait_max_ms,
                limits.account_guesses_forgotten_ms,
            ),
        };
        let wrong = before
            .filter(|before| now_ms.saturating_sub(before.last_ms) < forgotten)
            .map_or(0, |before| before.wrong)
            .saturating_add(1);
        let until_ms = match wrong.checked_sub(free) {
            Some(past) => {
                let doubled = wait.saturating_mul(1_i64 << past.min(30));
                now_ms.saturating_add(doubled.min(wait_max))
            }
            None => 0,
        };
        Guesses {
            wrong,
            until_ms,
            last_ms: now_ms,
        }
    }

    /// Counts a stream that a device opens.
    ///
    /// # Errors
    /// `too-many-tries` when it holds too many.
    pub fn stream(&self, device: Id) -> Result<Held> {
        self.hold(Thing::Stream(device), self.limits.device_streams)
            .ok_or_else(|| Error::wait("too many streams", 10_000))
    }

    /// Counts an exchange that a device begins.
    ///
    /// # Errors
    /// `too-many-tries` when too many of it are running.
    pub fn exchange(&self, device: Id) -> Result<Held> {
        self.hold(Thing::Exchange(device), self.limits.device_exchanges)
            .ok_or_else(|| Error::wait("too many exchanges at once", 1000))
    }

    /// Counts a connection; `None` when the address has too many.
    #[must_use]
    pub fn connection(&self, peer: IpAddr) -> Option<Held> {
        self.hold(
            Thing::Connection(network(peer)),
            self.limits.address_connections,
        )
    }

    fn hold(&self, thing: Thing, most: u32) -> Option<Held> {
        let mut all = locked(&self.held);
        let count = all.entry(thing.clone()).or_default();
        if *count >= most {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Held {
            thing,
            all: Arc::clone(&self.held),
        })
    }

    /// Uses up an amount, or says when there will be as much.
    fn use_up(&self, key: Key, amount: u64, rate: Rate, now_ms: i64) -> Result<()> {
        let now = now_ms.saturating_mul(1000);
        let mut used = locked(&self.used);
        if used.len() >= self.limits.counters {
            thin(&mut used, |until| (*until > now).then_some(*until));
        }
        let until = used.get(&key).copied().unwrap_or(now).max(now);
        let next = until.saturating_add(rate.time_of(amount));
        let over = next
            .saturating_sub(now)
            .saturating_sub(rate.within_ms.saturating_mul(1000));
        if over > 0 {
            let wait = over.saturating_add(999).checked_div(1000).unwrap_or(0);
            return Err(Error::wait("too many requests", wait));
        }
        used.insert(key, next);
        Ok(())
    }
}

/// Makes room: what counts no more goes, and of the rest the lighter half.
fn thin<K: Ord + Clone, V>(counters: &mut BTreeMap<K, V>, weight: impl Fn(&V) -> Option<i64>) {
    let full = counters.len();
    counters.retain(|_, value| weight(value).is_some());
    let half = full.checked_div(2).unwrap_or(0);
    if counters.len() > half {
        let mut by_weight: Vec<(i64, K)> = counters
            .iter()
            .map(|(key, value)| (weight(value).unwrap_or(0), key.clone()))
            .collect();
        by_weight.sort();
        for (_, key) in by_weight.into_iter().take(half) {
            counters.remove(&key);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One household of IPv6 addresses counts as one.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(peer) => IpAddr::V4(peer),
        IpAddr::V6(peer) => {
            let [a, b, c, d, ..] = peer.segments();
            IpAddr::V6(std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests;
