//! Identifiers: UUIDv7, made by whoever holds the clock and the entropy, never ambient.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

/// A UUIDv7: sixteen bytes whose order is the order of making. Text form
/// `0190f3a0-1c2d-7abc-8def-0123456789ab`, also in JSON; sixteen bytes on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id([u8; 16]);

impl Id {
    /// Stands for a person or a device that was forgotten. Nobody ever has this id.
    pub const NOBODY: Self = Self([0xFF; 16]);

    /// An id of this moment (milliseconds since the Unix epoch) with ten random bytes.
    #[must_use]
    pub fn from_parts(now_ms: i64, random: [u8; 10]) -> Self {
        let ms = u64::try_from(now_ms).unwrap_or(0);
        Self(
            uuid::Builder::from_unix_timestamp_millis(ms, &random)
                .into_uuid()
                .into_bytes(),
        )
    }

    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// An id out of a database column.
    ///
    /// # Errors
    /// When the column does not hold sixteen bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        <[u8; 16]>::try_from(bytes)
            .map(Self)
            .map_err(|error| Error::invalid(format!("an id is 16 bytes: {error}")))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // Only the hyphenated form: one id, one spelling.
        if text.len() != 36 {
            return Err(Error::invalid(format!("not an id: `{text}`")));
        }
        uuid::Uuid::try_parse(text)
            .map(|uuid| Self(uuid.into_bytes()))
            .map_err(|error| Error::invalid(format!("not an id: `{text}`: {error}")))
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?
                .parse()
                .map_err(serde::de::Error::custom)
        } else {
            <[u8; 16]>::deserialize(deserializer).map(Self)
        }
    }
}

/// An id as the text that documents write it as, in binary formats too: where a document follows with
/// the same id inside, compression finds the text again, and not the sixteen bytes.
pub mod as_text {
    use std::fmt;

    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;

    use super::Id;

    /// Writes the text.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    /// Reads the text.
    ///
    /// # Errors
    /// When it is not an id.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Id, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl rusqlite::ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::from(self.0.as_slice()))
    }
}

impl rusqlite::types::FromSql for Id {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        <[u8; 16]>::column_result(value).map(Self)
    }
}

/// Where random bytes come from: the operating system in the shells, a seed in tests.
pub trait Entropy {
    /// Fills the whole buffer.
    fn fill(&mut self, buffer: &mut [u8]);
}

/// A string in TypeScript.
impl ts_rs::TS for Id {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }

    fn inline(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }
}
