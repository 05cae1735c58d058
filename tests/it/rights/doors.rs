//! Every cell of "Every door": each route, asked by everybody, over real HTTP.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::blocking::{RequestBuilder, Response};
use serde_json::{Value, json};
use vigie_core::Id;
use vigie_core::store::blob;
use vigie_core::sync::frame;
use vigie_core::sync::message::{PROTOCOL, Request};
use vigie_server::{demo, routes};

use super::table::{Row, chapter};
use crate::support::{Browser, Folder, Phone, START, TestServer, client, header, picture};
use vigie_core::sync::machine::Cursors;

/// Who asks, besides nobody: people with the app, and two browsers.
const PHONES: [&str; 10] = [
    "guest",
    "author",
    "colleague",
    "manager",
    "manager elsewhere",
    "relay",
    "lead",
    "admin",
    "revoked",
    "inactive",
];
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A server, everybody's phone, and a report of the author with two photos: one here, one on its way.
struct Town {
    server: TestServer,
    people: BTreeMap<&'static str, Id>,
    phones: BTreeMap<&'static str, Phone>,
    browsers: BTreeMap<&'static str, String>,
    here: Vec<u8>,
    coming: Vec<u8>,
    _folder: Folder,
}

impl Town {
    fn new() -> Self {
        let folder = Folder::new();
        let server = TestServer::start(folder.path(), START);
        let ((lyon, place), (brest, _)) = (server.site("Lyon"), server.site("Brest"));
        let form = server.publish_form();
        let mut people = BTreeMap::new();
        let mut phones = BTreeMap::new();
        for who in PHONES {
            let site = if who == "manager elsewhere" {
                brest
            } else {
                lyon
            };
            let role = match who {
                "guest" | "relay" | "lead" | "admin" => who,
                "manager" | "manager elsewhere" => "manager",
                _ => "operator",
            };
            let login: String = who.split(' ').collect();
            people.insert(who, server.person(&login, &[role], site));
            phones.insert(who, server.enrol(people[who]));
        }
        let browsers = [("browser", "author"), ("browser, inactive", "inactive")]
            .map(|(name, who)| (name, Browser::sign_in(&server, people[who]).cookie));
        let mut town = Self {
            server,
            people,
            phones,
            browsers: browsers.into(),
            here: picture(1, 500),
            coming: picture(2, 500),
            _folder: folder,
        };
        let (here, coming) = (town.here.clone(), town.coming.clone());
        let author = town.phones.get_mut("author").expect("the author");
        author.sync();
        author.report(form, place, Some(&here));
        author.sync();
        author.report(form, place, Some(&coming));
        while author.device.waiting().expect("a count") > 0 {
            author.exchange(Cursors::Fingerprint);
        }
        town.leave();
        town
    }

    fn leave(&self) {
        let (app, revoked) = (&self.server.app, self.phones["revoked"].id);
        app.store
            .revoke(revoked, "tests", "revoke", START)
            .expect("revoked");
        let site = self.server.system("directory.sites", json!({}))[0]["id"].clone();
        let input = json!({
            "id": self.people["inactive"], "name": "inactive", "login": "inactive",
            "roles": ["operator"], "site": site, "team": null, "trade": null, "language": "fr",
            "active": false,
        });
        demo::saved(&self.server.system("directory.save_person", input)).expect("saved");
    }

    /// A request of somebody, as far as they can show who they are.
    fn ask(&self, who: &str, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        let request = client().request(method, format!("{}{path}", self.server.url));
        match (self.phones.get(who), self.browsers.get(who)) {
            (Some(phone), _) => request.bearer_auth(&phone.token),
            (None, Some(cookie)) => request.header("cookie", cookie),
            (None, None) if who == "unknown token" => request.bearer_auth("x".repeat(43)),
            (None, None) => request,
        }
    }

    fn account(&self, who: &str, verb: &str, input: &Value) -> Response {
        let request = self.ask(who, "POST", &format!("/v1/account/{verb}"));
        request.json(input).send().expect("an answer")
    }

    /// Where the author's photo that is coming can be sent.
    fn upload(&self) -> String {
        let (hash, size) = (blob::hash(&self.coming), self.coming.len());
        let size = u64::try_from(size).expect("small");
        let begun = self.phones["author"].begin_upload(&hash, "image/png", size);
        header(&begun, "location")
    }

    fn begin(&self, who: &str) -> Response {
        use base64::Engine as _;
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let hash = encode(&blob::hex(&blob::hash(&self.coming)));
        self.ask(who, "POST", "/v1/blobs")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", self.coming.len())
            .header(
                "upload-metadata",
                format!("sha256 {hash},media_type {}", encode("image/png")),
            )
            .send()
            .expect("an answer")
    }

    fn call(&self, who: &str, name: &str) -> Response {
        self.ask(who, "POST", "/app/call")
            .header("x-vigie", "1")
            .json(&json!({ "name": name, "input": {} }))
            .send()
            .expect("an answer")
    }

    /// Does what a row says; the status.
    fn door(&self, who: &str, method: &str, path: &str, what: &str) -> Option<u16> {
        let plain = |path: &str| self.ask(who, method, path).send().expect("an answer");
        let id = |who: &str| json!({ "person": self.people[who] });
        let device = |of: &str| json!({ "device": self.server.enrol(self.people[of]).id });
        let photo = format!("/v1/blobs/{}", blob::hex(&blob::hash(&self.here)));
        let answer = match (method, path, what) {
            ("POST", "/v1/sync", "") => self.ask(who, method, path).body(hello()).send().ok()?,
            ("POST", "/v1/enrol", "without a code") => {
                self.ask(who, method, path).json(&json!({})).send().ok()?
            }
            ("POST", "/v1/account/{verb}", "devices") => self.account(who, what, &json!({})),
            ("POST", "/v1/account/{verb}", "password, a weak one") => self.account(
                who,
                "password",
                &json!({ "current": null, "password": "x" }),
            ),
            ("POST", "/v1/account/{verb}", "anything else") => {
                self.account(who, "erase", &json!({}))
            }
            ("POST", "/v1/account/{verb}", "invite a colleague") => {
                self.account(who, "invite", &id("colleague"))
            }
            ("POST", "/v1/account/{verb}", "invite an admin") => {
                self.account(who, "invite", &id("admin"))
            }
            ("POST", "/v1/account/{verb}", "revoke a device of a colleague") => {
                self.account(who, "revoke", &device("colleague"))
            }
            ("POST", "/v1/account/{verb}", "revoke a device of an admin") => {
                self.account(who, "revoke", &device("admin"))
            }
            ("POST", "/v1/account/{verb}", "declare a device of a colleague lost") => {
                self.account(who, "lose", &device("colleague"))
            }
            ("POST", "/v1/account/{verb}", "declare a device of an admin lost") => {
                self.account(who, "lose", &device("admin"))
            }
            ("POST", "/v1/account/{verb}", "what a device of a colleague held") => {
                self.account(who, "held", &device("colleague"))
            }
            ("POST", "/v1/blobs", "a photo of the author’s report") => self.begin(who),
            ("PATCH", "/v1/blobs/uploads/{id}", "of the author, at a wrong offset") => self
                .ask(who, method, &self.upload())
                .header("upload-offset", 5)
                .send()
                .ok()?,
            (_, "/v1/blobs/uploads/{id}", "of the author" | "") => plain(&self.upload()),
            (_, "/v1/blobs/{hash}", "a photo of the author’s report") => plain(&photo),
            ("POST", "/app/call", "directory.me") => self.call(who, what),
            ("POST", "/app/call", "account.state") => self.call(who, what),
            ("POST", "/app/call", "without the mark of this site") => self
                .ask(who, method, path)
                .json(&json!({ "name": "x" }))
                .send()
                .ok()?,
            (_, path, "") if !path.contains('{') => plain(path),
            _ => return None,
        };
        Some(answer.status().as_u16())
    }
}

fn hello() -> Vec<u8> {
    let hello = Request::Hello {
        protocol: PROTOCOL,
        clock_ms: START,
        cursors: 0,
        epoch: 0,
    };
    frame::encode(&[hello]).expect("frames")
}

/// The method, the path and the rest of a label: `POST /v1/sync` and more words.
fn parts(label: &str) -> (String, String, String) {
    let rest = label
        .strip_prefix('`')
        .expect("a label begins with a route");
    let (route, what) = rest.split_once('`').expect("a route ends");
    let (method, path) = route.split_once(' ').expect("a method and a path");
    (method.to_owned(), path.to_owned(), what.trim().to_owned())
}

fn rows() -> Vec<Row> {
    chapter("Every door").remove("").expect("a table")
}

#[test]
fn every_door_opens_for_those_for_whom_the_table_says() {
    let town = Town::new();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in rows() {
        let (method, path, what) = parts(&row.label);
        for (who, expected) in &row.cells {
            let asked: &[&str] = if who == "nobody" {
                &["nobody", "unknown token"]
            } else {
                &[who]
            };
            for who in asked {
                count += 1;
                let status = town
                    .door(who, &method, &path, &what)
                    .map(|one| one.to_string());
                if status.as_ref() != Some(expected) {
                    wrong.push(format!("{who}: {}: {status:?}, not {expected}", row.label));
                }
            }
        }
        // So that no device asks too often.
        town.server.pass(5000);
    }
    println!("{count} cases");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 300, "{count} cases");
}

#[test]
fn every_route_has_a_row_and_no_other_method_is_answered() {
    let town = Town::new();
    let mut served = BTreeSet::new();
    for route in routes::routes() {
        served.insert((route.method.to_owned(), route.path.to_owned()));
        if route.method == "GET" {
            served.insert(("HEAD".to_owned(), route.path.to_owned()));
        }
    }
    let listed: BTreeSet<(String, String)> = rows()
        .iter()
        .map(|row| parts(&row.label))
        .map(|(method, path, _)| (method, path))
        .collect();
    assert_eq!(listed, served, "the table lists what is served");
    let paths: BTreeSet<&String> = served.iter().map(|(_, path)| path).collect();
    for path in paths {
        for method in METHODS {
            if served.contains(&(method.to_owned(), path.clone())) {
                continue;
            }
            for who in ["nobody", "author", "admin", "browser"] {
                let path = path.replace(['{', '}'], "");
                let answer = town.ask(who, method, &path).send().expect("an answer");
                assert_eq!(answer.status(), 405, "{who}: {method} {path}");
            }
        }
        town.server.pass(5000);
    }
    for who in PHONES.into_iter().chain(["nobody", "browser"]) {
        for method in METHODS {
            let answer = town
                .ask(who, method, "/v2/anything")
                .send()
                .expect("an answer");
            assert!(
                [404, 405].contains(&answer.status().as_u16()),
                "{who}: {method} elsewhere: {}",
                answer.status()
            );
        }
    }
}
