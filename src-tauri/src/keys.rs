//! The key of the device's file: 256 random bits in the system's keystore. Where there is none, a
//! file that its owner alone may read, and a warning that the settings show.
//!
//! `install.json` beside the file remembers which of the two it was, so that a keystore that is
//! locked today is waited for instead of being taken for one that never had the key.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vigie_core::error::{Code, Error, Result};

use crate::entropy;

/// How long a keystore may take to say that it is there.
const FIRST_ANSWER: Duration = Duration::from_secs(5);
/// How long it may take once it holds the key: someone may have to unlock it.
const UNLOCKED: Duration = Duration::from_secs(120);
/// Remembers this installation.
const INSTALL: &str = "install.json";
/// The key, where there is no keystore.
const KEY_FILE: &str = "vigie.key";

/// A place of the system that keeps secrets.
pub trait Keystore: Send + Sync {
    /// The secret under `name`; `None` when there is none.
    ///
    /// # Errors
    /// [`Code::Storage`] when the keystore cannot be reached or is locked.
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Keeps a secret under `name`.
    ///
    /// # Errors
    /// As [`Self::get`].
    fn set(&self, name: &str, secret: &[u8]) -> Result<()>;
}

/// Keychain on macOS, Credential Manager on Windows, Secret Service elsewhere.
#[cfg(desktop)]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemKeystore;

/// The name under which the system lists the secret.
#[cfg(desktop)]
const SERVICE: &str = "io.vigie.app";

#[cfg(desktop)]
impl Keystore for SystemKeystore {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match keyring::Entry::new(SERVICE, name).and_then(|entry| entry.get_secret()) {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(Error::new(Code::Storage, format!("keystore: {error}"))),
        }
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<()> {
        keyring::Entry::new(SERVICE, name)
            .and_then(|entry| entry.set_secret(secret))
            .map_err(|error| Error::new(Code::Storage, format!("keystore: {error}")))
    }
}

/// The key of the device's file, and where it lies.
#[derive(Clone, Copy)]
pub struct FileKey {
    /// The raw key.
    pub key: [u8; 32],
    /// In the keystore rather than in a file.
    pub in_keystore: bool,
    /// The key is new although there was a file: that file can no longer be read.
    pub lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Keystore,
    File,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Install {
    /// Tells this installation's secret from others in the same keystore.
    id: String,
    key: Place,
}

/// The key of the file in `folder`, made at the first start. `has_data` when there is a file that
/// was written with it.
///
/// # Errors
/// [`Code::Storage`] when the keystore that holds the key does not answer, or when the folder
/// cannot be written.
pub fn file_key(folder: &Path, keystore: &Arc<dyn Keystore>, has_data: bool) -> Result<FileKey> {
    let install = read_install(folder)?;
    match &install {
        Some(install) if install.key == Place::File => {
            if let Some(key) = read_key_file(folder)? {
                return Ok(FileKey {
                    key,
                    in_keystore: false,
                    lost: false,
                });
            }
        }
        Some(install) => {
            let name = install.id.clone();
            if let Some(key) = within(UNLOCKED, keystore, move |keystore| keystore.get(&name))?
                .and_then(|secret| <[u8; 32]>::try_from(secret).ok())
            {
                return Ok(FileKey {
                    key,
                    in_keystore: true,
                    lost: false,
                });
            }
        }
        None => {}
    }
    let key = entropy::bytes::<32>();
    let id = install.map_or_else(new_id, |install| install.id);
    let in_keystore = keep_in_keystore(keystore, &id, key);
    if !in_keystore {
        write_private(&folder.join(KEY_FILE), &key)?;
    }
    let place = if in_keystore {
        Place::Keystore
    } else {
        Place::File
    };
    let install = serde_json::to_vec(&Install { id, key: place })?;
    write_private(&folder.join(INSTALL), &install)?;
    Ok(FileKey {
        key,
        in_keystore,
        lost: has_data,
    })
}

/// Whether the keystore took the key and gives it back.
fn keep_in_keystore(keystore: &Arc<dyn Keystore>, id: &str, key: [u8; 32]) -> bool {
    let name = id.to_owned();
    let kept = within(FIRST_ANSWER, keystore, move |keystore| {
        keystore.set(&name, &key)?;
        keystore.get(&name)
    });
    match kept {
        Ok(Some(secret)) => secret == key,
        Ok(None) => false,
        Err(error) => {
            tracing::warn!(
                error = error.message(),
                "no keystore: the key goes into a file"
            );
            false
        }
    }
}

/// Asks the keystore on a thread of its own: it may hang, and it may run a loop of its own.
fn within<T: Send + 'static>(
    time: Duration,
    keystore: &Arc<dyn Keystore>,
    ask: impl FnOnce(&dyn Keystore) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = mpsc::channel();
    let keystore = Arc::clone(keystore);
    std::thread::spawn(move || {
        // Nobody waits any more when it took too long.
        drop(sender.send(ask(keystore.as_ref())));
    });
    receiver
        .recv_timeout(time)
        .map_err(|error| Error::new(Code::Storage, format!("keystore: {error}")))?
}

fn new_id() -> String {
    let random = entropy::bytes::<8>();
    random.iter().fold(String::from("file-key-"), |text, byte| {
        format!("{text}{byte:02x}")
    })
}

fn read_install(folder: &Path) -> Result<Option<Install>> {
    match fs::read(folder.join(INSTALL)) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| Error::new(Code::Storage, format!("{INSTALL}: {error}"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read_key_file(folder: &Path) -> Result<Option<[u8; 32]>> {
    match fs::read(folder.join(KEY_FILE)) {
        Ok(bytes) => Ok(<[u8; 32]>::try_from(bytes).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes a file that its owner alone may read, whole or not at all.
fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let partial = path.with_extension("partial");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    private(&mut options);
    let mut file = options.open(&partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    Ok(())
}

/// Makes what is created readable by its owner alone; elsewhere than on Unix, the user's folder is.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _unchanged = options;
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
