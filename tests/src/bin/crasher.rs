//! Works until it is killed. `crasher device <file> <form> <place> <seed> <server> <token> <clock>`
//! reports, sends and fetches, and prints what it does and what was said to be safe;
//! `crasher server <folder>` serves and prints where. `crasher command …` is the server's own command
//! line.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use vigie_core::store::blob;
use vigie_core::{Device, Error, Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_server::{App, Config, clock, command, server};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::upload;
use vigie_tests::wire::Client;

fn main() -> Result<ExitCode> {
    let mut line = std::env::args_os().skip(1).peekable();
    if line.next_if(|word| word == "command").is_some() {
        return command::run(std::iter::once("vigie-server".into()).chain(line));
    }
    run()?;
    Ok(ExitCode::SUCCESS)
}

fn run() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["device", file, form, place, seed, server, token, clock] => {
            let (form, place): (Id, Id) = (form.parse()?, place.parse()?);
            let nobody = Id::from_bytes([0; 16]);
            let floor = Floor {
                site: nobody,
                places: vec![place],
                operator: nobody,
                lead: nobody,
                form,
            };
            let device = Device::open(Path::new(file), None, Box::new(OsEntropy))?;
            let client = Client::resume(device, server, token);
            say("phase ready")?;
            work(client, &floor, Chance::new(seed.parse()?), clock.parse()?)
        }
        ["server", folder] => serve(Path::new(folder)),
        _ => bail!(
            "crasher device <file> <form> <place> <seed> <server> <token> <clock> | crasher server <folder>"
        ),
    }
}

/// One line, out at once: what is printed was acknowledged.
fn say(line: &str) -> std::result::Result<(), Error> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn work(mut client: Client, floor: &Floor, mut chance: Chance, clock: i64) -> Result<()> {
    let begun = Instant::now();
    let now = || clock.saturating_add(i64::try_from(begun.elapsed().as_millis()).unwrap_or(0));
    loop {
        let moment = Moment {
            ms: now(),
            offset_minutes: 60,
        };
        say("phase save")?;
        let draft = floor::fill(
            &mut client.device,
            moment,
            &mut chance,
            floor,
            |draft, field, value| say(&format!("saved {draft} {field} {value}")),
        )?;
        if chance.one_in(2) {
            say("phase attach")?;
            let size = chance.below(60_000);
            let device = &mut client.device;
            let photo = floor::photograph(device, moment, &mut chance, draft, size)?;
            say(&format!(
                "attached {draft} {}",
                blob::hex(&blob::hash(&photo))
            ))?;
        }
        if !chance.one_in(4) {
            say("phase seal")?;
            let report = floor::seal(&mut client.device, moment, &mut chance, draft)?;
            say(&format!("sealed {draft} {report}"))?;
        }
        if chance.one_in(2) {
            send(&mut client, now())?;
        }
    }
}

/// Sends what waits, asks once more, then sends photos.
fn send(client: &mut Client, now: i64) -> Result<()> {
    let mut all = false;
    loop {
        let waiting = client.device.waiting()? > 0;
        say(if waiting { "phase push" } else { "phase pull" })?;
        let (told, _) = client.exchange(now, all)?;
        all = told.resend_cursors;
        if !waiting && !told.more && !all {
            break;
        }
    }
    say("phase upload")?;
    upload::all(client, now)?;
    Ok(())
}

fn serve(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the runtime")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let app = App::open(config(folder, address), clock::system())?;
        say(&format!("listening {address}"))?;
        server::serve(app, listener).await?;
        Ok(())
    })
}

fn config(folder: &Path, listen: std::net::SocketAddr) -> Config {
    Config {
        data: PathBuf::from(folder),
        backups: None,
        listen,
        public_url: format!("http://{listen}"),
        org: "Essai".to_owned(),
        ..Config::default()
    }
}
