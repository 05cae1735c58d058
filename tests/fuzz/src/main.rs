//! libFuzzer over one of `vigie_tests::fuzz::TARGETS`, which `VIGIE_FUZZ` names. With `VIGIE_FUZZ_SEEDS`,
//! it writes what to begin with into that folder, and ends.

#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use vigie_tests::counted::Counted;
use vigie_tests::fuzz::Target;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

static TARGET: OnceLock<&'static Target> = OnceLock::new();

/// Chooses the target. A panic that the gate catches is an outcome; every other one ends the program.
fn begin() {
    std::panic::set_hook(Box::new(|panic| {
        if !vigie_core::gate::is_guarded() {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
    let name = std::env::var("VIGIE_FUZZ").expect("VIGIE_FUZZ names a target");
    let target = Target::named(&name).expect("a target of that name");
    if let Ok(folder) = std::env::var("VIGIE_FUZZ_SEEDS") {
        for (number, seed) in (target.seeds)().iter().enumerate() {
            let path = Path::new(&folder).join(format!("seed-{number:04}"));
            std::fs::write(path, seed).expect("a seed is written");
        }
        std::process::exit(0);
    }
    // What is made once is made before memory is counted.
    target.attempt(&[]);
    TARGET.get_or_init(|| target);
}

libfuzzer_sys::fuzz_target!(init: begin(), |input: &[u8]| {
    if let Some(target) = TARGET.get() {
        target.attempt(input);
    }
});
