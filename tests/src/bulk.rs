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
pub const BATCH: usize = 150;

/// Pushes `count` sealed reports of one site, spread over the last days.
///
/// # Errors
/// When the server refuses one.
pub fn reports(app: &App, chance: &mut Chance, floor: &Floor, count: usize) -> Result<()> {
    let input = json!({ "form": floor.form, "release": null });
    let program: FormProgram = serde_json::from_value(app.system.call(app, "form.open", input)?)?;
    let now = app.now();
    let device = chance.id(now);
    let mut left = count;
    while left > 0 {
        let some = left.min(BATCH);
        let mut pushes = Vec::new();
        for _ in 0..some {
            let at = Moment {
                ms: now.saturating_sub(chance.between(0, 20 * 86_400_000)),
                offset_minutes: 60,
            };
            let given: BTreeMap<&str, Value> = answers(chance, floor).into_iter().collect();
            let sealed = Sealed {
                report: chance.id(at.ms),
                reporter: chance.id(at.ms),
                person: floor.operator,
                site: floor.site,
                at,
                answers: serde_json::from_value(serde_json::to_value(given)?)?,
            };
            pushes.extend(sealed.pushes(chance, &program)?);
        }
        send(app, device, floor.operator, pushes)?;
        left = left.saturating_sub(some);
    }
    Ok(())
}

/// Sends pushes of one person through the gate, in one exchange.
///
/// # Errors
/// When the server refuses one.
pub fn send(app: &App, device: Id, person: Id, pushes: Vec<Push>) -> Result<()> {
    let persons = [person];
    let pusher = Pusher {
        device,
        persons: &persons,
        system: false,
        now_ms: app.now(),
    };
    let summary = app.exchange(&pusher, &request(app.now(), pushes)?, std::io::sink())?;
    if summary.refused > 0 {
        bail!("{} of the made-up reports were refused", summary.refused);
    }
    Ok(())
}

/// A request with these pushes, of a device that follows nothing yet.
///
/// # Errors
/// When a push is too large.
pub fn request(now_ms: i64, pushes: Vec<Push>) -> Result<Vec<u8>> {
    let mut frames = vec![Request::Hello {
        protocol: PROTOCOL,
        clock_ms: now_ms,
        cursors: 0,
        epoch: 0,
    }];
    frames.extend(pushes.into_iter().map(Request::Push));
    Ok(frame::encode(&frames)?)
}

/// A report as it is sealed, and who made it.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The id of the report.
    pub report: Id,
    /// The id of the document that says who made it.
    pub reporter: Id,
    /// Who made it.
    pub person: Id,
    /// Its site.
    pub site: Id,
    /// When it was sealed.
    pub at: Moment,
    /// The answers.
    pub answers: Answers,
}

impl Sealed {
    /// The bodies of its `report` and `reporter` documents.
    ///
    /// # Errors
    /// When the answers break the form's rules.
    pub fn bodies(&self, program: &FormProgram) -> Result<[Value; 2]> {
        let day = self.at.day();
        let judged = form::judge(program, &self.answers, &day);
        if !judged.complete() {
            bail!("the made-up answers break the form's rules: {judged:?}");
        }
        let filled = form::filled(program, &judged.answers);
        // A place of the site's list, or words.
        let place: Option<Id> = filled.place.as_deref().and_then(|place| place.parse().ok());
        let words = filled.place.filter(|_| place.is_none());
        let form: Id = program.form.parse()?;
        let body = json!({
            "form": form, "release": program.release, "report_type": program.report_type,
            "title": form::title(program, &judged.answers, "fr"), "site": self.site,
            "place": place, "place_words": words, "severity": filled.severity,
            "urgent": filled.urgent, "confidential": filled.confidential, "score": judged.score,
            "sealed_at": self.at.ms, "sealed_on": day, "reporter": self.reporter,
            "answers": judged.answers, "photos": {}, "acts": {},
        });
        let whose = json!({
            "report": self.report, "person": self.person, "site": self.site,
            "confidential": filled.confidential,
        });
        Ok([body, whose])
    }

    /// What a device would push of it.
    ///
    /// # Errors
    /// As [`Self::bodies`].
    pub fn pushes(&self, chance: &mut Chance, program: &FormProgram) -> Result<[Push; 2]> {
        let [body, whose] = self.bodies(program)?;
        Ok([
            self.push(chance, self.report, "report", &body)?,
            self.push(chance, self.reporter, "reporter", &whose)?,
        ])
    }

    fn push(&self, chance: &mut Chance, id: Id, kind: &str, body: &Value) -> Result<Push> {
        let mut actor = [0; 8];
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
            id: chance.id(self.at.ms),
            person: self.person,
            document: id,
            kind: kind.to_owned(),
            changes,
            heads,
            proof: None,
        })
    }
}
