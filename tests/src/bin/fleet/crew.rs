//! Who has a device, and a device that speaks HTTP as the application does.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::blocking::Client;
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};
use vigie_core::Device;
use vigie_core::account::ShellKind;
use vigie_core::device::Enrolment;
use vigie_core::sync::machine::Cursors;
use vigie_core::sync::pull::{Incoming, Told};
use vigie_core::sync::push::Pusher;
use vigie_core::{Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_server::store::sqlite::invitation::Credential;
use vigie_server::{App, account, clock, enrol, token};
use vigie_tests::wire::Threads;

/// Bytes taken from the network at once.
const PIECE: usize = 64 * 1024;
/// Bytes of an answer that are taken in together at most, as in the app.
const TOGETHER_MAX: usize = 256 * 1024;

/// The time: milliseconds.
pub(crate) fn now() -> i64 {
    clock::system()()
}

/// The present moment.
pub(crate) fn moment() -> Moment {
    Moment::utc(now())
}

/// A device that the server knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Enrolled {
    /// What it knows of itself.
    pub(crate) enrolment: Enrolment,
    /// What it shows.
    pub(crate) token: String,
}

/// Everybody with a device on one server.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Crew {
    /// Leads with a fresh device each.
    pub(crate) readers: Vec<Enrolled>,
    /// A lead who has everything.
    pub(crate) editor: Option<Enrolled>,
    /// Somebody with reports that wait.
    pub(crate) writer: Option<Enrolled>,
    /// People who report, with a fresh device each.
    pub(crate) crowd: Vec<Enrolled>,
    /// The form.
    pub(crate) form: Option<Id>,
}

impl Crew {
    /// The crew of a folder.
    ///
    /// # Errors
    /// When `seed` did not fill it.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("crew.json");
        let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
        Ok(serde_json::from_slice(&text)?)
    }

    /// By name, or the number of a reader.
    ///
    /// # Errors
    /// When there is no such member.
    pub(crate) fn member(&self, who: &str) -> Result<Enrolled> {
        let found = match who {
            "editor" => self.editor.as_ref(),
            "writer" => self.writer.as_ref(),
            number => self.readers.get(number.parse::<usize>()?),
        };
        found.cloned().with_context(|| format!("nobody is `{who}`"))
    }
}

/// Enrols a device of a person, as the server does with a code.
///
/// # Errors
/// When the person is not there.
pub(crate) fn enrol(app: &App, person: Id) -> Result<Enrolled> {
    let code = account::invite_as(app, "bench", person)?.code;
    let (token, hash) = token::fresh();
    let peer = std::net::Ipv4Addr::LOCALHOST.into();
    let row = enrol::redeem(
        app,
        peer,
        &code,
        &Credential::Token(hash),
        ShellKind::App,
        "Mesure".to_owned(),
    )?;
    let enrolment = Enrolment {
        device: row.id,
        org: app.store.org()?.name,
        seat: app.store.seat(person)?.context("nobody active")?,
        server_key: app.signer.public(),
    };
    Ok(Enrolled { enrolment, token })
}

impl Enrolled {
    /// Its device, over a file.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(crate) fn open(&self, file: &Path) -> Result<Device> {
        let mut device = Device::open(file, None, Box::new(OsEntropy))?;
        device.enrol(&self.enrolment)?;
        Ok(device)
    }

    /// Its device in memory.
    ///
    /// # Errors
    /// When SQLite does not open.
    pub(crate) fn in_memory(&self) -> Result<Device> {
        let file = vigie_core::store::open::memory()?;
        let mut device = Device::new(file, Box::new(OsEntropy));
        device.enrol(&self.enrolment)?;
        Ok(device)
    }

    /// Exchanges with the server without a socket, until nothing waits on either side.
    ///
    /// # Errors
    /// When something is refused.
    pub(crate) fn settle(&self, app: &App, device: &mut Device) -> Result<()> {
        let persons = [self.enrolment.seat.person];
        let mut all = false;
        loop {
            let now_ms = app.now();
            let pusher = Pusher {
                device: self.enrolment.device,
                persons: &persons,
                system: false,
                now_ms,
            };
            let request = device.request(now_ms, Cursors::after(all))?;
            let mut answer = Vec::new();
            let summary = app.exchange(&pusher, &request, &mut answer)?;
            if summary.refused > 0 {
                bail!("{} pushes were refused", summary.refused);
            }
            let mut incoming = Incoming::new()?;
            device.feed(&mut incoming, &answer, now_ms)?;
            let told = incoming.end()?;
            all = told.resend_cursors;
            if !told.more && !all && device.waiting()? == 0 {
                return Ok(());
            }
        }
    }
}

/// What exchanges cost.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub(crate) struct Cost {
    /// Requests.
    pub(crate) requests: usize,
    /// Documents taken in.
    pub(crate) documents: usize,
    /// The device's own work: seconds.
    pub(crate) device_s: f64,
    /// Waiting for the server or the network: seconds.
    pub(crate) wait_s: f64,
}

/// A connection that is kept between exchanges.
pub(crate) struct Link {
    http: Client,
    url: String,
    token: String,
}

impl Link {
    /// To a server, as a member.
    ///
    /// # Errors
    /// When the client cannot start.
    pub(crate) fn new(address: &str, member: &Enrolled) -> Result<Self> {
        let http = Client::builder()
            .no_proxy()
            .tcp_nodelay(true)
            .timeout(Duration::from_secs(300))
            .build()?;
        Ok(Self {
            http,
            url: format!("http://{address}/v1/sync"),
            token: member.token.clone(),
        })
    }

    /// Exchanges until nothing waits on either side. An answer is taken in as it comes,
    /// while the server makes the rest.
    ///
    /// # Errors
    /// When the server refuses or the file cannot be written.
    pub(crate) fn sync(&self, device: &mut Device) -> Result<Cost> {
        let mut cost = Cost::default();
        let mut cursors = Cursors::AllWithPushes;
        loop {
            let waiting = device.waiting()?;
            let told = self.exchange(device, cursors, &mut cost)?;
            cursors = Cursors::after(told.resend_cursors);
            let left = device.waiting()?;
            if !told.more && !told.resend_cursors && (left == 0 || left >= waiting) {
                return Ok(cost);
            }
        }
    }

    fn exchange(&self, device: &mut Device, cursors: Cursors, cost: &mut Cost) -> Result<Told> {
        let begun = Instant::now();
        let body = device.request(now(), cursors)?;
        let mut work = begun.elapsed();
        let mut response = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header(CONTENT_TYPE, vigie_server::sync::MEDIA_TYPE)
            .body(body)
            .send()?;
        if !response.status().is_success() {
            bail!("{}: {}", response.status(), response.text()?);
        }
        let mut incoming = Incoming::shared(Arc::new(Threads))?;
        let (sender, pieces) = mpsc::channel();
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || pass_on(&mut response, &sender));
            while let Ok(mut bytes) = pieces.recv() {
                // What came while the device was writing is fed to it together.
                while bytes.len() < TOGETHER_MAX
                    && let Ok(more) = pieces.try_recv()
                {
                    bytes.extend(more);
                }
                let fed = Instant::now();
                device.feed(&mut incoming, &bytes, now())?;
                work = work.saturating_add(fed.elapsed());
            }
            let read = reading.join();
            read.map_err(|_panic| anyhow::anyhow!("the reader"))?
        })?;
        let told = incoming.end()?;
        device.contacted(now())?;
        cost.requests = cost.requests.saturating_add(1);
        cost.documents = cost.documents.saturating_add(told.documents);
        cost.device_s += work.as_secs_f64();
        cost.wait_s += begun.elapsed().saturating_sub(work).as_secs_f64();
        Ok(told)
    }
}

/// Reads an answer and hands on its pieces as they come.
fn pass_on(answer: &mut impl std::io::Read, pieces: &mpsc::Sender<Vec<u8>>) -> Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let length = answer.read(&mut piece)?;
        let bytes = piece.get(..length).unwrap_or_default();
        // Nobody takes them when the device could not.
        if bytes.is_empty() || pieces.send(bytes.to_vec()).is_err() {
            return Ok(());
        }
    }
}
