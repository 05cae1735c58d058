//! A server of a few dozen lines, which fails when told to: what the shell meets on bad days.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::Notify;
use vigie_core::Id;
use vigie_core::store::blob::hex;
use vigie_core::sync::frame;
use vigie_core::sync::message::{Cursor, PROTOCOL, Receipt, Request, Response as Frame};
use vigie_core::sync::receipt::Signer;

/// What the server knows and how it behaves.
#[derive(Default)]
pub(crate) struct Facts {
    /// When each exchange came.
    pub(crate) exchanges: Vec<Instant>,
    /// How many changes were kept.
    pub(crate) received: usize,
    /// The tokens that were shown.
    pub(crate) tokens: Vec<String>,
    /// What was asked of accounts, and exchanges, with the token, in order.
    pub(crate) asked: Vec<String>,
    /// So many questions about accounts fail.
    pub(crate) failures: usize,
    /// With this code; `unexpected` when none is said.
    pub(crate) failure: Option<&'static str>,
    /// Who enrols next; [`PERSON`] when nobody is said.
    pub(crate) person: Option<[u8; 16]>,
    /// How many enrolled: each is another device.
    pub(crate) enrolled: u8,
    /// The next answer to an exchange begins, and goes on only then.
    pub(crate) answer_after: Option<Arc<Notify>>,
    /// The next piece of an upload is answered only then: that the device is revoked.
    pub(crate) revoke_after: Option<Arc<Notify>>,
    /// The device is revoked.
    pub(crate) revoked: bool,
    /// The device was declared lost.
    pub(crate) lost: bool,
    /// Uploads, as far as they have come, by the hexadecimal hash.
    pub(crate) uploads: BTreeMap<String, Vec<u8>>,
    /// Offsets that uploads were continued from.
    pub(crate) offsets: Vec<usize>,
    /// So many pieces are cut in the middle.
    pub(crate) cuts: usize,
    /// What can be downloaded.
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    /// The ranges asked for.
    pub(crate) ranges: Vec<Option<String>>,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Server {
    facts: Arc<Mutex<Facts>>,
    signer: Arc<Signer>,
}

/// The person who enrols, whatever the code.
pub(crate) const PERSON: [u8; 16] = [7; 16];

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            facts: Arc::default(),
            signer: Arc::new(Signer::new(&[3; 32])),
        }
    }

    pub(crate) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().expect("no panic")
    }

    /// Answers at `address` (port 0: any) until the handle is dropped, then breaks every connection.
    pub(crate) fn listen(&self, address: SocketAddr) -> Listening {
        let listener = std::net::TcpListener::bind(address).expect("a port");
        listener.set_nonblocking(true).expect("set");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/v1/enrol", post(enrol))
            .route("/v1/token", post(token))
            .route("/v1/account/{verb}", post(account))
            .route("/v1/sync", post(sync))
            .route("/v1/blobs", post(begin))
            .route("/v1/blobs/uploads/{hash}", patch(append))
            .route("/v1/blobs/{hash}", get(download))
            .with_state(self.clone());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            axum::serve(listener, router).await.expect("it serves");
        });
        Listening {
            address,
            runtime: Some(runtime),
        }
    }

    fn answer(&self, headers: &HeaderMap) -> Option<Response> {
        let mut facts = self.facts();
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let token = token.unwrap_or_default();
        facts.tokens.push(token.to_owned());
        facts.asked.push(format!("sync {token}"));
        let code = if facts.lost { "lost" } else { "revoked" };
        let body = json!({ "error": { "code": code, "message": code } });
        (facts.revoked || facts.lost)
            .then(|| (StatusCode::FORBIDDEN, axum::Json(body)).into_response())
    }
}

/// Stops answering when dropped.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn enrol(State(server): State<Server>) -> Response {
    let (person, device) = {
        let mut facts = server.facts();
        facts.enrolled = facts.enrolled.saturating_add(1);
        let device = [facts.enrolled.saturating_add(8); 16];
        (facts.person.unwrap_or(PERSON), device)
    };
    let answer = json!({
        "device": Id::from_bytes(device),
        "token": "first",
        "org": "Ateliers du Nord",
        "seat": { "person": Id::from_bytes(person), "roles": ["lead"], "site": null },
        "server_key": hex(&server.signer.public()),
    });
    axum::Json(answer).into_response()
}

async fn token() -> Response {
    axum::Json(json!({ "token": "second" })).into_response()
}

async fn account(
    State(server): State<Server>,
    Path(verb): Path<String>,
    headers: HeaderMap,
) -> Response {
    let mut facts = server.facts();
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = token.unwrap_or_default();
    facts.asked.push(format!("{verb} {token}"));
    if facts.failures > 0 {
        facts.failures = facts.failures.saturating_sub(1);
        let code = facts.failure.unwrap_or("unexpected");
        let body = json!({ "error": { "code": code, "message": "not now" } });
        return (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(body)).into_response();
    }
    axum::Json(json!({})).into_response()
}

async fn sync(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    server.facts().exchanges.push(Instant::now());
    if let Some(refusal) = server.answer(&headers) {
        return refusal;
    }
    let requests: Vec<Request> =
        frame::read_all(&body, 8 * 1024 * 1024, 10_000).expect("frames of the device");
    let mut frames = vec![Frame::Welcome {
        protocol: PROTOCOL,
        clock_ms: 0,
    }];
    for request in requests {
        if let Request::Push(push) = request {
            let mut facts = server.facts();
            facts.received = facts.received.saturating_add(1);
            let receipt = Receipt {
                push: push.id,
                document: push.document,
                changes: Vec::new(),
                attachments: Vec::new(),
                received_at: 1,
                position: facts.received as u64,
            };
            frames.push(server.signer.sign(&receipt).expect("signed"));
        }
    }
    let gate = server.facts().answer_after.take();
    let cursors = gate.iter().map(|_gate| Cursor {
        scope: "directory".to_owned(),
        epoch: 1,
        position: 42,
    });
    frames.push(Frame::Page {
        cursors: cursors.collect(),
        more: false,
    });
    let body = frame::encode(&frames).expect("frames");
    let kind = [(header::CONTENT_TYPE, "application/vnd.vigie.sync")];
    let Some(gate) = gate else {
        return (kind, body).into_response();
    };
    let (first, rest) = body.split_at(1);
    let pieces = [(None, first.to_vec()), (Some(gate), rest.to_vec())];
    let pieces = futures_util::stream::iter(pieces).then(async |(gate, piece)| {
        if let Some(gate) = gate {
            gate.notified().await;
        }
        Ok::<_, std::io::Error>(Bytes::from(piece))
    });
    (kind, Body::from_stream(pieces)).into_response()
}

async fn begin(State(server): State<Server>, headers: HeaderMap) -> Response {
    let metadata = headers
        .get("upload-metadata")
        .and_then(|v| v.to_str().ok())
        .expect("metadata");
    let (_, hash) = metadata
        .split(',')
        .next()
        .and_then(|pair| pair.split_once(' '))
        .expect("one");
    let hash = String::from_utf8(STANDARD.decode(hash).expect("base64")).expect("text");
    let here = server
        .facts()
        .uploads
        .entry(hash.clone())
        .or_default()
        .len();
    let headers = [
        ("location", format!("/v1/blobs/uploads/{hash}")),
        ("upload-offset", here.to_string()),
    ];
    (StatusCode::CREATED, headers).into_response()
}

async fn append(
    State(server): State<Server>,
    Path(hash): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let told = headers
        .get("upload-offset")
        .and_then(|value| value.to_str().ok());
    let told: usize = told.and_then(|told| told.parse().ok()).expect("an offset");
    let gate = {
        let mut facts = server.facts();
        facts.offsets.push(told);
        facts.revoke_after.take()
    };
    if let Some(gate) = gate {
        gate.notified().await;
        let body = json!({ "error": { "code": "revoked", "message": "revoked" } });
        return (StatusCode::FORBIDDEN, axum::Json(body)).into_response();
    }
    let mut facts = server.facts();
    let cut = facts.cuts > 0;
    facts.cuts = facts.cuts.saturating_sub(1);
    let upload = facts.uploads.entry(hash).or_default();
    if told != upload.len() {
        return StatusCode::CONFLICT.into_response();
    }
    let kept = if cut { body.len() / 2 } else { body.len() };
    upload.extend_from_slice(&body[..kept]);
    if cut {
        return StatusCode::BAD_REQUEST.into_response();
    }
    (
        StatusCode::NO_CONTENT,
        [("upload-offset", upload.len().to_string())],
    )
        .into_response()
}

async fn download(
    State(server): State<Server>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Response {
    let range = headers
        .get(header::RANGE)
        .and_then(|v| v.to_str().ok())
        .map(str::to_owned);
    let mut facts = server.facts();
    facts.ranges.push(range.clone());
    let Some(content) = facts.blobs.get(&hash).cloned() else {
        let body =
            axum::Json(serde_json::json!({ "error": { "code": "not-found", "message": "" } }));
        return (StatusCode::NOT_FOUND, body).into_response();
    };
    let from: usize = range
        .as_deref()
        .and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    let rest = content[from..].to_vec();
    let status = if from > 0 {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    if facts.cuts == 0 {
        return (status, rest).into_response();
    }
    facts.cuts = facts.cuts.saturating_sub(1);
    let half = Bytes::from(rest[..rest.len() / 2].to_vec());
    let pieces = futures_util::stream::unfold(Some(half), async |left| match left {
        Some(half) => Some((Ok(half), None)),
        None => {
            // What was written must be on its way before the connection breaks.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            Some((Err(std::io::Error::other("cut")), None))
        }
    });
    (status, Body::from_stream(pieces)).into_response()
}
