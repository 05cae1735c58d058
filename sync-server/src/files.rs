//! Open files: every connection is one.

/// Files that are no connections: the store, its readers, browsers' files, blobs, the log.
const OTHERS: u64 = 512;

/// Raises the number of files that may be open to what the system allows, and says how many connections
/// that leaves room for. `None` where the system has no such limit.
#[must_use]
pub fn raise() -> Option<usize> {
    raised().map(|files| usize::try_from(files.saturating_sub(OTHERS)).unwrap_or(usize::MAX))
}

#[cfg(unix)]
fn raised() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays as it is");
            limit.current
        }
    }
}

#[cfg(not(unix))]
fn raised() -> Option<u64> {
    None
}
