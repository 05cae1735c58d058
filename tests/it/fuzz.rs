//! Every decoder that meets a network, tried with what is kept and a little beside it: the same inputs
//! each time. `FUZZ_TRIES` says how many mutations of each target; `tests/fuzz/run` goes on for longer.

use vigie_tests::chance::Chance;
use vigie_tests::fuzz::{TARGETS, Target, mutate};

/// Tries all that is kept of a target, and `tries` mutations.
fn replay(name: &str, tries: usize) {
    let target = Target::named(name).expect(name);
    let mut inputs = (target.seeds)();
    assert!(!inputs.is_empty(), "`{name}` begins with something");
    for folder in ["corpus", "found"] {
        let kept = target.kept(folder).expect("its files");
        inputs.extend(kept.into_iter().map(|(_, content)| content));
    }
    for input in &inputs {
        attempt(target, input);
    }
    let tries = std::env::var("FUZZ_TRIES").map_or(tries, |tries| {
        tries.parse().expect("FUZZ_TRIES is a number")
    });
    let mut chance = Chance::new(1);
    for _ in 0..tries {
        let input = chance.pick(&inputs).expect("an input");
        let other = chance.pick(&inputs).expect("another");
        attempt(target, &mutate(input, other, target.longest, &mut chance));
    }
    println!("{tries} mutations of {} inputs of `{name}`", inputs.len());
}

/// Tries it; one that goes wrong is printed, to be kept in `tests/fuzz/found/`.
fn attempt(target: &Target, input: &[u8]) {
    let tried = std::panic::catch_unwind(|| target.attempt(input));
    if let Err(panic) = tried {
        let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
        let (name, text) = (target.name, String::from_utf8_lossy(input));
        println!("`{name}` goes wrong with {hex}\n{text}");
        std::panic::resume_unwind(panic);
    }
}

macro_rules! targets {
    ($($name:ident $tries:literal)*) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name), $tries);
            }
        )*

        #[test]
        fn every_target_is_replayed() {
            let replayed = [$(stringify!($name)),*];
            let all: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(all, replayed, "each has a line in this list");
        }
    };
}

targets! {
    change 20_000
    gate 6_000
    document 4_000
    stream 1_000
    request 1_500
    answer 200
    pack 2_000
    form 4_000
    kind 4_000
    upload 20_000
    code 20_000
    ledger 20_000
}
