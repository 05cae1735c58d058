//! Devices in quarantine, from the command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use vigie_core::Id;
use vigie_core::moment::Moment;
use crate::app::App;
use crate::handover;

use super::say;

/// What may be done with a device that sent what no honest device sends.
#[derive(Debug, Subcommand)]
pub(super) enum DeviceCommand {
    /// Lists the devices from which nothing is taken.
    Quarantined,
    /// Writes what a device sent and was not taken into a new folder, to be read and handed over.
    Sent {
        /// The device.
        device: String,
        /// The new folder.
        folder: PathBuf,
    },
    /// Takes a device out of quarantine; it sends again what it still has.
    Release {
        /// The device.
        device: String,
    },
}

pub(super) fn run(app: &App, command: DeviceCommand) -> Result<()> {
    match command {
        DeviceCommand::Quarantined => {
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
        DeviceCommand::Sent { device, folder } => {
            let pushes = handover::hand_over(&app.store, id(&device)?, &folder)
                .with_context(|| format!("the folder `{}`", folder.display()))?;
            say(&format!("{pushes} pushes"))
        }
        DeviceCommand::Release { device } => {
            app.store.release(id(&device)?, "command-line", app.now())?;
            say("it is taken from again")
        }
    }
}

fn id(text: &str) -> Result<Id> {
    text.parse()
        .with_context(|| format!("`{text}` is not the id of a device"))
}
