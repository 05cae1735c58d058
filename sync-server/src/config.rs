//! How the server is set up. The defaults work as they are.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use crate::limit::{LIMITS, Limits};
use crate::tls::Files;

/// How the server is set up. Made from [`Config::default`], so that what is added later has its default.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder that holds everything: store, blobs, key, browsers' files.
    pub data: PathBuf,
    /// The folder of the backups, where there is one: what was done for good is noted there too.
    pub backups: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address that people type, for example `https://vigie.example`.
    pub public_url: String,
    /// The folder of the built screens; without it, the web application is not served.
    pub ui: Option<PathBuf>,
    /// Name of the organisation when the store is new.
    pub org: String,
    /// The certificate of TLS; without it, plain HTTP is served, for this machine or a proxy in front.
    pub tls: Option<Files>,
    /// Proxies in front: what they say of who asks (`X-Forwarded-For`, `X-Forwarded-Proto`) is
    /// believed, and nobody else's word.
    pub proxies: Vec<IpNet>,
    /// How much and how often.
    pub limits: Limits,
}

impl Default for Config {
    /// This machine alone, in `./data`.
    fn default() -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8650);
        Self {
            backups: None,
            data: PathBuf::from("./data"),
            listen,
            public_url: format!("http://{listen}"),
            ui: None,
            org: "Vigie".to_owned(),
            tls: None,
            proxies: Vec::new(),
            limits: LIMITS,
        }
    }
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

    /// Whether this address is a proxy whose word is taken.
    #[must_use]
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.proxies
            .iter()
            .any(|proxies| proxies.contains(&address))
    }
}
