//! The device's file: where it lies, opened with its key, put aside when it can no longer be read
//! or when it holds what another person has not sent yet.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vigie_core::error::Result;
use vigie_core::store::open::cipher_version;
use vigie_core::{Device, Id};

use crate::entropy::OsEntropy;
use crate::keys::{self, Keystore, private};

/// The folder of this installation, and the key of the files in it.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
    key: Option<[u8; 32]>,
    in_keystore: bool,
}

impl Files {
    /// Makes the folder and finds or makes the key. Without the feature `encrypted` there is none.
    ///
    /// # Errors
    /// As [`keys::file_key`].
    pub fn open(folder: &Path, keystore: &Arc<dyn Keystore>, now_ms: i64) -> Result<Self> {
        make_folder(folder)?;
        let mut files = Self {
            folder: folder.to_owned(),
            key: None,
            in_keystore: false,
        };
        if cfg!(feature = "encrypted") {
            let key = keys::file_key(folder, keystore, files.main().exists())?;
            if key.lost {
                tracing::error!("the key is lost: the file is put aside, unreadable");
                files.rename(&files.main(), &files.named(&format!("unreadable-{now_ms}")))?;
            }
            files.key = Some(key.key);
            files.in_keystore = key.in_keystore;
        }
        Ok(files)
    }

    /// Whether the key lies in the system's keystore.
    #[must_use]
    pub const fn key_in_keystore(&self) -> bool {
        self.in_keystore
    }

    /// Opens or creates the device's file.
    ///
    /// # Errors
    /// [`vigie_core::Code::Storage`] when it is damaged or a newer Vigie wrote it.
    pub fn device(&self) -> Result<Device> {
        let path = self.main();
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        private(&mut options);
        // SQLite gives its journal the same rights.
        drop(options.open(&path)?);
        Device::open(&path, self.key.as_ref(), Box::new(OsEntropy))
    }

    /// Whether an open device's file is encrypted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn is_encrypted(device: &Device) -> Result<bool> {
        Ok(cipher_version(device.db())?.is_some())
    }

    /// Puts the closed file aside, because it holds what this person has not sent.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn put_aside(&self, person: Id) -> Result<()> {
        self.rename(&self.main(), &self.kept(person))
    }

    /// Takes back the file that was put aside for this person, if there is one.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn take_back(&self, person: Id) -> Result<bool> {
        let kept = self.kept(person);
        if !kept.exists() {
            return Ok(false);
        }
        self.rename(&kept, &self.main())?;
        Ok(true)
    }

    /// Removes the closed file.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove(&self) -> Result<()> {
        // The journal first: a file must never meet the journal of another.
        for path in parts(&self.main()) {
            if path.exists() {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// Removes those that were put aside for other people, then the closed file, which holds who was
    /// here: as long as one is left, it is known that they must go.
    ///
    /// # Errors
    /// When one cannot be removed; the others that were put aside are gone then.
    pub fn remove_all(&self) -> Result<()> {
        let mut removed = Ok(());
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_some_and(|name| name.starts_with("kept-") || name.starts_with("unreadable-"))
            {
                removed = removed.and(fs::remove_file(&path));
            }
        }
        removed?;
        self.remove()
    }

    /// Moves a closed file; SQLite has written its journal into it.
    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        for (from, to) in parts(from).iter().zip(parts(to)) {
            if from.exists() {
                fs::rename(from, to)?;
            }
        }
        // So that the names last.
        #[cfg(unix)]
        fs::File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    fn main(&self) -> PathBuf {
        // A build that cannot encrypt must not meet a file that is.
        self.folder.join(if cfg!(feature = "encrypted") {
            "vigie.db"
        } else {
            "vigie-plain.db"
        })
    }

    fn named(&self, name: &str) -> PathBuf {
        let extension = if cfg!(feature = "encrypted") {
            "db"
        } else {
            "plain.db"
        };
        self.folder.join(format!("{name}.{extension}"))
    }

    fn kept(&self, person: Id) -> PathBuf {
        self.named(&format!("kept-{person}"))
    }
}

/// A file of SQLite and what lies beside it, the file itself last.
fn parts(path: &Path) -> [PathBuf; 3] {
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    [beside("-wal"), beside("-shm"), path.to_owned()]
}

fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)?;
    Ok(())
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
