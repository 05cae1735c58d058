//! `GET /v1/events` and `GET /app/events`: "there is news", and nothing else.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use vigie_core::error::Result;
use vigie_core::id::Id;
use vigie_core::moment::Moment;
use vigie_core::person::Scope;

use crate::app::{App, Shared};
use crate::http::{Answer, AppDevice};
use crate::news::Tidings;
use crate::session::Session;
use crate::web::{Browser, Topics};

/// Everything that comes within this time after something was told is told once.
const TOGETHER: Duration = Duration::from_millis(200);
/// So that nobody in between takes the stream for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

type Stream = Sse<axum::response::sse::KeepAliveStream<ReceiverStream<Result<Event, Infallible>>>>;

/// Tells a device of the app that it should sync.
///
/// # Errors
/// What the token says.
pub async fn device(State(app): State<Shared>, device: AppDevice) -> Answer<impl IntoResponse> {
    let open = app.limits.stream(device.row.id)?;
    let (sender, receiver) = mpsc::channel(4);
    let mut tidings = app.news.listen();
    tokio::spawn(async move {
        let _open = open;
        let mut gathering = Gathering::default();
        let (id, person) = (device.row.id, device.row.person);
        // At once: something may have come between its last sync and now.
        let mut wanted = true;
        loop {
            if wanted
                && sender
                    .send(Ok(Event::default().event("news").data("{}")))
                    .await
                    .is_err()
            {
                return;
            }
            let gathered = tokio::select! {
                gathered = gathering.next(&mut tidings, id) => gathered,
                () = sender.closed() => return,
                () = app.stopped() => return,
            };
            wanted = match gathered {
                Gathered::Ended => return,
                Gathered::Everything => true,
                Gathered::Scopes(scopes) => match touches(&app, person, scopes).await {
                    Some(wanted) => wanted,
                    None => return,
                },
            };
        }
    });
    Ok(stream(receiver))
}

/// Tells a browser which topics changed.
///
/// # Errors
/// What the session says.
pub async fn browser(State(app): State<Shared>, session: Session) -> Answer<impl IntoResponse> {
    let open = app.limits.stream(session.row.id)?;
    let (sender, receiver) = mpsc::channel(4);
    let browser = app.web.browser(&session.row, app.now());
    let mut topics = browser.listen();
    let mut tidings = app.news.listen();
    tokio::spawn(async move {
        let _open = open;
        loop {
            let changed = tokio::select! {
                changed = topics.recv() => changed,
                () = ended(&mut tidings, browser.id()) => return,
                () = sender.closed() => return,
                () = app.stopped() => return,
            };
            let changed = match changed {
                Ok(changed) => changed,
                // Too much at once: everything may have changed.
                Err(RecvError::Lagged(_)) => all_topics(),
                Err(RecvError::Closed) => return,
            };
            let data = serde_json::to_string(&changed).unwrap_or_else(|_never| "[]".to_owned());
            if sender
                .send(Ok(Event::default().event("changed").data(data)))
                .await
                .is_err()
            {
                return;
            }
        }
    });
    Ok(stream(receiver))
}

/// Keeps the browsers that listen up to date, for as long as the server runs.
pub async fn keep_browsers_fresh(app: Shared) {
    let mut tidings = app.news.listen();
    let nobody = Id::from_bytes([0; 16]);
    let mut gathering = Gathering::default();
    loop {
        let gathered = tokio::select! {
            gathered = gathering.next(&mut tidings, nobody) => gathered,
            () = app.stopped() => return,
        };
        for browser in app.web.listening() {
            let wanted = match &gathered {
                Gathered::Ended => return,
                Gathered::Everything => Some(true),
                Gathered::Scopes(scopes) => touches(&app, browser.person(), scopes.clone()).await,
            };
            if wanted.is_none() {
                app.news.end(browser.id());
            } else if wanted == Some(true) {
                refresh(&app, browser).await;
            }
        }
    }
}

async fn refresh(app: &Shared, browser: Arc<Browser>) {
    let done = app
        .work(move |app| browser.sync(app, Moment::utc(app.now())))
        .await;
    if let Err(error) = done {
        tracing::warn!(
            code = error.code().as_str(),
            "a browser's device could not sync"
        );
    }
}

fn stream(receiver: mpsc::Receiver<Result<Event, Infallible>>) -> Stream {
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// What came.
enum Gathered {
    Scopes(BTreeSet<Scope>),
    Everything,
    Ended,
}

/// Tells at once, and what follows closely together.
#[derive(Default)]
struct Gathering {
    /// Until then, what comes is gathered.
    until: Option<Instant>,
    scopes: BTreeSet<Scope>,
}

impl Gathering {
    /// Waits for something that concerns others than `own`.
    async fn next(&mut self, tidings: &mut broadcast::Receiver<Tidings>, own: Id) -> Gathered {
        loop {
            if let Some(until) = self.until.filter(|_| !self.scopes.is_empty())
                && Instant::now() >= until
            {
                return self.tell();
            }
            // Nothing to tell yet: however long it takes.
            let next = match self.until.filter(|_| !self.scopes.is_empty()) {
                None => tidings.recv().await,
                Some(until) => match tokio::time::timeout_at(until, tidings.recv()).await {
                    Ok(next) => next,
                    Err(_in_time) => return self.tell(),
                },
            };
            match next {
                Ok(Tidings::Scopes { from, scopes: more }) if from != own => {
                    self.scopes.extend(more.iter().cloned());
                    if self.until.is_none_or(|until| Instant::now() >= until) {
                        return self.tell();
                    }
                }
                Ok(Tidings::Scopes { .. }) => {}
                Ok(Tidings::Ended(device)) if device == own => return Gathered::Ended,
                Ok(Tidings::Ended(_)) => {}
                Err(RecvError::Lagged(_)) => {
                    self.tell();
                    return Gathered::Everything;
                }
                Err(RecvError::Closed) => return Gathered::Ended,
            }
        }
    }

    fn tell(&mut self) -> Gathered {
        self.until = Instant::now().checked_add(TOGETHER);
        Gathered::Scopes(std::mem::take(&mut self.scopes))
    }
}

/// Waits until this browser's session ends.
async fn ended(tidings: &mut broadcast::Receiver<Tidings>, own: Id) {
    loop {
        match tidings.recv().await {
            Ok(Tidings::Ended(device)) if device == own => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Whether what is new in these scopes is for the person; `None` when nobody active has this id.
async fn touches(app: &Shared, person: Id, scopes: BTreeSet<Scope>) -> Option<bool> {
    let now_ms = app.now();
    let year = Moment::utc(now_ms).year();
    if let Some(known) = app.news.concerns(person, year, &scopes) {
        return Some(known);
    }
    let sequence = app.news.sequence();
    let asked = app
        .ask(move |app: &App| {
            if app.store.seat(person)?.is_none() {
                return Ok(None);
            }
            app.grant(person, now_ms, sequence).map(Some)
        })
        .await;
    // When in doubt, an exchange too many.
    let Ok(granted) = asked else {
        return Some(true);
    };
    granted.map(|granted| !granted.is_disjoint(&scopes))
}

/// Every topic there is.
fn all_topics() -> Topics {
    vigie_core::features::FEATURES
        .iter()
        .flat_map(|feature| feature.kinds)
        .map(|kind| kind.topic)
        .chain(["account", "sync"])
        .collect()
}
