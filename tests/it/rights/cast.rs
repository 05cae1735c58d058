//! An organisation in which everything has happened once: a document of every kind, made by honest
//! commands, and a seat of every sort.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use automerge::Change;
use automerge::legacy::SortedVec;
use base64::Engine as _;
use serde_json::{Map, Value, json};
use vigie_core::device::Enrolment;
use vigie_core::document::Document;
use vigie_core::person::{Role, Seat};
use vigie_core::sync::message::{Push, Response};
use vigie_core::sync::push::Pusher;
use vigie_core::{Device, Entropy as _, Id, Moment};
use vigie_tests::chance::Chance;
use vigie_tests::hub::Hub;

use crate::support::{Folder, START, picture};

/// The seats of the tables; `system` is the server's own device.
pub(super) const SEATS: [&str; 9] = [
    "guest",
    "author",
    "colleague",
    "manager",
    "manager elsewhere",
    "relay",
    "lead",
    "admin",
    "system",
];
/// People who stand in no column.
const OTHERS: [&str; 3] = ["inactive", "stranger", "another admin"];
/// Two years and a half before the tests begin.
const LONG_AGO: i64 = START - 900 * 86_400_000;

const FORMS: [&str; 3] = ["weak-signal", "flash-audit", "near-miss"];

/// A try: changes to a document, pushed by a seat.
#[derive(Clone)]
pub(super) struct Try {
    pub(super) seat: String,
    pub(super) document: Id,
    pub(super) kind: String,
    pub(super) changes: Vec<Vec<u8>>,
}

/// Everybody, and what they made.
pub(super) struct Cast {
    pub(super) hub: Hub,
    pub(super) now: i64,
    pub(super) sites: [Id; 2],
    pub(super) places: [Id; 2],
    /// People by their seat's name.
    pub(super) people: BTreeMap<&'static str, Id>,
    /// Documents by what the tables call them.
    pub(super) named: BTreeMap<&'static str, Id>,
    devices: BTreeMap<&'static str, (Id, Device)>,
    forms: BTreeMap<&'static str, Id>,
    chance: RefCell<Chance>,
    _folder: Folder,
}

fn role(seat: &str) -> &'static str {
    match seat {
        "guest" => "guest",
        "manager" | "manager elsewhere" => "manager",
        "relay" => "relay",
        "lead" => "lead",
        "admin" | "another admin" => "admin",
        _ => "operator",
    }
}

pub(super) fn id_at(value: &Value, key: &str) -> Id {
    let text = value[key]
        .as_str()
        .unwrap_or_else(|| panic!("`{key}`: {value}"));
    text.parse().expect("an id")
}

impl Cast {
    pub(super) fn new() -> Self {
        let folder = Folder::new();
        let mut chance = Chance::new(1);
        let hub = Hub::open(&folder.path().join("hub.db"), LONG_AGO, &mut chance).expect("a hub");
        let nothing = chance.id(LONG_AGO);
        let mut cast = Self {
            hub,
            now: LONG_AGO,
            sites: [nothing; 2],
            places: [nothing; 2],
            people: BTreeMap::new(),
            named: BTreeMap::new(),
            devices: BTreeMap::new(),
            forms: BTreeMap::new(),
            chance: RefCell::new(chance),
            _folder: folder,
        };
        cast.found();
        cast.report("author", "report of two years ago", "open", None);
        cast.action("action of two years ago", "author");
        cast.now = START - 365 * 86_400_000;
        cast.report("author", "report of last year", "open", None);
        cast.now = START;
        cast.reports();
        cast.action("action", "author");
        cast.action("action of a guest", "guest");
        cast.lessons();
        cast.leave();
        cast
    }

    pub(super) fn id(&self) -> Id {
        self.chance.borrow_mut().id(self.now)
    }

    pub(super) fn actor(&self) -> vigie_core::gate::Actor {
        let mut actor = [0; 8];
        self.chance.borrow_mut().fill(&mut actor);
        actor
    }

    fn office(&mut self, name: &str, input: Value) -> Value {
        self.hub.command(self.now, name, input).expect(name).0
    }

    fn call(&mut self, who: &'static str, name: &str, input: Value) -> Value {
        let (now, person) = (self.now, self.people[who]);
        let (id, device) = self.devices.get_mut(who).expect(who);
        self.hub
            .sync(device, *id, Some(person), now)
            .expect("syncs");
        let moment = Moment {
            ms: now,
            offset_minutes: 60,
        };
        let output = device.call(moment, None, name, input);
        let output = output.unwrap_or_else(|error| panic!("{who} `{name}`: {error}"));
        let told = self
            .hub
            .sync(device, *id, Some(person), now)
            .expect("syncs");
        assert_eq!(told.refused, 0, "{who} `{name}` is honest");
        output.output
    }

    fn found(&mut self) {
        for (index, name) in ["Lyon", "Brest"].into_iter().enumerate() {
            self.places[index] = self.id();
            let places = json!([{ "id": self.places[index], "name": "Quai 1", "area": "Nord" }]);
            let input = json!({
                "id": null, "name": name, "city": name, "teams": ["A"], "places": places,
            });
            let output = self.office("directory.save_site", input);
            self.sites[index] = id_at(&output, "id");
        }
        for who in SEATS
            .into_iter()
            .chain(OTHERS)
            .filter(|who| *who != "system")
        {
            let person = self.save_person(who, true);
            self.people.insert(who, person);
            let device = self.enrolled(who);
            self.devices.insert(who, device);
        }
        for slug in FORMS {
            let path = format!(
                "{}/../content/forms/{slug}.toml",
                env!("CARGO_MANIFEST_DIR")
            );
            let source = std::fs::read_to_string(path).expect("a form");
            let output = self.office("form.publish", json!({ "slug": slug, "source": source }));
            self.forms.insert(slug, id_at(&output, "form"));
        }
        self.named.insert("site", self.sites[0]);
        self.named.insert("person", self.people["author"]);
        self.named.insert("form", self.forms["weak-signal"]);
    }

    fn save_person(&mut self, who: &'static str, active: bool) -> Id {
        let site = match who {
            "lead" | "admin" | "another admin" => None,
            "manager elsewhere" | "stranger" => Some(self.sites[1]),
            _ => Some(self.sites[0]),
        };
        let known = self.people.get(who);
        let login: String = who.split(' ').rev().collect();
        let input = json!({
            "id": known, "name": who, "login": login, "roles": [role(who)], "site": site,
            "team": "A", "trade": "Cariste", "language": "fr", "active": active,
        });
        id_at(&self.office("directory.save_person", input), "id")
    }

    /// A new device of somebody, empty.
    pub(super) fn enrolled(&self, who: &str) -> (Id, Device) {
        let entropy = Box::new(self.chance.borrow_mut().fork());
        let mut device = Device::new(vigie_core::store::open::memory().expect("memory"), entropy);
        let id = self.id();
        let seat = match self.people.get(who) {
            Some(person) => Seat {
                person: *person,
                roles: BTreeSet::from([Role::Guest]),
                site: None,
                system: false,
            },
            None => Seat::system(),
        };
        let server_key = self.hub.public();
        let org = "Essai".to_owned();
        let enrolment = Enrolment {
            device: id,
            org,
            seat,
            server_key,
        };
        device.enrol(&enrolment).expect("enrols");
        (id, device)
    }

    /// A filled draft.
    fn draft(&mut self, who: &'static str, openness: &str, place: Option<&str>) -> Id {
        let draft = self.id();
        let (form, here) = (
            self.forms["weak-signal"],
            self.places[usize::from(who == "stranger")],
        );
        let input = json!({ "id": draft, "form": form, "release": 1, "practice": false });
        self.call(who, "draft.start", input);
        for (field, value) in [
            ("what", json!("leak")),
            ("place", place.map_or(json!(here), |words| json!(words))),
            ("severity", json!("serious")),
            ("urgency", json!("later")),
            ("openness", json!(openness)),
            ("words", json!("De l’huile sous la presse")),
        ] {
            let input = json!({ "id": draft, "field": field, "value": value });
            self.call(who, "draft.save", input);
        }
        let base64 = base64::engine::general_purpose::STANDARD.encode(picture(1, 100));
        let input = json!({
            "id": draft, "field": "photos", "media_type": "image/png", "base64": base64,
        });
        self.call(who, "draft.attach", input);
        draft
    }

    fn seal(&mut self, who: &'static str, draft: Id) -> Id {
        let report = self.id();
        self.call(
            who,
            "report.seal",
            json!({ "draft": draft, "report": report }),
        );
        report
    }

    fn report(&mut self, who: &'static str, name: &'static str, open: &str, place: Option<&str>) {
        let draft = self.draft(who, open, place);
        let report = self.seal(who, draft);
        self.named.insert(name, report);
        if who == "stranger" {
            self.named.insert("draft of somebody elsewhere", draft);
        }
    }

    fn reporter_of(&self, report: &str) -> Id {
        id_at(&self.view(self.named[report]), "reporter")
    }

    fn reports(&mut self) {
        let draft = self.draft("author", "open", None);
        self.named.insert("draft", draft);
        let discarded = self.draft("author", "open", None);
        self.call("author", "draft.discard", json!({ "id": discarded }));
        self.named.insert("draft given up", discarded);
        let sealed = self.draft("author", "open", None);
        self.named.insert("draft that was sealed", sealed);
        let report = self.seal("author", sealed);
        self.named.insert("report", report);
        self.report("author", "report, confidential", "confidential", None);
        self.report(
            "author",
            "report somewhere in words",
            "open",
            Some("Derrière le hangar"),
        );
        self.report("stranger", "report of the other site", "open", None);
        let audit = self.audit();
        self.named.insert("report, an audit", audit);
        for (name, report) in [
            ("reporter", "report"),
            ("reporter, confidential", "report, confidential"),
            ("reporter of the other site", "report of the other site"),
            ("reporter of last year", "report of last year"),
            ("reporter of two years ago", "report of two years ago"),
        ] {
            let reporter = self.reporter_of(report);
            self.named.insert(name, reporter);
        }
        self.call("manager", "report.take", json!({ "id": report }));
        let comment = json!({ "id": report, "text": "Vu, merci" });
        self.call("manager", "report.comment", comment);
    }

    /// A report with a score.
    fn audit(&mut self) -> Id {
        let (draft, form, place) = (self.id(), self.forms["flash-audit"], self.places[0]);
        let input = json!({ "id": draft, "form": form, "release": 1, "practice": false });
        let view = self.call("author", "draft.start", input);
        for question in view["program"]["questions"].as_array().expect("questions") {
            let value = match question["type"].as_str() {
                Some("place") => json!(place),
                Some("select_one" | "severity") => question["choices"][0]["name"].clone(),
                _ => continue,
            };
            let input = json!({ "id": draft, "field": question["name"], "value": value });
            self.call("author", "draft.save", input);
        }
        self.seal("author", draft)
    }

    fn action(&mut self, name: &'static str, owner: &'static str) {
        let (site, owner) = (self.sites[0], self.people[owner]);
        let report = self.named.get("report");
        let input = json!({
            "title": "Changer le joint", "details": "", "report": report, "site": site,
            "owner": owner, "due_on": "2026-12-01",
        });
        let output = self.call("manager", "action.create", input);
        let action = id_at(&output, "id");
        let input = json!({ "id": action, "evidence": "Joint changé" });
        self.call("manager", "action.done", input);
        self.named.insert(name, action);
    }

    fn lessons(&mut self) {
        let (source, media) = capsule("signaler-presquaccident");
        let input = json!({
            "slug": "signaler-presquaccident", "source": source, "media": media,
        });
        let module = id_at(&self.call("lead", "studio.import", input), "id");
        self.named.insert("module", module);
        let lyon = self.sites[0];
        let known = self.hub.documents_of("release").expect("releases");
        self.named.insert("release for all", known[0]);
        let for_lyon = json!({
            "id": module, "sites": [lyon], "due_on": "2026-12-01", "required": true, "note": "x",
        });
        self.call("lead", "studio.publish", for_lyon.clone());
        let release = self.newest("release", &known);
        self.named.insert("release", release);
        let assigned = self.hub.documents_of("assignment").expect("assignments");
        self.named.insert("assignment", assigned[0]);
        let for_all = json!({ "id": module, "sites": null, "due_on": null, "required": false });
        self.call("lead", "studio.assign", for_all);
        let all = self.newest("assignment", &assigned);
        self.named.insert("assignment for all", all);
        let known = self.hub.documents_of("release").expect("releases");
        self.call("lead", "studio.publish", for_lyon);
        let withdrawn = self.newest("release", &known);
        self.call("lead", "studio.withdraw", json!({ "id": module }));
        self.named.insert("release that was withdrawn", withdrawn);
        for who in ["author", "guest"] {
            self.learn(who, module);
        }
    }

    fn learn(&mut self, who: &'static str, module: Id) {
        let attempt = self.id();
        let opened = self.call(
            who,
            "learn.open",
            json!({ "module": module, "attempt": attempt }),
        );
        let input = json!({
            "attempt": attempt, "module": module, "release": opened["attempt"]["release"],
            "step": 3, "answers": {},
        });
        self.call(who, "learn.finish", input);
        let now = self.now;
        let (_, device) = self.devices.get_mut(who).expect(who);
        device
            .tick(Moment {
                ms: now,
                offset_minutes: 60,
            })
            .expect("ticks");
        self.call(who, "directory.me", json!({}));
        for kind in ["progress", "memory"] {
            let made = self.hub.documents_of(kind).expect("documents");
            let own = made
                .into_iter()
                .find(|id| id_at(&self.view(*id), "person") == self.people[who]);
            let name = match (kind, who) {
                ("progress", "author") => "progress",
                ("progress", _) => "progress of a guest",
                (_, "author") => "memory",
                (_, _) => "memory of a guest",
            };
            self.named.insert(name, own.expect("learned"));
        }
    }

    fn newest(&self, kind: &str, known: &[Id]) -> Id {
        let all = self.hub.documents_of(kind).expect("documents");
        all.into_iter()
            .find(|id| !known.contains(id))
            .expect("a new one")
    }

    fn leave(&mut self) {
        self.save_person("inactive", false);
    }

    /// A document as the server has it.
    pub(super) fn view(&self, id: Id) -> Value {
        let stored = self
            .hub
            .document(id)
            .expect("the store")
            .expect("a document");
        let document = Document::load(&stored.body, [0; 8]).expect("loads");
        document.view().expect("reads")
    }

    /// What a document holds but for its header.
    pub(super) fn body(&self, id: Id) -> Map<String, Value> {
        let Value::Object(mut body) = self.view(id) else {
            panic!("a document is an object")
        };
        for field in vigie_core::document::HEADER {
            body.remove(field);
        }
        body
    }

    /// A change to a document as the server has it, tried by a seat.
    pub(super) fn edit(&self, seat: &str, id: Id, edit: impl FnOnce(&mut Document)) -> Try {
        let stored = self
            .hub
            .document(id)
            .expect("the store")
            .expect("a document");
        let mut document = Document::load(&stored.body, self.actor()).expect("loads");
        edit(&mut document);
        Try {
            seat: seat.to_owned(),
            document: id,
            kind: stored.kind,
            changes: document.commit(),
        }
    }

    /// A change that leaves what shows as it was and puts another value beside it: it pretends not to
    /// have seen what is there.
    pub(super) fn beside(&self, seat: &str, id: Id, path: &[&str], other: &Value) -> Try {
        let now = path
            .iter()
            .fold(self.view(id), |view, key| view[*key].clone());
        let mut hidden = self.edit(seat, id, |document| {
            document.set(path, other).expect("writes");
            document.set(path, &now).expect("writes");
        });
        for bytes in &mut hidden.changes {
            let change = Change::try_from(bytes.as_slice()).expect("a change");
            let mut change = change.decode();
            for operation in &mut change.operations {
                operation.pred = SortedVec::from(Vec::new());
            }
            *bytes = Change::from(change).raw_bytes().to_vec();
        }
        hidden
    }

    /// A new document, tried by a seat.
    pub(super) fn create(&self, seat: &str, kind: &str, body: Map<String, Value>) -> Try {
        self.create_as(seat, kind, self.id(), body)
    }

    pub(super) fn create_as(
        &self,
        seat: &str,
        kind: &str,
        id: Id,
        body: Map<String, Value>,
    ) -> Try {
        let body = Value::Object(body);
        let mut document = Document::create(self.actor(), id, kind, 1, &body).expect("made");
        Try {
            seat: seat.to_owned(),
            document: id,
            kind: kind.to_owned(),
            changes: document.commit(),
        }
    }

    /// The person of a seat; the server's own has none.
    pub(super) fn person(&self, seat: &str) -> Id {
        self.people
            .get(seat)
            .copied()
            .unwrap_or(Seat::system().person)
    }

    /// What the server answers to the last of these: `received` or a code.
    pub(super) fn verdict(&self, tries: Vec<Try>) -> String {
        let persons: Vec<[Id; 1]> = tries.iter().map(|one| [self.person(&one.seat)]).collect();
        let mut pushes = Vec::new();
        for (one, persons) in tries.into_iter().zip(&persons) {
            if one.changes.is_empty() {
                return "nothing was written".to_owned();
            }
            let pusher = Pusher {
                device: self.id(),
                persons,
                system: one.seat == "system",
                now_ms: self.now,
            };
            let push = Push {
                id: self.id(),
                person: persons[0],
                document: one.document,
                kind: one.kind,
                changes: one.changes.into_iter().map(Into::into).collect(),
                heads: Vec::new(),
                proof: None,
            };
            pushes.push((pusher, push));
        }
        let answers = self.hub.trial(&pushes).expect("the store");
        match answers.into_iter().next_back() {
            Some(Response::Received { .. }) => "received".to_owned(),
            Some(Response::Refused { code, .. }) => code,
            other => panic!("{other:?} is no verdict"),
        }
    }
}

/// A capsule from its folder.
fn capsule(slug: &str) -> (Value, Value) {
    let folder = format!("{}/../content/capsules/{slug}", env!("CARGO_MANIFEST_DIR"));
    let read = |path: std::path::PathBuf| json!(std::fs::read_to_string(path).expect("a text"));
    let source = json!({
        "fr": read(format!("{folder}/fr.md").into()), "en": read(format!("{folder}/en.md").into()),
    });
    let media: Map<String, Value> = std::fs::read_dir(format!("{folder}/media"))
        .expect("pictures")
        .map(|entry| entry.expect("a picture"))
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                read(entry.path()),
            )
        })
        .collect();
    (source, Value::Object(media))
}
