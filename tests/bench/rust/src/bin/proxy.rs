//! A TCP proxy that counts what passes and can hold it back. The same one stands in front of every
//! server that is measured.
//!
//! `proxy <server port> <one-way delay in ms>` prints two ports of its own: where it listens for
//! devices, and where `GET /` answers the counters as JSON and `GET /reset` answers them and begins
//! again at zero.
//!
//! `up` counts bytes from the device, `down` bytes to it, `turns` how often the direction of a
//! connection changed from up to down (round trips, unless requests are sent ahead), `connections`
//! those accepted. What arrives is passed on after the delay, and does not wait for what came before
//! it: the delay is that of a long cable, not of a narrow one.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

#[derive(Default)]
struct Counters {
    up: AtomicU64,
    down: AtomicU64,
    turns: AtomicU64,
    connections: AtomicU64,
}

impl Counters {
    fn json(&self) -> String {
        let [up, down, turns, connections] = self.all().map(|counter| counter.load(Relaxed));
        format!(r#"{{"up":{up},"down":{down},"turns":{turns},"connections":{connections}}}"#)
    }

    fn all(&self) -> [&AtomicU64; 4] {
        [&self.up, &self.down, &self.turns, &self.connections]
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let server: u16 = arguments.next().context("the server's port")?.parse()?;
    let delay = Duration::from_millis(arguments.next().context("the delay")?.parse()?);
    let counters = Arc::new(Counters::default());
    let devices = TcpListener::bind("127.0.0.1:0")?;
    let control = TcpListener::bind("127.0.0.1:0")?;
    println!(
        "{} {}",
        devices.local_addr()?.port(),
        control.local_addr()?.port()
    );
    let told = Arc::clone(&counters);
    thread::spawn(move || {
        for stream in control.incoming().flatten() {
            // A question that was not understood has no answer.
            drop(tell(stream, &told));
        }
    });
    for device in devices.incoming().flatten() {
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else {
            continue;
        };
        counters.connections.fetch_add(1, Relaxed);
        join(device, server, &counters, delay)?;
    }
    Ok(())
}

fn tell(mut stream: TcpStream, counters: &Counters) -> Result<()> {
    let mut question = [0; 1024];
    let length = stream.read(&mut question)?;
    let body = counters.json();
    if question[..length].starts_with(b"GET /reset") {
        for counter in counters.all() {
            counter.store(0, Relaxed);
        }
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    Ok(())
}

fn join(
    device: TcpStream,
    server: TcpStream,
    counters: &Arc<Counters>,
    delay: Duration,
) -> Result<()> {
    device.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let asked = Arc::new(AtomicBool::new(false));
    for (from, to, way) in [
        (device.try_clone()?, server.try_clone()?, Way::Up),
        (server, device, Way::Down),
    ] {
        let (counters, asked) = (Arc::clone(counters), Arc::clone(&asked));
        thread::spawn(move || pass(from, to, way, &counters, &asked, delay));
    }
    Ok(())
}

/// Passes on what arrives, until one end closes.
fn pass(
    mut from: TcpStream,
    mut to: TcpStream,
    way: Way,
    counters: &Counters,
    asked: &AtomicBool,
    delay: Duration,
) {
    let (sender, receiver) = mpsc::sync_channel::<(Instant, Vec<u8>)>(4096);
    let passing = thread::spawn(move || {
        for (arrived, bytes) in receiver {
            thread::sleep((arrived + delay).saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        // The other end may be gone already.
        drop(to.shutdown(Shutdown::Write));
    });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let bytes = length as u64;
        if way == Way::Up {
            counters.up.fetch_add(bytes, Relaxed);
            asked.store(true, Relaxed);
        } else {
            counters.down.fetch_add(bytes, Relaxed);
            if asked.swap(false, Relaxed) {
                counters.turns.fetch_add(1, Relaxed);
            }
        }
        if sender
            .send((Instant::now(), buffer[..length].to_vec()))
            .is_err()
        {
            break;
        }
    }
    drop(sender);
    drop(passing.join());
}
