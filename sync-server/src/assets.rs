//! The built screens: read once, served with the strictest policy that they run under.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use vigie_core::error::{Error, Result};

use crate::app::Shared;
use crate::http::Failure;

/// What a file ends in, and its type.
const TYPES: &[(&str, &str)] = &[
    ("html", "text/html; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("json", "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("ico", "image/x-icon"),
    ("woff2", "font/woff2"),
    ("txt", "text/plain; charset=utf-8"),
];
/// The page of every address that is no file.
const PAGE: &str = "/index.html";

/// One file.
#[derive(Debug, Default)]
struct Asset {
    media_type: &'static str,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
    tag: String,
}

/// All files, by address.
#[derive(Debug)]
pub struct Assets {
    files: BTreeMap<String, Asset>,
    policy: HeaderValue,
}

impl Assets {
    /// Reads the folder of a build.
    ///
    /// # Errors
    /// When it cannot be read or has no `index.html`.
    pub fn open(folder: &Path) -> Result<Self> {
        let mut contents = BTreeMap::new();
        read(folder, "", &mut contents)?;
        let page = contents
            .get(PAGE)
            .ok_or_else(|| Error::invalid(format!("no index.html in `{}`", folder.display())))?;
        let policy = policy(&String::from_utf8_lossy(page));
        let policy =
            HeaderValue::from_str(&policy).map_err(|error| Error::invalid(error.to_string()))?;
        let files = contents
            .iter()
            .filter(|(path, _)| !path.ends_with(".gz") && !path.ends_with(".br"))
            .map(|(path, plain)| {
                let ending = path.rsplit('.').next().unwrap_or_default();
                let known = TYPES.iter().find(|(known, _)| *known == ending);
                let asset = Asset {
                    media_type: known.map_or("application/octet-stream", |(_, name)| *name),
                    plain: plain.clone(),
                    gzip: contents.get(&format!("{path}.gz")).cloned(),
                    brotli: contents.get(&format!("{path}.br")).cloned(),
                    tag: format!("\"{}\"", STANDARD.encode(Sha256::digest(plain))),
                };
                (path.clone(), asset)
            })
            .collect();
        Ok(Self { files, policy })
    }

    fn answer(&self, path: &str, asked: &HeaderMap) -> Response {
        let file = self.files.get(path);
        // What is missing below /_app is missing; every other address is the application's.
        if file.is_none() && (path.starts_with("/_app/") || path.starts_with("/v1/")) {
            return Failure(Error::not_found("no such file")).into_response();
        }
        let Some(asset) = file.or_else(|| self.files.get(PAGE)) else {
            return Failure(Error::not_found("no such file")).into_response();
        };
        let is_page = asset.media_type.starts_with("text/html");
        let cache = if path.starts_with("/_app/immutable/") {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let text = |name: header::HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
        if text(header::IF_NONE_MATCH) == Some(asset.tag.as_str()) {
            let headers = [
                (header::ETAG, asset.tag.as_str()),
                (header::CACHE_CONTROL, cache),
            ];
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let accepts = |name: &str| {
            text(header::ACCEPT_ENCODING)
                .is_some_and(|list| list.split(',').any(|known| known.trim().starts_with(name)))
        };
        let (body, encoding) = match (&asset.brotli, &asset.gzip) {
            (Some(body), _) if accepts("br") => (body, Some("br")),
            (_, Some(body)) if accepts("gzip") => (body, Some("gzip")),
            _ => (&asset.plain, None),
        };
        let headers = [
            (header::CONTENT_TYPE, asset.media_type),
            (header::CACHE_CONTROL, cache),
            (header::ETAG, asset.tag.as_str()),
            (header::VARY, "accept-encoding"),
        ];
        let mut response = (headers, body.clone()).into_response();
        let headers = response.headers_mut();
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if is_page {
            headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
            for (name, value) in [
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                (
                    "permissions-policy",
                    "camera=(self), geolocation=(self), microphone=()",
                ),
                ("x-frame-options", "DENY"),
            ] {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        response
    }
}

/// Serves the file of an address, or the page.
pub async fn serve(State(app): State<Shared>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Failure(Error::not_found("no such door")).into_response();
    }
    match &app.assets {
        Some(assets) => {
            let path = request.uri().path();
            assets.answer(if path == "/" { PAGE } else { path }, request.headers())
        }
        None => Failure(Error::not_found("this server has no screens")).into_response(),
    }
}

fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Bytes>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &path, files)?;
        } else {
            files.insert(path, Bytes::from(fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// The policy of the page: its own inline scripts by their hashes, and nothing from elsewhere.
fn policy(page: &str) -> String {
    let mut scripts = String::from("'self'");
    for script in inline_scripts(page) {
        scripts.push_str(&format!(
            " 'sha256-{}'",
            STANDARD.encode(Sha256::digest(script))
        ));
    }
    // Drawings inside capsules carry style attributes; they cannot run anything.
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
}

/// The contents of `<script>` elements without a `src`.
fn inline_scripts(page: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, after)) = after.split_once('>') else {
            break;
        };
        let Some((content, after)) = after.split_once("</script>") else {
            break;
        };
        if !attributes.contains("src=") && !content.is_empty() {
            scripts.push(content);
        }
        rest = after;
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_inline_scripts_by_their_hash() {
        let page = "<script>boot()</script><script src=\"/a.js\"></script>";
        let expected = STANDARD.encode(Sha256::digest("boot()"));
        let policy = policy(page);
        assert!(
            policy.contains(&format!("script-src 'self' 'sha256-{expected}';")),
            "{policy}"
        );
        assert!(
            !policy.contains("script-src 'self' 'unsafe-inline'"),
            "{policy}"
        );
    }
}
