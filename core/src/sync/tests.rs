//! The documented bytes are the bytes.

use serde::Serialize;

use crate::sync::message::{Cursor, PROTOCOL, Request, Response, fingerprint};

/// The example of `docs/SYNC.md` with this place among them: hexadecimal bytes, then words.
fn documented(place: usize) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SYNC.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let example = text
        .split("```bytes\n")
        .skip(1)
        .nth(place)
        .expect("an example");
    let example = example.split("```").next().expect("its end");
    example
        .lines()
        .flat_map(|line| line.split("  ").next().expect("bytes").split(' '))
        .map(|byte| u8::from_str_radix(byte, 16).expect("a byte"))
        .collect()
}

fn framed(frame: &impl Serialize) -> Vec<u8> {
    let bytes = postcard::to_stdvec(frame).expect("encodes");
    let length = u32::try_from(bytes.len()).expect("short");
    [&length.to_le_bytes()[..], &bytes].concat()
}

#[test]
fn the_bytes_of_the_documentation_are_those_of_the_code() {
    let cursor = Cursor {
        scope: "directory".to_owned(),
        epoch: 1,
        position: 42,
    };
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: 1_795_334_400_000,
        cursors: fingerprint(&[]),
        epoch: 0,
    };
    let page = Response::Page {
        cursors: vec![cursor.clone()],
        more: false,
    };
    assert_eq!(documented(0), framed(&hello), "the first request");
    assert_eq!(documented(1), framed(&Request::Cursors(vec![cursor])));
    assert_eq!(documented(2), framed(&page), "the end of a page");
}
