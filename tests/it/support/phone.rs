//! A device of the app: core's own, over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::Receiver;

use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use vigie_core::device::Enrolment;
use vigie_core::store::blob;
use vigie_core::sync::pull::{Incoming, Told};
use vigie_core::{Device, Id, Moment};
use vigie_server::entropy::{self, OsEntropy};

use super::browser::listen;
use super::{TestServer, client, header};
use vigie_core::sync::machine::{Ask, Cursors};

/// A device of the app.
pub(crate) struct Phone {
    pub(crate) device: Device,
    pub(crate) token: String,
    pub(crate) id: Id,
    url: String,
    clock: Arc<AtomicI64>,
    client: Client,
    /// Exchanges so far.
    pub(crate) exchanges: usize,
    /// Bytes of the last answer, as they came.
    pub(crate) answer_bytes: usize,
    /// Bytes of the last request.
    pub(crate) request_bytes: usize,
}

impl Phone {
    pub(crate) fn new(server: &TestServer, enrolled: &Value) -> Self {
        let file = vigie_core::store::open::memory().expect("a file");
        Self::on(server, enrolled, file)
    }

    /// A device whose file lies on the disk.
    pub(crate) fn at(server: &TestServer, enrolled: &Value, path: &std::path::Path) -> Self {
        let file = vigie_core::store::open::file(path, None).expect("a file");
        Self::on(server, enrolled, file)
    }

    fn on(server: &TestServer, enrolled: &Value, file: rusqlite::Connection) -> Self {
        let mut device = Device::new(file, Box::new(OsEntropy));
        device.enrol(&enrolment(enrolled)).expect("enrols");
        Self::again(server, device, enrolled["token"].as_str().expect("a token"))
    }

    /// A device that enrolled before.
    pub(crate) fn again(server: &TestServer, device: Device, token: &str) -> Self {
        let enrolment = device.enrolment().expect("a file").expect("enrolled");
        Self {
            device,
            token: token.to_owned(),
            id: enrolment.device,
            url: server.url.clone(),
            clock: Arc::clone(&server.clock),
            client: client(),
            exchanges: 0,
            answer_bytes: 0,
            request_bytes: 0,
        }
    }

    /// Its person enrols anew, with what is on it.
    pub(crate) fn enrol_anew(&mut self, enrolled: &Value) {
        let enrolment = enrolment(enrolled);
        self.device.enrol(&enrolment).expect("enrols");
        self.id = enrolment.device;
        self.token = enrolled["token"].as_str().expect("a token").to_owned();
    }

    /// The server moved: it was restarted on another port.
    pub(crate) fn follow(&mut self, server: &TestServer) {
        self.url.clone_from(&server.url);
        self.clock = Arc::clone(&server.clock);
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    pub(crate) fn call(&mut self, name: &str, input: Value) -> Value {
        let moment = Moment {
            ms: self.now(),
            offset_minutes: 60,
        };
        let reply = self.device.call(moment, None, name, input);
        reply
            .unwrap_or_else(|error| panic!("`{name}`: {error}"))
            .output
    }

    /// A request with the device's token.
    pub(crate) fn send(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
    }

    /// Sends raw bytes as an exchange.
    pub(crate) fn exchange_raw(&self, body: Vec<u8>) -> Response {
        self.send("POST", "/v1/sync")
            .body(body)
            .send()
            .expect("an answer")
    }

    /// One exchange.
    pub(crate) fn exchange(&mut self, ask: impl Into<Ask>) -> Told {
        let now = self.now();
        let request = self.device.request(now, ask).expect("a request");
        self.request_bytes = request.len();
        let answer = self.exchange_raw(request);
        assert_eq!(answer.status(), 200, "an exchange");
        let bytes = answer.bytes().expect("the whole answer");
        self.exchanges = self.exchanges.saturating_add(1);
        self.answer_bytes = bytes.len();
        let mut incoming = Incoming::new().expect("a reader");
        self.device
            .feed(&mut incoming, &bytes, now)
            .expect("an answer");
        incoming.end().expect("a whole answer")
    }

    /// Exchanges until nothing waits, then moves blobs.
    pub(crate) fn sync(&mut self) {
        let mut cursors = Cursors::Fingerprint;
        for _ in 0..50 {
            let told = self.exchange(cursors);
            cursors = Cursors::after(told.resend_cursors);
            if !told.more && !told.resend_cursors && self.device.waiting().expect("a count") == 0 {
                self.move_blobs();
                return;
            }
        }
        panic!("an exchange without end");
    }

    fn move_blobs(&mut self) {
        for (hash, size) in blob::to_send(self.device.db()).expect("a list") {
            let (media_type, content) = blob::content(self.device.db(), &hash)
                .expect("a file")
                .expect("content");
            let place = self.begin_upload(&hash, &media_type, size);
            assert_eq!(place.status(), 201, "an upload begins");
            let location = header(&place, "location");
            if header(&place, "upload-offset") != size.to_string() {
                let answer = self.patch(&location, 0, content);
                assert_eq!(answer.status(), 204, "an upload");
            }
            self.device.blob_sent(&hash, self.now()).expect("noted");
        }
        for (hash, _) in blob::to_fetch(self.device.db()).expect("a list") {
            let answer = self.fetch(&hash);
            if answer.status() == 200 {
                let content = answer.bytes().expect("content");
                self.device.blob_fetched(&hash, &content).expect("verified");
            }
        }
    }

    pub(crate) fn begin_upload(&self, hash: &[u8; 32], media_type: &str, size: u64) -> Response {
        use base64::Engine as _;
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let metadata = format!(
            "sha256 {},media_type {}",
            encode(&blob::hex(hash)),
            encode(media_type)
        );
        self.send("POST", "/v1/blobs")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", size)
            .header("upload-metadata", metadata)
            .send()
            .expect("an answer")
    }

    pub(crate) fn patch(&self, location: &str, offset: u64, content: Vec<u8>) -> Response {
        self.send("PATCH", location)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .body(content)
            .send()
            .expect("an answer")
    }

    pub(crate) fn fetch(&self, hash: &[u8; 32]) -> Response {
        self.send("GET", &format!("/v1/blobs/{}", blob::hex(hash)))
            .send()
            .expect("an answer")
    }

    /// Seals a weak signal; its id.
    pub(crate) fn report(&mut self, form: Id, place: Id, photo: Option<&[u8]>) -> Id {
        self.report_saying(form, place, "De l’huile sous la presse", photo)
    }

    /// Seals a weak signal in these words; its id.
    pub(crate) fn report_saying(
        &mut self,
        form: Id,
        place: Id,
        words: &str,
        photo: Option<&[u8]>,
    ) -> Id {
        let draft = self.draft_saying(form, place, words);
        if let Some(photo) = photo {
            use base64::Engine as _;
            let base64 = base64::engine::general_purpose::STANDARD.encode(photo);
            let input = json!({
                "id": draft, "field": "photos", "media_type": "image/png", "base64": base64,
            });
            self.call("draft.attach", input);
        }
        self.seal(draft)
    }

    pub(crate) fn seal(&mut self, draft: Id) -> Id {
        let report = entropy::id(self.now());
        self.call("report.seal", json!({ "draft": draft, "report": report }));
        report
    }

    /// A report that is not sealed yet.
    pub(crate) fn draft_saying(&mut self, form: Id, place: Id, words: &str) -> Id {
        let draft = entropy::id(self.now());
        self.call(
            "draft.start",
            json!({ "id": draft, "form": form, "release": 1, "practice": false }),
        );
        for (field, value) in [
            ("what", json!("leak")),
            ("place", json!(place)),
            ("severity", json!("serious")),
            ("urgency", json!("later")),
            ("openness", json!("open")),
            ("words", json!(words)),
        ] {
            self.call(
                "draft.save",
                json!({ "id": draft, "field": field, "value": value }),
            );
        }
        draft
    }

    /// Listens to `/v1/events`; each line that begins with `event:` is told.
    pub(crate) fn listen(&self) -> Receiver<String> {
        listen(self.send("GET", "/v1/events"))
    }
}

/// What the server answers to an enrolment.
fn enrolment(enrolled: &Value) -> Enrolment {
    let text = |name: &str| enrolled[name].as_str().expect(name).to_owned();
    Enrolment {
        device: text("device").parse().expect("an id"),
        org: text("org"),
        seat: serde_json::from_value(enrolled["seat"].clone()).expect("a seat"),
        server_key: blob::parse_hex(&text("server_key")).expect("a key"),
    }
}
