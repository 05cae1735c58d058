//! Measures live connections: the memory of ten thousand that are idle, and how soon five hundred hear of
//! a change. `cargo build --release -p vigie-tests && target/release/idle [idle] [listening]`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use vigie_core::account::ShellKind;
use vigie_core::{Device, Moment};
use vigie_server::entropy::{self, OsEntropy};
use vigie_server::limit::{LIMITS, Limits};
use vigie_server::store::sqlite::device::DeviceRow;
use vigie_server::store::sqlite::invitation::Credential;
use vigie_server::{App, Config, account, clock, files, memory, server, token};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::wire::Client;

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections from one address.
const EACH: usize = 800;
/// Changes that are measured.
const CHANGES: usize = 40;
/// What is idle stays so for this long before it is looked at.
const REST: Duration = Duration::from_secs(5);
/// Nobody waits longer.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<()> {
    memory::small_pages();
    let _room = files::raise();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if let [first, folder] = words.as_slice()
        && first == "serve"
    {
        return runtime.block_on(serve(Path::new(folder)));
    }
    let number = |at: usize, usual: usize| {
        words
            .get(at)
            .map_or(Ok(usual), |word| word.parse::<usize>())
    };
    let (idle, listening) = (number(0, 10_000)?, number(1, 500)?);
    let folder = std::env::temp_dir().join(format!("vigie-idle-{}", std::process::id()));
    let done = runtime.block_on(measure(&folder, idle, listening));
    drop(std::fs::remove_dir_all(&folder));
    done
}

fn config(data: PathBuf) -> Config {
    Config {
        data,
        org: "Mesure".to_owned(),
        limits: Limits {
            address_requests: u32::MAX,
            ..LIMITS
        },
        ..Config::default()
    }
}

/// The server, in a process of its own, until its input ends.
async fn serve(data: &Path) -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let listen = listener.local_addr()?;
    let app = App::open(config(data.to_owned()), clock::system())?;
    say(&format!("{listen}"))?;
    let stopping = Arc::clone(&app);
    std::thread::spawn(move || {
        let _ended = std::io::stdin().lines().count();
        server::stop(&stopping);
    });
    Ok(server::serve(app, listener).await?)
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Everybody's tokens, and the code of who changes something.
struct Made {
    floor: Floor,
    code: String,
    tokens: Vec<String>,
}

fn fill(data: PathBuf, devices: usize) -> Result<Made> {
    let app = App::open(config(data), clock::system())?;
    let mut chance = Chance::new(1);
    let floor = floor::found(&mut chance, app.now(), |name, input| {
        app.system.call(&app, name, input)
    })?;
    let code = account::invite_as(&app, "bench", floor.operator)?.code;
    let mut tokens = Vec::new();
    for _ in 0..devices {
        let (text, hash) = token::fresh();
        let row = DeviceRow {
            lost_at: None,
            told_at: None,
            id: entropy::id(app.now()),
            person: floor.lead,
            name: "Mesure".to_owned(),
            kind: ShellKind::App,
            created_at: app.now(),
            last_contact_at: None,
            revoked_at: None,
        };
        app.store
            .let_in(&row, &Credential::Token(hash), app.now())?;
        tokens.push(text);
    }
    Ok(Made {
        floor,
        code,
        tokens,
    })
}

/// The server's process, ended when dropped.
struct Served {
    child: Child,
    address: SocketAddr,
}

impl Served {
    fn start(data: &Path) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg(data)
            .env("VIGIE_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("its words")?).read_line(&mut line)?;
        let address = line.trim().parse()?;
        Ok(Self { child, address })
    }

    /// Resident memory: KiB.
    fn resident(&self) -> Result<usize> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(number.context("no VmRSS")?.parse()?)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn measure(folder: &Path, idle: usize, listening: usize) -> Result<()> {
    let data = folder.join("data");
    std::fs::create_dir_all(&data)?;
    let made = fill(data.clone(), idle.max(listening))?;
    let served = Served::start(&data)?;
    let before = served.resident()?;
    let (news, mut heard) = mpsc::unbounded_channel();
    let first = made.tokens.get(..listening).context("as many")?;
    connect_all(served.address, first, 0, &news).await?;
    let mut client = writer(&served, &made)?;
    let times = changes(&mut client, &made, listening, &mut heard).await?;
    say(&format!(
        "{listening} devices hear of a change: median {:.1} ms, p95 {:.1} ms, worst {:.1} ms (budget: p95 150 ms)",
        at(&times, 50),
        at(&times, 95),
        at(&times, 100)
    ))?;
    let rest = made.tokens.get(listening..idle).unwrap_or_default();
    connect_all(served.address, rest, listening, &news).await?;
    tokio::time::sleep(REST).await;
    let grown = served.resident()?.saturating_sub(before);
    let count = idle.max(listening);
    say(&format!(
        "{count} idle connections: {} MiB more than {} MiB at rest, {:.1} KiB each (budget: 300 MB in all)",
        grown / 1024,
        before / 1024,
        f64::from(u32::try_from(grown)?) / f64::from(u32::try_from(count)?)
    ))
}

/// The value below which so many of a hundred lie: milliseconds.
fn at(times: &[Duration], percent: usize) -> f64 {
    let last = times.len().saturating_sub(1);
    let index = times
        .len()
        .saturating_mul(percent)
        .div_euclid(100)
        .min(last);
    times
        .get(index)
        .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

fn writer(served: &Served, made: &Made) -> Result<Client> {
    let file = vigie_core::store::open::memory()?;
    let device = Device::new(file, Box::new(OsEntropy));
    let mut client = Client::enrol(device, &served.address.to_string(), &made.code)?;
    client.sync(clock::system()())?;
    Ok(client)
}

/// How long each listener waited for each change.
async fn changes(
    client: &mut Client,
    made: &Made,
    listening: usize,
    heard: &mut mpsc::UnboundedReceiver<Instant>,
) -> Result<Vec<Duration>> {
    let mut chance = Chance::new(2);
    let mut times = Vec::new();
    for _ in 0..CHANGES {
        tokio::time::sleep(Duration::from_millis(300)).await;
        while heard.try_recv().is_ok() {}
        let moment = Moment::utc(clock::system()());
        let device = &mut client.device;
        let draft = floor::fill(device, moment, &mut chance, &made.floor, |_, _, _| Ok(()))?;
        floor::seal(device, moment, &mut chance, draft)?;
        let begun = Instant::now();
        // It blocks: the listeners run on other threads.
        tokio::task::block_in_place(|| client.sync(moment.ms))?;
        for _ in 0..listening {
            let Ok(Some(when)) = tokio::time::timeout(PATIENCE, heard.recv()).await else {
                bail!("somebody heard nothing");
            };
            times.push(when.saturating_duration_since(begun));
        }
    }
    times.sort();
    Ok(times)
}

async fn connect_all(
    to: SocketAddr,
    tokens: &[String],
    from: usize,
    news: &mpsc::UnboundedSender<Instant>,
) -> Result<()> {
    let turns = Arc::new(Semaphore::new(64));
    let mut begun = tokio::task::JoinSet::new();
    for (number, token) in (from..).zip(tokens) {
        let host = u8::try_from(number.div_euclid(EACH).saturating_add(2))?;
        let own = SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0));
        let (turns, token, news) = (Arc::clone(&turns), token.clone(), news.clone());
        begun.spawn(async move {
            let _turn = turns.acquire_owned().await?;
            let stream = listen(to, own, &token).await?;
            tokio::spawn(hear(stream, news));
            Ok::<(), anyhow::Error>(())
        });
    }
    while let Some(done) = begun.join_next().await {
        done??;
    }
    Ok(())
}

/// Opens a stream of events; returns once the first one has come.
async fn listen(to: SocketAddr, own: SocketAddr, token: &str) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(own)?;
    let mut stream = socket.connect(to).await?;
    let request =
        format!("GET /v1/events HTTP/1.1\r\nhost: vigie\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut told = Vec::new();
    while !told.windows(5).any(|part| part == b"news\n") {
        if stream.read_buf(&mut told).await? == 0 {
            bail!("{}", String::from_utf8_lossy(&told));
        }
    }
    Ok(stream)
}

/// Tells of every event that comes.
async fn hear(mut stream: TcpStream, news: mpsc::UnboundedSender<Instant>) {
    let mut piece = [0; 256];
    while let Ok(read) = stream.read(&mut piece).await {
        let told = piece.get(..read).unwrap_or_default();
        if told.is_empty() {
            return;
        }
        if told.windows(5).any(|part| part == b"news\n") && news.send(Instant::now()).is_err() {
            return;
        }
    }
}
