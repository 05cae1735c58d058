//! Accounts, as the screens speak of them. Answered by the shells: the app asks the server over
//! HTTPS, the server answers by itself. Here are the names and the types only.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::command;
use crate::command::{Access, Command};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::id::Id;

/// No input, or nothing to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(type = "Record<string, never>")]
pub struct Empty {}

/// Which shell this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ShellKind {
    /// The app on a phone or a desktop.
    App,
    /// A browser.
    Web,
}

/// Who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountState {
    /// Somebody is.
    pub signed_in: bool,
    /// App or browser.
    pub kind: ShellKind,
    /// Address of the server, once known.
    pub server: Option<String>,
    /// The organisation's name.
    pub org: Option<String>,
    /// The person.
    pub person: Option<Id>,
    /// App only: the local file is encrypted.
    pub encrypted: bool,
    /// App only: its key lies in the system's keystore rather than in a file.
    pub key_in_keystore: bool,
    /// Why the server lets this device in no more: `lost` or `revoked`. What it had from the server is
    /// erased; a revoked app stays signed in while it holds what was never sent.
    #[serde(default)]
    pub ended: Option<String>,
}

/// Enrols this app with a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountEnrol {
    /// Address of the server.
    pub server: String,
    /// The code of the invitation.
    pub code: String,
    /// How the device is listed.
    pub device_name: String,
}

/// Signs a browser in, by code or by name and password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountSignIn {
    /// The code of an invitation.
    pub code: Option<String>,
    /// The person's short name.
    pub login: Option<String>,
    /// Their password.
    pub password: Option<String>,
}

/// Invites a person to a device or a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountInvite {
    /// The person.
    pub person: Id,
}

/// An invitation: shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountInvitation {
    /// To type.
    pub code: String,
    /// To open.
    pub url: String,
    /// To scan: an SVG of the address.
    pub qr_svg: String,
    /// Until when it works: milliseconds.
    pub expires_at: i64,
}

/// A device of the person, or of anyone for leads and admins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountDevice {
    /// Its id.
    pub id: Id,
    /// How it is listed.
    pub name: String,
    /// Whose it is.
    pub person: Id,
    /// App or browser.
    pub kind: ShellKind,
    /// Since when: milliseconds.
    pub created_at: i64,
    /// When it last spoke to the server: milliseconds.
    pub last_contact_at: Option<i64>,
    /// It may no longer speak to the server.
    pub revoked: bool,
    /// The one that asks.
    pub current: bool,
    /// It was declared lost: it erases everything at its next contact.
    pub lost: bool,
    /// When a lost one was first told to: milliseconds.
    pub told_at: Option<i64>,
}

/// What a lost device held, as far as the server knows: what was made on it and never sent is
/// unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountHeld {
    /// The documents.
    pub documents: Vec<AccountHeldDocument>,
    /// When it was first told to erase everything: milliseconds.
    pub told_at: Option<i64>,
}

/// A document that a lost device held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountHeldDocument {
    /// The document.
    pub document: Id,
    /// Its kind.
    pub kind: String,
    /// In a few words; empty for whoever may not read it, or when it was erased since.
    pub title: String,
    /// Certainly, as it is now; otherwise an older copy, perhaps.
    pub sure: bool,
}

/// Revokes a device at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountRevoke {
    /// The device.
    pub device: Id,
}

/// Sets one's own password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountPassword {
    /// The present one, where there is one.
    pub current: Option<String>,
    /// The new one: twelve characters or more.
    pub password: String,
}

/// The commands that shells answer; their names and types for the screens.
pub const COMMANDS: &[Command] = &[
    command!("account.state", Access::Anyone, shell, Empty => AccountState),
    command!("account.enrol", Access::Anyone, shell, AccountEnrol => AccountState),
    command!("account.sign_in", Access::Anyone, shell, AccountSignIn => AccountState),
    command!("account.sign_out", Access::Anyone, shell, Empty => AccountState),
    command!("account.invite", Access::Directory, shell, AccountInvite => AccountInvitation),
    command!("account.devices", Access::Anyone, shell, Empty => Vec<AccountDevice>),
    command!("account.revoke", Access::Anyone, shell, AccountRevoke => Empty),
    command!("account.lose", Access::Anyone, shell, AccountRevoke => AccountHeld),
    command!("account.held", Access::Anyone, shell, AccountRevoke => AccountHeld),
    command!("account.password", Access::Anyone, shell, AccountPassword => Empty),
    command!("sync.now", Access::Anyone, shell, Empty => Empty),
];

/// These never reach the device: its shell answers them.
fn shell<I, O>(_context: &mut Context<'_>, _input: &I) -> Result<O> {
    Err(Error::unexpected("a shell answers this"))
}
