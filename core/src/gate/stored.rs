//! Whole documents: read from the store, and received by a device from its server.

use automerge::{AutoCommit, Automerge};
use serde_json::Value;

use super::bytes::Reader;
use super::chunk::{self, ACTION, Column, DOCUMENT};
use super::column::{Rows, each_boolean_run, each_run};
use super::guard::guarded;
use super::limits::{Actor, LIMITS};
use super::refusal::{Code, Refusal};
use super::single;
use super::view::view;

/// The column of the number of each change's last operation.
const MAX_OP: u32 = 0x13;

/// A document as it is shown.
#[derive(Clone, Debug)]
pub struct Read {
    /// Its [`view()`].
    pub view: Value,
    /// The hashes of its latest changes, ascending.
    pub heads: Vec<[u8; 32]>,
}

/// Opens a document that came from elsewhere, as [`save()`](super::save()) wrote it.
///
/// It is its only change, or one uncompressed document chunk within [`LIMITS`] whose every change
/// hashes to the announced heads.
///
/// # Errors
/// When it is too large, neither of these, or does not load; the code says why.
pub fn open_document(bytes: &[u8]) -> Result<AutoCommit, Refusal> {
    if single::is_change(bytes) {
        single::open(bytes)?;
    } else {
        survey(bytes)?;
    }
    guarded(Code::DocumentPanicked, || AutoCommit::load(bytes))?
        .map_err(|error| Refusal::new(Code::DocumentUnreadable, error.to_string()))
}

/// Reads a document that came from elsewhere, to show it: less work than [`open_document()`] where it
/// has only one change.
///
/// # Errors
/// As [`open_document()`], and as [`view()`].
pub fn read_document(bytes: &[u8]) -> Result<Read, Refusal> {
    if single::is_change(bytes) {
        let single = single::open(bytes)?;
        return Ok(Read {
            view: single.view,
            heads: vec![single.hash],
        });
    }
    let mut doc = open_document(bytes)?;
    let mut heads: Vec<[u8; 32]> = doc.get_heads().iter().map(|head| head.0).collect();
    heads.sort_unstable();
    Ok(Read {
        view: view(&doc)?,
        heads,
    })
}

/// Loads what is stored, heads verified.
pub(super) fn load(bytes: &[u8]) -> Result<Automerge, Refusal> {
    guarded(Code::DocumentPanicked, || Automerge::load(bytes))?
        .map_err(|error| Refusal::new(Code::DocumentUnreadable, error.to_string()))
}

/// A document chunk, taken apart.
pub(super) struct Chunk<'a> {
    /// Who wrote it, ascending: operations name them by their place here.
    pub(super) actors: Vec<Actor>,
    changes: Vec<Column<'a>>,
    pub(super) operations: Vec<Column<'a>>,
}

impl<'a> Chunk<'a> {
    /// Takes it apart, columns unread.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() > LIMITS.document_bytes {
            return Err(Refusal::new(
                Code::DocumentTooLarge,
                format!("{} bytes", bytes.len()),
            ));
        }
        let (_, body) = chunk::open(bytes, DOCUMENT)?;
        let mut reader = Reader::new(body);
        let count = reader.length()?;
        if count > LIMITS.document_actors {
            return Err(Refusal::new(
                Code::DocumentTooManyActors,
                format!("{count}"),
            ));
        }
        let mut actors = Vec::with_capacity(count);
        for _ in 0..count {
            actors.push(chunk::actor(&mut reader)?);
        }
        let heads = reader.length()?;
        if heads > LIMITS.document_changes {
            return Err(Refusal::new(
                Code::DocumentTooManyChanges,
                format!("{heads} heads"),
            ));
        }
        for _ in 0..heads {
            reader.array::<32>()?;
        }
        let change_specs = column_specs(&mut reader)?;
        let operation_specs = column_specs(&mut reader)?;
        let changes = chunk::column_bytes(&mut reader, change_specs)?;
        let operations = chunk::column_bytes(&mut reader, operation_specs)?;
        for _ in 0..heads {
            reader.unsigned()?;
        }
        if !reader.is_empty() {
            return Err(Refusal::new(
                Code::DocumentShape,
                "bytes after the document",
            ));
        }
        Ok(Self {
            actors,
            changes,
            operations,
        })
    }
}

/// What a document chunk says of itself, before it is loaded.
#[derive(Clone, Copy, Default)]
pub(super) struct Sizes {
    /// Operations, deletions not among them.
    pub(super) operations: usize,
    pub(super) changes: usize,
    /// The number of the last operation: a change that begins behind it is not in the document.
    pub(super) max_op: u64,
}

impl Chunk<'_> {
    /// Zeros where it cannot be read: loading it finds out.
    pub(super) fn sizes(&self) -> Sizes {
        let mut sizes = Sizes::default();
        let mut number = 0_i64;
        for column in &self.changes {
            if column.spec == MAX_OP {
                let rows = Rows::counted(LIMITS.document_changes, Code::DocumentTooManyChanges);
                let counted = each_run::<i64>(column.bytes, rows, |delta, count| {
                    for _ in 0..count {
                        number = number.saturating_add(delta.unwrap_or(0));
                        sizes.max_op = sizes.max_op.max(number.unsigned_abs());
                    }
                });
                sizes.changes = counted.unwrap_or(0);
            }
        }
        for column in &self.operations {
            if column.spec == ACTION {
                let rows = Rows::counted(LIMITS.document_ops, Code::DocumentTooManyOps);
                sizes.operations = each_run::<u64>(column.bytes, rows, |_, _| {}).unwrap_or(0);
            }
        }
        sizes
    }
}

/// Counts what a document chunk would unfold to, before Automerge unfolds it.
fn survey(bytes: &[u8]) -> Result<(), Refusal> {
    let chunk = Chunk::open(bytes)?;
    count(
        &chunk.changes,
        LIMITS.document_changes,
        Code::DocumentTooManyChanges,
    )?;
    count(
        &chunk.operations,
        LIMITS.document_ops,
        Code::DocumentTooManyOps,
    )
}

fn column_specs(reader: &mut Reader<'_>) -> Result<Vec<(u32, usize)>, Refusal> {
    chunk::column_specs(reader).map_err(|refusal| {
        if refusal.code == Code::ColumnCompressed {
            return Refusal::new(Code::DocumentCompressed, refusal.detail);
        }
        refusal
    })
}

/// Holds every column against a limit on rows. Columns inside a group have a row for each member of
/// the group, so they get room for as many again as their bytes could honestly say.
fn count(columns: &[Column<'_>], max: usize, over: Code) -> Result<(), Refusal> {
    let mut group: Option<(u32, usize)> = None;
    for column in columns {
        let id = column.spec >> 4;
        let max = match group {
            Some((grouped, members)) if grouped == id => members,
            _ => max,
        };
        let rows = Rows::counted(max, over);
        match column.spec & 0b111 {
            0 => {
                let mut members = 0_u64;
                each_run::<u64>(column.bytes, rows, |value, count| {
                    let more = value.unwrap_or(0).saturating_mul(count as u64);
                    members = members.saturating_add(more);
                })?;
                // Dependencies and successors: each is named by an operation or a change.
                let most = LIMITS.document_ops.saturating_mul(2);
                let members = usize::try_from(members).unwrap_or(usize::MAX);
                if members > most {
                    return Err(Refusal::new(over, format!("{members} members of groups")));
                }
                group = Some((id, members));
            }
            1 | 2 => {
                each_run::<u64>(column.bytes, rows, |_, _| {})?;
            }
            3 => {
                each_run::<i64>(column.bytes, rows, |_, _| {})?;
            }
            4 => {
                each_boolean_run(column.bytes, rows, |_, _| {})?;
            }
            5 => {
                each_run::<&str>(column.bytes, rows, |_, _| {})?;
            }
            6 => {
                let mut bytes = 0_u64;
                each_run::<u64>(column.bytes, rows, |value, count| {
                    let more = (value.unwrap_or(0) >> 4).saturating_mul(count as u64);
                    bytes = bytes.saturating_add(more);
                })?;
                if bytes > LIMITS.document_bytes as u64 {
                    return Err(Refusal::new(
                        Code::DocumentTooLarge,
                        "values beyond the bytes",
                    ));
                }
            }
            // Raw values: as many bytes as are there.
            _ => {}
        }
    }
    Ok(())
}
