//! The loop around core's sync machine: events in, effects out. Here bytes move and time passes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use vigie_core::error::{Code, Error, Result};
use vigie_core::sync::hands::{self, Hands, Work};
use vigie_core::sync::machine::{Ask, Effect, Event};
use vigie_core::sync::pull::Incoming;

use crate::account;
use crate::blobs;
use crate::clock;
use crate::entropy::jitter;
use crate::erase;
use crate::server::{Address, SILENCE_MAX, is_type, not_vigie, piece, post_json, send};
use crate::shell::{Changed, Session, Shell, Word, locked};

/// The type of requests and answers.
const MEDIA_TYPE: &str = "application/vnd.vigie.sync";
/// A token is used for this long: milliseconds.
const TOKEN_MS: i64 = 86_400_000;
/// How long "sync now" waits for the end.
const NOW_WITHIN: Duration = Duration::from_secs(15);

/// Bytes of an answer that are taken in together at most: the screens wait meanwhile.
const TOGETHER_MAX: usize = 256 * 1024;

type Doing = Pin<Box<dyn Future<Output = Event> + Send>>;

/// Runs for as long as the application does.
pub async fn run(shell: Arc<Shell>) {
    let Some(words) = shell.words() else { return };
    shell.event(Event::Start);
    let mut sync = Loop {
        shell,
        words,
        work: None,
        blobs: false,
        wake: None,
        shown: None,
        day: 0,
    };
    while sync.turn().await {}
}

/// Asks to sync now, and waits for the end of it, though not for long.
///
/// # Errors
/// [`Code::SignedOut`], or why it failed.
pub async fn now(shell: &Arc<Shell>) -> Result<()> {
    drop(shell.live_session()?);
    locked(&shell.given_up).clear();
    let mut rests = shell.rests.subscribe();
    shell.event(Event::Start);
    let rested = async {
        loop {
            if rests.changed().await.is_err() || !locked(&shell.machine).is_busy() {
                return;
            }
        }
    };
    // Photos may take longer than a person waits.
    drop(timeout(NOW_WITHIN, rested).await);
    match locked(&shell.machine).failure() {
        Some(code) => Err(Error::new(code, "the exchange failed")),
        None => Ok(()),
    }
}

/// What the screens show of the machine.
type Shown = (bool, Option<Code>);

struct Loop {
    shell: Arc<Shell>,
    words: mpsc::UnboundedReceiver<Word>,
    work: Option<Doing>,
    /// The work is to move blobs.
    blobs: bool,
    wake: Option<Instant>,
    shown: Option<Shown>,
    /// The day of the last tick.
    day: i64,
}

impl Loop {
    /// Waits for one thing to happen and acts on it; false when the application ends.
    async fn turn(&mut self) -> bool {
        let word = tokio::select! {
            word = self.words.recv() => match word {
                Some(word) => word,
                None => return false,
            },
            event = end_of(&mut self.work) => {
                self.work = None;
                Word::Event(event)
            }
            () = end_of_pause(self.wake) => {
                self.wake = None;
                Word::Event(Event::Woken)
            }
        };
        // Nobody is signed in, or not any more: nothing to send, nobody to ask.
        if self.shell.live_session().is_err() && self.work.is_none() && !is_end(word) {
            return true;
        }
        self.new_day().await;
        match word {
            Word::Event(event) => self.happened(event),
            Word::Reachable => {
                self.shell.http.forget_connections();
                if self.work.take().is_some() {
                    self.feed(Event::Failed(Code::Offline));
                }
                self.feed(Event::NetworkBack);
            }
        }
        self.show();
        true
    }

    fn happened(&mut self, event: Event) {
        let moving = self.blobs && self.work.is_some();
        self.feed(event);
        if moving && event == Event::Written {
            // What was sealed goes now; the photo continues where it was.
            self.work = None;
            self.feed(Event::BlobsMoved);
        } else if moving {
            self.shell.make_way.store(true, Ordering::SeqCst);
        }
    }

    fn feed(&mut self, event: Event) {
        let now = self.shell.now();
        let effects = locked(&self.shell.machine).handle(now, jitter(), event);
        for effect in effects {
            match effect {
                Effect::Exchange(ask) => {
                    self.wake = None;
                    self.blobs = false;
                    self.work = Some(Box::pin(exchange(Arc::clone(&self.shell), ask)));
                }
                Effect::MoveBlobs => {
                    self.blobs = true;
                    self.work = Some(Box::pin(blobs::run(Arc::clone(&self.shell))));
                }
                Effect::Wake { at_ms } => {
                    let pause = u64::try_from(at_ms.saturating_sub(now)).unwrap_or(0);
                    self.wake = Instant::now().checked_add(Duration::from_millis(pause));
                    self.shell
                        .rests
                        .send_modify(|rests| *rests = rests.wrapping_add(1));
                }
            }
        }
    }

    /// Tells the screens when the machine stands elsewhere than they were told.
    fn show(&mut self) {
        let shown = {
            let machine = locked(&self.shell.machine);
            (
                machine.is_busy() && machine.failure().is_none(),
                machine.failure(),
            )
        };
        if self.shown != Some(shown) {
            self.shown = Some(shown);
            self.shell.tell(&Changed::from(["sync"]));
        }
    }

    /// What happens by itself when a day begins, and at the start.
    async fn new_day(&mut self) {
        let day = clock::moment(self.shell.now()).day_number();
        if day == self.day {
            return;
        }
        let Ok(session) = self.shell.live_session() else {
            return;
        };
        self.day = day;
        tick(&self.shell, &session).await;
        tokio::spawn(account::tell_left_elsewhere(
            Arc::clone(&self.shell),
            session,
        ));
    }
}

fn is_end(word: Word) -> bool {
    matches!(
        word,
        Word::Event(
            Event::Exchanged { .. } | Event::BlobsMoved | Event::Failed(_) | Event::Held { .. }
        )
    )
}

async fn end_of(work: &mut Option<Doing>) -> Event {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

async fn end_of_pause(wake: Option<Instant>) {
    match wake {
        Some(wake) => sleep_until(wake).await,
        None => std::future::pending().await,
    }
}

/// What happens by itself.
async fn tick(shell: &Arc<Shell>, session: &Session) {
    let moment = shell.moment(None);
    let ticked = shell
        .device_of(session, move |device| device.tick(moment))
        .await;
    match ticked {
        Ok(changed) => {
            shell.tell(&changed);
            if changed.contains("sync") {
                shell.event(Event::Written);
            }
        }
        Err(error) => tracing::warn!(message = error.message(), "the tick failed"),
    }
}

async fn exchange(shell: Arc<Shell>, ask: Ask) -> Event {
    let session = match shell.live_session() {
        Ok(session) => session,
        Err(ended) => return Event::from(&ended),
    };
    match try_exchange(&shell, &session, ask).await {
        Ok(event) => event,
        Err(error) => failed(&shell, &session, &error).await,
    }
}

/// What a failure means for the machine; a device that was revoked under this session is emptied.
pub(crate) async fn failed(shell: &Arc<Shell>, session: &Session, error: &Error) -> Event {
    if let Err(ended) = shell.still(session) {
        tracing::debug!(code = error.code().as_str(), "it began before a sign-out");
        if shell.live_session().is_ok() {
            // It concerns nobody who is here: whoever signed in meanwhile need not wait for it.
            shell.event(Event::Start);
        }
        return Event::from(&ended);
    }
    let code = error.code();
    tracing::debug!(
        code = code.as_str(),
        message = error.message(),
        "sync failed"
    );
    if code == Code::Revoked {
        tracing::warn!("this device was revoked: what the server has is erased here");
        if let Err(error) = erase::revoked(shell, session).await {
            tracing::error!(message = error.message(), "it could not be erased");
        }
    }
    if code == Code::Lost {
        tracing::warn!("this device was declared lost: everything is erased here");
        if let Err(error) = erase::lost(shell, session).await {
            tracing::error!(message = error.message(), "it could not be erased");
        }
    }
    Event::from(error)
}

async fn try_exchange(shell: &Arc<Shell>, session: &Session, ask: Ask) -> Result<Event> {
    account::tell_left(shell, session).await?;
    let session = fresh_token(shell, session.clone()).await?;
    let now = shell.now();
    let (waiting, body) = shell
        .device_of(&session, move |device| {
            Ok((device.waiting()?, device.request(now, ask)?))
        })
        .await?;
    let url = Address::parse(&session.server)?.at("v1/sync")?;
    let bytes = body.len();
    let request = shell
        .http
        .request(Method::POST, url, Some(&session.token))?
        .header(CONTENT_TYPE, MEDIA_TYPE)
        .body(body);
    let mut response = send(request, bytes).await?;
    if !is_type(response.headers(), MEDIA_TYPE) {
        return Err(not_vigie());
    }
    let (incoming, taken) = take_in(shell, &session, &mut response).await?;
    // Also of an answer that was cut: what came is there.
    shell.tell(&incoming.changed());
    taken?;
    let told = incoming.end()?;
    let now = shell.now();
    let left = shell
        .device_of(&session, move |device| {
            device.contacted(now)?;
            device.waiting()
        })
        .await?;
    if told.documents > 0 {
        tick(shell, &session).await;
    }
    // The machine has not heard of it yet: this is why the one before failed.
    if locked(&shell.machine).failure().is_some() {
        shell.contact.notify_one();
    }
    // The rest of a long queue goes at once; what does not move is not asked for ever.
    let more = told.more || (left > 0 && left < waiting);
    Ok(Event::Exchanged {
        more,
        resend_cursors: told.resend_cursors,
    })
}

/// Takes in an answer as it comes: what comes while the device is writing is fed to it together.
async fn take_in(
    shell: &Arc<Shell>,
    session: &Session,
    response: &mut Response,
) -> Result<(Incoming, Result<()>)> {
    let mut incoming = Incoming::shared(Arc::new(Threads))?;
    let mut come = Vec::new();
    let mut end = None;
    loop {
        if come.is_empty() {
            match end {
                Some(end) => return Ok((incoming, end)),
                None => hear(response, &mut come, &mut end).await,
            }
            continue;
        }
        let now = shell.now();
        let bytes = std::mem::take(&mut come);
        let mut fed = std::pin::pin!(shell.device_of(session, move |device| {
            let fed = device.feed(&mut incoming, &bytes, now);
            Ok((incoming, fed))
        }));
        let (back, fed) = loop {
            tokio::select! {
                fed = &mut fed => break fed?,
                () = hear(response, &mut come, &mut end), if end.is_none() && come.len() < TOGETHER_MAX => {}
            }
        };
        incoming = back;
        if fed.is_err() {
            return Ok((incoming, fed));
        }
    }
}

/// Waits for one more piece, or for the end of the answer.
async fn hear(response: &mut Response, come: &mut Vec<u8>, end: &mut Option<Result<()>>) {
    match piece(response, SILENCE_MAX).await {
        Ok(Some(bytes)) => come.extend(bytes),
        Ok(None) => *end = Some(Ok(())),
        Err(error) => *end = Some(Err(error)),
    }
}

/// A thread for each core.
struct Threads;

impl Hands for Threads {
    fn share(&self, work: Work) {
        rayon::spawn_fifo(|| hands::work(work));
    }
}

#[derive(Deserialize)]
struct Rotated {
    token: String,
}

/// The session with a token of today; yesterday's stays valid until this one is first used.
async fn fresh_token(shell: &Arc<Shell>, session: Session) -> Result<Session> {
    let now = shell.now();
    if now.saturating_sub(session.token_at).saturating_abs() < TOKEN_MS {
        return Ok(session);
    }
    let url = Address::parse(&session.server)?.at("v1/token")?;
    let rotated: Result<Rotated> =
        post_json(&shell.http, url, Some(&session.token), &json!({})).await;
    match rotated {
        Ok(rotated) => {
            let fresh = Session {
                token: rotated.token,
                token_at: now,
                ..session.clone()
            };
            shell.renew_session(&session, fresh.clone()).await?;
            return Ok(fresh);
        }
        Err(error) if matches!(error.code(), Code::Offline | Code::Revoked | Code::Lost) => {
            return Err(error);
        }
        // The present one may still do.
        Err(error) => tracing::warn!(message = error.message(), "no fresh token"),
    }
    Ok(session)
}
