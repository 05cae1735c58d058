//! `/v1/blobs`: uploads by tus 1.0 (creation, termination, expiration).
//!
//! Only what a document names may be sent, by a device that may see the document, so the text always
//! comes first. Content counts once it has been verified.

use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt as _;
use vigie_core::error::{Code, Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::store::blob::{SIZE_MAX, hex, parse_hex};

use crate::app::Shared;
use crate::body::Named;
use crate::entropy;
use crate::http::{Answer, AppDevice, Failure};
use crate::store::sqlite::blob::Upload;

/// Version of the tus protocol.
const TUS: &str = "1.0.0";
/// Statuses that tus gives a meaning of its own.
const CHECKSUM_MISMATCH: u16 = 460;

/// What the server can do.
pub async fn options() -> Response {
    let headers = [
        ("tus-resumable", TUS.to_owned()),
        ("tus-version", TUS.to_owned()),
        (
            "tus-extension",
            "creation,termination,expiration".to_owned(),
        ),
        ("tus-max-size", SIZE_MAX.to_string()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

/// Begins an upload, or finds the one begun: `Upload-Offset` says how much is here. Equal to
/// `Upload-Length`, nothing is left to send.
///
/// # Errors
/// [`Code::NotFound`] when no document that the device may see names the blob so,
/// [`Code::StorageFull`], [`Code::TooManyTries`].
pub async fn create(
    State(app): State<Shared>,
    device: AppDevice,
    headers: HeaderMap,
) -> Answer<Response> {
    let blob = asked(&headers)?;
    if blob.size == 0 || blob.size > u64::try_from(SIZE_MAX).unwrap_or(u64::MAX) {
        return Err(Failure(Error::new(
            Code::TooLarge,
            "a blob is at most 25 MiB",
        )));
    }
    let (device, person) = (device.row.id, device.row.person);
    let (upload, here) = app
        .ask(move |app| {
            let now = app.now();
            let named = app.store.blob_for(person, &blob.hash, now)?;
            if named.as_ref() != Some(&blob) {
                return Err(Error::not_found("no document names this blob"));
            }
            let here = app.store.blob(&blob.hash)?.is_some();
            let upload = Upload {
                id: entropy::id(now),
                device,
                blob,
            };
            let upload = if here {
                upload
            } else {
                app.store
                    .begin_upload(&upload, app.config.limits.org_blob_bytes, now, || {
                        app.limits.upload(device, upload.blob.size, now)
                    })?
            };
            Ok((upload, here))
        })
        .await?;
    let (location, offset) = if here {
        (
            format!("/v1/blobs/{}", hex(&upload.blob.hash)),
            upload.blob.size,
        )
    } else {
        let offset = length(&app.blobs.part(upload.id)).await?;
        (format!("/v1/blobs/uploads/{}", upload.id), offset)
    };
    let headers = [
        ("tus-resumable", TUS.to_owned()),
        ("location", location),
        ("upload-offset", offset.to_string()),
    ];
    Ok((StatusCode::CREATED, headers).into_response())
}

/// How much of an upload is here.
///
/// # Errors
/// [`Code::NotFound`] when there is no such upload of this device.
pub async fn offset(
    State(app): State<Shared>,
    device: AppDevice,
    Named(id): Named,
) -> Answer<Response> {
    let upload = upload(&app, &device, &id).await?;
    let here = length(&app.blobs.part(upload.id)).await?;
    let headers = [
        ("tus-resumable", TUS.to_owned()),
        ("upload-offset", here.to_string()),
        ("upload-length", upload.blob.size.to_string()),
        ("cache-control", "no-store".to_owned()),
    ];
    Ok((StatusCode::OK, headers).into_response())
}

/// Takes in bytes at an offset; with the last one, the blob is verified and counts.
///
/// # Errors
/// [`Code::NotFound`]; statuses 409 for an offset that lies, 413 past the length, 460 for content
/// that is not what its name says.
pub async fn append(
    State(app): State<Shared>,
    device: AppDevice,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    let upload = upload(&app, &device, &id).await?;
    let part = app.blobs.part(upload.id);
    // One writer at a time: a resumed upload may meet the remains of the one that was cut.
    let Some(_turn) = Turn::take(&part) else {
        return Ok(status(
            StatusCode::LOCKED.as_u16(),
            "the upload is being written",
        ));
    };
    let here = length(&part).await?;
    if number(&headers, "upload-offset")? != here {
        return Ok(status(
            StatusCode::CONFLICT.as_u16(),
            "the offset is another",
        ));
    }
    let written = match write(&app, &part, here, upload.blob.size, body).await? {
        Written::Whole(offset) => offset,
        Written::Cut => return Ok(status(StatusCode::BAD_REQUEST.as_u16(), "the body was cut")),
        Written::TooMuch => {
            return Ok(status(
                StatusCode::PAYLOAD_TOO_LARGE.as_u16(),
                "past the length",
            ));
        }
    };
    let whole = written == upload.blob.size;
    let done = app
        .ask(move |app| {
            if !whole {
                return app.store.touch_upload(upload.id, app.now());
            }
            let done = app.blobs.finish(&app.blobs.part(upload.id), &upload.blob);
            match done {
                Ok(()) => app.blob_arrived(&upload.blob, upload.device),
                Err(error) => {
                    tracing::warn!(
                        device = %upload.device,
                        hash = hex(&upload.blob.hash),
                        media_type = upload.blob.media_type,
                        size = upload.blob.size,
                        code = error.code().as_str(),
                        "blob refused"
                    );
                    app.store.end_upload(upload.id)?;
                    Err(error)
                }
            }
        })
        .await;
    match done {
        Ok(()) => {
            let headers = [
                ("tus-resumable", TUS.to_owned()),
                ("upload-offset", written.to_string()),
            ];
            Ok((StatusCode::NO_CONTENT, headers).into_response())
        }
        Err(error) if error.code() == Code::Invalid => Ok(status(
            CHECKSUM_MISMATCH,
            "the content is not what its name says",
        )),
        Err(error) => Err(error.into()),
    }
}

/// Gives an upload up.
///
/// # Errors
/// [`Code::NotFound`] when there is no such upload of this device.
pub async fn terminate(
    State(app): State<Shared>,
    device: AppDevice,
    Named(id): Named,
) -> Answer<Response> {
    let upload = upload(&app, &device, &id).await?;
    app.ask(move |app| {
        app.store.end_upload(upload.id)?;
        match std::fs::remove_file(app.blobs.part(upload.id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    })
    .await?;
    Ok((StatusCode::NO_CONTENT, [("tus-resumable", TUS)]).into_response())
}

async fn upload(app: &Shared, device: &AppDevice, id: &str) -> Result<Upload> {
    let id: Id = id.parse()?;
    let device = device.row.id;
    app.ask(move |app| {
        app.store
            .upload(id, device)?
            .ok_or_else(|| Error::not_found("no such upload"))
    })
    .await
}

/// What the headers ask to upload.
fn asked(headers: &HeaderMap) -> Result<BlobRef> {
    let size = number(headers, "upload-length")?;
    let metadata = headers
        .get("upload-metadata")
        .and_then(|value| value.to_str().ok());
    let metadata = metadata.ok_or_else(|| Error::invalid("no upload-metadata"))?;
    let field = |wanted: &str| {
        let value = metadata
            .split(',')
            .filter_map(|pair| pair.trim().split_once(' '))
            .find(|(key, _)| *key == wanted)
            .and_then(|(_, value)| STANDARD.decode(value.trim()).ok())
            .and_then(|value| String::from_utf8(value).ok());
        value.ok_or_else(|| Error::invalid(format!("no `{wanted}` in upload-metadata")))
    };
    Ok(BlobRef {
        hash: parse_hex(&field("sha256")?)?,
        media_type: field("media_type")?,
        size,
    })
}

fn number(headers: &HeaderMap, name: &str) -> Result<u64> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| Error::invalid(format!("no `{name}`")))
}

fn status(status: u16, message: &'static str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, [("tus-resumable", TUS)], message).into_response()
}

/// How much of a part is here: bytes.
async fn length(part: &std::path::Path) -> Result<u64> {
    match tokio::fs::metadata(part).await {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

enum Written {
    /// The body came to its end; the offset afterwards.
    Whole(u64),
    /// The connection was cut; what came is kept.
    Cut,
    /// More than was said.
    TooMuch,
}

async fn write(
    app: &Shared,
    part: &std::path::Path,
    from: u64,
    size: u64,
    body: Body,
) -> Result<Written> {
    let silence = Duration::from_millis(app.config.limits.silence_ms);
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(part)
        .await?;
    let mut offset = from;
    let mut pieces = body.into_data_stream();
    let outcome = loop {
        let Ok(piece) = tokio::time::timeout(silence, pieces.next()).await else {
            break Written::Cut;
        };
        let Some(piece) = piece else {
            break Written::Whole(offset);
        };
        let Ok(piece) = piece else { break Written::Cut };
        let next = offset.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if next > size {
            break Written::TooMuch;
        }
        file.write_all(&piece).await?;
        offset = next;
    };
    file.flush().await?;
    file.sync_all().await?;
    Ok(outcome)
}

/// The right to write a part, given back when dropped.
struct Turn(PathBuf);

static WRITING: std::sync::Mutex<std::collections::BTreeSet<PathBuf>> =
    std::sync::Mutex::new(std::collections::BTreeSet::new());

impl Turn {
    fn take(part: &std::path::Path) -> Option<Self> {
        let mut writing = WRITING
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        writing
            .insert(part.to_owned())
            .then(|| Self(part.to_owned()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        WRITING
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .remove(&self.0);
    }
}
