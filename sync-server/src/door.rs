//! `POST /app/call`: the one door of browsers. Accounts are answered here, all else by the browser's
//! own device.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use vigie_core::account::{AccountSignIn, ShellKind};
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;
use vigie_core::moment::Moment;

use crate::app::{App, Shared};
use crate::http::{Answer, Asker};
use crate::session::{ABSOLUTE_MS, Session, browser_name, same_origin, set_cookie};
use crate::store::sqlite::device::DeviceRow;
use crate::store::sqlite::invitation::Credential;
use crate::web::{Call, Topics};
use crate::{account, entropy, token};
use crate::{body, enrol};

/// A call.
#[derive(Debug, Deserialize)]
struct Called {
    id: Option<Id>,
    name: String,
    #[serde(default)]
    input: Value,
    /// Minutes east of UTC of the browser's wall clock.
    #[serde(default)]
    offset_minutes: i32,
}

/// What a call came to.
struct Done {
    output: Value,
    changed: Topics,
    cookie: Option<HeaderValue>,
}

impl Done {
    fn plain(output: Value) -> Self {
        Self {
            output,
            changed: Topics::new(),
            cookie: None,
        }
    }
}

/// Answers a call.
///
/// # Errors
/// The command's own; [`Code::SignedOut`] without a session, [`Code::Forbidden`] from another site.
pub async fn call(
    State(app): State<Shared>,
    Asker(peer): Asker,
    headers: HeaderMap,
    body: Body,
) -> Answer<Response> {
    same_origin(&headers)?;
    let (session, ended) = match Session::of(&app, &headers).await {
        Ok(session) => (Some(session), None),
        Err(error) if matches!(error.code(), Code::SignedOut | Code::Revoked) => (None, None),
        Err(error) if error.code() == Code::Lost => (None, Some(Code::Lost)),
        Err(error) => return Err(error.into()),
    };
    let most = if session.is_some() {
        app.config.limits.call_bytes
    } else {
        app.config.limits.stranger_bytes
    };
    // The room is given back with the answer: what was read out of the body is as large.
    let held = body::read(&app, &headers, body, most).await?;
    let call: Called = serde_json::from_slice(&held.bytes).map_err(Error::from)?;
    let done = match call.name.strip_prefix("account.") {
        Some("state") => {
            let person = session.map(|session| session.row.person);
            let state = app
                .ask(move |app| account::state(app, person, ended))
                .await?;
            Done::plain(serde_json::to_value(state).map_err(Error::from)?)
        }
        Some(verb) => {
            let verb = verb.to_owned();
            of_account(&app, peer, &headers, session, &verb, call.input).await?
        }
        None => of_device(&app, session, call).await?,
    };
    let body = Json(json!({ "output": done.output, "changed": done.changed }));
    let mut response = body.into_response();
    if let Some(cookie) = done.cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn of_device(app: &Shared, session: Option<Session>, call: Called) -> Result<Done> {
    let session = session.ok_or_else(|| Error::new(Code::SignedOut, "nobody is signed in"))?;
    let browser = app.web.browser(&session.row, app.now());
    if call.offset_minutes.saturating_abs() > 14 * 60 {
        return Err(Error::invalid("no wall clock is that far from UTC"));
    }
    let moment = Moment {
        ms: app.now(),
        offset_minutes: call.offset_minutes,
    };
    if call.name == "sync.now" {
        let changed = app.work(move |app| browser.sync(app, moment)).await?;
        return Ok(Done {
            output: json!({}),
            changed,
            cookie: None,
        });
    }
    let call = Call {
        id: call.id,
        name: call.name,
        input: call.input,
        moment,
    };
    let reply = app.work(move |app| browser.call(app, call)).await?;
    Ok(Done {
        output: reply.output,
        changed: reply.changed,
        cookie: None,
    })
}

async fn of_account(
    app: &Shared,
    peer: IpAddr,
    headers: &HeaderMap,
    session: Option<Session>,
    verb: &str,
    input: Value,
) -> Result<Done> {
    match verb {
        "enrol" => Err(Error::invalid("a browser signs in; it is not enrolled")),
        "sign_in" => {
            let input: AccountSignIn = serde_json::from_value(input)?;
            sign_in(app, peer, browser_name(headers), session, input).await
        }
        "sign_out" => sign_out(app, session).await,
        _ => {
            let session =
                session.ok_or_else(|| Error::new(Code::SignedOut, "nobody is signed in"))?;
            let output = enrol::answer(app, peer, &session.row, session.seat, verb, input).await?;
            Ok(Done {
                output,
                // A question changes nothing: who asks again when told of a change would ask for ever.
                changed: if ["devices", "held"].contains(&verb) {
                    Topics::new()
                } else {
                    Topics::from(["account"])
                },
                cookie: None,
            })
        }
    }
}

async fn sign_in(
    app: &Shared,
    peer: IpAddr,
    name: String,
    before: Option<Session>,
    input: AccountSignIn,
) -> Result<Done> {
    let (cookie, hash) = token::fresh();
    let expires_at = app.now().saturating_add(ABSOLUTE_MS);
    let credential = Credential::Session { hash, expires_at };
    let row = match (input.code, input.login, input.password) {
        (Some(code), None, None) => {
            app.ask(move |app| enrol::redeem(app, peer, &code, &credential, ShellKind::Web, name))
                .await?
        }
        (None, Some(login), Some(password)) => {
            by_password(
                app,
                peer,
                name,
                login.trim().to_lowercase(),
                &password,
                credential,
            )
            .await?
        }
        _ => return Err(Error::invalid("a code, or a name and a password")),
    };
    if let Some(before) = before {
        end(app, before.row).await?;
    }
    let person = row.person;
    let state = app
        .ask(move |app| {
            take_back(app, &row)?;
            account::state(app, Some(person), None)
        })
        .await?;
    let cookie = Some(set_cookie(&app.config, Some(&cookie))?);
    let changed = Topics::from(["account"]);
    Ok(Done {
        output: serde_json::to_value(state)?,
        changed,
        cookie,
    })
}

/// Takes the same time whether the name is known or not.
async fn by_password(
    app: &Shared,
    peer: IpAddr,
    name: String,
    login: String,
    password: &str,
    credential: Credential,
) -> Result<DeviceRow> {
    let guess = app.limits.guess(peer, Some(&login), app.now())?;
    let wanted = login.clone();
    let (person, stored) = app
        .work(move |app| {
            let person = app.system.find(app, &wanted)?.map(|person| person.id);
            let known = person.unwrap_or_else(|| entropy::id(0));
            Ok((person, app.store.password(known)?))
        })
        .await?;
    let right = app.passwords.check(password, stored).await?;
    let now = app.now();
    let Some(person) = person.filter(|_| right) else {
        return Err(Error::new(Code::WrongPassword, "wrong name or password"));
    };
    app.limits.right(guess);
    app.ask(move |app| {
        let row = DeviceRow {
            id: entropy::id(now),
            person,
            name,
            kind: ShellKind::Web,
            created_at: now,
            last_contact_at: Some(now),
            revoked_at: None,
            lost_at: None,
            told_at: None,
        };
        app.store.let_in(&row, &credential, now)?;
        Ok(row)
    })
    .await
}

async fn sign_out(app: &Shared, session: Option<Session>) -> Result<Done> {
    if let Some(session) = session {
        end(app, session.row).await?;
    }
    let state = app.ask(|app| account::state(app, None, None)).await?;
    Ok(Done {
        output: serde_json::to_value(state)?,
        changed: Topics::from(["account"]),
        cookie: Some(set_cookie(&app.config, None)?),
    })
}

/// Ends a browser's session; its file is a cache and goes, but for what only it holds.
async fn end(app: &Shared, row: DeviceRow) -> Result<()> {
    let app = Arc::clone(app);
    app.ask(move |app| {
        app.store.end_sessions(row.id)?;
        app.news.end(row.id);
        app.web.leave(row.id, app.now())
    })
    .await
}

/// Gives a browser that has just signed in what its person left in another: the same calls are known
/// again, and what one device began the store takes from another once the first is none any more.
fn take_back(app: &App, row: &DeviceRow) -> Result<()> {
    let live = app.store.live_browsers(app.now())?;
    app.web.take_back(row, &live, app.now(), |left| {
        account::strike(app, left, &row.person.to_string())
    })
}
