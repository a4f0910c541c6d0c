//! What needs the reader: people who are locked out, devices and machines that wait, places that take no activity. Each is one look, and only for those who can
//! do something about it.
use super::page::Need;
use ground::{Permit, db, db::View};
use kernel::{Action, Organisation, act};

/// Entries of one sort.
const MOST: usize = 3;
/// So many are counted at most.
const COUNTED: u32 = 200;

/// All of them, the most urgent first.
pub(super) fn find(view: &mut View, permit: &Permit<act::SeeOwn>, organisation: Organisation) -> db::Result<Vec<Need>> {
    let mut needs = Vec::new();
    if permit.may(Action::UnlockPeople) {
        needs.extend(locked_out(view, permit, organisation)?);
    }
    if permit.may(Action::ApproveDevices) {
        needs.extend(devices(view, organisation)?);
    }
    if permit.may(Action::PairAgents) {
        needs.extend(machines(view, permit, organisation)?);
    }
    if permit.may(Action::ChangeWebhooks) {
        let failing = activity::failing(view, organisation, permit.now())?;
        needs.extend(failing.into_iter().take(MOST).map(|place| Need {
            what: format!("{} takes no activity", place.name),
            more: "Nothing has arrived there since".into(),
            since: Some(place.since),
            act: "Look",
            to: format!("/app/activity/places/{}", place.id),
        }));
    }
    Ok(needs)
}

fn locked_out(view: &mut View, permit: &Permit<act::SeeOwn>, organisation: Organisation) -> db::Result<Vec<Need>> {
    let found = factors::store::locked_out(view, organisation, permit.now(), COUNTED)?;
    let mut seen = Vec::new();
    let mut needs = Vec::new();
    for locked in found {
        if seen.contains(&locked.person) {
            continue;
        }
        seen.push(locked.person);
        let from = if locked.is_strangers {
            "from a device that is not known"
        } else {
            "from one of their devices"
        };
        let words = if locked.failures == 1 {
            "wrong password"
        } else {
            "wrong passwords"
        };
        if needs.len() < MOST {
            needs.push(Need {
                what: format!("{} is locked out", locked.name),
                more: format!("{} {words} {from}", locked.failures),
                since: None,
                act: "Look",
                to: format!("/app/activity?person={}", locked.person),
            });
        }
    }
    if seen.len() > MOST {
        needs.push(Need {
            what: format!("{} more people are locked out", seen.len() - MOST),
            more: "Look for “Password entry locked” in the activity".into(),
            since: None,
            act: "Look",
            to: "/app/activity?kind=lane-locked".into(),
        });
    }
    Ok(needs)
}

fn devices(view: &mut View, organisation: Organisation) -> db::Result<Option<Need>> {
    let waiting = devices::waiting(view, organisation, i64::from(COUNTED))?;
    let Some(first) = waiting.first() else { return Ok(None) };
    let what = match waiting.len() {
        1 => "A device waits to be let in".to_owned(),
        count => format!("{count} devices wait to be let in"),
    };
    Ok(Some(Need {
        what,
        more: format!("{}, {}", first.person_name, first.label),
        since: None,
        act: "Review",
        to: "/app/devices".into(),
    }))
}

fn machines(view: &mut View, permit: &Permit<act::SeeOwn>, organisation: Organisation) -> db::Result<Vec<Need>> {
    let undecided = agents::undecided(view, organisation, permit.caller())?;
    let one = |count: i64, one: &str, several: &str, more: &str, to: &str| Need {
        what: if count == 1 {
            one.to_owned()
        } else {
            format!("{count} {several}")
        },
        more: more.to_owned(),
        since: None,
        act: "Review",
        to: to.to_owned(),
    };
    let waiting = (undecided.waiting > 0).then(|| {
        one(
            undecided.waiting,
            "A machine waits to be let in",
            "machines wait to be let in",
            "Until somebody approves them they can do nothing",
            "/app/agents?state=waiting",
        )
    });
    let cloned = (undecided.cloned > 0).then(|| {
        one(
            undecided.cloned,
            "An agent’s identity is on two machines",
            "agents’ identities are on two machines",
            "Both are set aside until somebody picks one",
            "/app/agents?state=cloned",
        )
    });
    Ok(cloned.into_iter().chain(waiting).collect())
}
