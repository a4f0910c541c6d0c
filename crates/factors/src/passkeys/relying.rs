//! The relying party of WebAuthn (Level 3, section 7): makes the questions, judges the answers. No store, no clock; chance is the library's own.
//! For `Passkeys`, the bench and the fuzzer. Must never happen: an answer for another origin, without user verification, or to another question taken for good.
use super::{Roots, decide};
use kernel::{PersonId, Reason};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs::prelude::{
    AttestedPasskeyRegistration, CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

/// Our side of every ceremony.
pub struct Relying {
    webauthn: Webauthn,
    roots: Roots,
}

/// How a new key was asked for, kept until it is shown.
#[derive(Serialize, Deserialize)]
enum Asked {
    /// What it says of itself is taken as said.
    Plain(PasskeyRegistration),
    /// It has to prove which model it is.
    Attested(Box<AttestedPasskeyRegistration>),
}

/// A question for a browser, and what has to be kept until it is answered.
pub struct Question {
    /// The options, as `navigator.credentials` takes them (in their JSON form).
    pub options: Value,
    /// To be kept on the server, used once.
    pub state: Vec<u8>,
}

/// A key as it is kept.
#[derive(Clone)]
pub struct Key(Passkey);

/// A key that was just registered.
#[derive(Clone)]
pub struct Registered {
    /// The key itself.
    pub key: Key,
    /// Its id, at most 1,023 bytes.
    pub credential_id: Vec<u8>,
    /// The product that it says it is (AAGUID); nil where it does not say.
    pub model: Uuid,
    /// How browsers reach it, in their words: `internal hybrid`.
    pub transports: String,
    /// Its signature counter; nought where it has none.
    pub sign_count: u32,
}

/// An answer as it came, read but not judged.
pub struct Answer(PublicKeyCredential);

/// What an answer proves.
pub struct Verified {
    /// The key with what it told anew about itself.
    pub key: Key,
    /// Its signature counter.
    pub sign_count: u32,
}

/// Why an answer proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// For this reason; nobody but the asker needs to know.
    Plain(Reason),
    /// The signature is right and its counter did not rise: there may be two copies of the key.
    Copied,
}

impl Refusal {
    /// The reason.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Plain(reason) => reason,
            Self::Copied => Reason::PasskeyCounterWrong,
        }
    }
}

impl Key {
    /// Reads what [`Key::bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(Self)
    }
    /// For the store, where it is sealed.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).unwrap_or_default()
    }
}

impl Answer {
    /// Reads the JSON form of a `PublicKeyCredential` with an assertion.
    pub fn read(credential: &Value) -> Option<Self> {
        PublicKeyCredential::deserialize(credential).ok().map(Self)
    }
    /// The key that it names.
    pub fn credential_id(&self) -> &[u8] {
        self.0.get_credential_id()
    }
    /// Whether it may be this person's. Where nobody said who they are, the key has to (section 7.2, step 6).
    pub fn is_of(&self, person: PersonId, must_say: bool) -> bool {
        match self.0.get_user_unique_id() {
            Some(handle) => handle == person.0.as_bytes(),
            None => !must_say,
        }
    }
}

impl Relying {
    /// For this host and origin, believing no maker. None: browsers hold passkeys for names only, not for bare IP addresses.
    pub fn new(host: &str, origin: &str) -> Option<Self> {
        let origin = Url::parse(origin).ok()?;
        let builder = WebauthnBuilder::new(host, &origin).ok()?;
        let webauthn = builder.rp_name("Doorward").build().ok()?;
        let roots = Roots::default();
        Some(Self { webauthn, roots })
    }
    /// The same, believing these makers.
    #[must_use]
    pub fn with_roots(self, roots: Roots) -> Self {
        Self { roots, ..self }
    }

    /// Asks for a new key that stays discoverable and verifies its user. With `wants_model` the authenticator is asked to attest what it is, which
    /// it has to prove where there are roots.
    pub fn ask_new(
        &self,
        person: PersonId,
        email: &str,
        name: &str,
        known: &[Vec<u8>],
        wants_model: bool,
    ) -> Option<Question> {
        let exclude = known.iter().map(|id| CredentialID::from(id.clone())).collect();
        let shown = if name.is_empty() { email } else { name };
        let (asked, state) = if wants_model && !self.roots.is_empty() {
            let (asked, state) = self
                .webauthn
                .start_attested_passkey_registration(person.0, email, shown, Some(exclude), self.roots.list(), None)
                .ok()?;
            (asked, Asked::Attested(Box::new(state)))
        } else {
            let (asked, state) = self
                .webauthn
                .start_passkey_registration(person.0, email, shown, Some(exclude))
                .ok()?;
            (asked, Asked::Plain(state))
        };
        let mut options = serde_json::to_value(&asked.public_key).ok()?;
        let selection = options.get_mut("authenticatorSelection")?;
        put(selection, "residentKey", json!("required"));
        put(selection, "requireResidentKey", json!(true));
        let extensions = options.get_mut("extensions")?;
        for needless in ["uvm", "minPinLength", "hmacCreateSecret"] {
            // No browser answers the first, and some warn of it; nobody here reads the others.
            extensions.as_object_mut()?.remove(needless);
        }
        // Keys that cannot would refuse altogether; user verification is asked for with each use in any case.
        put(extensions, "enforceCredentialProtectionPolicy", json!(false));
        put(
            &mut options,
            "attestation",
            json!(if wants_model { "direct" } else { "none" }),
        );
        let state = serde_json::to_vec(&state).ok()?;
        Some(Question { options, state })
    }

    /// Judges a new key. `models`: those that are allowed; empty allows all.
    pub fn register(&self, state: &[u8], credential: &Value, models: &[Uuid]) -> Result<Registered, Reason> {
        let asked: Asked = serde_json::from_slice(state).map_err(|_| Reason::PasskeyEnded)?;
        let answer = RegisterPublicKeyCredential::deserialize(credential).map_err(|_| Reason::PasskeyWrong)?;
        let passkey = match &asked {
            // The policy has listed models since: what was asked for then proves none.
            Asked::Plain(_) if !models.is_empty() && !self.roots.is_empty() => return Err(Reason::PasskeyEnded),
            Asked::Plain(state) => self
                .webauthn
                .finish_passkey_registration(&answer, state)
                .map_err(|error| decide::refusal(&error))?,
            Asked::Attested(state) => self
                .webauthn
                .finish_attested_passkey_registration(&answer, state)
                .map(Passkey::from)
                .map_err(|error| decide::attested_refusal(&error))?,
        };
        // The library keeps neither of the two, so they are read from the bytes that it has just found good.
        let (model, sign_count) = decide::model_of(&answer.response.attestation_object).ok_or(Reason::PasskeyWrong)?;
        let is_kept = answer.extensions.cred_props.as_ref().and_then(|props| props.rk);
        decide::may_be_kept(model, models, is_kept)?;
        let transports = answer.response.transports.unwrap_or_default();
        let words: Vec<&str> = transports.iter().map(AsRef::as_ref).collect();
        Ok(Registered {
            credential_id: passkey.cred_id().clone(),
            key: Key(passkey),
            model,
            transports: words.join(" "),
            sign_count,
        })
    }

    /// Asks for any key of ours, or one of these (id and transports).
    pub fn ask(&self, keys: &[(Vec<u8>, String)]) -> Option<Question> {
        let (asked, state) = self.webauthn.start_discoverable_authentication().ok()?;
        let mut options = serde_json::to_value(&asked.public_key).ok()?;
        options.as_object_mut()?.remove("extensions");
        let allowed: Vec<Value> = keys.iter().map(|(id, transports)| described(id, transports)).collect();
        put(&mut options, "allowCredentials", Value::Array(allowed));
        let state = serde_json::to_vec(&state).ok()?;
        Some(Question { options, state })
    }

    /// Judges an answer by the key that it names. User verification is demanded always.
    pub fn verify(&self, state: &[u8], answer: &Answer, key: &Key) -> Result<Verified, Refusal> {
        let state: DiscoverableAuthentication =
            serde_json::from_slice(state).map_err(|_| Refusal::Plain(Reason::PasskeyEnded))?;
        let result = self
            .webauthn
            .finish_discoverable_authentication_v2(&answer.0, state, &key.0)
            .map_err(|error| match error {
                WebauthnError::CredentialPossibleCompromise => Refusal::Copied,
                error => Refusal::Plain(decide::refusal(&error)),
            })?;
        if !result.user_verified() {
            return Err(Refusal::Plain(Reason::PasskeyUnverified));
        }
        let mut key = key.clone();
        key.0.update_credential(&result);
        Ok(Verified {
            key,
            sign_count: result.counter(),
        })
    }
}

fn described(id: &[u8], transports: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut described = json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(id) });
    if !transports.is_empty() {
        let words: Vec<&str> = transports.split(' ').collect();
        put(&mut described, "transports", json!(words));
    }
    described
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
