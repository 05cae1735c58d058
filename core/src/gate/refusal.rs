//! Why something was refused: a stable code, and a detail for the log.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The reason of a refusal. The kebab-case name ([`Code::as_str`]) is stored with
        /// quarantined changes and never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of the layers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    // The chunk.
    /// The bytes end in the middle of something.
    Truncated = "truncated",
    /// The change is larger than its limit.
    ChangeTooLarge = "change-too-large",
    /// The bytes do not begin as Automerge chunks do.
    BadMagic = "bad-magic",
    /// Not a plain change: a document, a bundle, a compressed change, or nothing known.
    ChunkType = "chunk-type",
    /// The chunk's length is not the length of its bytes.
    ChunkLength = "chunk-length",
    /// The checksum does not fit the bytes.
    Checksum = "checksum",
    /// A number is written with more bytes than it needs.
    NumberOverlong = "number-overlong",
    /// A number does not fit 64 bits.
    NumberOverflow = "number-overflow",
    // The fields of the change.
    /// Too many dependencies.
    TooManyDeps = "too-many-deps",
    /// Dependencies out of order, or one of them twice.
    DepsOrder = "deps-order",
    /// An actor id of another length than [`Actor`](super::Actor)'s.
    ActorSize = "actor-size",
    /// Sequence number zero or above the limit.
    SeqRange = "seq-range",
    /// First operation number zero, or the last one above the limit.
    OpRange = "op-range",
    /// The change carries a time of its own.
    Timestamp = "timestamp",
    /// The message is too long.
    MessageTooLong = "message-too-long",
    /// Text that is not UTF-8.
    NotUtf8 = "not-utf8",
    /// Too many other actors.
    TooManyActors = "too-many-actors",
    /// Other actors out of order, twice, or the author among them.
    ActorsOrder = "actors-order",
    /// An actor is listed but no operation names it.
    ActorUnused = "actor-unused",
    // The columns.
    /// Columns out of order, or one of them twice.
    ColumnOrder = "column-order",
    /// A column that is not one of ours.
    ColumnUnknown = "column-unknown",
    /// A compressed column.
    ColumnCompressed = "column-compressed",
    /// A column listed with no bytes, or with nothing but nulls.
    ColumnEmpty = "column-empty",
    /// A column that every change has is not there.
    ColumnMissing = "column-missing",
    /// A column has more or fewer rows than there are operations.
    ColumnRows = "column-rows",
    /// Bytes left over after the columns.
    ExtraBytes = "extra-bytes",
    /// A run of zero.
    RunEmpty = "run-empty",
    /// A run that should have been written otherwise: not the canonical encoding.
    RunNotCanonical = "run-not-canonical",
    /// A null where every operation has a value.
    UnexpectedNull = "unexpected-null",
    // The operations.
    /// The change has no operations.
    NoOps = "no-ops",
    /// Too many operations in one change.
    TooManyOps = "too-many-ops",
    /// Too many overwritten operations named in one change.
    TooManyPreds = "too-many-preds",
    /// An action that is not known.
    ActionUnknown = "action-unknown",
    /// A rich-text mark: not used here.
    MarkRefused = "mark-refused",
    /// A table: not used here.
    TableRefused = "table-refused",
    /// An actor index beyond the actors of the change.
    ActorIndex = "actor-index",
    /// An operation id that is no id: half missing, zero or above the limit.
    IdRange = "id-range",
    /// A key that is neither a name nor an element, or both.
    KeyShape = "key-shape",
    /// A key longer than its limit.
    KeyTooLong = "key-too-long",
    /// A value of an unknown type.
    ValueType = "value-type",
    /// A value whose length does not fit its type or its bytes.
    ValueLength = "value-length",
    /// A number that is infinite or not a number.
    ValueNotFinite = "value-not-finite",
    /// A counter or an increment above its limit.
    CounterRange = "counter-range",
    /// A value on an operation that has none.
    ValueUnexpected = "value-unexpected",
    /// An increment that is not by a whole number.
    IncrementValue = "increment-value",
    /// An insertion that is not one: into a map, a deletion, with predecessors, without place.
    InsertShape = "insert-shape",
    /// Overwritten operations out of order, or one of them twice.
    PredOrder = "pred-order",
    /// An operation that must overwrite something and names nothing.
    PredMissing = "pred-missing",
    /// A reference to an operation that is not older.
    ReferenceForward = "reference-forward",
    /// Automerge itself does not read the change, or reads something else.
    ParserRefused = "parser-refused",
    /// Automerge panicked on reading the change.
    ParserPanicked = "parser-panicked",
    /// Automerge would have written the same change with other bytes.
    NotCanonical = "not-canonical",
    // Against the document.
    /// Too many changes in one push.
    TooManyChanges = "too-many-changes",
    /// Nothing was pushed to a document that does not exist.
    NothingPushed = "nothing-pushed",
    /// The actor already wrote another change with this sequence number.
    SeqTaken = "seq-taken",
    /// The actor skipped a sequence number.
    SeqGap = "seq-gap",
    /// A dependency is neither in the document nor earlier in the push.
    DepUnknown = "dep-unknown",
    /// The change does not build on its actor's previous change.
    OwnChangeMissing = "own-change-missing",
    /// The first operation number is not one above everything the change builds on.
    StartOp = "start-op",
    /// The history is so tangled that checking costs too much.
    HistoryTooTangled = "history-too-tangled",
    /// A referenced actor or operation is not in the change's own history.
    ReferenceUnknown = "reference-unknown",
    /// The object is an operation that made no object.
    NotAnObject = "not-an-object",
    /// A name used in a sequence, or an element used in a map.
    KeyKind = "key-kind",
    /// The element was not inserted in this object.
    ElementElsewhere = "element-elsewhere",
    /// The overwritten operation is at another place, or is none that can be overwritten.
    PredElsewhere = "pred-elsewhere",
    /// An increment of something that is no counter.
    NotACounter = "not-a-counter",
    /// Something other than inserting and deleting characters in a text.
    TextContent = "text-content",
    /// Containers nested too deeply.
    Depth = "depth",
    /// Too many operations in one document, or in one push.
    DocumentTooManyOps = "document-too-many-ops",
    /// Too many changes in one document.
    DocumentTooManyChanges = "document-too-many-changes",
    /// Too many actors in one document.
    DocumentTooManyActors = "document-too-many-actors",
    // On the copy.
    /// Automerge refused to apply the changes.
    ApplyRefused = "apply-refused",
    /// Automerge panicked while applying, saving or loading.
    ApplyPanicked = "apply-panicked",
    /// The document applied, saved and loaded again is not the same.
    HeadsDiffer = "heads-differ",
    /// The document is larger than its limit.
    DocumentTooLarge = "document-too-large",
    /// The JSON view of the document is larger than its limit.
    ViewTooLarge = "view-too-large",
    // A whole document.
    /// Not one whole document chunk.
    DocumentShape = "document-shape",
    /// A document with compressed columns.
    DocumentCompressed = "document-compressed",
    /// Automerge cannot load the document.
    DocumentUnreadable = "document-unreadable",
    /// Automerge panicked on loading or reading the document.
    DocumentPanicked = "document-panicked",
}

impl Code {
    /// Whether no honest device can have sent this, whatever its version, its history and its clock: it
    /// inspects each change before it is queued, and Automerge writes no such references.
    ///
    /// What may come of a restored backup (`seq-taken`, `dep-unknown`), of a change refused before
    /// this one (`seq-gap`), of another release of Automerge (`not-canonical`) or of work that grew too
    /// large is none.
    #[must_use]
    pub const fn is_hostile(self) -> bool {
        (self as usize) <= (Self::ReferenceForward as usize)
            || matches!(
                self,
                Self::OwnChangeMissing
                    | Self::StartOp
                    | Self::ReferenceUnknown
                    | Self::NotAnObject
                    | Self::KeyKind
                    | Self::ElementElsewhere
                    | Self::PredElsewhere
                    | Self::NotACounter
                    | Self::TextContent
                    | Self::Depth
            )
    }
}

/// Something was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why, for programs.
    pub code: Code,
    /// Why, for the log: never holds the content of a document.
    pub detail: String,
}

impl Refusal {
    /// A refusal with a detail for the log.
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Refusal {}
