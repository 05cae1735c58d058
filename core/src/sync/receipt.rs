//! Receipts: the server's signature under what it keeps.
//!
//! Several are signed at once: the key signs the root of a tree of their hashes, and the signature of each
//! is the root's and the way up to it. So a receipt proves itself, alone and for ever, and eight cost
//! little more than one.

use std::collections::BTreeSet;
use std::sync::Mutex;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};
use crate::sync::message::{Receipt, Response};

/// What a signature is for, so that one made for another purpose is never taken for a receipt.
const PURPOSE: &[u8] = b"vigie receipt 1\0";
/// Receipts under one signature at most.
pub const TOGETHER_MAX: usize = 8;
/// Steps of a way at most.
const STEPS_MAX: usize = 16;
/// A side and a hash.
const STEP_BYTES: usize = 33;
/// What a leaf, and what a node begins with: the one is never taken for the other.
const LEAF: &[u8] = &[0];
const NODE: &[u8] = &[1];
/// Sides of a step: where the other hash stands.
const LEFT: u8 = 0;
const RIGHT: u8 = 1;
/// Signatures that a verifier remembers.
const GOOD_MAX: usize = 1024;

/// The server's signing key.
#[derive(Clone)]
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

    /// Signs a receipt by itself.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn sign(&self, receipt: &Receipt) -> Result<Response> {
        let mut signed = self.sign_all(std::slice::from_ref(receipt))?;
        signed
            .pop()
            .ok_or_else(|| Error::unexpected("a receipt that was not signed"))
    }

    /// Signs receipts, [`TOGETHER_MAX`] at a time, in their order.
    ///
    /// # Errors
    /// When one cannot be encoded.
    pub fn sign_all(&self, receipts: &[Receipt]) -> Result<Vec<Response>> {
        let mut signed = Vec::with_capacity(receipts.len());
        for together in receipts.chunks(TOGETHER_MAX) {
            let bodies: Vec<Vec<u8>> = together
                .iter()
                .map(postcard::to_stdvec)
                .collect::<std::result::Result<_, _>>()?;
            let (root, ways) = tree(bodies.iter().map(|body| hash(LEAF, body, &[])).collect());
            let signature = self.0.sign(&[PURPOSE, &root].concat()).to_bytes();
            signed.extend(bodies.into_iter().zip(ways).map(|(receipt, way)| {
                let signature = [&signature[..], &way].concat();
                Response::Received { receipt, signature }
            }));
        }
        Ok(signed)
    }
}

fn hash(what: &[u8], one: &[u8], other: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [what, one, other] {
        digest.update(part);
    }
    digest.finalize().into()
}

/// The root above these leaves, and the way up to it from each. Nodes are made of neighbours; one that is
/// left over goes up as it is (the tree of RFC 6962, section 2.1).
fn tree(leaves: Vec<[u8; 32]>) -> ([u8; 32], Vec<Vec<u8>>) {
    let mut ways = vec![Vec::new(); leaves.len()];
    // Each with the leaves below it.
    let mut level: Vec<([u8; 32], Vec<usize>)> = leaves
        .into_iter()
        .enumerate()
        .map(|(leaf, hash)| (hash, vec![leaf]))
        .collect();
    while level.len() > 1 {
        let mut above = Vec::with_capacity(level.len().div_ceil(2));
        let mut nodes = level.into_iter();
        while let Some((left, mut below)) = nodes.next() {
            let Some((right, others)) = nodes.next() else {
                above.push((left, below));
                break;
            };
            let mut step = |leaves: &[usize], side: u8, other: &[u8; 32]| {
                for leaf in leaves {
                    if let Some(way) = ways.get_mut(*leaf) {
                        way.push(side);
                        way.extend_from_slice(other);
                    }
                }
            };
            step(&below, RIGHT, &right);
            step(&others, LEFT, &left);
            below.extend(others);
            above.push((hash(NODE, &left, &right), below));
        }
        level = above;
    }
    let root = level.pop().map_or([0; 32], |(root, _)| root);
    (root, ways)
}

/// Reads a receipt that this server keeps: its own signature is not held against it again.
///
/// # Errors
/// [`Code::Protocol`] when it is none.
pub fn read(receipt: &[u8]) -> Result<Receipt> {
    Ok(postcard::from_bytes(receipt)?)
}

/// Reads a receipt, after checking its signature. Whoever has several takes a [`Verifier`].
///
/// # Errors
/// [`Code::Refused`] when the signature is not the server's.
pub fn verify(server_key: &[u8; 32], receipt: &[u8], signature: &[u8]) -> Result<Receipt> {
    Verifier::new(server_key)?.verify(receipt, signature)
}

/// Reads receipts of one server, and remembers which signatures are good.
pub struct Verifier {
    key: VerifyingKey,
    good: Mutex<BTreeSet<[u8; 32]>>,
}

impl Verifier {
    /// Of the server with this key.
    ///
    /// # Errors
    /// [`Code::Refused`] when it is no key.
    pub fn new(server_key: &[u8; 32]) -> Result<Self> {
        let key = VerifyingKey::from_bytes(server_key)
            .map_err(|error| forged(&format!("key is unusable: {error}")))?;
        let good = Mutex::new(BTreeSet::new());
        Ok(Self { key, good })
    }

    /// Reads a receipt, after checking its signature.
    ///
    /// # Errors
    /// [`Code::Refused`] when the signature is not the server's.
    pub fn verify(&self, receipt: &[u8], signature: &[u8]) -> Result<Receipt> {
        let (of_root, way) = signature
            .split_first_chunk::<64>()
            .ok_or_else(|| forged("signature is too short"))?;
        let steps = way.chunks_exact(STEP_BYTES);
        if !steps.remainder().is_empty() || steps.len() > STEPS_MAX {
            return Err(forged("signature is malformed"));
        }
        let mut root = hash(LEAF, receipt, &[]);
        for step in steps {
            root = match step.split_first() {
                Some((&LEFT, other)) => hash(NODE, other, &root),
                Some((&RIGHT, other)) => hash(NODE, &root, other),
                _ => return Err(forged("signature is malformed")),
            };
        }
        self.signed(&root, of_root)?;
        Ok(postcard::from_bytes(receipt)?)
    }

    fn signed(&self, root: &[u8; 32], signature: &[u8; 64]) -> Result<()> {
        let both = hash(root, signature, &[]);
        let known = |good: &BTreeSet<[u8; 32]>| good.contains(&both);
        if self.good.lock().is_ok_and(|good| known(&good)) {
            return Ok(());
        }
        self.key
            .verify_strict(&[PURPOSE, root].concat(), &Signature::from_bytes(signature))
            .map_err(|error| forged(&format!("signature does not match: {error}")))?;
        if let Ok(mut good) = self.good.lock() {
            if good.len() >= GOOD_MAX {
                good.clear();
            }
            good.insert(both);
        }
        Ok(())
    }
}

fn forged(what: &str) -> Error {
    Error::new(Code::Refused, format!("a receipt whose {what}"))
}
