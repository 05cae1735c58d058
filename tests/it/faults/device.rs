//! What a device does, on a disk that fails.

use std::path::Path;

use serde_json::{Value, json};
use std::io::Write as _;

use vigie_core::device::Enrolment;
use vigie_core::person::{Role, Seat};
use vigie_core::store::blob;
use vigie_core::sync::frame::{self, Reader};
use vigie_core::sync::message::Response;
use vigie_core::sync::pull::Incoming;
use vigie_core::sync::push::Pusher;
use vigie_core::sync::request;
use vigie_core::{Device, Id, Moment};
use vigie_tests::chance::Chance;
use vigie_tests::faulty::Said;
use vigie_tests::floor::{self, Floor};
use vigie_tests::hub::Hub;
use vigie_tests::wire::inflated;

use super::{Bench, Case, Same, shares, try_all};
use crate::support::{Folder, START, picture};
use vigie_core::sync::machine::Cursors;

#[test]
fn whatever_of_a_device_s_disk_fails_all_or_nothing_is_done_and_nothing_is_lost() {
    let (share, compound) = shares();
    try_all(&bench(), "device", share, compound);
}

fn bench() -> Bench<Device> {
    Bench {
        open,
        read,
        cases: Town::new().cases(),
    }
}

pub(super) fn open(path: &Path) -> vigie_core::error::Result<Device> {
    Device::open(path, None, Box::new(Same))
}

/// Drafts can be read, and what waits.
pub(super) fn read(device: &mut Device) -> vigie_core::error::Result<()> {
    if device.enrolment()?.is_some() {
        device.call(at(), None, "draft.list", json!({}))?;
        device.call(at(), None, "sync.health", json!({}))?;
    }
    Ok(())
}

pub(super) fn at() -> Moment {
    Moment::utc(START)
}

/// A server, and files of devices at several moments.
pub(super) struct Town {
    pub(super) hub: Hub,
    pub(super) floor: Floor,
    pub(super) chance: Chance,
    folder: Folder,
    count: usize,
}

/// A device that is being prepared.
pub(super) struct Prepared {
    pub(super) device: Device,
    pub(super) id: Id,
    pub(super) person: Id,
}

impl Town {
    pub(super) fn new() -> Self {
        let folder = Folder::in_memory();
        let mut chance = Chance::new(11);
        let mut hub =
            Hub::open(&folder.path().join("hub.db"), START, &mut chance).expect("a server");
        let floor = floor::found(&mut chance, START, |name, input| {
            Ok(hub.command(START, name, input)?.0)
        })
        .expect("an organisation");
        Self {
            hub,
            floor,
            chance,
            folder,
            count: 0,
        }
    }

    pub(super) fn enrolment(&self, id: Id, person: Id, role: Role) -> Enrolment {
        Enrolment {
            device: id,
            org: "Essai".to_owned(),
            seat: Seat {
                person,
                roles: [role].into(),
                site: Some(self.floor.site),
                system: false,
            },
            server_key: self.hub.public(),
        }
    }

    /// A device of the operator or of the lead, enrolled.
    pub(super) fn device(&mut self, role: Role) -> Prepared {
        let path = self.fresh();
        let mut device = Device::open(&path, None, Box::new(self.chance.fork())).expect("a file");
        let id = self.chance.id(START);
        let person = if role == Role::Lead {
            self.floor.lead
        } else {
            self.floor.operator
        };
        device
            .enrol(&self.enrolment(id, person, role))
            .expect("enrols");
        // Known before any page: the clocks agree.
        let welcome = Response::Welcome {
            protocol: 1,
            clock_ms: START,
        };
        feed(
            &mut device,
            &frame::encode(&[welcome]).expect("a frame"),
            &mut |_| (),
        )
        .expect("a welcome");
        Prepared { device, id, person }
    }

    fn fresh(&mut self) -> std::path::PathBuf {
        self.count += 1;
        self.folder.path().join(format!("device-{}.db", self.count))
    }

    pub(super) fn sync(&mut self, one: &mut Prepared) {
        self.hub
            .sync(&mut one.device, one.id, Some(one.person), START)
            .expect("syncs");
    }

    /// What the server answers to the device's next request.
    fn answer(&self, one: &Prepared) -> Vec<u8> {
        let request = one
            .device
            .request(START, Cursors::Fingerprint)
            .expect("a request");
        let persons = [one.person];
        let pusher = Pusher {
            device: one.id,
            persons: &persons,
            system: false,
            now_ms: START,
        };
        let mut answer = Vec::new();
        self.hub
            .exchange(&pusher, &request, None, &mut answer)
            .expect("an answer");
        answer
    }

    pub(super) fn draft(&mut self, one: &mut Prepared) -> Id {
        let floor = self.floor.clone();
        floor::fill(
            &mut one.device,
            at(),
            &mut self.chance,
            &floor,
            |_, _, _| Ok(()),
        )
        .expect("a draft")
    }

    pub(super) fn report(&mut self, one: &mut Prepared) -> Id {
        let draft = self.draft(one);
        floor::seal(&mut one.device, at(), &mut self.chance, draft).expect("a report")
    }

    fn cases(mut self) -> Vec<Case<Device>> {
        let mut cases = self.beginnings();
        cases.extend(self.writing());
        cases.extend(self.leading());
        cases.extend(self.hearing());
        cases.extend(self.given_back());
        cases
    }

    /// New files, enrolment.
    fn beginnings(&mut self) -> Vec<Case<Device>> {
        let path = self.fresh();
        drop(open(&path).expect("a file"));
        let empty = std::fs::read(&path).expect("a file");
        let id = self.chance.id(START);
        let enrolment = self.enrolment(id, self.floor.operator, Role::Operator);
        vec![
            Case {
                name: "a new file",
                before: None,
                opens: true,
                run: Box::new(|_, _| Ok(())),
            },
            Case {
                name: "enrol",
                before: Some(empty),
                opens: false,
                run: Box::new(move |device, _| device.enrol(&enrolment)),
            },
        ]
    }

    /// What an operator does.
    fn writing(&mut self) -> Vec<Case<Device>> {
        let mut one = self.device(Role::Operator);
        self.sync(&mut one);
        self.report(&mut one);
        let draft = self.draft(&mut one);
        let module = self.capsule(&mut one);
        let opened = call(&mut one, "learn.open", module);
        let attempt = &opened["attempt"];
        let finish = json!({
            "attempt": attempt["id"], "module": attempt["module"], "release": attempt["release"],
            "step": 99, "answers": {},
        });
        let photo = json!({
            "id": draft, "field": "photos", "media_type": "image/png",
            "base64": base64(&picture(9, 60_000)),
        });
        let (second, report) = (self.chance.id(START), self.chance.id(START));
        let start =
            json!({ "id": second, "form": self.floor.form, "release": 1, "practice": false });
        let save = json!({ "id": draft, "field": "words", "value": "Autre chose" });
        let seal = json!({ "draft": draft, "report": report });
        let before = close(one);
        let mut command = |name: &'static str, input: Value| {
            let id = self.chance.id(START);
            commanded(name, id, input, &before)
        };
        let mut cases = vec![
            command("draft.start", start),
            command("draft.save", save),
            command("draft.attach", photo),
            command("draft.discard", json!({ "id": draft })),
            command("report.seal", seal),
            command("learn.finish", finish),
        ];
        cases.push(Case {
            name: "rebuild",
            before: Some(before.clone()),
            opens: false,
            run: Box::new(|device, _| device.rebuild()),
        });
        cases.push(Case {
            name: "tick",
            before: Some(before),
            opens: false,
            run: Box::new(|device, _| device.tick(at()).map(drop)),
        });
        cases
    }

    /// A capsule, published and fetched; how it is opened.
    fn capsule(&mut self, one: &mut Prepared) -> Value {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../content/capsules/signaler-presquaccident");
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a text");
        let mut media = serde_json::Map::new();
        for file in std::fs::read_dir(folder.join("media"))
            .into_iter()
            .flatten()
        {
            let path = file.expect("a file").path();
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            media.insert(
                name,
                json!(std::fs::read_to_string(&path).expect("a picture")),
            );
        }
        let input = json!({
            "slug": "signaler-presquaccident", "source": { "fr": text("fr.md"), "en": text("en.md") },
            "media": media,
        });
        let (output, _) = self
            .hub
            .command(START, "studio.import", input)
            .expect("published");
        self.sync(one);
        json!({ "module": output["id"], "attempt": self.chance.id(START) })
    }

    /// What a lead does.
    fn leading(&mut self) -> Vec<Case<Device>> {
        let mut operator = self.device(Role::Operator);
        self.sync(&mut operator);
        let report = self.report(&mut operator);
        self.sync(&mut operator);
        let mut lead = self.device(Role::Lead);
        self.sync(&mut lead);
        let person = lead.person;
        let before = close(lead);
        let mut command = |name: &'static str, input: Value| {
            let id = self.chance.id(START);
            commanded(name, id, input, &before)
        };
        vec![
            command(
                "report.assign",
                json!({ "id": report, "person": person, "assigned": true }),
            ),
            command(
                "report.close",
                json!({ "id": report, "outcome": "done", "answer": "Nettoyé" }),
            ),
            command("report.comment", json!({ "id": report, "text": "Vu" })),
        ]
    }

    /// What comes from the server.
    fn hearing(&mut self) -> Vec<Case<Device>> {
        let mut other = self.device(Role::Operator);
        self.sync(&mut other);
        for _ in 0..12 {
            self.report(&mut other);
        }
        self.sync(&mut other);
        let fresh = self.device(Role::Operator);
        let pages = in_pages(&self.answer(&fresh));
        let fresh = close(fresh);

        let mut waiting = self.device(Role::Operator);
        self.sync(&mut waiting);
        self.report(&mut waiting);
        let db = waiting.device.db();
        let push = db
            .query_row(
                "SELECT id FROM outbox ORDER BY ordinal LIMIT 1",
                [],
                |row| row.get(0),
            )
            .expect("something waits");
        let refusal = refusal(push);
        let left = left(&waiting.device);
        let receipts = self.answer(&waiting);
        let waiting = close(waiting);

        let mut photographed = self.device(Role::Operator);
        self.sync(&mut photographed);
        let draft = self.draft(&mut photographed);
        let content = picture(4, 30_000);
        let photo = json!({
            "id": draft, "field": "photos", "media_type": "image/png", "base64": base64(&content),
        });
        call(&mut photographed, "draft.attach", photo);
        let hash = blob::hash(&content);
        let wanting = {
            let db = photographed.device.db();
            db.execute("UPDATE blob SET content = NULL, wanted = 1", [])
                .expect("wanted");
            db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
                .expect("written");
            std::fs::read(db.path().expect("a path")).expect("a file")
        };
        photographed
            .device
            .blob_fetched(&hash, &content)
            .expect("fetched");
        let photographed = close(photographed);
        vec![
            fed("receipts", receipts, &waiting),
            fed("a refusal", refusal, &waiting),
            fed("scopes left", left, &waiting),
            fed("pages of documents", pages, &fresh),
            Case {
                name: "a photo was sent",
                before: Some(photographed),
                opens: false,
                run: Box::new(move |device, _| device.blob_sent(&hash, START).map(drop)),
            },
            Case {
                name: "a photo was fetched",
                before: Some(wanting),
                opens: false,
                run: Box::new(move |device, _| device.blob_fetched(&hash, &content).map(drop)),
            },
        ]
    }

    /// The server was restored from an older backup.
    fn given_back(&mut self) -> Vec<Case<Device>> {
        let mut one = self.device(Role::Operator);
        self.sync(&mut one);
        self.hub.back_up().expect("a backup");
        self.report(&mut one);
        self.sync(&mut one);
        assert!(
            self.hub.restore(START, &mut self.chance).expect("restored"),
            "a backup was there"
        );
        // The server no longer knows where this device stands.
        let again = one.device.request(START, Cursors::All).expect("a request");
        let persons = [one.person];
        let pusher = Pusher {
            device: one.id,
            persons: &persons,
            system: false,
            now_ms: START,
        };
        let mut answer = Vec::new();
        self.hub
            .exchange(&pusher, &again, None, &mut answer)
            .expect("an answer");
        vec![fed("give back", answer, &close(one))]
    }
}

/// The file of a device that ends here.
pub(super) fn close(one: Prepared) -> Vec<u8> {
    let path = one.device.db().path().expect("a path").to_owned();
    drop(one);
    std::fs::read(path).expect("a file")
}

pub(super) fn call(one: &mut Prepared, name: &str, input: Value) -> Value {
    let reply = one.device.call(at(), None, name, input);
    reply
        .unwrap_or_else(|error| panic!("`{name}`: {error}"))
        .output
}

pub(super) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A command, called as screens call: again with the same id.
fn commanded(name: &'static str, id: Id, input: Value, before: &[u8]) -> Case<Device> {
    Case {
        name,
        before: Some(before.to_vec()),
        opens: false,
        run: Box::new(move |device, _| device.call(at(), Some(id), name, input.clone()).map(drop)),
    }
}

/// An answer of the server, taken in.
fn fed(name: &'static str, answer: Vec<u8>, before: &[u8]) -> Case<Device> {
    Case {
        name,
        before: Some(before.to_vec()),
        opens: false,
        run: Box::new(move |device, note| feed(device, &answer, note)),
    }
}

/// Takes in an answer as it comes, telling each time that something was written.
fn feed(
    device: &mut Device,
    answer: &[u8],
    note: &mut dyn FnMut(Said),
) -> vigie_core::error::Result<()> {
    let mut incoming = Incoming::new()?;
    let mut written = device.db().total_changes();
    for part in answer.chunks(64) {
        device.feed(&mut incoming, part, START)?;
        if device.db().total_changes() != written {
            written = device.db().total_changes();
            note(Said::Done);
        }
    }
    Ok(())
}

fn welcome() -> Response {
    Response::Welcome {
        protocol: 1,
        clock_ms: START,
    }
}

fn refusal(push: Id) -> Vec<u8> {
    let refused = Response::Refused {
        push,
        code: "forbidden".to_owned(),
        detail: "not for this person".to_owned(),
    };
    let page = Response::Page {
        cursors: Vec::new(),
        more: false,
    };
    frame::encode(&[welcome(), refused, page]).expect("frames")
}

/// The device loses every scope: what it received goes.
fn left(device: &Device) -> Vec<u8> {
    let mut frames = vec![welcome()];
    for cursor in request::cursors(device.db()).expect("cursors") {
        frames.push(Response::Left {
            scope: cursor.scope,
        });
    }
    frames.push(Response::Page {
        cursors: Vec::new(),
        more: false,
    });
    frame::encode(&frames).expect("frames")
}

/// The same answer in pages of eight documents, each of which comes by itself.
fn in_pages(answer: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(1 << 26).expect("a reader");
    reader.feed(answer);
    let mut pages = vec![Vec::new()];
    let mut documents = 0;
    while let Some(frame) = reader.next::<Response>().expect("a frame") {
        documents += i32::from(matches!(frame, Response::Document { .. }));
        let page = pages.last_mut().expect("one");
        page.push(frame);
        if documents == 8 {
            documents = 0;
            page.push(Response::Page {
                cursors: Vec::new(),
                more: true,
            });
            pages.push(Vec::new());
        }
    }
    let mut stream = zstd::stream::write::Encoder::new(Vec::new(), 3).expect("a stream");
    for page in pages {
        let frames = frame::encode(&page).expect("frames");
        let plain = inflated(&frames).expect("inflates");
        stream.write_all(&plain).expect("a page");
        stream.flush().expect("a page");
    }
    stream.finish().expect("a stream")
}
