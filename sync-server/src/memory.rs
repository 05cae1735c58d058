//! Memory: documents are many small pieces, and little of it is used at a time.

/// Has the system hand out memory in small pages. Large ones, which some systems hand out by themselves,
/// are cleared and held whole for the little that is used of them.
#[cfg(target_os = "linux")]
pub fn small_pages() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "memory comes in large pages");
    }
}

/// Has the system hand out memory in small pages.
#[cfg(not(target_os = "linux"))]
pub const fn small_pages() {}
