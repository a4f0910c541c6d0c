//! People, as JSON: `people`. Nothing of it opens a session, and nothing answers about somebody whom the organisation does not know.
use crate::{
    bulk, change, erase, export,
    form::{self, Listing},
    http::{Members, malformed},
    invite::{self, Draw},
    item::{HeldRole, Named, PersonItem, PersonList},
    known, remove, seen,
    store::list as stored,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure,
    form::{Json as Body, Path, Query},
};
use kernel::{FieldError, InvitationId, Organisation, PersonId, Reason, act};
use people::notices;
use roles::GrantSent;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invite {
    /// The address.
    email: String,
    /// 1 to 100 characters on one line.
    name: String,
    /// What they shall hold: nothing that the caller does not hold as far.
    #[serde(default)]
    roles: Vec<GrantSent>,
    /// The language of the mail: a tag (BCP 47); the caller's own if not given.
    #[serde(default)]
    language: Option<String>,
}

/// What is to be another: at least one of these. Name, address and whether they are disabled are the home organisation's to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePerson {
    /// 1 to 100 characters on one line.
    #[serde(default)]
    name: Option<String>,
    /// The address. Both addresses are told, and every session ends.
    #[serde(default)]
    email: Option<String>,
    /// Whether they are kept out.
    #[serde(default)]
    disabled: Option<bool>,
    /// All that they shall hold by themselves.
    #[serde(default)]
    roles: Option<Vec<GrantSent>>,
}

/// One action for many.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
    /// `sign-out`, `disable`, `enable` or `remove`.
    action: String,
    /// 1 to 200 members. Where one of them is not there, nothing is done.
    people: Vec<uuid::Uuid>,
}

/// The part of the OpenAPI document that is about people.
#[derive(OpenApi)]
#[openapi(
    paths(list, invite, one, change, remove, resend, data, erase, bulk, export),
    components(schemas(PersonItem, PersonList, HeldRole, Named, Invite, ChangePerson, Bulk))
)]
struct Document;

/// The part of the OpenAPI document that is about people.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The organisation's people and those who are invited, by name.
#[utoipa::path(get, path = "/api/v1/people", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before, with the same filters"),
    ("q" = Option<String>, Query, description = "Part of a name or an address"),
    ("state" = Option<String>, Query, description = "`active`, `disabled` or `invited`"),
    ("role" = Option<uuid::Uuid>, Query, description = "Members who hold this role, by themselves or by a group"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = PersonList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(crate) async fn list(
    State(state): State<Members>,
    ask: Ask<act::SeePeople>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let Query(asked) = state.part(&ask, asked).await?;
    let wrong = asked.done.is_some();
    let (Some(filter), Some(limit), false) = (asked.filter(), asked.limit(), wrong) else {
        state.house.admit(&ask).await?;
        return Err(malformed(&ask));
    };
    let (ground, held) = (state.house.ground.clone(), filter.clone());
    let (permit, part) = state
        .house
        .read(&ask, move |view, permit| {
            let organisation = permit.caller().organisation;
            match asked.place(&ground, organisation, &held) {
                Some(after) => seen::part(view, Organisation(organisation), &held, &after, limit).map(Some),
                None => Ok(None),
            }
        })
        .await?;
    let Some(part) = part else { return Err(malformed(&ask)) };
    let organisation = permit.caller().organisation;
    let next = part
        .next
        .as_ref()
        .map(|next| form::seal(&state.house.ground, organisation, &filter, next));
    let items = part
        .people
        .iter()
        .map(|seen| PersonItem::of(seen, Organisation(organisation)));
    let items = items.collect();
    Ok(Json(PersonList { items, next }).into_response())
}

/// Invites somebody by mail. The answer is the same whether or not the address has an account elsewhere.
#[utoipa::path(post, path = "/api/v1/people", request_body = Invite,
    responses((status = 201, body = PersonItem), (status = 400, description = "Not understood"), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed, or more than one's own rights"), (status = 409, description = "A member or invited already"),
        (status = 422, description = "A field is wrong"), (status = 429, description = "Too many invitations today")))]
pub(crate) async fn invite(
    State(state): State<Members>,
    ask: Ask<act::InvitePeople>,
    about: Result<Query<About>, Failure>,
    body: Body<Invite>,
) -> Result<Response, Failure> {
    state.part(&ask, about).await?;
    let sent = body.open_for(&state.house, &ask).await?;
    let asked = form::invited(
        (&sent.name, &sent.email, sent.language.as_deref()),
        form::wanted(&sent.roles),
    );
    let asked = match asked {
        Ok(asked) => asked,
        Err(errors) => {
            state.house.admit(&ask).await?;
            return Err(invalid(&ask, errors));
        }
    };
    let ground = &state.house.ground;
    let draw = Draw::new(ground.now(), &ground.chance);
    let item = state
        .write(&ask, move |tx, acting| {
            let id = invite::invite(tx, acting, &asked, &draw)?;
            let seen = seen::one(tx, acting.organisation(), id.0)?.ok_or(change::Stop::Absent)?;
            Ok(PersonItem::of(&seen, acting.organisation()))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(item)).into_response())
}

/// The problem of fields that are wrong: the reason of the one, or of the whole.
fn invalid<A: kernel::Act>(ask: &Ask<A>, errors: Vec<FieldError>) -> Failure {
    let reason = match errors.as_slice() {
        [one] => Reason::from_id(one.reason).unwrap_or(Reason::RequestRefused),
        _ => Reason::RequestRefused,
    };
    ask.failure(StatusCode::UNPROCESSABLE_ENTITY, reason)
        .with_errors(errors)
}

/// One of the organisation's people, or somebody who is invited.
#[utoipa::path(get, path = "/api/v1/people/{id}", params(("id" = uuid::Uuid, Path, description = "The person")),
    responses((status = 200, body = PersonItem), (status = 403, description = "Not allowed"), (status = 404, description = "Not there, or not of this organisation")))]
pub(crate) async fn one(
    State(state): State<Members>,
    ask: Ask<act::SeePeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, about).await?;
    let (permit, found) = state
        .house
        .read(&ask, move |view, permit| {
            seen::one(view, Organisation(permit.caller().organisation), id)
        })
        .await?;
    let seen = found.ok_or_else(|| ask.not_found())?;
    let scope = Organisation(permit.caller().organisation);
    Ok(Json(PersonItem::of(&seen, scope)).into_response())
}

/// Changes somebody. All of it happens, or nothing.
#[utoipa::path(patch, path = "/api/v1/people/{id}", params(("id" = uuid::Uuid, Path, description = "The person")), request_body = ChangePerson,
    responses((status = 200, body = PersonItem), (status = 400, description = "Not understood"), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed: another home, or more than one's own rights"), (status = 404, description = "Not there, or not of this organisation"),
        (status = 409, description = "The last owner, or oneself"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn change(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Body<ChangePerson>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, about).await?;
    let sent = body.open_for(&state.house, &ask).await?;
    let change = match read_change(&sent) {
        Ok(change) => change,
        Err(errors) => {
            state.house.admit(&ask).await?;
            let is_empty = errors.is_empty();
            return Err(if is_empty {
                malformed(&ask)
            } else {
                invalid(&ask, errors)
            });
        }
    };
    let ground = &state.house.ground;
    let draw = notices::Draw::new(ground.now(), &ground.chance);
    let item = state
        .write(&ask, move |tx, acting| {
            change::change(tx, acting, PersonId(id), &change, &draw)?;
            let seen = seen::one(tx, acting.organisation(), id)?.ok_or(change::Stop::Absent)?;
            Ok(PersonItem::of(&seen, acting.organisation()))
        })
        .await?;
    Ok(Json(item).into_response())
}

/// What is to be changed, or everything that is wrong with it; nothing wrong where nothing was sent.
fn read_change(sent: &ChangePerson) -> Result<change::Change, Vec<FieldError>> {
    let name = sent.name.as_deref();
    let name = name
        .map(|name| organisations::check_name("name", name, Reason::NameInvalid))
        .transpose();
    let email = sent.email.as_deref().map(people::canonical_email).transpose();
    let roles = sent.roles.as_deref().map(form::wanted).transpose();
    match (name, email, roles) {
        (Ok(None), Ok(None), Ok(None)) if sent.disabled.is_none() => Err(Vec::new()),
        (Ok(name), Ok(email), Ok(roles)) => Ok(change::Change {
            name,
            email,
            disabled: sent.disabled,
            roles,
        }),
        (name, email, roles) => Err([name.err(), email.err(), roles.err()].into_iter().flatten().collect()),
    }
}

/// Takes somebody out: at home the account goes for good, elsewhere the membership ends; an invitation is withdrawn.
#[utoipa::path(delete, path = "/api/v1/people/{id}", params(("id" = uuid::Uuid, Path, description = "The person")),
    responses((status = 204, description = "Gone"), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed, or more than one's own rights"),
        (status = 404, description = "Not there, or not of this organisation"), (status = 409, description = "The last owner, or oneself")))]
pub(crate) async fn remove(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, about).await?;
    state
        .write(&ask, move |tx, acting| {
            if stored::member(tx, acting.organisation(), PersonId(id))?.is_some() {
                remove::remove(tx, acting, PersonId(id))
            } else {
                invite::withdraw(tx, acting, InvitationId(id))
            }
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Sends an invitation again, with another link and code.
#[utoipa::path(post, path = "/api/v1/people/{id}/resend", params(("id" = uuid::Uuid, Path, description = "The invited person")),
    responses((status = 204, description = "It is on its way"), (status = 404, description = "No such invitation"), (status = 429, description = "Sent enough times today")))]
pub(crate) async fn resend(
    State(state): State<Members>,
    ask: Ask<act::InvitePeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, about).await?;
    let ground = &state.house.ground;
    let draw = Draw::new(ground.now(), &ground.chance);
    state
        .write(&ask, move |tx, acting| {
            invite::resend(tx, acting, InvitationId(id), &draw)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// All that is known of somebody, as one file. For the home organisation.
#[utoipa::path(post, path = "/api/v1/people/{id}/data", params(("id" = uuid::Uuid, Path, description = "The person")),
    responses((status = 200, description = "The file"), (status = 403, description = "Not allowed, or another home"), (status = 404, description = "Not there, or not of this organisation")))]
pub(crate) async fn data(
    State(state): State<Members>,
    ask: Ask<act::ErasePeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, about).await?;
    let file = state
        .write(&ask, move |tx, acting| known::hand_out(tx, acting, PersonId(id)))
        .await?;
    Ok(as_file(&file))
}

/// The JSON as a file to keep.
pub(crate) fn as_file(file: &serde_json::Value) -> Response {
    let text = serde_json::to_string_pretty(file).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"person.json\""),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

/// Erases somebody: the account goes, and the personal part of every line of the log that names them. It cannot be undone.
#[utoipa::path(post, path = "/api/v1/people/{id}/erase", params(("id" = uuid::Uuid, Path, description = "The person, or somebody who was removed")),
    responses((status = 204, description = "Erased; what is left of the log is erased in the next minutes"), (status = 403, description = "Not allowed, another home, or more than one's own rights"),
        (status = 404, description = "Not there, or not of this organisation"), (status = 409, description = "The last owner, or oneself")))]
pub(crate) async fn erase(
    State(state): State<Members>,
    ask: Ask<act::ErasePeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = state.whom(&ask, id, about).await?;
    state
        .write(&ask, move |tx, acting| erase::erase(tx, acting, PersonId(id)))
        .await?;
    erase::go_on(&state.house.ground).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// One action for many members: all of it, or nothing.
#[utoipa::path(post, path = "/api/v1/people/bulk", request_body = Bulk,
    responses((status = 204, description = "Done for each of them"), (status = 403, description = "Not allowed for one of them"), (status = 404, description = "One of them is not there: nothing was done"),
        (status = 409, description = "The last owner, or oneself: nothing was done"), (status = 422, description = "Nobody, or more than 200")))]
pub(crate) async fn bulk(
    State(state): State<Members>,
    ask: Ask<act::ChangePeople>,
    about: Result<Query<About>, Failure>,
    body: Body<Bulk>,
) -> Result<Response, Failure> {
    state.part(&ask, about).await?;
    let sent = body.open_for(&state.house, &ask).await?;
    let Some(action) = bulk::Action::from_name(&sent.action) else {
        state.house.admit(&ask).await?;
        return Err(malformed(&ask));
    };
    let people: Vec<PersonId> = sent.people.iter().copied().map(PersonId).collect();
    state
        .write(&ask, move |tx, acting| bulk::act(tx, acting, action, &people))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The list as CSV, whole.
#[utoipa::path(get, path = "/api/v1/people/export", params(
    ("q" = Option<String>, Query, description = "Part of a name or an address"),
    ("state" = Option<String>, Query, description = "`active`, `disabled` or `invited`"),
    ("role" = Option<uuid::Uuid>, Query, description = "Members who hold this role"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, description = "The file"), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(crate) async fn export(
    State(state): State<Members>,
    ask: Ask<act::SeePeople>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let Query(asked) = state.part(&ask, asked).await?;
    let permit = state.house.admit(&ask).await?;
    let is_part = asked.limit.is_some() || asked.cursor.is_some() || asked.done.is_some();
    let filter = asked.filter().filter(|_| !is_part).ok_or_else(|| malformed(&ask))?;
    Ok(export::answer(
        &state.house.ground,
        Organisation(permit.caller().organisation),
        filter,
    ))
}
