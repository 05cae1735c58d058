//! What every door shares: who asks, how an error is told, and the layers around all routes.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::time::Instant;
use vigie_core::account::ShellKind;
use vigie_core::error::{Code, Error, Result};
use vigie_core::person::Seat;

use crate::app::Shared;
use crate::entropy;
use crate::store::sqlite::device::DeviceRow;
use crate::token;

/// An answer that takes longer than this is given up, streams excepted.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// An error as an answer: `{"error": {"code", "message"}}` with the status of its code.
#[derive(Debug)]
pub struct Failure(pub Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let code = self.0.code();
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // What went wrong inside is for the log alone.
        let message = if status.is_server_error() {
            tracing::error!(code = code.as_str(), message = self.0.message(), "failed");
            "the server could not do it"
        } else {
            tracing::info!(code = code.as_str(), "refused");
            self.0.message()
        };
        let body = Json(json!({ "error": { "code": code.as_str(), "message": message } }));
        let mut response = (status, body).into_response();
        if code == Code::TooManyTries {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

/// The answer of a handler.
pub type Answer<T> = std::result::Result<T, Failure>;

/// The address at the other end of the connection; put there by the listener.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The address that asks: the connection's, or what a trusted proxy says.
#[derive(Clone, Copy, Debug)]
pub struct Asker(pub IpAddr);

impl FromRequestParts<Shared> for Asker {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Answer<Self> {
        Ok(Self(asker(
            parts.extensions.get::<Peer>(),
            &parts.headers,
            app.config.trust_proxy,
        )))
    }
}

fn asker(peer: Option<&Peer>, headers: &HeaderMap, trust_proxy: bool) -> IpAddr {
    let told = headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|value| value.trim().parse().ok())
        .filter(|_| trust_proxy);
    told.or(peer.map(|peer| peer.0))
        .unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED))
}

/// A device of the app that showed its token.
#[derive(Clone, Debug)]
pub struct AppDevice {
    /// The device.
    pub row: DeviceRow,
    /// The rights of its person.
    pub seat: Seat,
}

impl FromRequestParts<Shared> for AppDevice {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Answer<Self> {
        let signed_out = || Error::new(Code::SignedOut, "a device token is needed");
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .filter(|token| token.len() <= 100)
            .ok_or_else(signed_out)?;
        let hash = token::hash(token);
        let now = app.now();
        let found = app
            .ask(move |app| {
                let row = app.store.device_of_token(&hash, now)?;
                if row.kind != ShellKind::App {
                    return Err(Error::new(Code::SignedOut, "not a device of the app"));
                }
                app.limits.device(row.id, now)?;
                Ok(Self {
                    seat: seat(app, &row)?,
                    row,
                })
            })
            .await;
        match found {
            Err(error) if error.code() == Code::Revoked => {
                tracing::warn!("a revoked device asked");
                Err(Failure(error))
            }
            found => Ok(found?),
        }
    }
}

/// The rights of a device's person.
///
/// # Errors
/// [`Code::Revoked`] when the person is no longer active.
pub fn seat(app: &crate::app::App, row: &DeviceRow) -> Result<Seat> {
    app.store
        .seat(row.person)?
        .ok_or_else(|| Error::new(Code::Revoked, "the person is not active"))
}

/// Every request: counted, limited, named, told in the log in one line without content.
pub async fn around(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id();
    let method = request.method().clone();
    let route = route(request.uri().path());
    let peer = asker(
        request.extensions().get::<Peer>(),
        request.headers(),
        app.config.trust_proxy,
    );
    let span = tracing::info_span!("request", id = %id);
    let answer = async {
        match app.limits.request(peer, app.now()) {
            Ok(()) => next.run(request).await,
            Err(error) => Failure(error).into_response(),
        }
    };
    let mut response = tracing::Instrument::instrument(answer, span.clone()).await;
    app.metrics.requests.fetch_add(1, Ordering::Relaxed);
    if response.status().is_server_error() {
        app.metrics.faults.fetch_add(1, Ordering::Relaxed);
    }
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(%method, route, status, ms, "answered"));
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", id);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if app.config.is_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
    response
}

/// Gives up an answer that takes too long.
pub async fn in_time(request: Request, next: Next) -> Response {
    tokio::time::timeout(ANSWER_WITHIN, next.run(request))
        .await
        .unwrap_or_else(|_late| {
            Failure(Error::new(Code::Offline, "it took too long")).into_response()
        })
}

/// What a panic is told as.
#[must_use]
pub fn panicked(_panic: Box<dyn std::any::Any + Send>) -> Response {
    Failure(Error::unexpected("panicked")).into_response()
}

/// The first two parts of the path: what follows may be an id.
fn route(path: &str) -> String {
    path.split('/')
        .skip(1)
        .take(2)
        .fold(String::new(), |mut route, part| {
            route.push('/');
            route.extend(part.chars().take(20));
            route
        })
}

fn request_id() -> String {
    entropy::bytes::<6>()
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
