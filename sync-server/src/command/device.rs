//! Devices: revoked, lost, in quarantine.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use vigie_core::id::Id;
use vigie_core::moment::Moment;

use super::keep::{WHO, found};
use super::{Options, open_known, say};
use crate::app::App;
use crate::store::sqlite::device::DeviceRow;
use crate::{account, handover};

#[derive(Debug, Subcommand)]
pub(super) enum DeviceCommand {
    /// Lists devices: of a person, or of everybody.
    List {
        /// The person, by short name or id.
        person: Option<String>,
    },
    /// Revokes a device: it erases what the server has, and keeps what was never sent.
    Revoke {
        /// The device's id.
        device: Id,
    },
    /// Declares a device lost, or all those of a person: it erases everything at its next contact.
    Lost {
        /// The device's id, or the person's id or short name.
        whose: String,
    },
    /// Lists what a lost device held.
    Held {
        /// The device's id.
        device: Id,
    },
    /// Lists the devices that sent what no honest device sends, and from which nothing is taken.
    Quarantined,
    /// Writes what a device sent and was not taken into a new folder, to be read and handed over.
    Sent {
        /// The device's id.
        device: Id,
        /// The new folder.
        folder: PathBuf,
    },
    /// Takes a device out of quarantine; it sends again what it still has.
    Release {
        /// The device's id.
        device: Id,
    },
}

pub(super) fn run(options: &Options, command: DeviceCommand) -> Result<()> {
    let app = open_known(options)?;
    match command {
        DeviceCommand::List { person } => {
            let person = person.map(|person| found(&app, &person)).transpose()?;
            for row in app.store.devices(person)? {
                show_device(&row)?;
            }
            Ok(())
        }
        DeviceCommand::Revoke { device } => {
            let row = app.store.device(device)?;
            Ok(account::revoke_as(&app, &row, WHO)?)
        }
        DeviceCommand::Lost { whose } => {
            let one = whose.parse::<Id>().ok().map(|id| app.store.device(id));
            let rows = match one {
                Some(Ok(row)) => vec![row],
                Some(Err(_)) | None => app.store.devices(Some(found(&app, &whose)?))?,
            };
            if rows.is_empty() {
                bail!("no device of `{whose}`");
            }
            for row in rows {
                account::lose_as(&app, &row, None, WHO)?;
                let held = app.store.held(row.id)?.len();
                say(&format!("{} {}: held {held} documents", row.id, row.name))?;
            }
            Ok(())
        }
        DeviceCommand::Held { device } => {
            let held = account::held_by(&app, device, None)?;
            for one in held.documents {
                let sure = if one.sure { "" } else { " (perhaps, or older)" };
                say(&format!(
                    "{} {} {}{sure}",
                    one.document, one.kind, one.title
                ))?;
            }
            say("what was made on it and never sent is unknown")
        }
        DeviceCommand::Quarantined => quarantined(&app),
        DeviceCommand::Sent { device, folder } => {
            let pushes = handover::hand_over(&app.store, device, &folder)
                .with_context(|| format!("the folder `{}`", folder.display()))?;
            say(&format!("{pushes} pushes"))
        }
        DeviceCommand::Release { device } => {
            app.store.readmit(device, WHO, app.now())?;
            say("it is taken from again")
        }
    }
}

fn show_device(row: &DeviceRow) -> Result<()> {
    let contact = row
        .last_contact_at
        .map_or_else(|| "never".to_owned(), |at| Moment::utc(at).day());
    let state = match (row.lost_at, row.told_at, row.revoked_at) {
        (Some(_), Some(_), _) => " (lost, told to erase everything)",
        (Some(_), None, _) => " (lost, not heard of since)",
        (None, _, Some(_)) => " (revoked)",
        (None, _, None) => "",
    };
    say(&format!(
        "{} {} {} last contact {contact}{state}",
        row.id, row.person, row.name
    ))
}

fn quarantined(app: &App) -> Result<()> {
    for one in app.store.isolated()? {
        let person = app.system.people(app)?.into_iter();
        let person = person
            .filter(|person| person.id == one.person)
            .map(|person| person.name)
            .next()
            .unwrap_or_default();
        let day = Moment::utc(one.since).day();
        say(&format!(
            "{} {day} {person}, {}: {} pushes kept",
            one.device, one.name, one.pushes
        ))?;
    }
    Ok(())
}
