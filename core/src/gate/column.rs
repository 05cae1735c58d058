//! Columns: run-length, delta and boolean encodings, read with a limit on rows and accepted only in
//! the form that Automerge writes.
//!
//! Automerge writes two or more equal cells as a run, everything else as the longest possible
//! literal, nulls as the longest possible null run, and nothing at all when there are only nulls.
//! Any other spelling of the same cells would load, be saved in the canonical form, get another
//! hash, and never load again.

use super::bytes::Reader;
use super::refusal::{Code, Refusal};

/// What a run-length column can hold.
pub(super) trait Cell<'a>: Copy + PartialEq {
    /// Reads one cell.
    fn read(reader: &mut Reader<'a>) -> Result<Self, Refusal>;
}

impl<'a> Cell<'a> for u64 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        reader.unsigned()
    }
}

impl<'a> Cell<'a> for i64 {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        reader.signed()
    }
}

impl<'a> Cell<'a> for &'a str {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        reader.text()
    }
}

/// Most rows a column may have, the code for one that has more, and whether to insist on the
/// canonical form.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) max: usize,
    pub(super) over: Code,
    pub(super) canonical: bool,
}

impl Rows {
    /// Rows of a change: canonical.
    pub(super) fn canonical(max: usize, over: Code) -> Self {
        Self {
            max,
            over,
            canonical: true,
        }
    }

    /// Rows of a whole document, which are only counted: loading verifies the rest by its hashes.
    pub(super) fn counted(max: usize, over: Code) -> Self {
        Self {
            max,
            over,
            canonical: false,
        }
    }
}

/// The cells of a run-length column that is present, with repeats written out.
pub(super) fn cells<'a, T: Cell<'a>>(
    bytes: &'a [u8],
    rows: Rows,
) -> Result<Vec<Option<T>>, Refusal> {
    let mut out = Vec::new();
    let mut some = false;
    each_run(bytes, rows, |value, count| {
        some |= value.is_some();
        out.resize(out.len().saturating_add(count), value);
    })?;
    if !some {
        return Err(Refusal::new(Code::ColumnEmpty, "a column of nulls only"));
    }
    Ok(out)
}

/// Walks through the runs of a column without writing them out; gives the number of rows.
pub(super) fn each_run<'a, T: Cell<'a>>(
    bytes: &'a [u8],
    rows: Rows,
    mut each: impl FnMut(Option<T>, usize),
) -> Result<usize, Refusal> {
    let mut reader = Reader::new(bytes);
    let mut total = 0_usize;
    // The last cell written, and whether it closed a literal.
    let mut last: Option<Option<T>> = None;
    let mut after_literal = false;
    while !reader.is_empty() {
        let head = reader.signed()?;
        let count = if head == 0 {
            reader.unsigned()?
        } else {
            head.unsigned_abs()
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if rows.canonical && count == 0 {
            return Err(Refusal::new(Code::RunEmpty, "a null run of zero"));
        }
        total = total.saturating_add(count);
        if total > rows.max {
            return Err(Refusal::new(
                rows.over,
                format!("{total} rows, at most {}", rows.max),
            ));
        }
        if rows.canonical && (head == 1 || (head < 0 && after_literal)) {
            return Err(Refusal::new(
                Code::RunNotCanonical,
                format!("a run of {head}"),
            ));
        }
        if head >= 0 {
            let value = if head == 0 {
                None
            } else {
                Some(T::read(&mut reader)?)
            };
            if rows.canonical && last == Some(value) {
                return Err(Refusal::new(Code::RunNotCanonical, "two runs that are one"));
            }
            each(value, count);
            last = Some(value);
        } else {
            for _ in 0..count {
                let value = Some(T::read(&mut reader)?);
                if rows.canonical && last == Some(value) {
                    return Err(Refusal::new(
                        Code::RunNotCanonical,
                        "a literal with repeats",
                    ));
                }
                each(value, 1);
                last = Some(value);
            }
        }
        after_literal = head < 0;
    }
    Ok(total)
}

/// The cells of a delta column that is present, as absolute numbers.
pub(super) fn deltas(bytes: &[u8], rows: Rows) -> Result<Vec<Option<i64>>, Refusal> {
    let mut absolute = 0_i64;
    cells::<i64>(bytes, rows)?
        .into_iter()
        .map(|cell| {
            let Some(delta) = cell else { return Ok(None) };
            absolute = absolute
                .checked_add(delta)
                .ok_or_else(|| Refusal::new(Code::NumberOverflow, "a delta"))?;
            Ok(Some(absolute))
        })
        .collect()
}

/// The cells of a boolean column that is present: lengths of runs, the first one of `false`.
pub(super) fn booleans(bytes: &[u8], rows: Rows) -> Result<Vec<bool>, Refusal> {
    let mut out = Vec::new();
    each_boolean_run(bytes, rows, |value, count| {
        out.resize(out.len().saturating_add(count), value);
    })?;
    Ok(out)
}

/// Walks through the runs of a boolean column; gives the number of rows.
pub(super) fn each_boolean_run(
    bytes: &[u8],
    rows: Rows,
    mut each: impl FnMut(bool, usize),
) -> Result<usize, Refusal> {
    let mut reader = Reader::new(bytes);
    let mut value = false;
    let mut total = 0_usize;
    let mut first = true;
    while !reader.is_empty() {
        let count = reader.length()?;
        // Only the leading run of `false` may be empty, and only before one of `true`.
        if rows.canonical && count == 0 && (!first || reader.is_empty()) {
            return Err(Refusal::new(Code::RunEmpty, "a boolean run of zero"));
        }
        total = total.saturating_add(count);
        if total > rows.max {
            return Err(Refusal::new(
                rows.over,
                format!("{total} rows, at most {}", rows.max),
            ));
        }
        each(value, count);
        value = !value;
        first = false;
    }
    Ok(total)
}
