//! Frames: a length (four bytes, little-endian) and that many bytes of postcard, in one zstd stream.
//!
//! A frame whose length has its highest bit set is optional: whoever does not know it skips it, so that a
//! newer side may say more to an older one. An unknown frame without the bit ends the exchange. In known
//! frames, what comes after the last known field is skipped.
//!
//! A short stream is compressed as if what both sides know had come before it, a few frames and the words
//! of the forms: one report is then mostly what only it says.

use std::io::Write;
use std::sync::LazyLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use zstd::dict::{DecoderDictionary, EncoderDictionary};
use zstd::stream::raw::{DParameter, Decoder, Operation as _};
use zstd::stream::write::Encoder;

use crate::error::{Code, Error, Result};

/// Largest frame: a document of the largest size and its header.
pub const FRAME_BYTES_MAX: usize = 3 * 1024 * 1024;
/// In a length: the frame may be skipped.
const OPTIONAL: u32 = 1 << 31;
/// What is taken from a whole stream at once, and what is inflated at once.
const STEP_BYTES: usize = 32 * 1024;

/// Compression of frames: ADR 11 says what each level is worth.
const LEVEL: i32 = 7;
/// A stream that ends before it is this long, uncompressed, is compressed as a whole: the compressor then
/// takes as little memory and time as its length deserves. Bytes.
const SHORT_BYTES: usize = 64 * 1024;

/// What both sides know, frames of each sort and then the words of the forms that come with Vigie: the
/// beginning that every short stream refers to. Part of the protocol.
pub const KNOWN: &[u8] = include_bytes!("known.bin");
static WRITTEN: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(KNOWN, LEVEL));
static READ: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(KNOWN));

/// Writes frames into a compressed stream.
pub struct Writer<W: Write> {
    /// What was written while nothing went out yet.
    short: Vec<u8>,
    /// Until the compressor starts.
    out: Option<W>,
    encoder: Option<Encoder<'static, W>>,
}

impl<W: Write> Writer<W> {
    /// Starts a stream.
    #[must_use]
    pub const fn new(out: W) -> Self {
        Self {
            short: Vec::new(),
            out: Some(out),
            encoder: None,
        }
    }

    /// Adds a frame.
    ///
    /// # Errors
    /// When the frame is too large or the stream is closed.
    pub fn write<T: Serialize>(&mut self, frame: &T) -> Result<()> {
        self.put(frame, 0)
    }

    /// Adds a frame that whoever does not know it may skip.
    ///
    /// # Errors
    /// When the frame is too large or the stream is closed.
    pub fn write_optional<T: Serialize>(&mut self, frame: &T) -> Result<()> {
        self.put(frame, OPTIONAL)
    }

    fn put<T: Serialize>(&mut self, frame: &T, mark: u32) -> Result<()> {
        let bytes = postcard::to_stdvec(frame)?;
        let length = u32::try_from(bytes.len())
            .ok()
            .filter(|_| bytes.len() <= FRAME_BYTES_MAX)
            .ok_or_else(|| Error::new(Code::TooLarge, "a frame is too large"))?;
        let length = (length | mark).to_le_bytes();
        if let Some(encoder) = &mut self.encoder {
            encoder.write_all(&length)?;
            return Ok(encoder.write_all(&bytes)?);
        }
        self.short.extend_from_slice(&length);
        self.short.extend_from_slice(&bytes);
        if self.short.len() > SHORT_BYTES {
            self.begin(None)?;
        }
        Ok(())
    }

    /// Starts the compressor with what was written so far; `whole` when nothing more comes: its length.
    fn begin(&mut self, whole: Option<u64>) -> Result<()> {
        if let Some(out) = self.out.take() {
            let mut encoder = match whole {
                Some(_) => Encoder::with_prepared_dictionary(out, &WRITTEN)?,
                None => Encoder::new(out, LEVEL)?,
            };
            encoder.set_pledged_src_size(whole)?;
            encoder.write_all(&std::mem::take(&mut self.short))?;
            self.encoder = Some(encoder);
        }
        Ok(())
    }

    /// Sends what is buffered, after each page: unless it is so little that the end may be near.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn flush(&mut self) -> Result<()> {
        if let Some(encoder) = &mut self.encoder {
            encoder.flush()?;
        }
        Ok(())
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// When the stream is closed.
    pub fn finish(mut self) -> Result<W> {
        self.begin(u64::try_from(self.short.len()).ok())?;
        match self.encoder {
            Some(encoder) => Ok(encoder.finish()?),
            None => Err(Error::unexpected("a stream that could not start")),
        }
    }
}

/// Reads all frames of a whole stream, inflating no more than `inflated_max` bytes.
///
/// # Errors
/// [`Code::TooLarge`] past a limit, [`Code::Protocol`] for anything that is not such a stream.
pub fn read_all<T: DeserializeOwned>(
    bytes: &[u8],
    inflated_max: usize,
    frames_max: usize,
) -> Result<Vec<T>> {
    let mut stream = Frames::new(bytes, inflated_max)?;
    let mut frames: Vec<T> = Vec::new();
    while let Some(frame) = stream.next::<T>()? {
        if frames.len() >= frames_max {
            return Err(Error::new(Code::TooLarge, "too many frames"));
        }
        frames.push(frame);
    }
    stream.end()?;
    Ok(frames)
}

/// The frames of a whole stream, one by one: what it inflates to never lies in memory as a whole.
pub struct Frames<'a> {
    reader: Reader,
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    /// Begins with a whole stream, inflating no more than `inflated_max` bytes.
    ///
    /// # Errors
    /// As [`Reader::new`].
    pub fn new(bytes: &'a [u8], inflated_max: usize) -> Result<Self> {
        Ok(Self {
            reader: Reader::new(inflated_max)?,
            rest: bytes,
        })
    }

    /// The next frame.
    ///
    /// # Errors
    /// As [`Reader::next`].
    #[expect(clippy::should_implement_trait, reason = "fails")]
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        loop {
            if let Some(frame) = self.reader.next::<T>()? {
                return Ok(Some(frame));
            }
            if self.rest.is_empty() {
                return Ok(None);
            }
            let (part, rest) = self.rest.split_at(STEP_BYTES.min(self.rest.len()));
            self.rest = rest;
            self.reader.feed(part);
        }
    }

    /// There are no more frames.
    ///
    /// # Errors
    /// [`Code::Protocol`] when the stream ends within a frame.
    pub fn end(self) -> Result<()> {
        if self.rest.is_empty() && self.reader.is_whole() {
            Ok(())
        } else {
            Err(Error::new(Code::Protocol, "the stream ends within a frame"))
        }
    }
}

/// Reads frames out of a stream as its bytes come. It inflates no further than to the next frame: four
/// bytes of a stream may become 128 KiB.
pub struct Reader {
    decoder: Decoder<'static>,
    /// What came, and how much of it is inflated.
    compressed: Vec<u8>,
    taken: usize,
    /// What is inflated and not read yet.
    inflated: Vec<u8>,
    start: usize,
    /// How much more may be inflated.
    room: usize,
}

impl Reader {
    /// Starts reading a stream of at most `inflated_max` bytes.
    ///
    /// # Errors
    /// When the decompressor cannot start.
    pub fn new(inflated_max: usize) -> Result<Self> {
        let mut decoder = Decoder::with_prepared_dictionary(&READ)?;
        // 8 MiB of window at most: a hostile header cannot ask for gigabytes.
        decoder.set_parameter(DParameter::WindowLogMax(23))?;
        Ok(Self {
            decoder,
            compressed: Vec::new(),
            taken: 0,
            inflated: Vec::new(),
            start: 0,
            room: inflated_max,
        })
    }

    /// Takes bytes as they came from the network.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.compressed.drain(..std::mem::take(&mut self.taken));
        self.compressed.extend_from_slice(bytes);
    }

    /// The next whole frame, if it has come.
    ///
    /// # Errors
    /// [`Code::Protocol`] when the bytes are not a frame, [`Code::TooLarge`] past a limit.
    #[expect(
        clippy::should_implement_trait,
        reason = "fails, and is fed in between"
    )]
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        loop {
            let Some((optional, length)) = self.head()? else {
                if self.inflate()? {
                    continue;
                }
                return Ok(None);
            };
            let from = self.start.saturating_add(4);
            let to = from.saturating_add(length);
            let Some(bytes) = self.inflated.get(from..to) else {
                if self.inflate()? {
                    continue;
                }
                return Ok(None);
            };
            let frame = postcard::from_bytes(bytes);
            self.start = to;
            match frame {
                Ok(frame) => return Ok(Some(frame)),
                Err(_unknown) if optional => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether the next frame may be skipped, and how long it is; `None` while that has not come.
    fn head(&self) -> Result<Option<(bool, usize)>> {
        let pending = self.inflated.get(self.start..).unwrap_or_default();
        let Some(length) = pending.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*length);
        let optional = length & OPTIONAL != 0;
        let length = usize::try_from(length & !OPTIONAL).unwrap_or(usize::MAX);
        if length > FRAME_BYTES_MAX {
            return Err(Error::new(Code::TooLarge, "a frame is too large"));
        }
        Ok(Some((optional, length)))
    }

    /// Inflates a step further; whether there was anything.
    fn inflate(&mut self) -> Result<bool> {
        self.inflated.drain(..std::mem::take(&mut self.start));
        let before = self.inflated.len();
        self.inflated.resize(before.saturating_add(STEP_BYTES), 0);
        let out = self.inflated.get_mut(before..).unwrap_or_default();
        let rest = self.compressed.get(self.taken..).unwrap_or_default();
        let status = self
            .decoder
            .run_on_buffers(rest, out)
            .map_err(|error| Error::new(Code::Protocol, format!("broken stream: {error}")))?;
        let more = status.bytes_written;
        self.inflated.truncate(before.saturating_add(more));
        self.taken = self.taken.saturating_add(status.bytes_read);
        let Some(room) = self.room.checked_sub(more) else {
            return Err(Error::new(
                Code::TooLarge,
                "the stream inflates past its limit",
            ));
        };
        self.room = room;
        Ok(more > 0 || status.bytes_read > 0)
    }

    /// Whether no half frame is left.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.start == self.inflated.len() && self.taken == self.compressed.len()
    }
}

/// A request's bytes from its frames.
///
/// # Errors
/// When a frame is too large.
pub fn encode<T: Serialize>(frames: &[T]) -> Result<Vec<u8>> {
    let mut writer = Writer::new(Vec::new());
    for frame in frames {
        writer.write(frame)?;
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::message::Response;

    #[test]
    fn a_stream_is_inflated_no_further_than_to_its_next_frame() {
        let frames = vec![Response::ResendCursors; 200_000];
        let stream = encode(&frames).expect("a megabyte of frames");
        assert!(stream.len() < 10_000, "a bomb: {} bytes", stream.len());
        let mut reader = Reader::new(2_000_000).expect("a reader");
        reader.feed(&stream);
        for _ in &frames {
            let frame = reader.next::<Response>().expect("a frame");
            assert_eq!(frame, Some(Response::ResendCursors), "each of them");
            assert!(reader.inflated.len() <= 2 * STEP_BYTES, "little at once");
        }
        assert_eq!(reader.next::<Response>().expect("the end"), None, "no more");
        assert!(reader.is_whole(), "all was read");
    }

    #[test]
    fn a_stream_that_inflates_past_its_limit_is_refused_there() {
        let stream = encode(&vec![Response::ResendCursors; 200_000]).expect("frames");
        let read = read_all::<Response>(&stream, 900_000, usize::MAX);
        let code = read.err().map(|error| error.code());
        assert_eq!(code, Some(Code::TooLarge), "a million bytes");
    }
}
