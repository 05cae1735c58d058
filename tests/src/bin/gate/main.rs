//! Measures the gate: every poison of the catalogue, the worst requests that we know how to make, and
//! honest work. Fails when one passes its limit: `cargo run --release -p vigie-tests --bin gate`. With a
//! word, only the poisons that are called so.

mod honest;
mod worst;

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use vigie_core::gate::Gate;
use vigie_tests::counted::{Counted, peak_of};
use vigie_tests::poison::catalogue;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// What something cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// CPU, all threads.
    pub(crate) cpu: Duration,
    /// Memory at its worst: bytes.
    pub(crate) memory: usize,
}

impl Cost {
    /// What `work` gives, and costs.
    pub(crate) fn of<T>(work: impl FnOnce() -> T) -> Result<(T, Self)> {
        let before = cpu()?;
        let (done, memory) = peak_of(work);
        let cpu = cpu()?.saturating_sub(before);
        Ok((done, Self { cpu, memory }))
    }

    pub(crate) fn ms(&self) -> f64 {
        self.cpu.as_secs_f64() * 1000.0
    }

    pub(crate) fn mib(&self) -> f64 {
        u32::try_from(self.memory).map_or(f64::MAX, f64::from) / 1_048_576.0
    }
}

/// The CPU time of this process so far, as Linux counts it for its scheduler.
fn cpu() -> Result<Duration> {
    let mut all = 0_u64;
    for task in std::fs::read_dir("/proc/self/task")? {
        let told = std::fs::read_to_string(task?.path().join("schedstat"))?;
        let run = told.split(' ').next().context("no time")?;
        all = all.saturating_add(run.parse()?);
    }
    Ok(Duration::from_nanos(all))
}

pub(crate) fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn main() -> Result<()> {
    let word = std::env::args().nth(1);
    let mut over = poisons(word.as_deref().unwrap_or_default())?;
    if word.is_none() {
        over.extend(worst::requests()?);
        over.extend(honest::work()?);
    }
    for line in &over {
        say(&format!("OVER: {line}"))?;
    }
    if over.is_empty() {
        return Ok(());
    }
    bail!("{} limits were passed", over.len())
}

/// Each poison through one gate, as one request would; what was over its limit.
fn poisons(word: &str) -> Result<Vec<String>> {
    let most = Cost {
        cpu: Duration::from_millis(50),
        memory: 64 * 1024 * 1024,
    };
    let mut over = Vec::new();
    let mut worst = Cost {
        cpu: Duration::ZERO,
        memory: 0,
    };
    let mut count = 0_u32;
    say("| poison | bytes | refused with | ms | MiB |\n|---|---|---|---|---|")?;
    for poison in catalogue()
        .iter()
        .filter(|poison| poison.name.contains(word))
    {
        let bytes: usize = poison.push.iter().map(Vec::len).sum();
        let before = poison.before.as_deref();
        let attempt = || {
            let mut gate = Gate::default();
            let inspected = gate.inspect(poison.push.iter().map(Vec::as_slice));
            inspected.and_then(|inspected| gate.admit(before, inspected))
        };
        // The machine may be busy: the least of three is what it costs.
        let (outcome, mut cost) = Cost::of(attempt)?;
        for _ in 0..2 {
            cost.cpu = cost.cpu.min(Cost::of(attempt)?.1.cpu);
        }
        let told = match &outcome {
            Ok(_) => "(harmless)",
            Err(refusal) => refusal.code.as_str(),
        };
        let (name, ms, mib) = (&poison.name, cost.ms(), cost.mib());
        let line = format!("| {name} | {bytes} | {told} | {ms:.2} | {mib:.2} |");
        say(&line)?;
        if outcome.is_ok() && poison.code.is_some() {
            over.push(format!("passed: {line}"));
        }
        if poison.code.is_none() {
            continue;
        }
        count = count.saturating_add(1);
        worst.cpu = worst.cpu.max(cost.cpu);
        worst.memory = worst.memory.max(cost.memory);
        if cost.cpu > most.cpu || cost.memory > most.memory {
            over.push(line);
        }
    }
    let (ms, mib) = (worst.ms(), worst.mib());
    say(&format!(
        "\n{count} poisons: the worst {ms:.1} ms (50), {mib:.1} MiB (64)\n"
    ))?;
    Ok(over)
}
