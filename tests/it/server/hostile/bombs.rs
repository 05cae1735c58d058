//! Small requests that would become large, and what they cost the server: each run has a process of
//! its own, so that its memory is its own.

use serde_json::json;
use vigie_core::document::Document;
use vigie_core::sync::frame;
use vigie_core::sync::message::{PROTOCOL, Push, Request};
use vigie_server::entropy;
use vigie_tests::wire::inflated;

use super::super::World;
use super::super::forged::by;
use super::goes_on;
use crate::support::Phone;

/// What a bomb may cost above what an honest request does: bytes.
const MEMORY_MAX: u64 = 32 << 20;

/// Runs the rest of a test in a process of its own; `true` in that process.
fn alone(test: &str) -> bool {
    const MARK: &str = "VIGIE_ALONE";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let name = format!("server::hostile::bombs::{test}");
    let this = std::env::current_exe().expect("this program");
    let done = std::process::Command::new(this)
        .args([name.as_str(), "--exact", "--nocapture"])
        .env(MARK, "1")
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&done.stdout);
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{told}");
    assert!(said.contains("1 passed"), "it ran: {said}");
    print!("{said}");
    false
}

/// The most memory that this process ever used: bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.expect("a number").parse::<u64>().expect("a number") << 10
}

/// Runs a bomb in a world that has already worked, and holds what it cost.
fn costs_little(what: &str, world: &World, bomb: impl FnOnce(&Phone)) {
    goes_on(world);
    let mallory = world.server.enrol(world.operator);
    let (before, begun) = (peak(), std::time::Instant::now());
    bomb(&mallory);
    let cost = peak().saturating_sub(before);
    println!("{what}: {} KiB, {:?}", cost >> 10, begun.elapsed());
    assert!(cost <= MEMORY_MAX, "{what}: {cost} bytes");
    goes_on(world);
}

fn hello() -> Request {
    Request::Hello {
        protocol: PROTOCOL,
        clock_ms: 0,
        cursors: 0,
        epoch: 0,
    }
}

#[test]
fn a_request_that_inflates_without_end_costs_little() {
    if !alone("a_request_that_inflates_without_end_costs_little") {
        return;
    }
    let world = World::new();
    // Sixteen gigabytes of zeros, as one frame after another of repeated blocks.
    let mut bomb = Vec::new();
    let part = zstd::encode_all(vec![0_u8; 16 << 20].as_slice(), 19).expect("packs");
    while bomb.len() + part.len() < 1 << 20 {
        bomb.extend_from_slice(&part);
    }
    costs_little("zeros", &world, |mallory| {
        let status = mallory.exchange_raw(bomb).status().as_u16();
        assert!([400, 413].contains(&status), "{status}");
    });
    let frames: Vec<Request> = std::iter::once(hello())
        .chain((0..2500).map(|_| Request::Cursors(Vec::new())))
        .collect();
    let many = frame::encode(&frames).expect("frames");
    costs_little("frames without end", &world, |mallory| {
        let status = mallory.exchange_raw(many).status().as_u16();
        assert!([400, 413].contains(&status), "{status}");
    });
}

/// A document of a million operations, in changes that each are within the limits.
fn million() -> Vec<Vec<u8>> {
    use automerge::transaction::{CommitOptions, Transactable as _};
    let actor: vigie_core::gate::Actor = entropy::bytes();
    let mut doc =
        automerge::AutoCommit::new().with_actor(automerge::ActorId::from(actor.as_slice()));
    let letters = "a".repeat(4000);
    let mut changes = Vec::new();
    for step in 0..250 {
        let text = doc
            .put_object(
                automerge::ROOT,
                format!("text {step}"),
                automerge::ObjType::Text,
            )
            .expect("puts");
        doc.splice_text(&text, 0, 0, &letters).expect("writes");
        doc.commit_with(CommitOptions::default().with_time(0));
        let change = doc.get_last_local_change().expect("a change");
        changes.push(change.raw_bytes().to_vec());
    }
    changes
}

#[test]
fn a_million_operations_in_a_megabyte_are_refused_before_they_are_applied() {
    if !alone("a_million_operations_in_a_megabyte_are_refused_before_they_are_applied") {
        return;
    }
    let world = World::new();
    let changes = million();
    let push = Push {
        id: entropy::id(0),
        person: world.operator,
        document: entropy::id(0),
        kind: "draft".to_owned(),
        changes: changes.into_iter().map(Into::into).collect(),
        heads: Vec::new(),
        proof: None,
    };
    let body = frame::encode(&[hello(), Request::Push(push)]).expect("frames");
    println!("{} bytes", body.len());
    assert!(body.len() < 1 << 20, "{} bytes", body.len());
    costs_little("a million operations", &world, |mallory| {
        let answer = mallory.exchange_raw(body);
        assert_eq!(answer.status(), 200, "a refused push is an answer");
        let bytes = answer.bytes().expect("an answer");
        let said = inflated(&bytes).expect("inflates");
        let code = b"document-too-many-ops";
        assert!(
            said.windows(code.len()).any(|window| window == code),
            "by its name: {}",
            String::from_utf8_lossy(&said)
        );
    });
}

#[test]
fn a_deflated_change_is_refused_unread() {
    if !alone("a_deflated_change_is_refused_unread") {
        return;
    }
    let world = World::new();
    let id = entropy::id(world.server.now());
    let body = json!({ "answers": { "words": "x".repeat(200_000) } });
    let mut document = Document::create(entropy::bytes(), id, "draft", 1, &body).expect("made");
    let plain = document.commit().remove(0);
    let change = automerge::Change::from_bytes(plain.clone()).expect("a change");
    let deflated = change.clone().bytes().into_owned();
    assert!(
        deflated.len() < plain.len() / 100,
        "{} bytes",
        deflated.len()
    );
    costs_little("a deflated change", &world, |mallory| {
        let verdict = by(mallory, world.operator, id, "draft", vec![deflated]);
        assert_eq!(verdict, "chunk-type", "only plain changes are read");
        let mut whole = automerge::AutoCommit::new();
        whole.apply_changes([change]).expect("applies");
        let verdict = by(mallory, world.operator, id, "draft", vec![whole.save()]);
        assert_eq!(verdict, "chunk-type", "nor a whole document");
    });
}
