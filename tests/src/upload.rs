//! Sends photos as the app does: by tus, in the same pieces, and from where the server has them.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vigie_core::store::blob;

use crate::wire::{Answer, Client, ask_with};

/// What the app sends at once: bytes.
const PIECE: usize = 512 * 1024;

/// Sends every photo that may go; how many have arrived.
///
/// # Errors
/// When the link is cut: what the server has is not sent again.
pub fn all(client: &mut Client, now_ms: i64) -> Result<usize> {
    let photos = blob::to_send(client.device.db())?;
    for (hash, _size) in &photos {
        one(client, hash, now_ms)?;
    }
    Ok(photos.len())
}

/// Sends a photo from where the server has it.
///
/// # Errors
/// When the link is cut.
pub fn one(client: &mut Client, hash: &[u8; 32], now_ms: i64) -> Result<()> {
    let found = blob::content(client.device.db(), hash)?;
    let (media_type, content) = found.context("the photo is not here")?;
    let (mut place, mut offset) = begin(client, hash, &media_type, content.len())?;
    while offset < content.len() {
        let to = offset.saturating_add(PIECE).min(content.len());
        let piece = content.get(offset..to).unwrap_or_default();
        let headers =
            format!("upload-offset: {offset}\r\ncontent-type: application/offset+octet-stream\r\n");
        let answer = tus(client, "PATCH", &place, &headers, piece)?;
        match answer.status {
            200 | 204 => offset = number(&answer)?,
            // Cut, at another offset, gone, or still being written: find the place again.
            400 | 404 | 409 | 423 => {
                (place, offset) = begin(client, hash, &media_type, content.len())?;
            }
            status => bail!("a piece of a photo: {status}"),
        }
    }
    client.device.blob_sent(hash, now_ms)?;
    Ok(())
}

/// Where the upload lies, and how much of it is there.
fn begin(
    client: &Client,
    hash: &[u8; 32],
    media_type: &str,
    size: usize,
) -> Result<(String, usize)> {
    let (hash, media_type) = (
        STANDARD.encode(blob::hex(hash)),
        STANDARD.encode(media_type),
    );
    let headers = format!(
        "upload-length: {size}\r\nupload-metadata: sha256 {hash},media_type {media_type}\r\n"
    );
    let answer = tus(client, "POST", "/v1/blobs", &headers, &[])?;
    if answer.status != 201 {
        bail!("an upload: {}", answer.status);
    }
    let place = answer
        .header("location")
        .context("an upload without a place")?;
    Ok((place.to_owned(), number(&answer)?))
}

fn tus(client: &Client, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<Answer> {
    let token = &client.token;
    let headers = format!("authorization: Bearer {token}\r\ntus-resumable: 1.0.0\r\n{headers}");
    ask_with(&client.address, method, path, &headers, body)
}

fn number(answer: &Answer) -> Result<usize> {
    let offset = answer.header("upload-offset").context("no offset")?;
    Ok(offset.parse()?)
}
