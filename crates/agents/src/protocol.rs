//! The agents' protocol: what all its calls have in common, and a room for each call.
//! Must never happen: a secret in an address; a call without a version; an answer that tells a stranger of an agent.
mod heartbeat;
mod own;
mod rotate;
mod token;
mod unpair;

use crate::{gate, http::Agents, proof};
use agent_wire::VERSION_HEADER;
use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{Failure, Guard, Routes, Visitor};
use kernel::Reason;

/// The oldest version that is taken.
const OLDEST: &str = "0.1.0";
/// Each answer says it.
const OLDEST_HEADER: HeaderName = HeaderName::from_static("doorward-agent-oldest");
/// Seconds between two looks at `self`, while an agent waits.
pub(crate) const LOOK_EVERY: u32 = 5;

const NONCE: &str = "/api/v1/agents/nonce";
const OWN: &str = "/api/v1/agents/self";
const TOKEN: &str = "/api/v1/agents/token";
const HEARTBEAT: &str = "/api/v1/agents/heartbeat";
const ROTATE: &str = "/api/v1/agents/rotate";
const UNPAIR: &str = "/api/v1/agents/unpair";

/// The routes, but for pairing.
pub(crate) fn routes() -> Routes<Agents> {
    Routes::new()
        .post(NONCE, Guard::Agent("agents.nonce"), nonce)
        .get(OWN, Guard::Agent("agents.self"), own::show)
        .post(TOKEN, Guard::Agent("agents.token"), token::give)
        .post(HEARTBEAT, Guard::Agent("agents.heartbeat"), heartbeat::beat)
        .post(ROTATE, Guard::Agent("agents.rotate"), rotate::rotate)
        .post(UNPAIR, Guard::Agent("agents.unpair"), unpair::unpair)
}

/// POST `nonce`: for whoever wants to pair, or to know the time.
async fn nonce(State(agents): State<Agents>, visitor: Visitor) -> Response {
    let given = version(&visitor).map(|_| Json(proof::nonce(&agents.house.ground)).into_response());
    answer(given)
}

/// The version that a call says it is of.
/// INVARIANT: nothing stands in the address of a call: addresses are kept in logs of proxies.
pub(crate) fn version(visitor: &Visitor) -> Result<String, Failure> {
    let no = |reason| refuse(visitor, reason);
    if visitor.path.contains('?') {
        return Err(no(Reason::AgentAddress));
    }
    let said = only(visitor, VERSION_HEADER).filter(|said| !said.is_empty() && said.len() <= 40);
    let said = said.ok_or_else(|| no(Reason::AgentVersionMissing))?;
    let number = numbers(said).ok_or_else(|| no(Reason::AgentVersionMissing))?;
    if numbers(OLDEST).is_some_and(|oldest| number < oldest) {
        return Err(no(Reason::AgentTooOld));
    }
    Ok(said.to_owned())
}

/// The first three numbers of a version.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = plain.split('.').map(str::parse);
    let mut next = || numbers.next()?.ok();
    Some([next()?, next()?, next()?])
}

/// A header's one value. Of several none is better than the others.
fn only<'a>(visitor: &'a Visitor, name: &str) -> Option<&'a str> {
    let mut lines = visitor.headers.get_all(name).iter();
    let (line, more) = (lines.next(), lines.next());
    line.filter(|_| more.is_none()).and_then(|line| line.to_str().ok())
}

/// What a call brings along to prove itself.
pub(crate) struct Came {
    /// The agent's version.
    pub version: String,
    /// The access token.
    pub token: Option<String>,
    /// The proof of the call.
    pub proof: String,
}

impl Came {
    /// Reads it. Nothing is checked yet.
    pub(crate) fn of(visitor: &Visitor) -> Result<Self, Failure> {
        let version = version(visitor)?;
        let proof = only(visitor, "dpop").ok_or_else(|| refuse(visitor, Reason::AgentProofMissing))?;
        let token = if visitor.headers.contains_key(header::AUTHORIZATION) {
            let line = only(visitor, header::AUTHORIZATION.as_str()).and_then(|line| line.split_once(' '));
            let token = line
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("dpop"))
                .map(|(_, token)| token.trim());
            Some(token.ok_or_else(|| refuse(visitor, Reason::AgentTokenOver))?.to_owned())
        } else {
            None
        };
        Ok(Self {
            version,
            token,
            proof: proof.to_owned(),
        })
    }
}

/// The answer to a call that is refused for this reason.
pub(crate) fn refuse(visitor: &Visitor, reason: Reason) -> Failure {
    let status = match reason {
        Reason::AgentsBusy => return gate::busy(visitor),
        Reason::AgentAddress | Reason::AgentVersionMissing | Reason::AgentTooOld | Reason::RequestMalformed => {
            StatusCode::BAD_REQUEST
        }
        Reason::AgentProofMissing
        | Reason::AgentProofWrong
        | Reason::AgentProofAgain
        | Reason::AgentClock
        | Reason::AgentNonceOver
        | Reason::AgentUnknown
        | Reason::AgentTokenMissing
        | Reason::AgentTokenOver
        | Reason::AgentTokenOther
        | Reason::AgentValueUnknown => StatusCode::UNAUTHORIZED,
        Reason::AgentKeyTaken => StatusCode::CONFLICT,
        Reason::AgentTooOften => StatusCode::TOO_MANY_REQUESTS,
        Reason::AgentInDoubt => StatusCode::SERVICE_UNAVAILABLE,
        Reason::ServerFault => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::FORBIDDEN,
    };
    Failure::new(visitor, status, reason)
}

/// An answer on its way out: it says how a call is proved (RFC 9449, 7.1) and which versions are taken, and is kept by nobody.
pub(crate) fn answer(result: Result<Response, Failure>) -> Response {
    let mut response = result.unwrap_or_else(IntoResponse::into_response);
    let is_challenge = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    headers.insert(OLDEST_HEADER, HeaderValue::from_static(OLDEST));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_challenge {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("DPoP algs=\"EdDSA\""),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert_eq!(numbers("0.1.0"), Some([0, 1, 0]));
        assert_eq!(numbers("1.20.3-rc.1+build"), Some([1, 20, 3]));
        assert!(numbers("0.10.0") > numbers("0.9.9"));
        for bad in ["", "1", "1.2", "a.b.c", "1.2.x", "-1.2.3"] {
            assert_eq!(numbers(bad), None, "{bad}");
        }
    }
}
