//! What everything in the shell shares: the device, the session, the network, the sync machine.
//! It knows no window: tests run it alone.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc, watch};
use vigie_core::error::{Code, Error, Result};
use vigie_core::store::setting;
use vigie_core::sync::machine::{Event, Machine};
use vigie_core::{Device, Id, Moment};

use crate::blobs::Partial;
use crate::clock::{self, Clock};
use crate::files::Files;
use crate::keys::Keystore;
use crate::server::Http;

/// Topics that changed.
pub type Changed = BTreeSet<&'static str>;
/// Tells the screens what changed.
pub type Emit = Box<dyn Fn(&Changed) + Send + Sync>;

/// What a shell starts with.
pub struct Setup {
    /// Where its data lies; made when it is not there.
    pub folder: PathBuf,
    /// The time.
    pub clock: Clock,
    /// Where keys lie.
    pub keystore: Arc<dyn Keystore>,
    /// Tells the screens what changed.
    pub emit: Emit,
}

/// How this device speaks to its server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The server's address.
    pub server: String,
    /// The device's token; empty once it was revoked.
    pub token: String,
    /// Since when the token is used: milliseconds.
    pub token_at: i64,
    /// The server revoked the device; what was never sent is still here.
    pub revoked: bool,
    /// Which device this is to the server: another at each enrolment. `None` in files from before.
    #[serde(default)]
    pub device: Option<Id>,
}

impl Session {
    /// Whether both are of one enrolment that still holds; the token may be a fresh one by now.
    fn is_still(&self, begun: &Self) -> bool {
        self.server == begun.server
            && self.device == begun.device
            && !self.revoked
            && !begun.revoked
    }
}

/// Under this key the session lies in the device's file.
const SESSION: &str = "session";

/// A word for the sync loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Something for the machine.
    Event(Event),
    /// The server can be reached again: what hangs on an old connection is given up.
    Reachable,
}

/// The shell.
pub struct Shell {
    device: Mutex<Result<Device>>,
    files: Mutex<Option<Files>>,
    session: Mutex<Option<Session>>,
    encrypted: bool,
    key_in_keystore: bool,
    clock: Clock,
    emit: Emit,
    /// The network.
    pub(crate) http: Http,
    /// What the device does next.
    pub(crate) machine: Mutex<Machine>,
    /// What has come of a blob so far.
    pub(crate) partial: Mutex<Option<Partial>>,
    /// Blobs that the server did not take or give, until somebody asks to sync now.
    pub(crate) given_up: Mutex<BTreeSet<[u8; 32]>>,
    /// The blobs should make way for text.
    pub(crate) make_way: AtomicBool,
    /// When somebody last came back to the window: milliseconds.
    pub(crate) awoken_at: Mutex<i64>,
    /// How often the machine came to rest.
    pub(crate) rests: watch::Sender<u64>,
    /// An exchange ended well after one that had failed, or a session began.
    pub(crate) contact: Notify,
    sender: mpsc::UnboundedSender<Word>,
    receiver: Mutex<Option<mpsc::UnboundedReceiver<Word>>>,
}

impl Shell {
    /// Opens the device's file. What goes wrong is told at the first call, where a screen can say
    /// it.
    #[must_use]
    pub fn open(setup: Setup) -> Self {
        let files = Files::open(&setup.folder, &setup.keystore, (setup.clock)());
        let device = files.as_ref().map_err(Clone::clone).and_then(Files::device);
        if let Err(error) = &device {
            tracing::error!(
                code = error.code().as_str(),
                message = error.message(),
                "no device"
            );
        }
        let session = device.as_ref().ok().and_then(|device| {
            setting::get(device.db(), SESSION).unwrap_or_else(|error| {
                tracing::error!(message = error.message(), "the session cannot be read");
                None
            })
        });
        let encrypted = device
            .as_ref()
            .is_ok_and(|device| Files::is_encrypted(device).unwrap_or(false));
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            encrypted,
            key_in_keystore: files.as_ref().is_ok_and(Files::key_in_keystore),
            device: Mutex::new(device),
            files: Mutex::new(files.ok()),
            session: Mutex::new(session),
            clock: setup.clock,
            emit: setup.emit,
            http: Http::default(),
            machine: Mutex::new(Machine::default()),
            partial: Mutex::new(None),
            given_up: Mutex::new(BTreeSet::new()),
            make_way: AtomicBool::new(false),
            awoken_at: Mutex::new(0),
            rests: watch::Sender::new(0),
            contact: Notify::new(),
            sender,
            receiver: Mutex::new(Some(receiver)),
        }
    }

    /// The time: milliseconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// This moment on the person's wall clock: `offset_minutes` as the page tells it.
    #[must_use]
    pub fn moment(&self, offset_minutes: Option<i32>) -> Moment {
        let ms = self.now();
        match offset_minutes {
            Some(offset_minutes) => Moment {
                ms,
                offset_minutes: offset_minutes.clamp(-14 * 60, 14 * 60),
            },
            None => clock::moment(ms),
        }
    }

    /// Whether the file is encrypted.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Whether the key lies in the system's keystore.
    #[must_use]
    pub const fn key_in_keystore(&self) -> bool {
        self.key_in_keystore
    }

    /// Whether the file could not be opened.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        locked(&self.device).is_err()
    }

    /// Does something with the device, off the threads that serve others.
    ///
    /// # Errors
    /// What `act` says, or why there is no device.
    pub async fn device<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Device) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shell = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || match &mut *locked(&shell.device) {
            Ok(device) => act(device),
            Err(error) => Err(error.clone()),
        });
        done.await
            .unwrap_or_else(|error| Err(Error::unexpected(error.to_string())))
    }

    /// As [`Shell::device`], for work that began with this session: what the server told one person must
    /// not go into the file of the next.
    ///
    /// # Errors
    /// [`Code::SignedOut`] when it has ended since, or what `act` says.
    pub(crate) async fn device_of<T: Send + 'static>(
        self: &Arc<Self>,
        session: &Session,
        act: impl FnOnce(&mut Device) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (shell, session) = (Arc::clone(self), session.clone());
        self.device(move |device| {
            shell.still(&session)?;
            act(device)
        })
        .await
    }

    /// Whether work that began with this session may go on. Certain for as long as the device is locked:
    /// the session of a file ends before another file is opened.
    ///
    /// # Errors
    /// [`Code::SignedOut`] when it has ended since.
    pub(crate) fn still(&self, session: &Session) -> Result<()> {
        if self.session().is_some_and(|now| now.is_still(session)) {
            return Ok(());
        }
        Err(Error::new(
            Code::SignedOut,
            "the session that this began with has ended",
        ))
    }

    /// Looks at the device, closes it, changes the files as what was seen asks for, and opens it
    /// again; `begin` writes what the new file begins with. Nobody reads or writes in between, and nobody
    /// is signed in afterwards. Whether it did: `None` leaves everything as it is.
    ///
    /// # Errors
    /// What `look`, `change` or `begin` says, or why the device cannot be opened. What `change` left is
    /// open again then.
    pub(crate) async fn reopen<T: 'static>(
        self: &Arc<Self>,
        look: impl FnOnce(&mut Device) -> Result<Option<T>> + Send + 'static,
        change: impl FnOnce(T, &Files) -> Result<()> + Send + 'static,
        begin: impl FnOnce(&Device) -> Result<()> + Send + 'static,
    ) -> Result<bool> {
        let shell = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let Some(files) = locked(&shell.files).clone() else {
                return Err(Error::new(Code::Storage, "there is no folder"));
            };
            let mut device = locked(&shell.device);
            let Some(seen) = look(device.as_mut().map_err(|error| error.clone())?)? else {
                return Ok(false);
            };
            // The old one is closed by this: SQLite writes its journal into the file.
            *device = Err(Error::unexpected("the device is being opened"));
            let changed = change(seen, &files);
            if changed.is_ok() {
                // It lay in the file that is gone.
                *locked(&shell.session) = None;
            }
            *device = files.device();
            let opened = device.as_ref().map_err(Error::clone)?;
            changed?;
            begin(opened)?;
            Ok(true)
        });
        done.await
            .unwrap_or_else(|error| Err(Error::unexpected(error.to_string())))
    }

    /// How this device speaks to its server; `None` when nobody is signed in.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        locked(&self.session).clone()
    }

    /// The session, where the server may be spoken to.
    ///
    /// # Errors
    /// [`Code::SignedOut`] or [`Code::Revoked`].
    pub fn live_session(&self) -> Result<Session> {
        match self.session() {
            Some(session) if session.revoked => {
                Err(Error::new(Code::Revoked, "this device was revoked"))
            }
            Some(session) => Ok(session),
            None => Err(Error::new(Code::SignedOut, "nobody is signed in")),
        }
    }

    /// Keeps or forgets the session.
    ///
    /// # Errors
    /// When the file cannot be written; nothing changed then.
    pub async fn set_session(self: &Arc<Self>, session: Option<Session>) -> Result<()> {
        let shell = Arc::clone(self);
        self.device(move |device| shell.keep_session(device, session))
            .await
    }

    /// As [`Shell::set_session`], while the device is locked.
    pub(crate) fn keep_session(&self, device: &Device, session: Option<Session>) -> Result<()> {
        match &session {
            Some(session) => setting::set(device.db(), SESSION, session)?,
            None => setting::remove(device.db(), SESSION)?,
        }
        *locked(&self.session) = session;
        Ok(())
    }

    /// Puts a session in the place of the one that it goes on from.
    ///
    /// # Errors
    /// [`Code::SignedOut`] when that one has ended since, or when the file cannot be written.
    pub(crate) async fn renew_session(self: &Arc<Self>, from: &Session, to: Session) -> Result<()> {
        let shell = Arc::clone(self);
        self.device_of(from, move |device| shell.keep_session(device, Some(to)))
            .await
    }

    /// Tells the screens what changed.
    pub fn tell(&self, changed: &Changed) {
        if !changed.is_empty() {
            (self.emit)(changed);
        }
    }

    /// Tells the sync loop that something happened.
    pub fn event(&self, event: Event) {
        self.word(Word::Event(event));
    }

    pub(crate) fn word(&self, word: Word) {
        if self.sender.send(word).is_err() {
            tracing::debug!("the application ends: nobody listens any more");
        }
    }

    /// What the sync loop listens to; `None` when one runs already.
    pub(crate) fn words(&self) -> Option<mpsc::UnboundedReceiver<Word>> {
        locked(&self.receiver).take()
    }
}

/// The value behind a lock. What a panic left is still whole: transactions see to it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
