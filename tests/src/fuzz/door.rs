//! What is written by hand or by other programs: headers of uploads and downloads, codes of
//! invitations, lines of a ledger.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use vigie_core::Id;
use vigie_core::store::blob::{hex, parse_hex};
use vigie_server::enrol::Enrol;
use vigie_server::ledger::Line;
use vigie_server::token::Pepper;
use vigie_server::{download, upload};

/// The headers of an upload, a line each, and the range of a download.
pub(super) fn upload(input: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let Some(at) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(at);
        let name = HeaderName::from_bytes(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&value[1..])) {
            headers.append(name, value);
        }
    }
    if let Ok(blob) = upload::asked(&headers) {
        let hash = hex(&blob.hash);
        assert_eq!(parse_hex(&hash).unwrap(), blob.hash, "the same hash");
    }
    drop(upload::number(&headers, "upload-offset"));
    if let Some(Ok(range)) = headers.get("range").map(HeaderValue::to_str) {
        for size in [0, 1, 1000, u64::MAX] {
            if let Some((first, last)) = download::range(range, size) {
                assert!(first <= last && last < size, "within the content");
            }
        }
    }
}

pub(super) fn upload_seeds() -> Vec<Vec<u8>> {
    let hash =
        "MmNmMjRkYmE1ZmIwYTMwZTI2ZTgzYjJhYzViOWUyOWUxYjE2MWU1YzFmYTc0MjVlNzMwNDMzNjI5MzhiOTgyNA==";
    let asked = format!(
        "upload-length:1024\nupload-metadata:sha256 {hash},media_type aW1hZ2UvcG5n\nupload-offset:0"
    );
    [
        asked.as_str(),
        "upload-length:-1\nupload-offset:18446744073709551616",
        "upload-metadata:sha256,media_type\nupload-length:+1",
        "range:bytes=0-9",
        "range:bytes=-18446744073709551615",
        "range:bytes=9-",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

/// The code of an invitation as somebody types it, an id, and what enrols with a code.
pub(super) fn code(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let pepper = Pepper::new(&[7; 32]);
    let spaced: String = text.chars().flat_map(|letter| [letter, ' ']).collect();
    if let Some(hash) = pepper.hash_code(text)
        && spaced.len() <= 100
    {
        let lower = spaced.to_ascii_lowercase();
        assert_eq!(pepper.hash_code(&lower), Some(hash), "however it is typed");
    }
    if let Ok(id) = text.parse::<Id>() {
        let lower = text.to_ascii_lowercase();
        assert_eq!(id.to_string(), lower, "one id, one spelling");
    }
    drop(serde_json::from_str::<Enrol>(text));
}

pub(super) fn code_seeds() -> Vec<Vec<u8>> {
    [
        "K7QF-2M9X-P0",
        " k7qf 2m9x po ",
        "0123456789ABCDEFGHJKMNPQRS",
        "019aa5b2-7c00-7000-8000-000000000001",
        r#"{"code":"K7QF2M9XP0","device_name":"Téléphone de Karim"}"#,
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

/// A line of a ledger that came with a backup.
pub(super) fn ledger(input: &[u8]) {
    if let Ok(line) = serde_json::from_slice::<Line>(input) {
        let text = serde_json::to_string(&line).unwrap();
        assert!(!text.contains('\n'), "one line");
        let again: Line = serde_json::from_str(&text).unwrap();
        assert_eq!(again, line, "written and read again");
    }
}

pub(super) fn ledger_seeds() -> Vec<Vec<u8>> {
    let words = [
        "erase", "disown", "forget", "revoke", "lose", "hold", "release",
    ];
    let line = |deed| {
        format!(
            r#"{{"at":1795334400000,"deed":"{deed}","about":"019aa5b2-7c00-7000-8000-000000000001","why":"asked","who":"command-line"}}"#
        )
    };
    words.map(|deed| line(deed).into_bytes()).to_vec()
}
