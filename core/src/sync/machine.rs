//! What a device should do next: events in, effects out. The shells move bytes and sleep; the
//! simulator runs the same machine.

use crate::error::{Code, Error};
use crate::sync::message::PUSH_BYTES_TARGET;

/// First pause after a failure, milliseconds.
const PAUSE_MS_MIN: i64 = 500;
/// Longest pause: the network may be back any moment, and a poll while offline costs nothing.
const PAUSE_MS_MAX: i64 = 60_000;
/// Longest wait because a server says so: it may be wrong, or not be ours.
const HELD_MS_MAX: i64 = 3_600_000;
/// A version that does not fit is not put right within minutes: milliseconds.
const UPDATE_MS: i64 = 900_000;
/// How often what is sent is halved, while exchanges are cut: what is left goes over any link.
const HALVED_MAX: u32 = 5;
/// Without news, ask this often: milliseconds.
const POLL_MS: i64 = 300_000;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The device started, a person signed in, or somebody asked to sync now.
    Start,
    /// Something was written here.
    Written,
    /// The server said that there is news.
    News,
    /// The network seems to be back.
    NetworkBack,
    /// The time asked for by [`Effect::Wake`] has come.
    Woken,
    /// The exchange ended; whether another is worth while, and whether the server wants all cursors.
    Exchanged {
        /// More is waiting on either side.
        more: bool,
        /// Ask again with all cursors.
        resend_cursors: bool,
    },
    /// Blobs have been moved as far as they go.
    BlobsMoved,
    /// It failed, with the code of the failure.
    Failed(Code),
    /// It was refused for now; the server says for how long.
    Held {
        /// Why.
        code: Code,
        /// Milliseconds.
        wait_ms: i64,
    },
}

impl From<&Error> for Event {
    fn from(error: &Error) -> Self {
        let code = error.code();
        match error.retry_ms() {
            Some(wait_ms) => Self::Held { code, wait_ms },
            None => Self::Failed(code),
        }
    }
}

/// How a request says where the device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursors {
    /// By their fingerprint: the server knows them.
    Fingerprint,
    /// All of them if something is sent, else by their fingerprint. The last answer may not have been
    /// heard: the server would ask for them, and tell back what it took meanwhile.
    AllWithPushes,
    /// All of them: the server asked.
    All,
}

impl Cursors {
    /// In the request after an answer that asked for all of them, or did not.
    #[must_use]
    pub const fn after(asked: bool) -> Self {
        if asked { Self::All } else { Self::Fingerprint }
    }
}

/// What the next request is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How it says where the device stands.
    pub cursors: Cursors,
    /// What it sends at most of what waits: bytes before compression.
    pub push_bytes: usize,
}

/// It sends as much as a request may.
impl From<Cursors> for Ask {
    fn from(cursors: Cursors) -> Self {
        let push_bytes = PUSH_BYTES_TARGET;
        Self {
            cursors,
            push_bytes,
        }
    }
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One exchange.
    Exchange(Ask),
    /// Send and fetch blobs: after the text.
    MoveBlobs,
    /// Say [`Event::Woken`] at this time: milliseconds.
    Wake {
        /// When.
        at_ms: i64,
    },
}

/// Where the machine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Exchanging,
    MovingBlobs,
}

/// Whether it waits, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pausing {
    No,
    /// After a failure: a broken server is not hammered.
    Failed,
    /// The server asked for it: not even the network's return ends it.
    Held,
}

/// The device's sync machine.
#[derive(Debug)]
pub struct Machine {
    phase: Phase,
    /// Something happened meanwhile: go again.
    again: bool,
    failures: u32,
    failed: Option<Code>,
    next_try_ms: Option<i64>,
    pausing: Pausing,
    /// The server may know other cursors than the last answer that was heard.
    unheard: bool,
    /// Exchanges in a row that were cut: each next one sends half as much.
    cut: u32,
    /// Until then what waits stays, since the server has no room for it or has taken enough from here:
    /// news are heard all the same. Milliseconds.
    mute_until_ms: Option<i64>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            again: false,
            failures: 0,
            failed: None,
            next_try_ms: None,
            pausing: Pausing::No,
            // The application may have been killed before an answer.
            unheard: true,
            cut: 0,
            mute_until_ms: None,
        }
    }
}

impl Machine {
    /// Takes in an event; `jitter` is a random byte, so that a fleet does not come back as one.
    pub fn handle(&mut self, now_ms: i64, jitter: u8, event: Event) -> Vec<Effect> {
        self.mute_until_ms = self.mute_until_ms.filter(|until| *until > now_ms);
        match event {
            Event::Written if self.mute_until_ms.is_some() => Vec::new(),
            Event::NetworkBack if self.pausing == Pausing::Held && self.pauses(now_ms) => {
                Vec::new()
            }
            Event::Start => {
                // Somebody asks: then all of it.
                (self.failures, self.mute_until_ms) = (0, None);
                self.go()
            }
            Event::NetworkBack => {
                self.failures = 0;
                self.go()
            }
            Event::Written | Event::News => {
                if self.pausing != Pausing::No && self.pauses(now_ms) {
                    return Vec::new();
                }
                self.go()
            }
            Event::Woken => self.go(),
            Event::Exchanged {
                more,
                resend_cursors,
            } => {
                (self.unheard, self.cut) = (false, 0);
                if self.mute_until_ms.is_none() {
                    (self.failures, self.failed) = (0, None);
                }
                if resend_cursors {
                    return self.exchange(Cursors::All);
                }
                if more || std::mem::take(&mut self.again) {
                    return self.exchange(Cursors::Fingerprint);
                }
                self.phase = Phase::MovingBlobs;
                vec![Effect::MoveBlobs]
            }
            Event::BlobsMoved => {
                self.phase = Phase::Idle;
                if std::mem::take(&mut self.again) {
                    return self.go();
                }
                let poll = now_ms.saturating_add(POLL_MS);
                self.wake(self.mute_until_ms.map_or(poll, |until| until.min(poll)))
            }
            Event::Failed(code) => {
                if self.phase == Phase::Exchanging {
                    self.unheard = true;
                    self.cut = self.cut.saturating_add(1);
                }
                self.phase = Phase::Idle;
                self.again = false;
                self.failed = Some(code);
                let pause = if matches!(code, Code::AppTooOld | Code::ServerTooOld) {
                    UPDATE_MS
                } else {
                    let doubled = PAUSE_MS_MIN.checked_shl(self.failures.min(16));
                    doubled.unwrap_or(PAUSE_MS_MAX).min(self.pause_max(code))
                };
                self.pausing = Pausing::Failed;
                self.pause(now_ms, jitter, pause)
            }
            Event::Held { code, wait_ms } => self.hold(now_ms, jitter, code, wait_ms),
        }
    }

    fn hold(&mut self, now_ms: i64, jitter: u8, code: Code, wait_ms: i64) -> Vec<Effect> {
        let blobs = self.phase == Phase::MovingBlobs;
        self.phase = Phase::Idle;
        self.failed = Some(code);
        if blobs {
            // Photos wait; what is written goes on.
            if std::mem::take(&mut self.again) {
                return self.go();
            }
            return self.pause(now_ms, jitter, wait_ms.clamp(PAUSE_MS_MIN, POLL_MS));
        }
        self.again = false;
        // Who asks too often waits seconds; who brought too much, longer.
        let enough = code == Code::TooManyTries && wait_ms > PAUSE_MS_MAX;
        if (code == Code::StorageFull || enough) && self.mute_until_ms.is_none() {
            let wait = wait_ms.clamp(PAUSE_MS_MIN, HELD_MS_MAX);
            self.mute_until_ms = Some(now_ms.saturating_add(longer(wait, jitter)));
            self.phase = Phase::Exchanging;
            return self.exchange(Cursors::Fingerprint);
        }
        self.pausing = Pausing::Held;
        // Whoever calls itself offline may be a proxy, or a hotel.
        let most = if code == Code::Offline {
            PAUSE_MS_MAX
        } else {
            HELD_MS_MAX
        };
        self.pause(now_ms, jitter, wait_ms.clamp(PAUSE_MS_MIN, most))
    }

    fn pauses(&self, now_ms: i64) -> bool {
        self.next_try_ms.is_some_and(|at| at > now_ms)
    }

    /// Waits, and up to a quarter longer.
    fn pause(&mut self, now_ms: i64, jitter: u8, pause: i64) -> Vec<Effect> {
        self.failures = self.failures.saturating_add(1);
        self.wake(now_ms.saturating_add(longer(pause, jitter)))
    }

    /// A server that cannot be reached is tried every second or so: it costs nothing, and a report
    /// is received within two seconds of the network's return.
    const fn pause_max(&self, code: Code) -> i64 {
        if !matches!(code, Code::Offline) {
            PAUSE_MS_MAX
        } else if self.failures < 120 {
            1_200
        } else {
            5_000
        }
    }

    fn go(&mut self) -> Vec<Effect> {
        if self.phase == Phase::Idle {
            self.phase = Phase::Exchanging;
            self.next_try_ms = None;
            self.pausing = Pausing::No;
            let cursors = if self.unheard {
                Cursors::AllWithPushes
            } else {
                Cursors::Fingerprint
            };
            self.exchange(cursors)
        } else {
            self.again = true;
            Vec::new()
        }
    }

    fn exchange(&self, cursors: Cursors) -> Vec<Effect> {
        let push_bytes = match self.mute_until_ms {
            Some(_) => 0,
            None => PUSH_BYTES_TARGET >> self.cut.min(HALVED_MAX),
        };
        vec![Effect::Exchange(Ask {
            cursors,
            push_bytes,
        })]
    }

    fn wake(&mut self, at_ms: i64) -> Vec<Effect> {
        self.next_try_ms = Some(at_ms);
        vec![Effect::Wake { at_ms }]
    }

    /// Whether bytes are moving.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.phase != Phase::Idle
    }

    /// Why the last try failed; `None` after one that did not.
    #[must_use]
    pub const fn failure(&self) -> Option<Code> {
        self.failed
    }

    /// When it will try again: milliseconds.
    #[must_use]
    pub const fn next_try_ms(&self) -> Option<i64> {
        self.next_try_ms
    }
}

/// Up to a quarter longer: milliseconds.
fn longer(pause: i64, jitter: u8) -> i64 {
    let part = pause.saturating_mul(i64::from(jitter)).checked_div(1024);
    pause.saturating_add(part.unwrap_or(0))
}
