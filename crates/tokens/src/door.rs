//! The door for programs: a request that brings an API key is judged by it alone; every other goes on to the door of sessions.
//! INVARIANT: what a key may is what its maker may at this moment, narrowed by the key. Nothing of it is remembered between two calls.
use crate::{
    decide::{Key, narrow},
    store,
};
use ground::{
    Caller, Door, Refusal,
    db::{Mark, Result, Tx, View},
    house::{Asked, Stopped},
};
use kernel::{
    Authorizer, Chance, Deployment, DeviceId, Holder, Method, Methods, On, Organisation, PersonId, Reach, Reason,
    SessionId, Time,
};
use std::sync::Arc;
use uuid::Uuid;

/// Lets programs in by their key, and people by the door behind it.
pub struct KeyDoor {
    sessions: Arc<dyn Door>,
    authorizer: Arc<dyn Authorizer>,
}

/// What lets a key in, or keeps it out.
struct Facts {
    key: Key,
    organisation: organisations::Standing,
    person: people::PersonStanding,
    holder: Holder,
}

impl KeyDoor {
    /// Before the door of sessions.
    pub fn new(sessions: Arc<dyn Door>, authorizer: Arc<dyn Authorizer>) -> Self {
        Self { sessions, authorizer }
    }

    /// Reads all that a key depends on, in one snapshot.
    fn facts(view: &mut View, hash: &[u8; 32], now: Time) -> Result<std::result::Result<Facts, Reason>> {
        let Some(key) = store::by_hash(view, Deployment, hash)? else {
            return Ok(Err(Reason::ApiKeyUnknown));
        };
        if now >= key.ends_at {
            return Ok(Err(Reason::ApiKeyOver));
        }
        let scope = Organisation(key.organisation);
        let organisation = organisations::standing(view, scope)?;
        let person =
            people::standing(view, scope, key.person)?.filter(|person| person.is_member && !person.is_disabled);
        let (Some(organisation), Some(person)) = (organisation, person) else {
            return Ok(Err(Reason::ApiKeyMakerGone));
        };
        let held = roles::grants(view, scope, key.person)?;
        let holder = Holder {
            person: key.person,
            organisation: key.organisation,
            grants: narrow(held, key.permissions, key.scope),
        };
        Ok(Ok(Facts {
            key,
            organisation,
            person,
            holder,
        }))
    }

    /// Why the key may not do this. Everybody may do what is their own; a key only where it was given that.
    fn why_not(&self, facts: &Facts, asked: &Asked) -> Vec<(Reason, String)> {
        let name = asked.action.name();
        let because = |reason, words: &str| vec![(reason, format!("{words} {name}"))];
        if !facts.organisation.policies.networks.lets_person_in(&asked.network) {
            return because(Reason::AccessNetwork, "from another network than those named:");
        }
        if !facts.key.permissions.contains(asked.action) {
            return because(Reason::ApiKeyNotGiven, "the key was not given");
        }
        let decision = self.authorizer.decide(&facts.holder, asked.action, On::Somewhere);
        if !decision.allowed {
            return decision.because;
        }
        // What asks for a fresh proof of one's own account is for the person: a key must not outlive the password that it could change. The
        // delicate actions of an organisation were allowed with the proof that made the key.
        if asked.fresh.is_some() && asked.action.reach() == Reach::Own {
            return because(Reason::ApiKeyPersonal, "no key can do this:");
        }
        Vec::new()
    }

    fn enter(&self, facts: Facts, asked: &Asked) -> std::result::Result<Caller, Refusal> {
        // A key is for one organisation; others are not there for it.
        if asked.organisation.is_some_and(|other| other != facts.key.organisation) {
            return Err(Refusal::NotThere);
        }
        let device_label = format!("API key “{}”", facts.key.name);
        let why = self.why_not(&facts, asked);
        if !why.is_empty() {
            let (reasons, told): (Vec<Reason>, Vec<String>) = why.into_iter().unzip();
            return Err(Refusal::Stopped(Box::new(Stopped {
                person: facts.key.person,
                organisation: facts.key.organisation,
                action: asked.action,
                reasons,
                told: told.join("; "),
                device: None,
                device_label,
                network: asked.network.clone(),
            })));
        }
        let may = self.authorizer.allowed(&facts.holder).and(facts.key.permissions);
        let Facts {
            key,
            organisation,
            person,
            holder,
        } = facts;
        Ok(Caller {
            person: key.person,
            name: person.name,
            email: person.email,
            language: person.language,
            organisation: key.organisation,
            organisation_name: organisation.name,
            has_others: false,
            session: SessionId(Uuid::nil()),
            key: Some(key.id),
            device: None,
            device_label,
            is_shared: false,
            may,
            roles: holder.grants,
            methods: Methods::NONE,
            fresh: Methods::NONE,
            proved_at: key.made_at,
            kinds: person.kinds,
            was_away: false,
            factor_due: None,
            network: asked.network.clone(),
            is_locked: false,
            seen_at: key.used_at.unwrap_or_default(),
            locks_at: key.ends_at,
            ends_at: key.ends_at,
        })
    }
}

impl Door for KeyDoor {
    fn admit(&self, view: &mut View, asked: &Asked, now: Time) -> Result<std::result::Result<Caller, Refusal>> {
        let Some(hash) = &asked.key else {
            return self.sessions.admit(view, asked, now);
        };
        let facts = Self::facts(view, hash, now)?.map_err(Refusal::SignedOut);
        Ok(facts.and_then(|facts| self.enter(facts, asked)))
    }

    fn admit_at(
        &self,
        view: &mut View,
        asked: &Asked,
        now: Time,
        mark: Mark,
    ) -> Result<std::result::Result<Caller, Refusal>> {
        match asked.key {
            Some(_) => self.admit(view, asked, now),
            None => self.sessions.admit_at(view, asked, now, mark),
        }
    }

    fn recall(&self, asked: &Asked, now: Time, mark: Mark) -> Option<Caller> {
        match asked.key {
            Some(_) => None,
            None => self.sessions.recall(asked, now, mark),
        }
    }

    fn touch(&self, tx: &mut Tx, caller: &Caller, now: Time) -> Result<()> {
        match caller.key {
            Some(key) => store::touch(tx, Organisation(caller.organisation), key, &caller.network, now),
            None => self.sessions.touch(tx, caller, now),
        }
    }

    fn proved(&self, tx: &mut Tx, caller: &Caller, method: Method, now: Time) -> Result<()> {
        match caller.key {
            // A key has no session that could have proved something.
            Some(_) => Ok(()),
            None => self.sessions.proved(tx, caller, method, now),
        }
    }

    fn end_others(&self, tx: &mut Tx, caller: &Caller, why: Reason, now: Time) -> Result<u64> {
        self.sessions.end_others(tx, caller, why, now)
    }

    fn end_device(&self, tx: &mut Tx, person: PersonId, device: DeviceId, why: Reason, now: Time) -> Result<u64> {
        self.sessions.end_device(tx, person, device, why, now)
    }

    fn tell_stopped(&self, tx: &mut Tx, stopped: &Stopped, now: Time, chance: &Chance) -> Result<()> {
        self.sessions.tell_stopped(tx, stopped, now, chance)
    }
}
