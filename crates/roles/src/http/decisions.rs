//! `POST /api/v1/decisions`: may this person do this on that, and why; and who can do something at all.
use super::{Desk, api};
use crate::{
    giving,
    sent::{GrantItem, ScopeSent, read_scope, scope_word},
    store::{self, giving::told, lists},
    why::{Answer, Question, explain},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure, Permit,
    db::{Result as Stored, View},
    form::{Json as Body, Path, Query},
};
use kernel::{Act, Action, FieldError, On, Organisation, OrganisationId, PersonId, Reach, Reason, Scope, SiteId, act};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionAsked {
    /// The person.
    person: String,
    /// A permission's name.
    action: String,
    /// On what: the id of a site, a customer, a person or the organisation, or a scope; anything at all where it is not said.
    resource: Option<ScopeSent>,
}

/// One reason.
#[derive(Serialize, ToSchema)]
struct Because {
    /// Its stable id.
    id: &'static str,
    /// In words.
    text: String,
}

/// The answer.
#[derive(Serialize, ToSchema)]
struct DecisionAnswer {
    /// Yes or no.
    allowed: bool,
    /// The whole derivation, the most telling first.
    because: Vec<Because>,
    /// The grant that allows it.
    granted_by: Option<GrantItem>,
    /// The roles that have the permission.
    roles: Vec<String>,
    /// Whether it asks for a fresh proof as well.
    step_up: bool,
}

/// What a question is about.
pub(super) fn thing(view: &mut View, organisation: Organisation, sent: Option<&ScopeSent>) -> Stored<Option<On>> {
    let Some(sent) = sent else {
        return Ok(Some(On::Somewhere));
    };
    if let Some(scope) = sent.scope() {
        return on_scope(view, organisation, scope);
    }
    let ScopeSent::Word(word) = sent else { return Ok(None) };
    let Ok(id) = word.parse::<uuid::Uuid>() else {
        return Ok((word == "organisation").then_some(On::Organisation));
    };
    if id == organisation.0.0 {
        return Ok(Some(On::Organisation));
    }
    for scope in [Scope::Site(SiteId(id)), Scope::Customer(OrganisationId(id))] {
        if let Some(on) = on_scope(view, organisation, scope)? {
            return Ok(Some(on));
        }
    }
    let member = people::standing(view, organisation, PersonId(id))?.filter(|person| person.is_member);
    Ok(member.map(|_| On::Organisation))
}

fn on_scope(view: &mut View, organisation: Organisation, scope: Scope) -> Stored<Option<On>> {
    let is_there = giving::place(view, organisation, scope)?.is_some();
    Ok(is_there.then_some(match scope {
        Scope::Everything => On::Organisation,
        Scope::Customer(id) => On::Customer(id),
        Scope::Site(id) => On::Site(id),
    }))
}

/// The answer about a member. None: they are none.
pub(super) fn answer(
    view: &mut View,
    organisation: Organisation,
    person: PersonId,
    (action, on): (Action, On),
) -> Stored<Option<(String, Answer)>> {
    let found = people::standing(view, organisation, person)?.filter(|person| person.is_member);
    let Some(standing) = found else { return Ok(None) };
    let held = told(view, organisation, person)?;
    let roles = store::list(view, organisation)?;
    let asked = Question {
        name: &standing.name,
        is_disabled: standing.is_disabled,
        action,
        on,
    };
    let answer = explain(asked, &held, &roles);
    Ok(Some((standing.name, answer)))
}

/// Whether a member may do something, and why.
#[utoipa::path(post, path = "/api/v1/decisions", request_body = DecisionAsked, responses((status = 200, body = DecisionAnswer),
    (status = 400, description = "Unknown or missing fields"), (status = 403, description = "Not allowed"),
    (status = 404, description = "The person or the thing is not there, or of another organisation"),
    (status = 422, description = "There is no such permission")))]
pub(super) async fn decide(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    query: Result<Query<About>, Failure>,
    body: Body<DecisionAsked>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let of = api::about(&ask, permit.caller(), query)?;
    let asked = body.open()?;
    let action = action(&ask, &asked.action)?;
    let person: PersonId = asked.person.parse().map_err(|_| ask.not_found())?;
    let (_, found) = desk
        .house
        .read(&ask, move |view, _| {
            let Some(on) = thing(view, of, asked.resource.as_ref())? else {
                return Ok(None);
            };
            answer(view, of, person, (action, on))
        })
        .await?;
    let (_, answer) = found.ok_or_else(|| ask.not_found())?;
    let because = answer
        .because
        .into_iter()
        .map(|(reason, text)| Because { id: reason.id(), text });
    Ok(Json(DecisionAnswer {
        allowed: answer.is_allowed,
        because: because.collect(),
        granted_by: answer.by.as_ref().map(GrantItem::from),
        roles: answer.roles,
        step_up: action.is_delicate(),
    })
    .into_response())
}

fn action<A: Act>(ask: &Ask<A>, name: &str) -> Result<Action, Failure> {
    Action::from_name(name).ok_or_else(|| api::wrong(ask, FieldError::new("action", Reason::PermissionUnknown)))
}

/// Which part of the list is wanted, and on what.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Part {
    organisation: Option<String>,
    resource: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Somebody who can do it.
#[derive(Serialize, ToSchema)]
struct AblePerson {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The name.
    name: String,
    /// The address.
    email: String,
    /// The roles that allow it.
    roles: Vec<String>,
}

/// Those who can do it.
#[derive(Serialize, ToSchema)]
struct AblePeople {
    /// In the order of their ids; nobody who is disabled.
    items: Vec<AblePerson>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// Those who can do something, with the roles that allow it: so many after this one.
pub(super) fn able(
    view: &mut View,
    organisation: Organisation,
    (action, on): (Action, On),
    after: Option<PersonId>,
    limit: u32,
) -> Stored<Vec<(lists::Who, Vec<String>)>> {
    let mut all: BTreeMap<PersonId, (lists::Who, Vec<String>)> = BTreeMap::new();
    let roles = store::list(view, organisation)?;
    for role in roles.iter().filter(|role| role.permissions.contains(action)) {
        for who in lists::who(view, organisation, role.id, (action, on), after, limit)? {
            let entry = all.entry(who.id).or_insert_with(|| (who, Vec::new()));
            entry.1.push(role.name.clone());
        }
    }
    Ok(all
        .into_values()
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .collect())
}

/// Who can do something, and by which roles.
#[utoipa::path(get, path = "/api/v1/permissions/{name}/people", params(
    ("name" = String, Path, description = "The permission's name"),
    ("resource" = Option<String>, Query, description = "`organisation`, `site:ID`, `customer:ID` or an id; anything where it is not said"),
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = AblePeople), (status = 400, description = "A parameter is unknown or wrong"),
    (status = 403, description = "Not allowed"), (status = 404, description = "No such permission or thing")))]
pub(super) async fn who(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    name: Result<Path<String>, Failure>,
    part: Result<Query<Part>, Failure>,
) -> Result<Response, Failure> {
    let permit: Permit<act::SeeRoles> = desk.house.admit(&ask).await?;
    let (Path(name), Query(part)) = (name?, part?);
    ask.own_only(permit.caller(), part.organisation.as_deref())?;
    let of = Organisation(permit.caller().organisation);
    let action = Action::from_name(&name).filter(|action| action.reach() != Reach::Own);
    let action = action.ok_or_else(|| ask.not_found())?;
    let malformed = || ask.failure(axum::http::StatusCode::BAD_REQUEST, Reason::RequestMalformed);
    let limit = part.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(malformed());
    }
    let after: Option<PersonId> = part
        .cursor
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| malformed())?;
    let resource = part.resource.map(ScopeSent::Word);
    let (_, found) = desk
        .house
        .read(&ask, move |view, _| {
            let Some(on) = thing(view, of, resource.as_ref())? else {
                return Ok(None);
            };
            able(view, of, (action, on), after, limit + 1).map(Some)
        })
        .await?;
    let mut found = found.ok_or_else(|| ask.not_found())?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|(who, _)| who.id.to_string());
    let items = found.into_iter().map(|(who, roles)| AblePerson {
        id: who.id.0,
        name: who.name,
        email: who.email,
        roles,
    });
    let items = items.collect();
    Ok(Json(AblePeople { items, next }).into_response())
}

/// The word of a thing, for the page's own form.
pub(super) fn on_word(word: &str) -> Option<ScopeSent> {
    (!word.is_empty()).then(|| ScopeSent::Word(read_scope(word).map_or_else(|| word.to_owned(), scope_word)))
}
