//! What is kept and what goes: `erase`, `hold`, `retention`, `backup`.

use std::path::PathBuf;

use crate::app::App;
use crate::retention::{self, Rule};
use crate::{backup, erase, system};
use anyhow::{Context as _, Result, bail};
use clap::{Subcommand, ValueEnum};
use vigie_core::id::Id;
use vigie_core::moment::Moment;

use super::{Options, now, open_known, say};

/// Who the audit says it was.
pub(super) const WHO: &str = "command-line";
/// A day: milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Why a document is erased; the audit keeps the word.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Why {
    /// The person whose data it holds asked.
    Request,
    /// It should not have been made.
    Mistake,
    /// A court or an authority ordered it.
    Order,
}

impl Why {
    const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Mistake => "mistake",
            Self::Order => "order",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum EraseCommand {
    /// A document, with what is part of it.
    Document {
        /// Its id.
        id: Id,
        /// Why.
        #[arg(long, value_enum, default_value = "request")]
        why: Why,
    },
    /// A person: their entry, account, devices and own records, and that what they reported was
    /// theirs.
    Person {
        /// Their id, or their short name while they are active.
        person: String,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum HoldCommand {
    /// Holds a document.
    Set {
        /// Its id.
        id: Id,
    },
    /// Releases it.
    Release {
        /// Its id.
        id: Id,
    },
    /// Lists what is held.
    List,
}

#[derive(Debug, Subcommand)]
pub(super) enum RetentionCommand {
    /// Lists the rules.
    List,
    /// Sets the rule of a kind.
    Set {
        /// `report`, `reporter`, `draft`, …
        kind: String,
        /// For example `60d-after-closure` or `400d-after-creation`.
        rule: Rule,
    },
    /// Takes the rule of a kind away.
    Clear {
        /// The kind.
        kind: String,
    },
    /// Applies the rules now; a server that runs does it every day.
    Run,
}

pub(super) fn erase(options: &Options, command: EraseCommand) -> Result<()> {
    let app = open_known(options)?;
    let gone = match command {
        EraseCommand::Document { id, why } => erase::document(&app, id, why.word(), WHO)?,
        EraseCommand::Person { person } => {
            let id = match person.parse::<Id>() {
                Ok(id) => id,
                Err(_name) => found(&app, &person)?,
            };
            erase::person(&app, id, WHO)?
        }
    };
    for id in &gone {
        say(&format!("erased {id}"))?;
    }
    if options.backups.is_none() {
        say("a restore from an older backup needs this folder\u{2019}s ledger: set --backups")?;
    }
    Ok(())
}

pub(super) fn hold(options: &Options, command: HoldCommand) -> Result<()> {
    let app = open_known(options)?;
    let (id, held) = match command {
        HoldCommand::Set { id } => (id, true),
        HoldCommand::Release { id } => (id, false),
        HoldCommand::List => {
            for (id, at) in app.store.holds()? {
                say(&format!("{id} since {}", Moment::utc(at).day()))?;
            }
            return Ok(());
        }
    };
    let changed = erase::hold(&app, id, held, WHO)?;
    say(match (changed, held) {
        (true, true) => "held",
        (true, false) => "released",
        (false, _) => "nothing changed",
    })
}

pub(super) fn retention(options: &Options, command: RetentionCommand) -> Result<()> {
    let app = open_known(options)?;
    match command {
        RetentionCommand::List => {
            let rules = app.store.retention()?;
            for kind in retention::kinds() {
                let own = [retention::OUTCOME, retention::QUARANTINE];
                let default = own.iter().find(|(name, _)| *name == kind);
                let rule = rules.get(kind).or(default.map(|(_, rule)| rule));
                let said = rule.map_or_else(|| "for ever".to_owned(), Rule::to_string);
                say(&format!("{kind} {said}"))?;
            }
            Ok(())
        }
        RetentionCommand::Set { kind, rule } => Ok(retention::set(&app, &kind, Some(rule), WHO)?),
        RetentionCommand::Clear { kind } => Ok(retention::set(&app, &kind, None, WHO)?),
        RetentionCommand::Run => {
            let swept = retention::run(&app)?;
            say(&format!(
                "{} documents erased, {} lines forgotten",
                swept.documents, swept.lines
            ))
        }
    }
}

/// The person of that short name or id.
pub(super) fn found(app: &App, name: &str) -> Result<Id> {
    let found = app.system.find(app, name)?;
    Ok(found.ok_or_else(|| system::nobody(name))?.id)
}

pub(super) fn back_up(
    options: &Options,
    folder: Option<PathBuf>,
    prune: Option<u32>,
) -> Result<()> {
    let at = now();
    let folder = match (folder, &options.backups) {
        (Some(folder), _) => folder,
        (None, Some(backups)) => backups.join(format!("{}-{at}", Moment::utc(at).day())),
        (None, None) => bail!("say the new folder, or --backups"),
    };
    let copied = backup::backup(&options.data, &folder, at)?;
    say(&format!("{} blobs, epoch {}", copied.blobs, copied.epoch))?;
    if let Some(days) = prune {
        let backups = options.backups.as_ref();
        let backups = backups.context("say with --backups where they are")?;
        let before = at.saturating_sub(i64::from(days).saturating_mul(DAY_MS));
        for (old, made_at) in backup::made_before(backups, before)? {
            backup::remove(&old)?;
            let day = Moment::utc(made_at).day();
            say(&format!("removed {} of {day}", old.display()))?;
        }
    }
    Ok(())
}
