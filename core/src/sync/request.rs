//! A request: how the device writes it, how the server reads it.

use rusqlite::Connection;

use crate::error::{Code, Error, Result};
use crate::store::outbox;
use crate::sync::frame::{self, Frames};
use crate::sync::machine::{Ask, Cursors};
use crate::sync::message::{
    CURSORS_MAX, Cursor, PROTOCOL, PUSHES_MAX, Push, REQUEST_BYTES_MAX, REQUEST_INFLATED_MAX,
    Request, fingerprint, understands,
};

/// Most changes in one request, all pushes together: a device sends one in a push.
const REQUEST_CHANGES_MAX: usize = 8192;
/// A request that only asks is not longer: bytes before compression.
const QUESTION_INFLATED_MAX: usize = 1024;

/// The cursors of this device.
///
/// # Errors
/// When the file cannot be read.
pub fn cursors(db: &Connection) -> Result<Vec<Cursor>> {
    let mut statement =
        db.prepare_cached("SELECT scope, epoch, position FROM cursor ORDER BY scope")?;
    let rows = statement.query_map([], |row| {
        Ok(Cursor {
            scope: row.get(0)?,
            epoch: row.get(1)?,
            position: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The next request: what waits, oldest first, and where the device stands.
///
/// # Errors
/// When the file cannot be read.
pub fn write(db: &Connection, now_ms: i64, ask: Ask) -> Result<Vec<u8>> {
    let cursors = cursors(db)?;
    let waiting = outbox::oldest(db, ask.push_bytes)?;
    let several = waiting.len() > 1;
    let all = match ask.cursors {
        Cursors::Fingerprint => false,
        Cursors::AllWithPushes => !waiting.is_empty(),
        Cursors::All => true,
    };
    let mut frames = vec![Request::Hello {
        protocol: PROTOCOL,
        clock_ms: now_ms,
        cursors: fingerprint(&cursors),
        epoch: cursors.iter().map(|cursor| cursor.epoch).min().unwrap_or(0),
    }];
    if all {
        frames.push(Request::Cursors(cursors));
    }
    for sending in waiting {
        let waiting = sending.waiting;
        frames.push(Request::Push(Push {
            id: waiting.id,
            person: waiting.person,
            document: waiting.document,
            kind: waiting.kind,
            changes: vec![serde_bytes::ByteBuf::from(waiting.change)],
            heads: sending.heads,
            proof: sending.proof,
        }));
    }
    let request = frame::encode(&frames)?;
    if several && request.len() > REQUEST_BYTES_MAX {
        let push_bytes = ask.push_bytes / 2;
        return write(db, now_ms, Ask { push_bytes, ..ask });
    }
    Ok(request)
}

/// The fingerprint that a request asks with, when it says nothing else.
#[must_use]
pub fn question(request: &[u8]) -> Option<u64> {
    let mut frames = Frames::new(request, QUESTION_INFLATED_MAX).ok()?;
    let Some(Request::Hello {
        protocol,
        cursors: fingerprint,
        ..
    }) = frames.next().ok()?
    else {
        return None;
    };
    understands(protocol, Code::AppTooOld, Code::ServerTooOld).ok()?;
    frames.end().ok().map(|()| fingerprint)
}

/// A request, read and bounded.
pub(super) struct Asked {
    pub(super) clock_ms: i64,
    pub(super) fingerprint: u64,
    pub(super) epoch: u32,
    pub(super) cursors: Option<Vec<Cursor>>,
    pub(super) pushes: Vec<Push>,
}

impl Asked {
    /// Reads what a device sent.
    ///
    /// # Errors
    /// [`Code::Protocol`] for what is not a request, [`Code::TooLarge`] past the limits.
    pub(super) fn read(request: &[u8]) -> Result<Self> {
        let mut frames = Frames::new(request, REQUEST_INFLATED_MAX)?;
        let Some(Request::Hello {
            protocol,
            clock_ms,
            cursors: fingerprint,
            epoch,
        }) = frames.next()?
        else {
            return Err(Error::new(Code::Protocol, "a request begins with hello"));
        };
        // Before anything else: what a newer device says may make no sense here.
        understands(protocol, Code::AppTooOld, Code::ServerTooOld)?;
        let mut asked = Self {
            clock_ms,
            fingerprint,
            epoch,
            cursors: None,
            pushes: Vec::new(),
        };
        let (mut count, mut changes) = (0_usize, 0_usize);
        while let Some(frame) = frames.next()? {
            count = count.saturating_add(1);
            if count > PUSHES_MAX.saturating_add(1) {
                return Err(Error::new(Code::TooLarge, "too many frames"));
            }
            match frame {
                Request::Cursors(cursors)
                    if asked.cursors.is_none() && cursors.len() <= CURSORS_MAX =>
                {
                    asked.cursors = Some(cursors);
                }
                Request::Push(push) => {
                    changes = changes.saturating_add(push.changes.len());
                    if changes > REQUEST_CHANGES_MAX {
                        return Err(Error::new(Code::TooLarge, "too many changes"));
                    }
                    asked.pushes.push(push);
                }
                Request::Hello { .. } | Request::Cursors(_) => {
                    return Err(Error::new(Code::Protocol, "a frame out of place"));
                }
            }
        }
        frames.end()?;
        Ok(asked)
    }
}
