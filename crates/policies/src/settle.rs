//! A change of policy takes hold: checked against what stands, kept, told. One transaction, under the organisation's policy lock.
use crate::letters::{By, changed};
use ground::{
    Ground, Permit,
    db::{Lock, Result, Tx},
    delivery::{self, Purpose},
    journal,
};
use kernel::{Action, Deployment, Event, EventKind, FieldError, MessageId, Organisation, Outcome, Reason, Stream, act};
use organisations::{Difference, NetworkPolicy, Values};
use people::letters::{self, Envelope, From};

/// What a change came to: what is different now, or what is wrong with it.
pub(crate) type Settled = std::result::Result<Vec<Difference>, Vec<FieldError>>;

/// Settles it. `turn` makes the new values of those that stand.
pub(crate) fn settle(
    tx: &mut Tx,
    ground: &Ground,
    permit: &Permit<act::ChangePolicies>,
    turn: impl Fn(&Values) -> std::result::Result<Values, Vec<FieldError>>,
) -> Result<Settled> {
    let (caller, now) = (permit.caller(), permit.now());
    let organisation = Organisation(caller.organisation);
    tx.lock(Lock::on("policy", organisation.0.0.as_bytes()))?;
    let (old, _) = organisations::values(tx, organisation)?;
    let new = match turn(&old) {
        Ok(new) => new,
        Err(errors) => return Ok(Err(errors)),
    };
    if new.people != old.people && shuts_out(&new, &caller.network) {
        let error = FieldError::new("networks.people", Reason::PolicyShutsYouOut);
        return Ok(Err(vec![error]));
    }
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
    for holder in roles::holders(
        tx,
        Organisation(caller.organisation),
        &roles::Rules,
        Action::ChangePolicies,
    )? {
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
