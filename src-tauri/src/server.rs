//! The server: its address, and HTTP to it. TLS always, but for this very machine.

use std::sync::RwLock;
use std::sync::{Once, PoisonError};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;
use vigie_core::error::{Code, Error, Result};

/// To reach the server and agree on keys: a slow network needs seconds.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Without a byte for this long, the connection is taken for dead.
pub(crate) const SILENCE_MAX: Duration = Duration::from_secs(30);
/// The slowest network that still counts as one: bytes a second.
const SLOWEST: u64 = 2048;
/// Longest JSON answer: bytes.
const JSON_MAX: usize = 4 * 1024 * 1024;

/// A server's address: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address as people type it: `https` when they give no scheme. Without TLS only when
    /// it is this very machine.
    ///
    /// # Errors
    /// [`Code::Invalid`].
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let whole = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let mut url = Url::parse(&whole)
            .map_err(|error| Error::invalid(format!("the server's address: {error}")))?;
        let allowed = match url.scheme() {
            "https" => url.has_host(),
            "http" => is_this_machine(&url),
            _ => false,
        };
        if !allowed || !url.username().is_empty() || url.password().is_some() {
            return Err(Error::invalid("the server's address: https and a name"));
        }
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The address of a path on the server.
    ///
    /// # Errors
    /// [`Code::Protocol`] when `path` leads to another server.
    pub fn at(&self, path: &str) -> Result<Url> {
        let url = self
            .0
            .join(path)
            .map_err(|error| Error::new(Code::Protocol, format!("`{path}` is no path: {error}")))?;
        if url.origin() == self.0.origin() {
            Ok(url)
        } else {
            Err(Error::new(
                Code::Protocol,
                "a path that leads to another server",
            ))
        }
    }

    /// Host and port, to see whether the server can be reached.
    #[must_use]
    pub fn host_and_port(&self) -> Option<(String, u16)> {
        let host = self.0.host_str()?.trim_matches(['[', ']']).to_owned();
        Some((host, self.0.port_or_known_default()?))
    }

    /// As people read it, without a slash at the end.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }
}

fn is_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    })
}

/// The connections.
pub struct Http {
    clients: RwLock<Option<Clients>>,
}

#[derive(Clone)]
struct Clients {
    remote: Client,
    /// To this very machine: never through a proxy.
    local: Client,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            clients: RwLock::new(None),
        }
    }
}

impl Http {
    /// A request. `token` is the device's.
    ///
    /// # Errors
    /// When TLS cannot start.
    pub fn request(&self, method: Method, url: Url, token: Option<&str>) -> Result<RequestBuilder> {
        let clients = self.clients()?;
        let client = if is_this_machine(&url) {
            clients.local
        } else {
            clients.remote
        };
        let request = client.request(method, url);
        Ok(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }

    /// Forgets the open connections: they belong to a network that is gone.
    pub fn forget_connections(&self) {
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn clients(&self) -> Result<Clients> {
        let known = self
            .clients
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(clients) = known {
            return Ok(clients);
        }
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .build()
                .map_err(|error| Error::unexpected(format!("no TLS: {error}")))
        };
        let clients = Clients {
            remote: build(roots(builder().https_only(true)))?,
            local: build(roots(builder().no_proxy()))?,
        };
        *self.clients.write().unwrap_or_else(PoisonError::into_inner) = Some(clients.clone());
        Ok(clients)
    }
}

fn builder() -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // It fails only when there is one already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
    Client::builder()
        .user_agent(concat!("vigie-app/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .http1_only()
}

#[cfg(not(target_os = "android"))]
fn roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

#[cfg(target_os = "android")]
fn roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    crate::mobile::roots(builder)
}

/// Sends a request with a body of `bytes`, as slowly as the slowest line that is put up with, and waits
/// for an answer of whatever status.
///
/// # Errors
/// [`Code::Offline`] when there is none in time.
pub async fn send_any(request: RequestBuilder, bytes: usize) -> Result<Response> {
    let upload = Duration::from_secs(u64::try_from(bytes).unwrap_or(0) / SLOWEST);
    match tokio::time::timeout(SILENCE_MAX.saturating_add(upload), request.send()).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(unreachable(error)),
        Err(_late) => Err(Error::new(Code::Offline, "no answer in time")),
    }
}

/// As [`send_any`], for an answer that says yes.
///
/// # Errors
/// [`Code::Offline`], or what the server says.
pub async fn send(request: RequestBuilder, bytes: usize) -> Result<Response> {
    let response = send_any(request, bytes).await?;
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(refusal(response).await)
    }
}

/// The next piece of an answer; `None` at its end.
///
/// # Errors
/// [`Code::Offline`] when the connection breaks or falls silent for `silence_max`.
pub async fn piece(response: &mut Response, silence_max: Duration) -> Result<Option<Vec<u8>>> {
    match tokio::time::timeout(silence_max, response.chunk()).await {
        Ok(Ok(bytes)) => Ok(bytes.map(|bytes| bytes.to_vec())),
        Ok(Err(error)) => Err(unreachable(error)),
        Err(_silent) => Err(Error::new(Code::Offline, "the connection fell silent")),
    }
}

/// Posts JSON and reads JSON.
///
/// # Errors
/// [`Code::Offline`], [`Code::Protocol`], or what the server says.
pub async fn post_json<T: DeserializeOwned>(
    http: &Http,
    url: Url,
    token: Option<&str>,
    input: &Value,
) -> Result<T> {
    let body = input.to_string();
    let bytes = body.len();
    let request = http
        .request(Method::POST, url, token)?
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    let response = send(request, bytes).await?;
    if !is_type(response.headers(), "application/json") {
        return Err(not_vigie());
    }
    let body = read(response, JSON_MAX).await?;
    serde_json::from_slice(&body).map_err(|error| Error::new(Code::Protocol, error.to_string()))
}

/// A whole answer of at most `most` bytes.
///
/// # Errors
/// [`Code::Offline`], or [`Code::Protocol`] when it is longer.
pub async fn read(mut response: Response, most: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(bytes) = piece(&mut response, SILENCE_MAX).await? {
        if body.len().saturating_add(bytes.len()) > most {
            return Err(Error::new(Code::Protocol, "an answer that is too long"));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

/// Whether an answer says that it is of this type.
#[must_use]
pub fn is_type(headers: &HeaderMap, media_type: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(media_type))
}

/// Somebody else answers, such as a hotel's page that asks for a room number.
#[must_use]
pub fn not_vigie() -> Error {
    Error::new(Code::Offline, "it is not Vigie that answers")
}

/// What a refused request means: the code that the server gives, or its status.
pub(crate) async fn refusal(response: Response) -> Error {
    let wait = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<i64>().ok());
    let error = said(response).await;
    match wait {
        Some(seconds) => error.after(seconds.saturating_mul(1000)),
        None => error,
    }
}

async fn said(response: Response) -> Error {
    let status = response.status();
    if !is_type(response.headers(), "application/json") {
        return by_status(status);
    }
    let Ok(body) = read(response, 64 * 1024).await else {
        return by_status(status);
    };
    let told: Option<Value> = serde_json::from_slice(&body).ok();
    let told = told.as_ref().and_then(|told| told.get("error"));
    let text = |key| told.and_then(|told| told.get(key)).and_then(Value::as_str);
    match text("code").and_then(code) {
        Some(code) => Error::new(code, text("message").unwrap_or("refused")),
        None => by_status(status),
    }
}

/// The code of that name.
fn code(name: &str) -> Option<Code> {
    Code::ALL.into_iter().find(|code| code.as_str() == name)
}

/// What a status means when whoever answers does not say it as Vigie does: a proxy, mostly.
fn by_status(status: StatusCode) -> Error {
    let code = match status.as_u16() {
        404 => Code::NotFound,
        413 => Code::TooLarge,
        426 => Code::AppTooOld,
        429 => Code::TooManyTries,
        507 => Code::StorageFull,
        500 => Code::Unexpected,
        _ => Code::Offline,
    };
    Error::new(code, format!("status {status}"))
}

fn unreachable(error: reqwest::Error) -> Error {
    // Without the address: it may hold a code.
    let error = error.without_url();
    let mut message = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    Error::new(Code::Offline, message)
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
