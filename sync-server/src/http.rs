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

use crate::app::{App, Shared};
use crate::config::Config;
use crate::entropy;
use crate::store::sqlite::device::DeviceRow;
use crate::token;

/// Who asked a proxy, and over what.
pub const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";
/// Where nothing else is said, asking again is worth while after this: seconds.
const RETRY_S: i64 = 60;

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
        if let Some(seconds) = retry_after(&self.0) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// After how many seconds to try again, for answers that say so.
fn retry_after(error: &Error) -> Option<i64> {
    let said = error
        .retry_ms()
        .map(|ms| ms.saturating_add(999).div_euclid(1000).max(1));
    let always = matches!(
        error.code(),
        Code::TooManyTries | Code::StorageFull | Code::DiskFull
    );
    said.or(always.then_some(RETRY_S))
}

/// The answer of a handler.
pub type Answer<T> = std::result::Result<T, Failure>;

/// The other end of the connection; put there by the listener.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether the connection is TLS.
    pub tls: bool,
}

/// The address that asks: the connection's, or what a trusted proxy says.
#[derive(Clone, Copy, Debug)]
pub struct Asker(pub IpAddr);

impl FromRequestParts<Shared> for Asker {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Answer<Self> {
        let peer = parts.extensions.get::<Peer>();
        Ok(Self(asker(peer, &parts.headers, &app.config)))
    }
}

/// The nearest address that is no proxy of ours: each of ours says at the end of the list who asked it.
fn asker(peer: Option<&Peer>, headers: &HeaderMap, config: &Config) -> IpAddr {
    let Some(peer) = peer else {
        return IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    };
    let mut nearest = peer.address;
    let told: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for address in told.into_iter().rev() {
        if !config.is_proxy(nearest) {
            break;
        }
        let Ok(address) = address.trim().parse() else {
            break;
        };
        nearest = address;
    }
    nearest
}

/// Whether what is said goes over TLS, as far as the browser.
fn is_secure(peer: Option<&Peer>, headers: &HeaderMap, config: &Config) -> bool {
    let Some(peer) = peer else { return false };
    if peer.tls || !config.is_proxy(peer.address) {
        return peer.tls;
    }
    match headers.get_all(FORWARDED_PROTO).iter().next_back() {
        Some(scheme) => scheme == "https",
        None => config.is_https(),
    }
}

/// A device of the app that showed its token and is not in quarantine.
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
        let AnyDevice(device) = AnyDevice::from_request_parts(parts, app).await?;
        let id = device.row.id;
        if app.ask(move |app| app.store.is_isolated(id)).await? {
            let error = Error::new(Code::DeviceQuarantined, "in quarantine");
            return Err(Failure(error));
        }
        Ok(device)
    }
}

/// A device of the app that showed its token, in quarantine or not: what it sends is kept unread.
#[derive(Clone, Debug)]
pub struct AnyDevice(pub AppDevice);

impl FromRequestParts<Shared> for AnyDevice {
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
        let found = match app.store.known_now(&hash) {
            Some(found) => Ok(found),
            None => app.ask(move |app| identified(app, &hash, now)).await,
        };
        let (row, seat) = found.inspect_err(|error| {
            if error.code() == Code::Revoked {
                tracing::warn!("a revoked device asked");
            }
        })?;
        if row.kind != ShellKind::App {
            let error = Error::new(Code::SignedOut, "not a device of the app");
            return Err(Failure(error));
        }
        app.limits.device(row.id, now)?;
        Ok(Self(AppDevice { row, seat }))
    }
}

/// The device that holds a token, and the rights of its person.
fn identified(app: &App, hash: &token::Hash, now_ms: i64) -> Result<(DeviceRow, Seat)> {
    let row = app.store.device_of_token(hash, now_ms)?;
    let seat = seat(app, &row)?;
    Ok((row, seat))
}

/// The rights of a device's person.
///
/// # Errors
/// [`Code::Revoked`] when the person is no longer active.
pub fn seat(app: &App, row: &DeviceRow) -> Result<Seat> {
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
    let peer = request.extensions().get::<Peer>();
    let secure = is_secure(peer, request.headers(), &app.config);
    let peer = asker(peer, request.headers(), &app.config);
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
    if secure {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000"),
        );
    }
    response
}

/// Gives up an answer that takes too long.
pub async fn in_time(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let within = Duration::from_millis(app.config.limits.answer_ms);
    tokio::time::timeout(within, next.run(request))
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

/// Where there is a door, but not for this method.
pub async fn no_such_method() -> Response {
    let body = json!({ "error": { "code": Code::Invalid.as_str(), "message": "not this method" } });
    (StatusCode::METHOD_NOT_ALLOWED, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        Config {
            proxies: proxies
                .iter()
                .map(|net| net.parse().expect("a network"))
                .collect(),
            public_url: "https://vigie.example".to_owned(),
            ..Config::default()
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn peer(address: &str) -> Peer {
        Peer {
            address: address.parse().expect("an address"),
            tls: false,
        }
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed_about_who_asks() {
        for (from, told, expected) in [
            ("192.0.2.1", vec![], "192.0.2.1"),
            ("192.0.2.1", vec!["127.0.0.1"], "192.0.2.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.7"], "198.51.100.7"),
            ("::ffff:10.0.0.1", vec!["198.51.100.7"], "198.51.100.7"),
            ("2001:db8::1", vec!["198.51.100.7"], "198.51.100.7"),
            // What the asker itself wrote comes before what the proxy added.
            ("10.0.0.1", vec!["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
            (
                "10.0.0.1",
                vec!["127.0.0.1", "198.51.100.7"],
                "198.51.100.7",
            ),
            // Through two proxies of ours.
            (
                "10.0.0.1",
                vec!["127.0.0.1, 198.51.100.7, 10.0.0.2"],
                "198.51.100.7",
            ),
            ("10.0.0.1", vec!["198.51.100.7, nonsense"], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for value in &told {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
            }
            let found = asker(Some(&peer(from)), &headers, &config());
            assert_eq!(found.to_string(), expected, "{from} says {told:?}");
        }
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed_about_tls() {
        let said = headers(&[(FORWARDED_PROTO, "https")]);
        let plain = headers(&[(FORWARDED_PROTO, "http")]);
        let config = config();
        let tls = Peer {
            tls: true,
            ..peer("192.0.2.1")
        };
        assert!(is_secure(Some(&tls), &plain, &config), "TLS itself");
        assert!(
            !is_secure(Some(&peer("192.0.2.1")), &said, &config),
            "a lie"
        );
        let proxy = peer("10.0.0.1");
        assert!(is_secure(Some(&proxy), &said, &config), "a proxy");
        assert!(!is_secure(Some(&proxy), &plain, &config), "it says no");
        assert!(
            is_secure(Some(&proxy), &headers(&[]), &config),
            "it is silent"
        );
    }
}
