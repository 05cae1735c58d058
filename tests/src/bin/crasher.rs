//! Works until it is killed. `crasher device <file> <floor> <seed>` reports on a device and prints
//! what was said to be safe; `crasher server <folder>` serves and prints where.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use vigie_core::{Device, Error, Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_server::{App, Config, clock, server};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["device", file, form, place, seed] => {
            let (form, place): (Id, Id) = (form.parse()?, place.parse()?);
            let nobody = Id::from_bytes([0; 16]);
            let floor = Floor {
                site: nobody,
                places: vec![place],
                operator: nobody,
                lead: nobody,
                form,
            };
            device(Path::new(file), &floor, seed.parse()?)
        }
        ["server", folder] => serve(Path::new(folder)),
        _ => bail!("crasher device <file> <form> <place> <seed> | crasher server <folder>"),
    }
}

/// One line, out at once: what is printed was acknowledged.
fn say(line: &str) -> std::result::Result<(), Error> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn device(file: &Path, floor: &Floor, seed: u64) -> Result<()> {
    let mut device = Device::open(file, None, Box::new(OsEntropy))?;
    let mut chance = Chance::new(seed);
    let now = clock::system();
    loop {
        let moment = Moment {
            ms: now(),
            offset_minutes: 60,
        };
        let draft = floor::fill(
            &mut device,
            moment,
            &mut chance,
            floor,
            |draft, field, value| say(&format!("saved {draft} {field} {value}")),
        )?;
        if !chance.one_in(3) {
            let report = floor::seal(&mut device, moment, &mut chance, draft)?;
            say(&format!("sealed {draft} {report}"))?;
        }
    }
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
        listen,
        public_url: format!("http://{listen}"),
        org: "Essai".to_owned(),
        ..Config::default()
    }
}
