//! The history of one document: who wrote which change, on top of what.
//!
//! Every change in it, stored or just pushed, contains its actor's previous change in its own
//! history, and numbers its operations from one above everything in that history. So the history of
//! a change is fully described by how far it reaches into each actor's chain (a *clock*), and its
//! highest operation is that of one of its direct dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::ChangeMetadata;

use super::closure::{Clock, Closure};
use super::inspect::Inspected;
use super::limits::{Actor, LIMITS};
use super::operation::Operations;
use super::reference::{self, Objects, Seen, seen};
use super::refusal::{Code, Refusal};
use super::stored::Chunk;
use super::table::Table;

/// An operation id within a document: an index into [`History::actors`] and a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OpId {
    pub(super) actor: u32,
    pub(super) counter: u32,
}

/// One change.
pub(super) struct Node {
    pub(super) actor: u32,
    pub(super) seq: u32,
    start_op: u64,
    count: u64,
    pub(super) deps: Vec<usize>,
    /// Whether it built on every change before it, here.
    pub(super) everything: bool,
    content: Content,
}

/// The operations of a change.
enum Content {
    /// They are in [`History::table`].
    Stored,
    Pushed(Contents),
}

/// What is inside a pushed change.
#[derive(Clone)]
pub(super) struct Contents {
    pub(super) operations: Arc<Operations>,
    /// What the change's own actor indexes mean in the document.
    pub(super) actors: Arc<[u32]>,
    pub(super) start_op: u64,
}

/// One document's changes.
#[derive(Default)]
pub(super) struct History {
    actors: BTreeMap<Actor, u32>,
    /// Each actor's changes in order of sequence number.
    pub(super) chains: Vec<Vec<usize>>,
    pub(super) nodes: Vec<Node>,
    hashes: BTreeMap<[u8; 32], usize>,
    pub(super) heads: BTreeSet<usize>,
    operations: usize,
    pub(super) clocks: BTreeMap<usize, Clock>,
    pub(super) steps: usize,
    pub(super) objects: Objects,
    table: Table,
}

impl History {
    /// The history of a stored document: its chunk, and its changes in an order in which none comes
    /// before what it builds on.
    pub(super) fn stored(
        chunk: &Chunk<'_>,
        changes: Vec<ChangeMetadata<'_>>,
    ) -> Result<Self, Refusal> {
        let mut history = Self::default();
        for change in changes {
            let unreadable = |what: &str| Refusal::new(Code::DocumentUnreadable, what);
            let actor = <Actor>::try_from(change.actor.to_bytes())
                .map_err(|error| Refusal::new(Code::DocumentUnreadable, error.to_string()))?;
            let actor = history.actor(actor);
            let deps: Option<Vec<usize>> = change
                .deps
                .iter()
                .map(|dep| history.hashes.get(&dep.0).copied())
                .collect();
            let deps = deps.ok_or_else(|| unreadable("a change before what it builds on"))?;
            let hash = change.hash.0;
            let node = Node {
                actor,
                seq: u32::try_from(change.seq).unwrap_or(u32::MAX),
                start_op: change.start_op,
                count: change
                    .max_op
                    .saturating_add(1)
                    .saturating_sub(change.start_op),
                everything: history.are_heads(&deps),
                deps,
                content: Content::Stored,
            };
            if u64::from(node.seq) != history.next_seq(actor) {
                return Err(unreadable("a chain of changes with a gap"));
            }
            history.push(hash, node);
        }
        history.table = Table::read(chunk, &history.actors)?;
        Ok(history)
    }

    /// Adds a pushed change if it is new and fits; `false` when it was already there.
    pub(super) fn add(&mut self, change: &Inspected) -> Result<bool, Refusal> {
        if self.hashes.contains_key(&change.hash) {
            return Ok(false);
        }
        let actor = self.actor(change.actor);
        let expected = self.next_seq(actor);
        if change.seq != expected {
            let code = if change.seq < expected {
                Code::SeqTaken
            } else {
                Code::SeqGap
            };
            return Err(Refusal::new(
                code,
                format!("{} where {expected} is next", change.seq),
            ));
        }
        let mut deps = Vec::with_capacity(change.deps.len());
        let mut reached = 0_u64;
        for dep in &change.deps {
            let Some((index, node)) = self
                .hashes
                .get(dep)
                .and_then(|index| Some((*index, self.nodes.get(*index)?)))
            else {
                return Err(Refusal::new(
                    Code::DepUnknown,
                    "a dependency that is not here",
                ));
            };
            deps.push(index);
            let max = node.start_op.saturating_add(node.count).saturating_sub(1);
            reached = reached.max(max);
        }
        self.within_limits(change)?;
        let closure = self.closure(actor, change.seq, &deps)?;
        let first = reached.saturating_add(1);
        if change.start_op != first {
            return Err(Refusal::new(
                Code::StartOp,
                format!("{} where {first} follows", change.start_op),
            ));
        }
        let mut actors = vec![actor];
        for other in &change.others {
            let Some(index) = self.actors.get(other) else {
                return Err(Refusal::new(
                    Code::ReferenceUnknown,
                    "an actor that is not here",
                ));
            };
            actors.push(*index);
        }
        let contents = Contents {
            operations: Arc::clone(&change.operations),
            actors: actors.into(),
            start_op: change.start_op,
        };
        let node = Node {
            actor,
            seq: u32::try_from(change.seq).unwrap_or(u32::MAX),
            start_op: change.start_op,
            count: change.operations.list.len() as u64,
            deps,
            everything: matches!(closure, Closure::Everything),
            content: Content::Pushed(contents.clone()),
        };
        let index = self.push(change.hash, node);
        reference::check(self, index, &contents, &closure)?;
        Ok(true)
    }

    /// The hashes of the latest changes, ascending.
    pub(super) fn heads(&self) -> Vec<[u8; 32]> {
        self.hashes
            .iter()
            .filter(|(_, index)| self.heads.contains(index))
            .map(|(hash, _)| *hash)
            .collect()
    }

    /// Operations ever made, deletions included.
    pub(super) const fn operations(&self) -> usize {
        self.operations
    }

    /// Changes.
    pub(super) const fn changes(&self) -> usize {
        self.nodes.len()
    }

    fn within_limits(&self, change: &Inspected) -> Result<(), Refusal> {
        let operations = self.operations.saturating_add(change.operations.list.len());
        if operations > LIMITS.document_ops {
            return Err(Refusal::new(
                Code::DocumentTooManyOps,
                format!("{operations}"),
            ));
        }
        if self.nodes.len() >= LIMITS.document_changes {
            return Err(Refusal::new(
                Code::DocumentTooManyChanges,
                "no more changes",
            ));
        }
        if self.actors.len() > LIMITS.document_actors {
            return Err(Refusal::new(Code::DocumentTooManyActors, "no more actors"));
        }
        Ok(())
    }

    fn actor(&mut self, actor: Actor) -> u32 {
        if let Some(index) = self.actors.get(&actor) {
            return *index;
        }
        let index = u32::try_from(self.chains.len()).unwrap_or(u32::MAX);
        self.actors.insert(actor, index);
        self.chains.push(Vec::new());
        index
    }

    fn chain(&self, actor: u32) -> &[usize] {
        usize::try_from(actor)
            .ok()
            .and_then(|actor| self.chains.get(actor))
            .map_or(&[], Vec::as_slice)
    }

    fn next_seq(&self, actor: u32) -> u64 {
        (self.chain(actor).len() as u64).saturating_add(1)
    }

    fn push(&mut self, hash: [u8; 32], node: Node) -> usize {
        let index = self.nodes.len();
        if let Some(chain) = usize::try_from(node.actor)
            .ok()
            .and_then(|actor| self.chains.get_mut(actor))
        {
            chain.push(index);
        }
        for dep in &node.deps {
            self.heads.remove(dep);
        }
        self.heads.insert(index);
        self.operations = self
            .operations
            .saturating_add(usize::try_from(node.count).unwrap_or(usize::MAX));
        self.nodes.push(node);
        self.hashes.insert(hash, index);
        index
    }

    /// The change, among those that `current` may see, that holds an operation: its index.
    pub(super) fn holder(
        &self,
        id: OpId,
        current: usize,
        closure: &Closure,
    ) -> Result<usize, Refusal> {
        let unknown = || Refusal::new(Code::ReferenceUnknown, "an operation that is not here");
        let chain = self.chain(id.actor);
        let after = chain.partition_point(|index| {
            self.nodes
                .get(*index)
                .is_some_and(|node| node.start_op <= u64::from(id.counter))
        });
        let index = after
            .checked_sub(1)
            .and_then(|place| chain.get(place))
            .copied()
            .ok_or_else(unknown)?;
        let node = self.nodes.get(index).ok_or_else(unknown)?;
        if u64::from(id.counter) >= node.start_op.saturating_add(node.count) {
            return Err(unknown());
        }
        let seen = index == current
            || match closure {
                Closure::Everything => true,
                Closure::Part(clock) => usize::try_from(node.actor)
                    .ok()
                    .and_then(|actor| clock.get(actor))
                    .is_some_and(|reached| *reached >= node.seq),
            };
        if seen { Ok(index) } else { Err(unknown()) }
    }

    /// An operation of the change at `holder`.
    pub(super) fn look(&self, id: OpId, holder: usize) -> Result<Seen, Refusal> {
        let beyond = || Refusal::new(Code::ReferenceUnknown, "beyond its change");
        match &self.nodes.get(holder).ok_or_else(beyond)?.content {
            Content::Stored => Ok(self.table.seen(id)),
            Content::Pushed(contents) => {
                let offset = u64::from(id.counter)
                    .checked_sub(contents.start_op)
                    .and_then(|offset| usize::try_from(offset).ok());
                let operation = offset.and_then(|offset| contents.operations.list.get(offset));
                seen(operation.ok_or_else(beyond)?, &contents.actors)
            }
        }
    }
}
