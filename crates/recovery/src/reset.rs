//! Setting the new password: by the link of the mail, or by its code in the browser that asked. A GET shows a form and does nothing.
use crate::{
    Recovery, code,
    flow::Flow,
    forgot,
    http::{dead, put, see_other, shell},
    link,
    page::ResetPage,
    settle::{Settling, settle},
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::{Context, SHORTEST_ALONE, StoredHash};
use ground::{
    Failure, Visitor, cookies,
    db::{self, Tx, View},
    form::{Form, Query, is_ticked},
    page::{Errors, Notice, html},
};
use kernel::{Deployment, FieldError, Organisation, Reason};
use organisations::AtTheDoor;
use people::{Person, notices};
use serde::Deserialize;

/// The address's part.
#[derive(Deserialize, Default)]
pub(crate) struct Link {
    token: Option<String>,
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ResetForm {
    pub password: String,
    pub code: String,
    pub keep_sessions: Option<String>,
}

/// GET `/reset`: with a token the form for a new password; without one, in the browser that asked, the state of the mail and the form for its code.
pub(crate) async fn show(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    let door = state.door(&visitor).await?;
    let Some(token) = link.token else {
        return show_code(&state, &visitor, &door).await;
    };
    match owner(&state, &visitor, &token).await? {
        Some((_, shortest)) => Ok(html(
            StatusCode::OK,
            ResetPage {
                hint: ResetPage::hint(shortest),
                ..page(&door, Some(&token), Errors::none(), None, false)
            },
        )),
        None => Ok(dead(&door, Reason::RecoveryLinkDead, "/forgot", "Ask for a new link")),
    }
}

async fn show_code(state: &Recovery, visitor: &Visitor, door: &AtTheDoor) -> Result<Response, Failure> {
    let Some(flow) = Flow::of(visitor) else {
        return Ok(see_other("/forgot"));
    };
    let page = with_truth(state, visitor, &flow, page(door, None, Errors::none(), None, false)).await?;
    Ok(html(StatusCode::OK, page))
}

/// The page with the state of the mail in it.
pub(crate) async fn with_truth(
    state: &Recovery,
    visitor: &Visitor,
    flow: &Flow,
    page: ResetPage,
) -> Result<ResetPage, Failure> {
    let (asked, tokens, now) = (flow.clone(), devices::tokens(visitor), state.house.ground.now());
    let truth = state
        .house
        .ground
        .store
        .read(move |view| forgot::truth(view, &asked, &tokens, now))
        .await;
    let truth = truth.map_err(|error| Failure::store(visitor, &error))?;
    Ok(ResetPage {
        truth: Some(truth),
        email: flow.email.clone(),
        ..page
    })
}

pub(crate) fn page(
    door: &AtTheDoor,
    token: Option<&str>,
    errors: Errors,
    notice: Option<Notice>,
    keep_sessions: bool,
) -> ResetPage {
    ResetPage {
        shell: shell(
            if token.is_some() {
                "Set a new password"
            } else {
                "Look in your mailbox"
            },
            door,
        ),
        notice,
        errors,
        action: token.map_or_else(
            || "/reset".into(),
            |token| format!("/reset?token={}", ground::failure::encode(token)),
        ),
        has_code: token.is_none(),
        email: String::new(),
        truth: None,
        keep_sessions,
        hint: ResetPage::hint(SHORTEST_ALONE),
    }
}

/// Characters that a new password of this person has at least, by the policy of their home.
pub(crate) fn shortest(view: &mut View, person: &Person) -> db::Result<usize> {
    let home = organisations::standing(view, Organisation(person.home_organisation))?;
    Ok(home.map_or(SHORTEST_ALONE, |home| home.policies.shortest_password(person.kinds)))
}

/// The person whose link this is, while it works, and how long their new password has to be.
async fn owner(state: &Recovery, visitor: &Visitor, token: &str) -> Result<Option<(Person, usize)>, Failure> {
    let (hash, now) = (link::hash(token), state.house.ground.now());
    let found = state
        .house
        .ground
        .store
        .read(move |view| match store::by_link(view, Deployment, &hash, now)? {
            Some((person, made_at)) if made_at >= link::good_since(view, person)? => {
                let person = people::person(view, Deployment, person)?.filter(|person| person.disabled_at.is_none());
                person.map(|person| Ok((shortest(view, &person)?, person))).transpose()
            }
            _ => Ok(None),
        });
    let found = found
        .await
        .map_err(|error: db::Error| Failure::store(visitor, &error))?;
    Ok(found.map(|(shortest, person)| (person, shortest)))
}

/// POST `/reset`.
pub(crate) async fn reset(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Link>,
    form: Form<ResetForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let door = state.door(&visitor).await?;
    let Some(token) = link.token else {
        return code::reset(&state, &visitor, &door, &form).await;
    };
    let Some((person, shortest)) = owner(&state, &visitor, &token).await? else {
        return Ok(dead(&door, Reason::RecoveryLinkDead, "/forgot", "Ask for a new link"));
    };
    let context = Context::new(&door.name, &person.name, &person.email_canonical);
    let hash = match state
        .prover
        .new_password(visitor.client.address, &form.password, shortest, &context)
        .await
    {
        Ok(hash) => hash,
        Err(refused) => {
            let errors = refused.into_errors(&visitor, "password")?;
            return Ok(refused_page(&door, Some(&token), errors, &form, shortest));
        }
    };
    let (settling, hash_of_link) = (settling(&state, &visitor, hash, &form), link::hash(&token));
    let lock = factors::address_lock(&person.email_canonical);
    let done = state
        .house
        .ground
        .store
        .write_holding(lock, move |tx| by_link(tx, &person, &hash_of_link, &settling))
        .await;
    if done.map_err(|error| Failure::store(&visitor, &error))? {
        Ok(finished(&state))
    } else {
        Ok(dead(&door, Reason::RecoveryLinkDead, "/forgot", "Ask for a new link"))
    }
}

fn by_link(tx: &mut Tx, person: &Person, link_hash: &[u8; 32], settling: &Settling) -> db::Result<bool> {
    let since = link::good_since(tx, person.id)?;
    if store::claim_link(tx, Deployment, link_hash, since, settling.now)? != Some(person.id) {
        return Ok(false);
    }
    settle(tx, person, settling, Vec::new())?;
    Ok(true)
}

pub(crate) fn refused_page(
    door: &AtTheDoor,
    token: Option<&str>,
    errors: Vec<FieldError>,
    form: &ResetForm,
    shortest: usize,
) -> Response {
    let keeps = is_ticked(form.keep_sessions.as_deref());
    let page = ResetPage {
        hint: ResetPage::hint(shortest),
        ..page(door, token, Errors::from(errors), None, keeps)
    };
    html(StatusCode::UNPROCESSABLE_ENTITY, page)
}

pub(crate) fn settling(state: &Recovery, visitor: &Visitor, hash: StoredHash, form: &ResetForm) -> Settling {
    let ground = state.house.ground.clone();
    let now = ground.now();
    Settling {
        hash,
        keep_sessions: is_ticked(form.keep_sessions.as_deref()),
        draw: notices::Draw::new(now, &ground.chance),
        label: devices::label(&visitor.user_agent()),
        network: visitor.network(),
        now,
        ground,
    }
}

/// There is one door: to the sign-in, without a session.
pub(crate) fn finished(state: &Recovery) -> Response {
    let mut response = see_other("/sign-in");
    put(
        response.headers_mut(),
        state.house.ground.cookies.remove(cookies::RECOVERY),
    );
    response
}
