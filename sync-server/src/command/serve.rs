//! `serve`: the runtime, the log, the signals.

use std::io::IsTerminal as _;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::app::Shared;
use crate::server;

/// Starts the log: lines for people on a terminal, JSON otherwise. `VIGIE_LOG` says how much.
pub(super) fn start_log() -> Result<()> {
    let filter = EnvFilter::try_from_env("VIGIE_LOG")
        .unwrap_or_else(|_unset| EnvFilter::new("info,automerge=warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        log.compact().try_init()
    } else {
        log.json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init()
    };
    started.map_err(|error| anyhow::anyhow!("the log could not start: {error}"))
}

/// Serves until a signal comes.
pub(super) fn serve(app: Shared) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(64)
        .build()
        .context("the runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(app.config.listen)
            .await
            .with_context(|| format!("cannot listen on {}", app.config.listen))?;
        tracing::info!(
            listen = %app.config.listen,
            public_url = app.config.public_url,
            screens = app.assets.is_some(),
            "serving"
        );
        if app.config.is_exposed() {
            tracing::warn!(
                "plain HTTP: give --tls-cert and --tls-key, or put a proxy with TLS in front and say \
                 --public-url and --trust-proxy"
            );
        }
        if app.config.is_https() && app.config.tls.is_none() && app.config.proxies.is_empty() {
            tracing::warn!(
                "somebody else speaks TLS: name the proxy with --trust-proxy, or everybody counts as \
                 one address"
            );
        }
        let stopping = Arc::clone(&app);
        tokio::spawn(async move {
            signalled().await;
            server::stop(&stopping);
        });
        server::serve(app, listener).await.context("serving")
    })
}

/// Completes when the process is asked to end.
async fn signalled() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "no signal to stop by but an interrupt");
                drop(interrupted.await);
            }
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}
