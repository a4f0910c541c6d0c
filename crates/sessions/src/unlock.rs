//! A session that was left alone is locked; its person proves themselves and goes on where they were.
//! Must never happen: a locked session that does anything else; more than five wrong passwords; an old token that still counts.
use crate::{
    Sessions,
    decide::UNLOCK_TRIES,
    http::{own_event, see_other, with_token},
    open::Opened,
    page::UnlockPage,
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::{Attempt, Password, Proved, Source, Subject};
use ground::{
    Ask, Caller, Failure,
    db::{self, Tx, View},
    failure::retry_after,
    form::{Form, Query},
    journal,
    page::{DoorShell, Errors, Notice, html},
    visitor::own_path,
};
use kernel::{Deployment, EventKind, FieldError, Outcome, Reason, Time, act};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Going {
    next: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UnlockForm {
    password: String,
    /// Nobody has a second factor yet, so a code alone is a form without a password.
    #[serde(rename = "code")]
    _code: String,
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
    let logo = door.has_logo.then(|| "/logo".to_owned());
    UnlockPage {
        shell: DoorShell::new("Welcome back").of(door.name.clone(), logo, door.contact.clone()),
        notice,
        errors,
        action: if next == "/app" {
            "/app/unlock".into()
        } else {
            format!("/app/unlock?next={}", ground::failure::encode(next))
        },
        name: caller.name.clone(),
        email: caller.email.clone(),
    }
}

/// What a try at the lock came to.
enum Answer {
    Open(Opened),
    Wrong(i64),
    Ended,
    Locked { reason: Reason, until: Time },
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
    let password = match Password::parse(&form.password) {
        Ok(password) if !password.is_empty() => password,
        _ => {
            let errors = vec![FieldError::new("password", Reason::SignInFieldMissing)];
            return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::from(errors), None));
        }
    };
    match try_unlock(&state, &ask, caller, password).await? {
        Answer::Open(opened) => Ok(with_token(&state, see_other(&next), &opened, caller.is_shared)),
        Answer::Ended => Err(Failure::refused(
            &ask.visitor,
            ground::Refusal::SignedOut(Reason::SessionTooManyFailures),
        )),
        Answer::Wrong(left) => {
            let tries = if left == 1 { "try is" } else { "tries are" };
            let notice =
                Notice::refused(Reason::PasswordWrong).and(&format!("{left} {tries} left before this session ends."));
            Ok(again(StatusCode::UNPROCESSABLE_ENTITY, Errors::none(), Some(notice)))
        }
        Answer::Locked { reason, until } => {
            let wait = until - permit.now();
            let mut response = again(
                StatusCode::TOO_MANY_REQUESTS,
                Errors::none(),
                Some(Notice::refused(reason).wait(wait, until)),
            );
            retry_after(&mut response, wait);
            Ok(response)
        }
    }
}

/// Who the caller is to the lanes: under the session's device, where it is still known to them.
pub fn subject(view: &mut View, caller: &Caller) -> db::Result<Option<Subject>> {
    let Some(person) = people::person(view, Deployment, caller.person)? else {
        return Ok(None);
    };
    let known_device = match caller.device {
        Some(device) if devices::is_known(view, Deployment, device, caller.person)? => Some(device),
        _ => None,
    };
    Ok(Some(Subject {
        person: person.id,
        home: person.home_organisation,
        is_enabled: person.disabled_at.is_none(),
        epoch: person.epoch,
        known_device,
    }))
}

/// Admission, then reserve → hash → commit, in the same lanes as at the door.
async fn try_unlock(
    state: &Sessions,
    ask: &Ask<act::ChangeOwn>,
    caller: &Caller,
    password: Password,
) -> Result<Answer, Failure> {
    let address = ask.visitor.client.address;
    let known = caller.device.map(|device| device.0.as_bytes().to_vec());
    let mut slot = state
        .prover
        .admit(known, address)
        .await
        .map_err(|full| factors::busy(&ask.visitor, &full))?;
    let Ok(email) = people::canonical_email(&caller.email) else {
        return Ok(Answer::Ended);
    };
    let who = caller.clone();
    let source = Source {
        canonical: email.canonical,
        address,
        device_label: caller.device_label.clone(),
    };
    let proved = state
        .prover
        .prove(&mut slot, source, password, move |tx: &mut Tx| {
            // Counted before the hash, so that parallel tries are no more than five either.
            match store::count_unlock_try(tx, Deployment, who.session, UNLOCK_TRIES)? {
                Some(_) => subject(tx, &who),
                None => Ok(None),
            }
        })
        .await;
    drop(slot);
    match proved.map_err(|fault| fault.into_failure(&ask.visitor))? {
        Proved::Locked { reason, until } => Ok(Answer::Locked { reason, until }),
        Proved::Right { attempt, .. } => open(state, ask, attempt).await,
        Proved::Wrong { attempt } => {
            let answer = refuse(state, ask, attempt.clone()).await?;
            attempt.pad().await;
            Ok(answer)
        }
    }
}

async fn open(state: &Sessions, ask: &Ask<act::ChangeOwn>, attempt: Attempt) -> Result<Answer, Failure> {
    let ground = &state.house.ground;
    let opened = Opened::draw(ground.now(), &ground.chance);
    let (ground, hash, lock) = (ground.clone(), opened.token_hash(), attempt.lock());
    let (_, is_open) = state
        .house
        .write(ask, Some(lock), move |tx, permit| {
            let (caller, now) = (permit.caller(), permit.now());
            let Ok(mut events) = attempt.confirm(tx, now, &ground)? else {
                return Ok(false);
            };
            if !store::renew(tx, Deployment, caller.session, &hash, now)? {
                return Ok(false);
            }
            let event = own_event(tx, permit, EventKind::SessionUnlocked, Outcome::Allowed, &ground.chance)?;
            events.push(event.because(Reason::SignInAllowed));
            journal::append_all(tx, &events)?;
            Ok(true)
        })
        .await?;
    Ok(if is_open {
        Answer::Open(opened)
    } else {
        Answer::Wrong(1)
    })
}

async fn refuse(state: &Sessions, ask: &Ask<act::ChangeOwn>, attempt: Attempt) -> Result<Answer, Failure> {
    let (ground, lock) = (state.house.ground.clone(), attempt.lock());
    let (_, failures) = state
        .house
        .write(ask, Some(lock), move |tx, permit| {
            let (caller, now) = (permit.caller(), permit.now());
            let failures = store::unlock_failures(tx, Deployment, caller.session)?.unwrap_or(UNLOCK_TRIES);
            let chance = &ground.chance;
            let mut events = vec![
                own_event(tx, permit, EventKind::UnlockRefused, Outcome::Stopped, chance)?
                    .because(Reason::PasswordWrong),
            ];
            if failures >= UNLOCK_TRIES {
                store::end(
                    tx,
                    Deployment,
                    caller.person,
                    caller.session,
                    Reason::SessionTooManyFailures,
                    now,
                )?;
                events.push(
                    own_event(tx, permit, EventKind::SessionEnded, Outcome::Stopped, chance)?
                        .because(Reason::SessionTooManyFailures),
                );
            }
            crate::tell_failure(tx, &attempt, events, now, &ground)?;
            Ok(failures)
        })
        .await?;
    Ok(if failures >= UNLOCK_TRIES {
        Answer::Ended
    } else {
        Answer::Wrong(UNLOCK_TRIES - failures)
    })
}
