//! A passkey in software, with the browser before it: answers the questions of WebAuthn (Level 3) as Chrome with a platform authenticator would.
//! For tests only, and whole in this one file, so that tests of a single crate can take it, too. What it can be told to do wrong, attackers do.
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 4;
const BACKUP_ELIGIBLE: u8 = 8;
const ATTESTED: u8 = 64;

/// One credential that it holds.
#[derive(Clone)]
struct Held {
    id: Vec<u8>,
    user: Vec<u8>,
    key: Vec<u8>,
    count: u32,
}

/// A maker's key (PKCS #8) and its certificates, the key's own first.
#[derive(Clone)]
pub struct Attested {
    /// The key.
    pub key: Vec<u8>,
    /// The certificates in DER.
    pub chain: Vec<Vec<u8>>,
}

/// The authenticator and its browser. A clone is a copy of the keys, as a thief would have it.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one way in which a key differs")]
pub struct SoftPasskey {
    /// The origin that the browser shows.
    pub origin: String,
    /// Whether it checks who holds it.
    pub verifies: bool,
    /// The relying party that it answers for, where that is not the one that asks.
    pub relying: Option<String>,
    /// The product that it says it is (AAGUID).
    pub model: u128,
    /// Whether it counts its uses; synchronised keys do not.
    pub counts: bool,
    /// Whether it can be copied, as synchronised keys are.
    pub is_synchronised: bool,
    /// Whether it keeps keys on itself.
    pub keeps: bool,
    /// The id of the next key, where chance is not to make it.
    pub next_id: Option<Vec<u8>>,
    /// What its maker gave it to prove what it is; without it a key vouches for itself alone.
    pub attested: Option<Attested>,
    held: Vec<Held>,
}

impl SoftPasskey {
    /// An empty one, in a browser that shows this origin.
    pub fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            verifies: true,
            relying: None,
            model: 0,
            counts: true,
            is_synchronised: false,
            keeps: true,
            next_id: None,
            attested: None,
            held: Vec::new(),
        }
    }

    /// Makes a key: the body for the finish, from the answer of the start.
    pub fn create(&mut self, started: &Value) -> Value {
        let asked = &started["publicKey"];
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let challenge = asked["challenge"].as_str().expect("a challenge");
        let held = Held {
            id: self
                .next_id
                .take()
                .unwrap_or_else(|| Sha256::digest(challenge).to_vec()),
            user: BASE64
                .decode(asked["user"]["id"].as_str().expect("a user"))
                .expect("base64url"),
            key: key.as_ref().to_vec(),
            count: u32::from(self.counts),
        };
        let client = self.client_data("webauthn.create", asked);
        let data = self.authenticator_data(asked["rp"]["id"].as_str().expect("a relying party"), &held, true);
        let (format, statement) = if asked["attestation"] == "direct" {
            ("packed", self.statement(&held, &data, &client))
        } else {
            ("none", head(5, 0))
        };
        let object = [
            head(5, 3),
            text("fmt"),
            text(format),
            text("attStmt"),
            statement,
            text("authData"),
            bytes(&data),
        ]
        .concat();
        let response = json!({
            "clientDataJSON": BASE64.encode(&client),
            "attestationObject": BASE64.encode(object),
            "transports": ["internal", "hybrid"],
        });
        let extensions = json!({ "credProps": { "rk": self.keeps } });
        let body = shown(started, &held.id, &response, &extensions);
        self.held.push(held);
        body
    }

    /// Uses a key that is asked for, else the latest: the body for the finish, from the answer of the start.
    pub fn get(&mut self, started: &Value) -> Value {
        let asked = &started["publicKey"];
        let allowed: Vec<Vec<u8>> = asked["allowCredentials"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| BASE64.decode(one["id"].as_str()?).ok())
            .collect();
        let fits = |held: &Held| allowed.is_empty() || allowed.contains(&held.id);
        let at = self.held.iter().rposition(fits).expect("a key that is asked for");
        if self.counts {
            self.held[at].count += 1;
        }
        let held = self.held[at].clone();
        let client = self.client_data("webauthn.get", asked);
        let data = self.authenticator_data(asked["rpId"].as_str().expect("a relying party"), &held, false);
        let response = json!({
            "clientDataJSON": BASE64.encode(&client),
            "authenticatorData": BASE64.encode(&data),
            "signature": BASE64.encode(sign(&held.key, &data, &client)),
            "userHandle": BASE64.encode(&held.user),
        });
        shown(started, &held.id, &response, &json!({}))
    }

    /// The packed statement (section 8.2): by the maker's key with its certificates, else by the new key itself.
    fn statement(&self, held: &Held, data: &[u8], client: &[u8]) -> Vec<u8> {
        let Some(attested) = &self.attested else {
            let signature = sign(&held.key, data, client);
            return [head(5, 2), text("alg"), vec![0x26], text("sig"), bytes(&signature)].concat();
        };
        let signature = sign(&attested.key, data, client);
        let chain: Vec<u8> = attested.chain.iter().flat_map(|one| bytes(one)).collect();
        let statement = [
            head(5, 3),
            text("alg"),
            vec![0x26],
            text("sig"),
            bytes(&signature),
            text("x5c"),
            head(4, attested.chain.len()),
            chain,
        ];
        statement.concat()
    }

    fn client_data(&self, kind: &str, asked: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    /// Section 6.1: hash of the relying party, flags, counter, and for a new key what it is.
    fn authenticator_data(&self, relying: &str, held: &Held, is_new: bool) -> Vec<u8> {
        let relying = self.relying.as_deref().unwrap_or(relying);
        let mut flags = USER_PRESENT;
        if self.verifies {
            flags |= USER_VERIFIED;
        }
        if self.is_synchronised {
            flags |= BACKUP_ELIGIBLE;
        }
        if is_new {
            flags |= ATTESTED;
        }
        let mut data = Sha256::digest(relying).to_vec();
        data.push(flags);
        data.extend(held.count.to_be_bytes());
        if is_new {
            data.extend(self.model.to_be_bytes());
            data.extend(u16::try_from(held.id.len()).expect("a short id").to_be_bytes());
            data.extend(&held.id);
            data.extend(cose(held));
        }
        data
    }
}

fn pair(key: &[u8]) -> EcdsaKeyPair {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key).expect("our own key")
}

fn sign(key: &[u8], data: &[u8], client: &[u8]) -> Vec<u8> {
    let message = [data, Sha256::digest(client).as_slice()].concat();
    let signature = pair(key).sign(&SystemRandom::new(), &message).expect("a signature");
    signature.as_ref().to_vec()
}

/// RFC 9053, 7.1.1: an EC2 key on P-256 for ES256.
fn cose(held: &Held) -> Vec<u8> {
    let pair = pair(&held.key);
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    [
        &head(5, 5)[..],
        &[0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21],
        &bytes(x),
        &[0x22],
        &bytes(y),
    ]
    .concat()
}

fn shown(started: &Value, id: &[u8], response: &Value, extensions: &Value) -> Value {
    let id = BASE64.encode(id);
    json!({
        "ceremony": started["ceremony"],
        "credential": {
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": extensions,
        },
    })
}

/// The head of a CBOR item (RFC 8949, section 3) of less than 64 KiB.
fn head(major: u8, length: usize) -> Vec<u8> {
    let major = major << 5;
    match u16::try_from(length).expect("a short item") {
        short @ 0..24 => vec![major | short.to_be_bytes()[1]],
        byte @ 24..256 => vec![major | 0x18, byte.to_be_bytes()[1]],
        long => [&[major | 0x19][..], &long.to_be_bytes()].concat(),
    }
}
fn bytes(value: &[u8]) -> Vec<u8> {
    [&head(2, value.len())[..], value].concat()
}
fn text(value: &str) -> Vec<u8> {
    [&head(3, value.len())[..], value.as_bytes()].concat()
}
