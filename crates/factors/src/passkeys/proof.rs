//! What a finished ceremony is worth: in the caller's commit it is checked once more and settled.
//! Must never happen: a proof that counts for a person who was disabled, moved or signed out everywhere meanwhile.
use super::{Registered, Verified, decide, model, sealed_for};
use crate::{
    By, Subject,
    authenticators::{self, person_lock, read_name},
    released,
    store::{
        self,
        passkeys::{self as rows, NewRow, PasskeyRow},
    },
};
use ground::{
    Ground,
    db::{self, Lock, Tx},
};
use kernel::{AuthenticatorId, Deployment, Event, Method, PersonId, Reason, Time};
use people::Person;

/// A person proved that they are who they are, with a passkey that verified them: both factors at once.
#[derive(Clone)]
pub struct PasskeyProof {
    row: PasskeyRow,
    subject: Subject,
    canonical: String,
    key: Vec<u8>,
    sign_count: u32,
}

impl PasskeyProof {
    pub(super) fn new(row: PasskeyRow, subject: Subject, person: &Person, verified: &Verified) -> Self {
        Self {
            row,
            subject,
            canonical: person.email_canonical.clone(),
            key: verified.key.bytes(),
            sign_count: verified.sign_count,
        }
    }
    /// Whose it is. The device is not known from it.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
    /// The person's address in canonical form.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
    /// Which passkey.
    pub fn authenticator(&self) -> AuthenticatorId {
        self.row.authenticator
    }
    /// The passkey's name.
    pub fn name(&self) -> &str {
        &self.row.name
    }
    /// What the session has proved.
    pub const fn method(&self) -> Method {
        Method::Passkey
    }
    /// The lock that the commit holds: that of everything about this person's authenticators.
    pub fn lock(&self) -> Lock {
        person_lock(self.subject.person)
    }

    /// The check again, in the commit: the same person and epoch, the passkey still there, its counter newer than the last use. Moves the counter
    /// on, and sets the lane of strangers at this address to nought. Err: why not, and nothing was done.
    pub fn confirm(&self, tx: &mut Tx, now: Time, ground: &Ground) -> db::Result<Result<Vec<Event>, Reason>> {
        let Subject {
            person, home, epoch, ..
        } = self.subject;
        if !people::hold(tx, Deployment, person, &self.canonical, epoch)? {
            return Ok(Err(Reason::SignInMoved));
        }
        let sealed = ground.keys.seal(&sealed_for(person), &self.key, &ground.chance);
        let id = self.row.authenticator;
        if !rows::advance(tx, Deployment, id, &sealed, self.sign_count, now)? {
            let is_there = rows::find(tx, Deployment, &self.row.credential_id)?.is_some();
            return Ok(Err(if is_there {
                Reason::PasskeyCounterWrong
            } else {
                Reason::PasskeyUnknown
            }));
        }
        let ended = store::open_to_strangers(tx, person, now)?;
        Ok(Ok(ended
            .iter()
            .filter_map(|end| released(end, Some(home), &ground.chance))
            .collect()))
    }
}

/// A passkey that was found good and waits to be kept.
#[derive(Clone)]
pub struct NewPasskey {
    person: PersonId,
    registered: Registered,
}

impl NewPasskey {
    pub(super) const fn new(person: PersonId, registered: Registered) -> Self {
        Self { person, registered }
    }

    /// Keeps it under the person's own word or a fitting name, counts their kinds anew, posts the notice. Answers its id and the events for the
    /// end of the transaction.
    pub fn keep(
        &self,
        tx: &mut Tx,
        ground: &Ground,
        person: &Person,
        typed: Option<&str>,
        by: &By,
    ) -> db::Result<Result<(AuthenticatorId, Vec<Event>), Reason>> {
        if person.id != self.person {
            return Ok(Err(Reason::PasskeyEnded));
        }
        tx.lock(person_lock(self.person))?;
        let known = rows::of_person(tx, Deployment, self.person)?;
        if known.len() >= decide::MOST_KEYS {
            return Ok(Err(Reason::PasskeyTooMany));
        }
        let taken: Vec<String> = known.into_iter().map(|row| row.name).collect();
        let Registered {
            key,
            credential_id,
            model,
            transports,
            sign_count,
        } = &self.registered;
        let name = model::name(typed.and_then(read_name), *model, &by.label, &taken);
        let row = NewRow {
            authenticator: AuthenticatorId::new(by.at, &ground.chance),
            person: self.person,
            credential_id: credential_id.clone(),
            credential: ground.keys.seal(&sealed_for(self.person), &key.bytes(), &ground.chance),
            model: *model,
            transports: transports.clone(),
            sign_count: *sign_count,
        };
        if !rows::keep(tx, Deployment, &row, &name, by.at)? {
            return Ok(Err(Reason::PasskeyTaken));
        }
        let events = authenticators::added(tx, ground, by, self.person, row.authenticator)?;
        Ok(Ok((row.authenticator, events)))
    }
}
