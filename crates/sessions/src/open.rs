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
    house::{Asked, Stopped},
};
use kernel::{
    Authorizer, Chance, Deployment, DeviceId, Event, Freshness, Holder, Method, Methods, On, Organisation,
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
    /// The organisation that is entered: the session's own, unless the call is about another one.
    pub(crate) entered: OrganisationId,
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
        return Ok(Err(Some(Reason::OrganisationShut)));
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
        entered: session.organisation,
        session,
        standing,
        organisation,
        person,
    }))
}

/// Takes a session into another organisation that its person is a member of: from here on that one's rules hold, beside the age that the session's
/// own organisation allows. Whoever is no member finds nothing there.
fn cross(
    view: &mut View,
    counting: Counting,
    other: OrganisationId,
    now: Time,
) -> Result<std::result::Result<Counting, Refusal>> {
    let scope = Organisation(other);
    let person = people::standing(view, scope, counting.session.person)?.filter(|person| person.is_member);
    let (Some(mut person), Some(organisation)) = (person, organisations::standing(view, scope)?) else {
        return Ok(Err(Refusal::NotThere));
    };
    // A call from elsewhere begins no grace, or it would last for ever: without a beginning it counts from when they became a member.
    person.grace_from = person.grace_from.or(person.joined_at);
    let there = judge(&counting.session, organisation.sessions, organisation.epoch, now);
    let standing = match (counting.standing, there) {
        // Too old a session for that organisation, though not for its own.
        (_, Standing::Over { why, .. }) => return Ok(Err(Refusal::Forbidden(vec![why]))),
        (Standing::Locked { ends_at }, _) => Standing::Locked { ends_at },
        (_, there) => there,
    };
    Ok(Ok(Counting {
        standing,
        entered: other,
        organisation,
        person,
        ..counting
    }))
}

impl SessionDoor {
    /// Reads all that lets somebody in, in one snapshot.
    fn facts(&self, view: &mut View, asked: &Asked, now: Time) -> Result<std::result::Result<Facts, Refusal>> {
        let counting = match find(view, &asked.tokens, now)? {
            Found::Session(found) => *found,
            Found::Nobody(why) => return Ok(Err(Refusal::SignedOut(why))),
        };
        // A locked session is told so, wherever it wanted to go.
        if matches!(counting.standing, Standing::Locked { .. }) && !asked.tolerates_lock {
            return Ok(Err(Refusal::Locked));
        }
        let counting = match asked.organisation {
            Some(other) if other != counting.entered => match cross(view, counting, other, now)? {
                Ok(counting) => counting,
                Err(refusal) => return Ok(Err(refusal)),
            },
            _ => counting,
        };
        let holder = Holder {
            person: counting.session.person,
            organisation: counting.entered,
            grants: roles::grants(view, Organisation(counting.entered), counting.session.person)?,
        };
        Ok(Ok(Facts {
            may: self.authorizer.allowed(&holder),
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
            entered,
            organisation,
            person,
        } = counting;
        let (is_locked, locks_at, ends_at) = times(&standing, now)?;
        if is_locked && !asked.tolerates_lock {
            return Err(Refusal::Locked);
        }
        let policies = &organisation.policies;
        if !asked.tolerates_lock && !policies.networks.lets_person_in(&asked.network) {
            let told = "the network is not among those that the policy names".to_owned();
            let because = vec![(Reason::AccessNetwork, told)];
            return Err(stopped(&session, entered, asked, because));
        }
        let decision = self.authorizer.decide(&holder, asked.action, On::Somewhere);
        if !decision.allowed {
            return Err(stopped(&session, entered, asked, decision.because));
        }
        let methods = Methods::from_text(&session.methods);
        let factors = factor_standing(&policies.factors, person.kinds, methods, person.grace_from, now);
        let factor_due = due(factors, policies.factors.require, asked, now)?;
        let caller = Caller {
            person: session.person,
            name: person.name,
            email: person.email,
            language: person.language,
            organisation: entered,
            organisation_name: organisation.name,
            has_others: person.has_others,
            session: session.id,
            key: None,
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

/// Whether a session is locked, when it locks and when it ends; refused where it is over.
fn times(standing: &Standing, now: Time) -> std::result::Result<(bool, Time, Time), Refusal> {
    match standing {
        Standing::Live { locks_at, ends_at } => Ok((false, *locks_at, *ends_at)),
        Standing::Locked { ends_at } => Ok((true, now, *ends_at)),
        Standing::Over { why, .. } => Err(Refusal::SignedOut(*why)),
    }
}

/// Somebody who is signed in and may not: with the whole derivation, for the log.
fn stopped(session: &Session, entered: OrganisationId, asked: &Asked, because: Vec<(Reason, String)>) -> Refusal {
    let (reasons, told): (Vec<Reason>, Vec<String>) = because.into_iter().unzip();
    Refusal::Stopped(Box::new(Stopped {
        person: session.person,
        organisation: entered,
        action: asked.action,
        reasons,
        told: told.join("; "),
        device: session.device,
        device_label: session.device_label.clone(),
        network: asked.network.clone(),
    }))
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
        // INVARIANT: what is remembered of a session is of its own organisation, never of one that a call went over to.
        if let (Ok(facts), [token_hash]) = (&facts, asked.tokens.as_slice())
            && facts.counting.entered == facts.counting.session.organisation
        {
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

    fn tell_stopped(&self, tx: &mut Tx, stopped: &Stopped, now: Time, chance: &Chance) -> Result<()> {
        roles::tell_stopped(tx, stopped, now, chance)
    }
}
