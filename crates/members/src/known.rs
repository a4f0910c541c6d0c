//! All that is known of somebody, as one file for them. For the home organisation, which answers for their data.
//! Must never happen: a secret in it; a line about somebody else.
use crate::{
    change::{Acting, Done, Stop, member_for},
    decide::Verb,
    store::{known, list},
};
use ground::{
    db::{self, Tx},
    journal,
};
use kernel::{Deployment, EventKind, Organisation, PersonId, Time};
use serde_json::{Value, json};

/// Of each list so many at most; the file says where there are more.
const MOST: i64 = 5_000;

/// The file, and that it was handed out.
pub(crate) fn hand_out(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<Value> {
    if list::member(tx, acting.organisation(), id)?.is_some() {
        member_for(tx, acting, id, Verb::HandOut)?;
    } else if !list::is_removed(tx, acting.organisation(), id)? {
        return Err(Stop::Absent);
    }
    let file = whole(tx, acting, id)?;
    let event = acting.event(EventKind::PersonHandedOut, acting.caller.organisation, id);
    journal::append(tx, &event)?;
    Ok(file)
}

fn time(at: Option<Time>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.rfc3339()))
}

fn whole(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> db::Result<Value> {
    let account = known::account(tx, Deployment, id)?;
    let memberships = memberships(tx, id)?;
    let (ways, devices) = (ways(tx, id, acting.now)?, devices(tx, id, acting.now)?);
    let sessions = known::sessions(tx, Deployment, id, MOST)?.into_iter().map(|session| {
        json!({
            "device": session.device_label, "network": session.network, "opened_at": session.opened_at.rfc3339(),
            "seen_at": session.seen_at.rfc3339(), "ended_at": time(session.ended_at),
        })
    });
    let sessions: Vec<Value> = sessions.collect();
    let messages = known::messages(tx, acting.organisation(), id, MOST)?.into_iter().map(|message| {
        json!({
            "kind": message.kind, "purpose": message.purpose, "to": message.recipient, "at": message.made_at.rfc3339(),
        })
    });
    let messages: Vec<Value> = messages.collect();
    let events = events(tx, acting.organisation(), id)?;
    let limit = usize::try_from(MOST).unwrap_or(usize::MAX);
    let is_whole = [sessions.len(), messages.len(), events.len()]
        .iter()
        .all(|count| *count < limit);
    Ok(json!({
        "made_at": acting.now.rfc3339(),
        "organisation": acting.caller.organisation_name,
        "is_whole": is_whole,
        "person": {
            "id": id.to_string(), "name": account.name, "email": account.email, "language": account.language,
            "made_at": account.made_at.rfc3339(), "first_sign_in_at": time(account.first_sign_in_at),
            "last_sign_in_at": time(account.last_sign_in_at), "disabled_at": time(account.disabled_at),
            "removed_at": time(account.removed_at),
        },
        "memberships": memberships,
        "ways_to_sign_in": ways,
        "devices": devices,
        "sessions": sessions,
        "messages": messages,
        "events": events,
    }))
}

fn memberships(tx: &mut Tx, id: PersonId) -> db::Result<Vec<Value>> {
    let mut told = Vec::new();
    for membership in known::memberships(tx, Deployment, id)? {
        let held = roles::told(tx, Organisation(membership.organisation), id)?;
        let roles: Vec<String> = held.iter().map(roles::Told::words).collect();
        told.push(json!({
            "organisation": membership.name, "organisation_id": membership.organisation.to_string(),
            "joined_at": membership.joined_at.rfc3339(), "roles": roles,
        }));
    }
    Ok(told)
}

fn ways(tx: &mut Tx, id: PersonId, now: Time) -> db::Result<Vec<Value>> {
    let ways = factors::authenticators::of_person(tx, Deployment, id, now)?;
    Ok(ways
        .iter()
        .map(|way| {
            json!({
                "kind": way.kind.name(), "name": way.name, "hint": way.hint, "added_at": way.made_at.rfc3339(),
                "used_at": time(way.used_at),
            })
        })
        .collect())
}

fn devices(tx: &mut Tx, id: PersonId, now: Time) -> db::Result<Vec<Value>> {
    let devices = devices::of_person(tx, Deployment, id, now)?;
    Ok(devices
        .iter()
        .map(|device| {
            json!({
                "device": device.title(), "network": device.network, "first_at": device.first_at.rfc3339(),
                "last_at": device.last_at.rfc3339(), "trusted_until": time(device.trusted_until),
            })
        })
        .collect())
}

fn events(tx: &mut Tx, organisation: Organisation, id: PersonId) -> db::Result<Vec<Value>> {
    let lines = known::lines(tx, organisation, id, MOST)?;
    Ok(lines
        .into_iter()
        .map(|line| {
            // Where somebody else did it, that one's device and network are not theirs to have.
            let (device, network) = if line.is_by_them {
                (line.device_label, line.network)
            } else {
                (String::new(), String::new())
            };
            json!({
                "id": line.id.to_string(), "at": line.at.rfc3339(), "kind": line.kind, "outcome": line.outcome,
                "by_themselves": line.is_by_them, "device": device, "network": network, "reason": line.reason, "detail": line.detail,
            })
        })
        .collect())
}
