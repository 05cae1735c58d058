//! A cursor over bytes that reads Automerge's numbers and refuses every spelling but the shortest.

use super::refusal::{Code, Refusal};

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(Refusal::new(
                Code::Truncated,
                format!("{count} bytes wanted, {} left", self.rest.len()),
            ));
        };
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(Refusal::new(
                Code::Truncated,
                format!("{N} bytes wanted, {} left", self.rest.len()),
            ));
        };
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refusal> {
        let [byte] = self.array::<1>()?;
        Ok(byte)
    }

    /// An unsigned LEB128 number in its shortest form.
    pub(super) fn unsigned(&mut self) -> Result<u64, Refusal> {
        let mut value = 0_u64;
        for shift in (0..64_u32).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(Refusal::new(Code::NumberOverlong, "an unsigned number"));
                }
                return Ok(value);
            }
        }
        Err(Refusal::new(Code::NumberOverflow, "an unsigned number"))
    }

    /// A signed LEB128 number in its shortest form.
    pub(super) fn signed(&mut self) -> Result<i64, Refusal> {
        let mut value = 0_i64;
        let mut before = 0_u8;
        for shift in (0..64_u32).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                break;
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0;
                let was_negative = before & 0x40 != 0;
                if shift > 0 && ((byte == 0 && !was_negative) || (byte == 0x7f && was_negative)) {
                    return Err(Refusal::new(Code::NumberOverlong, "a signed number"));
                }
                if negative && shift < 57 {
                    value |= -1_i64 << shift.saturating_add(7);
                }
                return Ok(value);
            }
            before = byte;
        }
        Err(Refusal::new(Code::NumberOverflow, "a signed number"))
    }

    /// A number that counts bytes still to come.
    pub(super) fn length(&mut self) -> Result<usize, Refusal> {
        let value = self.unsigned()?;
        usize::try_from(value)
            .map_err(|error| Refusal::new(Code::NumberOverflow, error.to_string()))
    }

    /// UTF-8 text with its length before it.
    pub(super) fn text(&mut self) -> Result<&'a str, Refusal> {
        let length = self.length()?;
        utf8(self.take(length)?)
    }
}

/// The bytes as text.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|error| Refusal::new(Code::NotUtf8, error.to_string()))
}
