//! The organisation, its devices, and the order of events.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use vigie_core::device::Enrolment;
use vigie_core::person::{Role, Seat};
use vigie_core::sync::machine::{Event, Machine};
use vigie_core::sync::message::Push;
use vigie_core::{Device, Id};
use vigie_server::erase::Plan;
use vigie_tests::chance::Chance;
use vigie_tests::hub::Hub;

use super::network::{Answer, Asking};

/// A second, in milliseconds.
pub(super) const SECOND: i64 = 1000;
/// 2026-11-22T08:00:00Z, and some minutes before the year ends.
const BEGINNINGS: [i64; 3] = [1_795_334_400_000, 1_795_334_400_000, 1_798_761_000_000];
const YEAR: i64 = 365 * 86_400 * SECOND;
/// Most events of a story of few devices: more means that it goes round in circles.
const EVENTS_MAX: usize = 60_000;

/// A site and its places.
pub(super) struct Site {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) places: Vec<Id>,
}

/// Somebody.
pub(super) struct Person {
    pub(super) id: Id,
    pub(super) role: Role,
    pub(super) site: Id,
    pub(super) active: bool,
    /// Their rights were changed, so that what they did meanwhile may be refused.
    pub(super) changed: bool,
}

/// A device in somebody's hand.
pub(super) struct Phone {
    pub(super) id: Id,
    pub(super) person: usize,
    pub(super) device: Device,
    /// Where its file lies; in memory otherwise.
    pub(super) file: Option<PathBuf>,
    pub(super) machine: Machine,
    /// Nothing more fits on its disk.
    pub(super) full: bool,
    /// Its clock less the true time.
    pub(super) clock_off: i64,
    pub(super) offline_until: i64,
    /// The exchange that it waits for.
    pub(super) exchange: u64,
}

/// Words that somebody typed and that were said to be saved.
pub(super) struct Typed {
    pub(super) mark: String,
    pub(super) person: usize,
    /// The documents that they stand in.
    pub(super) documents: Vec<Id>,
}

/// Something that will happen.
pub(super) enum Happening {
    Act {
        phone: usize,
    },
    Wake {
        phone: usize,
    },
    News {
        phone: usize,
    },
    Online {
        phone: usize,
    },
    Arrive(Asking),
    Answer {
        phone: usize,
        exchange: u64,
        answer: Answer,
    },
    Crash {
        phone: usize,
    },
    ServerCrash,
    Office,
    /// Something is erased for everyone.
    Erase,
    /// A device's disk is full, for a time.
    Full {
        phone: usize,
    },
    Room {
        phone: usize,
    },
    /// Somebody who holds a token sends what they like.
    Forge,
    /// The server is copied, and its machine is lost some time after.
    BackUp,
    Disaster,
}

/// How many people there are.
#[derive(Clone, Copy)]
enum Size {
    Small,
    Large,
    /// About two hundred devices.
    Crowd,
}

/// Everything.
pub(super) struct World {
    pub(super) chance: Chance,
    pub(super) now: i64,
    pub(super) hub: Hub,
    pub(super) server_down_until: i64,
    pub(super) sites: Vec<Site>,
    pub(super) people: Vec<Person>,
    pub(super) phones: Vec<Phone>,
    pub(super) form: Id,
    pub(super) releases: u32,
    pub(super) modules: Vec<Id>,
    pub(super) texts: Vec<Typed>,
    /// Every report that was said to be sealed: the words in it, the person, the device.
    pub(super) sealed: BTreeMap<Id, (Option<String>, usize)>,
    /// Hashes of photos that were said to be attached, and the drafts and reports that name them.
    pub(super) photos: BTreeMap<String, BTreeSet<Id>>,
    /// What was erased, and what is nobody's since.
    pub(super) gone: Plan,
    /// The pushes of receipts by their numbers, once the end is checked.
    pub(super) numbers: BTreeMap<u64, Id>,
    pub(super) problems: Vec<String>,
    pub(super) tally: BTreeMap<&'static str, usize>,
    /// Devices whose token somebody else holds, and whose they are.
    pub(super) forgers: Vec<(Id, Id)>,
    /// Pushes of others that they have come by.
    pub(super) overheard: VecDeque<Push>,
    /// The network is perfect and nobody acts any more.
    pub(super) calm: bool,
    trace: bool,
    pub(super) queue: BTreeMap<(i64, u64), Happening>,
    order: u64,
    until: i64,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// How many worlds this process has made: each has its own folder.
static WORLDS: AtomicU64 = AtomicU64::new(0);

fn folder() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    let parent = if shared.is_dir() {
        shared
    } else {
        std::env::temp_dir()
    };
    let number = WORLDS.fetch_add(1, Ordering::SeqCst);
    let path = parent.join(format!("vigie-simulation-{}-{number}", std::process::id()));
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let folder = folder();
        let now = *chance.pick(&BEGINNINGS).expect("a beginning");
        let hub = Hub::open(&folder.join("server.db"), now, &mut chance).expect("a server");
        // One story in four is a long one.
        let span = if seed.is_multiple_of(4) { 900 } else { 240 } * SECOND;
        let mut world = Self {
            now,
            hub,
            server_down_until: 0,
            sites: Vec::new(),
            people: Vec::new(),
            phones: Vec::new(),
            form: Id::from_bytes([0; 16]),
            releases: 0,
            modules: Vec::new(),
            texts: Vec::new(),
            sealed: BTreeMap::new(),
            photos: BTreeMap::new(),
            gone: Plan::default(),
            numbers: BTreeMap::new(),
            problems: Vec::new(),
            tally: BTreeMap::new(),
            forgers: Vec::new(),
            overheard: VecDeque::new(),
            calm: false,
            trace: std::env::var("SIM_TRACE").is_ok_and(|level| level == "2"),
            queue: BTreeMap::new(),
            order: 0,
            until: now + span,
            folder,
            chance,
        };
        let size = match seed {
            _ if seed.is_multiple_of(super::number("SIM_CROWDS", 500)) => Size::Crowd,
            _ if seed.is_multiple_of(12) => Size::Large,
            _ => Size::Small,
        };
        world.found(size);
        world.foresee();
        world
    }

    fn found(&mut self, size: Size) {
        let (sites, operators) = match size {
            Size::Small => (2, 1 + self.chance.below(2)),
            Size::Large => (3, 4),
            Size::Crowd => (3, 44),
        };
        for index in 0..sites {
            self.add_site(index);
        }
        self.publish_form();
        self.publish_capsule();
        for site in 0..sites {
            self.add_person(Role::Manager, site, 1);
            for _ in 0..operators {
                let devices = 1 + usize::from(self.chance.one_in(3));
                self.add_person(Role::Operator, site, devices);
            }
        }
        self.add_person(Role::Relay, 0, 1);
        let leads = 1 + self.chance.below(2);
        for _ in 0..leads {
            let devices = 1 + self.chance.below(2);
            self.add_person(Role::Lead, 0, devices);
        }
        if self.chance.one_in(3) {
            self.add_person(Role::Guest, 1, 1);
        }
        if self.chance.one_in(3) {
            self.add_person(Role::Operator, 0, 0);
            let stolen = (
                self.chance.id(self.now),
                self.people[self.people.len() - 1].id,
            );
            self.forgers.push(stolen);
        }
    }

    /// What will happen by itself.
    fn foresee(&mut self) {
        let span = self.until - self.now;
        for phone in 0..self.phones.len() {
            let start = self.now + self.chance.between(0, 20 * SECOND);
            self.plan(start, Happening::Wake { phone });
            let act = start + self.chance.between(0, 120 * SECOND);
            self.plan(act, Happening::Act { phone });
            if self.chance.one_in(3) {
                let crash = self.now + self.chance.between(0, span);
                self.plan(crash, Happening::Crash { phone });
            }
            if self.chance.one_in(6) {
                let full = self.now + self.chance.between(0, span);
                self.plan(full, Happening::Full { phone });
            }
        }
        for _ in 0..self.chance.below(4) {
            let crash = self.now + self.chance.between(0, span);
            self.plan(crash, Happening::ServerCrash);
        }
        if self.chance.one_in(3) {
            let copied = self.now + self.chance.between(60 * SECOND, span * 2 / 3);
            self.plan(copied, Happening::BackUp);
            let lost = copied + self.chance.between(0, span / 3);
            self.plan(lost, Happening::Disaster);
        }
        for _ in 0..4 {
            let office = self.now + self.chance.between(60 * SECOND, span);
            self.plan(office, Happening::Office);
        }
        for _ in 0..self.chance.below(4) {
            let erase = self.now + self.chance.between(60 * SECOND, span);
            self.plan(erase, Happening::Erase);
        }
        for _ in 0..self.forgers.len() * 8 {
            let forge = self.now + self.chance.between(30 * SECOND, span);
            self.plan(forge, Happening::Forge);
        }
    }

    fn add_site(&mut self, index: usize) {
        let places: Vec<Id> = (0..3).map(|_| self.chance.id(self.now)).collect();
        let listed: Vec<Value> = places
            .iter()
            .map(|id| json!({ "id": id, "name": format!("Atelier {id}"), "area": null }))
            .collect();
        let name = format!("Site {index}");
        let id = self.office(
            "directory.save_site",
            json!({ "id": null, "name": name, "city": "Lorient", "teams": [], "places": listed }),
        );
        let id = id["id"].as_str().expect("an id").parse().expect("an id");
        self.sites.push(Site { id, name, places });
    }

    fn add_person(&mut self, role: Role, site: usize, devices: usize) {
        let number = self.people.len();
        let person = Person {
            id: self.chance.id(self.now),
            role,
            site: self.sites[site].id,
            active: true,
            changed: false,
        };
        self.people.push(person);
        self.save_person(number);
        for _ in 0..devices {
            self.add_phone(number);
        }
    }

    /// Writes somebody into the directory as they now are.
    pub(super) fn save_person(&mut self, number: usize) {
        let person = &self.people[number];
        let input = json!({
            "id": person.id, "name": format!("Personne {number}"), "login": format!("p{number}"),
            "roles": [person.role], "site": person.site, "team": null, "trade": null,
            "language": "fr", "active": person.active,
        });
        self.office("directory.save_person", input);
    }

    fn add_phone(&mut self, person: usize) {
        let id = self.chance.id(self.now);
        let file = (self.chance.one_in(3))
            .then(|| self.folder.join(format!("device-{}.db", self.phones.len())));
        let entropy = Box::new(self.chance.fork());
        let mut device = match &file {
            Some(file) => Device::open(file, None, entropy).expect("a file"),
            None => Device::new(vigie_core::store::open::memory().expect("memory"), entropy),
        };
        let seat = Seat {
            person: self.people[person].id,
            roles: BTreeSet::from([self.people[person].role]),
            site: Some(self.people[person].site),
            system: false,
        };
        let server_key = self.hub.public();
        device
            .enrol(&Enrolment {
                device: id,
                org: "Essai".to_owned(),
                seat,
                server_key,
            })
            .expect("enrols");
        let clock_off = match self.chance.below(6) {
            0 => YEAR,
            1 => -YEAR,
            2 => self.chance.between(-90 * SECOND, 90 * SECOND),
            _ => 0,
        };
        self.phones.push(Phone {
            id,
            person,
            device,
            file,
            machine: Machine::default(),
            full: false,
            clock_off,
            offline_until: 0,
            exchange: 0,
        });
    }

    /// Runs a command of the server's own device; whoever may see it hears of it.
    pub(super) fn office(&mut self, name: &str, input: Value) -> Value {
        let (output, summary) = self
            .hub
            .command(self.now, name, input)
            .unwrap_or_else(|error| panic!("`{name}`: {error}"));
        self.news(&summary.scopes, usize::MAX);
        output
    }

    /// One more thing will happen.
    pub(super) fn plan(&mut self, at: i64, what: Happening) {
        self.order += 1;
        self.queue.insert((at.max(self.now), self.order), what);
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    pub(super) fn tell(&self, text: impl FnOnce() -> String) {
        if self.trace {
            println!("{:>9} {}", self.now % 100_000_000, text());
        }
    }

    pub(super) fn problem(&mut self, text: String) {
        self.tell(|| format!("PROBLEM {text}"));
        self.problems.push(text);
    }

    /// Everything that happens until nothing is left to happen, or `until` has come.
    fn play(&mut self, until: i64) {
        // Each hears of what each other one does.
        let crowd = 1 + self.phones.len() / 20;
        for _ in 0..EVENTS_MAX * crowd {
            let next = self.queue.first_key_value().map(|(key, _)| *key);
            let Some(key) = next.filter(|(at, _)| *at < until && self.problems.is_empty()) else {
                self.now = self.now.max(until);
                return;
            };
            let Some(what) = self.queue.remove(&key) else {
                return;
            };
            self.now = self.now.max(key.0);
            self.happen(what);
        }
        self.problem("it goes round in circles".to_owned());
    }

    fn happen(&mut self, what: Happening) {
        self.count("events");
        match what {
            Happening::Act { phone } => {
                if !self.calm {
                    self.act(phone);
                    let pause = self.chance.between(SECOND, 360 * SECOND);
                    self.plan(self.now + pause, Happening::Act { phone });
                }
            }
            Happening::Wake { phone } => {
                let due = self.phones[phone].machine.next_try_ms();
                if due.is_none_or(|at| at <= self.now) {
                    self.handle(phone, Event::Woken);
                }
            }
            Happening::News { phone } => self.handle(phone, Event::News),
            Happening::Online { phone } => self.handle(phone, Event::NetworkBack),
            Happening::Arrive(asking) => self.arrive(&asking),
            Happening::Answer {
                phone,
                exchange,
                answer,
            } => self.answer(phone, exchange, &answer),
            Happening::Crash { phone } => self.crash(phone),
            Happening::ServerCrash => self.server_crash(),
            Happening::Office => self.office_work(),
            Happening::Erase => self.erase(),
            Happening::Full { phone } => self.fill(phone),
            Happening::Room { phone } => self.make_room(phone),
            Happening::Forge => self.forge(),
            Happening::BackUp => {
                // What the office does after this is on no device to be given back.
                self.queue
                    .retain(|_, what| !matches!(what, Happening::Office));
                self.hub.back_up().expect("a copy");
            }
            Happening::Disaster => self.disaster(),
        }
    }

    /// The troubled quarter of an hour.
    pub(super) fn live(&mut self) {
        self.play(self.until);
    }

    /// The network is perfect from now on; it goes on until nobody has anything to say.
    pub(super) fn settle(&mut self) {
        self.calm = true;
        self.server_down_until = 0;
        for phone in 0..self.phones.len() {
            self.make_room(phone);
        }
        self.queue
            .retain(|_, what| matches!(what, Happening::Arrive { .. } | Happening::Answer { .. }));
        for round in 0..12 {
            for phone in 0..self.phones.len() {
                self.phones[phone].offline_until = 0;
                self.handle(phone, Event::Start);
            }
            self.play(self.now + 200 * SECOND);
            let waiting: u64 = self
                .phones
                .iter()
                .map(|phone| phone.device.waiting().expect("a count"))
                .sum();
            let busy = self.phones.iter().any(|phone| phone.machine.is_busy());
            if round > 1 && waiting == 0 && !busy {
                return;
            }
        }
    }
}
