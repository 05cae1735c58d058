//! The one command of the page: `call(id, name, input)`. What concerns the account and the network
//! is answered here; all else goes to the device.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use tauri::State;
use vigie_core::Id;
use vigie_core::command::{read_input, write_output};
use vigie_core::error::{Code, Error, Result};
use vigie_core::sync::machine::Event;

use crate::account;
use crate::shell::{Changed, Shell, locked};
use crate::sync;

/// What a call answered.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The command's output.
    pub output: Value,
    /// Topics that changed: screens reload on that alone.
    pub changed: Changed,
}

/// Why a call failed.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// What a screen branches on.
    pub code: &'static str,
    /// For the log.
    pub message: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            code: error.code().as_str(),
            message: error.message().to_owned(),
        }
    }
}

/// The page's door. `id` makes a repeated call harmless; `offset_minutes` is the page's offset from
/// UTC, where it tells it.
#[tauri::command]
pub(crate) async fn call(
    shell: State<'_, Arc<Shell>>,
    id: String,
    name: String,
    input: Value,
    offset_minutes: Option<i32>,
) -> std::result::Result<Answer, Failure> {
    let shell = Arc::clone(shell.inner());
    open(&shell, &id, &name, input, offset_minutes)
        .await
        .map_err(|error| {
            let code = error.code();
            if matches!(code, Code::Unexpected | Code::Storage | Code::DiskFull) {
                tracing::error!(%name, code = code.as_str(), message = error.message(), "failed");
            }
            Failure::from(error)
        })
}

/// Answers a call.
///
/// # Errors
/// The command's own, or [`Code::SignedOut`] before anybody is signed in.
pub async fn open(
    shell: &Arc<Shell>,
    id: &str,
    name: &str,
    input: Value,
    offset_minutes: Option<i32>,
) -> Result<Answer> {
    let account = |output: Value| Answer {
        output,
        changed: Changed::from(["account"]),
    };
    match name {
        "account.state" => answer(&account::state(shell).await?),
        "account.enrol" => {
            let state = account::enrol(shell, read_input(name, input)?).await?;
            write_output(&state).map(account)
        }
        "account.sign_out" => {
            let state = account::sign_out(shell).await?;
            write_output(&state).map(account)
        }
        "account.sign_in" => Err(Error::new(
            Code::UnknownCommand,
            "the app is enrolled with a code",
        )),
        // A question changes nothing: who asks again when told of a change would ask for ever.
        "account.devices" | "account.held" => {
            answer(&account::ask_server(shell, name, &input).await?)
        }
        "account.invite" | "account.revoke" | "account.lose" | "account.password" => {
            account::ask_server(shell, name, &input).await.map(account)
        }
        "sync.now" => {
            sync::now(shell).await?;
            Ok(Answer {
                output: json!({}),
                changed: Changed::from(["sync"]),
            })
        }
        _ => device(shell, id, name, input, offset_minutes).await,
    }
}

fn answer<T: Serialize>(output: &T) -> Result<Answer> {
    Ok(Answer {
        output: write_output(output)?,
        changed: Changed::new(),
    })
}

/// A call to the device.
async fn device(
    shell: &Arc<Shell>,
    id: &str,
    name: &str,
    input: Value,
    offset_minutes: Option<i32>,
) -> Result<Answer> {
    // What another person left here is not for whoever holds the device now.
    if shell.session().is_none() {
        return Err(Error::new(Code::SignedOut, "nobody is signed in"));
    }
    let call: Id = id.parse()?;
    let moment = shell.moment(offset_minutes);
    let command = name.to_owned();
    let reply = shell
        .device(move |device| device.call(moment, Some(call), &command, input))
        .await?;
    if !reply.changed.is_empty() {
        shell.event(Event::Written);
    }
    let output = if name == "sync.health" {
        health(shell, reply.output)
    } else {
        reply.output
    };
    Ok(Answer {
        output,
        changed: reply.changed,
    })
}

/// Adds what only the shell knows: whether the server answers.
fn health(shell: &Shell, mut output: Value) -> Value {
    let machine = locked(&shell.machine);
    let revoked = shell.session().is_some_and(|session| session.revoked);
    let failure = if revoked {
        Some(Code::Revoked)
    } else {
        machine.failure()
    };
    if let Some(fields) = output.as_object_mut() {
        if failure.is_some() {
            fields.insert("state".to_owned(), json!("offline"));
        } else if machine.is_busy() {
            fields.insert("state".to_owned(), json!("syncing"));
        }
        let error = failure
            .filter(|code| *code != Code::Offline)
            .map(Code::as_str);
        fields.insert("error".to_owned(), json!(error));
        let next = machine.next_try_ms().filter(|_| !revoked);
        fields.insert("next_try_at".to_owned(), json!(next));
    }
    output
}
