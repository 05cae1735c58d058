//! A cast of people with their devices and a server in memory: what the tests of features play with.

mod memory;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use memory::Memory;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::device::{Device, Enrolment, Reply};
use crate::error::{Error, Result};
use crate::id::{Entropy, Id};
use crate::moment::Moment;
use crate::person::{Role, Seat};
use crate::store;
use crate::sync::desk::Clerk;
use crate::sync::exchange::exchange;
use crate::sync::machine::Cursors;
use crate::sync::message::{Push, Request};
use crate::sync::push::Pusher;
use crate::sync::receipt::Signer;

/// 2026-11-22, 10:00 UTC.
pub(crate) const START_MS: i64 = 1_795_341_600_000;
/// A day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Bytes from a seed: a test that fails does so again.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, buffer: &mut [u8]) {
        for byte in buffer {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = mixed.to_be_bytes()[0];
        }
    }
}

/// The id that is always this one for this number.
pub(crate) fn id(number: u64) -> Id {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    Id::from_parts(START_MS, random)
}

/// Who plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Operator in Lyon.
    Sophie,
    /// Manager in Lyon.
    Karim,
    /// Relay in Lyon.
    Lea,
    /// Manager in Brest.
    Yann,
    /// Operator in Brest.
    Maud,
    /// Lead.
    Claire,
    /// Admin.
    Adam,
    /// Guest in Lyon.
    Guest,
    /// The server's own device.
    System,
}

impl Who {
    pub(crate) const ALL: [Self; 9] = [
        Self::System,
        Self::Sophie,
        Self::Karim,
        Self::Lea,
        Self::Yann,
        Self::Maud,
        Self::Claire,
        Self::Adam,
        Self::Guest,
    ];

    pub(crate) const fn role(self) -> Option<Role> {
        match self {
            Self::Sophie | Self::Maud => Some(Role::Operator),
            Self::Karim | Self::Yann => Some(Role::Manager),
            Self::Lea => Some(Role::Relay),
            Self::Claire => Some(Role::Lead),
            Self::Adam => Some(Role::Admin),
            Self::Guest => Some(Role::Guest),
            Self::System => None,
        }
    }

    /// The person's id.
    pub(crate) fn person(self) -> Id {
        if self == Self::System {
            Id::from_bytes([0; 16])
        } else {
            id(100_u64.saturating_add(self as u64))
        }
    }

    fn site(self) -> Option<Id> {
        match self {
            Self::Sophie | Self::Karim | Self::Lea | Self::Guest => Some(lyon()),
            Self::Yann | Self::Maud => Some(brest()),
            Self::Claire | Self::Adam | Self::System => None,
        }
    }

    fn seat(self) -> Seat {
        self.role().map_or_else(Seat::system, |role| Seat {
            person: self.person(),
            roles: BTreeSet::from([role]),
            site: self.site(),
            system: false,
        })
    }
}

/// A site.
pub(crate) fn lyon() -> Id {
    id(1)
}

/// Another site.
pub(crate) fn brest() -> Id {
    id(2)
}

/// A place in Lyon.
pub(crate) fn press() -> Id {
    id(11)
}

/// A place in Brest.
pub(crate) fn quay() -> Id {
    id(12)
}

/// Everybody with their devices, and the server. Time moves only when told to.
pub(crate) struct Cast {
    pub(crate) server: Server,
    pub(crate) now: i64,
    devices: BTreeMap<Who, Device>,
    ids: Cell<u64>,
}

impl Cast {
    /// Sites, people and forms are there, and have come to everybody.
    pub(crate) fn new() -> Self {
        let mut cast = Self::empty();
        cast.found();
        // The server's own device is first: once is enough.
        Who::ALL.into_iter().for_each(|who| cast.sync(who));
        cast
    }

    fn empty() -> Self {
        let mut cast = Self {
            server: Server::new(),
            now: START_MS,
            devices: BTreeMap::new(),
            ids: Cell::new(10_000),
        };
        for who in Who::ALL {
            cast.device_of(who);
        }
        cast
    }

    /// A fresh device for this person, in place of the one they had.
    pub(crate) fn device_of(&mut self, who: Who) {
        let seed = self.number();
        let db = store::open::memory().expect("a file in memory");
        let mut device = Device::new(db, Box::new(Seeded::new(seed)));
        let enrolment = Enrolment {
            device: self.server.enrol(seed, who),
            org: "Atelier".to_owned(),
            seat: who.seat(),
            server_key: self.server.signer.public(),
        };
        device
            .enrol(&enrolment)
            .expect("a fresh device takes anybody");
        self.devices.insert(who, device);
    }

    fn found(&mut self) {
        for (site, name, place, place_name) in [
            (lyon(), "Lyon", press(), "Presse 3"),
            (brest(), "Brest", quay(), "Quai 1"),
        ] {
            let places = json!([{ "id": place, "name": place_name, "area": null }]);
            let input = json!({
                "id": site, "name": name, "city": name, "teams": ["A"], "places": places,
            });
            self.ok(Who::System, "directory.save_site", input);
        }
        for who in Who::ALL {
            let Some(role) = who.role() else { continue };
            let name = format!("{who:?}");
            let input = json!({
                "id": who.person(), "name": name, "login": name.to_lowercase(), "roles": [role],
                "site": who.site(), "team": null, "trade": null, "language": "fr", "active": true,
            });
            self.ok(Who::System, "directory.save_person", input);
        }
        for (slug, source) in crate::form::SOURCES {
            self.ok(
                Who::System,
                "form.publish",
                json!({ "slug": slug, "source": source }),
            );
        }
    }

    fn number(&self) -> u64 {
        self.ids.set(self.ids.get().saturating_add(1));
        self.ids.get()
    }

    /// A new id, as a screen makes them.
    pub(crate) fn new_id(&self) -> Id {
        id(self.number())
    }

    pub(crate) fn device(&self, who: Who) -> &Device {
        &self.devices[&who]
    }

    pub(crate) fn device_mut(&mut self, who: Who) -> &mut Device {
        self.devices.get_mut(&who).expect("everybody has a device")
    }

    /// Calls a command; a second passes.
    pub(crate) fn call(&mut self, who: Who, name: &str, input: Value) -> Result<Reply> {
        self.now = self.now.saturating_add(1000);
        let moment = Moment::utc(self.now);
        self.device_mut(who).call(moment, None, name, input)
    }

    /// Calls a command that must succeed.
    #[track_caller]
    pub(crate) fn ok(&mut self, who: Who, name: &str, input: Value) -> Value {
        match self.call(who, name, input) {
            Ok(reply) => reply.output,
            Err(error) => panic!("{who:?} {name}: {error}"),
        }
    }

    /// Calls a command that must succeed and reads its output.
    #[track_caller]
    pub(crate) fn get<T: DeserializeOwned>(&mut self, who: Who, name: &str, input: Value) -> T {
        let output = self.ok(who, name, input);
        serde_json::from_value(output).expect("the output has the shape asked for")
    }

    /// Calls a command that must fail.
    #[track_caller]
    pub(crate) fn err(&mut self, who: Who, name: &str, input: Value) -> Error {
        match self.call(who, name, input) {
            Ok(reply) => panic!("{who:?} {name} succeeded: {}", reply.output),
            Err(error) => error,
        }
    }

    /// Exchanges until nothing more is worth while; blobs follow.
    pub(crate) fn sync(&mut self, who: Who) {
        let mut all = false;
        for _ in 0..20 {
            let device = self.devices.get_mut(&who).expect("everybody has a device");
            let request = device
                .request(self.now, Cursors::after(all))
                .expect("a request");
            let answer = self.server.answer(who, self.now, &request);
            let mut incoming = crate::sync::pull::Incoming::new().expect("a reader");
            device
                .feed(&mut incoming, &answer, self.now)
                .expect("an answer that is taken");
            let told = incoming.end().expect("a whole answer");
            assert_eq!(told.unreadable, 0, "{who:?} reads everything it gets");
            all = told.resend_cursors;
            if !all && !told.more && device.waiting().expect("a count") == 0 {
                break;
            }
        }
        self.move_blobs(who);
        let moment = Moment::utc(self.now);
        self.device_mut(who)
            .tick(moment)
            .expect("what happens by itself happens");
    }

    fn move_blobs(&mut self, who: Who) {
        let device = self.devices.get_mut(&who).expect("everybody has a device");
        for (hash, _) in store::blob::to_send(device.db()).expect("a list") {
            let found = store::blob::content(device.db(), &hash).expect("a blob");
            self.server.blobs.insert(hash, found.expect("it is here").1);
            device.blob_sent(&hash, self.now).expect("it is noted");
        }
        for (hash, _) in store::blob::to_fetch(device.db()).expect("a list") {
            if let Some(content) = self.server.blobs.get(&hash) {
                device
                    .blob_fetched(&hash, content)
                    .expect("it is what its name says");
            }
        }
    }

    /// Everybody, twice: what the last one sent comes to the first one too.
    pub(crate) fn sync_all(&mut self) {
        for who in Who::ALL.into_iter().chain(Who::ALL) {
            self.sync(who);
        }
    }

    /// The latest release of a bundled form, as this person's device has it.
    pub(crate) fn form(&mut self, who: Who, slug: &str) -> (Id, u32) {
        let forms: Vec<crate::form::FormSummary> = self.get(who, "form.list", json!({}));
        let form = forms
            .into_iter()
            .find(|form| form.slug == slug)
            .expect("it is bundled");
        (form.form.parse().expect("an id"), form.release)
    }

    /// A draft of a near miss, filled but not sealed.
    pub(crate) fn draft(&mut self, who: Who, openness: &str, place: Id, practice: bool) -> Id {
        let (form, release) = self.form(who, "near-miss");
        let draft = self.new_id();
        let input = json!({ "id": draft, "form": form, "release": release, "practice": practice });
        self.ok(who, "draft.start", input);
        let place = place.to_string();
        for (field, value) in [
            ("what", "fall"),
            ("place", place.as_str()),
            ("severity", "moderate"),
            ("urgency", "later"),
            ("openness", openness),
            ("words", "Flaque d’huile"),
        ] {
            let input = json!({ "id": draft, "field": field, "value": value });
            self.ok(who, "draft.save", input);
        }
        draft
    }

    /// A sealed near miss.
    pub(crate) fn report(&mut self, who: Who, openness: &str, place: Id) -> Id {
        let draft = self.draft(who, openness, place, false);
        let report = self.new_id();
        self.ok(
            who,
            "report.seal",
            json!({ "draft": draft, "report": report }),
        );
        report
    }

    /// A document's JSON on this person's device.
    pub(crate) fn view(&self, who: Who, document: Id) -> Option<Value> {
        let stored = store::document::get(self.device(who).db(), document).expect("a file")?;
        let document = crate::document::Document::load(&stored.body, [0; 8]).expect("it loads");
        Some(document.view().expect("it reads"))
    }

    /// Publishes a capsule of `content/` for all.
    pub(crate) fn capsule(&mut self, slug: &str) -> Id {
        let imported = self.ok(Who::Claire, "studio.import", capsule_input(slug));
        imported["id"]
            .as_str()
            .expect("an id")
            .parse()
            .expect("an id")
    }
}

/// A capsule's folder as `studio.import` takes it.
pub(crate) fn capsule_input(slug: &str) -> Value {
    let folder = format!("{}/../content/capsules/{slug}", env!("CARGO_MANIFEST_DIR"));
    let text = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).expect(name);
    let mut media = BTreeMap::new();
    if let Ok(files) = std::fs::read_dir(format!("{folder}/media")) {
        for file in files {
            let path = file.expect("a file").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            media.insert(name, std::fs::read_to_string(&path).expect("a picture"));
        }
    }
    json!({
        "slug": slug, "source": { "fr": text("fr.md"), "en": text("en.md") }, "media": media,
    })
}

/// The server: its store in memory, its key, its blobs.
pub(crate) struct Server {
    pub(crate) store: Memory,
    pub(crate) blobs: BTreeMap<[u8; 32], Vec<u8>>,
    signer: Signer,
    devices: BTreeMap<Who, Id>,
}

impl Server {
    fn new() -> Self {
        Self {
            store: Memory::default(),
            blobs: BTreeMap::new(),
            signer: Signer::new(&[7; 32]),
            devices: BTreeMap::new(),
        }
    }

    fn enrol(&mut self, number: u64, who: Who) -> Id {
        let device = id(number);
        self.devices.insert(who, device);
        device
    }

    fn answer(&mut self, who: Who, now_ms: i64, request: &[u8]) -> Vec<u8> {
        let persons = [who.person()];
        let pusher = Pusher {
            device: self.devices[&who],
            persons: &persons,
            system: who == Who::System,
            now_ms,
        };
        let mut answer = Vec::new();
        exchange(
            &mut self.store,
            &pusher,
            &Clerk::alone(&self.signer),
            request,
            &mut answer,
        )
        .expect("a request that is answered");
        answer
    }

    /// Sends one push as this person's device, whatever it says.
    pub(crate) fn push(&mut self, who: Who, now_ms: i64, push: Push) {
        let hello = Request::Hello {
            protocol: crate::sync::message::PROTOCOL,
            clock_ms: now_ms,
            cursors: 0,
            epoch: 0,
        };
        let frames = [hello, Request::Push(push)];
        let request = crate::sync::frame::encode(&frames).expect("a request");
        self.answer(who, now_ms, &request);
    }
}
