//! Thousands of reports, made as devices make them and pushed through the real gate.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use vigie_core::document::Document;
use vigie_core::form::{self, Answers, FormProgram};
use vigie_core::sync::frame;
use vigie_core::sync::message::{PROTOCOL, Push, Request};
use vigie_core::sync::push::Pusher;
use vigie_core::{Entropy as _, Id, Moment};
use vigie_server::App;

use crate::chance::Chance;
use crate::floor::{Floor, answers};

/// Reports in one request.
const BATCH: usize = 150;

/// Pushes `count` sealed reports of one site, spread over the last days.
///
/// # Errors
/// When the server refuses one.
pub fn reports(app: &App, chance: &mut Chance, floor: &Floor, count: usize) -> Result<()> {
    let input = json!({ "form": floor.form, "release": null });
    let program: FormProgram = serde_json::from_value(app.system.call(app, "form.open", input)?)?;
    let now = app.now();
    let device = chance.id(now);
    let persons = [floor.operator];
    let mut left = count;
    while left > 0 {
        let some = left.min(BATCH);
        let hello = Request::Hello {
            protocol: PROTOCOL,
            clock_ms: now,
            cursors: 0,
            epoch: 0,
        };
        let mut frames = vec![hello];
        for _ in 0..some {
            frames.extend(report(chance, floor, &program, now)?.map(Request::Push));
        }
        let pusher = Pusher {
            device,
            persons: &persons,
            system: false,
            now_ms: now,
        };
        let summary = app.exchange(&pusher, &frame::encode(&frames)?, std::io::sink())?;
        if summary.refused > 0 {
            bail!("{} of the made-up reports were refused", summary.refused);
        }
        left = left.saturating_sub(some);
    }
    Ok(())
}

/// A report and who made it.
fn report(
    chance: &mut Chance,
    floor: &Floor,
    program: &FormProgram,
    now: i64,
) -> Result<[Push; 2]> {
    let at = Moment {
        ms: now.saturating_sub(chance.between(0, 20 * 86_400_000)),
        offset_minutes: 60,
    };
    let given: BTreeMap<&str, Value> = answers(chance, floor).into_iter().collect();
    let given: Answers = serde_json::from_value(serde_json::to_value(given)?)?;
    let judged = form::judge(program, &given, &at.day());
    if !judged.complete() {
        bail!("the made-up answers break the form's rules");
    }
    let filled = form::filled(program, &judged.answers);
    let (id, reporter) = (chance.id(at.ms), chance.id(at.ms));
    let body = json!({
        "form": floor.form, "release": program.release, "report_type": program.report_type,
        "title": form::title(program, &judged.answers, "fr"), "site": floor.site,
        "place": filled.place, "severity": filled.severity, "urgent": filled.urgent,
        "confidential": filled.confidential, "score": judged.score, "sealed_at": at.ms,
        "sealed_on": at.day(), "reporter": reporter, "answers": judged.answers, "photos": {},
        "acts": {},
    });
    let whose = json!({
        "report": id, "person": floor.operator, "site": floor.site,
        "confidential": filled.confidential,
    });
    Ok([
        push(chance, floor, at.ms, id, "report", &body)?,
        push(chance, floor, at.ms, reporter, "reporter", &whose)?,
    ])
}

fn push(
    chance: &mut Chance,
    floor: &Floor,
    at_ms: i64,
    id: Id,
    kind: &str,
    body: &Value,
) -> Result<Push> {
    let mut actor = [0; 16];
    chance.fill(&mut actor);
    let mut document = Document::create(actor, id, kind, 1, body)?;
    let changes: Vec<_> = document
        .commit()
        .into_iter()
        .map(serde_bytes::ByteBuf::from)
        .collect();
    let heads = document.heads();
    changes.first().context("a document without a change")?;
    Ok(Push {
        id: chance.id(at_ms),
        person: floor.operator,
        document: id,
        kind: kind.to_owned(),
        changes,
        heads,
        proof: None,
    })
}
