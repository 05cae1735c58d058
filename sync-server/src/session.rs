//! A browser's session: an opaque cookie, stored hashed, of the strictest kind that the address
//! allows.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use vigie_core::error::{Code, Error, Result};
use vigie_core::person::Seat;

use crate::app::Shared;
use crate::config::Config;
use crate::http::{Answer, Failure, seat};
use crate::store::sqlite::device::DeviceRow;
use crate::token;

/// A session ends after this, whatever happens: milliseconds.
pub const ABSOLUTE_MS: i64 = 12 * 3_600_000;

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its device.
    pub row: DeviceRow,
    /// The rights of its person.
    pub seat: Seat,
}

impl Session {
    /// The session that the request's cookie names.
    ///
    /// # Errors
    /// [`Code::SignedOut`] when there is none, [`Code::Revoked`] when the person is not active.
    pub async fn of(app: &Shared, headers: &HeaderMap) -> Result<Self> {
        let cookie = cookie_of(headers, cookie_name(&app.config))
            .ok_or_else(|| Error::new(Code::SignedOut, "nobody is signed in"))?;
        let hash = token::hash(cookie);
        let now = app.now();
        app.ask(move |app| {
            let row = app.store.browser_of_session(&hash, now)?;
            app.limits.device(row.id, now)?;
            Ok(Self {
                seat: seat(app, &row)?,
                row,
            })
        })
        .await
    }
}

impl FromRequestParts<Shared> for Session {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Answer<Self> {
        Ok(Self::of(app, &parts.headers).await?)
    }
}

/// A cookie's name promises what the browser enforces; plain HTTP, on the machine itself, cannot
/// have the promise.
fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-vigie"
    } else {
        "vigie"
    }
}

fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && value.len() <= 100)
        .map(|(_, value)| value)
}

/// The header that sets the session's cookie, or takes it away.
///
/// # Errors
/// Never for the tokens made here.
pub fn set_cookie(config: &Config, token: Option<&str>) -> Result<HeaderValue> {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let (value, age) = token.map_or(("", 0), |token| (token, ABSOLUTE_MS.saturating_div(1000)));
    let name = cookie_name(config);
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}"
    ))
    .map_err(|error| Error::unexpected(error.to_string()))
}

/// Refuses what another site's page may have sent.
///
/// # Errors
/// [`Code::Forbidden`].
pub fn same_origin(headers: &HeaderMap) -> Result<()> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refuse = || Err(Error::forbidden("not from this site"));
    if text("x-vigie") != Some("1") {
        return refuse();
    }
    if text("sec-fetch-site").is_some_and(|site| !["same-origin", "none"].contains(&site)) {
        return refuse();
    }
    if let Some(origin) = text("origin") {
        let host = origin.split_once("://").map(|(_, host)| host);
        if host.is_none() || host != text("host") {
            return refuse();
        }
    }
    Ok(())
}

/// How a browser is listed, from what it says of itself.
#[must_use]
pub fn browser_name(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let first = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Web".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_call_from_another_site_is_refused() {
        for (pairs, allowed) in [
            (
                vec![
                    ("x-vigie", "1"),
                    ("host", "a.example"),
                    ("origin", "https://a.example"),
                ],
                true,
            ),
            (vec![("x-vigie", "1"), ("host", "a.example")], true),
            (
                vec![("host", "a.example"), ("origin", "https://a.example")],
                false,
            ),
            (
                vec![
                    ("x-vigie", "1"),
                    ("host", "a.example"),
                    ("origin", "https://b.example"),
                ],
                false,
            ),
            (
                vec![("x-vigie", "1"), ("host", "a.example"), ("origin", "null")],
                false,
            ),
            (
                vec![("x-vigie", "1"), ("sec-fetch-site", "cross-site")],
                false,
            ),
            (
                vec![("x-vigie", "1"), ("sec-fetch-site", "same-site")],
                false,
            ),
        ] {
            assert_eq!(same_origin(&headers(&pairs)).is_ok(), allowed, "{pairs:?}");
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let headers = headers(&[("cookie", "a=1; vigie=abc; b=2")]);
        assert_eq!(cookie_of(&headers, "vigie"), Some("abc"), "its value");
        assert_eq!(cookie_of(&headers, "__Host-vigie"), None, "another name");
    }
}
