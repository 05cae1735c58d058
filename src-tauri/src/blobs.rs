//! Moves photos and packs, after the text: uploads by tus 1.0, downloads by range, both resumed
//! where they were cut.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, HeaderMap, IF_RANGE, LOCATION, RANGE};
use reqwest::{Method, Url};
use vigie_core::error::{Code, Error, Result};
use vigie_core::store::blob::{self, SIZE_MAX, hex};
use vigie_core::sync::machine::Event;

use crate::server::{Address, SILENCE_MAX, piece, refusal, send, send_any};
use crate::shell::{Session, Shell, locked};
use crate::sync;

/// What is sent at once: bytes. Text waits for one such piece at most.
const PIECE: usize = 512 * 1024;
/// How often an upload is found again after the server lost its place in it.
const TRIES: u32 = 5;
/// Before trying so: what was cut may still be being written there.
const PAUSE: Duration = Duration::from_millis(500);

/// A blob of which a part has come.
pub(crate) struct Partial {
    hash: [u8; 32],
    content: Vec<u8>,
}

/// Moves what there is to move, until it is done or text wants to go first.
pub(crate) async fn run(shell: Arc<Shell>) -> Event {
    shell.make_way.store(false, Ordering::SeqCst);
    let session = match shell.live_session() {
        Ok(session) => session,
        Err(ended) => return Event::from(&ended),
    };
    match all(&shell, &session).await {
        Ok(()) => Event::BlobsMoved,
        Err(error) => sync::failed(&shell, &session, &error).await,
    }
}

async fn all(shell: &Arc<Shell>, session: &Session) -> Result<()> {
    let (to_send, to_fetch) = shell
        .device_of(session, |device| {
            Ok((blob::to_send(device.db())?, blob::to_fetch(device.db())?))
        })
        .await?;
    for (hash, _size) in to_send {
        if !makes_way(shell) && !locked(&shell.given_up).contains(&hash) {
            settle(shell, &hash, upload(shell, session, hash).await)?;
        }
    }
    for (hash, _size) in to_fetch {
        if !makes_way(shell) && !locked(&shell.given_up).contains(&hash) {
            match download(shell, session, hash).await {
                // Text comes before photos: this one is still on its way from where it was taken, and
                // the server tells when it has arrived.
                Err(error) if error.code() == Code::NotFound => {}
                done => settle(shell, &hash, done)?,
            }
        }
    }
    Ok(())
}

fn makes_way(shell: &Shell) -> bool {
    shell.make_way.load(Ordering::SeqCst)
}

/// What the server says of one blob stops that blob alone.
fn settle(shell: &Shell, hash: &[u8; 32], done: Result<()>) -> Result<()> {
    let Err(error) = done else { return Ok(()) };
    if !matches!(
        error.code(),
        Code::NotFound
            | Code::Invalid
            | Code::NotAPicture
            | Code::TooLarge
            | Code::Forbidden
            | Code::Refused
            | Code::Protocol
    ) {
        return Err(error);
    }
    tracing::warn!(
        hash = hex(hash),
        code = error.code().as_str(),
        message = error.message(),
        "a photo or pack cannot be moved"
    );
    locked(&shell.given_up).insert(*hash);
    Ok(())
}

/// Sends a blob from where the server has it.
async fn upload(shell: &Arc<Shell>, session: &Session, hash: [u8; 32]) -> Result<()> {
    let content = shell
        .device_of(session, move |device| blob::content(device.db(), &hash))
        .await?;
    let Some((media_type, content)) = content else {
        return Ok(());
    };
    let mut tries: u32 = 0;
    'again: loop {
        let (place, mut offset) = begin(shell, session, &hash, &media_type, content.len()).await?;
        while offset < content.len() {
            if makes_way(shell) {
                return Ok(());
            }
            shell.still(session)?;
            match append(shell, session, &place, &content, offset).await? {
                Some(next) if next > offset => offset = next,
                _ if tries < TRIES => {
                    tries = tries.saturating_add(1);
                    tokio::time::sleep(PAUSE).await;
                    continue 'again;
                }
                _ => return Err(Error::new(Code::Offline, "an upload that does not advance")),
            }
        }
        break;
    }
    let now = shell.now();
    let changed = shell
        .device_of(session, move |device| device.blob_sent(&hash, now))
        .await?;
    shell.tell(&changed);
    Ok(())
}

/// Begins an upload or finds the one begun: where it lies, and how much of it is there.
async fn begin(
    shell: &Shell,
    session: &Session,
    hash: &[u8; 32],
    media_type: &str,
    size: usize,
) -> Result<(Url, usize)> {
    let address = Address::parse(&session.server)?;
    let (hash, media_type) = (STANDARD.encode(hex(hash)), STANDARD.encode(media_type));
    let request = shell
        .http
        .request(Method::POST, address.at("v1/blobs")?, Some(&session.token))?
        .header("tus-resumable", "1.0.0")
        .header("upload-length", size)
        .header(
            "upload-metadata",
            format!("sha256 {hash},media_type {media_type}"),
        );
    let response = send(request, 0).await?;
    let place = text(response.headers(), LOCATION.as_str())
        .ok_or_else(|| Error::new(Code::Protocol, "an upload without a place"))?;
    let offset = offset(response.headers()).unwrap_or(0);
    if offset > size {
        return Err(Error::new(Code::Protocol, "more has arrived than there is"));
    }
    Ok((address.at(place)?, offset))
}

/// Sends the next piece; how much is there then, or `None` when the server has another idea.
async fn append(
    shell: &Shell,
    session: &Session,
    place: &Url,
    content: &[u8],
    from: usize,
) -> Result<Option<usize>> {
    let to = from.saturating_add(PIECE).min(content.len());
    let part = content.get(from..to).unwrap_or_default().to_vec();
    let bytes = part.len();
    let request = shell
        .http
        .request(Method::PATCH, place.clone(), Some(&session.token))?
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", from)
        .header(CONTENT_TYPE, "application/offset+octet-stream")
        .body(part);
    let response = send_any(request, bytes).await?;
    match response.status().as_u16() {
        204 | 200 => Ok(offset(response.headers()).filter(|offset| *offset <= content.len())),
        // Cut, at another offset, gone, or still being written: find the place again.
        400 | 404 | 409 | 423 => Ok(None),
        460 => Err(Error::invalid("the server found another content")),
        _ => Err(refusal(response).await),
    }
}

/// Fetches a blob from where it was cut.
async fn download(shell: &Arc<Shell>, session: &Session, hash: [u8; 32]) -> Result<()> {
    let name = hex(&hash);
    let url = Address::parse(&session.server)?.at(&format!("v1/blobs/{name}"))?;
    let here = {
        let mut partial = locked(&shell.partial);
        match partial.as_ref() {
            Some(partial) if partial.hash == hash => partial.content.len(),
            _ => {
                *partial = Some(Partial {
                    hash,
                    content: Vec::new(),
                });
                0
            }
        }
    };
    let mut request = shell.http.request(Method::GET, url, Some(&session.token))?;
    if here > 0 {
        request = request
            .header(RANGE, format!("bytes={here}-"))
            .header(IF_RANGE, format!("\"{name}\""));
    }
    let mut response = send_any(request, 0).await?;
    match response.status().as_u16() {
        206 if here > 0 => {}
        200 => clear(shell, hash),
        // All of it was here already, and was not what its name says.
        416 => {
            clear(shell, hash);
            return Err(Error::invalid("a part that does not fit"));
        }
        _ => return Err(refusal(response).await),
    }
    while let Some(bytes) = piece(&mut response, SILENCE_MAX).await? {
        grow(shell, hash, &bytes)?;
    }
    let Some(partial) = locked(&shell.partial).take() else {
        return Ok(());
    };
    let changed = shell
        .device_of(session, move |device| {
            device.blob_fetched(&hash, &partial.content)
        })
        .await?;
    shell.tell(&changed);
    Ok(())
}

fn clear(shell: &Shell, hash: [u8; 32]) {
    *locked(&shell.partial) = Some(Partial {
        hash,
        content: Vec::new(),
    });
}

fn grow(shell: &Shell, hash: [u8; 32], bytes: &[u8]) -> Result<()> {
    let mut partial = locked(&shell.partial);
    let Some(partial) = partial.as_mut().filter(|partial| partial.hash == hash) else {
        return Err(Error::unexpected("two downloads at once"));
    };
    if partial.content.len().saturating_add(bytes.len()) > SIZE_MAX {
        return Err(Error::new(Code::TooLarge, "a blob is at most 25 MiB"));
    }
    partial.content.extend_from_slice(bytes);
    Ok(())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn offset(headers: &HeaderMap) -> Option<usize> {
    text(headers, "upload-offset").and_then(|value| value.parse().ok())
}
