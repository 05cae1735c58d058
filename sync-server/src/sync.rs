//! `POST /v1/sync`: one exchange, its answer streamed as it is made.

use std::io::{self, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use vigie_core::error::{Code, Error};
use vigie_core::sync::message::REQUEST_BYTES_MAX;
use vigie_core::sync::push::Pusher;

use crate::app::Shared;
use crate::body::{self, RETRY_MS, UNIT};
use crate::http::{Answer, AnyDevice, Failure};
use crate::limit::Held;

/// The type of requests and answers.
pub const MEDIA_TYPE: &str = "application/vnd.vigie.sync";
/// A piece of the answer is sent when it is this long: bytes.
const PIECE_BYTES: usize = 32 * 1024;

/// One exchange.
///
/// # Errors
/// `too-large`, `protocol`, `too-many-tries`, `storage-full`, `device-quarantined`, or what the token
/// says.
pub async fn exchange(
    State(app): State<Shared>,
    AnyDevice(device): AnyDevice,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    // A connection that was cut leaves its exchange running: the one after it may come.
    let turn = app.limits.exchange(device.row.id)?;
    let request = body::read(&app, &headers, body, REQUEST_BYTES_MAX).await?;
    if let Some(answer) = app.nothing_new(device.row.id, device.row.person, &request.bytes) {
        return Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], answer).into_response());
    }
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let working = Arc::clone(&app);
    tokio::spawn(async move {
        let failed = sender.clone();
        let done = working
            .work(move |app| {
                let persons = [device.row.person];
                let pusher = Pusher {
                    device: device.row.id,
                    persons: &persons,
                    system: false,
                    now_ms: app.now(),
                };
                let pieces = Pieces::new(sender, turn, Arc::clone(&app.room));
                let summary = app.hear(&pusher, &request.bytes, pieces)?;
                tracing::info!(
                    device = %pusher.device,
                    received = summary.received,
                    refused = summary.refused,
                    documents = summary.documents,
                    "exchanged"
                );
                Ok(())
            })
            .await;
        if let Err(error) = done {
            // The other end may be gone: then there is nobody to tell.
            drop(failed.send(Err(error)));
        }
    });
    // Until the first piece, an error still has a status of its own.
    let first = match receiver.recv().await {
        Some(Ok((first, _room))) => first,
        Some(Err(error)) => return Err(Failure(error)),
        None => return Err(Failure(Error::unexpected("an exchange without an answer"))),
    };
    let rest = futures_util::stream::unfold(receiver, async |mut receiver| {
        let piece = receiver.recv().await?;
        let piece = piece.map(|(piece, _room)| piece);
        Some((
            piece.map_err(|error| io::Error::other(error.to_string())),
            receiver,
        ))
    });
    let all = futures_util::stream::once(async { Ok::<Bytes, io::Error>(first) }).chain(rest);
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], Body::from_stream(all)).into_response())
}

/// A piece of an answer, and its room in memory until it is sent.
type Piece = (Bytes, OwnedSemaphorePermit);
type Sender = mpsc::UnboundedSender<Result<Piece, Error>>;

/// Collects the answer into pieces. A device that went away changes nothing: it asks again. What slow
/// devices have not read yet shares the room of all bodies: without any, the answer is cut.
struct Pieces {
    sender: Sender,
    room: Arc<Semaphore>,
    piece: Vec<u8>,
    /// Given back before the answer ends: the device may ask again at once.
    turn: Option<Held>,
}

impl Pieces {
    fn new(sender: Sender, turn: Held, room: Arc<Semaphore>) -> Self {
        Self {
            sender,
            room,
            piece: Vec::with_capacity(PIECE_BYTES),
            turn: Some(turn),
        }
    }

    fn send(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let units = u32::try_from(self.piece.len().div_ceil(UNIT)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(units);
        let room = room.map_err(|_full| {
            let busy = Error::new(Code::Offline, "too many answers are not read yet");
            io::Error::other(busy.after(RETRY_MS))
        })?;
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        drop(self.sender.send(Ok((Bytes::from(piece), room))));
        Ok(())
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        drop(self.turn.take());
        if let Err(error) = self.send() {
            drop(self.sender.send(Err(error.into())));
        }
    }
}
