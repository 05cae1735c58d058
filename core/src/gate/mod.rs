//! The gate: decides whether raw Automerge changes from a device that may be hostile can touch a
//! document.
//!
//! Automerge is built for peers that trust each other: 12 to 90 chosen bytes can panic it, hang it,
//! take gigabytes or make a document unloadable for everybody. So nothing from outside meets
//! Automerge before it went through here, on the server and on devices alike, in three layers:
//!
//! * **(a)** [`inspect()`] reads the bytes of one change by hand, within [`LIMITS`], and accepts only
//!   the one encoding that Automerge itself writes for these operations. Bounded time and memory.
//! * **(b)** [`admit()`] holds the change against the document: the actor's next sequence number,
//!   `start_op` one above everything the change builds on, every object, element and overwritten
//!   value known *inside the change's own history*, of the right sort and place, not too deep.
//! * **(c)** [`admit()`] then applies the push to a copy, saves it, loads it again and compares the
//!   heads; a panic inside Automerge is caught and is a refusal. Only then may the caller swap the
//!   new body in.
//!
//! Two people who edit offline from the same heads are both accepted. What the gate does *not*
//! decide: whether the actor belongs to the sender and whether the sender may write these paths;
//! [`Admitted::before`], [`Admitted::after`] and [`Admitted::conflicts_after`] are what the caller's
//! rule needs for that.
//!
//! Narrower than Automerge on purpose: no marks, no tables, nothing in texts but characters inserted
//! and deleted, no non-finite numbers, no author footer, no empty changes, no timestamps, no isolated transactions. Our own
//! documents use none of them. A device sends `Change::raw_bytes()`, never `Change::bytes()`, which
//! compresses.
//!
//! Panics caught here still run the process's panic hook, because only a global hook could stop
//! that. A shell that installs one can ask [`is_guarded`] and stay quiet.

mod admit;
mod bytes;
mod chunk;
mod closure;
mod column;
mod decode;
mod guard;
mod history;
mod inspect;
mod limits;
mod operation;
mod reference;
mod refusal;
mod single;
mod stored;
mod table;
mod view;

#[cfg(test)]
mod tests;

pub use admit::{Admitted, Gate, admit};
pub use chunk::{bare, split, whole};
pub use guard::is_guarded;
pub use inspect::{Inspected, Touched, inspect};
pub use limits::{Actor, LIMITS, Limits};
pub use refusal::{Code, Refusal};
pub use single::save;
pub use stored::{Read, open_document, read_document};
pub use view::{conflicts, view};
