//! The real store and the real exchange, without a socket.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use vigie_core::error::{Error, Result};
use vigie_core::id::Id;
use vigie_core::store::blob;
use vigie_core::sync::desk::{Clerk, Desk, Prepared};
use vigie_core::sync::exchange::{Summary, exchange};
use vigie_core::sync::message::{Push, Receipt, Response};
use vigie_core::sync::pull::Incoming;
use vigie_core::sync::push::{Pusher, Verdict, take};
use vigie_core::sync::receipt::Signer;
use vigie_core::sync::store::{Outcome, Store as _, StoredDocument};
use vigie_core::{Device, Moment, device::Enrolment, person::Scope, person::Seat};
use vigie_server::erase::{self, Plan};
use vigie_server::ledger::{self, Ledger};
use vigie_server::store::sqlite::Sqlite;
use vigie_server::store::sqlite::erase::Because;
use vigie_server::store::sqlite::exchange::Exchange;

use crate::chance::Chance;
use crate::faulty::{Faulty, Sabotage, Said};
use crate::wire::Threads;
use vigie_core::sync::machine::Cursors;

/// The key under receipts.
const KEY: [u8; 32] = [7; 32];

/// What has arrived of photos and packs, by SHA-256.
type Blobs = BTreeMap<[u8; 32], Vec<u8>>;

/// A server without a socket.
pub struct Hub {
    path: PathBuf,
    store: Sqlite,
    signer: Signer,
    /// What has arrived of photos and packs.
    pub blobs: Blobs,
    /// The server's own device, and its id.
    pub system: (Device, Id),
    /// What its store does wrong, if anything.
    pub sabotage: RefCell<Option<Sabotage>>,
    /// The latest backup: a file, and what had arrived by then.
    backup: Option<(PathBuf, Blobs)>,
    /// What was done for good: outlives the machine.
    ledger: Ledger,
}

impl Hub {
    /// A server over a new file; its own device lives in memory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open(path: &Path, now_ms: i64, chance: &mut Chance) -> Result<Self> {
        let signer = Signer::new(&KEY);
        let id = chance.id(now_ms);
        Ok(Self {
            path: path.to_owned(),
            store: Sqlite::open(path, "Essai", now_ms)?,
            system: (system(id, &signer, chance)?, id),
            signer,
            blobs: BTreeMap::new(),
            sabotage: RefCell::new(None),
            backup: None,
            ledger: Ledger::open(path.parent().unwrap_or(path), None)?,
        })
    }

    /// The store's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The server's receipt key.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.signer.public()
    }

    /// Signs as this server.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn sign(&self, receipt: &Receipt) -> Result<Response> {
        self.signer.sign(receipt)
    }

    /// Another process takes over the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn restart(&mut self, now_ms: i64) -> Result<()> {
        self.store = Sqlite::open(&self.path, "Essai", now_ms)?;
        ledger::replay(&self.store, &self.ledger)?;
        self.bury()
    }

    /// Erases a document for everyone, with what is part of it; `killed` once the ledger has it, and
    /// before the store. What goes, and the scopes in which that is news.
    ///
    /// # Errors
    /// When something cannot be written, or nothing of it is here.
    pub fn erase(&mut self, id: Id, now_ms: i64, killed: bool) -> Result<(Plan, BTreeSet<Scope>)> {
        let plan = erase::plan(&self.store, id)?;
        let because = Because {
            why: "request",
            who: "command-line",
            at: now_ms,
        };
        let lines = plan.lines(&because);
        let apply = || plan.apply(&self.store, &because);
        let scopes = if killed {
            self.ledger.add(&lines)?;
            BTreeSet::new()
        } else {
            self.ledger.for_good(&self.store, &lines, apply)?
        };
        self.bury()?;
        Ok((plan, scopes))
    }

    /// Removes what no document names any more of photos and packs.
    fn bury(&mut self) -> Result<()> {
        for hash in self.store.doomed()? {
            self.store.bury(&hash, || {
                self.blobs.remove(&hash);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Copies the store next to itself, over the copy before.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub fn back_up(&mut self) -> Result<()> {
        let path = self.path.with_extension("backup");
        if self.backup.is_some() {
            std::fs::remove_file(&path)?;
        }
        self.store.copy_to(&path)?;
        self.backup = Some((path, self.blobs.clone()));
        Ok(())
    }

    /// Whether there is a backup to be restored.
    #[must_use]
    pub const fn has_backup(&self) -> bool {
        self.backup.is_some()
    }

    /// The machine is lost; another one takes over with the latest backup, if there is one.
    ///
    /// # Errors
    /// When the copy cannot be read.
    pub fn restore(&mut self, now_ms: i64, chance: &mut Chance) -> Result<bool> {
        let Some((path, blobs)) = self.backup.take() else {
            return Ok(false);
        };
        self.store = Sqlite::open(&path, "Essai", now_ms)?;
        self.store.next_epoch(now_ms)?;
        self.path = path;
        self.blobs = blobs;
        ledger::replay(&self.store, &self.ledger)?;
        self.bury()?;
        self.system.0 = system(self.system.1, &self.signer, chance)?;
        Ok(true)
    }

    /// One exchange. With `calls`, the store dies after so many; what had been written of the
    /// answer is in `out` all the same.
    ///
    /// # Errors
    /// As [`exchange`].
    pub fn exchange(
        &self,
        pusher: &Pusher<'_>,
        request: &[u8],
        calls: Option<u64>,
        out: &mut Vec<u8>,
    ) -> Result<Summary> {
        self.exchange_telling(pusher, request, calls, &mut |_| (), out)
    }

    /// The same, which tells of each transaction that it committed: another exchange may come between.
    ///
    /// # Errors
    /// As [`exchange`].
    pub fn exchange_telling(
        &self,
        pusher: &Pusher<'_>,
        request: &[u8],
        calls: Option<u64>,
        told: &mut dyn FnMut(Said),
        out: &mut Vec<u8>,
    ) -> Result<Summary> {
        // One that comes between has a store without a fault.
        let mut sabotage = self.sabotage.try_borrow_mut().ok();
        let sabotage = sabotage.as_mut().and_then(|one| one.as_mut());
        let mut store = Faulty::new(Exchange::new(&self.store), calls, sabotage).telling(told);
        let clerk = Clerk::alone(&self.signer);
        exchange(&mut store, pusher, &clerk, request, out)
    }

    /// The same on every processor, as the server does it.
    ///
    /// # Errors
    /// As [`exchange`].
    pub fn exchange_abreast(
        &self,
        pusher: &Pusher<'_>,
        request: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Summary> {
        let clerk = Clerk {
            signer: &self.signer,
            hands: Arc::new(Threads),
        };
        let mut store = Exchange::new(&self.store);
        exchange(&mut store, pusher, &clerk, request, out)
    }

    /// What the server would answer to these pushes, one after the other; nothing of it is kept.
    ///
    /// # Errors
    /// When the store fails.
    pub fn trial(&self, pushes: &[(Pusher<'_>, Push)]) -> Result<Vec<Response>> {
        let mut store = Exchange::new(&self.store);
        store.begin(1)?;
        let mut desk = Desk::default();
        let answers = pushes
            .iter()
            .map(|(pusher, push)| {
                let prepare = || Prepared::new(push);
                let taken = take(&mut store, &mut desk, pusher, &self.signer, push, prepare)?;
                match taken.verdict {
                    Verdict::Kept(receipt) => self.signer.sign(&receipt),
                    Verdict::Told(response) => Ok(response),
                }
            })
            .collect();
        store.rollback();
        answers
    }

    /// Every scope in which something ever lay.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn scopes(&self) -> Result<BTreeSet<Scope>> {
        self.store.scopes()
    }

    /// The ids of all documents of a kind.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn documents_of(&self, kind: &str) -> Result<Vec<Id>> {
        Exchange::new(&self.store).documents_of(kind)
    }

    /// Whether the server has signed for a push.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn has_received(&self, device: Id, push: Id) -> Result<bool> {
        let outcome = Exchange::new(&self.store).outcome(device, push)?;
        Ok(matches!(outcome, Some(Outcome::Received { .. })))
    }

    /// A document as the store has it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn document(&self, id: Id) -> Result<Option<StoredDocument>> {
        Exchange::new(&self.store).document(id)
    }

    /// Writes a document as it stands, past the gate.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&self, id: Id, document: &StoredDocument) -> Result<()> {
        let mut store = Exchange::new(&self.store);
        store.begin(1)?;
        store.put_document(id, document)?;
        store.commit()
    }

    /// Exchanges until nothing waits on either side, then moves blobs; `person` is `None` for the
    /// server's own device. The scopes in which something is new.
    ///
    /// # Errors
    /// When either side fails.
    pub fn sync(
        &mut self,
        device: &mut Device,
        id: Id,
        person: Option<Id>,
        now_ms: i64,
    ) -> Result<Summary> {
        let mut all = false;
        let mut told = Summary::default();
        for _ in 0..1000 {
            let request = device.request(now_ms, Cursors::after(all))?;
            let persons: Vec<Id> = person.into_iter().collect();
            let pusher = Pusher {
                device: id,
                persons: &persons,
                system: person.is_none(),
                now_ms,
            };
            let mut answer = Vec::new();
            let summary = self.exchange(&pusher, &request, None, &mut answer)?;
            told.received = told.received.saturating_add(summary.received);
            told.refused = told.refused.saturating_add(summary.refused);
            told.scopes.extend(summary.scopes);
            let mut incoming = Incoming::new()?;
            device.feed(&mut incoming, &answer, now_ms)?;
            let ended = incoming.end()?;
            all = ended.resend_cursors;
            if !ended.more && !all && device.waiting()? == 0 {
                self.move_blobs(device, now_ms)?;
                return Ok(told);
            }
        }
        Err(Error::unexpected("an exchange without end"))
    }

    /// Sends and fetches blobs.
    ///
    /// # Errors
    /// When the device's file fails.
    pub fn move_blobs(&mut self, device: &mut Device, now_ms: i64) -> Result<()> {
        for (hash, _size) in blob::to_send(device.db())? {
            // As the server does: no photo without a document that names it.
            if self.store.scopes_of_blob(&hash)?.is_empty() {
                continue;
            }
            if let Some((_, content)) = blob::content(device.db(), &hash)? {
                self.blobs.insert(hash, content);
                device.blob_sent(&hash, now_ms)?;
            }
        }
        for (hash, _size) in blob::to_fetch(device.db())? {
            if let Some(content) = self.blobs.get(&hash) {
                device.blob_fetched(&hash, content)?;
            }
        }
        Ok(())
    }

    /// Runs a command on the server's own device and pushes what it wrote.
    ///
    /// # Errors
    /// The command's own, or when something was refused.
    pub fn command(&mut self, now_ms: i64, name: &str, input: Value) -> Result<(Value, Summary)> {
        let file = vigie_core::store::open::memory()?;
        let empty = Device::new(file, Box::new(Chance::new(0)));
        let (mut device, id) = (std::mem::replace(&mut self.system.0, empty), self.system.1);
        let done = self
            .sync(&mut device, id, None, now_ms)
            .and_then(|_summary| {
                let output = device.call(Moment::utc(now_ms), None, name, input)?.output;
                let summary = self.sync(&mut device, id, None, now_ms)?;
                Ok((output, summary))
            });
        self.system.0 = device;
        let (output, summary) = done?;
        if summary.refused > 0 {
            let why: String = self.system.0.db().query_row(
                "SELECT kind || ' ' || code || ' ' || detail FROM refused LIMIT 1",
                [],
                |row| row.get(0),
            )?;
            return Err(Error::unexpected(format!(
                "`{name}` of the server was refused: {why}"
            )));
        }
        Ok((output, summary))
    }
}

/// The server's own device with nothing in it.
fn system(id: Id, signer: &Signer, chance: &mut Chance) -> Result<Device> {
    let file = vigie_core::store::open::memory()?;
    let mut device = Device::new(file, Box::new(chance.fork()));
    device.enrol(&Enrolment {
        device: id,
        org: "Essai".to_owned(),
        seat: Seat::system(),
        server_key: signer.public(),
    })?;
    Ok(device)
}
