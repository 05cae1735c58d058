//! Random bytes from the operating system.

use vigie_core::{Entropy, Id};

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, buffer: &mut [u8]) {
        // It fails only before the system has gathered entropy: wait for it.
        while getrandom::fill(buffer).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// That many random bytes.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsEntropy.fill(&mut bytes);
    bytes
}

/// A new id of this moment.
#[must_use]
pub fn id(now_ms: i64) -> Id {
    Id::from_parts(now_ms, bytes())
}
