//! A change of policy takes hold: checked against what stands, here and above, kept, told. One transaction, under the organisation's policy lock.
use crate::letters::{By, changed};
use ground::{
    Ground, Permit,
    db::{Lock, Result, Tx},
    delivery::{self, Purpose},
    journal,
};
use kernel::{Action, Deployment, Event, EventKind, FieldError, MessageId, Organisation, Outcome, Reason, Stream, act};
use organisations::{Change, Difference, NetworkPolicy, Values};
use people::letters::{self, Envelope, From};

/// What a change came to: what is different now, or what is wrong with it.
pub(crate) type Settled = std::result::Result<Vec<Difference>, Vec<FieldError>>;

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Turn {
    /// Some values.
    Values(Box<Change>),
    /// The strict profile, or not.
    Strict(bool),
}

impl Turn {
    /// The new values of an organisation with these of its own, below one with the others; or everything that is wrong. `network`: where the one
    /// is who asks for it.
    pub fn of(&self, own: &Values, above: &Values, network: &str) -> std::result::Result<Values, Vec<FieldError>> {
        let new = match self {
            Self::Values(change) => change.apply(own)?,
            Self::Strict(true) => own.clone().with_strict_profile_under(above),
            Self::Strict(false) if own.is_strict() => own.clone().without_strict_profile(),
            Self::Strict(false) => own.clone(),
        };
        let errors = own.errors_under(&new, above);
        if !errors.is_empty() {
            return Err(errors);
        }
        let holds = new.clone().under(above);
        if holds.people != own.clone().under(above).people && shuts_out(&holds, network) {
            return Err(vec![FieldError::new("networks.people", Reason::PolicyShutsYouOut)]);
        }
        Ok(new)
    }
}

/// Settles it.
pub(crate) fn settle(
    tx: &mut Tx,
    ground: &Ground,
    permit: &Permit<act::ChangePolicies>,
    turn: &Turn,
) -> Result<Settled> {
    let (caller, now) = (permit.caller(), permit.now());
    let organisation = Organisation(caller.organisation);
    tx.lock(Lock::on("policy", organisation.0.0.as_bytes()))?;
    let (old, _) = organisations::values(tx, organisation)?;
    let above = organisations::above(tx, organisation)?.map(|above| above.values);
    let new = match turn.of(&old, &above.unwrap_or_default(), &caller.network) {
        Ok(new) => new,
        Err(errors) => return Ok(Err(errors)),
    };
    let differences = old.differences(&new);
    if differences.is_empty() {
        return Ok(Ok(differences));
    }
    organisations::set_policy(tx, organisation, &new, now)?;
    tell(tx, ground, permit, &differences)?;
    let stream = Stream::Organisation(caller.organisation);
    let mut event = Event::new(stream, now, EventKind::PolicyChanged, Outcome::Done, &ground.chance)
        .by(caller.person)
        .from(caller.device, &caller.device_label, &caller.network);
    event.detail = differences.iter().map(Difference::told).collect::<Vec<_>>().join("; ");
    journal::append(tx, &event)?;
    Ok(Ok(differences))
}

fn shuts_out(new: &Values, network: &str) -> bool {
    let networks = NetworkPolicy {
        people: new.people.clone().unwrap_or_default(),
        agents: Vec::new(),
    };
    !networks.lets_person_in(network)
}

/// Tells everybody else who could have done it.
fn tell(tx: &mut Tx, ground: &Ground, permit: &Permit<act::ChangePolicies>, differences: &[Difference]) -> Result<()> {
    let (caller, now) = (permit.caller(), permit.now());
    let from = From {
        organisation: caller.organisation_name.clone(),
        ..From::the_door(tx, ground)?
    };
    for holder in roles::holders(tx, Organisation(caller.organisation), Action::ChangePolicies)? {
        if holder == caller.person {
            continue;
        }
        let Some(person) = people::person(tx, Deployment, holder)? else {
            continue;
        };
        let envelope = Envelope {
            id: MessageId::new(now, &ground.chance),
            to: None,
            asked_by: None,
            purpose: Purpose::Notice,
            at: now,
            ends_at: None,
        };
        let words = changed(person.language, &By::caller(caller), differences, now);
        delivery::post(tx, ground, &letters::write(&from, &person, &words, envelope))?;
    }
    Ok(())
}
