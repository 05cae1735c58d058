//! Writes changes: honest ones from what is known of a document, and bends them.

use super::Bytes;
use super::known::{At, DELETE, INCREMENT, Known, LIST, MAP, Made, Named, PUT, Point, TEXT};
use crate::poison::{Draft, Id, Key, Op, chunk, u};

/// Most operations of a change.
const OPERATIONS_MAX: u8 = 8;
const NAMES: [&str; 8] = [
    "kind", "what", "answers", "items", "seen", "acts", "new", "",
];
/// Values: type and length, then the bytes.
const VALUES: [(u64, &[u8]); 12] = [
    (0, &[]),
    (0x02, &[]),
    (0x01, &[]),
    (0x14, &[1]),
    (0x14, &[0x7f]),
    (0x13, &[9]),
    (0x16, b"z"),
    (0x26, "é".as_bytes()),
    (0x06, &[]),
    (0x85, &[0, 0, 0, 0, 0, 0, 0xf0, 0x3f]),
    (0x37, &[1, 2, 3]),
    (0x19, &[1]),
];
const COUNTER: (u64, &[u8]) = (0x18, &[1]);

/// An operation that is being written.
struct Step {
    object: Option<Named>,
    key: At,
    insert: bool,
    action: u64,
    meta: u64,
    value: Vec<u8>,
    preds: Vec<Named>,
}

/// A change that is being written.
pub(super) struct Written {
    point: Point,
    steps: Vec<Step>,
}

impl Written {
    /// An honest one. `known` is what it was afterwards.
    pub(super) fn new(known: &mut Known, bytes: &mut Bytes<'_>) -> Self {
        let point = known.point(bytes);
        let before = known.operations.len();
        let mut steps = Vec::new();
        for offset in 0..=u64::from(bytes.byte() % OPERATIONS_MAX) {
            let step = step(known, &point, bytes);
            known.operations.push(Made {
                id: Named {
                    counter: point.next_op + offset,
                    author: point.author,
                },
                change: known.changes(),
                object: step.object,
                key: step.key.clone(),
                insert: step.insert,
                action: step.action,
                counter: step.action == PUT && step.meta & 0x0f == COUNTER.0 & 0x0f,
            });
            steps.push(step);
        }
        known.operations.truncate(before);
        Self { point, steps }
    }

    /// Bends what an operation says.
    pub(super) fn bend(&mut self, known: &Known, bytes: &mut Bytes<'_>) {
        let which = usize::from(bytes.byte()) % self.steps.len();
        let named = any(known, bytes);
        let step = &mut self.steps[which];
        match bytes.byte() % 12 {
            0 => step.object = Some(named),
            1 => step.object = None,
            2 => step.key = At::Element(named),
            3 => step.key = At::Head,
            4 => step.key = At::Name("n".repeat(usize::from(bytes.byte()) * 2)),
            5 => step.preds.push(named),
            6 => step.preds.clear(),
            7 => step.preds = vec![named],
            8 => step.insert = !step.insert,
            9 => step.action = u64::from(bytes.byte() % 10),
            10 => step.meta = u64::from(bytes.byte()),
            _ => step.value.push(bytes.byte()),
        }
    }

    pub(super) fn draft(&self, known: &Known) -> Draft {
        let me = self.point.author;
        let ids = self.steps.iter().flat_map(Step::ids);
        let mut others: Vec<usize> = ids.map(|id| id.author).filter(|one| *one != me).collect();
        others.sort_by_key(|other| known.authors[*other]);
        others.dedup();
        let id = |named: Named| -> Id {
            let other = others.iter().position(|other| *other == named.author);
            (
                other.map_or(0, |place| place as u64 + 1),
                named.counter as i64,
            )
        };
        let operations: Vec<Op> = self.steps.iter().map(|step| step.operation(&id)).collect();
        Draft {
            deps: self.point.deps.clone(),
            actor: known.authors[me].to_vec(),
            seq: u(self.point.seq),
            start_op: u(self.point.next_op),
            others: others
                .iter()
                .map(|one| known.authors[*one].to_vec())
                .collect(),
            ..Draft::new(&operations)
        }
    }
}

impl Step {
    fn ids(&self) -> impl Iterator<Item = Named> {
        let element = if let At::Element(id) = self.key {
            Some(id)
        } else {
            None
        };
        let preds = self.preds.iter().copied();
        self.object.into_iter().chain(element).chain(preds)
    }

    fn operation(&self, id: &dyn Fn(Named) -> Id) -> Op {
        Op {
            object: self.object.map(id),
            key: match &self.key {
                At::Name(name) => Key::Name(name.clone()),
                At::Head => Key::Head,
                At::Element(element) => Key::Element(id(*element)),
            },
            insert: self.insert,
            action: self.action,
            meta: self.meta,
            value: self.value.clone(),
            preds: self.preds.iter().map(|pred| id(*pred)).collect(),
        }
    }

    fn acting(self, action: u64, (meta, value): (u64, &[u8])) -> Self {
        let (meta, value) = (meta, value.to_vec());
        Self {
            action,
            meta,
            value,
            ..self
        }
    }
}

/// An operation of the document, or none.
fn any(known: &Known, bytes: &mut Bytes<'_>) -> Named {
    let byte = usize::from(bytes.byte());
    match known.operations.get(byte % (known.operations.len() + 4)) {
        Some(made) => made.id,
        None => Named {
            counter: byte as u64,
            author: byte % known.authors.len(),
        },
    }
}

/// An honest operation.
fn step(known: &Known, point: &Point, bytes: &mut Bytes<'_>) -> Step {
    let seen: Vec<&Made> = known
        .operations
        .iter()
        .filter(|made| point.sees(made))
        .collect();
    let objects = seen
        .iter()
        .filter(|made| matches!(made.action, MAP | LIST | TEXT));
    let objects: Vec<&&Made> = objects.collect();
    let object = objects.get(usize::from(bytes.byte()) % (objects.len() + 1));
    let sort = object.map_or(MAP, |made| made.action);
    let object = object.map(|made| made.id);
    let inside: Vec<&Made> = seen
        .into_iter()
        .filter(|made| made.object == object)
        .collect();
    let empty = Step {
        object,
        key: At::Head,
        insert: false,
        action: PUT,
        meta: 0,
        value: Vec::new(),
        preds: Vec::new(),
    };
    if sort == MAP {
        in_map(empty, &inside, known, bytes)
    } else {
        in_sequence(empty, sort, &inside, known, bytes)
    }
}

fn in_map(step: Step, inside: &[&Made], known: &Known, bytes: &mut Bytes<'_>) -> Step {
    let byte = usize::from(bytes.byte());
    let name = match inside.get(byte % (inside.len() + 2)) {
        Some(made) => made.key.clone(),
        None => At::Name(NAMES[byte % NAMES.len()].to_owned()),
    };
    let here = inside.iter().filter(|made| made.key == name);
    let here: Vec<&Made> = here.copied().collect();
    value(Step { key: name, ..step }, &here, known, bytes)
}

fn in_sequence(
    step: Step,
    sort: u64,
    inside: &[&Made],
    known: &Known,
    bytes: &mut Bytes<'_>,
) -> Step {
    let elements: Vec<&&Made> = inside.iter().filter(|made| made.insert).collect();
    let element = elements.get(usize::from(bytes.byte()) % (elements.len() + 1));
    let adds = bytes.byte().is_multiple_of(2);
    let Some(element) = element.filter(|_| !adds) else {
        let key = element.map_or(At::Head, |made| At::Element(made.id));
        let step = Step {
            key,
            insert: true,
            ..step
        };
        if sort == TEXT {
            return step.acting(PUT, *bytes.pick(&VALUES[6..8]));
        }
        return value(step, &[], known, bytes);
    };
    let key = At::Element(element.id);
    let over = inside.iter().filter(|made| !made.insert && made.key == key);
    let here: Vec<&Made> = over.chain([*element]).copied().collect();
    let step = Step { key, ..step };
    if sort == TEXT {
        return Step {
            preds: vec![element.id],
            ..step.acting(DELETE, VALUES[0])
        };
    }
    value(step, &here, known, bytes)
}

/// What is put, made, removed or counted, over some of what is there.
fn value(step: Step, here: &[&Made], known: &Known, bytes: &mut Bytes<'_>) -> Step {
    let which = bytes.byte();
    let sequence = !matches!(step.key, At::Name(_));
    let standing = here.iter().rev().filter(|made| made.stands());
    let mut preds: Vec<&&Made> = standing.take(1 + usize::from(which >> 6)).collect();
    if which & 0x20 != 0 && !sequence {
        preds.clear();
    }
    let counts = preds.iter().any(|made| made.counter);
    preds.sort_by_key(|made| (made.id.counter, known.authors[made.id.author]));
    let preds: Vec<Named> = preds.into_iter().map(|made| made.id).collect();
    let step = Step { preds, ..step };
    let stands = !step.preds.is_empty();
    match which & 0x0f {
        0 => step.acting(MAP, VALUES[0]),
        1 => step.acting(LIST, VALUES[0]),
        2 => step.acting(TEXT, VALUES[0]),
        3 | 4 if stands => step.acting(DELETE, VALUES[0]),
        5..=7 if counts => step.acting(INCREMENT, VALUES[3]),
        5 => step.acting(PUT, COUNTER),
        6 => {
            let text = vec![b'a'; usize::from(bytes.byte())];
            step.acting(PUT, ((text.len() as u64) << 4 | 6, &text))
        }
        _ => step.acting(PUT, *bytes.pick(&VALUES)),
    }
}

/// Bends what a change says of itself, or one of its columns; its bytes.
pub(super) fn bent(mut draft: Draft, known: &Known, bytes: &mut Bytes<'_>) -> Vec<u8> {
    let byte = bytes.byte();
    let of_column = usize::from(bytes.byte());
    let column = of_column % draft.columns.len();
    match byte % 18 {
        0 => draft.seq = u(u64::from(bytes.byte())),
        1 => draft.start_op = u(u64::from(bytes.byte())),
        2 => draft.seq = u(u64::MAX >> (bytes.byte() % 64)),
        3 => draft.start_op = u(u64::MAX >> (bytes.byte() % 64)),
        4 => drop(draft.deps.pop()),
        5 => draft.deps.push([bytes.byte(); 32]),
        6 => {
            let past = known.change(usize::from(bytes.byte()) % (known.changes() + 1));
            draft.deps.extend(past.map(crate::poison::hash));
            draft.deps.sort_unstable();
        }
        7 => draft.actor = known.authors[usize::from(bytes.byte()) % known.authors.len()].to_vec(),
        8 => drop(draft.actor.pop()),
        9 => draft.others.push(vec![bytes.byte(); draft.actor.len()]),
        10 => draft.others.reverse(),
        11 => draft.time = u(u64::from(bytes.byte())),
        12 => draft.message = vec![bytes.byte(); of_column * 2],
        13 => drop(draft.columns.remove(column)),
        14 => draft.columns[column].0 ^= 1 << (bytes.byte() % 8),
        15 => draft.extra = vec![bytes.byte()],
        _ => bend(&mut draft.columns[column].1, bytes),
    }
    draft.bytes()
}

/// Bends the bytes after the header of a change, and puts the checksum right again.
pub(super) fn torn(draft: &Draft, bytes: &mut Bytes<'_>) -> Vec<u8> {
    let mut body = draft.body();
    for _ in 0..=bytes.byte() % 3 {
        bend(&mut body, bytes);
    }
    chunk(1, &body)
}

/// Bends one place.
pub(super) fn bend(of: &mut Vec<u8>, bytes: &mut Bytes<'_>) {
    if of.is_empty() {
        of.push(bytes.byte());
    }
    let at = (usize::from(bytes.byte()) << 8 | usize::from(bytes.byte())) % of.len();
    match bytes.byte() % 6 {
        0 => of[at] = bytes.byte(),
        1 => of[at] ^= 1 << (bytes.byte() % 8),
        2 => of[at] = of[at].wrapping_add(1),
        3 => of[at] = of[at].wrapping_sub(1),
        4 => of.insert(at, bytes.byte()),
        _ => drop(of.remove(at)),
    }
}
