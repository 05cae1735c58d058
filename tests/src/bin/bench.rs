//! Measures what the budgets speak of, and prints a table. Build it and the server in the same
//! profile first: `cargo build --release -p vigie-server -p vigie-tests && target/release/bench`.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use vigie_core::{Device, Id, Moment};
use vigie_server::entropy::OsEntropy;
use vigie_server::{App, Config, account, clock};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor};
use vigie_tests::wire::{Client, ask};
use vigie_tests::{bulk, words};

/// As in the app and the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Reports of the first site, and of the second.
const REPORTS: [usize; 2] = [2000, 3000];
const CAPSULES: usize = 40;

/// One line of the table.
struct Line {
    what: &'static str,
    value: String,
    budget: &'static str,
    ok: bool,
}

/// The lines so far.
#[derive(Default)]
struct Table(Vec<Line>);

impl Table {
    fn add(&mut self, what: &'static str, value: f64, unit: &str, budget: &'static str, most: f64) {
        let value = (value, format!("{value:.2} {unit}"));
        self.0.push(Line {
            what,
            value: value.1,
            budget,
            ok: value.0 <= most,
        });
    }

    fn show(&self) -> Result<()> {
        let profile = if cfg!(debug_assertions) {
            "dev"
        } else {
            "release"
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nprofile: {profile}\n")?;
        writeln!(out, "| what | value | budget | ok |\n|---|---|---|---|")?;
        for line in &self.0 {
            let ok = if line.ok { "yes" } else { "NO" };
            writeln!(
                out,
                "| {} | {} | {} | {ok} |",
                line.what, line.value, line.budget
            )?;
        }
        Ok(())
    }
}

/// A server process that is ended when dropped.
struct Served {
    child: Child,
    address: String,
    started: Duration,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn main() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("vigie-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    done?.show()
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stderr(), "{text}")?)
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn now() -> i64 {
    clock::system()()
}

/// The value below which 95 of 100 lie.
fn p95(mut times: Vec<Duration>) -> f64 {
    times.sort();
    let index = times.len().saturating_mul(95).checked_div(100).unwrap_or(0);
    times
        .get(index)
        .or_else(|| times.last())
        .map_or(0.0, |time| ms(*time))
}

fn measure(folder: &Path) -> Result<Table> {
    let data = folder.join("data");
    say("filling the server")?;
    let begun = Instant::now();
    let (floor, codes) = fill(&data)?;
    say(&format!("filled in {:.0} s", begun.elapsed().as_secs_f64()))?;
    let mut table = Table::default();
    let served = serve(&data)?;
    table.add(
        "server: start until it answers",
        ms(served.started),
        "ms",
        "≤ 300 ms",
        300.0,
    );
    std::thread::sleep(Duration::from_secs(3));
    table.add(
        "server at rest",
        resident(&served.child)?,
        "MiB",
        "≤ 60 MiB",
        60.0,
    );
    today(&mut table, folder, &served.address, &codes[0], &floor)?;
    first_sync(&mut table, folder, &served.address, &codes[1])?;
    table.add(
        "server after that",
        resident(&served.child)?,
        "MiB",
        "none",
        f64::MAX,
    );
    Ok(table)
}

/// Two sites, their people, forms, capsules, reports; codes for the first site's manager and the
/// lead.
fn fill(data: &Path) -> Result<(Floor, [String; 2])> {
    let config = Config {
        data: data.to_owned(),
        backups: None,
        listen: "127.0.0.1:0".parse()?,
        public_url: "http://127.0.0.1".to_owned(),
        org: "Mesure".to_owned(),
        ..Config::default()
    };
    let app = App::open(config, clock::system())?;
    let mut chance = Chance::new(1);
    let call = |name: &str, input: Value| app.system.call(&app, name, input);
    let floor = floor::found(&mut chance, now(), call)?;
    let second = Floor {
        site: floor::id(
            &call(
                "directory.save_site",
                json!({ "id": null, "name": "Brest", "city": "Brest", "teams": [], "places": [] }),
            )?,
            "id",
        )?,
        ..floor.clone()
    };
    let manager = call(
        "directory.save_person",
        json!({
            "id": null, "name": "Nadia", "login": "nadia", "roles": ["manager"],
            "site": floor.site, "team": null, "trade": null, "language": "fr", "active": true,
        }),
    )?;
    let manager: Id = floor::id(&manager, "id")?;
    capsules(&app)?;
    for (floor, count) in [&floor, &second].into_iter().zip(REPORTS) {
        bulk::reports(&app, &mut chance, floor, count)?;
    }
    // The server's own device follows everything; on a living server it has long done so.
    app.system.sync(&app)?;
    let invite = |person| Ok::<_, anyhow::Error>(account::invite_as(&app, "bench", person)?.code);
    let codes = [invite(manager)?, invite(floor.lead)?];
    Ok((floor, codes))
}

/// The bundled capsules, again and again under other names.
fn capsules(app: &Arc<App>) -> Result<()> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content");
    for path in sorted(&content.join("forms"))? {
        let source = std::fs::read_to_string(&path)?;
        let slug = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .context("a name")?;
        app.system.call(
            app,
            "form.publish",
            json!({ "slug": slug, "source": source }),
        )?;
    }
    let folders = sorted(&content.join("capsules"))?;
    for number in 0..CAPSULES {
        let index = number.checked_rem(folders.len()).context("no capsules")?;
        let folder = folders.get(index).context("no capsules")?;
        let slug = folder
            .file_name()
            .and_then(|name| name.to_str())
            .context("a name")?;
        let mut source = serde_json::Map::new();
        for language in ["fr", "en"] {
            let text = std::fs::read_to_string(folder.join(format!("{language}.md")))?;
            source.insert(language.to_owned(), json!(text));
        }
        let mut media = serde_json::Map::new();
        for picture in sorted(&folder.join("media")).unwrap_or_default() {
            let name = picture
                .file_name()
                .and_then(|name| name.to_str())
                .context("a name")?;
            media.insert(name.to_owned(), json!(std::fs::read_to_string(&picture)?));
        }
        let slug = format!("{slug}-{number}");
        let input = json!({ "slug": slug, "source": source, "media": media });
        app.system.call(app, "studio.import", input)?;
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// Starts the server's own program beside this one.
fn serve(data: &Path) -> Result<Served> {
    let program = std::env::current_exe()?.with_file_name("vigie-server");
    if !program.is_file() {
        bail!("build `{}` first", program.display());
    }
    // Free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let begun = Instant::now();
    let child = Command::new(program)
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--listen", &address])
        .stderr(Stdio::null())
        .spawn()?;
    let mut served = Served {
        child,
        address,
        started: Duration::ZERO,
    };
    while begun.elapsed() < Duration::from_secs(30) {
        let answer = ask(&served.address, "GET", "/healthz", None, &[]);
        if answer.is_ok_and(|answer| answer.status == 200) {
            served.started = begun.elapsed();
            return Ok(served);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    bail!("the server does not answer")
}

/// Resident memory: MiB.
fn resident(child: &Child) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("no VmRSS")?;
    let kib: f64 = line
        .split_whitespace()
        .nth(1)
        .context("no number")?
        .parse()?;
    Ok(kib / 1024.0)
}

fn call(device: &mut Device, name: &str, input: Value) -> Result<Value> {
    let moment = Moment {
        ms: now(),
        offset_minutes: 60,
    };
    Ok(device.call(moment, None, name, input)?.output)
}

fn filter(query: &str) -> Value {
    json!({
        "query": query, "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    })
}

/// The manager's device: 2,000 reports and 40 capsules.
fn today(table: &mut Table, folder: &Path, address: &str, code: &str, floor: &Floor) -> Result<()> {
    say("a device with 2,000 reports and 40 capsules")?;
    let file = folder.join("manager.db");
    let device = Device::open(&file, None, Box::new(OsEntropy))?;
    let mut client = Client::enrol(device, address, code)?;
    client.sync(now())?;
    let packs = client.fetch()?;
    client.device.tick(Moment::utc(now()))?;
    client.sync(now())?;
    say(&format!("{packs} packs"))?;
    drop(client);
    let mut starts = Vec::new();
    for _ in 0..10 {
        let begun = Instant::now();
        let mut device = Device::open(&file, None, Box::new(OsEntropy))?;
        call(&mut device, "directory.me", json!({}))?;
        let reports = call(&mut device, "report.list", filter(""))?;
        let capsules = call(&mut device, "learn.list", json!({}))?;
        call(&mut device, "learn.due", json!({}))?;
        call(&mut device, "draft.list", json!({}))?;
        starts.push(begun.elapsed());
        let capsules = capsules.as_array().map_or(0, Vec::len);
        if reports.get("total") != Some(&json!(REPORTS[0])) || capsules != CAPSULES {
            bail!("{capsules} capsules, {:?} reports", reports.get("total"));
        }
    }
    table.add(
        "app: start to Today, 2,000 reports, 40 capsules",
        p95(starts),
        "ms",
        "≤ 1,500 ms",
        1500.0,
    );
    let mut device = Device::open(&file, None, Box::new(OsEntropy))?;
    commands(table, &mut device, floor)
}

fn commands(table: &mut Table, device: &mut Device, floor: &Floor) -> Result<()> {
    let mut chance = Chance::new(2);
    let (mut seals, mut saves) = (Vec::new(), Vec::new());
    for _ in 0..100 {
        let moment = Moment {
            ms: now(),
            offset_minutes: 60,
        };
        let mut last = Instant::now();
        let draft = floor::fill(device, moment, &mut chance, floor, |_, _, _| {
            saves.push(last.elapsed());
            last = Instant::now();
            Ok(())
        })?;
        let begun = Instant::now();
        floor::seal(device, moment, &mut chance, draft)?;
        seals.push(begun.elapsed());
    }
    table.add(
        "seal a report, on disk, p95",
        p95(seals),
        "ms",
        "≤ 50 ms",
        50.0,
    );
    table.add("draft.save p95", p95(saves), "ms", "≤ 10 ms", 10.0);
    let listed = call(device, "report.list", filter(""))?;
    let rows = listed
        .get("rows")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let rows: Vec<Value> = rows
        .iter()
        .filter_map(|row| row.get("id").cloned())
        .collect();
    let mut one = |name: &'static str,
                   what: &'static str,
                   input: &mut dyn FnMut(&mut Chance) -> Value|
     -> Result<()> {
        let mut times = Vec::new();
        for _ in 0..60 {
            let input = input(&mut chance);
            let begun = Instant::now();
            call(device, name, input)?;
            times.push(begun.elapsed());
        }
        table.add(what, p95(times), "ms", "≤ 10 ms", 10.0);
        Ok(())
    };
    let report = |chance: &mut Chance| chance.pick(&rows).cloned().unwrap_or_default();
    one("directory.me", "directory.me p95", &mut |_| json!({}))?;
    one("report.list", "report.list p95", &mut |_| filter(""))?;
    one("report.list", "report.list with words p95", &mut |_| {
        filter("cariste huile")
    })?;
    one(
        "report.open",
        "report.open p95",
        &mut |chance| json!({ "id": report(chance) }),
    )?;
    one(
        "report.comment",
        "report.comment p95",
        &mut |chance| json!({ "id": report(chance), "text": words::story(chance) }),
    )?;
    one("learn.list", "learn.list p95", &mut |_| json!({}))?;
    one("learn.due", "learn.due p95", &mut |_| json!({}))?;
    one("draft.list", "draft.list p95", &mut |_| json!({}))?;
    one("sync.health", "sync.health p95", &mut |_| json!({}))
}

/// The lead's new device: everything, then nothing new.
fn first_sync(table: &mut Table, folder: &Path, address: &str, code: &str) -> Result<()> {
    say("a first sync of 5,000 reports")?;
    let device = Device::open(&folder.join("lead.db"), None, Box::new(OsEntropy))?;
    let mut client = Client::enrol(device, address, code)?;
    let begun = Instant::now();
    let first = client.sync(now())?;
    let took = begun.elapsed().as_secs_f64();
    let found = call(&mut client.device, "report.list", filter("flaque huile"))?;
    if found.get("total").and_then(Value::as_u64).unwrap_or(0) < 100 {
        bail!("the reports are not found by their words");
    }
    let megabytes = f64::from(u32::try_from(first.bytes)?) / 1_000_000.0;
    table.add(
        "first sync of 5,000 reports, searchable",
        took,
        "s",
        "≤ 2 s",
        2.0,
    );
    table.add(
        "… of it work of the device",
        first.device.as_secs_f64(),
        "s",
        "none",
        f64::MAX,
    );
    table.add("… on the wire", megabytes, "MB", "≤ 1.8 MB", 1.8);
    let documents: u32 =
        client
            .device
            .db()
            .query_row("SELECT count(*) FROM document", [], |row| row.get(0))?;
    say(&format!(
        "{documents} documents, {} round trips",
        first.round_trips
    ))?;
    let mut worst = vigie_tests::wire::Cost::default();
    let mut times = Vec::new();
    for _ in 0..20 {
        let cost = client.sync(now())?;
        worst.round_trips = worst.round_trips.max(cost.round_trips);
        worst.bytes = worst.bytes.max(cost.bytes);
        times.push(cost.device);
    }
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    table.add(
        "nothing-new sync: round trips",
        count(worst.round_trips),
        "",
        "1",
        1.0,
    );
    table.add(
        "nothing-new sync: bytes with headers",
        count(worst.bytes),
        "B",
        "≤ 900 B",
        900.0,
    );
    table.add(
        "nothing-new sync: device time, p95",
        p95(times),
        "ms",
        "≤ 10 ms",
        10.0,
    );
    Ok(())
}
