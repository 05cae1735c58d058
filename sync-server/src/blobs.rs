//! Photos and packs in a folder, named by what they are: `blobs/ab/cd/<sha-256>`. Nothing lies there
//! that has not been verified.

use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vigie_core::capsule::pack;
use vigie_core::error::{Code, Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::store::blob::{SIZE_MAX, hex, picture};

/// The type of a capsule's pack.
pub const PACK: &str = "application/vnd.vigie.pack";

/// The folder.
#[derive(Debug)]
pub struct Blobs {
    folder: PathBuf,
    parts: PathBuf,
}

impl Blobs {
    /// Opens or creates the folder under `data`.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(data: &Path) -> Result<Self> {
        let blobs = Self {
            folder: data.join("blobs"),
            parts: data.join("parts"),
        };
        fs::create_dir_all(&blobs.folder)?;
        fs::create_dir_all(&blobs.parts)?;
        Ok(blobs)
    }

    /// Where a blob lies once it has arrived.
    #[must_use]
    pub fn path(&self, hash: &[u8; 32]) -> PathBuf {
        let name = hex(hash);
        let (first, rest) = name.split_at_checked(2).unwrap_or_default();
        let second = rest.get(..2).unwrap_or_default();
        self.folder.join(first).join(second).join(&name)
    }

    /// Where an upload lies while it is on its way.
    #[must_use]
    pub fn part(&self, upload: Id) -> PathBuf {
        self.parts.join(upload.to_string())
    }

    /// The content of a blob; `None` when it is not here.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>> {
        match fs::read(self.path(hash)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a blob. Its bytes are the file system's to overwrite.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self, hash: &[u8; 32]) -> Result<()> {
        match fs::remove_file(self.path(hash)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Keeps content that is at hand.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub fn put(&self, blob: &BlobRef, content: &[u8], upload: Id) -> Result<()> {
        let part = self.part(upload);
        File::create(&part)?.write_all(content)?;
        self.finish(&part, blob)
    }

    /// Moves a whole upload to its place, once it is what it was said to be.
    ///
    /// # Errors
    /// [`Code::Invalid`] when the content is not what its name says, [`Code::NotAPicture`] when it is
    /// of a type that is not taken, [`Code::TooLarge`]. The upload is removed then.
    pub fn finish(&self, part: &Path, blob: &BlobRef) -> Result<()> {
        match verify(part, blob) {
            Ok(()) => {}
            Err(error) => {
                fs::remove_file(part)?;
                return Err(error);
            }
        }
        File::open(part)?.sync_all()?;
        let path = self.path(&blob.hash);
        let Some(folder) = path.parent() else {
            return Err(Error::unexpected("a blob lies in a folder"));
        };
        fs::create_dir_all(folder)?;
        fs::rename(part, &path)?;
        // The name must last as well as the content.
        File::open(folder)?.sync_all()?;
        Ok(())
    }

    /// Removes parts whose upload is not among `live`.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn sweep_parts(&self, live: &[Id]) -> Result<usize> {
        let mut swept = 0_usize;
        for entry in fs::read_dir(&self.parts)? {
            let entry = entry?;
            let name = entry.file_name();
            let upload = name.to_str().and_then(|name| name.parse::<Id>().ok());
            if upload.is_none_or(|upload| !live.contains(&upload)) {
                fs::remove_file(entry.path())?;
                swept = swept.saturating_add(1);
            }
        }
        Ok(swept)
    }
}

/// Whether the file is what `blob` says: size, hash, and a type that is taken.
fn verify(path: &Path, blob: &BlobRef) -> Result<()> {
    let size = fs::metadata(path)?.len();
    if size > u64::try_from(SIZE_MAX).unwrap_or(u64::MAX) {
        return Err(Error::new(Code::TooLarge, "the blob is too large"));
    }
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut start = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        if start.is_empty() {
            start = bytes.iter().copied().take(16).collect();
        }
        digest.update(bytes);
    }
    let hash: [u8; 32] = digest.finalize().into();
    if hash != blob.hash || size != blob.size {
        return Err(Error::invalid("a blob's content is not what its name says"));
    }
    let taken = match blob.media_type.as_str() {
        PACK => {
            size <= u64::try_from(pack::PACK_BYTES_MAX).unwrap_or(0) && {
                pack::unpack(&fs::read(path)?).is_ok()
            }
        }
        media_type => picture(&start) == Some(media_type),
    };
    if taken {
        Ok(())
    } else {
        Err(Error::new(
            Code::NotAPicture,
            "a blob of a type that is not taken",
        ))
    }
}
