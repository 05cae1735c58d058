//! What both sides know before they speak: what makes a short stream short.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use automerge::AutoCommit;
use serde::Serialize;
use sha2::{Digest, Sha256};
use vigie_core::Id;
use vigie_core::document::Document;
use vigie_core::feature::{self, Origin};
use vigie_core::sync::frame::{Frames, KNOWN, Writer};
use vigie_core::sync::message::{Cursor, Push, Request, Response, push_id};

use vigie_tests::wire::inflated;

use super::releases::fixtures;

/// For ever that of protocol 1; also in docs/SYNC.md.
const HASH: &str = "e289bbd8312373e91d2d064954f643b81a08af9d0358e1f0d2b255f351691d6b";
/// The kinds that are seldom sent first: what comes last is referred to with the fewest bits.
const KINDS: [&str; 10] = [
    "site",
    "person",
    "release",
    "assignment",
    "memory",
    "progress",
    "action",
    "draft",
    "reporter",
    "report",
];

#[test]
fn what_both_sides_know_stays_as_it_is() {
    let hash = Sha256::digest(KNOWN);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, HASH, "another one is another protocol");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SYNC.md");
    assert!(fs::read_to_string(page).expect("the page").contains(HASH));
}

#[test]
fn a_stream_that_refers_to_nothing_known_is_read_all_the_same() {
    let plain = zstd::encode_all(KNOWN, 3).expect("zstd");
    let mut frames = Frames::new(&plain, 1 << 20).expect("a stream");
    for kind in KINDS {
        let frame: Option<Response> = frames.next().expect("a frame");
        assert!(
            matches!(&frame, Some(Response::Document { kind: found, .. }) if found == kind),
            "{kind}: {frame:?}"
        );
    }
}

/// Writes it from the documents of the first release and the forms that come with it.
#[test]
#[ignore = "makes another protocol"]
fn what_both_sides_know() {
    let origin = Origin {
        creator: Id::from_bytes([1; 16]),
        year: 2026,
    };
    let bodies = KINDS.map(|kind| (kind, body(kind)));
    let mut known = Vec::new();
    for (kind, body) in &bodies {
        let view = Document::read(body).expect("a document").view;
        let scopes = (feature::kind(kind).expect("a kind").scopes)(&view, &origin);
        known.push(framed(&Response::Document {
            scope: scopes.expect("scopes").pop_last().expect("one"),
            id: id(&view),
            kind: (*kind).to_owned(),
            mine: false,
            received_at: crate::support::START,
            body: Some(body.clone().into()),
        }));
    }
    let cursors = ["content", "directory", "erased"].map(|scope| Cursor {
        scope: scope.to_owned(),
        epoch: 1,
        position: 1,
    });
    known.push(framed(&Response::Page {
        cursors: cursors.to_vec(),
        more: false,
    }));
    for (kind, body) in &bodies {
        let view = Document::read(body).expect("a document").view;
        for change in AutoCommit::load(body).expect("loads").get_changes(&[]) {
            known.push(framed(&Request::Push(Push {
                id: push_id(change.raw_bytes()),
                person: origin.creator,
                document: id(&view),
                kind: (*kind).to_owned(),
                changes: vec![change.raw_bytes().to_vec().into()],
                heads: vec![change.hash().0],
                proof: None,
            })));
        }
    }
    known.push(words());
    let known = known.concat();
    println!("{} bytes", known.len());
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/sync/known.bin");
    fs::write(to, known).expect("written");
}

/// What the forms that come with Vigie ask and offer: whoever answers speaks of the same things.
fn words() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/forms");
    let mut words = BTreeSet::new();
    for file in fs::read_dir(folder).expect("the forms") {
        let form = fs::read_to_string(file.expect("a form").path()).expect("a form");
        let quoted = form
            .lines()
            .flat_map(|line| line.split('"').skip(1).step_by(2));
        words.extend(quoted.filter(|text| text.len() >= 4).map(str::to_owned));
    }
    words
        .into_iter()
        .collect::<Vec<_>>()
        .join("\n")
        .into_bytes()
}

fn body(kind: &str) -> Vec<u8> {
    let file = fixtures().join(format!("0.1.0/documents/{kind}.automerge.zst"));
    zstd::decode_all(fs::File::open(file).expect(kind)).expect("zstd")
}

fn id(view: &serde_json::Value) -> Id {
    let id = view["id"].as_str().expect("an id");
    id.parse().expect("an id")
}

/// A frame before compression.
fn framed<T: Serialize>(frame: &T) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    writer.write(frame).expect("written");
    inflated(&writer.finish().expect("ended")).expect("inflates")
}
