//! Processes that are killed for good (`SIGKILL`) in the middle of their work: what was said to be
//! safe is there when they come back. `DEVICE_KILLS=10000 SERVER_KILLS=5000` is the long run.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

mod device;
mod server;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::Duration;

use vigie_tests::chance::Chance;

use crate::support::size_of_run;

/// A process that is killed when dropped.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Victim {
    fn start(arguments: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_crasher"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the crasher starts");
        Self(child)
    }

    /// What it says, line by line, without a line that was cut; each is told as it comes.
    fn lines(&mut self, mut told: impl FnMut(&str)) -> Vec<String> {
        let mut lines = BufReader::new(self.0.stdout.take().expect("its lines"));
        let (mut all, mut line) = (Vec::new(), String::new());
        while lines.read_line(&mut line).unwrap_or(0) > 0 {
            if let Some(whole) = line.strip_suffix('\n') {
                told(whole);
                all.push(whole.to_owned());
            }
            line.clear();
        }
        all
    }
}

/// Kills a process for good after a while; any moment is the right one.
fn doom(process: u32, after: Duration) -> JoinHandle<()> {
    std::thread::spawn(move || {
        std::thread::sleep(after);
        let killed = Command::new("kill")
            .args(["-KILL", &process.to_string()])
            .status();
        assert!(killed.expect("kill").success(), "it was alive");
    })
}

/// So many kills, in lives of `life` kills each with a file of its own, on two threads.
fn lives(name: &str, otherwise: usize, life: usize, live: impl Fn(u64, usize) -> Fallen + Sync) {
    let kills = size_of_run(name, otherwise).expect("a number of kills");
    let next = Mutex::new(0..kills.div_ceil(life));
    let fallen: Mutex<Fallen> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(number) = next.lock().expect("a turn").next() else {
                        return;
                    };
                    let kills = life.min(kills - number * life);
                    let seed = u64::try_from(number).expect("small");
                    let told = live(seed, kills);
                    let mut fallen = fallen.lock().expect("a turn");
                    for (phase, count) in told.0 {
                        *fallen.0.entry(phase).or_default() += count;
                    }
                }
            });
        }
    });
    let fallen = fallen.into_inner().expect("counts").0;
    println!(
        "{name}: {} kills, {fallen:?}",
        fallen.values().sum::<usize>()
    );
    if kills >= 100 {
        for phase in ["push", "pull", "upload"] {
            assert!(
                fallen.contains_key(phase),
                "some fell in `{phase}`: {fallen:?}"
            );
        }
    }
}

/// When a process is killed: a while after it has begun something for the n-th time.
struct Death {
    phase: &'static str,
    times: usize,
    after: Duration,
}

impl Death {
    fn draw(chance: &mut Chance, phases: &[&'static str], micros: usize) -> Self {
        let phase = *chance.pick(phases).expect("one of them");
        Self {
            phase,
            // It starts once.
            times: 1 + chance.below(if phase == "ready" { 1 } else { 3 }),
            after: Duration::from_micros(u64::try_from(chance.below(micros)).expect("small")),
        }
    }

    /// Something begins; whether its time has come.
    fn comes(&mut self, phase: &str) -> bool {
        let counts = phase == self.phase && self.times > 0;
        self.times -= usize::from(counts);
        counts && self.times == 0
    }
}

/// What was being done when it was killed, and how often.
#[derive(Default)]
struct Fallen(BTreeMap<String, usize>);

impl Fallen {
    fn count(&mut self, phase: &str) {
        *self.0.entry(phase.to_owned()).or_default() += 1;
    }
}
