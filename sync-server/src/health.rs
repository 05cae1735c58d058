//! `/healthz` and `/metrics`, for whoever runs the server.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use vigie_core::error::{Code, Error};

use crate::app::Shared;
use crate::http::{Answer, Asker, FORWARDED_FOR};

/// Whether the store takes writes.
///
/// # Errors
/// [`Code::Storage`] or [`Code::DiskFull`] when it does not.
pub async fn healthz(State(app): State<Shared>) -> Answer<&'static str> {
    app.ask(|app| app.store.probe(app.now())).await?;
    Ok("ok\n")
}

/// Counts in the Prometheus text format, for this machine alone.
///
/// # Errors
/// [`Code::NotFound`] to anyone else.
pub async fn metrics(
    State(app): State<Shared>,
    Asker(asker): Asker,
    headers: HeaderMap,
) -> Answer<Response> {
    // A proxy on this machine that nobody told us of forwards others' requests.
    let forwarded = headers.contains_key(FORWARDED_FOR) && app.config.proxies.is_empty();
    if !is_loopback(asker) || forwarded {
        return Err(Error::new(Code::NotFound, "no such door").into());
    }
    let (counts, (_, blob_bytes)) = app
        .ask(|app| Ok((app.store.counts()?, app.store.room()?)))
        .await?;
    let mut text = String::new();
    for (name, counter) in [
        ("requests", &app.metrics.requests),
        ("faults", &app.metrics.faults),
        ("exchanges", &app.metrics.exchanges),
        ("pushes_received", &app.metrics.received),
        ("pushes_refused", &app.metrics.refused),
        ("documents_sent", &app.metrics.documents),
    ] {
        let count = counter.load(Ordering::Relaxed);
        text.push_str(&format!(
            "# TYPE vigie_{name}_total counter\nvigie_{name}_total {count}\n"
        ));
    }
    for (name, count) in counts {
        text.push_str(&format!(
            "# TYPE vigie_{name}s gauge\nvigie_{name}s {count}\n"
        ));
    }
    let limits = &app.config.limits;
    for (name, count) in [
        ("documents_max", limits.org_documents),
        ("blob_bytes", blob_bytes),
        ("blob_bytes_max", limits.org_blob_bytes),
    ] {
        text.push_str(&format!(
            "# TYPE vigie_{name} gauge\nvigie_{name} {count}\n"
        ));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

const fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
