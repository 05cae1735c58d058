//! The server's own device: what the command line does, and what happens by itself, goes through the
//! same gate and history as everyone's work.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use vigie_core::device::Enrolment;
use vigie_core::error::Result;
use vigie_core::id::Id;
use vigie_core::moment::Moment;
use vigie_core::person::{Role, Seat};
use vigie_core::{Device, Error};

use crate::app::App;
use crate::entropy;
use crate::inside::{self, Owner};

/// A person of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: Id,
    /// Their name.
    pub name: String,
    /// Their short name.
    pub login: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Their site.
    pub site: Option<Id>,
    /// Still with the organisation.
    pub active: bool,
}

/// A site of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Site {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its town.
    pub city: String,
}

/// The server's own device.
pub struct System {
    id: Id,
    inner: Mutex<Inner>,
}

struct Inner {
    device: Device,
    /// The news it has seen.
    seen: u64,
}

impl System {
    /// Opens or creates its file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: &Path, org: &str, server_key: [u8; 32], now_ms: i64) -> Result<Self> {
        let mut device = inside::open(path)?;
        let known = device.enrolment()?.map(|enrolment| enrolment.device);
        let id = known.unwrap_or_else(|| entropy::id(now_ms));
        let org = org.to_owned();
        device.enrol(&Enrolment {
            device: id,
            org,
            seat: Seat::system(),
            server_key,
        })?;
        Ok(Self {
            id,
            inner: Mutex::new(Inner { device, seen: 0 }),
        })
    }

    /// Runs a command and pushes what it wrote.
    ///
    /// # Errors
    /// The command's own, or when the store fails.
    pub fn call(&self, app: &App, name: &str, input: Value) -> Result<Value> {
        let mut inner = self.fresh(app)?;
        let reply = inner
            .device
            .call(Moment::utc(app.now()), None, name, input)?;
        if inner.device.waiting()? > 0 && self.exchange(app, &mut inner)? > 0 {
            return Err(inside::refusal());
        }
        Ok(reply.output)
    }

    /// Everyone in the directory, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn people(&self, app: &App) -> Result<Vec<Person>> {
        let people = self.call(
            app,
            "directory.people",
            json!({ "query": "", "site": null }),
        )?;
        Ok(serde_json::from_value(people)?)
    }

    /// Every site, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn sites(&self, app: &App) -> Result<Vec<Site>> {
        Ok(serde_json::from_value(self.call(
            app,
            "directory.sites",
            json!({}),
        )?)?)
    }

    /// The active person of that short name, or of that id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn find(&self, app: &App, name: &str) -> Result<Option<Person>> {
        let name = name.trim().to_lowercase();
        let people = self.people(app)?;
        Ok(people.into_iter().find(|person| {
            person.active && (person.login == name || person.id.to_string() == name)
        }))
    }

    /// What happens by itself, and an exchange.
    ///
    /// # Errors
    /// When the store or the file fails.
    pub fn tick(&self, app: &App) -> Result<()> {
        let mut inner = self.fresh(app)?;
        inner.device.tick(Moment::utc(app.now()))?;
        if inner.device.waiting()? > 0 {
            self.exchange(app, &mut inner)?;
        }
        Ok(())
    }

    /// An exchange.
    ///
    /// # Errors
    /// When the store or the file fails.
    pub fn sync(&self, app: &App) -> Result<()> {
        let mut inner = self.lock();
        self.exchange(app, &mut inner)?;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The device, knowing everything that is in the store.
    fn fresh(&self, app: &App) -> Result<MutexGuard<'_, Inner>> {
        let mut inner = self.lock();
        if inner.seen != app.news.sequence() {
            self.exchange(app, &mut inner)?;
        }
        Ok(inner)
    }

    /// How many of its changes were refused.
    fn exchange(&self, app: &App, inner: &mut Inner) -> Result<usize> {
        let seen = app.news.sequence();
        let changed = &mut BTreeSet::new();
        let refused = inside::sync(app, &mut inner.device, self.id, Owner::System, changed)?;
        inner.seen = seen;
        Ok(refused)
    }
}

/// What the command line is told when nobody answers to a name.
#[must_use]
pub fn nobody(name: &str) -> Error {
    Error::not_found(format!("nobody active is called `{name}`"))
}
