//! What goes over the wire. Versioned by [`PROTOCOL`]; nothing here is ever renamed or reordered in
//! place: a serialisable type is a promise.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Code, Error, Result};
use crate::gate;
use crate::id::{Id, as_text};
use crate::person::Scope;

/// The version that this side speaks best.
///
/// It changes when the other side could not make sense of what is said. Optional frames
/// ([`crate::sync::frame`]) and fields added at the end of a frame need no other number.
pub const PROTOCOL: u16 = 1;
/// The oldest version that this side still speaks.
pub const PROTOCOL_MIN: u16 = 1;

/// Whether the other side, which speaks `protocol`, is understood.
///
/// # Errors
/// `older` when it is too old for this side, `newer` when this side is too old for it.
pub fn understands(protocol: u16, older: Code, newer: Code) -> Result<()> {
    let known = PROTOCOL_MIN..=PROTOCOL;
    let code = match protocol {
        _ if known.contains(&protocol) => return Ok(()),
        _ if protocol < PROTOCOL_MIN => older,
        _ => newer,
    };
    let message = format!("protocol {protocol}, not {PROTOCOL_MIN} to {PROTOCOL}");
    Err(Error::new(code, message))
}
/// Largest request, compressed: bytes.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Largest request, inflated: bytes. A device sends [`PUSH_BYTES_TARGET`] of changes, one of them at
/// least, and some 700 bytes around each at most, its proof included.
pub const REQUEST_INFLATED_MAX: usize = 4 * 1024 * 1024;
/// Most pushes in a request.
pub const PUSHES_MAX: usize = 2000;
/// Most changes in a push.
pub const CHANGES_MAX: usize = 512;
/// Most cursors of a device.
pub const CURSORS_MAX: usize = 4000;
/// What a device puts in one request at most, before compression: bytes. Half of it when that is more
/// than [`REQUEST_BYTES_MAX`] after compression.
pub const PUSH_BYTES_TARGET: usize = 2 * 1024 * 1024;

/// How far a device has followed a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    /// The scope.
    pub scope: Scope,
    /// The server's epoch; another one means: from the beginning.
    pub epoch: u32,
    /// Every position up to this one has been applied.
    pub position: u64,
}

/// Changes of one document, made in one act.
///
/// On the wire, the id is left out where it is [`push_id`], the heads where they are the last change
/// alone, and of each change what [`gate::bare`] leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The server deduplicates by it.
    pub id: Id,
    /// The seat: a person of the device.
    pub person: Id,
    /// The document.
    pub document: Id,
    /// Its kind.
    pub kind: String,
    /// Raw Automerge changes, uncompressed, in causal order: at most [`CHANGES_MAX`].
    pub changes: Vec<serde_bytes::ByteBuf>,
    /// The heads of the document on the device; when the server ends with the same, it need not
    /// send the document back.
    pub heads: Vec<[u8; 32]>,
    /// The receipt that the server gave for it before it was restored from a backup.
    pub proof: Option<Proof>,
}

impl Push {
    /// Its changes.
    pub fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.changes.iter().map(|change| change.as_slice())
    }
}

/// The id of a push that has no other: the first half of its last change's hash.
#[must_use]
pub fn push_id(last_change: &[u8]) -> Id {
    first_half(hash(last_change))
}

fn first_half(hash: [u8; 32]) -> Id {
    let mut half = [0; 16];
    half.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    Id::from_bytes(half)
}

/// The hash that names a raw change: of all that comes after its magic bytes and checksum.
fn hash(change: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(change.get(8..).unwrap_or_default()).into()
}

/// A push as it is sent.
#[derive(Serialize)]
struct Sent<'a> {
    id: Option<Id>,
    person: Id,
    #[serde(serialize_with = "as_text::serialize")]
    document: &'a Id,
    kind: &'a str,
    changes: Vec<&'a serde_bytes::Bytes>,
    heads: Option<&'a [[u8; 32]]>,
    proof: &'a Option<Proof>,
}

/// A push as it comes in.
#[derive(Deserialize)]
struct Came {
    id: Option<Id>,
    person: Id,
    #[serde(with = "as_text")]
    document: Id,
    kind: String,
    #[serde(deserialize_with = "at_most::<_, _, CHANGES_MAX>")]
    changes: Vec<Chunk>,
    heads: Option<Vec<[u8; 32]>>,
    proof: Option<Proof>,
}

impl Serialize for Push {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let last = self.changes.last().map(|change| hash(change));
        let derived = last.map(first_half);
        Sent {
            id: (derived != Some(self.id)).then_some(self.id),
            person: self.person,
            document: &self.document,
            kind: &self.kind,
            changes: self
                .bytes()
                .map(gate::bare)
                .map(serde_bytes::Bytes::new)
                .collect(),
            heads: (self.heads.as_slice() != last.as_slice()).then_some(&self.heads),
            proof: &self.proof,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Push {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let came = Came::deserialize(deserializer)?;
        let changes: Vec<_> = came.changes.into_iter().map(|Chunk(bytes)| bytes).collect();
        let last = changes.last().map(|change| hash(change));
        let id = came.id.or_else(|| last.map(first_half));
        Ok(Self {
            id: id.ok_or_else(|| D::Error::custom("a push without an id"))?,
            person: came.person,
            document: came.document,
            kind: came.kind,
            changes,
            heads: came.heads.unwrap_or_else(|| last.into_iter().collect()),
            proof: came.proof,
        })
    }
}

/// A chunk that came as [`gate::bare`] left it.
struct Chunk(serde_bytes::ByteBuf);

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let bare = serde_bytes::ByteBuf::deserialize(deserializer)?;
        Ok(Self(gate::whole(bare.into_vec()).into()))
    }
}

/// A document's bytes, as [`gate::bare`] leaves them on the wire.
mod body {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_bytes::{ByteBuf, Bytes};

    use super::Chunk;
    use crate::gate;

    pub(super) fn serialize<S: Serializer>(
        body: &Option<ByteBuf>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bare = body.as_ref().map(|body| Bytes::new(gate::bare(body)));
        bare.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ByteBuf>, D::Error> {
        let body = Option::<Chunk>::deserialize(deserializer)?;
        Ok(body.map(|Chunk(bytes)| bytes))
    }
}

/// A receipt as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// A [`Receipt`] in postcard.
    #[serde(with = "serde_bytes")]
    pub receipt: Vec<u8>,
    /// As [`receipt::verify`](crate::sync::receipt::verify) reads it.
    #[serde(with = "serde_bytes")]
    pub signature: Vec<u8>,
}

/// The code of a refusal that is none: something that the push builds on has not been given back
/// yet. The device keeps it and sends it again.
pub const NOT_YET: &str = "not-yet";

/// The code of a refusal after which nothing of the document may stay: it was erased for everyone.
pub const ERASED: &str = "erased";

/// Frames from the device, `Hello` first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Who speaks what.
    Hello {
        /// [`PROTOCOL`].
        protocol: u16,
        /// The device's clock: milliseconds. Only to tell its owner when it is off.
        clock_ms: i64,
        /// [`fingerprint`] of the device's cursors.
        cursors: u64,
        /// The epoch that the device follows, 0 before its first answer. A server of another epoch
        /// sends everything before it takes anything.
        epoch: u32,
    },
    /// All cursors; sent when the server asked for them. At most [`CURSORS_MAX`].
    Cursors(#[serde(deserialize_with = "at_most::<_, _, CURSORS_MAX>")] Vec<Cursor>),
    /// Something made on the device.
    Push(Push),
}

/// Signed by the server for each push that it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The push.
    pub push: Id,
    /// The document.
    pub document: Id,
    /// Hashes of the changes that are kept.
    pub changes: Vec<[u8; 32]>,
    /// SHA-256 of every attachment that the document names; each arrives after the text.
    pub attachments: Vec<[u8; 32]>,
    /// The server's clock: milliseconds.
    pub received_at: i64,
    /// Number of this receipt in the organisation: one order for all devices, whatever their clocks.
    pub position: u64,
}

/// Frames from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// First.
    Welcome {
        /// [`PROTOCOL`].
        protocol: u16,
        /// The server's clock: milliseconds.
        clock_ms: i64,
    },
    /// The server does not know the device's cursors: ask again with all of them.
    ResendCursors,
    /// A push was kept.
    Received {
        /// A [`Receipt`] in postcard.
        #[serde(with = "serde_bytes")]
        receipt: Vec<u8>,
        /// As [`receipt::verify`](crate::sync::receipt::verify) reads it: 64 bytes, and 33 for each step.
        #[serde(with = "serde_bytes")]
        signature: Vec<u8>,
    },
    /// A push was refused; it lies in quarantine on the server and stays readable on the device.
    Refused {
        /// The push.
        push: Id,
        /// A stable code.
        code: String,
        /// For the log.
        detail: String,
    },
    /// A document, whole.
    Document {
        /// Where it lies; empty when it is sent again after a refusal.
        scope: Scope,
        /// The document.
        #[serde(with = "as_text")]
        id: Id,
        /// Its kind.
        kind: String,
        /// Made by a person of this device.
        mine: bool,
        /// When the server first received it: milliseconds.
        received_at: i64,
        /// As [`gate::save()`] gives it, on the wire as [`gate::bare`] leaves it; `None` when the device
        /// has just this.
        #[serde(with = "body")]
        body: Option<serde_bytes::ByteBuf>,
    },
    /// The document no longer lies in the scope.
    Gone {
        /// The scope.
        scope: Scope,
        /// The document.
        id: Id,
    },
    /// The scope is no longer for this device.
    Left {
        /// The scope.
        scope: Scope,
    },
    /// All frames so far may be applied, in one transaction with these cursors.
    Page {
        /// Cursors that moved, at most [`CURSORS_MAX`].
        #[serde(deserialize_with = "at_most::<_, _, CURSORS_MAX>")]
        cursors: Vec<Cursor>,
        /// Whether another exchange is worth while at once.
        more: bool,
    },
    /// The document was erased for everyone: nothing of it may stay on the device.
    Erased {
        /// The document.
        id: Id,
    },
}

/// A 64-bit fingerprint of cursors, whatever their order.
#[must_use]
pub fn fingerprint(cursors: &[Cursor]) -> u64 {
    use sha2::{Digest, Sha256};
    let mut sorted: Vec<&Cursor> = cursors.iter().collect();
    sorted.sort();
    let mut digest = Sha256::new();
    for cursor in sorted {
        digest.update(cursor.scope.as_bytes());
        digest.update([0]);
        digest.update(cursor.epoch.to_le_bytes());
        digest.update(cursor.position.to_le_bytes());
    }
    let bytes: [u8; 32] = digest.finalize().into();
    bytes
        .iter()
        .take(8)
        .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
}

/// Reads a list of at most `MAX`: an element of one byte on the wire takes dozens in memory.
fn at_most<'de, D: Deserializer<'de>, T: Deserialize<'de>, const MAX: usize>(
    deserializer: D,
) -> std::result::Result<Vec<T>, D::Error> {
    struct AtMost<T, const MAX: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for AtMost<T, MAX> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of at most {MAX}")
        }

        fn visit_seq<A: SeqAccess<'de>>(
            self,
            mut list: A,
        ) -> std::result::Result<Vec<T>, A::Error> {
            let mut found = Vec::new();
            while let Some(element) = list.next_element()? {
                if found.len() >= MAX {
                    return Err(A::Error::custom("too many"));
                }
                found.push(element);
            }
            Ok(found)
        }
    }

    deserializer.deserialize_seq(AtMost::<T, MAX>(PhantomData))
}
