//! Recovery codes: ten of 80 bits on paper, for the day when a phone is lost. Shown once, kept as hashes, each good once.
//! For the pages of one's own account; codes are proved in [`crate::Prover::prove_code`]. A new set voids the old one.
//! Must never happen: a code kept in clear, or shown again; two sets of one person that both let in.
use crate::{
    Fault, Full, Password, Prover, Recipe,
    authenticators::{self, Authenticator, By},
    code::{grouped, recovery_code},
    store::{
        authenticators::{self as store, New},
        recovery_codes as codes,
    },
};
use ground::{
    Ground,
    db::{Result, Tx},
};
use kernel::{
    AuthenticatorId, AuthenticatorKind, Chance, Deployment, Event, EventKind, Outcome, PersonId, Secret, Time,
};
use people::notices::Notice;
use std::net::IpAddr;

/// Codes of a set.
pub const CODES: usize = 10;

/// A new set, before it is hashed. Shown once.
pub struct Codes {
    id: AuthenticatorId,
    codes: Vec<Secret<String>>,
}

/// A new set, hashed: what is kept of it.
#[derive(Clone)]
pub struct HashedCodes {
    id: AuthenticatorId,
    recipe: Recipe,
    hashes: Vec<[u8; 32]>,
}

/// Why codes could not be hashed.
#[derive(Debug)]
pub enum NotHashed {
    /// No slot.
    Full(Full),
    /// A fault of ours.
    Fault(Fault),
}

/// Draws a set.
pub fn draw(now: Time, chance: &Chance) -> Codes {
    Codes {
        id: AuthenticatorId::new(now, chance),
        codes: (0..CODES).map(|_| Secret::new(recovery_code(chance.bytes()))).collect(),
    }
}

/// A set again that was shown on a page, and now is to be kept. None: these are no ten codes.
pub fn shown_before(shown: &[String], now: Time, chance: &Chance) -> Option<Codes> {
    let read = |text: &String| match crate::code::Typed::read(text) {
        Some(crate::code::Typed::Recovery(code)) => Some(code),
        _ => None,
    };
    let codes: Vec<_> = shown.iter().map(read).collect::<Option<_>>()?;
    (codes.len() == CODES).then(|| Codes {
        id: AuthenticatorId::new(now, chance),
        codes,
    })
}

impl Codes {
    /// As they are shown: `XXXX-XXXX-XXXX-XXXX`.
    pub fn shown(&self) -> Vec<String> {
        self.codes.iter().map(|code| grouped(code.expose(), "-")).collect()
    }
    /// Their hashes, with one salt for the set. In the pool, as everything that is hashed.
    pub async fn hash(&self, prover: &Prover, from: IpAddr) -> std::result::Result<HashedCodes, NotHashed> {
        let mut slot = prover.admit(None, from).await.map_err(NotHashed::Full)?;
        let codes: Vec<Password> = self
            .codes
            .iter()
            .filter_map(|code| Password::parse(code.expose()).ok())
            .collect();
        let hashed = slot.digest_set(codes).await;
        let (recipe, hashes) = hashed.map_err(|error| NotHashed::Fault(error.into()))?;
        Ok(HashedCodes {
            id: self.id,
            recipe,
            hashes,
        })
    }
}

/// Keeps a set in the place of the one that the person had. Under the person's lock. Answers the events for the end of the transaction.
pub fn replace(
    tx: &mut Tx,
    ground: &Ground,
    by: &By,
    person: PersonId,
    set: &HashedCodes,
) -> Result<Option<(Authenticator, Vec<Event>)>> {
    let kind = AuthenticatorKind::RecoveryCodes;
    let Some(person) = people::person(tx, Deployment, person)? else {
        return Ok(None);
    };
    store::remove_kind(tx, Deployment, person.id, kind)?;
    let new = New {
        id: set.id,
        person: person.id,
        kind,
        name: kind.words().to_owned(),
        hint: String::new(),
        sealed: None,
        number_key: None,
    };
    store::add(tx, Deployment, &new, by.at)?;
    codes::keep(tx, Deployment, set.id, &set.recipe, &set.hashes)?;
    store::confirm(tx, Deployment, set.id, by.at)?;
    authenticators::recount(tx, Deployment, person.id)?;
    authenticators::tell(tx, ground, by, &person, &Notice::RecoveryCodesMade)?;
    let event = by.event(ground, &person, EventKind::RecoveryCodesMade, Outcome::Done, "");
    let one = authenticators::find(tx, Deployment, person.id, set.id, by.at)?;
    Ok(one.map(|one| (one, vec![event])))
}
