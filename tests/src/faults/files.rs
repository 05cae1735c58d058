//! The system's files with faults in them: the table of functions that SQLite asks for.

#![expect(
    unsafe_code,
    reason = "SQLite asks for a table of C functions; each only forwards to the system's own"
)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

use rusqlite::ffi;

use super::{DISK, Fault, Operation, Unsynced, Verdict, index, judge};

/// The system's own files.
static REAL: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// From here on, files are opened on the disk that can fail; it does nothing until it is told to.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the default table lives as long as the process, and so does the leaked copy.
        unsafe {
            let real = ffi::sqlite3_vfs_find(ptr::null());
            REAL.store(real, Ordering::SeqCst);
            let mut own = *real;
            own.pNext = ptr::null_mut();
            own.zName = c"faulty".as_ptr();
            own.szOsFile = own.szOsFile.saturating_add(OWN_SIZE);
            own.xOpen = Some(open);
            own.xDelete = Some(delete);
            ffi::sqlite3_vfs_register(Box::leak(Box::new(own)), 1);
        }
    });
}

/// A file of ours; the system's own follows it in memory.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    path: *const c_char,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "two pointers"
)]
const OWN_SIZE: c_int = size_of::<File>() as c_int;

/// SAFETY of all that follows: SQLite hands over what [`open`] has set up, and the system's functions
/// are called with the system's own file, as SQLite would.
unsafe fn inner(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    unsafe { file.cast::<File>().add(1).cast() }
}

unsafe fn path_of(file: *mut ffi::sqlite3_file) -> Option<PathBuf> {
    unsafe {
        let path = (*file.cast::<File>()).path;
        (!path.is_null()).then(|| PathBuf::from(CStr::from_ptr(path).to_string_lossy().as_ref()))
    }
}

/// Calls the system's function of that name.
macro_rules! forward {
    ($file:expr, $name:ident $(, $argument:expr)*) => {{
        let real = inner($file);
        match (*(*real).pMethods).$name {
            Some(function) => function(real $(, $argument)*),
            None => ffi::SQLITE_IOERR,
        }
    }};
}

unsafe extern "C" fn open(
    _vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        let real = REAL.load(Ordering::SeqCst);
        let own = file.cast::<File>();
        (*own).base.pMethods = ptr::null();
        (*own).path = name;
        let Some(function) = (*real).xOpen else {
            return ffi::SQLITE_CANTOPEN;
        };
        let code = function(real, name, inner(file), flags, out);
        if !(*inner(file)).pMethods.is_null() {
            (*own).base.pMethods = &raw const METHODS;
        }
        code
    }
}

unsafe extern "C" fn delete(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync: c_int,
) -> c_int {
    if let Verdict::Failed(code) | Verdict::Half(code) = judge(Operation::Delete) {
        return code;
    }
    unsafe {
        let path = PathBuf::from(CStr::from_ptr(name).to_string_lossy().as_ref());
        let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        give_back(size);
        DISK.with_borrow_mut(|disk| disk.unsynced.retain(|one| one.path != path));
        let real = REAL.load(Ordering::SeqCst);
        match (*real).xDelete {
            Some(function) => function(real, name, sync),
            None => ffi::SQLITE_IOERR_DELETE,
        }
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    unsafe { forward!(file, xClose) }
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    to: *mut c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    if let Verdict::Failed(code) | Verdict::Half(code) = judge(Operation::Read) {
        return code;
    }
    unsafe { forward!(file, xRead, to, length, offset) }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    unsafe {
        match judge(Operation::Write) {
            Verdict::Failed(code) => return code,
            Verdict::Half(code) => {
                forward!(
                    file,
                    xWrite,
                    from,
                    length.checked_div(2).unwrap_or(0),
                    offset
                );
                return code;
            }
            Verdict::Done => {}
        }
        let end = u64::try_from(offset.saturating_add(i64::from(length))).unwrap_or(0);
        let growth = end.saturating_sub(size(file));
        let fits = take(growth);
        if fits < growth {
            // As the system does: what still fits is written.
            let short = u64::try_from(length).unwrap_or(0).saturating_sub(growth);
            let short = c_int::try_from(short.saturating_add(fits)).unwrap_or(0);
            if short > 0 {
                forward!(file, xWrite, from, short, offset);
            }
            return ffi::SQLITE_FULL;
        }
        remember(file, offset, Some((from.cast::<u8>(), length)));
        forward!(file, xWrite, from, length, offset)
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, to: i64) -> c_int {
    if let Verdict::Failed(code) | Verdict::Half(code) = judge(Operation::Truncate) {
        return code;
    }
    unsafe {
        remember(file, to, None);
        let to_size = u64::try_from(to).unwrap_or(0);
        give_back(size(file).saturating_sub(to_size));
        forward!(file, xTruncate, to)
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    if let Verdict::Failed(code) | Verdict::Half(code) = judge(Operation::Sync) {
        return code;
    }
    unsafe {
        if let Some(path) = path_of(file) {
            DISK.with_borrow_mut(|disk| disk.unsynced.retain(|one| one.path != path));
        }
        forward!(file, xSync, flags)
    }
}

unsafe extern "C" fn map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    if extend != 0 {
        if let Verdict::Failed(code) | Verdict::Half(code) = judge(Operation::Map) {
            return code;
        }
        let size = u64::try_from(size).unwrap_or(0);
        let end = size.saturating_mul(u64::try_from(page).unwrap_or(0).saturating_add(1));
        if !unsafe { grow_index(file, end) } {
            return ffi::SQLITE_IOERR_SHMSIZE;
        }
    }
    unsafe { forward!(file, xShmMap, page, size, extend, to) }
}

/// Takes room for the index beside the file, up to so many bytes; whether there is.
unsafe fn grow_index(file: *mut ffi::sqlite3_file, end: u64) -> bool {
    let Some(path) = (unsafe { path_of(file) }) else {
        return true;
    };
    let known = DISK.with_borrow(|disk| disk.indexes.get(&path).copied().unwrap_or(0));
    let growth = end.saturating_sub(known);
    let fits = take(growth);
    if fits < growth {
        give_back(fits);
        return false;
    }
    DISK.with_borrow_mut(|disk| disk.indexes.insert(path, end.max(known)));
    true
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, to: *mut i64) -> c_int {
    unsafe { forward!(file, xFileSize, to) }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    unsafe { forward!(file, xLock, level) }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    unsafe { forward!(file, xUnlock, level) }
}

unsafe extern "C" fn reserved(file: *mut ffi::sqlite3_file, to: *mut c_int) -> c_int {
    unsafe { forward!(file, xCheckReservedLock, to) }
}

unsafe extern "C" fn control(
    file: *mut ffi::sqlite3_file,
    what: c_int,
    argument: *mut c_void,
) -> c_int {
    unsafe { forward!(file, xFileControl, what, argument) }
}

unsafe extern "C" fn sector(file: *mut ffi::sqlite3_file) -> c_int {
    unsafe { forward!(file, xSectorSize) }
}

unsafe extern "C" fn characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    unsafe { forward!(file, xDeviceCharacteristics) }
}

unsafe extern "C" fn shared_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    unsafe { forward!(file, xShmLock, offset, count, flags) }
}

unsafe extern "C" fn barrier(file: *mut ffi::sqlite3_file) {
    unsafe {
        let real = inner(file);
        if let Some(function) = (*(*real).pMethods).xShmBarrier {
            function(real);
        }
    }
}

unsafe extern "C" fn unmap(file: *mut ffi::sqlite3_file, remove: c_int) -> c_int {
    if remove != 0
        && let Some(path) = unsafe { path_of(file) }
        && let Some(size) = DISK.with_borrow_mut(|disk| disk.indexes.remove(&path))
    {
        give_back(size);
    }
    unsafe { forward!(file, xShmUnmap, remove) }
}

/// Without the third version's memory maps: every byte comes by here.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(map),
    xShmLock: Some(shared_lock),
    xShmBarrier: Some(barrier),
    xShmUnmap: Some(unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Bytes of a file.
unsafe fn size(file: *mut ffi::sqlite3_file) -> u64 {
    let mut size = 0_i64;
    unsafe { forward!(file, xFileSize, &raw mut size) };
    u64::try_from(size).unwrap_or(0)
}

/// As much of the room as there is, up to `bytes`.
fn take(bytes: u64) -> u64 {
    DISK.with_borrow_mut(|disk| match &mut disk.room {
        None => bytes,
        Some(room) => {
            let taken = bytes.min(*room);
            *room = room.saturating_sub(taken);
            taken
        }
    })
}

fn give_back(bytes: u64) {
    DISK.with_borrow_mut(|disk| {
        if let Some(room) = &mut disk.room {
            *room = room.saturating_add(bytes);
        }
    });
}

/// Notes what lay where something is written or cut, when the power may be lost.
unsafe fn remember(file: *mut ffi::sqlite3_file, offset: i64, new: Option<(*const u8, c_int)>) {
    let loses = DISK.with_borrow(|disk| matches!(disk.fault, Some((_, Fault::PowerLoss(_)))));
    let Some(path) = (unsafe { path_of(file) }).filter(|_| loses) else {
        return;
    };
    let old_size = unsafe { size(file) };
    let from = u64::try_from(offset).unwrap_or(0);
    let there = old_size.saturating_sub(from);
    let length = match new {
        Some((_, length)) => there.min(u64::try_from(length).unwrap_or(0)),
        None => there,
    };
    let mut old = vec![0_u8; index(length)];
    let amount = c_int::try_from(length).unwrap_or(0);
    unsafe {
        if amount > 0 {
            forward!(file, xRead, old.as_mut_ptr().cast(), amount, offset);
        }
        let new = new.map(|(bytes, length)| {
            std::slice::from_raw_parts(bytes, usize::try_from(length).unwrap_or(0)).to_vec()
        });
        DISK.with_borrow_mut(|disk| {
            disk.unsynced.push(Unsynced {
                path,
                offset: from,
                old,
                old_size,
                new,
            });
        });
    }
}
