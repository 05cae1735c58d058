//! The floor under everybody: reports as rows of JSON in SQLite, one compressed stream over one TCP
//! connection into SQLite. No history, no rights, no verification, no search, no HTTP.
//!
//! - `floor seed <folder> <corpus>`
//! - `floor serve <folder> <port>`
//! - `floor pull <folder> <port>`, from the last row that the folder has
//! - `floor push <folder> <port> <corpus>`
//! - `floor change <folder> <rows>`: marks the first ones anew

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use peers::{peak, processor};
use rusqlite::{Connection, params};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize| {
        arguments
            .get(index)
            .context("one more argument")
            .map(String::as_str)
    };
    let mut db = open(Path::new(argument(1)?))?;
    match argument(0)? {
        "seed" => {
            let lines = std::fs::read_to_string(argument(2)?)?;
            insert(&mut db, lines.lines().map(|line| Ok(line.to_owned())))?;
            Ok(())
        }
        "serve" => serve(db, argument(2)?.parse()?),
        "pull" => measured(argument(2)?.parse()?, |stream| pull(&mut db, stream)),
        "push" => {
            let lines = std::fs::read(argument(3)?)?;
            measured(argument(2)?.parse()?, |stream| push(&lines, stream))
        }
        "change" => {
            let rows: i64 = argument(2)?.parse()?;
            db.execute(
                "UPDATE doc SET seq = seq + (SELECT max(seq) FROM doc),
                    body = replace(body, '\"status\":\"new\"', '\"status\":\"read\"')
                 WHERE seq <= ?1",
                [rows],
            )?;
            Ok(())
        }
        other => bail!("no mode `{other}`"),
    }
}

fn open(folder: &Path) -> Result<Connection> {
    std::fs::create_dir_all(folder)?;
    let db = Connection::open(folder.join("floor.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE IF NOT EXISTS doc(seq INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT);",
    )?;
    Ok(db)
}

/// Inserts lines in one transaction; how many.
fn insert(db: &mut Connection, lines: impl Iterator<Item = Result<String>>) -> Result<u64> {
    let tx = db.transaction()?;
    let mut count = 0;
    {
        let mut statement = tx.prepare(
            "INSERT INTO doc(seq, id, body) VALUES((SELECT coalesce(max(seq), 0) + 1 FROM doc), ?1, ?2)
             ON CONFLICT(id) DO UPDATE SET seq = excluded.seq, body = excluded.body",
        )?;
        for line in lines {
            let line = line?;
            let id = line.split('"').nth(3).context("a line without an id")?;
            statement.execute(params![id, line])?;
            count += 1;
        }
    }
    tx.commit()?;
    Ok(count)
}

/// `P` and a position asks for what came after it; `U`, a length and so many bytes brings rows.
fn serve(mut db: Connection, port: u16) -> Result<()> {
    for stream in TcpListener::bind(("127.0.0.1", port))?.incoming() {
        // One that goes away in the middle does not end the others.
        drop(answer(&mut db, stream?));
    }
    Ok(())
}

fn answer(db: &mut Connection, mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = [0; 9];
    reader.read_exact(&mut head)?;
    let number = u64::from_le_bytes(head[1..].try_into()?);
    if head[0] == b'P' {
        let buffer = BufWriter::with_capacity(64 * 1024, &stream);
        let mut encoder = zstd::Encoder::new(buffer, 3)?;
        let mut statement = db.prepare("SELECT body FROM doc WHERE seq > ?1 ORDER BY seq")?;
        let mut rows = statement.query([i64::try_from(number)?])?;
        while let Some(row) = rows.next()? {
            encoder.write_all(row.get_ref(0)?.as_str()?.as_bytes())?;
            encoder.write_all(b"\n")?;
        }
        encoder.finish()?.flush()?;
        stream.shutdown(Shutdown::Write)?;
    } else {
        let decoder = zstd::Decoder::with_buffer(reader.take(number))?;
        let count = insert(db, BufReader::new(decoder).lines().map(|line| Ok(line?)))?;
        stream.write_all(&count.to_le_bytes())?;
    }
    Ok(())
}

fn pull(db: &mut Connection, mut stream: TcpStream) -> Result<u64> {
    let last: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM doc", [], |row| {
        row.get(0)
    })?;
    stream.write_all(&[b"P".as_slice(), &last.to_le_bytes()].concat())?;
    let decoder = zstd::Decoder::new(stream)?;
    insert(db, BufReader::new(decoder).lines().map(|line| Ok(line?)))
}

fn push(lines: &[u8], mut stream: TcpStream) -> Result<u64> {
    let body = zstd::bulk::compress(lines, 3)?;
    let length = (body.len() as u64).to_le_bytes();
    stream.write_all(&[b"U".as_slice(), &length, &body].concat())?;
    let mut count = [0; 8];
    stream.read_exact(&mut count)?;
    Ok(u64::from_le_bytes(count))
}

fn measured(port: u16, work: impl FnOnce(TcpStream) -> Result<u64>) -> Result<()> {
    let (begun, worked) = (Instant::now(), processor()?);
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let docs = work(stream)?;
    println!(
        r#"{{"docs":{docs},"wall_s":{},"client_cpu_s":{},"client_peak_mb":{}}}"#,
        begun.elapsed().as_secs_f64(),
        (processor()? - worked).as_secs_f64(),
        peak()?
    );
    Ok(())
}
