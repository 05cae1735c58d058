//! Listens to the server's "there is news" (`GET /v1/events`, server-sent events), and begins again
//! whenever the stream ends.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::ACCEPT;
use tokio::time::{Instant, sleep};
use vigie_core::error::{Code, Error, Result};
use vigie_core::sync::machine::Event;

use crate::entropy::jitter;
use crate::server::{Address, is_type, not_vigie, piece, send};
use crate::shell::{Session, Shell};

/// The server says something every 20 s, if only that it is there.
const SILENCE_MAX: Duration = Duration::from_secs(50);
/// Longest line: bytes.
const LINE_MAX: usize = 64 * 1024;
/// First and longest pause before listening again.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Listens for as long as the application runs.
pub async fn listen(shell: Arc<Shell>) {
    let mut pause = PAUSE_MIN;
    loop {
        let Ok(session) = shell.live_session() else {
            shell.contact.notified().await;
            continue;
        };
        let (mut heard, begun) = (false, Instant::now());
        let ended = follow(&shell, &session, &mut heard).await;
        let code = ended.as_ref().err().map(Error::code);
        tracing::debug!(code = code.map(Code::as_str), "the news ended");
        if code.is_some_and(|code| heard || asks_for_an_exchange(code)) {
            shell.event(Event::News);
        }
        // What lets streams begin and cuts them at once is not asked for them at its own speed.
        pause = if heard && begun.elapsed() > pause {
            PAUSE_MIN
        } else {
            pause.saturating_mul(2).min(PAUSE_MAX)
        };
        let jitter = Duration::from_millis(u64::from(jitter()).saturating_mul(4));
        tokio::select! {
            () = sleep(pause.saturating_add(jitter)) => {}
            () = end_of_pause(&shell, &session, code) => {}
        }
    }
}

/// Whether an exchange finds out in its turn, and acts on it: that this device was revoked, or that the
/// server is away, and when it is back. Whoever refuses streams says nothing of exchanges.
const fn asks_for_an_exchange(code: Code) -> bool {
    matches!(code, Code::Offline | Code::Revoked | Code::Lost)
}

/// Waits until the server is back after it was away, or until another session listens.
async fn end_of_pause(shell: &Shell, session: &Session, code: Option<Code>) {
    loop {
        shell.contact.notified().await;
        if code == Some(Code::Offline) || shell.live_session().ok().as_ref() != Some(session) {
            return;
        }
    }
}

/// Listens until the stream ends; `heard` is set once the server has said something.
async fn follow(shell: &Arc<Shell>, session: &Session, heard: &mut bool) -> Result<()> {
    let url = Address::parse(&session.server)?.at("v1/events")?;
    let request = shell
        .http
        .request(Method::GET, url, Some(&session.token))?
        .header(ACCEPT, "text/event-stream");
    let mut response = send(request, 0).await?;
    if !is_type(response.headers(), "text/event-stream") {
        return Err(not_vigie());
    }
    let mut lines = Lines::default();
    while let Some(bytes) = piece(&mut response, SILENCE_MAX).await? {
        *heard = true;
        let news = lines.feed(&bytes)?;
        // Signed out, revoked, or with another token: this stream is not ours any more.
        if shell.live_session().ok().as_ref() != Some(session) {
            return Ok(());
        }
        if news {
            shell.event(Event::News);
        }
    }
    Ok(())
}

/// Reads server-sent events as they come, in whatever pieces.
#[derive(Debug, Default)]
pub struct Lines {
    line: Vec<u8>,
}

impl Lines {
    /// Takes in bytes; whether there was news among them.
    ///
    /// # Errors
    /// [`Code::Protocol`] when a line has no end.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<bool> {
        let mut news = false;
        for byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                news |= is_news(&self.line);
                self.line.clear();
            } else if self.line.len() < LINE_MAX {
                self.line.push(*byte);
            } else {
                return Err(Error::new(Code::Protocol, "a line without an end"));
            }
        }
        Ok(news)
    }
}

/// Whether the line is `event: news`.
fn is_news(line: &[u8]) -> bool {
    line.strip_prefix(b"event:")
        .is_some_and(|name| name.trim_ascii() == b"news")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_heard_however_the_bytes_are_cut() {
        let text = b": hello\nevent: other\ndata: {}\n\nevent: news\ndata: {}\n\n";
        for cut in 0..=text.len() {
            let (first, second) = text.split_at(cut);
            let mut lines = Lines::default();
            let heard = u8::from(lines.feed(first).expect("short lines"))
                + u8::from(lines.feed(second).expect("short lines"));
            assert_eq!(heard, 1, "cut at {cut}");
        }
    }

    #[test]
    fn other_events_are_not_news() {
        for text in [
            "event: newsletter\n",
            "data: news\n",
            ": event: news\n",
            "event:\n",
        ] {
            let heard = Lines::default().feed(text.as_bytes()).expect("short lines");
            assert!(!heard, "`{text}` is not news");
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let mut lines = Lines::default();
        let endless = vec![b'x'; LINE_MAX + 1];
        assert!(lines.feed(&endless).is_err(), "memory has an end");
    }
}
