//! Receipts: the server's signature under what it keeps.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::error::{Code, Error, Result};
use crate::sync::message::{Receipt, Response};

/// What a signature is for, so that one made for another purpose is never taken for a receipt.
const PURPOSE: &[u8] = b"vigie receipt 1\0";

/// The server's signing key.
pub struct Signer(SigningKey);

impl Signer {
    /// From its 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public key that devices pin when they enrol.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs a receipt.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn sign(&self, receipt: &Receipt) -> Result<Response> {
        let bytes = postcard::to_stdvec(receipt)?;
        let signature = self.0.sign(&[PURPOSE, &bytes].concat());
        Ok(Response::Received {
            receipt: bytes,
            signature: signature.to_bytes().to_vec(),
        })
    }
}

/// Reads a receipt that this server keeps: its own signature is not held against it again.
///
/// # Errors
/// [`Code::Protocol`] when it is none.
pub fn read(receipt: &[u8]) -> Result<Receipt> {
    Ok(postcard::from_bytes(receipt)?)
}

/// Reads a receipt, after checking the server's signature.
///
/// # Errors
/// [`Code::Refused`] when the signature is not the server's.
pub fn verify(server_key: &[u8; 32], receipt: &[u8], signature: &[u8]) -> Result<Receipt> {
    let forged = |what: &str| Error::new(Code::Refused, format!("a receipt whose {what}"));
    let key = VerifyingKey::from_bytes(server_key)
        .map_err(|error| forged(&format!("key is unusable: {error}")))?;
    let signature = Signature::from_slice(signature)
        .map_err(|error| forged(&format!("signature is malformed: {error}")))?;
    key.verify_strict(&[PURPOSE, receipt].concat(), &signature)
        .map_err(|error| forged(&format!("signature does not match: {error}")))?;
    Ok(postcard::from_bytes(receipt)?)
}
