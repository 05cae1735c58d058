//! What the pushes of one request share: the gate, what the rules ask about, and what other hands go
//! through ahead while the store is at work.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, mpsc};

use serde_json::Value;

use crate::document::Document;
use crate::error::Result;
use crate::feature::Other;
use crate::gate::{Actor, Admitted, Gate, Inspected, Refusal};
use crate::id::Id;
use crate::sync::hands::{Coming, Hands, OneHand};
use crate::sync::message::{Push, Receipt, Response};
use crate::sync::push::Pusher;
use crate::sync::receipt::Signer;
use crate::sync::store::{Outcome, Store};

/// Most other documents remembered while a request is taken in.
const OTHERS_MAX: usize = 64;
/// Pushes that are gone through ahead by one hand.
const AHEAD_MAX: usize = 32;
/// So many hands are at it, and whoever waits for them lends a core.
const AHEAD_HANDS: usize = 3;
/// Steps of the gate after which the rest of these wait for their turn: what is ahead lies in memory.
const AHEAD_STEPS_MAX: usize = 50_000;
/// Fewer pushes are not worth sharing out.
const FEW: usize = 4;
/// Receipts that are signed together.
const SIGNED_TOGETHER: usize = 32;

/// Who takes in what devices send: with which key, and whose hands.
pub struct Clerk<'a> {
    /// Signs receipts.
    pub signer: &'a Signer,
    /// Go through pushes ahead.
    pub hands: Arc<dyn Hands>,
}

impl<'a> Clerk<'a> {
    /// One who does everything alone.
    #[must_use]
    pub fn alone(signer: &'a Signer) -> Self {
        let hands = Arc::new(OneHand);
        Self { signer, hands }
    }
}

/// What one request needs while it is taken in.
#[derive(Default)]
pub struct Desk {
    pub(super) gate: Gate,
    /// What rules asked about: the same site and the same form, time and again.
    others: BTreeMap<Id, Option<Arc<Other>>>,
    /// Bytes that are kept of the device's refused pushes, once somebody asked.
    pub(super) refused_bytes: Option<u64>,
}

impl Desk {
    /// Another document of the organisation.
    pub(super) fn other<S: Store>(&mut self, store: &mut S, id: Id) -> Result<Option<Arc<Other>>> {
        if let Some(other) = self.others.get(&id) {
            return Ok(other.clone());
        }
        let other = store.document(id)?.and_then(|stored| {
            let view = Document::read(&stored.body).ok()?.view;
            Some(Arc::new(Other::new(Arc::new(view), stored.origin.creator)))
        });
        if self.others.len() >= OTHERS_MAX {
            self.others.clear();
        }
        self.others.insert(id, other.clone());
        Ok(other)
    }

    /// The document is another one from now on; a `new` one is what follows often asks about.
    pub(super) fn changed(&mut self, id: Id, new: Option<&Arc<Value>>, creator: Id) {
        self.others.remove(&id);
        let Some(view) = new else {
            return;
        };
        if self.others.len() >= OTHERS_MAX {
            self.others.clear();
        }
        let other = Other::new(Arc::clone(view), creator);
        self.others.insert(id, Some(Arc::new(other)));
    }
}

/// One change of a push.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) hash: [u8; 32],
    pub(super) actor: Actor,
    pub(super) seq: u64,
}

/// A push, as far as the gate gets without the store.
pub struct Prepared {
    pub(super) marks: Vec<Mark>,
    pub(super) content: Content,
    /// What that cost.
    pub(super) steps: usize,
}

pub(super) enum Content {
    /// Its changes, or why they are none.
    Read(std::result::Result<Vec<Inspected>, Refusal>),
    /// It begins with a first change: the document that it makes when there is none yet.
    First(std::result::Result<Box<Admitted>, Refusal>),
}

impl Prepared {
    /// Goes through a push.
    #[must_use]
    pub fn new(push: &Push) -> Self {
        let mut gate = Gate::default();
        let inspected = gate.inspect(push.bytes());
        let marks = inspected.as_deref().unwrap_or_default().iter();
        let marks: Vec<Mark> = marks
            .map(|change| Mark {
                hash: change.hash,
                actor: change.actor,
                seq: change.seq,
            })
            .collect();
        let content = match inspected {
            Ok(changes) if changes.first().is_some_and(|first| first.deps.is_empty()) => {
                Content::First(gate.admit(None, changes).map(Box::new))
            }
            read => Content::Read(read),
        };
        Self {
            marks,
            content,
            steps: gate.steps(),
        }
    }
}

/// The pushes of a request, gone through a little ahead.
pub(super) struct Ahead {
    hands: Arc<dyn Hands>,
    pushes: Arc<[Push]>,
    /// Up to where the hands are at it.
    begun: usize,
    coming: VecDeque<(usize, mpsc::Receiver<Vec<Prepared>>)>,
    /// What they came to, and which the first of them is. What is lacking is gone through when its turn
    /// comes.
    ready: VecDeque<Prepared>,
    first: usize,
    /// Up to where they came.
    done: usize,
}

impl Ahead {
    pub(super) const fn new(hands: Arc<dyn Hands>, pushes: Arc<[Push]>) -> Self {
        Self {
            hands,
            pushes,
            begun: 0,
            coming: VecDeque::new(),
            ready: VecDeque::new(),
            first: 0,
            done: 0,
        }
    }

    /// Has the next ones gone through.
    fn begin(&mut self) {
        while self.coming.len() < AHEAD_HANDS && self.begun < self.pushes.len() {
            self.share();
        }
    }

    fn share(&mut self) {
        let (from, to) = (self.begun, self.begun.saturating_add(AHEAD_MAX));
        let to = to.min(self.pushes.len());
        self.begun = to;
        let (sender, receiver) = mpsc::sync_channel(1);
        let pushes = Arc::clone(&self.pushes);
        self.hands.share(Box::new(move || {
            let (mut ready, mut steps) = (Vec::new(), 0_usize);
            for push in pushes.get(from..to).unwrap_or_default() {
                if steps > AHEAD_STEPS_MAX {
                    break;
                }
                let prepared = Prepared::new(push);
                steps = steps.saturating_add(prepared.steps);
                ready.push(prepared);
            }
            // Nobody waits for it any more when the request was given up.
            drop(sender.send(ready));
        }));
        self.coming.push_back((to, receiver));
    }

    /// The push at this place of the request; asked for in their order, and not for one that was answered
    /// before.
    pub(super) fn take(&mut self, index: usize, push: &Push) -> Prepared {
        if self.begun <= index {
            // The first of those that are new: the hands go on behind it.
            let next = index.saturating_add(1);
            (self.begun, self.done, self.first) = (next, next, next);
            self.coming.clear();
            if self.pushes.len().saturating_sub(next) >= FEW {
                self.begin();
            }
            return Prepared::new(push);
        }
        while index >= self.done
            && let Some((to, coming)) = self.coming.pop_front()
        {
            (self.first, self.done) = (self.done, to);
            self.begin();
            self.ready = coming.recv().unwrap_or_default().into();
        }
        while self.first < index && self.ready.pop_front().is_some() {
            self.first = self.first.saturating_add(1);
        }
        let ready = (self.first == index).then(|| self.ready.pop_front());
        self.first = self.first.max(index.saturating_add(1));
        ready.flatten().unwrap_or_else(|| Prepared::new(push))
    }
}

/// A receipt's place in the answer, its push, and the frame that says it.
type Signed = (usize, Id, Response);

/// What a request is answered, in the order of its pushes: receipts are signed while the store is at work.
pub(super) struct Answers {
    hands: Arc<dyn Hands>,
    signer: Signer,
    /// Of a receipt, nothing until it is signed.
    all: Vec<Option<Response>>,
    /// Receipts by their place in the answer: those that wait, and those that hands are at.
    waiting: Vec<(usize, Receipt)>,
    coming: Vec<Coming<Vec<Signed>>>,
    /// Pushes of these.
    kept: BTreeSet<Id>,
}

impl Answers {
    pub(super) fn new(clerk: &Clerk<'_>) -> Self {
        Self {
            hands: Arc::clone(&clerk.hands),
            signer: clerk.signer.clone(),
            all: Vec::new(),
            waiting: Vec::new(),
            coming: Vec::new(),
            kept: BTreeSet::new(),
        }
    }

    /// Whether a receipt for this push is not recorded yet.
    pub(super) fn waits(&self, push: Id) -> bool {
        self.kept.contains(&push)
    }

    pub(super) fn tell(&mut self, response: Response) {
        self.all.push(Some(response));
    }

    pub(super) fn sign(&mut self, receipt: Receipt) {
        self.kept.insert(receipt.push);
        self.waiting.push((self.all.len(), receipt));
        self.all.push(None);
        if self.waiting.len() >= SIGNED_TOGETHER {
            let signing = self.signing();
            self.coming.push(Coming::begin(&*self.hands, signing));
        }
    }

    /// The work of signing those that wait.
    fn signing(&mut self) -> impl FnOnce() -> Result<Vec<Signed>> + Send + use<> {
        let (receipts, signer) = (std::mem::take(&mut self.waiting), self.signer.clone());
        move || {
            let (places, receipts): (Vec<_>, Vec<_>) = receipts.into_iter().unzip();
            let signed = signer.sign_all(&receipts)?;
            let places = places.into_iter().zip(receipts).zip(signed);
            let placed = places.map(|((at, receipt), signed)| (at, receipt.push, signed));
            Ok(placed.collect())
        }
    }

    /// Records what was signed.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) fn record<S: Store>(&mut self, store: &mut S, pusher: &Pusher<'_>) -> Result<()> {
        // Nobody does anything else meanwhile: not worth waking a hand.
        let last = self.signing()()?;
        self.kept.clear();
        let mut signed = Vec::new();
        for coming in std::mem::take(&mut self.coming) {
            signed.extend(coming.end()?);
        }
        for (at, push, response) in signed.into_iter().chain(last) {
            if let Response::Received { receipt, signature } = &response {
                let outcome = Outcome::Received {
                    receipt: receipt.clone(),
                    signature: signature.clone(),
                };
                store.record(pusher.device, push, &outcome, pusher.now_ms)?;
            }
            if let Some(place) = self.all.get_mut(at) {
                *place = Some(response);
            }
        }
        Ok(())
    }

    /// All answers; those that were recorded are among them.
    pub(super) fn end(self) -> Vec<Response> {
        self.all.into_iter().flatten().collect()
    }
}
