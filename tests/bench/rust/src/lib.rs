//! What the peers share: how they say what they used.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// Processor time of this process so far: 10 ms exact.
///
/// # Errors
/// When the system does not tell.
pub fn processor() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("a stat without a name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<u64>();
    Ok(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
}

/// The most memory this process has had: MiB.
///
/// # Errors
/// When the system does not tell.
pub fn peak() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kib.context("no VmHWM")?.parse::<f64>()? / 1024.0)
}
