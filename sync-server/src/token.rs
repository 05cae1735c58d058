//! Secrets that are shown once and stored hashed: device tokens, session cookies, invitation codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::entropy;

/// SHA-256 of a secret.
pub type Hash = [u8; 32];

/// Thirty-two letters and digits that nobody takes for one another once look-alikes are mapped.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Length of the code that people type: 50 bits, behind a limit of tries.
const CODE_LENGTH: usize = 10;
/// Length of the code that a QR code carries: 130 bits.
const SECRET_LENGTH: usize = 26;

/// A new token of 256 random bits, and its hash.
#[must_use]
pub fn fresh() -> (String, Hash) {
    let token = URL_SAFE_NO_PAD.encode(entropy::bytes::<32>());
    let hash = hash(&token);
    (token, hash)
}

/// The hash that a token is stored under.
#[must_use]
pub fn hash(token: &str) -> Hash {
    digest(b"vigie token 1\0", &[], token)
}

/// What keeps the hashes of short codes from being guessed by whoever holds the database alone.
#[derive(Clone)]
pub struct Pepper([u8; 32]);

impl Pepper {
    /// Derived from the server's key.
    #[must_use]
    pub fn new(server_key: &[u8; 32]) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"vigie pepper 1\0");
        digest.update(server_key);
        Self(digest.finalize().into())
    }

    /// The hash that a code is stored under; `None` when the text cannot be a code.
    #[must_use]
    pub fn hash_code(&self, text: &str) -> Option<Hash> {
        normal(text).map(|code| digest(b"vigie code 1\0", &self.0, &code))
    }
}

/// A new short code, as it is shown (`K7QF-2M9X-PD`), and a new long one.
#[must_use]
pub fn codes() -> (String, String) {
    (
        grouped(&random_code(CODE_LENGTH)),
        random_code(SECRET_LENGTH),
    )
}

fn random_code(length: usize) -> String {
    entropy::bytes::<SECRET_LENGTH>()
        .into_iter()
        .take(length)
        .filter_map(|byte| ALPHABET.get(usize::from(byte & 31)))
        .map(|letter| char::from(*letter))
        .collect()
}

fn grouped(code: &str) -> String {
    let mut text = String::new();
    for (index, letter) in code.chars().enumerate() {
        if index > 0 && index.is_multiple_of(4) {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

/// The code without what people add to it, look-alikes mapped; `None` when it is none.
fn normal(text: &str) -> Option<String> {
    if text.len() > 100 {
        return None;
    }
    let mut code = String::new();
    for letter in text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
    {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            'U' => 'V',
            other => other,
        };
        let known = u8::try_from(letter).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known {
            return None;
        }
        code.push(letter);
    }
    [CODE_LENGTH, SECRET_LENGTH]
        .contains(&code.len())
        .then_some(code)
}

fn digest(purpose: &[u8], key: &[u8], text: &str) -> Hash {
    let mut digest = Sha256::new();
    digest.update(purpose);
    digest.update(key);
    digest.update(text.as_bytes());
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let pepper = Pepper::new(&[7; 32]);
        let shown = pepper.hash_code("K7QF-2M9X-P0");
        assert!(shown.is_some(), "the code as it is shown");
        assert_eq!(
            shown,
            pepper.hash_code(" k7qf 2m9x po "),
            "typed with a letter O"
        );
    }

    #[test]
    fn what_cannot_be_a_code_has_no_hash() {
        let pepper = Pepper::new(&[7; 32]);
        for text in ["", "K7QF", "K7QF-2M9X-P!", &"0".repeat(200)] {
            assert_eq!(pepper.hash_code(text), None, "`{text}`");
        }
    }

    #[test]
    fn fresh_codes_are_codes() {
        let pepper = Pepper::new(&[7; 32]);
        let (code, secret) = codes();
        assert_eq!(code.len(), 12, "{code}");
        assert!(pepper.hash_code(&code).is_some(), "{code}");
        assert!(pepper.hash_code(&secret).is_some(), "the long one");
    }
}
