//! Frames: a length (four bytes, little-endian) and that many bytes of postcard, in one zstd stream.
//!
//! A frame whose length has its highest bit set is optional: whoever does not know it skips it, so that a
//! newer side may say more to an older one. An unknown frame without the bit ends the exchange. In known
//! frames, what comes after the last known field is skipped.

use std::io::{Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, Error, Result};

/// Largest frame: a document of the largest size and its header.
pub const FRAME_BYTES_MAX: usize = 3 * 1024 * 1024;
/// In a length: the frame may be skipped.
const OPTIONAL: u32 = 1 << 31;
/// Compressed bytes after which whole frames are taken out.
const FED_BYTES: usize = 4096;

/// Compression of frames: ADR 11 says what each level is worth.
const LEVEL: i32 = 7;
/// A stream that ends before it is this long, uncompressed, is compressed as a whole: the compressor then
/// takes as little memory and time as its length deserves. Bytes.
const SHORT_BYTES: usize = 64 * 1024;

/// Writes frames into a compressed stream.
pub struct Writer<W: Write> {
    /// What was written while nothing went out yet.
    short: Vec<u8>,
    /// Until the compressor starts.
    out: Option<W>,
    encoder: Option<zstd::stream::write::Encoder<'static, W>>,
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
            let mut encoder = zstd::stream::write::Encoder::new(out, LEVEL)?;
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
    /// As [`Reader::feed`] and [`Reader::next`].
    #[expect(clippy::should_implement_trait, reason = "fails")]
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        loop {
            if let Some(frame) = self.reader.next::<T>()? {
                return Ok(Some(frame));
            }
            if self.rest.is_empty() {
                return Ok(None);
            }
            let (part, rest) = self.rest.split_at(FED_BYTES.min(self.rest.len()));
            self.rest = rest;
            self.reader.feed(part)?;
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

/// Reads frames out of a stream as its bytes come.
pub struct Reader {
    decoder: zstd::stream::write::Decoder<'static, Inflated>,
    start: usize,
}

/// What was inflated and not yet read. It takes no more than its room: four bytes of a stream may
/// become 128 KiB, so that no step of the input is small enough to look only after it.
struct Inflated {
    bytes: Vec<u8>,
    room: usize,
    full: bool,
}

impl Write for Inflated {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let Some(room) = self.room.checked_sub(bytes.len()) else {
            self.full = true;
            return Err(std::io::ErrorKind::FileTooLarge.into());
        };
        self.room = room;
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Reader {
    /// Starts reading a stream of at most `inflated_max` bytes.
    ///
    /// # Errors
    /// When the decompressor cannot start.
    pub fn new(inflated_max: usize) -> Result<Self> {
        let inflated = Inflated {
            bytes: Vec::new(),
            room: inflated_max,
            full: false,
        };
        let mut decoder = zstd::stream::write::Decoder::new(inflated)?;
        // 8 MiB of window at most: a hostile header cannot ask for gigabytes.
        decoder.window_log_max(23)?;
        Ok(Self { decoder, start: 0 })
    }

    /// Takes bytes as they came from the network.
    ///
    /// # Errors
    /// [`Code::Protocol`] when they are not such a stream, [`Code::TooLarge`] past the limit.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        let start = std::mem::take(&mut self.start);
        self.decoder.get_mut().bytes.drain(..start);
        let fed = self
            .decoder
            .write_all(bytes)
            .and_then(|()| self.decoder.flush());
        fed.map_err(|error| {
            if self.decoder.get_ref().full {
                Error::new(Code::TooLarge, "the stream inflates past its limit")
            } else {
                Error::new(Code::Protocol, format!("broken stream: {error}"))
            }
        })?;
        Ok(())
    }

    /// The next whole frame, if it has come.
    ///
    /// # Errors
    /// [`Code::Protocol`] when the bytes are not a frame.
    #[expect(
        clippy::should_implement_trait,
        reason = "fails, and is fed in between"
    )]
    pub fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        loop {
            let pending = self
                .decoder
                .get_ref()
                .bytes
                .get(self.start..)
                .unwrap_or_default();
            let Some((length, rest)) = pending.split_first_chunk::<4>() else {
                return Ok(None);
            };
            let length = u32::from_le_bytes(*length);
            let optional = length & OPTIONAL != 0;
            let length = usize::try_from(length & !OPTIONAL).unwrap_or(usize::MAX);
            if length > FRAME_BYTES_MAX {
                return Err(Error::new(Code::TooLarge, "a frame is too large"));
            }
            let Some(bytes) = rest.get(..length) else {
                return Ok(None);
            };
            let frame = postcard::from_bytes(bytes);
            self.start = self.start.saturating_add(length).saturating_add(4);
            match frame {
                Ok(frame) => return Ok(Some(frame)),
                Err(_unknown) if optional => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether no half frame is left.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.start == self.decoder.get_ref().bytes.len()
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

/// Reads a reader to its end, for callers that hold a stream.
///
/// # Errors
/// When reading fails or passes `bytes_max`.
pub fn read_to_end(reader: impl Read, bytes_max: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    reader.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        return Err(Error::new(Code::TooLarge, "too many bytes"));
    }
    Ok(bytes)
}
