//! Agents, as JSON: the list, one of them, and its name and site.
use super::acts::Which;
use crate::{
    decide::ONLINE_FOR,
    http::Agents,
    settle,
    store::{self, Agent, Filter, Seen, Sites},
};
use agent_wire::{Inventory, State as Stands};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure, Permit,
    cursor::{ByName, Cursors},
    db::{self, View},
    failure::encode,
    form::{Json as Body, Query},
};
use kernel::{Act, Action, AgentId, On, Organisation, Reason, SiteId, Time, act};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Items of a list where nothing is asked for, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 200;
/// Characters that are searched for at most.
const LONGEST: usize = 100;

/// A program on a managed machine.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent)]
pub(crate) struct AgentItem {
    /// UUID version 7.
    id: Uuid,
    /// What it is called.
    name: String,
    /// Its site.
    site_id: Uuid,
    /// `waiting`, `active`, `refused`, `revoked` or `cloned`.
    state: &'static str,
    /// Why it is refused, revoked or set aside: a reason's id.
    reason: Option<String>,
    /// It is active and was seen within two heartbeats.
    online: bool,
    /// What its machine tells: `hostname`, `os`, `system`, `arch`, `cpu`, `cores`, `memory`, `disks`, `addresses`, `booted_at`, `agent_version`.
    #[schema(value_type = Object)]
    facts: Inventory,
    /// When it asked to be let in. RFC 3339, UTC.
    asked_at: String,
    /// When it was let in. Null: not yet, or never.
    paired_at: Option<String>,
    /// When it was last seen; at most a few seconds late. Null: never.
    seen_at: Option<String>,
    /// The network that it asked from.
    network: String,
    /// Since when it has its present key pair.
    key_made_at: String,
    /// The installation key that it came with.
    installation_key_id: Uuid,
    /// An older entry that seems to be the same machine.
    successor_of: Option<Uuid>,
    /// Its machine's clock less the server's, milliseconds.
    clock_millis: Option<i64>,
}

impl AgentItem {
    /// As it stands now.
    pub(crate) fn of(agent: Agent, seen: Option<Seen>, now: Time) -> Self {
        let is_seen = seen.as_ref().is_some_and(|seen| now - seen.seen_at <= ONLINE_FOR);
        let inventory = seen.as_ref().and_then(|seen| seen.inventory.clone());
        let was_let_in = matches!(agent.state, Stands::Active | Stands::Cloned | Stands::Revoked);
        Self {
            id: agent.id.0,
            site_id: agent.site.0,
            state: agent.state.name(),
            online: agent.state == Stands::Active && is_seen,
            facts: inventory.unwrap_or_else(|| agent.inventory()),
            asked_at: agent.asked_at.rfc3339(),
            paired_at: agent.decided_at.filter(|_| was_let_in).map(Time::rfc3339),
            seen_at: seen.as_ref().map(|seen| seen.seen_at.rfc3339()),
            key_made_at: agent.key_made_at.rfc3339(),
            installation_key_id: agent.installation_key.0,
            successor_of: agent.successor_of.map(|older| older.0),
            clock_millis: seen.and_then(|seen| seen.clock_millis),
            name: agent.name,
            reason: agent.reason,
            network: agent.network,
        }
    }
}

/// A list.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgentList {
    /// By name.
    items: Vec<AgentItem>,
    /// The cursor of what follows.
    next: Option<String>,
}

/// How the list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Listing {
    #[serde(rename = "organisation")]
    _organisation: Option<String>,
    q: Option<String>,
    site: Option<String>,
    state: Option<String>,
    online: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

impl Listing {
    /// The filter. None: one of its parts is none.
    fn filter(&self) -> Option<Filter> {
        let q = self.q.as_deref().unwrap_or_default();
        if q.chars().count() > LONGEST || q.contains('\0') {
            return None;
        }
        let site = match &self.site {
            Some(id) => Some(id.parse::<SiteId>().ok()?),
            None => None,
        };
        let state = match &self.state {
            Some(word) => Some(Stands::from_name(word)?),
            None => None,
        };
        let online = match self.online.as_deref() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => return None,
            None => None,
        };
        Some(Filter {
            pattern: people::pattern(q),
            site,
            state,
            online,
        })
    }
    fn limit(&self) -> Option<u32> {
        match &self.limit {
            None => Some(USUAL),
            Some(text) => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)),
        }
    }
    /// The same filters as a text that no other filters have.
    fn text(&self) -> String {
        let fields = [&self.q, &self.site, &self.state, &self.online];
        fields
            .map(|field| encode(field.as_deref().unwrap_or_default()))
            .join("&")
    }
}

/// The agents of the sites that the caller may see, by name.
#[utoipa::path(get, path = "/api/v1/agents", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before, with the same filters"),
    ("q" = Option<String>, Query, description = "Part of a name, host name or system"),
    ("site" = Option<uuid::Uuid>, Query, description = "At this site"),
    ("state" = Option<String>, Query, description = "`waiting`, `active`, `refused`, `revoked` or `cloned`"),
    ("online" = Option<bool>, Query, description = "Seen within two heartbeats, or not"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = AgentList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(crate) async fn list(
    State(agents): State<Agents>,
    ask: Ask<act::SeeAgents>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let malformed = || ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed);
    let read = asked
        .ok()
        .and_then(|Query(asked)| Some((asked.filter()?, asked.limit()?, asked)));
    let Some((filter, limit, asked)) = read else {
        agents.house.admit(&ask).await?;
        return Err(malformed());
    };
    let (ground, text) = (agents.house.ground.clone(), asked.text());
    let (_, found) = agents
        .house
        .read(&ask, move |view, permit| {
            let organisation = Organisation(permit.caller().organisation);
            let cursors = Cursors {
                keys: &ground.keys,
                list: "agents-cursor",
                organisation: organisation.0,
                filter: &text,
            };
            let place = match &asked.cursor {
                None => ByName::default(),
                Some(cursor) => match cursors.open(cursor) {
                    Some(place) => place,
                    None => return Ok(None),
                },
            };
            let (sites, now) = (Sites::of(permit.caller(), Action::SeeAgents), permit.now());
            let mut listed = store::agents(view, organisation, &sites, &filter, now - ONLINE_FOR, &place, limit + 1)?;
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let is_more = listed.len() > limit;
            listed.truncate(limit);
            let last = listed.last().filter(|_| is_more);
            let next = last.map(|last| {
                cursors.seal(&ByName {
                    sort_name: last.sort_name.clone(),
                    id: last.id.0,
                })
            });
            let mut items = Vec::new();
            for one in listed {
                items.extend(item(view, organisation, one.id, now)?);
            }
            Ok(Some(AgentList { items, next }))
        })
        .await?;
    Ok(Json(found.ok_or_else(malformed)?).into_response())
}

fn item(view: &mut View, organisation: Organisation, id: AgentId, now: Time) -> db::Result<Option<AgentItem>> {
    let Some(agent) = store::agent(view, organisation, id)? else {
        return Ok(None);
    };
    let seen = store::seen(view, organisation, id)?;
    Ok(Some(AgentItem::of(agent, seen, now)))
}

/// One agent as the answer to a change of it.
pub(super) async fn answer<A: Act>(agents: &Agents, ask: &Ask<A>, id: AgentId) -> Result<Response, Failure> {
    let (_, found) = agents
        .house
        .read(ask, move |view, permit: &Permit<A>| {
            let organisation = Organisation(permit.caller().organisation);
            item(view, organisation, id, permit.now())
        })
        .await?;
    found
        .map(|item| Json(item).into_response())
        .ok_or_else(|| ask.not_found())
}

/// One agent.
#[utoipa::path(get, path = "/api/v1/agents/{id}", params(("id" = uuid::Uuid, Path, description = "The agent")),
    responses((status = 200, body = AgentItem), (status = 403, description = "Not allowed"), (status = 404, description = "Not there, or not yours to see")))]
pub(crate) async fn one(
    State(agents): State<Agents>,
    ask: Ask<act::SeeAgents>,
    id: Which,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = super::acts::named(&agents, &ask, id, about).await?;
    let (_, found) = agents
        .house
        .read(&ask, move |view, permit| {
            let organisation = Organisation(permit.caller().organisation);
            let agent = store::agent(view, organisation, id)?;
            let seen = agent.filter(|agent| permit.may_on(Action::SeeAgents, On::Site(agent.site)));
            let Some(agent) = seen else { return Ok(None) };
            Ok(Some(AgentItem::of(
                agent,
                store::seen(view, organisation, id)?,
                permit.now(),
            )))
        })
        .await?;
    found
        .map(|item| Json(item).into_response())
        .ok_or_else(|| ask.not_found())
}

/// What is to be another.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeAgent {
    /// 1 to 100 characters on one line.
    #[serde(default)]
    name: Option<String>,
    /// A site that the caller may pair agents at.
    #[serde(default)]
    site_id: Option<Uuid>,
}

/// Changes name and site.
#[utoipa::path(patch, path = "/api/v1/agents/{id}", params(("id" = uuid::Uuid, Path, description = "The agent")), request_body = ChangeAgent,
    responses((status = 200, body = AgentItem), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn change(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    about: Result<Query<About>, Failure>,
    body: Body<ChangeAgent>,
) -> Result<Response, Failure> {
    let id = super::acts::named(&agents, &ask, id, about).await?;
    let body = body.open_for(&agents.house, &ask).await?;
    let site = body.site_id.map(SiteId);
    match settle::change(&agents, &ask, id, body.name, site).await? {
        Ok(()) => answer(&agents, &ask, id).await,
        Err(undo) => Err(settle::failure(&ask, undo)),
    }
}
