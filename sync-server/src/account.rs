//! Accounts: what `account.*` means, for browsers and for the app alike.

use std::net::IpAddr;

use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};
use vigie_core::account::{
    AccountDevice, AccountHeld, AccountHeldDocument, AccountInvitation, AccountPassword,
    AccountState, ShellKind,
};
use vigie_core::error::{Code, Error, Result};
use vigie_core::id::Id;
use vigie_core::person::{Role, Seat};

use crate::app::{App, Shared};
use crate::entropy;
use crate::ledger::{Deed, Line};
use crate::store::sqlite::device::DeviceRow;
use crate::store::sqlite::erase::Because;
use crate::store::sqlite::invitation::Invitation;
use crate::token;

/// An invitation works for this long: milliseconds.
const INVITATION_MS: i64 = 72 * 3_600_000;

/// Who is signed in with this browser, or why nobody is any more.
///
/// # Errors
/// When the store cannot be read.
pub fn state(app: &App, person: Option<Id>, ended: Option<Code>) -> Result<AccountState> {
    Ok(AccountState {
        signed_in: person.is_some(),
        kind: ShellKind::Web,
        server: Some(app.config.public_url.clone()),
        org: Some(app.store.org()?.name).filter(|_| person.is_some()),
        person,
        encrypted: false,
        key_in_keystore: false,
        ended: ended.map(|code| code.as_str().to_owned()),
    })
}

/// Invites a person: leads and admins do, and only an admin invites an admin.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`] when nobody active has this id.
pub fn invite(app: &App, seat: &Seat, person: Id) -> Result<AccountInvitation> {
    may_manage(app, seat, person)?;
    invite_as(app, &seat.person.to_string(), person)
}

/// Invites a person in somebody's name.
///
/// # Errors
/// [`Code::NotFound`] when nobody active has this id.
pub fn invite_as(app: &App, who: &str, person: Id) -> Result<AccountInvitation> {
    if app.store.seat(person)?.is_none() {
        return Err(Error::not_found(format!("nobody active is `{person}`")));
    }
    let now = app.now();
    let (code, secret) = token::codes();
    let hash = |code: &str| {
        app.pepper
            .hash_code(code)
            .ok_or_else(|| Error::unexpected("a code that is none"))
    };
    let invitation = Invitation {
        id: entropy::id(now),
        code: hash(&code)?,
        secret: hash(&secret)?,
        person,
        created_at: now,
        expires_at: now.saturating_add(INVITATION_MS),
    };
    app.store.invite(&invitation, who)?;
    let base = app.config.public_url.trim_end_matches('/');
    let url = format!("{base}/enrol#code={secret}");
    let qr_svg = qr(&url)?
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    Ok(AccountInvitation {
        code,
        url,
        qr_svg,
        expires_at: invitation.expires_at,
    })
}

/// A QR code for a terminal.
///
/// # Errors
/// When the text is too long for one.
pub fn qr_for_terminal(text: &str) -> Result<String> {
    Ok(qr(text)?
        .render::<unicode::Dense1x2>()
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .build())
}

fn qr(text: &str) -> Result<QrCode> {
    QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Error::unexpected(error.to_string()))
}

/// Whether the seat may act on the accounts of that person.
fn may_manage(app: &App, seat: &Seat, person: Id) -> Result<()> {
    let target = app.store.seat(person)?;
    let admin = target.is_some_and(|target| target.roles.contains(&Role::Admin));
    let needed: &[Role] = if admin {
        &[Role::Admin]
    } else {
        &[Role::Lead, Role::Admin]
    };
    if seat.has(needed) {
        Ok(())
    } else {
        Err(Error::forbidden("not for this person"))
    }
}

/// The person's devices; everyone's for leads and admins.
///
/// # Errors
/// When the store cannot be read.
pub fn devices(app: &App, seat: &Seat, current: Id) -> Result<Vec<AccountDevice>> {
    let all = seat.has(&[Role::Lead, Role::Admin]);
    let rows = app.store.devices((!all).then_some(seat.person))?;
    Ok(rows
        .into_iter()
        .map(|row| AccountDevice {
            current: row.id == current,
            id: row.id,
            name: row.name,
            person: row.person,
            kind: row.kind,
            created_at: row.created_at,
            last_contact_at: row.last_contact_at,
            revoked: row.revoked_at.is_some(),
            lost: row.lost_at.is_some(),
            told_at: row.told_at,
        })
        .collect())
}

/// Revokes a device at once: one's own, or anyone's for leads and admins.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Forbidden`].
pub fn revoke(app: &App, seat: &Seat, device: Id) -> Result<()> {
    let row = app.store.device(device)?;
    if row.person != seat.person {
        may_manage(app, seat, row.person)?;
    }
    let who = seat.person.to_string();
    revoke_as(app, &row, &who)
}

/// Revokes a device in somebody's name.
///
/// # Errors
/// When the ledger or the store cannot be written.
pub fn revoke_as(app: &App, row: &DeviceRow, who: &str) -> Result<()> {
    strike(app, row.id, who)?;
    if row.kind == ShellKind::Web {
        app.web.forget(row.id)
    } else {
        Ok(())
    }
}

/// Revokes a device, and leaves a browser's file where it is.
///
/// # Errors
/// When the ledger or the store cannot be written.
pub fn strike(app: &App, device: Id, who: &str) -> Result<()> {
    let because = Because {
        why: "revoke",
        who,
        at: app.now(),
    };
    app.for_good(&[Line::new(Deed::Revoke, device, &because)], || {
        app.store.revoke(device, who, "revoke", because.at)
    })?;
    app.news.end(device);
    Ok(())
}

/// Declares a device lost: one's own other devices, or anyone's for leads and admins. It erases
/// everything at its next contact; what it held is listed.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Forbidden`], [`Code::Invalid`] for the device that asks.
pub fn lose(app: &App, seat: &Seat, current: Id, device: Id) -> Result<AccountHeld> {
    let row = app.store.device(device)?;
    if row.person != seat.person {
        may_manage(app, seat, row.person)?;
    }
    if row.id == current {
        return Err(Error::invalid("who asks by a device has not lost it"));
    }
    lose_as(app, &row, Some(current), &seat.person.to_string())?;
    held(app, seat, device)
}

/// Declares a device lost in somebody's name, by the device that is `asking`.
///
/// # Errors
/// When the ledger or the store cannot be written.
pub fn lose_as(app: &App, row: &DeviceRow, asking: Option<Id>, who: &str) -> Result<()> {
    let because = Because {
        why: "lost",
        who,
        at: app.now(),
    };
    let lost = app.for_good(&[Line::new(Deed::Lose, row.id, &because)], || {
        app.store.lose(row.id, asking, &because)
    })?;
    for ended in lost.browsers.into_iter().chain([row.id]) {
        app.news.end(ended);
        app.web.forget(ended)?;
    }
    Ok(())
}

/// What a lost device held: to its person, to leads and admins.
///
/// # Errors
/// [`Code::NotFound`], [`Code::Forbidden`].
pub fn held(app: &App, seat: &Seat, device: Id) -> Result<AccountHeld> {
    let row = app.store.device(device)?;
    if row.person != seat.person {
        may_manage(app, seat, row.person)?;
    }
    held_by(app, device, Some(seat.person))
}

/// What a lost device held, as far as `reader` may know it; the command line knows everything.
///
/// # Errors
/// [`Code::NotFound`].
pub fn held_by(app: &App, device: Id, reader: Option<Id>) -> Result<AccountHeld> {
    let row = app.store.device(device)?;
    let granted = reader
        .map(|reader| app.store.granted(reader, app.now()))
        .transpose()?;
    let mut documents = Vec::new();
    for held in app.store.held(device)? {
        // Whoever may not read a document is told that it was there, not what it is called.
        let told = match &granted {
            Some(granted) => !app.store.scopes_of(held.document)?.is_disjoint(granted),
            None => true,
        };
        let title = if told {
            title_of(app, held.document)?
        } else {
            String::new()
        };
        documents.push(AccountHeldDocument {
            document: held.document,
            kind: held.kind,
            title,
            sure: held.sure,
        });
    }
    Ok(AccountHeld {
        documents,
        told_at: row.told_at,
    })
}

fn title_of(app: &App, document: Id) -> Result<String> {
    let Some(candidate) = app.store.candidate(document)? else {
        return Ok(String::new());
    };
    let title = vigie_core::feature::kind(&candidate.kind).map(|kind| kind.title);
    Ok(match (title, crate::erase::view(&candidate.body)) {
        (Some(title), Ok(view)) => title(&view),
        _ => String::new(),
    })
}

/// Sets one's own password; the person's other browsers are signed out.
///
/// # Errors
/// [`Code::WrongPassword`] when the present one is not right, [`Code::TooManyTries`] after too many of
/// these, [`Code::PasswordWeak`].
pub async fn password(
    app: &Shared,
    peer: IpAddr,
    row: &DeviceRow,
    input: AccountPassword,
) -> Result<()> {
    let (person, device) = (row.person, row.id);
    let stored = app.ask(move |app| app.store.password(person)).await?;
    if stored.is_some() {
        let current = input.current.unwrap_or_default();
        let guess = app
            .limits
            .guess(peer, Some(&person.to_string()), app.now())?;
        if !app.passwords.check(&current, stored).await? {
            return Err(Error::new(
                Code::WrongPassword,
                "the present password is another",
            ));
        }
        app.limits.right(guess);
    }
    let hash = app.passwords.hash(&input.password).await?;
    app.ask(move |app| {
        let others: Vec<DeviceRow> = app
            .store
            .devices(Some(person))?
            .into_iter()
            .filter(|other| other.kind == ShellKind::Web && other.id != device)
            .collect();
        app.store.put_password(person, &hash, device, app.now())?;
        for other in others {
            app.news.end(other.id);
            app.web.forget(other.id)?;
        }
        Ok(())
    })
    .await
}
