//! Chance with a seed: the same seed gives the same story.

use vigie_core::{Entropy, Id};

/// A generator (xorshift64*): not for secrets.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        // Spread, so that neighbouring seeds tell different stories; never zero.
        let spread = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self((spread ^ (spread >> 29)) | 1)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Another generator, whose draws do not disturb this one's.
    #[must_use]
    pub const fn fork(&mut self) -> Self {
        Self::new(self.bits())
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        let drawn = (self.bits() >> 11).checked_rem(limit).unwrap_or(0);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// A duration from `from` up to and without `to`: milliseconds.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = usize::try_from(to.saturating_sub(from)).unwrap_or(0);
        from.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True once in `times`, on average.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// A new id.
    pub fn id(&mut self, now_ms: i64) -> Id {
        let mut random = [0; 10];
        self.fill(&mut random);
        Id::from_parts(now_ms, random)
    }
}

impl Entropy for Chance {
    fn fill(&mut self, buffer: &mut [u8]) {
        for part in buffer.chunks_mut(8) {
            let bits = self.bits().to_le_bytes();
            for (to, from) in part.iter_mut().zip(bits) {
                *to = from;
            }
        }
    }
}
