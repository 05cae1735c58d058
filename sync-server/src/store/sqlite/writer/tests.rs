//! What turns come to that share a transaction.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use super::*;

/// A file with one table, and its writer.
struct Desk {
    folder: PathBuf,
    writer: Writer,
}

impl Desk {
    fn new(name: &str) -> Self {
        let folder = format!("vigie-writer-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let db = Connection::open(folder.join("db")).expect("a file");
        db.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE said(what TEXT PRIMARY KEY)")
            .expect("a table");
        Self {
            folder,
            writer: Writer::new(db, Duration::MAX),
        }
    }

    /// What lasts.
    fn lasts(&self) -> Vec<String> {
        let db = Connection::open(self.folder.join("db")).expect("a file");
        let mut statement = db
            .prepare("SELECT what FROM said ORDER BY what")
            .expect("it");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("text")).collect()
    }

    fn until_somebody_waits(&self) {
        while self.writer.waiting.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
    }

    /// The first has its turn, the second waits for it; then the first commits, and `then` has the
    /// second's turn. What the first was told.
    fn first_then(&self, then: impl FnOnce(Turn<'_>) + Send) -> Result<()> {
        let (begun, first_began) = mpsc::channel();
        thread::scope(|scope| {
            let first = scope.spawn(move || {
                let turn = self.writer.join(Lasts::Always)?;
                say(&turn, "first");
                begun.send(()).expect("heard");
                self.until_somebody_waits();
                turn.commit()
            });
            first_began.recv().expect("said");
            then(self.writer.join(Lasts::Always).expect("a turn"));
            first.join().expect("ended")
        })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn say(turn: &Turn<'_>, what: &str) {
    let db = turn.db().expect("a turn");
    db.execute("INSERT INTO said VALUES(?1)", [what])
        .expect("written");
}

#[test]
fn what_is_written_while_somebody_waits_lasts_with_their_commit() {
    let desk = Desk::new("shared");
    let told = desk.first_then(|second| {
        assert!(desk.lasts().is_empty(), "the first is not told yet");
        say(&second, "second");
        second.commit().expect("both");
    });
    assert_eq!((told, desk.lasts().len()), (Ok(()), 2));
}

#[test]
fn a_turn_that_is_undone_takes_nothing_from_those_before_it() {
    let desk = Desk::new("undone");
    let told = desk.first_then(|second| say(&second, "second"));
    assert_eq!(told, Ok(()));
    assert_eq!(desk.lasts(), ["first"]);
    desk.writer
        .join(Lasts::Always)
        .expect("a turn")
        .commit()
        .expect("goes on");
}

#[test]
fn a_turn_of_its_own_comes_after_those_that_share() {
    let desk = Desk::new("alone");
    let told = desk.first_then(|second| {
        say(&second, "second");
        thread::scope(|scope| {
            let third = scope.spawn(|| {
                let turn = desk.writer.alone()?;
                assert_eq!(desk.lasts(), ["first", "second"]);
                say(&turn, "third");
                drop(turn);
                Ok::<(), Error>(())
            });
            desk.until_somebody_waits();
            second.commit().expect("both");
            third.join().expect("ended").expect("its turn");
        });
    });
    assert_eq!(told, Ok(()));
    assert_eq!(desk.lasts(), ["first", "second"]);
}

#[test]
fn nobody_waits_for_who_comes_after_a_turn_of_its_own_or_too_late() {
    for (name, shared_for, alone) in [
        ("own", Duration::MAX, true),
        ("late", Duration::ZERO, false),
    ] {
        let mut desk = Desk::new(name);
        desk.writer.shared_for = shared_for;
        let begin = || match alone {
            true => desk.writer.alone(),
            false => desk.writer.join(Lasts::Always),
        };
        thread::scope(|scope| {
            let turn = begin().expect("a turn");
            say(&turn, "first");
            let next = scope.spawn(|| {
                let turn = desk.writer.join(Lasts::Always)?;
                assert_eq!(desk.lasts(), ["first"], "{name}");
                turn.commit()
            });
            desk.until_somebody_waits();
            turn.commit().expect("it alone");
            next.join().expect("ended").expect("nothing");
        });
    }
}

#[test]
fn whoever_shares_is_told_when_all_was_undone() {
    let desk = Desk::new("lost");
    let told = desk.first_then(|second| {
        // As SQLite does by itself when it can write no further.
        let db = second.db().expect("a turn");
        db.execute_batch("ROLLBACK").expect("undone");
    });
    assert_eq!(told.map_err(|error| error.code()), Err(Code::Offline));
    assert!(desk.lasts().is_empty());
    let next = desk.writer.join(Lasts::Always).expect("a turn");
    say(&next, "next");
    next.commit().expect("goes on");
    assert_eq!(desk.lasts(), ["next"]);
}

#[test]
fn only_what_may_go_with_the_power_does_not_wait_for_the_disk() {
    let desk = Desk::new("notes");
    let synced = |turn: &Turn<'_>| {
        let db = turn.db().expect("a turn");
        let level = db.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0));
        level.expect("a level") == 2
    };
    let told = desk.first_then(|second| {
        assert!(synced(&second), "what must last");
        thread::scope(|scope| {
            let note = scope.spawn(|| {
                let turn = desk.writer.join(Lasts::WithThePower)?;
                assert!(synced(&turn), "a note joins what must last");
                say(&turn, "note");
                turn.commit()
            });
            desk.until_somebody_waits();
            second.commit().expect("both");
            note.join().expect("ended").expect("noted");
        });
    });
    assert_eq!(told, Ok(()));
    assert_eq!(desk.lasts(), ["first", "note"]);
    thread::scope(|scope| {
        let note = desk.writer.join(Lasts::WithThePower).expect("a turn");
        assert!(!synced(&note), "a note alone");
        say(&note, "note alone");
        let third = scope.spawn(|| {
            let turn = desk.writer.join(Lasts::Always)?;
            assert!(synced(&turn), "what must last does not join a note");
            assert_eq!(desk.lasts(), ["first", "note", "note alone"]);
            turn.commit()
        });
        desk.until_somebody_waits();
        note.commit().expect("noted");
        third.join().expect("ended").expect("its turn");
    });
}
