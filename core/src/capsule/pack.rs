//! The bytes that travel: one capsule in all its languages, the same bytes for the same capsule.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::Capsule;
use super::safe::{is_media_name, is_safe_html};
use super::svg;

/// Longest pack, in bytes.
pub const PACK_BYTES_MAX: usize = 1024 * 1024;
/// Version of the envelope this release writes and reads.
pub const VERSION: u32 = 1;

const FORMAT: &str = "vigie-capsule";
const LANGUAGES_MAX: usize = 16;

#[derive(Serialize, Deserialize)]
struct Envelope {
    format: String,
    version: u32,
    #[serde(default)]
    capsules: serde_json::Value,
}

/// Why bytes are not a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PackError {
    /// More than [`PACK_BYTES_MAX`]; holds the length in bytes.
    TooLong(usize),
    /// Not the envelope of a pack, or capsules of another shape; holds the reason.
    Broken(String),
    /// Written by a later release; holds the version.
    Newer(u32),
    /// No language, too many, or a capsule filed under another language; holds the language.
    Languages(String),
    /// HTML or a picture that the lint would never let through; holds where.
    Unsafe(String),
}

impl fmt::Display for PackError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(length) => write!(formatter, "pack of {length} bytes is too long"),
            Self::Broken(reason) => write!(formatter, "not a pack: {reason}"),
            Self::Newer(version) => write!(formatter, "pack of unknown version {version}"),
            Self::Languages(language) => write!(formatter, "wrong languages near `{language}`"),
            Self::Unsafe(place) => write!(formatter, "unsafe content in {place}"),
        }
    }
}

impl std::error::Error for PackError {}

/// Writes a pack: JSON with sorted keys and no spaces, so that equal capsules give equal bytes.
#[must_use]
pub fn pack(capsules: &BTreeMap<String, Capsule>) -> Vec<u8> {
    let mut value = serde_json::json!({
        "format": FORMAT,
        "version": VERSION,
        "capsules": capsules,
    });
    // Needed where serde_json keeps the order of insertion.
    value.sort_all_objects();
    value.to_string().into_bytes()
}

/// Reads a pack and makes sure that nothing in it could harm a screen.
///
/// # Errors
/// Says why the bytes are refused; see [`PackError`].
pub fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Capsule>, PackError> {
    if bytes.len() > PACK_BYTES_MAX {
        return Err(PackError::TooLong(bytes.len()));
    }
    let broken = |error: serde_json::Error| PackError::Broken(error.to_string());
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(broken)?;
    if envelope.format != FORMAT {
        return Err(PackError::Broken(format!("format `{}`", envelope.format)));
    }
    if envelope.version != VERSION {
        return Err(PackError::Newer(envelope.version));
    }
    let capsules: BTreeMap<String, Capsule> =
        serde_json::from_value(envelope.capsules).map_err(broken)?;
    if capsules.is_empty() || capsules.len() > LANGUAGES_MAX {
        return Err(PackError::Languages(String::new()));
    }
    for (language, capsule) in &capsules {
        if &capsule.language != language {
            return Err(PackError::Languages(language.clone()));
        }
        check_safe(capsule)?;
    }
    Ok(capsules)
}

fn check_safe(capsule: &Capsule) -> Result<(), PackError> {
    let refuse = |place: &str| Err(PackError::Unsafe(format!("{} {place}", capsule.language)));
    if let Some(card) = capsule.cards.iter().find(|card| !is_safe_html(&card.html)) {
        return refuse(&card.title);
    }
    for item in &capsule.quiz {
        if !is_safe_html(&item.prompt) || !is_safe_html(&item.explanation) {
            return refuse(&item.id);
        }
    }
    for (name, text) in &capsule.media {
        if !is_media_name(name) || !svg::is_harmless(text) {
            return refuse(name);
        }
    }
    match capsule
        .sources
        .iter()
        .find(|source| !source.url.starts_with("https://"))
    {
        Some(source) => refuse(&source.title),
        None => Ok(()),
    }
}
