//! The browsers' devices: a file each under `data/web`, a cache that can be evicted and rebuilt at
//! any time. A call pushes to the store before it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::broadcast;
use vigie_core::device::{Enrolment, Reply};
use vigie_core::error::Result;
use vigie_core::id::Id;
use vigie_core::moment::Moment;
use vigie_core::store::{blob, erase, setting};
use vigie_core::{Code, Device, Error};

use crate::app::App;
use crate::inside::{self, Owner};
use crate::store::sqlite::device::DeviceRow;

/// Files held open at most; the others wait on the disk.
const OPEN_MAX: usize = 64;
/// What happens by itself is looked after at most this often: milliseconds.
const TICK_EVERY_MS: i64 = 60_000;

/// What a browser could not put into the store is kept this long after its session: milliseconds,
/// ninety days.
pub const LEFT_MS_MAX: i64 = 90 * 86_400_000;

/// Topics that changed.
pub type Topics = BTreeSet<&'static str>;

/// A browser's device.
pub struct Browser {
    id: Id,
    person: Id,
    slot: Mutex<Option<Opened>>,
    topics: broadcast::Sender<Topics>,
}

struct Opened {
    device: Device,
    /// The news it has seen.
    seen: u64,
    ticked_at: i64,
}

/// What lies in a file and not in the store.
struct Left {
    person: Id,
    /// When the store was last reached.
    since_ms: i64,
}

/// All browsers' devices.
pub struct Web {
    folder: PathBuf,
    browsers: Mutex<BTreeMap<Id, (i64, Arc<Browser>)>>,
}

impl Web {
    /// Opens or creates the folder under `data`.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(data: &Path) -> Result<Self> {
        let folder = data.join("web");
        fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            browsers: Mutex::new(BTreeMap::new()),
        })
    }

    /// The device of a browser.
    #[must_use]
    pub fn browser(&self, row: &DeviceRow, now_ms: i64) -> Arc<Browser> {
        let mut browsers = self.lock();
        let entry = browsers.entry(row.id).or_insert_with(|| {
            let browser = Browser {
                id: row.id,
                person: row.person,
                slot: Mutex::new(None),
                topics: broadcast::channel(16).0,
            };
            (now_ms, Arc::new(browser))
        });
        entry.0 = now_ms;
        let browser = Arc::clone(&entry.1);
        if browsers.len() > OPEN_MAX {
            let oldest = browsers
                .iter()
                .filter(|(_, (_, browser))| Arc::strong_count(browser) == 1)
                .min_by_key(|(_, (used_at, _))| *used_at)
                .map(|(id, _)| *id);
            if let Some(oldest) = oldest {
                browsers.remove(&oldest);
            }
        }
        browser
    }

    /// The browsers that listen.
    #[must_use]
    pub fn listening(&self) -> Vec<Arc<Browser>> {
        let browsers = self.lock();
        browsers
            .values()
            .filter(|(_, browser)| browser.topics.receiver_count() > 0)
            .map(|(_, browser)| Arc::clone(browser))
            .collect()
    }

    /// Forgets a browser and removes its file.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget(&self, id: Id) -> Result<()> {
        let mut browsers = self.lock();
        browsers.remove(&id);
        self.remove_files(id)
    }

    fn remove_files(&self, id: Id) -> Result<()> {
        for ending in ["db", "db-wal", "db-shm"] {
            match fs::remove_file(self.folder.join(format!("{id}.{ending}"))) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error.into());
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Lets go of a browser whose session has ended. Its file goes, unless something in it could not
    /// be put into the store yet: then its person finds it at their next sign-in
    /// ([`Web::take_back`]), for [`LEFT_MS_MAX`].
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn leave(&self, id: Id, now_ms: i64) -> Result<()> {
        self.lock().remove(&id);
        match self.left(id, now_ms) {
            Ok(Some(left)) if now_ms.saturating_sub(left.since_ms) < LEFT_MS_MAX => return Ok(()),
            Ok(Some(_)) => {
                tracing::warn!(browser = %id, "what nobody came back for in ninety days goes");
            }
            Ok(None) => {}
            Err(error) if inside::is_damaged(&self.path(id)) => {
                tracing::warn!(%error, browser = %id, "a browser's file is damaged");
            }
            Err(error) => {
                tracing::warn!(%error, browser = %id, "a browser's file cannot be opened, and stays");
                return Ok(());
            }
        }
        self.remove_files(id)
    }

    /// What a browser's file holds and the store does not.
    fn left(&self, id: Id, now_ms: i64) -> Result<Option<Left>> {
        let path = self.path(id);
        if !path.exists() {
            return Ok(None);
        }
        let device = inside::open(&path)?;
        if device.waiting()? == 0 && blob::to_send(device.db())?.is_empty() {
            return Ok(None);
        }
        let since_ms = setting::get(device.db(), "last_contact_at")?.unwrap_or(now_ms);
        Ok(device.enrolment()?.map(|enrolment| Left {
            person: enrolment.seat.person,
            since_ms,
        }))
    }

    /// Gives a browser that has just signed in what another one of its person left, if one did. That one
    /// is `struck` first: were it after, a machine that stops in between would leave it standing. Its
    /// files are nobody's else meanwhile: whoever hears that it was struck would remove them.
    ///
    /// # Errors
    /// When a file cannot be moved, or those of `struck`.
    pub fn take_back(
        &self,
        row: &DeviceRow,
        live: &[Id],
        now_ms: i64,
        struck: impl FnOnce(Id) -> Result<()>,
    ) -> Result<()> {
        for id in self.ids()? {
            if live.contains(&id) || id == row.id {
                continue;
            }
            let left = self.left(id, now_ms).unwrap_or_default();
            if left.is_none_or(|left| left.person != row.person) {
                continue;
            }
            let mut browsers = self.lock();
            struck(id)?;
            browsers.remove(&id);
            // The file itself last: without it what lies beside is nothing.
            for ending in ["db-wal", "db-shm", "db"] {
                let from = self.folder.join(format!("{id}.{ending}"));
                if from.exists() {
                    fs::rename(from, self.folder.join(format!("{}.{ending}", row.id)))?;
                }
            }
            return Ok(());
        }
        Ok(())
    }

    /// Lets go of the browsers that are not among `live`.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn sweep(&self, live: &[Id], now_ms: i64) -> Result<()> {
        for id in self.ids()? {
            if !live.contains(&id) {
                self.leave(id, now_ms)?;
            }
        }
        Ok(())
    }

    /// Whether a browser's file may hold what the store does not.
    fn holds(&self, id: Id) -> Result<bool> {
        match self.left(id, 0) {
            Ok(left) => Ok(left.is_some()),
            Err(_) if inside::is_damaged(&self.path(id)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The browsers that have a file.
    fn ids(&self) -> Result<BTreeSet<Id>> {
        let mut ids = BTreeSet::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            ids.extend(name.and_then(|name| name.parse::<Id>().ok()));
        }
        Ok(ids)
    }

    fn path(&self, id: Id) -> PathBuf {
        self.folder.join(format!("{id}.db"))
    }

    /// Has every file forget what was erased: those in use, and those that hold what the store does
    /// not, by an exchange or, when that fails, where they lie; the others by going.
    ///
    /// # Errors
    /// When the folder cannot be read or a file cannot be written; the others forgot it then.
    pub fn shed(&self, app: &App, moment: Moment) -> Result<()> {
        let mut shed = Ok(());
        for id in self.ids()? {
            shed = shed.and(self.shed_one(app, id, moment));
        }
        shed
    }

    fn shed_one(&self, app: &App, id: Id, moment: Moment) -> Result<()> {
        {
            let browsers = self.lock();
            if !browsers.contains_key(&id) && !self.holds(id)? {
                // Nobody opens it while this holds the list.
                return self.remove_files(id);
            }
        }
        let browser = self.browser(&app.store.device(id)?, moment.ms);
        browser.sync(app, moment).map(drop).or_else(|error| {
            // Its person left, the store has no room, the device is in quarantine.
            tracing::info!(code = error.code().as_str(), browser = %id, "erased where it lies");
            browser.erase(app, &app.store.erased()?)
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Id, (i64, Arc<Browser>)>> {
        self.browsers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a screen asks of its device.
pub struct Call {
    /// Replaying a call with the same id does nothing twice.
    pub id: Option<Id>,
    /// The command.
    pub name: String,
    /// Its input.
    pub input: Value,
    /// When, and the offset of the browser's wall clock.
    pub moment: Moment,
}

impl Browser {
    /// Whose it is.
    #[must_use]
    pub const fn person(&self) -> Id {
        self.person
    }

    /// Its device's id.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// Listens to what changes.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Topics> {
        self.topics.subscribe()
    }

    /// Runs a command; what it wrote is in the store before this returns.
    ///
    /// # Errors
    /// The command's own, or when the store or the file fails.
    pub fn call(&self, app: &App, call: Call) -> Result<Reply> {
        let mut slot = self.lock();
        let opened = self.opened(app, &mut slot)?;
        let mut changed = Topics::new();
        let done = self.run(app, opened, call, &mut changed);
        // Also when the command failed: what came before it came.
        self.tell(&changed);
        Ok(Reply { changed, ..done? })
    }

    fn run(
        &self,
        app: &App,
        opened: &mut Opened,
        call: Call,
        changed: &mut Topics,
    ) -> Result<Reply> {
        if opened.seen != app.news.sequence() {
            unless_full(self.exchange(app, opened, changed))?;
        }
        self.tick(app, opened, call.moment, changed)?;
        let is_blob = call.name == "blob.read";
        let again = is_blob.then(|| call.input.clone());
        let mut reply = opened
            .device
            .call(call.moment, call.id, &call.name, call.input)?;
        if let Some(input) = again
            && reply.output.get("base64").is_some_and(Value::is_null)
        {
            // It lies next door.
            let owner = Owner::Person(self.person);
            changed.extend(inside::move_blobs(app, &mut opened.device, self.id, owner)?);
            reply = opened.device.call(call.moment, None, &call.name, input)?;
        }
        changed.extend(reply.changed.iter().copied());
        let photos = !blob::to_send(opened.device.db())?.is_empty();
        if photos || opened.device.waiting()? > 0 {
            let refused = self.exchange(app, opened, changed);
            // What waits is of an earlier call: this one only asked.
            let asked = match call.id {
                Some(id) => !opened.device.answered(id)?,
                None => reply.changed.is_empty(),
            };
            let refused = if asked { unless_full(refused) } else { refused }?;
            if refused > 0 {
                return Err(inside::refusal());
            }
        }
        Ok(reply)
    }

    /// Fetches what is new and tells those who listen.
    ///
    /// # Errors
    /// When the store or the file fails.
    pub fn sync(&self, app: &App, moment: Moment) -> Result<Topics> {
        let mut slot = self.lock();
        let opened = self.opened(app, &mut slot)?;
        let mut changed = Topics::new();
        let done = self
            .exchange(app, opened, &mut changed)
            .and_then(|_refused| self.tick(app, opened, moment, &mut changed));
        self.tell(&changed);
        done.map(|()| changed)
    }

    /// Removes documents from the file, without an exchange.
    fn erase(&self, app: &App, ids: &[Id]) -> Result<()> {
        let slot = self.lock();
        match slot.as_ref() {
            Some(opened) => erase::documents(opened.device.db(), ids),
            None => erase::documents(inside::open(&app.web.path(self.id))?.db(), ids),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Opened>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened<'a>(&self, app: &App, slot: &'a mut Option<Opened>) -> Result<&'a mut Opened> {
        if slot.is_none() {
            let path = app.web.path(self.id);
            let mut device = match inside::open(&path) {
                Ok(device) => device,
                // It may hold what the store does not.
                Err(error) if !inside::is_damaged(&path) => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, browser = %self.id, "a browser's file is rebuilt");
                    app.web.remove_files(self.id)?;
                    inside::open(&path)?
                }
            };
            let seat = app
                .store
                .seat(self.person)?
                .ok_or_else(|| Error::new(Code::Revoked, "the person is not active"))?;
            device.enrol(&Enrolment {
                device: self.id,
                org: app.store.org()?.name,
                seat,
                server_key: app.signer.public(),
            })?;
            *slot = Some(Opened {
                device,
                seen: 0,
                ticked_at: 0,
            });
        }
        slot.as_mut()
            .ok_or_else(|| Error::unexpected("the file was just opened"))
    }

    fn exchange(&self, app: &App, opened: &mut Opened, changed: &mut Topics) -> Result<usize> {
        let seen = app.news.sequence();
        let owner = Owner::Person(self.person);
        let refused = inside::sync(app, &mut opened.device, self.id, owner, changed)?;
        opened.seen = seen;
        Ok(refused)
    }

    fn tick(
        &self,
        app: &App,
        opened: &mut Opened,
        moment: Moment,
        changed: &mut Topics,
    ) -> Result<()> {
        if moment.ms.saturating_sub(opened.ticked_at) < TICK_EVERY_MS {
            return Ok(());
        }
        changed.extend(opened.device.tick(moment)?);
        if opened.device.waiting()? > 0 {
            unless_full(self.exchange(app, opened, changed))?;
        }
        opened.ticked_at = moment.ms;
        Ok(())
    }

    fn tell(&self, changed: &Topics) {
        if !changed.is_empty() {
            // Nobody listening is no failure.
            drop(self.topics.send(changed.clone()));
        }
    }
}

/// Without room in the store, or too often, what waits goes on waiting: that is no reason to answer
/// nothing.
fn unless_full(refused: Result<usize>) -> Result<usize> {
    match refused {
        Err(error)
            if matches!(
                error.code(),
                Code::StorageFull | Code::DiskFull | Code::TooManyTries
            ) =>
        {
            tracing::info!(code = error.code().as_str(), "a browser's work waits");
            Ok(0)
        }
        refused => refused,
    }
}
