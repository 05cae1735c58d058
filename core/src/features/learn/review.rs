//! Spaced repetition: what is due is computed from the review log each time, never stored.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rusqlite::params;
use serde_json::json;

use super::attempt::{content, for_me};
use super::model::{LearnDue, LearnReview, LearnReviewed, ReviewItem};
use super::table::{self, Release};
use crate::account::Empty;
use crate::capsule::{Capsule, QuizItem, grade, memory};
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::moment::day_of;

/// How long one recall takes, seconds.
const SECONDS_EACH: u32 = 20;
/// Never more than five minutes at once.
const SECONDS_MAX: u32 = 300;

/// A release and its content, by language.
type Shown = (Release, BTreeMap<String, Capsule>);

/// What is due of one item.
struct Standing {
    module: Id,
    item: String,
    last: i64,
    due: i64,
}

/// Remembers how items went, today.
pub(super) fn remember(
    context: &mut Context<'_>,
    module: Id,
    release: Id,
    items: &[(String, bool)],
) -> Result<()> {
    let records: Vec<(Id, &String, bool)> = items
        .iter()
        .map(|(item, right)| (context.new_id(), item, *right))
        .collect();
    for (id, item, right) in records {
        record(context, id, module, release, item, right)?;
    }
    Ok(())
}

fn record(
    context: &mut Context<'_>,
    id: Id,
    module: Id,
    release: Id,
    item: &str,
    correct: bool,
) -> Result<()> {
    let (person, year) = (context.seat.person, context.moment.year());
    let document = match table::own_document(context.db, "memory", person, year)? {
        Some(document) => document,
        None => {
            let document = context.new_id();
            let body = json!({ "person": person, "year": year, "reviews": {} });
            context.create("memory", document, &body)?;
            document
        }
    };
    let review = json!({
        "module": module, "release": release, "item": item, "correct": correct,
        "day": context.moment.day_number(),
    });
    let key = id.to_string();
    context.edit("memory", document, |document| {
        document.set(&["reviews", &key], &review)
    })
}

/// Where every item that was ever recalled stands; of one module when given.
fn standings(context: &Context<'_>, module: Option<Id>) -> Result<Vec<Standing>> {
    let mut statement = context.db.prepare_cached(
        "SELECT module, item, day, correct FROM review WHERE ?1 IS NULL OR module = ?1
         ORDER BY module, item, day, id",
    )?;
    let mut logs: BTreeMap<(Id, String), Vec<memory::Review>> = BTreeMap::new();
    let mut rows = statement.query(params![module])?;
    while let Some(row) = rows.next()? {
        logs.entry((row.get(0)?, row.get(1)?))
            .or_default()
            .push(memory::Review {
                at_day: row.get(2)?,
                correct: row.get(3)?,
            });
    }
    let mut standings = Vec::with_capacity(logs.len());
    for ((module, item), log) in logs {
        let due = memory::next_due(&log, memory::RETENTION)
            .map_err(|error| Error::unexpected(error.to_string()))?;
        let last = log.last().map_or(0, |review| review.at_day);
        standings.push(Standing {
            module,
            item,
            last,
            due: due.due_day,
        });
    }
    standings.sort_by_key(|standing| (standing.due, standing.module));
    Ok(standings)
}

/// When the next recall of a module is due.
pub(super) fn next_on(context: &Context<'_>, module: Id) -> Result<Option<String>> {
    Ok(standings(context, Some(module))?
        .first()
        .map(|standing| day_of(standing.due)))
}

/// What is due now.
pub(super) fn due(context: &mut Context<'_>, _input: &Empty) -> Result<LearnDue> {
    let today = context.moment.day_number();
    let standings = standings(context, None)?;
    let mut contents: BTreeMap<Id, Option<Shown>> = BTreeMap::new();
    let (mut items, mut total, mut next) = (Vec::new(), 0_u32, None);
    for standing in standings {
        let shown = match contents.entry(standing.module) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(shown(context, standing.module)?),
        };
        let Some((release, capsules)) = shown else {
            continue;
        };
        let Some(item) = item(release, capsules, &standing) else {
            continue;
        };
        if standing.due > today {
            next.get_or_insert_with(|| day_of(standing.due));
            continue;
        }
        total = total.saturating_add(1);
        if seconds(items.len().saturating_add(1)) <= SECONDS_MAX {
            items.push(item);
        }
    }
    let seconds = seconds(items.len());
    let next_on = next.filter(|_| items.is_empty());
    Ok(LearnDue {
        items,
        total,
        seconds,
        next_on,
    })
}

fn seconds(items: usize) -> u32 {
    u32::try_from(items)
        .unwrap_or(u32::MAX)
        .saturating_mul(SECONDS_EACH)
}

/// The release of a module whose words are shown: the latest that stands and is here.
fn shown(context: &Context<'_>, module: Id) -> Result<Option<Shown>> {
    for release in table::releases(context.db, module)? {
        if release.withdrawn || !release.ready || !for_me(context, &release) {
            continue;
        }
        let content = content(context, &release)?;
        return Ok(Some((release, content)));
    }
    Ok(None)
}

/// An item as it is shown; `None` when the present release no longer has it.
fn item(
    release: &Release,
    capsules: &BTreeMap<String, Capsule>,
    standing: &Standing,
) -> Option<ReviewItem> {
    let mut words: BTreeMap<String, QuizItem> = BTreeMap::new();
    let mut media = BTreeMap::new();
    for (language, capsule) in capsules {
        if let Some(item) = capsule.quiz.iter().find(|item| item.id == standing.item) {
            words.insert(language.clone(), item.clone());
            let used = capsule
                .media
                .iter()
                .filter(|(name, _)| item.prompt.contains(*name));
            media.extend(used.map(|(name, svg)| (name.clone(), svg.clone())));
        }
    }
    (!words.is_empty()).then(|| ReviewItem {
        module: release.module,
        release: release.id,
        title: release.title.clone(),
        item: words,
        media,
        last_on: Some(day_of(standing.last)),
        due_on: day_of(standing.due),
        apply: release.apply.clone(),
    })
}

/// Recalls an item.
pub(super) fn review(context: &mut Context<'_>, input: &LearnReview) -> Result<LearnReviewed> {
    let release = table::release(context.db, input.release)?
        .filter(|release| release.module == input.module)
        .ok_or_else(|| Error::new(Code::NotHereYet, "the release is not here"))?;
    let content = content(context, &release)?;
    let correct = content
        .get(&input.language)
        .or_else(|| content.values().next())
        .and_then(|capsule| capsule.quiz.iter().find(|item| item.id == input.item))
        .map(|item| grade::grade(item, &input.answer))
        .ok_or_else(|| Error::not_found(format!("no item `{}`", input.item)))?;
    let known: bool = context.db.query_row(
        "SELECT EXISTS(SELECT 1 FROM review WHERE id = ?1)",
        params![input.id],
        |row| row.get(0),
    )?;
    if !known {
        record(
            context,
            input.id,
            input.module,
            input.release,
            &input.item,
            correct,
        )?;
    }
    let next = standings(context, Some(input.module))?
        .into_iter()
        .find(|standing| standing.item == input.item)
        .map_or(0, |standing| standing.due);
    Ok(LearnReviewed {
        correct,
        next_on: day_of(next),
    })
}
