//! Changing one's own password, with the current one. Every other session of the person ends, and this one gets a new token.
//! Must never happen: a change without the current password counted and checked in the lanes; a session that outlives the change unasked.
use crate::{
    Sessions,
    http::{own_event, refused as refused_page, see_other, with_token},
    new_password::take_password,
    open::Opened,
    own_password::prove_own,
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::{Attempt, Context, Password, Proved, SHORTEST_ALONE, StoredHash};
use ground::{
    Ask, Caller, Failure, Permit,
    db::{self, Tx, View},
    failure::retry_after,
    form::Form,
    journal,
    page::Errors,
};
use kernel::{Deployment, EventKind, FieldError, Method, Organisation, Outcome, Reason, Span, act};
use people::notices::Facts;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PasswordForm {
    current: String,
    password: String,
}

/// POST `/app/security/password`.
pub(crate) async fn change(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<PasswordForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let (permit, shortest) = state
        .house
        .read(&ask, |view, permit| shortest(view, permit.caller()))
        .await?;
    let caller = permit.caller().clone();
    let refused = |field, reason| Errors::from(vec![FieldError::new(field, reason)]);
    let current = match Password::parse(&form.current) {
        Ok(current) if !current.is_empty() => current,
        Ok(_) => return refused_page(&state.house, &ask, refused("current", Reason::SignInFieldMissing)).await,
        Err(_) => return refused_page(&state.house, &ask, refused("current", Reason::PasswordCurrentWrong)).await,
    };
    let context = Context::new(&caller.organisation_name, &caller.name, &caller.email);
    let wanted = match state.prover.accept(&form.password, shortest, &context).await {
        Ok(wanted) => wanted,
        Err(reasons) => {
            let errors: Vec<FieldError> = reasons
                .into_iter()
                .map(|reason| FieldError::new("password", reason))
                .collect();
            return refused_page(&state.house, &ask, Errors::from(errors)).await;
        }
    };
    if form.current == form.password {
        return refused_page(&state.house, &ask, refused("password", Reason::PasswordSame)).await;
    }
    match try_change(&state, &ask, &caller, current, wanted).await? {
        Answer::Changed(opened) => Ok(with_token(
            &state,
            see_other("/app/security?done=password"),
            &opened,
            caller.is_shared,
        )),
        Answer::Wrong => refused_page(&state.house, &ask, refused("current", Reason::PasswordCurrentWrong)).await,
        Answer::Locked(reason, wait) => {
            let mut response = refused_page(&state.house, &ask, refused("current", reason)).await?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            retry_after(&mut response, wait);
            Ok(response)
        }
    }
}

/// Characters that a new password of the caller has at least, by the policy of their organisation.
pub(crate) fn shortest(view: &mut View, caller: &Caller) -> db::Result<usize> {
    let standing = organisations::standing(view, Organisation(caller.organisation))?;
    Ok(standing.map_or(SHORTEST_ALONE, |standing| {
        standing.policies.shortest_password(caller.kinds)
    }))
}

enum Answer {
    Changed(Opened),
    Wrong,
    Locked(Reason, Span),
}

/// Admission, then reserve → hash (the current one checked, the new one made) → commit.
async fn try_change(
    state: &Sessions,
    ask: &Ask<act::ChangeOwn>,
    caller: &Caller,
    current: Password,
    wanted: Password,
) -> Result<Answer, Failure> {
    let Some((mut slot, proved)) = prove_own(&state.prover, ask, caller, current, |_| Ok(true)).await? else {
        return Ok(Answer::Wrong);
    };
    match proved {
        Proved::Locked { reason, until } => Ok(Answer::Locked(reason, until - state.house.ground.now())),
        Proved::Right { attempt, .. } => {
            let hash = slot
                .hash(wanted)
                .await
                .map_err(|error| factors::Fault::from(error).into_failure(&ask.visitor))?;
            settle(state, ask, attempt, hash).await
        }
        Proved::Wrong { attempt } => {
            drop(slot);
            refuse(state, ask, attempt.clone()).await?;
            attempt.pad().await;
            Ok(Answer::Wrong)
        }
    }
}

async fn settle(
    state: &Sessions,
    ask: &Ask<act::ChangeOwn>,
    attempt: Attempt,
    hash: StoredHash,
) -> Result<Answer, Failure> {
    let ground = &state.house.ground;
    let opened = Opened::draw(ground.now(), &ground.chance);
    let (ground, token_hash, lock) = (ground.clone(), opened.token_hash(), attempt.lock());
    let (_, changed) = state
        .house
        .write(ask, Some(lock), move |tx, permit| {
            let (caller, now) = (permit.caller(), permit.now());
            let Ok(mut events) = attempt.confirm(tx, now, &ground)? else {
                return Ok(false);
            };
            if !store::renew(
                tx,
                Deployment,
                caller.session,
                &token_hash,
                store::Proved::now(caller, Method::Password),
                now,
            )? {
                return Ok(false);
            }
            if let Some(person) = people::person(tx, Deployment, caller.person)? {
                let facts = Facts::new(now, &caller.device_label, &caller.network);
                take_password(tx, &ground, &person, &hash, caller.session, &facts)?;
            }
            events.push(own_event(
                tx,
                permit,
                EventKind::PasswordChanged,
                Outcome::Done,
                &ground.chance,
            )?);
            journal::append_all(tx, &events)?;
            Ok(true)
        })
        .await?;
    Ok(if changed {
        Answer::Changed(opened)
    } else {
        Answer::Wrong
    })
}

async fn refuse(state: &Sessions, ask: &Ask<act::ChangeOwn>, attempt: Attempt) -> Result<(), Failure> {
    let (ground, lock) = (state.house.ground.clone(), attempt.lock());
    let told = move |tx: &mut Tx, permit: &Permit<act::ChangeOwn>| {
        let event = own_event(
            tx,
            permit,
            EventKind::PasswordChangeRefused,
            Outcome::Stopped,
            &ground.chance,
        )?;
        crate::tell_failure(
            tx,
            &attempt,
            vec![event.because(Reason::PasswordCurrentWrong)],
            permit.now(),
            &ground,
        )
    };
    state.house.write(ask, Some(lock), told).await.map(drop)
}
