//! Every decoder that meets a network, tried with what is kept and a little beside it: the same inputs
//! each time. `FUZZ_TRIES` says how many mutations of each target, and how many pushes to documents, in
//! stories numbered from `FUZZ_FIRST` on; `tests/fuzz/run` goes on for longer.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use vigie_core::Entropy as _;
use vigie_tests::chance::Chance;
use vigie_tests::fuzz::{self, TARGETS, Target, mutate};

/// What a story may take when many are told. One has some 90 pushes.
const STORY_MAX: Duration = Duration::from_secs(1);
/// The memory that they may take all together: MiB.
const MEMORY_MAX: u64 = 512;

/// Tries all that is kept of a target; the target, and what was tried.
fn kept(name: &str) -> (&'static Target, Vec<Vec<u8>>) {
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
    (target, inputs)
}

/// Tries all that is kept of a target, and `tries` mutations.
fn replay(name: &str, tries: usize) {
    let (target, inputs) = kept(name);
    let tries = asked().unwrap_or(tries);
    let mut chance = Chance::new(1);
    for _ in 0..tries {
        let input = chance.pick(&inputs).expect("an input");
        let other = chance.pick(&inputs).expect("another");
        attempt(target, &mutate(input, other, target.longest, &mut chance));
    }
    println!("{tries} mutations of {} inputs of `{name}`", inputs.len());
}

/// How many tries were asked for.
fn asked() -> Option<usize> {
    number("FUZZ_TRIES")
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().ok().expect("a number"))
}

/// The gate: what is kept, then so many pushes to documents that have a history, in stories with a number
/// each, on as many threads as there are processors.
#[test]
fn gate() {
    let target = kept("gate").0;
    let tries = asked().unwrap_or(4_000) as u64;
    let first = number("FUZZ_FIRST").unwrap_or(0);
    let (next, slowest) = (AtomicU64::new(first), AtomicU64::new(0));
    let before = fuzz::pushes();
    let work = || {
        while fuzz::pushes() - before < tries {
            let mut chance = Chance::new(next.fetch_add(1, Relaxed));
            let mut story = vec![0; target.longest];
            chance.fill(&mut story);
            let took = timed(target, &story);
            if asked().is_some() {
                assert!(took <= STORY_MAX, "{took:?} for {story:02x?}");
            }
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            slowest.fetch_max(millis, Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().expect("nothing goes wrong");
        }
    });
    let memory = memory_most();
    println!(
        "{} pushes in {} stories from {first} on, the slowest {} ms; {memory} MiB at most; {}",
        fuzz::pushes() - before,
        next.load(Relaxed) - first,
        slowest.load(Relaxed),
        fuzz::tally()
    );
    if asked().is_some() {
        assert!(memory <= MEMORY_MAX, "{memory} MiB");
    }
}

/// The most memory that this program ever had: MiB.
fn memory_most() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

fn timed(target: &Target, input: &[u8]) -> Duration {
    let begin = worked();
    attempt(target, input);
    worked().saturating_sub(begin)
}

/// How long this thread has had a processor: on a busy machine the clock says nothing of it.
fn worked() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
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
            let mut names = TARGETS.iter().map(|target| target.name);
            let left = names.find(|name| *name != "gate" && !replayed.contains(name));
            assert_eq!(left, None, "each has a line in this list");
        }
    };
}

targets! {
    change 20_000
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
