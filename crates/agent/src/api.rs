//! The agents' calls, each with the proof that it needs, signed with the server's time.
//! Must never happen: a proof that is sent twice; a call for a token whose attempt is not on the disk (see `token`).
use crate::{
    VERSION,
    client::{Client, NoAnswer},
    clock::Clock,
    key::chance,
    say::Fault,
};
use agent_wire::{
    ASSERTION_TYPE, Facts, HeartbeatAnswer, HeartbeatRequest, Holder, InstallationKey, Marks, NonceAnswer, PairAnswer,
    PairRequest, RotateRequest, SelfAnswer, TokenAnswer, TokenRequest,
    proof::{Assertion, Claims, Dpop, Pairing, Rotation, encode},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The reason's id of a proof whose time is too far from the server's.
const CLOCK: &str = "AG-046";

/// Why a call did not come to what was wanted.
#[derive(Debug)]
pub enum Trouble {
    /// The server's answer, or none.
    Answer(NoAnswer),
    /// Something of this machine.
    Own(Fault),
}
impl From<NoAnswer> for Trouble {
    fn from(no: NoAnswer) -> Self {
        Self::Answer(no)
    }
}
impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Own(fault)
    }
}
impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Answer(no) => no.into(),
            Trouble::Own(fault) => fault,
        }
    }
}

/// The calls to one server.
pub struct Api {
    client: Client,
    clock: Clock,
}

/// Whoever calls: the key, and with it the token where there is one.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The key.
    pub key: &'a Holder,
    /// The access token.
    pub token: Option<&'a str>,
}

impl Api {
    /// By this client.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            clock: Clock::default(),
        }
    }
    /// How far this machine's clock is from the server's.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
    /// The server's address.
    pub fn server(&self) -> &str {
        self.client.server().as_str()
    }

    /// A nonce; and what time it is there.
    fn nonce(&self) -> Result<String, Trouble> {
        let given: NonceAnswer = said(self.client.post("nonce", &[], &serde_json::json!({}))?)?;
        self.clock.learn(given.time);
        Ok(given.nonce)
    }

    /// Pairs. The same request again, with the same key pair, is the same agent.
    pub fn pair(&self, key: &Holder, installation: &InstallationKey, facts: &Facts) -> Result<PairAnswer, Trouble> {
        let claims = Pairing {
            nonce: self.nonce()?,
            key_hash: encode(&installation.digest()),
        };
        let request = PairRequest {
            installation_key: installation.reveal(),
            public_key: key.public().clone(),
            facts: facts.clone(),
            proof: sign(key, &claims)?,
        };
        said(self.client.post("pair", &[], &request)?)
    }

    /// Where the agent of this key stands.
    pub fn own(&self, key: &Holder) -> Result<SelfAnswer, Trouble> {
        let answer: SelfAnswer = self.timed(|| {
            let headers = self.proof("GET", "self", Caller { key, token: None })?;
            Ok(self.client.get("self", &headers)?)
        })?;
        self.clock.learn(answer.time);
        Ok(answer)
    }

    /// A token for this ratchet value and attempt.
    pub fn token(
        &self,
        key: &Holder,
        id: Uuid,
        marks: &Marks,
        (value, attempt): (Option<&str>, &str),
    ) -> Result<TokenAnswer, Trouble> {
        self.timed(|| {
            let now = self.clock.now();
            let claims = Assertion {
                iss: id.to_string(),
                sub: id.to_string(),
                aud: self.client.server().call("token"),
                iat: now,
                exp: now + 60,
                jti: chance()?,
            };
            let request = TokenRequest {
                client_assertion_type: ASSERTION_TYPE.into(),
                client_assertion: sign(key, &claims)?,
                ratchet: value.map(str::to_owned),
                attempt: Some(attempt.to_owned()),
                marks: marks.clone(),
            };
            let headers = self.proof("POST", "token", Caller { key, token: None })?;
            said(self.client.post("token", &headers, &request)?)
        })
    }

    /// "I am there."
    pub fn heartbeat(&self, caller: Caller<'_>, beat: &HeartbeatRequest) -> Result<Option<HeartbeatAnswer>, Trouble> {
        self.with_token("heartbeat", caller, beat)
    }

    /// Changes the key: signed by both.
    pub fn rotate(&self, caller: Caller<'_>, id: Uuid, next: &Holder) -> Result<(), Trouble> {
        let claims = Rotation {
            agent: id.to_string(),
            from: encode(&caller.key.public().thumbprint()),
            to: encode(&next.public().thumbprint()),
            iat: self.clock.now(),
        };
        let request = RotateRequest {
            public_key: next.public().clone(),
            by_old: sign(caller.key, &claims)?,
            by_new: sign(next, &claims)?,
        };
        self.with_token::<serde_json::Value>("rotate", caller, &request)
            .map(|_| ())
    }

    /// Gives the identity back.
    pub fn unpair(&self, caller: Caller<'_>) -> Result<(), Trouble> {
        self.with_token::<serde_json::Value>("unpair", caller, &serde_json::json!({}))
            .map(|_| ())
    }

    fn with_token<T: DeserializeOwned>(
        &self,
        call: &str,
        caller: Caller<'_>,
        body: &impl Serialize,
    ) -> Result<Option<T>, Trouble> {
        self.timed(|| {
            let mut headers = self.proof("POST", call, caller)?;
            if let Some(token) = caller.token {
                headers.push(("authorization", format!("DPoP {token}")));
            }
            Ok(self.client.post(call, &headers, body)?)
        })
    }

    fn proof(&self, method: &str, call: &str, caller: Caller<'_>) -> Result<Vec<(&'static str, String)>, Trouble> {
        let claims = Dpop {
            htm: method.into(),
            htu: self.client.server().call(call),
            iat: self.clock.now(),
            jti: chance()?,
            ath: caller.token.map(|token| encode(&Sha256::digest(token))),
        };
        Ok(vec![("dpop", sign(caller.key, &claims)?)])
    }

    /// Asks once more with the server's time where the machine's was too far from it.
    fn timed<T>(&self, call: impl Fn() -> Result<T, Trouble>) -> Result<T, Trouble> {
        match call() {
            Err(Trouble::Answer(no)) if no.reason() == CLOCK => {
                self.nonce()?;
                call()
            }
            done => done,
        }
    }
}

fn sign<C: Claims>(key: &Holder, claims: &C) -> Result<String, Trouble> {
    key.sign(claims)
        .ok_or_else(|| Fault::failed("the agent's key cannot sign; pair the machine anew").into())
}

fn said<T>(answer: Option<T>) -> Result<T, Trouble> {
    answer.ok_or_else(|| NoAnswer::Unreachable(format!("its answer is empty (agent {VERSION})")).into())
}
