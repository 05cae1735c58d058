//! Invitations followed as links.
//!
//! `vigie://enrol?server=…&code=…`, or the address behind the QR code, `https://server/enrol#code=…`.
//! The page shows what it was given and waits for a person to accept it: a link alone enrols nobody.

use std::sync::Arc;

use tauri::{App, AppHandle, Manager, Url};
use tauri_plugin_deep_link::DeepLinkExt as _;

use crate::server::Address;
use crate::shell::Shell;
use crate::window;

/// Longest code: characters.
const CODE_MAX: usize = 40;

/// What an invitation's link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The server.
    pub server: Address,
    /// The code.
    pub code: String,
}

/// Reads an invitation's link; `None` when it is none.
#[must_use]
pub fn read(url: &Url) -> Option<Invitation> {
    let (server, code) = match url.scheme() {
        "vigie" if url.host_str() == Some("enrol") => (value(url, "server")?, value(url, "code")?),
        "http" | "https" if url.path() == "/enrol" => {
            let fragment = url.fragment().unwrap_or_default();
            let code = value(url, "code").or_else(|| {
                let mut whole = url.clone();
                whole.set_query(Some(fragment));
                value(&whole, "code")
            })?;
            (url.origin().ascii_serialization(), code)
        }
        _ => return None,
    };
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let fits = !code.is_empty() && code.len() <= CODE_MAX;
    let server = Address::parse(&server).ok()?;
    fits.then_some(Invitation { server, code })
}

fn value(url: &Url, key: &str) -> Option<String> {
    url.query_pairs()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.into_owned())
}

impl Invitation {
    /// Path and query of the page that shows it.
    #[must_use]
    pub fn page(&self) -> String {
        let mut query = Url::parse("tauri://localhost/").ok();
        if let Some(url) = &mut query {
            url.query_pairs_mut()
                .append_pair("server", &self.server.text())
                .append_pair("code", &self.code);
        }
        let query = query.as_ref().and_then(Url::query).unwrap_or_default();
        format!("enrol?{query}")
    }
}

/// The page to begin with when the application was opened by an invitation.
#[must_use]
pub fn first_page(app: &App) -> Option<String> {
    let urls = app.deep_link().get_current().ok().flatten()?;
    urls.iter()
        .find_map(read)
        .map(|invitation| invitation.page())
}

/// Follows the invitations that come while the application runs.
pub fn follow(app: &App, shell: &Arc<Shell>) {
    #[cfg(any(target_os = "linux", windows))]
    if !cfg!(debug_assertions)
        && let Err(error) = app.deep_link().register_all()
    {
        tracing::warn!(%error, "links are not ours");
    }
    let (handle, shell) = (app.handle().clone(), Arc::clone(shell));
    app.deep_link().on_open_url(move |event| {
        let invitation = event.urls().iter().find_map(read);
        // Whoever is signed in signs out first.
        if let Some(invitation) = invitation.filter(|_| shell.session().is_none()) {
            go(&handle, &invitation);
        }
        window::show(&handle);
    });
}

fn go(app: &AppHandle, invitation: &Invitation) {
    let Some(window) = app.get_webview_window(window::MAIN) else {
        return;
    };
    let page = window
        .url()
        .ok()
        .and_then(|url| url.join(&format!("/{}", invitation.page())).ok());
    if let Some(Err(error)) = page.map(|page| window.navigate(page)) {
        tracing::warn!(%error, "the invitation is not shown");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation(text: &str) -> Option<(String, String)> {
        let url = text.parse().expect("an address");
        read(&url).map(|invitation| (invitation.server.text(), invitation.code))
    }

    #[test]
    fn an_invitation_is_read_from_a_link_or_from_the_address_of_its_qr_code() {
        let expected = Some(("https://vigie.example".to_owned(), "K7QF2M9XPD".to_owned()));
        for text in [
            "vigie://enrol?server=https%3A%2F%2Fvigie.example&code=K7QF-2M9X-PD",
            "vigie://enrol?code=K7QF2M9XPD&server=vigie.example",
            "https://vigie.example/enrol#code=K7QF2M9XPD",
            "https://vigie.example/enrol?code=K7QF2M9XPD",
        ] {
            assert_eq!(invitation(text), expected, "{text}");
        }
    }

    #[test]
    fn other_links_are_no_invitations() {
        for text in [
            "vigie://enrol?code=K7QF2M9XPD",
            "vigie://erase?server=vigie.example&code=K7QF2M9XPD",
            "vigie://enrol?server=http://vigie.example&code=K7QF2M9XPD",
            "vigie://enrol?server=vigie.example&code=",
            "https://vigie.example/other#code=K7QF2M9XPD",
            "https://vigie.example/enrol",
            "file:///enrol?code=K7QF2M9XPD",
        ] {
            assert_eq!(invitation(text), None, "{text}");
        }
    }

    #[test]
    fn the_page_is_given_what_the_link_said() {
        let url = "https://vigie.example:8650/enrol#code=ABCDEF"
            .parse()
            .expect("an address");
        let page = read(&url).expect("an invitation").page();
        assert_eq!(
            page,
            "enrol?server=https%3A%2F%2Fvigie.example%3A8650&code=ABCDEF"
        );
    }
}
