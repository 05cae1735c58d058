//! What became of the pushes that were tried, all threads together.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use vigie_core::gate::Code;

/// What became of a push.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// It was let in.
    Taken,
    /// All of it was there already.
    Known,
    /// It passed the gate; the rule of the document's kind does not allow it.
    Ruled,
    /// The gate did not let it in.
    Refused(Code),
}

const CODES: usize = Code::ALL.len();
static ENDS: [AtomicU64; CODES + 3] = [const { AtomicU64::new(0) }; CODES + 3];

/// The layers of the gate, each up to its last reason.
const LAYERS: [(&str, Code); 7] = [
    ("chunk", Code::NumberOverflow),
    ("fields", Code::ActorUnused),
    ("columns", Code::UnexpectedNull),
    ("operations", Code::ReferenceForward),
    ("automerge", Code::NotCanonical),
    ("history", Code::DocumentTooManyActors),
    ("copy", Code::DocumentPanicked),
];

pub(super) fn count(end: End) {
    let place = match end {
        End::Refused(code) => code as usize,
        End::Taken => CODES,
        End::Known => CODES + 1,
        End::Ruled => CODES + 2,
    };
    ENDS[place].fetch_add(1, Relaxed);
}

fn counted(place: usize) -> u64 {
    ENDS[place].load(Relaxed)
}

/// How many pushes were tried.
#[must_use]
pub fn pushes() -> u64 {
    (0..ENDS.len()).map(counted).sum()
}

/// How many were let in, and how many were refused why: a line for each layer of the gate.
#[must_use]
pub fn tally() -> String {
    let mut text = format!(
        "let in {}, known already {}, not allowed by the kind's rule {}\n",
        counted(CODES),
        counted(CODES + 1),
        counted(CODES + 2)
    );
    let mut from = 0;
    for (layer, last) in LAYERS {
        let codes = &Code::ALL[from..=last as usize];
        from = last as usize + 1;
        let met = codes.iter().filter(|code| counted(**code as usize) > 0);
        let met: Vec<String> = met
            .map(|code| format!("{} {}", code.as_str(), counted(*code as usize)))
            .collect();
        let all: u64 = codes.iter().map(|code| counted(*code as usize)).sum();
        text.push_str(&format!("{layer} {all}: {}\n", met.join(", ")));
    }
    text
}
