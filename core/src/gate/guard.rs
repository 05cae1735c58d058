//! Calls into Automerge that may panic.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::refusal::{Code, Refusal};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a call whose panic the gate catches and turns into a refusal. A
/// panic hook that asks this first can stay quiet.
///
/// ```
/// assert!(!vigie_core::gate::is_guarded());
/// ```
#[must_use]
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `work`; a panic in it becomes a refusal with `code`.
///
/// Everything that `work` changes must be thrown away after a refusal: it works on copies only.
pub(super) fn guarded<T>(code: Code, work: impl FnOnce() -> T) -> Result<T, Refusal> {
    let outer = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    outcome.map_err(|payload| Refusal::new(code, message(payload.as_ref())))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    text.chars().take(200).collect()
}
