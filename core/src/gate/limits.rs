//! The one table of limits. Everything else in the product that needs one of them reads it here.

/// Who writes in a document, on one device: random bytes. They tell apart the few who write in one
/// document, never documents, so eight are enough (ADR 11).
pub type Actor = [u8; LIMITS.actor_bytes];

/// How much of anything the gate lets through. Sizes in bytes, the rest are counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One pushed change, header included.
    pub change_bytes: usize,
    /// Operations in one change.
    pub change_ops: usize,
    /// Overwritten operations named by one change, all its operations together.
    pub change_preds: usize,
    /// Dependencies named by one change.
    pub change_deps: usize,
    /// Actors named by one change besides its own.
    pub change_actors: usize,
    /// Length of every actor id: exactly this.
    pub actor_bytes: usize,
    /// The message of a change, in bytes of UTF-8.
    pub message_bytes: usize,
    /// One key of a map, in bytes of UTF-8.
    pub key_bytes: usize,
    /// Highest operation number, and highest sequence number.
    pub op_counter: u64,
    /// Containers below the root: the root map is at depth 0, a map in it at depth 1.
    pub depth: usize,
    /// Absolute value of a counter when it is written, so that no sum of increments overflows.
    pub counter_value: u64,
    /// Absolute value of one increment.
    pub increment_value: u64,
    /// One whole document, saved without compression.
    pub document_bytes: usize,
    /// Operations ever made in one document, deletions included.
    pub document_ops: usize,
    /// Changes in one document.
    pub document_changes: usize,
    /// Actors in one document.
    pub document_actors: usize,
    /// What one document weighs: an estimate, in bytes, of the memory that loading it takes, from
    /// its operations, its changes and its length. See [`Limits::weight`].
    pub document_weight: usize,
    /// Bytes of keys and texts in the JSON view of one document.
    pub view_bytes: usize,
    /// Values in the JSON view of one document, containers included.
    pub view_items: usize,
    /// Conflicting paths reported for one document.
    pub conflicts: usize,
    /// Changes in one push to one document.
    pub push_changes: usize,
    /// Operations in one push, all its changes together.
    pub push_ops: usize,
    /// Steps through the history of a document that one push may cost.
    pub push_history_steps: usize,
}

impl Limits {
    /// What a document weighs: bytes. Measured on Automerge 0.12: loading takes some 92 bytes for each
    /// operation and 1,750 for each change, besides three copies of the bytes.
    #[must_use]
    pub const fn weight(operations: usize, changes: usize, bytes: usize) -> usize {
        operations
            .saturating_mul(92)
            .saturating_add(changes.saturating_mul(1_750))
            .saturating_add(bytes.saturating_mul(3))
    }
}

/// The limits in force, on devices and servers alike. Raising one is compatible; lowering one
/// strands devices that hold work made under the old one.
///
/// Why they are what they are: `docs/adr/0009-how-much-may-one-document-weigh.md`.
pub const LIMITS: Limits = Limits {
    change_bytes: 256 * 1024,
    change_ops: 4_096,
    change_preds: 4_096,
    change_deps: 64,
    change_actors: 64,
    actor_bytes: 8,
    message_bytes: 256,
    key_bytes: 256,
    op_counter: 1 << 31,
    depth: 16,
    counter_value: 1 << 53,
    increment_value: 1 << 31,
    document_bytes: 2 * 1024 * 1024,
    document_ops: 94_000,
    document_changes: 8_192,
    document_actors: 1_024,
    document_weight: 16 * 1024 * 1024,
    view_bytes: 1_536 * 1024,
    view_items: 25_000,
    conflicts: 256,
    push_changes: 512,
    push_ops: 8_192,
    push_history_steps: 400_000,
};
