//! Taking a capsule: opening, saving every step, ending.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{
    Attempt, CapsuleRow, CapsuleState, LearnFinished, LearnOpen, LearnOpened, LearnSave,
};
use super::review;
use super::table::{self, AttemptRow, Release};
use crate::account::Empty;
use crate::capsule::{Capsule, QuizAnswer, grade, pack};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::store::blob;

/// Every capsule for me, those required first.
pub(super) fn list(context: &mut Context<'_>, _input: &Empty) -> Result<Vec<CapsuleRow>> {
    let mut rows: Vec<CapsuleRow> = Vec::new();
    for release in table::standing(context.db)? {
        let known = rows.iter().any(|row| row.module == release.module);
        if !known && for_me(context, &release) {
            rows.push(row(context, &release)?);
        }
    }
    rows.sort_by_key(|row| {
        let due = row.due_on.clone().unwrap_or_else(|| "9999".to_owned());
        (
            !row.required,
            due,
            row.state == CapsuleState::Done,
            row.slug.clone(),
        )
    });
    Ok(rows)
}

/// A release for all sites, for mine, or for one that I lead.
pub(super) fn for_me(context: &Context<'_>, release: &Release) -> bool {
    let mine = |sites: &Vec<Id>| context.seat.site.is_some_and(|site| sites.contains(&site));
    context.seat.leads() || release.sites.as_ref().is_none_or(mine)
}

/// The row of a module by its latest release.
pub(super) fn row(context: &Context<'_>, release: &Release) -> Result<CapsuleRow> {
    let attempts = table::attempts(context.db, release.module, context.seat.person)?;
    let open = attempts
        .first()
        .filter(|attempt| attempt.finished_at.is_none());
    let done_at = attempts
        .iter()
        .filter_map(|attempt| attempt.finished_at)
        .max();
    let state = match (open, done_at) {
        (Some(_), _) => CapsuleState::Open,
        (None, Some(_)) => CapsuleState::Done,
        (None, None) => CapsuleState::New,
    };
    let assignment = table::assignment(context.db, release.module, context.seat.site, i64::MAX)?;
    let (due_on, required, at) = assignment.unwrap_or((None, false, 0));
    let satisfied = done_at.is_some_and(|done| done >= at);
    Ok(CapsuleRow {
        module: release.module,
        release: release.id,
        version: release.version,
        slug: release.slug.clone(),
        title: release.title.clone(),
        objective: release.objective.clone(),
        theme: release.theme.clone(),
        icon: release.icon.clone(),
        seconds: release.seconds,
        languages: release.title.keys().cloned().collect(),
        state,
        score: attempts.iter().filter_map(|attempt| attempt.score).max(),
        done_at,
        due_on: due_on.filter(|_| !satisfied),
        required: required && !satisfied,
        ready: release.ready,
        newer: open.is_some_and(|open| open.release != release.id),
        apply: release.apply.clone(),
        published_at: release.published_at,
    })
}

/// The content of a release, once its pack is here.
pub(super) fn content(
    context: &Context<'_>,
    release: &Release,
) -> Result<BTreeMap<String, Capsule>> {
    let Some((_, bytes)) = blob::content(context.db, &release.pack)? else {
        blob::want(context.db, &release.pack)?;
        return Err(Error::new(Code::NotHereYet, "the pack has not arrived"));
    };
    pack::unpack(&bytes).map_err(|error| Error::new(Code::Refused, format!("{error:?}")))
}

/// Opens the attempt that is open, or begins one on the latest release.
pub(super) fn open(context: &mut Context<'_>, input: &LearnOpen) -> Result<LearnOpened> {
    let releases = table::releases(context.db, input.module)?;
    let latest = releases
        .iter()
        .find(|release| !release.withdrawn && for_me(context, release))
        .or_else(|| releases.first())
        .ok_or_else(|| Error::not_found(format!("no capsule `{}`", input.module)))?;
    let attempts = table::attempts(context.db, input.module, context.seat.person)?;
    let known = attempts
        .iter()
        .find(|attempt| attempt.id == input.attempt)
        .or_else(|| {
            attempts
                .first()
                .filter(|attempt| attempt.finished_at.is_none())
        });
    let attempt = match known {
        Some(known) => attempt(input.module, known),
        None => Attempt {
            id: input.attempt,
            module: input.module,
            release: latest.id,
            step: 0,
            answers: BTreeMap::new(),
            started_at: context.moment.ms,
            finished_at: None,
            score: None,
        },
    };
    let release = releases
        .iter()
        .find(|release| release.id == attempt.release)
        .ok_or_else(|| Error::new(Code::NotHereYet, "the attempt's release is not here"))?;
    let capsule = content(context, release)?;
    if known.is_none() {
        begin(context, &attempt)?;
    }
    Ok(LearnOpened {
        capsule,
        version: release.version,
        row: row(context, latest)?,
        attempt,
    })
}

fn attempt(module: Id, row: &AttemptRow) -> Attempt {
    let answers: BTreeMap<String, Value> = serde_json::from_str(&row.answers).unwrap_or_default();
    Attempt {
        id: row.id,
        module,
        release: row.release,
        step: row.step,
        answers: answers
            .into_iter()
            .filter_map(|(item, answer)| Some((item, serde_json::from_value(answer).ok()?)))
            .collect(),
        started_at: row.started_at,
        finished_at: row.finished_at,
        score: row.score,
    }
}

/// The person's progress document of this year, made when there is none.
pub(super) fn progress(context: &mut Context<'_>) -> Result<Id> {
    let (person, year) = (context.seat.person, context.moment.year());
    if let Some(id) = table::own_document(context.db, "progress", person, year)? {
        return Ok(id);
    }
    let id = context.new_id();
    let body = json!({
        "person": person, "site": context.seat.site, "year": year, "attempts": {}, "received": {},
    });
    context.create("progress", id, &body)?;
    Ok(id)
}

fn begin(context: &mut Context<'_>, attempt: &Attempt) -> Result<()> {
    let document = progress(context)?;
    let record = json!({
        "module": attempt.module, "release": attempt.release, "step": 0, "answers": {},
        "started_at": attempt.started_at,
    });
    let key = attempt.id.to_string();
    context.edit("progress", document, |document| {
        document.set(&["attempts", &key], &record)
    })
}

/// Saves the step and the answers that are new. An attempt begun in a browser without network is
/// made here first.
pub(super) fn save(context: &mut Context<'_>, input: &LearnSave) -> Result<Empty> {
    let row = ensure(context, input)?;
    if row.finished_at.is_some() {
        return Ok(Empty {});
    }
    let before: BTreeMap<String, Value> = serde_json::from_str(&row.answers).unwrap_or_default();
    let key = input.attempt.to_string();
    context.edit("progress", row.document, |document| {
        for (item, answer) in &input.answers {
            let answer = serde_json::to_value(answer)?;
            if before.get(item) != Some(&answer) {
                document.set(&["attempts", &key, "answers", item], &answer)?;
            }
        }
        if row.step != input.step {
            document.set(&["attempts", &key, "step"], &json!(input.step))?;
        }
        Ok(())
    })?;
    Ok(Empty {})
}

fn ensure(context: &mut Context<'_>, input: &LearnSave) -> Result<AttemptRow> {
    let find = |context: &Context<'_>| -> Result<Option<AttemptRow>> {
        let attempts = table::attempts(context.db, input.module, context.seat.person)?;
        Ok(attempts
            .into_iter()
            .find(|attempt| attempt.id == input.attempt))
    };
    if let Some(row) = find(context)? {
        return Ok(row);
    }
    let release = table::release(context.db, input.release)?;
    if release.is_none_or(|release| release.module != input.module) {
        return Err(Error::not_found(format!("no release `{}`", input.release)));
    }
    let attempt = Attempt {
        id: input.attempt,
        module: input.module,
        release: input.release,
        step: 0,
        answers: BTreeMap::new(),
        started_at: context.moment.ms,
        finished_at: None,
        score: None,
    };
    begin(context, &attempt)?;
    find(context)?.ok_or_else(|| Error::unexpected("the attempt was not kept"))
}

/// Ends an attempt: graded here, each item remembered.
pub(super) fn finish(context: &mut Context<'_>, input: &LearnSave) -> Result<LearnFinished> {
    let release = table::release(context.db, input.release)?
        .ok_or_else(|| Error::new(Code::NotHereYet, "the release is not here"))?;
    let content = content(context, &release)?;
    let graded = graded(&content, &input.answers);
    let finished = outcome(&graded);
    let again = ensure(context, input)?.finished_at.is_some();
    if !again {
        save(context, input)?;
        let row = ensure(context, input)?;
        let (key, now) = (input.attempt.to_string(), context.moment.ms);
        context.edit("progress", row.document, |document| {
            document.set(&["attempts", &key, "finished_at"], &json!(now))?;
            document.set(&["attempts", &key, "score"], &json!(finished.score))
        })?;
        review::remember(context, input.module, input.release, &graded)?;
    }
    let next_review_on = review::next_on(context, input.module)?;
    Ok(LearnFinished {
        next_review_on,
        ..finished
    })
}

/// Each item in the order of the quiz, and whether it was right: in any language of the pack, since
/// a person may change language midway.
fn graded(
    content: &BTreeMap<String, Capsule>,
    answers: &BTreeMap<String, QuizAnswer>,
) -> Vec<(String, bool)> {
    let right = |id: &str| {
        let items = content
            .values()
            .flat_map(|capsule| &capsule.quiz)
            .filter(|item| item.id == id);
        let answer = answers.get(id);
        items
            .into_iter()
            .any(|item| answer.is_some_and(|answer| grade::grade(item, answer)))
    };
    let first = content
        .values()
        .next()
        .map(|capsule| capsule.quiz.as_slice())
        .unwrap_or_default();
    first
        .iter()
        .map(|item| (item.id.clone(), right(&item.id)))
        .collect()
}

fn outcome(graded: &[(String, bool)]) -> LearnFinished {
    let total = u32::try_from(graded.len()).unwrap_or(u32::MAX);
    let right = u32::try_from(graded.iter().filter(|(_, right)| *right).count()).unwrap_or(0);
    let score = right.saturating_mul(100).checked_div(total).unwrap_or(100);
    let wrong = graded
        .iter()
        .filter(|(_, right)| !right)
        .map(|(item, _)| item.clone())
        .collect();
    LearnFinished {
        score,
        right,
        total,
        passed: score >= grade::PASS_PERCENT,
        wrong,
        next_review_on: None,
    }
}
