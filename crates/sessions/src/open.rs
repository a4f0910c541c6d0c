//! The door of the house: who comes in with a session cookie, and the one hand that opens a session.
use crate::{
    decide::{Session, Standing, judge},
    store::{self, NewSession},
};
use ground::{
    Caller, Door, Refusal,
    db::{Result, Tx, View},
    house::Asked,
};
use kernel::{
    Action, Authorizer, Chance, Deployment, DeviceId, Holder, Organisation, OrganisationId, PersonId, Reason,
    SessionId, Time,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Lets people in by their session and their rights.
pub struct SessionDoor {
    authorizer: Arc<dyn Authorizer>,
}

/// The proof that its holder is the sign-in: whoever has it can open sessions. Made once, together with the door, and handed to `sign_in` only.
pub struct Opener(());

/// The door of the house and the one opener that goes with it.
pub fn door_and_opener(authorizer: Arc<dyn Authorizer>) -> (SessionDoor, Opener) {
    (SessionDoor { authorizer }, Opener(()))
}

/// What sign-in has proved and wants a session for.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Who proved themselves.
    pub person: PersonId,
    /// For which organisation the session speaks.
    pub organisation: OrganisationId,
    /// The device, unless it is a shared one.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub device_label: String,
    /// The network.
    pub network: String,
    /// On a shared or public device.
    pub is_shared: bool,
    /// What was proved (RFC 8176), such as `pwd`.
    pub methods: &'static str,
}

/// A session that is to be opened: its id and its token, drawn outside the transaction.
#[derive(Clone)]
pub struct Opened {
    /// The session's id.
    pub id: SessionId,
    /// The cookie's value: 256 bits of chance.
    pub token: String,
}

impl Opened {
    /// A fresh id and token.
    pub fn draw(now: Time, chance: &Chance) -> Self {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        Self {
            id: SessionId::new(now, chance),
            token: URL_SAFE_NO_PAD.encode(chance.bytes::<32>()),
        }
    }
    /// What the store keeps of the token.
    pub fn token_hash(&self) -> [u8; 32] {
        Sha256::digest(self.token.as_bytes()).into()
    }
}

impl Opener {
    /// Opens a session, as part of the transaction that settles the sign-in.
    pub fn open(&self, tx: &mut Tx, proof: &Proof, opened: &Opened, now: Time) -> Result<()> {
        let epoch = organisations::epoch(tx, Deployment)?;
        store::insert(
            tx,
            Deployment,
            &NewSession {
                id: opened.id,
                token_hash: &opened.token_hash(),
                person: proof.person,
                organisation: proof.organisation,
                device: proof.device,
                device_label: &proof.device_label,
                network: &proof.network,
                is_shared: proof.is_shared,
                epoch,
                methods: proof.methods,
            },
            now,
        )
    }
}

/// A session that counts, with all that was looked up to know it.
pub(crate) struct Counting {
    session: Session,
    standing: Standing,
    organisation: organisations::Standing,
    person: people::PersonStanding,
}

/// What the copies of the session cookie come to.
pub(crate) enum Found {
    Session(Box<Counting>),
    Nobody(Reason),
}

/// Of several copies the one that verifies counts; two that verify for different people: neither.
/// INVARIANT: the door and the sign-in page ask here, so that neither sends anybody on to the other in circles.
pub(crate) fn find(view: &mut View, tokens: &[[u8; 32]], now: Time) -> Result<Found> {
    let mut best: Option<Counting> = None;
    let mut why = Reason::SessionNone;
    for token in tokens {
        let counting = match look(view, token, now)? {
            Ok(counting) => counting,
            Err(Some(reason)) => {
                why = reason;
                continue;
            }
            Err(None) => continue,
        };
        match &best {
            Some(other) if other.session.person != counting.session.person => {
                return Ok(Found::Nobody(Reason::SessionTwoPeople));
            }
            Some(Counting {
                standing: Standing::Live { .. },
                ..
            }) => {}
            _ => best = Some(counting),
        }
    }
    Ok(best.map_or(Found::Nobody(why), |found| Found::Session(Box::new(found))))
}

/// One token: a session that counts, or why it does not; no reason where there never was one.
pub(crate) fn look(
    view: &mut View,
    token: &[u8; 32],
    now: Time,
) -> Result<std::result::Result<Counting, Option<Reason>>> {
    let Some(session) = store::by_token(view, Deployment, token)? else {
        return Ok(Err(None));
    };
    let scope = Organisation(session.organisation);
    let Some(organisation) = organisations::standing(view, scope)? else {
        return Ok(Err(None));
    };
    let standing = judge(&session, organisation.sessions, organisation.epoch, now);
    if let Standing::Over { why, .. } = standing {
        return Ok(Err(Some(why)));
    }
    let person = people::standing(view, scope, session.person)?.filter(|p| !p.is_disabled && p.is_member);
    let Some(person) = person else {
        return Ok(Err(Some(Reason::SessionPersonGone)));
    };
    Ok(Ok(Counting {
        session,
        standing,
        organisation,
        person,
    }))
}

impl Door for SessionDoor {
    fn admit(&self, view: &mut View, asked: &Asked, now: Time) -> Result<std::result::Result<Caller, Refusal>> {
        let Counting {
            session,
            standing,
            organisation,
            person,
        } = match find(view, &asked.tokens, now)? {
            Found::Session(found) => *found,
            Found::Nobody(why) => return Ok(Err(Refusal::SignedOut(why))),
        };
        let (is_locked, locks_at, ends_at) = match standing {
            Standing::Live { locks_at, ends_at } => (false, locks_at, ends_at),
            Standing::Locked { ends_at } => (true, now, ends_at),
            Standing::Over { why, .. } => return Ok(Err(Refusal::SignedOut(why))),
        };
        if is_locked && !asked.tolerates_lock {
            return Ok(Err(Refusal::Locked));
        }
        let scope = Organisation(session.organisation);
        let holder = Holder {
            person: session.person,
            organisation: session.organisation,
            grants: roles::grants(view, scope, session.person)?,
        };
        let decision = self.authorizer.decide(&holder, asked.action);
        if !decision.allowed {
            let reasons = decision.because.into_iter().map(|(reason, _)| reason).collect();
            return Ok(Err(Refusal::Forbidden(reasons)));
        }
        let may = |action: &Action| self.authorizer.decide(&holder, *action).allowed;
        Ok(Ok(Caller {
            person: session.person,
            name: person.name,
            email: person.email,
            language: person.language,
            organisation: session.organisation,
            organisation_name: organisation.name,
            session: session.id,
            device: session.device,
            device_label: session.device_label,
            is_shared: session.is_shared,
            may: Action::ALL.iter().copied().filter(may).collect(),
            roles: holder.grants.clone(),
            network: asked.network.clone(),
            is_locked,
            seen_at: session.seen_at,
            locks_at,
            ends_at,
        }))
    }

    fn touch(&self, tx: &mut Tx, caller: &Caller, now: Time) -> Result<()> {
        store::touch(tx, Deployment, caller.session, &caller.network, now)
    }
}
