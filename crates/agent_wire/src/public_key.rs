//! An agent's public key, as a JWK (RFC 7517, RFC 8037). Must never happen: two spellings of one key, or a key under which anybody can sign.
use crate::proof::{decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A public Ed25519 key: `{"kty":"OKP","crv":"Ed25519","x":"…"}`, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Jwk", into = "Jwk")]
pub struct PublicKey([u8; 32]);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jwk {
    kty: Okp,
    crv: Ed25519,
    x: String,
}
#[derive(Serialize, Deserialize)]
enum Okp {
    #[serde(rename = "OKP")]
    Okp,
}
#[derive(Serialize, Deserialize)]
enum Ed25519 {
    Ed25519,
}

impl PublicKey {
    /// From its 32 bytes.
    pub const fn new(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }
    /// Its 32 bytes; none where they are no key that proves anything.
    pub fn bytes(&self) -> Option<[u8; 32]> {
        (!is_worthless(&self.0)).then_some(self.0)
    }
    /// The JWK thumbprint (RFC 7638), SHA-256.
    pub fn thumbprint(&self) -> [u8; 32] {
        Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(&self.0))).into()
    }
}

impl TryFrom<Jwk> for PublicKey {
    type Error = &'static str;
    fn try_from(jwk: Jwk) -> Result<Self, &'static str> {
        let bytes = decode(&jwk.x).and_then(|bytes| bytes.try_into().ok());
        let key = Self(bytes.ok_or("x is not 32 bytes in base64url")?);
        if key.bytes().is_some() {
            Ok(key)
        } else {
            Err("x is no key that proves anything")
        }
    }
}
impl From<PublicKey> for Jwk {
    fn from(key: PublicKey) -> Self {
        Self {
            kty: Okp::Okp,
            crv: Ed25519::Ed25519,
            x: encode(&key.0),
        }
    }
}

/// The points of small order, by their y (RFC 8032, 5.1.2): a signature that anybody can make verifies under them.
const SMALL: [[u8; 32]; 5] = [
    [0; 32],
    [
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
];

/// Whether the point is of small order, or y is not written in its one way (it is at or above the prime 2^255 − 19).
fn is_worthless(bytes: &[u8; 32]) -> bool {
    let mut y = *bytes;
    if let Some(last) = y.last_mut() {
        // The sign of x.
        *last &= 0x7f;
    }
    let is_beyond = matches!(y, [0xed..=0xff, middle @ .., 0x7f] if middle.iter().all(|byte| *byte == 0xff));
    is_beyond || SMALL.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ED25519, VerificationAlgorithm as _};

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        // RFC 8037, A.3.
        let key: PublicKey =
            serde_json::from_str(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
                .unwrap();
        assert_eq!(encode(&key.thumbprint()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_under_which_anybody_can_sign_is_none() {
        let mut forged = 0;
        for y in SMALL {
            for sign in [0, 0x80] {
                let mut bytes = y;
                bytes[31] |= sign;
                assert_eq!(PublicKey::new(&bytes).bytes(), None);
                // R of the identity, S of nought: it verifies for a part of all messages, without any private key.
                let mut signature = [0; 64];
                signature[0] = 1;
                forged += (0..64_u8)
                    .filter(|n| ED25519.verify_sig(&bytes, &[*n], &signature).is_ok())
                    .count();
            }
        }
        assert!(forged > 0, "the library refuses them by itself now");
        let mut beyond = [0xff; 32];
        (beyond[0], beyond[31]) = (0xee, 0x7f);
        assert_eq!(PublicKey::new(&beyond).bytes(), None);
    }

    #[test]
    fn a_key_has_one_spelling() {
        for bad in [
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":""}"#,
            r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#,
        ] {
            assert!(serde_json::from_str::<PublicKey>(bad).is_err(), "{bad}");
        }
    }
}
