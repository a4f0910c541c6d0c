//! A session that was left alone is locked; its person proves themselves and goes on where they were.
//! Must never happen: a locked session that does anything else; more than five wrong passwords; an old token that still counts.
use crate::{
    Sessions,
    decide::UNLOCK_TRIES,
    http::{own_event, see_other, with_token},
    page::{UnlockPage, door_shell},
    prove::{self, Right, Tried, Typed},
    store,
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use factors::{Attempt, passkeys::Shown};
use ground::{
    Ask, Caller, Failure,
    db::Tx,
    form::{Form, Json as Body, Query},
    journal,
    page::{Errors, Notice, html},
    visitor::own_path,
};
use kernel::{AuthenticatorKind, Deployment, EventKind, Outcome, Reason, act};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Going {
    next: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UnlockForm {
    password: String,
    code: String,
    send: Option<String>,
}

/// GET `/app/unlock`.
pub(crate) async fn show(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    Query(going): Query<Going>,
) -> Result<Response, Failure> {
    let next = next(&going);
    let (permit, door) = state
        .house
        .read(&ask, |view, _| organisations::at_the_door(view, Deployment))
        .await?;
    if !permit.caller().is_locked {
        return Ok(see_other(&next));
    }
    Ok(html(
        StatusCode::OK,
        page(permit.caller(), &door, &next, Errors::none(), None),
    ))
}

fn next(going: &Going) -> String {
    going
        .next
        .as_deref()
        .and_then(own_path)
        .unwrap_or_else(|| "/app".into())
}

fn page(
    caller: &Caller,
    door: &organisations::AtTheDoor,
    next: &str,
    errors: Errors,
    notice: Option<Notice>,
) -> UnlockPage {
    UnlockPage {
        shell: door_shell("Welcome back", door),
        notice,
        errors,
        action: if next == "/app" {
            "/app/unlock".into()
        } else {
            format!("/app/unlock?next={}", ground::failure::encode(next))
        },
        next: next.to_owned(),
        name: caller.name.clone(),
        email: caller.email.clone(),
        takes_code: caller.kinds.has_factor(),
        sends_texts: caller.kinds.contains(AuthenticatorKind::Phone),
        takes_passkey: caller.kinds.contains(AuthenticatorKind::Passkey),
    }
}

/// POST `/app/unlock`.
pub(crate) async fn unlock(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    Query(going): Query<Going>,
    form: Form<UnlockForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let next = next(&going);
    let (permit, door) = state
        .house
        .read(&ask, |view, _| organisations::at_the_door(view, Deployment))
        .await?;
    let caller = permit.caller();
    if !caller.is_locked {
        return Ok(see_other(&next));
    }
    let again = |status, errors, notice| html(status, page(caller, &door, &next, errors, notice));
    if form.send.is_some() {
        let told = prove::send_text(&state, &ask, caller).await?;
        return Ok(again(StatusCode::OK, Errors::none(), Some(told)));
    }
    let typed = match Typed::read(&form.password, &form.code, "password") {
        Ok(typed) => typed,
        Err(error) => return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::from(vec![error]), None)),
    };
    let session = caller.session;
    // Counted before it is looked at, so that parallel tries are no more than five either.
    let gate = move |tx: &mut Tx| Ok(store::count_unlock_try(tx, Deployment, session, UNLOCK_TRIES)?.is_some());
    let (refused, reason) = match prove::try_typed(&state, &ask, caller, typed, gate).await? {
        Tried::Right(right) => match prove::settle(&state, &ask, right, EventKind::SessionUnlocked).await? {
            Ok(opened) => return Ok(with_token(&state, see_other(&next), &opened, caller.is_shared)),
            Err(reason) => {
                let notice = Notice::refused(reason);
                return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::none(), Some(notice)));
            }
        },
        Tried::Locked { reason, until } => {
            let page = |status, notice| again(status, Errors::none(), Some(notice));
            return Ok(prove::locked(page, reason, until, permit.now()));
        }
        Tried::WrongPassword(attempt) => (Some(attempt), Notice::refused(Reason::PasswordWrong)),
        // What cannot be a code at all was not counted, so nothing is told of it either.
        Tried::WrongCode(refusal) if refusal.reason == Reason::CodeMalformed => {
            let notice = prove::notice_of(&refusal);
            return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::none(), Some(notice)));
        }
        Tried::WrongCode(refusal) => (None, prove::notice_of(&refusal)),
        Tried::Nobody => (None, Notice::refused(Reason::PasswordWrong)),
    };
    let left = UNLOCK_TRIES - refuse(&state, &ask, refused).await?;
    if left <= 0 {
        let over = ground::Refusal::SignedOut(Reason::SessionTooManyFailures);
        return Err(Failure::refused(&ask.visitor, over));
    }
    let tries = if left == 1 { "try is" } else { "tries are" };
    let notice = reason.and(&format!("{left} {tries} left before this session ends."));
    Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::none(), Some(notice)))
}

/// Tells of a failure, and ends the session with the fifth. Answers how many there were; a failed answer takes as long as any.
async fn refuse(state: &Sessions, ask: &Ask<act::ChangeOwn>, attempt: Option<Attempt>) -> Result<i64, Failure> {
    let (ground, lock, tried) = (
        state.house.ground.clone(),
        attempt.as_ref().map(Attempt::lock),
        attempt.clone(),
    );
    let (_, failures) = state
        .house
        .write(ask, lock, move |tx, permit| {
            let (caller, now) = (permit.caller(), permit.now());
            let failures = store::unlock_failures(tx, Deployment, caller.session)?.unwrap_or(UNLOCK_TRIES);
            let chance = &ground.chance;
            let told = own_event(tx, permit, EventKind::UnlockRefused, Outcome::Stopped, chance)?;
            let mut events = vec![told.because(Reason::PasswordWrong)];
            if failures >= UNLOCK_TRIES {
                let why = Reason::SessionTooManyFailures;
                store::end(tx, Deployment, caller.person, caller.session, why, now)?;
                let told = own_event(tx, permit, EventKind::SessionEnded, Outcome::Stopped, chance)?;
                events.push(told.because(why));
            }
            match &tried {
                Some(attempt) => crate::tell_failure(tx, attempt, events, now, &ground)?,
                None => journal::append_all(tx, &events)?,
            }
            Ok(failures)
        })
        .await?;
    if let Some(attempt) = attempt {
        attempt.pad().await;
    }
    Ok(failures)
}

/// POST `/app/unlock/passkey/start`.
pub(crate) async fn start_passkey(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
) -> Result<Response, Failure> {
    prove::start_passkey(&state, &ask).await
}

/// What the script sends.
#[derive(Deserialize)]
pub(crate) struct Finish {
    #[serde(flatten)]
    shown: Shown,
    next: Option<String>,
}

/// POST `/app/unlock/passkey/finish`: `{next}`.
pub(crate) async fn finish_passkey(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    body: Body<Finish>,
) -> Result<Response, Failure> {
    let body = body.open_for(&state.house, &ask).await?;
    let next = next(&Going { next: body.next });
    let (caller, proof) = prove::finish_passkey(&state, &ask, body.shown).await?;
    match prove::settle(&state, &ask, Right::Passkey(proof), EventKind::SessionUnlocked).await? {
        Ok(opened) => {
            let response = Json(serde_json::json!({ "next": next })).into_response();
            Ok(with_token(&state, response, &opened, caller.is_shared))
        }
        Err(reason) => Err(ask.failure(StatusCode::UNPROCESSABLE_ENTITY, reason)),
    }
}
