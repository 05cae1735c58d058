//! Tens of devices and one server in one thread, with a clock and chance of their own: the network
//! loses, doubles, reorders and cuts; devices and server are killed; clocks are wrong. In the end
//! everybody must agree and nothing may be lost. A seed tells the same story each time:
//! `SIM_SEED=7 SIM_SEEDS=1 SIM_TRACE=1 cargo test -p vigie-tests simulation -- --nocapture`.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

mod check;
mod network;
mod people;
mod trouble;
mod world;

use std::sync::Mutex;

use vigie_tests::faulty::{Bug, Sabotage};
use world::World;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// What went wrong with a seed, if anything.
fn run(seed: u64, bug: Option<Bug>) -> Vec<String> {
    let story = std::panic::catch_unwind(|| {
        let mut world = World::new(seed);
        world.hub.sabotage = bug.map(Sabotage::new).into();
        world.live();
        if world.problems.is_empty() {
            world.settle();
        }
        if world.problems.is_empty() {
            world.check();
        }
        (world.problems.clone(), world.tally.clone())
    });
    match story {
        Ok((problems, tally)) => {
            if std::env::var("SIM_TRACE").is_ok() {
                println!("seed {seed}: {tally:?}");
            }
            problems
        }
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            vec![format!("panicked: {}", text.unwrap_or_default())]
        }
    }
}

#[test]
fn whatever_the_network_does_everybody_agrees_and_nothing_is_lost() {
    let first = number("SIM_SEED", 1);
    let count = number("SIM_SEEDS", 1000);
    let next = Mutex::new(first);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = {
                        let mut next = next.lock().unwrap();
                        let seed = *next;
                        *next += 1;
                        seed
                    };
                    if seed >= first + count {
                        return;
                    }
                    let problems = run(seed, None);
                    if !problems.is_empty() {
                        println!("SIM_SEED={seed} SIM_SEEDS=1");
                        for problem in problems.iter().take(8) {
                            println!("    {problem}");
                        }
                        found.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_unstable();
    assert!(found.is_empty(), "seeds that went wrong: {found:?}");
}

/// The simulator earns its trust: a store with any of these bugs is found out.
#[test]
fn every_deliberate_bug_is_found() {
    let left = Mutex::new(Bug::ALL.to_vec());
    let missed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(bug) = left.lock().unwrap().pop() else {
                        return;
                    };
                    let found = (1..=number("SIM_BUG_SEEDS", 200)).find_map(|seed| {
                        run(seed, Some(bug)).into_iter().next().map(|p| (seed, p))
                    });
                    match found {
                        Some((seed, problem)) => println!("{bug:?} by seed {seed}: {problem}"),
                        None => missed.lock().unwrap().push(bug),
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not found: {missed:?}");
}
