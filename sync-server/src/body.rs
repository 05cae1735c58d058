//! Bodies read into memory: each within its own limit, and all together within one.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;
use vigie_core::error::{Code, Error, Result};

use crate::app::Shared;
use crate::http::{Answer, Failure};

/// The unit of room: bytes.
pub const UNIT: usize = 1024;
/// Without room, asking again is worth while after this: milliseconds.
pub const RETRY_MS: i64 = 2000;

/// A body, and the room that it takes until dropped.
#[derive(Debug)]
pub struct Held {
    /// The body.
    pub bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

/// Reads a body of at most `most` bytes, taking room as it comes.
///
/// # Errors
/// [`Code::TooLarge`]; [`Code::Offline`] when it is cut, or when all room is taken for too long.
pub async fn read(app: &Shared, headers: &HeaderMap, body: Body, most: usize) -> Result<Held> {
    let too_large = || Error::new(Code::TooLarge, format!("a body of more than {most} bytes"));
    let said: Option<usize> = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    if said.is_some_and(|said| said > most) {
        return Err(too_large());
    }
    let silence = Duration::from_millis(app.config.limits.silence_ms);
    let cut = |why: &str| Error::new(Code::Offline, format!("the body was cut: {why}"));
    let mut room: Option<OwnedSemaphorePermit> = None;
    let mut bytes = BytesMut::new();
    let mut pieces = body.into_data_stream();
    loop {
        let piece = tokio::time::timeout(silence, pieces.next())
            .await
            .map_err(|late| cut(&late.to_string()))?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|error| cut(&error.to_string()))?;
        let length = bytes.len().saturating_add(piece.len());
        if length > most {
            return Err(too_large());
        }
        let held = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = length.div_ceil(UNIT).saturating_sub(held);
        if more > 0 {
            let more = take_room(app, more).await?;
            match &mut room {
                Some(room) => room.merge(more),
                None => room = Some(more),
            }
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Held {
        bytes: bytes.freeze(),
        _room: room,
    })
}

async fn take_room(app: &Shared, units: usize) -> Result<OwnedSemaphorePermit> {
    let units = u32::try_from(units).unwrap_or(u32::MAX);
    let within = Duration::from_millis(app.config.limits.room_ms);
    let busy = |why: &dyn std::error::Error| {
        Error::new(Code::Offline, format!("too many bodies at once: {why}")).after(RETRY_MS)
    };
    let room = std::sync::Arc::clone(&app.room).acquire_many_owned(units);
    tokio::time::timeout(within, room)
        .await
        .map_err(|late| busy(&late))?
        .map_err(|closed| busy(&closed))
}

/// A body of JSON.
#[derive(Debug)]
pub struct Input<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Input<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Shared) -> Answer<Self> {
        let (parts, body) = request.into_parts();
        let held = read(app, &parts.headers, body, app.config.limits.body_bytes).await?;
        Ok(Self(
            serde_json::from_slice(&held.bytes).map_err(Error::from)?,
        ))
    }
}

/// What stands in the path where the route has a name.
#[derive(Debug)]
pub struct Named(pub String);

impl FromRequestParts<Shared> for Named {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Answer<Self> {
        match Path::<String>::from_request_parts(parts, app).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(error) => Err(Failure(Error::not_found(error.to_string()))),
        }
    }
}
