//! `account.*` in the app: enrolment with a code, signing out, and what the server answers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vigie_core::account::{AccountEnrol, AccountState, ShellKind};
use vigie_core::device::Enrolment;
use vigie_core::error::{Code, Error, Result};
use vigie_core::person::Seat;
use vigie_core::store::blob::parse_hex;
use vigie_core::store::setting;
use vigie_core::sync::machine::Event;
use vigie_core::{Device, Id};

use crate::erase;
use crate::files::Files;
use crate::server::{Address, post_json};
use crate::shell::{Session, Shell, locked};

/// Under this key the last server's address lies in the file, for the next enrolment.
pub(crate) const SERVER: &str = "server";
/// Why nobody is signed in any more: a [`Code`], set when everything was erased.
pub(crate) const ENDED: &str = "ended";
/// The devices that signed out of this file while the server could not be told.
const LEFT: &str = "left";

/// What the server answers to a code.
#[derive(Deserialize)]
struct Enrolled {
    device: Id,
    token: String,
    org: String,
    seat: Seat,
    /// 64 hexadecimal digits.
    server_key: String,
}

/// Who is signed in, and where.
///
/// # Errors
/// When the file cannot be read.
pub async fn state(shell: &Arc<Shell>) -> Result<AccountState> {
    let (enrolment, known, ended) = shell
        .device(|device| {
            let db = device.db();
            let (known, ended) = (setting::get(db, SERVER)?, setting::get(db, ENDED)?);
            Ok((device.enrolment()?, known, ended))
        })
        .await?;
    let session = shell.session();
    let signed_in = session.is_some() && enrolment.is_some();
    let shut = session.as_ref().is_some_and(|session| session.revoked);
    let enrolment = enrolment.filter(|_| signed_in);
    Ok(AccountState {
        signed_in,
        kind: ShellKind::App,
        server: session.map(|session| session.server).or(known),
        org: enrolment.as_ref().map(|enrolment| enrolment.org.clone()),
        person: enrolment.map(|enrolment| enrolment.seat.person),
        encrypted: shell.is_encrypted(),
        key_in_keystore: shell.key_in_keystore(),
        ended: if shut {
            Some(Code::Revoked.as_str().to_owned())
        } else {
            ended
        },
    })
}

/// Enrols this device with the code of an invitation.
///
/// # Errors
/// [`Code::AlreadyDone`] when somebody is signed in, [`Code::Invalid`] for an address, or what the
/// server says of the code.
pub async fn enrol(shell: &Arc<Shell>, input: AccountEnrol) -> Result<AccountState> {
    let address = Address::parse(&input.server)?;
    if shell.live_session().is_ok() && locked(&shell.machine).failure() != Some(Code::SignedOut) {
        return Err(Error::new(Code::AlreadyDone, "somebody is signed in"));
    }
    let asked = json!({ "code": input.code, "device_name": input.device_name });
    let enrolled: Enrolled = post_json(&shell.http, address.at("v1/enrol")?, None, &asked).await?;
    let enrolment = Enrolment {
        device: enrolled.device,
        org: enrolled.org,
        seat: enrolled.seat,
        server_key: parse_hex(&enrolled.server_key)?,
    };
    make_room(shell, enrolment.seat.person).await?;
    let server = address.text();
    let session = Session {
        server: server.clone(),
        token: enrolled.token,
        token_at: shell.now(),
        revoked: false,
        device: Some(enrolled.device),
    };
    let (keeper, kept) = (Arc::clone(shell), session.clone());
    shell
        .device(move |device| {
            device.enrol(&enrolment)?;
            setting::remove(device.db(), ENDED)?;
            setting::set(device.db(), SERVER, &server)?;
            keeper.keep_session(device, Some(kept))
        })
        .await?;
    shell.contact.notify_one();
    shell.event(Event::Start);
    tokio::spawn(tell_left_elsewhere(Arc::clone(shell), session));
    shell.tell(&erase::everything());
    state(shell).await
}

/// The file of another person makes way: put aside when it holds what was never sent, removed
/// otherwise.
async fn make_room(shell: &Arc<Shell>, person: Id) -> Result<()> {
    let look = move |device: &mut Device| {
        let other = device.enrolment()?.map(|known| known.seat.person);
        let unsent = device.unsent()? > 0;
        Ok(other
            .filter(|other| *other != person)
            .map(|other| (other, unsent)))
    };
    let change = move |(other, unsent), files: &Files| {
        if unsent {
            files.put_aside(other)?;
        } else {
            files.remove()?;
        }
        files.take_back(person).map(drop)
    };
    let begin = |_device: &Device| Ok(());
    shell.reopen(look, change, begin).await.map(drop)
}

/// Forgets the token; removes the file when nothing in it waits to be sent or was refused.
///
/// # Errors
/// When the file cannot be written.
pub async fn sign_out(shell: &Arc<Shell>) -> Result<AccountState> {
    let left = match shell.live_session() {
        Ok(session) => end(shell, session).await?,
        Err(_ended) => None,
    };
    let server = shell.session().map(|session| session.server);
    if let Some(left) = left {
        shell
            .device(move |device| {
                let mut all = lefts(device)?;
                all.push(left);
                setting::set(device.db(), LEFT, &all)
            })
            .await?;
    }
    shell.set_session(None).await?;
    let look = |device: &mut Device| Ok((device.unsent()? == 0).then_some(()));
    let begin = move |device: &Device| {
        server.map_or(Ok(()), |server| setting::set(device.db(), SERVER, &server))
    };
    shell
        .reopen(look, |(), files| files.remove(), begin)
        .await?;
    *locked(&shell.partial) = None;
    shell.tell(&erase::everything());
    state(shell).await
}

/// Tells the server that the device signs out; what it still has to be told where it does not answer.
async fn end(shell: &Arc<Shell>, session: Session) -> Result<Option<Left>> {
    let Some(enrolment) = shell.device(|device| device.enrolment()).await? else {
        return Ok(None);
    };
    let left = Left {
        server: session.server,
        token: session.token,
        device: enrolment.device,
    };
    match left.tell(shell).await {
        Ok(()) => Ok(None),
        Err(error) => {
            // The list of devices shows it until then, and a lead can end it there.
            tracing::info!(
                code = error.code().as_str(),
                "the server was not told of the sign-out"
            );
            Ok(Some(left))
        }
    }
}

/// A device that signed out while the server did not answer.
#[derive(Clone, Serialize, Deserialize)]
struct Left {
    server: String,
    token: String,
    device: Id,
}

impl Left {
    /// Tells the server that it signed out; that it is no device any more is as good.
    async fn tell(&self, shell: &Shell) -> Result<()> {
        let url = Address::parse(&self.server)?.at("v1/account/revoke")?;
        let input = json!({ "device": self.device });
        match post_json::<Value>(&shell.http, url, Some(&self.token), &input).await {
            Err(error) if !matches!(error.code(), Code::Revoked | Code::Lost | Code::SignedOut) => {
                Err(error)
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn lefts(device: &Device) -> Result<Vec<Left>> {
    Ok(setting::get(device.db(), LEFT)?.unwrap_or_default())
}

/// Those of this session's server, and those of others.
async fn lefts_by_server(shell: &Arc<Shell>, session: &Session) -> Result<(Vec<Left>, Vec<Left>)> {
    let all = shell.device_of(session, |device| lefts(device)).await?;
    Ok(all
        .into_iter()
        .partition(|left| left.server == session.server))
}

/// It was told: nothing is owed any more.
async fn forget_left(shell: &Arc<Shell>, session: &Session, told: Id) -> Result<()> {
    shell
        .device_of(session, move |device| {
            let mut all = lefts(device)?;
            all.retain(|left| left.device != told);
            if all.is_empty() {
                setting::remove(device.db(), LEFT)
            } else {
                setting::set(device.db(), LEFT, &all)
            }
        })
        .await
}

/// Tells the server, before anything is sent to it, that the device that made what waits here has
/// signed out: what one device began, the server takes from another once the first is none any more.
///
/// # Errors
/// Why the server cannot be told now, where that passes; what it will not hear must not stop sync.
pub(crate) async fn tell_left(shell: &Arc<Shell>, session: &Session) -> Result<()> {
    let (here, _elsewhere) = lefts_by_server(shell, session).await?;
    for left in here {
        match left.tell(shell).await {
            Ok(()) => forget_left(shell, session, left.device).await?,
            Err(error) if passes(&error) => return Err(error),
            Err(error) => tracing::info!(
                code = error.code().as_str(),
                "the server does not hear of an earlier sign-out"
            ),
        }
    }
    Ok(())
}

/// Whether the same question may well be answered a little later.
const fn passes(error: &Error) -> bool {
    error.retry_ms().is_some()
        || matches!(
            error.code(),
            Code::Offline
                | Code::Unexpected
                | Code::Storage
                | Code::StorageFull
                | Code::DiskFull
                | Code::TooManyTries
        )
}

/// Tells other servers, if they still answer where they were. Nothing waits for it: such an address may
/// be silent for ever, and what is sent goes to this session's server.
pub(crate) async fn tell_left_elsewhere(shell: Arc<Shell>, session: Session) {
    let Ok((_here, elsewhere)) = lefts_by_server(&shell, &session).await else {
        return;
    };
    for left in elsewhere {
        let told = match left.tell(&shell).await {
            Ok(()) => forget_left(&shell, &session, left.device).await,
            Err(error) => Err(error),
        };
        if let Err(error) = told {
            tracing::debug!(code = error.code().as_str(), "a sign-out is still untold");
        }
    }
}

/// `account.<verb>` that the server answers.
///
/// # Errors
/// What the server says, or [`Code::Offline`].
pub async fn ask_server(shell: &Arc<Shell>, name: &str, input: &Value) -> Result<Value> {
    let session = shell.live_session()?;
    ask(
        shell,
        &session,
        name.strip_prefix("account.").unwrap_or(name),
        input,
    )
    .await
}

async fn ask(shell: &Shell, session: &Session, verb: &str, input: &Value) -> Result<Value> {
    let url = Address::parse(&session.server)?.at(&format!("v1/account/{verb}"))?;
    let empty = json!({});
    let input = if input.is_null() { &empty } else { input };
    post_json(&shell.http, url, Some(&session.token), input).await
}

/// Enrols at the start when `VIGIE_ENROL` says `server|code` and nobody is signed in: for tests and
/// for trying Vigie out.
pub async fn enrol_from_environment(shell: &Arc<Shell>) {
    let Ok(asked) = std::env::var("VIGIE_ENROL") else {
        return;
    };
    let Some((server, code)) = asked.split_once('|') else {
        tracing::error!("VIGIE_ENROL is `server|code`");
        return;
    };
    if shell.session().is_some() {
        return;
    }
    let input = AccountEnrol {
        server: server.to_owned(),
        code: code.to_owned(),
        device_name: format!("Vigie {}", std::env::consts::OS),
    };
    if let Err(error) = enrol(shell, input).await {
        tracing::error!(
            code = error.code().as_str(),
            message = error.message(),
            "not enrolled"
        );
    }
}
