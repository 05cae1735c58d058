//! An app and a server of different versions: a clear outcome, and nothing lost.

use serde::Serialize;
use serde_json::{Value, json};
use vigie_core::Device;
use vigie_core::device::Enrolment;
use vigie_core::document::Document;
use vigie_core::error::Code;
use vigie_core::store::setting;
use vigie_core::sync::frame::Writer;
use vigie_core::sync::message::{Cursor, PROTOCOL, Response};
use vigie_core::sync::pull::{Incoming, Told};
use vigie_core::sync::request;
use vigie_server::entropy::{self, OsEntropy};

use super::World;
use crate::support::{Folder, Phone, START, code_of};

/// What another version says.
#[derive(Serialize)]
enum Other {
    /// The number comes first in every version.
    Hello {
        protocol: u16,
        rest: String,
    },
    #[expect(dead_code, reason = "numbers the next one")]
    Cursors(Vec<Cursor>),
    #[expect(dead_code, reason = "numbers the next one")]
    Push(Vec<u8>),
    Unheard(u64),
}

fn stream(frames: &[impl Serialize]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    for frame in frames {
        writer.write(frame).expect("written");
    }
    writer.finish().expect("ended")
}

#[test]
fn another_version_is_told_which_side_to_update_and_keeps_what_waits() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    phone.report(world.form, world.place, None);
    let waiting = phone.device.waiting().expect("a count");
    for (protocol, code) in [
        (PROTOCOL + 1, "server-too-old"),
        (PROTOCOL - 1, "app-too-old"),
        (u16::MAX, "server-too-old"),
    ] {
        let rest = "whatever it may be".to_owned();
        let hello = Other::Hello { protocol, rest };
        let answer = phone.exchange_raw(stream(&[hello, Other::Unheard(7)]));
        assert_eq!(answer.status(), 426, "protocol {protocol}");
        assert_eq!(code_of(answer), code, "protocol {protocol}");
    }
    assert_eq!(
        phone.device.waiting().expect("a count"),
        waiting,
        "nothing is lost"
    );
    phone.sync();
    assert_eq!(phone.device.waiting().expect("a count"), 0, "then it goes");
}

fn feed(device: &mut Device, frames: &[impl Serialize]) -> vigie_core::error::Result<Told> {
    let mut incoming = Incoming::new()?;
    device.feed(&mut incoming, &stream(frames), START)?;
    incoming.end()
}

#[test]
fn a_device_knows_which_side_is_older_by_the_welcome() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    for (protocol, code) in [
        (PROTOCOL + 1, Code::AppTooOld),
        (PROTOCOL - 1, Code::ServerTooOld),
    ] {
        let clock_ms = START;
        let told = feed(
            &mut phone.device,
            &[Response::Welcome { protocol, clock_ms }],
        );
        assert_eq!(told.expect_err("refused").code(), code, "{protocol}");
    }
}

/// A device whose file can be closed and opened, with a site and the answer that brought it.
struct Kept {
    folder: Folder,
    device: Device,
    enrolment: Enrolment,
}

impl Kept {
    fn new(phone: &Phone) -> Self {
        let folder = Folder::new();
        let enrolment = phone.device.enrolment().expect("a file").expect("enrolled");
        let mut kept = Self {
            device: open(&folder),
            folder,
            enrolment,
        };
        kept.device.enrol(&kept.enrolment).expect("enrols");
        kept
    }

    /// The next version opens the file.
    fn update(mut self) -> Self {
        setting::set(self.device.db(), "version", &"0.0.1").expect("an older version");
        drop(self.device);
        self.device = open(&self.folder);
        self
    }

    fn sites(&mut self) -> usize {
        let moment = vigie_core::Moment::utc(START);
        let reply = self.device.call(moment, None, "directory.sites", json!({}));
        let sites = reply.expect("an answer").output;
        sites.as_array().map_or(0, Vec::len)
    }
}

fn open(folder: &Folder) -> Device {
    let path = folder.path().join("device.db");
    Device::open(&path, None, Box::new(OsEntropy)).expect("opens")
}

/// A page with one document of a kind.
fn page(kind: &str, body: Vec<u8>) -> [Response; 3] {
    let scope = "directory".to_owned();
    [
        Response::Welcome {
            protocol: PROTOCOL,
            clock_ms: START,
        },
        Response::Document {
            scope: scope.clone(),
            id: entropy::id(START),
            kind: kind.to_owned(),
            mine: false,
            received_at: START,
            body: Some(body.into()),
        },
        Response::Page {
            cursors: vec![Cursor {
                scope,
                epoch: 1,
                position: 1,
            }],
            more: false,
        },
    ]
}

/// The bytes of the site that the phone has.
fn site(phone: &Phone) -> Vec<u8> {
    let sql = "SELECT body FROM document WHERE kind = 'site'";
    let found = phone.device.db().query_row(sql, [], |row| row.get(0));
    found.expect("a site")
}

#[test]
fn a_kind_of_a_newer_server_is_kept_and_shown_after_the_update() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let mut kept = Kept::new(&phone);
    let told = feed(&mut kept.device, &page("hologram", site(&phone))).expect("taken");
    assert_eq!(told.documents, 1, "it is here");
    assert_eq!(kept.sites(), 0, "and not shown");
    // The next version has another name for what this one does not know.
    let sql = "UPDATE document SET kind = 'site' WHERE kind = 'hologram'";
    kept.device.db().execute(sql, []).expect("renamed");
    let mut kept = kept.update();
    assert_eq!(kept.sites(), 1, "shown, without a network");
    let unread: Value = kept
        .device
        .call(
            vigie_core::Moment::utc(START),
            None,
            "sync.health",
            json!({}),
        )
        .expect("an answer")
        .output;
    assert!(unread.is_object(), "and the page of sync answers");
}

#[test]
fn what_could_not_even_be_opened_is_asked_for_again_after_the_update() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let mut kept = Kept::new(&phone);
    let told = feed(&mut kept.device, &page("site", vec![7; 100])).expect("taken");
    assert_eq!((told.documents, told.unreadable), (0, 1), "left out");
    let at = |device: &Device| {
        let cursors = request::cursors(device.db()).expect("cursors");
        cursors
            .first()
            .map(|cursor| (cursor.epoch, cursor.position))
    };
    assert_eq!(at(&kept.device), Some((1, 1)), "everything else goes on");
    let kept = kept.update();
    assert_eq!(at(&kept.device), Some((1, 0)), "from the beginning");
    let kept = kept.update();
    assert_eq!(at(&kept.device), Some((1, 0)), "once");
    phone.device = kept.device;
    phone.sync();
    let mut kept = Kept {
        device: phone.device,
        folder: kept.folder,
        enrolment: kept.enrolment,
    };
    assert_eq!(kept.sites(), 1, "and it comes");
}

#[test]
fn behind_a_page_that_cannot_be_written_none_is() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let mut kept = Kept::new(&phone);
    let [welcome, first, end] = page("site", site(&phone));
    let mut last = end.clone();
    if let Response::Page { cursors, .. } = &mut last {
        cursors[0].position = 2;
    }
    let trigger =
        "CREATE TRIGGER no BEFORE INSERT ON document BEGIN SELECT RAISE(ABORT, 'full'); END";
    kept.device.db().execute_batch(trigger).expect("no room");
    let frames = [welcome, first, end, last];
    let mut incoming = Incoming::new().expect("an answer");
    for _ in 0..2 {
        let fed = kept.device.feed(&mut incoming, &stream(&frames), START);
        assert!(fed.is_err(), "it cannot be written");
    }
    assert!(incoming.end().is_err(), "and did not end");
    let cursors = request::cursors(kept.device.db()).expect("cursors");
    assert_eq!(cursors, [], "it is asked for again");
}

#[test]
fn a_document_that_loads_is_the_same_after_the_update() {
    let world = World::new();
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    let mut kept = Kept::new(&phone);
    let body = site(&phone);
    feed(&mut kept.device, &page("site", body.clone())).expect("taken");
    let mut kept = kept.update();
    assert_eq!(kept.sites(), 1, "shown");
    let heads = |body: &[u8]| Document::load(body, [0; 8]).expect("a document").heads();
    let sql = "SELECT body FROM document WHERE kind = 'site'";
    let after: Vec<u8> = kept
        .device
        .db()
        .query_row(sql, [], |row| row.get(0))
        .expect("the site");
    assert_eq!(heads(&after), heads(&body), "with all its changes");
}
