//! The one window: opened from the configuration, it never leaves the application; addresses
//! elsewhere open in the system's browser.

use std::path::PathBuf;
use std::sync::Arc;

use tauri::utils::config::WindowConfig;
use tauri::webview::NewWindowResponse;
use tauri::{
    App, AppHandle, Emitter, Manager, RunEvent, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent,
};
use tauri_plugin_opener::OpenerExt as _;
use vigie_core::sync::machine::Event;

use crate::link;
use crate::shell::{Changed, Shell, locked};

/// The window's label in the configuration.
pub const MAIN: &str = "main";
/// Coming back to the window asks the server again, though not more often: milliseconds.
const AWAKE_MS: i64 = 15_000;

/// Opens the window.
///
/// # Errors
/// When the configuration names none, or when the system cannot open one.
pub fn open(app: &App) -> Result<(), Box<dyn std::error::Error>> {
    let mut config: WindowConfig = app
        .config()
        .app
        .windows
        .iter()
        .find(|window| window.label == MAIN)
        .cloned()
        .ok_or("the configuration has no window")?;
    if let Some(page) = link::first_page(app) {
        config.url = WebviewUrl::App(page.into());
    }
    let server = app
        .config()
        .build
        .dev_url
        .clone()
        .filter(|_| tauri::is_dev());
    let (follows, opens) = (app.handle().clone(), app.handle().clone());
    let mut builder = WebviewWindowBuilder::from_config(app.handle(), &config)?;
    // Tests: what the page remembers lies with the rest of their data.
    if let Some(folder) = std::env::var_os("VIGIE_DATA") {
        let folder = std::path::absolute(PathBuf::from(folder).join("page"))?;
        builder = builder.data_directory(folder);
    }
    builder
        .on_navigation(move |url| {
            let inside = is_inside(url, server.as_ref());
            if !inside {
                outside(&follows, url);
            }
            inside
        })
        .on_new_window(move |url, _features| {
            outside(&opens, &url);
            NewWindowResponse::Deny
        })
        .build()?;
    Ok(())
}

/// Whether an address is the application's own; `server` is the development server's, if there is
/// one.
#[must_use]
pub fn is_inside(url: &Url, server: Option<&Url>) -> bool {
    let own = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How Windows and Android name the same thing.
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    };
    own || server.is_some_and(|server| server.origin() == url.origin())
}

/// Opens an address in the system's browser: the sources of a capsule. Only `https`.
fn outside(app: &AppHandle, url: &Url) {
    if url.scheme() != "https" {
        tracing::warn!(scheme = url.scheme(), "an address that is not followed");
        return;
    }
    if let Err(error) = app.opener().open_url(url.as_str(), None::<&str>) {
        tracing::warn!(%error, "the system opens no address");
    }
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    #[cfg(desktop)]
    if let Err(error) = window.unminimize() {
        tracing::debug!(%error, "the window stays small");
    }
    if let Err(error) = window.set_focus() {
        tracing::debug!(%error, "the window stays behind");
    }
}

/// Tells the page what changed.
pub fn tell(app: &AppHandle, changed: &Changed) {
    if let Err(error) = app.emit("changed", changed) {
        tracing::warn!(%error, "the page was not told");
    }
}

/// What happens to the application: coming back to it asks the server at once.
pub fn happened(app: &AppHandle, event: &RunEvent) {
    let back = matches!(
        event,
        RunEvent::Resumed
            | RunEvent::WindowEvent {
                event: WindowEvent::Focused(true),
                ..
            }
    );
    if !back {
        return;
    }
    let Some(shell) = app.try_state::<Arc<Shell>>() else {
        return;
    };
    let now = shell.now();
    let mut awoken = locked(&shell.awoken_at);
    if now.saturating_sub(*awoken).saturating_abs() > AWAKE_MS {
        *awoken = now;
        shell.event(Event::NetworkBack);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_inside_the_application() {
        let server: Url = "http://localhost:5173".parse().expect("an address");
        let inside = |text: &str, server: Option<&Url>| {
            is_inside(&text.parse().expect("an address"), server)
        };
        for text in [
            "tauri://localhost/learn",
            "http://tauri.localhost/",
            "https://tauri.localhost/",
        ] {
            assert!(inside(text, None), "{text} is the application's own");
        }
        for text in [
            "https://example.org/",
            "http://tauri.localhost.example.org/",
            "https://tauri.localhost:8443/",
            "tauri://elsewhere/",
            "http://localhost:5173/",
            "data:text/html,hello",
            "file:///etc/passwd",
            "javascript:alert(1)",
        ] {
            assert!(!inside(text, None), "{text} is not");
        }
        assert!(
            inside("http://localhost:5173/learn", Some(&server)),
            "the development server"
        );
        assert!(
            !inside("http://localhost:5174/", Some(&server)),
            "another port"
        );
    }
}
