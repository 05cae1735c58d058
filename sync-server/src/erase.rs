//! Erasing: what goes with what, in which order, and from where. The store's part is in
//! [`crate::store::sqlite::erase`]; devices are told by the feed that all of them follow.

use std::collections::BTreeSet;

use serde_json::Value;
use vigie_core::document::Document;
use vigie_core::error::{Error, Result};
use vigie_core::feature::{Kind, Whose, kind};
use vigie_core::features::FEATURES;
use vigie_core::id::Id;
use vigie_core::moment::Moment;
use vigie_core::person::{Scope, scope};

use crate::app::App;
use crate::ledger::{Deed, Line};
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::erase::{Because, Candidate};

/// How far browsers' files have been told of erasures.
const SHED: &str = "shed";
/// When retention last ran: milliseconds.
const RETENTION: &str = "retention";
/// It runs this often: milliseconds.
const RETENTION_EVERY_MS: i64 = 86_400_000;

/// Every kind of document.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    FEATURES.iter().flat_map(|feature| feature.kinds)
}

/// A document's JSON.
///
/// # Errors
/// When it cannot be read.
pub fn view(body: &[u8]) -> Result<Value> {
    Ok(Document::read(body)?.view)
}

/// What goes, and what stays without its author.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Goes.
    pub erased: BTreeSet<Id>,
    /// Stays, and is nobody's.
    pub disowned: BTreeSet<Id>,
    /// Of what and whose the parts are that go.
    wholes: BTreeSet<(Id, Id)>,
}

/// What erasing this document means: with a whole go its parts; without what says who made it, the
/// whole stays and is nobody's.
///
/// # Errors
/// [`vigie_core::Code::NotFound`] when nothing of it is here.
pub fn plan(store: &Sqlite, id: Id) -> Result<Plan> {
    let mut plan = Plan {
        erased: BTreeSet::from([id]),
        ..Plan::default()
    };
    let Some(candidate) = store.candidate(id)? else {
        if store.is_quarantined(id)? || store.is_erased(id)? {
            return Ok(plan);
        }
        return Err(Error::not_found(format!("no document `{id}`")));
    };
    let author = kind(&candidate.kind).is_some_and(|kind| kind.keeping.whose == Whose::Author);
    if author {
        for whole in wholes(&candidate) {
            if let Some(whole) = store.candidate(whole)? {
                plan.wholes.insert((whole.id, whole.origin.creator));
                plan.disowned.insert(whole.id);
            }
        }
    } else {
        plan.wholes.insert((candidate.id, candidate.origin.creator));
    }
    plan.erased.extend(plan.parts(store)?);
    Ok(plan)
}

/// What a document is part of.
fn wholes(candidate: &Candidate) -> Vec<Id> {
    match (kind(&candidate.kind), view(&candidate.body)) {
        (Some(kind), Ok(view)) => (kind.keeping.part_of)(&view),
        _ => Vec::new(),
    }
}

impl Plan {
    /// The documents of the same persons that are part of the wholes.
    fn parts(&self, store: &Sqlite) -> Result<BTreeSet<Id>> {
        let mut parts = BTreeSet::new();
        for (whole, creator) in &self.wholes {
            if *creator == Id::NOBODY {
                continue;
            }
            for kind in kinds().filter(|kind| kind.keeping.whose != Whose::Organisation) {
                let made = store.made_by(*creator, kind.name)?;
                let of_it = made.iter().filter(|part| wholes(part).contains(whole));
                parts.extend(of_it.map(|part| part.id));
            }
        }
        Ok(parts)
    }

    /// Whether something keeps it from being carried out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_held(&self, app: &App) -> Result<bool> {
        let holds = app.store.holds()?;
        Ok(self
            .erased
            .iter()
            .chain(&self.disowned)
            .any(|id| holds.contains_key(id)))
    }

    /// What the ledger says of it.
    #[must_use]
    pub fn lines(&self, because: &Because<'_>) -> Vec<Line> {
        let of = |deed, ids: &BTreeSet<Id>| -> Vec<Line> {
            ids.iter().map(|id| Line::new(deed, *id, because)).collect()
        };
        let mut lines = of(Deed::Erase, &self.erased);
        lines.extend(of(Deed::Disown, &self.disowned));
        lines
    }

    /// Does it in the store, once the ledger has it. The scopes in which that is news.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn apply(&self, store: &Sqlite, because: &Because<'_>) -> Result<BTreeSet<Scope>> {
        let mut scopes = BTreeSet::from([scope::ERASED.to_owned()]);
        // First, while the store still knows which parts say whose it is.
        for id in &self.disowned {
            scopes.extend(store.disown(*id)?);
        }
        for id in &self.erased {
            scopes.extend(store.erase(*id, because)?);
        }
        Ok(scopes)
    }

    /// Carries it out in the store; [`settle`] does the rest. What went.
    ///
    /// # Errors
    /// When the ledger or the store cannot be written.
    pub fn carry_out(&self, app: &App, because: &Because<'_>) -> Result<BTreeSet<Id>> {
        self.carry_out_with(app, because, None)
    }

    /// Also forgets a person, whose own documents are in the plan.
    fn carry_out_with(
        &self,
        app: &App,
        because: &Because<'_>,
        person: Option<Id>,
    ) -> Result<BTreeSet<Id>> {
        let mut lines = self.lines(because);
        lines.extend(person.map(|person| Line::new(Deed::Forget, person, because)));
        let scopes = app.for_good(&lines, || {
            let scopes = self.apply(&app.store, because)?;
            if let Some(person) = person {
                app.store.forget_person(person, because)?;
            }
            Ok(scopes)
        })?;
        app.news.tell(Id::NOBODY, scopes);
        let mut gone = self.erased.clone();
        // What came between the plan and the deed; from now on nothing does.
        let late = Self {
            erased: self.parts(&app.store)?,
            ..Self::default()
        };
        if !late.erased.is_empty() {
            gone.extend(late.carry_out(app, because)?);
        }
        Ok(gone)
    }
}

/// Erases a document for everyone, with what is part of it. What went.
///
/// # Errors
/// [`vigie_core::Code::NotFound`], [`vigie_core::Code::Refused`] when it is held or is a person's
/// entry, or when something cannot be written: what was begun goes on when the server starts again.
pub fn document(app: &App, id: Id, why: &str, who: &str) -> Result<BTreeSet<Id>> {
    if app
        .store
        .candidate(id)?
        .is_some_and(|one| one.kind == "person")
    {
        return Err(refused(
            "a person: `erase person` takes the rest of them too",
        ));
    }
    let plan = plan(&app.store, id)?;
    if plan.is_held(app)? {
        return Err(refused("it is held: release it first"));
    }
    let because = Because {
        why,
        who,
        at: app.now(),
    };
    let gone = plan.carry_out(app, &because)?;
    clear(app)?;
    Ok(gone)
}

/// Erases what an exchange found to be part of something that was erased. Where that cannot be done now,
/// the device brings its push again.
pub fn orphans(app: &App, orphans: &BTreeSet<Id>) {
    for id in orphans {
        if let Err(error) = document(app, *id, "part", "server") {
            tracing::warn!(document = %id, %error, "an orphan is still here");
        }
    }
}

/// Forgets a person: their entry, account and devices, what is their own, and that what they gave to
/// the organisation was theirs. What went.
///
/// # Errors
/// As [`document`].
pub fn person(app: &App, person: Id, who: &str) -> Result<BTreeSet<Id>> {
    if !app.store.knows(person)? && app.store.candidate(person)?.is_none() {
        return Err(Error::not_found(format!("nobody is `{person}`")));
    }
    let mut whole = Plan {
        erased: BTreeSet::from([person]),
        ..Plan::default()
    };
    for kind in kinds() {
        for made in app.store.made_by(person, kind.name)? {
            if kind.keeping.whose == Whose::Organisation {
                whole.disowned.insert(made.id);
            } else {
                whole.erased.insert(made.id);
            }
        }
    }
    if whole.is_held(app)? {
        return Err(refused("something of theirs is held: release it first"));
    }
    // Forgetting the person makes all of these nobody's at once.
    whole.disowned.clear();
    let because = Because {
        why: "request",
        who,
        at: app.now(),
    };
    let devices = app.store.devices(Some(person))?;
    let gone = whole.carry_out_with(app, &because, Some(person))?;
    for device in devices {
        app.news.end(device.id);
        app.web.forget(device.id)?;
    }
    clear(app)?;
    Ok(gone)
}

/// Holds a document, or releases it: held, nothing erases it. Whether that changed anything.
///
/// # Errors
/// [`vigie_core::Code::NotFound`], or when the ledger or the store cannot be written.
pub fn hold(app: &App, id: Id, held: bool, who: &str) -> Result<bool> {
    if app.store.candidate(id)?.is_none() {
        return Err(Error::not_found(format!("no document `{id}`")));
    }
    let because = Because {
        why: "procedure",
        who,
        at: app.now(),
    };
    let deed = if held { Deed::Hold } else { Deed::Release };
    app.for_good(&[Line::new(deed, id, &because)], || {
        if held {
            app.store.hold(id, &because)
        } else {
            app.store.release(id, &because)
        }
    })
}

fn refused(message: &str) -> Error {
    Error::new(vigie_core::Code::Refused, message)
}

/// Clears what is left beside the store: files of blobs, parts of uploads, the server's own device,
/// the journal.
///
/// # Errors
/// When something cannot be written; it is tried again with the next chores.
pub fn clear(app: &App) -> Result<()> {
    for hash in app.store.doomed()? {
        app.store.bury(&hash, || app.blobs.remove(&hash))?;
    }
    app.system.sync(app)?;
    app.store.empty_journal()
}

/// Clears, and has the browsers' files told: what a server does that runs.
///
/// # Errors
/// As [`clear`].
pub fn settle(app: &App) -> Result<()> {
    clear(app)?;
    let erased = app.store.erasures()?;
    if app.store.chore(SHED)? != erased {
        app.web.shed(app, Moment::utc(app.now()))?;
        app.store.put_chore(SHED, erased)?;
    }
    Ok(())
}

/// What is looked after now and then: retention, once a day, and what could not be cleared at once.
///
/// # Errors
/// As [`crate::retention::run`].
pub fn chores(app: &App) -> Result<()> {
    let now = app.now();
    if now.saturating_sub(app.store.chore(RETENTION)?) >= RETENTION_EVERY_MS {
        let swept = crate::retention::run(app)?;
        tracing::info!(
            documents = swept.documents,
            lines = swept.lines,
            "kept no longer"
        );
        app.store.put_chore(RETENTION, now)?;
    }
    settle(app)
}
