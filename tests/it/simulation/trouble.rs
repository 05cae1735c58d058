//! Full disks, and somebody who holds a token and sends what they like.

use std::collections::BTreeSet;

use serde_bytes::ByteBuf;
use serde_json::json;
use vigie_core::document::Document;
use vigie_core::person::{Scope, scope};
use vigie_core::sync::frame;
use vigie_core::sync::message::{Cursor, PROTOCOL, Proof, Push, Request, Response};
use vigie_core::sync::push::Pusher;
use vigie_core::{Code, Error, Id, Moment};

use super::world::{Happening, SECOND, World};

/// Words that are in no honest change.
pub(super) const FORGED: &str = "FORGED";
/// Pushes that a forger remembers.
const OVERHEARD_MAX: usize = 60;

impl World {
    /// Nothing more fits on a device's disk, for some minutes.
    pub(super) fn fill(&mut self, phone: usize) {
        if self.calm {
            return;
        }
        self.count("disks full");
        let device = &self.phones[phone].device;
        let pages: i64 = device
            .db()
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .expect("a count");
        let room = pages + i64::try_from(self.chance.below(12)).unwrap_or(0);
        self.limit(phone, room);
        self.phones[phone].full = true;
        let later = self.now + self.chance.between(5 * SECOND, 120 * SECOND);
        self.plan(later, Happening::Room { phone });
    }

    pub(super) fn make_room(&mut self, phone: usize) {
        if std::mem::take(&mut self.phones[phone].full) {
            self.limit(phone, 1_000_000_000);
        }
    }

    fn limit(&self, phone: usize, pages: i64) {
        self.phones[phone]
            .device
            .db()
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_row| {
                Ok(())
            })
            .expect("a limit");
    }

    /// Whether a device failed because its disk is full, and it is.
    pub(super) fn is_full(&self, phone: usize, error: &Error) -> bool {
        self.phones[phone].full && error.code() == Code::DiskFull
    }

    /// A forger may come by any push that was received. Before that its words are on one device only,
    /// and whoever has them is its author.
    pub(super) fn overhear(&mut self, phone: usize, request: &[u8]) {
        if self.forgers.is_empty() || self.calm {
            return;
        }
        let device = self.phones[phone].id;
        let frames: Vec<Request> = frame::read_all(request, 8 << 20, 3000).expect("honest frames");
        for frame in frames {
            if let Request::Push(push) = frame
                && self.hub.has_received(device, push.id).expect("the store")
            {
                self.overheard.push_back(push);
            }
        }
        while self.overheard.len() > OVERHEARD_MAX {
            self.overheard.pop_front();
        }
    }

    /// Somebody with a stolen token tries something.
    pub(super) fn forge(&mut self) {
        let Some((device, person)) = self.chance.pick(&self.forgers).copied() else {
            return;
        };
        if self.server_down_until > self.now {
            return;
        }
        self.count("forged");
        let mut request = self.forged_request(person);
        if self.chance.one_in(6) {
            let place = self.chance.below(request.len());
            request[place] ^= 1 << self.chance.below(8);
        }
        let persons = [person];
        let pusher = Pusher {
            device,
            persons: &persons,
            system: false,
            now_ms: self.now,
        };
        let mut out = Vec::new();
        // Refusing all of it is an answer too.
        let done = self.hub.exchange(&pusher, &request, None, &mut out);
        match done {
            Ok(summary) => {
                self.news(&summary.scopes, usize::MAX);
                self.check_forger(person, &out);
            }
            Err(error) if error.code() == Code::Storage => {
                self.problem(format!("a forged request and the store: {error}"));
            }
            Err(_refused) => {}
        }
    }

    fn forged_request(&mut self, person: Id) -> Vec<u8> {
        let mut frames = vec![Request::Hello {
            protocol: PROTOCOL,
            clock_ms: self.now,
            cursors: 0,
            epoch: 0,
        }];
        // Everything that there is, whether it is granted or not.
        let year = Moment::utc(self.now).year();
        let wanted = self.sites.iter().map(|site| scope::reports(site.id, year));
        let wanted = wanted.chain([scope::restricted(year), scope::STUDIO.to_owned()]);
        frames.push(Request::Cursors(
            wanted
                .map(|scope| Cursor {
                    scope,
                    epoch: 1,
                    position: 0,
                })
                .collect(),
        ));
        let mut pushes = self.stolen_pushes();
        for push in &mut pushes {
            match self.chance.below(5) {
                // In the victim's name, then in the forger's.
                0 => {}
                1 => push.person = person,
                2 => {
                    push.person = person;
                    push.id = self.chance.id(self.now);
                }
                3 => {
                    push.person = person;
                    push.id = self.chance.id(self.now);
                    if let Some(change) = push.changes.first_mut() {
                        let place = self.chance.below(change.len());
                        change[place] ^= 1 << self.chance.below(8);
                    }
                }
                _ => {
                    push.person = person;
                    push.proof = Some(Proof {
                        receipt: vec![1; 80],
                        signature: vec![2; 64],
                    });
                }
            }
        }
        pushes.extend(self.overwritten(person));
        frames.extend(pushes.into_iter().map(Request::Push));
        frame::encode(&frames).expect("a request")
    }

    /// What others pushed, as it was overheard.
    fn stolen_pushes(&mut self) -> Vec<Push> {
        let overheard: Vec<Push> = self.overheard.iter().cloned().collect();
        (0..4)
            .filter_map(|_| self.chance.pick(&overheard).cloned())
            .collect()
    }

    /// Changes that nobody has the right to: to a sealed report, to one's own rights.
    fn overwritten(&mut self, person: Id) -> Vec<Push> {
        let targets: Vec<(Id, &str, &str)> = self
            .sealed
            .keys()
            .map(|id| (*id, "report", "title"))
            .chain(self.people.iter().map(|one| (one.id, "person", "name")))
            .chain(self.sites.iter().map(|site| (site.id, "site", "name")))
            .collect();
        let mut pushes = Vec::new();
        for _ in 0..2 {
            let Some((document, kind, field)) = self.chance.pick(&targets).copied() else {
                continue;
            };
            let Some(stored) = self.hub.document(document).expect("the store") else {
                continue;
            };
            let mut actor = [0; 8];
            vigie_core::Entropy::fill(&mut self.chance, &mut actor);
            let mut copy = Document::load(&stored.body, actor).expect("loads");
            let words = format!("{FORGED} {}", self.chance.bits());
            copy.set(&[field], &json!(words)).expect("writes");
            pushes.push(Push {
                id: self.chance.id(self.now),
                person,
                document,
                kind: kind.to_owned(),
                changes: copy.commit().into_iter().map(ByteBuf::from).collect(),
                heads: Vec::new(),
                proof: None,
            });
        }
        pushes
    }

    /// A forger is told what the person whose token it holds may see, and nothing else.
    fn check_forger(&mut self, person: Id, answer: &[u8]) {
        let Some(seat) = self.people.iter().find(|one| one.id == person) else {
            return;
        };
        let seat = vigie_core::person::Seat {
            person,
            roles: BTreeSet::from([seat.role]),
            site: Some(seat.site),
            system: false,
        };
        let sites: Vec<Id> = self.sites.iter().map(|site| site.id).collect();
        let year = Moment::utc(self.now).year();
        let granted: BTreeSet<Scope> = scope::granted(&seat, &sites, year);
        let frames: Vec<Response> = frame::read_all(answer, 256 << 20, 100_000).expect("an answer");
        for frame in frames {
            if let Response::Document { scope, id, .. } = frame
                && !granted.contains(&scope)
                && !scope.is_empty()
            {
                self.problem(format!("a forger was told {id} of `{scope}`"));
            }
        }
    }
}
