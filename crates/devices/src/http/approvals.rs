//! A trusted device answers for a new one: what waits, live, and the two digits.
use super::{Devices, caller, see_other};
use crate::{
    KeyProof,
    known::may_answer,
    page::{ApprovalLine, ApprovalsPage},
    store::Approval,
    tokens,
    verify::{self, Answered},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Failure, Permit,
    failure::retry_after,
    form::{Form, Path, Query},
    journal,
    page::{Entry, Errors, HouseShell, Notice, html},
};
use kernel::{Act, Deployment, Reason, Span, Time, act};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// What waits, for scripts.
#[derive(Serialize)]
struct Waiting {
    waiting: Vec<WaitingItem>,
}

#[derive(Serialize)]
struct WaitingItem {
    id: Uuid,
    device: String,
    network: String,
    ends_at: String,
}

fn told(approvals: &[Approval]) -> Waiting {
    let item = |approval: &Approval| WaitingItem {
        id: approval.id,
        device: approval.label.clone(),
        network: approval.network.clone(),
        ends_at: approval.ends_at.rfc3339(),
    };
    Waiting {
        waiting: approvals.iter().map(item).collect(),
    }
}

/// What was just done, by the word in the address.
#[derive(Deserialize, Default)]
pub(super) struct Came {
    done: Option<String>,
}

/// GET `/app/security/approvals`: the page, or JSON for a script that asks now and then.
pub(super) async fn show(
    State(state): State<Devices>,
    ask: Ask<act::SeeOwn>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let (permit, waiting) = state
        .house
        .read(&ask, |view, permit| {
            verify::approvals(view, Deployment, permit.caller().person, permit.now())
        })
        .await?;
    let accepts = ask
        .visitor
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    if accepts.is_some_and(|kinds| kinds.contains("application/json")) {
        return Ok(Json(told(&waiting)).into_response());
    }
    let notice = match came.ok().and_then(|Query(came)| came.done).as_deref() {
        Some("approved") => Some(Notice::done("The new device goes on now.")),
        Some("denied") => Some(Notice::warn(
            "The new device was refused.",
            "If it was not you who signed in, somebody knows your password: change it.",
        )),
        _ => None,
    };
    let lines = waiting
        .into_iter()
        .map(|approval| line(approval, Errors::none()))
        .collect();
    Ok(html(StatusCode::OK, page(&permit, lines, notice)))
}

fn line(approval: Approval, errors: Errors) -> ApprovalLine {
    ApprovalLine {
        id: approval.id,
        device: approval.label,
        network: approval.network,
        asked_at: approval.made_at,
        ends_at: approval.ends_at,
        errors,
    }
}

fn page<A: Act>(permit: &Permit<A>, approvals: Vec<ApprovalLine>, notice: Option<Notice>) -> ApprovalsPage {
    ApprovalsPage {
        shell: HouseShell::new("Approve a sign-in", Entry::Security, permit.caller(), permit.now()),
        notice,
        approvals,
    }
}

/// GET `/app/security/approvals/events`: what waits, as it changes. No activity; ends with the session.
pub(super) async fn events(State(state): State<Devices>, ask: Ask<act::SeeOwn>) -> Result<Response, Failure> {
    let (permit, ()) = state.house.read(&ask, |_, _| Ok(())).await?;
    let (person, house, visitor) = (permit.caller().person, state.house.clone(), ask.visitor.clone());
    let ask = Arc::new(ask);
    let stream = state.live.open(person.0, move || {
        let (house, ask) = (house.clone(), ask.clone());
        async move {
            let look = house.read(&ask, |view, permit| {
                verify::approvals(view, Deployment, permit.caller().person, permit.now())
            });
            let (_, waiting) = look.await.ok()?;
            serde_json::to_string(&told(&waiting)).ok()
        }
    });
    stream.ok_or_else(|| Failure::busy(&visitor, Reason::ServerBusy, Span::seconds(30)))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AnswerForm {
    digits: String,
    answer: String,
    device_key: String,
    device_proof: String,
}

/// What is said to an answer.
#[derive(Clone, Copy)]
enum Reply {
    To(Answered),
    NotTrusted,
}

/// POST `/app/security/approvals/{id}`.
pub(super) async fn answer(
    State(state): State<Devices>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<AnswerForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let Some(id) = id.ok().and_then(|Path(id)| id.parse::<Uuid>().ok()) else {
        state.house.read(&ask, |_, _| Ok(())).await?;
        return Err(ask.not_found());
    };
    let is_denied = form.answer == "deny";
    let proof = KeyProof::read(&ask.visitor, &form.device_key, &form.device_proof);
    let (tokens, typed, ground) = (
        tokens(&ask.visitor),
        read_digits(&form.digits),
        state.house.ground.clone(),
    );
    let (permit, (came, waiting)) = state
        .house
        .write(&ask, None, move |tx, permit| {
            let Some((person, from)) = caller(tx, permit)? else {
                return Ok((Reply::To(Answered::Gone), Vec::new()));
            };
            let may = match from.device {
                Some(device) => may_answer(tx, Deployment, person.id, device, &tokens, proof.as_ref(), from.at)?,
                None => false,
            };
            // To refuse is always right: whoever holds a session of this person could as well end all of them.
            let came = if is_denied {
                let (answered, events) = verify::deny(tx, &ground, &person, id, &from)?;
                journal::append_all(tx, &events)?;
                Reply::To(answered)
            } else if may {
                let (answered, events) = verify::approve(tx, &ground, &person, id, typed, &from)?;
                journal::append_all(tx, &events)?;
                Reply::To(answered)
            } else {
                Reply::NotTrusted
            };
            Ok((came, verify::approvals(tx, Deployment, person.id, from.at)?))
        })
        .await?;
    state.live.ring();
    Ok(answered(&permit, came, &waiting, id))
}

fn answered(permit: &Permit<act::ChangeOwn>, came: Reply, waiting: &[Approval], id: Uuid) -> Response {
    let again = |status, errors: &Errors, notice| {
        let lines = waiting.iter().cloned().map(|approval| {
            let own = if approval.id == id {
                errors.clone()
            } else {
                Errors::none()
            };
            line(approval, own)
        });
        html(status, page(permit, lines.collect(), notice))
    };
    let refused = |reason| {
        again(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Errors::none(),
            Some(Notice::refused(reason)),
        )
    };
    match came {
        Reply::To(Answered::Approved) => see_other("/app/security/approvals?done=approved"),
        Reply::To(Answered::Denied) => see_other("/app/security/approvals?done=denied"),
        Reply::To(Answered::Wrong { .. }) => {
            let mut errors = Errors::none();
            errors.push("digits", Reason::DeviceDigitsWrong);
            again(StatusCode::UNPROCESSABLE_ENTITY, &errors, None)
        }
        Reply::To(Answered::Paused { until }) => paused(again, until, permit.now()),
        Reply::To(Answered::Gone) => refused(Reason::DeviceApprovalGone),
        Reply::NotTrusted => refused(Reason::DeviceNotTrusted),
    }
}

fn paused(again: impl Fn(StatusCode, &Errors, Option<Notice>) -> Response, until: Time, now: Time) -> Response {
    let wait = until - now;
    let notice = Notice::refused(Reason::DeviceCodesPaused).wait(wait, until);
    let mut response = again(StatusCode::TOO_MANY_REQUESTS, &Errors::none(), Some(notice));
    retry_after(&mut response, wait);
    response
}

/// Reads two digits, however they are spelt. None: they are no two digits, which is as wrong as others.
fn read_digits(typed: &str) -> Option<u32> {
    if typed.len() > 32 {
        return None;
    }
    let digits: Vec<u32> = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{ff10}'..='\u{ff19}' => Some(u32::from(c) - 0xff10),
            c => c.to_digit(10),
        })
        .collect::<Option<_>>()?;
    match digits.as_slice() {
        [tens, ones] => Some(tens * 10 + ones),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read_digits;

    #[test]
    fn two_digits_are_read_however_they_are_spelt() {
        for (typed, read) in [
            ("07", Some(7)),
            (" 4 2 ", Some(42)),
            ("４２", Some(42)),
            ("99", Some(99)),
            ("", None),
            ("7", None),
            ("007", None),
            ("4x", None),
            ("-1", None),
        ] {
            assert_eq!(read_digits(typed), read, "{typed}");
        }
    }
}
