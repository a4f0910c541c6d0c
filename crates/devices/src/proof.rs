//! The proof of a browser's key: a challenge of ours, signed by a key that the browser made and cannot export (`WebCrypto`, ECDSA P-256).
//! The challenge stands in no store: it is sealed with its time, and bound to a cookie of the browser that asked.
//! Must never happen: a signature taken that was made for another server, for another browser, or more than ten minutes ago.
use crate::cookie;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{Ground, Visitor, cookies};
use kernel::{Span, Time};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A challenge is good for so long.
pub const CHALLENGE_LIVES_FOR: Span = Span::minutes(10);
const TAG: &str = "device-challenge";
/// `SubjectPublicKeyInfo` of an uncompressed point on P-256 (RFC 5480, 2) up to the point.
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// 0x04, x and y.
const POINT: usize = 65;

/// A key that this browser has just proved to hold. There is none without a signature that verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProof {
    spki: Vec<u8>,
    is_fresh: bool,
}

impl KeyProof {
    /// One that was read at the first step of a sign-in and kept with it since.
    pub const fn kept(spki: Vec<u8>, is_fresh: bool) -> Self {
        Self { spki, is_fresh }
    }
    /// The key, as kept.
    pub fn key(&self) -> &[u8] {
        &self.spki
    }
    /// The browser says that it has just made the key, because the one before is gone.
    pub fn is_fresh(&self) -> bool {
        self.is_fresh
    }
    /// Reads the two fields `device_key` and `device_proof` of a form. None: empty, malformed, too old, for another browser, or not signed by
    /// this key; all the same to whoever asks, because a browser may have no key at all.
    pub fn read(visitor: &Visitor, device_key: &str, device_proof: &str) -> Option<Self> {
        if device_key.len() > 200 || device_proof.len() > 400 {
            return None;
        }
        let spki = URL_SAFE_NO_PAD.decode(device_key).ok()?;
        let mut parts = device_proof.split('.');
        let (challenge, age, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let is_fresh = match age {
            "kept" => false,
            "new" => true,
            _ => return None,
        };
        let ground = &visitor.ground;
        let is_bound = bindings(visitor)
            .iter()
            .any(|binding| is_good(ground, challenge, binding, ground.now()));
        if parts.next().is_some() || !is_bound {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let said = message(ground.config.public_url.as_str(), challenge, age);
        is_signed(&spki, said.as_bytes(), &signature).then_some(Self { spki, is_fresh })
    }
}

/// Whether this key (`SubjectPublicKeyInfo`) made this signature (r and s, as `WebCrypto` writes them).
fn is_signed(spki: &[u8], said: &[u8], signature: &[u8]) -> bool {
    let Some(point) = spki.strip_prefix(&SPKI).filter(|point| point.len() == POINT) else {
        return false;
    };
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(said, signature)
        .is_ok()
}

/// What the browser signs: for what, for which server, the challenge, and whether the key is new.
fn message(origin: &str, challenge: &str, age: &str) -> String {
    format!("doorward device key\n{origin}\n{challenge}\n{age}")
}

/// A challenge for this visitor. None where no cookie of ours came along that it could be bound to.
pub fn challenge(visitor: &Visitor) -> Option<String> {
    let binding = bindings(visitor).into_iter().next()?;
    let ground = &visitor.ground;
    Some(make(ground, &binding, ground.now(), ground.chance.bytes()))
}

/// What a challenge may be bound to, the most lasting first: the device's cookie, the sign-in's, the session's.
fn bindings(visitor: &Visitor) -> Vec<[u8; 32]> {
    let devices = cookie::tokens(visitor).into_iter().map(|token| token.hash());
    let others = [cookies::FLOW, cookies::SESSION]
        .into_iter()
        .flat_map(|short| visitor.cookies(short))
        .filter(|value| !value.is_empty())
        .map(|value| Sha256::digest(value.as_bytes()).into());
    devices.chain(others).take(16).collect()
}

fn make(ground: &Ground, binding: &[u8; 32], now: Time, nonce: [u8; 8]) -> String {
    let mut bytes = [now.micros().to_be_bytes(), nonce].concat();
    let tag = tag(ground, &bytes, binding);
    bytes.extend(tag);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn tag(ground: &Ground, bytes: &[u8], binding: &[u8; 32]) -> [u8; 32] {
    ground.keys.hmac(TAG, &[bytes, binding].concat())
}

fn is_good(ground: &Ground, challenge: &str, binding: &[u8; 32], now: Time) -> bool {
    let Some(bytes) = URL_SAFE_NO_PAD.decode(challenge).ok().filter(|bytes| bytes.len() == 48) else {
        return false;
    };
    let (said, sealed) = bytes.split_at_checked(16).unwrap_or_default();
    let made_at = said
        .first_chunk::<8>()
        .map(|micros| Time::from_micros(i64::from_be_bytes(*micros)));
    let is_ours = bool::from(tag(ground, said, binding).ct_eq(sealed));
    // A clock that runs back a little between two nodes is no reason to refuse.
    let is_young = made_at.is_some_and(|at| (Span::minutes(-1)..=CHALLENGE_LIVES_FOR).contains(&(now - at)));
    is_ours && is_young
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        encoding::AsDer,
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
    };

    #[test]
    fn only_the_key_itself_signs_and_only_what_was_said() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let spki: Vec<u8> = pair.public_key().as_der().unwrap().as_ref().to_vec();
        assert_eq!(spki.len(), SPKI.len() + POINT);
        let said = message("https://door.example.org", "abc", "kept");
        let signature = pair.sign(&SystemRandom::new(), said.as_bytes()).unwrap();
        assert!(is_signed(&spki, said.as_bytes(), signature.as_ref()));
        for other in [
            message("https://door.example.com", "abc", "kept"),
            message("https://door.example.org", "abd", "kept"),
            message("https://door.example.org", "abc", "new"),
        ] {
            assert!(!is_signed(&spki, other.as_bytes(), signature.as_ref()));
        }
        let other = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let other: Vec<u8> = other.public_key().as_der().unwrap().as_ref().to_vec();
        assert!(!is_signed(&other, said.as_bytes(), signature.as_ref()));
    }

    #[test]
    fn what_is_no_key_verifies_nothing() {
        let mut off_curve = SPKI.to_vec();
        off_curve.extend([4; POINT]);
        for bad in [&[][..], &SPKI, &off_curve, &[0; 91], &[0; 200]] {
            assert!(!is_signed(bad, b"x", &[0; 64]));
            assert!(!is_signed(bad, b"x", &[]));
        }
    }
}
