//! The server's side of one exchange, over a [`Store`]: pushes in, receipts and news out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::id::Id;
use crate::person::Scope;
use crate::sync::desk::{Ahead, Answers, Clerk, Desk};
use crate::sync::frame::{self, Writer};
use crate::sync::message::{PROTOCOL, Push, Response, fingerprint};
use crate::sync::news::News;
use crate::sync::push::{Pusher, Verdict, counting, is_not_yet, keep_unread, not_yet, take};
use crate::sync::request::Asked;
use crate::sync::store::Store;

/// Refused pushes within [`REFUSALS_WITHIN_MS`] after which a device has to wait.
const REFUSALS_MAX: u64 = 30;
/// Milliseconds.
const REFUSALS_WITHIN_MS: i64 = 600_000;
/// Steps of the gate after which the rest of a request waits for the next one: about a second. A
/// thousand reports take a tenth of them.
const STEPS_MAX: usize = 500_000;

/// What an exchange did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Pushes that were kept, new ones only.
    pub received: usize,
    /// Pushes that were refused.
    pub refused: usize,
    /// Documents sent.
    pub documents: usize,
    /// Scopes in which something is new: whoever follows one of them has news.
    pub scopes: BTreeSet<Scope>,
    /// Documents that are part of something erased, and are to be erased too: whoever runs the exchange
    /// does it. Their pushes are told "not yet" until then.
    pub orphans: BTreeSet<Id>,
    /// The fingerprint with which the device asks the next time, when it brought nothing and was told
    /// everything.
    pub settled: Option<u64>,
}

/// Answers one request, writing compressed frames to `out`.
///
/// # Errors
/// [`Code::Protocol`] for a request that is not one, [`Code::TooLarge`] past the limits,
/// [`Code::DeviceQuarantined`] for a device that sent what no honest device sends, or when the store
/// fails. Pushes that were committed before a failure stay; the device asks again.
pub fn exchange<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    clerk: &Clerk<'_>,
    request: &[u8],
    out: impl Write,
) -> Result<Summary> {
    let asked = Asked::read(request)?;
    if store.is_isolated(pusher.device)? {
        return Err(isolated(store, pusher, &asked.pushes)?);
    }
    let mut out = Writer::new(out);
    out.write(&Response::Welcome {
        protocol: PROTOCOL,
        clock_ms: pusher.now_ms,
    })?;
    let mut summary = Summary::default();
    // A device of another epoch first learns what a restored server still has: what waits on it
    // builds on things that are not here.
    let current = asked.epoch == 0 || asked.epoch == store.epoch()?;
    let pushes = if current { asked.pushes } else { Vec::new() };
    let brought = !pushes.is_empty() || !current;
    let pushed = take_all(store, pusher, clerk, &pushes.into(), &mut summary)?;
    for response in &pushed.responses {
        out.write(response)?;
    }
    store.contact(
        pusher.device,
        pusher.now_ms,
        asked.clock_ms.saturating_sub(pusher.now_ms),
    )?;
    if pushed.isolated {
        // The verdicts, and nothing more: it reads no news any more, and is told why when it asks on.
        out.write(&Response::Page {
            cursors: Vec::new(),
            more: true,
        })?;
        out.finish()?;
        return Ok(summary);
    }
    let known = store.cursors(pusher.device)?;
    let cursors = match asked.cursors {
        Some(cursors) => Some(cursors),
        None => (fingerprint(&known) == asked.fingerprint).then_some(known),
    };
    let mut news = News::new(store, pusher, &mut summary);
    news.held = pushed.held;
    news.unfinished = pushed.unfinished;
    let Some(cursors) = cursors else {
        out.write(&Response::ResendCursors)?;
        // Now, since these pushes are not sent again.
        let granted = news.granted()?;
        for id in &pushed.again {
            news.again(*id, &granted, &mut out)?;
        }
        news.end_page(true, &mut out)?;
        out.finish()?;
        return Ok(summary);
    };
    let (cursors, more) = news.run(cursors, &pushed.again, &mut out)?;
    store.put_cursors(pusher.device, &cursors)?;
    summary.settled = (!brought && !more).then(|| fingerprint(&cursors));
    out.finish()?;
    Ok(summary)
}

/// The answer when nothing is new.
///
/// # Errors
/// When the compressor cannot start.
pub fn nothing_new(now_ms: i64) -> Result<Vec<u8>> {
    let welcome = Response::Welcome {
        protocol: PROTOCOL,
        clock_ms: now_ms,
    };
    let page = Response::Page {
        cursors: Vec::new(),
        more: false,
    };
    frame::encode(&[welcome, page])
}

/// What the pushes of a request came to.
#[derive(Default)]
struct Pushed {
    responses: Vec<Response>,
    /// The heads of documents that the device has just as the server had them when it took its pushes.
    held: BTreeMap<Id, Vec<[u8; 32]>>,
    /// Documents of refused pushes: the device needs the server's copy again.
    again: BTreeSet<Id>,
    /// The last pushes were too much for one request.
    unfinished: bool,
    /// The device is in quarantine since one of them.
    isolated: bool,
}

/// Keeps the pushes of a device in quarantine unread; what it is told.
fn isolated<S: Store>(store: &mut S, pusher: &Pusher<'_>, pushes: &[Push]) -> Result<Error> {
    if !pushes.is_empty() {
        store.begin(pushes.len())?;
        if let Err(error) = keep_unread(store, pusher, pushes) {
            store.rollback();
            return Err(error);
        }
        store.commit()?;
    }
    Ok(Error::new(
        Code::DeviceQuarantined,
        "this device sent what no honest device sends",
    ))
}

/// Takes all pushes in one transaction: receipts go out only after it has committed.
fn take_all<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    clerk: &Clerk<'_>,
    pushes: &Arc<[Push]>,
    summary: &mut Summary,
) -> Result<Pushed> {
    if pushes.is_empty() {
        return Ok(Pushed::default());
    }
    let since = pusher.now_ms.saturating_sub(REFUSALS_WITHIN_MS);
    let many = !pusher.system && store.refusals(pusher.device, since)? >= REFUSALS_MAX;
    if many && !all_answered(store, pusher, pushes)? {
        return Err(Error::wait(
            "too many refused changes from this device",
            REFUSALS_WITHIN_MS,
        ));
    }
    let count = counting(store, clerk.signer, pushes)?;
    store.may_push(pusher, count)?;
    store.begin(pushes.len())?;
    match take_each(store, pusher, clerk, pushes, summary) {
        Ok(pushed) => {
            store.commit()?;
            Ok(pushed)
        }
        Err(error) => {
            store.rollback();
            Err(error)
        }
    }
}

/// Whether each push was answered before: the answer was lost, and is given again at no cost.
fn all_answered<S: Store>(store: &mut S, pusher: &Pusher<'_>, pushes: &[Push]) -> Result<bool> {
    for push in pushes {
        if store.outcome(pusher.device, push.id)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn take_each<S: Store>(
    store: &mut S,
    pusher: &Pusher<'_>,
    clerk: &Clerk<'_>,
    pushes: &Arc<[Push]>,
    summary: &mut Summary,
) -> Result<Pushed> {
    let mut pushed = Pushed::default();
    let mut answers = Answers::new(clerk);
    let mut latest: BTreeMap<Id, Option<Vec<[u8; 32]>>> = BTreeMap::new();
    let mut early: BTreeSet<Id> = BTreeSet::new();
    let mut desk = Desk::default();
    let mut ahead = Ahead::new(Arc::clone(&clerk.hands), Arc::clone(pushes));
    for (index, push) in pushes.iter().enumerate() {
        if desk.gate.steps() > STEPS_MAX {
            let rest = pushes.get(index..).unwrap_or_default();
            for push in rest {
                answers.tell(not_yet(push.id, "enough for one request"));
            }
            latest.extend(rest.iter().map(|push| (push.document, None)));
            let count = counting(store, clerk.signer, rest)?;
            store.push_later(pusher, count);
            pushed.unfinished = true;
            break;
        }
        if early.contains(&push.document) {
            answers.tell(not_yet(push.id, "builds on one"));
            continue;
        }
        if answers.waits(push.id) {
            answers.record(store, pusher)?;
        }
        let prepare = || ahead.take(index, push);
        let taken = take(store, &mut desk, pusher, clerk.signer, push, prepare)?;
        let same = taken.heads.filter(|heads| *heads == push.heads);
        latest.insert(push.document, same);
        summary.scopes.extend(taken.scopes);
        if taken.orphan {
            summary.orphans.insert(push.document);
        }
        match taken.verdict {
            Verdict::Kept(receipt) => {
                summary.received = summary.received.saturating_add(1);
                answers.sign(receipt);
            }
            Verdict::Told(response) => {
                if matches!(response, Response::Received { .. }) {
                    summary.received = summary.received.saturating_add(1);
                } else if is_not_yet(&response) {
                    early.insert(push.document);
                } else {
                    summary.refused = summary.refused.saturating_add(1);
                    pushed.again.insert(push.document);
                }
                answers.tell(response);
            }
        }
        if taken.isolated {
            let rest = pushes.get(index.saturating_add(1)..).unwrap_or_default();
            keep_unread(store, pusher, rest)?;
            pushed.isolated = true;
            break;
        }
    }
    answers.record(store, pusher)?;
    pushed.responses = answers.end();
    pushed.held = latest
        .into_iter()
        .filter(|(id, _)| !pushed.again.contains(id))
        .filter_map(|(id, same)| Some((id, same?)))
        .collect();
    Ok(pushed)
}
