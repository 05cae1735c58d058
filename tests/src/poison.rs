//! The catalogue of poison: changes that would panic, hang, blow up or brick an Automerge document, or
//! wedge its authors, built byte by byte, each with the reason for which the gate refuses it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    clippy::unwrap_used,
    missing_docs,
    reason = "numbers are bent on purpose; what cannot be built fails whatever uses it"
)]

mod build;
mod bytes;
mod columns;
mod operations;
mod references;
mod size;

pub use build::*;
use vigie_core::gate::Code;

/// A push that looks harmful.
#[derive(Clone, Debug)]
pub struct Poison {
    /// What it is.
    pub name: String,
    /// The document it is pushed to; a new one when `None`.
    pub before: Option<Vec<u8>>,
    /// The raw changes.
    pub push: Vec<Vec<u8>>,
    /// Why it is refused; `None` for its harmless counterpart, which must pass.
    pub code: Option<Code>,
}

/// Every poison, and what is near to one and none.
#[must_use]
pub fn catalogue() -> Vec<Poison> {
    [
        bytes::all(),
        columns::all(),
        operations::all(),
        references::all(),
        size::all(),
    ]
    .concat()
}

/// A change of one number: the healthy body that most poisons are made from.
#[must_use]
pub fn healthy() -> Draft {
    Draft::new(&[Op::put("k")])
}

/// Single changes to a new document.
fn listed(list: Vec<(&str, Vec<u8>, Code)>) -> Vec<Poison> {
    let mut out = Vec::new();
    for (name, bytes, code) in list {
        into(&mut out, name, None, &[bytes], Some(code));
    }
    out
}

/// One push to a document.
fn into(
    out: &mut Vec<Poison>,
    name: &str,
    before: Option<&[u8]>,
    push: &[Vec<u8>],
    code: Option<Code>,
) {
    out.push(Poison {
        name: name.to_owned(),
        before: before.map(<[u8]>::to_vec),
        push: push.to_vec(),
        code,
    });
}
