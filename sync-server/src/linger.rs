//! A refusal is heard: what the other end still sends is read before the connection may close. Closed
//! under a sender, a connection loses the answer, and a refused photo would look like a lost network.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{Stream, StreamExt as _};

use crate::app;

/// A body of which the handler holds one end, and this module the other.
#[derive(Clone)]
struct Shared(Arc<Mutex<BodyDataStream>>);

impl Stream for Shared {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stream.poll_next_unpin(context)
    }
}

/// Reads the rest of a refused request, up to a bound, before its answer goes out.
pub async fn linger(State(app): State<app::Shared>, request: Request, next: Next) -> Response {
    let most = app.config.limits.refused_body_bytes;
    let within = Duration::from_millis(app.config.limits.refused_body_ms);
    let (parts, body) = request.into_parts();
    let shared = Shared(Arc::new(Mutex::new(body.into_data_stream())));
    let body = Body::from_stream(shared.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    if !response.status().is_success() {
        // Too long or too slow: then the answer may be lost, as it was sent for nothing.
        drop(tokio::time::timeout(within, rest(shared, most)).await);
    }
    response
}

async fn rest(mut body: Shared, most: usize) {
    let mut read = 0_usize;
    while let Some(Ok(piece)) = body.next().await {
        read = read.saturating_add(piece.len());
        if read > most {
            break;
        }
    }
}
