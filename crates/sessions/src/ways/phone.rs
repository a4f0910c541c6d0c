//! Adding a phone: the number, the code that goes to it, and what is known of that code on its way.
//! Must never happen: a number that counts before its first code came back; a code that is good in another session, or for another phone.
use super::{
    http::{ConfirmForm, done, id_of, shell},
    page::{PhoneCodePage, PhonePage},
    settle::{needs_mail, policies},
};
use crate::{Sessions, http::see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::{By, text};
use ground::{
    Ask, Caller, Failure, Permit,
    form::{Form, Path},
    journal,
    page::{Errors, Notice, html},
};
use kernel::{Act, AuthenticatorId, Deployment, FieldError, Reason, act};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// GET `/app/security/phone`.
pub(super) async fn show_phone(State(state): State<Sessions>, ask: Ask<act::SeeOwn>) -> Result<Response, Failure> {
    phone_page(&state, &ask, StatusCode::OK, String::new(), Errors::none()).await
}

async fn phone_page<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    status: StatusCode,
    number: String,
    errors: Errors,
) -> Result<Response, Failure> {
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    let page = PhonePage {
        shell: shell("Add a phone", permit.caller(), permit.now()),
        notice: None,
        errors,
        number,
    };
    Ok(html(status, page))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PhoneForm {
    number: String,
}

/// POST `/app/security/phone`: the number is taken, a code goes out.
pub(super) async fn start_phone(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<PhoneForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    match state.start_phone(&ask, form.number.clone()).await? {
        Ok(id) => Ok(see_other(&format!("/app/security/phone/{id}"))),
        Err(Reason::EnrolNeedsMail) => Ok(see_other("/app/security/add")),
        Err(reason) => {
            let errors = Errors::from(vec![FieldError::new("number", reason)]);
            phone_page(&state, &ask, StatusCode::UNPROCESSABLE_ENTITY, form.number, errors).await
        }
    }
}

/// GET `/app/security/phone/{id}`.
pub(super) async fn show_phone_code(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    let id = id_of(&state, &ask, id).await?;
    phone_code_page(&state, &ask, id, StatusCode::OK, None).await
}

async fn phone_code_page<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    id: AuthenticatorId,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let (permit, sent) = state.phone_state(ask, id).await?;
    let Some(sent) = sent else {
        return Ok(see_other("/app/security"));
    };
    let page = PhoneCodePage {
        shell: shell("Confirm the phone", permit.caller(), permit.now()),
        notice,
        errors: Errors::none(),
        id,
        hint: sent.hint,
        state: sent.words,
    };
    Ok(html(status, page))
}

/// POST `/app/security/phone/{id}`: the code, or the wish for another.
pub(super) async fn confirm_phone(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<ConfirmForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let id = id_of(&state, &ask, id).await?;
    if form.send.is_some() {
        let told = state.send_to_phone(&ask, id).await?;
        let status = if told.is_ok() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let notice = told.map_or_else(Notice::refused, Notice::done);
        return phone_code_page(&state, &ask, id, status, Some(notice)).await;
    }
    match state.confirm(&ask, id, &form.read()).await? {
        Ok(()) => Ok(see_other(done(&state, &ask).await?)),
        Err(refused) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            phone_code_page(&state, &ask, id, status, Some(refused.notice())).await
        }
    }
}

impl Sessions {
    /// Begins to add a phone, and sends the code.
    pub(super) async fn start_phone(
        &self,
        ask: &Ask<act::ChangeOwn>,
        number: String,
    ) -> Result<Result<AuthenticatorId, Reason>, Failure> {
        let (ground, lock) = (self.house.ground.clone(), self.lock(ask).await?);
        let draw = text::Draw::new(ground.now(), &ground.chance);
        let (_, started) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                // Policy speaks of text messages by itself; its own reason says more.
                if needs_mail(caller) {
                    return Ok(Err(Reason::EnrolNeedsMail));
                }
                let policy = policies(tx, caller)?.sms;
                let id = match text::add(tx, &ground, caller.person, &number, &policy, now)? {
                    Ok(id) => id,
                    Err(reason) => return Ok(Err(reason)),
                };
                let (by, request) = (By::caller(caller, now), request_of_phone(caller, id));
                match text::send(tx, &ground, &by, caller.person, id, &request, &policy, &draw)? {
                    Ok((_, events)) => journal::append_all(tx, &events)?,
                    // What was begun is swept; nothing was sent, so nothing waits.
                    Err(unsent) => return Ok(Err(unsent.reason)),
                }
                Ok(Ok(id))
            })
            .await?;
        Ok(started)
    }

    /// What is known of the code on its way to a phone that waits. None: none waits.
    pub(super) async fn phone_state<A: Act>(
        &self,
        ask: &Ask<A>,
        id: AuthenticatorId,
    ) -> Result<(Permit<A>, Option<text::Sent>), Failure> {
        self.house
            .read(ask, move |view, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                if text::pending(view, Deployment, caller.person, id, now)?.is_none() {
                    return Ok(None);
                }
                text::state(view, Deployment, &request_of_phone(caller, id), now)
            })
            .await
    }

    /// Sends the code once more. Ok: what is known of it.
    pub(super) async fn send_to_phone(
        &self,
        ask: &Ask<act::ChangeOwn>,
        id: AuthenticatorId,
    ) -> Result<Result<String, Reason>, Failure> {
        let (ground, lock) = (self.house.ground.clone(), self.lock(ask).await?);
        let draw = text::Draw::new(ground.now(), &ground.chance);
        let (_, sent) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let caller = permit.caller();
                let policy = policies(tx, caller)?.sms;
                let (by, request) = (By::caller(caller, permit.now()), request_of_phone(caller, id));
                match text::send(tx, &ground, &by, caller.person, id, &request, &policy, &draw)? {
                    Ok((sent, events)) => {
                        journal::append_all(tx, &events)?;
                        Ok(Ok(sent.words))
                    }
                    Err(unsent) => Ok(Err(unsent.reason)),
                }
            })
            .await?;
        Ok(sent)
    }
}

/// What the first code of a phone is bound to: this session, and this phone.
pub(super) fn request_of_phone(caller: &Caller, id: AuthenticatorId) -> [u8; 32] {
    let bytes = [b"phone".as_slice(), caller.session.0.as_bytes(), id.0.as_bytes()].concat();
    Sha256::digest(bytes).into()
}
