//! How the server is set up. The defaults work as they are.

use std::net::SocketAddr;
use std::path::PathBuf;

/// How the server is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder that holds everything: store, blobs, key, browsers' files.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address that people type, for example `https://vigie.example`.
    pub public_url: String,
    /// The folder of the built screens; without it, the web application is not served.
    pub ui: Option<PathBuf>,
    /// Name of the organisation when the store is new.
    pub org: String,
    /// Whether a proxy in front says who asks (`X-Forwarded-For`).
    pub trust_proxy: bool,
}

impl Config {
    /// Whether people reach it over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether people reach it over plain HTTP from elsewhere: passwords and reports could be read
    /// on the way.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        let host = self.public_url.strip_prefix("http://").unwrap_or_default();
        let here = ["127.", "localhost", "[::1]"]
            .iter()
            .any(|start| host.starts_with(start));
        !self.is_https() && !here
    }
}
