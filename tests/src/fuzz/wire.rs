//! The exchange: its compressed stream, what a device asks and what a server answers.

use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::backup::Backup;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use vigie_core::device::Enrolment;
use vigie_core::error::Code;
use vigie_core::person::{Role, Seat};
use vigie_core::store::open;
use vigie_core::sync::frame::{self, Reader};
use vigie_core::sync::machine::Cursors;
use vigie_core::sync::message::{
    Cursor, PROTOCOL, PUSHES_MAX, REQUEST_INFLATED_MAX, Request, Response,
};
use vigie_core::sync::pull::{ANSWER_INFLATED_MAX, Incoming};
use vigie_core::sync::push::Pusher;
use vigie_core::sync::receipt;
use vigie_core::{Device, Id, Moment};

use crate::chance::Chance;
use crate::floor::{self, Floor};
use crate::hub::Hub;
use crate::poison::{catalogue, checksummed};
use crate::wire::inflated;

/// 2026-11-22T08:00:00Z.
const NOW: i64 = 1_795_334_400_000;
const MOMENT: Moment = Moment {
    ms: NOW,
    offset_minutes: 60,
};

/// A small organisation, one of whose devices speaks.
pub(super) struct Town {
    pub(super) hub: Hub,
    floor: Floor,
    device: Id,
    /// The device's file, as it is copied for each answer.
    file: Device,
    /// What the device asked, inflated.
    asked: Vec<Vec<u8>>,
    /// What it was answered, inflated.
    answered: Vec<Vec<u8>>,
    folder: PathBuf,
}

impl Drop for Town {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

thread_local! {
    static TOWN: Town = Town::new();
}

impl Town {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!(
            "vigie-fuzz-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        let mut chance = Chance::new(5);
        let mut hub = Hub::open(&folder.join("hub.db"), NOW, &mut chance).unwrap();
        let floor = floor::found(&mut chance, NOW, |name, input| {
            Ok(hub.command(NOW, name, input)?.0)
        });
        let floor = floor.unwrap();
        let capsule = include_str!("../../../content/capsules/cinq-pourquoi/fr.md");
        let source = json!({ "slug": "pourquoi", "source": { "fr": capsule }, "media": {} });
        drop(hub.command(NOW, "studio.import", source));
        let mut file = Device::new(open::memory().unwrap(), Box::new(chance.fork()));
        let device = chance.id(NOW);
        let enrolment = Enrolment {
            device,
            org: "Essai".to_owned(),
            seat: Seat {
                person: floor.operator,
                roles: [Role::Operator].into(),
                site: Some(floor.site),
                system: false,
            },
            server_key: hub.public(),
        };
        file.enrol(&enrolment).unwrap();
        let mut town = Self {
            hub,
            floor,
            device,
            file,
            asked: Vec::new(),
            answered: Vec::new(),
            folder,
        };
        town.exchange();
        town.exchange();
        let floor = town.floor.clone();
        let draft = floor::fill(
            &mut town.file,
            MOMENT,
            &mut chance,
            &floor,
            |_, _, _| Ok(()),
        );
        town.exchange();
        let report = floor::seal(&mut town.file, MOMENT, &mut chance, draft.unwrap());
        let comment = json!({ "id": report.unwrap(), "text": "Encore" });
        town.file
            .call(MOMENT, None, "report.comment", comment)
            .unwrap();
        town.exchange();
        town.exchange();
        town
    }

    /// The device and the server speak; both sides are kept.
    fn exchange(&mut self) {
        let request = self.file.request(NOW, Cursors::Fingerprint).unwrap();
        let mut answer = Vec::new();
        let persons = [self.floor.operator];
        let pusher = pusher(self.device, &persons);
        self.hub
            .exchange(&pusher, &request, None, &mut answer)
            .unwrap();
        let mut incoming = Incoming::new().unwrap();
        self.file.feed(&mut incoming, &answer, NOW).unwrap();
        if incoming.end().unwrap().resend_cursors {
            let again = self.file.request(NOW, Cursors::All).unwrap();
            self.asked.push(inflated(&again).unwrap());
        }
        self.asked.push(inflated(&request).unwrap());
        self.answered.push(inflated(&answer).unwrap());
    }

    /// The device again, as it was.
    fn copy(&self) -> Device {
        let mut copy = Connection::open_in_memory().unwrap();
        let backup = Backup::new(self.file.db(), &mut copy).unwrap();
        backup.step(-1).unwrap();
        drop(backup);
        Device::new(copy, Box::new(Chance::new(6)))
    }
}

fn pusher(device: Id, persons: &[Id]) -> Pusher<'_> {
    Pusher {
        device,
        persons,
        system: false,
        now_ms: NOW,
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// A compressed stream, that either side may be sent.
pub(super) fn stream(input: &[u8]) {
    drop(frame::read_all::<Request>(
        input,
        REQUEST_INFLATED_MAX,
        PUSHES_MAX,
    ));
    let mut reader = Reader::new(ANSWER_INFLATED_MAX).unwrap();
    reader.feed(input);
    while let Ok(Some(_)) = reader.next::<Response>() {}
}

pub(super) fn stream_seeds() -> Vec<Vec<u8>> {
    TOWN.with(|town| {
        let real = town.asked.iter().chain(&town.answered);
        let mut seeds: Vec<Vec<u8>> = real.map(|frames| deflated(frames)).collect();
        seeds.retain(|seed| seed.len() <= 8192);
        // Bombs: one frame that never ends, no frame at all, and many small ones.
        let endless = [&[0xff, 0xff, 0x2f, 0][..], &vec![0; 3 << 20]].concat();
        let gone = frame::encode(&vec![Response::ResendCursors; 100_000]).unwrap();
        seeds.extend([deflated(&endless), deflated(&vec![0; 160 << 20]), gone]);
        seeds
    })
}

/// What is written again is read the same.
fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(frames: &[T]) {
    let Ok(bytes) = frame::encode(frames) else {
        return;
    };
    let again = frame::read_all::<T>(&bytes, ANSWER_INFLATED_MAX, frames.len());
    assert_eq!(again.unwrap(), frames, "written and read again");
}

/// The frames of a request, to a server that knows a few documents; nothing of them is kept.
pub(super) fn request(input: &[u8]) {
    TOWN.with(|town| {
        let persons = [town.floor.operator];
        let pusher = || pusher(town.device, &persons);
        let stream = deflated(input);
        // A store that dies at the first question: only what is before it is done.
        let read = town
            .hub
            .exchange(&pusher(), &stream, Some(0), &mut Vec::new());
        let code = read.err().map(|error| error.code());
        let known = [
            Code::Storage,
            Code::Protocol,
            Code::TooLarge,
            Code::AppTooOld,
            Code::ServerTooOld,
        ];
        assert!(
            code.is_some_and(|code| known.contains(&code)),
            "read or refused: {code:?}"
        );
        let frames = frame::read_all::<Request>(&stream, REQUEST_INFLATED_MAX, PUSHES_MAX);
        let Ok(frames) = frames else { return };
        same(&frames);
        let mut pushes = Vec::new();
        for frame in frames {
            if let Request::Push(mut push) = frame {
                for change in &mut push.changes {
                    *change = checksummed(std::mem::take(change).into_vec()).into();
                }
                pushes.push((pusher(), push));
            }
        }
        let answers = town.hub.trial(&pushes).unwrap();
        assert_eq!(answers.len(), pushes.len(), "each push has its answer");
        for answer in answers {
            if let Response::Received { receipt, signature } = answer {
                let read = receipt::verify(&town.hub.public(), &receipt, &signature);
                assert!(read.is_ok(), "a receipt that verifies");
            }
        }
    });
}

pub(super) fn request_seeds() -> Vec<Vec<u8>> {
    TOWN.with(|town| {
        let mut seeds = town.asked.clone();
        // One push, honest but for what it holds.
        let push = town.asked.iter().find_map(|asked| {
            let frames = frame::read_all::<Request>(&deflated(asked), REQUEST_INFLATED_MAX, 100);
            frames.unwrap().into_iter().find_map(|frame| match frame {
                Request::Push(push) => Some(push),
                Request::Hello { .. } | Request::Cursors(_) => None,
            })
        });
        let push = push.unwrap();
        for poison in catalogue().into_iter().step_by(7) {
            let mut push = push.clone();
            push.changes = poison.push.into_iter().map(Into::into).collect();
            let hello = Request::Hello {
                protocol: PROTOCOL,
                clock_ms: NOW,
                cursors: 0,
                epoch: 0,
            };
            let frames = frame::encode(&[hello, Request::Push(push)]);
            seeds.extend(frames.map(|stream| inflated(&stream).unwrap()));
        }
        let cursors = Request::Cursors(vec![Cursor {
            scope: "directory".to_owned(),
            epoch: 1,
            position: 42,
        }]);
        seeds.extend(frame::encode(&[cursors]).map(|stream| inflated(&stream).unwrap()));
        seeds.retain(|seed| seed.len() <= 8192);
        seeds
    })
}

/// The frames of an answer, to a device that has a few documents. Whatever a server says, the device
/// can speak to it again, and its screens open.
pub(super) fn answer(input: &[u8]) {
    let stream = deflated(input);
    let Ok(mut frames) = frame::read_all::<Response>(&stream, ANSWER_INFLATED_MAX, PUSHES_MAX)
    else {
        return;
    };
    same(&frames);
    TOWN.with(|town| {
        for frame in &mut frames {
            match frame {
                Response::Document {
                    body: Some(body), ..
                } => *body = checksummed(std::mem::take(body).into_vec()).into(),
                Response::Received { receipt, .. } => {
                    if let Ok(read) = receipt::read(receipt) {
                        *frame = town.hub.sign(&read).unwrap();
                    }
                }
                Response::Welcome { .. }
                | Response::ResendCursors
                | Response::Refused { .. }
                | Response::Document { .. }
                | Response::Gone { .. }
                | Response::Left { .. }
                | Response::Page { .. }
                | Response::Erased { .. } => {}
            }
        }
        let mut device = town.copy();
        let mut incoming = Incoming::new().unwrap();
        let stream = frame::encode(&frames).unwrap();
        let fed = device.feed(&mut incoming, &stream, NOW);
        if fed.is_ok() {
            drop(incoming.end());
        }
        for cursors in [Cursors::Fingerprint, Cursors::All] {
            assert!(device.request(NOW, cursors).is_ok(), "it speaks again");
        }
        for (name, input) in screens() {
            let shown = device.call(MOMENT, None, name, input);
            assert!(shown.is_ok(), "`{name}` after {fed:?}: {:?}", shown.err());
        }
    });
}

/// What the first screens ask.
fn screens() -> Vec<(&'static str, serde_json::Value)> {
    let all = json!({
        "query": "", "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    });
    vec![
        ("report.list", all),
        ("draft.list", json!({})),
        ("learn.list", json!({})),
        ("form.list", json!({})),
        ("sync.health", json!({})),
    ]
}

pub(super) fn answer_seeds() -> Vec<Vec<u8>> {
    TOWN.with(|town| {
        let mut seeds = town.answered.clone();
        // Each document by itself, in a small page.
        let welcome = Response::Welcome {
            protocol: PROTOCOL,
            clock_ms: NOW,
        };
        let page = Response::Page {
            cursors: vec![Cursor {
                scope: "directory".to_owned(),
                epoch: 1,
                position: 42,
            }],
            more: false,
        };
        for answered in &town.answered {
            let frames =
                frame::read_all::<Response>(&deflated(answered), ANSWER_INFLATED_MAX, 10_000);
            for frame in frames.unwrap() {
                let frames = [welcome.clone(), frame, page.clone()];
                seeds.extend(frame::encode(&frames).map(|stream| inflated(&stream).unwrap()));
            }
        }
        let (site, report) = (town.floor.site, town.report());
        for frame in [
            Response::Gone {
                scope: "directory".to_owned(),
                id: site,
            },
            Response::Left {
                scope: "directory".to_owned(),
            },
            Response::Erased { id: report },
        ] {
            let frames = [welcome.clone(), frame, page.clone()];
            seeds.extend(frame::encode(&frames).map(|stream| inflated(&stream).unwrap()));
        }
        seeds.retain(|seed| seed.len() <= 12_288);
        seeds.sort();
        seeds.dedup();
        seeds
    })
}

/// The content of each document of the organisation, by kind.
pub(super) fn views() -> Vec<(&'static str, serde_json::Value)> {
    let read = |body: &[u8]| vigie_core::gate::read_document(body).unwrap().view;
    let bodies = bodies().into_iter();
    bodies.map(|(kind, body)| (kind, read(&body))).collect()
}

/// Each document of the organisation as it is stored, by kind.
pub(super) fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    TOWN.with(|town| {
        let kinds = vigie_core::features::FEATURES
            .iter()
            .flat_map(|feature| feature.kinds);
        let mut bodies = Vec::new();
        for kind in kinds {
            for id in town.hub.documents_of(kind.name).unwrap() {
                let stored = town.hub.document(id).unwrap().unwrap();
                bodies.push((kind.name, stored.body));
            }
        }
        bodies
    })
}

impl Town {
    fn report(&self) -> Id {
        let reports = self.hub.documents_of("report").unwrap();
        *reports.first().unwrap()
    }
}
