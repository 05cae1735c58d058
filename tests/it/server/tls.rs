//! TLS by the server itself, and behind a proxy.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use serde_json::json;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use vigie_server::Config;
use vigie_server::tls::{Files, Tls};

use super::World;
use crate::support::{Folder, START, TestServer, code_of, header};

/// The name on the good certificate.
const NAME: &str = "vigie.test";

/// An authority that nobody knows but these tests.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    /// Writes a certificate for a name, valid until the end of a year.
    fn issue(&self, folder: &Path, name: &str, last_year: i32) -> Files {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let files = Files {
            certificate: folder.join("certificate.pem"),
            key: folder.join("key.pem"),
        };
        std::fs::write(&files.certificate, certificate.pem()).expect("written");
        std::fs::write(&files.key, key.serialize_pem()).expect("written");
        files
    }

    /// What a client trusts that knows this authority alone.
    fn trusted(&self, versions: &[&'static SupportedProtocolVersion]) -> Arc<ClientConfig> {
        let root = CertificateDer::from_pem_slice(self.0.pem().as_bytes()).expect("a root");
        let mut roots = RootCertStore::empty();
        roots.add(root).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Arc::new(config)
    }

    /// Says a request over TLS to the server by its good name; head and body of the answer.
    fn ask(
        &self,
        server: &TestServer,
        version: &'static SupportedProtocolVersion,
        request: &str,
    ) -> std::io::Result<String> {
        let name = ServerName::try_from(NAME).expect("a name");
        let client = ClientConnection::new(self.trusted(&[version]), name).expect("a client");
        let mut stream = StreamOwned::new(client, connect(server));
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// A connection to the server's port.
fn connect(server: &TestServer) -> TcpStream {
    let address = server.url.rsplit_once('/').expect("an address").1;
    let stream = TcpStream::connect(address).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a limit");
    stream
}

/// A server with a certificate of its own.
fn served(authority: &Authority, name: &str, last_year: i32) -> (Folder, TestServer) {
    let folder = Folder::new();
    let files = authority.issue(folder.path(), name, last_year);
    let data = folder.path().join("data");
    let server = TestServer::start_with(&data, START, |config| {
        config.public_url = format!("https://{NAME}");
        config.tls = Some(files);
    });
    (folder, server)
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: vigie.test\r\nconnection: close\r\n\r\n";

#[test]
fn over_tls_the_cookie_is_of_the_strictest_kind_and_plain_http_is_not_spoken_again() {
    let authority = Authority::new();
    let (folder, server) = served(&authority, NAME, 2100);
    let world = World::on(server, folder);
    for version in [&TLS12, &TLS13] {
        let code = world.server.invite(world.lead).code;
        let call = json!({ "id": null, "name": "account.sign_in", "offset_minutes": 0,
            "input": { "code": code, "login": null, "password": null } })
        .to_string();
        let request = format!(
            "POST /app/call HTTP/1.1\r\nhost: {NAME}\r\nx-vigie: 1\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{call}",
            call.len()
        );
        let answer = authority
            .ask(&world.server, version, &request)
            .expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 "), "{version:?}: {answer}");
        for line in [
            "set-cookie: __Host-vigie=",
            "; Secure\r\n",
            "strict-transport-security: max-age=63072000\r\n",
        ] {
            assert!(answer.contains(line), "{line} in {answer}");
        }
    }
}

#[test]
fn a_client_refuses_a_certificate_of_another_name_or_out_of_date() {
    let authority = Authority::new();
    for (name, last_year, why) in [
        ("other.test", 2100, "NotValidForName"),
        (NAME, 2021, "Expired"),
    ] {
        let (_folder, server) = served(&authority, name, last_year);
        let refused = authority.ask(&server, &TLS13, HEALTH);
        let refused = refused.expect_err("refused").to_string();
        assert!(
            refused.contains(why) || refused.to_lowercase().contains("certificate"),
            "{refused}"
        );
        let stranger = Authority::new().ask(&server, &TLS13, HEALTH);
        assert!(stranger.is_err(), "an authority that signed nothing");
    }
    let (_folder, server) = served(&authority, NAME, 2100);
    let taken = authority.ask(&server, &TLS13, HEALTH).expect("an answer");
    assert!(taken.starts_with("HTTP/1.1 200 "), "the right one: {taken}");
}

/// Says something to the server's port and hears what comes back.
fn said(server: &TestServer, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(server);
    stream.write_all(bytes).expect("sent");
    let mut heard = Vec::new();
    // A connection that is reset was heard to its end, too.
    drop(stream.read_to_end(&mut heard));
    heard
}

/// The beginning of a handshake that offers TLS 1.1 at most.
fn old_hello() -> Vec<u8> {
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    // No session; a cipher and extensions that the server has, so that only the version is wrong.
    hello.extend([0, 0, 2, 0xC0, 0x2B, 1, 0]);
    hello.extend([0, 18]);
    hello.extend([0, 13, 0, 4, 0, 2, 4, 3]);
    hello.extend([0, 10, 0, 6, 0, 4, 0, 29, 0, 23]);
    let length = u8::try_from(hello.len()).expect("short");
    let mut record = vec![22, 3, 1, 0, length.saturating_add(4), 1, 0, 0, length];
    record.extend(hello);
    record
}

#[test]
fn an_older_tls_and_plain_http_are_told_so_and_closed() {
    let authority = Authority::new();
    let (_folder, server) = served(&authority, NAME, 2100);
    // An alert: fatal, `protocol_version` (RFC 8446, 6.2).
    let heard = said(&server, &old_hello());
    assert_eq!(heard.first(), Some(&21), "an alert: {heard:?}");
    assert_eq!(heard.get(5..7), Some(&[2, 70][..]), "its reason: {heard:?}");
    let heard = said(&server, b"GET / HTTP/1.1\r\nhost: vigie.test\r\n\r\n");
    let heard = String::from_utf8(heard).expect("text");
    assert!(heard.starts_with("HTTP/1.1 400 "), "{heard}");
    let body = heard.split_once("\r\n\r\n").expect("a body").1;
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["error"]["code"], "protocol", "it says why");
}

/// The certificate that a handshake shows.
fn shown(authority: &Authority, tls: &Tls) -> Vec<u8> {
    let config = authority.trusted(&[&TLS12, &TLS13]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let name = ServerName::try_from(NAME).expect("a name");
        let connector = TlsConnector::from(config);
        let (client, server) =
            tokio::join!(connector.connect(name, near), tls.acceptor().accept(far));
        server.expect("the server's side");
        let client = client.expect("the client's side");
        let shown = client.get_ref().1.peer_certificates().expect("shown");
        shown.first().expect("a certificate").to_vec()
    })
}

#[test]
fn a_renewed_certificate_is_taken_up_and_a_broken_one_is_not() {
    let (authority, folder) = (Authority::new(), Folder::new());
    let files = authority.issue(folder.path(), NAME, 2100);
    let certificate = files.certificate.clone();
    let touch = |years: u64| {
        let when = SystemTime::UNIX_EPOCH + Duration::from_secs(years * 31_557_600);
        let file = std::fs::File::options().append(true).open(&certificate);
        file.expect("the file").set_modified(when).expect("touched");
    };
    let tls = Tls::open(files).expect("a certificate");
    let first = shown(&authority, &tls);
    authority.issue(folder.path(), NAME, 2101);
    touch(50);
    tls.refresh();
    let second = shown(&authority, &tls);
    assert_ne!(first, second, "the renewed one");
    std::fs::write(&certificate, "no certificate").expect("written");
    touch(51);
    tls.refresh();
    assert_eq!(shown(&authority, &tls), second, "the last good one");
}

#[test]
fn what_anyone_but_the_named_proxy_says_of_itself_is_ignored() {
    let behind = |proxies: &[&str]| {
        let folder = Folder::new();
        let server = TestServer::start_with(folder.path(), START, |config: &mut Config| {
            config.public_url = "https://vigie.example".to_owned();
            config.limits.address_requests = 2;
            config.proxies = proxies
                .iter()
                .map(|address| address.parse().expect("a network"))
                .collect();
        });
        (server, folder)
    };
    let ask = |server: &TestServer, path: &str, asker: &str| {
        crate::support::client()
            .get(format!("{}{path}", server.url))
            .header("x-forwarded-for", asker)
            .header("x-forwarded-proto", "https")
            .send()
            .expect("an answer")
    };
    let (direct, _folder) = behind(&["198.51.100.0/24"]);
    for spoofed in ["192.0.2.1", "192.0.2.2"] {
        let answer = ask(&direct, "/healthz", spoofed);
        assert_eq!(answer.status(), 200, "one of two");
        assert_eq!(
            header(&answer, "strict-transport-security"),
            "",
            "it was plain"
        );
    }
    let third = ask(&direct, "/healthz", "192.0.2.3");
    assert_eq!(code_of(third), "too-many-tries", "it is one address");
    let (proxied, _folder) = behind(&["127.0.0.0/8"]);
    for told in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        let answer = ask(&proxied, "/healthz", told);
        assert_eq!(answer.status(), 200, "{told} is another address");
        assert_ne!(
            header(&answer, "strict-transport-security"),
            "",
            "TLS as far as the browser"
        );
    }
    let metrics = ask(&proxied, "/metrics", "192.0.2.4");
    assert_eq!(metrics.status(), 404, "not from this machine");
}
