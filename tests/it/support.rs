//! A real server on a free port with its own folder and clock, and devices that speak to it over
//! HTTP as the app does.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use vigie_core::account::AccountInvitation;
use vigie_core::device::Enrolment;
use vigie_core::person::Seat;
use vigie_core::store::blob;
use vigie_core::sync::pull::{Incoming, Told};
use vigie_core::{Device, Id, Moment};
use vigie_server::app::Shared;
use vigie_server::entropy::{self, OsEntropy};
use vigie_server::{App, Config, account, demo, server};

/// When the tests begin: 2026-11-22T08:00:00Z.
pub(crate) const START: i64 = 1_795_334_400_000;

/// A folder that is removed when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("vigie-it-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A server that runs in its own thread.
pub(crate) struct TestServer {
    pub(crate) app: Shared,
    pub(crate) url: String,
    clock: Arc<AtomicI64>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl TestServer {
    /// Starts a server over `data`; its clock stands at `now_ms` until it is moved.
    pub(crate) fn start(data: &Path, now_ms: i64) -> Self {
        let clock = Arc::new(AtomicI64::new(now_ms));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let address: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let listener =
            runtime.block_on(tokio::net::TcpListener::bind(address)).expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let config = Config {
            data: data.to_owned(),
            listen: address,
            public_url: url.clone(),
            ui: None,
            org: "Essai".to_owned(),
            trust_proxy: false,
        };
        let told = Arc::clone(&clock);
        let app = App::open(config, Arc::new(move || told.load(Ordering::SeqCst)))
            .expect("the server opens");
        let serving = Arc::clone(&app);
        let thread = std::thread::spawn(move || {
            runtime.block_on(server::serve(serving, listener)).expect("the server ends well");
        });
        Self { app, url, clock, thread: Some(thread) }
    }

    /// Moves the server's clock.
    pub(crate) fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    /// Runs a command on the server's own device.
    pub(crate) fn system(&self, name: &str, input: Value) -> Value {
        self.app.system.call(&self.app, name, input).unwrap_or_else(|error| {
            panic!("`{name}`: {error}");
        })
    }

    /// A site with one place; its id and the place's.
    pub(crate) fn site(&self, name: &str) -> (Id, Id) {
        let place = entropy::id(self.now());
        let places = json!([{ "id": place, "name": "Quai 1", "area": null }]);
        let input =
            json!({ "id": null, "name": name, "city": name, "teams": [], "places": places });
        (demo::saved(self.system("directory.save_site", input)).expect("a site"), place)
    }

    pub(crate) fn person(&self, login: &str, roles: &[&str], site: Id) -> Id {
        let input = json!({
            "id": null, "name": login, "login": login, "roles": roles, "site": site,
            "team": null, "trade": null, "language": "fr", "active": true,
        });
        demo::saved(self.system("directory.save_person", input)).expect("a person")
    }

    /// Publishes the form that the tests report with.
    pub(crate) fn publish_form(&self) -> Id {
        let source = include_str!("../../content/forms/weak-signal.toml");
        let output =
            self.system("form.publish", json!({ "slug": "weak-signal", "source": source }));
        output["form"].as_str().expect("a form").parse().expect("an id")
    }

    pub(crate) fn invite(&self, person: Id) -> AccountInvitation {
        account::invite_as(&self.app, "tests", person).expect("an invitation")
    }

    /// Enrols a new device of a person.
    pub(crate) fn enrol(&self, person: Id) -> Phone {
        let code = self.invite(person).code;
        let answer = post(&self.url, "/v1/enrol", json!({ "code": code, "device_name": "Essai" }));
        assert_eq!(answer.status(), 200, "enrolment");
        Phone::new(self, &answer.json().expect("JSON"))
    }

    /// Stops the server; everything that was under way ends.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        server::stop(&self.app);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server's thread");
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

/// Posts JSON.
pub(crate) fn post(url: &str, path: &str, body: Value) -> Response {
    client().post(format!("{url}{path}")).json(&body).send().expect("an answer")
}

/// A client with no cookies and no proxy.
pub(crate) fn client() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client")
}

/// The stable code of an error that was answered.
pub(crate) fn code_of(answer: Response) -> String {
    let body: Value = answer.json().expect("JSON");
    body["error"]["code"].as_str().unwrap_or_default().to_owned()
}

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
    fn new(server: &TestServer, enrolled: &Value) -> Self {
        let file = vigie_core::store::open::memory().expect("a file");
        let mut device = Device::new(file, Box::new(OsEntropy));
        let id: Id = enrolled["device"].as_str().expect("a device").parse().expect("an id");
        let seat: Seat = serde_json::from_value(enrolled["seat"].clone()).expect("a seat");
        let key = enrolled["server_key"].as_str().expect("a key");
        device
            .enrol(&Enrolment {
                device: id,
                org: enrolled["org"].as_str().expect("a name").to_owned(),
                seat,
                server_key: blob::parse_hex(key).expect("a key"),
            })
            .expect("enrols");
        Self {
            device,
            token: enrolled["token"].as_str().expect("a token").to_owned(),
            id,
            url: server.url.clone(),
            clock: Arc::clone(&server.clock),
            client: client(),
            exchanges: 0,
            answer_bytes: 0,
            request_bytes: 0,
        }
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
        let moment = Moment { ms: self.now(), offset_minutes: 60 };
        let reply = self.device.call(moment, None, name, input);
        reply.unwrap_or_else(|error| panic!("`{name}`: {error}")).output
    }

    /// A request with the device's token.
    pub(crate) fn send(&self, method: &str, path: &str) -> reqwest::blocking::RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// Sends raw bytes as an exchange.
    pub(crate) fn exchange_raw(&self, body: Vec<u8>) -> Response {
        self.send("POST", "/v1/sync").body(body).send().expect("an answer")
    }

    /// One exchange.
    pub(crate) fn exchange(&mut self, all_cursors: bool) -> Told {
        let now = self.now();
        let request = self.device.request(now, all_cursors).expect("a request");
        self.request_bytes = request.len();
        let answer = self.exchange_raw(request);
        assert_eq!(answer.status(), 200, "an exchange");
        let bytes = answer.bytes().expect("the whole answer");
        self.exchanges += 1;
        self.answer_bytes = bytes.len();
        let mut incoming = Incoming::new().expect("a reader");
        self.device.feed(&mut incoming, &bytes, now).expect("an answer");
        incoming.end().expect("a whole answer")
    }

    /// Exchanges until nothing waits, then moves blobs.
    pub(crate) fn sync(&mut self) {
        let mut all = false;
        for _ in 0..50 {
            let told = self.exchange(all);
            all = told.resend_cursors;
            if !told.more && !all && self.device.waiting().expect("a count") == 0 {
                self.move_blobs();
                return;
            }
        }
        panic!("an exchange without end");
    }

    fn move_blobs(&mut self) {
        for (hash, size) in blob::to_send(self.device.db()).expect("a list") {
            let (media_type, content) =
                blob::content(self.device.db(), &hash).expect("a file").expect("content");
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
        let metadata =
            format!("sha256 {},media_type {}", encode(&blob::hex(hash)), encode(media_type));
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
        self.send("GET", &format!("/v1/blobs/{}", blob::hex(hash))).send().expect("an answer")
    }

    /// Seals a weak signal; its id.
    pub(crate) fn report(&mut self, form: Id, place: Id, photo: Option<&[u8]>) -> Id {
        let (draft, report) = (entropy::id(self.now()), entropy::id(self.now()));
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
            ("words", json!("De l’huile sous la presse")),
        ] {
            self.call("draft.save", json!({ "id": draft, "field": field, "value": value }));
        }
        if let Some(photo) = photo {
            use base64::Engine as _;
            let base64 = base64::engine::general_purpose::STANDARD.encode(photo);
            let input = json!({
                "id": draft, "field": "photos", "media_type": "image/png", "base64": base64,
            });
            self.call("draft.attach", input);
        }
        self.call("report.seal", json!({ "draft": draft, "report": report }));
        report
    }

    /// Listens to `/v1/events`; each line that begins with `event:` is told.
    pub(crate) fn listen(&self) -> std::sync::mpsc::Receiver<String> {
        listen(self.send("GET", "/v1/events"))
    }
}

/// Reads a stream of events in a thread of its own: name and data of each.
pub(crate) fn listen(
    request: reqwest::blocking::RequestBuilder,
) -> std::sync::mpsc::Receiver<String> {
    let answer = request.timeout(Duration::from_secs(60)).send().expect("a stream");
    assert_eq!(answer.status(), 200, "a stream of events");
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut name = String::new();
        for line in BufReader::new(Lenient(answer)).lines() {
            let Ok(line) = line else { return };
            if let Some(event) = line.strip_prefix("event: ") {
                event.clone_into(&mut name);
            }
            if let Some(data) = line.strip_prefix("data: ")
                && sender.send(format!("{name} {data}")).is_err()
            {
                return;
            }
        }
    });
    receiver
}

/// A stream that is cut ends.
struct Lenient(Response);

impl Read for Lenient {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        Ok(self.0.read(buffer).unwrap_or(0))
    }
}

/// A header of an answer.
pub(crate) fn header(answer: &Response, name: &str) -> String {
    answer
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// The bytes of a picture with some noise after them, so that no two are the same.
pub(crate) fn picture(noise: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];
    bytes.extend((0..length).map(|index| noise ^ u8::try_from(index % 251).unwrap_or(0)));
    bytes
}

/// A browser: its cookie, and the one door.
pub(crate) struct Browser {
    client: Client,
    pub(crate) cookie: String,
    url: String,
}

impl Browser {
    pub(crate) fn new(server: &TestServer) -> Self {
        Self { client: client(), cookie: String::new(), url: server.url.clone() }
    }

    /// A call; keeps the cookie that it may set.
    pub(crate) fn try_call(&mut self, name: &str, input: Value) -> Response {
        let answer = self
            .client
            .post(format!("{}/app/call", self.url))
            .header("x-vigie", "1")
            .header("cookie", &self.cookie)
            .json(&json!({ "id": null, "name": name, "input": input, "offset_minutes": 60 }))
            .send()
            .expect("an answer");
        let set = header(&answer, "set-cookie");
        if !set.is_empty() {
            self.cookie = set.split(';').next().unwrap_or_default().to_owned();
        }
        answer
    }

    pub(crate) fn call(&mut self, name: &str, input: Value) -> Value {
        let answer = self.try_call(name, input);
        let status = answer.status();
        let body: Value = answer.json().expect("JSON");
        assert_eq!(status, 200, "`{name}`: {body}");
        body["output"].clone()
    }

    pub(crate) fn sign_in(server: &TestServer, person: Id) -> Self {
        let mut browser = Self::new(server);
        let code = server.invite(person).code;
        browser.call("account.sign_in", json!({ "code": code, "login": null, "password": null }));
        browser
    }

    pub(crate) fn listen(&self) -> std::sync::mpsc::Receiver<String> {
        let request =
            self.client.get(format!("{}/app/events", self.url)).header("cookie", &self.cookie);
        listen(request)
    }
}
