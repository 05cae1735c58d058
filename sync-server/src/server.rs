//! The routes, and the loop that accepts connections until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, options, patch, post};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use vigie_core::error::Result;

use crate::app::Shared;
use crate::http::{Peer, around, in_time, panicked};
use crate::linger::linger;
use crate::{assets, door, download, enrol, events, health, sync, upload};

/// Connections at once; more wait to be accepted.
const CONNECTIONS_MAX: usize = 4096;
/// Headers must be here within this.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Largest headers: bytes.
const HEADERS_BYTES_MAX: usize = 32 * 1024;
/// Largest body of routes that do not say otherwise: bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// What is under way when the server stops has this long to end.
const DRAIN: Duration = Duration::from_secs(15);
/// Whether another process wrote to the store is looked at this often.
const OTHERS_EVERY: Duration = Duration::from_secs(2);
/// Expired sessions, abandoned uploads and what happens by itself are looked after this often.
const CHORES_EVERY: Duration = Duration::from_secs(300);

/// Every route.
pub fn router(app: Shared) -> Router {
    // Streams last as long as they last; bodies of uploads and exchanges have their own limits.
    let streams = Router::new()
        .route("/v1/events", get(events::device))
        .route("/app/events", get(events::browser))
        .route("/v1/blobs/uploads/{id}", patch(upload::append))
        .layer(DefaultBodyLimit::disable());
    let doors = Router::new()
        .route("/v1/sync", post(sync::exchange))
        .route("/v1/enrol", post(enrol::enrol))
        .route("/v1/token", post(enrol::rotate))
        .route("/v1/account/{verb}", post(enrol::account))
        .route("/v1/blobs", options(upload::options).post(upload::create))
        .route(
            "/v1/blobs/uploads/{id}",
            options(upload::options)
                .head(upload::offset)
                .delete(upload::terminate),
        )
        .route("/v1/blobs/{hash}", get(download::download))
        .route("/app/call", post(door::call))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(in_time));
    doors
        .merge(streams)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(linger))
        .layer(from_fn_with_state(Arc::clone(&app), around))
        .with_state(app)
}

/// Serves until [`stop`] is called, then lets what is under way end.
///
/// # Errors
/// When the listener fails.
pub async fn serve(app: Shared, listener: TcpListener) -> Result<()> {
    let router = router(Arc::clone(&app));
    let browsers = tokio::spawn(events::keep_browsers_fresh(Arc::clone(&app)));
    let chores = tokio::spawn(chores(Arc::clone(&app)));
    let others = tokio::spawn(watch_others(Arc::clone(&app)));
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADERS_BYTES_MAX)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(64)
        .max_header_list_size(u32::try_from(HEADERS_BYTES_MAX).unwrap_or(u32::MAX));
    let graceful = GracefulShutdown::new();
    let turns = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else {
            break;
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, or a connection that ended before it began.
                    tracing::warn!(%error, "not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = app.stopped() => break,
        };
        let connection = connection(&builder, router.clone(), stream, peer);
        let watched = graceful.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "connection ended");
            }
            drop(turn);
        });
    }
    drop(listener);
    tracing::info!("stopping");
    if tokio::time::timeout(DRAIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
    browsers.abort();
    chores.abort();
    others.abort();
    Ok(())
}

/// Tells the server to stop.
pub fn stop(app: &Shared) {
    app.stopping.send_replace(true);
}

fn connection<'a>(
    builder: &'a Builder<TokioExecutor>,
    router: Router,
    stream: TcpStream,
    peer: SocketAddr,
) -> hyper_util::server::conn::auto::Connection<
    'a,
    TokioIo<TcpStream>,
    impl hyper::service::Service<
        Request<hyper::body::Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send,
    > + use<>,
    TokioExecutor,
> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no nodelay");
    }
    let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        router.clone().oneshot(request)
    });
    builder.serve_connection(TokioIo::new(stream), service)
}

/// What must be looked after now and then.
async fn chores(app: Shared) {
    loop {
        let done = app
            .work(|app| {
                let now = app.now();
                let live = app.store.live_browsers(now)?;
                app.web.sweep(&live)?;
                let uploads = app
                    .store
                    .live_uploads(now.saturating_sub(upload::ABANDONED_MS))?;
                app.blobs.sweep_parts(&uploads)?;
                app.system.tick(app)
            })
            .await;
        if let Err(error) = done {
            tracing::error!(
                code = error.code().as_str(),
                message = error.message(),
                "chores failed"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(CHORES_EVERY) => {}
            () = app.stopped() => return,
        }
    }
}

/// Tells what another process wrote: the command line beside a running server.
async fn watch_others(app: Shared) {
    let nobody = vigie_core::Id::from_bytes([0; 16]);
    let mut seen = None;
    loop {
        let told = app
            .ask(move |app| {
                let version = app.store.written_elsewhere()?;
                if seen.is_some_and(|seen| seen != version) {
                    app.news.tell(nobody, app.store.scopes()?);
                }
                Ok(version)
            })
            .await;
        if let Ok(version) = told {
            seen = Some(version);
        }
        tokio::select! {
            () = tokio::time::sleep(OTHERS_EVERY) => {}
            () = app.stopped() => return,
        }
    }
}
