//! What one device does, measured.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use vigie_core::Device;

use crate::Member;
use crate::crew::{Cost, Crew, Enrolled, Link, moment};
use crate::usage::{peak, processor, spread, with};

/// A word that many reports of the corpus hold.
const WORD: &str = "machine";

impl Member {
    fn enrolled(&self) -> Result<Enrolled> {
        Crew::read(&self.folder)?.member(&self.who)
    }
}

/// Runs an exchange and tells what it cost.
fn measured(device: &mut Device, link: &Link) -> Result<(Cost, Value)> {
    let (begun, worked) = (Instant::now(), processor()?);
    let cost = link.sync(device)?;
    let wall = begun.elapsed().as_secs_f64();
    let told = json!({
        "wall_s": wall,
        "client_cpu_s": processor()?.saturating_sub(worked).as_secs_f64(),
        "client_peak_mb": peak()?,
        "device_s": cost.device_s,
        "wait_s": cost.wait_s,
        "requests": cost.requests,
        "documents": cost.documents,
    });
    Ok((cost, told))
}

fn count(device: &Device, sql: &str) -> Result<usize> {
    let count: i64 = device.db().query_row(sql, [], |row| row.get(0))?;
    Ok(usize::try_from(count)?)
}

/// How many reports are found by a word.
fn found(device: &mut Device, query: &str) -> Result<usize> {
    let filter = json!({
        "query": query, "site": null, "status": null, "severity": null, "report_type": null,
        "mine": false, "assigned_to_me": false, "limit": 50, "offset": 0,
    });
    let list = device.call(moment(), None, "report.list", filter)?.output;
    let total = list.get("total").and_then(Value::as_u64);
    Ok(usize::try_from(total.context("no total")?)?)
}

/// A fresh device pulls everything; then full text finds it.
pub(crate) fn pull(member: &Member) -> Result<Value> {
    let enrolled = member.enrolled()?;
    ensure!(!member.file.exists(), "a fresh device has no file yet");
    let mut device = enrolled.open(&member.file)?;
    let link = Link::new(&member.address, &enrolled)?;
    let (_, told) = measured(&mut device, &link)?;
    let held = count(&device, "SELECT count(*) FROM document")?;
    let unreadable = count(&device, "SELECT count(*) FROM document WHERE NOT readable")?;
    ensure!(
        unreadable == 0,
        "{unreadable} documents could not be loaded"
    );
    let reports = found(&mut device, "")?;
    let hits = found(&mut device, WORD)?;
    ensure!(
        reports == 0 || hits > 0,
        "reports are not found by their words"
    );
    let scopes = count(&device, "SELECT count(*) FROM cursor")?;
    let more = json!({ "docs": reports, "held": held, "hits": hits, "scopes": scopes });
    Ok(with(told, &more))
}

/// A device that has everything asks whether there is more, again and again.
pub(crate) fn nothing(member: &Member, times: usize) -> Result<Value> {
    let enrolled = member.enrolled()?;
    let mut device = enrolled.open(&member.file)?;
    let link = Link::new(&member.address, &enrolled)?;
    let (mut walls, mut device_s) = (Vec::with_capacity(times), 0.0);
    let worked = processor()?;
    for _ in 0..times {
        let begun = Instant::now();
        let cost = link.sync(&mut device)?;
        walls.push(begun.elapsed());
        device_s += cost.device_s;
        ensure!(
            cost.documents == 0 && cost.requests == 1,
            "there was something new"
        );
    }
    let float = f64::from(u32::try_from(times.max(1))?);
    let told = json!({
        "docs": 0,
        "times": times,
        "device_s": device_s / float,
        "client_cpu_s": processor()?.saturating_sub(worked).as_secs_f64() / float,
        "client_peak_mb": peak()?,
    });
    let first = walls.first().copied().unwrap_or_default().as_secs_f64();
    let spread = spread(walls);
    let wall = spread
        .get("p50_ms")
        .and_then(Value::as_f64)
        .unwrap_or_default()
        / 1000.0;
    Ok(with(
        with(told, &spread),
        &json!({ "wall_s": wall, "first_s": first }),
    ))
}

/// The editor comments on the latest reports, and sends that.
pub(crate) fn change(member: &Member, number: usize) -> Result<Value> {
    let enrolled = member.enrolled()?;
    let mut device = enrolled.open(&member.file)?;
    let link = Link::new(&member.address, &enrolled)?;
    link.sync(&mut device)?;
    let mut statement = device
        .db()
        .prepare("SELECT id FROM report ORDER BY id LIMIT ?1")?;
    let reports: Vec<vigie_core::Id> = statement
        .query_map([i64::try_from(number)?], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    drop(statement);
    ensure!(reports.len() == number, "only {} reports", reports.len());
    for report in &reports {
        let text = "Vu avec l’équipe : le sol sera repris jeudi, et la zone reste balisée.";
        let input = json!({ "id": report, "text": text });
        device.call(moment(), None, "report.comment", input)?;
    }
    let (_, told) = measured(&mut device, &link)?;
    ensure!(device.waiting()? == 0, "some of it was not taken");
    Ok(with(told, &json!({ "docs": number })))
}

/// A device that was used before exchanges until nothing waits on either side.
pub(crate) fn sync(member: &Member) -> Result<Value> {
    let enrolled = member.enrolled()?;
    let mut device = enrolled.open(&member.file)?;
    let link = Link::new(&member.address, &enrolled)?;
    let waited = device.waiting()?;
    let (_, told) = measured(&mut device, &link)?;
    let refused = count(&device, "SELECT count(*) FROM refused")?;
    ensure!(refused == 0, "{refused} changes were refused");
    ensure!(device.waiting()? == 0, "some of it was not taken");
    let receipts = count(&device, "SELECT count(*) FROM receipt")?;
    let reports = count(
        &device,
        "SELECT count(*) FROM report WHERE id IN (SELECT document FROM receipt)",
    )?;
    let more = json!({ "docs": reports, "waited": waited, "receipts": receipts });
    Ok(with(told, &more))
}
