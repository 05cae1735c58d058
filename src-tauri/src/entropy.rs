//! Random bytes from the operating system.

use std::time::Duration;

use vigie_core::Entropy;

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, buffer: &mut [u8]) {
        // It fails only before the system has gathered entropy: wait for it.
        while getrandom::fill(buffer).is_err() {
            std::thread::sleep(Duration::from_millis(10));
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

/// One random byte, for pauses.
#[must_use]
pub fn jitter() -> u8 {
    let [byte] = bytes::<1>();
    byte
}
