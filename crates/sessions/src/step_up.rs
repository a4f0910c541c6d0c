//! Step-up: before something delicate a person proves once more, freshly, that it is them; then they go on where they were.
//! Must never happen: a step-up that asks for what the person does not have; one that is weaker than what it leads to, unnoticed.
use crate::{
    Sessions,
    http::{own_event, see_other, with_token},
    own_key,
    page::{StepUpPage, door_shell},
    prove::{self, Right, Tried, Typed},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use factors::passkeys;
use ground::{
    Ask, Caller, Failure,
    db::Tx,
    form::{Form, Json as Body, Query},
    page::{Errors, Notice, html},
    visitor::own_path,
};
use kernel::{AuthenticatorKind, Deployment, EventKind, Freshness, Outcome, Reason, act};
use serde::Deserialize;

/// Where somebody was going, and what is asked for there.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Going {
    next: Option<String>,
    needs: Option<String>,
}

impl Going {
    fn next(&self) -> String {
        let own = self.next.as_deref().and_then(own_path);
        own.unwrap_or_else(|| "/app/security".into())
    }
    fn needs(&self) -> Freshness {
        [Freshness::PhishingResistant, Freshness::Factor]
            .into_iter()
            .find(|freshness| self.needs.as_deref() == Some(freshness.name()))
            .unwrap_or(Freshness::Any)
    }
    fn action(&self) -> String {
        let (next, needs) = (ground::failure::encode(&self.next()), self.needs().name());
        format!("/app/step-up?next={next}&needs={needs}")
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StepUpForm {
    password: String,
    code: String,
    send: Option<String>,
    device_key: String,
    device_proof: String,
}

/// GET `/app/step-up`.
pub(crate) async fn show(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    Query(going): Query<Going>,
) -> Result<Response, Failure> {
    let (permit, door) = state
        .house
        .read(&ask, |view, _| organisations::at_the_door(view, Deployment))
        .await?;
    Ok(html(
        StatusCode::OK,
        page(
            permit.caller(),
            &door,
            &going,
            Errors::none(),
            weaker(permit.caller(), &going),
        ),
    ))
}

/// Why somebody who has just confirmed stands here again.
fn weaker(caller: &Caller, going: &Going) -> Option<Notice> {
    let reason = match going.needs() {
        Freshness::PhishingResistant => Reason::StepUpPasskeyWanted,
        Freshness::Factor if caller.kinds.has_factor() => Reason::StepUpFactorWanted,
        _ => return None,
    };
    let text = reason.next();
    (!going.needs().is_met(caller.fresh, caller.kinds)).then(|| Notice::warn(reason.person(), text))
}

fn page(
    caller: &Caller,
    door: &organisations::AtTheDoor,
    going: &Going,
    errors: Errors,
    notice: Option<Notice>,
) -> StepUpPage {
    let has = |kind| caller.kinds.contains(kind);
    let needs = going.needs();
    StepUpPage {
        shell: door_shell("Confirm that it is you", door),
        notice,
        errors,
        action: going.action(),
        next: going.next(),
        email: caller.email.clone(),
        takes_password: needs == Freshness::Any || (needs == Freshness::Factor && !caller.kinds.has_factor()),
        takes_code: needs != Freshness::PhishingResistant && caller.kinds.has_factor(),
        sends_texts: needs != Freshness::PhishingResistant && has(AuthenticatorKind::Phone),
        takes_passkey: has(AuthenticatorKind::Passkey),
        lacks_passkey: needs == Freshness::PhishingResistant && !has(AuthenticatorKind::Passkey),
    }
}

/// POST `/app/step-up`.
pub(crate) async fn step_up(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    Query(going): Query<Going>,
    form: Form<StepUpForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    own_key::stand_by(&state, &ask, &form.device_key, &form.device_proof).await?;
    let (permit, door) = state
        .house
        .read(&ask, |view, _| organisations::at_the_door(view, Deployment))
        .await?;
    let caller = permit.caller();
    let again = |status, errors, notice| html(status, page(caller, &door, &going, errors, notice));
    if form.send.is_some() {
        let told = prove::send_text(&state, &ask, caller).await?;
        return Ok(again(StatusCode::OK, Errors::none(), Some(told)));
    }
    let first = if caller.kinds.has_factor() { "code" } else { "password" };
    let typed = match Typed::read(&form.password, &form.code, first) {
        Ok(typed) => typed,
        Err(error) => return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::from(vec![error]), None)),
    };
    let notice = match prove::try_typed(&state, &ask, caller, typed, |_| Ok(true)).await? {
        Tried::Right(right) => match prove::settle(&state, &ask, right, EventKind::SteppedUp).await? {
            Ok(opened) => return Ok(with_token(&state, see_other(&going.next()), &opened, caller.is_shared)),
            Err(reason) => Notice::refused(reason),
        },
        Tried::Locked { reason, until } => {
            let page = |status, notice| again(status, Errors::none(), Some(notice));
            return Ok(prove::locked(page, reason, until, permit.now()));
        }
        Tried::WrongPassword(attempt) => {
            refuse(&state, &ask, attempt.clone()).await?;
            attempt.pad().await;
            Notice::refused(Reason::PasswordWrong)
        }
        Tried::WrongCode(refusal) => prove::notice_of(&refusal),
        Tried::Nobody => Notice::refused(Reason::StepUpWrong),
    };
    Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::none(), Some(notice)))
}

async fn refuse(state: &Sessions, ask: &Ask<act::ChangeOwn>, attempt: factors::Attempt) -> Result<(), Failure> {
    let (ground, lock) = (state.house.ground.clone(), attempt.lock());
    let told = move |tx: &mut Tx, permit: &ground::Permit<act::ChangeOwn>| {
        let event = own_event(tx, permit, EventKind::StepUpRefused, Outcome::Stopped, &ground.chance)?;
        let events = vec![event.because(Reason::PasswordWrong)];
        crate::tell_failure(tx, &attempt, events, permit.now(), &ground)
    };
    let (_, ()) = state.house.write(ask, Some(lock), told).await?;
    Ok(())
}

/// POST `/app/step-up/passkey/start`.
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
    shown: passkeys::Shown,
    next: Option<String>,
    #[serde(default)]
    device_key: String,
    #[serde(default)]
    device_proof: String,
}

/// POST `/app/step-up/passkey/finish`: `{next}`.
pub(crate) async fn finish_passkey(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    body: Body<Finish>,
) -> Result<Response, Failure> {
    let body = body.open_for(&state.house, &ask).await?;
    own_key::stand_by(&state, &ask, &body.device_key, &body.device_proof).await?;
    let going = Going {
        next: body.next,
        needs: None,
    };
    let (caller, proof) = prove::finish_passkey(&state, &ask, body.shown).await?;
    match prove::settle(&state, &ask, Right::Passkey(proof), EventKind::SteppedUp).await? {
        Ok(opened) => {
            let response = Json(serde_json::json!({ "next": going.next() })).into_response();
            Ok(with_token(&state, response, &opened, caller.is_shared))
        }
        Err(reason) => Err(ask.failure(StatusCode::UNPROCESSABLE_ENTITY, reason)),
    }
}
