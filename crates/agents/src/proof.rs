//! What an agent proves, looked at by the server: the nonce of a pairing, the assertion of a token request, the proof of each call (`DPoP`).
//! For the routes of agents. Must never happen: an address or a time of a proof believed because the request says so; a proof that counts twice here.
use crate::once::Once;
use agent_wire::{
    InstallationKey, NonceAnswer, PairRequest, PublicKey, Refused,
    proof::{self, Assertion, Dpop, Pairing, Rotation, decode, encode},
};
use ground::Ground;
use kernel::{AgentId, Reason, Span, Time};
use sha2::{Digest, Sha256};

/// A nonce is good for so long.
const NONCE_FOR: Span = Span::minutes(5);
/// A proof of a call is as old as this at most, and as young: clocks are the server's, so only the way counts.
pub(crate) const PROOF_FOR: Span = Span::seconds(60);
/// An assertion lives so long at most.
const ASSERTION_FOR: Span = Span::minutes(5);
/// The longest `jti`, characters.
const LONGEST_JTI: usize = 64;

/// A fresh nonce: time, chance and an authenticator over both, so that nothing is kept of it.
pub(crate) fn nonce(ground: &Ground) -> NonceAnswer {
    let now = ground.now();
    let mut bytes = now.micros().to_be_bytes().to_vec();
    bytes.extend(ground.chance.bytes::<16>());
    let mac = ground.keys.hmac("agent-nonce", &bytes);
    bytes.extend(mac);
    NonceAnswer {
        nonce: encode(&bytes),
        time: now.seconds(),
    }
}

fn is_nonce(ground: &Ground, nonce: &str) -> bool {
    let Some(bytes) = decode(nonce) else { return false };
    let Some((body, mac)) = bytes.split_at_checked(24) else {
        return false;
    };
    let at = body.first_chunk().map(|at| Time::from_micros(i64::from_be_bytes(*at)));
    // An authenticator of a nonce opens nothing by itself, so how long the comparison takes tells nothing worth knowing.
    ground.keys.hmac("agent-nonce", body) == mac
        && at.is_some_and(|at| (Span::ZERO..=NONCE_FOR).contains(&(ground.now() - at)))
}

/// Whether a pairing is signed with the key that it brings, over a nonce of ours and this installation key.
pub(crate) fn pairing(ground: &Ground, request: &PairRequest, key: &InstallationKey) -> Result<(), Reason> {
    let claims: Pairing = proof::open(&request.proof, &request.public_key).map_err(why)?;
    if claims.key_hash != encode(&key.digest()) {
        return Err(Reason::AgentProofWrong);
    }
    if is_nonce(ground, &claims.nonce) {
        Ok(())
    } else {
        Err(Reason::AgentNonceOver)
    }
}

const fn why(refused: Refused) -> Reason {
    match refused {
        Refused::Malformed | Refused::Signature => Reason::AgentProofWrong,
    }
}

/// A call, as it came: what its proof has to be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: &'static str,
}

impl Call {
    /// A POST to this path.
    pub(crate) const fn post(path: &'static str) -> Self {
        Self { method: "POST", path }
    }
    /// A GET of it.
    pub(crate) const fn get(path: &'static str) -> Self {
        Self { method: "GET", path }
    }
}

/// A call whose proof holds. Nothing is said of whose key it is.
pub(crate) struct Proved {
    /// The key.
    pub key: PublicKey,
    /// Its thumbprint.
    pub thumbprint: [u8; 32],
    /// When it was signed, by the server's clock.
    pub signed_at: Time,
    /// The proof's own number.
    pub jti: String,
}

/// Checks the proof of a call (RFC 9449, 4.3). `token`: the access token that came along.
/// INVARIANT: the address is `public_url` and the route's own path, never anything that the request says of itself, so any proxy may stand between.
pub(crate) fn call(ground: &Ground, call: Call, proof: &str, token: Option<&str>) -> Result<Proved, Reason> {
    let (claims, key): (Dpop, PublicKey) = proof::open_brought(proof).map_err(why)?;
    let ath = token.map(|token| encode(&Sha256::digest(token)));
    let is_of_it =
        claims.htm == call.method && claims.htu == ground.config.public_url.join(call.path) && claims.ath == ath;
    if !is_of_it || claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI {
        return Err(Reason::AgentProofWrong);
    }
    let signed_at = Time::from_seconds(claims.iat);
    is_near(signed_at, ground.now())?;
    Ok(Proved {
        thumbprint: key.thumbprint(),
        key,
        signed_at,
        jti: claims.jti,
    })
}

fn is_near(at: Time, now: Time) -> Result<(), Reason> {
    let age = Time::from_seconds(now.seconds()) - at;
    if (Span::ZERO - PROOF_FOR..=PROOF_FOR).contains(&age) {
        Ok(())
    } else {
        Err(Reason::AgentClock)
    }
}

/// Checks the assertion of a token request (RFC 7523, 3): this agent's, for this server, young, and once.
pub(crate) fn assertion(
    ground: &Ground,
    once: &Once,
    text: &str,
    key: &PublicKey,
    agent: AgentId,
    path: &str,
) -> Result<(), Reason> {
    let claims: Assertion = proof::open(text, key).map_err(why)?;
    let id = agent.0.to_string();
    let is_ours = claims.iss == id && claims.sub == id && claims.aud == ground.config.public_url.join(path);
    if !is_ours || claims.jti.is_empty() || claims.jti.len() > LONGEST_JTI {
        return Err(Reason::AgentProofWrong);
    }
    let now = ground.now();
    is_near(Time::from_seconds(claims.iat), now)?;
    let ends_at = Time::from_seconds(claims.exp);
    let is_alive = now < ends_at && ends_at <= Time::from_seconds(claims.iat) + ASSERTION_FOR;
    if is_alive {
        once.take(agent, &claims.jti, now)
    } else {
        Err(Reason::AgentClock)
    }
}

/// Checks that the old key and the new one say the same of their change.
pub(crate) fn rotation(
    ground: &Ground,
    agent: AgentId,
    (old, by_old): (&PublicKey, &str),
    (new, by_new): (&PublicKey, &str),
) -> Result<(), Reason> {
    let one: Rotation = proof::open(by_old, old).map_err(why)?;
    let other: Rotation = proof::open(by_new, new).map_err(why)?;
    let is_right = one == other
        && one.agent == agent.0.to_string()
        && one.from == encode(&old.thumbprint())
        && one.to == encode(&new.thumbprint());
    if is_right {
        is_near(Time::from_seconds(one.iat), ground.now())
    } else {
        Err(Reason::AgentProofWrong)
    }
}
