//! The chunk around a change or a document, and the fields of a change before its columns.

use sha2::{Digest, Sha256};

use super::bytes::{Reader, utf8};
use super::column::{Rows, each_run};
use super::limits::{Actor, LIMITS};
use super::refusal::{Code, Refusal};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DEFLATE: u64 = 0b1000;

/// The type byte of a whole document.
pub(super) const DOCUMENT: u8 = 0;
/// The type byte of a plain change.
pub(super) const CHANGE: u8 = 1;

/// The column of actions, in changes and documents: one row for each operation.
pub(super) const ACTION: u32 = 0x42;

/// The body of the one chunk of type `wanted` that `bytes` are, and its hash; checksum verified.
pub(super) fn open(bytes: &[u8], wanted: u8) -> Result<([u8; 32], &[u8]), Refusal> {
    let mut reader = Reader::new(bytes);
    if reader.array::<4>()? != MAGIC {
        return Err(Refusal::new(Code::BadMagic, "other first bytes"));
    }
    let checksum = reader.array::<4>()?;
    let found = reader.byte()?;
    if found != wanted {
        return Err(Refusal::new(
            Code::ChunkType,
            format!("type {found}, not {wanted}"),
        ));
    }
    let before_length = reader.rest();
    let length = reader.length()?;
    let body = reader.rest();
    if length > body.len() {
        return Err(Refusal::new(
            Code::Truncated,
            format!("{length} announced, {}", body.len()),
        ));
    }
    if length < body.len() {
        return Err(Refusal::new(
            Code::ChunkLength,
            format!("{length} announced, {}", body.len()),
        ));
    }
    let mut hasher = Sha256::new();
    hasher.update([found]);
    // The announced length as it is written, then the body: exactly the bytes after the type.
    hasher.update(before_length);
    let hash: [u8; 32] = hasher.finalize().into();
    if !hash.starts_with(&checksum) {
        return Err(Refusal::new(Code::Checksum, "the checksum differs"));
    }
    Ok((hash, body))
}

/// A chunk without its first bytes, where they say nothing of their own: the same four in every chunk, and
/// four of the hash of what follows. Other bytes stay as they are.
///
/// ```
/// assert_eq!(vigie_core::gate::bare(b"no chunk"), b"no chunk");
/// ```
#[must_use]
pub fn bare(chunk: &[u8]) -> &[u8] {
    let rest = chunk
        .strip_prefix(&MAGIC)
        .and_then(|rest| rest.split_first_chunk::<4>());
    match rest {
        Some((checksum, rest)) if !rest.starts_with(&MAGIC[..1]) && *checksum == sum(rest) => rest,
        _ => chunk,
    }
}

/// The chunk of which [`bare()`] left these bytes.
///
/// ```
/// assert_eq!(vigie_core::gate::whole(vec![0x85, 1, 2]), [0x85, 1, 2]);
/// let chunk = vigie_core::gate::whole(vec![1, 0]);
/// assert_eq!(chunk.len(), 4 + 4 + 2);
/// assert_eq!(vigie_core::gate::bare(&chunk), [1, 0]);
/// ```
#[must_use]
pub fn whole(bare: Vec<u8>) -> Vec<u8> {
    // No type of chunk has this number: these bytes have their beginning still.
    if bare.starts_with(&MAGIC[..1]) {
        return bare;
    }
    [&MAGIC[..], &sum(&bare), &bare].concat()
}

fn sum(rest: &[u8]) -> [u8; 4] {
    let hash: [u8; 32] = Sha256::digest(rest).into();
    hash.first_chunk().copied().unwrap_or_default()
}

/// Cuts chunks that were written one after the other; what is no whole chunk is the last piece.
///
/// ```
/// let pieces = vigie_core::gate::split(b"not a chunk");
/// assert_eq!(pieces, [b"not a chunk"]);
/// ```
#[must_use]
pub fn split(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let (piece, rest) = first(bytes).unwrap_or((bytes, &[]));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

fn first(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut reader = Reader::new(bytes);
    if reader.array::<4>().ok()? != MAGIC {
        return None;
    }
    reader.take(5).ok()?;
    let length = reader.length().ok()?;
    reader.take(length).ok()?;
    bytes.split_at_checked(bytes.len().checked_sub(reader.rest().len())?)
}

/// The fields of a change, each within its limit.
pub(super) struct Fields<'a> {
    pub(super) deps: Vec<[u8; 32]>,
    pub(super) actor: Actor,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) others: Vec<Actor>,
    pub(super) columns: Vec<Column<'a>>,
}

/// One column: its specification (id, type and no compression) and its bytes, never empty.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) spec: u32,
    pub(super) bytes: &'a [u8],
}

/// Reads the body of a change chunk.
pub(super) fn fields(body: &[u8]) -> Result<Fields<'_>, Refusal> {
    let mut reader = Reader::new(body);
    let deps = deps(&mut reader)?;
    let actor = actor(&mut reader)?;
    let seq = reader.unsigned()?;
    if seq == 0 || seq > LIMITS.op_counter {
        return Err(Refusal::new(
            Code::SeqRange,
            format!("sequence number {seq}"),
        ));
    }
    let start_op = reader.unsigned()?;
    if start_op == 0 || start_op > LIMITS.op_counter {
        return Err(Refusal::new(
            Code::OpRange,
            format!("first operation {start_op}"),
        ));
    }
    let timestamp = reader.signed()?;
    if timestamp != 0 {
        return Err(Refusal::new(Code::Timestamp, format!("{timestamp}")));
    }
    let length = reader.length()?;
    if length > LIMITS.message_bytes {
        return Err(Refusal::new(
            Code::MessageTooLong,
            format!("{length} bytes"),
        ));
    }
    utf8(reader.take(length)?)?;
    let others = others(&mut reader, &actor)?;
    let specs = column_specs(&mut reader)?;
    let columns = column_bytes(&mut reader, specs)?;
    if !reader.is_empty() {
        return Err(Refusal::new(
            Code::ExtraBytes,
            format!("{} bytes", reader.rest().len()),
        ));
    }
    Ok(Fields {
        deps,
        actor,
        seq,
        start_op,
        others,
        columns,
    })
}

/// How many operations a change says that it has, before anything of it is held to be true: the rows of
/// its column of actions; none when it is no change within the limits.
pub(super) fn operations(bytes: &[u8]) -> usize {
    let count = || {
        let mut reader = Reader::new(
            bytes
                .get(9..)
                .filter(|_| bytes.len() <= LIMITS.change_bytes)?,
        );
        reader.length().ok()?;
        let fields = fields(reader.rest()).ok()?;
        let actions = fields.columns.iter().find(|column| column.spec == ACTION)?;
        let rows = Rows::counted(LIMITS.change_ops, Code::TooManyOps);
        each_run::<u64>(actions.bytes, rows, |_, _| {}).ok()
    };
    count().unwrap_or(0)
}

fn deps(reader: &mut Reader<'_>) -> Result<Vec<[u8; 32]>, Refusal> {
    let count = reader.length()?;
    if count > LIMITS.change_deps {
        return Err(Refusal::new(Code::TooManyDeps, format!("{count}")));
    }
    let mut deps = Vec::with_capacity(count);
    for _ in 0..count {
        let dep = reader.array::<32>()?;
        if deps.last().is_some_and(|last| *last >= dep) {
            return Err(Refusal::new(Code::DepsOrder, "not strictly ascending"));
        }
        deps.push(dep);
    }
    Ok(deps)
}

/// One actor id with its length before it.
pub(super) fn actor(reader: &mut Reader<'_>) -> Result<Actor, Refusal> {
    let length = reader.length()?;
    if length != LIMITS.actor_bytes {
        return Err(Refusal::new(Code::ActorSize, format!("{length} bytes")));
    }
    reader.array()
}

fn others(reader: &mut Reader<'_>, author: &Actor) -> Result<Vec<Actor>, Refusal> {
    let count = reader.length()?;
    if count > LIMITS.change_actors {
        return Err(Refusal::new(Code::TooManyActors, format!("{count}")));
    }
    let mut others = Vec::with_capacity(count);
    for _ in 0..count {
        let other = actor(reader)?;
        if other == *author || others.last().is_some_and(|last| *last >= other) {
            return Err(Refusal::new(
                Code::ActorsOrder,
                "not strictly ascending, or the author",
            ));
        }
        others.push(other);
    }
    Ok(others)
}

/// The list of column specifications and lengths: strictly ascending, uncompressed, none empty.
pub(super) fn column_specs(reader: &mut Reader<'_>) -> Result<Vec<(u32, usize)>, Refusal> {
    let count = reader.length()?;
    // Two bytes at least for each that is really there.
    if count > reader.rest().len() {
        return Err(Refusal::new(
            Code::Truncated,
            format!("{count} columns announced"),
        ));
    }
    let mut specs: Vec<(u32, usize)> = Vec::new();
    for _ in 0..count {
        let spec = reader.unsigned()?;
        let length = reader.length()?;
        if spec & DEFLATE != 0 {
            return Err(Refusal::new(
                Code::ColumnCompressed,
                format!("column {spec}"),
            ));
        }
        let Ok(spec) = u32::try_from(spec) else {
            return Err(Refusal::new(Code::ColumnUnknown, format!("column {spec}")));
        };
        if specs.last().is_some_and(|(last, _)| *last >= spec) {
            return Err(Refusal::new(Code::ColumnOrder, format!("column {spec}")));
        }
        if length == 0 {
            return Err(Refusal::new(Code::ColumnEmpty, format!("column {spec}")));
        }
        specs.push((spec, length));
    }
    Ok(specs)
}

/// The bytes of the columns just listed.
pub(super) fn column_bytes<'a>(
    reader: &mut Reader<'a>,
    specs: Vec<(u32, usize)>,
) -> Result<Vec<Column<'a>>, Refusal> {
    specs
        .into_iter()
        .map(|(spec, length)| {
            Ok(Column {
                spec,
                bytes: reader.take(length)?,
            })
        })
        .collect()
}
