//! The loop that accepts connections until it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use vigie_core::error::Result;

use crate::app::{App, Shared};
use crate::http::Peer;
use crate::limit::Limits;
use crate::routes::router;
use crate::tls::Tls;
use crate::{erase, events, files};

/// Whether another process wrote to the store is looked at this often.
const OTHERS_EVERY: Duration = Duration::from_secs(2);
/// Whether the certificate was renewed is looked at this often.
const CERTIFICATE_EVERY: Duration = Duration::from_secs(30);
/// What a browser is told that says `http` to the port of TLS. No token is asked for, nor a redirection
/// given, that would make one go over the network in the clear again.
const NOT_TLS: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 74\r\n\r\n\
    {\"error\": {\"code\": \"protocol\", \"message\": \"this port speaks TLS: https\"}}\n";
/// What another process noted a moment before counts as new: milliseconds.
const OTHERS_SLACK_MS: i64 = 60_000;
/// Expired sessions, abandoned uploads and what happens by itself are looked after this often.
const CHORES_EVERY: Duration = Duration::from_secs(300);

/// Serves until [`stop`] is called, then lets what is under way end.
///
/// # Errors
/// When the certificate cannot be used.
pub async fn serve(app: Shared, listener: TcpListener) -> Result<()> {
    let tls = app
        .config
        .tls
        .clone()
        .map(Tls::open)
        .transpose()?
        .map(Arc::new);
    let router = router(Arc::clone(&app));
    let browsers = tokio::spawn(events::keep_browsers_fresh(Arc::clone(&app)));
    let chores = tokio::spawn(chores(Arc::clone(&app)));
    let others = tokio::spawn(watch_others(Arc::clone(&app)));
    let certificate = tls
        .clone()
        .map(|tls| tokio::spawn(watch_certificate(Arc::clone(&app), tls)));
    let limits = app.config.limits;
    let builder = builder(&limits);
    let graceful = GracefulShutdown::new();
    let turns = Arc::new(Semaphore::new(connections(limits.connections)));
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
        // Who comes through a proxy is counted by its requests.
        let held = app.limits.connection(peer.ip());
        if held.is_none() && !app.config.is_proxy(peer.ip()) {
            tracing::debug!(%peer, "too many connections");
            continue;
        }
        let connection = Connection {
            builder: builder.clone(),
            router: router.clone(),
            peer,
            watcher: graceful.watcher(),
            handshake: Duration::from_millis(limits.handshake_ms),
        };
        let tls = tls.clone();
        tokio::spawn(async move {
            connection.run(stream, tls.as_deref()).await;
            drop((turn, held));
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
    if let Some(certificate) = certificate {
        certificate.abort();
    }
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

/// One connection.
struct Connection {
    builder: Builder<TokioExecutor>,
    router: Router,
    peer: SocketAddr,
    watcher: Watcher,
    handshake: Duration,
}

impl Connection {
    async fn run(self, mut stream: TcpStream, tls: Option<&Tls>) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no nodelay");
        }
        let Some(tls) = tls else {
            return self.serve(stream, false).await;
        };
        let shaken = tokio::time::timeout(self.handshake, async {
            let mut first = [0];
            stream.peek(&mut first).await?;
            if first.first().is_some_and(u8::is_ascii_alphabetic) {
                stream.write_all(NOT_TLS).await?;
                stream.shutdown().await?;
                return Ok(None);
            }
            tls.acceptor().accept(stream).await.map(Some)
        });
        match shaken.await {
            Ok(Ok(Some(stream))) => self.serve(stream, true).await,
            Ok(Ok(None)) => tracing::debug!("plain HTTP on the port of TLS"),
            Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
            Err(_late) => tracing::debug!("a handshake without end"),
        }
    }

    async fn serve<S>(self, stream: S, tls: bool)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (router, address) = (self.router, self.peer.ip());
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(Peer { address, tls });
            router.clone().oneshot(request)
        });
        let connection = self
            .builder
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(%error, "connection ended");
        }
    }
}

/// Looks whether the certificate was renewed: now and then, and when told to by `SIGHUP`.
async fn watch_certificate(app: Shared, tls: Arc<Tls>) {
    #[cfg(unix)]
    let mut told = match signal(SignalKind::hangup()) {
        Ok(told) => told,
        Err(error) => return tracing::error!(%error, "renewals are not noticed"),
    };
    loop {
        #[cfg(unix)]
        let told = told.recv();
        #[cfg(not(unix))]
        let told = std::future::pending::<Option<()>>();
        tokio::select! {
            () = tokio::time::sleep(CERTIFICATE_EVERY) => {}
            _ = told => {}
            () = app.stopped() => return,
        }
        tls.refresh();
    }
}

/// How many connections there may be at once: each is an open file.
fn connections(wanted: usize) -> usize {
    let most = files::raise().map_or(wanted, |most| most.min(wanted));
    if most < wanted {
        tracing::warn!(most, "fewer connections: the limit of open files is low");
    }
    most
}

/// What must be looked after now and then.
async fn chores(app: Shared) {
    loop {
        let done = app
            .work(|app| {
                let now = app.now();
                let live = app.store.live_browsers(now)?;
                app.web.sweep(&live, now)?;
                let uploads = app
                    .store
                    .live_uploads(now.saturating_sub(app.config.limits.upload_idle_ms))?;
                app.blobs.sweep_parts(&uploads)?;
                warn_of_room(app)?;
                erase::chores(app)?;
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
    let mut seen: Option<(i64, i64)> = None;
    loop {
        let told = app
            .ask(move |app| {
                let now = app.now();
                // Those of the moment before too: the other process has its own clock.
                let since = seen
                    .map_or(now, |(_, at)| at)
                    .saturating_sub(OTHERS_SLACK_MS);
                let version = app.store.written_elsewhere()?;
                if seen.is_some_and(|(seen, _)| seen != version) {
                    for device in app.store.revoked_since(since)? {
                        app.news.end(device);
                        app.web.forget(device)?;
                    }
                    app.news.tell(nobody, app.store.scopes()?);
                    erase::settle(app)?;
                }
                Ok((version, now))
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
