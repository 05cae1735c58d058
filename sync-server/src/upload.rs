//! `/v1/blobs`: uploads by tus 1.0 (creation, termination, expiration).
//!
//! Only what a document names may be sent, by a device that may see the document, so the text always
//! comes first. Content counts once it has been verified.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use vigie_core::error::{Code, Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::store::blob::{SIZE_MAX, hex, parse_hex};

use crate::app::{App, Shared};
use crate::body::Named;
use crate::entropy;
use crate::http::{Answer, AppDevice, Failure};
use crate::store::sqlite::blob::Upload;

/// Version of the tus protocol.
const TUS: &str = "1.0.0";
/// Statuses that tus gives a meaning of its own.
const CHECKSUM_MISMATCH: u16 = 460;

/// What is still on its way to a part that another asks for is taken in, until it falls silent for
/// this long.
const SILENCE_WHEN_ASKED: Duration = Duration::from_millis(500);
/// Whoever asks for a part waits this long.
const TAKE_OVER_WITHIN: Duration = Duration::from_secs(10);

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
    let (upload, offset) = app
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
            if here {
                let size = upload.blob.size;
                return Ok((upload, size));
            }
            let upload =
                app.store
                    .begin_upload(&upload, app.config.limits.org_blob_bytes, now, || {
                        app.limits.upload(device, upload.blob.size, now)
                    })?;
            Ok((upload, 0))
        })
        .await?;
    let (upload, offset) = if offset == upload.blob.size {
        (upload, offset)
    } else {
        settled(&app, upload).await?
    };
    let location = if offset == upload.blob.size {
        format!("/v1/blobs/{}", hex(&upload.blob.hash))
    } else {
        format!("/v1/blobs/uploads/{}", upload.id)
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
    let (upload, here) = settled(&app, upload(&app, &device, &id).await?).await?;
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
    let Some(turn) = Turn::take(&part) else {
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
    let written = match write(&app, &turn, here, upload.blob.size, body).await? {
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

/// An upload, and how much of it is here: bytes. Whoever asks goes on from there, so what is still
/// being written of a connection that was cut ends first.
async fn settled(app: &Shared, upload: Upload) -> Result<(Upload, u64)> {
    let turn = Turn::take_over(&app.blobs.part(upload.id)).await?;
    app.ask(move |app| {
        let here = verified(app, &upload, &turn)?;
        Ok((upload, here))
    })
    .await
}

/// How much of an upload is here. One that came whole and was not verified, because the server stopped
/// just then, is verified now: nobody is told that all is here before it counts.
fn verified(app: &App, upload: &Upload, turn: &Turn) -> Result<u64> {
    let size = upload.blob.size;
    if app.store.blob(&upload.blob.hash)?.is_some() {
        return Ok(size);
    }
    let here = match std::fs::metadata(&turn.part) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error.into()),
    };
    if here < size {
        return Ok(here);
    }
    match app.blobs.finish(&turn.part, &upload.blob) {
        Ok(()) => app.blob_arrived(&upload.blob, upload.device)?,
        // Its last bytes went with the power: it begins anew.
        Err(error) if error.code() == Code::Invalid => return Ok(0),
        Err(error) => return Err(error),
    }
    Ok(size)
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
///
/// # Errors
/// [`Code::Invalid`] when one is missing or cannot be read.
pub fn asked(headers: &HeaderMap) -> Result<BlobRef> {
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

/// A number in a header.
///
/// # Errors
/// [`Code::Invalid`] when it is missing or none.
pub fn number(headers: &HeaderMap, name: &str) -> Result<u64> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| Error::invalid(format!("no `{name}`")))
}

/// What tus says by a status of its own.
fn status(status: u16, message: &'static str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({ "error": { "code": Code::Invalid.as_str(), "message": message } });
    (status, [("tus-resumable", TUS)], Json(body)).into_response()
}

/// How much of a part is here: bytes.
async fn length(part: &Path) -> Result<u64> {
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

async fn write(app: &Shared, turn: &Turn, from: u64, size: u64, body: Body) -> Result<Written> {
    let mut silence = Duration::from_millis(app.config.limits.silence_ms);
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&turn.part)
        .await?;
    let mut offset = from;
    let mut pieces = body.into_data_stream();
    let outcome = loop {
        let piece = tokio::select! {
            biased;
            () = turn.asked.notified() => {
                silence = silence.min(SILENCE_WHEN_ASKED);
                continue;
            }
            piece = tokio::time::timeout(silence, pieces.next()) => piece,
        };
        let Ok(piece) = piece else {
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
struct Turn {
    part: PathBuf,
    /// Told when another takes over.
    asked: Arc<Notify>,
    /// Whoever waits for its end sees that it is gone.
    _alive: watch::Sender<()>,
}

/// Who writes which part: how to ask for it, and how to see its end.
type Writers = BTreeMap<PathBuf, (Arc<Notify>, watch::Receiver<()>)>;

static WRITING: Mutex<Writers> = Mutex::new(BTreeMap::new());

impl Turn {
    fn take(part: &Path) -> Option<Self> {
        let mut writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        if writing.contains_key(part) {
            return None;
        }
        let (alive, end) = watch::channel(());
        let asked = Arc::new(Notify::new());
        writing.insert(part.to_owned(), (Arc::clone(&asked), end));
        Some(Self {
            part: part.to_owned(),
            asked,
            _alive: alive,
        })
    }

    /// Asks whoever writes to end, and waits for it.
    ///
    /// # Errors
    /// [`Code::Offline`] when it takes too long.
    async fn take_over(part: &Path) -> Result<Self> {
        let begun = Instant::now();
        loop {
            if let Some(turn) = Self::take(part) {
                return Ok(turn);
            }
            let writer = WRITING
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(part)
                .cloned();
            let Some((asked, mut end)) = writer else {
                continue;
            };
            asked.notify_one();
            // An error says that the writer is gone.
            let left = TAKE_OVER_WITHIN.saturating_sub(begun.elapsed());
            if tokio::time::timeout(left, end.changed()).await.is_err() {
                return Err(Error::new(Code::Offline, "the upload is being written"));
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        WRITING
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.part);
    }
}
