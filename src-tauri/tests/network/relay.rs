//! A network between the phone and the server that can fall silent: connections stay open, nothing
//! comes through, new ones are refused.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The network.
pub(crate) struct Relay {
    to: SocketAddr,
    address: SocketAddr,
    silent: watch::Sender<bool>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Relay {
    /// A network that leads to `to`.
    pub(crate) async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let silent = watch::Sender::new(false);
        let accepting = tokio::spawn(accept(listener, to, silent.subscribe()));
        Self {
            to,
            address,
            silent,
            accepting,
        }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on, nothing comes through.
    pub(crate) fn fall_silent(&mut self) {
        self.accepting.abort();
        self.silent.send_replace(true);
    }

    /// New connections come through; the old ones stay silent for ever.
    pub(crate) async fn come_back(&mut self) {
        let listener = TcpListener::bind(self.address)
            .await
            .expect("the same port");
        self.silent = watch::Sender::new(false);
        self.accepting = tokio::spawn(accept(listener, self.to, self.silent.subscribe()));
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, to: SocketAddr, silent: watch::Receiver<bool>) {
    loop {
        let (phone, _) = listener.accept().await.expect("a connection");
        tokio::spawn(carry(phone, to, silent.clone()));
    }
}

/// Carries bytes both ways until silence falls; then holds the connection open and carries nothing.
async fn carry(mut phone: TcpStream, to: SocketAddr, mut silent: watch::Receiver<bool>) {
    let Ok(mut server) = TcpStream::connect(to).await else {
        return;
    };
    tokio::select! {
        _ended = tokio::io::copy_bidirectional(&mut phone, &mut server) => return,
        fallen = silent.wait_for(|silent| *silent) => drop(fallen),
    }
    tokio::time::sleep(std::time::Duration::from_secs(120)).await;
}
