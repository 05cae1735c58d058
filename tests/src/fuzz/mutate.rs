//! Bends an input a little, as libFuzzer does, but always the same way for the same seed.

use crate::chance::Chance;

/// Numbers at which things break.
const EDGES: [u8; 8] = [0x00, 0x01, 0x7e, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/// The input with one to four places bent; `other` lends it pieces.
#[must_use]
pub fn mutate(input: &[u8], other: &[u8], longest: usize, chance: &mut Chance) -> Vec<u8> {
    let mut bent = input.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bent.len() + 1);
        let piece = piece(other, chance);
        if bent.len() == at || chance.one_in(6) {
            bent.splice(at..at, piece.iter().copied());
            continue;
        }
        let end = at + 1 + chance.below((bent.len() - at).min(16));
        match chance.below(6) {
            0 => bent[at] ^= 1 << chance.below(8),
            1 => bent[at] = EDGES[chance.below(EDGES.len())],
            2 => bent[at] = bent[at].wrapping_add(if chance.one_in(2) { 1 } else { 255 }),
            3 => drop(bent.drain(at..end)),
            4 => bent.extend_from_within(at..end),
            _ => drop(bent.splice(at..end, piece.iter().copied())),
        }
    }
    bent.truncate(longest);
    bent
}

/// Up to 32 bytes of it.
fn piece<'a>(of: &'a [u8], chance: &mut Chance) -> &'a [u8] {
    let from = chance.below(of.len());
    let length = (1 + chance.below(32)).min(of.len() - from);
    &of[from..from + length]
}
