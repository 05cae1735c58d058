//! Requests of at most 1 MiB that cost as much as can be thought of.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use vigie_core::Id;
use vigie_core::feature::Origin;
use vigie_core::gate::{LIMITS, admit, inspect};
use vigie_core::sync::frame;
use vigie_core::sync::message::{
    CURSORS_MAX, Cursor, PROTOCOL, PUSHES_MAX, Push, REQUEST_BYTES_MAX, REQUEST_INFLATED_MAX,
    Request,
};
use vigie_core::sync::push::Pusher;
use vigie_core::sync::store::StoredDocument;
use vigie_tests::chance::Chance;
use vigie_tests::hub::Hub;
use vigie_tests::poison::{Draft, Key, MALLORY, Op, hash, u};

use super::{Cost, say};

const NOW: i64 = 1_795_334_400_000;
/// What one request may cost: CPU for each change that it takes the server to look at.
const MOST: Cost = Cost {
    cpu: Duration::from_millis(250),
    memory: 32 * 1024 * 1024,
};

/// A document at a limit, and where its author goes on.
struct Full {
    name: &'static str,
    body: Vec<u8>,
    head: [u8; 32],
    seq: u64,
    next_op: u64,
}

impl Full {
    /// A chain of changes, each of `ops` operations, up to a weight.
    fn chain(name: &'static str, ops: &[Op], changes: usize) -> Result<Self> {
        let mut full = Self {
            name,
            body: Vec::new(),
            head: [0; 32],
            seq: 1,
            next_op: 1,
        };
        let mut left = changes;
        while left > 0 {
            let some = left.min(LIMITS.push_changes);
            let mut push = Vec::with_capacity(some);
            for _ in 0..some {
                push.push(inspect(&full.next(ops))?);
            }
            let before = (!full.body.is_empty()).then_some(full.body.as_slice());
            full.body = admit(before, push)?.body;
            left = left.saturating_sub(some);
        }
        Ok(full)
    }

    /// The author's next change.
    fn next(&mut self, ops: &[Op]) -> Vec<u8> {
        let bytes = self.after(ops, self.seq);
        self.head = hash(&bytes);
        self.seq = self.seq.saturating_add(1);
        self.next_op = self.next_op.saturating_add(ops.len() as u64);
        bytes
    }

    /// A change at the end, which says that it is its author's `seq`th.
    fn after(&self, ops: &[Op], seq: u64) -> Vec<u8> {
        let deps = if self.seq == 1 {
            Vec::new()
        } else {
            vec![self.head]
        };
        let draft = Draft {
            deps,
            seq: u(seq),
            start_op: u(self.next_op),
            ..Draft::new(ops)
        };
        draft.bytes()
    }
}

/// Documents as large as they may be, each in its own way.
fn full() -> Result<Vec<Full>> {
    let put = [Op::put("k")];
    let number = |count: usize| -> Vec<Op> {
        let op = |n| Op::put(&format!("{n}"));
        (0..count).map(op).collect()
    };
    let mut letters = vec![Op::make("t", 4)];
    letters.extend((1..LIMITS.change_ops).map(|n| {
        let key = match i64::try_from(n) {
            Ok(at) if at > 1 => Key::Element((0, at)),
            Ok(_) | Err(_) => Key::Head,
        };
        Op::insert((0, 1), key, "x")
    }));
    let words = vec![b'x'; 200_000];
    let text = [Op::put("k").value((words.len() as u64) << 4 | 6, &words)];
    let mut list = Full::chain("a text of 4,095 letters", &letters, 1)?;
    list.name = "a text of 4,095 letters";
    Ok(vec![
        Full::chain("8,000 changes of one value", &put, 8_000)?,
        Full::chain("90,112 values", &number(LIMITS.change_ops), 22)?,
        Full::chain("90,112 conflicting values", &vec![Op::put("k"); 4_096], 22)?,
        Full::chain("1.8 MB of text", &text, 9)?,
        list,
    ])
}

/// A server with these documents.
struct Scene {
    hub: Hub,
    chance: Chance,
    ids: Vec<Id>,
    full: Vec<Full>,
    folder: PathBuf,
}

impl Scene {
    fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("vigie-gate-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let mut chance = Chance::new(1);
        let hub = Hub::open(&folder.join("hub.db"), NOW, &mut chance)?;
        let full = full()?;
        let mut ids = Vec::new();
        for one in &full {
            let id = chance.id(NOW);
            let stored = StoredDocument {
                kind: "report".to_owned(),
                origin: Origin {
                    creator: id,
                    year: 2026,
                },
                received_at: NOW,
                body: one.body.clone(),
                heads: vec![one.head],
            };
            hub.put(id, &stored)?;
            ids.push(id);
        }
        Ok(Self {
            hub,
            chance,
            ids,
            full,
            folder,
        })
    }

    fn push(&mut self, document: Id, changes: Vec<Vec<u8>>) -> Push {
        Push {
            id: self.chance.id(NOW),
            person: Id::from_bytes([0; 16]),
            document,
            kind: "report".to_owned(),
            changes: changes.into_iter().map(Into::into).collect(),
            heads: Vec::new(),
            proof: None,
        }
    }

    /// Asks, as the device that never waits; what was over its limit.
    fn ask(&mut self, name: &str, pushes: Vec<Push>) -> Result<Vec<String>> {
        let mut frames = vec![hello()];
        frames.extend(pushes.into_iter().map(Request::Push));
        // As many as fit, compressed and inflated: what is too large is refused unread.
        let mut request = frame::encode(&frames)?;
        while request.len() > REQUEST_BYTES_MAX
            || frame::read_all::<Request>(&request, REQUEST_INFLATED_MAX, frames.len()).is_err()
        {
            frames.truncate(frames.len().saturating_mul(9).checked_div(10).unwrap_or(0));
            request = frame::encode(&frames)?;
        }
        let sent = frames.len().saturating_sub(1);
        self.exchange(name, sent, &request)
    }

    fn exchange(&mut self, name: &str, sent: usize, request: &[u8]) -> Result<Vec<String>> {
        let device = self.chance.id(NOW);
        // The server's own device: nobody's rights end it sooner, and it is never in quarantine.
        let pusher = Pusher {
            device,
            persons: &[],
            system: true,
            now_ms: NOW,
        };
        let mut answer = Vec::new();
        let hub = &self.hub;
        let (done, cost) = Cost::of(|| hub.exchange(&pusher, request, None, &mut answer))?;
        let told = match &done {
            Ok(summary) => summary.received.saturating_add(summary.refused),
            Err(_) => 0,
        };
        let looked_at = u32::try_from(told.clamp(1, sent.max(1)))?;
        let each = cost.cpu.checked_div(looked_at).unwrap_or_default();
        let (bytes, ms, mib) = (request.len(), cost.ms(), cost.mib());
        let each_ms = each.as_secs_f64() * 1000.0;
        let end = done.err().map(|error| error.code().as_str()).unwrap_or("");
        let line = format!(
            "| {name} | {bytes} | {sent} | {told} {end} | {ms:.0} | {each_ms:.2} | {mib:.1} |"
        );
        say(&line)?;
        let over = each > MOST.cpu || cost.memory > MOST.memory;
        Ok(if over { vec![line] } else { Vec::new() })
    }
}

fn hello() -> Request {
    Request::Hello {
        protocol: PROTOCOL,
        clock_ms: NOW,
        cursors: 0,
        epoch: 0,
    }
}

/// Each of them; what was over its limit.
pub(crate) fn requests() -> Result<Vec<String>> {
    let mut scene = Scene::new()?;
    let folder = scene.folder.clone();
    let done = each(&mut scene);
    drop(scene);
    std::fs::remove_dir_all(folder)?;
    done
}

fn each(scene: &mut Scene) -> Result<Vec<String>> {
    let mut over = Vec::new();
    say(
        "| request | bytes | pushes | answered | ms | ms each | MiB |\n|---|---|---|---|---|---|---|",
    )?;
    let put = [Op::put("k")];
    for index in 0..scene.full.len() {
        let (Some(id), Some(full)) = (scene.ids.get(index).copied(), scene.full.get(index)) else {
            continue;
        };
        let (name, good) = (full.name, full.after(&put, full.seq));
        // Fits, and is refused by the rule: the whole gate.
        let one = vec![scene.push(id, vec![good.clone()])];
        over.extend(scene.ask(&format!("one more to {name}"), one)?);
        let many: Vec<Push> = (0..PUSHES_MAX)
            .map(|_| scene.push(id, vec![good.clone()]))
            .collect();
        over.extend(scene.ask(&format!("2,000 times one more to {name}"), many)?);
        let Some(full) = scene.full.get(index) else {
            continue;
        };
        let gap = full.after(&put, full.seq.saturating_add(1));
        let many: Vec<Push> = (0..PUSHES_MAX)
            .map(|_| scene.push(id, vec![gap.clone()]))
            .collect();
        over.extend(scene.ask(&format!("2,000 gaps to {name}"), many)?);
    }
    over.extend(mixed(scene)?);
    Ok(over)
}

fn mixed(scene: &mut Scene) -> Result<Vec<String>> {
    let mut over = Vec::new();
    let put = [Op::put("k")];
    // Two large documents in turn: none stays open.
    let turns: Vec<(Id, Vec<u8>)> = scene
        .ids
        .iter()
        .copied()
        .zip(scene.full.iter().map(|full| full.after(&put, full.seq)))
        .collect();
    let mut pushes = Vec::new();
    for (id, change) in turns.iter().cycle().take(PUSHES_MAX) {
        pushes.push(scene.push(*id, vec![change.clone()]));
    }
    over.extend(scene.ask("one more to each in turn", pushes)?);
    // New documents, each as much as one change may be.
    let same = Draft::new(&vec![Op::put("k"); LIMITS.change_ops]).bytes();
    let pushes = new(scene, &[same], PUSHES_MAX);
    over.extend(scene.ask("2,000 new of 4,096 conflicting values", pushes)?);
    let names: Vec<Op> = (0..LIMITS.change_ops)
        .map(|n| Op::put(&format!("{n}")))
        .collect();
    let pushes = new(scene, &[Draft::new(&names).bytes()], PUSHES_MAX);
    over.extend(scene.ask("new ones of 4,096 values", pushes)?);
    let words = vec![b'x'; 250_000];
    let text = Draft::new(&[Op::put("k").value((words.len() as u64) << 4 | 6, &words)]);
    let pushes = new(scene, &[text.bytes()], 16);
    over.extend(scene.ask("new ones of 250,000 letters", pushes)?);
    let deep: Vec<Op> = (0..LIMITS.change_ops)
        .map(|n| {
            let inner = i64::try_from(n.checked_rem(LIMITS.depth).unwrap_or(0)).unwrap_or(0);
            let op = Op::make("m", 0);
            if inner == 0 {
                op
            } else {
                op.within((0, inner))
            }
        })
        .collect();
    let pushes = new(scene, &[Draft::new(&deep).bytes()], PUSHES_MAX);
    over.extend(scene.ask("new ones of 4,096 maps in maps", pushes)?);
    // A push at its own limit.
    let chain = chain(LIMITS.push_changes);
    let pushes = new(scene, &chain, PUSHES_MAX);
    over.extend(scene.ask("new ones of 512 changes", pushes)?);
    let cursors = (0..CURSORS_MAX).map(|number| Cursor {
        scope: format!("reports/{number}/2026"),
        epoch: 1,
        position: 1,
    });
    let request = frame::encode(&[hello(), Request::Cursors(cursors.collect())])?;
    over.extend(scene.exchange("4,000 cursors", 0, &request)?);
    let bomb = frame::encode(&vec![hello(); 300_000])?;
    over.extend(scene.exchange("a stream that inflates to 4 MiB", 0, &bomb)?);
    Ok(over)
}

/// Pushes of new documents.
fn new(scene: &mut Scene, changes: &[Vec<u8>], count: usize) -> Vec<Push> {
    (0..count)
        .map(|_| {
            let id = scene.chance.id(NOW);
            scene.push(id, changes.to_vec())
        })
        .collect()
}

/// Changes of one value, one after the other, in a new document.
fn chain(length: usize) -> Vec<Vec<u8>> {
    let mut changes: Vec<Vec<u8>> = Vec::new();
    for number in (1_u64..).take(length) {
        let draft = Draft {
            deps: changes
                .last()
                .map(|last| vec![hash(last)])
                .unwrap_or_default(),
            actor: MALLORY.to_vec(),
            seq: u(number),
            start_op: u(number),
            ..Draft::new(&[Op::put("k")])
        };
        changes.push(draft.bytes());
    }
    changes
}
