//! Open files: every connection is one.

/// Files that are no connections: the store, its readers, browsers' files, blobs, the log.
const OTHERS: u64 = 512;
/// Fewest connections, however few files may be open: too many are refused by the system, one by one.
const CONNECTIONS_MIN: usize = 64;

/// Raises the number of files that may be open to what the system allows, and says how many connections
/// that leaves room for. `None` where the system has no such limit.
#[must_use]
pub fn raise() -> Option<usize> {
    raised().map(connections)
}

fn connections(files: u64) -> usize {
    usize::try_from(files.saturating_sub(OTHERS))
        .unwrap_or(usize::MAX)
        .max(CONNECTIONS_MIN)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_few_files_may_be_open_somebody_can_connect() {
        assert_eq!(connections(4096), 3584, "the rest is for other files");
        for files in [0, 256, 512, 513] {
            assert_eq!(connections(files), CONNECTIONS_MIN, "{files} files");
        }
    }
}
