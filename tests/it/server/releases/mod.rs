//! What each release left behind, opened by this version: a server's data, a device's file with things
//! that wait, and a document of every kind. `tests/fixtures/releases/<version>/` is kept for ever, as
//! it was written; `write.rs` makes the next.

mod open;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vigie_core::features::FEATURES;
use vigie_core::{Device, Id};
use vigie_server::entropy::OsEntropy;
use vigie_server::store::sqlite::Sqlite;

use crate::support::{Folder, START};

/// What makes the folder of this version.
const WRITE: &str = "cargo test -p vigie-tests --test it what_this_release_leaves -- --ignored";
/// Most bytes of all folders together.
const BYTES_MAX: u64 = 500_000;

/// What is expected of a release's files. Fields are only added, with a default.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    /// The clock when it was made: milliseconds.
    now_ms: i64,
    /// Whose device it is.
    person: Id,
    /// The device's token.
    token: String,
    /// A report of theirs that the server has.
    report: Id,
    /// A draft of theirs.
    draft: Id,
    /// A capsule that they took.
    module: Id,
    /// Reports that the server tells the person.
    reports: u64,
    /// Reports that wait on the device.
    sealed: u64,
    /// Documents of the server, by kind.
    server: BTreeMap<String, i64>,
    /// Receipts that it signed.
    receipts: u64,
    /// What screens asked of the device, and some of what they were told.
    asked: Vec<Asked>,
    /// A document of each kind.
    documents: BTreeMap<String, Kept>,
}

/// A command, and what it told.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    command: String,
    input: Value,
    /// By JSON pointer.
    told: BTreeMap<String, Value>,
}

/// What a document says.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    title: String,
    heads: Vec<String>,
    view: Value,
}

/// A folder of the fixtures.
struct Release {
    version: String,
    path: PathBuf,
    manifest: Manifest,
}

pub(super) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/releases")
}

/// Every release, the oldest first.
fn releases() -> Vec<Release> {
    let mut found: Vec<Release> = fs::read_dir(fixtures())
        .expect("the fixtures")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let version = path.file_name().expect("a name").to_string_lossy();
            let text = fs::read_to_string(path.join("manifest.json")).expect("manifest.json");
            Release {
                version: version.into_owned(),
                manifest: serde_json::from_str(&text).expect("as it was written"),
                path,
            }
        })
        .collect();
    let number = |release: &Release| -> Vec<u32> {
        let parts = release.version.split('.');
        parts.map(|part| part.parse().expect("a number")).collect()
    };
    found.sort_by_key(number);
    assert!(!found.is_empty(), "fixtures: {WRITE}");
    found
}

/// What this version left.
fn this_release() -> Release {
    let version = env!("CARGO_PKG_VERSION");
    let newest = releases().pop().expect("one at least");
    assert_eq!(
        newest.version, version,
        "the newest files are those of this version; they are written by\n{WRITE}\n"
    );
    newest
}

impl Release {
    /// Unpacks a file, or a folder of files.
    fn unpack(&self, name: &str, to: &Path) {
        unpack(&self.path.join(name), to);
    }

    /// The device of its file, as this version opens it.
    fn device(&self, folder: &Folder) -> Device {
        let path = folder.path().join("device.sqlite");
        self.unpack("device.sqlite", &path);
        device(&path)
    }
}

fn device(path: &Path) -> Device {
    Device::open(path, None, Box::new(OsEntropy)).expect("opens")
}

/// Each file is one zstd stream under its name and `.zst`.
fn unpack(from: &Path, to: &Path) {
    if !from.is_dir() {
        let packed = from.with_added_extension("zst");
        let file = fs::File::open(&packed);
        let file = file.unwrap_or_else(|error| panic!("{}: {error}", packed.display()));
        fs::write(to, zstd::decode_all(file).expect("zstd")).expect("written");
        return;
    }
    fs::create_dir_all(to).expect("a folder");
    for name in names(from) {
        let name = name.trim_end_matches(".zst");
        unpack(&from.join(name), &to.join(name));
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("a name")
        })
        .collect()
}

fn kinds() -> BTreeSet<String> {
    let kinds = FEATURES.iter().flat_map(|feature| feature.kinds);
    kinds.map(|kind| kind.name.to_owned()).collect()
}

#[test]
fn this_version_left_a_document_of_every_kind() {
    let release = this_release();
    let said: BTreeSet<String> = release.manifest.documents.keys().cloned().collect();
    assert_eq!(said, kinds(), "one of each is described");
    let there = names(&release.path.join("documents"));
    let files = kinds()
        .iter()
        .map(|kind| format!("{kind}.automerge.zst"))
        .collect();
    assert_eq!(there, files, "and there");
}

/// A table that gets a row only for a moment, or after a disaster.
const EMPTY: [&str; 3] = ["upload", "doomed", "give_back"];

#[test]
fn this_version_left_something_in_every_table() {
    let release = this_release();
    let folder = Folder::new();
    let data = folder.path().join("data");
    release.unpack("server", &data);
    drop(Sqlite::open(&data.join("vigie.db"), "", START).expect("opens"));
    let store = Connection::open(data.join("vigie.db")).expect("the store");
    let device = release.device(&folder);
    for (what, db) in [("server", &store), ("device", device.db())] {
        let empty: Vec<String> = tables(db)
            .into_iter()
            .filter(|table| count(db, table) == 0 && !EMPTY.contains(&table.as_str()))
            .collect();
        assert!(empty.is_empty(), "{what}: nothing in {empty:?}");
    }
}

/// The tables that are no other table's own.
fn tables(db: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM pragma_table_list
               WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut statement = db.prepare(sql).expect("a schema");
    let names = statement.query_map([], |row| row.get(0)).expect("names");
    names.collect::<Result<_, _>>().expect("names")
}

fn count(db: &Connection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    db.query_row(&sql, [], |row| row.get(0)).expect("a count")
}

#[test]
fn what_releases_leave_is_small() {
    fn size(path: &Path) -> u64 {
        if path.is_dir() {
            let sizes = names(path).into_iter().map(|name| size(&path.join(name)));
            return sizes.sum();
        }
        fs::metadata(path).expect("a file").len()
    }
    let bytes = size(&fixtures());
    assert!(bytes < BYTES_MAX, "{bytes} bytes");
}
