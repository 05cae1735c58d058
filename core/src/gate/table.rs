//! The operations of a stored document, by id: read from the columns of its chunk, without making
//! its changes again.

use std::collections::BTreeMap;

use super::bytes::Reader;
use super::chunk::Column;
use super::column::{Cell, Rows, each_boolean_run, each_run};
use super::history::OpId;
use super::limits::{Actor, LIMITS};
use super::operation::{Action, Scalar};
use super::reference::{Seen, SeenKey};
use super::refusal::{Code, Refusal};
use super::stored::Chunk;

/// Where a name lies in the column of names, counted from its end.
#[derive(Clone, Copy, PartialEq)]
struct Name {
    after: u32,
    length: u32,
}

impl<'a> Cell<'a> for Name {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Refusal> {
        let length = size(reader.text()?.len());
        let after = size(reader.rest().len());
        Ok(Self { after, length })
    }
}

/// Lengths within a document fit: it is far smaller.
fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// An actor's index in the document; none for the root and the head.
const NOBODY: u32 = u32::MAX;

/// One operation. Actors are the document's own indexes until [`Table::read`] is done.
#[derive(Clone, Copy)]
struct Row {
    id: OpId,
    object: OpId,
    element: OpId,
    name: Option<Name>,
    insert: bool,
    action: Action,
    counter: bool,
}

const ROW: Row = Row {
    id: NONE,
    object: NONE,
    element: NONE,
    name: None,
    insert: false,
    action: Action::Put,
    counter: false,
};

const NONE: OpId = OpId {
    actor: NOBODY,
    counter: 0,
};

/// All operations but deletions, which a document keeps as marks on what they deleted.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
    names: Box<[u8]>,
}

impl Table {
    /// Reads the operations of a stored document. `actor` gives the index of an actor in the history.
    pub(super) fn read(chunk: &Chunk<'_>, actors: &BTreeMap<Actor, u32>) -> Result<Self, Refusal> {
        let mut table = Self {
            rows: Vec::with_capacity(chunk.sizes().operations),
            names: Box::default(),
        };
        for column in &chunk.operations {
            table.column(column)?;
        }
        let known: Option<Vec<u32>> = chunk
            .actors
            .iter()
            .map(|actor| actors.get(actor).copied())
            .collect();
        let known = known.ok_or_else(|| unreadable("an actor without changes"))?;
        for row in &mut table.rows {
            for id in [&mut row.id, &mut row.object, &mut row.element] {
                if id.actor != NOBODY {
                    let index = usize::try_from(id.actor).unwrap_or(usize::MAX);
                    id.actor = *known
                        .get(index)
                        .ok_or_else(|| unreadable("an operation of nobody"))?;
                }
            }
        }
        table.rows.sort_unstable_by_key(|row| row.id);
        Ok(table)
    }

    fn column(&mut self, column: &Column<'_>) -> Result<(), Refusal> {
        match column.spec {
            0x01 => self.numbers(column, |row, actor| row.object.actor = actor),
            0x02 => self.numbers(column, |row, counter| row.object.counter = counter),
            0x11 => self.numbers(column, |row, actor| row.element.actor = actor),
            0x13 => self.deltas(column, |row, counter| row.element.counter = counter),
            0x15 => {
                self.names = column.bytes.into();
                self.cells::<Name>(column, |row, name| {
                    row.name = Some(name);
                    Ok(())
                })
            }
            0x21 => self.numbers(column, |row, actor| row.id.actor = actor),
            0x23 => self.deltas(column, |row, counter| row.id.counter = counter),
            0x34 => {
                let mut at = 0;
                each_boolean_run(column.bytes, most(), |insert, count| {
                    for _ in 0..count {
                        if let Some(row) = self.row(at) {
                            row.insert = insert;
                        }
                        at = at.saturating_add(1);
                    }
                })?;
                Ok(())
            }
            0x42 => self.cells::<u64>(column, |row, number| {
                row.action = action(number)?;
                Ok(())
            }),
            0x56 => self.cells::<u64>(column, |row, meta| {
                row.counter = meta & 0x0f == 8;
                Ok(())
            }),
            // Values, successors, and what our documents do not have.
            _ => Ok(()),
        }
    }

    fn row(&mut self, at: usize) -> Option<&mut Row> {
        if at == self.rows.len() {
            self.rows.push(ROW);
        }
        self.rows.get_mut(at)
    }

    fn cells<'a, T: Cell<'a>>(
        &mut self,
        column: &Column<'a>,
        mut put: impl FnMut(&mut Row, T) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut at = 0_usize;
        let mut done = Ok(());
        each_run::<T>(column.bytes, most(), |value, count| {
            for _ in 0..count {
                if let Some(row) = self.row(at)
                    && let Some(value) = value
                    && done.is_ok()
                {
                    done = put(row, value);
                }
                at = at.saturating_add(1);
            }
        })?;
        done
    }

    fn numbers(&mut self, column: &Column<'_>, put: impl Fn(&mut Row, u32)) -> Result<(), Refusal> {
        self.cells::<u64>(column, |row, number| {
            put(
                row,
                u32::try_from(number).map_err(|_large| unreadable("a number"))?,
            );
            Ok(())
        })
    }

    fn deltas(&mut self, column: &Column<'_>, put: impl Fn(&mut Row, u32)) -> Result<(), Refusal> {
        let mut absolute = 0_i64;
        self.cells::<i64>(column, |row, delta| {
            absolute = absolute.saturating_add(delta);
            put(
                row,
                u32::try_from(absolute).map_err(|_large| unreadable("a number"))?,
            );
            Ok(())
        })
    }

    /// An operation that a stored change is known to have made.
    pub(super) fn seen(&self, id: OpId) -> Seen {
        let found = self.rows.binary_search_by_key(&id, |row| row.id).ok();
        let Some(row) = found.and_then(|at| self.rows.get(at)) else {
            return Seen {
                object: None,
                key: SeenKey::Head,
                insert: false,
                action: Action::Delete,
                value: Scalar::Null,
            };
        };
        let name = row.name.and_then(|name| self.name(name));
        Seen {
            object: Some(row.object).filter(|object| object.actor != NOBODY),
            key: match name {
                Some(name) => SeenKey::Name(name.into()),
                None if row.element.actor == NOBODY => SeenKey::Head,
                None => SeenKey::Element(row.element),
            },
            insert: row.insert,
            action: row.action,
            value: if row.counter {
                Scalar::Counter
            } else {
                Scalar::Other
            },
        }
    }

    fn name(&self, name: Name) -> Option<&str> {
        let after = usize::try_from(name.after).ok()?;
        let length = usize::try_from(name.length).ok()?;
        let end = self.names.len().checked_sub(after)?;
        let bytes = self.names.get(end.checked_sub(length)?..end)?;
        std::str::from_utf8(bytes).ok()
    }
}

fn most() -> Rows {
    Rows::counted(LIMITS.document_ops, Code::DocumentTooManyOps)
}

fn action(number: u64) -> Result<Action, Refusal> {
    match number {
        0 => Ok(Action::MakeMap),
        1 => Ok(Action::Put),
        2 => Ok(Action::MakeList),
        4 => Ok(Action::MakeText),
        5 => Ok(Action::Increment),
        other => Err(unreadable(&format!("action {other}"))),
    }
}

fn unreadable(what: &str) -> Refusal {
    Refusal::new(Code::DocumentUnreadable, what)
}
