//! The door of the house: who comes in with a session cookie, and the one hand that opens a session.
use crate::{
    cached::{Facts, Memory},
    decide::{FactorStanding, Session, Standing, factor_standing, judge},
    limit,
    store::{self, NewSession},
};
use ground::{
    Caller, Door, Ground, Refusal,
    db::{Mark, Result, Tx, View},
    house::Asked,
};
use kernel::{
    Action, Authorizer, Chance, Deployment, DeviceId, Event, Freshness, Holder, Method, Methods, Organisation,
    OrganisationId, PersonId, Reason, SessionId, Time,
};
use organisations::Require;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Lets people in by their session and their rights.
pub struct SessionDoor {
    authorizer: Arc<dyn Authorizer>,
    pub(crate) memory: Memory,
}

/// The proof that its holder is the sign-in: whoever has it can open sessions. Made once, together with the door, and handed to `sign_in` only.
pub struct Opener(());

/// The door of the house and the one opener that goes with it.
pub fn door_and_opener(authorizer: Arc<dyn Authorizer>) -> (SessionDoor, Opener) {
    let memory = Memory::new();
    (SessionDoor { authorizer, memory }, Opener(()))
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
    /// What was proved.
    pub methods: Methods,
    /// The person had not signed in for long, so that a first factor needs a mail.
    pub was_away: bool,
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
    /// Opens a session, as part of the transaction that settles the sign-in, and ends those that are beyond the organisation's limit of devices
    /// from now on. Their events are to be appended last.
    pub fn open(&self, tx: &mut Tx, proof: &Proof, opened: &Opened, now: Time, ground: &Ground) -> Result<Vec<Event>> {
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
                was_away: proof.was_away,
            },
            now,
        )?;
        let most = organisations::standing(tx, Organisation(proof.organisation))?
            .map(|standing| standing.policies.devices.limit);
        match most {
            Some(most) => limit::enforce(tx, opened.id, proof.person, most, now, ground),
            None => Ok(Vec::new()),
        }
    }
}

/// A session that counts, with all that was looked up to know it.
#[derive(Clone)]
pub(crate) struct Counting {
    pub(crate) session: Session,
    pub(crate) standing: Standing,
    pub(crate) organisation: organisations::Standing,
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

/// Until when a second factor has to be added; refused where it is lacking, unless the request comes to add one.
fn due(
    factors: FactorStanding,
    require: Require,
    asked: &Asked,
    now: Time,
) -> std::result::Result<Option<Time>, Refusal> {
    match factors {
        FactorStanding::Met => Ok(None),
        FactorStanding::Grace { due_at } => Ok(Some(due_at)),
        FactorStanding::Lacking { .. } if asked.tolerates_missing_factor => Ok(Some(now)),
        FactorStanding::Lacking { has_one: false } => Err(Refusal::FactorNeeded(None)),
        FactorStanding::Lacking { has_one: true } => Err(Refusal::FactorNeeded(Some(match require {
            Require::PhishingResistant => Freshness::PhishingResistant,
            Require::No | Require::Yes => Freshness::Factor,
        }))),
    }
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

impl SessionDoor {
    /// Reads all that lets somebody in, in one snapshot.
    fn facts(&self, view: &mut View, asked: &Asked, now: Time) -> Result<std::result::Result<Facts, Refusal>> {
        let counting = match find(view, &asked.tokens, now)? {
            Found::Session(found) => *found,
            Found::Nobody(why) => return Ok(Err(Refusal::SignedOut(why))),
        };
        let session = &counting.session;
        let holder = Holder {
            person: session.person,
            organisation: session.organisation,
            grants: roles::grants(view, Organisation(session.organisation), session.person)?,
        };
        let may = |action: &Action| self.authorizer.decide(&holder, *action).allowed;
        Ok(Ok(Facts {
            may: Action::ALL.iter().copied().filter(may).collect(),
            counting,
            holder,
        }))
    }

    /// Lets in or refuses by these facts, at this time.
    pub(crate) fn enter(&self, facts: Facts, asked: &Asked, now: Time) -> std::result::Result<Caller, Refusal> {
        let Facts { counting, holder, may } = facts;
        let Counting {
            session,
            standing,
            organisation,
            person,
        } = counting;
        let (is_locked, locks_at, ends_at) = match standing {
            Standing::Live { locks_at, ends_at } => (false, locks_at, ends_at),
            Standing::Locked { ends_at } => (true, now, ends_at),
            Standing::Over { why, .. } => return Err(Refusal::SignedOut(why)),
        };
        if is_locked && !asked.tolerates_lock {
            return Err(Refusal::Locked);
        }
        let policies = &organisation.policies;
        if !asked.tolerates_lock && !policies.networks.lets_person_in(&asked.network) {
            return Err(Refusal::Forbidden(vec![Reason::AccessNetwork]));
        }
        let decision = self.authorizer.decide(&holder, asked.action);
        if !decision.allowed {
            let reasons = decision.because.into_iter().map(|(reason, _)| reason).collect();
            return Err(Refusal::Forbidden(reasons));
        }
        let methods = Methods::from_text(&session.methods);
        let factors = factor_standing(&policies.factors, person.kinds, methods, person.grace_from, now);
        let factor_due = due(factors, policies.factors.require, asked, now)?;
        let caller = Caller {
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
            may,
            roles: holder.grants,
            methods,
            fresh: Methods::from_text(&session.fresh),
            proved_at: session.proved_at,
            kinds: person.kinds,
            was_away: session.was_away,
            factor_due,
            network: asked.network.clone(),
            is_locked,
            seen_at: session.seen_at,
            locks_at,
            ends_at,
        };
        match asked.fresh {
            Some(freshness) if !caller.is_fresh(freshness, now) => Err(Refusal::StepUp(freshness)),
            _ => Ok(caller),
        }
    }
}

impl Door for SessionDoor {
    fn admit(&self, view: &mut View, asked: &Asked, now: Time) -> Result<std::result::Result<Caller, Refusal>> {
        let facts = self.facts(view, asked, now)?;
        Ok(facts.and_then(|facts| self.enter(facts, asked, now)))
    }

    fn admit_at(
        &self,
        view: &mut View,
        asked: &Asked,
        now: Time,
        mark: Mark,
    ) -> Result<std::result::Result<Caller, Refusal>> {
        let facts = self.facts(view, asked, now)?;
        if let (Ok(facts), [token_hash]) = (&facts, asked.tokens.as_slice()) {
            self.memory.keep(mark, *token_hash, facts.clone());
        }
        Ok(facts.and_then(|facts| self.enter(facts, asked, now)))
    }

    fn recall(&self, asked: &Asked, now: Time, mark: Mark) -> Option<Caller> {
        self.remembered(asked, now, mark)
    }

    fn touch(&self, tx: &mut Tx, caller: &Caller, now: Time) -> Result<()> {
        store::touch(tx, Deployment, caller.session, &caller.network, now)
    }

    fn proved(&self, tx: &mut Tx, caller: &Caller, method: Method, now: Time) -> Result<()> {
        // A mail is no factor: it makes nothing fresh.
        let (proved, at) = match method {
            Method::Mail => (
                store::Proved {
                    methods: caller.methods.with(method),
                    fresh: caller.fresh,
                },
                caller.proved_at,
            ),
            _ => (store::Proved::now(caller, method), now),
        };
        store::keep_proof(tx, Deployment, caller.session, proved, at)
    }

    fn end_others(&self, tx: &mut Tx, caller: &Caller, why: Reason, now: Time) -> Result<u64> {
        store::end_others(tx, Deployment, caller.person, Some(caller.session), why, now)
    }

    fn end_device(&self, tx: &mut Tx, person: PersonId, device: DeviceId, why: Reason, now: Time) -> Result<u64> {
        store::end_device(tx, Deployment, person, device, why, now)
    }
}
