//! What an agent is given: access tokens and ratchet values. Both are texts under a key outside the store, and nothing of them is kept there.
//! Must never happen: one of them taken for the other, or for anything of a person; one that a reader of the store could make.
use crate::decide::ratchet::Place;
use agent_wire::proof::{decode, encode};
use ground::keys::Keys;
use kernel::{AgentId, OrganisationId, Span, Time};
use uuid::Uuid;

/// A token lives so long.
pub(crate) const LIVES_FOR: Span = Span::minutes(10);
/// What every token begins with, so that people and scanners know one when they see it.
const PREFIX: &str = "dwa_";
const BODY: usize = 16 + 16 + 32 + 8 + 8 + 8;

/// What an access token says: whose it is, which key it is bound to, with which ratchet value it was given, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The agent's organisation.
    pub organisation: OrganisationId,
    /// The agent.
    pub agent: AgentId,
    /// The thumbprint of its key (RFC 9449, 6).
    pub thumbprint: [u8; 32],
    /// The value that came with it.
    pub place: Place,
    /// When it ends.
    pub ends_at: Time,
}

impl Token {
    /// As a text.
    pub(crate) fn seal(&self, keys: &Keys) -> String {
        let mut bytes = Vec::with_capacity(BODY + 32);
        bytes.extend(self.organisation.0.as_bytes());
        bytes.extend(self.agent.0.as_bytes());
        bytes.extend(self.thumbprint);
        for number in [self.place.anchoring, self.place.step, self.ends_at.micros()] {
            bytes.extend(number.to_be_bytes());
        }
        let mac = keys.hmac("agent-token", &bytes);
        bytes.extend(mac);
        format!("{PREFIX}{}", encode(&bytes))
    }
    /// Back from the text; none where it is not ours. Whether it has ended is the caller's to ask.
    pub(crate) fn open(keys: &Keys, text: &str) -> Option<Self> {
        let bytes = decode(text.strip_prefix(PREFIX)?)?;
        let (body, mac) = bytes.split_at_checked(BODY)?;
        if !is_equal(&keys.hmac("agent-token", body), mac) {
            return None;
        }
        let (organisation, rest) = body.split_first_chunk::<16>()?;
        let (agent, rest) = rest.split_first_chunk::<16>()?;
        let (thumbprint, rest) = rest.split_first_chunk::<32>()?;
        let (anchoring, rest) = rest.split_first_chunk::<8>()?;
        let (step, rest) = rest.split_first_chunk::<8>()?;
        let ends_at = rest.first_chunk::<8>()?;
        Some(Self {
            organisation: OrganisationId(Uuid::from_bytes(*organisation)),
            agent: AgentId(Uuid::from_bytes(*agent)),
            thumbprint: *thumbprint,
            place: Place {
                anchoring: i64::from_be_bytes(*anchoring),
                step: i64::from_be_bytes(*step),
            },
            ends_at: Time::from_micros(i64::from_be_bytes(*ends_at)),
        })
    }
}

/// A ratchet value as a text: `ANCHORING.STEP.MAC`.
pub(crate) fn value(keys: &Keys, agent: AgentId, place: Place) -> String {
    format!(
        "{}.{}.{}",
        place.anchoring,
        place.step,
        encode(&mac(keys, agent, place))
    )
}

/// Which value a text is; none where nobody was ever given it.
pub(crate) fn place(keys: &Keys, agent: AgentId, text: &str) -> Option<Place> {
    let (anchoring, rest) = text.split_once('.')?;
    let (step, tag) = rest.split_once('.')?;
    let place = Place {
        anchoring: anchoring.parse().ok()?,
        step: step.parse().ok()?,
    };
    let is_ours = place.anchoring > 0 && place.step > 0 && is_equal(&mac(keys, agent, place), &decode(tag)?);
    is_ours.then_some(place)
}

fn mac(keys: &Keys, agent: AgentId, place: Place) -> [u8; 32] {
    let mut bytes = agent.0.as_bytes().to_vec();
    bytes.extend(place.anchoring.to_be_bytes());
    bytes.extend(place.step.to_be_bytes());
    keys.hmac("agent-ratchet", &bytes)
}

/// Whether both are the same, in a time that tells nothing of where they differ.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let differing = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap()
    }
    fn token() -> Token {
        Token {
            organisation: OrganisationId(Uuid::from_u128(1)),
            agent: AgentId(Uuid::from_u128(2)),
            thumbprint: [3; 32],
            place: Place { anchoring: 4, step: 5 },
            ends_at: Time::from_seconds(6),
        }
    }

    #[test]
    fn a_token_opens_as_it_was_sealed_and_no_other_text_does() {
        let text = token().seal(&keys());
        assert_eq!(Token::open(&keys(), &text), Some(token()));
        let other = Keys::from_bytes(&[1; 32], [9; 32], [3; 32]).unwrap();
        assert_eq!(Token::open(&other, &text), None);
        for at in 0..text.len() {
            let mut edited = text.clone().into_bytes();
            edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
            let edited = String::from_utf8(edited).unwrap();
            assert!(Token::open(&keys(), &edited).is_none(), "{at}");
        }
        for bad in ["", "dwa_", "dwa_AAAA", &text[4..], &format!("{text}AA")] {
            assert!(Token::open(&keys(), bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_value_is_of_one_agent_and_one_place() {
        let (agent, at) = (token().agent, token().place);
        let text = value(&keys(), agent, at);
        assert_eq!(place(&keys(), agent, &text), Some(at));
        assert_eq!(place(&keys(), AgentId(Uuid::from_u128(9)), &text), None);
        assert_eq!(place(&keys(), agent, &text.replacen("4.5", "4.6", 1)), None);
        assert_eq!(
            place(&keys(), agent, &text.replacen("4.5", "+4.5", 1)),
            Some(at),
            "the numbers count, not their spelling"
        );
        for bad in ["", "1.0.", "0.1.AAAA", "1.1.AAAA", "1", "a.b.c"] {
            assert_eq!(place(&keys(), agent, bad), None, "{bad}");
        }
    }
}
