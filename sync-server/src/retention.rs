//! How long each kind of document is kept. Nothing is erased by itself but what the organisation says;
//! what was refused and what became of pushes are forgotten after a time of their own.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use vigie_core::error::{Error, Result};
use vigie_core::feature::{Kind, kind};
use vigie_core::id::Id;

use crate::app::App;
use crate::erase;
use crate::store::sqlite::erase::{Because, Candidate};

/// A day: milliseconds.
const DAY_MS: i64 = 86_400_000;
/// Documents looked at in one go.
const STEP: u32 = 200;
/// What became of pushes: a device may be away for this long and still be told the same again.
pub const OUTCOME: (&str, Rule) = ("outcome", Rule::creation(400));
/// Pushes that were refused.
pub const QUARANTINE: (&str, Rule) = ("quarantine", Rule::creation(180));

/// From when the days are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Its receipt by the server.
    Creation,
    /// The last change to it, once it has come to its end.
    Closure,
}

impl After {
    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Closure => "closure",
        }
    }
}

/// How long, written `60d-after-closure`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How many days.
    pub days: u32,
    /// From when.
    pub after: After,
}

impl Rule {
    const fn creation(days: u32) -> Self {
        Self {
            days,
            after: After::Creation,
        }
    }

    /// What is older than this may go: milliseconds.
    fn before(self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(i64::from(self.days).saturating_mul(DAY_MS))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d-after-{}", self.days, self.after.name())
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid(format!("`{text}` is not like `60d-after-closure`"));
        let (days, after) = text.split_once("d-after-").ok_or_else(wrong)?;
        Ok(Self {
            days: days.parse().map_err(|_not_a_number| wrong())?,
            after: match after {
                "creation" => After::Creation,
                "closure" => After::Closure,
                _ => return Err(wrong()),
            },
        })
    }
}

/// What may have a rule: kinds that are a person's own or come to an end, and what the server keeps of
/// pushes.
#[must_use]
pub fn kinds() -> Vec<&'static str> {
    let own = [OUTCOME.0, QUARANTINE.0];
    erase::kinds()
        .filter(|kind| kind.keeping.may_end())
        .map(|kind| kind.name)
        .chain(own)
        .collect()
}

/// Sets the rule of a kind; `None` keeps it for ever, or as long as the server says by itself.
///
/// # Errors
/// [`vigie_core::Code::Invalid`] for a kind that has no rule, or one that never comes to an end.
pub fn set(app: &App, name: &str, rule: Option<Rule>, who: &str) -> Result<()> {
    if !kinds().contains(&name) {
        let known = kinds().join(", ");
        return Err(Error::invalid(format!("`{name}` is none of {known}")));
    }
    let ends = kind(name).is_some_and(|kind| {
        kind.keeping.closed.is_some() || kind.keeping.whose == vigie_core::feature::Whose::Author
    });
    if rule.is_some_and(|rule| rule.after == After::Closure) && !ends {
        return Err(Error::invalid(format!("`{name}` never comes to an end")));
    }
    app.store.put_retention(name, rule, who, app.now())
}

/// What a run came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Documents that were erased.
    pub documents: usize,
    /// Lines about pushes that were forgotten.
    pub lines: usize,
}

/// Erases what is past its time, and forgets what is of no use any more.
///
/// # Errors
/// When the store, the ledger or a blob cannot be written; what was erased stays erased.
pub fn run(app: &App) -> Result<Swept> {
    let now = app.now();
    let rules = app.store.retention()?;
    let of = |(name, default): (&str, Rule)| rules.get(name).copied().unwrap_or(default);
    let mut swept = Swept {
        documents: 0,
        lines: app
            .store
            .prune(of(OUTCOME).before(now), of(QUARANTINE).before(now))?,
    };
    for (name, rule) in &rules {
        if let Some(kind) = kind(name) {
            let more = run_kind(app, kind, *rule, now)?;
            swept.documents = swept.documents.saturating_add(more);
        }
    }
    app.store.tidy_feeds()?;
    if swept.documents > 0 {
        erase::settle(app)?;
    }
    Ok(swept)
}

fn run_kind(app: &App, kind: &Kind, rule: Rule, now: i64) -> Result<usize> {
    let before = rule.before(now);
    let because = Because {
        why: "retention",
        who: "server",
        at: now,
    };
    let mut erased = 0_usize;
    let mut after = Id::from_bytes([0; 16]);
    loop {
        let step = app.store.of_kind(kind.name, after, before, STEP)?;
        let Some(last) = step.last() else {
            return Ok(erased);
        };
        after = last.id;
        for candidate in &step {
            if rule.after == After::Closure && !is_over(app, kind, candidate, before)? {
                continue;
            }
            let plan = erase::plan(&app.store, candidate.id)?;
            // A procedure needs it: it stays, and so does what belongs to it.
            if plan.is_held(app)? {
                continue;
            }
            let gone = plan.carry_out(app, &because)?;
            erased = erased.saturating_add(gone.len());
        }
    }
}

/// Whether it came to its end and nothing was said since.
fn is_over(app: &App, kind: &Kind, candidate: &Candidate, before: i64) -> Result<bool> {
    let Ok(view) = erase::view(&candidate.body) else {
        return Ok(false);
    };
    if let Some(closed) = kind.keeping.closed {
        return Ok(closed(&view) && candidate.changed_at < before);
    }
    whole_is_over(app, kind, &view, before)
}

/// Whether everything that it is part of is.
fn whole_is_over(app: &App, kind: &Kind, view: &Value, before: i64) -> Result<bool> {
    let wholes = (kind.keeping.part_of)(view);
    for id in &wholes {
        let Some(whole) = app.store.candidate(*id)? else {
            continue;
        };
        let closed = vigie_core::feature::kind(&whole.kind).and_then(|kind| kind.keeping.closed);
        let over = match (closed, erase::view(&whole.body)) {
            (Some(closed), Ok(view)) => closed(&view) && whole.changed_at < before,
            _ => false,
        };
        if !over {
            return Ok(false);
        }
    }
    Ok(!wholes.is_empty())
}
