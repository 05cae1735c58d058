//! What a change builds on: how far its own history reaches into each actor's chain.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::history::History;
use super::limits::LIMITS;
use super::refusal::{Code, Refusal};

/// Most entries of clocks kept at once, all clocks together: 2 MiB.
const CLOCK_ENTRIES_KEPT: usize = 512 * 1024;

/// How far into each actor's chain a history reaches, by the actor's index; missing is zero.
pub(super) type Clock = Arc<Vec<u32>>;

/// What a change builds on.
pub(super) enum Closure {
    /// Everything added before it.
    Everything,
    /// Part of it.
    Part(Clock),
}

impl History {
    /// What a change with these dependencies builds on; it must include the actor's previous one.
    pub(super) fn closure(
        &mut self,
        actor: u32,
        seq: u64,
        deps: &[usize],
    ) -> Result<Closure, Refusal> {
        if self.are_heads(deps) {
            return Ok(Closure::Everything);
        }
        let clock = self.clock(deps)?;
        let place = usize::try_from(actor).unwrap_or(usize::MAX);
        let reached = clock.get(place).copied().unwrap_or(0);
        if u64::from(reached).saturating_add(1) != seq {
            return Err(Refusal::new(
                Code::OwnChangeMissing,
                "does not build on the actor's previous change",
            ));
        }
        // What is pushed next often builds on this change, and then asks for its clock.
        let mut own = clock.as_ref().clone();
        if let Some(place) = own.get_mut(place) {
            *place = u32::try_from(seq).unwrap_or(u32::MAX);
        }
        self.keep(self.nodes.len(), Arc::new(own));
        Ok(Closure::Part(clock))
    }

    fn keep(&mut self, index: usize, clock: Clock) {
        let entries = |clocks: usize| clocks.saturating_mul(self.chains.len());
        while entries(self.clocks.len()) >= CLOCK_ENTRIES_KEPT && self.clocks.len() > 1 {
            self.clocks.pop_first();
        }
        self.clocks.insert(index, clock);
    }

    fn step(&mut self, steps: usize) -> Result<(), Refusal> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > LIMITS.push_history_steps {
            return Err(Refusal::new(Code::HistoryTooTangled, "too many steps"));
        }
        Ok(())
    }

    /// How far the histories of these changes, themselves included, reach together.
    fn clock(&mut self, deps: &[usize]) -> Result<Clock, Refusal> {
        let mut clock = vec![0_u32; self.chains.len()];
        let mut visited: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = deps.to_vec();
        while let Some(index) = open.pop() {
            if !visited.insert(index) {
                continue;
            }
            if let Some(known) = self.known_clock(index) {
                // Merging a clock is far cheaper than as many steps.
                self.step((known.len() / 16).saturating_add(1))?;
                for (place, value) in clock.iter_mut().zip(known.iter()) {
                    *place = (*place).max(*value);
                }
                continue;
            }
            self.step(1)?;
            let Some(node) = self.nodes.get(index) else {
                continue;
            };
            if let Some(place) = usize::try_from(node.actor)
                .ok()
                .and_then(|actor| clock.get_mut(actor))
            {
                *place = (*place).max(node.seq);
            }
            open.extend_from_slice(&node.deps);
        }
        let clock = Arc::new(clock);
        if let [only] = deps {
            self.keep(*only, Arc::clone(&clock));
        }
        Ok(clock)
    }

    /// The clock of one change, itself included, where no walk is needed to tell it.
    fn known_clock(&self, index: usize) -> Option<Clock> {
        if let Some(known) = self.clocks.get(&index) {
            return Some(Arc::clone(known));
        }
        if !self.nodes.get(index)?.everything {
            return None;
        }
        let reached = self.chains.iter().map(|chain| {
            u32::try_from(chain.partition_point(|other| *other <= index)).unwrap_or(u32::MAX)
        });
        Some(Arc::new(reached.collect()))
    }

    /// Whether these are all the latest changes.
    pub(super) fn are_heads(&self, deps: &[usize]) -> bool {
        deps.len() == self.heads.len() && deps.iter().all(|dep| self.heads.contains(dep))
    }
}
