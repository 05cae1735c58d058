//! What this process has used.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// Processor time of this process so far, of ended threads too: 10 ms exact.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn processor() -> Result<Duration> {
    processor_of("self")
}

/// Processor time of a process, by its number.
///
/// # Errors
/// When there is no such process.
pub(crate) fn processor_of(process: &str) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("a stat without a name")?;
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse().unwrap_or(0_u64))
        .sum();
    Ok(Duration::from_millis(ticks.saturating_mul(10)))
}

/// The most memory it has had: MiB.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn peak() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kib.context("no VmHWM")?.parse::<f64>()? / 1024.0)
}

/// Milliseconds at and below which this share of all lie.
pub(crate) fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let wanted = sorted
        .iter()
        .enumerate()
        .find(|(index, _)| ratio(index.saturating_add(1), sorted.len()) >= share);
    wanted
        .or_else(|| sorted.iter().enumerate().next_back())
        .map_or(0.0, |(_, time)| time.as_secs_f64() * 1000.0)
}

/// One count over another.
fn ratio(part: usize, whole: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    float(part) / float(whole.max(1))
}

/// How long things took: milliseconds.
pub(crate) fn spread(mut times: Vec<Duration>) -> Value {
    times.sort();
    json!({
        "p50_ms": quantile(&times, 0.5),
        "p95_ms": quantile(&times, 0.95),
        "p99_ms": quantile(&times, 0.99),
        "max_ms": quantile(&times, 1.0),
    })
}

/// One object with the keys of another.
pub(crate) fn with(mut told: Value, more: &Value) -> Value {
    if let (Some(told), Some(more)) = (told.as_object_mut(), more.as_object()) {
        told.extend(more.clone());
    }
    told
}
