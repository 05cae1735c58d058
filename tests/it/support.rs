//! A real server on a free port with its own folder and clock, and devices that speak to it over
//! HTTP as the app does.

mod browser;
mod phone;
mod said;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::account::AccountInvitation;
use vigie_server::app::Shared;
use vigie_server::{App, Config, account, demo, entropy, server};

pub(crate) use browser::Browser;
pub(crate) use phone::Phone;
pub(crate) use said::Said;

/// When the tests begin: 2026-11-22T08:00:00Z.
pub(crate) const START: i64 = 1_795_334_400_000;

/// A folder that is removed when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// One whose files lie in memory, where the system has such a place.
    pub(crate) fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Self::below(memory)
        } else {
            Self::new()
        }
    }

    fn below(parent: &Path) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "vigie-it-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::SeqCst)
        );
        let path = parent.join(name);
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

/// How much of something is run: what the variable of that name says, `None` for `all` of it.
pub(crate) fn size_of_run(name: &str, otherwise: usize) -> Option<usize> {
    match std::env::var(name).as_deref() {
        Ok("all") => None,
        Ok(text) => Some(text.parse().expect(name)),
        Err(_) => Some(otherwise),
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
        Self::start_with(data, now_ms, |_| {})
    }

    /// The same, set up in another way.
    pub(crate) fn start_with(data: &Path, now_ms: i64, set: impl FnOnce(&mut Config)) -> Self {
        let clock = Arc::new(AtomicI64::new(now_ms));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let address: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(address))
            .expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let mut config = Config {
            data: data.to_owned(),
            backups: None,
            listen: address,
            public_url: url.clone(),
            org: "Essai".to_owned(),
            ..Config::default()
        };
        set(&mut config);
        let told = Arc::clone(&clock);
        let app = App::open(config, Arc::new(move || told.load(Ordering::SeqCst)))
            .expect("the server opens");
        let serving = Arc::clone(&app);
        let thread = std::thread::spawn(move || {
            runtime
                .block_on(server::serve(serving, listener))
                .expect("the server ends well");
        });
        Self {
            app,
            url,
            clock,
            thread: Some(thread),
        }
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
        self.app
            .system
            .call(&self.app, name, input)
            .unwrap_or_else(|error| {
                panic!("`{name}`: {error}");
            })
    }

    /// A site with one place; its id and the place's.
    pub(crate) fn site(&self, name: &str) -> (Id, Id) {
        let place = entropy::id(self.now());
        let places = json!([{ "id": place, "name": "Quai 1", "area": null }]);
        let input =
            json!({ "id": null, "name": name, "city": name, "teams": [], "places": places });
        (
            demo::saved(&self.system("directory.save_site", input)).expect("a site"),
            place,
        )
    }

    pub(crate) fn person(&self, login: &str, roles: &[&str], site: Id) -> Id {
        let input = json!({
            "id": null, "name": login, "login": login, "roles": roles, "site": site,
            "team": null, "trade": null, "language": "fr", "active": true,
        });
        demo::saved(&self.system("directory.save_person", input)).expect("a person")
    }

    /// Publishes the form that the tests report with.
    pub(crate) fn publish_form(&self) -> Id {
        let source = include_str!("../../content/forms/weak-signal.toml");
        let output = self.system(
            "form.publish",
            json!({ "slug": "weak-signal", "source": source }),
        );
        output["form"]
            .as_str()
            .expect("a form")
            .parse()
            .expect("an id")
    }

    pub(crate) fn invite(&self, person: Id) -> AccountInvitation {
        account::invite_as(&self.app, "tests", person).expect("an invitation")
    }

    /// Enrols a new device of a person.
    pub(crate) fn enrol(&self, person: Id) -> Phone {
        Phone::new(self, &self.enrolled(person))
    }

    /// What the server answers to an enrolment.
    pub(crate) fn enrolled(&self, person: Id) -> Value {
        let code = self.invite(person).code;
        let answer = post(
            &self.url,
            "/v1/enrol",
            &json!({ "code": code, "device_name": "Essai" }),
        );
        assert_eq!(answer.status(), 200, "enrolment");
        answer.json().expect("JSON")
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
pub(crate) fn post(url: &str, path: &str, body: &Value) -> Response {
    client()
        .post(format!("{url}{path}"))
        .json(body)
        .send()
        .expect("an answer")
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
    body["error"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
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
