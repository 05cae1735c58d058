//! What happens to bytes on their way, and to processes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vigie_core::error::Result;
use vigie_core::person::{Scope, scope};
use vigie_core::sync::exchange::Summary;
use vigie_core::sync::machine::{Ask, Effect, Event, Machine};
use vigie_core::sync::pull::Incoming;
use vigie_core::sync::push::Pusher;
use vigie_core::{Code, Device, Entropy as _, Moment};
use vigie_tests::chance::Chance;
use vigie_tests::faulty::Said;

use super::world::{Happening, SECOND, World};

/// What came back of an answer.
pub(super) enum Answer {
    /// All of it.
    Whole(Vec<u8>),
    /// Its beginning.
    Cut(Vec<u8>),
    /// Nothing.
    Nothing,
}

/// A request on its way to the server.
pub(super) struct Asking {
    pub(super) phone: usize,
    pub(super) exchange: u64,
    pub(super) request: Vec<u8>,
    /// The device waits for another one.
    pub(super) ghost: bool,
}

/// What the server made of a request, and what it had written of its answer.
struct Served {
    done: Result<Summary>,
    out: Vec<u8>,
    killed: bool,
}

/// Requests so close together may be at the server at the same time: milliseconds.
const MEANWHILE: i64 = 2 * SECOND;

impl World {
    /// Tells a device's machine, and does what it says.
    pub(super) fn handle(&mut self, phone: usize, event: Event) {
        let jitter = u8::try_from(self.chance.below(256)).unwrap_or(0);
        let effects = self.phones[phone].machine.handle(self.now, jitter, event);
        for effect in effects {
            match effect {
                Effect::Exchange(ask) => self.send(phone, ask),
                Effect::MoveBlobs => self.move_blobs(phone),
                Effect::Wake { at_ms } => self.plan(at_ms, Happening::Wake { phone }),
            }
        }
    }

    fn send(&mut self, phone: usize, ask: Ask) {
        let now = self.now;
        self.phones[phone].exchange += 1;
        let exchange = self.phones[phone].exchange;
        if self.phones[phone].offline_until > now {
            let answer = Answer::Nothing;
            return self.plan(
                now + 20,
                Happening::Answer {
                    phone,
                    exchange,
                    answer,
                },
            );
        }
        let clock = now + self.phones[phone].clock_off;
        let request = self.phones[phone]
            .device
            .request(clock, ask)
            .expect("a request");
        self.count("requests");
        let latency = self.latency();
        if self.calm {
            let arrive = Happening::Arrive(Asking {
                phone,
                exchange,
                request,
                ghost: false,
            });
            return self.plan(now + latency, arrive);
        }
        if self.chance.one_in(10) {
            // A proxy or a retry sends it once more, now or much later.
            self.count("doubled");
            let later = self.chance.between(0, 90 * SECOND);
            let request = request.clone();
            self.plan(
                now + later,
                Happening::Arrive(Asking {
                    phone,
                    exchange,
                    request,
                    ghost: true,
                }),
            );
        }
        if self.chance.one_in(12) {
            self.count("requests lost");
        } else {
            let arrive = Happening::Arrive(Asking {
                phone,
                exchange,
                request,
                ghost: false,
            });
            self.plan(now + latency, arrive);
        }
        let timeout = Happening::Answer {
            phone,
            exchange,
            answer: Answer::Nothing,
        };
        self.plan(now + 30 * SECOND, timeout);
    }

    /// How long bytes are under way: now and then nearly as long as a device waits.
    fn latency(&mut self) -> i64 {
        if !self.calm && self.chance.one_in(10) {
            return self.chance.between(SECOND, 20 * SECOND);
        }
        self.chance.between(10, 300)
    }

    /// A request arrives at the server.
    pub(super) fn arrive(&mut self, asking: &Asking) {
        if self.server_down_until > self.now {
            let (phone, exchange) = (asking.phone, asking.exchange);
            let answer = Answer::Nothing;
            return self.plan(
                self.now + 10,
                Happening::Answer {
                    phone,
                    exchange,
                    answer,
                },
            );
        }
        let killed = !self.calm && self.chance.one_in(40);
        let calls = killed.then(|| u64::try_from(self.chance.below(120)).unwrap_or(0));
        let mut other = if killed { None } else { self.meanwhile() };
        let mut between = None;
        let served = self.serve(asking, calls, &mut |_| {
            between = between.take().or_else(|| {
                let other = other.take()?;
                let served = self.serve(&other, None, &mut |_| ());
                Some((other, served))
            });
        });
        if let Some((other, served)) = between {
            self.count("in between");
            self.served(&other, served);
        }
        self.served(asking, served);
        if let Some(other) = other {
            self.arrive(&other);
        }
    }

    /// Another request that is there by now.
    fn meanwhile(&mut self) -> Option<Asking> {
        let until = self.now + MEANWHILE;
        let (at, _) = self
            .queue
            .range(..(until, 0))
            .find(|(_, what)| matches!(what, Happening::Arrive(_)))?;
        let Some(Happening::Arrive(other)) = self.queue.remove(&at.clone()) else {
            return None;
        };
        Some(other)
    }

    fn serve(&self, asking: &Asking, calls: Option<u64>, told: &mut dyn FnMut(Said)) -> Served {
        let phone = &self.phones[asking.phone];
        let pusher = Pusher {
            device: phone.id,
            persons: &[self.people[phone.person].id],
            system: false,
            now_ms: self.now,
        };
        let mut out = Vec::new();
        let request = &asking.request;
        let done = self
            .hub
            .exchange_telling(&pusher, request, calls, told, &mut out);
        Served {
            done,
            out,
            killed: calls.is_some(),
        }
    }

    fn served(&mut self, asking: &Asking, served: Served) {
        let (phone, exchange) = (asking.phone, asking.exchange);
        let latency = self.latency();
        let answer = match served.done {
            Ok(summary) => {
                self.tell(|| format!("server: phone {phone} {summary:?}"));
                if summary.received > 0 {
                    self.news(&summary.scopes, phone);
                }
                for orphan in summary.orphans {
                    self.count("orphans");
                    self.erase_document(orphan);
                }
                self.overhear(phone, &asking.request);
                self.lose(served.out)
            }
            Err(error) if served.killed => {
                self.tell(|| format!("server killed while it served phone {phone}: {error}"));
                self.server_crash();
                Answer::Cut(served.out)
            }
            Err(error) => {
                return self.problem(format!("the exchange of phone {phone} failed: {error}"));
            }
        };
        if !asking.ghost {
            self.plan(
                self.now + latency,
                Happening::Answer {
                    phone,
                    exchange,
                    answer,
                },
            );
        }
    }

    fn lose(&mut self, out: Vec<u8>) -> Answer {
        if self.calm {
            return Answer::Whole(out);
        }
        match self.chance.below(12) {
            0 => {
                self.count("answers lost");
                Answer::Nothing
            }
            1 => {
                self.count("answers cut");
                let end = self.chance.below(out.len());
                Answer::Cut(out[..end].to_vec())
            }
            _ => Answer::Whole(out),
        }
    }

    /// An answer arrives at a device, or fails to.
    pub(super) fn answer(&mut self, phone: usize, exchange: u64, answer: &Answer) {
        if self.phones[phone].exchange != exchange || !self.phones[phone].machine.is_busy() {
            return;
        }
        // The answer to this one is in; a later time-out means nothing any more.
        self.phones[phone].exchange += 1;
        let (bytes, whole) = match answer {
            Answer::Whole(bytes) => (bytes.as_slice(), true),
            Answer::Cut(bytes) => (bytes.as_slice(), false),
            Answer::Nothing => (&[][..], false),
        };
        let now = self.now + self.phones[phone].clock_off;
        let mut incoming = Incoming::new().expect("a reader");
        let mut rest = bytes;
        while !rest.is_empty() {
            let size = 1 + self.chance.below(rest.len().min(60_000));
            let (piece, tail) = rest.split_at(size);
            if let Err(error) = self.phones[phone].device.feed(&mut incoming, piece, now) {
                if self.is_full(phone, &error) {
                    return self.handle(phone, Event::Failed(error.code()));
                }
                return self.problem(format!("phone {phone} could not take an answer: {error}"));
            }
            rest = tail;
            if !self.calm && self.chance.one_in(200) {
                return self.crash(phone);
            }
        }
        let event = match incoming.end() {
            Ok(told) if told.unreadable > 0 => {
                return self.problem(format!("phone {phone} cannot read a document"));
            }
            Ok(told) => {
                if let Err(error) = self.phones[phone].device.contacted(now) {
                    assert!(self.is_full(phone, &error), "noted: {error}");
                }
                let resend_cursors = told.resend_cursors;
                let more = told.more || self.phones[phone].device.waiting().expect("count") > 0;
                Event::Exchanged {
                    more,
                    resend_cursors,
                }
            }
            Err(_cut) if whole => {
                return self.problem(format!("a whole answer was not whole for phone {phone}"));
            }
            Err(_cut) => Event::Failed(Code::Offline),
        };
        self.handle(phone, event);
    }

    fn move_blobs(&mut self, phone: usize) {
        let now = self.now + self.phones[phone].clock_off;
        if !self.calm && self.chance.one_in(8) {
            return self.handle(phone, Event::Failed(Code::Offline));
        }
        let device = &mut self.phones[phone].device;
        let moment = Moment {
            ms: now,
            offset_minutes: 60,
        };
        let moved = self.hub.move_blobs(device, now);
        match moved.and_then(|()| device.tick(moment)) {
            Ok(changed) => {
                self.handle(phone, Event::BlobsMoved);
                if !changed.is_empty() {
                    self.handle(phone, Event::Written);
                }
            }
            Err(error) if self.is_full(phone, &error) => {
                self.handle(phone, Event::Failed(error.code()));
            }
            Err(error) => self.problem(format!("phone {phone} and its photos: {error}")),
        }
    }

    /// Those who follow one of these scopes hear that there is news; hints may be lost.
    pub(super) fn news(&mut self, scopes: &BTreeSet<Scope>, from: usize) {
        let sites: Vec<_> = self.sites.iter().map(|site| site.id).collect();
        let year = Moment::utc(self.now).year();
        for phone in 0..self.phones.len() {
            let seat = self.phones[phone].device.seat().expect("a seat");
            let follows = !scope::granted(&seat, &sites, year).is_disjoint(scopes);
            if follows && phone != from && (self.calm || !self.chance.one_in(2)) {
                let later = self.chance.between(50, 5000);
                self.plan(self.now + later, Happening::News { phone });
            }
        }
    }

    /// A device is killed: what was not committed is gone.
    pub(super) fn crash(&mut self, phone: usize) {
        self.count("devices killed");
        self.tell(|| format!("phone {phone} killed"));
        let entropy = Box::new(self.chance.fork());
        self.make_room(phone);
        let it = &mut self.phones[phone];
        if let Some(file) = &it.file {
            let db = it.device.db();
            // In the middle of writing, more than fits in memory.
            db.execute_batch(
                "PRAGMA cache_size = 4; BEGIN IMMEDIATE; DELETE FROM outbox; DELETE FROM document;",
            )
            .expect("a transaction");
            let left = torn(file, &mut self.chance);
            let memory = vigie_core::store::open::memory().expect("memory");
            it.device = Device::new(memory, entropy.clone());
            it.device = Device::open(&left, None, entropy).expect("the file opens again");
            it.file = Some(left);
        }
        it.machine = Machine::default();
        it.exchange += 1;
        let back = self.now + self.chance.between(SECOND, 60 * SECOND);
        self.plan(back, Happening::Online { phone });
    }

    /// The server's machine is lost: another takes over with the backup.
    pub(super) fn disaster(&mut self) {
        self.count("restored");
        self.tell(|| "the server is restored from its backup".to_owned());
        let restored = self.hub.restore(self.now, &mut self.chance);
        assert!(restored.expect("the copy opens"), "there was a backup");
        // What only the lost machine knew would be new in anybody's hands.
        self.overheard.clear();
        self.server_down_until = self.now + self.chance.between(0, 60 * SECOND);
    }

    /// The server is killed and comes back.
    pub(super) fn server_crash(&mut self) {
        self.count("server killed");
        self.hub.restart(self.now).expect("the store opens again");
        self.server_down_until = self.now + self.chance.between(0, 30 * SECOND);
    }
}

/// What a killed device leaves on its disk: its file and its log as they are, and half a page that was
/// being written.
fn torn(file: &Path, chance: &mut Chance) -> PathBuf {
    let left = file.with_extension(format!("{:x}.db", chance.bits()));
    let log = |file: &Path| PathBuf::from(format!("{}-wal", file.display()));
    std::fs::copy(file, &left).expect("a copy");
    let mut pages = std::fs::read(log(file)).unwrap_or_default();
    let mut half = vec![0; chance.below(5000)];
    chance.fill(&mut half);
    pages.extend(half);
    std::fs::write(log(&left), pages).expect("a log");
    left
}
