//! The page about one agent: what is put together for it, and the form that changes name and site.
use super::{acts::Which, list::MOST_SITES, may_at, named};
use crate::{
    decide::{ONLINE_FOR, marks, ratchet::Fork as Doubt},
    http::Agents,
    page::{
        Standing,
        machine::{self, Fact},
        one::{AgentPage, EventLine, Fork, Identity, Older, Seen, Side},
    },
    settle::{self, Undo},
    store::{self, Agent, Happened, Ratchet},
};
use agent_wire::{Marks, State as Stands};
use axum::{extract::State, http::StatusCode, response::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{
    Ask, Failure, Permit,
    db::{self, View},
    form::{Form, Query},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{
    Act, Action, AgentId, Deployment, EventKind, Freshness, On, Organisation, Outcome, PersonId, Reason, SiteId, Time,
    act,
};
use organisations::Named;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Events that the page shows.
const EVENTS: u32 = 50;

/// What was just done.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Came {
    done: Option<String>,
}

fn told(done: Option<&str>) -> Option<Notice> {
    let words = match done? {
        "approved" => "Let in. From its next call on it is active.",
        "refused" => "Refused. Its use is given back to the key.",
        "revoked" => "Revoked. Its next call is refused.",
        "rotate" => "Asked. It changes its key pair with its next heartbeat.",
        "picked" => "Picked. The other machine is told to pair itself anew.",
        "saved" => "Saved.",
        _ => return None,
    };
    Some(Notice::done(words))
}

/// What the page shows beside the agent.
pub(super) struct Shown {
    pub notice: Option<Notice>,
    pub errors: Errors,
    /// Name and site as typed.
    pub typed: Option<(String, String)>,
    pub status: StatusCode,
}

impl Shown {
    fn well(notice: Option<Notice>) -> Self {
        Self {
            notice,
            errors: Errors::none(),
            typed: None,
            status: StatusCode::OK,
        }
    }
    /// What was refused, at its field or above the page. What is not there, or failed inside, has no page.
    pub(super) fn refused<A: Act>(ask: &Ask<A>, undo: Undo) -> Result<Self, Failure> {
        let conflict = |reason: Reason, status| Self {
            notice: Some(Notice::refused(reason)),
            status,
            ..Self::well(None)
        };
        match undo {
            Undo::Refused(reason) => Ok(conflict(reason, StatusCode::CONFLICT)),
            Undo::Fields(errors) => Ok(Self {
                errors: Errors::from(errors),
                status: StatusCode::UNPROCESSABLE_ENTITY,
                ..Self::well(None)
            }),
            Undo::Forbidden => Ok(conflict(Reason::AccessMissing, StatusCode::FORBIDDEN)),
            Undo::Absent => Err(ask.not_found()),
            Undo::Store(error) => Err(Failure::store(&ask.visitor, &error)),
        }
    }
}

/// GET `/app/agents/{id}`.
pub(super) async fn show(
    State(agents): State<Agents>,
    ask: Ask<act::SeeAgents>,
    id: Which,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let came = came.map(|Query(came)| came).unwrap_or_default();
    answer(&agents, &ask, id, Shown::well(told(came.done.as_deref()))).await
}

/// All that the page is made of.
struct Facts {
    agent: Agent,
    seen: Option<store::Seen>,
    ratchet: Option<Ratchet>,
    older: Option<(Agent, Option<store::Seen>)>,
    events: Option<Vec<Happened>>,
    names: BTreeMap<PersonId, String>,
    sites: Vec<Named<SiteId>>,
    words: String,
    key_hint: Option<String>,
}

/// Reads them. None: it is not there, or at a site that the reader may not see.
fn facts<A: Act>(view: &mut View, permit: &Permit<A>, id: AgentId) -> db::Result<Option<Facts>> {
    let organisation = Organisation(permit.caller().organisation);
    let Some(agent) = store::agent(view, organisation, id)? else {
        return Ok(None);
    };
    if !permit.may_on(Action::SeeAgents, On::Site(agent.site)) {
        return Ok(None);
    }
    let older = match agent.successor_of {
        Some(older) => store::agent(view, organisation, older)?,
        None => None,
    };
    // An entry at a site that the reader may not see stays unseen.
    let older = match older.filter(|older| permit.may_on(Action::SeeAgents, On::Site(older.site))) {
        Some(older) => Some((store::seen(view, organisation, older.id)?, older)).map(|(seen, older)| (older, seen)),
        None => None,
    };
    let events = if permit.may(Action::ReadEvents) {
        Some(store::history(view, organisation, id, EVENTS)?)
    } else {
        None
    };
    let mut people: Vec<PersonId> = events
        .iter()
        .flatten()
        .filter_map(|event| event.actor)
        .chain(agent.decided_by)
        .collect();
    people.sort_unstable();
    people.dedup();
    Ok(Some(Facts {
        seen: store::seen(view, organisation, id)?,
        ratchet: store::ratchet(view, organisation, id)?,
        older,
        events,
        names: people::names(view, Deployment, &people)?.into_iter().collect(),
        sites: organisations::sites(view, organisation, MOST_SITES)?,
        words: organisations::pairing_words(view, organisation)?,
        key_hint: store::key(view, organisation, agent.installation_key)?.map(|key| key.hint),
        agent,
    }))
}

/// The page about an agent.
pub(super) async fn answer<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    id: AgentId,
    shown: Shown,
) -> Result<Response, Failure> {
    let (permit, facts) = agents
        .house
        .read(ask, move |view, permit| facts(view, permit, id))
        .await?;
    let Some(facts) = facts else {
        // Whoever may act there and not see is told what came of it, and nothing else.
        return Err(if shown.status == StatusCode::OK {
            ask.not_found()
        } else {
            ask.failure(shown.status, Reason::AccessMissing)
        });
    };
    let status = shown.status;
    Ok(html(status, page(&permit, facts, shown)))
}

fn page<A: Act>(permit: &Permit<A>, facts: Facts, shown: Shown) -> AgentPage {
    let (caller, now) = (permit.caller(), permit.now());
    let Facts {
        agent,
        seen,
        ratchet,
        older,
        events,
        names,
        sites,
        words,
        key_hint,
    } = facts;
    let may = may_at(permit, agent.site);
    let (name, site_id) = shown
        .typed
        .unwrap_or_else(|| (agent.name.clone(), agent.site.to_string()));
    let is_chosen =
        |site: &Named<SiteId>| site.id == agent.site || permit.may_on(Action::PairAgents, On::Site(site.id));
    let fork = ratchet
        .filter(|_| agent.state == Stands::Cloned)
        .map(|ratchet| fork(&agent, &ratchet));
    AgentPage {
        shell: HouseShell::new(agent.name.clone(), Entry::Agents, caller, now),
        notice: shown.notice,
        errors: shown.errors,
        id: agent.id,
        site: site_name(&sites, agent.site),
        standing: standing(&agent, seen.as_ref(), now),
        why: agent.reason.as_deref().and_then(Reason::from_id).map(Reason::admin),
        facts: told_facts(&agent, seen.as_ref()),
        identity: identity(&agent, &names, key_hint, now),
        older: older.map(|(older, seen)| older_entry(&older, seen.as_ref(), &sites, permit)),
        fork,
        words: if agent.state == Stands::Waiting {
            words
        } else {
            String::new()
        },
        events: events.map(|events| events.into_iter().map(|event| event_line(event, &names)).collect()),
        name,
        site_id,
        sites: sites
            .iter()
            .filter(|site| is_chosen(site))
            .map(|site| (site.id.to_string(), site.name.clone()))
            .collect(),
        may,
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        seen: seen.map_or_else(|| asked(&agent), seen_words),
    }
}

fn site_name(sites: &[Named<SiteId>], id: SiteId) -> String {
    sites
        .iter()
        .find(|site| site.id == id)
        .map(|site| site.name.clone())
        .unwrap_or_default()
}

/// How it stands, and whether it was seen within two heartbeats.
pub(super) fn standing(agent: &Agent, seen: Option<&store::Seen>, now: Time) -> Standing {
    Standing::of(agent.state, seen.is_some_and(|seen| now - seen.seen_at <= ONLINE_FOR))
}

/// What its machine said last, else what it said when it asked to be let in.
pub(super) fn told_facts(agent: &Agent, seen: Option<&store::Seen>) -> Vec<Fact> {
    let last = seen.and_then(|seen| seen.inventory.clone());
    let mut told = last.unwrap_or_else(|| agent.inventory());
    // Each heartbeat says the version, and only what has changed says the rest.
    if let Some(seen) = seen.filter(|seen| !seen.version.is_empty()) {
        told.agent_version.clone_from(&seen.version);
    }
    machine::facts(&told)
}

/// An agent that waits was seen when it asked.
fn asked(agent: &Agent) -> Seen {
    let waits = agent.state == Stands::Waiting;
    Seen {
        at: waits.then_some(agent.asked_at),
        network: agent.network.clone(),
        ..Seen::default()
    }
}

fn seen_words(seen: store::Seen) -> Seen {
    Seen {
        at: Some(seen.seen_at),
        network: seen.network,
        clock: seen.clock_millis.and_then(machine::clock),
        booted_at: seen.inventory.as_ref().and_then(machine::booted_at),
        told_at: seen.inventory_at,
    }
}

fn identity(agent: &Agent, names: &BTreeMap<PersonId, String>, key_hint: Option<String>, now: Time) -> Identity {
    let named = |person: PersonId| names.get(&person).cloned().unwrap_or_else(|| "a former person".into());
    Identity {
        asked_at: agent.asked_at,
        network: agent.network.clone(),
        key_hint,
        decided_at: agent.decided_at,
        decided_by: agent.decided_by.map(named),
        ended_at: agent.ended_at,
        key_made_at: agent.key_made_at,
        key_age: (now - agent.key_made_at).words(),
        rotation_asked_at: agent.rotation_asked_at.filter(|at| *at >= agent.key_made_at),
        thumbprint: URL_SAFE_NO_PAD.encode(agent.thumbprint),
        unseen_hours: agent.unseen_hours,
    }
}

fn older_entry<A: Act>(
    older: &Agent,
    seen: Option<&store::Seen>,
    sites: &[Named<SiteId>],
    permit: &Permit<A>,
) -> Older {
    let may = |action| permit.may_on(action, On::Site(older.site));
    let is_possible = match older.state {
        Stands::Active | Stands::Cloned => may(Action::RevokeAgents),
        Stands::Revoked | Stands::Refused => true,
        Stands::Waiting => false,
    };
    Older {
        id: older.id,
        name: older.name.clone(),
        site: site_name(sites, older.site),
        standing: standing(older, seen, permit.now()),
        asked_at: older.asked_at,
        facts: told_facts(older, seen),
        can_be_replaced: is_possible && may(Action::PairAgents),
    }
}

fn event_line(event: Happened, names: &BTreeMap<PersonId, String>) -> EventLine {
    let why = event
        .reason
        .as_deref()
        .map_or("", |id| Reason::from_id(id).map_or(id, |reason| reason.admin()));
    let why = [why, event.detail.as_str()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let person = |person: PersonId| names.get(&person).cloned().unwrap_or_else(|| "a former person".into());
    let nobody = if event.network.is_empty() {
        "the server"
    } else {
        "the machine"
    };
    EventLine {
        id: event.id,
        at: event.at,
        what: EventKind::from_id(&event.kind).map_or_else(|| event.kind.clone(), |kind| kind.words().to_owned()),
        why,
        who: event.actor.map_or_else(|| nobody.to_owned(), person),
        network: event.network,
        outcome: Outcome::from_name(&event.outcome).unwrap_or(Outcome::Done),
        count: event.count,
    }
}

/// Both machines of a fork against the one that was paired.
fn fork(agent: &Agent, ratchet: &Ratchet) -> Fork {
    let paired = agent.marks();
    let side = |heading: &str, marks: &Marks, network: &str, at: Time| Side {
        heading: heading.to_owned(),
        machine: machine_words(marks, &paired),
        hardware: hardware_words(marks, &paired),
        matches: marks::matches(marks, &paired),
        network: network.to_owned(),
        at: Some(at),
    };
    Fork {
        first: side(
            "The one with the newest value",
            &ratchet.holder,
            &ratchet.holder_network,
            ratchet.stepped_at,
        ),
        second: side(
            "The one that came with an old value",
            &ratchet.fork_marks,
            &ratchet.fork_network,
            ratchet.known.fork_at,
        ),
        is_picked: ratchet.known.fork != Doubt::Aside,
    }
}

fn machine_words(seen: &Marks, paired: &Marks) -> String {
    match (&seen.machine, &paired.machine) {
        (None, _) => "not told",
        (Some(seen), Some(paired)) if seen == paired => "as at pairing",
        _ => "another one than at pairing",
    }
    .to_owned()
}

fn hardware_words(seen: &Marks, paired: &Marks) -> String {
    if seen.hardware.is_empty() || paired.hardware.is_empty() {
        return "not told".to_owned();
    }
    let same = paired
        .hardware
        .iter()
        .filter(|mark| seen.hardware.contains(mark))
        .count();
    format!("{same} of {} marks as at pairing", paired.hardware.len())
}

/// Name and site.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChangeForm {
    name: String,
    site_id: String,
}

/// POST `/app/agents/{id}/change`.
pub(super) async fn change(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    form: Form<ChangeForm>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id).await?;
    let form = form.open_for(&agents.house, &ask).await?;
    let Ok(site) = form.site_id.parse::<SiteId>() else {
        agents.house.admit(&ask).await?;
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    match settle::change(&agents, &ask, id, Some(form.name.clone()), Some(site)).await? {
        Ok(()) => Ok(see_other(&format!("/app/agents/{id}?done=saved"))),
        Err(undo) => {
            let typed = Some((form.name, form.site_id));
            let shown = Shown {
                typed,
                ..Shown::refused(&ask, undo)?
            };
            answer(&agents, &ask, id, shown).await
        }
    }
}
