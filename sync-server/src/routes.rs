//! Every door, in one list: what is served is made of it, and documents and tests are held against it.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, head, options, patch, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::Shared;
use crate::http::{around, in_time, no_such_method, panicked};
use crate::linger::linger;
use crate::{assets, door, download, enrol, events, health, openapi, sync, upload};

/// Whom a door is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum For {
    /// Anyone; what is behind it may ask for more.
    Anyone,
    /// A device of the app, by its token.
    Device,
    /// A browser that is signed in, by its cookie.
    Browser,
    /// Whoever runs the server, from the machine itself.
    Operator,
}

/// One door: a method and a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// For example `POST`. A `GET` answers `HEAD` as well.
    pub method: &'static str,
    /// With names in braces, for example `/v1/blobs/{hash}`.
    pub path: &'static str,
    /// Whom it is for.
    pub whom: For,
    /// Whether it lasts: a stream, or a body that may take its time.
    pub lasts: bool,
}

/// Every door.
#[must_use]
pub fn routes() -> Vec<Route> {
    doors().into_iter().map(|(route, _)| route).collect()
}

/// Every door and who answers there.
fn doors() -> Vec<(Route, MethodRouter<Shared>)> {
    use For::{Anyone, Browser, Device, Operator};
    let answer = |method, path, whom, handler| (route(method, path, whom, false), handler);
    let lasting = |method, path, whom, handler| (route(method, path, whom, true), handler);
    let uploads = "/v1/blobs/uploads/{id}";
    vec![
        answer("GET", "/healthz", Anyone, get(health::healthz)),
        answer("GET", "/metrics", Operator, get(health::metrics)),
        answer("GET", "/openapi.json", Anyone, get(openapi::document)),
        answer("POST", "/v1/enrol", Anyone, post(enrol::enrol)),
        answer("POST", "/v1/token", Device, post(enrol::rotate)),
        answer("POST", "/v1/account/{verb}", Device, post(enrol::account)),
        answer("POST", "/v1/sync", Device, post(sync::exchange)),
        lasting("GET", "/v1/events", Device, get(events::device)),
        answer("OPTIONS", "/v1/blobs", Anyone, options(upload::options)),
        answer("POST", "/v1/blobs", Device, post(upload::create)),
        answer("GET", "/v1/blobs/{hash}", Device, get(download::download)),
        answer("HEAD", uploads, Device, head(upload::offset)),
        lasting("PATCH", uploads, Device, patch(upload::append)),
        answer("DELETE", uploads, Device, delete(upload::terminate)),
        answer("POST", "/app/call", Anyone, post(door::call)),
        lasting("GET", "/app/events", Browser, get(events::browser)),
    ]
}

const fn route(method: &'static str, path: &'static str, whom: For, lasts: bool) -> Route {
    Route {
        method,
        path,
        whom,
        lasts,
    }
}

/// The doors, with the layers around them.
pub fn router(app: Shared) -> Router {
    let in_time = from_fn_with_state(Arc::clone(&app), in_time);
    let screens = get(assets::serve).layer(in_time.clone());
    let mut router = Router::new();
    for (route, handler) in doors() {
        let handler = if route.lasts {
            handler
        } else {
            handler.layer(in_time.clone())
        };
        router = router.route(route.path, handler);
    }
    router
        .fallback_service(screens.with_state(Arc::clone(&app)))
        .method_not_allowed_fallback(no_such_method)
        // Whoever reads a body says how much of it.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(&app), linger))
        .layer(from_fn_with_state(Arc::clone(&app), around))
        .with_state(app)
}
