//! Everything that is for Android and iOS only.
//!
//! **Never compiled where it was written**: no mobile toolchain was there. It was written against
//! the sources of the crates it names; whoever builds for a phone first should expect to mend it.
//! `docs/mobile.md` says how to build.

use std::sync::OnceLock;

use tauri::{AppHandle, Builder, Wry};
use tauri_plugin_notification::{NotificationExt as _, PermissionState, Schedule};
use vigie_core::Moment;
use vigie_core::error::{Code, Error, Result};

use crate::keys::Keystore;

/// The name under which the system lists the secret.
const SERVICE: &str = "io.vigie.app";
/// The one reminder: a later one replaces it.
const REMINDER: i32 = 1;

/// The plugins that phones have: reading a QR code with the camera.
pub(crate) fn plugins(builder: Builder<Wry>) -> Builder<Wry> {
    builder.plugin(tauri_plugin_barcode_scanner::init())
}

/// Android's Keystore, iOS's Keychain.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PhoneKeystore;

impl Keystore for PhoneKeystore {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring_core::Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<()> {
        entry(name)?
            .set_secret(secret)
            .map_err(|error| failed(&error))
    }
}

fn entry(name: &str) -> Result<keyring_core::Entry> {
    static STORE: OnceLock<Result<()>> = OnceLock::new();
    STORE.get_or_init(open_store).clone()?;
    keyring_core::Entry::new(SERVICE, name).map_err(|error| failed(&error))
}

/// Android: needs the application's context, which `tao` gives to `ndk-context` before `run`.
#[cfg(target_os = "android")]
fn open_store() -> Result<()> {
    let store = android_native_keyring_store::Store::new().map_err(|error| failed(&error))?;
    keyring_core::set_default_store(store);
    Ok(())
}

#[cfg(target_os = "ios")]
fn open_store() -> Result<()> {
    let store =
        apple_native_keyring_store::protected::Store::new().map_err(|error| failed(&error))?;
    keyring_core::set_default_store(store);
    Ok(())
}

fn failed(error: &keyring_core::Error) -> Error {
    Error::new(Code::Storage, format!("keystore: {error}"))
}

/// Mozilla's roots, built in: the system's verifier wants a Java part that the project lacks. A
/// certificate of the company's own is not known here, then.
#[cfg(target_os = "android")]
pub(crate) fn roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|root| reqwest::Certificate::from_der(root).ok());
    builder.tls_certs_only(roots)
}

/// Tells the system what to remind of, and when; it asks the person's leave the first time.
pub(crate) fn remind(app: &AppHandle, at: Moment, text: &str) {
    let notification = app.notification();
    let allowed = match notification.permission_state() {
        Ok(PermissionState::Prompt | PermissionState::PromptWithRationale) => {
            notification.request_permission()
        }
        state => state,
    };
    if !matches!(allowed, Ok(PermissionState::Granted)) {
        return;
    }
    let seconds = at.ms.checked_div(1000).unwrap_or(0);
    let Ok(date) = time::OffsetDateTime::from_unix_timestamp(seconds) else {
        return;
    };
    let schedule = Schedule::At {
        date,
        repeating: false,
        allow_while_idle: false,
    };
    let told = notification
        .builder()
        .id(REMINDER)
        .title("Vigie")
        .body(text)
        .schedule(schedule)
        .show();
    if let Err(error) = told {
        tracing::warn!(%error, "the system takes no reminder");
    }
}
