//! The proofs of an agent: JSON Web Signatures under its Ed25519 key (RFC 7515, RFC 8037).
//! Must never happen: another algorithm than `EdDSA`, a proof of one kind taken for another (each has its `typ`), a header that asks for something that
//! nobody here looks at (`crit`, `jku`, …): it has `alg`, `typ`, where wanted `jwk`, and nothing else.
use crate::PublicKey;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, VerificationAlgorithm as _};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::borrow::Cow;

/// No proof is longer.
const LONGEST: usize = 4_096;

/// A kind of proof, each with its `typ`.
pub trait Claims: Serialize + DeserializeOwned {
    /// The header's `typ`.
    const TYP: &'static str;
    /// Whether the header brings the public key (RFC 9449, 4.2).
    const BRINGS_KEY: bool = false;
}

/// Signed when an agent pairs: over the server's nonce and the installation key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    /// From `nonce`.
    pub nonce: String,
    /// base64url of the installation key's digest.
    pub key_hash: String,
}
impl Claims for Pairing {
    const TYP: &'static str = "doorward-pairing+jwt";
}

/// Signed for a token (RFC 7523, 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// The agent's id.
    pub iss: String,
    /// The same.
    pub sub: String,
    /// The address of `token` below `public_url`.
    pub aud: String,
    /// Unix seconds, by the server's clock.
    pub iat: i64,
    /// At most five minutes later.
    pub exp: i64,
    /// Once.
    pub jti: String,
}
impl Claims for Assertion {
    const TYP: &'static str = "client-authentication+jwt";
}

/// Signed with each call (RFC 9449, 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dpop {
    /// The method.
    pub htm: String,
    /// The address below `public_url`, without query.
    pub htu: String,
    /// Unix seconds, by the server's clock.
    pub iat: i64,
    /// Once.
    pub jti: String,
    /// base64url of the access token's SHA-256, where one comes along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ath: Option<String>,
}
impl Claims for Dpop {
    const TYP: &'static str = "dpop+jwt";
    const BRINGS_KEY: bool = true;
}

/// Signed by the old key and by the new one when a key changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The agent's id.
    pub agent: String,
    /// base64url of the old key's thumbprint.
    pub from: String,
    /// base64url of the new key's thumbprint.
    pub to: String,
    /// Unix seconds, by the server's clock.
    pub iat: i64,
}
impl Claims for Rotation {
    const TYP: &'static str = "doorward-rotation+jwt";
}

/// Why a proof does not count. What stands in it is never repeated to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Not a JWS of the wanted kind, or under another algorithm.
    Malformed,
    /// The signature is not this key's.
    Signature,
}

/// The header as it may be. INVARIANT: unknown members are refused; a `jwk` with a private half is one (RFC 9449, 4.3), so is `crit` (RFC 7515, 4.1.11).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    typ: Cow<'a, str>,
    alg: Alg,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jwk: Option<PublicKey>,
}

#[derive(Serialize, Deserialize)]
enum Alg {
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// Whoever holds the private key.
pub struct Holder {
    pair: Option<Ed25519KeyPair>,
    public: PublicKey,
}

impl Holder {
    /// From a key pair in PKCS#8 (RFC 8410) and its public half.
    pub fn new(pkcs8: &[u8], public: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).ok();
        Self {
            pair,
            public: PublicKey::new(public),
        }
    }
    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
    /// Signs these claims. None where the key pair is broken.
    pub fn sign<C: Claims>(&self, claims: &C) -> Option<String> {
        let jwk = C::BRINGS_KEY.then(|| self.public.clone());
        let header = Header {
            typ: C::TYP.into(),
            alg: Alg::EdDsa,
            jwk,
        };
        let header = encode(&serde_json::to_vec(&header).ok()?);
        let signed = format!("{header}.{}", encode(&serde_json::to_vec(claims).ok()?));
        let signature = self.pair.as_ref()?.sign(signed.as_bytes());
        Some(format!("{signed}.{}", encode(signature.as_ref())))
    }
}

/// The claims of a proof that was signed with this very key. Times and names in it are the caller's to judge.
pub fn open<C: Claims>(proof: &str, key: &PublicKey) -> Result<C, Refused> {
    let parts = Parts::of(proof)?;
    match parts.header::<C>()? {
        Some(brought) if brought != *key => Err(Refused::Signature),
        _ => parts.verify(key),
    }
}

/// The claims of a proof that brings its own key, and that key.
pub fn open_brought<C: Claims>(proof: &str) -> Result<(C, PublicKey), Refused> {
    let parts = Parts::of(proof)?;
    let key = parts.header::<C>()?.ok_or(Refused::Malformed)?;
    Ok((parts.verify(&key)?, key))
}

/// The parts of a compact serialisation (RFC 7515, 7.1).
struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(proof: &'a str) -> Result<Self, Refused> {
        if proof.len() > LONGEST {
            return Err(Refused::Malformed);
        }
        let (signed, signature) = proof.rsplit_once('.').ok_or(Refused::Malformed)?;
        // A further dot is no character of base64url.
        let (header, payload) = signed.split_once('.').ok_or(Refused::Malformed)?;
        Ok(Self {
            header,
            payload,
            signed,
            signature,
        })
    }
    /// The key that the header brings. The header is of this kind, whole.
    fn header<C: Claims>(&self) -> Result<Option<PublicKey>, Refused> {
        let json = decode(self.header).ok_or(Refused::Malformed)?;
        let header: Header<'_> = serde_json::from_slice(&json).map_err(|_| Refused::Malformed)?;
        let is_of_kind = header.typ == C::TYP && header.jwk.is_some() == C::BRINGS_KEY;
        if is_of_kind {
            Ok(header.jwk)
        } else {
            Err(Refused::Malformed)
        }
    }
    /// INVARIANT: nothing of the claims is read before the signature was checked.
    fn verify<C: Claims>(&self, key: &PublicKey) -> Result<C, Refused> {
        let key = key.bytes().ok_or(Refused::Malformed)?;
        let signature = decode(self.signature).ok_or(Refused::Malformed)?;
        ED25519
            .verify_sig(&key, self.signed.as_bytes(), &signature)
            .map_err(|_| Refused::Signature)?;
        let json = decode(self.payload).ok_or(Refused::Malformed)?;
        serde_json::from_slice(&json).map_err(|_| Refused::Malformed)
    }
}

/// base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes behind it, in its one spelling; none where it is something else.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{rand::SystemRandom, signature::KeyPair};
    use jsonwebtoken::{Algorithm, DecodingKey, Validation};

    fn pair() -> (Ed25519KeyPair, Holder) {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let holder = Holder::new(pkcs8.as_ref(), pair.public_key().as_ref().try_into().unwrap());
        (pair, holder)
    }
    fn holder() -> Holder {
        pair().1
    }
    fn dpop() -> Dpop {
        Dpop {
            htm: "POST".into(),
            htu: "https://door.example/api/v1/agents/heartbeat".into(),
            iat: 1,
            jti: "a".into(),
            ath: None,
        }
    }
    fn pairing() -> Pairing {
        Pairing {
            nonce: "n".into(),
            key_hash: "k".into(),
        }
    }
    /// A proof with a header of one's own, signed well.
    fn signed(pair: &Ed25519KeyPair, header: &str, claims: &impl Serialize) -> String {
        let text = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(&serde_json::to_vec(claims).unwrap())
        );
        format!("{text}.{}", encode(pair.sign(text.as_bytes()).as_ref()))
    }

    #[test]
    fn a_proof_opens_with_its_own_key_only() {
        let (one, other) = (holder(), holder());
        let proof = one.sign(&pairing()).unwrap();
        assert_eq!(open::<Pairing>(&proof, one.public()), Ok(pairing()));
        assert_eq!(open::<Pairing>(&proof, other.public()), Err(Refused::Signature));
        let (claims, key) = open_brought::<Dpop>(&one.sign(&dpop()).unwrap()).unwrap();
        assert_eq!((claims, &key), (dpop(), one.public()));
        assert_eq!(
            open::<Dpop>(&one.sign(&dpop()).unwrap(), other.public()),
            Err(Refused::Signature)
        );
    }

    #[test]
    fn no_kind_of_proof_is_taken_for_another_and_none_without_a_signature() {
        let one = holder();
        assert_eq!(
            open::<Dpop>(&one.sign(&pairing()).unwrap(), one.public()),
            Err(Refused::Malformed)
        );
        assert_eq!(
            open::<Pairing>(&one.sign(&dpop()).unwrap(), one.public()),
            Err(Refused::Malformed)
        );
        let proof = one.sign(&pairing()).unwrap();
        let parts: Vec<&str> = proof.split('.').collect();
        let none = encode(br#"{"alg":"none","typ":"doorward-pairing+jwt"}"#);
        for bad in [
            format!("{none}.{}.", parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{proof}."),
            format!("{proof}.{}", parts[2]),
            format!("{proof}="),
            String::new(),
            "a.b.c".into(),
            "x".repeat(9_000),
        ] {
            assert!(open::<Pairing>(&bad, one.public()).is_err(), "{bad}");
        }
        let edited = encode(
            &serde_json::to_vec(&Pairing {
                nonce: "m".into(),
                ..pairing()
            })
            .unwrap(),
        );
        let edited = format!("{}.{edited}.{}", parts[0], parts[2]);
        assert_eq!(open::<Pairing>(&edited, one.public()), Err(Refused::Signature));
    }

    #[test]
    fn a_header_has_what_it_must_have_and_nothing_else() {
        let (pair, holder) = pair();
        let x = encode(pair.public_key().as_ref());
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        let good = format!(r#"{{"alg":"EdDSA","typ":"dpop+jwt","jwk":{jwk}}}"#);
        assert_eq!(
            open_brought::<Dpop>(&signed(&pair, &good, &dpop())),
            Ok((dpop(), holder.public().clone()))
        );
        for bad in [
            good.replace("}}", r#","d":"AAAA"}}"#),
            good.replace("\"alg\"", "\"crit\":[\"exp\"],\"alg\""),
            good.replace("\"alg\"", "\"kid\":\"1\",\"alg\""),
            good.replace("EdDSA", "HS256"),
            good.replace("EdDSA", "none"),
            good.replace("Ed25519", "Ed448"),
            good.replace("dpop+jwt", "DPoP+JWT"),
            good.replace(&x, &x[..42]),
            good.replace(&format!(",\"jwk\":{jwk}"), ""),
        ] {
            assert_eq!(
                open_brought::<Dpop>(&signed(&pair, &bad, &dpop())),
                Err(Refused::Malformed),
                "{bad}"
            );
        }
    }

    #[test]
    fn another_hand_reads_our_proofs_and_we_read_its() {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let holder = Holder::new(pkcs8.as_ref(), pair.public_key().as_ref().try_into().unwrap());
        let key = DecodingKey::from_ed_der(pair.public_key().as_ref());
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        let read = jsonwebtoken::decode::<Dpop>(holder.sign(&dpop()).unwrap(), &key, &rules).unwrap();
        assert_eq!((read.claims, read.header.typ.as_deref()), (dpop(), Some(Dpop::TYP)));
        let mut header = jsonwebtoken::Header::new(Algorithm::EdDSA);
        header.typ = Some(Pairing::TYP.into());
        let theirs = jsonwebtoken::encode(
            &header,
            &pairing(),
            &jsonwebtoken::EncodingKey::from_ed_der(pkcs8.as_ref()),
        );
        assert_eq!(open::<Pairing>(&theirs.unwrap(), holder.public()), Ok(pairing()));
    }
}
