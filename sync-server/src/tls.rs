//! TLS of our own: 1.3 and 1.2, a certificate that is read anew when its files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::ServerSessionMemoryCache;
use tokio_rustls::rustls::{ServerConfig, version};
use vigie_core::error::{Error, Result};

/// Sessions that can be resumed without another agreement on keys.
const SESSIONS: usize = 4096;

/// Where the certificate and its key lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate and those between it and the root, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

impl Files {
    /// When each was last written; it changes when one of them does.
    fn stamp(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| {
            let metadata = std::fs::metadata(path);
            metadata.and_then(|metadata| metadata.modified()).ok()
        })
    }

    fn read(&self) -> Result<Arc<ServerConfig>> {
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_file_iter(&self.certificate)
                .and_then(Iterator::collect)
                .map_err(|error| unusable(&self.certificate, &error))?;
        let key =
            PrivateKeyDer::from_pem_file(&self.key).map_err(|error| unusable(&self.key, &error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|error| unusable(&self.certificate, &error))?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(|error| unusable(&self.certificate, &error))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
        Ok(Arc::new(config))
    }
}

fn unusable(path: &Path, error: &dyn std::error::Error) -> Error {
    Error::invalid(format!("`{}`: {error}", path.display()))
}

/// The certificate in use.
pub struct Tls {
    files: Files,
    current: Mutex<(Arc<ServerConfig>, [Option<SystemTime>; 2])>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`vigie_core::Code::Invalid`] when they are not a certificate and its key.
    pub fn open(files: Files) -> Result<Self> {
        let stamp = files.stamp();
        let config = files.read()?;
        Ok(Self {
            files,
            current: Mutex::new((config, stamp)),
        })
    }

    /// For the next connection.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current.0))
    }

    /// Reads the files anew when they have changed; what cannot be used leaves the present ones in use.
    pub fn refresh(&self) {
        let stamp = self.files.stamp();
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.1 == stamp {
            return;
        }
        current.1 = stamp;
        match self.files.read() {
            Ok(config) => {
                current.0 = config;
                tracing::info!("another certificate is in use");
            }
            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
        }
    }
}
