//! A browser, and streams of events.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use vigie_core::Id;

use super::{TestServer, client, header};

/// A browser: its cookie, and the one door.
pub(crate) struct Browser {
    client: Client,
    pub(crate) cookie: String,
    url: String,
}

impl Browser {
    pub(crate) fn new(server: &TestServer) -> Self {
        Self {
            client: client(),
            cookie: String::new(),
            url: server.url.clone(),
        }
    }

    /// A call; keeps the cookie that it may set.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "calls are written with `json!` in place"
    )]
    pub(crate) fn try_call(&mut self, name: &str, input: Value) -> Response {
        self.try_call_as(None, name, &input)
    }

    /// The same, under an id: another attempt carries the same.
    pub(crate) fn try_call_as(&mut self, id: Option<Id>, name: &str, input: &Value) -> Response {
        let answer = self
            .client
            .post(format!("{}/app/call", self.url))
            .header("x-vigie", "1")
            .header("cookie", &self.cookie)
            .json(&json!({ "id": id, "name": name, "input": input, "offset_minutes": 60 }))
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
        browser.call(
            "account.sign_in",
            json!({ "code": code, "login": null, "password": null }),
        );
        browser
    }

    pub(crate) fn listen(&self) -> Receiver<String> {
        let request = self
            .client
            .get(format!("{}/app/events", self.url))
            .header("cookie", &self.cookie);
        listen(request)
    }
}

/// Reads a stream of events in a thread of its own: name and data of each.
pub(crate) fn listen(request: RequestBuilder) -> Receiver<String> {
    let answer = request
        .timeout(Duration::from_secs(60))
        .send()
        .expect("a stream");
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
