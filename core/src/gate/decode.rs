//! Reads the operations of one change from its columns.

use std::sync::Arc;
use std::vec::IntoIter;

use super::bytes::Reader;
use super::chunk::{Column, Fields};
use super::column::{Rows, booleans, cells, deltas};
use super::limits::LIMITS;
use super::operation::{Action, Id, Key, Operation, Operations, order, scalar, shape};
use super::refusal::{Code, Refusal};

/// Reads and checks all operations of a change.
pub(super) fn operations(fields: &Fields<'_>) -> Result<Operations, Refusal> {
    let columns = Columns::sort(&fields.columns)?;
    let mut ids = Ids {
        actors: fields.others.len().saturating_add(1),
        named: [false; 256],
    };
    let mut source = Source::open(&columns, fields.start_op)?;
    let (preds, counts) = predecessors(&columns, source.rows, &mut ids)?;
    let mut list = Vec::with_capacity(source.rows);
    let mut used = 0_usize;
    for count in counts {
        let end = used.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
        let Some(operation) = source.next((used, end), &mut ids)? else {
            break;
        };
        used = end;
        shape(&operation)?;
        list.push(operation);
    }
    if !source.values.is_empty() {
        return Err(Refusal::new(
            Code::ValueLength,
            "bytes that belong to no value",
        ));
    }
    if !ids
        .named
        .iter()
        .skip(1)
        .take(fields.others.len())
        .all(|named| *named)
    {
        return Err(Refusal::new(
            Code::ActorUnused,
            "an actor that no operation names",
        ));
    }
    let operations = Operations { list, preds };
    order(&operations, fields)?;
    Ok(operations)
}

/// All columns but those of predecessors, each read to the same number of rows.
struct Source<'a> {
    rows: usize,
    actions: IntoIter<u64>,
    inserts: IntoIter<bool>,
    metas: IntoIter<u64>,
    values: Reader<'a>,
    object_actors: Cells<u64>,
    object_counters: Cells<u64>,
    keys: Keys<'a>,
}

impl<'a> Source<'a> {
    fn open(columns: &Columns<'a>, start_op: u64) -> Result<Self, Refusal> {
        if columns.action.is_empty() {
            return Err(Refusal::new(Code::NoOps, "no column of actions"));
        }
        let most = Rows::canonical(LIMITS.change_ops, Code::TooManyOps);
        let actions = cells::<u64>(columns.action, most)?;
        let rows = actions.len();
        let end = start_op.saturating_add(rows as u64);
        if end > LIMITS.op_counter {
            return Err(Refusal::new(
                Code::OpRange,
                format!("operations up to {end}"),
            ));
        }
        let actions = full(actions, rows)?;
        present(columns.insert, "insert")?;
        present(columns.value_meta, "value types")?;
        let exact = Rows::canonical(rows, Code::ColumnRows);
        let inserts = booleans(columns.insert, exact)?;
        if inserts.len() != rows {
            return Err(Refusal::new(
                Code::ColumnRows,
                format!("{} of {rows}", inserts.len()),
            ));
        }
        let (object_actor, object_counter) = (columns.object_actor, columns.object_counter);
        Ok(Self {
            rows,
            actions,
            inserts: inserts.into_iter(),
            metas: full(cells::<u64>(columns.value_meta, exact)?, rows)?,
            values: Reader::new(columns.value),
            object_actors: Cells::new(object_actor, rows, |rows| cells(object_actor, rows))?,
            object_counters: Cells::new(object_counter, rows, |rows| cells(object_counter, rows))?,
            keys: Keys::new(columns, rows)?,
        })
    }

    fn next(&mut self, preds: (usize, usize), ids: &mut Ids) -> Result<Option<Operation>, Refusal> {
        let (Some(action), Some(insert), Some(meta)) =
            (self.actions.next(), self.inserts.next(), self.metas.next())
        else {
            return Ok(None);
        };
        let (action, value) = (self::action(action)?, scalar(meta, &mut self.values)?);
        let object = match (self.object_actors.next(), self.object_counters.next()) {
            (None, None) => None,
            (Some(actor), Some(counter)) => {
                Some(ids.id(actor, i64::try_from(counter).unwrap_or(i64::MAX))?)
            }
            (Some(_), None) | (None, Some(_)) => {
                return Err(Refusal::new(Code::IdRange, "half an object id"));
            }
        };
        let key = self.keys.next(ids)?;
        Ok(Some(Operation {
            object,
            key,
            insert,
            action,
            value,
            preds,
        }))
    }
}

/// The columns by name; an empty slice is a column that is not there.
#[derive(Default)]
struct Columns<'a> {
    object_actor: &'a [u8],
    object_counter: &'a [u8],
    key_actor: &'a [u8],
    key_counter: &'a [u8],
    key_name: &'a [u8],
    insert: &'a [u8],
    action: &'a [u8],
    value_meta: &'a [u8],
    value: &'a [u8],
    pred_count: &'a [u8],
    pred_actor: &'a [u8],
    pred_counter: &'a [u8],
}

impl<'a> Columns<'a> {
    fn sort(columns: &[Column<'a>]) -> Result<Self, Refusal> {
        let mut sorted = Self::default();
        for column in columns {
            // The specification is the column's id, shifted by four, and its type.
            let place = match column.spec {
                0x01 => &mut sorted.object_actor,
                0x02 => &mut sorted.object_counter,
                0x11 => &mut sorted.key_actor,
                0x13 => &mut sorted.key_counter,
                0x15 => &mut sorted.key_name,
                0x34 => &mut sorted.insert,
                0x42 => &mut sorted.action,
                0x56 => &mut sorted.value_meta,
                0x57 => &mut sorted.value,
                0x70 => &mut sorted.pred_count,
                0x71 => &mut sorted.pred_actor,
                0x73 => &mut sorted.pred_counter,
                0x94 | 0xa5 => {
                    return Err(Refusal::new(Code::MarkRefused, "columns of marks"));
                }
                spec => {
                    return Err(Refusal::new(Code::ColumnUnknown, format!("column {spec}")));
                }
            };
            *place = column.bytes;
        }
        Ok(sorted)
    }
}

/// A column of exactly as many rows as there are operations, or none at all: then all nulls.
struct Cells<T>(Option<IntoIter<Option<T>>>);

impl<T> Cells<T> {
    fn new(
        bytes: &[u8],
        rows: usize,
        read: impl FnOnce(Rows) -> Result<Vec<Option<T>>, Refusal>,
    ) -> Result<Self, Refusal> {
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let cells = read(Rows::canonical(rows, Code::ColumnRows))?;
        if cells.len() != rows {
            return Err(Refusal::new(
                Code::ColumnRows,
                format!("{} of {rows}", cells.len()),
            ));
        }
        Ok(Self(Some(cells.into_iter())))
    }

    fn next(&mut self) -> Option<T> {
        self.0.as_mut().and_then(Iterator::next).flatten()
    }
}

/// A column in which every row has a value.
fn full<T>(cells: Vec<Option<T>>, rows: usize) -> Result<IntoIter<T>, Refusal> {
    if cells.len() != rows {
        return Err(Refusal::new(
            Code::ColumnRows,
            format!("{} of {rows}", cells.len()),
        ));
    }
    let full: Option<Vec<T>> = cells.into_iter().collect();
    let full = full.ok_or_else(|| Refusal::new(Code::UnexpectedNull, "in a column of values"))?;
    Ok(full.into_iter())
}

fn present(bytes: &[u8], name: &str) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(Code::ColumnMissing, name));
    }
    Ok(())
}

/// The overwritten operations of the whole change, and how many each operation has.
fn predecessors(
    columns: &Columns<'_>,
    rows: usize,
    ids: &mut Ids,
) -> Result<(Vec<Id>, IntoIter<u64>), Refusal> {
    present(columns.pred_count, "predecessor counts")?;
    let exact = Rows::canonical(rows, Code::ColumnRows);
    let counts = full(cells::<u64>(columns.pred_count, exact)?, rows)?;
    let total = counts
        .as_slice()
        .iter()
        .fold(0_u64, |sum, count| sum.saturating_add(*count));
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    if total > LIMITS.change_preds {
        return Err(Refusal::new(Code::TooManyPreds, format!("{total}")));
    }
    let exact = Rows::canonical(total, Code::ColumnRows);
    if total == 0 {
        if columns.pred_actor.is_empty() && columns.pred_counter.is_empty() {
            return Ok((Vec::new(), counts));
        }
        return Err(Refusal::new(
            Code::ColumnRows,
            "predecessors that no operation has",
        ));
    }
    present(columns.pred_actor, "predecessor actors")?;
    present(columns.pred_counter, "predecessor counters")?;
    let actors = full(cells::<u64>(columns.pred_actor, exact)?, total)?;
    let counters = full(deltas(columns.pred_counter, exact)?, total)?;
    let preds: Result<Vec<Id>, Refusal> = actors
        .zip(counters)
        .map(|(actor, counter)| ids.id(actor, counter))
        .collect();
    Ok((preds?, counts))
}

/// Makes ids and remembers which actors were named.
struct Ids {
    actors: usize,
    named: [bool; 256],
}

impl Ids {
    fn id(&mut self, actor: u64, counter: i64) -> Result<Id, Refusal> {
        let (Ok(index), Ok(counter)) = (u8::try_from(actor), u32::try_from(counter)) else {
            return Err(Refusal::new(
                Code::IdRange,
                format!("operation {counter} of {actor}"),
            ));
        };
        if usize::from(index) >= self.actors {
            return Err(Refusal::new(
                Code::ActorIndex,
                format!("{actor} of {}", self.actors),
            ));
        }
        if counter == 0 || u64::from(counter) > LIMITS.op_counter {
            return Err(Refusal::new(Code::IdRange, format!("operation {counter}")));
        }
        if let Some(named) = self.named.get_mut(usize::from(index)) {
            *named = true;
        }
        Ok(Id {
            counter,
            actor: index,
        })
    }
}

/// The three columns of keys.
struct Keys<'a> {
    actors: Cells<u64>,
    counters: Cells<i64>,
    names: Cells<&'a str>,
    /// The name before: a run of one name is kept once.
    last: Option<(&'a str, Arc<str>)>,
}

impl<'a> Keys<'a> {
    fn new(columns: &Columns<'a>, rows: usize) -> Result<Self, Refusal> {
        let (actor, counter, name) = (columns.key_actor, columns.key_counter, columns.key_name);
        Ok(Self {
            actors: Cells::new(actor, rows, |rows| cells::<u64>(actor, rows))?,
            counters: Cells::new(counter, rows, |rows| deltas(counter, rows))?,
            names: Cells::new(name, rows, |rows| cells::<&str>(name, rows))?,
            last: None,
        })
    }

    fn next(&mut self, ids: &mut Ids) -> Result<Key, Refusal> {
        match (self.actors.next(), self.counters.next(), self.names.next()) {
            (None, None, Some(name)) => self.name(name),
            (None, Some(0), None) => Ok(Key::Head),
            (Some(actor), Some(counter), None) => Ok(Key::Element(ids.id(actor, counter)?)),
            _ => Err(Refusal::new(
                Code::KeyShape,
                "neither a name nor an element, or both",
            )),
        }
    }

    fn name(&mut self, name: &'a str) -> Result<Key, Refusal> {
        if name.len() > LIMITS.key_bytes {
            return Err(Refusal::new(
                Code::KeyTooLong,
                format!("{} bytes", name.len()),
            ));
        }
        if let Some((last, shared)) = &self.last
            && *last == name
        {
            return Ok(Key::Name(Arc::clone(shared)));
        }
        let shared: Arc<str> = Arc::from(name);
        self.last = Some((name, Arc::clone(&shared)));
        Ok(Key::Name(shared))
    }
}

fn action(number: u64) -> Result<Action, Refusal> {
    match number {
        0 => Ok(Action::MakeMap),
        1 => Ok(Action::Put),
        2 => Ok(Action::MakeList),
        3 => Ok(Action::Delete),
        4 => Ok(Action::MakeText),
        5 => Ok(Action::Increment),
        6 => Err(Refusal::new(
            Code::TableRefused,
            "an operation that makes a table",
        )),
        7 => Err(Refusal::new(
            Code::MarkRefused,
            "an operation that marks text",
        )),
        other => Err(Refusal::new(Code::ActionUnknown, format!("action {other}"))),
    }
}
