//! The shell for phones and desktops: it opens the encrypted file, keeps its key, moves bytes,
//! shows the window. What the application does is in `vigie-core`.
//!
//! - [`door`]: the one command of the page; [`account`] answers what concerns the account.
//! - [`shell`]: what everything shares; needs no window, so tests run it alone.
//! - [`sync`]: the loop around core's machine, with [`server`] (HTTP), [`blobs`] (photos and
//!   packs), [`news`] (the server's "there is news"), [`reach`] (is the network back?).
//! - [`files`] and [`keys`]: the device's file and its key; [`erase`]: what revocation removes.
//! - [`window`], [`link`], [`reminder`]: the window, invitations followed as links, the daily
//!   reminder.
//! - `mobile`: everything that is for phones only.

pub mod account;
pub mod blobs;
pub mod clock;
#[expect(
    clippy::let_underscore_must_use,
    reason = "written by the command's macro"
)]
pub mod door;
pub mod entropy;
pub mod erase;
pub mod files;
pub mod keys;
pub mod link;
#[cfg(mobile)]
mod mobile;
pub mod news;
pub mod reach;
pub mod reminder;
pub mod server;
pub mod shell;
pub mod sync;
pub mod window;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use tauri::{App, Manager};

use crate::shell::{Setup, Shell};

type Failure = Box<dyn std::error::Error>;

/// Starts the application; returns when it ends.
#[cfg_attr(mobile, tauri::mobile_entry_point)]
pub fn run() {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("VIGIE_LOG")
                .unwrap_or_else(|_unset| tracing_subscriber::EnvFilter::new("warn,vigie=info")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match builder().build(context()) {
        Ok(app) => app.run(|app, event| window::happened(app, &event)),
        Err(error) => {
            tracing::error!(%error, "the application cannot start");
            std::process::exit(1);
        }
    }
}

/// The configuration, the capabilities and the built screens.
#[expect(clippy::disallowed_types, reason = "written by the macro")]
fn context() -> tauri::Context<tauri::Wry> {
    tauri::generate_context!()
}

fn builder() -> tauri::Builder<tauri::Wry> {
    let builder = tauri::Builder::default();
    // Tests run several at once, each with its own folder.
    #[cfg(desktop)]
    let builder = if std::env::var_os("VIGIE_DATA").is_none() {
        builder.plugin(tauri_plugin_single_instance::init(
            |app, _arguments, _folder| {
                window::show(app);
            },
        ))
    } else {
        builder
    };
    #[cfg(mobile)]
    let builder = mobile::plugins(builder);
    builder
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .invoke_handler(tauri::generate_handler![door::call])
        .setup(setup)
}

/// Opens the device's file, starts sync, shows the window.
fn setup(app: &mut App) -> Result<(), Failure> {
    let handle = app.handle().clone();
    let shell = Shell::open(Setup {
        folder: folder(app)?,
        clock: clock::system(),
        keystore: keystore(),
        emit: Box::new(move |changed| window::tell(&handle, changed)),
    });
    if !cfg!(debug_assertions) && !shell.is_encrypted() && !shell.is_broken() {
        return Err("this build cannot encrypt: build it with the feature `encrypted`".into());
    }
    let shell = Arc::new(shell);
    app.manage(Arc::clone(&shell));
    tauri::async_runtime::block_on(account::enrol_from_environment(&shell));
    tauri::async_runtime::spawn(sync::run(Arc::clone(&shell)));
    tauri::async_runtime::spawn(news::listen(Arc::clone(&shell)));
    tauri::async_runtime::spawn(reach::watch(Arc::clone(&shell)));
    tauri::async_runtime::spawn(reminder::run(Arc::clone(&shell), app.handle().clone()));
    window::open(app)?;
    link::follow(app, &shell);
    Ok(())
}

/// Where the data lies: `VIGIE_DATA`, or the folder of the system for this application.
fn folder(app: &App) -> Result<PathBuf, Failure> {
    match std::env::var_os("VIGIE_DATA") {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => Ok(app.path().app_local_data_dir()?),
    }
}

#[cfg(desktop)]
fn keystore() -> Arc<dyn keys::Keystore> {
    Arc::new(keys::SystemKeystore)
}

#[cfg(mobile)]
fn keystore() -> Arc<dyn keys::Keystore> {
    Arc::new(mobile::PhoneKeystore)
}
