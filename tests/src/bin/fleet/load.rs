//! What many devices do at once, measured.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use vigie_core::Device;
use vigie_core::form::FormProgram;
use vigie_core::sync::frame;
use vigie_core::sync::message::Response;
use vigie_core::sync::pull::Incoming;
use vigie_tests::bulk;
use vigie_tests::chance::Chance;
use vigie_tests::wire::ask;

use crate::corpus::{Line, read};
use crate::crew::{Crew, Enrolled, now};
use crate::seed::keep;
use crate::usage::{peak, processor, processor_of, spread, with};
use vigie_core::sync::machine::Cursors;

/// Largest answer that is read back: bytes.
const ANSWER_MAX: usize = 64 * 1024 * 1024;

/// Thousands of finished requests, a few at a time: what the server takes in.
#[derive(Debug, Args)]
pub(crate) struct Ingest {
    /// `host:port` of the server.
    #[arg(long)]
    address: String,
    /// The number of the server's process.
    #[arg(long)]
    server: String,
    /// The folder that `seed` filled, with a crowd.
    #[arg(long)]
    folder: PathBuf,
    /// Reports of the corpus, one a line.
    #[arg(long)]
    reports: PathBuf,
    /// How many of them.
    #[arg(long, default_value_t = 5000)]
    count: usize,
    /// Requests under way at once.
    #[arg(long, default_value_t = 4)]
    senders: usize,
}

/// Each device sends one new report every period.
#[derive(Debug, Args)]
pub(crate) struct Beat {
    /// `host:port` of the server.
    #[arg(long)]
    address: String,
    /// The number of the server's process.
    #[arg(long)]
    server: String,
    /// The folder that `seed` filled, with a crowd.
    #[arg(long)]
    folder: PathBuf,
    /// Reports of the corpus, one a line; told again and again under new ids.
    #[arg(long)]
    reports: PathBuf,
    /// How many devices of the crowd.
    #[arg(long)]
    devices: usize,
    /// Between two exchanges of a device: milliseconds.
    #[arg(long)]
    period_ms: u64,
    /// For how long: seconds.
    #[arg(long)]
    seconds: u64,
}

/// Processor time so far, of this process and of the server's.
fn used(server: &str) -> Result<[Duration; 2]> {
    Ok([processor()?, processor_of(server)?])
}

/// What both used since then.
fn since(server: &str, before: [Duration; 2]) -> Result<Value> {
    let [client, served] = used(server)?;
    let [client_before, served_before] = before;
    Ok(json!({
        "client_cpu_s": client.saturating_sub(client_before).as_secs_f64(),
        "server_cpu_s": served.saturating_sub(served_before).as_secs_f64(),
        "client_peak_mb": peak()?,
    }))
}

fn program(enrolled: &Enrolled, address: &str, crew: &Crew) -> Result<FormProgram> {
    let mut device = enrolled.in_memory()?;
    crate::crew::Link::new(address, enrolled)?.sync(&mut device)?;
    let input = json!({ "form": crew.form, "release": null });
    let moment = crate::crew::moment();
    let output = device.call(moment, None, "form.open", input)?.output;
    Ok(serde_json::from_value(output)?)
}

impl Ingest {
    /// Sends them all.
    ///
    /// # Errors
    /// When a request fails or a push is refused.
    pub(crate) fn run(&self) -> Result<Value> {
        let requests = self.requests()?;
        let changes: usize = requests.iter().map(|(_, _, changes)| changes).sum();
        let next = AtomicUsize::new(0);
        let (begun, worked) = (Instant::now(), used(&self.server)?);
        let answers: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let sender = || {
                let mut answers = Vec::new();
                while let Some((token, body, _)) =
                    requests.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let answer = ask(&self.address, "POST", "/v1/sync", Some(token), body)?;
                    ensure!(answer.status == 200, "status {}", answer.status);
                    answers.push(answer.body);
                }
                Ok(answers)
            };
            let senders: Vec<_> = (0..self.senders).map(|_| scope.spawn(sender)).collect();
            let mut all = Vec::new();
            for sender in senders {
                all.extend(
                    sender
                        .join()
                        .map_err(|_panic| anyhow::anyhow!("a sender"))??,
                );
            }
            Ok::<_, anyhow::Error>(all)
        })?;
        let wall = begun.elapsed().as_secs_f64();
        let worked = since(&self.server, worked)?;
        let mut received = 0_usize;
        for answer in &answers {
            let frames: Vec<Response> = frame::read_all(answer, ANSWER_MAX, usize::MAX)?;
            let kept = |frame: &&Response| matches!(frame, Response::Received { .. });
            received = received.saturating_add(frames.iter().filter(kept).count());
        }
        ensure!(
            received == changes,
            "{received} receipts for {changes} changes"
        );
        Ok(with(
            worked,
            &json!({
                "docs": self.count, "changes": changes, "requests": requests.len(), "wall_s": wall,
                "changes_per_s": f64::from(u32::try_from(changes)?) / wall,
            }),
        ))
    }

    /// Token, body and number of changes of each request.
    fn requests(&self) -> Result<Vec<(String, Vec<u8>, usize)>> {
        let crew = Crew::read(&self.folder)?;
        let first = crew.crowd.first().context("no crowd")?;
        let program = program(first, &self.address, &crew)?;
        let mut chance = Chance::new(4);
        let lines = read(&self.reports, self.count)?;
        lines
            .chunks(bulk::BATCH)
            .zip(crew.crowd.iter().cycle())
            .map(|(lines, member)| {
                let seat = &member.enrolment.seat;
                let mut pushes = Vec::new();
                for line in lines {
                    let mut sealed = line.sealed(&mut chance, &program)?;
                    sealed.report = chance.id(now());
                    sealed.person = seat.person;
                    sealed.site = seat.site.context("a site")?;
                    pushes.extend(sealed.pushes(&mut chance, &program)?);
                }
                let changes = pushes.len();
                Ok((member.token.clone(), bulk::request(now(), pushes)?, changes))
            })
            .collect()
    }
}

/// A device of the crowd and when its turn comes.
struct Turn {
    device: Device,
    member: Enrolled,
    chance: Chance,
    due: Instant,
    taken: usize,
}

/// What came of all turns.
#[derive(Default)]
struct Tally {
    times: Vec<Duration>,
    errors: Vec<String>,
    bytes: usize,
}

impl Beat {
    /// Beats for as long as asked. Times count from the moment an exchange was due, so a server that
    /// falls behind shows.
    ///
    /// # Errors
    /// When the crowd is too small or cannot begin.
    pub(crate) fn run(&self) -> Result<Value> {
        let crew = Crew::read(&self.folder)?;
        ensure!(crew.crowd.len() >= self.devices, "the crowd is too small");
        let first = crew.crowd.first().context("no crowd")?;
        let program = program(first, &self.address, &crew)?;
        let lines = read(&self.reports, 1000)?;
        let turns = self.gather(&crew)?;
        let begun = Instant::now();
        let period = Duration::from_millis(self.period_ms);
        let devices = u32::try_from(self.devices)?;
        let apart = period.checked_div(devices).context("no devices")?;
        let end = begun.checked_add(Duration::from_secs(self.seconds));
        let end = end.context("too long")?;
        let mut due = begun;
        let mut queue = VecDeque::new();
        for mut turn in turns {
            turn.due = due;
            due = due.checked_add(apart).context("too long")?;
            queue.push_back(turn);
        }
        let (queue, tally) = (Mutex::new(queue), Mutex::new(Tally::default()));
        let worked = used(&self.server)?;
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    while let Some(mut turn) = next(&queue, end) {
                        std::thread::sleep(turn.due.saturating_duration_since(Instant::now()));
                        let done = self.take(&mut turn, &lines, &program);
                        let took = turn.due.elapsed();
                        note(&tally, took, done);
                        if let Some(due) = turn.due.checked_add(period) {
                            turn.due = due;
                            give(&queue, turn);
                        }
                    }
                });
            }
        });
        let wall = begun.elapsed().as_secs_f64();
        let worked = since(&self.server, worked)?;
        let tally = tally
            .into_inner()
            .map_err(|_poisoned| anyhow::anyhow!("a thread"))?;
        let sent = tally.times.len();
        let told = json!({
            "docs": sent, "devices": self.devices, "wall_s": wall, "errors": tally.errors.len(),
            "first_error": tally.errors.first(), "bytes": tally.bytes,
            "per_s": f64::from(u32::try_from(sent)?) / wall,
        });
        Ok(with(with(told, &spread(tally.times)), &worked))
    }

    /// Every device, in memory and up to date.
    fn gather(&self, crew: &Crew) -> Result<Vec<Turn>> {
        let mut turns = Vec::new();
        for (number, member) in (0_u64..).zip(crew.crowd.iter().take(self.devices)) {
            let mut device = member.in_memory()?;
            exchange(&self.address, member, &mut device)?;
            turns.push(Turn {
                device,
                member: member.clone(),
                chance: Chance::new(number),
                due: Instant::now(),
                taken: usize::try_from(number)?,
            });
        }
        Ok(turns)
    }

    /// One new report, sent and receipted; bytes on the wire.
    fn take(&self, turn: &mut Turn, lines: &[Line], program: &FormProgram) -> Result<usize> {
        let index = turn.taken.checked_rem(lines.len()).context("no lines")?;
        turn.taken = turn.taken.saturating_add(1);
        let line = lines.get(index).context("no line")?;
        let mut sealed = line.sealed(&mut turn.chance, program)?;
        let seat = &turn.member.enrolment.seat;
        (sealed.report, sealed.person) = (turn.chance.id(now()), seat.person);
        sealed.site = seat.site.context("a site")?;
        keep(&turn.device, program, &sealed)?;
        let bytes = exchange(&self.address, &turn.member, &mut turn.device)?;
        ensure!(turn.device.waiting()? == 0, "it was not taken");
        let refused: i64 =
            turn.device
                .db()
                .query_row("SELECT count(*) FROM refused", [], |row| row.get(0))?;
        ensure!(refused == 0, "it was refused");
        Ok(bytes)
    }
}

/// The device whose turn comes first, unless it comes after the end.
fn next(queue: &Mutex<VecDeque<Turn>>, end: Instant) -> Option<Turn> {
    let mut queue = queue.lock().ok()?;
    let due = queue.front()?.due;
    (due < end).then(|| queue.pop_front())?
}

fn give(queue: &Mutex<VecDeque<Turn>>, turn: Turn) {
    if let Ok(mut queue) = queue.lock() {
        queue.push_back(turn);
    }
}

fn note(tally: &Mutex<Tally>, took: Duration, done: Result<usize>) {
    let Ok(mut tally) = tally.lock() else { return };
    match done {
        Ok(bytes) => {
            tally.times.push(took);
            tally.bytes = tally.bytes.saturating_add(bytes);
        }
        Err(error) => tally.errors.push(format!("{error:#}")),
    }
}

/// Exchanges on a connection of its own each time, as a phone that wakes up; bytes on the wire.
fn exchange(address: &str, member: &Enrolled, device: &mut Device) -> Result<usize> {
    let (mut all, mut bytes) = (false, 0_usize);
    for _ in 0..1000 {
        let request = device.request(now(), Cursors::after(all))?;
        let answer = ask(address, "POST", "/v1/sync", Some(&member.token), &request)?;
        bytes = bytes.saturating_add(answer.bytes);
        ensure!(answer.status == 200, "status {}", answer.status);
        let mut incoming = Incoming::new()?;
        device.feed(&mut incoming, &answer.body, now())?;
        let told = incoming.end()?;
        all = told.resend_cursors;
        if !told.more && !all {
            return Ok(bytes);
        }
    }
    bail!("an exchange without end")
}
