//! A disk that fails when it is told to, under SQLite itself: what the system's files do is wrapped,
//! and counted for the thread that does it.
//!
//! A fault is armed for the n-th operation. The plain disk comes back with [`heal`]. Meanwhile, and
//! with a [`room`] that ends, the real code meets what real disks do.

mod files;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::path::PathBuf;

use rusqlite::ffi;

pub use self::files::install;
use crate::chance::Chance;

/// What the disk says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It is broken.
    Broken,
    /// It is full.
    Full,
}

/// What happens at the n-th write, sync, truncation or growth of shared memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and the next one works again.
    Once(Cause),
    /// It fails, and so does everything after it.
    Forever(Cause),
    /// Half of it is written; everything after it fails.
    Torn,
    /// The machine goes off: of what was not synced, a part drawn with this seed is lost.
    PowerLoss(u64),
    /// Not that one but the n-th read fails, once.
    Unreadable,
}

impl Fault {
    /// Whether nothing works any more once it has come.
    #[must_use]
    pub const fn lasts(self) -> bool {
        !matches!(self, Self::Once(_) | Self::Unreadable)
    }
}

/// A write that is not yet synced.
struct Unsynced {
    path: PathBuf,
    offset: u64,
    old: Vec<u8>,
    old_size: u64,
    /// `None` when the file was cut at `offset`.
    new: Option<Vec<u8>>,
}

#[derive(Default)]
struct Disk {
    writes: u64,
    reads: u64,
    fault: Option<(u64, Fault)>,
    /// The fault has come.
    struck: bool,
    unsynced: Vec<Unsynced>,
    /// Bytes that files may still grow by.
    room: Option<u64>,
    /// Bytes of the indexes beside files: SQLite empties one and fills it again.
    indexes: BTreeMap<PathBuf, u64>,
}

thread_local! {
    static DISK: RefCell<Disk> = RefCell::new(Disk::default());
}

/// Counts from here, and fails at the operation with this number (the first is 1).
pub fn arm(at: u64, fault: Fault) {
    DISK.with_borrow_mut(|disk| {
        *disk = Disk {
            fault: Some((at, fault)),
            room: disk.room,
            ..Disk::default()
        };
    });
}

/// Writes, syncs and the like, then reads, since the disk was armed.
#[must_use]
pub fn counted() -> (u64, u64) {
    DISK.with_borrow(|disk| (disk.writes, disk.reads))
}

/// Whether the fault has come.
#[must_use]
pub fn struck() -> bool {
    DISK.with_borrow(|disk| disk.struck)
}

/// Files may grow by so many bytes, together; `None` is without end.
pub fn room(bytes: Option<u64>) {
    DISK.with_borrow_mut(|disk| disk.room = bytes);
}

/// What is left of the room.
#[must_use]
pub fn left() -> Option<u64> {
    DISK.with_borrow(|disk| disk.room)
}

/// The plain disk again. After a power loss, it holds what a disk would hold then; no file may be open.
///
/// # Errors
/// When a file cannot be written.
pub fn heal() -> std::io::Result<()> {
    let disk = DISK.with_borrow_mut(std::mem::take);
    match disk.fault {
        Some((_, Fault::PowerLoss(seed))) if disk.struck => forget(&disk.unsynced, seed),
        _ => Ok(()),
    }
}

/// Takes back what was not synced, then does some of it again, in order.
fn forget(unsynced: &[Unsynced], seed: u64) -> std::io::Result<()> {
    let mut chance = Chance::new(seed);
    let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
    for one in unsynced.iter().rev() {
        if !files.contains_key(&one.path) {
            match std::fs::read(&one.path) {
                Ok(content) => files.insert(one.path.clone(), content),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
        }
        if let Some(content) = files.get_mut(&one.path) {
            content.resize(index(one.old_size), 0);
            put(content, one.offset, &one.old);
        }
    }
    // All, nothing, or each as it comes.
    let keep = chance.below(4);
    for one in unsynced {
        let kept = match keep {
            0 => false,
            1 => true,
            _ => chance.one_in(2),
        };
        let Some(content) = files.get_mut(&one.path).filter(|_| kept) else {
            continue;
        };
        match &one.new {
            Some(new) => {
                let end = index(one.offset).saturating_add(new.len());
                content.resize(content.len().max(end), 0);
                put(content, one.offset, new);
            }
            None => content.truncate(index(one.offset)),
        }
    }
    for (path, content) in files {
        std::fs::write(path, content)?;
    }
    Ok(())
}

fn put(content: &mut [u8], offset: u64, bytes: &[u8]) {
    let places = content.iter_mut().skip(index(offset));
    for (place, byte) in places.zip(bytes) {
        *place = *byte;
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Something that can fail.
#[derive(Clone, Copy)]
enum Operation {
    Read,
    Write,
    Sync,
    Truncate,
    Map,
    Delete,
}

impl Operation {
    const fn broken(self) -> c_int {
        match self {
            Self::Read => ffi::SQLITE_IOERR_READ,
            Self::Write => ffi::SQLITE_IOERR_WRITE,
            Self::Sync => ffi::SQLITE_IOERR_FSYNC,
            Self::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Self::Map => ffi::SQLITE_IOERR_SHMMAP,
            Self::Delete => ffi::SQLITE_IOERR_DELETE,
        }
    }

    const fn full(self) -> c_int {
        if matches!(self, Self::Map) {
            ffi::SQLITE_IOERR_SHMSIZE
        } else {
            ffi::SQLITE_FULL
        }
    }

    const fn code(self, cause: Cause) -> c_int {
        match cause {
            Cause::Broken => self.broken(),
            Cause::Full => self.full(),
        }
    }
}

/// What becomes of an operation.
enum Verdict {
    Done,
    Failed(c_int),
    Half(c_int),
}

fn judge(operation: Operation) -> Verdict {
    DISK.with_borrow_mut(|disk| {
        let Some((at, fault)) = disk.fault else {
            return Verdict::Done;
        };
        let reads = matches!(fault, Fault::Unreadable);
        let now = match operation {
            Operation::Read => {
                disk.reads = disk.reads.saturating_add(1);
                reads && disk.reads == at
            }
            // A full disk still takes things away.
            Operation::Delete => false,
            Operation::Write | Operation::Sync | Operation::Truncate | Operation::Map => {
                disk.writes = disk.writes.saturating_add(1);
                !reads && disk.writes == at
            }
        };
        let after = disk.struck && !matches!(operation, Operation::Read);
        disk.struck = disk.struck || now;
        let fails = now || (after && fault.lasts());
        if !fails {
            return Verdict::Done;
        }
        match fault {
            Fault::Forever(Cause::Full) if matches!(operation, Operation::Delete) => Verdict::Done,
            Fault::Once(cause) | Fault::Forever(cause) => Verdict::Failed(operation.code(cause)),
            Fault::Torn if now => Verdict::Half(operation.broken()),
            Fault::Torn | Fault::PowerLoss(_) | Fault::Unreadable => {
                Verdict::Failed(operation.broken())
            }
        }
    })
}
