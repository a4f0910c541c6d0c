//! `/pair`: a person types the short code that a machine shows, sees the machine's facts with a warning, and decides. Must never happen: a code of
//! another organisation that is answered otherwise than one that is wrong; a code that is found by trying.
use super::{may_at, one};
use crate::{
    http::Agents,
    page::{
        Standing,
        code::{CodePage, Found},
    },
    pair,
    settle::{self, Undo},
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    db::{self, Lock, Tx, View},
    failure::retry_after,
    form::{Form, Query},
    journal,
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Action, AgentId, Freshness, On, Organisation, Reason, Span, Time, act};
use serde::Deserialize;
use uuid::Uuid;

/// Wrong codes of one person, in so long.
const MOST_WRONG: u32 = 10;
const WITHIN: Span = Span::minutes(10);
/// The signal of a wrong code.
const WRONG: &str = "pairing-code-wrong";

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Came {
    done: Option<String>,
}

/// GET `/pair`.
pub(super) async fn show(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let done = came.ok().and_then(|Query(came)| came.done);
    let mut page = page(&agents, &ask).await?.1;
    page.notice = match done.as_deref() {
        Some("approve") => Some(Notice::done("Let in. The machine goes on by itself within seconds.")),
        Some("refuse") => Some(Notice::done("Refused. The machine is told so.")),
        _ => None,
    };
    Ok(html(StatusCode::OK, page))
}

async fn page(agents: &Agents, ask: &Ask<act::PairAgents>) -> Result<(Permit<act::PairAgents>, CodePage), Failure> {
    let (permit, words) = agents
        .house
        .read(ask, |view, permit| {
            organisations::pairing_words(view, Organisation(permit.caller().organisation))
        })
        .await?;
    let page = CodePage {
        shell: HouseShell::new("Let a machine in", Entry::Agents, permit.caller(), permit.now()),
        notice: None,
        errors: Errors::none(),
        user_code: String::new(),
        found: None,
        words,
        is_fresh: permit.caller().is_fresh(Freshness::Factor, permit.now()),
    };
    Ok((permit, page))
}

/// The code, and with the second form the decision.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeForm {
    user_code: String,
    decision: Option<String>,
}

/// What a code came to.
enum Looked {
    There(AgentId),
    Wrong,
    /// Ten wrong ones: how long to wait, and until when.
    TooOften(Time),
}

/// POST `/pair`.
pub(super) async fn decide(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    form: Form<CodeForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&agents.house, &ask).await?;
    let permit = agents.house.admit(&ask).await?;
    let hash = pair::code_hash(&agents.house.ground, &form.user_code);
    let signal = kernel::id::version_7(permit.now(), &agents.house.ground.chance);
    // INVARIANT: under the person's own lock, so that many codes at once are counted one by one.
    let lock = Lock::on("pairing-code", permit.caller().person.0.as_bytes());
    let work = move |tx: &mut Tx, permit: &Permit<act::PairAgents>| look(tx, permit, hash, signal);
    let (permit, looked) = agents.house.write(&ask, Some(lock), work).await?;
    match (looked, form.decision.as_deref()) {
        (Looked::There(id), None) => found(&agents, &ask, id, form.user_code).await,
        (Looked::There(id), Some(word @ ("approve" | "refuse"))) => {
            settled(&agents, &ask, id, word, form.user_code).await
        }
        (Looked::There(_), Some(_)) => Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed)),
        (Looked::Wrong, _) => {
            let mut page = page(&agents, &ask).await?.1;
            page.user_code = form.user_code;
            page.errors.push("user_code", Reason::PairingCodeUnknown);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
        (Looked::TooOften(until), _) => {
            let mut page = page(&agents, &ask).await?.1;
            let wait = until - permit.now();
            page.notice = Some(Notice::refused(Reason::PairingCodeTooOften).wait(wait, until));
            let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
            retry_after(&mut response, wait);
            Ok(response)
        }
    }
}

/// Looks for the machine, and keeps that there was none.
fn look(tx: &mut Tx, permit: &Permit<act::PairAgents>, hash: Option<[u8; 32]>, signal: Uuid) -> db::Result<Looked> {
    let (organisation, now) = (Organisation(permit.caller().organisation), permit.now());
    let person = permit.caller().person.0;
    let wrong = journal::signals(tx, WRONG, person.as_bytes(), now - WITHIN, MOST_WRONG)?;
    let oldest = wrong
        .last()
        .filter(|_| wrong.len() >= usize::try_from(MOST_WRONG).unwrap_or(usize::MAX));
    if let Some(oldest) = oldest {
        return Ok(Looked::TooOften(oldest.at + WITHIN));
    }
    let found = match hash {
        Some(hash) => store::agent_by_code(tx, organisation, &hash, now)?,
        None => None,
    };
    // A machine of a site that the reader may not see is none.
    let seen = found.filter(|agent| {
        permit.may_on(Action::SeeAgents, On::Site(agent.site))
            || permit.may_on(Action::PairAgents, On::Site(agent.site))
    });
    if let Some(agent) = seen {
        return Ok(Looked::There(agent.id));
    }
    journal::note(
        tx,
        &journal::Signal {
            id: signal,
            at: now,
            kind: WRONG.to_owned(),
            key: person.as_bytes().to_vec(),
            reason: Some(Reason::PairingCodeUnknown),
            network: permit.caller().network.clone(),
            detail: String::new(),
        },
    )?;
    Ok(Looked::Wrong)
}

/// The machine's facts, with the form that decides.
async fn found(
    agents: &Agents,
    ask: &Ask<act::PairAgents>,
    id: AgentId,
    user_code: String,
) -> Result<Response, Failure> {
    let (_, machine) = agents
        .house
        .read(ask, move |view, permit| machine(view, permit, id))
        .await?;
    let Some(machine) = machine else {
        return Err(ask.not_found());
    };
    let mut page = page(agents, ask).await?.1;
    page.user_code = user_code;
    page.found = Some(machine);
    Ok(html(StatusCode::OK, page))
}

fn machine(view: &mut View, permit: &Permit<act::PairAgents>, id: AgentId) -> db::Result<Option<Found>> {
    let organisation = Organisation(permit.caller().organisation);
    let Some(agent) = store::agent(view, organisation, id)? else {
        return Ok(None);
    };
    let older = match agent.successor_of {
        Some(older) => store::agent(view, organisation, older)?,
        None => None,
    };
    let older = older.filter(|older| permit.may_on(Action::SeeAgents, On::Site(older.site)));
    Ok(Some(Found {
        id,
        name: agent.name.clone(),
        site: organisations::site_name(view, organisation, agent.site)?.unwrap_or_default(),
        standing: Standing::of(agent.state, false),
        asked_at: agent.asked_at,
        is_same_network: agent.network == permit.caller().network,
        network: agent.network.clone(),
        facts: one::told_facts(&agent, None),
        older: older.map(|older| (older.id, older.name)),
        may_pair: may_at(permit, agent.site).pair,
    }))
}

/// Decides, and leads back to where the next code can be typed.
async fn settled(
    agents: &Agents,
    ask: &Ask<act::PairAgents>,
    id: AgentId,
    word: &str,
    user_code: String,
) -> Result<Response, Failure> {
    let came = if word == "approve" {
        settle::approve(agents, ask, id, None).await?
    } else {
        settle::refuse(agents, ask, id).await?
    };
    let (reason, status) = match came {
        Ok(()) => return Ok(see_other(&format!("/pair?done={word}"))),
        Err(Undo::Refused(reason)) => (reason, StatusCode::CONFLICT),
        Err(Undo::Forbidden) => (Reason::AccessMissing, StatusCode::FORBIDDEN),
        Err(Undo::Store(error)) => return Err(Failure::store(&ask.visitor, &error)),
        Err(Undo::Absent | Undo::Fields(_)) => return Err(ask.not_found()),
    };
    let mut page = page(agents, ask).await?.1;
    page.user_code = user_code;
    page.notice = Some(Notice::refused(reason));
    Ok(html(status, page))
}
