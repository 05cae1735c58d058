//! What honest work costs: reports as people make them.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use vigie_core::Moment;
use vigie_core::form::FormProgram;
use vigie_core::gate::Gate;
use vigie_core::sync::message::Push;
use vigie_core::sync::push::Pusher;
use vigie_tests::bulk::{Sealed, request};
use vigie_tests::chance::Chance;
use vigie_tests::floor::{self, Floor, answers};
use vigie_tests::hub::Hub;
use vigie_tests::poison::{Draft, Op, hash, u};

use super::{Cost, say};

const NOW: i64 = 1_795_334_400_000;
const REPORTS: usize = 5_000;
/// Changes a second that the first two layers pass at least.
const CHECKED_MIN: f64 = 30_000.0;

/// Measures it; what was over its limit.
pub(crate) fn work() -> Result<Vec<String>> {
    let folder = std::env::temp_dir().join(format!("vigie-honest-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut chance = Chance::new(2);
    let mut hub = Hub::open(&folder.join("hub.db"), NOW, &mut chance)?;
    let floor = floor::found(&mut chance, NOW, |name, input| {
        Ok(hub.command(NOW, name, input)?.0)
    })?;
    let form = json!({ "form": floor.form, "release": null });
    let program: FormProgram = serde_json::from_value(hub.command(NOW, "form.open", form)?.0)?;
    let pushes = sealed(&mut chance, &floor, &program)?;
    let over = checked(&pushes)?;
    whole(&hub, &mut chance, &floor, &pushes)?;
    drop(hub);
    std::fs::remove_dir_all(&folder)?;
    Ok(over)
}

/// New reports and who made them: documents of one change.
fn sealed(chance: &mut Chance, floor: &Floor, program: &FormProgram) -> Result<Vec<Push>> {
    let mut pushes = Vec::new();
    for _ in 0..REPORTS {
        let given: serde_json::Map<_, _> = answers(chance, floor)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let sealed = Sealed {
            report: chance.id(NOW),
            reporter: chance.id(NOW),
            person: floor.operator,
            site: floor.site,
            at: Moment::utc(NOW),
            answers: serde_json::from_value(given.into())?,
        };
        pushes.extend(sealed.pushes(chance, program)?);
    }
    Ok(pushes)
}

fn a_second(count: usize, took: Duration) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from) / took.as_secs_f64()
}

/// What `work` gives, and the CPU that it takes: the least of three, since the machine may be busy.
fn least<T>(mut work: impl FnMut() -> Result<T>) -> Result<(T, Duration)> {
    let (done, first) = Cost::of(&mut work)?;
    let (mut done, mut took) = (done?, first.cpu);
    for _ in 0..2 {
        let (again, cost) = Cost::of(&mut work)?;
        done = again?;
        took = took.min(cost.cpu);
    }
    Ok((done, took))
}

/// The layers before a document is touched, on one core.
fn checked(pushes: &[Push]) -> Result<Vec<String>> {
    let (operations, took) = least(|| {
        let mut operations = 0_usize;
        for push in pushes {
            let changes = push.changes.iter().map(|bytes| bytes.as_slice());
            for change in Gate::default().inspect(changes)? {
                operations = operations.saturating_add(change.change.len());
            }
        }
        Ok(operations)
    })?;
    let new = a_second(pushes.len(), took);
    let each = operations.checked_div(pushes.len()).unwrap_or(0);
    say(&format!(
        "\nnew documents, {each} operations each: {new:.0} changes/s through the checks of the bytes"
    ))?;
    // Small edits of one document: also their place in its history, and the copy, saved and loaded.
    let edits = edits(20_000);
    let (_, took) = least(|| {
        for push in edits.chunks(500) {
            Gate::default().inspect(push.iter().map(Vec::as_slice))?;
        }
        Ok(())
    })?;
    let read = a_second(edits.len(), took);
    let (_, took) = least(|| {
        for push in edits.chunks(500).take(1).cycle().take(40) {
            let mut gate = Gate::default();
            let inspected = gate.inspect(push.iter().map(Vec::as_slice))?;
            if gate.admit(None, inspected)?.accepted.len() != push.len() {
                bail!("an honest edit was refused");
            }
        }
        Ok(())
    })?;
    let all = a_second(edits.len(), took);
    say(&format!(
        "edits of one value: {read:.0} changes/s through the checks of the bytes, {all:.0} with everything, 500 in a push"
    ))?;
    let slow = |what: &str, rate: f64| {
        (rate < CHECKED_MIN).then(|| format!("{what}: {rate:.0} changes/s, not {CHECKED_MIN}"))
    };
    Ok(slow("new documents", new)
        .into_iter()
        .chain(slow("edits", read))
        .collect())
}

/// Changes of one value each, one after the other.
fn edits(count: u64) -> Vec<Vec<u8>> {
    let mut changes: Vec<Vec<u8>> = Vec::new();
    for number in 1..=count {
        let preds = number.checked_sub(1).filter(|last| *last > 0);
        let preds: Vec<(u64, i64)> = preds
            .and_then(|last| i64::try_from(last).ok())
            .map(|last| (0, last))
            .into_iter()
            .collect();
        let draft = Draft {
            deps: changes
                .last()
                .map(|last| vec![hash(last)])
                .unwrap_or_default(),
            seq: u(number),
            start_op: u(number),
            ..Draft::new(&[Op::put("k").over(&preds)])
        };
        changes.push(draft.bytes());
    }
    changes
}

/// The whole exchange on every processor, with the real store, 1,000 pushes in a request.
fn whole(hub: &Hub, chance: &mut Chance, floor: &Floor, pushes: &[Push]) -> Result<()> {
    let count = pushes.len();
    let persons = [floor.operator];
    let pusher = Pusher {
        device: chance.id(NOW),
        persons: &persons,
        system: false,
        now_ms: NOW,
    };
    let requests: Vec<Vec<u8>> = pushes
        .chunks(1_000)
        .map(|some| request(NOW, some.to_vec()))
        .collect::<Result<_>>()?;
    let begun = Instant::now();
    let (mut received, mut asked) = (0_usize, 0_usize);
    for request in &requests {
        // What was too much for one request is sent again.
        let before = received;
        let most = pushes.len().min(before.saturating_add(1_000));
        let mut told = 0_usize;
        while told < 1_000.min(most.saturating_sub(before)) {
            let summary = hub.exchange_abreast(&pusher, request, &mut Vec::new())?;
            asked = asked.saturating_add(1);
            if summary.refused > 0 || summary.received <= told {
                bail!("an honest push was refused");
            }
            told = summary.received;
        }
        received = before.saturating_add(told);
    }
    let rate = a_second(count, begun.elapsed());
    say(&format!(
        "whole pushes of one-change documents: {rate:.0}/s, {asked} requests"
    ))
}
