//! A device that speaks HTTP/1.1 itself, so that every byte on the wire is counted.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use vigie_core::device::Enrolment;
use vigie_core::store::blob;
use vigie_core::sync::frame::KNOWN;
use vigie_core::sync::hands::{self, Hands, Work};
use vigie_core::sync::machine::Cursors;
use vigie_core::sync::pull::{Incoming, Told};
use vigie_core::{Device, Id};

/// How often a server that has no time is asked again, and when.
const PATIENCE: usize = 100;
const BETWEEN: Duration = Duration::from_millis(100);

/// As in the app: a thread for each core.
pub struct Threads;

impl Hands for Threads {
    fn share(&self, work: Work) {
        rayon::spawn_fifo(|| hands::work(work));
    }
}

/// What a request cost.
#[derive(Debug, Default, Clone, Copy)]
pub struct Cost {
    /// Requests.
    pub round_trips: usize,
    /// Bytes, headers included, both ways.
    pub bytes: usize,
    /// What the device itself worked.
    pub device: Duration,
}

/// An answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its content.
    pub body: Vec<u8>,
    /// Bytes both ways.
    pub bytes: usize,
    headers: String,
}

impl Answer {
    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines().filter_map(|line| line.split_once(':'));
        lines
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// One request on a connection of its own.
///
/// # Errors
/// When the server is away or does not speak HTTP.
pub fn ask(
    address: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &[u8],
) -> Result<Answer> {
    let header = token.map_or_else(
        || "content-type: application/json\r\n".to_owned(),
        |token| format!("authorization: Bearer {token}\r\n"),
    );
    ask_with(address, method, path, &header, body)
}

/// One request with headers of its own, each ended by `\r\n`.
///
/// # Errors
/// As [`ask`].
pub fn ask_with(
    address: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &[u8],
) -> Result<Answer> {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\naccept: */*\r\nconnection: close\r\n{headers}"
    );
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(address).context("the server is away")?;
    stream.set_nodelay(true)?;
    let request = [head.as_bytes(), body].concat();
    stream.write_all(&request)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = find(&answer, b"\r\n\r\n").context("an answer without headers")?;
    let (headers, rest) = answer.split_at(end);
    let headers = String::from_utf8_lossy(headers).into_owned();
    let status = headers.split(' ').nth(1).context("no status")?.parse()?;
    let content = rest.get(4..).unwrap_or_default();
    let mut told = Answer {
        status,
        body: Vec::new(),
        bytes: request.len().saturating_add(answer.len()),
        headers,
    };
    told.body = if told.header("transfer-encoding") == Some("chunked") {
        unchunked(content)?
    } else {
        content.to_vec()
    };
    let length = told.header("content-length").and_then(|n| n.parse().ok());
    if length.is_some_and(|length: usize| length != told.body.len()) && method != "HEAD" {
        bail!("an answer that is cut");
    }
    Ok(told)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn unchunked(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = find(rest, b"\r\n").context("half a chunk")?;
        let (line, tail) = rest.split_at(end);
        let size = usize::from_str_radix(std::str::from_utf8(line)?.trim(), 16)?;
        if size == 0 {
            return Ok(body);
        }
        let from = 2_usize;
        let to = from.saturating_add(size);
        body.extend(tail.get(from..to).context("a chunk that is cut")?);
        rest = tail
            .get(to.saturating_add(2)..)
            .context("a chunk that is cut")?;
    }
}

/// A device and its token.
pub struct Client {
    /// The device.
    pub device: Device,
    /// Where the server listens.
    pub address: String,
    /// Its token.
    pub token: String,
}

impl Client {
    /// A device that was enrolled before.
    #[must_use]
    pub fn resume(device: Device, address: &str, token: &str) -> Self {
        Self {
            device,
            address: address.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Enrols a device with an invitation's code.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn enrol(mut device: Device, address: &str, code: &str) -> Result<Self> {
        let body = json!({ "code": code, "device_name": "Mesure" }).to_string();
        let answer = ask(address, "POST", "/v1/enrol", None, body.as_bytes())?;
        if answer.status != 200 {
            bail!("enrolment: {}", answer.status);
        }
        let told: Value = serde_json::from_slice(&answer.body)?;
        let text = |key: &str| told.get(key).and_then(Value::as_str).context("enrolment");
        let id: Id = text("device")?.parse()?;
        device.enrol(&Enrolment {
            device: id,
            org: text("org")?.to_owned(),
            seat: serde_json::from_value(told.get("seat").context("a seat")?.clone())?,
            server_key: blob::parse_hex(text("server_key")?)?,
        })?;
        let token = text("token")?.to_owned();
        Ok(Self {
            device,
            address: address.to_owned(),
            token,
        })
    }

    /// Exchanges until nothing waits on either side; what it cost.
    ///
    /// # Errors
    /// When the server refuses or the file cannot be written.
    pub fn sync(&mut self, now_ms: i64) -> Result<Cost> {
        let mut cost = Cost::default();
        let mut all = false;
        loop {
            let (told, one) = self.exchange(now_ms, all)?;
            cost.device = cost.device.saturating_add(one.device);
            cost.round_trips = cost.round_trips.saturating_add(one.round_trips);
            cost.bytes = cost.bytes.saturating_add(one.bytes);
            all = told.resend_cursors;
            if !told.more && !all && self.device.waiting()? == 0 {
                return Ok(cost);
            }
        }
    }

    /// One exchange, `all` with all cursors; what it told and cost. A server that has no time is asked
    /// again, as every device does.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub fn exchange(&mut self, now_ms: i64, all: bool) -> Result<(Told, Cost)> {
        let begun = Instant::now();
        let request = self.device.request(now_ms, Cursors::after(all))?;
        let mut device = begun.elapsed();
        let mut answer = self.post(&request)?;
        for _ in 0..PATIENCE {
            if !matches!(answer.status, 429 | 503) {
                break;
            }
            std::thread::sleep(BETWEEN);
            answer = self.post(&request)?;
        }
        if answer.status != 200 {
            bail!("an exchange: {}", answer.status);
        }
        let begun = Instant::now();
        let mut incoming = Incoming::shared(Arc::new(Threads))?;
        self.device.feed(&mut incoming, &answer.body, now_ms)?;
        let told = incoming.end()?;
        device = device.saturating_add(begun.elapsed());
        let cost = Cost {
            round_trips: 1,
            bytes: answer.bytes,
            device,
        };
        Ok((told, cost))
    }

    fn post(&self, request: &[u8]) -> Result<Answer> {
        let token = Some(self.token.as_str());
        ask(&self.address, "POST", "/v1/sync", token, request)
    }

    /// Fetches the packs that the device wants.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn fetch(&mut self) -> Result<usize> {
        let wanted = blob::to_fetch(self.device.db())?;
        for (hash, _size) in &wanted {
            let path = format!("/v1/blobs/{}", blob::hex(hash));
            let answer = ask(&self.address, "GET", &path, Some(&self.token), &[])?;
            if answer.status == 200 {
                self.device.blob_fetched(hash, &answer.body)?;
            }
        }
        Ok(wanted.len())
    }
}

/// What a stream of frames inflates to.
///
/// # Errors
/// When it is none.
pub fn inflated(stream: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    zstd::stream::read::Decoder::with_dictionary(stream, KNOWN)?.read_to_end(&mut plain)?;
    Ok(plain)
}
