//! The page of one's API keys, below My security.
use crate::{
    api,
    decide::{self, Wish},
    page::{KeyLine, KeysPage, MadePage, Right},
    settle::{self, Made, NotMade},
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Guard, House, Permit, Routes,
    form::{Form, Path, Query},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, ApiKeyId, FieldError, Freshness, Organisation, Reason, Scope, Span, act};
use serde::Deserialize;

const HOME: &str = "/app/security/api-keys";

/// The state of these routes.
#[derive(Clone)]
pub struct Keys {
    pub(crate) house: House,
}

impl Keys {
    /// On the house.
    pub fn new(house: House) -> Self {
        Self { house }
    }
}

/// The routes.
pub fn routes(keys: Keys) -> Routes {
    let make = Guard::Fresh(Action::MakeApiKeys, Freshness::Factor);
    let (see, change) = (Guard::Person(Action::SeeOwn), Guard::Person(Action::ChangeOwn));
    Routes::new()
        .get(HOME, see, show)
        .post(HOME, make, make_one)
        .post("/app/security/api-keys/{id}/end", change, end_one)
        .get("/api/v1/api-keys", see, api::list)
        .post("/api/v1/api-keys", make, api::make)
        .delete("/api/v1/api-keys/{id}", change, api::end)
        .with_state(keys)
}

/// What was just done.
#[derive(Deserialize)]
struct Came {
    done: Option<String>,
}

/// GET `/app/security/api-keys`.
async fn show(
    State(keys): State<Keys>,
    ask: Ask<act::SeeOwn>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let is_ended = came.is_ok_and(|Query(came)| came.done.is_some());
    let notice = is_ended.then(|| Notice::done("The key is ended. The next call with it is refused."));
    let typed = Typed {
        days: decide::USUAL_LIFE.as_micros() / Span::days(1).as_micros(),
        ..Typed::default()
    };
    page(&keys, &ask, StatusCode::OK, typed, notice, Errors::none()).await
}

async fn page<A: Act>(
    keys: &Keys,
    ask: &Ask<A>,
    status: StatusCode,
    typed: Typed,
    notice: Option<Notice>,
    errors: Errors,
) -> Result<Response, Failure> {
    let (permit, all) = keys
        .house
        .read(ask, |view, permit| {
            let caller = permit.caller();
            store::of_person(view, Organisation(caller.organisation), caller.person)
        })
        .await?;
    let (caller, now) = (permit.caller(), permit.now());
    let page = KeysPage {
        shell: HouseShell::new("API keys", Entry::Security, caller, now),
        notice,
        errors,
        organisation: caller.organisation_name.clone(),
        keys: all.into_iter().map(|key| KeyLine::of(key, now)).collect(),
        may_make: permit.may(Action::MakeApiKeys),
        has_factor: caller.kinds.has_factor(),
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        rights: rights(&permit, &typed),
        name: typed.name,
        days: typed.days,
    };
    Ok(html(status, page))
}

/// What the caller may give a key; what only looks is ticked unless something else was chosen.
fn rights<A: Act>(permit: &Permit<A>, typed: &Typed) -> Vec<Right> {
    let is_ticked = |action: Action| match &typed.rights {
        Some(chosen) => chosen.iter().any(|name| name == action.name()),
        None => decide::only_looks(action),
    };
    decide::offered(permit.caller().may)
        .map(|action| Right {
            action,
            is_ticked: is_ticked(action),
        })
        .collect()
}

/// The form, as it was sent.
#[derive(Default)]
struct Typed {
    name: String,
    days: i64,
    rights: Option<Vec<String>>,
}

impl Typed {
    /// Several boxes have one name, so the pairs are read one by one. None: a field that is not of this form, or stands twice.
    fn of(pairs: Vec<(String, String)>) -> Option<Self> {
        let (mut name, mut days, mut rights) = (None, None, Vec::new());
        for (field, value) in pairs {
            match field.as_str() {
                "name" if name.is_none() => name = Some(value),
                "days" if days.is_none() => days = Some(value.parse().ok()?),
                "permissions" => rights.push(value),
                _ => return None,
            }
        }
        Some(Self {
            name: name?,
            days: days?,
            rights: Some(rights),
        })
    }
}

/// POST `/app/security/api-keys`. The answer shows the key, this once: a redirect would have to carry it.
async fn make_one(
    State(keys): State<Keys>,
    ask: Ask<act::MakeApiKeys>,
    form: Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let pairs = form.open_for(&keys.house, &ask).await?;
    let permit = keys.house.admit(&ask).await?;
    let now = permit.now();
    let typed = Typed::of(pairs).ok_or_else(|| ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed))?;
    // Days beyond all bounds are out of the range, whatever the sum would be.
    let ends_at = now + Span::days(typed.days.clamp(-1, 10_000));
    let wish = Wish {
        name: typed.name.clone(),
        permissions: typed.rights.clone(),
        scope: Some(Scope::Everything),
        ends_at: Some(ends_at.rfc3339()),
    };
    let errors = match settle::make(&keys.house, &ask, wish).await? {
        Ok(made) => return Ok(html(StatusCode::OK, made_page(&keys, &permit, made))),
        Err(NotMade::Fields(errors)) => errors,
        Err(NotMade::Beyond) => vec![FieldError::new("permissions", Reason::ApiKeyBeyond)],
        Err(NotMade::NoPlace) => return Err(ask.not_found()),
        Err(NotMade::TooMany) => vec![FieldError::new("name", Reason::ApiKeyTooMany)],
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    page(&keys, &ask, status, typed, None, Errors::from(errors)).await
}

fn made_page(keys: &Keys, permit: &Permit<act::MakeApiKeys>, made: Made) -> MadePage {
    MadePage {
        shell: HouseShell::new("Your new API key", Entry::Security, permit.caller(), permit.now()),
        name: made.key.name,
        ends_at: made.key.ends_at,
        token: made.token.expose().clone(),
        example: keys.house.ground.config.public_url.join("/api/v1/me"),
    }
}

/// Nothing is sent with the button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// POST `/app/security/api-keys/{id}/end`.
async fn end_one(
    State(keys): State<Keys>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open_for(&keys.house, &ask).await?;
    keys.house.admit(&ask).await?;
    let Path(id) = id?;
    let id: ApiKeyId = id.parse().map_err(|_| ask.not_found())?;
    if settle::end(&keys.house, &ask, id).await? {
        Ok(see_other("/app/security/api-keys?done"))
    } else {
        Err(ask.not_found())
    }
}
