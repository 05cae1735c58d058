//! Limits on how often: wrong codes and passwords per address, requests per address and device.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;

/// Wrong codes or passwords from one address in a minute.
const WRONG_MAX: u32 = 5;
/// Wrong passwords for one person in a quarter of an hour, from wherever.
const WRONG_PERSON_MAX: u32 = 20;
/// Requests from one address in ten seconds: a whole site may share one.
const REQUESTS_MAX: u32 = 3000;
/// Requests of one device in ten seconds.
const DEVICE_MAX: u32 = 200;
/// Streams of events that a device holds open at once: tabs of a browser.
const STREAMS_MAX: u32 = 16;
/// Counters kept at most; beyond, the oldest windows go.
const COUNTERS_MAX: usize = 50_000;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Wrong(IpAddr),
    WrongFor(String),
    Request(IpAddr),
    Device(Id),
}

#[derive(Debug, Clone, Copy)]
struct Window {
    until: i64,
    count: u32,
}

/// The counters.
#[derive(Debug, Default)]
pub struct Limits {
    counters: Mutex<BTreeMap<Key, Window>>,
    streams: Arc<Mutex<BTreeMap<Id, u32>>>,
}

/// One open stream; counted until dropped.
#[derive(Debug)]
pub struct Stream {
    device: Id,
    streams: Arc<Mutex<BTreeMap<Id, u32>>>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = streams.get_mut(&self.device) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                streams.remove(&self.device);
            }
        }
    }
}

impl Limits {
    /// Counts a stream that a device opens.
    ///
    /// # Errors
    /// [`Code::TooManyTries`] when it holds too many.
    pub fn stream(&self, device: Id) -> Result<Stream> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let count = streams.entry(device).or_default();
        if *count >= STREAMS_MAX {
            return Err(Error::new(Code::TooManyTries, "too many streams"));
        }
        *count = count.saturating_add(1);
        Ok(Stream {
            device,
            streams: Arc::clone(&self.streams),
        })
    }

    /// Whether a code or password from this address may be looked at.
    ///
    /// # Errors
    /// [`Code::TooManyTries`] after too many wrong ones.
    pub fn may_try(&self, peer: IpAddr, login: Option<&str>, now_ms: i64) -> Result<()> {
        let full = |key: Key, most: u32| self.count(&key, now_ms) >= most;
        if full(Key::Wrong(network(peer)), WRONG_MAX)
            || login.is_some_and(|login| full(Key::WrongFor(login.to_owned()), WRONG_PERSON_MAX))
        {
            return Err(Error::new(Code::TooManyTries, "too many wrong tries"));
        }
        Ok(())
    }

    /// Notes a wrong code or password.
    pub fn wrong(&self, peer: IpAddr, login: Option<&str>, now_ms: i64) {
        self.add(Key::Wrong(network(peer)), 60_000, now_ms);
        if let Some(login) = login {
            self.add(Key::WrongFor(login.to_owned()), 900_000, now_ms);
        }
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// [`Code::TooManyTries`] past the limit.
    pub fn request(&self, peer: IpAddr, now_ms: i64) -> Result<()> {
        self.within(Key::Request(network(peer)), REQUESTS_MAX, now_ms)
    }

    /// Counts a request of a device.
    ///
    /// # Errors
    /// [`Code::TooManyTries`] past the limit.
    pub fn device(&self, device: Id, now_ms: i64) -> Result<()> {
        self.within(Key::Device(device), DEVICE_MAX, now_ms)
    }

    fn within(&self, key: Key, most: u32, now_ms: i64) -> Result<()> {
        if self.add(key, 10_000, now_ms) > most {
            return Err(Error::new(Code::TooManyTries, "too many requests"));
        }
        Ok(())
    }

    fn count(&self, key: &Key, now_ms: i64) -> u32 {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        counters
            .get(key)
            .filter(|window| window.until > now_ms)
            .map_or(0, |window| window.count)
    }

    fn add(&self, key: Key, length_ms: i64, now_ms: i64) -> u32 {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= COUNTERS_MAX {
            counters.retain(|_, window| window.until > now_ms);
        }
        if counters.len() >= COUNTERS_MAX {
            counters.clear();
        }
        let fresh = Window {
            until: now_ms.saturating_add(length_ms),
            count: 0,
        };
        let window = counters.entry(key).or_insert(fresh);
        if window.until <= now_ms {
            *window = fresh;
        }
        window.count = window.count.saturating_add(1);
        window.count
    }
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
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_of_a_minute_is_refused_and_the_next_minute_is_fresh() {
        let limits = Limits::default();
        let peer: IpAddr = "192.0.2.7".parse().expect("an address");
        for _ in 0..5 {
            assert!(
                limits.may_try(peer, None, 0).is_ok(),
                "one of the first five"
            );
            limits.wrong(peer, None, 0);
        }
        assert!(limits.may_try(peer, None, 59_999).is_err(), "the sixth");
        assert!(limits.may_try(peer, None, 60_000).is_ok(), "a minute later");
    }

    #[test]
    fn a_device_holds_so_many_streams_and_closing_one_frees_it() {
        let limits = Limits::default();
        let device = Id::from_bytes([1; 16]);
        let mut streams: Vec<Stream> = (0..16)
            .map(|_| limits.stream(device).expect("one of sixteen"))
            .collect();
        assert!(limits.stream(device).is_err(), "the seventeenth");
        streams.pop();
        assert!(limits.stream(device).is_ok(), "after one was closed");
    }

    #[test]
    fn one_person_is_protected_from_many_addresses() {
        let limits = Limits::default();
        for last in 0..20_u8 {
            limits.wrong(IpAddr::from([192, 0, 2, last]), Some("claire"), 0);
        }
        let elsewhere = IpAddr::from([198, 51, 100, 1]);
        assert!(
            limits.may_try(elsewhere, Some("claire"), 1).is_err(),
            "the person under attack"
        );
        assert!(
            limits.may_try(elsewhere, Some("karim"), 1).is_ok(),
            "anyone else"
        );
    }
}
