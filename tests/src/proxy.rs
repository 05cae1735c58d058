//! Networks between devices and a server: one that loses answers and doubles requests, and one that
//! is cut again and again.

use std::io::{self, Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::chance::Chance;

/// What happened on the way.
#[derive(Debug, Default)]
pub struct Passed {
    /// Requests, without their doubles.
    pub requests: AtomicU64,
    /// Requests that came twice to the server.
    pub doubled: AtomicU64,
    /// Answers that the server gave and nobody received.
    pub lost: AtomicU64,
    /// Bytes that came through towards the server.
    pub bytes: AtomicU64,
    /// Times that the link was cut.
    pub cuts: AtomicU64,
}

/// A network, until dropped.
pub struct Proxy {
    address: SocketAddr,
    passed: Arc<Passed>,
    ending: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

/// What is done with each connection.
type Carry = dyn Fn(TcpStream, &Passed) -> io::Result<()> + Send + Sync;

impl Proxy {
    /// Loses `lost` of a hundred answers once the server has given them, and brings `doubled` of a
    /// hundred requests to the server twice, half of these at the same time.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn chaos(to: String, seed: u64, lost: usize, doubled: usize) -> io::Result<Self> {
        let chance = Mutex::new(Chance::new(seed));
        Self::start(Arc::new(move |client, passed| {
            let (loses, doubles, together) = {
                let mut chance = chance.lock().unwrap_or_else(PoisonError::into_inner);
                let mut drawn = |percent: usize| chance.below(100) < percent;
                (drawn(lost), drawn(doubled), drawn(50))
            };
            let request = request(&client)?;
            passed.requests.fetch_add(1, Ordering::Relaxed);
            if doubles {
                passed.doubled.fetch_add(1, Ordering::Relaxed);
            }
            let answer = match (doubles, together) {
                (false, _) => answer(&to, &request)?,
                (true, false) => {
                    answer(&to, &request)?;
                    answer(&to, &request)?
                }
                (true, true) => std::thread::scope(|scope| {
                    let other = scope.spawn(|| answer(&to, &request));
                    let one = answer(&to, &request);
                    drop(other.join());
                    one
                })?,
            };
            if loses {
                passed.lost.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            (&client).write_all(&answer)
        }))
    }

    /// Cuts everything each time that `every` bytes have come through towards the server.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn cutting(to: String, every: u64) -> io::Result<Self> {
        Self::start(Arc::new(move |client, passed| {
            let server = TcpStream::connect(&to)?;
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    // An end that went away ends the connection.
                    drop(io::copy(&mut &server, &mut &client));
                    drop(client.shutdown(Shutdown::Both));
                });
                let carried = carry(&client, &server, every, passed);
                drop(server.shutdown(Shutdown::Write));
                carried
            })
        }))
    }

    fn start(carry: Arc<Carry>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (passed, ending) = (
            Arc::new(Passed::default()),
            Arc::new(AtomicBool::new(false)),
        );
        let (counting, ended) = (Arc::clone(&passed), Arc::clone(&ending));
        let accepting = std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (carry, passed) = (Arc::clone(&carry), Arc::clone(&counting));
                // Whoever asks again sees that it was cut; nobody else need know.
                std::thread::spawn(move || drop(carry(client, &passed)));
            }
        });
        Ok(Self {
            address,
            passed,
            ending,
            accepting: Some(accepting),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// What happened so far.
    #[must_use]
    pub fn passed(&self) -> &Passed {
        &self.passed
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // The listener looks up.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

/// A whole request with its body.
fn request(mut client: &TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend(buffer.iter().take(count));
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else { continue };
        let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .and_then(|length| length.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if bytes.len() >= end.saturating_add(4).saturating_add(length) {
            return Ok(bytes);
        }
    }
}

/// What the server answers, to its end.
fn answer(to: &str, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(to)?;
    server.write_all(request)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Carries bytes to the server until the link is cut.
fn carry(
    mut client: &TcpStream,
    mut server: &TcpStream,
    every: u64,
    passed: &Passed,
) -> io::Result<()> {
    let mut buffer = [0; 8 * 1024];
    loop {
        let before = passed.bytes.load(Ordering::SeqCst);
        let left = every.saturating_sub(before.checked_rem(every).unwrap_or(0));
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let Some(part) = buffer.get_mut(..most) else {
            return Ok(());
        };
        let count = client.read(part)?;
        if count == 0 {
            return Ok(());
        }
        server.write_all(part.get(..count).unwrap_or_default())?;
        let count = u64::try_from(count).unwrap_or(0);
        passed.bytes.fetch_add(count, Ordering::SeqCst);
        if count == left {
            passed.cuts.fetch_add(1, Ordering::SeqCst);
            return client.shutdown(Shutdown::Both);
        }
    }
}
