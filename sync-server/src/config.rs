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
    /// `scheme://host:port` of the public address.
    #[must_use]
    pub fn origin(&self) -> &str {
        let after = self.public_url.find("://").map_or(0, |at| at.saturating_add(3));
        let rest = self.public_url.get(after..).unwrap_or_default();
        let end = rest.find('/').map_or(self.public_url.len(), |at| at.saturating_add(after));
        self.public_url.get(..end).unwrap_or_default()
    }

    /// Whether people reach it over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}
