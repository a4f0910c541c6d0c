//! The key that signs programs which machines fetch from here: ECDSA on P-256 with SHA-256, because every system can check that with what it brings
//! (openssl of any age, `LibreSSL`, Windows' CNG), and Ed25519 with hardly any. For the ground's keys and whoever serves programs.
//! Must never happen: another thing signed with it than the SHA-256 of a whole program.
use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    digest::{Context, SHA256},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};

/// What a `SubjectPublicKeyInfo` (RFC 5480) has before the point of a P-256 key.
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Signs programs.
pub struct ProgramSigner(EcdsaKeyPair);

/// A signature: r and s, 32 bytes each (IEEE P1363).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramSignature(pub [u8; 64]);

impl ProgramSigner {
    /// From the secrets that `derive` yields by their number. The first that is a scalar of the curve counts: but for one in four thousand million it is
    /// number nought.
    pub(super) fn from_secrets(derive: impl Fn(u8) -> [u8; 32]) -> Option<Self> {
        (0..=u8::MAX).find_map(|number| {
            let secret = derive(number);
            let point = PrivateKey::from_private_key(&ECDH_P256, &secret)
                .ok()?
                .compute_public_key()
                .ok()?;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &secret,
                point.as_ref(),
            );
            pair.ok().map(Self)
        })
    }
    /// Signs what this context has read.
    pub fn sign(&self, read: Context) -> Option<ProgramSignature> {
        let signature = self.0.sign_digest(&read.finish()).ok()?;
        signature.as_ref().try_into().ok().map(ProgramSignature)
    }
    /// Where a program is read into, to be signed.
    pub fn reader() -> Context {
        Context::new(&SHA256)
    }
    /// The public key as a `SubjectPublicKeyInfo`, DER.
    pub fn public_key(&self) -> Vec<u8> {
        [SPKI.as_slice(), self.0.public_key().as_ref()].concat()
    }
}

impl ProgramSignature {
    /// As openssl takes it: a DER sequence of two integers (RFC 3279, 2.2.3).
    pub fn der(&self) -> Vec<u8> {
        let (r, s) = self.0.split_at(32);
        let body = [integer(r), integer(s)].concat();
        // At most 2 · 35 bytes: one byte tells the length.
        [&[0x30, u8::try_from(body.len()).unwrap_or_default()], body.as_slice()].concat()
    }
}

/// Without leading noughts, and never negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let noughts = bytes
        .iter()
        .take_while(|byte| **byte == 0)
        .count()
        .min(bytes.len().saturating_sub(1));
    let digits = bytes.get(noughts..).unwrap_or_default();
    let sign: &[u8] = if digits.first().is_some_and(|first| *first >= 0x80) {
        &[0]
    } else {
        &[]
    };
    let length = u8::try_from(sign.len() + digits.len()).unwrap_or_default();
    [&[0x02, length], sign, digits].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    fn signed(program: &[u8]) -> (ProgramSigner, ProgramSignature) {
        let signer = ProgramSigner::from_secrets(|number| [7 + number; 32]).unwrap();
        let mut read = ProgramSigner::reader();
        program.chunks(3).for_each(|part| read.update(part));
        let signature = signer.sign(read).unwrap();
        (signer, signature)
    }

    #[test]
    fn a_signature_holds_in_both_shapes_and_for_this_program_only() {
        for round in 0..64_u8 {
            let program = [round; 10];
            let (signer, signature) = signed(&program);
            let point = signer.public_key().split_off(SPKI.len());
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
                .verify(&program, &signature.0)
                .unwrap();
            let asn1 = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &point);
            asn1.verify(&program, &signature.der()).unwrap();
            assert!(asn1.verify(&[round; 11], &signature.der()).is_err());
        }
    }

    #[test]
    fn the_same_secret_is_the_same_key_and_no_scalar_is_passed_over() {
        let key = |first: [u8; 32]| {
            ProgramSigner::from_secrets(|number| if number == 0 { first } else { [number; 32] })
                .unwrap()
                .public_key()
        };
        assert_eq!(key([9; 32]), key([9; 32]));
        assert_ne!(key([9; 32]), key([8; 32]));
        // Nought and what lies above the curve's order are none: the next one counts.
        assert_eq!(key([0; 32]), key([0xff; 32]));
        assert_eq!(key([0; 32]), key([1; 32]));
    }

    #[test]
    fn integers_are_short_and_positive() {
        assert_eq!(integer(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(integer(&[0, 0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
    }
}
