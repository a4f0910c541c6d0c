//! Installation keys, as JSON: `installation-keys`. Must never happen: a key in an answer but the one that made it.
use super::acts::{Which, named};
use crate::{
    decide::key::Wish,
    http::Agents,
    settle::{self, Made},
    store::{self, Key, KeyPlace, Refusal, Sites},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure,
    cursor::Cursors,
    form::{Json as Body, Query},
};
use kernel::{Action, On, Organisation, Reason, Time, act};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Items of a list where nothing is asked for, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 200;

/// A key, without what is shown once.
#[derive(Serialize, ToSchema)]
#[schema(as = InstallationKey)]
pub(crate) struct KeyItem {
    /// UUID version 7.
    id: Uuid,
    /// What tells it from others, and opens nothing: `DW-7F3K-…-Q`.
    hint: String,
    /// Its machines belong there.
    site_id: Uuid,
    /// Machines that can be paired with it, in all.
    uses: i64,
    /// How many were. A machine that is refused gives its use back.
    used: i64,
    /// RFC 3339, UTC.
    ends_at: String,
    /// `each`: a person approves each machine; `pre-approved`: they are let in at once.
    approval: &'static str,
    /// The range that machines come from; null: any.
    network: Option<String>,
    /// `linux`, `windows` or `macos`; null: any.
    os: Option<String>,
    /// What it is for.
    note: String,
    /// Its agents end by themselves once unseen for so many hours; nought: never.
    unseen_hours: i64,
    /// The person who made it.
    made_by: Uuid,
    /// RFC 3339, UTC.
    made_at: String,
    /// RFC 3339, UTC; null: it is not revoked.
    revoked_at: Option<String>,
}

impl KeyItem {
    fn of(key: Key) -> Self {
        Self {
            id: key.id.0,
            site_id: key.site.0,
            uses: key.uses,
            used: key.used,
            ends_at: key.ends_at.rfc3339(),
            approval: if key.is_preapproved { "pre-approved" } else { "each" },
            network: Some(key.network).filter(|network| !network.is_empty()),
            os: Some(key.os).filter(|os| !os.is_empty()),
            unseen_hours: key.unseen_hours,
            made_by: key.made_by.0,
            made_at: key.made_at.rfc3339(),
            revoked_at: key.revoked_at.map(Time::rfc3339),
            hint: key.hint,
            note: key.note,
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = NewInstallationKey)]
pub(crate) struct NewKey {
    #[serde(flatten)]
    item: KeyItem,
    /// The key itself, `DW-XXXX-XXXX-XXXX-XXXX-C`. It is told here, and never again.
    key: String,
}

/// A list.
#[derive(Serialize, ToSchema)]
#[schema(as = InstallationKeyList)]
pub(crate) struct KeyList {
    /// The newest first.
    items: Vec<KeyItem>,
    /// The cursor of what follows.
    next: Option<String>,
}

/// Which part of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Listing {
    #[serde(rename = "organisation")]
    _organisation: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The installation keys of the sites that the caller may make keys for, the newest first.
#[utoipa::path(get, path = "/api/v1/installation-keys", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = KeyList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(crate) async fn list(
    State(agents): State<Agents>,
    ask: Ask<act::MakeKeys>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let malformed = || ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed);
    let read = asked
        .ok()
        .map(|Query(asked)| (asked.limit.unwrap_or(USUAL), asked.cursor));
    let Some((limit, cursor)) = read.filter(|(limit, _)| (1..=MOST).contains(limit)) else {
        agents.house.admit(&ask).await?;
        return Err(malformed());
    };
    let ground = agents.house.ground.clone();
    let (_, found) = agents
        .house
        .read(&ask, move |view, permit| {
            let organisation = Organisation(permit.caller().organisation);
            let cursors = Cursors {
                keys: &ground.keys,
                list: "installation-keys-cursor",
                organisation: organisation.0,
                filter: "",
            };
            let place = match cursor.as_deref().map(|text| cursors.open::<KeyPlace>(text)) {
                None => None,
                Some(Some(place)) => Some(place),
                Some(None) => return Ok(None),
            };
            let sites = Sites::of(permit.caller(), Action::MakeKeys);
            let mut keys = store::keys(view, organisation, &sites, place.as_ref(), limit + 1)?;
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let is_more = keys.len() > limit;
            keys.truncate(limit);
            let next = keys
                .last()
                .filter(|_| is_more)
                .map(|last| cursors.seal(&KeyPlace::of(last)));
            Ok(Some(KeyList {
                items: keys.into_iter().map(KeyItem::of).collect(),
                next,
            }))
        })
        .await?;
    Ok(Json(found.ok_or_else(malformed)?).into_response())
}

/// A key as it is asked for.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = MakeInstallationKey)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct MakeKey {
    /// The organisation's first site if not given.
    site_id: Option<String>,
    /// 1 to 10,000; 50 if not given.
    uses: Option<i64>,
    /// RFC 3339; in an hour to a year. In 7 days if not given.
    ends_at: Option<String>,
    /// `each` if not given. `pre-approved` only with a network, or for at most 24 hours.
    approval: Option<String>,
    /// A range (CIDR) that machines come from.
    network: Option<String>,
    /// `linux`, `windows` or `macos`.
    os: Option<String>,
    /// What it is for.
    note: Option<String>,
    /// Its agents end by themselves once unseen for so many hours; nought, or not given: never.
    unseen_hours: Option<i64>,
}

/// Makes a key. It is shown in this answer, and never again.
#[utoipa::path(post, path = "/api/v1/installation-keys", request_body = MakeKey,
    responses((status = 201, body = NewKey), (status = 400, description = "Not understood"), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed"), (status = 409, description = "Too many keys"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn make(
    State(agents): State<Agents>,
    ask: Ask<act::MakeKeys>,
    about: Result<Query<About>, Failure>,
    body: Body<MakeKey>,
) -> Result<Response, Failure> {
    if about.is_err() {
        agents.house.admit(&ask).await?;
        about?;
    }
    let MakeKey {
        site_id,
        uses,
        ends_at,
        approval,
        network,
        os,
        note,
        unseen_hours,
    } = body.open_for(&agents.house, &ask).await?;
    let wish = Wish {
        site_id,
        uses,
        ends_at,
        approval,
        network,
        os,
        note,
        unseen_hours,
    };
    match settle::make_key(&agents, &ask, wish).await? {
        Ok(Made { key, shown }) => {
            let new = NewKey {
                item: KeyItem::of(key),
                key: shown.reveal(),
            };
            Ok((StatusCode::CREATED, Json(new)).into_response())
        }
        Err(undo) => Err(settle::failure(&ask, undo)),
    }
}

/// Revokes a key: no machine is paired with it from now on. Agents that came with it stay.
#[utoipa::path(delete, path = "/api/v1/installation-keys/{id}", params(("id" = uuid::Uuid, Path, description = "The key")),
    responses((status = 204, description = "Revoked"), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see")))]
pub(crate) async fn revoke(
    State(agents): State<Agents>,
    ask: Ask<act::MakeKeys>,
    id: Which,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id, about).await?;
    match settle::revoke_key(&agents, &ask, id).await? {
        Ok(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(undo) => Err(settle::failure(&ask, undo)),
    }
}

/// Refused tries of one network, for one cause.
#[derive(Serialize, ToSchema)]
#[schema(as = PairingRefusal)]
pub(crate) struct RefusalItem {
    /// The network; null: many.
    network: Option<String>,
    /// Why: a reason's id.
    reason: String,
    /// The reason in words.
    detail: String,
    /// How many.
    count: i64,
    /// RFC 3339, UTC.
    first_at: String,
    /// RFC 3339, UTC.
    last_at: String,
}

impl RefusalItem {
    fn of(refusal: Refusal) -> Self {
        Self {
            detail: Reason::from_id(&refusal.reason)
                .map(|reason| reason.admin().to_owned())
                .unwrap_or_default(),
            network: Some(refusal.network).filter(|network| !network.is_empty()),
            reason: refusal.reason,
            count: refusal.count,
            first_at: refusal.first_at.rfc3339(),
            last_at: refusal.last_at.rfc3339(),
        }
    }
}

/// A list.
#[derive(Serialize, ToSchema)]
#[schema(as = PairingRefusalList)]
pub(crate) struct RefusalList {
    /// The last one first. There are never more than a page of them.
    items: Vec<RefusalItem>,
    /// Nothing follows.
    next: Option<String>,
}

/// What was refused with a key, added up by network and cause.
#[utoipa::path(get, path = "/api/v1/installation-keys/{id}/refusals", params(("id" = uuid::Uuid, Path, description = "The key")),
    responses((status = 200, body = RefusalList), (status = 403, description = "Not allowed"), (status = 404, description = "Not there, or not yours to see")))]
pub(crate) async fn refusals(
    State(agents): State<Agents>,
    ask: Ask<act::MakeKeys>,
    id: Which,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id, about).await?;
    let (_, found) = agents
        .house
        .read(&ask, move |view, permit| {
            let organisation = Organisation(permit.caller().organisation);
            let key = store::key(view, organisation, id)?;
            let is_theirs = key.is_some_and(|key| permit.may_on(Action::MakeKeys, On::Site(key.site)));
            if is_theirs {
                Ok(Some(store::refusals(view, organisation, id)?))
            } else {
                Ok(None)
            }
        })
        .await?;
    let found = found.ok_or_else(|| ask.not_found())?;
    let items = found.into_iter().map(RefusalItem::of).collect();
    Ok(Json(RefusalList { items, next: None }).into_response())
}
