//! What a device should do next: events in, effects out. The shells move bytes and sleep; the
//! simulator runs the same machine.

use crate::error::Code;

/// First pause after a failure, milliseconds.
const PAUSE_MS_MIN: i64 = 500;
/// Longest pause: the network may be back any moment, and a poll while offline costs nothing.
const PAUSE_MS_MAX: i64 = 60_000;
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
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One exchange.
    Exchange {
        /// With all cursors.
        all_cursors: bool,
    },
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

/// The device's sync machine.
#[derive(Debug)]
pub struct Machine {
    phase: Phase,
    /// Something happened meanwhile: go again.
    again: bool,
    failures: u32,
    failed: Option<Code>,
    next_try_ms: Option<i64>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            again: false,
            failures: 0,
            failed: None,
            next_try_ms: None,
        }
    }
}

impl Machine {
    /// Takes in an event; `jitter` is a random byte, so that a fleet does not come back as one.
    pub fn handle(&mut self, now_ms: i64, jitter: u8, event: Event) -> Vec<Effect> {
        match event {
            Event::Start | Event::NetworkBack => {
                self.failures = 0;
                self.go()
            }
            Event::Written | Event::News => {
                // While failing, wait for the pause to end: a broken server is not hammered.
                if self.failed.is_some() && self.next_try_ms.is_some_and(|at| at > now_ms) {
                    return Vec::new();
                }
                self.go()
            }
            Event::Woken => self.go(),
            Event::Exchanged {
                more,
                resend_cursors,
            } => {
                (self.failures, self.failed) = (0, None);
                if resend_cursors {
                    return vec![Effect::Exchange { all_cursors: true }];
                }
                if more || std::mem::take(&mut self.again) {
                    return vec![Effect::Exchange { all_cursors: false }];
                }
                self.phase = Phase::MovingBlobs;
                vec![Effect::MoveBlobs]
            }
            Event::BlobsMoved => {
                self.phase = Phase::Idle;
                if std::mem::take(&mut self.again) {
                    return self.go();
                }
                self.wake(now_ms.saturating_add(POLL_MS))
            }
            Event::Failed(code) => {
                self.phase = Phase::Idle;
                self.again = false;
                self.failed = Some(code);
                let doubled = PAUSE_MS_MIN.checked_shl(self.failures.min(16));
                let pause = doubled.unwrap_or(PAUSE_MS_MAX).min(self.pause_max(code));
                self.failures = self.failures.saturating_add(1);
                let part = pause
                    .saturating_mul(i64::from(jitter))
                    .checked_div(1024)
                    .unwrap_or(0);
                self.wake(now_ms.saturating_add(pause).saturating_add(part))
            }
        }
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
            vec![Effect::Exchange { all_cursors: false }]
        } else {
            self.again = true;
            Vec::new()
        }
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
