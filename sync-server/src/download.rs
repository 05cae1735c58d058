//! `GET /v1/blobs/{hash}`: whole or by range, to those who may see a document that names it.

use std::io::SeekFrom;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use vigie_core::error::Error;
use vigie_core::store::blob::{hex, parse_hex};

use crate::app::Shared;
use crate::body::Named;
use crate::http::{Answer, AppDevice};

/// What one read from the disk brings: bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// A blob, or a part of it, for a device that may see a document naming it.
///
/// # Errors
/// `not-found`, also for what the device may not see.
pub async fn download(
    State(app): State<Shared>,
    device: AppDevice,
    Named(name): Named,
    headers: HeaderMap,
) -> Answer<Response> {
    let hash = parse_hex(&name)?;
    let person = device.row.person;
    let blob = app
        .ask(move |app| {
            let named = app.store.blob_for(person, &hash, app.now())?;
            let here = app.store.blob(&hash)?.is_some();
            named
                .filter(|_| here)
                .ok_or_else(|| Error::not_found("no such blob"))
        })
        .await?;
    let tag = format!("\"{}\"", hex(&hash));
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH) == Some(tag.as_str()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let fresh = text(header::IF_RANGE).is_none_or(|known| known == tag);
    let range = match text(header::RANGE)
        .filter(|_| fresh)
        .map(|asked| self::range(asked, blob.size))
    {
        Some(Some(range)) => Some(range),
        Some(None) => {
            let range = format!("bytes */{}", blob.size);
            let headers = [(header::CONTENT_RANGE, range)];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
        None => None,
    };
    let mut file = File::open(app.blobs.path(&hash))
        .await
        .map_err(Error::from)?;
    let (first, last) = range.unwrap_or((0, blob.size.saturating_sub(1)));
    file.seek(SeekFrom::Start(first))
        .await
        .map_err(Error::from)?;
    let length = last.saturating_sub(first).saturating_add(1);
    let mut response = Body::from_stream(pieces(file, length)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, blob.media_type),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::ETAG, tag),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox".to_owned(),
        ),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable".to_owned(),
        ),
    ] {
        headers.insert(
            name,
            HeaderValue::from_str(&value).map_err(|error| fault(&error))?,
        );
    }
    if range.is_some() {
        let range = format!("bytes {first}-{last}/{}", blob.size);
        let range = HeaderValue::from_str(&range).map_err(|error| fault(&error))?;
        headers.insert(header::CONTENT_RANGE, range);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

fn fault(error: &dyn std::error::Error) -> Error {
    Error::unexpected(error.to_string())
}

/// The file's next `length` bytes, a piece at a time.
fn pieces(
    file: File,
    length: u64,
) -> impl futures_util::Stream<Item = std::io::Result<axum::body::Bytes>> {
    futures_util::stream::try_unfold(file.take(length), async |mut file| {
        let mut piece = vec![0; PIECE_BYTES];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        Ok((read > 0).then(|| (axum::body::Bytes::from(piece), file)))
    })
}

/// `bytes=a-b`, `bytes=a-`, `bytes=-n`: one range, first and last byte; `None` when it cannot be had.
#[must_use]
pub fn range(text: &str, size: u64) -> Option<(u64, u64)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = size.checked_sub(1)?;
    let range = if from.is_empty() {
        let count: u64 = to.parse().ok().filter(|count| *count > 0)?;
        (size.saturating_sub(count), end)
    } else {
        let to = if to.is_empty() { end } else { to.parse().ok()? };
        (from.parse().ok()?, to.min(end))
    };
    (range.0 <= range.1).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_cut_to_what_is_there() {
        for (text, expected) in [
            ("bytes=0-9", Some((0, 9))),
            ("bytes=90-", Some((90, 99))),
            ("bytes=-10", Some((90, 99))),
            ("bytes=-1000", Some((0, 99))),
            ("bytes=90-1000", Some((90, 99))),
            ("bytes=100-", None),
            ("bytes=9-0", None),
            ("bytes=-0", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
        ] {
            assert_eq!(range(text, 100), expected, "{text}");
        }
    }
}
