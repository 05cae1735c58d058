//! Addresses as people type them, and what may be spoken to without TLS.

use super::*;

fn parsed(text: &str) -> Option<String> {
    Address::parse(text).ok().map(|address| address.text())
}

#[test]
fn an_address_is_read_as_people_type_it() {
    for (typed, expected) in [
        ("vigie.example", "https://vigie.example"),
        (" vigie.example/ ", "https://vigie.example"),
        (
            "https://vigie.example:8650/enrol#code=ABC",
            "https://vigie.example:8650",
        ),
        ("http://127.0.0.1:8650", "http://127.0.0.1:8650"),
        ("http://localhost:8650/", "http://localhost:8650"),
        ("http://[::1]:8650", "http://[::1]:8650"),
    ] {
        assert_eq!(parsed(typed).as_deref(), Some(expected), "`{typed}`");
    }
}

#[test]
fn without_tls_only_this_very_machine_is_spoken_to() {
    for typed in [
        "http://vigie.example",
        "http://192.168.1.10:8650",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "ftp://vigie.example",
        "file:///etc/passwd",
        "https://someone:secret@vigie.example",
        "https://",
        "",
    ] {
        assert_eq!(parsed(typed), None, "`{typed}`");
    }
}

#[test]
fn a_path_never_leads_to_another_server() {
    let address = Address::parse("https://vigie.example").expect("an address");
    assert!(
        address.at("/v1/blobs/uploads/1").is_ok(),
        "a path of the server"
    );
    for path in [
        "https://elsewhere.example/",
        "//elsewhere.example/x",
        "http://vigie.example/",
    ] {
        assert!(address.at(path).is_err(), "`{path}` is another server");
    }
}

#[test]
fn what_a_proxy_answers_is_the_network_s_fault_not_the_person_s() {
    for status in [302, 401, 403, 407, 502, 503, 504] {
        let status = StatusCode::from_u16(status).expect("a status");
        assert_eq!(by_status(status).code(), Code::Offline, "{status}");
    }
}
