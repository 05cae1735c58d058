//! One error for the whole core: a stable [`Code`] that a screen branches on and translates, and a
//! message for the log.

use std::fmt;

/// What went wrong, as a screen needs to know it. The kebab-case name ([`Code::as_str`]) is a
/// promise: wording files hold `error-<code>` for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The input does not have the shape or range that the command asks for.
    Invalid,
    /// Nothing with that id is on this device.
    NotFound,
    /// The person's roles do not allow it.
    Forbidden,
    /// No such command.
    UnknownCommand,
    /// The answers of a form break its rules; nothing was sealed.
    FormIncomplete,
    /// The bytes are not a picture of a kind that is taken.
    NotAPicture,
    /// Larger than the limit.
    TooLarge,
    /// The capsule has problems that forbid publishing.
    CapsuleProblems,
    /// The content pack has not arrived on this device yet.
    NotHereYet,
    /// It has already been done and cannot be done twice.
    AlreadyDone,
    /// Nobody is signed in on this device.
    SignedOut,
    /// The server cannot be reached.
    Offline,
    /// The enrolment or sign-in code is not known.
    CodeUnknown,
    /// The code has been used.
    CodeUsed,
    /// The code is too old.
    CodeExpired,
    /// Wrong name or password.
    WrongPassword,
    /// The password is shorter than twelve characters or too common.
    PasswordWeak,
    /// Too many tries; wait.
    TooManyTries,
    /// This device was revoked.
    Revoked,
    /// This device was declared lost: everything on it goes.
    Lost,
    /// The other side speaks another version of the protocol.
    Protocol,
    /// A change was refused by the gate or by a rule.
    Refused,
    /// The device has no room left.
    DiskFull,
    /// The local file could not be read or written.
    Storage,
    /// A fault of ours.
    Unexpected,
    /// The organisation's quota on the server is used up.
    StorageFull,
    /// The server speaks newer versions of the protocol only: the app must be updated.
    AppTooOld,
    /// The server speaks older versions of the protocol only: it must be updated.
    ServerTooOld,
    /// This device sent what no honest device sends; the server takes nothing from it until somebody
    /// has looked.
    DeviceQuarantined,
}

impl Code {
    /// Every code, for the wording check.
    pub const ALL: [Self; 29] = [
        Self::Invalid,
        Self::NotFound,
        Self::Forbidden,
        Self::UnknownCommand,
        Self::FormIncomplete,
        Self::NotAPicture,
        Self::TooLarge,
        Self::CapsuleProblems,
        Self::NotHereYet,
        Self::AlreadyDone,
        Self::SignedOut,
        Self::Offline,
        Self::CodeUnknown,
        Self::CodeUsed,
        Self::CodeExpired,
        Self::WrongPassword,
        Self::PasswordWeak,
        Self::TooManyTries,
        Self::Revoked,
        Self::Lost,
        Self::Protocol,
        Self::Refused,
        Self::DiskFull,
        Self::Storage,
        Self::Unexpected,
        Self::StorageFull,
        Self::AppTooOld,
        Self::ServerTooOld,
        Self::DeviceQuarantined,
    ];

    /// The stable name, for example `not-found`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::UnknownCommand => "unknown-command",
            Self::FormIncomplete => "form-incomplete",
            Self::NotAPicture => "not-a-picture",
            Self::TooLarge => "too-large",
            Self::CapsuleProblems => "capsule-problems",
            Self::NotHereYet => "not-here-yet",
            Self::AlreadyDone => "already-done",
            Self::SignedOut => "signed-out",
            Self::Offline => "offline",
            Self::CodeUnknown => "code-unknown",
            Self::CodeUsed => "code-used",
            Self::CodeExpired => "code-expired",
            Self::WrongPassword => "wrong-password",
            Self::PasswordWeak => "password-weak",
            Self::TooManyTries => "too-many-tries",
            Self::Revoked => "revoked",
            Self::Lost => "lost",
            Self::Protocol => "protocol",
            Self::Refused => "refused",
            Self::DiskFull => "disk-full",
            Self::Storage => "storage",
            Self::Unexpected => "unexpected",
            Self::StorageFull => "storage-full",
            Self::AppTooOld => "app-too-old",
            Self::ServerTooOld => "server-too-old",
            Self::DeviceQuarantined => "device-quarantined",
        }
    }

    /// The HTTP status that carries this code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid
            | Self::FormIncomplete
            | Self::NotAPicture
            | Self::CapsuleProblems
            | Self::PasswordWeak
            | Self::Refused => 422,
            Self::NotFound | Self::UnknownCommand | Self::CodeUnknown => 404,
            Self::Forbidden | Self::Revoked | Self::Lost | Self::DeviceQuarantined => 403,
            Self::AlreadyDone | Self::NotHereYet => 409,
            Self::CodeUsed | Self::CodeExpired => 410,
            Self::TooLarge => 413,
            Self::TooManyTries => 429,
            Self::SignedOut | Self::WrongPassword => 401,
            Self::Protocol => 400,
            Self::AppTooOld | Self::ServerTooOld => 426,
            Self::Offline => 503,
            Self::DiskFull | Self::StorageFull => 507,
            Self::Storage | Self::Unexpected => 500,
        }
    }
}

/// An error with its [`Code`]; the message is for the log and for developers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: Code,
    message: String,
    retry_ms: Option<i64>,
}

/// The result of everything in core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of the given code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_ms: None,
        }
    }

    /// Too often: to be tried again after so many milliseconds.
    pub fn wait(message: impl Into<String>, retry_ms: i64) -> Self {
        Self::new(Code::TooManyTries, message).after(retry_ms)
    }

    /// The organisation's quota is used up. Somebody has to make room: an hour is soon enough.
    pub fn storage_full(message: impl Into<String>) -> Self {
        Self::new(Code::StorageFull, message).after(3_600_000)
    }

    /// The same, to be tried again after so many milliseconds.
    #[must_use]
    pub fn after(mut self, retry_ms: i64) -> Self {
        self.retry_ms = Some(retry_ms);
        self
    }

    /// Bad input.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    /// Nothing with that id here.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// Not allowed to this person.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// A fault of ours: what should not happen, told instead of panicking.
    pub fn unexpected(message: impl Into<String>) -> Self {
        Self::new(Code::Unexpected, message)
    }

    /// What a screen branches on.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// After how many milliseconds to try again, where whoever refused says so.
    #[must_use]
    pub const fn retry_ms(&self) -> Option<i64> {
        self.retry_ms
    }

    /// The text for the log.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Error {}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let full = matches!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::DiskFull | rusqlite::ErrorCode::OutOfMemory)
        );
        Self::new(
            if full { Code::DiskFull } else { Code::Storage },
            error.to_string(),
        )
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<postcard::Error> for Error {
    fn from(error: postcard::Error) -> Self {
        Self::new(Code::Protocol, error.to_string())
    }
}

impl From<automerge::AutomergeError> for Error {
    fn from(error: automerge::AutomergeError) -> Self {
        Self::unexpected(error.to_string())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        // What passed through a writer comes out as it was.
        let error = match error.downcast::<Self>() {
            Ok(ours) => return ours,
            Err(error) => error,
        };
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let full = matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge);
        Self::new(
            if full { Code::DiskFull } else { Code::Storage },
            error.to_string(),
        )
    }
}
