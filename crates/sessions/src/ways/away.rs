//! The link by mail that comes before a first factor of somebody who was away for long. Sealed for one session; nothing of it is kept.
//! Must never happen: a link that confirms another session than the one that asked for it; a mailbox that is filled.
use crate::Sessions;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{
    Ask, Failure,
    delivery::{self, Purpose},
};
use kernel::{Deployment, MessageId, Method, Organisation, Span, Time, act};
use people::letters::{self, Envelope, From};

/// How long the link works.
const LIVES_FOR: Span = Span::minutes(30);
const SEAL: &str = "first-factor-link";
/// So many mails in so long, over all sessions of a person.
const MOST: i64 = 5;
const MOST_IN: Span = Span::hours(1);

impl Sessions {
    /// Posts the mail with the link that confirms this session for a first factor. Err: enough were sent; when there can be another.
    pub(super) async fn send_proof(&self, ask: &Ask<act::ChangeOwn>) -> Result<Result<(), Time>, Failure> {
        let (ground, lock) = (self.house.ground.clone(), self.lock(ask).await?);
        let id = MessageId::new(ground.now(), &ground.chance);
        let (_, sent) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                let Some(person) = people::person(tx, Deployment, caller.person)? else {
                    return Ok(Ok(()));
                };
                let home = Organisation(person.home_organisation);
                let since = now - MOST_IN;
                let (sent, first) = delivery::posted_since(tx, home, person.id, Purpose::FactorLink, since)?;
                if sent >= MOST {
                    return Ok(Err(first.unwrap_or(now) + MOST_IN));
                }
                let ends_at = now + LIVES_FOR;
                let plain = [caller.session.0.as_bytes().as_slice(), &ends_at.micros().to_be_bytes()].concat();
                let proof = URL_SAFE_NO_PAD.encode(ground.keys.seal(SEAL, &plain, &ground.chance));
                let from = From::the_door(tx, &ground)?;
                let envelope = Envelope {
                    id,
                    to: None,
                    asked_by: caller.device,
                    purpose: Purpose::FactorLink,
                    at: now,
                    ends_at: Some(ends_at),
                };
                let words = crate::letters::long_away(
                    person.language,
                    format!("/app/security/add?proof={proof}"),
                    now,
                    &caller.device_label,
                    &caller.network,
                    LIVES_FOR,
                );
                let letter = letters::write(&from, &person, &words, envelope);
                delivery::post(tx, &ground, &letter)?;
                Ok(Ok(()))
            })
            .await?;
        Ok(sent)
    }

    /// Takes what the link carried. False: it is of another session, or has ended.
    pub(super) async fn take_proof(&self, ask: &Ask<act::ChangeOwn>, proof: &str) -> Result<bool, Failure> {
        let (ground, house, proof) = (self.house.ground.clone(), self.house.clone(), proof.to_owned());
        let (_, is_good) = self
            .house
            .write(ask, None, move |tx, permit| {
                let sealed = URL_SAFE_NO_PAD.decode(&proof).unwrap_or_default();
                let plain = ground.keys.open(SEAL, &sealed).unwrap_or_default();
                let (session, ends) = plain.split_at_checked(16).unwrap_or_default();
                let ends_at = ends.try_into().map_or(0, i64::from_be_bytes);
                let is_good =
                    session == permit.caller().session.0.as_bytes() && permit.now() < Time::from_micros(ends_at);
                if is_good {
                    house.proved(tx, permit, Method::Mail)?;
                }
                Ok(is_good)
            })
            .await?;
        Ok(is_good)
    }
}
