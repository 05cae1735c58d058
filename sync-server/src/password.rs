//! Passwords: argon2id with 19 MiB, two passes, one lane (about 60 ms), few at once so that
//! sync is not starved.

use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use vigie_core::error::{Code, Error, Result};
use vigie_core::store::blob::{hex, parse_hex};

use crate::entropy;

/// Fewest characters.
const LENGTH_MIN: usize = 12;
/// Most bytes: longer ones only keep the server busy.
const LENGTH_MAX: usize = 500;
/// Names what the stored text holds, so that the cost can be raised later.
const FORM: &str = "argon2id-19456-2-1";
/// Beginnings of passwords that everybody tries first, lower case.
const COMMON: &[&str] = &[
    "123456789",
    "abcdefghi",
    "azertyuiop",
    "bienvenue",
    "changeme",
    "iloveyou",
    "jetaime",
    "letmein",
    "motdepasse",
    "password",
    "qwertyuiop",
    "securite",
    "soleil",
    "vigie",
    "welcome",
];

/// Hashes and checks, so many at once at most.
#[derive(Debug)]
pub struct Passwords {
    turns: Semaphore,
    /// Checked instead of a real one when there is none, so that both take the same time.
    decoy: String,
}

impl Passwords {
    /// Ready to check.
    ///
    /// # Errors
    /// When the memory for it cannot be had.
    pub fn new(at_once: usize) -> Result<Self> {
        Ok(Self {
            turns: Semaphore::new(at_once),
            decoy: hash("nobody has this password")?,
        })
    }

    /// The text to store for a new password.
    ///
    /// # Errors
    /// [`Code::PasswordWeak`] for one that is too short or too common.
    pub async fn hash(&self, password: &str) -> Result<String> {
        strong(password)?;
        let password = password.to_owned();
        self.turn(move || hash(&password)).await
    }

    /// Whether `password` is what was stored; takes as long when nothing was.
    ///
    /// # Errors
    /// When the memory for it cannot be had.
    pub async fn check(&self, password: &str, stored: Option<String>) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.clone());
        let password = password.to_owned();
        let right = self.turn(move || check(&password, &stored)).await?;
        Ok(right && known)
    }

    async fn turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|error| Error::unexpected(error.to_string()))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::unexpected(error.to_string()))?
    }
}

fn strong(password: &str) -> Result<()> {
    let weak = |why: &str| Err(Error::new(Code::PasswordWeak, why));
    if password.chars().count() < LENGTH_MIN {
        return weak("fewer than twelve characters");
    }
    if password.len() > LENGTH_MAX {
        return Err(Error::new(Code::TooLarge, "the password is too long"));
    }
    let lower = password.to_lowercase();
    let mut letters: Vec<char> = lower.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let known = COMMON.iter().any(|start| {
        lower
            .strip_prefix(start)
            .is_some_and(|rest| !rest.chars().any(char::is_alphabetic))
    });
    if letters.len() < 5 || known {
        return weak("too common");
    }
    Ok(())
}

fn hash(password: &str) -> Result<String> {
    let salt: [u8; 32] = entropy::bytes();
    Ok(format!(
        "{FORM}${}${}",
        hex(&salt),
        hex(&stretch(password, &salt)?)
    ))
}

fn check(password: &str, stored: &str) -> Result<bool> {
    let mut parts = stored.split('$');
    let (Some(FORM), Some(salt), Some(expected), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Error::new(
            Code::Storage,
            "a stored password of another form",
        ));
    };
    if password.len() > LENGTH_MAX {
        return Ok(false);
    }
    let found = stretch(password, &parse_hex(salt)?)?;
    Ok(bool::from(found.ct_eq(&parse_hex(expected)?)))
}

fn stretch(password: &str, salt: &[u8; 32]) -> Result<[u8; 32]> {
    let fault = |error: argon2::Error| Error::unexpected(error.to_string());
    let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(fault)?;
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .map_err(fault)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_checked_against_its_own_hash_only() {
        let stored = hash("un bon mot de passe").expect("hashes");
        assert!(
            check("un bon mot de passe", &stored).expect("checks"),
            "the right one"
        );
        assert!(
            !check("un bon mot de passé", &stored).expect("checks"),
            "another one"
        );
    }

    #[test]
    fn short_and_common_passwords_are_weak() {
        for weak in [
            "court",
            "motdepasse2026!",
            "aaaaaaaaaaaaaaaa",
            "Password123456",
        ] {
            let error = strong(weak).expect_err(weak);
            assert_eq!(error.code(), Code::PasswordWeak, "`{weak}`");
        }
        assert!(strong("quatre chevaux verts").is_ok(), "a good one");
    }
}
