//! Devices whose disk is on the server: browsers' and the server's own. They sync like any other,
//! in-process: the same requests, the same answers, no socket.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, ErrorCode};
use vigie_core::Device;
use vigie_core::error::{Code, Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::store::blob;
use vigie_core::sync::pull::Incoming;
use vigie_core::sync::push::Pusher;

use crate::app::App;
use crate::entropy::OsEntropy;
use vigie_core::sync::machine::Cursors;

/// Most exchanges in a row: a first sync of a large organisation takes dozens.
const ROUNDS_MAX: usize = 1000;

/// Whose device it is.
#[derive(Debug, Clone, Copy)]
pub enum Owner {
    /// A person's.
    Person(Id),
    /// The server's own.
    System,
}

/// Opens or creates the file of such a device.
///
/// Everything in it is in the store before anyone is told so: losing its last writes with the power
/// costs a pull, so it need not wait for the disk each time.
///
/// # Errors
/// When the file is damaged or cannot be written.
pub fn open(path: &Path) -> Result<Device> {
    let device = Device::open(path, None, Box::new(OsEntropy))?;
    device.db().execute_batch("PRAGMA synchronous = NORMAL")?;
    Ok(device)
}

/// Whether a file is certainly no database any more. One that cannot be opened just now, on a full disk
/// say, is not damaged.
#[must_use]
pub fn is_damaged(path: &Path) -> bool {
    let check =
        |db: Connection| db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match Connection::open(path).and_then(check) {
        Ok(said) => said != "ok",
        Err(error) => matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
        ),
    }
}

/// Exchanges until nothing waits on either side, then moves blobs.
///
/// What changed is added to `changed`, also when it fails later; answers how many changes the gate or a
/// rule refused, which stay readable on the device.
///
/// # Errors
/// When the store or the device's file fails; what was applied stays.
pub fn sync(
    app: &App,
    device: &mut Device,
    id: Id,
    owner: Owner,
    changed: &mut BTreeSet<&'static str>,
) -> Result<usize> {
    let mut refused = 0_usize;
    let persons: &[Id] = match &owner {
        Owner::Person(person) => std::slice::from_ref(person),
        Owner::System => &[],
    };
    let system = matches!(owner, Owner::System);
    let mut cursors = Cursors::Fingerprint;
    for _ in 0..ROUNDS_MAX {
        let now_ms = app.now();
        let request = device.request(now_ms, cursors)?;
        let mut answer = Vec::new();
        let pusher = Pusher {
            device: id,
            persons,
            system,
            now_ms,
        };
        let summary = app.exchange(&pusher, &request, &mut answer)?;
        refused = refused.saturating_add(summary.refused);
        let mut incoming = Incoming::new()?;
        let fed = device.feed(&mut incoming, &answer, now_ms);
        changed.extend(incoming.changed());
        fed?;
        let told = incoming.end()?;
        cursors = Cursors::after(told.resend_cursors);
        if !told.more && !told.resend_cursors && device.waiting()? == 0 {
            device.contacted(now_ms)?;
            changed.extend(move_blobs(app, device, id, owner)?);
            return Ok(refused);
        }
    }
    Err(Error::unexpected("an exchange without end"))
}

/// A change that somebody waits for was refused.
#[must_use]
pub fn refusal() -> Error {
    Error::new(
        Code::Refused,
        "the change was refused; it stays readable where it was made",
    )
}

/// Sends the blobs made on the device and fetches those it wants.
///
/// # Errors
/// When the store or the device's file fails.
pub fn move_blobs(
    app: &App,
    device: &mut Device,
    id: Id,
    owner: Owner,
) -> Result<BTreeSet<&'static str>> {
    let mut changed = BTreeSet::new();
    for (hash, size) in blob::to_send(device.db())? {
        let Some((media_type, content)) = blob::content(device.db(), &hash)? else {
            continue;
        };
        match app.keep_blob(
            &BlobRef {
                hash,
                media_type,
                size,
            },
            &content,
            id,
        ) {
            Ok(()) => changed.extend(device.blob_sent(&hash, app.now())?),
            // It stays on the device; everything else goes on.
            Err(error)
                if matches!(
                    error.code(),
                    Code::NotAPicture | Code::TooLarge | Code::StorageFull | Code::TooManyTries
                ) =>
            {
                tracing::warn!(
                    hash = blob::hex(&hash),
                    code = error.code().as_str(),
                    "blob refused"
                );
            }
            Err(error) => return Err(error),
        }
    }
    for (hash, _size) in blob::to_fetch(device.db())? {
        let allowed = match owner {
            Owner::System => true,
            Owner::Person(person) => app.store.blob_for(person, &hash, app.now())?.is_some(),
        };
        if allowed
            && app.store.blob(&hash)?.is_some()
            && let Some(content) = app.blobs.read(&hash)?
        {
            changed.extend(device.blob_fetched(&hash, &content)?);
        }
    }
    Ok(changed)
}
