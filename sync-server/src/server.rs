//! The loop that accepts connections until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use vigie_core::error::Result;

use crate::app::{App, Shared};
use crate::events;
use crate::http::Peer;
use crate::limit::Limits;
use crate::routes::router;

/// Whether another process wrote to the store is looked at this often.
const OTHERS_EVERY: Duration = Duration::from_secs(2);
/// Expired sessions, abandoned uploads and what happens by itself are looked after this often.
const CHORES_EVERY: Duration = Duration::from_secs(300);

/// Serves until [`stop`] is called, then lets what is under way end.
///
/// # Errors
/// When the listener fails.
pub async fn serve(app: Shared, listener: TcpListener) -> Result<()> {
    let router = router(Arc::clone(&app));
    let browsers = tokio::spawn(events::keep_browsers_fresh(Arc::clone(&app)));
    let chores = tokio::spawn(chores(Arc::clone(&app)));
    let others = tokio::spawn(watch_others(Arc::clone(&app)));
    let limits = app.config.limits;
    let builder = builder(&limits);
    let graceful = GracefulShutdown::new();
    let turns = Arc::new(Semaphore::new(limits.connections));
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
    if tokio::time::timeout(Duration::from_millis(limits.drain_ms), graceful.shutdown())
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

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(limits.headers_ms))
        .max_buf_size(limits.header_bytes)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.connection_streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX));
    builder
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
        request.extensions_mut().insert(Peer {
            address: peer.ip(),
            tls: false,
        });
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
                    .live_uploads(now.saturating_sub(app.config.limits.upload_idle_ms))?;
                app.blobs.sweep_parts(&uploads)?;
                warn_of_room(app)?;
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

/// Warns while there is still time.
fn warn_of_room(app: &App) -> Result<()> {
    let ((documents, blob_bytes), limits) = (app.store.room()?, &app.config.limits);
    if documents >= limits.org_documents_soft {
        let most = limits.org_documents;
        tracing::warn!(
            documents,
            most,
            "documents near their limit: raise --documents"
        );
    }
    if blob_bytes >= limits.org_blob_bytes.saturating_div(10).saturating_mul(8) {
        let most = limits.org_blob_bytes;
        tracing::warn!(
            blob_bytes,
            most,
            "photos and packs near their limit: raise --blobs-gib"
        );
    }
    Ok(())
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
