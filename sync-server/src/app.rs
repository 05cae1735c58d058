//! Everything that a request may need, and the two things that both doors do: an exchange, and
//! keeping a blob.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Semaphore, watch};
use vigie_core::error::{Code, Error, Result};
use vigie_core::feature::BlobRef;
use vigie_core::id::Id;
use vigie_core::sync::desk::Clerk;
use vigie_core::sync::exchange::{Summary, exchange};
use vigie_core::sync::hands::{self, Hands, Work};
use vigie_core::sync::push::Pusher;
use vigie_core::sync::receipt::Signer;

use crate::assets::Assets;
use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::config::Config;
use crate::entropy;
use crate::erase;
use crate::heard::Heard;
use crate::ledger::{self, Ledger};
use crate::limit::Limiter;
use crate::news::News;
use crate::password::Passwords;
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::exchange::Exchange;
use crate::system::System;
use crate::token::Pepper;
use crate::web::Web;

/// The application, shared by every request.
pub type Shared = Arc<App>;

/// What is counted for the operator.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Requests answered.
    pub requests: AtomicU64,
    /// Of these, with a status of 500 or more.
    pub faults: AtomicU64,
    /// Exchanges.
    pub exchanges: AtomicU64,
    /// Pushes kept.
    pub received: AtomicU64,
    /// Pushes refused.
    pub refused: AtomicU64,
    /// Documents sent.
    pub documents: AtomicU64,
}

/// A thread for each core: never one of those in which exchanges wait for each other.
struct Threads;

impl Hands for Threads {
    fn share(&self, work: Work) {
        rayon::spawn_fifo(|| hands::work(work));
    }
}

/// Everything that a request may need.
pub struct App {
    /// How the server is set up.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// What it was given.
    pub store: Sqlite,
    /// What was done for good.
    pub ledger: Ledger,
    /// Photos and packs.
    pub blobs: Blobs,
    /// The key under receipts.
    pub signer: Signer,
    /// The key under codes.
    pub pepper: Pepper,
    /// Passwords.
    pub passwords: Passwords,
    /// Who has news.
    pub news: News,
    /// Who has heard everything.
    pub heard: Heard,
    /// How often.
    pub limits: Limiter,
    /// The browsers' devices.
    pub web: Web,
    /// The server's own device.
    pub system: System,
    /// The built screens.
    pub assets: Option<Assets>,
    /// What is counted.
    pub metrics: Metrics,
    /// Turns for heavy work.
    pub workers: Semaphore,
    /// Room for bodies in memory, in units of [`crate::body::UNIT`].
    pub room: Arc<Semaphore>,
    /// Becomes `true` when the server stops.
    pub stopping: watch::Sender<bool>,
}

impl App {
    /// Opens everything under the data folder, making what is missing.
    ///
    /// # Errors
    /// When the folder cannot be written or holds what a newer Vigie wrote.
    pub fn open(config: Config, clock: Clock) -> Result<Shared> {
        fs::create_dir_all(&config.data)?;
        restrict(&config.data, 0o700)?;
        crate::backup::whole(&config.data)?;
        let now = clock();
        let key = server_key(&config.data.join("server.key"))?;
        let store = Sqlite::open(&config.data.join("vigie.db"), &config.org, now)?;
        let ledger = Ledger::open(&config.data, config.backups.as_deref())?;
        // What another process or the power cut short, or a backup did not know.
        let replayed = ledger::replay(&store, &ledger)?;
        let signer = Signer::new(&key);
        let org = store.org()?.name;
        let app = Arc::new(Self {
            blobs: Blobs::open(&config.data)?,
            system: System::open(&config.data.join("system.db"), &org, signer.public(), now)?,
            web: Web::open(&config.data)?,
            assets: config.ui.as_deref().map(Assets::open).transpose()?,
            pepper: Pepper::new(&key),
            passwords: Passwords::new(config.limits.passwords)?,
            news: News::default(),
            heard: Heard::default(),
            limits: Limiter::new(config.limits),
            metrics: Metrics::default(),
            workers: Semaphore::new(config.limits.workers),
            room: Arc::new(Semaphore::new(
                config.limits.bodies_bytes / crate::body::UNIT,
            )),
            stopping: watch::channel(false).0,
            store,
            ledger,
            signer,
            clock,
            config,
        });
        if replayed {
            erase::clear(&app)?;
        } else {
            app.system.sync(&app)?;
        }
        Ok(app)
    }

    /// The time: milliseconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// One exchange; whoever has news is told.
    ///
    /// # Errors
    /// As [`exchange`].
    pub fn exchange(
        &self,
        pusher: &Pusher<'_>,
        request: &[u8],
        out: impl Write,
    ) -> Result<Summary> {
        let mut store = Exchange::within(&self.store, &self.limits, &self.config.limits);
        let done = exchange(&mut store, pusher, &self.clerk(), request, out);
        self.news.tell(pusher.device, store.moved());
        drop(store);
        let summary = done?;
        erase::orphans(self, &summary.orphans);
        let add = |counter: &AtomicU64, number: usize| {
            counter.fetch_add(u64::try_from(number).unwrap_or(0), Ordering::Relaxed);
        };
        add(&self.metrics.exchanges, 1);
        add(&self.metrics.received, summary.received);
        add(&self.metrics.refused, summary.refused);
        add(&self.metrics.documents, summary.documents);
        Ok(summary)
    }

    /// Who takes in what devices send.
    pub fn clerk(&self) -> Clerk<'_> {
        Clerk {
            signer: &self.signer,
            hands: Arc::new(Threads),
        }
    }

    /// Keeps a blob whose content is at hand.
    ///
    /// # Errors
    /// As [`Blobs::put`], [`Code::StorageFull`], [`Code::TooManyTries`].
    pub fn keep_blob(&self, blob: &BlobRef, content: &[u8], device: Id) -> Result<()> {
        if self.store.blob(&blob.hash)?.is_some() {
            return Ok(());
        }
        let (_, bytes) = self.store.room()?;
        if bytes.saturating_add(blob.size) > self.config.limits.org_blob_bytes {
            return Err(Error::storage_full(
                "the organisation has no room for blobs",
            ));
        }
        self.limits.upload(device, blob.size, self.now())?;
        self.blobs.put(blob, content, entropy::id(self.now()))?;
        self.blob_arrived(blob, device)
    }

    /// A verified blob lies in its place: noted, and told to those who may want it.
    ///
    /// # Errors
    /// [`Code::NotFound`] when what named it was erased meanwhile, or when the store cannot be written.
    pub fn blob_arrived(&self, blob: &BlobRef, device: Id) -> Result<()> {
        let gone = || Error::not_found("no document names this blob any more");
        if !self.store.put_blob(blob, device, self.now())? {
            self.store
                .bury(&blob.hash, || self.blobs.remove(&blob.hash))?;
            return Err(gone());
        }
        // An erasure may have taken the file between its arrival and this note of it.
        if !self.blobs.path(&blob.hash).is_file() {
            self.store.forget_blob(&blob.hash)?;
            return Err(gone());
        }
        self.news
            .tell(device, self.store.scopes_of_blob(&blob.hash)?);
        Ok(())
    }

    /// Runs heavy work off the executor, in turn.
    ///
    /// # Errors
    /// The work's own.
    pub async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let fault = |error: &dyn std::error::Error| Error::unexpected(error.to_string());
        let _turn = self
            .workers
            .acquire()
            .await
            .map_err(|error| fault(&error))?;
        let app = Self::clone_of(self);
        tokio::task::spawn_blocking(move || work(&app))
            .await
            .map_err(|error| fault(&error))?
    }

    /// Runs light work on the store off the executor.
    ///
    /// # Errors
    /// The work's own.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let app = Self::clone_of(self);
        tokio::task::spawn_blocking(move || work(&app))
            .await
            .map_err(|error| Error::unexpected(error.to_string()))?
    }

    fn clone_of(app: &Arc<Self>) -> Shared {
        Arc::clone(app)
    }

    /// Completes when the server stops.
    pub async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as the application.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }
}

/// The server's key: made once, readable by its owner alone.
fn server_key(path: &Path) -> Result<[u8; 32]> {
    if !path.exists() {
        let key: [u8; 32] = entropy::bytes();
        // Under its name it is whole, whenever the machine stops.
        let part = path.with_extension("part");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&part, path)?;
    }
    <[u8; 32]>::try_from(fs::read(path)?)
        .map_err(|bytes| Error::new(Code::Storage, format!("a key of {} bytes", bytes.len())))
}

/// Takes the folder away from everyone but its owner.
#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> Result<()> {
    Ok(())
}
