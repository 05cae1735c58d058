//! Every write, sync, truncation and read of what devices and the server do fails: once, for ever,
//! half done, or with the power. Each is tried on a file of its own, under SQLite itself:
//! `FAULT_RUNS=all cargo test -p vigie-tests faults -- --nocapture`.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]

mod device;
mod full;
mod migrate;
mod room;
mod server;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use vigie_core::error::{Code, Result};
use vigie_core::store::blob;
use vigie_core::{Entropy, Error};
use vigie_tests::chance::Chance;
use vigie_tests::faults::{self, Cause, Fault};
use vigie_tests::faulty::Said;

use crate::support::{Folder, size_of_run};

/// Something that devices or the server do, on a file of its own.
struct Case<T> {
    name: &'static str,
    /// The file before; `None` when there is none.
    before: Option<Vec<u8>>,
    /// Opening the file is part of it.
    opens: bool,
    /// Does it, telling each time that something was said to be done or noted.
    run: Run<T>,
}

type Run<T> = Box<dyn Fn(&mut T, &mut dyn FnMut(Said)) -> Result<()> + Send + Sync>;

/// What files of one sort are opened with and looked at.
struct Bench<T> {
    open: fn(&Path) -> Result<T>,
    /// What people look at: this works also when nothing can be written.
    read: fn(&mut T) -> Result<()>,
    cases: Vec<Case<T>>,
}

/// A case as it goes when nothing fails.
struct Measured {
    /// What the file holds: before, and each time that something was said.
    states: Vec<[u8; 32]>,
    /// Which of these lasts each time that something was said: first, that the file is open.
    told: Vec<usize>,
    writes: u64,
    reads: u64,
}

thread_local! {
    static CHANCE: RefCell<Chance> = const { RefCell::new(Chance::new(0)) };
}

/// Random bytes that are the same each time that a case is run.
struct Same;

impl Same {
    fn begin() {
        CHANCE.set(Chance::new(77));
    }
}

impl Entropy for Same {
    fn fill(&mut self, buffer: &mut [u8]) {
        CHANCE.with_borrow_mut(|chance| chance.fill(buffer));
    }
}

/// A digest of every row that is no cache of SQLite's own.
fn digest(file: &Path) -> [u8; 32] {
    let db = Connection::open(file).expect("the file opens");
    let mut tables: Vec<String> = {
        let mut statement = db.prepare("PRAGMA table_list").expect("tables");
        let rows = statement.query_map([], |row| Ok((row.get(1)?, row.get::<_, String>(2)?)));
        rows.expect("tables")
            .map(|row| row.expect("a table"))
            .filter(|(name, sort): &(String, String)| {
                sort == "table" && !name.starts_with("sqlite_")
            })
            .map(|(name, _)| name)
            .collect()
    };
    tables.sort();
    let mut all = String::new();
    for table in tables {
        let mut rows = rows(&db, &table);
        rows.sort();
        all.push_str(&format!("{table}\n{}\n", rows.join("\n")));
    }
    blob::hash(all.as_bytes())
}

fn rows(db: &Connection, table: &str) -> Vec<String> {
    // Which version opened a file last is noted when it is opened to be looked at.
    let only = if table == "setting" {
        " WHERE key <> 'version'"
    } else {
        ""
    };
    let mut statement = db
        .prepare(&format!("SELECT * FROM {table}{only}"))
        .expect("a table");
    // A new organisation has an id of its own each time.
    let columns: Vec<usize> = statement
        .column_names()
        .enumerate()
        .filter(|(_, name)| !(table == "org" && *name == "id"))
        .map(|(index, _)| index)
        .collect();
    let mut rows = statement.query([]).expect("rows");
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let cells = columns.iter().map(|index| match row.get_ref(*index) {
            Ok(ValueRef::Blob(bytes)) => blob::hex(&blob::hash(bytes)),
            cell => format!("{cell:?}"),
        });
        found.push(cells.collect::<Vec<_>>().join("|"));
    }
    found
}

fn integrity(file: &Path) -> String {
    let db = Connection::open(file).expect("the file opens");
    db.query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap_or_else(|error| error.to_string())
}

/// One run's own file.
struct Stage {
    folder: PathBuf,
}

impl Stage {
    fn file(&self) -> PathBuf {
        self.folder.join("file.db")
    }

    fn set<T>(&self, case: &Case<T>) {
        for end in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(
                self.folder.join(format!("file.db{end}")),
            ));
        }
        if let Some(before) = &case.before {
            std::fs::write(self.file(), before).expect("a file");
        }
    }
}

impl<T> Bench<T> {
    fn measure(&self, case: &Case<T>, stage: &Stage) -> Measured {
        let file = stage.file();
        stage.set(case);
        let mut states = vec![digest(&file)];
        let mut told = Vec::new();
        self.play(case, stage, Fault::Torn, &mut |said| {
            let now = digest(&file);
            if states.last() != Some(&now) {
                states.push(now);
            }
            told.push(match said {
                Said::Done => states.len() - 1,
                Said::Noted => told.last().copied().unwrap_or(0),
            });
        });
        // Looking at the file counted too: again, without.
        Measured {
            states,
            told,
            writes: self.play(case, stage, Fault::Torn, &mut |_| ()).0,
            reads: self.play(case, stage, Fault::Unreadable, &mut |_| ()).1,
        }
    }

    /// The case with nothing that fails; how many writes and reads there were.
    fn play(
        &self,
        case: &Case<T>,
        stage: &Stage,
        fault: Fault,
        note: &mut dyn FnMut(Said),
    ) -> (u64, u64) {
        stage.set(case);
        Same::begin();
        let open =
            || (self.open)(&stage.file()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let before = (!case.opens).then(open);
        faults::arm(u64::MAX, fault);
        let mut subject = before.unwrap_or_else(open);
        note(Said::Done);
        let mut last = Said::Done;
        let done = (case.run)(&mut subject, &mut |said| {
            last = said;
            note(said);
        });
        done.unwrap_or_else(|error| panic!("{}: {error}", case.name));
        note(last);
        drop(subject);
        let counted = faults::counted();
        faults::heal().expect("nothing to lose");
        counted
    }

    /// One run with a fault; what is wrong, if anything, and the code that was answered.
    fn strike(
        &self,
        case: &Case<T>,
        measured: &Measured,
        stage: &Stage,
        plan: Plan,
    ) -> Result<Option<Code>, String> {
        stage.set(case);
        let mut story = Story {
            bench: self,
            case,
            measured,
            file: stage.file(),
            said: 0,
            code: None,
        };
        story.first(plan)?;
        if let Some((at, fault)) = plan.second {
            faults::arm(at, fault);
            story.again().or_else(|error| story.typed(&error))?;
            faults::heal().map_err(|error| error.to_string())?;
        }
        story.check()?;
        story
            .again()
            .map_err(|error| format!("with the plain disk: {error}"))?;
        story.check()?;
        if story.said + 1 < measured.states.len() {
            return Err("it was done again and is not done".to_owned());
        }
        Ok(story.code)
    }
}

/// What fails, and what fails while that is put right.
#[derive(Clone, Copy, Debug)]
struct Plan {
    at: u64,
    fault: Fault,
    second: Option<(u64, Fault)>,
}

/// A run as it goes.
struct Story<'a, T> {
    bench: &'a Bench<T>,
    case: &'a Case<T>,
    measured: &'a Measured,
    file: PathBuf,
    /// The latest of the states that was said to be reached.
    said: usize,
    code: Option<Code>,
}

impl<T> Story<'_, T> {
    /// The case, with a fault in it.
    fn first(&mut self, plan: Plan) -> Result<(), String> {
        Same::begin();
        let open = || (self.bench.open)(&self.file);
        let before = (!self.case.opens).then(|| open().expect("the plain disk"));
        faults::arm(plan.at, plan.fault);
        let subject = before.map_or_else(open, Ok);
        match subject {
            Err(error) => self.typed(&error)?,
            Ok(mut subject) => {
                let mut times = 0;
                let done = (self.case.run)(&mut subject, &mut |_| times += 1);
                self.said = match done {
                    Ok(()) => self.measured.told[times + 1],
                    Err(_) => self.measured.told[times],
                };
                if let Err(error) = done {
                    self.typed(&error)?;
                    self.meanwhile(&mut subject, plan.fault)?;
                }
            }
        }
        if !faults::struck() {
            return Err("the fault did not come".to_owned());
        }
        faults::heal().map_err(|error| error.to_string())
    }

    /// Runs the case to its end.
    fn whole(&mut self, subject: &mut T) -> Result<()> {
        (self.case.run)(subject, &mut |_| ())?;
        self.said = self.measured.states.len() - 1;
        Ok(())
    }

    /// What still works while the disk does not.
    fn meanwhile(&mut self, subject: &mut T, fault: Fault) -> Result<(), String> {
        if fault == Fault::Forever(Cause::Full) {
            (self.bench.read)(subject).map_err(|error| format!("on a full disk: {error}"))?;
        }
        if !fault.lasts() {
            Same::begin();
            self.whole(subject)
                .map_err(|error| format!("at once again: {error}"))?;
        }
        Ok(())
    }

    /// The case again, from opening the file.
    fn again(&mut self) -> Result<()> {
        Same::begin();
        let mut subject = (self.bench.open)(&self.file)?;
        self.whole(&mut subject)
    }

    /// Nobody is told of a refusal when a disk fails.
    fn typed(&mut self, error: &Error) -> Result<(), String> {
        self.code = Some(error.code());
        if matches!(error.code(), Code::Storage | Code::DiskFull) {
            return Ok(());
        }
        Err(format!("told as {error}"))
    }

    /// The file is whole, and holds what was said to be done.
    fn check(&mut self) -> Result<(), String> {
        let found = integrity(&self.file);
        if found != "ok" {
            return Err(format!("the file: {found}"));
        }
        let now = digest(&self.file);
        let state = self.measured.states.iter().rposition(|one| *one == now);
        match state {
            None => Err("half of it was done".to_owned()),
            Some(state) if state < self.said => {
                Err(format!("{} was said to be done, {state} is", self.said))
            }
            Some(state) => {
                self.said = state;
                Ok(())
            }
        }
    }
}

/// The faults of every operation of a case.
fn plans(measured: &Measured) -> Vec<Plan> {
    let one = |at, fault| Plan {
        at,
        fault,
        second: None,
    };
    let mut all = Vec::new();
    for at in 1..=measured.writes {
        all.extend(
            [
                Fault::Once(Cause::Broken),
                Fault::Once(Cause::Full),
                Fault::Forever(Cause::Broken),
                Fault::Forever(Cause::Full),
                Fault::Torn,
                Fault::PowerLoss(at),
                Fault::PowerLoss(at + 1000),
            ]
            .map(|fault| one(at, fault)),
        );
    }
    all.extend((1..=measured.reads).map(|at| one(at, Fault::Unreadable)));
    all
}

/// `count` of these, evenly; `None` is all.
fn some<A: Copy>(all: &[A], count: Option<usize>) -> Vec<A> {
    let count = count.map_or(all.len(), |count| count.min(all.len()));
    (0..count)
        .map(|index| all[index * all.len() / count])
        .collect()
}

/// What was tried of a case.
#[derive(Default)]
struct Tally {
    operations: u64,
    runs: usize,
    codes: BTreeMap<&'static str, usize>,
}

/// Tries all plans of all cases, on two threads.
fn try_all<T>(bench: &Bench<T>, what: &str, share: Option<usize>, compound: Option<usize>) {
    faults::install();
    let folder = Folder::in_memory();
    let stage = |name: &str| {
        let folder = folder.path().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Stage { folder }
    };
    let measuring = stage("measure");
    let measured: Vec<Measured> = bench
        .cases
        .iter()
        .map(|case| bench.measure(case, &measuring))
        .collect();
    let mut all: Vec<(usize, Plan)> = Vec::new();
    for (index, measured) in measured.iter().enumerate() {
        all.extend(plans(measured).into_iter().map(|plan| (index, plan)));
    }
    let mut chosen = some(&all, share);
    chosen.extend(doubled(&all, &measured, compound));
    let next = Mutex::new(chosen.into_iter());
    let problems = Mutex::new(Vec::new());
    let tallies: Mutex<BTreeMap<usize, Tally>> = Mutex::default();
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let stage = stage(&format!("{thread}"));
            let (next, problems, tallies, measured) = (&next, &problems, &tallies, &measured);
            scope.spawn(move || {
                loop {
                    let Some((index, plan)) = next.lock().expect("a turn").next() else {
                        return;
                    };
                    let case = &bench.cases[index];
                    let struck = bench.strike(case, &measured[index], &stage, plan);
                    let mut tallies = tallies.lock().expect("a turn");
                    let tally = tallies.entry(index).or_default();
                    tally.operations = measured[index].writes + measured[index].reads;
                    tally.runs += 1;
                    match struck {
                        Ok(code) => {
                            let code = code.map_or("went on", Code::as_str);
                            *tally.codes.entry(code).or_default() += 1;
                        }
                        Err(problem) => {
                            drop(faults::heal());
                            let mut problems = problems.lock().expect("a turn");
                            problems.push(format!("{}: {plan:?}: {problem}", case.name));
                        }
                    }
                }
            });
        }
    });
    let (mut runs, tallies) = (0, tallies.into_inner().expect("tallies"));
    for (index, tally) in &tallies {
        runs += tally.runs;
        let name = bench.cases[*index].name;
        println!(
            "{what} {name:<28} {:>4} operations {:>5} runs {:?}",
            tally.operations, tally.runs, tally.codes
        );
    }
    println!("{what}: {runs} runs of {}", all.len());
    let problems = problems.into_inner().expect("problems");
    let some: Vec<&String> = problems.iter().take(20).collect();
    assert!(
        problems.is_empty(),
        "{} problems: {some:#?}",
        problems.len()
    );
}

/// Crashes, and another fault while they are put right.
fn doubled(
    all: &[(usize, Plan)],
    measured: &[Measured],
    count: Option<usize>,
) -> Vec<(usize, Plan)> {
    let mut chance = Chance::new(5);
    let crashes: Vec<(usize, Plan)> = all
        .iter()
        .copied()
        .filter(|(_, plan)| matches!(plan.fault, Fault::Torn | Fault::PowerLoss(_)))
        .collect();
    some(&crashes, count)
        .into_iter()
        .map(|(index, plan)| {
            let operations = usize::try_from(measured[index].writes).expect("few");
            let at = 1 + chance.below(operations);
            let second = [
                Fault::Once(Cause::Broken),
                Fault::Once(Cause::Full),
                Fault::Forever(Cause::Broken),
                Fault::Forever(Cause::Full),
                Fault::Torn,
                Fault::PowerLoss(chance.bits()),
            ];
            let fault = *chance.pick(&second).expect("one of them");
            let second = Some((u64::try_from(at).expect("few"), fault));
            (index, Plan { second, ..plan })
        })
        .collect()
}

/// Of `FAULT_RUNS`, what falls to each of the two sorts of files; of `FAULT_COMPOUND` too.
fn shares() -> (Option<usize>, Option<usize>) {
    (
        size_of_run("FAULT_RUNS", 1300).map(|all| all / 2),
        size_of_run("FAULT_COMPOUND", 200).map(|all| all / 2),
    )
}
