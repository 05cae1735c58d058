//! The documented bytes are the bytes; frames of other versions; when the machine waits.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

use crate::error::{Code, Error};
use crate::gate;
use crate::id::Id;
use crate::sync::frame::{Writer, read_all};
use crate::sync::hands;
use crate::sync::machine::{Ask, Cursors, Effect, Event, Machine};
use crate::sync::message::{
    Cursor, PROTOCOL, PUSH_BYTES_TARGET, Push, Receipt, Request, Response, fingerprint, push_id,
};
use crate::sync::receipt::{self, Signer, TOGETHER_MAX, Verifier};

/// The examples of `docs/SYNC.md` by their names: hexadecimal bytes, then words.
fn documented() -> BTreeMap<String, Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SYNC.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let example = |block: &str| {
        let (name, rest) = block.split_once('\n').expect("a name");
        let lines = rest.split("```").next().expect("its end").lines();
        let bytes = lines
            .flat_map(|line| line.split("  ").next().expect("bytes").split(' '))
            .map(|byte| u8::from_str_radix(byte, 16).expect("a byte"))
            .collect();
        (name.to_owned(), bytes)
    };
    text.split("```bytes ").skip(1).map(example).collect()
}

fn framed(frame: &impl Serialize) -> Vec<u8> {
    let bytes = postcard::to_stdvec(frame).expect("encodes");
    let length = u32::try_from(bytes.len()).expect("short");
    [&length.to_le_bytes()[..], &bytes].concat()
}

fn id(byte: u8) -> Id {
    Id::from_bytes([byte; 16])
}

fn cursor() -> Cursor {
    Cursor {
        scope: "directory".to_owned(),
        epoch: 1,
        position: 42,
    }
}

/// The beginning of a change: its magic bytes, a checksum, and the type.
fn change() -> Vec<u8> {
    gate::whole(vec![1])
}

fn requests() -> [(&'static str, Request); 4] {
    [
        (
            "hello",
            Request::Hello {
                protocol: PROTOCOL,
                clock_ms: 1_795_334_400_000,
                cursors: fingerprint(&[]),
                epoch: 0,
            },
        ),
        ("cursors", Request::Cursors(vec![cursor()])),
        (
            "push",
            Request::Push(Push {
                id: push_id(&change()),
                person: id(0x22),
                document: id(0x33),
                kind: "report".to_owned(),
                changes: vec![ByteBuf::from(change())],
                heads: vec![Sha256::digest([1]).into()],
                proof: None,
            }),
        ),
        (
            "push-again",
            Request::Push(Push {
                id: id(0x11),
                person: id(0x22),
                document: id(0x33),
                kind: "report".to_owned(),
                changes: vec![ByteBuf::from(change())],
                heads: vec![[0x44; 32]],
                proof: None,
            }),
        ),
    ]
}

fn responses() -> [(&'static str, Response); 8] {
    [
        (
            "welcome",
            Response::Welcome {
                protocol: PROTOCOL,
                clock_ms: 1_795_334_400_000,
            },
        ),
        ("resend-cursors", Response::ResendCursors),
        (
            "refused",
            Response::Refused {
                push: id(0x11),
                code: "seq-gap".to_owned(),
                detail: String::new(),
            },
        ),
        (
            "document",
            Response::Document {
                scope: "directory".to_owned(),
                id: id(0x33),
                kind: "site".to_owned(),
                mine: false,
                received_at: 1_795_334_400_000,
                body: Some(ByteBuf::from(gate::whole(vec![0]))),
            },
        ),
        (
            "gone",
            Response::Gone {
                scope: "directory".to_owned(),
                id: id(0x33),
            },
        ),
        (
            "left",
            Response::Left {
                scope: "directory".to_owned(),
            },
        ),
        ("erased", Response::Erased { id: id(0x33) }),
        (
            "page",
            Response::Page {
                cursors: vec![cursor()],
                more: false,
            },
        ),
    ]
}

fn received() -> Response {
    let receipt = Receipt {
        push: id(0x11),
        document: id(0x33),
        changes: vec![[0x44; 32]],
        attachments: Vec::new(),
        received_at: 1_795_334_400_000,
        position: 7,
    };
    Signer::new(&[7; 32]).sign(&receipt).expect("signs")
}

/// One of each frame, by the names of the page's examples.
fn examples() -> BTreeMap<&'static str, Vec<u8>> {
    let requests = requests()
        .map(|(name, frame)| (name, framed(&frame)))
        .into_iter();
    let responses = responses().map(|(name, frame)| (name, framed(&frame)));
    requests
        .chain(responses)
        .chain([("received", framed(&received()))])
        .collect()
}

#[test]
fn the_bytes_of_the_documentation_are_those_of_the_code() {
    let documented = documented();
    for (name, bytes) in examples() {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            documented.get(name),
            Some(&bytes),
            "`{name}` in docs/SYNC.md: {}",
            hex.join(" ")
        );
    }
    assert_eq!(documented.len(), examples().len(), "no other examples");
}

/// What another version might say: the third is one that this version does not know.
#[derive(Serialize)]
enum Other {
    Hello {
        protocol: u16,
        clock_ms: i64,
        cursors: u64,
        epoch: u32,
        more: String,
    },
    #[expect(dead_code, reason = "numbers the next one")]
    Cursors(Vec<Cursor>),
    #[expect(dead_code, reason = "numbers the next one")]
    Push(Vec<u8>),
    Unheard(String),
}

#[test]
fn what_another_version_adds_is_skipped_where_it_may_be() {
    let hello = Other::Hello {
        protocol: PROTOCOL,
        clock_ms: 1,
        cursors: 2,
        epoch: 3,
        more: "later".to_owned(),
    };
    let said = |optional: bool| {
        let mut writer = Writer::new(Vec::new());
        let unheard = Other::Unheard("of".to_owned());
        if optional {
            writer.write_optional(&unheard).expect("written");
        } else {
            writer.write(&unheard).expect("written");
        }
        writer.write(&hello).expect("written");
        writer.finish().expect("ended")
    };
    let frames: Vec<Request> = read_all(&said(true), 1 << 20, 10).expect("frames");
    assert!(
        matches!(
            frames.as_slice(),
            [Request::Hello {
                protocol: PROTOCOL,
                clock_ms: 1,
                cursors: 2,
                epoch: 3
            }]
        ),
        "the unknown frame and the unknown field are left out: {frames:?}"
    );
    let refused = read_all::<Request>(&said(false), 1 << 20, 10).expect_err("not optional");
    assert_eq!(refused.code(), Code::Protocol, "it cannot be left out");
}

fn woken_at(effects: &[Effect]) -> i64 {
    match effects {
        [Effect::Wake { at_ms }] => *at_ms,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_device_comes_back_when_the_server_said_and_not_before() {
    let mut machine = Machine::default();
    machine.handle(0, 0, Event::Start);
    let busy = Event::from(&Error::wait("too many requests", 45_000));
    assert_eq!(woken_at(&machine.handle(0, 0, busy)), 45_000, "as told");
    assert_eq!(machine.failure(), Some(Code::TooManyTries), "and shown");
    for event in [Event::Written, Event::News, Event::NetworkBack] {
        assert_eq!(machine.handle(44_999, 0, event), [], "{event:?} waits");
    }
    let cursors = Cursors::AllWithPushes;
    let exchange = [Effect::Exchange(cursors.into())];
    assert_eq!(machine.handle(45_000, 0, Event::Woken), exchange, "then");
    let never = Event::from(&Error::wait("for ever", i64::MAX));
    assert_eq!(push_bytes(&machine.handle(90_000, 0, never)), 0, "news?");
    assert_eq!(
        woken_at(&machine.handle(90_000, 0, never)),
        90_000 + 3_600_000,
        "neither: an hour at most"
    );
    assert_eq!(
        machine.handle(90_001, 0, Event::Start),
        exchange,
        "somebody asks"
    );
    let full = Event::from(&Error::storage_full("no room"));
    machine.handle(
        90_001,
        0,
        Event::Exchanged {
            more: false,
            resend_cursors: false,
        },
    );
    assert_eq!(
        woken_at(&machine.handle(90_001, 0, full)),
        90_001 + 300_000,
        "photos wait"
    );
    assert_eq!(
        machine.handle(90_002, 0, Event::Written),
        [Effect::Exchange(Cursors::Fingerprint.into())],
        "text does not"
    );
}

/// How much the exchange sends that the machine asks for.
fn push_bytes(effects: &[Effect]) -> usize {
    match effects {
        [Effect::Exchange(ask)] => ask.push_bytes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_without_room_is_still_heard() {
    heard_all_the_same(&Error::storage_full("no room"));
}

#[test]
fn a_server_that_has_taken_enough_for_a_day_is_still_heard() {
    heard_all_the_same(&Error::wait("enough for today", 3_000_000));
    let mut machine = Machine::default();
    machine.handle(0, 0, Event::Start);
    let often = Event::from(&Error::wait("too often", 2_000));
    assert!(woken_at(&machine.handle(0, 0, often)) >= 2_000, "it waits");
}

/// Nothing is sent for a while, but news are heard.
fn heard_all_the_same(why: &Error) {
    let mut machine = Machine::default();
    machine.handle(0, 0, Event::Start);
    let full = Event::from(why);
    let ended = Event::Exchanged {
        more: false,
        resend_cursors: false,
    };
    assert_eq!(push_bytes(&machine.handle(0, 0, full)), 0, "nothing goes");
    assert_eq!(machine.handle(1, 0, ended), [Effect::MoveBlobs]);
    let at = woken_at(&machine.handle(2, 0, Event::BlobsMoved));
    assert_eq!(machine.failure(), Some(why.code()), "and it is shown");
    assert_eq!(machine.handle(3, 0, Event::Written), [], "that waits too");
    assert_eq!(push_bytes(&machine.handle(4, 0, Event::News)), 0, "news");
    machine.handle(5, 0, ended);
    machine.handle(6, 0, Event::BlobsMoved);
    let mut now = at;
    while push_bytes(&machine.handle(now, 0, Event::Woken)) == 0 {
        assert!(now <= 3_600_000, "an hour at most");
        machine.handle(now, 0, ended);
        now = woken_at(&machine.handle(now, 0, Event::BlobsMoved));
    }
    machine.handle(now, 0, ended);
    assert_eq!(machine.failure(), None, "then it went");
}

#[test]
fn over_a_link_that_is_cut_less_is_sent_at_a_time() {
    let mut machine = Machine::default();
    let mut sent = vec![push_bytes(&machine.handle(0, 0, Event::Start))];
    for second in 1..8 {
        machine.handle(second * 1000, 0, Event::Failed(Code::Offline));
        // The network comes back each time, for a moment.
        sent.push(push_bytes(&machine.handle(
            second * 1000,
            0,
            Event::NetworkBack,
        )));
    }
    let kib = [2048, 1024, 512, 256, 128, 64, 64, 64];
    assert_eq!(sent, kib.map(|kib| kib * 1024));
    let ended = Event::Exchanged {
        more: true,
        resend_cursors: false,
    };
    let next = machine.handle(9_000, 0, ended);
    assert_eq!(push_bytes(&next), 2 << 20, "one went through");
}

#[test]
fn after_an_answer_that_was_not_heard_all_cursors_are_sent_once() {
    let mut machine = Machine::default();
    let plain = [Effect::Exchange(Cursors::Fingerprint.into())];
    let cursors = Cursors::AllWithPushes;
    let ended = Event::Exchanged {
        more: false,
        resend_cursors: false,
    };
    let all = Ask {
        push_bytes: PUSH_BYTES_TARGET / 2,
        ..cursors.into()
    };
    let first = [Effect::Exchange(cursors.into())];
    assert_eq!(machine.handle(0, 0, Event::Start), first, "at first");
    machine.handle(0, 0, ended);
    machine.handle(0, 0, Event::Failed(Code::Offline));
    let next = machine.handle(1_000, 0, Event::Woken);
    assert_eq!(next, plain, "a photo that was cut says nothing of cursors");
    machine.handle(1_000, 0, Event::Failed(Code::Offline));
    let after = [Effect::Exchange(all)];
    assert_eq!(
        machine.handle(2_000, 0, Event::Woken),
        after,
        "after a loss"
    );
    machine.handle(2_000, 0, ended);
    machine.handle(2_000, 0, Event::BlobsMoved);
    assert_eq!(machine.handle(3_000, 0, Event::News), plain, "once");
}

#[test]
fn versions_that_do_not_fit_are_tried_slowly_and_keep_what_waits() {
    for code in [Code::AppTooOld, Code::ServerTooOld] {
        let mut machine = Machine::default();
        machine.handle(0, 0, Event::Start);
        let effects = machine.handle(0, 0, Event::Failed(code));
        assert_eq!(woken_at(&effects), 900_000, "a quarter of an hour");
        assert_eq!(machine.failure(), Some(code), "and says why");
    }
}

#[test]
fn a_panic_in_work_on_a_lent_thread_ends_there() {
    hands::work(Box::new(|| panic!("in one piece of work")));
    let (sender, receiver) = std::sync::mpsc::sync_channel::<()>(1);
    hands::work(Box::new(move || {
        let _dropped = sender;
        panic!("before it was done");
    }));
    assert!(receiver.recv().is_err(), "whoever waits finds out");
}

fn receipt_of(number: u8) -> Receipt {
    Receipt {
        push: id(number),
        document: id(0x33),
        changes: vec![[number; 32]],
        attachments: Vec::new(),
        received_at: 1_795_334_400_000,
        position: u64::from(number),
    }
}

#[test]
fn receipts_that_are_signed_together_each_prove_themselves() {
    let signer = Signer::new(&[7; 32]);
    for count in 1..=20 {
        let receipts: Vec<Receipt> = (1..=count).map(receipt_of).collect();
        let signed = signer.sign_all(&receipts).expect("signed");
        assert_eq!(signed.len(), receipts.len());
        let mut of_roots = BTreeSet::new();
        for (receipt, signed) in receipts.iter().zip(&signed) {
            let Response::Received {
                receipt: body,
                signature,
            } = signed
            else {
                panic!("{signed:?}");
            };
            let read = receipt::verify(&signer.public(), body, signature).expect("by itself");
            assert_eq!(&read, receipt);
            of_roots.insert(signature[..64].to_vec());
            for at in 0..signature.len() {
                let mut bent = signature.clone();
                bent[at] ^= 1;
                let refused = receipt::verify(&signer.public(), body, &bent);
                assert!(refused.is_err(), "{count} receipts, byte {at}");
            }
            for cut in [0, 63, signature.len() - 1] {
                assert!(receipt::verify(&signer.public(), body, &signature[..cut]).is_err());
            }
            let mut other = body.clone();
            other[0] ^= 1;
            assert!(receipt::verify(&signer.public(), &other, signature).is_err());
        }
        let together = usize::from(count).div_ceil(TOGETHER_MAX);
        assert_eq!(of_roots.len(), together, "one signature for {TOGETHER_MAX}");
    }
}

#[test]
fn a_node_is_no_receipt() {
    let signer = Signer::new(&[7; 32]);
    let signed = signer
        .sign_all(&[receipt_of(1), receipt_of(2)])
        .expect("signed");
    let [Response::Received { receipt, signature }, _] = signed.as_slice() else {
        panic!("{signed:?}");
    };
    // What lies under the root, given as if it were what was signed.
    let leaf = Sha256::digest([&[0], receipt.as_slice()].concat());
    let node = [leaf.as_slice(), &signature[65..]].concat();
    let verifier = Verifier::new(&signer.public()).expect("a key");
    assert!(verifier.verify(receipt, signature).is_ok());
    let forged = verifier.verify(&node, &signature[..64]);
    assert_eq!(forged.map_err(|error| error.code()), Err(Code::Refused));
}
