//! `POST /v1/enrol`, `POST /v1/token`, `POST /v1/account/*`: a device of the app and its account.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vigie_core::account::{AccountInvite, AccountPassword, AccountRevoke, ShellKind};
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;
use vigie_core::person::Seat;
use vigie_core::store::blob::hex;

use crate::app::{App, Shared};
use crate::body::{Input, Named};
use crate::http::{Answer, AppDevice, Asker};
use crate::store::sqlite::device::DeviceRow;
use crate::store::sqlite::invitation::Credential;
use crate::{account, entropy, token};

/// Longest name of a device, in characters.
const NAME_MAX: usize = 80;

/// Enrols a device.
#[derive(Debug, Deserialize)]
pub struct Enrol {
    code: String,
    device_name: String,
}

/// What the device keeps.
#[derive(Debug, Serialize)]
pub struct Enrolled {
    device: Id,
    token: String,
    org: String,
    seat: Seat,
    /// 64 hexadecimal digits.
    server_key: String,
}

/// Enrols a device with the code of an invitation.
///
/// # Errors
/// [`Code::CodeUnknown`], [`Code::CodeUsed`], [`Code::CodeExpired`], [`Code::TooManyTries`].
pub async fn enrol(
    State(app): State<Shared>,
    Asker(peer): Asker,
    Input(input): Input<Enrol>,
) -> Answer<Json<Enrolled>> {
    let name = clean_name(&input.device_name)?;
    let enrolled = app
        .ask(move |app| {
            let (token, hash) = token::fresh();
            let credential = Credential::Token(hash);
            let row = redeem(app, peer, &input.code, &credential, ShellKind::App, name)?;
            Ok(Enrolled {
                device: row.id,
                token,
                org: app.store.org()?.name,
                seat: crate::http::seat(app, &row)?,
                server_key: hex(&app.signer.public()),
            })
        })
        .await?;
    Ok(Json(enrolled))
}

/// Uses a code, counting wrong ones against the address.
///
/// # Errors
/// As [`enrol`].
pub fn redeem(
    app: &App,
    peer: IpAddr,
    code: &str,
    credential: &Credential,
    kind: ShellKind,
    name: String,
) -> Result<DeviceRow> {
    let now = app.now();
    let guess = app.limits.guess(peer, None, now)?;
    let unknown = || Error::new(Code::CodeUnknown, "no such code");
    let done = app
        .pepper
        .hash_code(code)
        .ok_or_else(unknown)
        .and_then(|hash| {
            app.store
                .redeem(&hash, credential, now, |person| DeviceRow {
                    id: entropy::id(now),
                    person,
                    name,
                    kind,
                    created_at: now,
                    last_contact_at: Some(now),
                    revoked_at: None,
                    lost_at: None,
                    told_at: None,
                })
        });
    // Used and expired ones were no guesses.
    if !matches!(&done, Err(error) if error.code() == Code::CodeUnknown) {
        app.limits.right(guess);
    }
    done
}

fn clean_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Error::invalid("a device has a name of up to 80 characters"));
    }
    Ok(name.to_owned())
}

/// The device's next token. The present one stays valid until the next is first used.
///
/// # Errors
/// What the token says.
pub async fn rotate(State(app): State<Shared>, device: AppDevice) -> Answer<Json<Value>> {
    let (token, hash) = token::fresh();
    app.ask(move |app| app.store.put_next_token(device.row.id, &hash, app.now()))
        .await?;
    Ok(Json(json!({ "token": token })))
}

/// `account.*` for devices of the app.
///
/// # Errors
/// As the web's calls of the same name.
pub async fn account(
    State(app): State<Shared>,
    device: AppDevice,
    Asker(peer): Asker,
    Named(verb): Named,
    Input(input): Input<Value>,
) -> Answer<Response> {
    if !input.is_object() {
        return Err(Error::invalid("an input is an object").into());
    }
    let output = answer(&app, peer, &device.row, device.seat, &verb, input).await?;
    Ok(Json(output).into_response())
}

/// What `account.<verb>` answers to somebody who is signed in.
///
/// # Errors
/// The verb's own; [`Code::UnknownCommand`] when there is none.
pub async fn answer(
    app: &Shared,
    peer: IpAddr,
    row: &DeviceRow,
    seat: Seat,
    verb: &str,
    input: Value,
) -> Result<Value> {
    let device = row.id;
    match verb {
        "invite" => {
            let input: AccountInvite = serde_json::from_value(input)?;
            let made = app
                .ask(move |app| account::invite(app, &seat, input.person))
                .await?;
            Ok(serde_json::to_value(made)?)
        }
        "devices" => {
            let list = app
                .ask(move |app| account::devices(app, &seat, device))
                .await?;
            Ok(serde_json::to_value(list)?)
        }
        "revoke" => {
            let input: AccountRevoke = serde_json::from_value(input)?;
            app.ask(move |app| account::revoke(app, &seat, input.device))
                .await?;
            Ok(json!({}))
        }
        "lose" => {
            let input: AccountRevoke = serde_json::from_value(input)?;
            let held = app
                .ask(move |app| account::lose(app, &seat, device, input.device))
                .await?;
            Ok(serde_json::to_value(held)?)
        }
        "held" => {
            let input: AccountRevoke = serde_json::from_value(input)?;
            let held = app
                .ask(move |app| account::held(app, &seat, input.device))
                .await?;
            Ok(serde_json::to_value(held)?)
        }
        "password" => {
            let input: AccountPassword = serde_json::from_value(input)?;
            account::password(app, peer, row, input).await?;
            Ok(json!({}))
        }
        _ => Err(Error::new(
            Code::UnknownCommand,
            format!("no command `account.{verb}`"),
        )),
    }
}
