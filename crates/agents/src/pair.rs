//! `pair`: a machine comes with an installation key and a key pair of its own, and waits until somebody lets it in. And the short codes by which people
//! find it. Must never happen: two agents of one key pair; a code that is guessed; a stranger who hears whether a key is known but wrong in something.
use crate::{
    decide,
    gate::busy,
    http::Agents,
    proof,
    protocol::{LOOK_EVERY, answer, refuse, version},
    settle,
    store::{self, Identity},
};
use agent_wire::{InstallationKey, PairAnswer, PairRequest, State as Standing};
use axum::{
    Json as Told,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{Failure, Ground, Visitor, db, form::Json};
use kernel::{AgentId, FieldError, Organisation, Reason, Span, Time};

/// A short code is good for so long.
pub(crate) const CODE_FOR: Span = Span::minutes(10);
/// Letters that nobody mistakes for another, and that spell nothing.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const CODE_LENGTH: usize = 8;

/// POST `pair`.
pub(crate) async fn pair(State(agents): State<Agents>, visitor: Visitor, body: Json<PairRequest>) -> Response {
    let paired = paired(&agents, &visitor, body).await;
    answer(paired.map(|paired| (StatusCode::CREATED, Told(paired)).into_response()))
}

async fn paired(agents: &Agents, visitor: &Visitor, body: Json<PairRequest>) -> Result<PairAnswer, Failure> {
    let ground = &agents.house.ground;
    version(visitor)?;
    let request = body.open()?;
    let wrong = |error| {
        Failure::new(visitor, StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused).with_errors(vec![error])
    };
    let key = InstallationKey::read(&request.installation_key)
        .map_err(|_| wrong(FieldError::new("installation_key", Reason::InstallationKeySlip)))?;
    proof::pairing(ground, &request, &key).map_err(|reason| refuse(visitor, reason))?;
    let public_key = request
        .public_key
        .bytes()
        .ok_or_else(|| refuse(visitor, Reason::AgentProofWrong))?;
    let machine = decide::pairing::machine(request.facts).map_err(wrong)?;
    let _place = agents.identity.gate.enter(visitor).await?;
    let asks = settle::pair::Asks {
        id: AgentId::new(ground.now(), &ground.chance),
        key_hash: key_hash(ground, &key),
        public_key,
        thumbprint: request.public_key.thumbprint(),
        machine,
        network: visitor.network(),
        now: ground.now(),
    };
    let row = settle::pair::pair(agents, visitor, asks).await?;
    agents.live.ring();
    let user_code = match row.state {
        Standing::Waiting => Some(user_code(ground, &row, visitor).await?),
        _ => None,
    };
    Ok(PairAnswer {
        agent_id: row.id.0,
        state: row.state,
        verification_uri: user_code.is_some().then(|| ground.config.public_url.join("/pair")),
        user_code,
        interval: LOOK_EVERY,
    })
}

/// What an installation key is found by. The store has nothing from which it could be told.
pub(crate) fn key_hash(ground: &Ground, key: &InstallationKey) -> [u8; 32] {
    ground.keys.hmac("installation-key", &key.bits())
}

/// The short code of an agent that waits: that of these ten minutes, or a new one where they are over.
pub(crate) async fn user_code(ground: &Ground, row: &Identity, visitor: &Visitor) -> Result<String, Failure> {
    let now = ground.now();
    if let Some(ends_at) = row.user_code_ends_at.filter(|ends_at| *ends_at > now) {
        return Ok(code(ground, row.id, ends_at));
    }
    let (organisation, id, ends_at) = (Organisation(row.organisation), row.id, now + CODE_FOR);
    let hash = hash(ground, &plain(ground, id, ends_at));
    let step = move |tx: &mut db::Tx| {
        store::renew_code(tx, organisation, id, (&hash, ends_at), now)?;
        // Of two that look at once the first one's code holds.
        Ok::<_, db::Error>(store::identity(tx, organisation, id)?.and_then(|row| row.user_code_ends_at))
    };
    let kept = ground
        .store
        .write(step)
        .await
        .map_err(|error| Failure::store(visitor, &error))?;
    kept.map(|ends_at| code(ground, id, ends_at))
        .ok_or_else(|| busy(visitor))
}

/// A code follows from the agent and its end, so that it need not be kept to be told again.
fn plain(ground: &Ground, agent: AgentId, ends_at: Time) -> String {
    let bytes = [agent.0.as_bytes().as_slice(), &ends_at.micros().to_be_bytes()].concat();
    let drawn = ground.keys.hmac("agent-code", &bytes);
    let mut rest = drawn.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
    let mut letters = String::new();
    for _ in 0..CODE_LENGTH {
        let at = usize::try_from(rest % 20).unwrap_or(0);
        letters.push(LETTERS.get(at).map_or('B', |letter| char::from(*letter)));
        rest /= 20;
    }
    letters
}

fn code(ground: &Ground, agent: AgentId, ends_at: Time) -> String {
    let mut plain = plain(ground, agent, ends_at);
    plain.insert(CODE_LENGTH / 2, '-');
    plain
}

/// A new code's hash and end, for an agent that is just made.
pub(crate) fn first_code(ground: &Ground, agent: AgentId, now: Time) -> ([u8; 32], Time) {
    let ends_at = now + CODE_FOR;
    (hash(ground, &plain(ground, agent, ends_at)), ends_at)
}

fn hash(ground: &Ground, plain: &str) -> [u8; 32] {
    ground.keys.hmac("agent-user-code", plain.as_bytes())
}

/// What a code is found by, however it was typed; none where it cannot be one.
pub(crate) fn code_hash(ground: &Ground, typed: &str) -> Option<[u8; 32]> {
    read(typed).map(|plain| hash(ground, &plain))
}

fn read(typed: &str) -> Option<String> {
    let plain: String = typed
        .chars()
        .take(40)
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let is_code = plain.len() == CODE_LENGTH && plain.bytes().all(|letter| LETTERS.contains(&letter));
    is_code.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for typed in ["BCDF-GHJK", "bcdf ghjk", " bcdfghjk\n", "BCDF\u{2013}GHJK"] {
            assert_eq!(read(typed).as_deref(), Some("BCDFGHJK"), "{typed}");
        }
        for bad in ["", "BCDF-GHJ", "BCDF-GHJKL", "ACDF-GHJK", "1CDF-GHJK", "BCDF_GHJK"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
